//! What the selected cell is calculated from, and what is calculated from it.

use std::collections::HashSet;

use coval_shared::model::CellRef;
use leptos::prelude::*;

use super::movement::Position;
use super::selection::Sheet;
use crate::state::DocumentSession;
use crate::words;

/// The cells that are outlined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Those that the selected one is calculated from.
    pub precedents: HashSet<CellRef>,
    /// Those that are calculated from it.
    pub dependents: HashSet<CellRef>,
}

impl Trace {
    /// The class that outlines `cell`.
    #[must_use]
    pub fn class(&self, cell: &CellRef) -> &'static str {
        match (self.precedents.contains(cell), self.dependents.contains(cell)) {
            (true, true) => " precedent dependent",
            (true, false) => " precedent",
            (false, true) => " dependent",
            (false, false) => "",
        }
    }
}

/// What is to be outlined now; nothing while nobody asks for it.
#[must_use]
pub fn trace_of(session: DocumentSession, is_tracing: RwSignal<bool>, selected: RwSignal<Option<Position>>) -> Trace {
    if !is_tracing.get() {
        return Trace::default();
    }
    session.changes.track();
    let cell = selected.with(|selected| selected.as_ref().and_then(Position::cell));
    let trace = cell.and_then(|cell| {
        session.with_calculation(|_, calculation| Trace {
            precedents: calculation.precedents(&cell).into_iter().collect(),
            dependents: calculation.dependents(&cell).into_iter().collect(),
        })
    });
    trace.unwrap_or_default()
}

impl Sheet {
    /// Goes to the first cell that the selected one is calculated from, or that is calculated from it. Returns whether
    /// the key is taken: always, so that the browser does not go to another page.
    pub(super) fn follow(&self, to_precedents: bool) -> bool {
        let cell = self.selected.with_untracked(|selected| selected.as_ref().and_then(Position::cell));
        let next = cell.and_then(|cell| {
            self.session.with_calculation(|_, calculation| {
                let cells = if to_precedents { calculation.precedents(&cell) } else { calculation.dependents(&cell) };
                cells.into_iter().find(|next| *next != cell)
            })
        });
        match next.flatten() {
            Some(next) => {
                self.said.set(self.session.cell_words(&next));
                self.select(Position::of(next));
            }
            None if to_precedents => self.said.set(words!(sheet.no_precedents).to_owned()),
            None => self.said.set(words!(sheet.no_dependents).to_owned()),
        }
        true
    }
}
