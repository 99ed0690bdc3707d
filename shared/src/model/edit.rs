//! What people do to a model, as ops on its document.
//!
//! The ops touch as little as can be, so that what several people do at once fits together: two cells, two rows, two
//! places of one label never get into each other's way. An edit that changes nothing is [`JsonOp::noop`].
//!
//! What people do to a document of an older version brings it up to date on the way, where the edit needs that.

mod cells;
mod links;
pub(crate) mod names;
mod numbers;
mod periods;
mod rows;
mod scenarios;
mod sections;
mod settings;
mod uncertainty;

use ot_core::json::{Json, JsonOp, Path};
use ot_core::text::TextOp;
use ot_core::{OpError, OtType, compose_all, path};
use serde_json::{Value, json};

use super::{CellRef, ItemId, Model, ModelError, Section};

pub use super::migrate::{is_current, migrate};
pub use cells::{CellKind, cell_kind, cell_kind_in, enter, enter_all, enter_known, enter_many, entry_text, set_note};
pub use links::{clear_link, set_link, set_linked_values};
pub use periods::{
    append_period, insert_period, move_period, remove_period, set_period_kind, set_period_label, set_period_time,
};
pub use rows::{
    insert_item, insert_item_after, move_item, remove_item, set_format, set_item_note, set_label, set_name,
    set_row_formula, set_span, set_unit,
};
pub use scenarios::{
    add_scenario, copy_scenario, enter_in_scenario, enter_many_in_scenario, move_scenario, remove_scenario,
    scenario_entry_text, set_scenario_label, set_scenario_name, set_scenario_note,
};
pub use sections::{insert_section, move_section, remove_section, set_section_label, set_section_sheet};
pub use settings::{
    add_output, add_range, move_output, move_range, remove_output, remove_range, set_about, set_currency,
    set_iteration, set_range_ends, set_range_label,
};
pub use uncertainty::{clear_correlation, set_correlation, set_distribution};

pub(crate) use cells::text_of;
pub(super) use numbers::number;

/// Why an edit can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The document is not a model.
    #[error("the document can't be read at {0}")]
    NotAModel(#[from] ModelError),
    /// The row is gone.
    #[error("the row was removed")]
    NoSuchItem,
    /// The period is gone, or the row has no value for single periods.
    #[error("the row has no such cell")]
    NoSuchCell,
    /// The section is gone.
    #[error("the section was removed")]
    NoSuchSection,
    /// The period is gone.
    #[error("the period was removed")]
    NoSuchPeriod,
    /// The scenario is gone.
    #[error("the scenario was removed")]
    NoSuchScenario,
    /// The range is gone.
    #[error("the range was removed")]
    NoSuchRange,
    /// The item is no output.
    #[error("the row is not among the outputs")]
    NoSuchOutput,
    /// Something else has this name.
    #[error("the name \"{0}\" is taken; choose another")]
    NameTaken(String),
    /// The item has a value for each period.
    #[error("only a row with one value can be linked")]
    NotSingle,
    /// What the edit would leave is no model.
    #[error("this can't be entered: {0}")]
    Refused(ModelError),
    /// The parts of the edit don't fit each other.
    #[error("the change does not fit the document: {0}")]
    Unfit(#[from] OpError),
}

/// The op that `edit` makes for the document in the newest version of its form, for the document as it is.
fn lifted(
    document: &Value,
    edit: impl FnOnce(&Value, &Model) -> Result<JsonOp, EditError>,
) -> Result<JsonOp, EditError> {
    let lift = migrate(document)?;
    if lift == JsonOp::noop() {
        return checked(document, edit(document, &Model::read(document)?)?);
    }
    let mut newer = document.clone();
    Json::apply(&mut newer, &lift)?;
    let op = checked(&newer, edit(&newer, &Model::read(&newer)?)?)?;
    if op == JsonOp::noop() { Ok(op) } else { Ok(Json::compose(&lift, &op)?) }
}

/// `op`, if it leaves a model.
fn checked(document: &Value, op: JsonOp) -> Result<JsonOp, EditError> {
    if op != JsonOp::noop() {
        let mut after = document.clone();
        Json::apply(&mut after, &op)?;
        Model::read(&after).map_err(EditError::Refused)?;
    }
    Ok(op)
}

/// Does all of `ops`, each on what the one before it left.
fn all(ops: impl IntoIterator<Item = JsonOp>) -> Result<JsonOp, EditError> {
    Ok(compose_all::<Json>(ops)?)
}

/// Puts `value` at `path`, or takes away what is there. `before` is what is there.
fn set(path: Path, before: Option<&Value>, value: Option<Value>) -> JsonOp {
    match (before, value) {
        (None, None) => JsonOp::noop(),
        (None, Some(value)) => JsonOp::insert(path, value),
        (Some(_), None) => JsonOp::remove(path),
        (Some(before), Some(value)) if *before == value => JsonOp::noop(),
        (Some(_), Some(value)) => JsonOp::replace(path, value),
    }
}

/// As [`set`], of `key` in the object that the document may have in `room`.
fn set_in(document: &Value, room: &[&str], key: &str, value: Option<Value>) -> JsonOp {
    let pointer: String = room.iter().flat_map(|step| ["/", step]).collect();
    let mut path = Path(room.iter().map(|step| step_of(step)).collect());
    match (document.pointer(&pointer), value) {
        (None, None) => JsonOp::noop(),
        (None, Some(value)) => JsonOp::insert(path, json!({ key: value })),
        (Some(object), value) => {
            path.0.push(key.into());
            set(path, object.get(key), value)
        }
    }
}

/// A step of a JSON pointer as one of a path; ids are texts, so a number counts items of a list.
fn step_of(step: &str) -> ot_core::json::PathSegment {
    step.parse::<usize>().map_or_else(|_| step.into(), Into::into)
}

/// Changes the text at `path` letter by letter, so that what others change in it at once stays.
fn set_text(path: Path, before: Option<&str>, after: &str) -> JsonOp {
    match before {
        None if after.is_empty() => JsonOp::noop(),
        None => JsonOp::insert(path, after),
        Some(before) if before == after => JsonOp::noop(),
        Some(before) => JsonOp::edit_text(path, TextOp::diff(before, after)),
    }
}

/// Moves the item at `from` of the list at `list` so that it stands behind the item at `after`, or first.
fn move_behind(list: &Path, from: usize, after: Option<usize>) -> Result<JsonOp, EditError> {
    let to = place_behind(from, after);
    if to == from {
        return Ok(JsonOp::noop());
    }
    let at = |index: usize| {
        let mut path = list.clone();
        path.0.push(index.into());
        path
    };
    Ok(JsonOp::move_to(at(from), at(to))?)
}

/// The index behind `after` in the list without what stands at `from`.
fn place_behind(from: usize, after: Option<usize>) -> usize {
    match after {
        None => 0,
        Some(after) if after >= from => after,
        Some(after) => after.saturating_add(1),
    }
}

/// The section and the place in it of `item`.
fn position(model: &Model, item: &ItemId) -> Result<(usize, usize), EditError> {
    let in_section = |(section, items): (usize, &Section)| {
        items.items.iter().position(|other| other.id == *item).map(|index| (section, index))
    };
    model.sections.iter().enumerate().find_map(in_section).ok_or(EditError::NoSuchItem)
}

fn item_path((section, index): (usize, usize), field: &str) -> Path {
    path!["sections", section, "items", index, field]
}

/// What stands in `field` of the item at a position.
fn item_field<'a>(document: &'a Value, (section, index): (usize, usize), field: &str) -> Option<&'a Value> {
    document.get("sections")?.get(section)?.get("items")?.get(index)?.get(field)
}

/// Fails unless the model has `cell`.
fn check_cell(model: &Model, cell: &CellRef) -> Result<(), EditError> {
    if model.item(&cell.item).is_none() {
        return Err(EditError::NoSuchItem);
    }
    if model.has_cell(cell) { Ok(()) } else { Err(EditError::NoSuchCell) }
}
