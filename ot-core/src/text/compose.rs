use super::TextOp;
use super::runs::{Counted, Piece, Pieces};

/// One pass over both ops, in time linear in their lengths.
pub(super) fn compose(first: &TextOp, second: &TextOp) -> TextOp {
    let mut result = TextOp::with_room_for(first, second);
    let mut pieces = first.pieces();
    let mut seconds = second.pieces();
    while let Some(step) = seconds.next() {
        match step {
            Piece::Insert(text) => result.push_insert(text),
            Piece::Retain(count) => {
                let mut left = count;
                while left > 0 {
                    let piece = take(&mut pieces, left);
                    left -= length_after(piece);
                    result.push(piece);
                }
            }
            Piece::Delete(count) => {
                let mut left = count;
                while left > 0 {
                    let piece = take(&mut pieces, left);
                    left -= length_after(piece);
                    match piece {
                        Piece::Retain(length) => result.push_delete(length),
                        // What the first op inserted and the second deletes was never there.
                        Piece::Insert(_) => {}
                        Piece::Delete(length) => result.push_delete(length),
                    }
                }
            }
        }
    }
    while let Some(piece) = pieces.next() {
        result.push(piece);
    }
    result.finish()
}

/// The next piece of the first op with at most `count` code points after it; past its end everything is kept.
fn take<'a>(pieces: &mut Pieces<'a>, count: usize) -> Piece<'a> {
    match pieces.peek() {
        Some(piece @ Piece::Delete(_)) => {
            pieces.next();
            piece
        }
        Some(_) => pieces.take(count).unwrap_or(Piece::Retain(count)),
        None => Piece::Retain(count),
    }
}

/// How many code points of the text after the first op the piece stands for.
fn length_after(piece: Piece<'_>) -> usize {
    match piece {
        Piece::Retain(count) | Piece::Insert(Counted { chars: count, .. }) => count,
        Piece::Delete(_) => 0,
    }
}
