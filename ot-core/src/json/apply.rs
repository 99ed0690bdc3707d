//! Applying in two passes: the first finds out whether everything fits and changes nothing, the second changes.

use std::mem;

use serde_json::Value;

use super::MAX_DEPTH;
use super::change::{Change, Children, JsonOp, Leaf, Node, Step, Steps};
use super::number::sum;
use super::path::{Path, PathSegment};
use crate::text::Text;
use crate::{OpError, OpErrorKind, OtType};

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
            self.place.0.push(PathSegment::Index(length - items.len()));
            match step {
                Step::Keep(count) | Step::Remove(count) => {
                    let last = count.checked_sub(1);
                    if last.is_some_and(|last| items.nth(last).is_none()) {
                        return Err(self.error(OpErrorKind::OutOfRange, "the list ends before"));
                    }
                }
                Step::Insert(value) => self.value(value)?,
                Step::Edit(node) => match items.next() {
                    Some(item) => self.node(item, node)?,
                    None => return Err(self.error(OpErrorKind::OutOfRange, "the list ends before")),
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
                Text::apply(&mut text.clone(), op)
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

    fn too_deep(&self) -> OpError {
        self.error(OpErrorKind::TooLarge, &format!("more than {MAX_DEPTH} levels deep"))
    }

    fn error(&self, kind: OpErrorKind, hint: &str) -> OpError {
        OpError::new(kind, self.place.to_string(), hint)
    }
}

/// The second pass. What does not fit was found by the first one.
fn edit(value: &mut Value, node: &Node) {
    match (&node.leaf, &mut *value) {
        (Some(Leaf::Text(op)), Value::String(text)) => {
            // Checked in the first pass; a refusal leaves the text as it is.
            let _ = Text::apply(text, op);
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
