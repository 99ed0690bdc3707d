//! JSON: any tree, edited in place by many at once.
//!
//! The ops and their JSON form are those of ottypes [`json1`](https://github.com/ottypes/json1/blob/master/spec.md):
//! insert, remove and replace a value anywhere, edit the text inside a string, add to a number. Moves are not
//! accepted yet.
//!
//! What happens when two ops meet:
//!
//! - Two values set at one key: the left one stays. Two equal ones both win.
//! - Two inserts at one place of a list: both stay, the left one first.
//! - Something removed or replaced while another edits inside it: it goes, with the edit.
//! - A number set while another adds to it: the set number stays, without what was added to the old one.
//! - Two amounts added to one number: both count. Sums are taken in decimals, so that their order leaves no trace in the
//!   last bit, and a sum that no JSON number holds exactly is refused (`json1` rounds it).

mod apply;
mod build;
mod change;
mod compose;
mod cursor;
mod number;
mod path;
mod transform;
mod wire;

pub use change::JsonOp;
pub use cursor::JsonCursor;
pub use path::{Path, PathSegment};

use serde_json::Value;

use crate::{OpError, OtType, Side};

/// How many levels of lists and objects a document may have. An op that would make it deeper, or that reaches deeper,
/// is refused. Inside a message the document still stays within the 128 levels that JSON readers commonly accept.
pub const MAX_DEPTH: usize = 64;

/// A JSON tree as a kind of document. A document whose root is removed is `null`, and a value may be inserted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json;

impl OtType for Json {
    type Snapshot = Value;
    type Op = JsonOp;
    type Cursor = JsonCursor;
    type Log = Vec<JsonOp>;

    fn apply(snapshot: &mut Value, op: &JsonOp) -> Result<(), OpError> {
        apply::apply(snapshot, op)
    }

    fn transform(op: &JsonOp, other: &JsonOp, side: Side) -> JsonOp {
        transform::transform(op, other, side)
    }

    fn compose(first: &JsonOp, second: &JsonOp) -> Result<JsonOp, OpError> {
        compose::compose(first, second)
    }

    fn invert(op: &JsonOp, before: &Value) -> Result<JsonOp, OpError> {
        let mut after = before.clone();
        apply::apply(&mut after, op)?;
        Ok(if Self::is_noop(op) { JsonOp::default() } else { JsonOp::replace(Path::default(), before.clone()) })
    }

    fn transform_cursor(cursor: &JsonCursor, op: &JsonOp, side: Side) -> JsonCursor {
        cursor::transform_cursor(cursor, op, side)
    }

    fn normalize(op: JsonOp) -> JsonOp {
        // Every way to make an op makes it in canonical form.
        op
    }

    fn is_noop(op: &JsonOp) -> bool {
        op.root.is_none()
    }
}
