//! How to take the runs of a Delta piece by piece.

use std::marker::PhantomData;

use serde_json::Value;

use super::attributes::Attributes;
use super::delta::{Content, Run};
use super::unit::Unit;
use crate::OpError;

/// A piece of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    Retain(usize, &'a Attributes),
    Insert(Slice<'a>, &'a Attributes),
    Delete(usize),
}

/// A piece of what stands in a rich text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Slice<'a> {
    Text(&'a str),
    Embed(&'a Value),
}

impl Slice<'_> {
    pub(super) fn length<U: Unit>(self) -> usize {
        match self {
            Slice::Text(text) => U::length(text),
            Slice::Embed(_) => 1,
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self == Slice::Text("")
    }

    pub(super) fn to_content(self) -> Content {
        match self {
            Slice::Text(text) => Content::Text(text.to_owned()),
            Slice::Embed(embed) => Content::Embed(embed.clone()),
        }
    }
}

impl Content {
    pub(super) fn as_slice(&self) -> Slice<'_> {
        match self {
            Content::Text(text) => Slice::Text(text),
            Content::Embed(embed) => Slice::Embed(embed),
        }
    }
}

impl<'a> From<&'a Run> for Piece<'a> {
    fn from(run: &'a Run) -> Self {
        match run {
            Run::Retain(count, attributes) => Piece::Retain(*count, attributes),
            Run::Insert(content, attributes) => Piece::Insert(content.as_slice(), attributes),
            Run::Delete(count) => Piece::Delete(*count),
        }
    }
}

/// Takes a run list piece by piece, as long as the other op's pieces are.
pub(super) struct Pieces<'a, U> {
    runs: std::slice::Iter<'a, Run>,
    rest: Option<Piece<'a>>,
    unit: PhantomData<U>,
}

impl<'a, U: Unit> Pieces<'a, U> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        let mut pieces = Self { runs: runs.iter(), rest: None, unit: PhantomData };
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

    /// Takes at most `count` units, which is at least one, of the next piece.
    ///
    /// # Errors
    ///
    /// When the cut is inside a character.
    pub(super) fn take(&mut self, count: usize) -> Result<Option<Piece<'a>>, OpError> {
        let (taken, rest) = match self.rest {
            Some(Piece::Retain(length, attributes)) if length > count => {
                (Piece::Retain(count, attributes), Piece::Retain(length - count, attributes))
            }
            Some(Piece::Delete(length)) if length > count => (Piece::Delete(count), Piece::Delete(length - count)),
            Some(Piece::Insert(Slice::Text(text), attributes)) => {
                let Some((taken, rest)) = U::place(text, count)?.and_then(|place| text.split_at_checked(place)) else {
                    return Ok(self.next());
                };
                (Piece::Insert(Slice::Text(taken), attributes), Piece::Insert(Slice::Text(rest), attributes))
            }
            _ => return Ok(self.next()),
        };
        self.rest = Some(rest);
        Ok(Some(taken))
    }

    fn advance(&mut self) {
        self.rest = self.runs.next().map(Piece::from);
    }
}
