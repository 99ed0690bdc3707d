//! Where the person is and what they have selected, as others are told.

use std::time::Duration;

use coval_shared::model::CellRef;
use coval_shared::protocol::{ClientMessage, Selection};
use leptos::prelude::*;

use super::DocumentSession;
use crate::platform::clock;
use crate::state::document::Document;
use crate::state::watched::set_if_changed;

/// How far apart our own cursor's moves are told to others.
const CURSOR_INTERVAL: Duration = Duration::from_millis(80);

/// The same for what we select.
const SELECTION_INTERVAL: Duration = Duration::from_millis(120);

/// Something that others are told whenever it changes, but not more often than now and then.
#[derive(Clone, Debug)]
pub(super) struct Told<T> {
    now: Option<T>,
    is_told: bool,
    is_scheduled: bool,
}

impl<T> Default for Told<T> {
    fn default() -> Self {
        Self { now: None, is_told: true, is_scheduled: false }
    }
}

impl<T: Clone + PartialEq> Told<T> {
    /// Takes in what there is now. Returns whether nobody is on the way yet to tell it.
    fn set(&mut self, now: Option<T>) -> bool {
        if self.now != now {
            self.now = now;
            self.is_told = false;
        }
        !std::mem::replace(&mut self.is_scheduled, true)
    }

    /// What is to be told, by whoever was on the way. Where others can't be told, it stays to be told.
    fn take(&mut self, can_tell: bool) -> Option<Option<T>> {
        self.is_scheduled = false;
        let is_news = can_tell && !self.is_told;
        self.is_told |= can_tell;
        is_news.then(|| self.now.clone())
    }

    /// Whether there is something to tell, and nobody is on the way.
    pub(super) fn is_due(&self) -> bool {
        !self.is_told && !self.is_scheduled
    }

    /// Others know nothing of it any more, which is right where there is nothing.
    pub(super) fn begin_anew(&mut self) {
        self.is_told = self.now.is_none();
    }
}

impl DocumentSession {
    /// Shows others where we are.
    pub fn show_cursor(&self, cell: Option<CellRef>) {
        set_if_changed(self.at, cell.clone());
        if self.cursor.try_update_value(|cursor| cursor.set(cell)) == Some(true) {
            let session = *self;
            clock::after(CURSOR_INTERVAL, move || session.tell_cursor());
        }
    }

    /// Shows others what we have selected.
    pub fn show_selection(&self, selection: Option<Selection>) {
        if self.selection.try_update_value(|told| told.set(selection)) == Some(true) {
            let session = *self;
            clock::after(SELECTION_INTERVAL, move || session.tell_selection());
        }
    }

    pub(super) fn tell_cursor(&self) {
        // The server knows no cursor in a document that was closed, and would take it for a mistake.
        let is_open = self.followed.get_value() || self.document.with_value(Document::is_live);
        if let Some(cursor) = self.cursor.try_update_value(|told| told.take(is_open)).flatten() {
            self.send(&ClientMessage::CursorUpdate { document: self.id, cursor });
        }
    }

    /// While edits are on their way, the server knows no revision to which the selection belongs: others follow us by
    /// those edits, and are told when they have arrived.
    pub(super) fn tell_selection(&self) {
        let revision = self.document.with_value(|document| {
            let content = document.content().filter(|_| document.is_live() && document.unsaved() == 0)?;
            Some(content.revision())
        });
        let news = self.selection.try_update_value(|told| told.take(revision.is_some())).flatten();
        if let (Some(selection), Some(revision)) = (news, revision) {
            self.send(&ClientMessage::SelectionUpdate { document: self.id, revision, selection });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_changes_often_is_told_now_and_then_and_the_last_of_it_always() {
        let mut told = Told::default();
        assert!(told.set(Some(1)));
        assert!(!told.set(Some(2)));
        assert_eq!(told.take(true), Some(Some(2)));
        assert_eq!(told.take(true), None);
        assert!(told.set(None));
        assert_eq!(told.take(true), Some(None));
    }

    #[test]
    fn what_could_not_be_told_is_told_later_and_to_whoever_begins_anew() {
        let mut told = Told::default();
        assert!(!told.is_due());
        told.set(Some(1));
        assert_eq!(told.take(false), None);
        assert!(told.is_due());
        assert_eq!(told.take(true), Some(Some(1)));
        told.begin_anew();
        assert_eq!(told.take(true), Some(Some(1)));
        told.set(None);
        told.begin_anew();
        assert_eq!(told.take(true), None);
    }
}
