use super::attributes::{Attributes, difference};
use super::delta::{Content, Delta, Run};
use super::pieces::Slice;
use super::unit::Unit;
use crate::{OpError, OpErrorKind};

/// A rich text: a Delta that only inserts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    delta: Delta,
}

impl Document {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The op that makes this document of an empty one.
    #[must_use]
    pub fn as_delta(&self) -> &Delta {
        &self.delta
    }

    /// What stands in the document, each with its attributes.
    pub fn contents(&self) -> impl Iterator<Item = (&Content, &Attributes)> {
        self.runs().iter().filter_map(|run| match run {
            Run::Insert(content, attributes) => Some((content, attributes)),
            Run::Retain(..) | Run::Delete(_) => None,
        })
    }

    pub(super) fn runs(&self) -> &[Run] {
        self.delta.runs()
    }

    pub(super) fn length<U: Unit>(&self) -> usize {
        self.contents().map(|(content, _)| content.as_slice().length::<U>()).fold(0, usize::saturating_add)
    }
}

impl From<&str> for Document {
    /// Plain text.
    fn from(text: &str) -> Self {
        Self { delta: Delta::new().insert(text) }
    }
}

impl TryFrom<Delta> for Document {
    type Error = OpError;

    /// # Errors
    ///
    /// Returns an [`OpError`] when the Delta does anything but insert.
    fn try_from(delta: Delta) -> Result<Self, OpError> {
        if delta.runs().iter().all(|run| matches!(run, Run::Insert(..))) {
            Ok(Self { delta: delta.finish() })
        } else {
            Err(OpError::new(OpErrorKind::Malformed, "the document", "a document only inserts"))
        }
    }
}

pub(super) fn past_the_end(position: usize) -> OpError {
    OpError::new(OpErrorKind::OutOfRange, format!("position {position}"), "the op reaches past the end of the document")
}

/// A character or an embed with its attributes.
type Atom<'a> = (Slice<'a>, &'a Attributes);

pub(super) fn diff<U: Unit>(before: &Document, after: &Document) -> Delta {
    let (old, new) = (atoms(before), atoms(after));
    let same = |((old, _), (new, _)): &(&Atom<'_>, &Atom<'_>)| old == new;
    let start = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(same).count();

    let mut op = Delta::new();
    let keep = |op: &mut Delta, from: usize, to: usize, count: usize| {
        for ((content, old), (_, new)) in old.iter().skip(from).zip(new.iter().skip(to)).take(count) {
            op.push_retain(content.length::<U>(), difference(old, new));
        }
    };
    keep(&mut op, 0, 0, start);
    for (content, attributes) in new.iter().take(new.len() - end).skip(start) {
        op.push_insert(*content, Attributes::clone(attributes));
    }
    for (content, _) in old.iter().take(old.len() - end).skip(start) {
        op.push_delete(content.length::<U>());
    }
    keep(&mut op, old.len() - end, new.len() - end, end);
    op.finish()
}

fn atoms(document: &Document) -> Vec<Atom<'_>> {
    let mut atoms = Vec::new();
    for (content, attributes) in document.contents() {
        match content {
            Content::Text(text) => {
                atoms
                    .extend(text.split_inclusive(|_: char| true).map(|character| (Slice::Text(character), attributes)));
            }
            Content::Embed(embed) => atoms.push((Slice::Embed(embed), attributes)),
        }
    }
    atoms
}
