//! What is selected and what is being typed.

use std::collections::HashSet;

use coval_shared::model::{CellRef, ItemId, PeriodId, SectionId};
use leptos::prelude::*;

use super::folds;
use super::keys::{Command, Mode, Move};
use super::movement::{self, Column, Position};
use super::range::Block;
use super::suggest::Help;
use super::trace::{Trace, trace_of};
use crate::state::document::Step;
use crate::state::view::Layout;
use crate::state::{DocumentSession, Notice};
use crate::words;

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

/// What the mouse or a finger is doing in the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drag {
    /// It stretches the selection.
    Select,
    /// It fills as far as this place.
    Fill(Option<Position>),
    /// It moves a row.
    Row {
        /// The row.
        item: ItemId,
        /// The row whose place it is over.
        over: Option<ItemId>,
    },
}

/// What a finger is doing that has not moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finger {
    /// There is none, or it does something else.
    Away,
    /// It has come down at this point of the window.
    Down(i32, i32),
    /// It has stayed, and asked for the menu.
    HasAsked,
}

/// A menu in the grid, and where it hangs, in pixels from the window's corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    /// What it is about.
    pub of: MenuOf,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// What a menu is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuOf {
    /// A row.
    Row(ItemId),
    /// A section.
    Section(SectionId),
    /// A period.
    Period(PeriodId),
}

/// A text that the page asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is for.
    pub about: About,
    /// What it is now.
    pub before: String,
}

/// What a text is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The unit of a row.
    Unit(ItemId),
    /// The note of a row.
    Note(ItemId),
    /// What formulas call a row.
    Name(ItemId),
    /// The formula of a row.
    Formula(ItemId),
    /// The heading of a section.
    Section(SectionId),
    /// The label of a period.
    Period(PeriodId),
}

/// The selection and the edit in the grid of one document. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Sheet {
    /// The document.
    pub session: DocumentSession,
    /// The selected place.
    pub selected: RwSignal<Option<Position>>,
    /// The other corner of the selection, where more than one place is selected.
    pub extent: RwSignal<Option<Position>>,
    /// Everything that is selected, where that is more than one place.
    pub block: Memo<Option<Block>>,
    /// The rows and columns that are shown.
    pub layout: Memo<Layout>,
    /// The sections whose rows are put away.
    pub folded: RwSignal<HashSet<SectionId>>,
    /// What the mouse or a finger is doing.
    pub drag: RwSignal<Option<Drag>>,
    /// The row whose label the mouse is over.
    pub pointed: RwSignal<Option<ItemId>>,
    /// The menu that is open.
    pub menu: RwSignal<Option<Menu>>,
    /// The text that is asked for.
    pub question: RwSignal<Option<Question>>,
    /// Whether the cells are outlined that the selected one is calculated from, and those calculated from it.
    pub is_tracing: RwSignal<bool>,
    /// The outlined cells.
    pub trace: Memo<Trace>,
    /// What is told to those who hear the page, politely.
    pub said: RwSignal<String>,
    /// Whether the selected rows are drawn as a chart.
    pub has_chart: RwSignal<bool>,
    /// Where the caret stands in what is typed, in UTF-16 units.
    pub caret: RwSignal<usize>,
    /// What is offered for what is typed.
    pub help: Memo<Help>,
    /// The entry of the offered list that the arrows went to.
    pub chosen: RwSignal<Option<usize>>,
    /// The text for which the person wants no list.
    pub dismissed: RwSignal<String>,
    /// The edit that has begun.
    pub draft: RwSignal<Option<Draft>>,
    /// Counts the times that the selected cell has to take the keyboard back.
    pub focus: RwSignal<u32>,
    /// What a finger is doing that has not moved.
    pub(super) finger: StoredValue<Finger>,
    goal: StoredValue<Option<PeriodId>>,
    row: StoredValue<usize>,
}

impl Sheet {
    /// A grid in which nothing is selected.
    pub fn new(session: DocumentSession) -> Self {
        let folded = RwSignal::new(folds::remembered(session.id()));
        let layout = Memo::new(move |_| session.layout.with(|layout| folded.with(|folded| layout.without(folded))));
        let selected = RwSignal::new(None);
        let extent = RwSignal::new(None);
        let block = Memo::new(move |_| {
            let (anchor, extent) = (selected.get()?, extent.get()?);
            layout.with(|layout| Block::between(layout, &anchor, &extent))
        });
        let is_tracing = RwSignal::new(false);
        let trace = Memo::new(move |_| trace_of(session, is_tracing, selected));
        let mut sheet = Self {
            session,
            selected,
            extent,
            block,
            layout,
            folded,
            drag: RwSignal::new(None),
            pointed: RwSignal::new(None),
            menu: RwSignal::new(None),
            question: RwSignal::new(None),
            is_tracing,
            trace,
            said: RwSignal::default(),
            has_chart: RwSignal::new(false),
            caret: RwSignal::new(0),
            help: Memo::new(|_| Help::default()),
            chosen: RwSignal::new(None),
            dismissed: RwSignal::default(),
            draft: RwSignal::new(None),
            focus: RwSignal::new(0),
            finger: StoredValue::new(Finger::Away),
            goal: StoredValue::new(None),
            row: StoredValue::new(0),
        };
        let before = sheet;
        sheet.help = Memo::new(move |_| before.worked_out_help());
        // What was chosen was chosen among other names.
        Effect::new(move || {
            sheet.help.track();
            sheet.chosen.set(None);
        });
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

    /// Selects a place alone. An edit that has begun elsewhere is entered first.
    pub fn select(&self, place: Position) {
        if self.extent.with_untracked(Option::is_some) {
            self.extent.set(None);
        }
        self.unfold_around(&place.item);
        if self.draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.at != place)) {
            self.commit();
        }
        if let Column::Period(period) = &place.column {
            self.goal.set_value(Some(period.clone()));
        }
        if let Some(row) = self.layout.with_untracked(|layout| movement::row_of(layout, &place.item)) {
            self.row.set_value(row);
        }
        if self.selected.with_untracked(|selected| selected.as_ref() != Some(&place)) {
            self.selected.set(Some(place));
        }
        self.take_focus();
    }

    /// Gives the keyboard to the selected cell, or to the first one.
    pub fn enter(&self) {
        let place = self.selected.get_untracked().or_else(|| self.layout.with_untracked(movement::first));
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
            Command::Stretch(step) => {
                self.stretch(step);
                true
            }
            Command::SelectAll => {
                self.select_all();
                true
            }
            Command::SelectRows => {
                self.select_rows();
                true
            }
            Command::SelectColumns => {
                self.select_columns();
                true
            }
            Command::FillRight => {
                self.fill(Move::Right);
                true
            }
            Command::FillDown => {
                self.fill(Move::Down);
                true
            }
            Command::Undo => {
                self.session.step(Step::Undo);
                true
            }
            Command::Redo => {
                self.session.step(Step::Redo);
                true
            }
            Command::MoveRow(step) => {
                self.move_row(step);
                true
            }
            Command::FollowPrecedent => self.follow(true),
            Command::FollowDependent => self.follow(false),
            Command::EnterDate => {
                self.enter_date();
                true
            }
            // Where these go is known where they are drawn.
            Command::Leave | Command::OpenMenu => false,
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
            let notice = Notice::new(words!(sheet.row_gone), words!(sheet.row_gone_advice));
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
            self.suggest_label();
        }
    }

    /// Begins to edit the selected label, which is only a suggestion.
    pub(super) fn suggest_label(&self) {
        self.edit_in_place();
        self.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.is_suggestion = true;
            }
        });
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

    /// Whether the person may change the document.
    pub(super) fn may_edit(&self) -> bool {
        self.session.may_edit.get_untracked()
    }

    fn go(&self, step: Move) -> bool {
        let Some(from) = self.selected.get_untracked() else {
            return false;
        };
        let goal = self.goal.get_value();
        let place = self.layout.with_untracked(|layout| movement::go(layout, &from, goal.as_ref(), step));
        match place {
            Some(place) => {
                self.select(place);
                true
            }
            None => false,
        }
    }

    fn clear(&self) {
        if self.block.with_untracked(Option::is_some) {
            return self.clear_block();
        }
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
            self.layout.track();
            return;
        };
        let row = self.row.get_value();
        let (row, instead) = self.layout.with(|layout| {
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
