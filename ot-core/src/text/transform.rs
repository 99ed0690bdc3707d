use super::TextOp;
use super::runs::{Piece, Pieces, Step};
use crate::Side;

/// One pass over both ops, in time linear in their lengths.
pub(super) fn transform(op: &TextOp, other: &TextOp, side: Side) -> TextOp {
    let mut result = TextOp::new();
    let mut pieces = op.pieces();
    for theirs in other.steps() {
        match *theirs {
            Step::Insert { chars, .. } => {
                if side == Side::Left
                    && let Some(Piece::Insert(ours)) = pieces.peek()
                {
                    result.push_insert(ours);
                    pieces.next();
                }
                result.push_retain(chars);
            }
            Step::Retain(count) => keep(&mut result, &mut pieces, count, true),
            Step::Delete(count) => keep(&mut result, &mut pieces, count, false),
        }
    }
    while let Some(piece) = pieces.next() {
        result.push(piece);
    }
    result.finish()
}

/// Follows `op` over `count` code points of the document, which stay there if `present`.
fn keep(result: &mut TextOp, pieces: &mut Pieces<'_>, count: usize, present: bool) {
    let mut left = count;
    while left > 0 {
        let piece = match pieces.peek() {
            Some(Piece::Insert(_)) => pieces.next(),
            Some(_) => pieces.take(left),
            None => None,
        };
        match piece {
            Some(Piece::Insert(text)) => result.push_insert(text),
            Some(Piece::Retain(length)) => {
                left -= length;
                if present {
                    result.push_retain(length);
                }
            }
            Some(Piece::Delete(length)) => {
                left -= length;
                if present {
                    result.push_delete(length);
                }
            }
            None => return,
        }
    }
}

/// Where a position goes: to where an insert at it would go. On the left it stays before what is inserted at it.
pub(super) fn transform_position(position: usize, op: &TextOp, side: Side) -> usize {
    let mut moved = position;
    // How much of the text before the op has been followed.
    let mut reached = 0_usize;
    for step in op.steps() {
        if reached > position {
            break;
        }
        match *step {
            Step::Retain(count) => reached = reached.saturating_add(count),
            Step::Insert { chars, .. } => {
                if reached < position || side == Side::Right {
                    moved = moved.saturating_add(chars);
                }
            }
            Step::Delete(count) => {
                moved = moved.saturating_sub((position - reached).min(count));
                reached = reached.saturating_add(count);
            }
        }
    }
    moved
}
