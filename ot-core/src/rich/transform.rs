use super::attributes::transformed;
use super::delta::{Delta, Run};
use super::pieces::{Piece, Pieces};
use super::unit::Unit;
use crate::Side;

/// One pass over both ops, in time linear in their lengths.
pub(super) fn transform<U: Unit>(op: &Delta, other: &Delta, side: Side) -> Delta {
    let mut result = Delta::new();
    let mut pieces = Pieces::<U>::new(op.runs());
    for theirs in other.runs() {
        let (count, kept) = match theirs {
            Run::Insert(content, _) => {
                while side == Side::Left
                    && let Some(piece @ Piece::Insert(..)) = pieces.peek()
                {
                    result.push(piece);
                    pieces.next();
                }
                result.push_retain(content.as_slice().length::<U>(), super::Attributes::new());
                continue;
            }
            Run::Retain(count, attributes) => (*count, Some(attributes)),
            Run::Delete(count) => (*count, None),
        };
        let mut left = count;
        while left > 0 {
            let taken = match pieces.peek() {
                Some(Piece::Insert(..)) => pieces.next(),
                // Retains and deletes can be cut everywhere.
                _ => pieces.take(left).unwrap_or_default(),
            };
            match taken {
                Some(piece @ Piece::Insert(..)) => result.push(piece),
                Some(Piece::Retain(length, set)) => {
                    left -= length;
                    if let Some(theirs) = kept {
                        result.push_retain(length, transformed(set, theirs, side));
                    }
                }
                Some(Piece::Delete(length)) => {
                    left -= length;
                    if kept.is_some() {
                        result.push_delete(length);
                    }
                }
                None => break,
            }
        }
    }
    while let Some(piece) = pieces.next() {
        result.push(piece);
    }
    result.finish()
}

/// Where a position goes: to where an insert at it would go. On the left it stays before what is inserted at it.
pub(super) fn transform_position<U: Unit>(position: usize, op: &Delta, side: Side) -> usize {
    let mut moved = position;
    // How much of the document before the op has been followed.
    let mut reached = 0_usize;
    for run in op.runs() {
        if reached > position {
            break;
        }
        match run {
            Run::Retain(count, _) => reached = reached.saturating_add(*count),
            Run::Insert(content, _) => {
                if reached < position || side == Side::Right {
                    moved = moved.saturating_add(content.as_slice().length::<U>());
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
