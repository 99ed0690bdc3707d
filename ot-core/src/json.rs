//! JSON: any tree, edited in place by many at once.
//!
//! The ops, their JSON form and their results are those of ottypes
//! [`json1`](https://github.com/ottypes/json1/blob/master/spec.md): insert, remove and replace a value anywhere, move it
//! from anywhere to anywhere, edit the text inside a string, add to a number, edit a rich text.
//!
//! What happens when two ops meet:
//!
//! - Two values come to one key: the left one stays. Two equal inserts both win, and what either puts into them stays.
//! - Two values come to one place of a list: both stay, the left one first.
//! - Something is removed while another edits inside it, moves it or moves something into it: it goes, with all that.
//!   Only what the op that removes it moves out of it stays.
//! - Something is moved to two places: it goes where the left op moves it.
//! - Two values are moved into each other: both go.
//! - A number is set while another adds to it: the set number stays, without what was added to the old one.
//! - Two amounts are added to one number: both count. Sums are taken in decimals, so that their order leaves no trace in
//!   the last bit, and a sum that no JSON number holds exactly is refused (`json1` rounds it).
//!
//! Where something is lost that way, the two ops have a [`Conflict`]. [`Json::try_transform`] gives it as a value, and
//! [`Json::transform_with`] lets a [`Policy`] decide.
//!
//! An op is made by [`JsonOp::insert`] and the like, of several changes by [`JsonOp::build`], of two documents by
//! [`Json::diff`], or of a JSON Patch by [`JsonOp::from_patch`]. [`JsonOp::changes`] reads what it does.
//!
//! ```
//! use ot_core::json::{Json, JsonOp};
//! use ot_core::{OtType, Side, path};
//! use serde_json::json;
//!
//! let mut model = json!({"draft": {"label": "EBIT"}, "rows": []});
//! let moved = JsonOp::move_to(path!["draft"], path!["rows", 0])?;
//! let renamed = JsonOp::replace(path!["draft", "label"], "Operating income");
//!
//! // The edit follows the row to where it is now.
//! Json::apply(&mut model, &moved)?;
//! Json::apply(&mut model, &Json::transform(&renamed, &moved, Side::Left))?;
//! assert_eq!(model, json!({"rows": [{"label": "Operating income"}]}));
//! # Ok::<(), ot_core::OpError>(())
//! ```

mod apply;
mod blame;
mod build;
mod builder;
mod compose;
mod conflict;
mod conflicts;
mod cursor;
mod diff;
mod invert;
mod leaf;
mod locate;
mod meeting;
mod number;
mod op;
mod patch;
mod path;
mod place;
mod reader;
mod resolve;
mod rich_edit;
mod slots;
mod transform;
mod walk;
mod wire;

pub use blame::JsonOrigins;
pub use builder::Builder;
pub use conflict::{Action, Conflict, ConflictKind};
pub use cursor::JsonCursor;
pub use op::JsonOp;
pub use path::{Path, PathSegment};
pub use reader::Change;
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
            None => Ok(transform::transform(&op.normalized(), &other.normalized(), side)),
        }
    }

    /// Where the value at `path` is after `op`, which may move it; nothing if it is gone.
    #[must_use]
    pub fn transform_path(path: &Path, op: &JsonOp) -> Option<Path> {
        cursor::transform_path(path, op)
    }

    /// The op that turns `before` into `after`: `apply(before, diff(before, after)) == after`.
    ///
    /// A value that left one place and came, equal, to another has moved: an entry under another key, an item to
    /// another index, anything to anywhere. What is smaller than 16 bytes of JSON is removed and inserted instead, since
    /// short values are equal by accident. Of a list as few items as possible move. A string is edited if half of the
    /// shorter one stays, else replaced; a number is always replaced. Documents that differ at one place give an op for
    /// that place only. It is not the smallest op there is.
    ///
    /// Takes `O(n · log n)` time and `O(n)` memory in the number of values of both documents, with a factor of at most
    /// some hundreds where lists differ in many items. Items of two long lists that have nothing in common at all are
    /// removed and inserted.
    ///
    /// ```
    /// use ot_core::json::{Json, JsonOp};
    /// use ot_core::path;
    /// use serde_json::json;
    ///
    /// let before = json!({"draft": {"label": "Operating income"}, "rows": [{"label": "Sales"}]});
    /// let after = json!({"rows": [{"label": "Sales"}, {"label": "Operating income"}]});
    /// assert_eq!(Json::diff(&before, &after)?, JsonOp::move_to(path!["draft"], path!["rows", 1])?);
    /// # Ok::<(), ot_core::OpError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when one of the documents is more than [`MAX_DEPTH`] levels deep.
    pub fn diff(before: &Value, after: &Value) -> Result<JsonOp, OpError> {
        diff::diff(before, after)
    }

    /// `op` behind `other`, with conflicts ended as `policy` says. [`OtType::transform`] is this with [`Standard`].
    ///
    /// # Errors
    ///
    /// Returns the first [`Conflict`] that the policy refuses to end, as the author of `op` sees it.
    pub fn transform_with(op: &JsonOp, other: &JsonOp, side: Side, policy: &impl Policy) -> Result<JsonOp, Conflict> {
        match transform_with(op, other, side, policy) {
            Ok(op) => Ok(op),
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
        compose::compose(&first.normalized(), &second.normalized())
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
        if op.as_written { op.normalized().root.is_empty() } else { op.root.is_empty() }
    }
}
