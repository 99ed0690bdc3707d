//! Walking two ops side by side over what they have in common.

use std::cmp::Ordering;

use smol_str::SmolStr;

use super::op::{Entry, New, Node, Old, Step, key_order};

/// Takes the steps through a list piece by piece, as long as those of another walk are.
pub(super) struct Pieces<'a> {
    steps: &'a [Step],
    /// How much of the first step is taken already, if it is a keep.
    taken: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self { steps: node.steps(), taken: 0 }
    }

    /// Whether every step is taken.
    pub(super) fn is_done(&self) -> bool {
        self.steps.is_empty()
    }

    /// Takes what comes next if it is new.
    pub(super) fn take_new(&mut self) -> Option<&'a New> {
        match self.steps.split_first() {
            Some((Step::New(new), rest)) => {
                self.steps = rest;
                Some(new)
            }
            _ => None,
        }
    }

    /// Takes what comes next if it is an item that leaves.
    pub(super) fn take_leaving(&mut self) -> Option<&'a Old> {
        match self.steps.split_first() {
            Some((Step::Item(old), rest)) if old.leaves() => {
                self.steps = rest;
                Some(old)
            }
            _ => None,
        }
    }

    /// Takes `count` items, no more than the next piece has, and says what happens to them.
    pub(super) fn take_items(&mut self, count: usize) -> Option<&'a Old> {
        match self.steps.split_first() {
            Some((Step::Keep(length), rest)) => {
                self.taken = self.taken.saturating_add(count);
                if self.taken >= *length {
                    self.steps = rest;
                    self.taken = 0;
                }
                None
            }
            Some((Step::Item(old), rest)) => {
                self.steps = rest;
                Some(old)
            }
            Some((Step::New(_), _)) | None => None,
        }
    }

    /// Passes over the next `count` items.
    pub(super) fn skip(&mut self, count: usize) {
        let mut left = count;
        while left > 0 && !self.is_done() {
            if self.take_new().is_none() {
                let length = self.length().min(left);
                self.take_items(length);
                left -= length;
            }
        }
    }

    /// What happens to the next item.
    pub(super) fn next_item(&mut self) -> Option<&'a Old> {
        while self.take_new().is_some() {}
        self.take_items(1)
    }

    /// How many items the next piece has. Past the last step everything is kept.
    pub(super) fn length(&self) -> usize {
        match self.steps.first() {
            None => usize::MAX,
            Some(Step::Keep(count)) => count.saturating_sub(self.taken),
            Some(Step::Item(_)) => 1,
            Some(Step::New(_)) => 0,
        }
    }
}

/// The entries of two objects by key, in order.
pub(super) fn by_key<'a>(
    left: &'a Node,
    right: &'a Node,
) -> impl Iterator<Item = (&'a SmolStr, Option<&'a Entry>, Option<&'a Entry>)> {
    let (mut left, mut right) = (left.entries(), right.entries());
    std::iter::from_fn(move || {
        let order = match (left.first(), right.first()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => key_order(a, b),
        };
        let ours = if order.is_le() { take_first(&mut left) } else { None };
        let theirs = if order.is_ge() { take_first(&mut right) } else { None };
        let key = ours.or(theirs).map(|(key, _)| key)?;
        Some((key, ours.map(|(_, entry)| entry), theirs.map(|(_, entry)| entry)))
    })
}

fn take_first<'a>(entries: &mut &'a [(SmolStr, Entry)]) -> Option<&'a (SmolStr, Entry)> {
    let (first, rest) = entries.split_first()?;
    *entries = rest;
    Some(first)
}

/// What happens to single items of a list, with their indexes in the list before.
pub(super) fn items_before(node: &Node) -> impl Iterator<Item = (usize, &Old)> {
    let mut index = 0_usize;
    node.steps().iter().filter_map(move |step| match step {
        Step::Keep(count) => {
            index = index.saturating_add(*count);
            None
        }
        Step::New(_) => None,
        Step::Item(old) => {
            let at = index;
            index = index.saturating_add(1);
            Some((at, old))
        }
    })
}

/// What is in a list after an op, as far as the op touches it.
pub(super) enum After<'a> {
    /// An item that stays, with what changes in it.
    Stays(&'a Node),
    /// An item that comes.
    New(&'a New),
}

/// What comes to a list and what is changed in it, with indexes in the list after.
pub(super) fn items_after(node: &Node) -> impl Iterator<Item = (usize, After<'_>)> {
    let mut index = 0_usize;
    node.steps().iter().filter_map(move |step| {
        let after = match step {
            Step::Keep(count) => {
                index = index.saturating_add(*count);
                return None;
            }
            Step::Item(Old::Remove(_) | Old::Pick(..)) => return None,
            Step::Item(Old::Stay(node)) => After::Stays(node),
            Step::New(new) => After::New(new),
        };
        let at = index;
        index = index.saturating_add(1);
        Some((at, after))
    })
}
