//! The text of a memo, and what is selected in it.

use coval_shared::history::memo_op;
use coval_shared::protocol::{Person, Selection};
use leptos::prelude::*;
use ot_core::Revision;
use ot_core::text::{Run, TextOp};

use super::DocumentSession;
use crate::state::document::{Content, TextChange};
use crate::state::view::PersonView;
use crate::words;

/// How much of what was typed is named when it is lost, in code points.
const WORDS_CHARS: usize = 80;

/// Somebody else's caret or selection in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caret {
    /// Whose.
    pub person: PersonView,
    /// The end that stays, in code points from the beginning.
    pub anchor: usize,
    /// The end that moves, where the caret is.
    pub focus: usize,
}

impl DocumentSession {
    /// Edits the text of the memo. Whoever listens to the text hears of it.
    pub fn edit_text(&self, op: TextOp) -> bool {
        let description = op.runs().find_map(|run| match run {
            Run::Insert(text) => Some(format!("“{}”", text.chars().take(WORDS_CHARS).collect::<String>())),
            Run::Retain(_) | Run::Delete(_) => None,
        });
        self.edit(description.unwrap_or_else(|| words!(memo.deletion).to_owned()), Ok(memo_op(op)))
    }

    /// Reads the text of the memo, if it is one and is there.
    pub fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> Option<T> {
        self.document.with_value(|document| document.content().and_then(Content::text).map(read))
    }

    /// Where `offset`, in the text at `revision`, stands in the text of the memo; nothing where that is not known.
    pub fn text_offset_now(&self, offset: usize, revision: Revision) -> Option<usize> {
        self.document.with_value(|document| document.content()?.offset_now(offset, revision))
    }

    /// Calls `listener` with everything that becomes of the text, when it has happened, until whoever asks for it is gone
    /// from the page.
    pub fn listen_to_text(&self, listener: impl Fn(&TextChange) + 'static) {
        self.text_listeners.add(listener);
    }

    /// Shows others what we have selected in the text, from the end that stays to the one that moves, in code points.
    pub fn show_text_selection(&self, at: Option<(usize, usize)>) {
        let offset = |offset| u64::try_from(offset).unwrap_or(u64::MAX);
        self.show_selection(at.map(|(anchor, focus)| Selection::Text { anchor: offset(anchor), focus: offset(focus) }));
    }
}

impl Caret {
    pub(super) fn of(person: &Person) -> Option<Self> {
        let Some(Selection::Text { anchor, focus }) = person.selection else {
            return None;
        };
        let (anchor, focus) = (usize::try_from(anchor).ok()?, usize::try_from(focus).ok()?);
        Some(Self { person: PersonView::of(person), anchor, focus })
    }
}
