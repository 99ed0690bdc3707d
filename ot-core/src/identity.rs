use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The number of ops committed to a document so far: 0 for a new one, and the op that makes it 1 has revision 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// A document before its first op.
    pub const ZERO: Self = Self(0);

    /// The revision after this one. Stays at the last one that can be counted.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One writer: a browser tab, a program. Chosen by the writer at random, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(pub Uuid);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Counts what one client submitted to one document: 1, 2, 3, … With the client it names a submission for ever, so
/// that a submission sent twice is committed once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The sequence after this one. Stays at the last one that can be counted.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An op on its way from a client to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission<Op> {
    /// Who submits.
    pub client: ClientId,
    /// Which of the client's submissions this is.
    pub sequence: Sequence,
    /// The revision that `op` applies to.
    pub base: Revision,
    /// The change.
    pub op: Op,
}

/// An op in its final place in the document's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Committed<Op> {
    /// The revision that the op made.
    pub revision: Revision,
    /// Who submitted it.
    pub client: ClientId,
    /// Which of the client's submissions it was.
    pub sequence: Sequence,
    /// The change, as it applies to the revision before.
    pub op: Op,
}
