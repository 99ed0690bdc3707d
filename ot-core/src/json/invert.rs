//! The op that takes an op back.

use std::sync::Arc;

use serde_json::Value;

use super::leaf::Leaf;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Step, Steps};
use super::slots::{self, Slots};
use super::walk::items_before;
use crate::{OpError, OpErrorKind};

/// The inverse of an op that fits `before`. It hangs on the document after the op: what came leaves, what left comes.
pub(super) fn invert(op: &JsonOp, before: &Value) -> Result<JsonOp, OpError> {
    let mut values = vec![None; op.slots];
    if op.slots > 0 {
        find_values(&op.root.old, Some(before), &mut values);
    }
    let walk = Walk { slots: Slots::of(op), values };
    Ok(slots::numbered(walk.entry(&op.root, Some(before))?, op.slots))
}

/// For each slot, the value that is picked.
fn find_values<'a>(old: &Old, value: Option<&'a Value>, values: &mut Vec<Option<&'a Value>>) {
    if let Old::Pick(slot, _) = old
        && let Some(place) = values.get_mut(*slot)
    {
        *place = value;
    }
    let node = old.node();
    for (key, entry) in node.entries() {
        find_values(&entry.old, value.and_then(|value| value.get(key.as_str())), values);
    }
    for (index, old) in items_before(node) {
        find_values(old, value.and_then(|value| value.get(index)), values);
    }
}

struct Walk<'a> {
    slots: Slots<'a>,
    values: Vec<Option<&'a Value>>,
}

impl Walk<'_> {
    fn entry(&self, entry: &Entry, before: Option<&Value>) -> Result<Entry, OpError> {
        let new = if entry.old.leaves() { Some(self.bring_back(&entry.old, before.ok_or_else(misfit)?)) } else { None };
        let old = match (&entry.new, &entry.old) {
            (Some(new), _) => self.take_back(new)?,
            (None, Old::Stay(node)) if !node.is_empty() => Old::Stay(self.node(node, before.ok_or_else(misfit)?)?),
            (None, _) => Old::default(),
        };
        Ok(Entry { old, new })
    }

    /// Takes away what the op brought.
    fn take_back(&self, new: &New) -> Result<Old, OpError> {
        match new {
            New::Insert(value, node) => Ok(Old::Remove(self.node(node, value)?.only_picks())),
            New::Drop(slot) => {
                let value = self.values.get(*slot).copied().flatten().ok_or_else(misfit)?;
                Ok(Old::Pick(*slot, self.node(self.slots.picked(*slot), value)?))
            }
        }
    }

    /// Brings what the op took away.
    fn bring_back(&self, old: &Old, before: &Value) -> New {
        match old {
            Old::Pick(slot, _) => New::Drop(*slot),
            Old::Remove(node) | Old::Stay(node) => brought_back(before, node),
        }
    }

    fn node(&self, node: &Node, before: &Value) -> Result<Node, OpError> {
        let leaf = node.leaf.as_ref().map(|leaf| leaf.invert(before)).transpose()?;
        let leaf = leaf.and_then(Leaf::unless_noop).map(Box::new);
        let children = match (&node.children, before) {
            (Children::None, _) => Children::None,
            (Children::Object(entries), Value::Object(before)) => Children::of_object(
                entries
                    .iter()
                    .map(|(key, entry)| Ok((key.clone(), self.entry(entry, before.get(key.as_str()))?)))
                    .collect::<Result<_, OpError>>()?,
            ),
            (Children::List(steps), Value::Array(before)) => self.list(steps, before)?,
            (Children::Object(_) | Children::List(_), _) => return Err(misfit()),
        };
        Ok(Node { leaf, children })
    }

    fn list(&self, list: &[Step], before: &[Value]) -> Result<Children, OpError> {
        let mut steps = Steps::default();
        let mut index = 0_usize;
        for step in list {
            match step {
                Step::Keep(count) => {
                    steps.keep(*count);
                    index = index.saturating_add(*count);
                }
                Step::New(new) => steps.item(self.take_back(new)?),
                Step::Item(old) => {
                    let value = before.get(index).ok_or_else(misfit)?;
                    match old {
                        Old::Stay(node) => steps.item(Old::Stay(self.node(node, value)?)),
                        Old::Remove(_) | Old::Pick(..) => steps.new_item(self.bring_back(old, value)),
                    }
                    index = index.saturating_add(1);
                }
            }
        }
        Ok(steps.finish())
    }
}

fn brought_back(before: &Value, leaving: &Node) -> New {
    let (value, node) = refill(before, leaving);
    New::Insert(Arc::new(value), node)
}

/// A removed value without what had left it before, and what brings that back.
fn refill(before: &Value, leaving: &Node) -> (Value, Node) {
    let mut value = before.clone();
    let children = match (&leaving.children, &mut value) {
        (Children::Object(entries), Value::Object(values)) => {
            let mut refilled = Vec::new();
            for (key, Entry { old, .. }) in entries {
                match old {
                    Old::Pick(slot, _) => {
                        values.remove(key.as_str());
                        refilled.push((key.clone(), Entry::from(New::Drop(*slot))));
                    }
                    Old::Remove(leaving) => {
                        if let Some(part) = values.remove(key.as_str()) {
                            refilled.push((key.clone(), Entry::from(brought_back(&part, leaving))));
                        }
                    }
                    Old::Stay(leaving) => {
                        if let Some(part) = values.get_mut(key.as_str()) {
                            let (rest, node) = refill(part, leaving);
                            *part = rest;
                            refilled.push((key.clone(), Entry::from(Old::Stay(node))));
                        }
                    }
                }
            }
            Children::of_object(refilled)
        }
        (Children::List(list), Value::Array(values)) => {
            let mut steps = Steps::default();
            let mut before = std::mem::take(values).into_iter();
            for step in list {
                match step {
                    Step::Keep(count) => {
                        values.extend(before.by_ref().take(*count));
                        steps.keep(*count);
                    }
                    Step::New(_) => {}
                    Step::Item(Old::Pick(slot, _)) => {
                        before.next();
                        steps.new_item(New::Drop(*slot));
                    }
                    Step::Item(Old::Remove(leaving)) => {
                        if let Some(part) = before.next() {
                            steps.new_item(brought_back(&part, leaving));
                        }
                    }
                    Step::Item(Old::Stay(leaving)) => {
                        if let Some(part) = before.next() {
                            let (rest, node) = refill(&part, leaving);
                            values.push(rest);
                            steps.item(Old::Stay(node));
                        }
                    }
                }
            }
            values.extend(before);
            steps.finish()
        }
        _ => Children::None,
    };
    (value, Node { leaf: None, children })
}

fn misfit() -> OpError {
    OpError::new(OpErrorKind::WrongKind, "the op", "it does not fit the document before it")
}
