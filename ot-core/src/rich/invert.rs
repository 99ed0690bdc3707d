use super::attributes::inverted;
use super::delta::{Delta, Run};
use super::document::{Document, past_the_end};
use super::pieces::{Piece, Pieces};
use super::unit::Unit;
use crate::OpError;

/// One pass over the op and the document before it.
pub(super) fn invert<U: Unit>(op: &Delta, before: &Document) -> Result<Delta, OpError> {
    op.check()?;
    let mut inverse = Delta::new();
    let mut pieces = Pieces::<U>::new(before.runs());
    let mut position = 0_usize;
    for run in op.runs() {
        let (count, kept) = match run {
            Run::Insert(content, _) => {
                inverse.push_delete(content.as_slice().length::<U>());
                continue;
            }
            Run::Retain(count, attributes) => (*count, Some(attributes)),
            Run::Delete(count) => (*count, None),
        };
        let mut left = count;
        while left > 0 {
            let Some(Piece::Insert(content, attributes)) = pieces.take(left)? else {
                return Err(past_the_end(position));
            };
            let length = content.length::<U>();
            match kept {
                Some(set) => inverse.push_retain(length, inverted(set, attributes)),
                None => inverse.push_insert(content, attributes.clone()),
            }
            left = left.saturating_sub(length);
            position = position.saturating_add(length);
        }
    }
    Ok(inverse.finish())
}
