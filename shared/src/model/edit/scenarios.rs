//! Scenarios and what they put in place of the model's own entries.

use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, path};
use serde_json::{Value, json};

use super::cells::{entered, entry_text, text_of};
use super::names::free_name;
use super::{EditError, all, check_cell, lifted, move_behind, set, set_in, set_text};
use crate::model::{CellRef, Model, ScenarioId};

/// Adds the scenario `new`, called `label`, behind the others. It differs from the base case in nothing yet.
///
/// # Errors
///
/// Returns an [`EditError`] when something has the id `new` already, or there are too many.
pub fn add_scenario(document: &Value, new: ScenarioId, label: &str) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let name = free_name(label, "case", |name| model.scenarios.iter().any(|scenario| scenario.name == name));
        let scenario = json!({"id": new.0, "name": name, "label": label, "note": "", "entries": {}});
        Ok(match document.get("scenarios") {
            None => JsonOp::insert(path!["scenarios"], json!([scenario])),
            Some(_) => JsonOp::insert(path!["scenarios", model.scenarios.len()], scenario),
        })
    })
}

/// Adds the scenario `new`, called `label`, right behind `scenario`, with its entries and its note.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario, something has the id `new` already, or there are too many.
pub fn copy_scenario(
    document: &Value,
    scenario: &ScenarioId,
    new: ScenarioId,
    label: &str,
) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = index(model, scenario)?;
        let name = free_name(label, "case", |name| model.scenarios.iter().any(|scenario| scenario.name == name));
        let mut copy = document.get("scenarios").and_then(|all| all.get(index)).cloned().unwrap_or_default();
        for (field, text) in [("id", new.0), ("name", name), ("label", label.to_owned())] {
            if let Some(fields) = copy.as_object_mut() {
                fields.insert(field.to_owned(), Value::String(text));
            }
        }
        Ok(JsonOp::insert(path!["scenarios", index + 1], copy))
    })
}

/// Removes a scenario with its entries.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario.
pub fn remove_scenario(document: &Value, scenario: &ScenarioId) -> Result<JsonOp, EditError> {
    let index = index(&Model::read(document)?, scenario)?;
    Ok(JsonOp::remove(path!["scenarios", index]))
}

/// Moves a scenario behind `after`, or to the beginning.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the two is gone.
pub fn move_scenario(document: &Value, scenario: &ScenarioId, after: Option<&ScenarioId>) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let from = index(&model, scenario)?;
    let after = after.map(|after| index(&model, after)).transpose()?;
    move_behind(&path!["scenarios"], from, after)
}

/// Changes what people call a scenario, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario.
pub fn set_scenario_label(document: &Value, scenario: &ScenarioId, label: &str) -> Result<JsonOp, EditError> {
    set_scenario_text(document, scenario, "label", label)
}

/// Changes what a scenario says it supposes, letter by letter.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario.
pub fn set_scenario_note(document: &Value, scenario: &ScenarioId, note: &str) -> Result<JsonOp, EditError> {
    set_scenario_text(document, scenario, "note", note)
}

/// Changes what commands call a scenario.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario, `name` is no name, or another scenario has it.
pub fn set_scenario_name(document: &Value, scenario: &ScenarioId, name: &str) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = index(model, scenario)?;
        if model.scenarios.iter().any(|other| other.name == name && other.id != *scenario) {
            return Err(EditError::NameTaken(name.to_owned()));
        }
        Ok(set(path!["scenarios", index, "name"], field(document, index, "name"), Some(json!(name))))
    })
}

/// What the scenario has in `cell`, for editing; nothing where it has the model's own.
#[must_use]
pub fn scenario_entry_text(model: &Model, scenario: &ScenarioId, cell: &CellRef) -> String {
    let scenario = model.scenarios.iter().find(|other| other.id == *scenario);
    let entry = scenario.and_then(|scenario| scenario.entries.get(cell));
    entry.zip(model.item(&cell.item)).map_or_else(String::new, |(entry, item)| text_of(entry, item, model))
}

/// Enters `input` in `cell` under a scenario, in the forms that [`enter`](super::enter) takes; nothing lets the model's
/// own entry count there again.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such scenario or no such cell, or there are too many entries.
pub fn enter_in_scenario(
    document: &Value,
    scenario: &ScenarioId,
    cell: &CellRef,
    input: &str,
) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = index(model, scenario)?;
        let key = cell.key();
        let room = index.to_string();
        let entered = match model.item(&cell.item) {
            // What a scenario says of a cell that is gone can only be taken away.
            _ if input.trim().is_empty() => None,
            None => return Err(EditError::NoSuchItem),
            Some(item) => {
                check_cell(model, cell)?;
                if input.trim() == scenario_entry_text(model, scenario, cell) {
                    return Ok(JsonOp::noop());
                }
                entered(input, item, model)
            }
        };
        Ok(set_in(document, &["scenarios", &room, "entries"], &key, entered))
    })
}

/// As [`enter_in_scenario`] in many cells, as one op. What already stands in a cell, from the base case too, is passed
/// over.
///
/// # Errors
///
/// As [`enter_in_scenario`].
pub fn enter_many_in_scenario(
    document: &Value,
    scenario: &ScenarioId,
    inputs: &[(CellRef, String)],
) -> Result<JsonOp, EditError> {
    let shown = Model::read(document)?.under(scenario);
    let mut document = document.clone();
    let mut ops = Vec::new();
    for (cell, input) in inputs {
        if input.trim() == entry_text(&shown, cell) {
            continue;
        }
        let op = enter_in_scenario(&document, scenario, cell, input)?;
        Json::apply(&mut document, &op)?;
        ops.push(op);
    }
    all(ops)
}

fn index(model: &Model, scenario: &ScenarioId) -> Result<usize, EditError> {
    model.scenarios.iter().position(|other| other.id == *scenario).ok_or(EditError::NoSuchScenario)
}

fn field<'a>(document: &'a Value, index: usize, field: &str) -> Option<&'a Value> {
    document.get("scenarios")?.get(index)?.get(field)
}

fn set_scenario_text(document: &Value, scenario: &ScenarioId, name: &str, text: &str) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        let index = index(model, scenario)?;
        let before = field(document, index, name).and_then(Value::as_str);
        Ok(set_text(path!["scenarios", index, name], before, text))
    })
}
