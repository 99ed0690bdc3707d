//! Sections whose rows are put away, on this device.

use std::collections::HashSet;

use coval_shared::model::{ItemId, SectionId};
use coval_shared::protocol::DocumentId;
use leptos::prelude::*;

use super::movement::Position;
use super::selection::Sheet;
use crate::platform::storage;

/// The sections of `document` that were put away when it was last seen.
#[must_use]
pub fn remembered(document: DocumentId) -> HashSet<SectionId> {
    let text = storage::remembered(&remembered_as(document)).unwrap_or_default();
    serde_json::from_str::<Vec<String>>(&text).unwrap_or_default().into_iter().map(SectionId).collect()
}

impl Sheet {
    /// Puts the rows of `section` away, or brings them back.
    pub fn fold(&self, section: &SectionId) {
        self.folded.update(|folded| {
            if !folded.remove(section) {
                folded.insert(section.clone());
            }
        });
        self.remember_folds();
    }

    /// Brings the section back in which `item` stands.
    pub(super) fn unfold_around(&self, item: &ItemId) {
        let section = self.session.layout.with_untracked(|layout| layout.section_of(item).cloned());
        if let Some(section) = section.filter(|section| self.folded.with_untracked(|folded| folded.contains(section))) {
            self.fold(&section);
        }
    }

    /// Selects the label of the row `item`.
    pub fn select_label(&self, item: &ItemId) {
        self.select(Position::label(item.clone()));
    }

    fn remember_folds(&self) {
        let mut folded: Vec<String> =
            self.folded.with_untracked(|folded| folded.iter().map(|section| section.0.clone()).collect());
        folded.sort();
        let text = if folded.is_empty() { None } else { serde_json::to_string(&folded).ok() };
        storage::remember(&remembered_as(self.session.id()), text.as_deref());
    }
}

fn remembered_as(document: DocumentId) -> String {
    format!("coval.folded.{document}")
}
