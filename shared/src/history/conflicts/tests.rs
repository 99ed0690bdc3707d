use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, Side};
use serde_json::json;

use super::*;

fn model() -> Value {
    let row = |id: &str| {
        json!({"id": id, "name": id, "label": format!("Row {id}"), "format": "number", "span": "period",
               "values": {"p1": 1, "p2": 2}})
    };
    json!({
        "schema": 2,
        "currency": "USD",
        "periods": [
            {"id": "p1", "label": "2024A", "kind": "history"},
            {"id": "p2", "label": "2025E", "kind": "forecast"},
        ],
        "sections": [
            {"id": "s", "label": "Income", "items": [row("a"), row("b"), row("c")]},
            {"id": "t", "label": "Cash", "items": [row("d")]},
        ],
        "outputs": ["a"],
    })
}

struct Met {
    ours: Value,
    theirs: Value,
    merged: Value,
    conflicts: Vec<MergeConflict>,
}

/// What comes of two edits of the model, the first one on the branch.
fn met(ours: impl Fn(&mut Value), theirs: impl Fn(&mut Value)) -> Met {
    let base = model();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut document = base.clone();
        edit(&mut document);
        (Json::diff(&base, &document).unwrap(), document)
    };
    let ((our_op, ours), (their_op, theirs)) = (edited(&ours), edited(&theirs));
    let mut merged = theirs.clone();
    Json::apply(&mut merged, &Json::transform(&our_op, &their_op, Side::Left)).unwrap();
    let (conflicts, is_complete) = model_conflicts(&base, &ours, &theirs, &merged);
    assert!(is_complete);
    Met { ours, theirs, merged, conflicts }
}

impl Met {
    fn paths(&self) -> Vec<&str> {
        self.conflicts.iter().map(|conflict| conflict.path.as_str()).collect()
    }

    fn chosen(&self, choice: Choice) -> Value {
        let choices = self.conflicts.iter().map(|conflict| (conflict.path.clone(), choice)).collect();
        let chosen = with_choices(&self.merged, &self.ours, &self.theirs, &choices);
        let fix: JsonOp = Json::diff(&self.merged, &chosen).unwrap();
        let mut fixed = self.merged.clone();
        Json::apply(&mut fixed, &fix).unwrap();
        assert_eq!(fixed, chosen);
        chosen
    }
}

fn cell<'a>(document: &'a mut Value, row: &str, period: &str) -> &'a mut Value {
    let sections = document["sections"].as_array_mut().unwrap();
    let item = sections
        .iter_mut()
        .flat_map(|section| section["items"].as_array_mut().unwrap())
        .find(|item| item["id"] == row)
        .unwrap();
    &mut item["values"][period]
}

#[test]
fn one_cell_with_two_values_is_a_conflict_and_the_branch_has_it_by_default() {
    let met = met(|ours| *cell(ours, "b", "p2") = json!(3), |theirs| *cell(theirs, "b", "p2") = json!("={a}*2"));
    assert_eq!(met.paths(), ["items/b/values/p2"]);
    let told = &met.conflicts[0];
    assert_eq!((told.label.as_str(), told.period.as_deref(), told.field.as_str()), ("Row b", Some("2025E"), "value"));
    assert_eq!(
        (told.base.as_deref(), told.ours.as_deref(), told.theirs.as_deref(), told.merged.as_deref()),
        (Some("2"), Some("3"), Some("=a*2"), Some("3"))
    );
    assert_eq!(told.default, Some(Choice::Ours));
    assert_eq!(met.chosen(Choice::Ours), met.ours);
    assert_eq!(met.chosen(Choice::Theirs), met.theirs);
}

#[test]
fn edits_of_different_things_and_equal_edits_are_no_conflict() {
    let different = met(|ours| *cell(ours, "a", "p1") = json!(3), |theirs| *cell(theirs, "a", "p2") = json!(4));
    assert!(different.conflicts.is_empty());
    let equal = met(|ours| *cell(ours, "a", "p1") = json!(3), |theirs| *cell(theirs, "a", "p1") = json!(3));
    assert!(equal.conflicts.is_empty());
}

#[test]
fn a_row_that_one_removes_and_the_other_edits_can_be_kept() {
    let remove = |document: &mut Value| {
        document["sections"][0]["items"].as_array_mut().unwrap().remove(1);
    };
    let edit = |document: &mut Value| *cell(document, "b", "p1") = json!(9);
    let removed_here = met(remove, edit);
    assert_eq!(removed_here.paths(), ["items/b"]);
    let told = &removed_here.conflicts[0];
    assert_eq!((told.ours.as_deref(), told.theirs.as_deref()), (None, Some("Row b")));
    assert_eq!((told.label.as_str(), told.default), ("Row b", Some(Choice::Ours)));
    assert_eq!(removed_here.chosen(Choice::Theirs), removed_here.theirs);
    assert_eq!(removed_here.chosen(Choice::Ours), removed_here.ours);
    let removed_there = met(edit, remove);
    assert_eq!(removed_there.paths(), ["items/b"]);
    assert_eq!(removed_there.conflicts[0].default, Some(Choice::Theirs));
    assert_eq!(removed_there.chosen(Choice::Ours), removed_there.ours);
}

#[test]
fn a_row_that_comes_into_a_section_that_goes_can_be_kept() {
    let remove = |document: &mut Value| {
        document["sections"].as_array_mut().unwrap().remove(1);
    };
    let add = |document: &mut Value| {
        let mut row = document["sections"][1]["items"][0].clone();
        row["id"] = json!("new");
        row["name"] = json!("new");
        document["sections"][1]["items"].as_array_mut().unwrap().push(row);
    };
    let met = met(remove, add);
    assert_eq!(met.paths(), ["items/new"]);
    let chosen = met.chosen(Choice::Theirs);
    assert_eq!(chosen["sections"][1]["label"], "Cash");
    assert_eq!(chosen["sections"][1]["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_section_that_one_removes_and_the_other_renames_comes_back_with_its_rows() {
    let met = met(
        |ours| {
            ours["sections"].as_array_mut().unwrap().remove(0);
        },
        |theirs| theirs["sections"][0]["label"] = json!("Profit and loss"),
    );
    assert_eq!(met.paths(), ["sections/s"]);
    assert_eq!(met.chosen(Choice::Theirs), met.theirs);
    assert_eq!(met.chosen(Choice::Ours), met.ours);
}

#[test]
fn a_label_that_both_edit_is_of_both_by_default() {
    let met = met(
        |ours| ours["periods"][0]["label"] = json!("FY 2024A"),
        |theirs| theirs["periods"][0]["label"] = json!("2024A restated"),
    );
    assert_eq!(met.paths(), ["periods/p1/label"]);
    assert_eq!(met.conflicts[0].default, None);
    assert_eq!(met.chosen(Choice::Ours), met.ours);
    assert_eq!(met.chosen(Choice::Theirs), met.theirs);
}

#[test]
fn notes_and_settings_conflict_by_their_keys() {
    let met = met(
        |ours| {
            ours["notes"] = json!({"a@p1": "mine", "b@p1": "only mine"});
            ours["currency"] = json!("EUR");
        },
        |theirs| {
            theirs["notes"] = json!({"a@p1": "theirs"});
            theirs["currency"] = json!("CHF");
        },
    );
    assert_eq!(met.paths(), ["currency", "notes/a@p1"]);
    assert_eq!(met.conflicts[1].label, "Row a");
    let chosen = met.chosen(Choice::Theirs);
    assert_eq!((&chosen["currency"], &chosen["notes"]["a@p1"]), (&json!("CHF"), &json!("theirs")));
}
