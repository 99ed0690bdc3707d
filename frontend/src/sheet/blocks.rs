//! What is done with many cells at once.

use coval_shared::model::{CellKind, CellRef, CellValue, ItemId, PeriodId, Span, edit};
use leptos::prelude::*;

use super::clipboard::MOST_CELLS;
use super::keys::Move;
use super::movement::{Column, Position};
use super::range::{self, Block, Totals};
use super::selection::Sheet;
use crate::state::Notice;
use crate::state::watched::set_if_changed;
use crate::words;

impl Sheet {
    /// Everything that is selected: the block, or the one place.
    pub fn selection(&self) -> Option<Block> {
        let block = self.block.get_untracked();
        block.or_else(|| {
            let place = self.selected.get_untracked()?;
            self.layout.with_untracked(|layout| Block::between(layout, &place, &place))
        })
    }

    /// Takes the far corner of the selection to `place`. Where nothing is selected, selects it.
    pub fn select_to(&self, place: Position) {
        let Some(anchor) = self.selected.get_untracked() else {
            return self.select(place);
        };
        if self.draft.with_untracked(Option::is_some) {
            self.commit();
        }
        set_if_changed(self.extent, (place != anchor).then_some(place));
        self.take_focus();
    }

    /// Selects what lies between two corners.
    pub fn select_between(&self, (anchor, extent): (Position, Position)) {
        self.select(anchor.clone());
        if extent != anchor {
            self.extent.set(Some(extent));
        }
    }

    /// Selects the column of `period`, or what lies between it and the column in which the selection began.
    pub fn select_column(&self, period: &PeriodId, is_stretching: bool) {
        let Some((first, last)) = self.layout.with_untracked(|layout| range::column_of(layout, period)) else {
            return;
        };
        match self.selected.get_untracked().filter(|_| is_stretching) {
            Some(anchor) if matches!(anchor.column, Column::Period(_)) => {
                self.select_between((Position { item: first.item, column: anchor.column }, last));
            }
            _ => self.select_between((first, last)),
        }
    }

    /// Selects the whole row `item`.
    pub fn select_row(&self, item: &ItemId) {
        let label = Position::label(item.clone());
        if let Some(end) = self.layout.with_untracked(|layout| range::stretch(layout, &label, Move::RowEnd)) {
            self.select_between((label, end));
        }
    }

    pub(super) fn stretch(&self, step: Move) {
        let Some(corner) = self.extent.get_untracked().or_else(|| self.selected.get_untracked()) else {
            return;
        };
        if let Some(place) = self.layout.with_untracked(|layout| range::stretch(layout, &corner, step)) {
            self.select_to(place);
        }
    }

    pub(super) fn select_all(&self) {
        let Some((first, last)) = self.layout.with_untracked(range::everything) else {
            return;
        };
        // The active cell stays where it is seen.
        self.select_between((first, last));
    }

    pub(super) fn select_rows(&self) {
        let (Some(anchor), Some(block)) = (self.selected.get_untracked(), self.selection()) else {
            return;
        };
        let end = block.items.iter().map(|(item, _)| item).find(|item| **item != anchor.item);
        let far = end.cloned().unwrap_or_else(|| anchor.item.clone());
        let far = Position::label(far);
        let corner = self.layout.with_untracked(|layout| range::stretch(layout, &far, Move::RowEnd));
        if let Some(corner) = corner {
            self.select_between((Position::label(anchor.item), corner));
        }
    }

    pub(super) fn select_columns(&self) {
        if let Some(Column::Period(period)) = self.selected.get_untracked().map(|place| place.column) {
            self.select_column(&period, false);
        }
    }

    /// What the numbers of the selection come to, where more than one cell is selected.
    pub fn totals(&self) -> Option<Totals> {
        self.session.changes.track();
        self.block.with(|block| {
            let block = block.as_ref()?;
            self.session.with_calculation(|_, calculation| {
                range::totals(block.cells().filter_map(|cell| match calculation.value(&cell) {
                    CellValue::Number(number) => Some(*number),
                    _ => None,
                }))
            })
        })
    }

    pub(super) fn clear_block(&self) {
        let Some(block) = self.selection().filter(|_| self.may_edit()) else {
            return;
        };
        let inputs = block.cells().map(|cell| (cell, String::new())).collect();
        self.enter_all(words!(sheet.clearing).to_owned(), inputs);
    }

    /// Fills the selection from its first column to the right, or from its first row down. With one of them alone, from
    /// the one before it.
    pub(super) fn fill(&self, step: Move) {
        let Some(target) = self.selection() else {
            return;
        };
        let is_right = step == Move::Right;
        let corners = |block: &Block| {
            let place =
                |item: &(ItemId, Span), column: &Column| Position { item: item.0.clone(), column: column.clone() };
            let first = place(block.items.first()?, block.columns.first()?);
            Some((first, place(block.items.last()?, block.columns.last()?)))
        };
        let Some((first, last)) = corners(&target) else {
            return;
        };
        let is_narrow = if is_right { target.columns.len() < 2 } else { target.items.len() < 2 };
        let blocks = self.layout.with_untracked(|layout| {
            let back = if is_right { Move::Left } else { Move::Up };
            let start = if is_narrow { range::stretch(layout, &first, back)? } else { first };
            let end = if is_right {
                Position { item: last.item.clone(), column: start.column.clone() }
            } else {
                Position { item: start.item.clone(), column: last.column.clone() }
            };
            Some((Block::between(layout, &start, &end)?, Block::between(layout, &start, &last)?))
        });
        if let Some((source, target)) = blocks {
            self.fill_from(&source, &target);
        }
    }

    /// Fills from the selection as far as `to`, and selects all of it.
    pub(super) fn fill_to(&self, to: &Position) {
        let Some(source) = self.selection().filter(|source| !source.contains(to)) else {
            return;
        };
        let reached = self.layout.with_untracked(|layout| {
            let (first, last) = range::reach(layout, &source, to)?;
            Some((Block::between(layout, &first, &last)?, (first, last)))
        });
        if let Some((target, corners)) = reached {
            self.fill_from(&source, &target);
            self.select_between(corners);
        }
    }

    fn fill_from(&self, source: &Block, target: &Block) {
        if !self.may_edit() {
            return;
        }
        let copied = |(from, to): (CellRef, CellRef)| {
            let input = self.copied(&from, &to);
            (to, input)
        };
        let inputs = range::fills(source, target).into_iter().map(copied).collect();
        self.enter_all(words!(sheet.filling).to_owned(), inputs);
    }

    /// What `from` puts in `to`: what was entered there. What comes from the formula of their row is no entry.
    fn copied(&self, from: &CellRef, to: &CellRef) -> String {
        let is_rows = self.session.with_model(|model| edit::cell_kind(model, from) == CellKind::RowFormula);
        if is_rows == Some(true) && from.item == to.item { String::new() } else { self.session.entry_text(from) }
    }

    /// Enters many inputs as one step, unless they are too many.
    pub(super) fn enter_all(&self, description: String, inputs: Vec<(CellRef, String)>) -> bool {
        if inputs.is_empty() {
            return false;
        }
        if inputs.len() > MOST_CELLS {
            let what = words!(sheet.too_many_cells, count = inputs.len().to_string(), most = MOST_CELLS.to_string());
            self.session.tell(Notice::new(what, words!(sheet.nothing_changed)));
            return false;
        }
        self.session.enter_many(description, &inputs)
    }
}
