//! What holds for the whole model: what it is about, its outputs, ranges, bounds of iteration.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::{EditError, all, checked, lifted, move_behind, set, set_text};
use crate::model::{ItemId, Iteration, Model, RangeId, ValueRange};

/// Changes what the model says about itself, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when the document is no model, or the text is too long.
pub fn set_about(document: &Value, about: &str) -> Result<JsonOp, EditError> {
    lifted(document, |document, _| Ok(set_text(path!["about"], document.get("about").and_then(Value::as_str), about)))
}

/// Changes the currency of the model's amounts. No amount changes.
///
/// # Errors
///
/// Returns an [`EditError`] when the document is no model.
pub fn set_currency(document: &Value, currency: &str) -> Result<JsonOp, EditError> {
    checked(document, set(path!["currency"], document.get("currency"), Some(json!(currency))))
}

/// Lets cells need each other within bounds; none makes that an error.
///
/// # Errors
///
/// Returns an [`EditError`] when the bounds can't be.
pub fn set_iteration(document: &Value, iteration: Option<Iteration>) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        if model.iteration == iteration {
            return Ok(JsonOp::noop());
        }
        let bounds = iteration.map(|bounds| json!({"max_rounds": bounds.max_rounds, "tolerance": bounds.tolerance}));
        Ok(set(path!["iteration"], document.get("iteration"), bounds))
    })
}

/// Counts `item` among the outputs, as the last.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn add_output(document: &Value, item: &ItemId) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    if model.item(item).is_none() {
        return Err(EditError::NoSuchItem);
    }
    if model.outputs.contains(item) {
        return Ok(JsonOp::noop());
    }
    Ok(JsonOp::insert(path!["outputs", outputs(document).len()], item.0.as_str()))
}

/// Counts `item` among the outputs no longer.
///
/// # Errors
///
/// Returns an [`EditError`] when the document is no model.
pub fn remove_output(document: &Value, item: &ItemId) -> Result<JsonOp, EditError> {
    Model::read(document)?;
    all(output_places(document, item).into_iter().rev().map(|index| JsonOp::remove(path!["outputs", index])))
}

/// Moves the output `item` behind the output `after`, or to the beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the two is no output.
pub fn move_output(document: &Value, item: &ItemId, after: Option<&ItemId>) -> Result<JsonOp, EditError> {
    Model::read(document)?;
    let place = |item| output_places(document, item).first().copied().ok_or(EditError::NoSuchOutput);
    move_behind(&path!["outputs"], place(item)?, after.map(place).transpose()?)
}

/// Adds a bar to the football field, behind the others.
///
/// # Errors
///
/// Returns an [`EditError`] when one of its ends is no row, something has its id already, or there are too many.
pub fn add_range(document: &Value, range: &ValueRange) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        check_ends(model, &range.low, &range.high)?;
        let value = json!({
            "id": range.id.0, "label": range.label, "low": range.low.0, "high": range.high.0
        });
        Ok(match document.get("ranges") {
            None => JsonOp::insert(path!["ranges"], json!([value])),
            Some(_) => JsonOp::insert(path!["ranges", model.ranges.len()], value),
        })
    })
}

/// Removes a bar of the football field.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such range.
pub fn remove_range(document: &Value, range: &RangeId) -> Result<JsonOp, EditError> {
    let index = range_index(&Model::read(document)?, range)?;
    Ok(JsonOp::remove(path!["ranges", index]))
}

/// Moves a bar of the football field behind `after`, or to the beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the two is gone.
pub fn move_range(document: &Value, range: &RangeId, after: Option<&RangeId>) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let after = after.map(|after| range_index(&model, after)).transpose()?;
    move_behind(&path!["ranges"], range_index(&model, range)?, after)
}

/// Changes what people call a bar of the football field, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such range.
pub fn set_range_label(document: &Value, range: &RangeId, label: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let index = range_index(&model, range)?;
    let before = model.ranges.get(index).map(|range| range.label.as_str());
    checked(document, set_text(path!["ranges", index, "label"], before, label))
}

/// Changes between which items a bar of the football field reaches.
///
/// # Errors
///
/// Returns an [`EditError`] when the range or one of its ends is gone.
pub fn set_range_ends(document: &Value, range: &RangeId, low: &ItemId, high: &ItemId) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let index = range_index(&model, range)?;
    check_ends(&model, low, high)?;
    let before = document.get("ranges").and_then(|ranges| ranges.get(index));
    let end = |key: &str, item: &ItemId| {
        set(path!["ranges", index, key], before.and_then(|range| range.get(key)), Some(json!(item.0)))
    };
    all([end("low", low), end("high", high)])
}

fn check_ends(model: &Model, low: &ItemId, high: &ItemId) -> Result<(), EditError> {
    if model.item(low).is_some() && model.item(high).is_some() { Ok(()) } else { Err(EditError::NoSuchItem) }
}

fn range_index(model: &Model, range: &RangeId) -> Result<usize, EditError> {
    model.ranges.iter().position(|other| other.id == *range).ok_or(EditError::NoSuchRange)
}

fn outputs(document: &Value) -> &[Value] {
    document.get("outputs").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Where `item` stands among the outputs: two people may have added it at once.
fn output_places(document: &Value, item: &ItemId) -> Vec<usize> {
    let places = outputs(document).iter().enumerate().filter(|(_, output)| output.as_str() == Some(item.0.as_str()));
    places.map(|(index, _)| index).collect()
}
