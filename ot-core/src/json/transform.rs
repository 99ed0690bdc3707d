use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Change, Children, JsonOp, Leaf, Node, StepPiece, StepPieces, Steps};
use crate::text::Text;
use crate::{OtType, Side};

/// One pass over what both ops touch; what only one of them touches is copied.
pub(super) fn transform(op: &JsonOp, other: &JsonOp, side: Side) -> JsonOp {
    let root = match (&op.root, &other.root) {
        (Some(ours), Some(theirs)) => change(ours, theirs, side),
        (ours, None) => ours.clone(),
        (None, Some(_)) => None,
    };
    JsonOp { root }
}

fn change(ours: &Change, theirs: &Change, side: Side) -> Option<Change> {
    use Change::{Edit, Insert, Remove, Replace};
    match (ours, theirs) {
        (Insert(new) | Replace(new), Insert(other) | Replace(other)) => {
            (side == Side::Left && new != other).then(|| Replace(new.clone()))
        }
        (Insert(new) | Replace(new), Remove) => Some(Insert(new.clone())),
        (Insert(new) | Replace(new), Edit(_)) => Some(Replace(new.clone())),
        (Remove, Edit(_)) => Some(Remove),
        (Remove, Remove | Insert(_) | Replace(_)) => None,
        (Edit(_), Remove | Insert(_) | Replace(_)) => None,
        (Edit(ours), Edit(theirs)) => node(ours, theirs, side).into_change(),
    }
}

fn node(ours: &Node, theirs: &Node, side: Side) -> Node {
    let leaf = match (&ours.leaf, &theirs.leaf) {
        (Some(Leaf::Text(ours)), Some(Leaf::Text(theirs))) => {
            Leaf::Text(Text::transform(ours, theirs, side)).unless_noop()
        }
        // Sums commute. An op that takes a string for a number fits no document, whatever becomes of it.
        (ours, _) => ours.clone(),
    };
    let children = match (&ours.children, &theirs.children) {
        (Children::Object(ours), Children::Object(theirs)) => Children::of_object(object(ours, theirs, side)),
        (Children::List(ours), Children::List(theirs)) => Children::of_list(list(ours, theirs, side)),
        (ours, _) => ours.clone(),
    };
    Node { leaf, children }
}

fn object(ours: &BTreeMap<String, Change>, theirs: &BTreeMap<String, Change>, side: Side) -> BTreeMap<String, Change> {
    ours.iter()
        .filter_map(|(key, our_change)| {
            let moved = match theirs.get(key) {
                Some(their_change) => change(our_change, their_change, side)?,
                None => our_change.clone(),
            };
            Some((key.clone(), moved))
        })
        .collect()
}

/// Walks both run lists over the list that both ops began with.
///
/// Between two items that stay in both, all inserts are at one place: once what lay between them is removed, nothing
/// tells their order but the side. `json1` does the same.
fn list(ours: &Steps, theirs: &Steps, side: Side) -> Steps {
    use StepPiece::{Edit, Insert, Keep, Remove};
    let mut result = Steps::default();
    let mut between = Between::default();
    let mut ours = StepPieces::new(ours);
    let mut theirs = StepPieces::new(theirs);
    loop {
        let length = match (ours.peek(), theirs.peek()) {
            (None, None) => break,
            (Some(Insert(_)), _) | (_, Some(Insert(_))) => 0,
            (a, b) => a.map_or(usize::MAX, |a| a.length()).min(b.map_or(usize::MAX, |b| b.length())),
        };
        if length == 0 {
            if let Some(Insert(value)) = ours.peek() {
                ours.take(1);
                between.inserts.push(value);
            } else {
                theirs.take(1);
                between.around.keep(1);
            }
            continue;
        }
        let stays = match (ours.take(length), theirs.take(length)) {
            (_, Remove(_)) => continue,
            (Remove(count), _) => {
                between.around.remove(count);
                continue;
            }
            (Edit(ours), Edit(theirs)) => Some(node(ours, theirs, side)),
            (Edit(ours), _) => Some(ours.clone()),
            (Keep(_) | Insert(_), _) => None,
        };
        between.flush(&mut result, side);
        match stays {
            Some(node) => result.edit(node),
            None => result.keep(length),
        }
    }
    between.flush(&mut result, side);
    result
}

/// What lies between two items that stay in both.
#[derive(Default)]
struct Between<'a> {
    /// What our op inserts.
    inserts: Vec<&'a Value>,
    /// Our op's way past what the other inserted and past what only our op removes.
    around: Steps,
}

impl Between<'_> {
    fn flush(&mut self, result: &mut Steps, side: Side) {
        if side == Side::Right {
            result.append(std::mem::take(&mut self.around));
        }
        for value in self.inserts.drain(..) {
            result.insert(value.clone());
        }
        result.append(std::mem::take(&mut self.around));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;
    use crate::path;
    use crate::text::TextOp;
    use serde_json::json;

    /// What both orders end in, with `left` on the left.
    fn merged(document: &Value, left: &JsonOp, right: &JsonOp) -> Value {
        let after = |first: &JsonOp, second: &JsonOp| {
            let mut document = document.clone();
            Json::apply(&mut document, first).unwrap();
            Json::apply(&mut document, second).unwrap();
            document
        };
        let one_way = after(right, &transform(left, right, Side::Left));
        assert_eq!(one_way, after(left, &transform(right, left, Side::Right)));
        one_way
    }

    #[test]
    fn of_two_values_set_at_one_key_the_left_one_stays() {
        let document = json!({"old": 0});
        let set = |value: &str| JsonOp::replace(path!["old"], value);
        assert_eq!(merged(&document, &set("left"), &set("right")), json!({"old": "left"}));
        let insert = |value: &str| JsonOp::insert(path!["new"], value);
        assert_eq!(merged(&document, &insert("left"), &insert("right")), json!({"old": 0, "new": "left"}));
    }

    #[test]
    fn of_two_inserts_at_one_place_of_a_list_the_left_one_is_first() {
        let insert = |value: &str| JsonOp::insert(path![1], value);
        assert_eq!(merged(&json!([0, 1]), &insert("left"), &insert("right")), json!([0, "left", "right", 1]));
    }

    #[test]
    fn what_is_removed_takes_the_edits_inside_it_along() {
        let document = json!([{"label": "EBIT", "cells": [1]}]);
        let edit = JsonOp::edit_text(path![0, "label"], TextOp::new().insert("x"));
        for side in [Side::Left, Side::Right] {
            assert!(transform(&edit, &JsonOp::remove(path![0]), side).root.is_none());
        }
        assert_eq!(merged(&document, &edit, &JsonOp::remove(path![0])), json!([]));
        assert_eq!(merged(&document, &edit, &JsonOp::replace(path![0, "label"], "new"))[0]["label"], "new");
    }

    #[test]
    fn a_value_set_while_another_removes_it_stays() {
        let set = JsonOp::replace(path!["k"], 2);
        assert_eq!(merged(&json!({"k": 1}), &JsonOp::remove(path!["k"]), &set), json!({"k": 2}));
    }

    #[test]
    fn a_number_set_stays_without_what_another_adds_and_amounts_add_up() {
        let (set, add) = (JsonOp::replace(path!["n"], 100), JsonOp::add_number(path!["n"], 5));
        assert_eq!(merged(&json!({"n": 1}), &set, &add), json!({"n": 100}));
        assert_eq!(merged(&json!({"n": 1}), &add, &set), json!({"n": 100}));
        assert_eq!(merged(&json!({"n": 1}), &add, &JsonOp::add_number(path!["n"], 7)), json!({"n": 13}));
    }
}
