//! What text looks like, and how that changes.

use serde_json::{Map, Value};

use crate::json::MAX_DEPTH;
use crate::{OpError, OpErrorKind, Side};

/// Attributes by name. In a retain, `null` removes one.
pub type Attributes = Map<String, Value>;

/// How large the attributes of one run may be, in bytes: of all names and strings, with 8 for every other value. Setting
/// them on a document writes them into each of its runs, so without a limit a short message could fill the memory.
pub const MAX_ATTRIBUTES_SIZE: usize = 16 * 1024;

/// The attributes after `first` and then `second` were set. A `null` is kept where there may be something to remove.
pub(super) fn composed(first: &Attributes, second: &Attributes, keep_null: bool) -> Result<Attributes, OpError> {
    let mut result = first.clone();
    for (name, value) in second {
        if value.is_null() && !keep_null {
            result.remove(name);
        } else {
            result.insert(name.clone(), value.clone());
        }
    }
    if !first.is_empty() && !second.is_empty() {
        check(&result)?;
    }
    Ok(result)
}

/// What is left to set of `ours` beside `theirs`.
pub(super) fn transformed(ours: &Attributes, theirs: &Attributes, side: Side) -> Attributes {
    match side {
        Side::Left => ours.clone(),
        Side::Right => {
            let mut left = ours.clone();
            left.retain(|name, _| !theirs.contains_key(name));
            left
        }
    }
}

/// What to set in order to take `set` back where there was `before`.
pub(super) fn inverted(set: &Attributes, before: &Attributes) -> Attributes {
    let mut result = Attributes::new();
    for (name, value) in set {
        match before.get(name) {
            None => {
                result.insert(name.clone(), Value::Null);
            }
            // Quill compares by identity, so that it sets a list or an object even if it is the same as before.
            Some(old) if old != value || old.is_object() || old.is_array() => {
                result.insert(name.clone(), old.clone());
            }
            Some(_) => {}
        }
    }
    result
}

/// What to set in order to come from `before` to `after`.
pub(super) fn difference(before: &Attributes, after: &Attributes) -> Attributes {
    let mut result = after.clone();
    result.retain(|name, value| before.get(name) != Some(value));
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        result.insert(name.clone(), Value::Null);
    }
    result
}

/// Refuses attributes that are too deep or too large.
pub(super) fn check(attributes: &Attributes) -> Result<(), OpError> {
    let mut size = 0_usize;
    for (name, value) in attributes {
        size = size.saturating_add(name.len()).saturating_add(size_of(value, MAX_DEPTH).ok_or_else(too_deep)?);
    }
    if size > MAX_ATTRIBUTES_SIZE {
        return Err(OpError::new(
            OpErrorKind::TooLarge,
            "the attributes of a run",
            format!("larger than {MAX_ATTRIBUTES_SIZE} bytes"),
        ));
    }
    Ok(())
}

/// Refuses an embed that is too deep.
pub(super) fn check_embed(embed: &Value) -> Result<(), OpError> {
    size_of(embed, MAX_DEPTH).map(|_| ()).ok_or_else(too_deep)
}

/// Nothing when `value` has more levels than `depth`.
fn size_of(value: &Value, depth: usize) -> Option<usize> {
    let mut size = 8_usize;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => size = text.len(),
        Value::Array(items) => {
            let below = depth.checked_sub(1)?;
            for item in items {
                size = size.saturating_add(size_of(item, below)?);
            }
        }
        Value::Object(entries) => {
            let below = depth.checked_sub(1)?;
            for (name, entry) in entries {
                size = size.saturating_add(name.len()).saturating_add(size_of(entry, below)?);
            }
        }
    }
    Some(size)
}

fn too_deep() -> OpError {
    OpError::new(
        OpErrorKind::TooLarge,
        "a run",
        format!("an attribute or an embed is more than {MAX_DEPTH} levels deep"),
    )
}
