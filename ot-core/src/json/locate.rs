//! Where a part of an op is, as a path. Only conflicts and cursors ask, so it is looked up and not kept.

use super::op::{Entry, JsonOp, New, Node, Old};
use super::path::Path;
use super::place::Place;
use super::slots::Slots;
use super::walk::{After, items_after, items_before};

/// The path in the document before the op of the value to which `target`, a part of the op, happens.
pub(super) fn before(op: &JsonOp, target: &Old) -> Path {
    leaving(&op.root.old, &Place::ROOT, &|old| std::ptr::eq(old, target)).unwrap_or_default()
}

/// The path in the document before the op of what it picks up by `slot`.
pub(super) fn picked(op: &JsonOp, slot: usize) -> Path {
    leaving(&op.root.old, &Place::ROOT, &|old| matches!(old, Old::Pick(other, _) if *other == slot)).unwrap_or_default()
}

/// The path in the document after the op of what it drops from `slot`.
pub(super) fn dropped(op: &JsonOp, slot: usize) -> Path {
    let found = |new: &New| matches!(new, New::Drop(other) if *other == slot);
    Coming { slots: Slots::of(op), found: &found }.entry(&op.root, &Place::ROOT).unwrap_or_default()
}

/// The path in the document after the op of `target`, a part of the op.
pub(super) fn after(op: &JsonOp, target: &New) -> Path {
    let found = |new: &New| std::ptr::eq(new, target);
    Coming { slots: Slots::of(op), found: &found }.entry(&op.root, &Place::ROOT).unwrap_or_default()
}

fn leaving(old: &Old, place: &Place<'_>, found: &dyn Fn(&Old) -> bool) -> Option<Path> {
    if found(old) {
        return Some(place.path());
    }
    let node = old.node();
    let mut entries = node.entries().iter();
    entries
        .find_map(|(key, entry)| leaving(&entry.old, &place.key(key), found))
        .or_else(|| items_before(node).find_map(|(index, old)| leaving(old, &place.index(index), found)))
}

struct Coming<'a> {
    slots: Slots<'a>,
    found: &'a dyn Fn(&New) -> bool,
}

impl Coming<'_> {
    fn entry(&self, entry: &Entry, place: &Place<'_>) -> Option<Path> {
        match (&entry.new, &entry.old) {
            (Some(new), _) => self.new_value(new, place),
            (None, Old::Stay(node)) => self.node(node, place),
            (None, Old::Remove(_) | Old::Pick(..)) => None,
        }
    }

    fn new_value(&self, new: &New, place: &Place<'_>) -> Option<Path> {
        if (self.found)(new) {
            return Some(place.path());
        }
        match new {
            New::Drop(slot) => self.node(self.slots.picked(*slot), place),
            New::Insert(_, node) => self.node(node, place),
        }
    }

    fn node(&self, node: &Node, place: &Place<'_>) -> Option<Path> {
        let mut entries = node.entries().iter();
        entries.find_map(|(key, entry)| self.entry(entry, &place.key(key))).or_else(|| {
            items_after(node).find_map(|(index, after)| match after {
                After::Stays(node) => self.node(node, &place.index(index)),
                After::New(new) => self.new_value(new, &place.index(index)),
            })
        })
    }
}
