//! What holds for every template, and the bits that every machine must give.

use std::collections::BTreeSet;

use coval_shared::model::formula::{to_display, to_stored};
use coval_shared::model::{Calculation, CellRef, CellValue, Entry, Model, PeriodId, PeriodKind, Span};
use coval_shared::template::{all, by_name};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::cell;

/// FNV-1a over the bits of all cells in order, under the model's own entries and then under each scenario. A change of
/// a template or of the engine's arithmetic changes it; the same numbers on native and wasm show that both give the same
/// bits.
const DIGESTS: &[(&str, u64)] = &[
    ("dcf", 0x1bd0_a52d_6ff3_1e11),
    ("lbo", 0x7bf8_db3e_1e84_0da0),
    ("merger", 0xe44f_2a76_e761_6fe0),
    ("real_options", 0x897c_3d4a_c5a8_688a),
    ("ipo", 0x180e_4f49_cfec_eb2c),
    ("blank", 0x714c_c8db_9fb9_45a5),
];

/// What makes the other inputs of a template matter: switches turned, and peers moved to the middle of the others, where
/// medians and quartiles look.
const PROBES: &[(&str, &[(&str, f64)])] = &[
    (
        "dcf",
        &[
            ("mid_year", 1.0),
            ("options_low", 500_000.0),
            ("options_high", 300_000.0),
            ("software_beta", 1.15),
            ("chips_beta", 1.26),
        ],
    ),
    (
        "ipo",
        &[
            ("price_method", 0.0),
            ("ebitda_multiple_a", 18.2),
            ("ebitda_multiple_e", 16.5),
            ("earnings_multiple_a", 33.5),
            ("earnings_multiple_e", 30.0),
            ("sales_multiple_a", 5.6),
            ("sales_multiple_e", 4.5),
        ],
    ),
    (
        "lbo",
        &[
            ("exit_year", 7.0),
            ("sweep_share", 0.5),
            ("revolver_drawn", 100.0),
            ("losses_acquired", 400.0),
            ("interest_cap", 1.0),
        ],
    ),
    (
        "merger",
        &[
            ("stock_share", 0.3),
            ("debt_share", 0.3),
            ("fixed_assets_step_up", 500.0),
            ("revenue_synergies", 500.0),
            ("fees_in_earnings", 1.0),
        ],
    ),
    ("real_options", &[("volatility_from_history", 1.0), ("early_exercise", 0.0)]),
];

/// What is a result beside the outputs and the bars of the football field.
const WATCHED: &[(&str, &[&str])] = &[
    ("lbo", &["equity_price", "goodwill", "leverage_headroom", "cover_headroom"]),
    (
        "merger",
        &["accretion", "cash_accretion", "combined_other_assets", "combined_other_liabilities", "combined_equity"],
    ),
];

/// The templates as models, by name.
pub(crate) fn models() -> Vec<(&'static str, Model)> {
    all().iter().map(|template| (template.name, Model::read(&template.document().unwrap()).unwrap())).collect()
}

/// The model of the template `name`.
pub(crate) fn template(name: &str) -> Model {
    Model::read(&by_name(name).unwrap().document().unwrap()).unwrap()
}

/// Puts `number` into the cell of `item`, at `period` if one is given.
pub(crate) fn put(model: &mut Model, item: &str, period: Option<&str>, number: f64) {
    let item = model.sections.iter_mut().flat_map(|section| &mut section.items).find(|row| row.id.0 == item).unwrap();
    match period {
        None => item.value = Some(Entry::Number(number)),
        Some(period) => {
            let period = PeriodId(period.to_owned());
            item.values.insert(period, Entry::Number(number));
        }
    }
}

/// The one value of `item`.
pub(crate) fn figure(calculation: &Calculation, item: &str) -> f64 {
    match calculation.value(&cell(item, "")) {
        CellValue::Number(number) => *number,
        other => panic!("{item} is {other:?}"),
    }
}

/// The base case and all scenarios.
pub(crate) fn cases(model: &Model) -> Vec<(String, Model)> {
    let scenarios = model.scenarios.iter().map(|scenario| (scenario.name.clone(), model.under(&scenario.id)));
    std::iter::once(("base".to_owned(), model.clone())).chain(scenarios).collect()
}

/// The cells that must be 0: those of the section "checks".
pub(crate) fn checks(model: &Model) -> Vec<CellRef> {
    let section = model.sections.iter().find(|section| section.id.0 == "checks");
    let items: Vec<_> = section.into_iter().flat_map(|section| &section.items).map(|item| &item.id).collect();
    model.cells().filter(|cell| items.contains(&&cell.item)).collect()
}

#[test]
fn every_cell_has_the_same_bits_on_every_machine() {
    let digest = |model: &Model| {
        let mut digest = 0xcbf2_9ce4_8422_2325_u64;
        for (case, model) in cases(model) {
            let calculation = Calculation::new(&model);
            for cell in model.cells() {
                let bits = match calculation.value(&cell) {
                    CellValue::Number(number) => number.to_bits(),
                    CellValue::Blank => 0,
                    CellValue::Text(text) => text.bytes().fold(1, |sum, byte| (sum << 5) ^ u64::from(byte)),
                    CellValue::Error(error) => panic!("{case}: {error}"),
                };
                for byte in bits.to_be_bytes() {
                    digest = (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                }
            }
        }
        digest
    };
    let digests: Vec<_> = models().iter().map(|(name, model)| format!("(\"{name}\", {:#x})", digest(model))).collect();
    let expected: Vec<_> = DIGESTS.iter().map(|(name, digest)| format!("(\"{name}\", {digest:#x})")).collect();
    assert_eq!(digests, expected);
}

#[test]
fn templates_have_names_of_their_own_and_three_cases() {
    let names: BTreeSet<_> = all().iter().map(|template| template.name).collect();
    assert_eq!(names.len(), all().len());
    for template in all() {
        assert_eq!(by_name(template.name).unwrap().title, template.title);
        assert!(!template.summary.is_empty());
        let model = Model::read(&template.document().unwrap()).unwrap();
        let scenarios: Vec<_> = model.scenarios.iter().map(|scenario| &*scenario.name).collect();
        assert!(scenarios.starts_with(&["bull", "bear"]), "{}", template.name);
        assert!(!model.about.is_empty() && !model.outputs.is_empty(), "{}", template.name);
    }
    assert!(by_name("nothing").is_none());
}

#[test]
fn no_cell_has_an_error_in_any_scenario() {
    for (name, model) in models() {
        for (case, model) in cases(&model) {
            let calculation = Calculation::new(&model);
            for cell in model.cells() {
                let value = calculation.value(&cell);
                assert!(!matches!(value, CellValue::Error(_)), "{name}, {case}: {cell:?} is {value:?}");
            }
        }
    }
}

#[test]
fn every_check_is_0_in_every_scenario() {
    for (name, model) in models() {
        let checks = checks(&model);
        assert!(name == "blank" || !checks.is_empty(), "{name} has no check");
        for (case, model) in cases(&model) {
            let calculation = Calculation::new(&model);
            for check in &checks {
                let value = calculation.value(check);
                let is_held = matches!(value, CellValue::Number(0.0) | CellValue::Blank);
                assert!(is_held, "{name}, {case}: {check:?} is {value:?}");
            }
        }
    }
}

#[test]
fn every_knot_settles_on_whichever_balance_interest_is_charged() {
    for (name, model) in models() {
        for (case, model) in cases(&model) {
            for is_average in [0.0, 1.0] {
                let mut model = model.clone();
                if model.items().any(|item| item.name == "average_interest") {
                    put(&mut model, "average_interest", None, is_average);
                }
                let calculation = Calculation::new(&model);
                let knots = calculation.convergence();
                assert_eq!(knots.is_empty(), model.iteration.is_none(), "{name}, {case}");
                for knot in knots {
                    let iteration = model.iteration.unwrap();
                    assert!(knot.has_settled && knot.rounds < iteration.max_rounds / 2, "{name}, {case}: {knot:?}");
                }
                for check in checks(&model) {
                    let value = calculation.value(&check);
                    let is_held = matches!(value, CellValue::Number(0.0) | CellValue::Blank);
                    assert!(is_held, "{name}, {case}: {check:?} is {value:?}");
                }
            }
        }
    }
}

#[test]
fn the_bull_case_is_above_the_base_and_the_bear_case_below() {
    for (name, model) in models().into_iter().filter(|(name, _)| *name != "blank") {
        let output = model.outputs.first().unwrap().0.clone();
        let values: Vec<f64> =
            cases(&model).iter().map(|(_, model)| figure(&Calculation::new(model), &output)).collect();
        assert!(values[2] < values[0] && values[0] < values[1], "{name}: {output} is {values:?}");
    }
}

#[test]
fn every_item_tells_what_it_is_and_where_it_comes_from() {
    for (name, model) in models() {
        for item in model.items() {
            assert!(!item.label.is_empty(), "{name}: {} has no label", item.name);
            assert!(!item.note.is_empty() || item.formula.is_some(), "{name}: {} has no source", item.name);
        }
    }
}

#[test]
fn every_formula_is_stored_by_id() {
    for (name, model) in models() {
        let entries = model.items().flat_map(|item| item.values.values().chain(&item.value));
        let scenarios = model.scenarios.iter().flat_map(|scenario| scenario.entries.values());
        let entered = entries.chain(scenarios).filter_map(|entry| match entry {
            Entry::Formula(formula) => Some(formula),
            Entry::Number(_) => None,
        });
        for formula in model.items().filter_map(|item| item.formula.as_ref()).chain(entered) {
            assert_eq!(&to_stored(&to_display(formula, &model), &model), formula, "{name}");
            let outside: String =
                formula.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect();
            let words = outside.split(|char: char| !char.is_alphanumeric() && char != '_');
            for word in words {
                assert!(model.items().all(|item| item.name != word), "{name}: {word} stands by name in {formula}");
            }
        }
    }
}

#[test]
fn what_is_said_of_cells_is_said_of_cells_that_are_there() {
    for (name, model) in models() {
        let cells: BTreeSet<CellRef> = model.cells().collect();
        let entries = model.scenarios.iter().flat_map(|scenario| scenario.entries.keys());
        let correlated = model.correlations.iter().flat_map(|correlation| [&correlation.a, &correlation.b]);
        for cell in entries.chain(model.distributions.keys()).chain(model.notes.keys()).chain(correlated.clone()) {
            assert!(cells.contains(cell), "{name}: there is no {cell:?}");
        }
        for cell in correlated {
            assert!(model.distributions.contains_key(cell), "{name}: {cell:?} does not vary");
        }
        for item in model.outputs.iter().chain(model.ranges.iter().flat_map(|range| [&range.low, &range.high])) {
            assert!(model.item(item).is_some(), "{name}: there is no {item}");
        }
        for range in &model.ranges {
            let calculation = Calculation::new(&model);
            let (low, high) = (figure(&calculation, &range.low.0), figure(&calculation, &range.high.0));
            assert!(low < high, "{name}: {} goes from {low} to {high}", range.label);
        }
    }
}

#[test]
fn a_change_of_any_input_changes_a_result() {
    for (name, model) in models().into_iter().filter(|(name, _)| *name != "blank") {
        let mut probe = model.clone();
        let settings = PROBES.iter().find(|(template, _)| *template == name).map_or(&[][..], |(_, settings)| settings);
        for (item, number) in settings {
            put(&mut probe, item, None, *number);
        }
        let (alive, alive_in_probe) = (alive(name, &model), alive(name, &probe));
        let is_dead = |input: &(String, Option<String>)| !alive.contains(input) && !alive_in_probe.contains(input);
        let dead: Vec<_> = inputs(&model).into_iter().map(|(item, period, _)| (item, period)).filter(is_dead).collect();
        assert!(dead.is_empty(), "{name}: {dead:?}");
    }
}

#[test]
fn the_blank_model_has_a_value_as_soon_as_it_has_figures() {
    let mut model = template("blank");
    for (item, period, number) in [
        ("revenue", Some("fy2024"), 100.0),
        ("revenue", Some("fy2025"), 110.0),
        ("costs", Some("fy2024"), 80.0),
        ("costs", Some("fy2025"), 88.0),
        ("discount_rate", None, 0.1),
    ] {
        put(&mut model, item, period, number);
    }
    // Income of 22 grows by 10 % a year, which is the discount rate: five times 22.
    let value = figure(&Calculation::new(&model), "present_value");
    assert!((value - 110.0).abs() < 1e-9, "{value}");
}

/// The numbers that an analyst puts in: single values, and those of the forecast.
pub(crate) fn inputs(model: &Model) -> Vec<(String, Option<String>, f64)> {
    let mut inputs = Vec::new();
    for item in model.items() {
        if let (Span::Single, Some(Entry::Number(number))) = (item.span, &item.value) {
            inputs.push((item.id.0.clone(), None, *number));
        }
        for period in model.periods.iter().filter(|period| period.kind == PeriodKind::Forecast) {
            if let Some(Entry::Number(number)) = item.values.get(&period.id) {
                inputs.push((item.id.0.clone(), Some(period.id.0.clone()), *number));
            }
        }
    }
    inputs
}

/// The inputs of which a small change, or the turn of a switch, changes a result.
fn alive(name: &str, model: &Model) -> BTreeSet<(String, Option<String>)> {
    let mut calculation = Calculation::new(model);
    let cells = results(name, model);
    let values = |calculation: &Calculation| -> Vec<CellValue> {
        cells.iter().map(|cell| calculation.value(cell).clone()).collect()
    };
    let before = values(&calculation);
    let mut is_alive = |(item, period, number): &(String, Option<String>, f64)| {
        let cell = cell(item, period.as_deref().unwrap_or_default());
        let changed = if *number == 0.0 || *number == 1.0 { 1.0 - number } else { number * 1.02 };
        calculation.set(&cell, Some(changed));
        let is_alive = values(&calculation) != before;
        calculation.set(&cell, None);
        assert!(values(&calculation) == before, "{cell:?} leaves something behind");
        is_alive
    };
    let alive = inputs(model).into_iter().filter(|input| is_alive(input));
    alive.map(|(item, period, _)| (item, period)).collect()
}

/// The outputs, the ends of the football field's bars, and what else the template `name` is looked at for.
fn results(name: &str, model: &Model) -> Vec<CellRef> {
    let bars = model.ranges.iter().flat_map(|range| [&range.low, &range.high]);
    let items: Vec<_> = model.outputs.iter().chain(bars).collect();
    let watched = WATCHED.iter().find(|(template, _)| *template == name).map_or(&[][..], |(_, items)| items);
    model.cells().filter(|cell| items.contains(&&cell.item) || watched.contains(&&*cell.item.0)).collect()
}
