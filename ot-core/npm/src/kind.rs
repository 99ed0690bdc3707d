use ot_core::json::{Json, JsonCursor, Path, PathSegment};
use ot_core::rich::RichUtf16;
use ot_core::{OpError, OpErrorKind, OtType};
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::plain::Plain;
use crate::text_form::{of_text, to_text};

/// Which kind of document a function is about.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum KindName {
    /// Plain text.
    Text,
    /// Rich text, in UTF-16 units.
    Rich,
    /// JSON.
    Json,
}

/// A kind of document whose parts can be written down.
pub(crate) trait Kind: OtType + 'static {
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError>;

    fn write_snapshot(snapshot: &Self::Snapshot) -> String;

    fn read_op(text: &str) -> Result<Self::Op, OpError>;

    fn write_op(op: &Self::Op) -> String;

    fn read_cursor(text: &str) -> Result<Self::Cursor, OpError>;

    fn write_cursor(cursor: &Self::Cursor) -> String;
}

impl Kind for Plain {
    /// The text itself: it needs no JSON.
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        Ok(text.to_owned())
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> String {
        snapshot.clone()
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        of_text(text)?.try_into()
    }

    fn write_op(op: &Self::Op) -> String {
        to_text(&Value::from(op))
    }

    fn read_cursor(text: &str) -> Result<usize, OpError> {
        position(text)
    }

    fn write_cursor(cursor: &usize) -> String {
        cursor.to_string()
    }
}

impl Kind for RichUtf16 {
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        of_text(text)?.try_into()
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> String {
        to_text(&Value::from(snapshot))
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        of_text(text)?.try_into()
    }

    fn write_op(op: &Self::Op) -> String {
        to_text(&Value::from(op))
    }

    fn read_cursor(text: &str) -> Result<usize, OpError> {
        position(text)
    }

    fn write_cursor(cursor: &usize) -> String {
        cursor.to_string()
    }
}

impl Kind for Json {
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        of_text(text)
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> String {
        to_text(snapshot)
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        of_text(text)?.try_into()
    }

    fn write_op(op: &Self::Op) -> String {
        to_text(&Value::from(op))
    }

    /// A list of the offset inside a string, or `null`, and the segments of the path.
    fn read_cursor(text: &str) -> Result<JsonCursor, OpError> {
        let refused = || OpError::new(OpErrorKind::Malformed, "the call", "a place is a list of keys and indexes");
        let whole = |value: &Value| value.as_u64().and_then(|whole| usize::try_from(whole).ok());
        let Value::Array(list) = of_text(text)? else {
            return Err(refused());
        };
        let mut cursor = JsonCursor { path: Path::default(), offset: list.first().and_then(whole) };
        for segment in list.into_iter().skip(1) {
            cursor.path.0.push(match (whole(&segment), segment) {
                (Some(index), _) => PathSegment::Index(index),
                (None, Value::String(key)) => PathSegment::Key(key),
                (None, _) => return Err(refused()),
            });
        }
        Ok(cursor)
    }

    fn write_cursor(cursor: &JsonCursor) -> String {
        let mut list = vec![cursor.offset.map_or(Value::Null, Value::from)];
        for segment in &cursor.path.0 {
            list.push(match segment {
                PathSegment::Index(index) => Value::from(*index),
                PathSegment::Key(key) => Value::from(key.as_str()),
            });
        }
        to_text(&Value::Array(list))
    }
}

fn position(text: &str) -> Result<usize, OpError> {
    text.parse().map_err(|_| OpError::new(OpErrorKind::Malformed, "the call", "a position is a whole number"))
}
