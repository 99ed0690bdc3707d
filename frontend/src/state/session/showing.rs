//! What the page shows of an open document: its signals follow the document, and nothing is drawn twice.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use coval_shared::model::{Calculation, CellRef, ItemId, LineItem, Model, Output, PeriodId, Scenario, outputs};
use coval_shared::protocol::Person;
use leptos::prelude::*;

use super::telling::Told;
use super::{Availability, Caret, DocumentSession, Fingerprint, OutputView, Saving};
use crate::platform::clock;
use crate::state::digest;
use crate::state::document::Content;
use crate::state::view::{CellView, ItemView, Layout, PersonView, RowView, ScenarioView};
use crate::state::watched::{becomes, set_if_changed};

/// Up to how many cells a document's fingerprint follows each change at once.
const CELLS_AT_ONCE: usize = 3_000;

/// And up to how many bytes of a memo.
const BYTES_AT_ONCE: usize = 50_000;

/// How long nothing has to happen in a larger one.
const QUIET: Duration = Duration::from_millis(250);

impl DocumentSession {
    /// How a row looks, now and whenever that changes, for as long as the caller's owner lives. Of its cells there are
    /// those [in sight](Self::show_periods).
    pub fn row(&self, item: &ItemId) -> ArcRwSignal<RowView> {
        self.rows.look_at(item, || {
            let words = self.with_model(|model| model.item(item).map(ItemView::of)).flatten().unwrap_or_default();
            RowView { words, cells: HashMap::new() }
        })
    }

    /// Has `row`, the one of `item`, show its cells in these periods from now on, and no others. Nobody is told: whoever
    /// looks at them is about to read them.
    pub fn show_periods(&self, item: &ItemId, row: &ArcRwSignal<RowView>, periods: Vec<Option<PeriodId>>) {
        let looks = self.with_calculation(|model, calculation| {
            let line = model.item(item)?;
            row.update_untracked(|row| {
                let mut known = std::mem::take(&mut row.cells);
                let look = |period: Option<PeriodId>| {
                    let look = known.remove(&period).unwrap_or_else(|| {
                        let cell = CellRef { item: item.clone(), period: period.clone() };
                        self.look_of(model, line, calculation, &cell)
                    });
                    (period, look)
                };
                row.cells = periods.into_iter().map(look).collect();
            });
            Some(())
        });
        if looks.flatten().is_none() {
            row.update_untracked(|row| row.cells.clear());
        }
    }

    /// Why a cell has no value, followed.
    pub fn error_of(&self, cell: &CellRef) -> Option<String> {
        self.changes.track();
        self.with_calculation(|model, calculation| CellView::of(model, calculation, cell).error).flatten()
    }

    /// Who else is in the cells of a row, now and whenever that changes, for as long as the caller's owner lives.
    pub fn people_in(&self, item: &ItemId) -> ArcRwSignal<Vec<PersonView>> {
        let is_here = |person: &&PersonView| person.at.as_ref().is_some_and(|at| at.item == *item);
        self.present
            .look_at(item, || self.people.with_untracked(|people| people.iter().filter(is_here).cloned().collect()))
    }

    /// Shows these cells as changed, and no others.
    pub fn mark(&self, cells: HashSet<CellRef>) {
        self.marked.set_value(cells);
        self.show();
    }

    pub(super) fn show_saving(&self) -> Saving {
        let saving = self.document.with_value(|document| {
            let unsaved = document.unsaved();
            let is_kept = unsaved > 0 && self.keeping.with_value(|keeping| keeping.holds(unsaved));
            Saving { unsaved, is_live: document.is_live(), is_kept }
        });
        set_if_changed(self.saving, saving);
        saving
    }

    pub(super) fn show(&self) {
        let saving = self.show_saving();
        self.keep_soon();
        if saving.unsaved == 0 && self.selection.with_value(Told::is_due) {
            self.tell_selection();
        }
        self.document.with_value(|document| {
            set_if_changed(self.may_edit, document.may_edit());
            set_if_changed(self.may_comment, document.may_comment());
            let Some(content) = document.content() else {
                return;
            };
            set_if_changed(self.title, content.title.clone());
            set_if_changed(self.steps, content.steps());
            self.changes.update(|count| *count = count.wrapping_add(1));
            let cells = content.model().map_or(0, |model| model.items().count().saturating_mul(model.periods.len()));
            if cells <= CELLS_AT_ONCE && content.text().is_none_or(|text| text.len() <= BYTES_AT_ONCE) {
                set_if_changed(self.fingerprint, fingerprint(content));
            } else {
                self.show_fingerprint_later();
            }
            set_if_changed(self.kind, Some(content.kind()));
            let (Some(model), Some(calculation)) = (content.model(), content.calculation()) else {
                return set_if_changed(self.availability, Availability::Ready);
            };
            set_if_changed(self.layout, Layout::of(model));
            let scenario = content.scenario();
            let view = |known: &Scenario| ScenarioView { id: known.id.clone(), label: known.label.clone() };
            set_if_changed(self.scenarios, model.scenarios.iter().map(view).collect());
            set_if_changed(self.scenario, scenario.cloned());
            let rows: HashMap<&ItemId, &LineItem> = model.items().map(|item| (&item.id, item)).collect();
            self.rows.refresh(|id, row| {
                let Some(item) = rows.get(id) else { return false };
                let mut cell = CellRef { item: id.clone(), period: None };
                let mut has_changed = becomes(&mut row.words, ItemView::of(item));
                for (period, look) in &mut row.cells {
                    cell.period.clone_from(period);
                    has_changed |= becomes(look, self.look_of(model, item, calculation, &cell));
                }
                has_changed
            });
            self.show_outputs(outputs(model, calculation));
            set_if_changed(self.availability, Availability::Ready);
        });
    }

    /// Works out the fingerprint once nothing has changed for a while: reading all of a large document would make each
    /// key wait.
    fn show_fingerprint_later(&self) {
        let session = *self;
        let seen = self.changes.get_untracked();
        clock::after(QUIET, move || {
            if session.changes.try_get_untracked() != Some(seen) {
                return;
            }
            let print = session.document.try_with_value(|document| document.content().map(fingerprint)).flatten();
            if let Some(print) = print {
                set_if_changed(session.fingerprint, print);
            }
        });
    }

    fn look_of(&self, model: &Model, item: &LineItem, calculation: &Calculation, cell: &CellRef) -> CellView {
        let look = CellView::in_row(model, item, calculation, cell);
        let is_changed = self.marked.with_value(|marked| marked.contains(cell));
        self.scenario.with_untracked(|scenario| CellView { is_changed, ..look.under(model, scenario.as_ref(), cell) })
    }

    fn show_outputs(&self, outputs: Vec<Output>) {
        // Each case has a beginning of its own.
        let scenario = self.scenario.get_untracked();
        let views = outputs
            .into_iter()
            .map(|output| {
                let known = self.baseline.with_value(|baseline| {
                    let is_same = |(under, item, _): &&(_, ItemId, _)| *under == scenario && *item == output.item;
                    baseline.iter().find(is_same).map(|(_, _, before)| *before)
                });
                if let (None, Some(value)) = (known, output.value) {
                    let new = (scenario.clone(), output.item.clone(), value);
                    self.baseline.update_value(|baseline| baseline.push(new));
                }
                let before = known.or(output.value);
                OutputView { output, before }
            })
            .collect();
        set_if_changed(self.outputs, views);
    }

    pub(super) fn show_people(&self, people: &[Person]) {
        let views: Vec<PersonView> = people.iter().map(PersonView::of).collect();
        let mut by_row: HashMap<&ItemId, Vec<PersonView>> = HashMap::new();
        for view in &views {
            if let Some(cell) = &view.at {
                by_row.entry(&cell.item).or_default().push(view.clone());
            }
        }
        self.present.refresh(|item, here| becomes(here, by_row.get(item).cloned().unwrap_or_default()));
        set_if_changed(self.carets, people.iter().filter_map(Caret::of).collect());
        set_if_changed(self.people, views);
    }
}

fn fingerprint(content: &Content) -> Fingerprint {
    Fingerprint { revision: content.revision().0, digest: digest::of_document(content.json()) }
}
