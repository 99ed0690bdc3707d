use serde_json::json;

use super::*;
use crate::json::{Json, JsonOp};
use crate::path;
use crate::text::{Text, TextOp};

/// A document with the undo manager of its user.
struct Desk<T: OtType> {
    document: T::Snapshot,
    undo: UndoManager<T>,
    now: u64,
}

impl<T: OtType> Desk<T> {
    fn new(document: T::Snapshot) -> Self {
        Self { document, undo: UndoManager::default(), now: 0 }
    }

    /// An edit long after the last one.
    fn edit(&mut self, op: T::Op) {
        self.now += 10_000;
        self.edit_at(op, Vec::new());
    }

    fn edit_at(&mut self, op: T::Op, cursors: Vec<T::Cursor>) {
        self.undo.edited(&op, &self.document, cursors, self.now).unwrap();
        T::apply(&mut self.document, &op).unwrap();
    }

    fn remote(&mut self, op: T::Op) {
        self.undo.remote(&op);
        T::apply(&mut self.document, &op).unwrap();
    }

    fn undo(&mut self) -> Option<Vec<T::Cursor>> {
        let undone = self.undo.undo(&self.document, Vec::new()).unwrap()?;
        T::apply(&mut self.document, &undone.op).unwrap();
        Some(undone.cursors)
    }

    fn redo(&mut self) -> bool {
        let Some(redone) = self.undo.redo(&self.document, Vec::new()).unwrap() else { return false };
        T::apply(&mut self.document, &redone.op).unwrap();
        true
    }
}

fn text(document: &str) -> Desk<Text> {
    Desk::new(document.into())
}

fn inserted(at: usize, text: &str) -> TextOp {
    TextOp::new().retain(at).insert(text)
}

fn deleted(at: usize, count: usize) -> TextOp {
    TextOp::new().retain(at).delete(count)
}

#[test]
fn groups_are_undone_newest_first_and_redone_in_reverse() {
    let mut desk = text("-");
    desk.edit(inserted(0, "a"));
    desk.edit(inserted(1, "b"));
    desk.edit(deleted(2, 1));
    let mut seen = Vec::new();
    while desk.undo().is_some() {
        seen.push(desk.document.to_string());
    }
    assert_eq!(seen, ["ab-", "a-", "-"]);
    assert!(!desk.undo.can_undo());
    seen.clear();
    while desk.redo() {
        seen.push(desk.document.to_string());
    }
    assert_eq!(seen, ["a-", "ab-", "ab"]);
    assert_eq!(desk.undo.depth(), (3, 0));
}

#[test]
fn only_ones_own_work_is_undone() {
    let mut desk = text("report");
    desk.edit(inserted(6, " draft"));
    desk.remote(inserted(0, "the "));
    desk.edit(inserted(0, "> "));
    desk.remote(inserted(17, "!"));
    assert_eq!(desk.document.to_string(), "> the report draf!t");
    desk.undo();
    desk.undo();
    assert_eq!(desk.document.to_string(), "the report!");
    desk.redo();
    desk.redo();
    assert_eq!(desk.document.to_string(), "> the report draf!t");
}

#[test]
fn what_others_have_removed_is_passed_over() {
    let mut desk = text("");
    desk.edit(inserted(0, "old "));
    desk.edit(inserted(4, "new"));
    desk.remote(deleted(4, 3));
    desk.undo();
    assert_eq!(desk.document.to_string(), "");
    assert!(desk.undo().is_none());
}

#[test]
fn edits_soon_after_one_another_are_one_group() {
    let mut desk = text("");
    for (time, at) in [(0, 0), (900, 1), (1_800, 2), (2_801, 3)] {
        desk.now = time;
        desk.edit_at(inserted(at, "x"), vec![at]);
    }
    assert_eq!(desk.undo(), Some(vec![3]));
    assert_eq!(desk.document.to_string(), "xxx");
    assert_eq!(desk.undo(), Some(vec![0]));
    assert_eq!(desk.document.to_string(), "");
}

#[test]
fn a_group_does_not_grow_for_ever() {
    let mut desk = text("");
    for at in 0..40 {
        desk.now = u64::try_from(at).unwrap() * 500;
        desk.edit_at(inserted(at, "x"), Vec::new());
    }
    assert_eq!(desk.undo.depth(), (2, 0));
}

#[test]
fn a_transaction_is_one_group_of_its_own() {
    let mut desk = text("");
    desk.edit_at(inserted(0, "a"), Vec::new());
    desk.undo.begin();
    desk.edit_at(inserted(1, "b"), Vec::new());
    desk.undo.begin();
    desk.edit(inserted(2, "c"));
    desk.undo.end();
    desk.edit(inserted(3, "d"));
    desk.undo.end();
    desk.edit_at(inserted(4, "e"), Vec::new());
    let mut seen = Vec::new();
    while desk.undo().is_some() {
        seen.push(desk.document.to_string());
    }
    assert_eq!(seen, ["abcd", "a", ""]);
}

#[test]
fn a_group_goes_on_across_what_others_do() {
    let mut desk = text("");
    desk.edit_at(inserted(0, "ac"), vec![0]);
    desk.remote(inserted(0, "<"));
    desk.edit_at(inserted(2, "b"), vec![2]);
    desk.remote(inserted(4, ">"));
    desk.edit_at(inserted(4, "d"), vec![4]);
    assert_eq!(desk.document.to_string(), "<abcd>");
    assert_eq!(desk.undo(), Some(vec![0]));
    assert_eq!(desk.document.to_string(), "<>");
    desk.redo();
    assert_eq!(desk.document.to_string(), "<abcd>");
}

#[test]
fn cursors_come_back_moved_by_what_others_did() {
    let mut desk = text("one two");
    desk.edit_at(deleted(4, 3), vec![7, 4]);
    desk.remote(inserted(0, "zero "));
    assert_eq!(desk.undo(), Some(vec![12, 9]));
}

#[test]
fn a_new_edit_forgets_what_could_be_redone() {
    let mut desk = text("");
    desk.edit(inserted(0, "a"));
    desk.undo();
    assert!(desk.undo.can_redo());
    desk.edit(inserted(0, "b"));
    assert!(!desk.undo.can_redo());
}

#[test]
fn an_edit_that_does_not_fit_is_not_taken_in() {
    let mut desk = text("abc");
    desk.edit(inserted(0, "x"));
    desk.undo();
    desk.undo.edited(&deleted(2, 9), &desk.document, Vec::new(), 0).unwrap_err();
    assert_eq!(desk.undo.depth(), (0, 1));
}

#[test]
fn the_oldest_groups_are_forgotten_and_the_others_stay_exact() {
    let mut desk = text("");
    desk.undo = UndoManager::new(UndoLimits { groups: 3, ..UndoLimits::default() });
    for letter in ["a", "b", "c", "d", "e"] {
        desk.edit(inserted(0, letter));
        desk.remote(inserted(0, &letter.to_uppercase()));
    }
    assert_eq!(desk.undo.depth(), (3, 0));
    while desk.undo().is_some() {}
    assert_eq!(desk.document.to_string(), "EDCBbAa");
}

#[test]
fn more_remote_ops_than_are_kept_are_composed() {
    let mut desk = text("");
    desk.undo = UndoManager::new(UndoLimits { remote: 2, ..UndoLimits::default() });
    for letter in ["a", "b", "c"] {
        desk.edit(inserted(0, letter));
        for at in 0..50 {
            desk.remote(inserted(at, "."));
        }
    }
    assert_eq!(desk.undo.depth(), (2, 0), "one composed op after each");
    desk.undo();
    desk.undo();
    assert_eq!(desk.document.to_string(), format!("{}a", ".".repeat(150)));
}

#[test]
fn a_removed_container_comes_back_with_what_it_held() {
    let mut desk = Desk::<Json>::new(json!({"rows": []}));
    desk.edit(JsonOp::insert(path!["rows", 0], json!({"label": "Revenue"})));
    desk.remote(JsonOp::insert(path!["rows", 0, "theirs"], json!(1)));
    desk.undo();
    assert_eq!(desk.document, json!({"rows": []}));
    desk.redo();
    assert_eq!(desk.document, json!({"rows": [{"label": "Revenue", "theirs": 1}]}));
}

#[test]
fn a_forgotten_past_can_not_be_undone() {
    let mut desk = text("");
    desk.edit(inserted(0, "a"));
    desk.undo.clear();
    assert!(desk.undo().is_none());
}

#[test]
fn a_value_that_somebody_else_has_set_since_stays() {
    let mut desk = Desk::<Json>::new(json!({"price": 1, "name": "a"}));
    desk.edit(JsonOp::replace(path!["price"], json!(2)));
    desk.remote(JsonOp::replace(path!["price"], json!(3)));
    desk.edit(JsonOp::replace(path!["name"], json!("b")));
    desk.undo();
    assert_eq!(desk.document, json!({"price": 3, "name": "a"}));
    desk.undo();
    assert_eq!(desk.document, json!({"price": 3, "name": "a"}));
}

#[test]
fn an_item_that_somebody_else_has_moved_on_stays_there() {
    let mut desk = Desk::<Json>::new(json!({"a": [1], "b": [], "c": []}));
    desk.edit(JsonOp::move_to(path!["a", 0], path!["b", 0]).unwrap());
    desk.remote(JsonOp::move_to(path!["b", 0], path!["c", 0]).unwrap());
    desk.undo();
    assert_eq!(desk.document, json!({"a": [], "b": [], "c": [1]}));
}

#[test]
fn what_one_inserted_goes_wherever_it_was_moved() {
    let mut desk = Desk::<Json>::new(json!({"a": [], "b": []}));
    desk.edit(JsonOp::insert(path!["a", 0], json!("mine")));
    desk.remote(JsonOp::move_to(path!["a", 0], path!["b", 0]).unwrap());
    desk.undo();
    assert_eq!(desk.document, json!({"a": [], "b": []}));
    desk.redo();
    assert_eq!(desk.document, json!({"a": [], "b": ["mine"]}));
}

#[test]
fn a_move_of_ones_own_is_taken_back_with_what_others_did_inside() {
    let mut desk = Desk::<Json>::new(json!({"a": {"row": {"x": 1}}, "b": {}}));
    desk.edit(JsonOp::move_to(path!["a", "row"], path!["b", "row"]).unwrap());
    desk.remote(JsonOp::insert(path!["b", "row", "y"], json!(2)));
    desk.undo();
    assert_eq!(desk.document, json!({"a": {"row": {"x": 1, "y": 2}}, "b": {}}));
}

#[test]
fn what_one_removed_comes_back_and_what_others_removed_does_not() {
    let mut desk = Desk::<Json>::new(json!({"list": ["a", "b", "c"]}));
    desk.edit(JsonOp::remove(path!["list", 1]));
    desk.remote(JsonOp::remove(path!["list", 0]));
    desk.undo();
    assert_eq!(desk.document, json!({"list": ["b", "c"]}));
}
