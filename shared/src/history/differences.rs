//! Where two documents differ, by paths of keys and ids.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

/// One difference. Its path leads to the value by keys and ids; a row stands under `items`, whatever its section is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference<'a> {
    pub(super) path: Vec<String>,
    pub(super) edit: Edit<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Edit<'a> {
    Added(&'a Value),
    Removed(&'a Value),
    Changed {
        before: &'a Value,
        after: &'a Value,
    },
    /// It is elsewhere among its neighbours, or under another heading.
    Moved,
}

impl<'a> Edit<'a> {
    pub(super) fn before(self) -> Option<&'a Value> {
        match self {
            Self::Removed(before) | Self::Changed { before, .. } => Some(before),
            Self::Added(_) | Self::Moved => None,
        }
    }

    pub(super) fn after(self) -> Option<&'a Value> {
        match self {
            Self::Added(after) | Self::Changed { after, .. } => Some(after),
            Self::Removed(_) | Self::Moved => None,
        }
    }
}

/// The first `limit` differences, in the order of the documents, and whether those are all.
pub(super) fn differences<'a>(before: &'a Value, after: &'a Value, limit: usize) -> (Vec<Difference<'a>>, bool) {
    let mut walk = Walk { path: Vec::new(), found: Vec::new(), limit };
    walk.value(before, after);
    let is_complete = walk.found.len() <= limit;
    walk.found.truncate(limit);
    (walk.found, is_complete)
}

/// The rows of a model with the id of the section that each stands in, unless an id is missing or there twice.
pub(super) fn rows(sections: &[Value]) -> Option<Vec<(&str, &str, &Value)>> {
    let mut rows = Vec::new();
    for section in sections {
        let id = section.get("id")?.as_str()?;
        for item in section.get("items")?.as_array()? {
            rows.push((item.get("id")?.as_str()?, id, item));
        }
    }
    let unique: HashSet<&str> = rows.iter().map(|(id, ..)| *id).collect();
    (unique.len() == rows.len()).then_some(rows)
}

/// The items of a list with what tells them apart, if there is such a thing: their ids, themselves where they are
/// texts, the two cells of a correlation.
pub(super) fn keyed(list: &[Value]) -> Option<Vec<(String, &Value)>> {
    let key = |item: &Value| match item {
        Value::String(text) => Some(text.clone()),
        Value::Object(entries) => match (entries.get("id"), entries.get("a"), entries.get("b")) {
            (Some(Value::String(id)), ..) => Some(id.clone()),
            (None, Some(Value::String(a)), Some(Value::String(b))) => Some(format!("{a} {b}")),
            _ => None,
        },
        _ => None,
    };
    let items = list.iter().map(|item| Some((key(item)?, item))).collect::<Option<Vec<_>>>()?;
    let unique: HashSet<&str> = items.iter().map(|(key, _)| key.as_str()).collect();
    (unique.len() == items.len()).then_some(items)
}

/// Objects of which a missing one is as good as an empty one.
fn is_map(key: &str) -> bool {
    matches!(key, "values" | "entries" | "distributions" | "notes")
}

/// What people take for one thing, though it has parts.
fn is_whole(path: &[String]) -> bool {
    match path {
        [first, _] if first == "distributions" || first == "correlations" => true,
        [.., last] => last == "link" || last == "iteration",
        [] => false,
    }
}

struct Walk<'a> {
    path: Vec<String>,
    found: Vec<Difference<'a>>,
    limit: usize,
}

impl<'a> Walk<'a> {
    fn push(&mut self, edit: Edit<'a>) {
        if self.found.len() <= self.limit {
            self.found.push(Difference { path: self.path.clone(), edit });
        }
    }

    fn at(&mut self, step: &str, visit: impl FnOnce(&mut Self)) {
        if self.found.len() > self.limit {
            return;
        }
        self.path.push(step.to_owned());
        visit(self);
        self.path.pop();
    }

    fn value(&mut self, before: &'a Value, after: &'a Value) {
        if before == after {
            return;
        }
        match (before, after) {
            (Value::Object(before), Value::Object(after)) if !is_whole(&self.path) => self.object(before, after, &[]),
            (Value::Array(old), Value::Array(new)) => match (keyed(old), keyed(new)) {
                (Some(old), Some(new)) => self.list(&old, &new, Self::value),
                _ => self.push(Edit::Changed { before, after }),
            },
            _ => self.push(Edit::Changed { before, after }),
        }
    }

    fn object(&mut self, before: &'a Map<String, Value>, after: &'a Map<String, Value>, but: &[&str]) {
        let own = |key: &&'a String| !but.contains(&key.as_str());
        for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))).filter(own) {
            self.at(key, |walk| match (before.get(key), after.get(key)) {
                (Some(Value::Array(old)), Some(Value::Array(new))) if walk.path == ["sections"] => {
                    match (rows(old), rows(new), keyed(old), keyed(new)) {
                        (Some(old_rows), Some(new_rows), Some(old), Some(new)) => {
                            walk.list(&old, &new, Self::section);
                            walk.path.clear();
                            walk.at("items", |walk| walk.rows(&old_rows, &new_rows));
                            walk.path.push("sections".to_owned());
                        }
                        _ => {
                            if let (Some(before), Some(after)) = (before.get(key), after.get(key)) {
                                walk.value(before, after);
                            }
                        }
                    }
                }
                (Some(before), Some(after)) => walk.value(before, after),
                (None, Some(Value::Object(entries))) if is_map(key) => walk.entries(entries, Edit::Added),
                (Some(Value::Object(entries)), None) if is_map(key) => walk.entries(entries, Edit::Removed),
                (None, Some(after)) => walk.push(Edit::Added(after)),
                (Some(before), None) => walk.push(Edit::Removed(before)),
                (None, None) => {}
            });
        }
    }

    fn entries(&mut self, entries: &'a Map<String, Value>, edit: impl Fn(&'a Value) -> Edit<'a>) {
        for (key, value) in entries {
            self.at(key, |walk| walk.push(edit(value)));
        }
    }

    fn section(&mut self, before: &'a Value, after: &'a Value) {
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => self.object(before, after, &["items"]),
            _ => self.value(before, after),
        }
    }

    fn list(
        &mut self,
        before: &[(String, &'a Value)],
        after: &[(String, &'a Value)],
        inside: impl Fn(&mut Self, &'a Value, &'a Value),
    ) {
        let places: HashMap<&str, (usize, &'a Value)> =
            before.iter().enumerate().map(|(place, (key, value))| (key.as_str(), (place, *value))).collect();
        let stay: HashSet<&str> = after.iter().map(|(key, _)| key.as_str()).collect();
        for (key, value) in before.iter().filter(|(key, _)| !stay.contains(key.as_str())) {
            self.at(key, |walk| walk.push(Edit::Removed(value)));
        }
        let order: Vec<usize> =
            after.iter().filter_map(|(key, _)| places.get(key.as_str()).map(|(place, _)| *place)).collect();
        let in_order = ascending(&order);
        for (key, value) in after {
            self.at(key, |walk| match places.get(key.as_str()) {
                None => walk.push(Edit::Added(value)),
                Some((place, before)) => {
                    if in_order.binary_search(place).is_err() {
                        walk.push(Edit::Moved);
                    }
                    inside(walk, before, value);
                }
            });
        }
    }

    fn rows(&mut self, before: &[(&str, &str, &'a Value)], after: &[(&str, &str, &'a Value)]) {
        let places: HashMap<&str, (usize, &str, &'a Value)> =
            before.iter().enumerate().map(|(place, (id, section, item))| (*id, (place, *section, *item))).collect();
        let stay: HashSet<&str> = after.iter().map(|(id, ..)| *id).collect();
        for (id, _, item) in before.iter().filter(|(id, ..)| !stay.contains(id)) {
            self.at(id, |walk| walk.push(Edit::Removed(item)));
        }
        // Whoever is under another heading has moved, and is no reason for the others to have moved.
        let stays_in = |(id, section, _): &&(&str, &str, &'a Value)| {
            places.get(id).filter(|(_, before, _)| before == section).map(|(place, ..)| *place)
        };
        let order: Vec<usize> = after.iter().filter_map(|row| stays_in(&row)).collect();
        let mut in_order: Vec<usize> = Vec::new();
        // Sections may move with all their rows, so each is looked at alone.
        let mut rest = order.as_slice();
        let mut sections: Vec<usize> = Vec::new();
        let mut last = None;
        for row in after {
            if stays_in(&row).is_some() {
                match last {
                    Some(section) if section == row.1 => {
                        if let Some(count) = sections.last_mut() {
                            *count += 1;
                        }
                    }
                    _ => sections.push(1),
                }
                last = Some(row.1);
            }
        }
        for count in sections {
            let (own, others) = rest.split_at(count.min(rest.len()));
            in_order.extend(ascending(own));
            rest = others;
        }
        in_order.sort_unstable();
        for (id, section, item) in after {
            self.at(id, |walk| match places.get(id) {
                None => walk.push(Edit::Added(item)),
                Some((place, before_section, before)) => {
                    if before_section != section || in_order.binary_search(place).is_err() {
                        walk.push(Edit::Moved);
                    }
                    walk.value(before, item);
                }
            });
        }
    }
}

/// One of the longest ascending parts of a list of different numbers.
fn ascending(numbers: &[usize]) -> Vec<usize> {
    // For each length, the place of the least number that ends an ascending part of it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    let at = |place: usize| numbers.get(place).copied().unwrap_or_default();
    for (place, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| at(*end) < *number);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut part = Vec::with_capacity(ends.len());
    let mut place = ends.last().copied();
    while let Some(here) = place {
        part.push(at(here));
        place = before.get(here).copied().flatten();
    }
    part.reverse();
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(before: &Value, after: &Value) -> Vec<String> {
        let (found, is_complete) = differences(before, after, 100);
        assert!(is_complete);
        let name = |edit: Edit<'_>| match edit {
            Edit::Added(_) => "+",
            Edit::Removed(_) => "-",
            Edit::Changed { .. } => "=",
            Edit::Moved => ">",
        };
        found.iter().map(|found| format!("{}{}", name(found.edit), found.path.join("/"))).collect()
    }

    fn model() -> Value {
        let row = |id: &str| json!({"id": id, "label": id, "values": {"p1": 1}});
        json!({
            "currency": "USD",
            "periods": [{"id": "p1", "label": "2024"}, {"id": "p2", "label": "2025"}],
            "sections": [
                {"id": "s", "label": "Income", "items": [row("a"), row("b"), row("c")]},
                {"id": "t", "label": "Cash", "items": [row("d")]},
            ],
            "outputs": ["a", "b"],
        })
    }

    #[test]
    fn a_cell_that_changed_is_named_by_its_row_and_period() {
        let mut after = model();
        after["sections"][0]["items"][1]["values"]["p1"] = json!(2);
        after["sections"][0]["items"][1]["values"]["p2"] = json!(3);
        assert_eq!(paths(&model(), &after), ["=items/b/values/p1", "+items/b/values/p2"]);
        assert_eq!(paths(&after, &model()), ["=items/b/values/p1", "-items/b/values/p2"]);
    }

    #[test]
    fn a_row_that_moves_is_not_removed_and_its_neighbours_stay() {
        let mut after = model();
        let row = after["sections"][0]["items"].as_array_mut().unwrap().remove(0);
        after["sections"][1]["items"].as_array_mut().unwrap().push(row);
        assert_eq!(paths(&model(), &after), [">items/a"]);
        let mut after = model();
        after["sections"][0]["items"].as_array_mut().unwrap().rotate_left(1);
        assert_eq!(paths(&model(), &after), [">items/a"]);
        let mut after = model();
        after["sections"].as_array_mut().unwrap().reverse();
        assert_eq!(paths(&model(), &after).len(), 1, "a section moves, its rows with it");
    }

    #[test]
    fn what_comes_and_goes_is_told_whole() {
        let mut after = model();
        after["sections"].as_array_mut().unwrap().remove(1);
        after["outputs"] = json!(["b"]);
        after["notes"] = json!({"a@p1": "as reported"});
        after["periods"].as_array_mut().unwrap().push(json!({"id": "p3", "label": "2026"}));
        assert_eq!(paths(&model(), &after), ["-outputs/a", "+periods/p3", "-sections/t", "-items/d", "+notes/a@p1"]);
    }

    #[test]
    fn documents_without_ids_are_compared_too() {
        assert_eq!(paths(&json!({"x": [1, 2]}), &json!({"x": [1, 3]})), ["=x"]);
        assert_eq!(paths(&json!({"sections": [1]}), &json!({"sections": [2]})), ["=sections"]);
        assert_eq!(paths(&json!(null), &json!({})), ["="]);
    }

    #[test]
    fn no_more_than_is_asked_for_is_found() {
        let (before, after): (Value, Value) =
            ((0..50).map(|_| json!({})).collect(), (0..50).map(|_| json!({})).collect());
        assert_eq!(differences(&before, &after, 1), (vec![], true));
        let wide = |value: i32| Value::Object((0..50).map(|key| (key.to_string(), json!(value))).collect());
        let (before, after) = (wide(1), wide(2));
        let (found, is_complete) = differences(&before, &after, 7);
        assert_eq!((found.len(), is_complete), (7, false));
    }

    #[test]
    fn the_longest_ascending_part_stays() {
        assert_eq!(ascending(&[3, 0, 1, 2]), [0, 1, 2]);
        assert_eq!(ascending(&[1, 2, 0, 4, 3]).len(), 3);
        assert_eq!(ascending(&[]), [0_usize; 0]);
    }
}
