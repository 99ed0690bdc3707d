//! Inputs that come from other models.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::{EditError, all, item_field, item_path, lifted, position, set};
use crate::model::{Entry, ItemId, Model, Span};
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

/// What the server writes into a linked item: the newest value of its source, or why there is none, in which case the
/// item keeps the value it has. Nothing happens to an item that is linked no longer.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_linked_value(document: &Value, item: &ItemId, value: Result<f64, &str>) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let place @ (section, index) = position(&model, item)?;
    let row = model.item(item).ok_or(EditError::NoSuchItem)?;
    let Some(link) = &row.link else {
        return Ok(JsonOp::noop());
    };
    let before = link.problem.as_ref().map(|problem| json!(problem));
    let problem = path!["sections", section, "items", index, "link", "problem"];
    let problem = set(problem, before.as_ref(), value.err().map(|problem| json!(problem)));
    let same = |number: f64| matches!(row.value, Some(Entry::Number(before)) if before.to_bits() == number.to_bits());
    let value = value.ok().filter(|number| !same(*number));
    let value =
        value.map(|number| set(item_path(place, "value"), item_field(document, place, "value"), Some(json!(number))));
    all(value.into_iter().chain([problem]))
}
