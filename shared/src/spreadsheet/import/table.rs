//! The rows and columns of sheets that are line items and periods.

use std::collections::{BTreeMap, HashMap};

use super::periods::{Heading, heading, is_value, kind};
use crate::model::{NumberFormat, PeriodKind, PeriodLength};
use crate::spreadsheet::layout::{ABOUT_SHEET, OUTPUTS_SHEET, SCENARIOS_SHEET};
use crate::spreadsheet::{Cell, Place, Report, Sheet, Workbook};

/// A period that columns stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    pub(super) label: String,
    order: i32,
    pub(super) length: PeriodLength,
    pub(super) kind: Option<PeriodKind>,
}

/// A row that is a line item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) sheet: usize,
    pub(super) row: u32,
    pub(super) section: usize,
    pub(super) label: String,
    pub(super) name: Option<String>,
    pub(super) unit: String,
    pub(super) format: NumberFormat,
    /// The cells, with the number of their period; one without a period for an item with one value.
    pub(super) cells: BTreeMap<Option<usize>, Place>,
}

/// A heading over rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heads {
    pub(super) sheet: usize,
    pub(super) label: String,
}

/// What is found on all sheets.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub(super) columns: Vec<Column>,
    pub(super) sections: Vec<Heads>,
    pub(super) lines: Vec<Line>,
    /// The periods of the columns of each line, by sheet and row.
    headers: HashMap<(usize, u32), BTreeMap<u32, usize>>,
}

impl Tables {
    /// The columns and periods under the headings of a line that has values for periods.
    pub(super) fn periods_on(&self, line: &Line) -> impl Iterator<Item = (u32, usize)> {
        let is_over_periods = !line.cells.contains_key(&None);
        let header = self.headers.get(&(line.sheet, line.row)).filter(|_| is_over_periods);
        header.into_iter().flatten().map(|(column, period)| (*column, *period))
    }
}

/// The rows of headings of a sheet: the columns with their headings, and whether an export of ours wrote them.
type HeadingRows = BTreeMap<u32, (Vec<(u32, Heading)>, bool)>;

/// The columns under a row of headings.
#[derive(Clone, Debug, Default)]
struct Header {
    /// The number of the period by column.
    periods: BTreeMap<u32, usize>,
    /// Where our own export has names, units and single values.
    is_ours: bool,
}

/// A sheet that an export of ours made beside those of line items.
pub(super) fn is_made_by_export(sheet: &Sheet) -> bool {
    let at = |row, column| sheet.cells.get(&Place::new(row, column)).and_then(|cell| cell.content.text());
    match sheet.name.as_str() {
        SCENARIOS_SHEET => at(5, 2) == Some("Cell") && at(5, 3) == Some("Counts"),
        OUTPUTS_SHEET => at(3, 0) == Some("Output") && at(3, 3) == Some("Value"),
        ABOUT_SHEET => sheet.cells.keys().all(|place| place.column == 0),
        _ => false,
    }
}

/// Reads all sheets.
pub(super) fn tables(workbook: &Workbook, report: &mut Report) -> Tables {
    let headers: Vec<HeadingRows> = workbook
        .sheets
        .iter()
        .map(|sheet| if is_made_by_export(sheet) { BTreeMap::new() } else { headings(sheet) })
        .collect();
    let mut tables = Tables::default();
    let all = headers.iter().flat_map(HeadingRows::values).flat_map(|(headings, _)| headings);
    tables.columns = columns(all.map(|(_, heading)| heading));
    let numbers: HashMap<String, usize> =
        tables.columns.iter().enumerate().map(|(number, column)| (column.label.clone(), number)).collect();
    for (index, (sheet, headers)) in workbook.sheets.iter().zip(&headers).enumerate() {
        if !is_made_by_export(sheet) {
            read_sheet(&mut tables, index, sheet, headers, &numbers, report);
        }
    }
    tables
}

/// The rows of headings of a sheet, and whether an export of ours wrote them.
fn headings(sheet: &Sheet) -> HeadingRows {
    let mut found = BTreeMap::new();
    for (row, cells) in rows(sheet) {
        let text = |column: u32| cells.get(&column).and_then(|cell| cell.content.text());
        let is_ours = [text(0), text(1), text(2), text(3)] == [Some("Item"), Some("Name"), Some("Unit"), Some("Value")];
        if is_ours {
            let labels = cells.iter().filter(|(column, _)| **column > 3);
            let order = |column: u32| i32::try_from(column).unwrap_or(i32::MAX);
            let own = |(column, cell): (&u32, &&Cell)| {
                let known = heading(cell);
                let label = cell
                    .content
                    .text()
                    .map(str::to_owned)
                    .or_else(|| known.as_ref().map(|known| known.label.clone()))?;
                let length = known.as_ref().map_or(PeriodLength::Year, |known| known.length);
                let kind = known.and_then(|known| known.kind);
                Some((*column, Heading { label, order: order(*column), length, kind, is_plain: false }))
            };
            found.insert(row, (labels.filter_map(own).collect(), true));
            continue;
        }
        let headings: Vec<(u32, Heading)> =
            cells.iter().filter_map(|(column, cell)| Some((*column, heading(cell)?))).collect();
        let is_ascending = headings.windows(2).all(|pair| match pair {
            [(_, a), (_, b)] if a.is_plain && b.is_plain => b.order == a.order + 12,
            [(_, a), (_, b)] => a.order < b.order,
            _ => true,
        });
        // Figures may look like years; headings have nothing else beside them but a label.
        let others = cells.len() - headings.len();
        if headings.len() >= 2 && is_ascending && others <= 4 {
            found.insert(row, (headings, false));
        }
    }
    if found.values().any(|(_, is_ours)| *is_ours) {
        found.retain(|_, (_, is_ours)| *is_ours);
    }
    // Dates under years are a row of dates; the same headings again begin another table.
    let mut columns_above: Option<(Vec<u32>, Vec<String>)> = None;
    found.retain(|_, (headings, _)| {
        let columns: Vec<u32> = headings.iter().map(|(column, _)| *column).collect();
        let labels: Vec<String> = headings.iter().map(|(_, heading)| heading.label.clone()).collect();
        let is_row = columns_above.as_ref().is_some_and(|(above, heads)| *above == columns && *heads != labels);
        if !is_row {
            columns_above = Some((columns, labels));
        }
        !is_row
    });
    // What stands beside the headings may say which periods lie ahead.
    let beside =
        |row: u32, column: u32| sheet.cells.get(&Place::new(row, column)).and_then(|cell| kind(cell.content.text()?));
    for (row, (headings, _)) in &mut found {
        for (column, heading) in headings {
            let above = row.checked_sub(1).and_then(|above| beside(above, *column));
            heading.kind = heading.kind.or(above).or_else(|| beside(*row + 1, *column));
        }
    }
    found
}

/// The periods of all headings in the order of time, each once.
fn columns<'a>(headings: impl Iterator<Item = &'a Heading>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for heading in headings {
        match known.get(heading.label.as_str()).and_then(|index| columns.get_mut(*index)) {
            Some(column) => column.kind = column.kind.or(heading.kind),
            None => {
                known.insert(&heading.label, columns.len());
                let Heading { label, order, length, kind, .. } = heading.clone();
                columns.push(Column { label, order, length, kind });
            }
        }
    }
    columns.sort_by_key(|column| column.order);
    columns
}

fn rows(sheet: &Sheet) -> BTreeMap<u32, BTreeMap<u32, &Cell>> {
    let mut rows: BTreeMap<u32, BTreeMap<u32, &Cell>> = BTreeMap::new();
    for (place, cell) in &sheet.cells {
        if !cell.content.is_empty() {
            rows.entry(place.row).or_default().insert(place.column, cell);
        }
    }
    rows
}

fn read_sheet(
    tables: &mut Tables,
    index: usize,
    sheet: &Sheet,
    headers: &HeadingRows,
    numbers: &HashMap<String, usize>,
    report: &mut Report,
) {
    let mut header = Header::default();
    let mut section = None;
    let new_section = |tables: &mut Tables, label: &str| {
        tables.sections.push(Heads { sheet: index, label: label.to_owned() });
        Some(tables.sections.len() - 1)
    };
    for (row, cells) in rows(sheet) {
        if let Some((headings, is_ours)) = headers.get(&row) {
            let number = |(column, heading): &(u32, Heading)| Some((*column, *numbers.get(&heading.label)?));
            header = Header { periods: headings.iter().filter_map(number).collect(), is_ours: *is_ours };
            continue;
        }
        let first_period = header.periods.keys().next().copied().unwrap_or(u32::MAX);
        let mut texts = cells
            .iter()
            .filter(|(column, cell)| **column < first_period && !is_value(&cell.content))
            .filter_map(|(column, cell)| Some((*column, cell.content.text()?.trim())));
        let (label_column, label) = texts.next().map_or((None, ""), |(column, label)| (Some(column), label));
        let second = texts.next();
        let over_periods: BTreeMap<Option<usize>, Place> = header
            .periods
            .iter()
            .filter(|(column, _)| cells.get(column).is_some_and(|cell| is_value(&cell.content)))
            .map(|(column, period)| (Some(*period), Place::new(row, *column)))
            .collect();
        let single = cells.iter().find(|(column, cell)| {
            is_value(&cell.content) && **column < first_period && label_column.is_none_or(|label| label < **column)
        });
        if over_periods.is_empty() && single.is_none() {
            let is_alone = cells.len() <= 1;
            if !label.is_empty() && is_alone && !is_above_all(&header, headers, row) {
                section = new_section(tables, label);
            }
            for (column, cell) in cells.iter().filter(|(column, _)| header.periods.contains_key(column)) {
                if cell.content.text().is_some_and(|text| kind(text).is_none()) {
                    let place = format!("{}!{}", sheet.name, Place::new(row, *column));
                    report.remark(place, "a text in a period is not carried");
                }
            }
            continue;
        }
        let section = match section {
            Some(section) => section,
            None => {
                section = new_section(tables, &sheet.name);
                tables.sections.len() - 1
            }
        };
        let own = |column: u32| header.is_ours.then(|| cells.get(&column)?.content.text().map(str::to_owned)).flatten();
        let unit = match second {
            _ if header.is_ours => own(2).unwrap_or_default(),
            Some((_, text)) if text.chars().count() <= 12 => text.to_owned(),
            _ => String::new(),
        };
        let label = if label.is_empty() { format!("Row {}", row + 1) } else { label.to_owned() };
        let mut line = |label: String, name: Option<String>, cells_of: BTreeMap<Option<usize>, Place>| {
            let formats = cells_of.values().filter_map(|place| cells.get(&place.column)?.format);
            let format = formats.max_by_key(|format| *format != NumberFormat::Number).unwrap_or(NumberFormat::Decimal);
            let unit = unit.clone();
            tables.lines.push(Line { sheet: index, row, section, label, name, unit, format, cells: cells_of });
        };
        if let Some((column, _)) = single {
            let only = BTreeMap::from([(None, Place::new(row, *column))]);
            let (label, name) = if over_periods.is_empty() {
                (label.clone(), own(1))
            } else {
                (format!("{label} (value)"), own(1).map(|name| format!("{name}_value")))
            };
            line(label, name, only);
        }
        if !over_periods.is_empty() {
            line(label, own(1), over_periods);
            tables.headers.insert((index, row), header.periods.clone());
        }
    }
}

/// Whether a row stands above the first row of headings of its sheet, as titles do.
fn is_above_all(header: &Header, headers: &HeadingRows, row: u32) -> bool {
    header.periods.is_empty() && headers.keys().next().is_some_and(|first| row < *first)
}
