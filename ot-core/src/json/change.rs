//! The shape of an op: a tree over the document before it.
//!
//! `json1` writes an op with indexes into the document before (removes) and after (inserts and edits). Inside, both
//! hang on the one thing that two concurrent ops have in common, the document before: an object's changes by key, a
//! list's as a run list like that of a text.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::number::is_zero;
use crate::text::TextOp;

/// A change to a JSON document, always in canonical form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOp {
    /// What happens at the root; nothing for the op that changes nothing.
    pub(super) root: Option<Change>,
}

/// What happens to one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// It goes.
    Remove,
    /// It comes where nothing was.
    Insert(Value),
    /// It goes, and another comes in its place.
    Replace(Value),
    /// It stays, and something in it changes.
    Edit(Node),
}

/// What changes in a value that stays. Never empty inside an op.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub(super) leaf: Option<Leaf>,
    pub(super) children: Children,
}

/// A change to a string or a number as such.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leaf {
    Text(TextOp),
    Add(Number),
}

/// Changes to what is in an object or a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Children {
    #[default]
    None,
    Object(BTreeMap<String, Change>),
    List(Steps),
}

/// A run list over a list.
///
/// Between two items that stay, inserts stand before removes: their order means nothing there, and `json1` can't
/// express it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Steps(Vec<Step>);

/// One step through a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Keeps this many items.
    Keep(usize),
    /// Removes this many items.
    Remove(usize),
    /// Inserts an item.
    Insert(Value),
    /// Keeps one item and changes something in it.
    Edit(Node),
}

impl Node {
    /// The node as a change; nothing when nothing changes.
    pub(super) fn into_change(self) -> Option<Change> {
        (!self.is_empty()).then_some(Change::Edit(self))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.leaf.is_none() && matches!(self.children, Children::None)
    }

    pub(super) fn of_leaf(leaf: Leaf) -> Self {
        Self { leaf: leaf.unless_noop(), children: Children::None }
    }
}

impl Leaf {
    /// The leaf, unless it changes nothing: editing without runs, or adding zero.
    pub(super) fn unless_noop(self) -> Option<Self> {
        let noop = match &self {
            Self::Text(op) => op.is_noop(),
            Self::Add(amount) => is_zero(amount),
        };
        (!noop).then_some(self)
    }
}

impl Children {
    pub(super) fn of_object(changes: BTreeMap<String, Change>) -> Self {
        if changes.is_empty() { Self::None } else { Self::Object(changes) }
    }

    pub(super) fn of_list(steps: Steps) -> Self {
        let steps = steps.finish();
        if steps.0.is_empty() { Self::None } else { Self::List(steps) }
    }
}

impl Steps {
    pub(super) fn as_slice(&self) -> &[Step] {
        &self.0
    }

    pub(super) fn keep(&mut self, count: usize) {
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Step::Keep(length)) => *length = length.saturating_add(count),
            _ => self.0.push(Step::Keep(count)),
        }
    }

    pub(super) fn remove(&mut self, count: usize) {
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Step::Remove(length)) => *length = length.saturating_add(count),
            _ => self.0.push(Step::Remove(count)),
        }
    }

    pub(super) fn insert(&mut self, value: Value) {
        // Removes between two kept items are always one step, so one step back is far enough.
        let end = self.0.len() - usize::from(matches!(self.0.last(), Some(Step::Remove(_))));
        self.0.insert(end, Step::Insert(value));
    }

    /// Keeps one item, changed if `node` says so.
    pub(super) fn edit(&mut self, node: Node) {
        if node.is_empty() {
            self.keep(1);
        } else {
            self.0.push(Step::Edit(node));
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        for step in other.0 {
            match step {
                Step::Keep(count) => self.keep(count),
                Step::Remove(count) => self.remove(count),
                Step::Insert(value) => self.insert(value),
                Step::Edit(node) => self.edit(node),
            }
        }
    }

    fn finish(mut self) -> Self {
        if let Some(Step::Keep(_)) = self.0.last() {
            self.0.pop();
        }
        self
    }
}

/// Takes steps piece by piece, as long as the other op's pieces are.
pub(super) struct StepPieces<'a> {
    steps: std::slice::Iter<'a, Step>,
    rest: Option<StepPiece<'a>>,
}

/// A piece of a step. Past the last step everything is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum StepPiece<'a> {
    Keep(usize),
    Remove(usize),
    Insert(&'a Value),
    Edit(&'a Node),
}

impl<'a> StepPieces<'a> {
    pub(super) fn new(steps: &'a Steps) -> Self {
        let mut pieces = Self { steps: steps.0.iter(), rest: None };
        pieces.advance();
        pieces
    }

    pub(super) fn peek(&self) -> Option<StepPiece<'a>> {
        self.rest
    }

    /// Takes at most `count` items of the next step.
    pub(super) fn take(&mut self, count: usize) -> StepPiece<'a> {
        match self.rest {
            None => StepPiece::Keep(count),
            Some(StepPiece::Keep(length)) if length > count => {
                self.rest = Some(StepPiece::Keep(length - count));
                StepPiece::Keep(count)
            }
            Some(StepPiece::Remove(length)) if length > count => {
                self.rest = Some(StepPiece::Remove(length - count));
                StepPiece::Remove(count)
            }
            Some(piece) => {
                self.advance();
                piece
            }
        }
    }

    fn advance(&mut self) {
        self.rest = self.steps.next().map(|step| match step {
            Step::Keep(count) => StepPiece::Keep(*count),
            Step::Remove(count) => StepPiece::Remove(*count),
            Step::Insert(value) => StepPiece::Insert(value),
            Step::Edit(node) => StepPiece::Edit(node),
        });
    }
}

impl StepPiece<'_> {
    /// How many items the piece takes up, before the op for keeps, removes and edits; one for an insert.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Keep(count) | Self::Remove(count) => *count,
            Self::Insert(_) | Self::Edit(_) => 1,
        }
    }
}
