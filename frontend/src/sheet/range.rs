//! A rectangle of the grid: what it holds, how it grows, and what its numbers come to.

use std::collections::HashSet;

use coval_shared::anchor::Anchor;
use coval_shared::model::{CellRef, ItemId, PeriodId, Span};

use super::keys::Move;
use super::movement::{Column, Position};
use crate::state::view::{Layout, Row};

/// The rows and columns between two corners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The rows, from the top.
    pub items: Vec<(ItemId, Span)>,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    items_inside: HashSet<ItemId>,
    columns_inside: HashSet<Column>,
}

impl Block {
    /// The block between `anchor` and `extent`, where there are both. Between two labels it is of whole rows.
    #[must_use]
    pub fn between(layout: &Layout, anchor: &Position, extent: &Position) -> Option<Self> {
        let rows = rows(layout);
        let row = |item: &ItemId| rows.iter().position(|(id, _)| id == item);
        let (first, last) = in_order(row(&anchor.item)?, row(&extent.item)?);
        let columns = all_columns(layout);
        let column = |column: &Column| columns.iter().position(|other| other == column);
        let are_labels = anchor.column == Column::Label && extent.column == Column::Label;
        let (left, right) = if are_labels && anchor != extent {
            (0, columns.len().saturating_sub(1))
        } else {
            in_order(column(&anchor.column)?, column(&extent.column)?)
        };
        let items: Vec<_> = rows.get(first..=last)?.to_vec();
        let columns = columns.get(left..=right)?.to_vec();
        Some(Self {
            items_inside: items.iter().map(|(id, _)| id.clone()).collect(),
            columns_inside: columns.iter().cloned().collect(),
            items,
            columns,
        })
    }

    /// Whether the place is inside.
    #[must_use]
    pub fn contains(&self, place: &Position) -> bool {
        self.items_inside.contains(&place.item) && self.columns_inside.contains(&place.column)
    }

    /// The place in this row and column of the block, where the row has such a cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Option<CellRef> {
        cell_of(self.items.get(row)?, self.columns.get(column)?)
    }

    /// The block as something that comments hang on. Where it has columns of periods, it is of the rows with a value for
    /// each; otherwise of rows as a whole.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        let period = |column: &Column| match column {
            Column::Period(period) => Some(period.clone()),
            Column::Label | Column::Value => None,
        };
        let of_span = |span: Span| self.items.iter().filter(move |(_, own)| *own == span);
        let id = |(item, _): &(ItemId, Span)| item.clone();
        let periods: Vec<_> = self.columns.iter().filter_map(period).collect();
        let with_periods: Vec<_> = of_span(Span::Period).map(id).collect();
        if periods.is_empty() || with_periods.is_empty() {
            return Anchor::Cells { items: self.items.iter().map(id).collect(), periods: Vec::new() };
        }
        Anchor::Cells { items: with_periods, periods }
    }

    /// Every cell with a value, row by row.
    pub fn cells(&self) -> impl Iterator<Item = CellRef> {
        self.items.iter().flat_map(|item| self.columns.iter().filter_map(|column| cell_of(item, column)))
    }
}

/// The cells that `rows` × `columns` values go into when the first goes to `start`, as long as there are any: for each
/// row of values its row of cells. What would stand beyond the edge is not there.
#[must_use]
pub fn targets(layout: &Layout, start: &Position, rows: usize, columns: usize) -> Vec<Vec<Option<CellRef>>> {
    let all = all_columns(layout);
    let items = self::rows(layout);
    let Some(first) = items.iter().position(|(id, _)| *id == start.item) else {
        return Vec::new();
    };
    let Some(left) = all.iter().position(|column| *column == start.column) else {
        return Vec::new();
    };
    let row = |item: &(ItemId, Span)| all.iter().skip(left).take(columns).map(|column| cell_of(item, column)).collect();
    items.iter().skip(first).take(rows).map(row).collect()
}

/// Where the far corner goes by a step, within the edges of the grid.
#[must_use]
pub fn stretch(layout: &Layout, corner: &Position, step: Move) -> Option<Position> {
    let rows = rows(layout);
    let columns = all_columns(layout);
    let row = rows.iter().position(|(id, _)| *id == corner.item)?;
    let column = columns.iter().position(|other| *other == corner.column)?;
    let (last_row, last_column) = (rows.len().checked_sub(1)?, columns.len().checked_sub(1)?);
    let (row, column) = match step {
        Move::Up => (row.saturating_sub(1), column),
        Move::Down => (row.saturating_add(1).min(last_row), column),
        Move::Left => (row, column.saturating_sub(1)),
        Move::Right => (row, column.saturating_add(1).min(last_column)),
        Move::PageUp => (row.saturating_sub(20), column),
        Move::PageDown => (row.saturating_add(20).min(last_row), column),
        Move::RowStart => (row, 0),
        Move::RowEnd => (row, last_column),
        Move::SheetStart => (0, 0),
        Move::SheetEnd => (last_row, last_column),
    };
    Some(Position { item: rows.get(row)?.0.clone(), column: columns.get(column)?.clone() })
}

/// The corners of `source` stretched to the row or the column of `to`: to where a fill reaches.
#[must_use]
pub fn reach(layout: &Layout, source: &Block, to: &Position) -> Option<(Position, Position)> {
    let (rows, columns) = (rows(layout), all_columns(layout));
    let row = |item: &ItemId| rows.iter().position(|(id, _)| id == item);
    let column = |column: &Column| columns.iter().position(|other| other == column);
    let (mut top, mut bottom) = (row(&source.items.first()?.0)?, row(&source.items.last()?.0)?);
    let (mut left, mut right) = (column(source.columns.first()?)?, column(source.columns.last()?)?);
    let (to_row, to_column) = (row(&to.item)?, column(&to.column)?);
    if (top..=bottom).contains(&to_row) {
        (left, right) = (left.min(to_column), right.max(to_column));
    } else {
        (top, bottom) = (top.min(to_row), bottom.max(to_row));
    }
    let corner = |row: usize, column: usize| {
        Some(Position { item: rows.get(row)?.0.clone(), column: columns.get(column)?.clone() })
    };
    Some((corner(top, left)?, corner(bottom, right)?))
}

/// What fills `target`, of which `source` is a part: for each other cell the one of the source that goes there, again
/// and again in each direction.
#[must_use]
pub fn fills(source: &Block, target: &Block) -> Vec<(CellRef, CellRef)> {
    let first_row = source.items.first().and_then(|first| target.items.iter().position(|item| item == first));
    let first_column = source.columns.first().and_then(|first| target.columns.iter().position(|other| other == first));
    let (Some(first_row), Some(first_column)) = (first_row, first_column) else {
        return Vec::new();
    };
    let (height, width) = (source.items.len(), source.columns.len());
    let back = |index: usize, first: usize, length: usize| {
        // As far before as after: a whole number of lengths makes the difference one to count with.
        let ahead = index.saturating_add(first.next_multiple_of(length)).saturating_sub(first);
        ahead.checked_rem(length).unwrap_or(0)
    };
    let mut pairs = Vec::new();
    for row in 0..target.items.len() {
        for column in 0..target.columns.len() {
            let from = source.cell(back(row, first_row, height), back(column, first_column, width));
            if let (Some(from), Some(to)) = (from, target.cell(row, column))
                && from != to
            {
                pairs.push((from, to));
            }
        }
    }
    pairs
}

/// The corners of everything.
#[must_use]
pub fn everything(layout: &Layout) -> Option<(Position, Position)> {
    let (rows, columns) = (rows(layout), all_columns(layout));
    let corner = |row: &(ItemId, Span), column: &Column| Position { item: row.0.clone(), column: column.clone() };
    Some((corner(rows.first()?, columns.first()?), corner(rows.last()?, columns.last()?)))
}

/// The corners of the column of `period`: the first and the last row that have a value there.
#[must_use]
pub fn column_of(layout: &Layout, period: &PeriodId) -> Option<(Position, Position)> {
    let rows = rows(layout);
    let mut over_periods = rows.iter().filter(|(_, span)| *span == Span::Period);
    let place = |(id, _): &(ItemId, Span)| Position { item: id.clone(), column: Column::Period(period.clone()) };
    let first = over_periods.next()?;
    Some((place(first), place(over_periods.next_back().unwrap_or(first))))
}

/// What a set of numbers comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// How many numbers there are.
    pub count: usize,
    /// Their sum.
    pub sum: f64,
    /// Their average.
    pub average: f64,
}

/// The totals of these numbers.
#[must_use]
pub fn totals(numbers: impl Iterator<Item = f64>) -> Totals {
    let (count, sum) = numbers.fold((0_u32, 0.0), |(count, sum), number| (count.saturating_add(1), sum + number));
    let average = if count == 0 { 0.0 } else { sum / f64::from(count) };
    Totals { count: usize::try_from(count).unwrap_or(usize::MAX), sum, average }
}

/// The rows with values, from the top.
fn rows(layout: &Layout) -> Vec<(ItemId, Span)> {
    let row = |row: &Row| match row {
        Row::Section { .. } => None,
        Row::Item { id, span } => Some((id.clone(), *span)),
    };
    layout.rows.iter().filter_map(row).collect()
}

fn all_columns(layout: &Layout) -> Vec<Column> {
    let periods = layout.periods.iter().map(|period| Column::Period(period.id.clone()));
    [Column::Label, Column::Value].into_iter().chain(periods).collect()
}

fn cell_of((item, span): &(ItemId, Span), column: &Column) -> Option<CellRef> {
    let period = match (span, column) {
        (Span::Single, Column::Value) => None,
        (Span::Period, Column::Period(period)) => Some(period.clone()),
        _ => return None,
    };
    Some(CellRef { item: item.clone(), period })
}

fn in_order(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::model::{Period, PeriodKind, PeriodLength, SectionId};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Two rows of three periods around a row with one value and a head.
    fn layout() -> Layout {
        let period = |id: &str| Period {
            id: PeriodId(id.into()),
            label: id.into(),
            kind: PeriodKind::Forecast,
            length: PeriodLength::Year,
            start: None,
            end: None,
        };
        let item = |id: &str, span| Row::Item { id: ItemId(id.into()), span };
        Layout {
            periods: vec![period("p1"), period("p2"), period("p3")],
            rows: vec![
                item("sales", Span::Period),
                item("tax", Span::Single),
                Row::Section { id: SectionId("s".into()), label: "S".into() },
                item("flow", Span::Period),
            ],
        }
    }

    fn at(item: &str, period: &str) -> Position {
        Position { item: ItemId(item.into()), column: Column::Period(PeriodId(period.into())) }
    }

    fn names(cells: impl Iterator<Item = CellRef>) -> Vec<String> {
        cells.map(|cell| cell.key()).collect()
    }

    #[test]
    fn a_block_holds_the_cells_between_its_corners_whichever_comes_first() {
        let there = Block::between(&layout(), &at("sales", "p2"), &at("flow", "p3")).unwrap();
        let back = Block::between(&layout(), &at("flow", "p3"), &at("sales", "p2")).unwrap();
        assert_eq!(there, back);
        assert_eq!(names(there.cells()), ["sales@p2", "sales@p3", "flow@p2", "flow@p3"]);
        assert!(there.contains(&at("flow", "p2")));
        assert!(!there.contains(&at("flow", "p1")));
    }

    #[test]
    fn between_two_labels_lie_whole_rows() {
        let label = |item: &str| Position::label(ItemId(item.into()));
        let rows = Block::between(&layout(), &label("sales"), &label("tax")).unwrap();
        assert_eq!(names(rows.cells()), ["sales@p1", "sales@p2", "sales@p3", "tax"]);
        let one = Block::between(&layout(), &label("sales"), &label("sales")).unwrap();
        assert_eq!(names(one.cells()), Vec::<String>::new());
    }

    #[test]
    fn comments_hang_on_the_rows_and_periods_of_a_block_or_on_whole_rows() {
        let items = |ids: &[&str]| ids.iter().map(|id| ItemId((*id).into())).collect::<Vec<_>>();
        let block = Block::between(&layout(), &at("sales", "p2"), &at("flow", "p3")).unwrap();
        let periods = vec![PeriodId("p2".into()), PeriodId("p3".into())];
        assert_eq!(block.anchor(), Anchor::Cells { items: items(&["sales", "flow"]), periods });
        let value = |item: &str| Position { item: ItemId(item.into()), column: Column::Value };
        let block = Block::between(&layout(), &value("sales"), &value("tax")).unwrap();
        assert_eq!(block.anchor(), Anchor::Cells { items: items(&["sales", "tax"]), periods: vec![] });
    }

    #[test]
    fn what_is_put_beyond_the_edge_has_no_cell() {
        let targets = targets(&layout(), &at("tax", "p3"), 5, 2);
        assert_eq!(targets.len(), 2);
        assert_eq!(targets[0], [None]);
        assert_eq!(targets[1].iter().flatten().map(CellRef::key).collect::<Vec<_>>(), ["flow@p3"]);
    }

    #[test]
    fn a_corner_stretches_to_the_edges_and_no_further() {
        let right = stretch(&layout(), &at("sales", "p2"), Move::Right).unwrap();
        assert_eq!(right, at("sales", "p3"));
        assert_eq!(stretch(&layout(), &right, Move::Right), Some(right.clone()));
        assert_eq!(stretch(&layout(), &right, Move::Down), Some(at("tax", "p3")));
        assert_eq!(stretch(&layout(), &right, Move::SheetEnd), Some(at("flow", "p3")));
        assert_eq!(stretch(&layout(), &at("gone", "p3"), Move::Down), None);
    }

    #[test]
    fn a_fill_repeats_its_source_in_every_direction() {
        let layout = layout();
        let source = Block::between(&layout, &at("sales", "p2"), &at("sales", "p2")).unwrap();
        let filled = |to: &Position| {
            let (first, last) = reach(&layout, &source, to).unwrap();
            let target = Block::between(&layout, &first, &last).unwrap();
            names(fills(&source, &target).into_iter().map(|(from, to)| {
                assert_eq!(from.key(), "sales@p2");
                to
            }))
        };
        assert_eq!(filled(&at("sales", "p3")), ["sales@p3"]);
        assert_eq!(filled(&at("sales", "p1")), ["sales@p1"]);
        assert_eq!(filled(&at("flow", "p3")), ["flow@p2"]);

        let pair = Block::between(&layout, &at("flow", "p2"), &at("flow", "p3")).unwrap();
        let (first, last) = reach(&layout, &pair, &at("flow", "p1")).unwrap();
        let pairs = fills(&pair, &Block::between(&layout, &first, &last).unwrap());
        assert_eq!(pairs.iter().map(|(from, _)| from.key()).collect::<Vec<_>>(), ["flow@p3"]);
    }

    #[test]
    fn a_head_selects_the_rows_that_have_a_value_there() {
        let (first, last) = column_of(&layout(), &PeriodId("p2".into())).unwrap();
        assert_eq!((first, last), (at("sales", "p2"), at("flow", "p2")));
    }

    #[test]
    fn totals_are_of_numbers_alone() {
        assert_eq!(totals([1.0, 2.0, 6.0].into_iter()), Totals { count: 3, sum: 9.0, average: 3.0 });
        assert_eq!(totals(std::iter::empty()).count, 0);
    }
}
