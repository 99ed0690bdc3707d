//! Inputs that come from other models.

use std::collections::BTreeMap;

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::{EditError, all, item_field, item_path, lifted, position, set};
use crate::model::{Entry, ItemId, LineItem, Model, Span};
use crate::protocol::DocumentId;

/// Lets the value of `item` come from the item `source_item` of the model `source`. The server writes it, and again
/// whenever it changes; until then the item keeps what it has.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row, or it has a value for each period.
pub fn set_link(
    document: &Value,
    item: &ItemId,
    source: DocumentId,
    source_item: &ItemId,
) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let position = position(model, item)?;
        let row = model.item(item).ok_or(EditError::NoSuchItem)?;
        if row.span != Span::Single {
            return Err(EditError::NotSingle);
        }
        if row.link.as_ref().is_some_and(|link| link.document == source && link.item == *source_item) {
            return Ok(JsonOp::noop());
        }
        let link = json!({"document": source.0.to_string(), "item": source_item.0});
        Ok(set(item_path(position, "link"), item_field(document, position, "link"), Some(link)))
    })
}

/// Lets `item` be linked no longer. It keeps its value, as an ordinary entry.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn clear_link(document: &Value, item: &ItemId) -> Result<JsonOp, EditError> {
    let position = position(&Model::read(document)?, item)?;
    Ok(set(item_path(position, "link"), item_field(document, position, "link"), None))
}

/// What the server writes into the items that are linked to `source`: the newest values of its items, or why there is
/// none, in which case an item keeps the value it has. An item that is linked to something else stays as it is.
///
/// # Errors
///
/// Returns an [`EditError`] when the document is no model.
pub fn set_linked_values(
    document: &Value,
    source: DocumentId,
    values: &BTreeMap<ItemId, Result<f64, String>>,
) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let mut ops = Vec::new();
    for (section, items) in model.sections.iter().enumerate() {
        for (index, row) in items.items.iter().enumerate() {
            let Some(link) = row.link.as_ref().filter(|link| link.document == source) else {
                continue;
            };
            let Some(value) = values.get(&link.item) else {
                continue;
            };
            let place = (section, index);
            if let Some(number) = value.as_ref().ok().filter(|number| !has_number(row, **number)) {
                let before = item_field(document, place, "value");
                ops.push(set(item_path(place, "value"), before, Some(json!(number))));
            }
            let before = link.problem.as_ref().map(|problem| json!(problem));
            let problem = path!["sections", section, "items", index, "link", "problem"];
            ops.push(set(problem, before.as_ref(), value.as_ref().err().map(|problem| json!(problem))));
        }
    }
    all(ops)
}

fn has_number(row: &LineItem, number: f64) -> bool {
    matches!(row.value, Some(Entry::Number(before)) if before.to_bits() == number.to_bits())
}
