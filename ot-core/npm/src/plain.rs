use ot_core::text::{Text, TextOp, apply_to_string, invert_on_str};
use ot_core::{OpError, OtType, Side};

/// Plain text over a string. JavaScript hands over the whole text with each op, so a rope would be built for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain;

impl OtType for Plain {
    type Snapshot = String;
    type Op = TextOp;
    type Cursor = usize;
    type Log = Vec<TextOp>;

    fn apply(snapshot: &mut String, op: &TextOp) -> Result<(), OpError> {
        apply_to_string(snapshot, op)
    }

    fn transform(op: &TextOp, other: &TextOp, side: Side) -> TextOp {
        Text::transform(op, other, side)
    }

    fn compose(first: &TextOp, second: &TextOp) -> Result<TextOp, OpError> {
        Text::compose(first, second)
    }

    fn invert(op: &TextOp, before: &String) -> Result<TextOp, OpError> {
        invert_on_str(op, before)
    }

    fn transform_cursor(cursor: &usize, op: &TextOp, side: Side) -> usize {
        Text::transform_cursor(cursor, op, side)
    }

    fn normalize(op: TextOp) -> TextOp {
        Text::normalize(op)
    }

    fn is_noop(op: &TextOp) -> bool {
        Text::is_noop(op)
    }
}
