//! The runs of an op, and how to take them piece by piece.

/// One step of an op through a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Run {
    /// Keeps this many code points.
    Retain(usize),
    /// Inserts this text.
    Insert(String),
    /// Deletes this many code points.
    Delete(usize),
}

/// A piece of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Retain(usize),
    Insert(&'a str),
    Delete(usize),
}

/// Takes a run list piece by piece, as long as the other op's pieces are.
pub(super) struct Pieces<'a> {
    runs: std::slice::Iter<'a, Run>,
    rest: Option<Piece<'a>>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        let mut pieces = Self { runs: runs.iter(), rest: None };
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
            Piece::Insert(text) => match text.char_indices().nth(count) {
                Some((middle, _)) => {
                    let (taken, rest) = text.split_at(middle);
                    (Piece::Insert(taken), Piece::Insert(rest))
                }
                None => return self.next(),
            },
            _ => return self.next(),
        };
        self.rest = Some(rest);
        Some(taken)
    }

    fn advance(&mut self) {
        self.rest = self.runs.next().map(|run| match run {
            Run::Retain(count) => Piece::Retain(*count),
            Run::Insert(text) => Piece::Insert(text),
            Run::Delete(count) => Piece::Delete(*count),
        });
    }
}
