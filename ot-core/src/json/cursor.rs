use serde::{Deserialize, Serialize};

use super::locate;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Step};
use super::path::{Path, PathSegment};
use crate::Side;

/// A place in a JSON document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonCursor {
    /// The value.
    pub path: Path,
    /// The code points before the cursor, inside a string.
    pub offset: Option<usize>,
}

/// Follows the cursor's path through the op. It moves along with what moves; in something that goes away it climbs to
/// what held it, and where another value comes in its place, it stands at that.
pub(super) fn transform_cursor(cursor: &JsonCursor, op: &JsonOp, side: Side) -> JsonCursor {
    follow(cursor, op, side).unwrap_or_else(|nearest| nearest)
}

/// Where the value at `path` is after the op; nothing if it is gone.
pub(super) fn transform_path(path: &Path, op: &JsonOp) -> Option<Path> {
    follow(&JsonCursor { path: path.clone(), offset: None }, op, Side::Left).ok().map(|moved| moved.path)
}

/// Where the cursor is, or what is nearest to where it was when that is gone.
fn follow(cursor: &JsonCursor, op: &JsonOp, side: Side) -> Result<JsonCursor, JsonCursor> {
    let mut moved = JsonCursor::default();
    let mut here = Here::Entry(&op.root);
    let mut segments = cursor.path.0.iter();
    loop {
        let node = match here {
            Here::Entry(Entry { old: Old::Stay(node), new: None }) | Here::Item(Old::Stay(node)) => node,
            Here::Entry(Entry { old: Old::Pick(slot, node), .. }) | Here::Item(Old::Pick(slot, node)) => {
                moved.path = locate::dropped(op, *slot);
                node
            }
            Here::Entry(Entry { old: Old::Remove(node), .. }) | Here::Item(Old::Remove(node)) => {
                if let Some((slot, node, rest)) = escape(node, segments.as_slice()) {
                    moved.path = locate::dropped(op, slot);
                    segments = rest.iter();
                    node
                } else {
                    if !matches!(here, Here::Entry(Entry { new: Some(_), .. })) {
                        moved.path.0.pop();
                    }
                    return Err(moved);
                }
            }
            Here::Entry(Entry { new: Some(_), .. }) => return Err(moved),
        };
        let Some(segment) = segments.next() else {
            moved.offset = cursor.offset.map(|offset| inside(offset, node, side));
            return Ok(moved);
        };
        match step(segment, node) {
            (segment, Some(below)) => {
                moved.path.0.push(segment);
                here = below;
            }
            (segment, None) => {
                moved.path.0.push(segment);
                moved.path.0.extend(segments.cloned());
                moved.offset = cursor.offset;
                return Ok(moved);
            }
        }
    }
}

/// What happens at one step of a path.
enum Here<'a> {
    Entry(&'a Entry),
    Item(&'a Old),
}

/// The way down through something that is removed, to what moves out of it.
fn escape<'a, 'b>(removed: &'a Node, path: &'b [PathSegment]) -> Option<(usize, &'a Node, &'b [PathSegment])> {
    let (segment, rest) = path.split_first()?;
    let old = match step(segment, removed).1? {
        Here::Entry(entry) => &entry.old,
        Here::Item(old) => old,
    };
    match old {
        Old::Pick(slot, node) => Some((*slot, node, rest)),
        Old::Stay(node) | Old::Remove(node) => escape(node, rest),
    }
}

/// Where a step of a path leads after the op, and what happens there.
fn step<'a>(segment: &PathSegment, node: &'a Node) -> (PathSegment, Option<Here<'a>>) {
    match (&node.children, segment) {
        (Children::Object(entries), PathSegment::Key(key)) => {
            let found = entries.iter().find(|(other, _)| other == key.as_str());
            (segment.clone(), found.map(|(_, entry)| Here::Entry(entry)))
        }
        (Children::List(steps), PathSegment::Index(index)) => item(*index, steps),
        _ => (segment.clone(), None),
    }
}

fn item(index: usize, steps: &[Step]) -> (PathSegment, Option<Here<'_>>) {
    // Items of the list before the op that lie before the one in question.
    let mut before = index;
    let mut moved = 0_usize;
    for step in steps {
        match step {
            Step::New(New::Insert(..) | New::Drop(_)) => moved = moved.saturating_add(1),
            Step::Keep(count) if *count > before => break,
            Step::Keep(count) => {
                before -= count;
                moved = moved.saturating_add(*count);
            }
            Step::Item(old) if before == 0 => return (PathSegment::Index(moved), Some(Here::Item(old))),
            Step::Item(old) => {
                before -= 1;
                moved = moved.saturating_add(usize::from(!old.leaves()));
            }
        }
    }
    (PathSegment::Index(moved.saturating_add(before)), None)
}

fn inside(offset: usize, node: &Node, side: Side) -> usize {
    node.leaf.as_ref().map_or(offset, |leaf| leaf.transform_offset(offset, side))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::path;

    fn op(value: serde_json::Value) -> JsonOp {
        JsonOp::try_from(value).unwrap()
    }

    #[test]
    fn a_place_that_moves_out_of_what_is_replaced_goes_along() {
        let op = op(json!([["a", {"r": true, "i": 7}, "b", {"p": 0}], ["c", {"d": 0}]]));
        assert_eq!(transform_path(&path!["a", "b", 0], &op), Some(path!["c", 0]));
        assert_eq!(transform_path(&path!["a"], &op), None);
        let cursor = JsonCursor { path: path!["a", "other"], offset: None };
        assert_eq!(transform_cursor(&cursor, &op, Side::Left).path, path!["a"]);
    }
}
