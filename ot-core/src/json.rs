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
mod blame;
mod build;
mod compose;
mod conflict;
mod conflicts;
mod cursor;
mod invert;
mod locate;
mod meeting;
mod number;
mod op;
mod path;
mod place;
mod resolve;
mod slots;
mod transform;
mod walk;
mod wire;

pub use blame::JsonOrigins;
pub use conflict::{Action, Conflict, ConflictKind};
pub use cursor::JsonCursor;
pub use op::JsonOp;
pub use path::{Path, PathSegment};
pub use resolve::{Policy, Ranked, Resolution, Standard};

use serde_json::Value;

use self::resolve::{Refused, transform_with};
use crate::{OpError, OtType, Side};

/// How many levels of lists and objects a document may have. An op that would make it deeper, or that reaches deeper,
/// is refused. Inside a message the document still stays within the 128 levels that JSON readers commonly accept.
pub const MAX_DEPTH: usize = 64;

/// A JSON tree as a kind of document. A document whose root is removed is `null`, and a value may be inserted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json;

impl Json {
    /// `op` behind `other`, unless the two exclude each other.
    ///
    /// # Errors
    ///
    /// Returns the first [`Conflict`], as the author of `op` sees it.
    pub fn try_transform(op: &JsonOp, other: &JsonOp, side: Side) -> Result<JsonOp, Conflict> {
        match conflict::find(op, other, side) {
            Some(conflict) => Err(conflict),
            None => Ok(transform::transform(&op.normalized(), &other.normalized(), side).into_normal()),
        }
    }

    /// `op` behind `other`, with conflicts ended as `policy` says. [`OtType::transform`] is this with [`Standard`].
    ///
    /// # Errors
    ///
    /// Returns the first [`Conflict`] that the policy refuses to end, as the author of `op` sees it.
    pub fn transform_with(op: &JsonOp, other: &JsonOp, side: Side, policy: &impl Policy) -> Result<JsonOp, Conflict> {
        match transform_with(op, other, side, policy) {
            Ok(op) => Ok(op.into_normal()),
            Err(Refused::Conflict(conflict)) => Err(conflict),
            // The ops fit no document, so there is nothing that the result would have to fit.
            Err(Refused::Misfit) => Ok(JsonOp::default()),
        }
    }
}

impl OtType for Json {
    type Snapshot = Value;
    type Op = JsonOp;
    type Cursor = JsonCursor;
    type Log = Vec<JsonOp>;

    fn apply(snapshot: &mut Value, op: &JsonOp) -> Result<(), OpError> {
        apply::apply(snapshot, op)
    }

    fn transform(op: &JsonOp, other: &JsonOp, side: Side) -> JsonOp {
        Self::transform_with(op, other, side, &Standard).unwrap_or_default()
    }

    fn compose(first: &JsonOp, second: &JsonOp) -> Result<JsonOp, OpError> {
        Ok(compose::compose(&first.normalized(), &second.normalized())?.into_normal())
    }

    fn invert(op: &JsonOp, before: &Value) -> Result<JsonOp, OpError> {
        invert::invert(op, before)
    }

    fn transform_cursor(cursor: &JsonCursor, op: &JsonOp, side: Side) -> JsonCursor {
        cursor::transform_cursor(cursor, op, side)
    }

    fn normalize(op: JsonOp) -> JsonOp {
        op.into_normal()
    }

    fn is_noop(op: &JsonOp) -> bool {
        op.normalized().root.is_empty()
    }
}
