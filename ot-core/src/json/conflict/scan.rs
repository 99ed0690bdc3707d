use serde_json::Value;

use super::{Action, Conflict, ConflictKind};
use crate::Side;
use crate::json::leaf::Leaf;
use crate::json::locate;
use crate::json::meeting::Meetings;
use crate::json::op::{Children, Entry, JsonOp, New, Node, Old, Step};
use crate::json::path::Path;
use crate::json::place::Place;
use crate::json::walk::{Pieces, by_key};

/// The first conflict of two concurrent ops, in the order of `json1`: what `op` removes and `other` brings into or
/// edits; then what `op` brings or edits, where `other` brings another value or removes what is around it; then
/// moves into each other. `side` is the side of `op`.
pub(in crate::json) fn find(op: &JsonOp, other: &JsonOp, side: Side) -> Option<Conflict> {
    let ours = Meetings::new(op, other);
    let theirs = Meetings::new(other, op);
    let mut holders = Holders::new(op.slots, other.slots);
    let mut scan = Scan {
        op: other,
        other: op,
        side: side.opposite(),
        ours: &theirs,
        theirs: &ours,
        collisions: false,
        first: op.slots,
        other_first: 0,
        holders: &mut holders,
    };
    if let Err(conflict) = scan.entry(&other.root, &op.root, Around::NOTHING, &Place::ROOT) {
        return Some(conflict.inverted());
    }
    let mut scan = Scan {
        op,
        other,
        side,
        ours: &ours,
        theirs: &theirs,
        collisions: true,
        first: 0,
        other_first: op.slots,
        holders: &mut holders,
    };
    if let Err(conflict) = scan.entry(&op.root, &other.root, Around::NOTHING, &Place::ROOT) {
        return Some(*conflict);
    }
    holders.blackhole(op, other)
}

/// Follows the document after `op`, and looks at what `other` does at each place.
struct Scan<'a, 'b> {
    op: &'a JsonOp,
    other: &'a JsonOp,
    /// The side of `op`.
    side: Side,
    ours: &'b Meetings<'a>,
    theirs: &'b Meetings<'a>,
    /// Whether to look for two values at one key.
    collisions: bool,
    /// The numbers of the first move of `op`, and of `other`, among the moves of both.
    first: usize,
    other_first: usize,
    holders: &'b mut Holders,
}

/// What is around a place, once both ops have happened.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The remove of the other op that takes the place away.
    removed: Option<&'a Old>,
    /// The innermost move that brought the place where it is.
    moved: Option<usize>,
}

impl Around<'_> {
    const NOTHING: Self = Self { removed: None, moved: None };
}

/// Stops at the first conflict. It is boxed because hardly any walk meets one.
type Outcome = Result<(), Box<Conflict>>;

impl<'a> Scan<'a, '_> {
    fn entry(&mut self, ours: &'a Entry, theirs: &'a Entry, around: Around<'a>, place: &Place<'_>) -> Outcome {
        match &ours.new {
            Some(new) => self.new_value(new, theirs.new.as_ref(), around, place),
            None if ours.old.leaves() => Ok(()),
            None => self.stays(ours.old.node(), Some(&theirs.old), around, place),
        }
    }

    /// A value that our op leaves in its place.
    fn stays(&mut self, ours: &'a Node, theirs: Option<&'a Old>, mut around: Around<'a>, place: &Place<'_>) -> Outcome {
        match theirs {
            Some(remove @ Old::Remove(_)) => around.removed = Some(remove),
            Some(Old::Pick(slot, _)) => around = Around { removed: None, moved: Some(self.other_first + slot) },
            Some(Old::Stay(_)) | None => {}
        }
        self.value(ours, theirs.map_or(Node::EMPTY, Old::node), around, place)
    }

    fn new_value(&mut self, ours: &'a New, theirs: Option<&'a New>, around: Around<'a>, place: &Place<'_>) -> Outcome {
        match ours {
            New::Insert(value, inside) => {
                let twin = match theirs {
                    Some(New::Insert(other, inside)) if other == value => Some(inside),
                    _ => None,
                };
                if twin.is_none() {
                    self.collision(ours, theirs, place)?;
                    self.in_removed(ours, around, place)?;
                }
                self.value(inside, twin.unwrap_or(Node::EMPTY), around, place)
            }
            New::Drop(slot) => {
                let met = self.ours.met(*slot);
                let mut inside = around;
                if met.removed.is_some() {
                    inside.removed = met.removed;
                } else if let Some(other_slot) = met.slot()
                    && self.side == Side::Right
                {
                    inside = Around { removed: None, moved: Some(self.other_first + other_slot) };
                } else {
                    let twin = matches!(theirs, Some(New::Drop(other)) if met.slot() == Some(*other));
                    if !twin {
                        self.collision(ours, theirs, place)?;
                        self.in_removed(ours, around, place)?;
                    }
                    self.holders.hold(self.first + slot, around.moved);
                    inside.moved = Some(self.first + slot);
                }
                self.value(self.ours.own(*slot), met.node(), inside, place)
            }
        }
    }

    fn collision(&self, ours: &'a New, theirs: Option<&'a New>, place: &Place<'_>) -> Outcome {
        let Some(theirs) = theirs.filter(|_| self.collisions) else {
            return Ok(());
        };
        if let New::Drop(slot) = theirs {
            let met = self.theirs.met(*slot);
            if met.removed.is_some() || (met.slot().is_some() && self.side == Side::Left) {
                return Ok(());
            }
        }
        Err(Box::new(Conflict {
            kind: ConflictKind::DropCollision,
            ours: vec![bring(self.op, ours, place.path())],
            theirs: vec![bring(self.other, theirs, locate::after(self.other, theirs))],
        }))
    }

    fn in_removed(&self, ours: &'a New, around: Around<'a>, place: &Place<'_>) -> Outcome {
        match around.removed {
            None => Ok(()),
            Some(remove) => Err(self.unexpected(bring(self.op, ours, place.path()), remove)),
        }
    }

    fn unexpected(&self, action: Action, remove: &'a Old) -> Box<Conflict> {
        Box::new(Conflict {
            kind: ConflictKind::RmUnexpectedContent,
            ours: vec![action],
            theirs: vec![Action::Remove(locate::before(self.other, remove))],
        })
    }

    fn value(&mut self, ours: &'a Node, theirs: &'a Node, around: Around<'a>, place: &Place<'_>) -> Outcome {
        if let (Some(leaf), Some(remove)) = (&ours.leaf, around.removed) {
            let path = place.path();
            let op = JsonOp::at_leaf(path.clone(), Leaf::clone(leaf));
            return Err(self.unexpected(Action::Edit(path, Box::new(op)), remove));
        }
        match &ours.children {
            Children::None => Ok(()),
            Children::Object(_) => {
                for (key, ours, theirs) in by_key(ours, theirs) {
                    if let Some(ours) = ours {
                        self.entry(ours, theirs.unwrap_or(Entry::EMPTY), around, &place.key(key))?;
                    }
                }
                Ok(())
            }
            Children::List(steps) => self.items(steps, theirs, around, place),
        }
    }

    fn items(&mut self, ours: &'a [Step], theirs: &'a Node, around: Around<'a>, place: &Place<'_>) -> Outcome {
        let mut theirs = Pieces::new(theirs);
        // In the list after our op.
        let mut index = 0_usize;
        for step in ours {
            match step {
                Step::Keep(count) => {
                    theirs.skip(*count);
                    index = index.saturating_add(*count);
                }
                Step::New(new) => {
                    self.new_value(new, None, around, &place.index(index))?;
                    index = index.saturating_add(1);
                }
                Step::Item(Old::Stay(node)) => {
                    let theirs = theirs.next_item();
                    self.stays(node, theirs, around, &place.index(index))?;
                    index = index.saturating_add(1);
                }
                Step::Item(Old::Remove(_) | Old::Pick(..)) => theirs.skip(1),
            }
        }
        Ok(())
    }
}

fn bring(op: &JsonOp, new: &New, path: Path) -> Action {
    match new {
        New::Insert(value, _) => Action::Insert(path, Value::clone(value)),
        New::Drop(slot) => Action::Move(locate::picked(op, *slot), path),
    }
}

/// For each move of both ops, ours first: the innermost move that holds the place it goes to.
struct Holders {
    ours: usize,
    moves: Vec<Option<usize>>,
}

impl Holders {
    fn new(ours: usize, theirs: usize) -> Self {
        Self { ours, moves: vec![None; ours + theirs] }
    }

    fn hold(&mut self, number: usize, holder: Option<usize>) {
        if let Some(place) = self.moves.get_mut(number) {
            *place = holder;
        }
    }

    fn holder(&self, number: usize) -> Option<usize> {
        self.moves.get(number).copied().flatten()
    }

    /// Whether the way up from a move never ends.
    fn is_lost(&self, number: usize) -> bool {
        let mut at = Some(number);
        for _ in 0..=self.moves.len() {
            match at {
                None => return false,
                Some(number) => at = self.holder(number),
            }
        }
        true
    }

    fn blackhole(&self, op: &JsonOp, other: &JsonOp) -> Option<Conflict> {
        if self.ours == 0 || self.ours == self.moves.len() {
            return None;
        }
        let mut conflict = Conflict { kind: ConflictKind::Blackhole, ours: vec![], theirs: vec![] };
        for number in 0..self.moves.len() {
            let is_ours = number < self.ours;
            let crosses = self.holder(number).is_some_and(|holder| (holder < self.ours) != is_ours);
            if !crosses || !self.is_lost(number) {
                continue;
            }
            if is_ours {
                conflict.ours.push(Action::Move(locate::picked(op, number), locate::dropped(op, number)));
            } else {
                let slot = number - self.ours;
                conflict.theirs.push(Action::Move(locate::picked(other, slot), locate::dropped(other, slot)));
            }
        }
        (!conflict.ours.is_empty()).then_some(conflict)
    }
}
