//! Where the line items of a model stand in a workbook.

use std::collections::HashMap;

use super::Place;
use super::place::sheet_prefix;
use crate::model::{ItemId, LineItem, Model, Section, Span};

/// The columns of a sheet of line items. Behind them come the periods.
pub(super) const LABEL_COLUMN: u32 = 0;
pub(super) const NAME_COLUMN: u32 = 1;
pub(super) const UNIT_COLUMN: u32 = 2;
pub(super) const VALUE_COLUMN: u32 = 3;
pub(super) const FIRST_PERIOD_COLUMN: u32 = 4;

/// The row of the headings.
pub(super) const HEADER_ROW: u32 = 3;

/// The sheet of a model whose sections name none.
const FIRST_SHEET: &str = "Model";

pub(super) const ABOUT_SHEET: &str = "About";
pub(super) const OUTPUTS_SHEET: &str = "Outputs";
pub(super) const SCENARIOS_SHEET: &str = "Scenarios";

/// The sheets of line items, and where each item stands.
#[derive(Clone, Debug)]
pub(super) struct Layout<'a> {
    pub(super) sheets: Vec<ItemSheet<'a>>,
    rows: HashMap<&'a ItemId, (usize, u32)>,
}

/// A sheet of line items.
#[derive(Clone, Debug)]
pub(super) struct ItemSheet<'a> {
    pub(super) name: String,
    /// As formulas write its name.
    pub(super) prefix: String,
    /// What stands in its rows.
    pub(super) rows: Vec<(u32, Row<'a>)>,
}

/// What stands in a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a> {
    Section(&'a Section),
    Item(&'a LineItem),
}

impl<'a> Layout<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let mut layout = Self { sheets: Vec::new(), rows: HashMap::new() };
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        for (name, section) in model.sheets(FIRST_SHEET) {
            let index = *by_name.entry(name).or_insert_with(|| {
                let name = free_name(name, &layout.sheets);
                layout.sheets.push(ItemSheet { prefix: sheet_prefix(&name), name, rows: Vec::new() });
                layout.sheets.len() - 1
            });
            let Some(sheet) = layout.sheets.get_mut(index) else { continue };
            // A row stays free between two sections.
            let mut row = sheet.rows.last().map_or(HEADER_ROW + 1, |(last, _)| last + 2);
            sheet.rows.push((row, Row::Section(section)));
            for item in &section.items {
                row += 1;
                sheet.rows.push((row, Row::Item(item)));
                layout.rows.insert(&item.id, (index, row));
            }
        }
        layout
    }

    /// The sheet and the place of the cell of `item` in the period numbered `period`, from 0; none is the cell of an
    /// item with one value.
    pub(super) fn cell(&self, item: &ItemId, period: Option<usize>) -> Option<(usize, Place)> {
        let (sheet, row) = self.rows.get(item)?;
        Some((*sheet, Place::new(*row, column(period)?)))
    }

    /// The cell as a formula on the sheet numbered `from` writes it; none is a sheet without line items.
    pub(super) fn written(&self, (sheet, place): (usize, Place), from: Option<usize>, is_fixed: bool) -> String {
        let place = if is_fixed { place.fixed() } else { place.to_string() };
        match self.sheets.get(sheet) {
            Some(there) if from != Some(sheet) => format!("{}{place}", there.prefix),
            _ => place,
        }
    }
}

/// The column of a period, or that of items with one value.
pub(super) fn column(period: Option<usize>) -> Option<u32> {
    period.map_or(Some(VALUE_COLUMN), |period| FIRST_PERIOD_COLUMN.checked_add(u32::try_from(period).ok()?))
}

/// The period of a cell of an item that spans all of them.
pub(super) fn periods_of(item: &LineItem, model: &Model) -> Vec<Option<usize>> {
    match item.span {
        Span::Single => vec![None],
        Span::Period => (0..model.periods.len()).map(Some).collect(),
    }
}

/// A name that Excel lets a sheet have, and that no other has: at most 31 characters, none of `[]:*?/\`, no quote at
/// its ends.
fn free_name(wanted: &str, taken: &[ItemSheet<'_>]) -> String {
    let allowed = |c: char| if "[]:*?/\\".contains(c) || c.is_control() { ' ' } else { c };
    let clean: String = wanted.chars().map(allowed).take(31).collect();
    let clean = clean.trim_matches(['\'', ' ']);
    let base = if clean.is_empty() { FIRST_SHEET } else { clean };
    // Excel keeps "History" for itself.
    let reserved = [ABOUT_SHEET, OUTPUTS_SHEET, SCENARIOS_SHEET, "History"];
    let is_free = |name: &str| {
        let name = name.to_lowercase();
        !reserved.iter().any(|other| other.to_lowercase() == name)
            && !taken.iter().any(|other| other.name.to_lowercase() == name)
    };
    if is_free(base) {
        return base.to_owned();
    }
    let numbered = |number: usize| {
        let end = format!(" {number}");
        let begin: String = base.chars().take(31 - end.len()).collect();
        format!("{}{end}", begin.trim_end())
    };
    (2..).map(numbered).find(|name| is_free(name)).unwrap_or_default()
}
