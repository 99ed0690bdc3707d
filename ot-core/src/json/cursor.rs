use serde::{Deserialize, Serialize};

use super::change::{Change, Children, JsonOp, Leaf, Node, StepPiece, StepPieces, Steps};
use super::path::{Path, PathSegment};
use crate::text::Text;
use crate::{OtType, Side};

/// A place in a JSON document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonCursor {
    /// The value.
    pub path: Path,
    /// The code points before the cursor, inside a string.
    pub offset: Option<usize>,
}

/// What becomes of one step of a path.
enum Fate<'a> {
    /// Nothing changes below it.
    Kept(PathSegment),
    /// Something changes below it.
    Edited(PathSegment, &'a Node),
    /// Another value stands there.
    Replaced(PathSegment),
    /// There is nothing any more.
    Gone,
}

/// Follows the cursor's path through the op. A cursor in something that goes away climbs to what held it.
pub(super) fn transform_cursor(cursor: &JsonCursor, op: &JsonOp, side: Side) -> JsonCursor {
    let mut moved = JsonCursor::default();
    let mut node = match &op.root {
        None => return cursor.clone(),
        Some(Change::Edit(node)) => node,
        Some(Change::Remove | Change::Insert(_) | Change::Replace(_)) => return moved,
    };
    let mut segments = cursor.path.0.iter();
    while let Some(segment) = segments.next() {
        match fate(segment, &node.children) {
            Fate::Gone => return moved,
            Fate::Replaced(segment) => {
                moved.path.0.push(segment);
                return moved;
            }
            Fate::Kept(segment) => {
                moved.path.0.push(segment);
                moved.path.0.extend(segments.cloned());
                moved.offset = cursor.offset;
                return moved;
            }
            Fate::Edited(segment, below) => {
                moved.path.0.push(segment);
                node = below;
            }
        }
    }
    moved.offset = cursor.offset.map(|offset| inside(offset, node, side));
    moved
}

fn fate<'a>(segment: &PathSegment, children: &'a Children) -> Fate<'a> {
    match (children, segment) {
        (Children::Object(changes), PathSegment::Key(key)) => match changes.get(key) {
            None => Fate::Kept(segment.clone()),
            Some(Change::Remove) => Fate::Gone,
            Some(Change::Insert(_) | Change::Replace(_)) => Fate::Replaced(segment.clone()),
            Some(Change::Edit(node)) => Fate::Edited(segment.clone(), node),
        },
        (Children::List(steps), PathSegment::Index(index)) => fate_of_item(*index, steps),
        _ => Fate::Kept(segment.clone()),
    }
}

fn fate_of_item(index: usize, steps: &Steps) -> Fate<'_> {
    let mut pieces = StepPieces::new(steps);
    // Items of the list before the op that lie before the one in question.
    let mut before = index;
    let mut moved = 0_usize;
    while let Some(piece) = pieces.peek() {
        match piece {
            StepPiece::Insert(_) => moved = moved.saturating_add(1),
            StepPiece::Keep(count) if count > before => break,
            StepPiece::Keep(count) => {
                before -= count;
                moved = moved.saturating_add(count);
            }
            StepPiece::Remove(count) if count > before => return Fate::Gone,
            StepPiece::Remove(count) => before -= count,
            StepPiece::Edit(node) if before == 0 => return Fate::Edited(PathSegment::Index(moved), node),
            StepPiece::Edit(_) => {
                before -= 1;
                moved = moved.saturating_add(1);
            }
        }
        pieces.take(piece.length());
    }
    Fate::Kept(PathSegment::Index(moved.saturating_add(before)))
}

fn inside(offset: usize, node: &Node, side: Side) -> usize {
    match &node.leaf {
        Some(Leaf::Text(op)) => Text::transform_cursor(&offset, op, side),
        _ => offset,
    }
}
