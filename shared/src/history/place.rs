//! Reading and changing a document by paths of keys and ids.

use serde_json::Value;

use super::differences::keyed;

/// The value at `path`, as [`differences`](super::differences::differences) name them.
pub(super) fn value_at<'a>(document: &'a Value, path: &[String]) -> Option<&'a Value> {
    match path {
        [first, id, rest @ ..] if first == "items" && document.get("sections").is_some() => {
            inside(row(document, id)?.1, rest)
        }
        path => inside(document, path),
    }
}

/// The row `id` and the id of its section.
pub(super) fn row<'a>(document: &'a Value, id: &str) -> Option<(&'a str, &'a Value)> {
    document.get("sections")?.as_array()?.iter().find_map(|section| {
        let item = section.get("items")?.as_array()?.iter().find(|item| is_called(item, id))?;
        Some((section.get("id")?.as_str()?, item))
    })
}

/// Makes the value at `path` in `target` the one of `source`, or takes it away where `source` has none. Where what
/// holds it is gone, nothing happens.
pub(super) fn put(target: &mut Value, source: &Value, path: &[String]) {
    match path {
        [first, id] if first == "items" && source.get("sections").is_some() => put_row(target, source, id),
        [first, id, rest @ ..] if first == "items" && source.get("sections").is_some() => {
            if let (Some(item), Some((_, other))) = (row_mut(target, id), row(source, id)) {
                put_inside(item, other, rest);
            }
        }
        [first, id] if first == "sections" => put_section(target, source, id),
        path => put_inside(target, source, path),
    }
}

fn is_called(value: &Value, id: &str) -> bool {
    value.get("id").and_then(Value::as_str) == Some(id)
}

fn key_of(item: &Value) -> Option<String> {
    keyed(std::slice::from_ref(item))?.pop().map(|(key, _)| key)
}

fn inside<'a>(value: &'a Value, path: &[String]) -> Option<&'a Value> {
    let [step, rest @ ..] = path else { return Some(value) };
    let next = match value {
        Value::Object(entries) => entries.get(step)?,
        Value::Array(items) => items.iter().find(|item| key_of(item).as_ref() == Some(step))?,
        _ => return None,
    };
    inside(next, rest)
}

fn put_inside(target: &mut Value, source: &Value, path: &[String]) {
    match (target, path) {
        (_, []) => {}
        (Value::Object(entries), [key]) => match source.get(key) {
            Some(value) => {
                entries.insert(key.clone(), value.clone());
            }
            None => {
                entries.remove(key);
            }
        },
        (Value::Array(items), [key]) => {
            let place = items.iter().position(|item| key_of(item).as_ref() == Some(key));
            let others = source.as_array().map(Vec::as_slice).unwrap_or_default();
            let theirs = others.iter().position(|item| key_of(item).as_ref() == Some(key));
            match (place, theirs.and_then(|place| others.get(place).zip(Some(place)))) {
                (Some(place), Some((value, _))) => {
                    if let Some(item) = items.get_mut(place) {
                        *item = value.clone();
                    }
                }
                (Some(place), None) => {
                    items.remove(place);
                }
                (None, Some((value, their_place))) => {
                    let at = after_neighbours(items, others, their_place);
                    items.insert(at, value.clone());
                }
                (None, None) => {}
            }
        }
        (Value::Object(entries), [key, rest @ ..]) => {
            let Some(other) = source.get(key) else {
                // Everything below is gone in the source.
                if let Some(held) = entries.get_mut(key) {
                    put_inside(held, &Value::Null, rest);
                }
                return;
            };
            let held = entries.entry(key.clone()).or_insert_with(|| match other {
                Value::Array(_) => Value::Array(Vec::new()),
                _ => Value::Object(serde_json::Map::new()),
            });
            put_inside(held, other, rest);
        }
        (Value::Array(items), [key, rest @ ..]) => {
            let other =
                source.as_array().and_then(|items| items.iter().find(|item| key_of(item).as_ref() == Some(key)));
            let held = items.iter_mut().find(|item| key_of(item).as_ref() == Some(key));
            if let (Some(held), Some(other)) = (held, other) {
                put_inside(held, other, rest);
            }
        }
        (_, [..]) => {}
    }
}

/// Where in `items` to put what stands at `place` in `others`: behind the nearest one before it that both have.
fn after_neighbours(items: &[Value], others: &[Value], place: usize) -> usize {
    let before = others.iter().take(place).rev();
    let at =
        before.filter_map(key_of).find_map(|key| items.iter().position(|item| key_of(item).as_ref() == Some(&key)));
    at.map_or(0, |at| at + 1)
}

fn sections_mut(document: &mut Value) -> Option<&mut Vec<Value>> {
    document.get_mut("sections")?.as_array_mut()
}

fn row_mut<'a>(document: &'a mut Value, id: &str) -> Option<&'a mut Value> {
    sections_mut(document)?
        .iter_mut()
        .find_map(|section| section.get_mut("items")?.as_array_mut()?.iter_mut().find(|item| is_called(item, id)))
}

fn put_row(target: &mut Value, source: &Value, id: &str) {
    let Some((section_id, value)) = row(source, id) else {
        for section in sections_mut(target).into_iter().flatten() {
            if let Some(items) = section.get_mut("items").and_then(Value::as_array_mut) {
                items.retain(|item| !is_called(item, id));
            }
        }
        return;
    };
    if let Some(held) = row_mut(target, id) {
        *held = value.clone();
        return;
    }
    put_heading(target, source, section_id);
    let others = items_of(source, section_id);
    let place = others.iter().position(|item| is_called(item, id)).unwrap_or_default();
    let section =
        sections_mut(target).and_then(|sections| sections.iter_mut().find(|held| is_called(held, section_id)));
    if let Some(items) = section.and_then(|section| section.get_mut("items")).and_then(Value::as_array_mut) {
        let at = after_neighbours(items, others, place);
        items.insert(at, value.clone());
    }
}

fn items_of<'a>(document: &'a Value, section: &str) -> &'a [Value] {
    let sections = document.get("sections").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let found = sections.iter().find(|held| is_called(held, section));
    found.and_then(|section| section.get("items")).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Makes the section without its rows, where it is not there.
fn put_heading(target: &mut Value, source: &Value, id: &str) {
    let others = source.get("sections").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let Some(place) = others.iter().position(|section| is_called(section, id)) else { return };
    let Some(sections) = sections_mut(target) else { return };
    if sections.iter().any(|section| is_called(section, id)) {
        return;
    }
    let mut heading = others.get(place).cloned().unwrap_or_default();
    if let Some(items) = heading.get_mut("items") {
        *items = Value::Array(Vec::new());
    }
    let at = after_neighbours(sections, others, place);
    sections.insert(at, heading);
}

/// A section comes back with those of its rows that are nowhere else, and goes with all its rows.
fn put_section(target: &mut Value, source: &Value, id: &str) {
    let is_there = |document: &Value| {
        document.get("sections").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| is_called(one, id)))
    };
    if !is_there(source) {
        if let Some(sections) = sections_mut(target) {
            sections.retain(|section| !is_called(section, id));
        }
        return;
    }
    put_heading(target, source, id);
    for item in items_of(source, id) {
        if let Some(item_id) = item.get("id").and_then(Value::as_str)
            && row(target, item_id).is_none()
        {
            put_row(target, source, item_id);
        }
    }
}
