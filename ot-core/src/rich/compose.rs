use super::attributes::{Attributes, composed};
use super::delta::{Delta, Run};
use super::document::{Document, past_the_end};
use super::pieces::{Piece, Pieces};
use super::unit::Unit;
use crate::OpError;

/// One pass over both ops, in time linear in their lengths.
pub(super) fn compose<U: Unit>(first: &Delta, second: &Delta) -> Result<Delta, OpError> {
    Ok(pass::<U>(first, second, |_| Ok(()))?.finish())
}

/// The document after `op`. It is `op` composed behind the inserts that make the document, which end somewhere.
pub(super) fn applied<U: Unit>(document: &Document, op: &Delta) -> Result<Document, OpError> {
    Document::try_from(pass::<U>(document.as_delta(), op, |position| Err(past_the_end(position)))?)
}

/// `at_end` says whether `second` may go on behind what `first` speaks of, at a position in what it makes.
fn pass<U: Unit>(
    first: &Delta,
    second: &Delta,
    at_end: impl Fn(usize) -> Result<(), OpError>,
) -> Result<Delta, OpError> {
    second.check()?;
    let mut result = Delta::new();
    let mut pieces = Pieces::<U>::new(first.runs());
    let mut position = 0_usize;
    for run in second.runs() {
        let (count, kept) = match run {
            Run::Insert(content, attributes) => {
                result.push_insert(content.as_slice(), attributes.clone());
                continue;
            }
            Run::Retain(count, attributes) => (*count, Some(attributes)),
            Run::Delete(count) => (*count, None),
        };
        let mut left = count;
        while left > 0 {
            let taken = if let Some(Piece::Delete(_)) = pieces.peek() { Ok(pieces.next()) } else { pieces.take(left) };
            let length = match taken.map_err(|error| at(position, &error))? {
                Some(piece @ Piece::Delete(_)) => {
                    result.push(piece);
                    0
                }
                Some(Piece::Retain(length, before)) => {
                    match kept {
                        Some(set) => result.push_retain(length, composed(before, set, true)?),
                        None => result.push_delete(length),
                    }
                    length
                }
                // What the first op inserted and the second deletes was never there.
                Some(Piece::Insert(content, before)) => {
                    if let Some(set) = kept {
                        result.push_insert(content, composed(before, set, false)?);
                    }
                    content.length::<U>()
                }
                None => {
                    at_end(position)?;
                    match kept {
                        Some(set) => result.push_retain(left, Attributes::clone(set)),
                        None => result.push_delete(left),
                    }
                    left
                }
            };
            left = left.saturating_sub(length);
            position = position.saturating_add(length);
        }
    }
    while let Some(piece) = pieces.next() {
        result.push(piece);
    }
    Ok(result)
}

fn at(position: usize, error: &OpError) -> OpError {
    OpError::new(error.kind(), format!("position {position}"), error.hint())
}
