use crate::{ClientId, OpError, OtType, Revision};

/// A kind of document that can say which revision each part of it comes from.
pub trait Blame: OtType {
    /// Where everything in a document comes from.
    type Origins;

    /// Where everything in the newest document comes from, if `ops` led there from `oldest`. What `oldest` held comes
    /// from `revision`.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when the ops do not follow one another.
    fn origins(
        oldest: &Self::Snapshot,
        revision: Revision,
        ops: impl Iterator<Item = (Revision, Self::Op)>,
    ) -> Result<Self::Origins, OpError>;
}

/// A stretch of a text that was inserted by one revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSpan {
    /// How long it is, in the units in which the kind of document counts.
    pub length: usize,
    /// The revision that inserted it; [`History::stamp`](super::History::stamp) tells by whom and when.
    pub revision: Revision,
}

/// A stretch of a text that one author inserted, in one revision or in several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorSpan {
    /// How long it is, in the units in which the kind of document counts.
    pub length: usize,
    /// Who inserted it; nobody known for what was there in the oldest document.
    pub author: Option<ClientId>,
}
