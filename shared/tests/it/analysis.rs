//! Analyses over models, from outside.

use coval_shared::analysis::football_field::{Bar, BarSource, FootballField};
use coval_shared::analysis::goal_seek::{Goal, GoalSeek, GoalSought, MAX_EVALUATIONS};
use coval_shared::analysis::scenarios::{ScenarioComparison, ScenarioTable};
use coval_shared::analysis::sensitivity::{Axis, Sensitivity, SensitivityGrid};
use coval_shared::analysis::tornado::{Swing, TornadoAnalysis, TornadoInput};
use coval_shared::analysis::{Analysis, AnalysisErrorCode, Figure, Subject};
use coval_shared::model::{Calculation, CellRef, CellValue, Entry, Model, NumberFormat, ScenarioId};
use coval_shared::template::apple_dcf;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{cell, model, over_periods, with_single};

/// `value` = `a` × (1 + `b`) / (`c` − `b`), with scenarios.
fn gordon() -> Value {
    let mut document = over_periods(0, &[]);
    for (name, value) in [("a", 100.0), ("b", 0.02), ("c", 0.1), ("d", 7.0)] {
        document = with_single(document, name, None, Some(json!(value)));
    }
    document = with_single(document, "value", Some("{i-a} * (1 + {i-b}) / ({i-c} - {i-b})"), None);
    document["schema"] = json!(2);
    document["outputs"] = json!(["i-value"]);
    document["scenarios"] = json!([
        {"id": "up", "name": "up", "label": "Bull", "entries": {"i-b": 0.05, "i-gone": 1}},
        {"id": "no", "name": "no", "label": "Broken", "entries": {"i-c": "={i-b}"}},
    ]);
    document["ranges"] = json!([
        {"id": "r", "label": "Upside down", "low": "i-d", "high": "i-b"},
        {"id": "gone", "label": "Gone", "low": "i-d", "high": "i-x"},
    ]);
    document
}

fn value() -> CellRef {
    cell("i-value", "")
}

/// What the model has in `cell` when `numbers` stand in other cells.
fn single_run(model: &Model, numbers: &[(&CellRef, f64)], cell: &CellRef) -> CellValue {
    let mut model = model.clone();
    for (at, number) in numbers {
        let mut items = model.sections.iter_mut().flat_map(|section| &mut section.items);
        let item = items.find(|item| item.id == at.item).unwrap();
        match &at.period {
            None => item.value = Some(Entry::Number(*number)),
            Some(period) => drop(item.values.insert(period.clone(), Entry::Number(*number))),
        }
    }
    Calculation::new(&model).value(cell).clone()
}

fn same_bits(figure: &Figure, value: &CellValue) -> bool {
    match (figure, value) {
        (Figure::Number(a), CellValue::Number(b)) => a.to_bits() == b.to_bits(),
        (figure, value) => *figure == Figure::from(value),
    }
}

#[test]
fn scenarios_stand_beside_the_base_case_with_their_differences() {
    let model = model(&gordon());
    let all = [ScenarioId("up".into()), ScenarioId("no".into())];
    let table = ScenarioComparison::new(&model, &all, &[cell("i-d", "")]).unwrap().finish();
    let labels: Vec<&str> = table.cases.iter().map(|case| case.label.as_str()).collect();
    assert_eq!(labels, ["", "Bull", "Broken"]);
    let row = &table.results[0];
    assert_eq!(row.figures[0].figure, Figure::Number(1275.0));
    assert_eq!((row.figures[0].difference, row.figures[0].change), (None, None));
    let bull = &row.figures[1];
    assert!((bull.figure.number().unwrap() - 2100.0).abs() < 1e-9);
    assert!((bull.difference.unwrap() - 825.0).abs() < 1e-9);
    assert!((bull.change.unwrap() - 825.0 / 1275.0).abs() < 1e-12);
    assert!(matches!(&row.figures[2].figure, Figure::Error(error) if error.starts_with("#DIV/0")));
    assert_eq!((row.figures[2].difference, row.figures[2].change), (None, None));
    assert_eq!(table.results[1].figures[1].figure, Figure::Number(7.0));
    let inputs: Vec<&str> = table.inputs.iter().map(|row| row.subject.name.as_str()).collect();
    assert_eq!(inputs, ["b", "c"]);
    assert_eq!(serde_json::from_value::<ScenarioTable>(json!(table)).unwrap(), table);
}

#[test]
fn a_scenario_that_is_not_there_is_named() {
    let error = ScenarioComparison::new(&model(&gordon()), &[ScenarioId("down".into())], &[]).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (AnalysisErrorCode::NotFound, "down"));
}

#[test]
fn a_comparison_that_was_given_up_is_blank_where_it_did_not_come() {
    let model = model(&gordon());
    let mut comparison = ScenarioComparison::new(&model, &[ScenarioId("up".into())], &[]).unwrap();
    assert!(comparison.step());
    assert_eq!((comparison.progress().done, comparison.progress().of), (1, 2));
    assert_eq!(comparison.into_outcome().results[0].figures[1].figure, Figure::Blank);
}

#[test]
fn a_grid_marks_the_base_point_and_shows_errors_where_there_is_no_value() {
    let model = model(&gordon());
    let down = Axis::around(cell("i-c", ""), 0.1, 0.04, 2).unwrap();
    let across = Axis::range(cell("i-b", ""), 0.0, 0.04, 0.02).unwrap();
    let grid = Sensitivity::new(&model, &down, Some(&across), &[value()]).unwrap().finish();
    assert_eq!((grid.down.base_at, grid.across.as_ref().unwrap().base_at), (Some(2), Some(1)));
    let output = &grid.outputs[0];
    assert_eq!(output.figures[2][1], output.base);
    assert!(matches!(&output.figures[0][1], Figure::Error(error) if error.starts_with("#DIV/0")));
    assert_eq!(serde_json::from_value::<SensitivityGrid>(json!(grid)).unwrap(), grid);
}

#[test]
fn a_grid_of_one_input_shows_many_outputs() {
    let model = model(&gordon());
    let down = Axis { cell: cell("i-a", ""), values: vec![200.0, 100.0] };
    let grid = Sensitivity::new(&model, &down, None, &[value(), cell("i-d", "")]).unwrap().finish();
    let figures: Vec<Vec<Option<f64>>> =
        grid.outputs.iter().map(|output| output.figures.iter().map(|row| row[0].number()).collect()).collect();
    assert_eq!(figures, [[Some(2550.0), Some(1275.0)], [Some(7.0), Some(7.0)]]);
}

#[test]
fn a_grid_over_what_is_not_there_is_refused() {
    let model = model(&gordon());
    let axis = |name| Axis { cell: cell(name, ""), values: vec![1.0] };
    let refused = |down: &Axis, across: Option<&Axis>, outputs: &[CellRef]| {
        let error = Sensitivity::new(&model, down, across, outputs).unwrap_err();
        (error.code, error.place)
    };
    assert_eq!(refused(&axis("x"), None, &[value()]), (AnalysisErrorCode::NotFound, "x".into()));
    let same = refused(&axis("i-a"), Some(&axis("i-a")), &[value()]);
    assert_eq!(same, (AnalysisErrorCode::OutOfRange, "i-a".into()));
    assert_eq!(refused(&axis("i-a"), None, &[]).1, "outputs");
    let many = |name| Axis { cell: cell(name, ""), values: vec![1.0; 200] };
    assert_eq!(refused(&many("i-a"), Some(&many("i-b")), &[value()]).1, "inputs");
}

#[test]
fn a_tornado_shows_the_widest_swing_first() {
    let model = model(&gordon());
    let tornado = TornadoAnalysis::of_all(&model, &value(), 0.1).unwrap().finish();
    let names: Vec<&str> = tornado.bars.iter().map(|bar| bar.input.name.as_str()).collect();
    assert_eq!(names, ["c", "a", "b"], "and leaves out what moves nothing");
    let bar = &tornado.bars[1];
    assert_eq!((bar.base, bar.low, bar.high), (100.0, 90.0, 110.0));
    assert!((bar.swing.unwrap() - 255.0).abs() < 1e-9);
    assert_eq!(tornado.base, Figure::Number(1275.0));
    for bar in &tornado.bars {
        assert!(same_bits(&bar.at_low, &single_run(&model, &[(&bar.input.cell, bar.low)], &value())));
        assert!(same_bits(&bar.at_high, &single_run(&model, &[(&bar.input.cell, bar.high)], &value())));
    }
}

#[test]
fn a_tornado_of_everything_moves_no_date() {
    let model = model(&apple_dcf().unwrap());
    let output = Subject::of_item(&model, &model.outputs[0]).unwrap();
    assert!(model.items().any(|item| item.format == NumberFormat::Date && item.value.is_some()));
    let tornado = TornadoAnalysis::of_all(&model, &output.cell, 0.1).unwrap().finish();
    let is_date = |cell: &CellRef| model.item(&cell.item).unwrap().format == NumberFormat::Date;
    assert!(!tornado.bars.is_empty());
    assert!(!tornado.bars.iter().any(|bar| is_date(&bar.input.cell)));
}

#[test]
fn a_tornado_takes_given_ends_and_shows_a_missing_value_last() {
    let model = model(&gordon());
    let inputs = [
        TornadoInput { cell: cell("i-c", ""), swing: Swing::Between { low: 0.02, high: 0.2 } },
        TornadoInput { cell: cell("i-b", ""), swing: Swing::By(0.01) },
    ];
    let tornado = TornadoAnalysis::new(&model, &value(), &inputs).unwrap().finish();
    assert_eq!(tornado.bars[0].input.name, "b");
    assert_eq!(tornado.bars[1].swing, None);
    assert!(matches!(tornado.bars[1].at_low, Figure::Error(_)));
}

#[test]
fn a_tornado_goes_from_the_tenth_to_the_ninetieth_percentile() {
    let mut document = gordon();
    document["distributions"] = json!({
        "i-a": {"kind": "uniform", "low": 50, "high": 150},
        "i-b": {"kind": "normal", "mean": 0.02, "sd": 0.01},
        "i-gone": {"kind": "uniform", "low": 0, "high": 1},
    });
    let tornado = TornadoAnalysis::of_distributions(&model(&document), &value()).unwrap().finish();
    let ends: Vec<_> = tornado.bars.iter().map(|bar| (bar.input.name.as_str(), bar.low, bar.high)).collect();
    assert_eq!(ends[0], ("a", 60.0, 140.0));
    // 1.2816 deviations below and above the mean.
    assert!((ends[1].1 - 0.007_184_484).abs() < 1e-9 && (ends[1].2 - 0.032_815_516).abs() < 1e-9, "{ends:?}");
    let input = TornadoInput { cell: cell("i-c", ""), swing: Swing::Distribution };
    let error = TornadoAnalysis::new(&model(&document), &value(), &[input]).unwrap_err();
    assert_eq!((error.code, error.place.as_str()), (AnalysisErrorCode::NotFound, "i-c"));
}

#[test]
fn the_bars_of_a_football_field_lie_in_order() {
    let model = model(&gordon());
    let field = FootballField::new(&model, &Calculation::new(&model));
    let bars: Vec<_> = field.bars.iter().map(|bar| (bar.low.number(), bar.high.number())).collect();
    assert_eq!(bars, [(Some(0.02), Some(7.0))]);
}

#[test]
fn scenarios_grids_and_percentiles_become_bars() {
    let model = model(&gordon());
    let all = [ScenarioId("up".into()), ScenarioId("no".into())];
    let table = ScenarioComparison::new(&model, &all, &[]).unwrap().finish();
    let bar = Bar::of_scenarios(&table, &value()).unwrap();
    assert_eq!((bar.source, bar.low.number(), bar.middle), (BarSource::Scenarios, Some(1275.0), Some(1275.0)));
    assert!((bar.high.number().unwrap() - 2100.0).abs() < 1e-9);
    let down = Axis { cell: cell("i-a", ""), values: vec![50.0, 200.0] };
    let grid = Sensitivity::new(&model, &down, None, &[value()]).unwrap().finish();
    let bar = Bar::of_sensitivity(&grid, &value()).unwrap();
    assert_eq!((bar.low.number(), bar.middle, bar.high.number()), (Some(637.5), Some(1275.0), Some(2550.0)));
    let subject = Subject::new(&model, &value()).unwrap();
    let bar = Bar::of_percentiles(&subject, 5.0, 8.0, 9.0).unwrap();
    assert_eq!((bar.low.number(), bar.middle, bar.high.number()), (Some(5.0), Some(8.0), Some(9.0)));
    assert_eq!(Bar::of_scenarios(&table, &cell("i-a", "")), None);
}

fn sought(model: &Model, input: &str, target: f64, bounds: Option<(f64, f64)>) -> GoalSought {
    let goal = Goal { input: cell(input, ""), output: value(), target, bounds };
    GoalSeek::new(model, &goal).unwrap().finish()
}

#[test]
fn goal_seek_finds_the_input() {
    let model = model(&gordon());
    // 2000 = 100 × (1 + b) / (0.1 − b), so b = 100 / 2100.
    let found = sought(&model, "i-b", 2000.0, None);
    assert!(found.has_reached && found.error.is_none(), "{found:?}");
    assert!((found.nearest.unwrap().input - 100.0 / 2100.0).abs() < 1e-12);
    assert!(found.evaluations < 40, "{}", found.evaluations);
    let found = sought(&model, "i-b", 2000.0, Some((0.0, 0.09)));
    assert!((found.nearest.unwrap().input - 100.0 / 2100.0).abs() < 1e-12);
    assert_eq!(sought(&model, "i-a", 1275.0, None).evaluations, 0, "what is there already needs no search");
    assert_eq!(serde_json::from_value::<GoalSought>(json!(found)).unwrap(), found);
}

#[test]
fn goal_seek_looks_behind_a_jump() {
    let model = model(&gordon());
    // Above b = 0.1 the value is below zero: the jump lies between the start and the root.
    let found = sought(&model, "i-b", -2000.0, None);
    assert!(found.has_reached, "{found:?}");
    assert!((found.nearest.unwrap().input - 300.0 / 1900.0).abs() < 1e-9);
    assert!(sought(&model, "i-b", -2000.0, Some((0.0, 1.0))).has_reached);
}

#[test]
fn goal_seek_says_how_near_it_came_where_there_is_no_such_value() {
    let model = model(&gordon());
    let missed = sought(&model, "i-d", 2000.0, None);
    let error = missed.error.unwrap();
    assert!(!missed.has_reached);
    assert_eq!((error.code, error.place.as_str()), (AnalysisErrorCode::NoRoot, "i-d"));
    assert_eq!(missed.nearest.unwrap().output, 1275.0);
    assert!(missed.evaluations <= MAX_EVALUATIONS);
    let missed = sought(&model, "i-b", 2000.0, Some((0.0, 0.03)));
    assert_eq!(missed.nearest.unwrap().input, 0.03);
    assert!(!missed.has_reached);
}

#[test]
fn goal_seek_refuses_what_it_can_not_search() {
    let model = model(&gordon());
    let refused = |input: &str, output: &str, target, bounds| {
        let goal = Goal { input: cell(input, ""), output: cell(output, ""), target, bounds };
        GoalSeek::new(&model, &goal).unwrap_err()
    };
    assert_eq!(refused("i-b", "i-value", f64::NAN, None).place, "target");
    assert_eq!(refused("i-b", "i-value", 1.0, Some((1.0, 1.0))).place, "bounds");
    assert_eq!(refused("i-b", "i-b", 1.0, None).place, "output");
    assert_eq!(refused("i-x", "i-b", 1.0, None).code, AnalysisErrorCode::NotFound);
}

#[test]
fn goal_seek_solves_the_sample_for_its_price() {
    let model = model(&apple_dcf().unwrap());
    let output = Subject::of_item(&model, &model.outputs[0]).unwrap();
    let base = Calculation::new(&model).value(&output.cell).clone();
    let CellValue::Number(base) = base else { panic!("{base:?}") };
    let tornado = TornadoAnalysis::of_all(&model, &output.cell, 0.05).unwrap().finish();
    let input = tornado.bars[0].input.cell.clone();
    let goal = Goal { input, output: output.cell, target: base * 1.05, bounds: None };
    let found = GoalSeek::new(&model, &goal).unwrap().finish();
    assert!(found.has_reached, "{found:?}");
}

proptest! {
    #[test]
    fn every_point_of_a_grid_is_a_single_run(
        down in vec(-1.0..1.0_f64, 1..5),
        across in vec(-1.0..1.0_f64, 1..5),
        rows in vec(0..6_usize, 3),
    ) {
        // Formulas with division, conditions, and values carried on over periods.
        let formulas = [
            "{i-x} / {i-y}", "if({i-x} > {i-y}, prev({i-p}), {i-x} ^ 3)", "sum({i-x}, {i-y}, prev({i-q}))",
            "npv({i-y}, {i-x}, 1, 2)", "max({i-x}, {i-y}) - 0.1", "{i-x} + prev({i-p}) * {i-y}",
        ];
        let names = ["p", "q", "r"];
        let rows: Vec<_> = names.iter().zip(&rows).map(|(name, row)| (*name, Some(formulas[*row]), &[][..])).collect();
        let document = over_periods(3, &rows);
        let document = with_single(document, "x", None, Some(json!(0.25)));
        let document = with_single(document, "y", Some("{i-x} * 2"), None);
        let model = model(&document);
        let (x, y) = (cell("i-x", ""), cell("i-y", ""));
        let outputs = [cell("i-p", "p2"), cell("i-q", "p1"), cell("i-r", "p2")];
        let down = Axis { cell: x.clone(), values: down };
        let across = Axis { cell: y.clone(), values: across };
        let grid = Sensitivity::new(&model, &down, Some(&across), &outputs).unwrap().finish();
        for (output, cell) in grid.outputs.iter().zip(&outputs) {
            for (row, figures) in output.figures.iter().enumerate() {
                for (column, figure) in figures.iter().enumerate() {
                    let numbers = [(&x, down.values[row]), (&y, across.values[column])];
                    prop_assert!(same_bits(figure, &single_run(&model, &numbers, cell)));
                }
            }
        }
    }

    #[test]
    fn goal_seek_finds_every_target_of_a_rising_output(start in -50.0..50.0_f64, root in -50.0..50.0_f64, slope in 0.01..9.0_f64) {
        let document = with_single(over_periods(0, &[]), "x", None, Some(json!(start)));
        let document = with_single(document, "value", Some("{i-x} ^ 3 + {i-k} * {i-x}"), None);
        let document = with_single(document, "k", None, Some(json!(slope)));
        let model = model(&document);
        let target = single_run(&model, &[(&cell("i-x", ""), root)], &value());
        let CellValue::Number(target) = target else { panic!("{target:?}") };
        let found = sought(&model, "i-x", target, None);
        prop_assert!(found.has_reached, "{:?}", found);
        prop_assert!(found.evaluations <= MAX_EVALUATIONS);
        prop_assert!((found.nearest.unwrap().input - root).abs() < 1e-4);
    }
}
