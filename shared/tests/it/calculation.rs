//! Formulas, blanks, errors and what an edit recalculates.

use coval_shared::model::{Calculation, CellErrorCode, CellValue, Model, PeriodId, Value, calc};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{cell, model, over_periods, with_single};

/// The value of a row with one value and this formula, in a model with the rows `a` = 2, 3, blank and `b` = 5, 7, 11
/// and the single `x` = 4.
fn single(formula: &str) -> CellValue {
    let rows = over_periods(3, &[("a", None, &[json!(2), json!(3)]), ("b", None, &[json!(5), json!(7), json!(11)])]);
    let document = with_single(with_single(rows, "x", None, Some(json!(4))), "result", Some(formula), None);
    Calculation::new(&model(&document)).value(&cell("i-result", "")).clone()
}

fn error(formula: &str) -> String {
    match single(formula) {
        CellValue::Error(error) => error.to_string(),
        other => panic!("{formula} is {other:?}"),
    }
}

#[test]
fn operators_bind_as_in_excel() {
    for (formula, expected) in [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("2 ^ 3 ^ 2", 64.0),
        ("-2 ^ 2", 4.0),
        ("2 ^ -1", 0.5),
        ("10 - 4 - 3", 3.0),
        ("100 / 10 / 5", 2.0),
        ("50% * 8", 4.0),
        ("5%%", 0.0005),
        ("1 + 1 = 2", 1.0),
        ("1 < 2 = 1", 1.0),
        ("2 <> 2", 0.0),
        (".5e1 + 1.", 6.0),
    ] {
        assert_eq!(single(formula), CellValue::Number(expected), "{formula}");
    }
}

#[test]
fn functions_work_over_values_and_over_whole_rows() {
    for (formula, expected) in [
        ("sum({i-a}, {i-b}, 1)", 29.0),
        ("min({i-b})", 5.0),
        ("max({i-a}, {i-x})", 4.0),
        ("first({i-a})", 2.0),
        ("last({i-a})", 3.0),
        ("if({i-x} > 3, 10, 1 / 0)", 10.0),
        ("if(0, 1 / 0, 20)", 20.0),
        ("npv(0, {i-b})", 23.0),
        ("npv(100%, {i-a}, 8)", 1.0 + 0.75 + 1.0),
    ] {
        assert_eq!(single(formula), CellValue::Number(expected), "{formula}");
    }
}

#[test]
fn a_row_is_the_value_of_the_same_period_and_prev_that_of_the_one_before() {
    let document = over_periods(
        3,
        &[
            ("sales", Some("prev({i-sales}) * (1 + {i-growth})"), &[json!(100)]),
            ("growth", None, &[serde_json::Value::Null, json!(0.5), json!(-0.2)]),
        ],
    );
    let calculation = Calculation::new(&model(&document));
    let values = ["p0", "p1", "p2"].map(|period| calculation.value(&cell("i-sales", period)).clone());
    assert_eq!(values, [100.0, 150.0, 120.0].map(CellValue::Number));
}

#[test]
fn a_blank_makes_arithmetic_blank_and_is_passed_over_by_functions() {
    for formula in
        ["last({i-none}) + 1", "-last({i-none})", "if(last({i-none}), 1, 2)", "npv(10%, {i-none})", "max({i-none})"]
    {
        let document = with_single(over_periods(2, &[("none", None, &[])]), "result", Some(formula), None);
        assert_eq!(Calculation::new(&model(&document)).value(&cell("i-result", "")), &CellValue::Blank, "{formula}");
    }
    assert_eq!(single("sum({i-a})"), CellValue::Number(5.0));
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    for (formula, expected) in [
        ("1 +", "#SYNTAX expected a value, but the formula ends at character 4 in row result"),
        ("(1 + 2", "#SYNTAX expected \")\", but the formula ends at character 7 in row result"),
        ("2 x", "#SYNTAX expected an operator, but there is \"x\" at character 3 in row result"),
        ("1 $ 2", "#SYNTAX a formula can't hold \"$\" at character 3 in row result"),
        ("revnue * 2", "#NAME unknown row \"revnue\" at character 1 in row result"),
        ("1 + averge(2)", "#NAME there is no function \"averge\" at character 5 in row result"),
        ("{gone} + 1", "#REF the row that stood here was removed at character 1 in row result"),
        ("1 / ({i-x} - 4)", "#DIV/0 division by zero at character 1 in row result"),
        ("(-8) ^ 0.5", "#NUM the result is not a finite number at character 1 in row result"),
        ("10 ^ 308 * 10", "#NUM the result is not a finite number at character 1 in row result"),
        ("npv(-1, {i-a})", "#DIV/0 at a rate of -100 % there is no present value at character 1 in row result"),
        (
            "{i-a} * 2",
            "#VALUE many values stand where one is needed at character 1 in row result; take sum, average, first, last or index of them",
        ),
        (
            "prev({i-a})",
            "#VALUE other periods are counted from a period, and this row has one value at character 1 in row result; take first, last or index of the row",
        ),
        (
            "{i-x}[t-1]",
            "#VALUE x has one value and none of other periods at character 1 in row result; write its name alone",
        ),
        (
            "{i-a}[t-1.5]",
            "#SYNTAX expected a whole number of periods, at most 1000, but there is 1.5 at character 5 in row result",
        ),
        (
            "\"a\" + 1",
            "#VALUE a text stands where a number is needed at character 1 in row result; value(text) reads a number",
        ),
        ("1 & \"x", "#SYNTAX a formula can't hold \"\"\" at character 5 in row result"),
        ("switch(3, 1, 10, 2, 20)", "#N/A no case fits at character 1 in row result"),
        ("choose(0, 1)", "#VALUE there is no value of that number to choose at character 1 in row result"),
        (
            "t()",
            "#VALUE t needs a period, and this row has one value at character 1 in row result; it counts in a row over periods",
        ),
        ("if(1)", "#SYNTAX the arguments are if(condition, then, [otherwise]) at character 1 in row result"),
        ("prev(1 + 2)", "#SYNTAX prev takes the name of one row: prev(net_sales) at character 1 in row result"),
    ] {
        assert_eq!(error(formula), expected, "{formula}");
    }
}

#[test]
fn the_place_of_an_error_counts_in_the_formula_that_people_see() {
    // `{i-x}` is five characters stored, and the name `x` is one.
    let CellValue::Error(error) = single("{i-x} + {i-x} + oops") else { panic!("no error") };
    assert_eq!(error.span, Some(8..12));
    assert_eq!(error.code, CellErrorCode::Name);
}

#[test]
fn an_error_flows_on_and_keeps_its_origin_while_the_rest_goes_on() {
    let document = over_periods(
        2,
        &[
            ("bad", Some("1 / {i-zero}"), &[]),
            ("zero", None, &[json!(0), json!(1)]),
            ("next", Some("{i-bad} + 1"), &[]),
            ("fine", Some("{i-zero} + 1"), &[]),
        ],
    );
    let calculation = Calculation::new(&model(&document));
    let CellValue::Error(error) = calculation.value(&cell("i-next", "p0")) else { panic!("no error") };
    assert_eq!(error.origin, cell("i-bad", "p0"));
    assert_eq!(error.to_string(), "#DIV/0 division by zero at character 1 in row bad 2025E");
    assert_eq!(calculation.value(&cell("i-next", "p1")), &CellValue::Number(2.0));
    assert_eq!(calculation.value(&cell("i-fine", "p0")), &CellValue::Number(1.0));
}

#[test]
fn a_cycle_names_its_rows_and_spares_the_rest() {
    let document = over_periods(
        1,
        &[
            ("interest", Some("{i-debt} * 5%"), &[]),
            ("debt", Some("100 + {i-interest}"), &[]),
            ("own", Some("{i-own} + 1"), &[]),
            ("after", Some("{i-debt} + 1"), &[]),
            ("fine", Some("1 + 1"), &[]),
        ],
    );
    let calculation = Calculation::new(&model(&document));
    let message = |item: &str| match calculation.value(&cell(item, "p0")) {
        CellValue::Error(error) => error.to_string(),
        other => panic!("{item} is {other:?}"),
    };
    assert_eq!(message("i-debt"), "#CYCLE the value needs itself: debt 2025E → interest 2025E → debt 2025E");
    assert_eq!(message("i-own"), "#CYCLE the value needs itself: own 2025E → own 2025E");
    assert!(message("i-after").starts_with("#CYCLE"));
    assert_eq!(calculation.value(&cell("i-fine", "p0")), &CellValue::Number(2.0));
}

#[test]
fn a_reference_to_the_period_before_is_no_cycle() {
    let document = over_periods(
        3,
        &[
            ("balance", Some("prev({i-balance}) + {i-flow}"), &[json!(10)]),
            ("flow", Some("prev({i-balance}) * 10%"), &[]),
        ],
    );
    let calculation = Calculation::new(&model(&document));
    assert_eq!(calculation.value(&cell("i-balance", "p1")), &CellValue::Number(11.0));
}

#[test]
fn an_edit_recalculates_what_depends_on_it_and_nothing_else() {
    let rows = |input: f64| {
        model(&over_periods(
            3,
            &[
                ("a", None, &[json!(input), json!(2), json!(3)]),
                ("b", Some("{i-a} * 2"), &[]),
                ("c", Some("prev({i-b}) + 1"), &[]),
            ],
        ))
    };
    let mut calculation = Calculation::new(&rows(1.0));
    // a p0, b p0, c p1.
    assert_eq!(calculation.update(&rows(5.0)).cells, 3);
    assert_eq!(calculation.value(&cell("i-c", "p1")), &CellValue::Number(11.0));
    assert_eq!(calculation.update(&rows(5.0)).cells, 0);
}

#[test]
fn a_name_counts_for_the_row_that_comes_to_have_it() {
    let mut document = over_periods(1, &[("a", None, &[json!(3)]), ("b", Some("late + 1"), &[])]);
    let mut calculation = Calculation::new(&model(&document));
    assert!(matches!(calculation.value(&cell("i-b", "p0")), CellValue::Error(_)));
    *document.pointer_mut("/sections/0/items/0/name").unwrap() = json!("late");
    calculation.update(&model(&document));
    assert_eq!(calculation.value(&cell("i-b", "p0")), &CellValue::Number(4.0));
    *document.pointer_mut("/sections/0/items/1/name").unwrap() = json!("late");
    calculation.update(&model(&document));
    assert!(
        matches!(calculation.value(&cell("i-b", "p0")), CellValue::Error(error) if error.code == CellErrorCode::Name)
    );
}

#[test]
fn deep_and_long_formulas_are_refused_and_not_followed() {
    for formula in ["(".repeat(900), "-".repeat(900), format!("{}1{}", "(".repeat(100), ")".repeat(100))] {
        assert!(error(&formula).starts_with("#SYNTAX nested more than 64 deep"), "{formula}");
    }
    assert!(error(&vec!["1"; 1_500].join("+")).contains("at most 1000 names and operators"));
    for formula in [vec!["1"; 500].join("+"), format!("1{}", "%".repeat(999))] {
        assert!(error(&formula).starts_with("#SYNTAX more than 256 operators in a row"), "{formula}");
    }
    assert_eq!(single(&vec!["1"; 257].join("+")), CellValue::Number(257.0));
    assert!(matches!(single(&format!("1{}", "%".repeat(256))), CellValue::Number(_)));
}

#[test]
fn a_long_name_is_cut_in_errors() {
    let expected = format!("#NAME unknown row \"{}…\" at character 1 in row result", "n".repeat(40));
    assert_eq!(error(&"n".repeat(4_000)), expected);
}

#[test]
fn a_cell_that_is_not_there_is_blank() {
    let calculation = Calculation::new(&Model::read(&over_periods(1, &[])).unwrap());
    assert_eq!(calculation.value(&cell("i-a", "p0")), &CellValue::Blank);
    assert_eq!(PeriodId("p0".into()).to_string(), "p0");
}

#[test]
fn one_formula_is_calculated_without_a_model() {
    for (expression, expected) in
        [("1 + 1", 2.0), ("=NPV(100%, [2, 4])", 2.0), ("Sum([1, 2], 3)", 6.0), ("if(1 > 2, 1, max([3, 5, 4]))", 5.0)]
    {
        assert_eq!(calc(expression), Ok(Value::Number(expected)), "{expression}");
    }
    let error = |expression| calc(expression).unwrap_err().to_string();
    assert_eq!(error("1 / 0"), "#DIV/0 division by zero at character 1");
    assert_eq!(error("npv(10%)"), "#SYNTAX the arguments are npv(rate, a, b, …) at character 1");
    assert_eq!(error("npv([1, 2], 3)"), "#VALUE rate of npv takes one value, and this is a list at character 1");
}
