//! A model as a workbook with live formulas.

mod functions;
mod scenarios;
mod translate;
mod written;

use std::collections::{HashMap, HashSet};

use self::scenarios::ScenarioSheet;
use self::translate::{Here, Translator, blank_cells};
use super::layout::{
    ABOUT_SHEET, FIRST_PERIOD_COLUMN, HEADER_ROW, LABEL_COLUMN, Layout, NAME_COLUMN, OUTPUTS_SHEET, Row, UNIT_COLUMN,
    VALUE_COLUMN, column, periods_of,
};
use super::place::{looks_like_row_and_column, written_place};
use super::{Cached, Content, Place, Report, Role, Sheet, Workbook};
use crate::model::{Calculation, CellErrorCode, CellRef, CellValue, Entry, LineItem, Model, PeriodKind, Span};

/// A workbook, and what of the model is not in it as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The workbook.
    pub workbook: Workbook,
    /// What was carried, and what was not.
    pub report: Report,
}

/// The model as a workbook that recalculates to the same values: a sheet for each sheet of sections, with a column for
/// each period; the outputs; the scenarios with a cell that chooses between them; and what the model is about.
///
/// A formula that Excel has nothing for becomes its value in the base case, with a comment and a remark in the report.
#[must_use]
pub fn export(model: &Model, title: &str) -> Export {
    let layout = Layout::new(model);
    let mut cases = vec![Calculation::new(model)];
    cases.extend(model.scenarios.iter().map(|scenario| Calculation::new(&model.under(&scenario.id))));
    let blank = blank_cells(model, &cases);
    let is_blank = |cell: &CellRef| blank.contains(cell);
    let translator = Translator::new(model, &layout, &is_blank);
    let mut writer =
        Writer { model, layout: &layout, cases: &cases, translator: &translator, report: Report::default() };
    let scenarios = writer.scenarios(&blank);
    let mut sheets = Vec::new();
    if !model.about.trim().is_empty() {
        sheets.push(about(model, title));
    }
    sheets.extend(writer.outputs(title));
    sheets.extend(scenarios.sheet.clone());
    sheets.extend((0..layout.sheets.len()).filter_map(|index| writer.items(index, title, &scenarios, &blank)));
    if sheets.is_empty() {
        sheets.push(Sheet { name: "Model".to_owned(), ..Sheet::default() });
    }
    writer.remark_on_the_rest();
    let mut names = names(model, &layout);
    names.extend(scenarios.name.clone());
    let iteration = model.iteration.map(|iteration| (iteration.max_rounds, iteration.tolerance));
    Export { workbook: Workbook { sheets, names, iteration }, report: writer.report }
}

/// What is at hand while a workbook is written.
struct Writer<'a> {
    model: &'a Model,
    layout: &'a Layout<'a>,
    /// The base case, and each scenario.
    cases: &'a [Calculation],
    translator: &'a Translator<'a>,
    report: Report,
}

impl Writer<'_> {
    fn value(&self, cell: &CellRef) -> &CellValue {
        self.cases.first().map_or(&CellValue::Blank, |base| base.value(cell))
    }

    /// What stands in `cell` for `entry`, or for the formula of its row.
    fn content(&mut self, item: &LineItem, cell: &CellRef, entry: Option<&Entry>, here: Here) -> (Content, String) {
        let value = cached(self.value(cell));
        let stored = match (entry, &item.formula) {
            (Some(Entry::Number(number)), _) => return (Content::Number(*number), String::new()),
            (Some(Entry::Formula(stored)), _) | (None, Some(stored)) => stored,
            (None, None) => return (Content::Empty, String::new()),
        };
        let reason = match self.translator.formula(stored, here) {
            Ok(Some(text)) => {
                self.report.formulas += 1;
                return (Content::Formula { text, cached: value }, String::new());
            }
            Ok(None) => return (Content::Empty, String::new()),
            Err(reason) => reason,
        };
        self.report.values += 1;
        let written = crate::model::formula::to_display(stored, self.model);
        let note = format!("Not a formula here, since {reason}: ={written}");
        let what = match value {
            Cached::Blank => "nothing stands there",
            _ if self.model.scenarios.is_empty() => "its value stands there",
            _ => "its value in the base case stands there, whichever scenario is chosen",
        };
        self.report.remark(self.model.cell_name(cell), format!("{reason}; {what}"));
        let content = match value {
            Cached::Blank => Content::Empty,
            Cached::Number(number) => Content::Number(number),
            Cached::Text(text) | Cached::Error(text) => Content::Text(text),
        };
        (content, note)
    }

    fn here(&self, sheet: Option<usize>, period: Option<usize>) -> Here {
        Here { sheet, period }
    }

    fn cell_ref(&self, item: &LineItem, period: Option<usize>) -> CellRef {
        let period = period.and_then(|period| self.model.periods.get(period)).map(|period| period.id.clone());
        CellRef { item: item.id.clone(), period }
    }

    /// A sheet of line items.
    fn items(
        &mut self,
        index: usize,
        title: &str,
        scenarios: &ScenarioSheet,
        blank: &HashSet<CellRef>,
    ) -> Option<Sheet> {
        let plan = self.layout.sheets.get(index)?;
        let mut sheet = Sheet { name: plan.name.clone(), widths: vec![38, 22, 12, 14], ..Sheet::default() };
        sheet.widths.extend(self.model.periods.iter().map(|_| 12));
        sheet.frozen = Some(Place::new(HEADER_ROW + 1, FIRST_PERIOD_COLUMN));
        sheet.write(Place::new(0, 0), Role::Title, format!("{title}: {}", plan.name));
        let currency =
            if self.model.currency.is_empty() { String::new() } else { format!("{}. ", self.model.currency) };
        let legend =
            format!("{currency}Blue: entered. Black: calculated. Green: from another sheet. Shaded: forecast.");
        sheet.write(Place::new(1, 0), Role::Quiet, legend);
        for (column, head) in
            [(LABEL_COLUMN, "Item"), (NAME_COLUMN, "Name"), (UNIT_COLUMN, "Unit"), (VALUE_COLUMN, "Value")]
        {
            sheet.write(Place::new(HEADER_ROW, column), Role::Header, head);
        }
        for (number, period) in self.model.periods.iter().enumerate() {
            let role = if period.kind == PeriodKind::Forecast { Role::ForecastHeader } else { Role::Header };
            let kind = if period.kind == PeriodKind::Forecast { "Forecast" } else { "Actual" };
            let column = column(Some(number))?;
            sheet.write(Place::new(HEADER_ROW - 1, column), Role::Quiet, kind);
            sheet.write(Place::new(HEADER_ROW, column), role, period.label.as_str());
        }
        for (row, content) in &plan.rows {
            match content {
                Row::Section(section) => {
                    sheet.write(Place::new(*row, LABEL_COLUMN), Role::Section, section.label.as_str());
                }
                Row::Item(item) => self.row(&mut sheet, index, *row, item, scenarios, blank),
            }
        }
        Some(sheet)
    }

    fn row(
        &mut self,
        sheet: &mut Sheet,
        index: usize,
        row: u32,
        item: &LineItem,
        scenarios: &ScenarioSheet,
        blank: &HashSet<CellRef>,
    ) {
        sheet.write(Place::new(row, LABEL_COLUMN), Role::Plain, item.label.as_str()).note = item.note.clone();
        sheet.write(Place::new(row, NAME_COLUMN), Role::Quiet, item.name.as_str());
        if !item.unit.is_empty() {
            sheet.write(Place::new(row, UNIT_COLUMN), Role::Quiet, item.unit.as_str());
        }
        for period in periods_of(item, self.model) {
            let cell = self.cell_ref(item, period);
            let Some(place) = column(period).map(|column| Place::new(row, column)) else { continue };
            let mut note = self.model.notes.get(&cell).cloned().unwrap_or_default();
            if blank.contains(&cell) {
                if !note.is_empty() {
                    sheet.put(place, Role::Plain, Content::Empty).note = note;
                }
                continue;
            }
            let content = match scenarios.active.get(&cell) {
                Some(text) => Content::Formula { text: text.clone(), cached: cached(self.value(&cell)) },
                None => {
                    let entry = item.entry(cell.period.as_ref());
                    let (content, why) = self.content(item, &cell, entry, self.here(Some(index), period));
                    if !why.is_empty() {
                        note = if note.is_empty() { why } else { format!("{note}\n{why}") };
                    }
                    content
                }
            };
            let kind = period.and_then(|period| self.model.periods.get(period)).map(|period| period.kind);
            let written = sheet.put(place, role(&content, kind), content);
            written.format = Some(item.format);
            written.note = note;
        }
    }

    fn outputs(&mut self, title: &str) -> Option<Sheet> {
        let mut sheet = Sheet { name: OUTPUTS_SHEET.to_owned(), widths: vec![38, 22, 12, 16], ..Sheet::default() };
        sheet.write(Place::new(0, 0), Role::Title, title);
        for (column, head) in (0..).zip(["Output", "Name", "Unit", "Value"]) {
            sheet.write(Place::new(HEADER_ROW, column), Role::Header, head);
        }
        let mut row = HEADER_ROW;
        for item in self.model.outputs.iter().filter_map(|id| self.model.item(id)) {
            let period = (item.span == Span::Period).then(|| self.model.periods.len().checked_sub(1)).flatten();
            let Some(place) = self.layout.cell(&item.id, period) else { continue };
            row += 1;
            sheet.write(Place::new(row, LABEL_COLUMN), Role::Plain, item.label.as_str());
            sheet.write(Place::new(row, NAME_COLUMN), Role::Quiet, item.name.as_str());
            sheet.write(Place::new(row, UNIT_COLUMN), Role::Quiet, item.unit.as_str());
            let value = cached(self.value(&self.cell_ref(item, period)));
            if value != Cached::Blank {
                let content = Content::Formula { text: self.layout.written(place, None, true), cached: value };
                sheet.put(Place::new(row, VALUE_COLUMN), Role::Link, content).format = Some(item.format);
            }
        }
        (row > HEADER_ROW).then_some(sheet)
    }

    /// What has no place in a workbook.
    fn remark_on_the_rest(&mut self) {
        for cell in self.model.distributions.keys().filter(|cell| self.model.has_cell(cell)) {
            let name = self.model.cell_name(cell);
            self.report.remark(name, "workbooks hold no distributions; its value stands there");
        }
        if !self.model.ranges.is_empty() {
            self.report.remark("ranges", "the football field is not in the workbook; the items it is drawn from are");
        }
        for item in self.model.items().filter(|item| item.link.is_some()) {
            self.report.remark(item.name.as_str(), "the link to another model is its last value in the workbook");
        }
        let under =
            |cell: &CellRef, index: usize| self.cases.get(index).map(|case| *case.value(cell) == CellValue::Blank);
        let differs = |cell: &CellRef| (1..self.cases.len()).any(|index| under(cell, index) != under(cell, 0));
        let cells: Vec<CellRef> = self.model.cells().filter(differs).collect();
        for cell in cells {
            let name = self.model.cell_name(&cell);
            self.report
                .remark(name, "it is blank in one scenario and not in another, and may show 0 where it is blank");
        }
    }
}

/// How a cell looks that holds `content`, in a period of this kind.
fn role(content: &Content, kind: Option<PeriodKind>) -> Role {
    let is_forecast = kind == Some(PeriodKind::Forecast);
    match content {
        Content::Formula { text, .. } if text.contains('!') => {
            if is_forecast {
                Role::ForecastLink
            } else {
                Role::Link
            }
        }
        Content::Formula { .. } => {
            if is_forecast {
                Role::ForecastFormula
            } else {
                Role::Formula
            }
        }
        _ => {
            if is_forecast {
                Role::ForecastInput
            } else {
                Role::Input
            }
        }
    }
}

/// A value as Excel keeps it.
fn cached(value: &CellValue) -> Cached {
    match value {
        CellValue::Blank => Cached::Blank,
        CellValue::Number(number) => Cached::Number(*number),
        CellValue::Text(text) => Cached::Text(text.to_string()),
        CellValue::Error(error) => Cached::Error(
            match error.code {
                CellErrorCode::DivisionByZero => "#DIV/0!",
                CellErrorCode::Name | CellErrorCode::Syntax => "#NAME?",
                CellErrorCode::Ref => "#REF!",
                CellErrorCode::NotFound => "#N/A",
                CellErrorCode::Argument => "#VALUE!",
                _ => "#NUM!",
            }
            .to_owned(),
        ),
    }
}

fn about(model: &Model, title: &str) -> Sheet {
    let mut sheet = Sheet { name: ABOUT_SHEET.to_owned(), widths: vec![110], ..Sheet::default() };
    sheet.write(Place::new(0, 0), Role::Title, title);
    for (row, line) in (2..).zip(model.about.lines()) {
        if !line.trim().is_empty() {
            sheet.write(Place::new(row, 0), Role::Prose, line);
        }
    }
    sheet
}

/// The names of items that Excel allows.
fn names(model: &Model, layout: &Layout<'_>) -> Vec<(String, String)> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for item in model.items() {
        *taken.entry(item.name.to_lowercase()).or_default() += 1;
    }
    let is_allowed = |item: &&LineItem| {
        let name = item.name.to_lowercase();
        taken.get(&name) == Some(&1) && written_place(&name).is_none() && !looks_like_row_and_column(&name)
    };
    let place = |item: &LineItem| {
        let periods = periods_of(item, model);
        let (sheet, first) = layout.cell(&item.id, *periods.first()?)?;
        let (_, last) = layout.cell(&item.id, *periods.last()?)?;
        let prefix = &layout.sheets.get(sheet)?.prefix;
        let range = if first == last { first.fixed() } else { format!("{}:{}", first.fixed(), last.fixed()) };
        Some((item.name.clone(), format!("{prefix}{range}")))
    };
    model.items().filter(is_allowed).filter_map(place).collect()
}
