//! NPV by Excel's convention: the first flow lies one period ahead.

use coval_shared::model::{Calculation, CellValue};
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{cell, model, over_periods, with_single};

/// What Excel gives: recorded by the authors of ExcelFinancialFunctions (Apache-2.0). The last is from pyxirr's tests.
const RECORDED: [(f64, &[f64], f64); 9] = [
    (-1.5, &[-200.0, 0.0, 10.0, -10.0, 300.0], -9440.0),
    (1.5, &[-100.0, 10.0, 10.0, 100.0], -35.2),
    (1.5, &[-100.0, -10.0, 10.0, 100.0], -38.4),
    (0.6, &[-100.0, 10.0, 10.0, 100.0], -40.8935546875),
    (-0.1, &[-100.0, 10.0, 10.0, 100.0], 67.36777930194),
    (0.0, &[-100.0, -10.0, 10.0, 100.0], 0.0),
    (-2.0, &[-100.0, 10.0, 10.0, 100.0], 200.0),
    (-0.4, &[-100.0, 10.0, 10.0, 100.0], 679.012345679),
    (0.08, &[-40_000.0, 5_000.0, 8_000.0, 12_000.0, 30_000.0], 2838.169137203),
];

#[test]
fn npv_gives_what_excel_gives() {
    for (rate, flows, expected) in RECORDED {
        let entries: Vec<Value> = flows.iter().map(|flow| json!(flow)).collect();
        let document = over_periods(flows.len(), &[("flow", None, &entries)]);
        let document = with_single(document, "npv", Some(&format!("npv({rate}, {{i-flow}})")), None);
        let calculation = Calculation::new(&model(&document));
        let CellValue::Number(actual) = calculation.value(&cell("i-npv", "")) else { panic!("no number") };
        assert!((actual - expected).abs() < 1e-8 * expected.abs().max(1.0), "at {rate}: {actual}, Excel {expected}");
    }
}
