//! What holds for every template whatever somebody puts in.

use coval_shared::analysis::simulation::Simulation;
use coval_shared::model::{Calculation, CellRef, CellValue, ItemId, Model};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::templates::{checks, inputs, models, put};

/// Inputs whose check is that they fit together, and those that count periods; changing them one by one breaks the
/// model, as it should.
fn is_tied(item: &str) -> bool {
    ["_weight", "_date", "_period", "exit_year", "last_step"].iter().any(|end| item.ends_with(end))
}

/// The template with each input scaled, and each switch turned or not.
fn scaled(model: &Model, factors: &[f64]) -> Model {
    let mut model = model.clone();
    let inputs = inputs(&model);
    for ((item, period, number), factor) in inputs.iter().zip(factors.iter().cycle()) {
        let is_switch = model.item(&ItemId(item.clone())).is_some_and(|item| item.unit == "0 or 1");
        if is_switch {
            put(&mut model, item, None, f64::from(u8::from(*factor > 1.0)));
        } else if !is_tied(item) {
            put(&mut model, item, period.as_deref(), number * factor);
        }
    }
    model
}

#[test]
fn a_simulation_has_a_value_and_held_checks_in_every_trial() {
    for (name, model) in models().into_iter().filter(|(_, model)| !model.distributions.is_empty()) {
        let main = CellRef::single(model.outputs.first().unwrap().clone());
        // A section of checks ends with their sum.
        let outputs = [main.clone(), checks(&model).pop().unwrap()];
        let simulation = Simulation::new(&model, &outputs, 1, 100).unwrap();
        let result = simulation.finish((0..simulation.blocks()).map(|block| simulation.run_block(block)).collect());
        let summary = simulation.summary(&result);
        for output in &summary.outputs {
            assert_eq!(output.failures, 0, "{name}: {:?} fails: {:?}", output.cell, output.first_failure);
        }
        assert!(result.values[1].iter().all(|value| *value == 0.0), "{name}: a check is not 0");
        // The base case is a likely one.
        let CellValue::Number(base) = Calculation::new(&model).value(&main).clone() else {
            panic!("{name} has no value")
        };
        let values = &result.values[0];
        let below = values.iter().filter(|value| **value < base).count();
        assert!((5..95).contains(&below), "{name}: {below} of 100 are below the base case");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn checks_are_0_whatever_the_inputs(factors in vec(0.85..1.15_f64, 61)) {
        for (name, model) in models() {
            let model = scaled(&model, &factors);
            let calculation = Calculation::new(&model);
            for cell in model.cells() {
                let value = calculation.value(&cell);
                prop_assert!(!matches!(value, CellValue::Error(_)), "{}: {:?} is {:?}", name, cell, value);
            }
            for cell in checks(&model) {
                let value = calculation.value(&cell);
                prop_assert!(
                    matches!(value, CellValue::Number(0.0) | CellValue::Blank),
                    "{}: {:?} is {:?}", name, cell, value
                );
            }
        }
    }
}
