//! What two concurrent ops do that can't both last.

mod scan;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::op::JsonOp;
use super::path::Path;
use super::wire::Descent;

pub(super) use self::scan::find;

/// Two things that two concurrent ops do and that can't both last, with the part of each op that does it.
///
/// Serialized it is an object of `type`, `op1` and `op2`, as `json1` gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What is wrong.
    pub kind: ConflictKind,
    /// What the op that was to be transformed does.
    pub ours: Vec<Action>,
    /// What the other op does.
    pub theirs: Vec<Action>,
}

/// The kinds of [`Conflict`], with the numbers of `json1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConflictKind {
    /// `RM_UNEXPECTED_CONTENT`: one op removes a value that the other edits, or brings something into.
    RmUnexpectedContent,
    /// `DROP_COLLISION`: both ops bring different values to one key.
    DropCollision,
    /// `BLACKHOLE`: each op moves a value into one that the other moves, so that neither has a place.
    Blackhole,
}

impl ConflictKind {
    /// The number by which `json1` names the kind.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::RmUnexpectedContent => 1,
            Self::DropCollision => 2,
            Self::Blackhole => 3,
        }
    }
}

/// A part of an op, as far as a conflict is about it. Paths of what leaves are in the document before the op, all
/// others in the document after it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Removes what is at a path.
    Remove(Path),
    /// Inserts a value at a path.
    Insert(Path, Value),
    /// Moves from one path to another.
    Move(Path, Path),
    /// Edits the string or the number at a path, as this op does.
    Edit(Path, Box<JsonOp>),
}

impl Conflict {
    /// The same conflict as the author of the other op sees it.
    #[must_use]
    pub fn inverted(self) -> Self {
        Self { kind: self.kind, ours: self.theirs, theirs: self.ours }
    }
}

impl Serialize for Conflict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from(self).serialize(serializer)
    }
}

impl From<&Conflict> for Value {
    fn from(conflict: &Conflict) -> Self {
        let mut entries = Map::new();
        entries.insert("type".to_owned(), Self::from(conflict.kind.number()));
        entries.insert("op1".to_owned(), descents(&conflict.ours).written());
        entries.insert("op2".to_owned(), descents(&conflict.theirs).written());
        Self::Object(entries)
    }
}

fn descents(actions: &[Action]) -> Descent {
    let mut all = Descent::default();
    for (slot, action) in actions.iter().enumerate() {
        match action {
            Action::Remove(path) => all.merge(Descent::remove().at(&path.0)),
            Action::Insert(path, value) => all.merge(Descent::insert(value.clone()).at(&path.0)),
            Action::Move(from, to) => {
                all.merge(Descent::pick(slot).at(&from.0));
                all.merge(Descent::drop(slot).at(&to.0));
            }
            Action::Edit(_, op) => all.merge(Descent::of(op)),
        }
    }
    all
}

/// The op that removes what the actions bring or edit, behind the op that they are part of.
fn removal(actions: &[Action]) -> JsonOp {
    let mut removes = Descent::default();
    for action in actions {
        match action {
            Action::Remove(_) => {}
            Action::Insert(path, _) | Action::Move(_, path) | Action::Edit(path, _) => {
                removes.merge(Descent::remove().at(&path.0));
            }
        }
    }
    // Removes fit together, unless they take one value for a list and for an object.
    JsonOp::of_halves(removes, Descent::default()).unwrap_or_default()
}

/// The ops that end a conflict, each behind the op whose part it takes back: ours, then theirs. Of two values at one
/// key ours stays if `ours_stays`.
pub(super) fn resolution(conflict: &Conflict, ours_stays: bool) -> (JsonOp, JsonOp) {
    let nothing = JsonOp::default();
    match conflict.kind {
        ConflictKind::DropCollision if ours_stays => (nothing, removal(&conflict.theirs)),
        ConflictKind::DropCollision => (removal(&conflict.ours), nothing),
        ConflictKind::RmUnexpectedContent | ConflictKind::Blackhole => {
            (removal(&conflict.ours), removal(&conflict.theirs))
        }
    }
}
