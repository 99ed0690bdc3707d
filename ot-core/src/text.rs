//! Plain text: a run list of retain, insert and delete.
//!
//! The ops, their JSON form and the sides of a transform are those of ottypes `text-unicode`: `[5, "new", {"d": 3}]`
//! keeps five code points, inserts `new`, deletes three, and keeps the rest. Positions count Unicode code points
//! everywhere.

mod blame;
mod compose;
mod log;
mod op;
mod runs;
mod transform;

pub use log::{Edits, TextEdit, TextLog};
pub(crate) use log::{Kind, LoggedRun, Part};
pub use op::TextOp;

use std::ops::Range;

use crate::{OpError, OpErrorKind, OtType, Side};

/// Plain text as a kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text;

impl OtType for Text {
    type Snapshot = String;
    type Op = TextOp;
    /// Code points before the cursor.
    type Cursor = usize;
    type Log = TextLog;

    fn apply(snapshot: &mut String, op: &TextOp) -> Result<(), OpError> {
        let mut result = String::with_capacity(snapshot.len().saturating_add(op.inserted_bytes()));
        let mut rest = snapshot.as_str();
        let mut position = 0;
        for run in op.runs() {
            match run {
                runs::Run::Retain(count) => {
                    let (kept, after) = split(rest, *count, position)?;
                    result.push_str(kept);
                    rest = after;
                    position += count;
                }
                runs::Run::Insert(text) => result.push_str(text),
                runs::Run::Delete(count) => {
                    rest = split(rest, *count, position)?.1;
                    position += count;
                }
            }
        }
        result.push_str(rest);
        *snapshot = result;
        Ok(())
    }

    fn replay(snapshot: &mut String, log: &TextLog, ops: Range<usize>) -> Result<(), OpError> {
        log.edits(ops).try_for_each(|TextEdit { position, delete, insert }| {
            Self::apply(snapshot, &TextOp::new().retain(position).insert(insert).delete(delete))
        })
    }

    fn transform(op: &TextOp, other: &TextOp, side: Side) -> TextOp {
        transform::transform(op, other, side)
    }

    fn compose(first: &TextOp, second: &TextOp) -> Result<TextOp, OpError> {
        Ok(compose::compose(first, second))
    }

    fn invert(op: &TextOp, before: &String) -> Result<TextOp, OpError> {
        let mut inverse = TextOp::new();
        let mut rest = before.as_str();
        let mut position = 0_usize;
        for run in op.runs() {
            match run {
                runs::Run::Retain(count) => {
                    rest = split(rest, *count, position)?.1;
                    position = position.saturating_add(*count);
                    inverse.push_retain(*count);
                }
                runs::Run::Insert(text) => inverse.push_delete(text.chars().count()),
                runs::Run::Delete(count) => {
                    let (deleted, after) = split(rest, *count, position)?;
                    rest = after;
                    position = position.saturating_add(*count);
                    inverse.push_insert(deleted);
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

/// Splits `text`, which begins at `position` of the document, behind its first `count` code points.
fn split(text: &str, count: usize, position: usize) -> Result<(&str, &str), OpError> {
    let mut indices = text.char_indices();
    match count.checked_sub(1) {
        None => return Ok(("", text)),
        Some(skipped) => {
            if indices.nth(skipped).is_none() {
                return Err(OpError::new(
                    OpErrorKind::OutOfRange,
                    format!("position {position}"),
                    format!("the op needs {count} more characters, but the text ends before"),
                ));
            }
        }
    }
    let middle = indices.next().map_or(text.len(), |(index, _)| index);
    Ok(text.split_at(middle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, op: &TextOp) -> String {
        let mut text = text.to_owned();
        Text::apply(&mut text, op).unwrap();
        text
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
        let mut text = String::from("héllo");
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
        assert!(Text::apply(&mut String::from("short"), &huge).is_err());
    }
}
