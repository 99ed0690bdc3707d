//! The engine as the npm package calls it.
//!
//! Ops and documents cross the border as JSON text: JavaScript writes and reads it natively, in one crossing, and a
//! lone surrogate in a string arrives as something that can be refused. The objects that a user of the package sees are
//! made of these functions in `js/`.

mod client;
mod failure;
mod kind;
mod plain;
mod text_form;

pub use client::JsClient;

use ot_core::Side;
use ot_core::json::{Conflict, Json, JsonCursor, Resolution};
use ot_core::rich::RichUtf16;
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use failure::Failure;
use kind::{Kind, KindName};

/// Calls a generic function with the type that a name stands for.
macro_rules! with_kind {
    ($kind:expr, $function:ident($($argument:expr),*)) => {
        match $kind {
            $crate::kind::KindName::Text => $function::<$crate::plain::Plain>($($argument),*),
            $crate::kind::KindName::Rich => $function::<ot_core::rich::RichUtf16>($($argument),*),
            $crate::kind::KindName::Json => $function::<ot_core::json::Json>($($argument),*),
        }
    };
}

/// The document after `op`.
///
/// # Errors
///
/// When the op does not fit.
#[wasm_bindgen]
pub fn apply(kind: KindName, snapshot: &str, op: &str) -> Result<String, Failure> {
    with_kind!(kind, apply_as(snapshot, op))
}

/// `op` behind `other`, which was made at the same moment.
///
/// # Errors
///
/// When one of them is no op.
#[wasm_bindgen]
pub fn transform(kind: KindName, op: &str, other: &str, left: bool) -> Result<String, Failure> {
    with_kind!(kind, transform_as(op, other, side(left)))
}

/// One op that does what `first` and then `second` do.
///
/// # Errors
///
/// When `second` can't follow `first`.
#[wasm_bindgen]
pub fn compose(kind: KindName, first: &str, second: &str) -> Result<String, Failure> {
    with_kind!(kind, compose_as(first, second))
}

/// The op that takes `op` back, given the document before it.
///
/// # Errors
///
/// When the op does not fit.
#[wasm_bindgen]
pub fn invert(kind: KindName, op: &str, before: &str) -> Result<String, Failure> {
    with_kind!(kind, invert_as(op, before))
}

/// The canonical form of an op.
///
/// # Errors
///
/// When it is no op.
#[wasm_bindgen]
pub fn normalize(kind: KindName, op: &str) -> Result<String, Failure> {
    with_kind!(kind, normalize_as(op))
}

/// Where a cursor stands after `op`: behind what is inserted at it, if the op is the cursor's own author's.
///
/// # Errors
///
/// When one of them can't be read.
#[wasm_bindgen(js_name = transformCursor)]
pub fn transform_cursor(kind: KindName, cursor: &str, op: &str, own: bool) -> Result<String, Failure> {
    with_kind!(kind, transform_cursor_as(cursor, op, side(!own)))
}

/// The op that leads from one rich text to another.
///
/// # Errors
///
/// When one of them is no document.
#[wasm_bindgen(js_name = diffRich)]
pub fn diff_rich(before: &str, after: &str) -> Result<String, Failure> {
    Ok(RichUtf16::write_op(&RichUtf16::diff(&RichUtf16::read_snapshot(before)?, &RichUtf16::read_snapshot(after)?)))
}

fn apply_as<T: Kind>(snapshot: &str, op: &str) -> Result<String, Failure> {
    let mut snapshot = T::read_snapshot(snapshot)?;
    T::apply(&mut snapshot, &T::read_op(op)?)?;
    Ok(T::write_snapshot(&snapshot))
}

fn transform_as<T: Kind>(op: &str, other: &str, side: Side) -> Result<String, Failure> {
    Ok(T::write_op(&T::transform(&T::read_op(op)?, &T::read_op(other)?, side)))
}

fn compose_as<T: Kind>(first: &str, second: &str) -> Result<String, Failure> {
    Ok(T::write_op(&T::compose(&T::read_op(first)?, &T::read_op(second)?)?))
}

fn invert_as<T: Kind>(op: &str, before: &str) -> Result<String, Failure> {
    Ok(T::write_op(&T::invert(&T::read_op(op)?, &T::read_snapshot(before)?)?))
}

fn normalize_as<T: Kind>(op: &str) -> Result<String, Failure> {
    Ok(T::write_op(&T::normalize(T::read_op(op)?)))
}

fn transform_cursor_as<T: Kind>(cursor: &str, op: &str, side: Side) -> Result<String, Failure> {
    Ok(T::write_cursor(&T::transform_cursor(&T::read_cursor(cursor)?, &T::read_op(op)?, side)))
}

/// `op` behind `other`, or the conflict between them: `{"ok":true,"result":…}` or `{"ok":false,"conflict":…}`. Conflicts
/// that `allow` is true for are resolved. It is called with the conflict as the author of the left op sees it.
///
/// # Errors
///
/// When one of them is no op.
#[wasm_bindgen(js_name = tryTransform)]
pub fn try_transform(op: &str, other: &str, left: bool, allow: Option<js_sys::Function>) -> Result<String, Failure> {
    let (op, other) = (Json::read_op(op)?, Json::read_op(other)?);
    let policy = |conflict: &Conflict| {
        let allowed = allow.as_ref().is_some_and(|allow| {
            let conflict = JsValue::from(text_form::to_text(&Value::from(conflict)));
            allow.call1(&JsValue::NULL, &conflict).is_ok_and(|answer| answer.is_truthy())
        });
        if allowed { Resolution::Standard } else { Resolution::Refuse }
    };
    Ok(match Json::transform_with(&op, &other, side(left), &policy) {
        Ok(op) => ["{\"ok\":true,\"result\":", &Json::write_op(&op), "}"].concat(),
        Err(conflict) => ["{\"ok\":false,\"conflict\":", &text_form::to_text(&Value::from(&conflict)), "}"].concat(),
    })
}

/// Where the value at a place is after an op, which may move it; nothing if it is gone.
///
/// # Errors
///
/// When one of them can't be read.
#[wasm_bindgen(js_name = transformPath)]
pub fn transform_path(place: &str, op: &str) -> Result<Option<String>, Failure> {
    let path = Json::transform_path(&Json::read_cursor(place)?.path, &Json::read_op(op)?);
    Ok(path.map(|path| Json::write_cursor(&JsonCursor { path, offset: None })))
}

fn side(left: bool) -> Side {
    if left { Side::Left } else { Side::Right }
}
