use std::fmt;

/// Why bytes can't be decoded, or something can't be encoded: a stable code, the place, and a hint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} in {place}: {hint}")]
pub struct CodecError {
    kind: CodecErrorKind,
    place: &'static str,
    hint: String,
}

impl CodecError {
    /// An error of `kind` in the part named `place`, with what is wrong there.
    pub fn new(kind: CodecErrorKind, place: &'static str, hint: impl Into<String>) -> Self {
        Self { kind, place, hint: hint.into() }
    }

    /// The kind of the error, for code to act on.
    #[must_use]
    pub fn kind(&self) -> CodecErrorKind {
        self.kind
    }

    /// The part of the bytes, for people.
    #[must_use]
    pub fn place(&self) -> &str {
        self.place
    }

    /// What is wrong there, for people.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }

    pub(super) fn malformed(place: &'static str, hint: impl Into<String>) -> Self {
        Self::new(CodecErrorKind::Malformed, place, hint)
    }

    pub(super) fn too_large(place: &'static str, hint: impl Into<String>) -> Self {
        Self::new(CodecErrorKind::TooLarge, place, hint)
    }
}

/// The kinds of [`CodecError`]. Their [`code`](CodecErrorKind::code) never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CodecErrorKind {
    /// The bytes are something else: another format, another version of it, another type of document.
    Foreign,
    /// The bytes end too early.
    Truncated,
    /// The checksum says that bytes changed on the way.
    Damaged,
    /// The bytes arrived as they were written, but no writer of this format writes them.
    Malformed,
    /// The contents are larger or deeper than the [`Limits`](super::Limits) allow.
    TooLarge,
}

impl CodecErrorKind {
    /// The stable code, as it stands in messages to other programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Foreign => "codec_foreign",
            Self::Truncated => "codec_truncated",
            Self::Damaged => "codec_damaged",
            Self::Malformed => "codec_malformed",
            Self::TooLarge => "codec_too_large",
        }
    }
}

impl fmt::Display for CodecErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
