//! What is selected and what is being typed.

use coval_shared::model::{CellRef, ItemId, PeriodId};
use leptos::prelude::*;

use super::keys::{Command, Mode, Move};
use super::movement::{self, Column, Position};
use crate::state::{DocumentSession, Notice};

/// An edit that has begun and is not in the document yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What is edited.
    pub at: Position,
    /// What stood there when the edit began.
    pub before: String,
    /// What was typed so far.
    pub text: String,
    /// Whether typing replaced what stood there.
    pub is_replacing: bool,
    /// Whether what stands there is only a suggestion, to be typed over.
    pub is_suggestion: bool,
}

/// The selection and the edit in the grid of one document. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Sheet {
    /// The document.
    pub session: DocumentSession,
    /// The selected place.
    pub selected: RwSignal<Option<Position>>,
    /// The edit that has begun.
    pub draft: RwSignal<Option<Draft>>,
    /// Counts the times that the selected cell has to take the keyboard back.
    pub focus: RwSignal<u32>,
    goal: StoredValue<Option<PeriodId>>,
    row: StoredValue<usize>,
}

impl Sheet {
    /// A grid in which nothing is selected.
    pub fn new(session: DocumentSession) -> Self {
        let sheet = Self {
            session,
            selected: RwSignal::new(None),
            draft: RwSignal::new(None),
            focus: RwSignal::new(0),
            goal: StoredValue::new(None),
            row: StoredValue::new(0),
        };
        Effect::new(move || {
            let place = sheet.selected.with(|selected| selected.as_ref().map(Position::shown));
            session.show_cursor(place);
        });
        Effect::new(move || sheet.keep_to_what_is_there());
        sheet
    }

    /// What keys mean at the moment.
    pub fn mode(&self) -> Mode {
        self.draft.with_untracked(|draft| match draft {
            None => Mode::Ready,
            // In a formula, the arrows are for the caret.
            Some(draft) if draft.is_replacing && !draft.text.starts_with('=') => Mode::Replacing,
            Some(_) => Mode::Editing,
        })
    }

    /// Selects a place. An edit that has begun elsewhere is entered first.
    pub fn select(&self, place: Position) {
        if self.draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.at != place)) {
            self.commit();
        }
        if let Column::Period(period) = &place.column {
            self.goal.set_value(Some(period.clone()));
        }
        if let Some(row) = self.session.layout.with_untracked(|layout| movement::row_of(layout, &place.item)) {
            self.row.set_value(row);
        }
        if self.selected.with_untracked(|selected| selected.as_ref() != Some(&place)) {
            self.selected.set(Some(place));
        }
        self.take_focus();
    }

    /// Gives the keyboard to the selected cell, or to the first one.
    pub fn enter(&self) {
        let place = self.selected.get_untracked().or_else(|| self.session.layout.with_untracked(movement::first));
        if let Some(place) = place {
            self.select(place);
        }
    }

    /// Does what a key asked for. Returns whether there was anything to do; the browser does the rest.
    pub fn obey(&self, command: Command) -> bool {
        match command {
            Command::Go(step) => self.go(step),
            Command::CommitAndGo(step) => {
                self.commit();
                self.go(step);
                self.take_focus();
                true
            }
            Command::Edit => {
                self.edit_in_place();
                true
            }
            Command::Cancel => {
                self.cancel();
                true
            }
            Command::Clear => {
                self.clear();
                true
            }
            Command::InsertRow => {
                self.insert_row();
                true
            }
            // Where the keyboard goes is known where it is drawn.
            Command::Leave => false,
        }
    }

    /// Begins to edit what stands in the selected place, if the person may.
    pub fn edit_in_place(&self) {
        let Some(at) = self.selected.get_untracked().filter(|_| self.may_edit()) else {
            return;
        };
        let before = self.text_at(&at);
        self.draft.set(Some(Draft { at, text: before.clone(), before, is_replacing: false, is_suggestion: false }));
    }

    /// Whether the edit has begun with a suggestion that nothing was done to yet.
    pub fn is_suggestion(&self) -> bool {
        self.draft.with_untracked(|draft| {
            draft.as_ref().is_some_and(|draft| draft.is_suggestion && draft.text == draft.before)
        })
    }

    /// Takes in what was typed: `text` is all of it. `is_replacing` says whether it begins a new content.
    pub fn typed(&self, text: String, is_replacing: bool) {
        let Some(at) = self.selected.get_untracked().filter(|_| self.may_edit()) else {
            return;
        };
        let is_begun = self.draft.with_untracked(Option::is_some);
        if is_begun {
            self.draft.update(|draft| {
                if let Some(draft) = draft {
                    draft.text = text;
                }
            });
        } else {
            let before = self.text_at(&at);
            self.draft.set(Some(Draft { at, before, text, is_replacing, is_suggestion: false }));
        }
    }

    /// Enters what was typed.
    pub fn commit(&self) {
        let Some(draft) = self.draft.get_untracked() else {
            return;
        };
        self.draft.set(None);
        if draft.text == draft.before {
            return;
        }
        if self.session.label(&draft.at.item).is_none() {
            let what = "The row that you were editing was removed by somebody else.";
            let notice = Notice::new(what, "What you typed is listed here.");
            self.session.tell(notice.with_lost(vec![draft.text]));
            return;
        }
        match draft.at.cell() {
            Some(cell) => self.session.enter(&cell, &draft.text),
            None => self.session.set_label(&draft.at.item, &draft.before, &draft.text),
        }
    }

    /// Forgets what was typed.
    pub fn cancel(&self) {
        self.draft.set(None);
        self.take_focus();
    }

    /// Inserts a row below the selected one and begins to edit its label.
    pub fn insert_row(&self) {
        let Some(place) = self.selected.get_untracked() else {
            return;
        };
        self.insert_below(&place.item);
    }

    /// Inserts a row below `item` and begins to edit its label.
    pub fn insert_below(&self, item: &ItemId) {
        self.commit();
        if !self.may_edit() {
            return;
        }
        if let Some(new) = self.session.insert_below(item) {
            self.select(Position::label(new));
            self.edit_in_place();
            self.draft.update(|draft| {
                if let Some(draft) = draft {
                    draft.is_suggestion = true;
                }
            });
        }
    }

    /// What the formula bar shows for `place`.
    pub fn text_at(&self, place: &Position) -> String {
        match place.cell() {
            Some(cell) => self.session.entry_text(&cell),
            None => self.session.label(&place.item).unwrap_or_default(),
        }
    }

    /// Gives the keyboard to the selected cell.
    pub fn take_focus(&self) {
        self.focus.update(|count| *count = count.wrapping_add(1));
    }

    fn may_edit(&self) -> bool {
        self.session.may_edit.get_untracked()
    }

    fn go(&self, step: Move) -> bool {
        let Some(from) = self.selected.get_untracked() else {
            return false;
        };
        let goal = self.goal.get_value();
        let place = self.session.layout.with_untracked(|layout| movement::go(layout, &from, goal.as_ref(), step));
        match place {
            Some(place) => {
                self.select(place);
                true
            }
            None => false,
        }
    }

    fn clear(&self) {
        let cell: Option<CellRef> = self.selected.with_untracked(|selected| selected.as_ref().and_then(Position::cell));
        // A label can be edited, but a row without one would be a row that nobody can talk about.
        if let Some(cell) = cell
            && self.may_edit()
            && !self.session.entry_text(&cell).is_empty()
        {
            self.session.enter(&cell, "");
        }
    }

    /// When the selected row is gone, selects the one that took its place.
    fn keep_to_what_is_there(&self) {
        let Some(place) = self.selected.get_untracked() else {
            self.session.layout.track();
            return;
        };
        let row = self.row.get_value();
        let (row, instead) = self.session.layout.with(|layout| {
            let now = movement::row_of(layout, &place.item);
            let instead = now.is_none().then(|| movement::near(layout, row, &place)).flatten();
            (now, instead)
        });
        if let Some(row) = row {
            self.row.set_value(row);
        }
        if let Some(instead) = instead {
            self.select(instead);
        }
    }
}
