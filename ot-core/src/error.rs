use std::fmt;

/// What is wrong with an op: a stable code, the place, and a hint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at {place}: {hint}")]
pub struct OpError {
    kind: OpErrorKind,
    place: String,
    hint: String,
}

impl OpError {
    /// An error of `kind` at `place`, with what is wrong there.
    pub fn new(kind: OpErrorKind, place: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, place: place.into(), hint: hint.into() }
    }

    /// The kind of the error, for code to act on.
    #[must_use]
    pub fn kind(&self) -> OpErrorKind {
        self.kind
    }

    /// The place in the document or in the op, for people.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What is wrong at the place, for people.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

/// The kinds of [`OpError`]. Their [`code`](OpErrorKind::code) never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpErrorKind {
    /// The op is not well-formed by itself.
    Malformed,
    /// The op reaches past the end of a text or a list.
    OutOfRange,
    /// The op names a key or an index where there is nothing.
    Missing,
    /// The op inserts where there is something.
    Occupied,
    /// The op treats a value as another kind of value than it is.
    WrongKind,
    /// The op, or its result, is larger or deeper than this engine accepts.
    TooLarge,
    /// The document is not what a JSON Patch expects it to be.
    TestFailed,
}

impl OpErrorKind {
    /// The stable code, as it stands in messages to other programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "op_malformed",
            Self::OutOfRange => "op_out_of_range",
            Self::Missing => "op_missing",
            Self::Occupied => "op_occupied",
            Self::WrongKind => "op_wrong_kind",
            Self::TooLarge => "op_too_large",
            Self::TestFailed => "op_test_failed",
        }
    }
}

impl fmt::Display for OpErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
