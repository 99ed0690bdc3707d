//! The model to be, while it is put together.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::excel::{Excel, parse};
use super::ours::{Cells, Here};
use super::table::{Line, Tables, is_made_by_export};
use crate::limits::DOCUMENT_BYTES;
use crate::model::edit::names::free_name;
use crate::model::{PeriodKind, PeriodLength, is_name};
use crate::spreadsheet::layout::{ABOUT_SHEET, FIRST_PERIOD_COLUMN, OUTPUTS_SHEET, SCENARIOS_SHEET};
use crate::spreadsheet::place::written_place;
use crate::spreadsheet::{Cached, Content, ImportError, Place, Report, Workbook};

/// The most periods, rows and cells of a model.
const MAX_PERIODS: usize = 600;
const MAX_ITEMS: usize = 5_000;
const MAX_CELLS: usize = 200_000;

/// What somebody would have entered in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entered {
    Number(f64),
    /// A formula in stored form.
    Formula(String),
}

/// A line item to be.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    name: String,
    line: Line,
    pub(super) entries: BTreeMap<Option<usize>, Entered>,
    pub(super) formula: Option<String>,
}

/// A model to be.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) items: Vec<Item>,
    periods: Vec<(String, String, PeriodKind, PeriodLength)>,
    sections: Vec<(usize, String)>,
    sheet_names: Vec<String>,
    outputs: Vec<String>,
    scenarios: Vec<(String, BTreeMap<String, Entered>)>,
    about: String,
    iteration: Option<(u32, f64)>,
}

impl Draft {
    pub(super) fn new(workbook: &Workbook, tables: &Tables, report: &mut Report) -> Result<Self, ImportError> {
        let too_large = |what, limit| Err(ImportError::TooLarge { what, limit });
        if tables.columns.len() > MAX_PERIODS {
            return too_large("periods", MAX_PERIODS);
        }
        if tables.lines.len() > MAX_ITEMS {
            return too_large("rows", MAX_ITEMS);
        }
        if tables.lines.len().saturating_mul(tables.columns.len()) > MAX_CELLS {
            return too_large("cells", MAX_CELLS);
        }
        let names = names(&tables.lines);
        let ids: Vec<String> = names.iter().enumerate().map(|(index, name)| id(name, index)).collect();
        let cells = Cells {
            workbook,
            sheets: workbook
                .sheets
                .iter()
                .enumerate()
                .map(|(index, sheet)| (sheet.name.to_lowercase(), index))
                .collect(),
            targets: targets(tables),
            ids: ids.clone(),
            periods: tables.columns.len(),
            names: defined(workbook),
        };
        let scenario_sheet =
            workbook.sheets.iter().position(|sheet| sheet.name == SCENARIOS_SHEET && is_made_by_export(sheet));
        let mut draft = Self {
            items: Vec::new(),
            periods: kinds(workbook, tables),
            sections: tables.sections.iter().map(|section| (section.sheet, section.label.clone())).collect(),
            sheet_names: workbook.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            outputs: Vec::new(),
            scenarios: scenario_sheet.map(|sheet| scenario_labels(workbook, sheet)).unwrap_or_default(),
            about: about(workbook),
            iteration: workbook.iteration,
        };
        for ((line, name), id) in tables.lines.iter().zip(names).zip(ids) {
            let mut entries = BTreeMap::new();
            for (period, place) in &line.cells {
                let here = Here { sheet: line.sheet, period: *period };
                let at = (line.sheet, *place);
                let base = scenario_sheet.and_then(|sheet| Some((sheet, scenario_row(workbook, at, sheet)?)));
                let source = base.map_or(at, |(sheet, row)| (sheet, Place::new(row, FIRST_PERIOD_COLUMN)));
                if let Some(entered) = entered(&cells, source, here, report) {
                    entries.insert(*period, entered);
                }
                if let Some((sheet, row)) = base {
                    let key = draft.key(&id, *period);
                    draft.add_scenarios(&cells, sheet, row, here, &key, report);
                }
            }
            let mut item = Item { id, name, line: line.clone(), entries, formula: None };
            item.share_formula();
            draft.items.push(item);
        }
        draft.outputs = draft.found_outputs(workbook);
        Ok(draft)
    }

    /// The key of a cell in the document.
    fn key(&self, id: &str, period: Option<usize>) -> String {
        match period.and_then(|period| self.periods.get(period)) {
            None => id.to_owned(),
            Some((period, ..)) => format!("{id}@{period}"),
        }
    }

    /// The id of a period.
    pub(super) fn period_id(&self, period: usize) -> Option<&str> {
        self.periods.get(period).map(|(id, ..)| id.as_str())
    }

    /// How many formulas there are: one for each cell that has one.
    pub(super) fn formulas(&self) -> usize {
        let of_item = |item: &Item| {
            let own = item.entries.values().filter(|entry| matches!(entry, Entered::Formula(_))).count();
            own + if item.formula.is_some() { self.periods.len().saturating_sub(item.entries.len()) } else { 0 }
        };
        self.items.iter().map(of_item).sum()
    }

    fn add_scenarios(&mut self, cells: &Cells<'_>, sheet: usize, row: u32, here: Here, key: &str, report: &mut Report) {
        let base = format!("${}", Place::new(row, FIRST_PERIOD_COLUMN));
        for (column, (_, entries)) in (FIRST_PERIOD_COLUMN + 1..).zip(&mut self.scenarios) {
            let place = Place::new(row, column);
            let content = cells.workbook.sheets.get(sheet).and_then(|sheet| sheet.cells.get(&place));
            let is_base =
                content.is_none_or(|cell| matches!(&cell.content, Content::Formula { text, .. } if *text == base));
            if !is_base && let Some(entered) = entered(cells, (sheet, place), here, report) {
                entries.insert(key.to_owned(), entered);
            }
        }
    }

    /// The items on the sheet of outputs, by name; without one, the last item with one value, or the last of all.
    fn found_outputs(&self, workbook: &Workbook) -> Vec<String> {
        let sheet = workbook.sheets.iter().find(|sheet| sheet.name == OUTPUTS_SHEET && is_made_by_export(sheet));
        let named: Vec<String> = sheet
            .iter()
            .flat_map(|sheet| sheet.cells.iter().filter(|(place, _)| place.column == 1 && place.row > 3))
            .filter_map(|(_, cell)| cell.content.text())
            .filter_map(|name| self.items.iter().find(|item| item.name == name).map(|item| item.id.clone()))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let is_single = |item: &&Item| item.line.cells.contains_key(&None);
        let last = self.items.iter().rev().find(is_single).or_else(|| self.items.last());
        last.map(|item| item.id.clone()).into_iter().collect()
    }

    /// The model document.
    pub(super) fn document(&self) -> Value {
        let periods: Vec<Value> = self
            .periods
            .iter()
            .map(|(id, label, kind, length)| {
                let kind = if *kind == PeriodKind::History { "history" } else { "forecast" };
                let length = match length {
                    PeriodLength::Quarter => "quarter",
                    PeriodLength::Month => "month",
                    PeriodLength::Year | PeriodLength::Stub => "year",
                };
                json!({"id": id, "label": label, "kind": kind, "length": length})
            })
            .collect();
        let mut sections = Vec::new();
        for (index, (sheet, label)) in self.sections.iter().enumerate() {
            let items: Vec<Value> =
                self.items.iter().filter(|item| item.line.section == index).map(|item| self.item(item)).collect();
            if items.is_empty() {
                continue;
            }
            let sheet = self.sheet_names.get(*sheet).map(String::as_str).unwrap_or_default();
            sections.push(json!({"id": format!("s{}", index + 1), "label": label, "items": items, "sheet": sheet}));
        }
        let mut document = Map::from_iter([
            ("schema".to_owned(), json!(2)),
            ("currency".to_owned(), json!("")),
            ("about".to_owned(), json!(self.about)),
            ("periods".to_owned(), json!(periods)),
            ("sections".to_owned(), json!(sections)),
            ("outputs".to_owned(), json!(self.outputs)),
        ]);
        if !self.scenarios.is_empty() {
            let scenario = |(number, (label, entries)): (usize, &(String, BTreeMap<String, Entered>))| {
                let entries: Map<String, Value> =
                    entries.iter().map(|(key, entered)| (key.clone(), entered.value())).collect();
                let name = free_name(label, "scenario", |_| false);
                json!({"id": format!("scenario{number}"), "name": name, "label": label, "entries": entries})
            };
            document.insert("scenarios".to_owned(), (1..).zip(&self.scenarios).map(scenario).collect());
        }
        if let Some((rounds, tolerance)) = self.iteration {
            document.insert("iteration".to_owned(), json!({"max_rounds": rounds, "tolerance": tolerance}));
        }
        Value::Object(document)
    }

    fn item(&self, item: &Item) -> Value {
        let mut row = Map::from_iter([
            ("id".to_owned(), json!(item.id)),
            ("name".to_owned(), json!(item.name)),
            ("label".to_owned(), json!(cut(&item.line.label))),
            ("unit".to_owned(), json!(item.line.unit)),
            ("format".to_owned(), json!(item.line.format)),
            ("note".to_owned(), json!("")),
        ]);
        if let Some(formula) = &item.formula {
            row.insert("formula".to_owned(), json!(formula));
        }
        if item.is_single() {
            row.insert("span".to_owned(), json!("single"));
            if let Some(entered) = item.entries.get(&None) {
                row.insert("value".to_owned(), entered.value());
            }
        } else {
            let values = item
                .entries
                .iter()
                .filter_map(|(period, entered)| Some((self.period_id((*period)?)?.to_owned(), entered.value())));
            row.insert("span".to_owned(), json!("period"));
            row.insert("values".to_owned(), Value::Object(values.collect()));
        }
        Value::Object(row)
    }

    /// The bytes of the document, which are bounded.
    pub(super) fn check_size(&self) -> Result<Value, ImportError> {
        let document = self.document();
        if document.to_string().len() > DOCUMENT_BYTES {
            return Err(ImportError::TooLarge { what: "bytes in the model", limit: DOCUMENT_BYTES });
        }
        Ok(document)
    }
}

impl Item {
    pub(super) fn is_single(&self) -> bool {
        self.line.cells.contains_key(&None)
    }

    /// Where its cells stand.
    pub(super) fn cells(&self) -> (usize, &BTreeMap<Option<usize>, Place>) {
        (self.line.sheet, &self.line.cells)
    }

    /// Makes the formula that most cells have that of the row.
    fn share_formula(&mut self) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for entered in self.entries.values() {
            if let Entered::Formula(formula) = entered {
                *counts.entry(formula).or_default() += 1;
            }
        }
        let shared = counts.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count >= 2);
        let Some(shared) = shared.map(|(formula, _)| formula.to_owned()).filter(|_| !self.is_single()) else { return };
        self.entries.retain(|_, entered| *entered != Entered::Formula(shared.clone()));
        self.formula = Some(shared);
    }

    /// Puts the formula of the row in each cell that has it, so that empty cells stay empty.
    pub(super) fn unshare_formula(&mut self) {
        let Some(formula) = self.formula.take() else { return };
        for period in self.line.cells.keys() {
            self.entries.entry(*period).or_insert_with(|| Entered::Formula(formula.clone()));
        }
    }
}

impl Entered {
    fn value(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Formula(formula) => json!(format!("={formula}")),
        }
    }
}

/// What the cell at `source` holds, as an entry of a cell that stands `here`.
fn entered(cells: &Cells<'_>, source: (usize, Place), here: Here, report: &mut Report) -> Option<Entered> {
    let (sheet, place) = source;
    let sheet_name = || cells.workbook.sheets.get(sheet).map(|sheet| sheet.name.as_str()).unwrap_or_default();
    let cell = cells.workbook.sheets.get(sheet)?.cells.get(&place)?;
    match &cell.content {
        Content::Empty | Content::Text(_) => None,
        Content::Number(number) => Some(Entered::Number(*number)),
        Content::Formula { text, cached } => {
            let reason = match cells.formula(text, Here { sheet, ..here }) {
                Ok(formula) => return Some(Entered::Formula(formula)),
                Err(reason) => reason,
            };
            report.values += 1;
            let place = format!("{}!{place}", sheet_name());
            match cached {
                Cached::Number(number) => {
                    report.remark(place, format!("{reason}; its value {number} stands there"));
                    Some(Entered::Number(*number))
                }
                Cached::Blank | Cached::Text(_) | Cached::Error(_) => {
                    report.remark(place, format!("{reason}; it has no number in the file, and nothing stands there"));
                    None
                }
            }
        }
    }
}

/// The item and period of every cell, those without a value included where a row has others.
fn targets(tables: &Tables) -> HashMap<(usize, Place), (usize, Option<usize>)> {
    let mut targets = HashMap::new();
    for (index, line) in tables.lines.iter().enumerate() {
        for (period, place) in &line.cells {
            targets.insert((line.sheet, *place), (index, *period));
        }
        for (column, period) in tables.periods_on(line) {
            targets.entry((line.sheet, Place::new(line.row, column))).or_insert((index, Some(period)));
        }
    }
    targets
}

/// What the workbook's names stand for.
fn defined(workbook: &Workbook) -> HashMap<String, (usize, Place, Place)> {
    let read = |(name, target): &(String, String)| {
        let found = match parse(target.trim_start_matches('=')).ok()? {
            Excel::Cell { sheet, at } => (sheet?, at.place, at.place),
            Excel::Range { sheet, from, to } => (sheet?, from.place, to.place),
            _ => return None,
        };
        let sheet = workbook.sheets.iter().position(|sheet| sheet.name.eq_ignore_ascii_case(&found.0))?;
        Some((name.to_lowercase(), (sheet, found.1, found.2)))
    };
    workbook.names.iter().filter_map(read).collect()
}

/// The periods: past or to come as their headings say, or as their columns look.
fn kinds(workbook: &Workbook, tables: &Tables) -> Vec<(String, String, PeriodKind, PeriodLength)> {
    let mut formulas = vec![0_i64; tables.columns.len()];
    for line in &tables.lines {
        for (period, place) in &line.cells {
            let content = workbook.sheets.get(line.sheet).and_then(|sheet| sheet.cells.get(place));
            let is_formula = content.is_some_and(|cell| matches!(cell.content, Content::Formula { .. }));
            if let Some(count) = period.and_then(|period| formulas.get_mut(period)) {
                *count += if is_formula { 1 } else { -1 };
            }
        }
    }
    let first_ahead = if formulas.iter().all(|count| *count > 0) {
        // Nothing is entered in any column: nothing says that one is past.
        formulas.len()
    } else {
        formulas.iter().position(|count| *count > 0).unwrap_or(formulas.len())
    };
    let says_some = tables.columns.iter().any(|column| column.kind.is_some());
    let mut kind = PeriodKind::History;
    let period = |(index, column): (usize, &super::table::Column)| {
        // What follows the forecast is forecast.
        kind = match column.kind {
            Some(known) => known,
            None if says_some => kind,
            None if index >= first_ahead => PeriodKind::Forecast,
            None => PeriodKind::History,
        };
        (format!("p{}", index + 1), column.label.clone(), kind, column.length)
    };
    tables.columns.iter().enumerate().map(period).collect()
}

/// The row of the sheet of scenarios that a cell reads.
fn scenario_row(workbook: &Workbook, (sheet, place): (usize, Place), scenarios: usize) -> Option<u32> {
    let cell = workbook.sheets.get(sheet)?.cells.get(&place)?;
    let Content::Formula { text, .. } = &cell.content else { return None };
    let at = written_place(text.strip_prefix(SCENARIOS_SHEET)?.strip_prefix('!')?)?.place;
    let is_there = workbook.sheets.get(scenarios)?.cells.contains_key(&at);
    (is_there && at.column + 1 == FIRST_PERIOD_COLUMN).then_some(at.row)
}

fn scenario_labels(workbook: &Workbook, sheet: usize) -> Vec<(String, BTreeMap<String, Entered>)> {
    let Some(sheet) = workbook.sheets.get(sheet) else { return Vec::new() };
    let label = |column| sheet.cells.get(&Place::new(5, column))?.content.text().map(str::to_owned);
    (FIRST_PERIOD_COLUMN + 1..).map_while(label).map(|label| (label, BTreeMap::new())).take(50).collect()
}

fn about(workbook: &Workbook) -> String {
    let sheet = workbook.sheets.iter().find(|sheet| sheet.name == ABOUT_SHEET && is_made_by_export(sheet));
    let mut lines: Vec<&str> = Vec::new();
    for (place, cell) in sheet.iter().flat_map(|sheet| &sheet.cells).filter(|(place, _)| place.row > 1) {
        let line = usize::try_from(place.row - 2).unwrap_or_default().min(5_000);
        lines.resize(line.max(lines.len()), "");
        lines.push(cell.content.text().unwrap_or_default());
    }
    cut(&lines.join("\n"))
}

/// Names for the lines, each once.
fn names(lines: &[Line]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut name = |line: &Line| {
        let own = line.name.clone().filter(|name| is_name(name) && name.chars().count() <= 64 && !taken.contains(name));
        // `x[t]` is the period.
        let name = own.unwrap_or_else(|| free_name(&line.label, "row", |name| name == "t" || taken.contains(name)));
        taken.insert(name.clone());
        name
    };
    lines.iter().map(&mut name).collect()
}

/// An id like the name where that is one, or else by number.
fn id(name: &str, index: usize) -> String {
    let is_sound = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_sound { name.to_owned() } else { format!("row-{}", index + 1) }
}

/// At most as much as a text of a model may hold.
fn cut(text: &str) -> String {
    text.chars().take(4_096).collect()
}
