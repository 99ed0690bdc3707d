use std::collections::HashMap;
use std::ops::Range;

use crate::model::{CellRef, ItemId, LineItem, Model, Period, PeriodId, Span};

/// The rows and columns of a model. Two models of the same shape number their cells alike: row by row, in each row
/// period by period.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    pub(super) rows: Vec<Row>,
    pub(crate) periods: Vec<Period>,
    rows_by_id: HashMap<ItemId, usize>,
    rows_by_name: HashMap<String, Vec<usize>>,
    periods_by_id: HashMap<PeriodId, usize>,
    cells: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    id: ItemId,
    pub(super) name: String,
    pub(super) span: Span,
    /// The number of its first cell.
    pub(super) first_cell: usize,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) row: usize,
    /// None for the cell of an item with one value.
    pub(crate) period: Option<usize>,
}

impl Shape {
    pub(super) fn new(model: &Model) -> Self {
        let periods_by_id =
            model.periods.iter().enumerate().map(|(index, period)| (period.id.clone(), index)).collect();
        let mut shape = Self { periods: model.periods.clone(), periods_by_id, ..Self::default() };
        for (index, item) in model.items().enumerate() {
            let LineItem { id, name, span, .. } = item;
            shape.rows_by_id.insert(id.clone(), index);
            shape.rows_by_name.entry(name.clone()).or_default().push(index);
            shape.rows.push(Row { id: id.clone(), name: name.clone(), span: *span, first_cell: shape.cells });
            shape.cells += match span {
                Span::Single => 1,
                Span::Period => model.periods.len(),
            };
        }
        shape
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.cells
    }

    /// The number of the cell.
    pub(crate) fn cell(&self, cell: &CellRef) -> Option<usize> {
        let row = self.rows.get(*self.rows_by_id.get(&cell.item)?)?;
        match (row.span, &cell.period) {
            (Span::Single, None) => Some(row.first_cell),
            (Span::Period, Some(period)) => Some(row.first_cell + self.period(period)?),
            _ => None,
        }
    }

    /// Where the cell stands.
    pub(crate) fn place(&self, cell: usize) -> Option<Place> {
        let row = self.rows.partition_point(|row| row.first_cell <= cell).checked_sub(1)?;
        let found = self.rows.get(row)?;
        let index = cell - found.first_cell;
        Some(Place { row, period: (found.span == Span::Period).then_some(index) })
    }

    /// The period at which the cell stands. None for an item with one value.
    pub(crate) fn period_of(&self, cell: usize) -> Option<usize> {
        self.place(cell).and_then(|place| place.period)
    }

    /// The cells of each row, in order, and whether it goes over periods.
    pub(crate) fn row_cells(&self) -> impl Iterator<Item = (Range<usize>, Span)> {
        self.rows.iter().map(|row| {
            let count = if row.span == Span::Single { 1 } else { self.periods.len() };
            (row.first_cell..row.first_cell + count, row.span)
        })
    }

    /// The cell for those who know no numbers.
    pub(crate) fn cell_ref(&self, cell: usize) -> CellRef {
        let place = self.place(cell);
        let row = place.and_then(|place| self.rows.get(place.row));
        let period = place.and_then(|place| place.period).and_then(|period| self.periods.get(period));
        CellRef {
            item: row.map_or_else(|| ItemId(String::new()), |row| row.id.clone()),
            period: period.map(|period| period.id.clone()),
        }
    }

    /// The row and the period of the cell for people: `ebit 2025E`.
    pub(crate) fn label(&self, cell: usize) -> String {
        let Some(place) = self.place(cell) else {
            return String::new();
        };
        let name = self.rows.get(place.row).map_or("", |row| row.name.as_str());
        match place.period.and_then(|period| self.periods.get(period)) {
            Some(period) => format!("{name} {}", period.label),
            None => name.to_owned(),
        }
    }

    pub(super) fn period(&self, id: &PeriodId) -> Option<usize> {
        self.periods_by_id.get(id).copied()
    }

    pub(super) fn row(&self, id: &ItemId) -> Option<&Row> {
        self.rows_by_id.get(id).and_then(|row| self.rows.get(*row))
    }

    pub(super) fn rows_named(&self, name: &str) -> &[usize] {
        self.rows_by_name.get(name).map_or(&[][..], Vec::as_slice)
    }

    pub(super) fn name_of(&self, id: &ItemId) -> Option<String> {
        self.row(id).map(|row| row.name.clone())
    }
}
