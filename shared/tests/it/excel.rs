//! Excel's functions give what Excel gives.

use coval_shared::model::{CellErrorCode, Value, calc};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const RECORDED: &str = include_str!("../data/excel_functions.jsonl");

fn number(expression: &str) -> f64 {
    match calc(expression) {
        Ok(Value::Number(number)) => number,
        other => panic!("{expression}: {other:?}"),
    }
}

fn assert_close(expression: &str, expected: f64, tolerance: f64) {
    let actual = number(expression);
    let allowed = tolerance * expected.abs().max(1.0);
    assert!((actual - expected).abs() <= allowed, "{expression}: {actual}, expected {expected}");
}

#[test]
fn recorded_cases_give_what_excel_gave() {
    let mut count = 0;
    for line in RECORDED.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_close(case["expr"].as_str().unwrap(), case["expected"].as_f64().unwrap(), 1e-6);
        count += 1;
    }
    assert_eq!(count, 159);
}

/// Examples of Microsoft's pages on DAX and of the tests of numpy-financial and pyxirr.
#[test]
fn published_examples_hold() {
    let flows = "[-40000, 5000, 8000, 12000, 30000]";
    let dated = "[-10000, 2750, 4250, 3250, 2750], \
                 [date(2014, 1, 1), date(2014, 3, 1), date(2014, 10, 30), date(2015, 2, 15), date(2015, 4, 1)]";
    assert_close("PMT(.08/12, 60, 15000)", -304.145_914, 1e-8);
    assert_close("RATE(48, -200, 8000)", 0.007_701_472_488_201_37, 1e-12);
    assert_close(&format!("NPV(8%, {flows})"), 2_838.169_137_203, 1e-12);
    assert_close(&format!("NPV(8%, {flows}) * 1.08"), 3_065.222_668_179, 1e-12);
    assert_close(&format!("IRR({flows})"), 0.105_822_598_4, 1e-9);
    assert_close(&format!("XIRR({dated})"), 0.374_858_597_7, 1e-8);
    assert_close(&format!("XNPV(9%, {dated})"), 2_089.501_636, 1e-8);
    assert_close("MIRR([-120000, 39000, 30000, 21000, 37000, 46000], 10%, 12%)", 0.126_094, 1e-6);
    assert_close("IRR([-100, 0, 0, 0, 0, 200])", 0.148_698, 1e-6);
}

#[test]
fn what_excel_has_no_value_for_is_a_named_error_with_what_to_do() {
    let cases = [
        ("irr([1, 2, 3])", CellErrorCode::NotANumber, "one positive and one negative"),
        ("xirr([-1, 2], [date(2020, 1, 2), date(2020, 1, 1)])", CellErrorCode::NotANumber, "earliest flow first"),
        ("xirr([-1, 2], [date(2020, 1, 2)])", CellErrorCode::Argument, "as many dates"),
        ("mirr([1, 2], 10%, 10%)", CellErrorCode::DivisionByZero, "one positive and one negative"),
        ("pv(-1, 2, 3)", CellErrorCode::DivisionByZero, "-100 %"),
        ("pmt(5%, 0, 3)", CellErrorCode::DivisionByZero, "nper"),
        ("nper(5%, 10, -1000)", CellErrorCode::NotANumber, "negative"),
        ("rate(10, 1, 1, 1)", CellErrorCode::NotANumber, "negative"),
        ("ddb(100, 10, 5, 6)", CellErrorCode::NotANumber, "within the life"),
        ("yearfrac(1, 2, 5)", CellErrorCode::NotANumber, "basis"),
        ("date(10000, 1, 1)", CellErrorCode::NotANumber, "9999"),
        ("coupnum(date(2020, 1, 1), date(2019, 1, 1), 2)", CellErrorCode::NotANumber, "before the maturity"),
        ("coupnum(date(2019, 1, 1), date(2020, 1, 1), 3)", CellErrorCode::NotANumber, "1, 2 or 4"),
    ];
    for (expression, code, part) in cases {
        let Err(error) = calc(expression) else { panic!("{expression} has a value") };
        let told = format!("{} {}", error.message, error.hint.as_deref().unwrap_or_default());
        assert!(error.code == code && told.contains(part), "{expression}: {error:?}");
    }
}

#[test]
fn arguments_that_are_left_out_have_excels_defaults() {
    for (short, long) in [
        ("pv(5%, 3, 10)", "pv(5%, 3, 10, 0, 0)"),
        ("pmt(5%, 3, 10, , 1)", "pmt(5%, 3, 10, 0, 1)"),
        ("rate(3, -10, 25)", "rate(3, -10, 25, 0, 0, 0.1)"),
        ("db(100, 10, 5, 2)", "db(100, 10, 5, 2, 12)"),
        ("ddb(100, 10, 5, 2)", "ddb(100, 10, 5, 2, 2)"),
        ("vdb(100, 10, 5, 2, 5)", "vdb(100, 10, 5, 2, 5, 2, FALSE)"),
        ("yearfrac(40000, 43000)", "yearfrac(40000, 43000, 0)"),
        ("weekday(40000)", "weekday(40000, 1)"),
        ("price(40000, 43000, 5%, 6%, 100, 2)", "price(40000, 43000, 5%, 6%, 100, 2, 0)"),
    ] {
        assert_eq!(calc(short), calc(long), "{short}");
    }
}
