//! The parts that documents are made of: fields, lists, texts, numbers, ids.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::ModelError;
use crate::model::ids::is_id;
use crate::model::{CellRef, Entry};

const MAX_TEXT_CHARS: usize = 4_096;
const MAX_NAME_CHARS: usize = 64;

/// Whether formulas can call a row so.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|other| other.is_alphanumeric() || other == '_')
}

pub(super) fn field<T>(
    object: &Map<String, Value>,
    key: &str,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<T, ModelError> {
    optional(object, key, read)?.ok_or_else(|| ModelError::new(key, "this is missing"))
}

pub(super) fn optional<T>(
    object: &Map<String, Value>,
    key: &str,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<Option<T>, ModelError> {
    object.get(key).map(read).transpose().map_err(|error| error.inside(key))
}

pub(super) fn text_or_empty(object: &Map<String, Value>, key: &str) -> Result<String, ModelError> {
    Ok(optional(object, key, text)?.unwrap_or_default())
}

/// One of the few texts that may stand in a field. `hint` names them.
pub(super) fn choice<T: Copy>(value: &Value, choices: &[(&str, T)], hint: &str) -> Result<T, ModelError> {
    let chosen = value.as_str().and_then(|text| choices.iter().find(|(name, _)| *name == text));
    chosen.map(|(_, chosen)| *chosen).ok_or_else(|| ModelError::new("", hint))
}

pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, ModelError> {
    value.as_object().ok_or_else(|| ModelError::new("", "this is an object"))
}

pub(super) fn list<T>(
    value: &Value,
    limit: usize,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<Vec<T>, ModelError> {
    let items = value.as_array().ok_or_else(|| ModelError::new("", "this is a list"))?;
    if items.len() > limit {
        return Err(ModelError::new("", format!("this list has at most {limit} entries")));
    }
    let read = |(index, item)| read(item).map_err(|error| error.inside(&format!("[{index}]")));
    items.iter().enumerate().map(read).collect()
}

/// An object whose keys name cells.
pub(super) fn by_cell<T>(
    value: &Value,
    limit: usize,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<BTreeMap<CellRef, T>, ModelError> {
    let entries = object(value)?;
    if entries.len() > limit {
        return Err(ModelError::new("", format!("this object has at most {limit} entries")));
    }
    let read = |(key, value): (&String, &Value)| {
        let cell = cell_key(key).and_then(|cell| Ok((cell, read(value)?)));
        cell.map_err(|error| error.inside(key))
    };
    entries.iter().map(read).collect()
}

pub(super) fn cell(value: &Value) -> Result<CellRef, ModelError> {
    cell_key(&text(value)?)
}

fn cell_key(key: &str) -> Result<CellRef, ModelError> {
    CellRef::parse(key)
        .ok_or_else(|| ModelError::new("", "a cell is named `item@period`, or `item` where that has one value"))
}

pub(super) fn number(value: &Value) -> Result<f64, ModelError> {
    match value {
        Value::Number(number) => number
            .as_f64()
            .filter(|number| number.is_finite())
            .ok_or_else(|| ModelError::new("", "the number is out of range")),
        _ => Err(ModelError::new("", "this is a number")),
    }
}

pub(super) fn entry(value: &Value) -> Result<Entry, ModelError> {
    match value {
        Value::Number(_) => number(value).map(Entry::Number),
        Value::String(_) => match text(value)?.strip_prefix('=') {
            Some(formula) => Ok(Entry::Formula(formula.to_owned())),
            None => Err(ModelError::new("", "a formula begins with an equals sign")),
        },
        _ => Err(ModelError::new("", "this is a number or a formula")),
    }
}

pub(super) fn name(value: &Value) -> Result<String, ModelError> {
    let name = short_text(value, MAX_NAME_CHARS)?;
    if is_name(&name) {
        Ok(name)
    } else {
        Err(ModelError::new("", "a name is a letter or underscore, followed by letters, digits and underscores"))
    }
}

pub(super) fn id(value: &Value) -> Result<String, ModelError> {
    let id = text(value)?;
    if is_id(&id) {
        Ok(id)
    } else {
        Err(ModelError::new("", "an id is 1 to 64 ASCII letters, digits, underscores and hyphens"))
    }
}

pub(super) fn text(value: &Value) -> Result<String, ModelError> {
    short_text(value, MAX_TEXT_CHARS)
}

pub(super) fn short_text(value: &Value, limit: usize) -> Result<String, ModelError> {
    let Value::String(text) = value else {
        return Err(ModelError::new("", "this is a text"));
    };
    if text.chars().nth(limit).is_some() {
        return Err(ModelError::new("", format!("this text has at most {limit} characters")));
    }
    Ok(text.clone())
}

pub(super) fn check_unique<'a>(place: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), ModelError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(ModelError::new(place, format!("the id \"{id}\" is there twice")));
        }
    }
    Ok(())
}
