//! What a comment or an annotation hangs on, and how that follows the edits of a document.
//!
//! A cell is named by the ids of its row and its period, which no edit changes: it is lost while one of them is not
//! there, and is back when an undo brings that back. A stretch of text is named by its place, which every op may move:
//! [`Anchored::carry`] takes it along, op by op, and the app and the server do so alike.

mod place;
mod text;

use ot_core::json::{JsonOp, MAX_DEPTH, Path, PathSegment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{ANCHOR_CELLS, QUOTE_CHARS};
use crate::model::{ItemId, PeriodId};

pub use place::Places;

/// The longest way to a string, in bytes of its keys. Documents have shorter ones.
const PATH_BYTES: usize = 2_000;

/// A place in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Anchor {
    /// One cell of a model.
    Cell {
        /// The row.
        item: ItemId,
        /// The column; none for an item with one value, or for the whole of another row.
        period: Option<PeriodId>,
    },
    /// A rectangle of cells. It reaches from the first to the last of the rows and periods that are still there, so
    /// that one which comes between them is inside, and one which goes makes it smaller.
    Cells {
        /// The rows.
        items: Vec<ItemId>,
        /// The columns; none for items with one value.
        periods: Vec<PeriodId>,
    },
    /// A stretch of a string.
    Text {
        /// Where the string is; empty for a memo, which is one string.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<serde_json::Value>))]
        path: Path,
        /// The code points before the stretch.
        start: usize,
        /// The code points up to its end.
        end: usize,
    },
}

/// An anchor as it stands at some revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// Where it is; where it last was, if it is lost.
    pub anchor: Anchor,
    /// What stood there when it was made, for people who look for what is lost: the beginning of the text, or what the
    /// cells are called.
    pub quote: String,
    /// Whether what it hung on is gone.
    pub is_lost: bool,
}

/// Why an anchor can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// It names too many rows or columns.
    #[error("an anchor names at most {ANCHOR_CELLS} rows and periods; choose fewer cells")]
    TooManyCells,
    /// It names nothing.
    #[error("the anchor names no cells and no text; choose some")]
    Empty,
    /// The document has no such cell.
    #[error("the document has no such cell; choose another")]
    NoSuchCell,
    /// The document has no such text.
    #[error("the document has no such stretch of text; choose another")]
    NoSuchText,
}

impl Anchor {
    /// The anchor in the document as it is, with what stands there.
    ///
    /// # Errors
    ///
    /// Returns an [`AnchorError`] when the document has no such place, or the anchor is too large.
    pub fn hang(self, document: &Value) -> Result<Anchored, AnchorError> {
        self.check()?;
        let quote = match &self {
            Self::Text { path, start, end } => {
                let string = text::string_at(document, path).ok_or(AnchorError::NoSuchText)?;
                text::quote(string, *start, *end).ok_or(AnchorError::NoSuchText)?
            }
            Self::Cell { item, period } => {
                let places = Places::of(document);
                places.name(std::slice::from_ref(item), period.as_slice()).ok_or(AnchorError::NoSuchCell)?
            }
            Self::Cells { items, periods } => {
                Places::of(document).name(items, periods).ok_or(AnchorError::NoSuchCell)?
            }
        };
        Ok(Anchored { anchor: self, quote, is_lost: false })
    }

    /// Whether the anchor may be one of some document.
    ///
    /// # Errors
    ///
    /// Returns an [`AnchorError`] when it names nothing, or too much.
    pub fn check(&self) -> Result<(), AnchorError> {
        match self {
            Self::Cell { .. } => Ok(()),
            Self::Cells { items, .. } if items.is_empty() => Err(AnchorError::Empty),
            Self::Cells { items, periods } if items.len().saturating_add(periods.len()) > ANCHOR_CELLS => {
                Err(AnchorError::TooManyCells)
            }
            Self::Cells { .. } => Ok(()),
            Self::Text { start, end, .. } if start >= end => Err(AnchorError::Empty),
            Self::Text { path, .. } => {
                let bytes = path.0.iter().map(|segment| match segment {
                    PathSegment::Key(key) => key.len(),
                    PathSegment::Index(_) => 0,
                });
                let fits = path.0.len() <= MAX_DEPTH && bytes.sum::<usize>() <= PATH_BYTES;
                if fits { Ok(()) } else { Err(AnchorError::NoSuchText) }
            }
        }
    }
}

impl Anchored {
    /// Takes the anchor over `op`, which is applied to the document that it stands in. What is inserted at either end
    /// of a text stays outside of it. A text of which everything is deleted is lost; it is back when an op brings back,
    /// to where it was, what the quote says, as the undo of a deletion does.
    ///
    /// # Laws
    ///
    /// The text under an anchor is the text that was there, without what the op deletes of it and with what it inserts
    /// between two code points of it, wherever the op moves the string.
    pub fn carry(&mut self, op: &JsonOp) {
        let Anchor::Text { path, start, end } = &self.anchor else { return };
        let carried = if self.is_lost {
            text::recovered(path, *start, &self.quote, op).ok_or_else(|| text::ghost(path, *start, op))
        } else {
            text::carried(path, *start, *end, op)
                .or_else(|lost| text::recovered(path, *start, &self.quote, op).ok_or(lost))
        };
        self.is_lost = carried.is_err();
        let (path, start, end) = match carried {
            Ok(text::Stretch { path, start, end }) => (path, start, end),
            Err(text::Ghost { path, offset }) => (path, offset, offset),
        };
        self.anchor = Anchor::Text { path, start, end };
    }

    /// Looks whether the cells that it hangs on are in the document; says nothing new of a text.
    pub fn look(&mut self, places: &Places<'_>) {
        match &self.anchor {
            Anchor::Cell { item, period } => {
                self.is_lost = !places.has(std::slice::from_ref(item), period.as_slice());
            }
            Anchor::Cells { items, periods } => self.is_lost = !places.has(items, periods),
            Anchor::Text { .. } => {}
        }
    }

    /// Whether the edits of a document may lose or move it otherwise than by taking its cells away.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.anchor, Anchor::Text { .. })
    }
}

/// The beginning of `text`, of which a quote takes no more.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(QUOTE_CHARS).map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}
