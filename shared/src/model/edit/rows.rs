//! Rows: where they stand, what they are called, how they are calculated and shown.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::names::free_name;
use super::{EditError, all, checked, item_field, item_path, move_behind, place_behind, position, set, set_text};
use crate::model::formula::{to_display, to_stored};
use crate::model::{ItemId, Model, NumberFormat, SectionId, Span};

/// Gives the row `item` the formula `input`, with or without an equals sign, in every cell that has no entry of its own.
/// Nothing takes the row's formula away.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_row_formula(document: &Value, item: &ItemId, input: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let position = position(&model, item)?;
    let before = model.item(item).and_then(|item| item.formula.as_deref());
    let written = input.trim();
    let written = written.strip_prefix('=').unwrap_or(written).trim();
    if before.is_some_and(|before| to_display(before, &model) == written) {
        return Ok(JsonOp::noop());
    }
    let stored = (!written.is_empty()).then(|| json!(to_stored(written, &model)));
    Ok(set(item_path(position, "formula"), item_field(document, position, "formula"), stored))
}

/// Changes the label of `item` to `label`, letter by letter, so that what others change in it at once stays.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_label(document: &Value, item: &ItemId, label: &str) -> Result<JsonOp, EditError> {
    set_item_text(document, item, "label", label)
}

/// Changes what the note of `item` says about where its figures come from, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_item_note(document: &Value, item: &ItemId, note: &str) -> Result<JsonOp, EditError> {
    set_item_text(document, item, "note", note)
}

/// Gives the values of `item` the unit `unit`.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_unit(document: &Value, item: &ItemId, unit: &str) -> Result<JsonOp, EditError> {
    set_item_field(document, item, "unit", json!(unit))
}

/// Shows the values of `item` as `format`.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_format(document: &Value, item: &ItemId, format: NumberFormat) -> Result<JsonOp, EditError> {
    set_item_field(document, item, "format", json!(format))
}

/// Gives `item` a value for each period, or one. The entries of the other form stay in the document and count again
/// when it is changed back.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_span(document: &Value, item: &ItemId, span: Span) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let position = position(&model, item)?;
    let op = set_item_field(document, item, "span", json!(span_text(span)))?;
    let lacks_room = span == Span::Period && item_field(document, position, "values").is_none();
    let room = lacks_room.then(|| JsonOp::insert(item_path(position, "values"), json!({})));
    if op == JsonOp::noop() { Ok(op) } else { all(std::iter::once(op).chain(room)) }
}

/// Lets formulas call `item` by `name`. They hold its id, so none of them changes.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row, `name` is no name, or another row has it.
pub fn set_name(document: &Value, item: &ItemId, name: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    if model.items().any(|other| other.name == name && other.id != *item) {
        return Err(EditError::NameTaken(name.to_owned()));
    }
    set_item_field(document, item, "name", json!(name))
}

/// Inserts the row `new`, called `label`, below `item` and alike in span, unit and format.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn insert_item_after(document: &Value, item: &ItemId, new: ItemId, label: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, item)?;
    let above = model.item(item).ok_or(EditError::NoSuchItem)?;
    let row = row(&model, new, label, above.span, above.format, &above.unit);
    Ok(JsonOp::insert(path!["sections", section, "items", index + 1], row))
}

/// Inserts the row `new`, called `label`, as the first of `section`.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such section, or something has the id `new` already.
pub fn insert_item(
    document: &Value,
    section: &SectionId,
    new: ItemId,
    label: &str,
    span: Span,
    format: NumberFormat,
) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let section = section_index(&model, section)?;
    let row = row(&model, new, label, span, format, "");
    checked(document, JsonOp::insert(path!["sections", section, "items", 0], row))
}

/// Moves the row `item` into `section`, behind the row `after`, or to its beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when the row or the section is gone, or `after` does not stand in it.
pub fn move_item(
    document: &Value,
    item: &ItemId,
    section: &SectionId,
    after: Option<&ItemId>,
) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (from_section, from) = position(&model, item)?;
    let to_section = section_index(&model, section)?;
    let after = match after.map(|after| position(&model, after)).transpose()? {
        Some((section, _)) if section != to_section => return Err(EditError::NoSuchItem),
        after => after.map(|(_, index)| index),
    };
    if from_section == to_section {
        return move_behind(&path!["sections", to_section, "items"], from, after);
    }
    let to = place_behind(usize::MAX, after);
    Ok(JsonOp::move_to(path!["sections", from_section, "items", from], path!["sections", to_section, "items", to])?)
}

/// Removes the row `item`. Formulas that name it get an error that says so.
///
/// What other places of the document say about the row (scenarios, distributions, notes, outputs) stays and counts for
/// nothing, so that it is there again when the removal is undone.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn remove_item(document: &Value, item: &ItemId) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, item)?;
    Ok(JsonOp::remove(path!["sections", section, "items", index]))
}

fn row(model: &Model, id: ItemId, label: &str, span: Span, format: NumberFormat, unit: &str) -> Value {
    json!({
        "id": id.0,
        "name": free_name(label, "row", |name| model.items().any(|item| item.name == name)),
        "label": label,
        "unit": unit,
        "format": format,
        "span": span_text(span),
        "values": {},
        "note": "",
    })
}

fn span_text(span: Span) -> &'static str {
    match span {
        Span::Period => "period",
        Span::Single => "single",
    }
}

pub(super) fn section_index(model: &Model, section: &SectionId) -> Result<usize, EditError> {
    model.sections.iter().position(|other| other.id == *section).ok_or(EditError::NoSuchSection)
}

fn set_item_field(document: &Value, item: &ItemId, field: &str, value: Value) -> Result<JsonOp, EditError> {
    let position = position(&Model::read(document)?, item)?;
    let op = set(item_path(position, field), item_field(document, position, field), Some(value));
    checked(document, op)
}

fn set_item_text(document: &Value, item: &ItemId, field: &str, text: &str) -> Result<JsonOp, EditError> {
    let position = position(&Model::read(document)?, item)?;
    let before = item_field(document, position, field).and_then(Value::as_str);
    checked(document, set_text(item_path(position, field), before, text))
}
