//! What holds for every template whatever somebody puts in.

use coval_shared::model::{Calculation, CellValue, ItemId, Model};
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
