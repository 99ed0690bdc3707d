//! Sets of assumptions beside the model's own.

use coval_shared::model::{Calculation, CellValue, ScenarioId};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{cell, model, over_periods, with_single};

fn sample() -> Value {
    let rows = over_periods(2, &[("sales", Some("100 * (1 + {i-growth})"), &[json!(100)])]);
    let mut document = with_single(rows, "growth", None, Some(json!(0.5)));
    document["schema"] = json!(2);
    document["scenarios"] = json!([
        {"id": "s-bull", "name": "bull", "label": "Bull case", "entries": {
            "i-growth": 1, "i-sales@p0": "={i-growth} * 7", "i-gone": 1, "i-sales": 2, "i-sales@p9": 3, "i-growth@p0": 4
        }},
        {"id": "bull", "name": "bear", "label": "Bear case"},
    ]);
    document
}

#[test]
fn a_scenario_puts_its_entries_in_place_of_the_models_own() {
    let base = model(&sample());
    let bull = base.under(&ScenarioId("s-bull".into()));
    let calculation = Calculation::new(&bull);
    assert_eq!(calculation.value(&cell("i-sales", "p0")), &CellValue::Number(7.0));
    assert_eq!(calculation.value(&cell("i-sales", "p1")), &CellValue::Number(200.0));
    assert_eq!(bull.item(&cell("i-sales", "").item).unwrap().values.len(), 1, "what is gone comes back nowhere");
}

#[test]
fn a_scenario_without_entries_and_one_that_is_gone_are_the_base_case() {
    let base = model(&sample());
    assert_eq!(base.under(&ScenarioId("bull".into())), base);
    assert_eq!(base.under(&ScenarioId("gone".into())), base);
}

#[test]
fn a_scenario_is_found_by_its_name_before_its_id() {
    let base = model(&sample());
    let label = |name| base.scenario(name).map(|scenario| scenario.label.as_str());
    assert_eq!(label("bull"), Some("Bull case"));
    assert_eq!(label("bear"), Some("Bear case"));
    assert_eq!(label("s-bull"), Some("Bull case"));
    assert_eq!(label("Bear case"), Some("Bear case"));
    assert_eq!(label("gone"), None);
}
