//! What people do to a model, as ops on its document.
//!
//! The ops touch as little as can be, so that what several people do at once fits together: two cells, two rows, two
//! places of one label never get into each other's way.

use ot_core::json::JsonOp;
use ot_core::path;
use ot_core::text::TextOp;
use serde_json::{Value, json};

use super::decimal;
use super::formula::{to_display, to_stored};
use super::read::is_name;
use super::{CellRef, Entry, ItemId, Model, ModelError, NumberFormat, Span};

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
}

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
    use super::PeriodKind::History;
    let Some(item) = model.item(&cell.item) else {
        return CellKind::Empty;
    };
    let is_past = cell.period.as_ref().and_then(|id| model.period(id)).is_some_and(|period| period.kind == History);
    match (item.entry(cell.period.as_ref()), &item.formula) {
        (None, None) => CellKind::Empty,
        (None, Some(_)) => CellKind::RowFormula,
        (Some(Entry::Number(_)), None) => CellKind::Input,
        // In the past, reported figures stand where the formula only gives expectations.
        (Some(Entry::Number(_)), Some(_)) if is_past => CellKind::Input,
        (Some(Entry::Formula(_)), None) => CellKind::CellFormula,
        (Some(_), Some(_)) => CellKind::Override,
    }
}

/// What stands in the cell for editing: a number in full, or a formula with its equals sign. Entering the same text
/// again changes nothing.
#[must_use]
pub fn entry_text(model: &Model, cell: &CellRef) -> String {
    let Some(item) = model.item(&cell.item) else {
        return String::new();
    };
    match (item.entry(cell.period.as_ref()), &item.formula) {
        (Some(Entry::Number(number)), _) if item.format == NumberFormat::Percent => in_percent(*number),
        (Some(Entry::Number(number)), _) => number.to_string(),
        (Some(Entry::Formula(stored)), _) | (None, Some(stored)) => format!("={}", to_display(stored, model)),
        (None, None) => String::new(),
    }
}

/// Enters `input` in `cell`: a number (`1,234.5`, `(12)`, `7.5%`), a formula (`=…`), or nothing, which takes away what
/// was entered, so that the formula of the row counts again. What is neither is taken for a formula.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such cell.
pub fn enter(document: &Value, cell: &CellRef, input: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, &cell.item)?;
    let item = model.item(&cell.item).ok_or(EditError::NoSuchItem)?;
    let path = match (&cell.period, item.span) {
        (Some(period), Span::Period) if model.period(period).is_some() => {
            path!["sections", section, "items", index, "values", period.0.as_str()]
        }
        (None, Span::Single) => path!["sections", section, "items", index, "value"],
        _ => return Err(EditError::NoSuchCell),
    };
    if input.trim() == entry_text(&model, cell) {
        return Ok(JsonOp::noop());
    }
    let entered = match input.trim() {
        "" => None,
        text => Some(match number(text) {
            Some(number) => json!(number),
            None => Value::String(format!("={}", to_stored(text.strip_prefix('=').unwrap_or(text).trim(), &model))),
        }),
    };
    let is_empty = item.entry(cell.period.as_ref()).is_none();
    Ok(match entered {
        None if is_empty => JsonOp::noop(),
        None => JsonOp::remove(path),
        Some(value) if !is_empty => JsonOp::replace(path, value),
        Some(value) => match &cell.period {
            // A row as other programs may write it, without an object for its entries.
            Some(period) if lacks_values(document, section, index) => JsonOp::insert(
                path!["sections", section, "items", index, "values"],
                json!({ period.0.as_str(): value }),
            ),
            _ => JsonOp::insert(path, value),
        },
    })
}

/// Gives the row `item` the formula `input`, with or without an equals sign, in every cell that has no entry of its own.
/// Nothing takes the row's formula away.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_row_formula(document: &Value, item: &ItemId, input: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, item)?;
    let before = model.item(item).and_then(|item| item.formula.as_deref());
    let path = path!["sections", section, "items", index, "formula"];
    let written = input.trim();
    let written = written.strip_prefix('=').unwrap_or(written).trim();
    Ok(match (before, written) {
        (None, "") => JsonOp::noop(),
        (Some(_), "") => JsonOp::remove(path),
        (Some(before), written) if to_display(before, &model) == written => JsonOp::noop(),
        (Some(_), written) => JsonOp::replace(path, json!(to_stored(written, &model))),
        (None, written) => JsonOp::insert(path, json!(to_stored(written, &model))),
    })
}

/// Changes the label of `item` to `label`, letter by letter, so that what others change in it at once stays.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn set_label(document: &Value, item: &ItemId, label: &str) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, item)?;
    let before = model.item(item).map_or("", |item| &item.label);
    let path = path!["sections", section, "items", index, "label"];
    Ok(JsonOp::edit_text(path, TextOp::diff(before, label)))
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
    let span = match above.span {
        Span::Period => "period",
        Span::Single => "single",
    };
    let row = json!({
        "id": new.0,
        "name": free_name(&model, label),
        "label": label,
        "unit": above.unit,
        "format": above.format,
        "span": span,
        "values": {},
        "note": "",
    });
    Ok(JsonOp::insert(path!["sections", section, "items", index + 1], row))
}

/// Removes the row `item`. Formulas that name it get an error that says so.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such row.
pub fn remove_item(document: &Value, item: &ItemId) -> Result<JsonOp, EditError> {
    let model = Model::read(document)?;
    let (section, index) = position(&model, item)?;
    Ok(JsonOp::remove(path!["sections", section, "items", index]))
}

/// The section and the place in it of `item`.
fn position(model: &Model, item: &ItemId) -> Result<(usize, usize), EditError> {
    let in_section = |(section, items): (usize, &super::Section)| {
        items.items.iter().position(|other| other.id == *item).map(|index| (section, index))
    };
    model.sections.iter().enumerate().find_map(in_section).ok_or(EditError::NoSuchItem)
}

fn lacks_values(document: &Value, section: usize, index: usize) -> bool {
    document.pointer(&format!("/sections/{section}/items/{index}/values")).is_none()
}

/// A name for formulas that no row has, made of the beginning of `label`.
fn free_name(model: &Model, label: &str) -> String {
    /// Leaves room for a number behind it.
    const STEM_CHARS: usize = 40;
    let letters = label
        .to_ascii_lowercase()
        .chars()
        .take(STEM_CHARS)
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect::<String>();
    let stem = match letters.trim_matches('_') {
        stem if is_name(stem) => stem.to_owned(),
        stem => format!("row_{stem}").trim_end_matches('_').to_owned(),
    };
    let is_free = |name: &String| model.items().all(|item| item.name != *name);
    let numbered = (2_u32..).map(|number| format!("{stem}_{number}"));
    std::iter::once(stem.clone()).chain(numbered).find(is_free).unwrap_or(stem)
}

/// A number as people write it.
pub(super) fn number(text: &str) -> Option<f64> {
    let (text, is_negative) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, exponent) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), "e-2"),
        None => (text, ""),
    };
    let plain = text.replace(',', "");
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_digit() || b".+-eE".contains(&byte));
    let has_exponent = plain.contains(['e', 'E']);
    if !is_plain || (has_exponent && !exponent.is_empty()) || (is_negative && plain.starts_with('-')) {
        return None;
    }
    // The exponent is part of the text, so that 7.8 % is the number nearest to 0.078.
    let number = decimal::parse(&format!("{plain}{exponent}"))?;
    let number = if is_negative { -number } else { number };
    number.is_finite().then_some(number)
}

/// A number in percent, exactly: the decimal point moves by two places.
fn in_percent(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let places = exponent.parse::<i64>().unwrap_or(0).saturating_add(2);
    let digits = digits.replace('.', "");
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // How many digits stand before the point.
    let whole = places.saturating_add(1);
    let shown = if whole <= 0 {
        format!("0.{}{digits}", "0".repeat(usize::try_from(-whole).unwrap_or(0)))
    } else if whole >= length {
        format!("{digits}{}", "0".repeat(usize::try_from(whole - length).unwrap_or(0)))
    } else {
        let (before, after) = digits.split_at(usize::try_from(whole).unwrap_or(0));
        format!("{before}.{after}")
    };
    format!("{sign}{shown}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("1,234.5"), Some(1_234.5));
        assert_eq!(number("(1,234)"), Some(-1_234.0));
        assert_eq!(number("7.8%"), Some(0.078));
        assert_eq!(number("-3e2"), Some(-300.0));
        for not_a_number in ["", "abc", "1 2", "inf", "nan", "--1", "1e999", "(-1)", "1e2%", "."] {
            assert_eq!(number(not_a_number), None, "{not_a_number}");
        }
    }

    #[test]
    fn a_percentage_is_shown_exactly_and_read_back_as_the_same_number() {
        for (value, text) in
            [(0.0775, "7.75%"), (1.0, "100%"), (-0.0005, "-0.05%"), (12.5, "1250%"), (0.1 + 0.2, "30.000000000000004%")]
        {
            assert_eq!(in_percent(value), text);
            assert_eq!(number(text), Some(value));
        }
        assert_eq!(number(&in_percent(0.0)), Some(0.0));
        assert_eq!(number(&in_percent(f64::MIN_POSITIVE)), Some(f64::MIN_POSITIVE));
    }
}
