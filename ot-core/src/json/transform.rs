//! Rewriting an op to follow a concurrent one, when nothing they do excludes each other.
//!
//! Both ops hang on the document before. The result hangs on the document after the other op, so the walk follows that
//! one: where the other op dropped something, it looks up what the op does to it where it was.

use super::meeting::{Meetings, Met};
use super::op::{Children, Entry, JsonOp, New, Node, Old, Steps};
use super::slots;
use super::walk::{Pieces, by_key};
use crate::Side;

/// `op` behind `other`. The two have no conflict; see [`conflict`](super::conflict).
pub(super) fn transform(op: &JsonOp, other: &JsonOp, side: Side) -> JsonOp {
    if other.root.is_empty() || op.root.is_empty() {
        return op.clone();
    }
    let walk = Walk {
        side,
        moves: op.slots + other.slots > 0,
        ours: Meetings::new(op, other),
        theirs: Meetings::new(other, op),
    };
    let root = walk.entry(&op.root, &other.root);
    slots::numbered(root, op.slots)
}

struct Walk<'a> {
    side: Side,
    /// Whether anything moves at all. If not, what only one op touches needs no walk.
    moves: bool,
    /// For each value that our op moves, what the other does to it.
    ours: Meetings<'a>,
    /// For each value that the other op moves, what ours does to it.
    theirs: Meetings<'a>,
}

impl<'a> Walk<'a> {
    /// What our op does at a place of the document after the other op.
    fn entry(&self, ours: &'a Entry, theirs: &'a Entry) -> Entry {
        match &theirs.new {
            None if theirs.old.leaves() => Entry { old: Old::default(), new: self.new_value(ours.new.as_ref()) },
            None => Entry { old: self.old(Some(&ours.old), theirs.old.node()), new: self.new_value(ours.new.as_ref()) },
            Some(theirs) => match (&ours.new, theirs) {
                (Some(New::Insert(value, inside)), New::Insert(other_value, other_inside)) if value == other_value => {
                    Old::Stay(self.node(inside, other_inside)).into()
                }
                (Some(New::Drop(slot)), New::Drop(other_slot))
                    if self.theirs.met(*other_slot).slot() == Some(*slot) =>
                {
                    let met = self.theirs.met(*other_slot);
                    Old::Stay(self.node(met.node(), self.theirs.own(*other_slot))).into()
                }
                (new, theirs) => Entry { old: self.at_new(theirs), new: self.new_value(new.as_ref()) },
            },
        }
    }

    /// What our op does to a value that the other op leaves in its place.
    fn old(&self, ours: Option<&'a Old>, theirs: &'a Node) -> Old {
        match ours {
            None => Old::Stay(self.node(Node::EMPTY, theirs)),
            Some(Old::Stay(node)) => Old::Stay(self.node(node, theirs)),
            Some(Old::Remove(node)) => Old::Remove(self.node(node, theirs).only_picks()),
            Some(Old::Pick(slot, node)) => Old::Pick(*slot, self.node(node, theirs)),
        }
    }

    /// What our op does to a value that the other op brought.
    fn at_new(&self, theirs: &'a New) -> Old {
        match theirs {
            New::Insert(_, inside) => Old::Stay(self.node(Node::EMPTY, inside)),
            New::Drop(slot) => {
                let met = self.theirs.met(*slot);
                let inside = self.theirs.own(*slot);
                match met {
                    Met { removed: Some(_), .. } => Old::Remove(self.node(met.node(), inside).only_picks()),
                    Met { old: Some(Old::Pick(_, node)), .. } if self.side == Side::Right => {
                        Old::Stay(self.node(node, inside))
                    }
                    Met { old, .. } => self.old(old, inside),
                }
            }
        }
    }

    /// What our op brings; nothing when it moves what the other op took away or moves as well.
    fn new_value(&self, ours: Option<&'a New>) -> Option<New> {
        match ours? {
            New::Insert(value, inside) => Some(New::Insert(value.clone(), self.node(inside, Node::EMPTY))),
            New::Drop(slot) => self.moves_still(*slot).then_some(New::Drop(*slot)),
        }
    }

    fn moves_still(&self, slot: usize) -> bool {
        let met = self.ours.met(slot);
        met.removed.is_none() && (met.slot().is_none() || self.side == Side::Left)
    }

    fn node(&self, ours: &'a Node, theirs: &'a Node) -> Node {
        if !self.moves && (ours.is_empty() || theirs.is_empty()) {
            return ours.clone();
        }
        let leaf = match (&ours.leaf, &theirs.leaf) {
            (Some(ours), Some(theirs)) => ours.transform(theirs, self.side).map(Box::new),
            (ours, _) => ours.clone(),
        };
        let children = match (&ours.children, &theirs.children) {
            (Children::None, Children::None) => Children::None,
            (Children::Object(_), _) | (Children::None, Children::Object(_)) => self.object(ours, theirs),
            (Children::List(_), _) | (Children::None, Children::List(_)) => self.list(ours, theirs),
        };
        Node { leaf, children }
    }

    fn object(&self, ours: &'a Node, theirs: &'a Node) -> Children {
        let mut entries = Vec::new();
        for (key, ours, theirs) in by_key(ours, theirs) {
            let entry = match (ours, theirs) {
                (Some(ours), None) if !self.moves => ours.clone(),
                (None, Some(_)) if !self.moves => continue,
                (ours, theirs) => self.entry(ours.unwrap_or(Entry::EMPTY), theirs.unwrap_or(Entry::EMPTY)),
            };
            entries.push((key.clone(), entry));
        }
        Children::of_object(entries)
    }

    /// Walks both run lists over the list that both ops began with.
    ///
    /// An op does not say whether what it brings stands before or behind what it takes away at the same place. As in
    /// `json1`, the left op's stands before, the right op's behind; and at one place the left one is first.
    fn list(&self, ours: &'a Node, theirs: &'a Node) -> Children {
        let mut steps = Steps::default();
        let (mut ours, mut theirs) = (Pieces::new(ours), Pieces::new(theirs));
        // What the right op brings, until the items that it takes away here are passed.
        let mut behind = Vec::new();
        while !(ours.is_done() && theirs.is_done()) {
            if let Some(new) = ours.take_new() {
                match self.side {
                    Side::Left => self.bring(new, &mut steps),
                    Side::Right => behind.push(new),
                }
            } else if let Some(new) = theirs.take_new() {
                match self.side {
                    Side::Left => behind.push(new),
                    Side::Right => steps.item(self.at_new(new)),
                }
            } else {
                let length = ours.length().min(theirs.length());
                let (ours, theirs) = (ours.take_items(length), theirs.take_items(length));
                let right = if self.side == Side::Left { theirs } else { ours };
                if !right.is_some_and(Old::leaves) {
                    self.pass(&mut behind, &mut steps);
                }
                match (ours, theirs) {
                    (_, Some(theirs)) if theirs.leaves() => {}
                    (None, None) => steps.keep(length),
                    (ours, theirs) => steps.item(self.old(ours, theirs.map_or(Node::EMPTY, Old::node))),
                }
            }
        }
        self.pass(&mut behind, &mut steps);
        steps.finish()
    }

    fn pass(&self, behind: &mut Vec<&'a New>, steps: &mut Steps) {
        for new in behind.drain(..) {
            match self.side {
                Side::Left => steps.item(self.at_new(new)),
                Side::Right => self.bring(new, steps),
            }
        }
    }

    fn bring(&self, ours: &'a New, steps: &mut Steps) {
        if let Some(new) = self.new_value(Some(ours)) {
            steps.new_item(new);
        }
    }
}
