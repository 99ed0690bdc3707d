//! What the cells of the grid are marked by, worked out once for all of them.

use coval_shared::model::ItemId;
use leptos::prelude::*;

use super::movement::{Column, Position};
use super::range::{self, Block};
use super::selection::{Drag, Sheet};
use super::trace::Trace;
use crate::dynamic::settled;

/// What the cells are marked by.
#[derive(Clone)]
pub struct Marks {
    /// The row in which the selected place is.
    pub(super) selected_row: Selector<Option<ItemId>>,
    /// The row that the mouse is over.
    pub(super) pointed_row: Selector<Option<ItemId>>,
    /// The last cell of the selection, which has the handle.
    pub(super) corner: Memo<Option<Position>>,
    /// The row in which that is.
    pub(super) corner_row: Selector<Option<ItemId>>,
    /// The parts of the grid that are marked.
    pub(super) areas: RwSignal<Areas>,
}

/// The parts of the grid that are marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Areas {
    /// Everything that is selected, where that is more than one place.
    block: Option<Block>,
    /// Where a fill would reach that is being dragged.
    filled: Option<Block>,
    /// The row behind which a row would go that is being dragged.
    target: Option<ItemId>,
    /// What the selected cell is calculated from, and what is calculated from it.
    pub(super) trace: Trace,
}

impl Areas {
    /// Whether `place` is selected with others.
    pub(super) fn contain(&self, place: &Position) -> bool {
        self.block.as_ref().is_some_and(|block| block.contains(place))
    }

    /// The classes that mark `place`.
    pub(super) fn classes(&self, place: &Position) -> String {
        let is_filled = self.filled.as_ref().is_some_and(|block| block.contains(place));
        let is_target = place.column == Column::Label && self.target.as_ref() == Some(&place.item);
        let all = [(self.contain(place), " within"), (is_filled, " filling"), (is_target, " drop-target")];
        all.into_iter().filter_map(|(is_so, class)| is_so.then_some(class)).collect()
    }
}

impl Marks {
    /// The marks of `sheet`.
    pub fn of(sheet: Sheet) -> Self {
        let corner = move || {
            let Some(block) = sheet.block.get() else {
                return sheet.selected.get().filter(|place| place.column != Column::Label);
            };
            let (item, column) = (block.items.last()?.0.clone(), block.columns.last()?.clone());
            Some(Position { item, column })
        };
        let filled = move || {
            let to = sheet.drag.with(|drag| match drag {
                Some(Drag::Fill(to)) => to.clone(),
                _ => None,
            })?;
            let source = sheet.selection()?;
            sheet.layout.with(|layout| {
                let (first, last) = range::reach(layout, &source, &to)?;
                Block::between(layout, &first, &last)
            })
        };
        let target = move || {
            sheet.drag.with(|drag| match drag {
                Some(Drag::Row { over, .. }) => over.clone(),
                _ => None,
            })
        };
        let areas =
            move || Areas { block: sheet.block.get(), filled: filled(), target: target(), trace: sheet.trace.get() };
        let corner = Memo::new(move |_| corner());
        let row = |place: &Option<Position>| place.as_ref().map(|place| place.item.clone());
        Self {
            selected_row: Selector::new(move || sheet.selected.with(row)),
            pointed_row: Selector::new(move || sheet.pointed.get()),
            corner,
            corner_row: Selector::new(move || corner.with(row)),
            areas: settled(areas),
        }
    }
}
