//! Applying in two passes: the first finds out whether everything fits and changes nothing, the second changes.

use std::mem;

use serde_json::Value;

use super::MAX_DEPTH;
use super::change::{Change, Children, JsonOp, Leaf, Node, Step, Steps};
use super::number::sum;
use super::path::{Path, PathSegment};
use crate::text::apply_to_string;
use crate::{OpError, OpErrorKind};

pub(super) fn apply(document: &mut Value, op: &JsonOp) -> Result<(), OpError> {
    match &op.root {
        None => {}
        Some(Change::Insert(_)) if !document.is_null() => {
            return Err(OpError::new(
                OpErrorKind::Occupied,
                Path::default().to_string(),
                "there is a document already",
            ));
        }
        Some(Change::Remove) => *document = Value::Null,
        Some(Change::Insert(value) | Change::Replace(value)) => {
            Check::default().value(value)?;
            *document = value.clone();
        }
        Some(Change::Edit(node)) => {
            Check::default().node(document, node)?;
            edit(document, node);
        }
    }
    Ok(())
}

/// The value with the node's changes; for a value that is part of an op itself.
pub(super) fn applied(mut value: Value, node: &Node) -> Result<Value, OpError> {
    Check::default().node(&value, node)?;
    edit(&mut value, node);
    Ok(value)
}

/// Whether `value` is nested no deeper than `levels`.
pub(super) fn is_shallow(value: &Value, levels: usize) -> bool {
    let Some(inner) = levels.checked_sub(1) else {
        return matches!(value, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_));
    };
    match value {
        Value::Array(items) => items.iter().all(|item| is_shallow(item, inner)),
        Value::Object(entries) => entries.values().all(|entry| is_shallow(entry, inner)),
        _ => true,
    }
}

/// The first pass, with the place it is at.
#[derive(Default)]
struct Check {
    place: Path,
}

impl Check {
    fn node(&mut self, value: &Value, node: &Node) -> Result<(), OpError> {
        if !matches!(node.children, Children::None) && self.place.0.len() >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        if let Some(leaf) = &node.leaf {
            self.leaf(value, leaf)?;
        }
        match (&node.children, value) {
            (Children::None, _) => Ok(()),
            (Children::Object(changes), Value::Object(entries)) => {
                for (key, change) in changes {
                    self.place.0.push(PathSegment::Key(key.clone()));
                    self.change(entries.get(key), change)?;
                    self.place.0.pop();
                }
                Ok(())
            }
            (Children::List(steps), Value::Array(items)) => self.list(items, steps),
            (Children::Object(_), _) => Err(self.error(OpErrorKind::WrongKind, "this is not an object")),
            (Children::List(_), _) => Err(self.error(OpErrorKind::WrongKind, "this is not a list")),
        }
    }

    fn change(&mut self, value: Option<&Value>, change: &Change) -> Result<(), OpError> {
        match (change, value) {
            (Change::Insert(_), Some(_)) => Err(self.error(OpErrorKind::Occupied, "there is a value already")),
            (Change::Insert(new), None) => self.value(new),
            (_, None) => Err(self.error(OpErrorKind::Missing, "there is nothing")),
            (Change::Remove, Some(_)) => Ok(()),
            (Change::Replace(new), Some(_)) => self.value(new),
            (Change::Edit(node), Some(value)) => self.node(value, node),
        }
    }

    fn list(&mut self, items: &[Value], steps: &Steps) -> Result<(), OpError> {
        let mut items = items.iter();
        let length = items.len();
        for step in steps.as_slice() {
            let here = length - items.len();
            self.place.0.push(PathSegment::Index(here));
            match step {
                Step::Keep(count) => {
                    if !pass(&mut items, *count) {
                        return Err(self.past_the_end(here.saturating_add(*count)));
                    }
                }
                Step::Remove(count) => {
                    if !pass(&mut items, *count) {
                        return Err(self.past_the_end(length));
                    }
                }
                Step::Insert(value) => self.value(value)?,
                Step::Edit(node) => match items.next() {
                    Some(item) => self.node(item, node)?,
                    None => return Err(self.past_the_end(here)),
                },
            }
            self.place.0.pop();
        }
        Ok(())
    }

    fn leaf(&self, value: &Value, leaf: &Leaf) -> Result<(), OpError> {
        match (leaf, value) {
            (Leaf::Text(op), Value::String(text)) => {
                // The text itself is the only one who knows whether the op fits.
                apply_to_string(&mut text.clone(), op)
                    .map_err(|error| self.error(error.kind(), &format!("{}: {}", error.place(), error.hint())))
            }
            (Leaf::Add(amount), Value::Number(number)) => match sum(number, amount) {
                Some(_) => Ok(()),
                None => Err(self.error(OpErrorKind::OutOfRange, "no number holds the sum exactly")),
            },
            (Leaf::Text(_), _) => Err(self.error(OpErrorKind::WrongKind, "this is not a string")),
            (Leaf::Add(_), _) => Err(self.error(OpErrorKind::WrongKind, "this is not a number")),
        }
    }

    fn value(&self, value: &Value) -> Result<(), OpError> {
        match MAX_DEPTH.checked_sub(self.place.0.len()) {
            Some(levels) if is_shallow(value, levels) => Ok(()),
            _ => Err(self.too_deep()),
        }
    }

    /// The place is in a list, and the op reaches for the item at `index` of it.
    fn past_the_end(&mut self, index: usize) -> OpError {
        self.place.0.pop();
        self.place.0.push(PathSegment::Index(index));
        self.error(OpErrorKind::OutOfRange, "the list ends before")
    }

    fn too_deep(&self) -> OpError {
        self.error(OpErrorKind::TooLarge, &format!("more than {MAX_DEPTH} levels deep"))
    }

    fn error(&self, kind: OpErrorKind, hint: &str) -> OpError {
        OpError::new(kind, self.place.to_string(), hint)
    }
}

/// Leaves out the next `count` items; returns whether there were as many.
fn pass(items: &mut std::slice::Iter<'_, Value>, count: usize) -> bool {
    count.checked_sub(1).is_none_or(|last| items.nth(last).is_some())
}

/// The second pass. What does not fit was found by the first one.
fn edit(value: &mut Value, node: &Node) {
    match (&node.leaf, &mut *value) {
        (Some(Leaf::Text(op)), Value::String(text)) => {
            // Checked in the first pass; a refusal leaves the text as it is.
            let _ = apply_to_string(text, op);
        }
        (Some(Leaf::Add(amount)), Value::Number(number)) => {
            if let Some(sum) = sum(number, amount) {
                *number = sum;
            }
        }
        _ => {}
    }
    match (&node.children, value) {
        (Children::Object(changes), Value::Object(entries)) => {
            for (key, change) in changes {
                match change {
                    Change::Remove => {
                        entries.remove(key);
                    }
                    Change::Insert(new) | Change::Replace(new) => {
                        entries.insert(key.clone(), new.clone());
                    }
                    Change::Edit(node) => {
                        if let Some(entry) = entries.get_mut(key) {
                            edit(entry, node);
                        }
                    }
                }
            }
        }
        (Children::List(steps), Value::Array(items)) => edit_list(items, steps),
        _ => {}
    }
}

fn edit_list(items: &mut Vec<Value>, steps: &Steps) {
    let mut before = mem::take(items).into_iter();
    items.reserve(before.len());
    for step in steps.as_slice() {
        match step {
            Step::Keep(count) => items.extend(before.by_ref().take(*count)),
            Step::Remove(count) => before.by_ref().take(*count).for_each(drop),
            Step::Insert(value) => items.push(value.clone()),
            Step::Edit(node) => {
                if let Some(mut item) = before.next() {
                    edit(&mut item, node);
                    items.push(item);
                }
            }
        }
    }
    items.extend(before);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OtType;
    use crate::json::Json;
    use crate::path;
    use crate::text::TextOp;
    use serde_json::json;

    fn refused(document: &Value, op: &JsonOp) -> OpError {
        let mut tried = document.clone();
        let error = apply(&mut tried, op).unwrap_err();
        assert_eq!(tried, *document, "{error}");
        error
    }

    #[test]
    fn a_refusal_names_the_kind_and_the_place() {
        let document = json!({"rows": [{"label": "EBIT", "cells": [1, 2]}]});
        for (op, kind, place) in [
            (JsonOp::insert(path![], 1), OpErrorKind::Occupied, "the root"),
            (JsonOp::insert(path!["rows"], 1), OpErrorKind::Occupied, "/rows"),
            (JsonOp::remove(path!["columns"]), OpErrorKind::Missing, "/columns"),
            (JsonOp::replace(path!["rows", 0, "unit"], 1), OpErrorKind::Missing, "/rows[0]/unit"),
            (JsonOp::remove(path!["rows", 0, "cells", 2]), OpErrorKind::OutOfRange, "/rows[0]/cells[2]"),
            (JsonOp::insert(path!["rows", 3], 1), OpErrorKind::OutOfRange, "/rows[3]"),
            (JsonOp::remove(path!["rows", "label"]), OpErrorKind::WrongKind, "/rows"),
            (JsonOp::remove(path!["rows", 0, 0]), OpErrorKind::WrongKind, "/rows[0]"),
            (JsonOp::add_number(path!["rows", 0, "label"], 1), OpErrorKind::WrongKind, "/rows[0]/label"),
            (
                JsonOp::edit_text(path!["rows", 0, "cells", 1], TextOp::new().insert("x")),
                OpErrorKind::WrongKind,
                "/rows[0]/cells[1]",
            ),
            (
                JsonOp::edit_text(path!["rows", 0, "label"], TextOp::new().retain(4).delete(1)),
                OpErrorKind::OutOfRange,
                "/rows[0]/label",
            ),
        ] {
            let error = refused(&document, &op);
            assert_eq!((error.kind(), error.place()), (kind, place), "{error}");
        }
    }

    #[test]
    fn a_later_part_that_does_not_fit_keeps_the_earlier_parts_from_happening() {
        let fits = JsonOp::replace(path!["a"], 2);
        let op = Json::compose(&fits, &JsonOp::remove(path!["z"])).unwrap();
        let error = refused(&json!({"a": 1}), &op);
        assert_eq!(error.to_string(), "op_missing at /z: there is nothing");
    }

    #[test]
    fn a_removed_root_leaves_null_where_a_value_can_be_inserted() {
        let mut document = json!([1]);
        apply(&mut document, &JsonOp::remove(path![])).unwrap();
        assert_eq!(document, Value::Null);
        apply(&mut document, &JsonOp::insert(path![], "new")).unwrap();
        assert_eq!(document, "new");
    }
}
