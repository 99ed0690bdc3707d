//! A cell in words and numbers.

use coval_shared::model::explain::{Origin, explain};
use coval_shared::model::{Calculation, ScenarioId};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{cell, model, over_periods, with_single};

fn document() -> Value {
    let mut document = over_periods(
        2,
        &[
            ("sales", Some("prev({i-sales}) * (1 + {i-growth})"), &[json!(1000)]),
            ("growth", None, &[Value::Null, json!(0.045)]),
            ("total", Some("sum({i-sales}[..t]) / {i-tax}"), &[]),
        ],
    );
    document = with_single(document, "tax", None, Some(json!(0.21)));
    document["schema"] = json!(2);
    document["sections"][0]["items"][1]["format"] = json!("percent");
    document["sections"][0]["items"][0]["unit"] = json!("USD m");
    document["notes"] = json!({"i-sales@p1": "After the guidance"});
    document["scenarios"] = json!([
        {"id": "s1", "name": "bull", "label": "Bull case", "entries": {"i-growth@p1": 0.1}}
    ]);
    document
}

#[test]
fn a_cell_is_told_with_its_formula_its_values_and_where_they_stand() {
    let model = model(&document());
    let calculation = Calculation::new(&model);
    let told = explain(&model, None, &calculation, &cell("i-sales", "p1")).unwrap();
    assert_eq!(told.origin, Origin::RowFormula);
    assert_eq!(
        told.to_string(),
        "\
sales@2026E: sales
  1,045 USD m
  = prev(sales) * (1 + growth)
  = 1,000 * (1 + 4.5%)
  from the formula of the row
    sales@2025E   sales   1,000 USD m
    growth@2026E  growth  4.5%
  note: After the guidance
"
    );
    let total = explain(&model, None, &calculation, &cell("i-total", "p1")).unwrap();
    assert_eq!(total.with_values.as_deref(), Some("sum([1,000, 1,045]) / 0"));
    assert_eq!(total.parts.len(), 3);
}

#[test]
fn a_value_says_where_it_comes_from() {
    let base = model(&document());
    let mut calculation = Calculation::new(&base);
    let origin = |calculation: &Calculation, item: &str, period: &str| {
        explain(&base, None, calculation, &cell(item, period)).unwrap().origin
    };
    assert_eq!(origin(&calculation, "i-sales", "p0"), Origin::Override);
    assert_eq!(origin(&calculation, "i-growth", "p1"), Origin::Input);
    assert_eq!(origin(&calculation, "i-growth", "p0"), Origin::Empty);
    calculation.set(&cell("i-tax", ""), Some(0.3));
    assert_eq!(origin(&calculation, "i-tax", ""), Origin::WhatIf);
    let bull = Calculation::new(&base.under(&ScenarioId("s1".into())));
    let told = explain(&base, base.scenario("bull"), &bull, &cell("i-growth", "p1")).unwrap();
    assert_eq!(told.origin, Origin::Scenario("Bull case".into()));
    assert_eq!(told.cell.shown, "10.0%");
    assert_eq!(explain(&base, None, &bull, &cell("i-gone", "")), None);
}

#[test]
fn an_error_is_told_with_its_reason() {
    let model = model(&over_periods(1, &[("a", Some("1 / {i-zero} + {gone}"), &[]), ("zero", None, &[json!(0)])]));
    let told = explain(&model, None, &Calculation::new(&model), &cell("i-a", "p0")).unwrap();
    assert_eq!(told.with_values.as_deref(), Some("1 / 0 + {gone}"));
    assert!(told.to_string().contains("#DIV/0 division by zero at character 1"), "{told}");
}
