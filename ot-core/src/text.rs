//! Plain text: a run list of retain, insert and delete.
//!
//! The ops, their JSON form and the sides of a transform are those of ottypes `text-unicode`: `[5, "new", {"d": 3}]`
//! keeps five code points, inserts `new`, deletes three, and keeps the rest. Positions count Unicode code points
//! everywhere.

mod absorb;
mod blame;
mod compose;
mod conflicts;
mod inserted;
mod log;
mod op;
mod rope;
mod runs;
mod string;
mod transform;
mod wire;

pub(crate) use blame::steps;
pub use conflicts::{TextChange, TextConflict};
pub use log::{Edits, TextEdit, TextLog};
pub(crate) use log::{Kind, LoggedRun, Part};
pub use op::TextOp;
pub use rope::Rope;
pub use runs::{Run, Runs};
pub use string::{apply_to_string, invert_on_str};

use std::ops::Range;

use crate::{OpError, OtType, Side};
use runs::{Counted, Piece, Step};

/// An op of more runs than this per so many code points is applied by writing the text anew.
const DENSE: usize = 64;

/// Plain text as a kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text;

impl OtType for Text {
    type Snapshot = Rope;
    type Op = TextOp;
    /// Code points before the cursor.
    type Cursor = usize;
    type Log = TextLog;

    fn apply(snapshot: &mut Rope, op: &TextOp) -> Result<(), OpError> {
        // Most ops are a letter, for which the general way costs more than the edit.
        let length = snapshot.len_chars();
        match *op.steps() {
            [Step::Retain(position), Step::Insert { chars, .. }] if position <= length => {
                snapshot.insert(position, Counted { text: op.inserted(), chars });
                return Ok(());
            }
            [Step::Retain(position), Step::Delete(count)] if position <= length && count <= length - position => {
                snapshot.delete(position, count);
                return Ok(());
            }
            [Step::Retain(position), Step::Insert { chars, .. }, Step::Delete(count)]
                if position <= length && count <= length - position =>
            {
                snapshot.delete(position, count);
                snapshot.insert(position, Counted { text: op.inserted(), chars });
                return Ok(());
            }
            _ => {}
        }
        fits(op, length)?;
        if op.steps().len() > snapshot.len_chars() / DENSE + 16 {
            let mut text = String::from(&*snapshot);
            apply_to_string(&mut text, op)?;
            *snapshot = Rope::from(text);
            return Ok(());
        }
        let mut position = 0;
        let mut pieces = op.pieces();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Retain(count) => position += count,
                Piece::Insert(text) => {
                    snapshot.insert(position, text);
                    position += text.chars;
                }
                Piece::Delete(count) => snapshot.delete(position, count),
            }
        }
        Ok(())
    }

    fn replay(snapshot: &mut Rope, log: &TextLog, ops: Range<usize>) -> Result<(), OpError> {
        log.edits(ops).try_for_each(|TextEdit { position, delete, insert }| {
            snapshot.replace(position..position.saturating_add(delete), insert)
        })
    }

    fn transform(op: &TextOp, other: &TextOp, side: Side) -> TextOp {
        transform::transform(op, other, side)
    }

    fn compose(first: &TextOp, second: &TextOp) -> Result<TextOp, OpError> {
        Ok(compose::compose(first, second))
    }

    fn absorb(first: &mut TextOp, second: &TextOp) -> bool {
        absorb::absorb(first, second)
    }

    fn invert(op: &TextOp, before: &Rope) -> Result<TextOp, OpError> {
        fits(op, before.len_chars())?;
        let mut inverse = TextOp::new();
        let mut position = 0;
        for step in op.steps() {
            match *step {
                Step::Retain(count) => {
                    position += count;
                    inverse.push_retain(count);
                }
                Step::Insert { chars, .. } => inverse.push_delete(chars),
                Step::Delete(count) => {
                    let end = position + count;
                    before.for_each_chunk(position..end, |chunk| inverse.push_insert(Counted::new(chunk)));
                    position = end;
                }
            }
        }
        Ok(inverse)
    }

    fn transform_cursor(cursor: &usize, op: &TextOp, side: Side) -> usize {
        transform::transform_position(*cursor, op, side)
    }

    fn normalize(op: TextOp) -> TextOp {
        // The builder and the reader keep ops in canonical form.
        op
    }

    fn is_noop(op: &TextOp) -> bool {
        op.is_noop()
    }
}

/// Whether a text of `length` code points has all that the op keeps or deletes.
fn fits(op: &TextOp, length: usize) -> Result<(), OpError> {
    let mut position = 0;
    for step in op.steps() {
        if let Step::Retain(count) | Step::Delete(count) = *step {
            if count > length - position {
                return Err(string::too_short(position, count));
            }
            position += count;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::OpErrorKind;

    /// The text after the op, which is the same for a rope and for a string.
    fn applied(text: &str, op: &TextOp) -> String {
        let mut rope = Rope::from(text);
        Text::apply(&mut rope, op).unwrap();
        let mut string = text.to_owned();
        apply_to_string(&mut string, op).unwrap();
        assert_eq!(rope, string);
        assert_eq!(Text::invert(op, &Rope::from(text)), invert_on_str(op, text));
        string
    }

    #[test]
    fn an_insert_at_the_same_place_puts_the_left_one_first() {
        let ours = TextOp::new().retain(1).insert("left");
        let theirs = TextOp::new().retain(1).insert("right");
        let merged = applied(&applied("ab", &theirs), &Text::transform(&ours, &theirs, Side::Left));
        assert_eq!(merged, "aleftrightb");
        assert_eq!(applied(&applied("ab", &ours), &Text::transform(&theirs, &ours, Side::Right)), merged);
    }

    #[test]
    fn an_op_past_the_end_is_refused_and_changes_nothing() {
        let mut text = Rope::from("héllo");
        let error = Text::apply(&mut text, &TextOp::new().retain(3).delete(3)).unwrap_err();
        assert_eq!(error.kind(), OpErrorKind::OutOfRange);
        assert_eq!(error.place(), "position 3");
        assert_eq!(text, "héllo");
    }

    #[test]
    fn positions_count_code_points() {
        assert_eq!(applied("a💃b", &TextOp::new().retain(2).insert("é").delete(1)), "a💃é");
    }

    #[test]
    fn huge_counts_neither_overflow_nor_panic() {
        let huge = TextOp::new().retain(usize::MAX).delete(usize::MAX).retain(usize::MAX).insert("x");
        let other = TextOp::new().retain(usize::MAX).delete(7).insert("y");
        let _ = Text::transform(&huge, &other, Side::Left);
        let _ = Text::compose(&huge, &other).unwrap();
        assert!(Text::apply(&mut Rope::from("short"), &huge).is_err());
    }
}
