//! Checking a change to a model without reading all of it.

use std::collections::BTreeSet;

use ot_core::OtType;
use ot_core::json::{Change, Json, JsonOp, PathSegment};
use serde_json::{Value, json};

use super::{MAX_CALCULATED_BYTES, ModelError, calculated_bytes, line_item, scenario_bytes};
use crate::model::{LineItem, Model};

/// The fields of a row that say nothing about other rows but through what is calculated.
const OWN_FIELDS: [&str; 8] = ["label", "unit", "format", "note", "name", "values", "value", "formula"];

/// What is known of a document that is a model, so that checking a change to some of its rows takes as long as reading
/// those rows.
///
/// # Laws
///
/// [`ModelCheck::follow`] returns an error exactly when [`Model::read`] of the document does.
#[derive(Clone, Debug)]
pub struct ModelCheck {
    /// At least the bytes of formulas that the model calculates, those of its largest scenario among them.
    calculated: usize,
    periods: usize,
}

impl ModelCheck {
    /// What is known of `model`.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let periods = model.periods.len();
        let largest = model.scenarios.iter().map(|scenario| scenario_bytes(scenario, periods)).max();
        let calculated = model.own_bytes().saturating_add(largest.unwrap_or_default());
        Self { calculated, periods }
    }

    /// Checks `document`, which `op` has just made from a model. Returns the model where it had to be read whole.
    ///
    /// # Errors
    ///
    /// Returns a [`ModelError`] when the document is no model any more. What is known is still that of the one before.
    pub fn follow(&mut self, document: &Value, op: &JsonOp) -> Result<Option<Model>, ModelError> {
        if let Some(rows) = rows_of(op)
            && let Some(calculated) = self.read_rows(document, &rows)?
        {
            self.calculated = calculated;
            return Ok(None);
        }
        let model = Model::read(document)?;
        *self = Self::new(&model);
        Ok(Some(model))
    }

    /// The rows that `op` will change of `document`, as they will be; nothing where the whole model has to be read. The
    /// document stays as it is, and what is known is that of the one to come.
    ///
    /// # Errors
    ///
    /// Returns a [`ModelError`] when a row would be none. What is known is still that of the document.
    pub fn foresee(&mut self, document: &Value, op: &JsonOp) -> Result<Option<ChangedRows>, ModelError> {
        let Some(rows) = rows_of(op) else {
            return Ok(None);
        };
        let mut after = excerpt(document, &rows);
        if Json::apply(&mut after, op).is_err() {
            return Ok(None);
        }
        self.changed(&after, &rows)
    }

    /// The rows that `ops`, the newest of the document, have changed, as they are; nothing where the whole model has to
    /// be read.
    ///
    /// # Errors
    ///
    /// Returns a [`ModelError`] when a row is none any more. What is known is still that of the document before.
    pub fn changed_rows(&mut self, document: &Value, ops: &[JsonOp]) -> Result<Option<ChangedRows>, ModelError> {
        let rows: Option<Vec<_>> = ops.iter().map(rows_of).collect();
        match rows {
            Some(rows) => self.changed(document, &rows.into_iter().flatten().collect()),
            None => Ok(None),
        }
    }

    fn changed(
        &mut self,
        document: &Value,
        rows: &BTreeSet<(usize, usize)>,
    ) -> Result<Option<ChangedRows>, ModelError> {
        let Some(calculated) = self.read_rows(document, rows)? else {
            return Ok(None);
        };
        let read = rows.iter().map(|place| {
            let row = row_at(document, *place).ok_or_else(|| ModelError::new("sections", "a row is gone"))?;
            Ok((*place, line_item(row)?))
        });
        let rows = read.collect::<Result<Vec<_>, ModelError>>()?;
        self.calculated = calculated;
        Ok(Some(ChangedRows(rows)))
    }

    /// Reads the rows. Returns at least how much is calculated with them; nothing when that may be too much, or when a
    /// row is not where it should be.
    fn read_rows(&self, document: &Value, rows: &BTreeSet<(usize, usize)>) -> Result<Option<usize>, ModelError> {
        let mut calculated = self.calculated;
        for (section, index) in rows {
            let Some(row) = row_at(document, (*section, *index)) else {
                return Ok(None);
            };
            let item = line_item(row).map_err(|error| error.inside(&format!("sections[{section}].items[{index}]")))?;
            calculated = calculated.saturating_add(calculated_bytes(&item, self.periods));
        }
        Ok((calculated <= MAX_CALCULATED_BYTES).then_some(calculated))
    }
}

/// Rows of a model as a change leaves them, with their places.
#[derive(Clone, Debug)]
pub struct ChangedRows(Vec<((usize, usize), LineItem)>);

impl ChangedRows {
    /// Puts them in `model`, which is that of the document before. Returns whether each found its place.
    pub fn put_in(self, model: &mut Model) -> bool {
        let mut all_found = true;
        for ((section, index), item) in self.0 {
            match model.sections.get_mut(section).and_then(|section| section.items.get_mut(index)) {
                Some(slot) => *slot = item,
                None => all_found = false,
            }
        }
        all_found
    }
}

/// A document with these rows of `document`, at their places, and nothing else.
fn excerpt(document: &Value, rows: &BTreeSet<(usize, usize)>) -> Value {
    let mut sections: Vec<Value> = Vec::new();
    for (section, index) in rows {
        if sections.len() <= *section {
            sections.resize(section.saturating_add(1), json!({"items": []}));
        }
        let items =
            sections.get_mut(*section).and_then(|section| section.get_mut("items")).and_then(Value::as_array_mut);
        if let (Some(items), Some(row)) = (items, row_at(document, (*section, *index))) {
            items.resize(*index, Value::Null);
            items.push(row.clone());
        }
    }
    json!({ "sections": sections })
}

fn row_at(document: &Value, (section, index): (usize, usize)) -> Option<&Value> {
    document.get("sections")?.get(section)?.get("items")?.get(index)
}

/// The places of the rows that the op changes, as section and index; nothing when it does anything else.
fn rows_of(op: &JsonOp) -> Option<BTreeSet<(usize, usize)>> {
    let mut rows = BTreeSet::new();
    for change in op.changes() {
        match &change {
            Change::Remove { from } => rows.insert(row_of(&from.0)?),
            Change::Insert { to, .. } => rows.insert(row_of(&to.0)?),
            Change::EditText { at, .. } | Change::AddNumber { at, .. } => rows.insert(row_of(&at.0)?),
            _ => return None,
        };
    }
    Some(rows)
}

fn row_of(path: &[PathSegment]) -> Option<(usize, usize)> {
    match path {
        [
            PathSegment::Key(sections),
            PathSegment::Index(section),
            PathSegment::Key(items),
            PathSegment::Index(item),
            PathSegment::Key(field),
            ..,
        ] if sections == "sections" && items == "items" && OWN_FIELDS.contains(&field.as_str()) => {
            Some((*section, *item))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::apple_dcf;
    use ot_core::path;

    /// What both ways of checking say of the document after the op.
    fn both(document: &Value, op: &JsonOp) -> (Result<bool, ModelError>, Result<(), ModelError>) {
        let mut check = ModelCheck::new(&Model::read(document).unwrap());
        let mut after = document.clone();
        Json::apply(&mut after, op).unwrap();
        let known = check.clone();
        let foreseen = known.clone().foresee(document, op);
        let found = known.clone().changed_rows(&after, std::slice::from_ref(op));
        let quick = check.follow(&after, op).map(|model| model.is_some());
        for rows in [foreseen, found] {
            // What the whole is read for is judged by reading the whole.
            assert_eq!(rows.is_err(), quick.is_err() && rows_of(op).is_some(), "{op:?}");
            if let Ok(Some(rows)) = rows {
                let mut model = Model::read(document).unwrap();
                assert!(rows.put_in(&mut model));
                assert_eq!(Ok(model), Model::read(&after));
            }
        }
        (quick, Model::read(&after).map(drop))
    }

    #[test]
    fn a_change_in_a_row_is_judged_as_by_reading_everything() {
        let document = apple_dcf().unwrap();
        let row = |field: &str| path!["sections", 1, "items", 0, field];
        let values =
            [json!("a"), json!("=1 + 2"), json!("a b"), json!(7), json!(null), json!({}), json!("x".repeat(70))];
        let fields = ["id", "name", "label", "unit", "format", "span", "formula", "values", "value", "note", "link"];
        for field in fields {
            for value in &values {
                let had = document.pointer(&format!("/sections/1/items/0/{field}")).is_some();
                let op = if had {
                    JsonOp::replace(row(field), value.clone())
                } else {
                    JsonOp::insert(row(field), value.clone())
                };
                let (quick, whole) = both(&document, &op);
                assert_eq!(quick.clone().map(drop), whole, "{field} = {value}");
                if let Ok(was_read) = quick {
                    assert_eq!(was_read, !OWN_FIELDS.contains(&field), "{field} = {value}");
                }
            }
        }
    }

    #[test]
    fn a_change_of_anything_else_is_judged_by_reading_everything() {
        let document = apple_dcf().unwrap();
        let item = document.pointer("/sections/0/items/0").unwrap().clone();
        let ops = [
            JsonOp::remove(path!["sections", 0, "items", 0]),
            JsonOp::remove(path!["sections", 0]),
            JsonOp::remove(path!["periods"]),
            JsonOp::insert(path!["sections", 0, "items", 0], item),
            JsonOp::replace(path!["sections", 0, "label"], 3),
            JsonOp::move_to(path!["sections", 0, "items", 0, "name"], path!["sections", 0, "items", 1, "later"])
                .unwrap(),
        ];
        for op in ops {
            let (quick, whole) = both(&document, &op);
            assert_eq!(quick, whole.map(|()| true), "{op:?}");
        }
    }

    #[test]
    fn formulas_that_grow_little_by_little_are_counted_until_they_are_too_many() {
        let periods: Vec<_> =
            (0..600).map(|index| json!({"id": format!("p{index}"), "label": "", "kind": "history"})).collect();
        let row = |index: usize| json!({"id": format!("i{index}"), "name": format!("n{index}"), "label": "", "format": "number", "span": "period"});
        let items: Vec<_> = (0..100).map(row).collect();
        let mut document = json!({"schema": 2, "periods": periods, "outputs": [],
            "sections": [{"id": "s", "label": "", "items": items}]});
        let mut check = ModelCheck::new(&Model::read(&document).unwrap());
        let formula = format!("1{}", "+1".repeat(1_000));
        let refused = (0..100).find(|index| {
            let op = JsonOp::insert(path!["sections", 0, "items", *index, "formula"], formula.clone());
            Json::apply(&mut document, &op).unwrap();
            let quick = check.follow(&document, &op);
            assert_eq!(quick.is_ok(), Model::read(&document).is_ok(), "row {index}");
            quick.is_err()
        });
        assert_eq!(refused, Some(MAX_CALCULATED_BYTES / (2_001 * 600)));
    }
}
