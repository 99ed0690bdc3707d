//! Where the selection goes.

use coval_shared::model::{CellRef, ItemId, PeriodId, Span};

use super::keys::Move;
use crate::state::view::{Layout, Row};

/// How many rows a page is.
const PAGE: usize = 20;

/// A column of the grid, as seen from one row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The row's label.
    Label,
    /// The one value of a row that has one value.
    Value,
    /// The value of a period.
    Period(PeriodId),
}

/// A place in the grid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The row.
    pub item: ItemId,
    /// The column.
    pub column: Column,
}

impl Position {
    /// The label of `item`.
    #[must_use]
    pub fn label(item: ItemId) -> Self {
        Self { item, column: Column::Label }
    }

    /// The place of `cell`.
    #[must_use]
    pub fn of(cell: CellRef) -> Self {
        Self { item: cell.item, column: cell.period.map_or(Column::Value, Column::Period) }
    }

    /// The period of this place; none at a label and in a row with one value.
    #[must_use]
    pub fn period(&self) -> Option<&PeriodId> {
        match &self.column {
            Column::Label | Column::Value => None,
            Column::Period(period) => Some(period),
        }
    }

    /// The model's cell at this place; none at a label.
    #[must_use]
    pub fn cell(&self) -> Option<CellRef> {
        let is_label = self.column == Column::Label;
        (!is_label).then(|| CellRef { item: self.item.clone(), period: self.period().cloned() })
    }

    /// What others are shown as our place. A label is shown as the row without a period.
    #[must_use]
    pub fn shown(&self) -> CellRef {
        self.cell().unwrap_or_else(|| CellRef { item: self.item.clone(), period: None })
    }
}

/// The place that `step` leads to from `from`. `goal` is the period in which a walk up or down began: rows with one
/// value are passed without losing it. Returns `None` when there is nowhere to go.
#[must_use]
pub fn go(layout: &Layout, from: &Position, goal: Option<&PeriodId>, step: Move) -> Option<Position> {
    let items = items(layout);
    let row = items.iter().position(|(id, _)| **id == from.item)?;
    let last = items.len().checked_sub(1)?;
    match step {
        Move::Up => in_row(layout, &items, row.checked_sub(1)?, from, goal),
        Move::Down => in_row(layout, &items, row.checked_add(1)?, from, goal),
        Move::PageUp => in_row(layout, &items, row.saturating_sub(PAGE), from, goal),
        Move::PageDown => in_row(layout, &items, row.saturating_add(PAGE).min(last), from, goal),
        Move::RowStart => columns(layout, items.get(row)?).into_iter().next(),
        Move::RowEnd => columns(layout, items.get(row)?).pop(),
        Move::SheetStart => columns(layout, items.first()?).into_iter().nth(1),
        Move::SheetEnd => columns(layout, items.last()?).pop(),
        Move::Left | Move::Right => {
            let here = columns(layout, items.get(row)?);
            let column = here.iter().position(|place| place == from)?;
            if step == Move::Right {
                match here.get(column.checked_add(1)?) {
                    Some(place) => Some(place.clone()),
                    None => columns(layout, items.get(row.checked_add(1)?)?).into_iter().next(),
                }
            } else {
                match column.checked_sub(1) {
                    Some(column) => here.get(column).cloned(),
                    None => columns(layout, items.get(row.checked_sub(1)?)?).pop(),
                }
            }
        }
    }
}

/// The first cell of the grid.
#[must_use]
pub fn first(layout: &Layout) -> Option<Position> {
    let items = items(layout);
    columns(layout, items.first()?).into_iter().nth(1)
}

/// The row of `item`, counted from 0 without the heads of sections.
#[must_use]
pub fn row_of(layout: &Layout, item: &ItemId) -> Option<usize> {
    items(layout).iter().position(|(id, _)| *id == item)
}

/// A place in the row `row`, or in the last one if there are fewer, that is as much like `from` as can be.
#[must_use]
pub fn near(layout: &Layout, row: usize, from: &Position) -> Option<Position> {
    let items = items(layout);
    let last = items.len().checked_sub(1)?;
    in_row(layout, &items, row.min(last), from, None)
}

type Item<'a> = (&'a ItemId, Span);

fn items(layout: &Layout) -> Vec<Item<'_>> {
    layout
        .rows
        .iter()
        .filter_map(|row| match row {
            Row::Section { .. } => None,
            Row::Item { id, span } => Some((id, *span)),
        })
        .collect()
}

fn columns(layout: &Layout, (item, span): &Item<'_>) -> Vec<Position> {
    let label = Position::label((*item).clone());
    let values = match span {
        Span::Single => vec![Column::Value],
        Span::Period => layout.periods.iter().map(|period| Column::Period(period.id.clone())).collect(),
    };
    let values = values.into_iter().map(|column| Position { item: (*item).clone(), column });
    std::iter::once(label).chain(values).collect()
}

fn in_row(
    layout: &Layout,
    items: &[Item<'_>],
    row: usize,
    from: &Position,
    goal: Option<&PeriodId>,
) -> Option<Position> {
    let (item, span) = items.get(row)?;
    let column = match (&from.column, span) {
        (Column::Label, _) => Column::Label,
        (_, Span::Single) => Column::Value,
        (Column::Period(period), Span::Period) => Column::Period(period.clone()),
        (Column::Value, Span::Period) => {
            let goal = goal.filter(|goal| layout.periods.iter().any(|period| period.id == **goal));
            let first = || layout.periods.first().map(|period| &period.id);
            goal.or_else(first).map_or(Column::Label, |id| Column::Period(id.clone()))
        }
    };
    Some(Position { item: (*item).clone(), column })
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::model::{Period, PeriodKind, PeriodLength, SectionId};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// A head, a row of two periods, a row with one value, another head, a row of two periods.
    fn layout() -> Layout {
        let period = |id: &str, kind| Period {
            id: PeriodId(id.into()),
            label: id.to_uppercase(),
            kind,
            length: PeriodLength::Year,
            start: None,
            end: None,
        };
        let section = |id: &str| Row::Section { id: SectionId(id.into()), label: id.into() };
        let item = |id: &str, span| Row::Item { id: ItemId(id.into()), span };
        Layout {
            periods: vec![period("p1", PeriodKind::History), period("p2", PeriodKind::Forecast)],
            rows: vec![
                section("income"),
                item("sales", Span::Period),
                item("tax", Span::Single),
                section("cash"),
                item("flow", Span::Period),
            ],
        }
    }

    fn at(item: &str, period: &str) -> Position {
        Position { item: ItemId(item.into()), column: Column::Period(PeriodId(period.into())) }
    }

    fn value(item: &str) -> Position {
        Position { item: ItemId(item.into()), column: Column::Value }
    }

    fn label(item: &str) -> Position {
        Position::label(ItemId(item.into()))
    }

    fn step(from: &Position, step: Move) -> Option<Position> {
        go(&layout(), from, None, step)
    }

    #[test]
    fn heads_of_sections_are_passed_over() {
        assert_eq!(step(&label("tax"), Move::Down), Some(label("flow")));
        assert_eq!(step(&label("flow"), Move::Up), Some(label("tax")));
    }

    #[test]
    fn a_walk_through_a_row_with_one_value_comes_back_to_its_period() {
        let goal = PeriodId("p2".into());
        let tax = go(&layout(), &at("sales", "p2"), Some(&goal), Move::Down).unwrap();
        assert_eq!(tax, value("tax"));
        assert_eq!(go(&layout(), &tax, Some(&goal), Move::Down), Some(at("flow", "p2")));
        assert_eq!(step(&value("tax"), Move::Down), Some(at("flow", "p1")));
    }

    #[test]
    fn left_and_right_go_on_in_the_neighbouring_row() {
        assert_eq!(step(&label("sales"), Move::Right), Some(at("sales", "p1")));
        assert_eq!(step(&at("sales", "p2"), Move::Right), Some(label("tax")));
        assert_eq!(step(&label("tax"), Move::Left), Some(at("sales", "p2")));
    }

    #[test]
    fn the_ends_of_the_sheet_lead_nowhere() {
        assert_eq!(step(&label("sales"), Move::Left), None);
        assert_eq!(step(&label("sales"), Move::Up), None);
        assert_eq!(step(&at("flow", "p2"), Move::Right), None);
        assert_eq!(step(&at("flow", "p2"), Move::Down), None);
    }

    #[test]
    fn home_and_end_go_to_the_ends() {
        assert_eq!(step(&at("sales", "p2"), Move::RowStart), Some(label("sales")));
        assert_eq!(step(&label("tax"), Move::RowEnd), Some(value("tax")));
        assert_eq!(step(&value("tax"), Move::SheetStart), Some(at("sales", "p1")));
        assert_eq!(step(&value("tax"), Move::SheetEnd), Some(at("flow", "p2")));
        assert_eq!(step(&at("flow", "p1"), Move::PageUp), Some(at("sales", "p1")));
    }

    #[test]
    fn the_place_of_a_removed_row_falls_to_the_one_that_follows() {
        assert_eq!(near(&layout(), 1, &at("gone", "p1")), Some(value("tax")));
        assert_eq!(near(&layout(), 9, &at("gone", "p1")), Some(at("flow", "p1")));
        assert_eq!(near(&Layout::default(), 0, &at("gone", "p1")), None);
    }

    #[test]
    fn a_position_in_a_row_that_is_gone_leads_nowhere() {
        assert_eq!(step(&at("gone", "p1"), Move::Down), None);
    }
}
