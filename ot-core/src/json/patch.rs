//! JSON Patch, RFC 6902, in both directions.

mod pointer;
mod read;
mod write;

use serde_json::Value;

use super::op::JsonOp;
use super::path::PathSegment;
use crate::{OpError, OpErrorKind};

impl JsonOp {
    /// The op that does what a [JSON Patch](https://www.rfc-editor.org/rfc/rfc6902) does to `document`. As there, an
    /// `add` at a key replaces what is there, `copy` inserts, and a `test` that fails refuses the whole patch. An empty
    /// patch is the op that changes nothing.
    ///
    /// ```
    /// use ot_core::json::{Json, JsonOp};
    /// use ot_core::OtType;
    /// use serde_json::json;
    ///
    /// let mut model = json!({"draft": {"label": "EBIT"}, "rows": []});
    /// let patch = json!([
    ///     {"op": "test", "path": "/draft/label", "value": "EBIT"},
    ///     {"op": "move", "from": "/draft", "path": "/rows/-"},
    /// ]);
    /// let op = JsonOp::from_patch(&patch, &model)?;
    /// assert_eq!(op.to_patch(&model)?, json!([{"op": "move", "from": "/draft", "path": "/rows/0"}]));
    /// Json::apply(&mut model, &op)?;
    /// assert_eq!(model, json!({"rows": [{"label": "EBIT"}]}));
    /// # Ok::<(), ot_core::OpError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] whose place begins with the index of the operation, from zero, when one is not well-formed,
    /// does not fit what the ones before it leave, or is a `test` that fails
    /// ([`OpErrorKind::TestFailed`](crate::OpErrorKind::TestFailed)).
    pub fn from_patch(patch: &Value, document: &Value) -> Result<Self, OpError> {
        let operations = patch
            .as_array()
            .ok_or_else(|| OpError::new(OpErrorKind::Malformed, "the patch", "a patch is a list of operations"))?;
        let mut builder = Self::build(document);
        for (index, operation) in operations.iter().enumerate() {
            read::read(&mut builder, index, operation)?;
        }
        builder.finish()
    }

    /// The [JSON Patch](https://www.rfc-editor.org/rfc/rfc6902) that does to `document` what the op does. A text, rich
    /// text or number that is edited is replaced, since a patch can't say more. What moves is a `move`; it is a `remove`
    /// and an `add` where values wait for each other's place, or where the pointers of the standard can't say it.
    ///
    /// Takes time in the size of the document, and up to the square of the number of changes.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when the op does not fit the document.
    pub fn to_patch(&self, document: &Value) -> Result<Value, OpError> {
        write::write(self, document).map(Value::Array)
    }
}

/// Takes out what is at a path.
fn take(document: &mut Value, path: &[PathSegment]) -> Value {
    let Some((last, around)) = path.split_last() else { return std::mem::take(document) };
    match (value_at_mut(document, around), last) {
        (Some(Value::Object(entries)), PathSegment::Key(key)) => entries.remove(key).unwrap_or_default(),
        (Some(Value::Array(items)), PathSegment::Index(index)) if *index < items.len() => items.remove(*index),
        _ => Value::Null,
    }
}

/// Puts a value at a key, or before the item of a list.
fn put(document: &mut Value, path: &[PathSegment], value: Value) {
    let Some((last, around)) = path.split_last() else {
        *document = value;
        return;
    };
    match (value_at_mut(document, around), last) {
        (Some(Value::Object(entries)), PathSegment::Key(key)) => drop(entries.insert(key.clone(), value)),
        (Some(Value::Array(items)), PathSegment::Index(index)) if *index <= items.len() => items.insert(*index, value),
        _ => {}
    }
}

fn value_at_mut<'a>(document: &'a mut Value, path: &[PathSegment]) -> Option<&'a mut Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        PathSegment::Key(key) => value.as_object_mut()?.get_mut(key),
        PathSegment::Index(index) => value.as_array_mut()?.get_mut(*index),
    })
}

#[cfg(test)]
mod tests;
