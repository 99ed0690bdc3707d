use serde_json::{Number, Value};

use super::op::JsonOp;
use super::path::{Path, PathSegment};
use super::{Json, apply};
use crate::text::TextOp;
use crate::{OpError, compose_all};

/// Collects changes to a document, each at its path in the document as the changes before it left it, and gives one op
/// that does them all. A change that does not fit is refused at once, by an error that names its path.
///
/// ```
/// use ot_core::json::{Json, JsonOp};
/// use ot_core::{OtType, path};
/// use serde_json::json;
///
/// let mut model = json!({"draft": {"label": "EBIT"}, "rows": [], "year": 2024});
/// let op = JsonOp::build(&model)
///     .move_to(path!["draft"], path!["rows", 0])?
///     .replace(path!["rows", 0, "label"], "Operating income")?
///     .set(path!["year"], 2025)?
///     .finish()?;
/// Json::apply(&mut model, &op)?;
/// assert_eq!(model, json!({"rows": [{"label": "Operating income"}], "year": 2025}));
/// # Ok::<(), ot_core::OpError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    document: Value,
    ops: Vec<JsonOp>,
}

impl JsonOp {
    /// A builder of an op on `document`.
    #[must_use]
    pub fn build(document: &Value) -> Builder {
        Builder { document: document.clone(), ops: Vec::new() }
    }
}

impl Builder {
    /// The document as the changes so far leave it.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// As [`JsonOp::insert`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is something at that key, or no place for it.
    pub fn insert(self, path: impl Into<Path>, value: impl Into<Value>) -> Result<Self, OpError> {
        self.then(JsonOp::insert(path, value))
    }

    /// As [`JsonOp::remove`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is nothing at `path`.
    pub fn remove(self, path: impl Into<Path>) -> Result<Self, OpError> {
        self.then(JsonOp::remove(path))
    }

    /// As [`JsonOp::replace`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is nothing at `path`.
    pub fn replace(self, path: impl Into<Path>, value: impl Into<Value>) -> Result<Self, OpError> {
        self.then(JsonOp::replace(path, value))
    }

    /// Replaces what is at `path`, or inserts there when there is nothing.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when `path` leads nowhere.
    pub fn set(self, path: impl Into<Path>, value: impl Into<Value>) -> Result<Self, OpError> {
        let path = path.into();
        match value_at(&self.document, &path.0) {
            Some(_) => self.replace(path, value),
            None => self.insert(path, value),
        }
    }

    /// As [`JsonOp::move_to`]: `to` is a path in the document without what is at `from`.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is nothing at `from`, or something at `to`, or when `to` lies inside `from`.
    pub fn move_to(self, from: impl Into<Path>, to: impl Into<Path>) -> Result<Self, OpError> {
        self.then(JsonOp::move_to(from, to)?)
    }

    /// As [`JsonOp::edit_text`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is no string at `path`, or the edit does not fit it.
    pub fn edit_text(self, path: impl Into<Path>, op: TextOp) -> Result<Self, OpError> {
        self.then(JsonOp::edit_text(path, op))
    }

    /// As [`JsonOp::add_number`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is no number at `path`, or none holds the sum.
    pub fn add_number(self, path: impl Into<Path>, amount: impl Into<Number>) -> Result<Self, OpError> {
        self.then(JsonOp::add_number(path, amount))
    }

    /// Does what `op` does, which fits the document as it is now.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when it does not fit.
    pub fn then(mut self, op: JsonOp) -> Result<Self, OpError> {
        self.push(op)?;
        Ok(self)
    }

    /// One op that does it all.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when no op does: two amounts that are added to one number one by one may have no sum.
    pub fn finish(self) -> Result<JsonOp, OpError> {
        compose_all::<Json>(self.ops)
    }

    /// The document, for a look that leaves it as it is.
    pub(super) fn document_mut(&mut self) -> &mut Value {
        &mut self.document
    }

    pub(super) fn push(&mut self, op: JsonOp) -> Result<(), OpError> {
        apply::apply(&mut self.document, &op)?;
        self.ops.push(op);
        Ok(())
    }
}

/// The value at `path`, if there is one.
pub(super) fn value_at<'a>(document: &'a Value, path: &[PathSegment]) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        PathSegment::Key(key) => value.as_object()?.get(key),
        PathSegment::Index(index) => value.as_array()?.get(*index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OpErrorKind, OtType, path};
    use serde_json::json;

    #[test]
    fn changes_follow_each_other_and_make_one_op() {
        let document = json!({"rows": ["a", "b"], "n": 1});
        let builder = JsonOp::build(&document)
            .insert(path!["rows", 0], "new")
            .and_then(|builder| builder.edit_text(path!["rows", 2], TextOp::new().retain(1).insert("!")))
            .and_then(|builder| builder.add_number(path!["n"], 2))
            .and_then(|builder| builder.remove(path!["rows", 1]))
            .and_then(|builder| builder.set(path!["m"], 1))
            .unwrap();
        let after = json!({"rows": ["new", "b!"], "n": 3, "m": 1});
        assert_eq!(*builder.document(), after);
        let mut applied = document;
        Json::apply(&mut applied, &builder.finish().unwrap()).unwrap();
        assert_eq!(applied, after);
    }

    #[test]
    fn a_change_that_does_not_fit_is_refused_with_its_path() {
        let error = JsonOp::build(&json!({"rows": []})).replace(path!["rows", 1], 1).unwrap_err();
        assert_eq!((error.kind(), error.place()), (OpErrorKind::OutOfRange, "/rows[1]"));
    }
}
