//! Sections: the headings that rows stand under, and the sheets that sections stand on.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::rows::section_index;
use super::{EditError, checked, lifted, move_behind, set, set_text};
use crate::model::{Model, SectionId};

/// Inserts the empty section `new`, headed `label`, behind the section `after`, or as the first.
///
/// # Errors
///
/// Returns an [`EditError`] when `after` is gone, or something has the id `new` already.
pub fn insert_section(
    document: &Value,
    after: Option<&SectionId>,
    new: SectionId,
    label: &str,
) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let index = match after {
        None => 0,
        Some(after) => section_index(&model, after)?.saturating_add(1),
    };
    let section = json!({"id": new.0, "label": label, "items": []});
    checked(document, JsonOp::insert(path!["sections", index], section))
}

/// Changes the heading of `section`, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such section.
pub fn set_section_label(document: &Value, section: &SectionId, label: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let index = section_index(&model, section)?;
    let before = model.sections.get(index).map(|section| section.label.as_str());
    checked(document, set_text(path!["sections", index, "label"], before, label))
}

/// Lets the sheet called `sheet` begin with `section`; none puts it on the sheet of the section before.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such section.
pub fn set_section_sheet(document: &Value, section: &SectionId, sheet: Option<&str>) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = section_index(model, section)?;
        let before = document.get("sections").and_then(|sections| sections.get(index)?.get("sheet"));
        let sheet = sheet.map(str::trim).filter(|sheet| !sheet.is_empty()).map(|sheet| json!(sheet));
        Ok(set(path!["sections", index, "sheet"], before, sheet))
    })
}

/// Moves `section` with its rows behind the section `after`, or to the beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the two is gone.
pub fn move_section(document: &Value, section: &SectionId, after: Option<&SectionId>) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let from = section_index(&model, section)?;
    let after = after.map(|after| section_index(&model, after)).transpose()?;
    move_behind(&path!["sections"], from, after)
}

/// Removes `section` with its rows, and with those that somebody else moves out of it at once.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such section.
pub fn remove_section(document: &Value, section: &SectionId) -> Result<JsonOp, EditError> {
    let index = section_index(&Model::read(document)?, section)?;
    Ok(JsonOp::remove(path!["sections", index]))
}
