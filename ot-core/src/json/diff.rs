//! The op that leads from one document to another.
//!
//! First it is decided which value of the document after is which of the document before ([`matching`]): what is equal
//! at its place is kept, what is equal elsewhere and large enough to be recognised has moved, and what differs at its
//! place is one value that changed, or two. Then the op is written down over the document before.

mod matching;
mod sequence;
mod text;
mod tree;

use std::sync::Arc;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use self::matching::{Matching, Mate};
use self::tree::Tree;
use super::MAX_DEPTH;
use super::apply::is_shallow;
use super::leaf::Leaf;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Steps, key_order};
use super::slots;
use crate::text::TextOp;
use crate::{OpError, OpErrorKind};

pub(super) fn diff(before: &Value, after: &Value) -> Result<JsonOp, OpError> {
    for (document, name) in [(before, "the document before"), (after, "the document after")] {
        if !is_shallow(document, MAX_DEPTH) {
            return Err(OpError::new(OpErrorKind::TooLarge, name, format!("more than {MAX_DEPTH} levels deep")));
        }
    }
    let (old, new) = (Tree::of(before), Tree::of(after));
    let matching = Matching::of(&old, &new);
    Ok(slots::numbered(Writer { matching: &matching }.root(before, after), old.len()))
}

/// Writes the op down. A value that moves has its number in the document before for a slot.
struct Writer<'m, 't, 'a> {
    matching: &'m Matching<'t, 'a>,
}

impl Writer<'_, '_, '_> {
    fn root(&self, before: &Value, after: &Value) -> Entry {
        let stays = matches!(self.matching.before.mate(0), Some(Mate::Kept(_) | Mate::Changed(_)));
        // A document of nothing is `null`, so nothing has to leave or to come then.
        let old = if before.is_null() { Old::default() } else { self.old(0) };
        Entry { old, new: (!stays && !after.is_null()).then(|| self.new_value(0)) }
    }

    /// What becomes of a value.
    fn old(&self, id: usize) -> Old {
        match self.matching.before.mate(id) {
            Some(Mate::Kept(_)) => Old::default(),
            Some(Mate::Changed(after)) => Old::Stay(self.changed(id, after)),
            Some(Mate::Moved(_)) => Old::Pick(id, Node::default()),
            None => Old::Remove(self.left(id)),
        }
    }

    /// What moves out of a value that goes.
    fn left(&self, id: usize) -> Node {
        let tree = self.matching.before.tree;
        if !self.matching.before.is_broken(id) {
            return Node::default();
        }
        let leaving = |child: usize| match self.matching.before.mate(child) {
            Some(Mate::Moved(_)) => Old::Pick(child, Node::default()),
            _ => Old::Stay(self.left(child)),
        };
        let children = if tree.value(id).is_array() {
            let mut steps = Steps::default();
            tree.children(id).for_each(|child| steps.item(leaving(child)));
            steps.finish()
        } else {
            let entries = tree.children(id).map(|child| (SmolStr::new(tree.key(child)), Entry::from(leaving(child))));
            object(entries.collect())
        };
        Node { leaf: None, children }
    }

    /// What comes where `id` of the document after is.
    fn new_value(&self, id: usize) -> New {
        match self.matching.after.mate(id) {
            Some(Mate::Moved(before)) => New::Drop(before),
            _ => {
                let (value, node) = self.inserted(id);
                New::Insert(Arc::new(value), node)
            }
        }
    }

    /// A value without what moves into it, and where that goes.
    fn inserted(&self, id: usize) -> (Value, Node) {
        let tree = self.matching.after.tree;
        if !self.matching.after.is_broken(id) {
            return (tree.value(id).clone(), Node::default());
        }
        let is_moved = |child: usize| matches!(self.matching.after.mate(child), Some(Mate::Moved(_)));
        if tree.value(id).is_array() {
            let mut items = Vec::new();
            let mut steps = Steps::default();
            for child in tree.children(id) {
                if is_moved(child) {
                    steps.new_item(self.new_value(child));
                } else {
                    let (item, node) = self.inserted(child);
                    items.push(item);
                    steps.item(Old::Stay(node));
                }
            }
            (Value::Array(items), Node { leaf: None, children: steps.finish() })
        } else {
            let mut values = Map::new();
            let mut entries = Vec::new();
            for child in tree.children(id) {
                let key = tree.key(child);
                if is_moved(child) {
                    entries.push((SmolStr::new(key), Entry::from(self.new_value(child))));
                } else {
                    let (value, node) = self.inserted(child);
                    values.insert(key.to_owned(), value);
                    entries.push((SmolStr::new(key), Entry::from(Old::Stay(node))));
                }
            }
            (Value::Object(values), Node { leaf: None, children: object(entries) })
        }
    }

    /// What changes in a value.
    fn changed(&self, before: usize, after: usize) -> Node {
        let (old, new) = (self.matching.before.tree, self.matching.after.tree);
        match (old.value(before), new.value(after)) {
            (Value::String(before), Value::String(after)) => {
                let leaf = Leaf::Text(TextOp::diff(before, after)).unless_noop();
                Node { leaf: leaf.map(Box::new), children: Children::None }
            }
            (Value::Array(_), _) => Node { leaf: None, children: self.list(before, after) },
            _ => Node { leaf: None, children: self.object(before, after) },
        }
    }

    fn object(&self, before: usize, after: usize) -> Children {
        let (old, new) = (self.matching.before.tree, self.matching.after.tree);
        let mut entries: Vec<(SmolStr, Entry)> =
            old.children(before).map(|id| (SmolStr::new(old.key(id)), Entry::from(self.old(id)))).collect();
        entries.sort_by(|(a, _), (b, _)| key_order(a, b));
        let mut coming = Vec::new();
        for id in new.children(after) {
            if matches!(self.matching.after.mate(id), Some(Mate::Kept(_) | Mate::Changed(_))) {
                continue;
            }
            let value = Some(self.new_value(id));
            match entries.binary_search_by(|(key, _)| key_order(key, new.key(id))) {
                Ok(index) => {
                    if let Some((_, entry)) = entries.get_mut(index) {
                        entry.new = value;
                    }
                }
                Err(_) => coming.push((SmolStr::new(new.key(id)), Entry { old: Old::default(), new: value })),
            }
        }
        entries.append(&mut coming);
        object(entries)
    }

    fn list(&self, before: usize, after: usize) -> Children {
        let (old, new) = (self.matching.before.tree, self.matching.after.tree);
        let mut items = old.children(before);
        let mut steps = Steps::default();
        for id in new.children(after) {
            match self.matching.after.mate(id) {
                Some(Mate::Kept(stays) | Mate::Changed(stays)) => {
                    for item in items.by_ref() {
                        steps.item(self.old(item));
                        if item == stays {
                            break;
                        }
                    }
                }
                Some(Mate::Moved(_)) | None => steps.new_item(self.new_value(id)),
            }
        }
        items.for_each(|item| steps.item(self.old(item)));
        steps.finish()
    }
}

fn object(mut entries: Vec<(SmolStr, Entry)>) -> Children {
    entries.sort_by(|(a, _), (b, _)| key_order(a, b));
    Children::of_object(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OtType;
    use crate::json::Json;
    use crate::path;
    use serde_json::json;

    /// The op in the JSON form of `json1`, when it does what it has to.
    fn written(before: &Value, after: &Value) -> Value {
        let op = diff(before, after).unwrap();
        let mut applied = before.clone();
        Json::apply(&mut applied, &op).unwrap();
        assert_eq!(applied, *after, "{op:?}");
        let written = serde_json::to_value(&op).unwrap();
        assert_eq!(serde_json::from_value::<JsonOp>(written.clone()).unwrap(), op);
        written
    }

    fn row(name: &str) -> Value {
        json!({"label": name, "cells": [1, 2, 3]})
    }

    #[test]
    fn equal_documents_have_no_difference() {
        for document in [json!(null), json!({"a": [1, "x"]}), json!(-0.0)] {
            assert_eq!(written(&document, &document.clone()), json!(null));
        }
    }

    #[test]
    fn one_changed_place_is_all_that_changes() {
        let before = json!({"rows": [row("Sales"), row("EBIT"), row("Tax")], "unit": "EUR"});
        for (path, value, op) in [
            ("/rows/1/cells/2", json!(4), json!(["rows", 1, "cells", 2, {"r": true, "i": 4}])),
            ("/rows/1/label", json!("EBITDA"), json!(["rows", 1, "label", {"es": [4, "DA"]}])),
            ("/rows/1/label", json!("Net"), json!(["rows", 1, "label", {"r": true, "i": "Net"}])),
            ("/unit", json!(null), json!(["unit", {"r": true, "i": null}])),
        ] {
            let mut after = before.clone();
            *after.pointer_mut(path).unwrap() = value;
            assert_eq!(written(&before, &after), op);
        }
    }

    #[test]
    fn an_entry_with_another_key_has_moved() {
        let (before, after) = (json!({"draft": row("Sales"), "x": 1}), json!({"final": row("Sales"), "x": 1}));
        assert_eq!(written(&before, &after), json!([["draft", {"p": 0}], ["final", {"d": 0}]]));
    }

    #[test]
    fn values_that_change_places_move() {
        let (before, after) =
            (json!({"a": row("Sales"), "b": row("Tax")}), json!({"a": row("Tax"), "b": row("Sales")}));
        assert_eq!(written(&before, &after), json!([["a", {"p": 0, "d": 1}], ["b", {"p": 1, "d": 0}]]));
    }

    #[test]
    fn an_item_that_is_put_elsewhere_is_the_only_one_to_move() {
        let before = json!([row("a"), row("b"), row("c"), row("d")]);
        let after = json!([row("d"), row("a"), row("b"), row("c")]);
        assert_eq!(written(&before, &after), json!([[0, {"d": 0}], [3, {"p": 0}]]));
    }

    #[test]
    fn an_item_moves_out_of_what_goes_into_what_comes() {
        let before = json!({"old": {"name": "plan", "row": row("Sales")}});
        let after = json!({"new": [1, row("Sales")]});
        assert_eq!(
            written(&before, &after),
            json!([["new", {"i": [1]}, 1, {"d": 0}], ["old", {"r": true}, "row", {"p": 0}]])
        );
    }

    #[test]
    fn a_document_is_wrapped_and_unwrapped_as_a_move() {
        let (inner, outer) = (row("Sales"), json!({"rows": [row("Sales")]}));
        assert_eq!(written(&inner, &outer), json!([{"p": 0, "i": {"rows": []}}, "rows", 0, {"d": 0}]));
        assert_eq!(written(&outer, &inner), json!([{"r": true, "d": 0}, "rows", 0, {"p": 0}]));
    }

    #[test]
    fn an_item_is_edited_where_others_come_and_go() {
        let before = json!([{"n": 1, "label": "Sales"}, {"n": 2, "label": "Tax"}, 7]);
        let after = json!(["new", {"n": 3, "label": "Sales"}, {"n": 2, "label": "Tax"}]);
        assert_eq!(
            written(&before, &after),
            json!([[0, {"i": "new"}, "n", {"r": true}], [1, "n", {"i": 3}], [2, {"r": true}]])
        );
    }

    #[test]
    fn short_values_do_not_move() {
        assert_eq!(
            written(&json!({"a": 1, "b": 2}), &json!({"c": 1, "b": 2})),
            json!([["a", {"r": true}], ["c", {"i": 1}]])
        );
    }

    #[test]
    fn a_document_that_is_nothing_is_null() {
        assert_eq!(written(&json!(null), &json!([1])), json!([{"i": [1]}]));
        assert_eq!(written(&json!([1]), &json!(null)), json!([{"r": true}]));
    }

    #[test]
    fn a_document_that_is_too_deep_is_refused() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(written(&nested(MAX_DEPTH), &json!([])), json!([0, {"r": true}]));
        for (before, after) in [(nested(MAX_DEPTH + 1), json!(1)), (json!(1), nested(MAX_DEPTH + 1))] {
            assert_eq!(diff(&before, &after).unwrap_err().kind(), OpErrorKind::TooLarge);
        }
    }

    #[test]
    fn long_lists_are_compared_in_time() {
        let before: Value =
            (0..10_000).map(|index| json!({"number": index, "label": format!("row {index}")})).collect();
        let mut items = before.as_array().unwrap().clone();
        items.reverse();
        written(&before, &Value::from(items.clone()));
        items.iter_mut().step_by(2).for_each(|item| *item = json!([1]));
        written(&before, &Value::from(items));
        let mut after = before.clone();
        *after.pointer_mut("/7000/number").unwrap() = json!(0);
        assert_eq!(diff(&before, &after).unwrap(), JsonOp::replace(path![7_000, "number"], 0));
    }
}
