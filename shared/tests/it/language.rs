//! Texts, lists, other periods, choices and knots.

use coval_shared::model::{Calculation, CellValue, Convergence, Model, Value, calc};
use serde_json::{Value as Json, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{cell, model, over_periods, with_single};

/// The values of a row with this formula over four periods of which the last two lie ahead, beside the rows
/// `a` = 1, 2, 3, 4 and `b` = blank, 20, blank, 40 and the single `x` = 7.
fn over_four(formula: &str) -> Vec<CellValue> {
    let rows = [
        ("a", None, &[json!(1), json!(2), json!(3), json!(4)][..]),
        ("b", None, &[Json::Null, json!(20), Json::Null, json!(40)]),
        ("result", Some(formula), &[]),
    ];
    let mut document = with_single(over_periods(4, &rows), "x", None, Some(json!(7)));
    document["schema"] = json!(2);
    for (index, kind) in ["history", "history"].iter().enumerate() {
        document["periods"][index]["kind"] = json!(kind);
    }
    for (index, (start, end, length)) in
        [("2024-01-01", "2024-03-31", "quarter"), ("2024-04-01", "2025-03-31", "year")].iter().enumerate()
    {
        document["periods"][index]["start"] = json!(start);
        document["periods"][index]["end"] = json!(end);
        document["periods"][index]["length"] = json!(length);
    }
    let calculation = Calculation::new(&model(&document));
    (0..4).map(|period| calculation.value(&cell("i-result", &format!("p{period}"))).clone()).collect()
}

fn numbers(values: [Option<f64>; 4]) -> Vec<CellValue> {
    values.map(|value| value.map_or(CellValue::Blank, CellValue::Number)).to_vec()
}

#[test]
fn a_row_can_be_taken_at_other_periods() {
    for (formula, expected) in [
        ("prev({i-a})", [None, Some(1.0), Some(2.0), Some(3.0)]),
        ("prev({i-a}, 9)", [Some(9.0), Some(1.0), Some(2.0), Some(3.0)]),
        ("prev({i-b}, 9)", [Some(9.0), Some(9.0), Some(20.0), Some(9.0)]),
        ("{i-a}[t-2]", [None, None, Some(1.0), Some(2.0)]),
        ("{i-a}[ t + 1 ]", [Some(2.0), Some(3.0), Some(4.0), None]),
        ("{i-a}[t]", [Some(1.0), Some(2.0), Some(3.0), Some(4.0)]),
        ("sum({i-a}[t-1..t])", [Some(1.0), Some(3.0), Some(5.0), Some(7.0)]),
        ("sum({i-a}[..t])", [Some(1.0), Some(3.0), Some(6.0), Some(10.0)]),
        ("sum({i-a}[t..])", [Some(10.0), Some(9.0), Some(7.0), Some(4.0)]),
        ("sum({i-a}[..])", [Some(10.0); 4]),
        ("sum({i-a}[t+1..t+2])", [Some(5.0), Some(7.0), Some(4.0), Some(0.0)]),
        ("sum({i-a}[..t-2])", [Some(0.0), Some(0.0), Some(1.0), Some(3.0)]),
        ("sum({i-a}[t..t-1])", [Some(0.0); 4]),
        ("last({i-b}[..t])", [None, Some(20.0), Some(20.0), Some(40.0)]),
    ] {
        assert_eq!(over_four(formula), numbers(expected), "{formula}");
    }
}

#[test]
fn a_period_knows_its_number_its_kind_and_its_dates() {
    assert_eq!(over_four("t()"), numbers([1.0, 2.0, 3.0, 4.0].map(Some)));
    assert_eq!(over_four("Periods()"), numbers([4.0; 4].map(Some)));
    assert_eq!(over_four("is_forecast()"), numbers([0.0, 0.0, 1.0, 1.0].map(Some)));
    assert_eq!(over_four("period_years()"), numbers([0.25, 1.0, 1.0, 1.0].map(Some)));
    assert_eq!(over_four("period_start()")[..2], [CellValue::Number(45_292.0), CellValue::Number(45_383.0)]);
    assert_eq!(over_four("iferror(period_end(), -1)"), numbers([45_382.0, 45_747.0, -1.0, -1.0].map(Some)));
}

#[test]
fn a_blank_is_told_from_a_number() {
    assert_eq!(over_four("coalesce({i-b}, {i-x})"), numbers([7.0, 20.0, 7.0, 40.0].map(Some)));
    assert_eq!(over_four("isblank({i-b})"), numbers([1.0, 0.0, 1.0, 0.0].map(Some)));
    assert_eq!(over_four("{i-b} + 1"), numbers([None, Some(21.0), None, Some(41.0)]));
    assert_eq!(over_four("if({i-b} > 30, 1, 2)"), numbers([None, Some(2.0), None, Some(1.0)]));
}

#[test]
fn only_the_chosen_value_is_calculated() {
    for (formula, expected) in [
        ("if(1, 2)", 2.0),
        ("if(0, 2)", 0.0),
        ("ifs(0, 1 / 0, 1, 5)", 5.0),
        ("switch(2, 1, 1 / 0, 2, 20, 1 / 0)", 20.0),
        ("switch(\"B\", \"a\", 1, \"b\", 2)", 2.0),
        ("switch(9, 1, 10, 99)", 99.0),
        ("choose(2, 1 / 0, 8)", 8.0),
        ("iferror(1 / 0, 3)", 3.0),
        ("iferror(4, 1 / 0)", 4.0),
        ("ifna(switch(1, 2, 3), 5)", 5.0),
        ("coalesce(6, 1 / 0)", 6.0),
        ("and(1 > 2, 1 / 0)", 0.0),
        ("or(2 > 1, 1 / 0)", 1.0),
        ("and([1, 1, 0])", 0.0),
        ("xor(1, 1, 1)", 1.0),
        ("not(0)", 1.0),
        ("iserror(1 / 0) + iserror(1)", 1.0),
        ("sum(if(1, [1, 2, 3], 4))", 6.0),
        ("isnumber(\"1\") + istext(\"1\")", 1.0),
    ] {
        assert_eq!(calc(formula), Ok(Value::Number(expected)), "{formula}");
    }
    assert!(calc("ifna(1 / 0, 2)").is_err());
}

#[test]
fn texts_are_joined_and_compared_without_regard_to_case() {
    for (formula, expected) in [
        ("\"FY\" & 2025 + 1", "FY2026"),
        ("\"a \"\"b\"\"\" & \"\"", "a \"b\""),
        ("if(1, \"yes\", \"no\")", "yes"),
        ("\"0.1 + 0.2 = \" & 0.1 + 0.2", "0.1 + 0.2 = 0.3"),
    ] {
        assert_eq!(calc(formula), Ok(Value::Text(expected.into())), "{formula}");
    }
    for (formula, expected) in
        [("\"Apple\" = \"aPPLE\"", 1.0), ("\"a\" < \"b\"", 1.0), ("1 < \"0\"", 1.0), ("true = 1", 1.0)]
    {
        assert_eq!(calc(formula), Ok(Value::Number(expected)), "{formula}");
    }
    assert_eq!(over_four("\"t\" & {i-b}")[0], CellValue::Text("t".into()));
}

#[test]
fn rounding_is_that_of_people_and_of_excel() {
    for (formula, expected) in [
        ("round(1.005, 2)", 1.01),
        ("round(-2.5)", -3.0),
        ("round(1234.5, -2)", 1200.0),
        ("roundup(3.2, 0)", 4.0),
        ("roundup(-3.14159, 1)", -3.2),
        ("rounddown(-31415.92654, -2)", -31400.0),
        ("round(0.285, 2)", 0.29),
        ("roundup(1.1 * 1.1, 2)", 1.21),
        ("int(-8.9)", -9.0),
        ("trunc(-8.9)", -8.0),
        ("mod(-3, 2)", 1.0),
        ("mod(3, -2)", -1.0),
        ("quotient(-10, 3)", -3.0),
        ("mround(10, 3)", 9.0),
        ("mround(6.05, 0.1)", 6.1),
        ("floor(3.7, 2)", 2.0),
        ("floor(-2.5, 2)", -4.0),
        ("floor(-2.5, -2)", -2.0),
        ("floor(0.234, 0.01)", 0.23),
        ("ceiling(2.5, 1)", 3.0),
        ("ceiling(-2.5, 2)", -2.0),
        ("log(8, 2)", 3.0),
        ("log(100)", 2.0),
        ("sign(-3) + abs(-3)", 2.0),
        ("product(2, [3, 4])", 24.0),
        ("sumsq(3, 4)", 25.0),
    ] {
        let Ok(Value::Number(number)) = calc(formula) else { panic!("{formula}: {:?}", calc(formula)) };
        assert!((number - expected).abs() <= 1e-12 * expected.abs(), "{formula} is {number}");
    }
    for formula in ["sqrt(-1)", "ln(0)", "floor(2.5, -2)", "mround(1, -1)"] {
        assert!(calc(formula).unwrap_err().to_string().starts_with("#NUM"), "{formula}");
    }
    assert!(calc("mod(1, 0)").unwrap_err().to_string().starts_with("#DIV/0"));
}

#[test]
fn texts_are_cut_and_searched_by_characters() {
    for (formula, expected) in [
        ("left(\"Größe\", 3)", "Grö"),
        ("right(\"Größe\", 2)", "ße"),
        ("mid(\"Größe\", 3, 2)", "öß"),
        ("upper(\"ebit\") & lower(\"DA\")", "EBITda"),
        ("trim(\"  a   b \")", "a b"),
        ("concat(\"FY\", [2025, 2026])", "FY20252026"),
        ("text(0.0775, \"0.0%\")", "7.8%"),
        ("substitute(\"a-b-c\", \"-\", \"+\")", "a+b+c"),
    ] {
        assert_eq!(calc(formula), Ok(Value::Text(expected.into())), "{formula}");
    }
    for (formula, expected) in [
        ("len(\"Größe\")", 5.0),
        ("find(\"ß\", \"Größe\")", 4.0),
        ("exact(\"a\", \"A\")", 0.0),
        ("value(\"7.5%\")", 0.075),
        ("value(\"2025-09-27\")", 45_927.0),
    ] {
        assert_eq!(calc(formula), Ok(Value::Number(expected)), "{formula}");
    }
    let doubled = (0..12).fold("\"0123456789\"".to_owned(), |text, _| format!("substitute({text}, \"0\", \"00\")"));
    assert!(calc(&doubled).unwrap_err().to_string().starts_with("#VALUE the text would be too long"));
}

/// Interest on the average of a loan's balances, where the interest is paid by borrowing more.
fn circular(max_rounds: u32, rate: f64) -> Json {
    let mut document = over_periods(
        2,
        &[
            ("interest", Some("average_balance * rate"), &[]),
            ("debt", Some("prev({i-debt}, 100) + {i-interest}"), &[]),
            ("average_balance", Some("(prev({i-debt}, 100) + {i-debt}) / 2"), &[]),
            ("margin", Some("{i-debt} / {i-interest}"), &[]),
        ],
    );
    document = with_single(document, "rate", None, Some(json!(rate)));
    document["schema"] = json!(2);
    document["iteration"] = json!({"max_rounds": max_rounds, "tolerance": 1e-12});
    document
}

#[test]
fn cells_that_need_each_other_are_brought_into_agreement() {
    let calculation = Calculation::new(&model(&circular(100, 0.1)));
    let number = |row: &str, period: &str| match calculation.value(&cell(row, period)) {
        CellValue::Number(number) => *number,
        other => panic!("{row} {period} is {other:?}"),
    };
    // interest = rate × (100 + 100 + interest) / 2, so interest = 10 / 0.95.
    assert!((number("i-interest", "p0") - 10.0 / 0.95).abs() < 1e-9);
    let debt = 100.0 + 10.0 / 0.95;
    assert!((number("i-interest", "p1") - debt * 0.1 / 0.95).abs() < 1e-9);
    // Two knots, one in each period, told with what they came to.
    let [first, second] = calculation.convergence() else { panic!("{:?}", calculation.convergence()) };
    for Convergence { cells, rounds, change, has_settled } in [first, second] {
        assert_eq!(cells.len(), 3);
        assert!((5..30).contains(rounds) && *has_settled && *change <= 1e-12, "{rounds} {change}");
    }
}

#[test]
fn cells_that_never_agree_say_so() {
    let calculation = Calculation::new(&model(&circular(50, 2.5)));
    let CellValue::Error(error) = calculation.value(&cell("i-debt", "p0")) else { panic!("no error") };
    assert!(error.to_string().starts_with("#CYCLE debt 2025E did not settle in 50 rounds; "), "{error}");
    assert!(calculation.convergence().iter().any(|knot| !knot.has_settled && knot.rounds == 50));
    assert!(matches!(calculation.value(&cell("i-rate", "")), CellValue::Number(_)));
}

#[test]
fn an_error_of_the_first_rounds_does_not_stay_in_a_knot() {
    let mut document = over_periods(
        1,
        &[
            ("share", Some("1 / {i-total}"), &[]),
            ("total", Some("{i-share} * 0.5 + 2"), &[]),
            ("odd", Some("iferror(1 / {i-zero}, 5) + {i-odd} * 0"), &[]),
            ("zero", Some("{i-odd} * 0"), &[]),
        ],
    );
    document["schema"] = json!(2);
    document["iteration"] = json!({"max_rounds": 100, "tolerance": 1e-12});
    let calculation = Calculation::new(&model(&document));
    // share = 1 / (share / 2 + 2), so share² / 2 + 2 × share − 1 = 0.
    let CellValue::Number(share) = calculation.value(&cell("i-share", "p0")) else { panic!("no number") };
    assert!((share - (6.0_f64.sqrt() - 2.0)).abs() < 1e-9, "{share}");
    assert_eq!(calculation.value(&cell("i-odd", "p0")), &CellValue::Number(5.0));
}

#[test]
fn a_what_if_recalculates_what_depends_on_it_and_is_taken_back() {
    let model = model(&over_periods(
        3,
        &[
            ("a", None, &[json!(1), json!(2), json!(3)]),
            ("b", Some("{i-a} * 2"), &[]),
            ("c", Some("prev({i-b}) + 1"), &[]),
        ],
    ));
    let mut calculation = Calculation::new(&model);
    assert_eq!(calculation.set(&cell("i-a", "p0"), Some(5.0)).cells, 3);
    assert_eq!(calculation.value(&cell("i-c", "p1")), &CellValue::Number(11.0));
    assert_eq!(calculation.set(&cell("i-a", "p0"), Some(5.0)).cells, 0);
    assert_eq!(calculation.set(&cell("i-b", "p1"), Some(0.5)).cells, 2);
    assert_eq!(calculation.value(&cell("i-c", "p2")), &CellValue::Number(1.5));
    assert_eq!(calculation.set(&cell("i-a", "p0"), None).cells, 3);
    assert_eq!(calculation.set(&cell("i-b", "p1"), None).cells, 2);
    assert_eq!(calculation.value(&cell("i-c", "p2")), &CellValue::Number(5.0));
    assert_eq!(calculation.set(&cell("i-a", "p0"), Some(f64::NAN)).cells, 0);
    assert_eq!(calculation.set(&cell("i-gone", ""), Some(1.0)).cells, 0);
}

#[test]
fn the_cells_that_a_cell_needs_and_those_that_need_it_can_be_traced() {
    let rows =
        over_periods(2, &[("a", None, &[json!(1), json!(2)]), ("b", Some("prev({i-a}) + {i-x} + prev({i-a})"), &[])]);
    let calculation = Calculation::new(&model(&with_single(rows, "x", None, Some(json!(1)))));
    assert_eq!(calculation.precedents(&cell("i-b", "p1")), [cell("i-a", "p0"), cell("i-x", "")]);
    assert_eq!(calculation.precedents(&cell("i-b", "p0")), [cell("i-x", "")]);
    assert_eq!(calculation.dependents(&cell("i-x", "")), [cell("i-b", "p0"), cell("i-b", "p1")]);
    assert_eq!(calculation.dependents(&cell("i-a", "p1")), []);
}

#[test]
fn a_text_that_grows_from_period_to_period_is_stopped() {
    let document = over_periods(20, &[("a", Some("prev({i-a}, \"xy\") & prev({i-a}, \"xy\")"), &[])]);
    let calculation = Calculation::new(&model(&document));
    assert!(matches!(calculation.value(&cell("i-a", "p8")), CellValue::Text(text) if text.len() == 1_024));
    assert!(matches!(calculation.value(&cell("i-a", "p9")), CellValue::Error(_)));
}

#[test]
fn more_ranges_than_a_machine_can_follow_are_refused() {
    let many = vec!["{i-a}[..]"; 400].join("+");
    let rows = [("a", None, &[][..]), ("b", Some(many.as_str()), &[])];
    assert!(Model::read(&over_periods(100, &rows)).is_ok());
    let error = Model::read(&over_periods(500, &rows)).unwrap_err();
    assert!(error.to_string().contains("at most 20000000 bytes"), "{error}");
}
