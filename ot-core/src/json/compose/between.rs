//! What the second of two ops does to what the first one brought.

use std::sync::Arc;

use serde_json::Value;

use crate::json::op::{Entry, JsonOp, New, Node, Old};
use crate::json::slots::Slots;
use crate::json::walk::{Pieces, by_key};

/// The document between two ops, as far as they move what is in it.
pub(super) struct Between<'a> {
    /// For each slot of the first op, what the second does to the value.
    dropped: Vec<Dropped<'a>>,
    /// For each slot of the second op, where the value comes from, if it is from an insert of the first.
    picked: Vec<Option<Part<'a>>>,
}

/// What the second op does to a value that the first one moved.
#[derive(Clone, Copy)]
pub(super) struct Dropped<'a> {
    pub(super) second: &'a Old,
    /// Whether it goes, by itself or with what is around it.
    pub(super) removed: bool,
}

/// An insert of the first op, or a part of one, that the second moves.
#[derive(Clone)]
pub(super) struct Part<'a> {
    pub(super) value: Arc<Value>,
    pub(super) first: &'a Node,
    pub(super) second: &'a Node,
}

impl<'a> Between<'a> {
    pub(super) fn new(first: &'a JsonOp, second: &'a JsonOp) -> Self {
        let nothing = Dropped { second: Entry::EMPTY_OLD, removed: false };
        let mut between = Self { dropped: vec![nothing; first.slots], picked: vec![None; second.slots] };
        if !between.no_moves() {
            let mut walk = Walk { slots: Slots::of(first), between: &mut between };
            walk.entry(&first.root, &second.root.old, None, false);
        }
        between
    }

    pub(super) fn no_moves(&self) -> bool {
        self.dropped.is_empty() && self.picked.is_empty()
    }

    pub(super) fn dropped(&self, slot: usize) -> Dropped<'a> {
        self.dropped.get(slot).copied().unwrap_or(Dropped { second: Entry::EMPTY_OLD, removed: false })
    }

    pub(super) fn picked(&self, slot: usize) -> Option<&Part<'a>> {
        self.picked.get(slot).and_then(Option::as_ref)
    }
}

/// Follows the document between the ops.
struct Walk<'a, 'b> {
    slots: Slots<'a>,
    between: &'b mut Between<'a>,
}

impl<'a> Walk<'a, '_> {
    /// A place where the first op may bring something. `literal` is what was there before, inside an insert.
    fn entry(&mut self, first: &'a Entry, second: &'a Old, literal: Option<&'a Value>, removed: bool) {
        match &first.new {
            Some(new) => self.new_value(new, second, removed),
            None if first.old.leaves() => {}
            None => self.value(first.old.node(), second, literal, removed),
        }
    }

    fn new_value(&mut self, new: &'a New, second: &'a Old, removed: bool) {
        match new {
            New::Insert(value, node) => self.value(node, second, Some(value), removed),
            New::Drop(slot) => {
                if let Some(dropped) = self.between.dropped.get_mut(*slot) {
                    *dropped = Dropped { second, removed: removed || matches!(second, Old::Remove(_)) };
                }
                self.value(self.slots.picked(*slot), second, None, removed);
            }
        }
    }

    fn value(&mut self, first: &'a Node, second: &'a Old, literal: Option<&'a Value>, removed: bool) {
        let removed = match second {
            Old::Stay(_) => removed,
            Old::Remove(_) => true,
            Old::Pick(slot, inside) => {
                if let (Some(value), Some(picked)) = (literal, self.between.picked.get_mut(*slot)) {
                    *picked = Some(Part { value: Arc::new(value.clone()), first, second: inside });
                }
                false
            }
        };
        let second = second.node();
        for (key, first, second) in by_key(first, second) {
            let literal = literal.and_then(|literal| literal.get(key.as_str()));
            let (first, second) = (first.unwrap_or(Entry::EMPTY), second.map_or(Entry::EMPTY_OLD, |entry| &entry.old));
            self.entry(first, second, literal, removed);
        }
        self.items(first, second, literal, removed);
    }

    fn items(&mut self, first: &'a Node, second: &'a Node, literal: Option<&'a Value>, removed: bool) {
        let (mut first, mut second) = (Pieces::new(first), Pieces::new(second));
        // In the list before the first op.
        let mut index = 0_usize;
        while !(first.is_done() && second.is_done()) {
            if second.take_new().is_some() {
            } else if let Some(new) = first.take_new() {
                let second = second.take_items(1).unwrap_or(Entry::EMPTY_OLD);
                self.new_value(new, second, removed);
            } else if first.take_leaving().is_some() {
                index = index.saturating_add(1);
            } else {
                let length = first.length().min(second.length());
                let (first, second) = (first.take_items(length), second.take_items(length));
                if first.is_some() || second.is_some() {
                    let literal = literal.and_then(|literal| literal.get(index));
                    let (first, second) = (first.map_or(Node::EMPTY, Old::node), second.unwrap_or(Entry::EMPTY_OLD));
                    self.value(first, second, literal, removed);
                }
                index = index.saturating_add(length);
            }
        }
    }
}
