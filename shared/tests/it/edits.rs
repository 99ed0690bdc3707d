//! What people do to a model, alone and at once.

use coval_shared::model::edit::{self, CellKind};
use coval_shared::model::{Calculation, CellRef, CellValue, ItemId, ScenarioId};
use ot_core::json::JsonOp;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::{applied, cell, merged, model, over_periods, with_single};

fn sample() -> Value {
    let rows = over_periods(
        2,
        &[
            ("sales", Some("prev({i-sales}) * (1 + {i-growth})"), &[json!(100)]),
            ("growth", None, &[Value::Null, json!(0.05)]),
        ],
    );
    with_single(rows, "tax", None, Some(json!(0.21)))
}

fn entered(document: &Value, cell: &CellRef, input: &str) -> Value {
    applied(document, &edit::enter(document, cell, input).unwrap())
}

fn text(document: &Value, cell: &CellRef) -> String {
    edit::entry_text(&model(document), cell)
}

#[test]
fn a_number_a_formula_and_nothing_can_be_entered() {
    let cell = cell("i-growth", "p0");
    let document = entered(&sample(), &cell, "7.5%");
    assert_eq!(document.pointer("/sections/0/items/1/values/p0"), Some(&json!(0.075)));
    let document = entered(&document, &cell, "= tax / 2");
    assert_eq!(document.pointer("/sections/0/items/1/values/p0"), Some(&json!("={i-tax} / 2")));
    assert_eq!(text(&document, &cell), "=tax / 2");
    let document = entered(&document, &cell, "  ");
    assert_eq!(document, sample());
}

#[test]
fn what_is_neither_number_nor_formula_is_taken_for_a_formula() {
    let document = entered(&sample(), &cell("i-growth", "p0"), "abc");
    let calculation = Calculation::new(&model(&document));
    let CellValue::Error(error) = calculation.value(&cell("i-growth", "p0")) else { panic!("no error") };
    assert_eq!(error.to_string(), "#NAME unknown row \"abc\" at character 1 in row growth 2025E");
}

#[test]
fn an_override_goes_away_when_the_cell_is_cleared() {
    let sales = cell("i-sales", "p1");
    assert_eq!(edit::cell_kind(&model(&sample()), &sales), CellKind::RowFormula);
    let document = entered(&sample(), &sales, "123");
    assert_eq!(edit::cell_kind(&model(&document), &sales), CellKind::Override);
    let document = entered(&document, &sales, "");
    assert_eq!(text(&document, &sales), "=prev(sales) * (1 + growth)");
}

#[test]
fn entering_what_is_shown_changes_nothing() {
    let document = entered(&sample(), &cell("i-growth", "p0"), "=sales * 2 + unknown");
    for cell in model(&document).cells() {
        let op = edit::enter(&document, &cell, &text(&document, &cell)).unwrap();
        assert_eq!(op, JsonOp::noop(), "{cell:?}");
    }
}

#[test]
fn the_formula_of_a_row_can_be_set_changed_and_taken_away() {
    let growth = ItemId("i-growth".into());
    let set = |document: &Value, input| applied(document, &edit::set_row_formula(document, &growth, input).unwrap());
    let document = set(&sample(), "= tax / 2");
    assert_eq!(document.pointer("/sections/0/items/1/formula"), Some(&json!("{i-tax} / 2")));
    assert_eq!(text(&document, &cell("i-growth", "p0")), "=tax / 2");
    assert_eq!(text(&document, &cell("i-growth", "p1")), "0.05");
    assert_eq!(edit::set_row_formula(&document, &growth, "tax / 2").unwrap(), JsonOp::noop());
    assert_eq!(set(&document, "3%").pointer("/sections/0/items/1/formula"), Some(&json!("3%")));
    assert_eq!(set(&document, " = "), sample());
    assert!(edit::set_row_formula(&document, &ItemId("i-gone".into()), "1").is_err());
}

#[test]
fn a_row_with_a_long_label_gets_a_name_that_a_model_can_hold() {
    let insert =
        edit::insert_item_after(&sample(), &ItemId("i-tax".into()), ItemId("i-new".into()), &"long ".repeat(50));
    let model = model(&applied(&sample(), &insert.unwrap()));
    assert!(model.item(&ItemId("i-new".into())).unwrap().name.starts_with("long_long_"));
}

#[test]
fn renaming_a_row_leaves_every_formula_alone() {
    let mut document = sample();
    *document.pointer_mut("/sections/0/items/1/name").unwrap() = json!("rate");
    assert_eq!(text(&document, &cell("i-sales", "p1")), "=prev(sales) * (1 + rate)");
    let calculation = Calculation::new(&model(&document));
    assert_eq!(calculation.value(&cell("i-sales", "p1")), &CellValue::Number(105.0));
}

#[test]
fn a_cell_that_is_not_there_refuses() {
    for cell in [cell("i-gone", "p0"), cell("i-sales", "p9"), cell("i-sales", ""), cell("i-tax", "p0")] {
        assert!(edit::enter(&sample(), &cell, "1").is_err());
    }
    assert!(edit::enter(&json!({}), &cell("i-sales", "p0"), "1").is_err());
}

#[test]
fn two_people_in_one_cell_end_with_the_later_value() {
    let cell = cell("i-growth", "p1");
    let ours = edit::enter(&sample(), &cell, "1").unwrap();
    let theirs = edit::enter(&sample(), &cell, "2").unwrap();
    assert_eq!(text(&merged(&sample(), &ours, &theirs), &cell), "1");
}

#[test]
fn an_edit_finds_its_row_when_another_row_comes_in_above() {
    let insert =
        edit::insert_item_after(&sample(), &ItemId("i-sales".into()), ItemId("i-new".into()), "Other income").unwrap();
    let enter = edit::enter(&sample(), &cell("i-growth", "p1"), "0.5").unwrap();
    let document = merged(&sample(), &insert, &enter);
    assert_eq!(text(&document, &cell("i-growth", "p1")), "0.5");
    let model = model(&document);
    let names: Vec<_> = model.items().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["sales", "other_income", "growth", "tax"]);
}

#[test]
fn an_edit_of_a_row_that_another_removes_goes_with_it() {
    let remove = edit::remove_item(&sample(), &ItemId("i-growth".into())).unwrap();
    let enter = edit::enter(&sample(), &cell("i-growth", "p1"), "0.5").unwrap();
    let document = merged(&sample(), &remove, &enter);
    let calculation = Calculation::new(&model(&document));
    let CellValue::Error(error) = calculation.value(&cell("i-sales", "p1")) else { panic!("no error") };
    assert_eq!(error.to_string(), "#REF the row that stood here was removed at character 20 in row sales 2026E");
}

#[test]
fn two_people_in_one_label_both_keep_their_letters() {
    let item = ItemId("i-sales".into());
    let ours = edit::set_label(&sample(), &item, "net sales").unwrap();
    let theirs = edit::set_label(&sample(), &item, "sales (USD)").unwrap();
    let document = merged(&sample(), &ours, &theirs);
    assert_eq!(document.pointer("/sections/0/items/0/label"), Some(&json!("net sales (USD)")));
}

#[test]
fn two_new_rows_get_names_of_their_own() {
    let after = ItemId("i-sales".into());
    let once = applied(&sample(), &edit::insert_item_after(&sample(), &after, ItemId("i-1".into()), "Tax").unwrap());
    let twice = applied(&once, &edit::insert_item_after(&once, &after, ItemId("i-2".into()), "2024!").unwrap());
    let model = model(&twice);
    let names: Vec<_> = model.items().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["sales", "row_2024", "tax_2", "growth", "tax"]);
}

#[test]
fn first_entries_of_two_people_in_a_new_row_both_stay() {
    let insert = edit::insert_item_after(&sample(), &ItemId("i-sales".into()), ItemId("i-new".into()), "New").unwrap();
    let document = applied(&sample(), &insert);
    let ours = edit::enter(&document, &cell("i-new", "p0"), "1").unwrap();
    let theirs = edit::enter(&document, &cell("i-new", "p1"), "2").unwrap();
    let document = merged(&document, &ours, &theirs);
    assert_eq!(text(&document, &cell("i-new", "p0")), "1");
    assert_eq!(text(&document, &cell("i-new", "p1")), "2");
}

#[test]
fn many_entries_are_one_op_that_leaves_what_each_alone_would() {
    let mut document = sample();
    document["sections"][0]["items"][1].as_object_mut().unwrap().remove("values");
    let inputs: Vec<_> =
        [("i-growth", "p0", "1%"), ("i-sales", "p0", "7"), ("i-growth", "p1", "=tax"), ("i-sales", "p1", "")]
            .into_iter()
            .map(|(item, period, input)| (cell(item, period), input.to_owned()))
            .collect();
    let one = edit::enter_many(&document, &model(&document), &inputs).unwrap();
    let after = applied(&document, &one);
    let mut step_by_step = document.clone();
    for (cell, input) in &inputs {
        step_by_step = entered(&step_by_step, cell, input);
    }
    assert_eq!(after, step_by_step);
    assert_eq!(after.pointer("/sections/0/items/1/values"), Some(&json!({"p0": 0.01, "p1": "={i-tax}"})));
}

#[test]
fn many_entries_of_a_scenario_are_one_op_too() {
    let mut document = sample();
    document["schema"] = json!(2);
    document["scenarios"] = json!([{"id": "s", "name": "low", "label": "Low"}]);
    let inputs = [(cell("i-growth", "p0"), "1%".to_owned()), (cell("i-sales", "p0"), "100".to_owned())];
    let op = edit::enter_many_in_scenario(&document, &ScenarioId("s".into()), &inputs).unwrap();
    let after = applied(&document, &op);
    // What stands there already is no entry of the scenario.
    assert_eq!(after.pointer("/scenarios/0/entries"), Some(&json!({"i-growth@p0": 0.01})));
}
