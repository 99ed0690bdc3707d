use super::TextOp;
use super::runs::{Piece, Pieces, Run};
use crate::Side;

/// One pass over both ops, in time linear in their lengths.
pub(super) fn transform(op: &TextOp, other: &TextOp, side: Side) -> TextOp {
    let mut result = TextOp::new();
    let mut pieces = Pieces::new(op.runs());
    for theirs in other.runs() {
        match theirs {
            Run::Insert(text) => {
                if side == Side::Left
                    && let Some(Piece::Insert(ours)) = pieces.peek()
                {
                    result.push_insert(ours);
                    pieces.next();
                }
                result.push_retain(text.chars().count());
            }
            Run::Retain(count) => keep(&mut result, &mut pieces, *count, true),
            Run::Delete(count) => keep(&mut result, &mut pieces, *count, false),
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
    for run in op.runs() {
        if reached > position {
            break;
        }
        match run {
            Run::Retain(count) => reached = reached.saturating_add(*count),
            Run::Insert(text) => {
                if reached < position || side == Side::Right {
                    moved = moved.saturating_add(text.chars().count());
                }
            }
            Run::Delete(count) => {
                moved = moved.saturating_sub((position - reached).min(*count));
                reached = reached.saturating_add(*count);
            }
        }
    }
    moved
}
