//! A model as numbered cells, each with what it is calculated from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::formula::{Displayed, Expr, Reference, SyntaxError, Target, parse, quoted};
use super::{CellError, CellErrorCode, CellRef, Entry, ItemId, LineItem, Model, Period, PeriodId, Span};

/// The rows and columns of a model. Two models of the same shape number their cells alike.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    rows: Vec<Row>,
    periods: Vec<Period>,
    rows_by_id: HashMap<ItemId, usize>,
    rows_by_name: HashMap<String, Vec<usize>>,
    periods_by_id: HashMap<PeriodId, usize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: ItemId,
    name: String,
    span: Span,
    /// The number of its first cell.
    first_cell: usize,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: usize,
    /// None for the cell of an item with one value.
    pub(super) period: Option<usize>,
}

/// What a cell is calculated from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Blank,
    Number(f64),
    /// The number of a formula of the program.
    Formula(usize),
}

/// A formula of a model, shared by all cells of its row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    pub(super) stored: String,
    pub(super) expr: Result<Expr, SyntaxError>,
    displayed: Displayed,
}

/// A model ready to be calculated.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) shape: Shape,
    pub(super) places: Vec<Place>,
    pub(super) sources: Vec<Source>,
    formulas: Vec<Formula>,
}

/// The cells that a reference stands for.
pub(super) enum Referent {
    /// One cell; none before the first period.
    Cell(Option<usize>),
    /// The whole row, seen from an item with one value.
    Row(Range<usize>),
}

/// What is wrong with a formula at one of its places.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) code: CellErrorCode,
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
    /// In code points of the stored formula.
    pub(super) span: Range<usize>,
}

impl Program {
    pub(super) fn new(model: &Model) -> Self {
        let mut program =
            Self { shape: Shape::new(model), places: Vec::new(), sources: Vec::new(), formulas: Vec::new() };
        for (row, item) in model.items().enumerate() {
            let row_formula = item.formula.as_ref().map(|stored| program.add_formula(stored));
            match item.span {
                Span::Single => program.add_cell(item, Place { row, period: None }, None, row_formula),
                Span::Period => {
                    for (index, period) in model.periods.iter().enumerate() {
                        program.add_cell(item, Place { row, period: Some(index) }, Some(&period.id), row_formula);
                    }
                }
            }
        }
        program
    }

    /// A program of one formula and no model: its cell 0 stands in no row.
    pub(super) fn of_expression(text: &str) -> Self {
        let shape = Shape {
            rows: Vec::new(),
            periods: Vec::new(),
            rows_by_id: HashMap::new(),
            rows_by_name: HashMap::new(),
            periods_by_id: HashMap::new(),
        };
        let mut program = Self { shape, places: Vec::new(), sources: Vec::new(), formulas: Vec::new() };
        let formula = program.add_formula(text);
        program.places.push(Place { row: 0, period: None });
        program.sources.push(Source::Formula(formula));
        program
    }

    /// The formula of the cell, if it has one.
    pub(super) fn formula(&self, cell: usize) -> Option<&Formula> {
        match self.sources.get(cell)? {
            Source::Formula(formula) => self.formulas.get(*formula),
            Source::Blank | Source::Number(_) => None,
        }
    }

    /// The cells that the cell's formula needs, whichever way its conditions go.
    pub(super) fn precedents(&self, cell: usize) -> Vec<usize> {
        let mut precedents = Vec::new();
        if let (Some(place), Some(Formula { expr: Ok(expr), .. })) = (self.places.get(cell), self.formula(cell)) {
            expr.visit_references(
                &mut |reference, is_previous| match self.shape.resolve(reference, *place, is_previous) {
                    Ok(Referent::Cell(cell)) => precedents.extend(cell),
                    Ok(Referent::Row(cells)) => precedents.extend(cells),
                    Err(_) => {}
                },
            );
        }
        precedents
    }

    /// The error of the cell, with its place in words.
    pub(super) fn error(&self, cell: usize, fault: Fault) -> CellError {
        let shown = |position| match self.formula(cell) {
            Some(formula) => formula.displayed.position(position),
            None => position,
        };
        let span = shown(fault.span.start)..shown(fault.span.end);
        let whereabouts = match fault.code {
            CellErrorCode::Cycle => String::new(),
            _ => {
                let row = match self.label(cell) {
                    label if label.is_empty() => label,
                    label => format!(" in row {label}"),
                };
                format!(" at character {}{row}", span.start.saturating_add(1))
            }
        };
        CellError {
            code: fault.code,
            message: format!("{}{whereabouts}", fault.message),
            hint: fault.hint.map(Cow::Borrowed),
            origin: self.cell_ref(cell),
            span: Some(span),
        }
    }

    /// The row and the period of the cell for people: `ebit 2025E`.
    pub(super) fn label(&self, cell: usize) -> String {
        let Some(place) = self.places.get(cell) else {
            return String::new();
        };
        let name = self.shape.rows.get(place.row).map_or("", |row| row.name.as_str());
        match place.period.and_then(|period| self.shape.periods.get(period)) {
            Some(period) => format!("{name} {}", period.label),
            None => name.to_owned(),
        }
    }

    fn cell_ref(&self, cell: usize) -> CellRef {
        let place = self.places.get(cell);
        let row = place.and_then(|place| self.shape.rows.get(place.row));
        let period = place.and_then(|place| place.period).and_then(|period| self.shape.periods.get(period));
        CellRef {
            item: row.map_or_else(|| ItemId(String::new()), |row| row.id.clone()),
            period: period.map(|period| period.id.clone()),
        }
    }

    fn add_formula(&mut self, stored: &str) -> usize {
        let displayed = Displayed::new(stored, |id| self.shape.name_of(id));
        self.formulas.push(Formula { stored: stored.to_owned(), expr: parse(stored), displayed });
        self.formulas.len() - 1
    }

    fn add_cell(&mut self, item: &LineItem, place: Place, period: Option<&PeriodId>, row_formula: Option<usize>) {
        let source = match (item.entry(period), row_formula) {
            (Some(Entry::Number(number)), _) => Source::Number(*number),
            (Some(Entry::Formula(stored)), _) => Source::Formula(self.add_formula(stored)),
            (None, Some(formula)) => Source::Formula(formula),
            (None, None) => Source::Blank,
        };
        self.places.push(place);
        self.sources.push(source);
    }
}

impl Shape {
    fn new(model: &Model) -> Self {
        let mut shape = Self {
            rows: Vec::new(),
            periods: model.periods.clone(),
            rows_by_id: HashMap::new(),
            rows_by_name: HashMap::new(),
            periods_by_id: model.periods.iter().enumerate().map(|(index, period)| (period.id.clone(), index)).collect(),
        };
        let mut first_cell = 0;
        for (index, item) in model.items().enumerate() {
            shape.rows_by_id.insert(item.id.clone(), index);
            shape.rows_by_name.entry(item.name.clone()).or_default().push(index);
            shape.rows.push(Row { id: item.id.clone(), name: item.name.clone(), span: item.span, first_cell });
            first_cell += match item.span {
                Span::Single => 1,
                Span::Period => model.periods.len(),
            };
        }
        shape
    }

    /// The number of the cell.
    pub(super) fn cell(&self, cell: &CellRef) -> Option<usize> {
        let row = self.rows.get(*self.rows_by_id.get(&cell.item)?)?;
        match (row.span, &cell.period) {
            (Span::Single, None) => Some(row.first_cell),
            (Span::Period, Some(period)) => Some(row.first_cell + self.periods_by_id.get(period)?),
            _ => None,
        }
    }

    /// The cells that a reference stands for in a formula at `place`.
    pub(super) fn resolve(&self, reference: &Reference, place: Place, is_previous: bool) -> Result<Referent, Fault> {
        let fault = |code, message| Fault { code, message, hint: None, span: reference.span.clone() };
        let row = match &reference.target {
            Target::Id(id) => self
                .rows_by_id
                .get(id)
                .ok_or_else(|| fault(CellErrorCode::Ref, "the row that stood here was removed".to_owned()))?,
            Target::Name(name) => match self.rows_by_name.get(name).map_or(&[][..], Vec::as_slice) {
                [row] => row,
                [] => return Err(fault(CellErrorCode::Name, format!("unknown row {}", quoted(name)))),
                _ => return Err(fault(CellErrorCode::Name, format!("more than one row is called {}", quoted(name)))),
            },
        };
        let Some(row) = self.rows.get(*row) else {
            return Ok(Referent::Cell(None));
        };
        match (row.span, place.period) {
            (Span::Single, _) if is_previous => {
                let message = format!("{} has one value and none of a period before", row.name);
                Err(fault(CellErrorCode::Argument, message))
            }
            (Span::Single, _) => Ok(Referent::Cell(Some(row.first_cell))),
            (Span::Period, Some(period)) if is_previous => {
                Ok(Referent::Cell(period.checked_sub(1).map(|before| row.first_cell + before)))
            }
            (Span::Period, Some(period)) => Ok(Referent::Cell(Some(row.first_cell + period))),
            (Span::Period, None) if is_previous => {
                Err(fault(CellErrorCode::Argument, "prev needs a period, and this row has one value".to_owned()))
            }
            (Span::Period, None) => Ok(Referent::Row(row.first_cell..row.first_cell + self.periods.len())),
        }
    }

    fn name_of(&self, id: &ItemId) -> Option<String> {
        self.rows_by_id.get(id).and_then(|row| self.rows.get(*row)).map(|row| row.name.clone())
    }
}
