//! Ops on plain strings, for texts inside other documents.

use super::TextOp;
use super::runs::{Counted, Run};
use crate::{OpError, OpErrorKind};

/// Changes a string as [`Text::apply`](super::Text) changes a rope, in time linear in its length.
///
/// # Errors
///
/// Returns an [`OpError`] that names the place when `op` does not fit, and leaves the text as it was.
pub fn apply_to_string(text: &mut String, op: &TextOp) -> Result<(), OpError> {
    *text = applied(text.as_str(), op)?;
    Ok(())
}

/// The op that takes `op` back, as [`Text::invert`](super::Text) makes it from a rope.
///
/// # Errors
///
/// Returns an [`OpError`] when `op` does not fit `before`.
pub fn invert_on_str(op: &TextOp, before: &str) -> Result<TextOp, OpError> {
    let mut inverse = TextOp::new();
    let mut rest = before;
    let mut position = 0_usize;
    for run in op.runs() {
        match run {
            Run::Retain(count) => {
                rest = split(rest, count, position)?.1;
                position = position.saturating_add(count);
                inverse.push_retain(count);
            }
            Run::Insert(text) => inverse.push_delete(text.chars().count()),
            Run::Delete(count) => {
                let (deleted, after) = split(rest, count, position)?;
                rest = after;
                position = position.saturating_add(count);
                inverse.push_insert(Counted::new(deleted));
            }
        }
    }
    Ok(inverse)
}

fn applied(text: &str, op: &TextOp) -> Result<String, OpError> {
    let mut result = String::with_capacity(text.len().saturating_add(op.inserted().len()));
    let mut rest = text;
    let mut position = 0_usize;
    for run in op.runs() {
        match run {
            Run::Retain(count) => {
                let (kept, after) = split(rest, count, position)?;
                result.push_str(kept);
                rest = after;
                position = position.saturating_add(count);
            }
            Run::Insert(text) => result.push_str(text),
            Run::Delete(count) => {
                rest = split(rest, count, position)?.1;
                position = position.saturating_add(count);
            }
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// The refusal of a run that begins at `position`.
pub(super) fn too_short(position: usize, count: usize) -> OpError {
    OpError::new(
        OpErrorKind::OutOfRange,
        format!("position {position}"),
        format!("the op needs {count} more characters, but the text ends before"),
    )
}

/// Splits `text`, which begins at `position` of the document, behind its first `count` code points.
fn split(text: &str, count: usize, position: usize) -> Result<(&str, &str), OpError> {
    let mut indices = text.char_indices();
    match count.checked_sub(1) {
        None => return Ok(("", text)),
        Some(skipped) => {
            if indices.nth(skipped).is_none() {
                return Err(too_short(position, count));
            }
        }
    }
    let middle = indices.next().map_or(text.len(), |(index, _)| index);
    Ok(text.split_at_checked(middle).unwrap_or((text, "")))
}
