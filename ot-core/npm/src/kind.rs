use ot_core::json::{Json, JsonCursor};
use ot_core::rich::RichUtf16;
use ot_core::{OpError, OpErrorKind, OtType};
use serde::Serialize;
use serde::de::DeserializeOwned;
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

    fn write_snapshot(snapshot: &Self::Snapshot) -> Result<String, OpError>;

    fn read_op(text: &str) -> Result<Self::Op, OpError>;

    fn write_op(op: &Self::Op) -> Result<String, OpError>;

    fn read_cursor(text: &str) -> Result<Self::Cursor, OpError>;

    fn write_cursor(cursor: &Self::Cursor) -> Result<String, OpError>;
}

impl Kind for Plain {
    /// The text itself: it needs no JSON.
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        Ok(text.to_owned())
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> Result<String, OpError> {
        Ok(snapshot.clone())
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        of_text(text)?.try_into()
    }

    fn write_op(op: &Self::Op) -> Result<String, OpError> {
        Ok(to_text(&Value::from(op)))
    }

    fn read_cursor(text: &str) -> Result<usize, OpError> {
        position(text)
    }

    fn write_cursor(cursor: &usize) -> Result<String, OpError> {
        Ok(cursor.to_string())
    }
}

impl Kind for RichUtf16 {
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        of_text(text)?.try_into()
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> Result<String, OpError> {
        Ok(to_text(&Value::from(snapshot)))
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        of_text(text)?.try_into()
    }

    fn write_op(op: &Self::Op) -> Result<String, OpError> {
        Ok(to_text(&Value::from(op)))
    }

    fn read_cursor(text: &str) -> Result<usize, OpError> {
        position(text)
    }

    fn write_cursor(cursor: &usize) -> Result<String, OpError> {
        Ok(cursor.to_string())
    }
}

impl Kind for Json {
    fn read_snapshot(text: &str) -> Result<Self::Snapshot, OpError> {
        of_text(text)
    }

    fn write_snapshot(snapshot: &Self::Snapshot) -> Result<String, OpError> {
        Ok(to_text(snapshot))
    }

    fn read_op(text: &str) -> Result<Self::Op, OpError> {
        read(text)
    }

    fn write_op(op: &Self::Op) -> Result<String, OpError> {
        write(op)
    }

    fn read_cursor(text: &str) -> Result<JsonCursor, OpError> {
        read(text)
    }

    fn write_cursor(cursor: &JsonCursor) -> Result<String, OpError> {
        write(cursor)
    }
}

fn position(text: &str) -> Result<usize, OpError> {
    text.parse().map_err(|_| OpError::new(OpErrorKind::Malformed, "the call", "a position is a whole number"))
}

pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, OpError> {
    T::deserialize(of_text(text)?).map_err(|error| unreadable(&error))
}

pub(crate) fn write<T: Serialize>(value: &T) -> Result<String, OpError> {
    Ok(to_text(&serde_json::to_value(value).map_err(|error| unreadable(&error))?))
}

/// An error that a type gave while it was read, of which serde only keeps the text.
fn unreadable(error: &serde_json::Error) -> OpError {
    let text = error.to_string();
    let kinds = [OpErrorKind::TooLarge, OpErrorKind::OutOfRange, OpErrorKind::Missing, OpErrorKind::Occupied];
    let kind = kinds.into_iter().find(|kind| text.starts_with(kind.code())).unwrap_or(OpErrorKind::Malformed);
    let hint = text.strip_prefix(kind.code()).and_then(|rest| rest.strip_prefix(" at the op: ")).unwrap_or(&text);
    OpError::new(kind, "the op", hint)
}
