//! Monte Carlo: every trial is the model itself, and everything hangs on the seed alone.

use coval_shared::analysis::AnalysisErrorCode;
use coval_shared::analysis::simulation::{BlockResult, Simulation, SimulationResult};
use coval_shared::model::{Calculation, CellRef, CellValue, Correlation, Distribution, Entry, Model, Span};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::model;

fn single(name: &str, formula: Option<&str>, value: Option<f64>) -> Value {
    let mut item =
        json!({"id": format!("i-{name}"), "name": name, "label": name, "format": "number", "span": "single"});
    if let Some(formula) = formula {
        item["formula"] = json!(formula);
    }
    if let Some(value) = value {
        item["value"] = json!(value);
    }
    item
}

fn row(name: &str, formula: &str, values: &Value) -> Value {
    json!({"id": format!("i-{name}"), "name": name, "label": name, "format": "number", "span": "period",
           "formula": formula, "values": values})
}

fn document(items: &[Value], distributions: &Value, correlations: &Value) -> Value {
    let periods: Vec<Value> = (0..5)
        .map(|index| json!({"id": format!("p{index}"), "label": format!("P{index}"), "kind": "forecast"}))
        .collect();
    json!({"schema": 2, "currency": "USD", "about": "", "periods": periods,
           "sections": [{"id": "s", "label": "S", "items": items}], "outputs": [],
           "distributions": distributions, "correlations": correlations})
}

fn cell(name: &str) -> CellRef {
    CellRef::parse(&format!("i-{name}")).unwrap()
}

fn run(simulation: &Simulation) -> SimulationResult {
    simulation.finish((0..simulation.blocks()).map(|block| simulation.run_block(block)).collect())
}

/// What the model itself gives with the inputs of a trial.
fn by_the_model(model: &Model, inputs: &[(CellRef, f64)], outputs: &[CellRef]) -> Vec<Option<f64>> {
    let mut model = model.clone();
    for (cell, number) in inputs {
        let mut items = model.sections.iter_mut().flat_map(|section| &mut section.items);
        let item = items.find(|item| item.id == cell.item).unwrap();
        match (item.span, &cell.period) {
            (Span::Period, Some(period)) => drop(item.values.insert(period.clone(), Entry::Number(*number))),
            _ => item.value = Some(Entry::Number(*number)),
        }
    }
    let calculation = Calculation::new(&model);
    let value = |cell: &CellRef| match calculation.value(cell) {
        CellValue::Number(number) => Some(*number),
        _ => None,
    };
    outputs.iter().map(value).collect()
}

fn bits(values: &[Option<f64>]) -> Vec<Option<u64>> {
    values.iter().map(|value| value.map(f64::to_bits)).collect()
}

fn assert_trials_are_the_model(document: &Value, outputs: &[CellRef], trials: u64) -> SimulationResult {
    let model = model(document);
    let simulation = Simulation::new(&model, outputs, 11, trials).unwrap();
    let result = run(&simulation);
    for trial in 0..trials {
        let at = usize::try_from(trial).unwrap();
        let simulated: Vec<Option<f64>> =
            result.values.iter().map(|values| Some(values[at]).filter(|value| value.is_finite())).collect();
        let expected = by_the_model(&model, &simulation.trial_inputs(trial), outputs);
        assert_eq!(bits(&simulated), bits(&expected), "trial {trial}: {simulated:?}, the model {expected:?}");
    }
    result
}

/// Formulas of every kind that has instructions, and of some that have none.
fn everything() -> Value {
    let items = [
        single("growth", None, Some(0.05)),
        single("margin", None, Some(0.2)),
        single("wacc", None, Some(0.09)),
        single("units", None, Some(100.0)),
        single("choice", None, Some(1.0)),
        single("tax", None, Some(0.21)),
        row("sales", "prev({i-sales}) * (1 + {i-growth})", &json!({"p0": 1000})),
        row("profit", "{i-sales} * {i-margin} * (1 - {i-tax}) - 0.3 * ({i-sales} - prev({i-sales}, 0))", &json!({})),
        row("factor", "1 / (1 + {i-wacc}) ^ t()", &json!({})),
        row("value", "{i-profit} * {i-factor}", &json!({"p2": "=round({i-profit}, 1)"})),
        row("flag", "if(and({i-profit} > 100, not({i-wacc} < 5%)), {i-profit}, -{i-profit} / 3%)", &json!({})),
        single("sum", Some("sum({i-value}, {i-units}) + min({i-flag}) - max({i-flag}) * average({i-profit}, 3)"), None),
        single(
            "npv",
            Some("npv({i-wacc}, {i-profit}) + sqrt(abs({i-growth})) + exp({i-growth}) + ln({i-units})"),
            None,
        ),
        single("error", Some("iferror(1 / ({i-choice} - 2), -1)"), None),
        single("broken", Some("10 / ({i-choice} - 3) + sqrt({i-growth})"), None),
        single("list", Some("median({i-value}) + irr([-500, {i-units}, 450])"), None),
        single("text", Some("if({i-growth} > 5%, \"high\", \"low\")"), None),
        single("told", Some("if({i-text} = \"high\", {i-units}, 2 ^ {i-growth})"), None),
        single(
            "sold",
            Some("gordon(last({i-profit}), {i-wacc}, {i-growth}) * discount_factor({i-wacc}, periods() - 0.5)"),
            None,
        ),
        single("bought", Some("sumproduct({i-sales}, {i-factor}) + index({i-sales}, 2) - first({i-value})"), None),
        single("cost", Some("capm({i-growth}, 1.2, 5%) + vdb(1000, 100, 5, 0, {i-choice} / 2)"), None),
        single("power", Some("{i-units} ^ {i-growth} + {i-units} ^ 2 + or({i-growth} > 1, {i-wacc} > 8%)"), None),
    ];
    let distributions = json!({
        "i-growth": {"kind": "normal", "mean": 0.05, "sd": 0.03},
        "i-margin": {"kind": "triangular", "low": 0.1, "mode": 0.2, "high": 0.25},
        "i-wacc": {"kind": "pert", "low": 0.06, "mode": 0.09, "high": 0.13},
        "i-units": {"kind": "lognormal", "mean": 100, "sd": 30},
        "i-choice": {"kind": "discrete", "values": [1, 2, 3], "weights": [3, 2, 1]},
        "i-sales@p0": {"kind": "uniform", "low": 900, "high": 1100},
    });
    let correlations = json!([
        {"a": "i-growth", "b": "i-margin", "rho": 0.5},
        {"a": "i-wacc", "b": "i-growth", "rho": -0.3},
        {"a": "i-units", "b": "i-growth", "rho": 0.2},
    ]);
    document(&items, &distributions, &correlations)
}

const OUTPUTS: [&str; 11] =
    ["sum", "npv", "error", "broken", "list", "told", "power", "growth", "sold", "bought", "cost"];

#[test]
fn every_trial_is_the_model_with_its_inputs_to_the_last_bit() {
    let outputs = OUTPUTS.map(cell);
    let result = assert_trials_are_the_model(&everything(), &outputs, 300);
    let failed = result.values[3].iter().filter(|value| value.is_nan()).count();
    assert!((20..150).contains(&failed), "a third of a sixth and some roots have no value, not {failed} of 300");
    assert!(result.values[8].iter().any(|value| value.is_nan()), "growth that outruns the rate has no value");
    assert!(result.values[2].contains(&-1.0), "an error that the formula expects is no failure");
}

#[test]
fn cells_that_need_each_other_are_simulated_as_they_settle() {
    let items = [
        single("debt", None, Some(500.0)),
        single("interest", Some("({i-debt} + {i-end}) / 2 * 6%"), None),
        single("end", Some("{i-debt} - (100 - {i-interest})"), None),
    ];
    let mut document = document(&items, &json!({"i-debt": {"kind": "uniform", "low": 400, "high": 600}}), &json!([]));
    document["iteration"] = json!({"max_rounds": 100, "tolerance": 1e-12});
    assert_trials_are_the_model(&document, &[cell("end"), cell("interest")], 40);
}

#[test]
fn the_same_seed_gives_the_same_bits_in_any_order_of_blocks() {
    let model = model(&linear());
    let outputs = [cell("out"), cell("c")];
    let simulation = Simulation::new(&model, &outputs, 5, 40_000).unwrap();
    assert!(simulation.blocks() >= 3);
    let run_bits = |order: Vec<u64>| -> Vec<Vec<u64>> {
        let blocks: Vec<BlockResult> = order.into_iter().map(|block| simulation.run_block(block)).collect();
        let values = simulation.finish(blocks).values;
        values.iter().map(|values| values.iter().map(|value| value.to_bits()).collect()).collect()
    };
    let forward = run_bits((0..simulation.blocks()).collect());
    assert_eq!(forward, run_bits((0..simulation.blocks()).rev().collect()));
    assert_eq!(forward[0].len(), 40_000);

    let shorter = Simulation::new(&model, &outputs, 5, 1_000).unwrap();
    let first = run(&shorter).values[0].iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(first, forward[0][..1_000]);
    let other = run(&Simulation::new(&model, &outputs, 6, 1_000).unwrap());
    assert_ne!(first, other.values[0].iter().map(|value| value.to_bits()).collect::<Vec<_>>());
}

/// A digest of all bits, which native and WebAssembly must share.
#[test]
fn the_bits_are_these_on_every_machine() {
    let simulation = Simulation::new(&model(&everything()), &OUTPUTS.map(cell), 2026, 500).unwrap();
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for value in run(&simulation).values.iter().flatten() {
        // Which of the bit patterns of "not a number" stands for a failure is the machine's affair.
        let bits = if value.is_nan() { 0 } else { value.to_bits() };
        digest = (digest ^ bits).wrapping_mul(0x0100_0000_01b3);
    }
    assert_eq!(format!("{digest:016x}"), "63a959d338da8376");
}

fn linear() -> Value {
    let items = [
        single("a", None, Some(1.0)),
        single("b", None, Some(1.0)),
        single("c", None, Some(1.0)),
        single("out", Some("3 * {i-a} - 2 * {i-b} + {i-c} + 10"), None),
    ];
    let distributions = json!({
        "i-a": {"kind": "normal", "mean": 5, "sd": 2},
        "i-b": {"kind": "normal", "mean": 1, "sd": 3},
        "i-c": {"kind": "pert", "low": 0, "mode": 2, "high": 10},
    });
    document(&items, &distributions, &json!([{"a": "i-a", "b": "i-b", "rho": 0.6}]))
}

#[test]
fn a_linear_model_has_the_mean_and_the_spread_of_its_closed_form() {
    let simulation = Simulation::new(&model(&linear()), &[cell("out")], 1, 50_000).unwrap();
    let result = run(&simulation);
    let summary = simulation.summary(&result);
    let output = &summary.outputs[0];
    let spread = output.spread.as_ref().unwrap();
    let pert_mean = (0.0 + 4.0 * 2.0 + 10.0) / 6.0;
    let mean = 3.0 * 5.0 - 2.0 * 1.0 + pert_mean + 10.0;
    assert!((spread.mean - mean).abs() < 4.0 * spread.standard_error, "{} instead of {mean}", spread.mean);
    let rho = 2.0 * libm::sin(std::f64::consts::PI * 0.6 / 6.0);
    let pert_variance = (pert_mean - 0.0) * (10.0 - pert_mean) / 7.0;
    let variance = 36.0 + 36.0 - 2.0 * 6.0 * 6.0 * rho + pert_variance;
    assert!((spread.sd / variance.sqrt() - 1.0).abs() < 0.01, "{} instead of {}", spread.sd, variance.sqrt());
    assert_eq!((output.failures, summary.trials, summary.seed), (0, 50_000, 1));
    let last = output.convergence.last().unwrap();
    assert_eq!((last.trials, last.mean), (50_000, spread.mean));
    assert!(output.convergence[0].standard_error > 4.0 * last.standard_error);
    let above = result.probability_above(0, spread.percentiles[4].1).unwrap();
    assert!((above - 0.5).abs() < 1e-4, "half lies above the median, not {above}");
}

#[test]
fn rank_correlations_come_out_as_they_went_in() {
    let outputs = [cell("a"), cell("b"), cell("c")];
    let mut document = linear();
    document["correlations"] = json!([{"a": "i-a", "b": "i-b", "rho": 0.6}, {"a": "i-b", "b": "i-c", "rho": -0.7}]);
    let simulation = Simulation::new(&model(&document), &outputs, 3, 20_000).unwrap();
    let summary = simulation.summary(&run(&simulation));
    let effect = |output: usize, input: &str| {
        let effects = &summary.outputs[output].effects;
        effects.iter().find(|effect| effect.cell == cell(input)).unwrap().rank_correlation
    };
    assert!((effect(0, "a") - 1.0).abs() < 1e-12);
    assert!((effect(0, "b") - 0.6).abs() < 0.03, "{}", effect(0, "b"));
    assert!((effect(1, "c") + 0.7).abs() < 0.03, "{}", effect(1, "c"));
    assert!(effect(0, "c").abs() < 0.05, "{}", effect(0, "c"));
}

#[test]
fn failures_are_counted_and_explained() {
    let model = model(&everything());
    let simulation = Simulation::new(&model, &[cell("broken")], 1, 1_000).unwrap();
    let summary = simulation.summary(&run(&simulation));
    let output = &summary.outputs[0];
    assert!((140..280).contains(&output.failures), "{}", output.failures);
    let (_, figure) = output.first_failure.as_ref().unwrap();
    assert!(format!("{figure:?}").contains("#"), "{figure:?}");
}

#[test]
fn what_cannot_be_simulated_is_named() {
    let outputs = [cell("out")];
    let code = |model: &Model, outputs: &[CellRef], trials| {
        Simulation::new(model, outputs, 1, trials).map(|_| ()).map_err(|error| (error.code, error.place))
    };
    let good = model(&linear());
    assert_eq!(code(&good, &outputs, 10), Ok(()));
    let out_of_range = |place: &str| Err((AnalysisErrorCode::OutOfRange, place.to_owned()));
    assert_eq!(code(&good, &outputs, 0), out_of_range("trials"));
    assert_eq!(code(&good, &outputs, 10_000_001), out_of_range("trials"));
    assert_eq!(code(&good, &[], 10), out_of_range("outputs"));
    assert_eq!(code(&good, &[cell("nobody")], 10), Err((AnalysisErrorCode::NotFound, "i-nobody".to_owned())));

    let mut certain = good.clone();
    certain.distributions.clear();
    assert_eq!(code(&certain, &outputs, 10), out_of_range("distributions"));

    let mut contradictory = linear();
    contradictory["correlations"] = json!([
        {"a": "i-a", "b": "i-b", "rho": 0.9}, {"a": "i-b", "b": "i-c", "rho": 0.9}, {"a": "i-a", "b": "i-c", "rho": -0.9},
    ]);
    assert_eq!(code(&model(&contradictory), &outputs, 10), out_of_range("correlations"));
}

#[test]
fn what_is_said_of_cells_that_are_gone_counts_for_nothing() {
    let outputs = [cell("out")];
    let good = model(&linear());
    let mut lost = good.clone();
    lost.distributions.insert(CellRef::parse("gone").unwrap(), Distribution::Uniform { low: 0.0, high: 1.0 });
    let lone = |name: &str| Correlation { a: cell(name), b: CellRef::parse("gone").unwrap(), rho: 0.9 };
    lost.correlations.extend([lone("a"), lone("out")]);
    let values = |model: &Model| run(&Simulation::new(model, &outputs, 1, 100).unwrap()).values;
    assert_eq!(values(&good), values(&lost));
}
