//! What two concurrent ops do to the same values.

use super::op::{JsonOp, Node, Old, Step};
use super::walk::{Pieces, by_key};

/// What the other op does to a value that one op moves.
#[derive(Clone, Copy)]
pub(super) struct Met<'a> {
    /// What happens to the value itself; nothing when the other op leaves it alone.
    pub(super) old: Option<&'a Old>,
    /// The remove that takes the value away: its own, or that of something around it.
    pub(super) removed: Option<&'a Old>,
}

impl<'a> Met<'a> {
    const NOT: Self = Self { old: None, removed: None };

    /// What changes inside the value.
    pub(super) fn node(&self) -> &'a Node {
        self.old.map_or(Node::EMPTY, Old::node)
    }

    /// The slot by which the other op moves the value too.
    pub(super) fn slot(&self) -> Option<usize> {
        match self.old {
            Some(Old::Pick(slot, _)) => Some(*slot),
            _ => None,
        }
    }
}

/// For each slot of an op, what the other op does to the value, and what changes inside it by the op itself.
pub(super) struct Meetings<'a>(Vec<(Met<'a>, &'a Node)>);

impl<'a> Meetings<'a> {
    pub(super) fn new(op: &'a JsonOp, other: &'a JsonOp) -> Self {
        let mut meetings = Self(vec![(Met::NOT, Node::EMPTY); op.slots]);
        if op.slots > 0 {
            meetings.old(&op.root.old, Some(&other.root.old), None);
        }
        meetings
    }

    pub(super) fn met(&self, slot: usize) -> Met<'a> {
        self.0.get(slot).map_or(Met::NOT, |(met, _)| *met)
    }

    /// What the op itself changes inside the value that it moves.
    pub(super) fn own(&self, slot: usize) -> &'a Node {
        self.0.get(slot).map_or(Node::EMPTY, |(_, own)| *own)
    }

    fn old(&mut self, op: &'a Old, other: Option<&'a Old>, removed: Option<&'a Old>) {
        let removed = match other {
            Some(remove @ Old::Remove(_)) => Some(remove),
            Some(Old::Pick(..)) => None,
            Some(Old::Stay(_)) | None => removed,
        };
        if let Old::Pick(slot, own) = op
            && let Some(meeting) = self.0.get_mut(*slot)
        {
            *meeting = (Met { old: other, removed }, own);
        }
        self.node(op.node(), other.map_or(Node::EMPTY, Old::node), removed);
    }

    fn node(&mut self, op: &'a Node, other: &'a Node, removed: Option<&'a Old>) {
        for (_, ours, theirs) in by_key(op, other) {
            if let Some(ours) = ours {
                self.old(&ours.old, theirs.map(|entry| &entry.old), removed);
            }
        }
        let mut theirs = Pieces::new(other);
        for step in op.steps() {
            match step {
                Step::New(_) => {}
                Step::Keep(count) => theirs.skip(*count),
                Step::Item(old) => {
                    let met = theirs.next_item();
                    self.old(old, met, removed);
                }
            }
        }
    }
}
