//! Applying in three passes: the first finds out whether everything fits and changes nothing, the second takes out what
//! leaves, the third puts in what comes and edits what stays.

use std::mem;

use serde_json::{Map, Value};
use smallvec::{SmallVec, smallvec};

use super::MAX_DEPTH;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Step};
use super::place::Place;
use super::slots::Slots;
use super::walk::{After, items_after};
use crate::{OpError, OpErrorKind};

/// So many items may come and leave before a list is written anew.
const FEW: usize = 4;

pub(super) fn apply(document: &mut Value, op: &JsonOp) -> Result<(), OpError> {
    let slots = Slots::of(op);
    let mut check = Check { slots: &slots, picked: vec![(0, &Value::Null); op.slots], deepens: false };
    check.root(document, &op.root)?;
    if check.deepens {
        // How deep the document gets is known when it is done.
        let mut changed = document.clone();
        change(&mut changed, op, &slots);
        if !is_shallow(&changed, MAX_DEPTH) {
            return Err(too_deep(&Place::ROOT));
        }
        *document = changed;
    } else {
        change(document, op, &slots);
    }
    Ok(())
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

/// The first pass.
struct Check<'a> {
    slots: &'a Slots<'a>,
    /// How deep in the document before each slot is picked, and the value there.
    picked: Vec<(usize, &'a Value)>,
    /// Whether a value moves to where it is too deep, unless what makes it deep moves out of it.
    deepens: bool,
}

impl<'a> Check<'a> {
    fn root(&mut self, document: &'a Value, root: &'a Entry) -> Result<(), OpError> {
        // A document of nothing is `null`: it can be removed again, and a value can come there.
        let document = if document.is_null() && !root.old.leaves() { None } else { Some(document) };
        self.entry(document, root, &Place::ROOT)?;
        self.depth(root, &Place::ROOT)
    }

    fn entry(&mut self, value: Option<&'a Value>, entry: &'a Entry, place: &Place<'_>) -> Result<(), OpError> {
        if entry.new.is_some() && !entry.old.leaves() && value.is_some() {
            return Err(error(OpErrorKind::Occupied, place, "there is a value already"));
        }
        if !entry.old.is_empty() {
            match value {
                None => return Err(error(OpErrorKind::Missing, place, "there is nothing")),
                Some(value) => self.old(value, &entry.old, place)?,
            }
        }
        entry.new.as_ref().map_or(Ok(()), |new| self.new_value(new, place))
    }

    fn old(&mut self, value: &'a Value, old: &'a Old, place: &Place<'_>) -> Result<(), OpError> {
        if let Old::Pick(slot, _) = old
            && let Some(picked) = self.picked.get_mut(*slot)
        {
            *picked = (place.depth(), value);
        }
        self.node(value, old.node(), place)
    }

    fn new_value(&mut self, new: &'a New, place: &Place<'_>) -> Result<(), OpError> {
        match new {
            New::Insert(value, node) => self.node(value, node, place),
            New::Drop(_) => Ok(()),
        }
    }

    fn node(&mut self, value: &'a Value, node: &'a Node, place: &Place<'_>) -> Result<(), OpError> {
        if !matches!(node.children, Children::None) && place.depth() >= MAX_DEPTH {
            return Err(too_deep(place));
        }
        if let Some(leaf) = &node.leaf {
            leaf.check(value, place)?;
        }
        match (&node.children, value) {
            (Children::None, _) => Ok(()),
            (Children::Object(changes), Value::Object(entries)) => changes
                .iter()
                .try_for_each(|(key, entry)| self.entry(entries.get(key.as_str()), entry, &place.key(key))),
            (Children::List(steps), Value::Array(items)) => self.list(items, steps, place),
            (Children::Object(_), _) => Err(error(OpErrorKind::WrongKind, place, "this is not an object")),
            (Children::List(_), _) => Err(error(OpErrorKind::WrongKind, place, "this is not a list")),
        }
    }

    fn list(&mut self, items: &'a [Value], steps: &'a [Step], place: &Place<'_>) -> Result<(), OpError> {
        let mut index = 0_usize;
        for step in steps {
            match step {
                Step::Keep(count) => {
                    index = index.saturating_add(*count);
                    if index > items.len() {
                        return Err(past_the_end(&place.index(index)));
                    }
                }
                Step::Item(old) => {
                    let item = items.get(index).ok_or_else(|| past_the_end(&place.index(index)))?;
                    self.old(item, old, &place.index(index))?;
                    index = index.saturating_add(1);
                }
                Step::New(new) => self.new_value(new, &place.index(index))?,
            }
        }
        Ok(())
    }

    /// Follows the document after: whether what comes is too deep there, and whether anything moves to a deeper place.
    fn depth(&mut self, entry: &Entry, place: &Place<'_>) -> Result<(), OpError> {
        match (&entry.new, &entry.old) {
            (Some(new), _) => self.depth_of_new(new, place),
            (None, Old::Stay(node)) => self.depth_in(node, place),
            (None, Old::Remove(_) | Old::Pick(..)) => Ok(()),
        }
    }

    fn depth_of_new(&mut self, new: &New, place: &Place<'_>) -> Result<(), OpError> {
        match new {
            New::Insert(value, node) => {
                if !MAX_DEPTH.checked_sub(place.depth()).is_some_and(|levels| is_shallow(value, levels)) {
                    return Err(too_deep(place));
                }
                self.depth_in(node, place)
            }
            New::Drop(slot) => {
                self.deepens |= self.picked.get(*slot).is_none_or(|(depth, value)| {
                    *depth < place.depth() && !is_shallow(value, MAX_DEPTH.saturating_sub(place.depth()))
                });
                self.depth_in(self.slots.picked(*slot), place)
            }
        }
    }

    fn depth_in(&mut self, node: &Node, place: &Place<'_>) -> Result<(), OpError> {
        node.entries().iter().try_for_each(|(key, entry)| self.depth(entry, &place.key(key)))?;
        items_after(node).try_for_each(|(index, after)| match after {
            After::Stays(node) => self.depth_in(node, &place.index(index)),
            After::New(new) => self.depth_of_new(new, &place.index(index)),
        })
    }
}

fn past_the_end(place: &Place<'_>) -> OpError {
    error(OpErrorKind::OutOfRange, place, "the list ends before")
}

fn too_deep(place: &Place<'_>) -> OpError {
    error(OpErrorKind::TooLarge, place, &format!("more than {MAX_DEPTH} levels deep"))
}

fn error(kind: OpErrorKind, place: &Place<'_>, hint: &str) -> OpError {
    OpError::new(kind, place.to_string(), hint)
}

/// The other two passes. What does not fit was found by the first one.
fn change(document: &mut Value, op: &JsonOp, slots: &Slots<'_>) {
    let mut held = Held { values: smallvec![Value::Null; op.slots], slots, moves: op.slots > 0 };
    if !held.moves {
        // What goes can go while what comes is put in.
    } else if op.root.old.leaves() {
        held.pick(mem::take(document), &op.root.old);
    } else {
        held.pick_inside(document, op.root.old.node());
    }
    match (&op.root.new, &op.root.old) {
        (Some(new), _) => *document = held.new_value(new),
        (None, Old::Stay(node)) => held.drop_inside(document, node),
        (None, Old::Remove(_) | Old::Pick(..)) => *document = Value::Null,
    }
}

/// What is picked up and not dropped yet, by slot.
struct Held<'a> {
    values: SmallVec<[Value; 2]>,
    slots: &'a Slots<'a>,
    /// Whether anything moves. If not, there is no second pass, and the third takes out what goes.
    moves: bool,
}

impl Held<'_> {
    /// The second pass, for a value that leaves.
    fn pick(&mut self, mut value: Value, old: &Old) {
        self.pick_inside(&mut value, old.node());
        if let Old::Pick(slot, _) = old
            && let Some(place) = self.values.get_mut(*slot)
        {
            *place = value;
        }
    }

    /// The second pass, for a value that stays.
    fn pick_inside(&mut self, value: &mut Value, node: &Node) {
        match (&node.children, value) {
            (Children::Object(changes), Value::Object(entries)) => {
                for (key, Entry { old, .. }) in changes {
                    if old.leaves() {
                        if let Some(value) = entries.remove(key.as_str()) {
                            self.pick(value, old);
                        }
                    } else if !old.is_empty()
                        && let Some(value) = entries.get_mut(key.as_str())
                    {
                        self.pick_inside(value, old.node());
                    }
                }
            }
            (Children::List(steps), Value::Array(items)) => self.pick_items(items, steps),
            _ => {}
        }
    }

    fn pick_items(&mut self, items: &mut Vec<Value>, steps: &[Step]) {
        if few_change(steps) {
            let mut index = 0_usize;
            for step in steps {
                match step {
                    Step::Keep(count) => index = index.saturating_add(*count),
                    Step::Item(old) if old.leaves() => {
                        if index < items.len() {
                            self.pick(items.remove(index), old);
                        }
                    }
                    Step::Item(old) => {
                        if let Some(item) = items.get_mut(index) {
                            self.pick_inside(item, old.node());
                        }
                        index = index.saturating_add(1);
                    }
                    Step::New(_) => {}
                }
            }
            return;
        }
        let mut before = mem::take(items).into_iter();
        items.reserve(before.len());
        for step in steps {
            match step {
                Step::Keep(count) => items.extend(before.by_ref().take(*count)),
                Step::Item(old) => {
                    if let Some(mut item) = before.next() {
                        if old.leaves() {
                            self.pick(item, old);
                        } else {
                            self.pick_inside(&mut item, old.node());
                            items.push(item);
                        }
                    }
                }
                Step::New(_) => {}
            }
        }
        items.extend(before);
    }

    /// The third pass, for a value that comes.
    fn new_value(&mut self, new: &New) -> Value {
        match new {
            New::Insert(value, node) => {
                let mut value = Value::clone(value);
                self.drop_inside(&mut value, node);
                value
            }
            New::Drop(slot) => {
                let mut value = self.values.get_mut(*slot).map(mem::take).unwrap_or_default();
                self.drop_inside(&mut value, self.slots.picked(*slot));
                value
            }
        }
    }

    /// The third pass, for a value that is in its place.
    fn drop_inside(&mut self, value: &mut Value, node: &Node) {
        if let Some(leaf) = &node.leaf {
            leaf.apply(value);
        }
        match (&node.children, value) {
            (Children::Object(changes), Value::Object(entries)) => self.drop_entries(entries, changes),
            (Children::List(steps), Value::Array(items)) => self.drop_items(items, steps),
            _ => {}
        }
    }

    fn drop_entries(&mut self, entries: &mut Map<String, Value>, changes: &[(smol_str::SmolStr, Entry)]) {
        for (key, Entry { old, new }) in changes {
            if let Some(new) = new {
                let value = self.new_value(new);
                match entries.get_mut(key.as_str()) {
                    Some(entry) => *entry = value,
                    None => drop(entries.insert(key.to_string(), value)),
                }
            } else if old.leaves() {
                if !self.moves {
                    entries.remove(key.as_str());
                }
            } else if let Some(value) = entries.get_mut(key.as_str()) {
                self.drop_inside(value, old.node());
            }
        }
    }

    fn drop_items(&mut self, items: &mut Vec<Value>, steps: &[Step]) {
        if few_change(steps) {
            self.drop_few_items(items, steps);
            return;
        }
        let mut before = mem::take(items).into_iter();
        items.reserve(before.len().saturating_add(steps.len()));
        for step in steps {
            match step {
                Step::Keep(count) => items.extend(before.by_ref().take(*count)),
                Step::Item(Old::Stay(node)) => {
                    if let Some(mut item) = before.next() {
                        self.drop_inside(&mut item, node);
                        items.push(item);
                    }
                }
                Step::Item(Old::Remove(_) | Old::Pick(..)) => {
                    if !self.moves {
                        before.next();
                    }
                }
                Step::New(new) => {
                    let value = self.new_value(new);
                    items.push(value);
                }
            }
        }
        items.extend(before);
    }

    fn drop_few_items(&mut self, items: &mut Vec<Value>, steps: &[Step]) {
        let mut index = 0_usize;
        for step in steps {
            match step {
                Step::Keep(count) => index = index.saturating_add(*count),
                Step::Item(Old::Stay(node)) => {
                    if let Some(item) = items.get_mut(index) {
                        self.drop_inside(item, node);
                    }
                    index = index.saturating_add(1);
                }
                Step::Item(Old::Remove(_) | Old::Pick(..)) => {
                    if !self.moves && index < items.len() {
                        items.remove(index);
                    }
                }
                Step::New(new) => {
                    let value = self.new_value(new);
                    items.insert(index.min(items.len()), value);
                    index = index.saturating_add(1);
                }
            }
        }
    }
}

/// Whether so few items come and leave that moving the others each time costs less than writing the list anew.
fn few_change(steps: &[Step]) -> bool {
    let changes = steps.iter().filter(|step| match step {
        Step::Keep(_) => false,
        Step::Item(old) => old.leaves(),
        Step::New(_) => true,
    });
    changes.take(FEW + 1).count() <= FEW
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
