//! The runs of an op: how they are kept, and how to take them piece by piece.

use std::slice;

/// One step of a [`TextOp`](super::TextOp) through a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Run<'a> {
    /// Keeps this many code points.
    Retain(usize),
    /// Inserts this text.
    Insert(&'a str),
    /// Deletes this many code points.
    Delete(usize),
}

/// A run as it is kept: what all runs insert stands in one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Keeps this many code points.
    Retain(usize),
    /// Inserts the next so many bytes, which are so many code points.
    Insert {
        /// The length in bytes.
        bytes: usize,
        /// The length in code points.
        chars: usize,
    },
    /// Deletes this many code points.
    Delete(usize),
}

/// The runs of an op, from [`TextOp::runs`](super::TextOp::runs).
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    pieces: Pieces<'a>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(pieces: Pieces<'a>) -> Self {
        Self { pieces }
    }
}

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        self.pieces.next().map(|piece| match piece {
            Piece::Retain(count) => Run::Retain(count),
            Piece::Insert(text) => Run::Insert(text.text),
            Piece::Delete(count) => Run::Delete(count),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.pieces.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for Runs<'_> {}

/// A text and how many code points it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted<'a> {
    pub(super) text: &'a str,
    pub(super) chars: usize,
}

impl<'a> Counted<'a> {
    #[inline]
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, chars: count_chars(text) }
    }

    /// The text before and from the code point `chars` on, which is within the text.
    pub(super) fn split_at(self, chars: usize) -> (Self, Self) {
        let byte = if self.text.len() == self.chars { chars } else { byte_of(self.text, chars) };
        let (before, after) = self.text.split_at_checked(byte).unwrap_or((self.text, ""));
        (Self { text: before, chars }, Self { text: after, chars: self.chars.saturating_sub(chars) })
    }
}

/// A piece of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Retain(usize),
    Insert(Counted<'a>),
    Delete(usize),
}

/// Takes a run list piece by piece, as long as the other op's pieces are.
#[derive(Clone, Debug)]
pub(super) struct Pieces<'a> {
    steps: slice::Iter<'a, Step>,
    text: &'a str,
    rest: Option<Piece<'a>>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(steps: &'a [Step], text: &'a str) -> Self {
        let mut pieces = Self { steps: steps.iter(), text, rest: None };
        pieces.advance();
        pieces
    }

    /// What comes next, uncut.
    pub(super) fn peek(&self) -> Option<Piece<'a>> {
        self.rest
    }

    /// Takes the whole next piece.
    pub(super) fn next(&mut self) -> Option<Piece<'a>> {
        let piece = self.rest;
        self.advance();
        piece
    }

    /// Takes at most `count` code points of the next piece.
    pub(super) fn take(&mut self, count: usize) -> Option<Piece<'a>> {
        let (taken, rest) = match self.rest? {
            Piece::Retain(length) if length > count => (Piece::Retain(count), Piece::Retain(length - count)),
            Piece::Delete(length) if length > count => (Piece::Delete(count), Piece::Delete(length - count)),
            Piece::Insert(text) if text.chars > count => {
                let (taken, rest) = text.split_at(count);
                (Piece::Insert(taken), Piece::Insert(rest))
            }
            _ => return self.next(),
        };
        self.rest = Some(rest);
        Some(taken)
    }

    fn len(&self) -> usize {
        self.steps.len() + usize::from(self.rest.is_some())
    }

    fn advance(&mut self) {
        self.rest = self.steps.next().map(|step| match *step {
            Step::Retain(count) => Piece::Retain(count),
            Step::Insert { bytes, chars } => {
                let (text, rest) = self.text.split_at_checked(bytes).unwrap_or((self.text, ""));
                self.text = rest;
                Piece::Insert(Counted { text, chars })
            }
            Step::Delete(count) => Piece::Delete(count),
        });
    }
}

/// How many code points a text has.
#[inline]
pub(super) fn count_chars(text: &str) -> usize {
    // Most texts are a letter, for which the general way costs more than the rest of an op.
    if text.len() <= 1 { text.len() } else { text.chars().count() }
}

/// Where in a text its code point `chars` begins; the end if there are no more.
pub(super) fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}
