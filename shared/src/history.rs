//! What happened to a document, for people: what differs between two revisions, what a cell held, and what two lines
//! of edits can't both have.
//!
//! Everything is told by what does not change when things move: a row by its id, not by its place.

mod cell;
mod conflicts;
mod describe;
mod differences;
mod memo;
mod memo_conflicts;
mod place;
mod sides;

pub use cell::{CellContent, cell_content};
pub use conflicts::{Choice, Choices, MergeConflict, model_conflicts, with_choices};
pub use describe::{Change, ChangeKind, Comparison, changes};
pub use memo::{SpanKind, TextSpan, memo_of, memo_op, text_op, text_spans};
pub use memo_conflicts::{memo_choices, memo_conflicts};
pub use sides::{Direction, Merged, Sides};
