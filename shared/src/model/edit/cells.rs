//! What stands in single cells.

use std::collections::BTreeSet;

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::numbers::{in_percent, number};
use super::{EditError, all, check_cell, checked, item_field, item_path, lifted, position, set, set_text};
use crate::model::calendar::{date_text, parse_date};
use crate::model::formula::{to_display, to_stored};
use crate::model::{CellRef, Entry, LineItem, Model, NumberFormat, Period, PeriodKind};

/// Where the content of a cell comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellKind {
    /// Somebody entered a number, and the row has no formula or the period is in the past.
    Input,
    /// The formula of the row.
    RowFormula,
    /// Somebody entered something in place of the row's formula, for a period to come.
    Override,
    /// Somebody entered a formula in a row that has none.
    CellFormula,
    /// Nothing.
    Empty,
}

/// Where the content of `cell` comes from.
#[must_use]
pub fn cell_kind(model: &Model, cell: &CellRef) -> CellKind {
    match model.item(&cell.item) {
        Some(item) => cell_kind_in(item, cell.period.as_ref().and_then(|id| model.period(id))),
        None => CellKind::Empty,
    }
}

/// The same of the cell of `item` in `period`, or of its one cell.
#[must_use]
pub fn cell_kind_in(item: &LineItem, period: Option<&Period>) -> CellKind {
    let is_past = period.is_some_and(|period| period.kind == PeriodKind::History);
    match (item.entry(period.map(|period| &period.id)), &item.formula) {
        (None, None) => CellKind::Empty,
        (None, Some(_)) => CellKind::RowFormula,
        (Some(Entry::Number(_)), None) => CellKind::Input,
        // In the past, reported figures stand where the formula only gives expectations.
        (Some(Entry::Number(_)), Some(_)) if is_past => CellKind::Input,
        (Some(Entry::Formula(_)), None) => CellKind::CellFormula,
        (Some(_), Some(_)) => CellKind::Override,
    }
}

/// What stands in the cell for editing: a number in full, a date, a text, or a formula with its equals sign. Entering
/// the same text again changes nothing.
#[must_use]
pub fn entry_text(model: &Model, cell: &CellRef) -> String {
    let Some(item) = model.item(&cell.item) else {
        return String::new();
    };
    match (item.entry(cell.period.as_ref()), &item.formula) {
        (Some(entry), _) => text_of(entry, item, model),
        (None, Some(stored)) => format!("={}", to_display(stored, model)),
        (None, None) => String::new(),
    }
}

/// `entry` in the row `item`, for editing.
pub(crate) fn text_of(entry: &Entry, item: &LineItem, model: &Model) -> String {
    match entry {
        Entry::Number(number) => match item.format {
            NumberFormat::Percent => in_percent(*number),
            NumberFormat::Date => whole_day(*number).and_then(date_text).unwrap_or_else(|| number.to_string()),
            _ => number.to_string(),
        },
        Entry::Formula(stored) => match literal(stored).filter(|_| item.format == NumberFormat::Text) {
            Some(text) => text,
            None => format!("={}", to_display(stored, model)),
        },
    }
}

/// What `input` means in the row `item`, as it is stored; none if it is empty.
pub(super) fn entered(input: &str, item: &LineItem, model: &Model) -> Option<Value> {
    let input = input.trim();
    if input.is_empty() {
        return None;
    }
    if let Some(number) = number(input) {
        return Some(json!(number));
    }
    if let Some(day) = parse_date(input).filter(|_| item.format == NumberFormat::Date) {
        return Some(json!(f64::from(day)));
    }
    if item.format == NumberFormat::Text && !input.starts_with('=') {
        return Some(json!(format!("=\"{}\"", input.replace('"', "\"\""))));
    }
    let formula = input.strip_prefix('=').unwrap_or(input).trim();
    Some(json!(format!("={}", to_stored(formula, model))))
}

/// Enters `input` in `cell`: a number (`1,234.5`, `(12)`, `7.5%`), a formula (`=…`), or nothing, which takes away what
/// was entered, so that the formula of the row counts again. A row of dates takes dates (`2025-09-27`), one of texts
/// texts. What is none of them is taken for a formula.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such cell.
pub fn enter(document: &Value, cell: &CellRef, input: &str) -> Result<JsonOp, EditError> {
    enter_known(document, &Model::read(document)?, cell, input)
}

/// As [`enter`], where the document is known to be `model`: nothing but the row is looked at.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such cell.
pub fn enter_known(document: &Value, model: &Model, cell: &CellRef, input: &str) -> Result<JsonOp, EditError> {
    let position = position(model, &cell.item)?;
    check_cell(model, cell)?;
    let item = model.item(&cell.item).ok_or(EditError::NoSuchItem)?;
    if input.trim() == entry_text(model, cell) {
        return Ok(JsonOp::noop());
    }
    let entered = entered(input, item, model);
    let Some(period) = &cell.period else {
        return Ok(set(item_path(position, "value"), item_field(document, position, "value"), entered));
    };
    let values = item_field(document, position, "values");
    let mut path = item_path(position, "values");
    Ok(match (values, entered) {
        // A row as other programs may write it, without an object for its entries.
        (None, Some(value)) => JsonOp::insert(path, json!({ period.0.as_str(): value })),
        (values, entered) => {
            path.0.push(period.0.as_str().into());
            set(path, values.and_then(|values| values.get(&period.0)), entered)
        }
    })
}

/// As [`enter_known`] in many cells, each there once, as one op.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the cells is not there.
pub fn enter_many(document: &Value, model: &Model, inputs: &[(CellRef, String)]) -> Result<JsonOp, EditError> {
    let mut ops = Vec::new();
    let mut roomless = BTreeSet::new();
    for (cell, input) in inputs {
        let mut op = enter_known(document, model, cell, input)?;
        let position = position(model, &cell.item)?;
        if op != JsonOp::noop()
            && let Some(period) = &cell.period
            && item_field(document, position, "values").is_none()
            && !roomless.insert(&cell.item)
            && let Some(item) = model.item(&cell.item)
            && let Some(value) = entered(input, item, model)
        {
            // The first of the row's entries has brought the object for all of them.
            let mut path = item_path(position, "values");
            path.0.push(period.0.as_str().into());
            op = JsonOp::insert(path, value);
        }
        ops.push(op);
    }
    all(ops)
}

/// Puts entries, with formulas in stored form, in cells in place of what they hold.
///
/// # Errors
///
/// Returns an [`EditError`] when a cell is not there, or the entries would leave no model.
pub fn enter_all(document: &Value, entries: &[(CellRef, Entry)]) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let mut ops = Vec::new();
    let mut has_values = BTreeSet::new();
    for (cell, entry) in entries {
        check_cell(&model, cell)?;
        let position = position(&model, &cell.item)?;
        let entered = match entry {
            Entry::Number(number) => json!(number),
            Entry::Formula(stored) => json!(format!("={stored}")),
        };
        let Some(period) = &cell.period else {
            ops.push(set(item_path(position, "value"), item_field(document, position, "value"), Some(entered)));
            continue;
        };
        let values = item_field(document, position, "values");
        let mut path = item_path(position, "values");
        if values.is_none() && has_values.insert(&cell.item) {
            ops.push(JsonOp::insert(path.clone(), json!({})));
        }
        path.0.push(period.0.as_str().into());
        ops.push(set(path, values.and_then(|values| values.get(&period.0)), Some(entered)));
    }
    checked(document, all(ops)?)
}

/// Writes `note` on `cell`; nothing takes the note away. Two people who change one note both keep their letters.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such cell, or the note is too long.
pub fn set_note(document: &Value, cell: &CellRef, note: &str) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        check_cell(model, cell)?;
        let key = cell.key();
        let path = path!["notes", key.as_str()];
        Ok(match (document.get("notes"), model.notes.get(cell)) {
            (_, Some(_)) if note.is_empty() => JsonOp::remove(path),
            (None, _) if !note.is_empty() => JsonOp::insert(path!["notes"], json!({ key: note })),
            (_, before) => set_text(path, before.map(String::as_str), note),
        })
    })
}

/// The text that a formula is, if it is nothing else and would be entered so.
fn literal(stored: &str) -> Option<String> {
    let inner = stored.trim().strip_prefix('"')?.strip_suffix('"')?;
    let text = inner.replace("\"\"", "\"");
    let is_whole = text.replace('"', "\"\"") == inner;
    let is_plain = !text.is_empty() && text.trim() == text && !text.starts_with('=') && number(&text).is_none();
    (is_whole && is_plain).then_some(text)
}

fn whole_day(number: f64) -> Option<i32> {
    (number.floor() == number).then(|| format!("{number:.0}").parse().ok()).flatten()
}
