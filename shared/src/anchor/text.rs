//! Stretches of text over ops.

use ot_core::json::{Change, Json, JsonCursor, JsonOp, Path, PathSegment};
use ot_core::text::{Run, TextOp};
use ot_core::{OtType, Side};
use serde_json::Value;

use super::shortened;

/// A stretch of the string at `path`, which has something in it.
pub(super) struct Stretch {
    pub(super) path: Path,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where a stretch was that is gone.
pub(super) struct Ghost {
    pub(super) path: Path,
    pub(super) offset: usize,
}

/// The string at `path`.
pub(super) fn string_at<'a>(document: &'a Value, path: &Path) -> Option<&'a str> {
    at(document, &path.0)?.as_str()
}

/// The beginning of what stands from `start` to `end`, if the text is that long.
pub(super) fn quote(text: &str, start: usize, end: usize) -> Option<String> {
    let from = byte_of(text, start)?;
    let until = byte_of(text, end)?;
    text.get(from..until).map(|quoted| shortened(quoted).to_owned())
}

/// Where the stretch is after the op.
pub(super) fn carried(path: &Path, start: usize, end: usize, op: &JsonOp) -> Result<Stretch, Ghost> {
    let Some(moved) = Json::transform_path(path, op) else {
        return Err(Ghost { path: path.clone(), offset: start });
    };
    let start = offset(path, start, op, Side::Right);
    let end = offset(path, end, op, Side::Left);
    if start < end { Ok(Stretch { path: moved, start, end }) } else { Err(Ghost { path: moved, offset: end }) }
}

/// Where it would be after the op.
pub(super) fn ghost(path: &Path, start: usize, op: &JsonOp) -> Ghost {
    match Json::transform_path(path, op) {
        Some(moved) => Ghost { path: moved, offset: offset(path, start, op, Side::Left) },
        None => Ghost { path: path.clone(), offset: start },
    }
}

/// Where the op brings back what the quote says, if it does so at the place where that was, and once only.
pub(super) fn recovered(path: &Path, start: usize, quote: &str, op: &JsonOp) -> Option<Stretch> {
    if quote.is_empty() {
        return None;
    }
    let length = quote.chars().count();
    let edited = Json::transform_path(path, op);
    op.changes().find_map(|change| match change {
        Change::EditText { at, op } if edited.as_ref() == Some(&at) => {
            let from = brought(start, quote, op)?;
            Some(Stretch { path: at, start: from, end: from.saturating_add(length) })
        }
        Change::Insert { to, value } => {
            let rest = path.0.strip_prefix(to.0.as_slice())?;
            let string = at(value, rest)?.as_str()?;
            let from = once(string, quote)?;
            Some(Stretch { path: path.clone(), start: from, end: from.saturating_add(length) })
        }
        _ => None,
    })
}

/// Where the quote is after an edit that inserts it at the offset `place` of the text before.
fn brought(place: usize, quote: &str, op: &TextOp) -> Option<usize> {
    let (mut before, mut after) = (0_usize, 0_usize);
    let mut runs = op.runs().peekable();
    while let Some(run) = runs.next() {
        match run {
            Run::Retain(count) => {
                before = before.saturating_add(count);
                after = after.saturating_add(count);
            }
            Run::Delete(count) => before = before.saturating_add(count),
            Run::Insert(text) => {
                // What is replaced stands behind what replaces it.
                let replaced = match runs.peek() {
                    Some(Run::Delete(count)) => *count,
                    _ => 0,
                };
                if (before..=before.saturating_add(replaced)).contains(&place) {
                    return once(text, quote).map(|within| after.saturating_add(within));
                }
                after = after.saturating_add(text.chars().count());
            }
        }
    }
    None
}

/// The code points before the one place where `text` has `part`.
fn once(text: &str, part: &str) -> Option<usize> {
    let mut found = text.match_indices(part);
    let (byte, _) = found.next()?;
    let is_only = found.next().is_none();
    is_only.then(|| text.get(..byte).map(|before| before.chars().count())).flatten()
}

fn offset(path: &Path, offset: usize, op: &JsonOp, side: Side) -> usize {
    let cursor = JsonCursor { path: path.clone(), offset: Some(offset) };
    Json::transform_cursor(&cursor, op, side).offset.unwrap_or(offset)
}

fn at<'a>(value: &'a Value, path: &[PathSegment]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        PathSegment::Key(key) => value.get(key),
        PathSegment::Index(index) => value.get(index),
    })
}

fn byte_of(text: &str, chars: usize) -> Option<usize> {
    let ends = text.char_indices().map(|(byte, _)| byte).chain(std::iter::once(text.len()));
    ends.into_iter().nth(chars)
}
