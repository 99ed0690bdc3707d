//! The text of a memo, what others have selected in it, and what they are told of us.

use std::rc::Rc;

use coval_shared::history::memo_op;
use coval_shared::protocol::{ClientMessage, Person, Selection};
use leptos::prelude::*;
use ot_core::text::{Run, TextOp};
use uuid::Uuid;

use super::{CURSOR_INTERVAL, DocumentSession};
use crate::platform::clock;
use crate::state::document::{Content, TextChange};
use crate::state::view::PersonView;

/// How much of what was typed is named when it is lost, in code points.
const WORDS_CHARS: usize = 80;

/// Whoever shows the text of a memo.
pub(super) type TextListener = (Uuid, Rc<dyn Fn(&TextChange)>);

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

/// What the person has selected in a text, and what others know of that.
#[derive(Clone, Debug, Default)]
pub(super) struct TextSelection {
    pub(super) at: Option<(usize, usize)>,
    pub(super) is_told: bool,
    pub(super) is_scheduled: bool,
}

impl DocumentSession {
    /// Edits the text of the memo. Whoever listens to the text hears of it.
    pub fn edit_text(&self, op: TextOp) -> bool {
        let description = op.runs().find_map(|run| match run {
            Run::Insert(text) => Some(format!("“{}”", text.chars().take(WORDS_CHARS).collect::<String>())),
            Run::Retain(_) | Run::Delete(_) => None,
        });
        self.edit(description.unwrap_or_else(|| "a deletion".to_owned()), Ok(memo_op(op)))
    }

    /// Reads the text of the memo, if it is one and is there.
    pub fn with_text<T>(&self, read: impl FnOnce(&str) -> T) -> Option<T> {
        self.document.with_value(|document| document.content().and_then(Content::text).map(read))
    }

    /// Calls `listener` with everything that becomes of the text, when it has happened, until whoever asks for it is gone
    /// from the page.
    pub fn listen_to_text(&self, listener: impl Fn(&TextChange) + 'static) {
        let (listeners, key) = (self.text_listeners, clock::new_uuid());
        listeners.update_value(|listeners| listeners.push((key, Rc::new(listener))));
        on_cleanup(move || listeners.update_value(|listeners| listeners.retain(|(known, _)| *known != key)));
    }

    /// Shows others what we have selected in the text, from the end that stays to the one that moves.
    pub fn show_selection(&self, at: Option<(usize, usize)>) {
        let was_scheduled = self
            .text_selection
            .try_update_value(|selection| {
                if selection.at != at {
                    selection.at = at;
                    selection.is_told = false;
                }
                std::mem::replace(&mut selection.is_scheduled, true)
            })
            .unwrap_or(true);
        if !was_scheduled {
            let session = *self;
            clock::after(CURSOR_INTERVAL, move || session.tell_selection());
        }
    }

    /// While edits are on their way, the server knows no revision to which the selection belongs: others follow us by
    /// those edits, and are told when they have arrived.
    pub(super) fn tell_selection(&self) {
        let revision = self.document.with_value(|document| {
            let content = document.content().filter(|_| document.is_live() && document.unsaved() == 0)?;
            Some(content.revision())
        });
        let message = self
            .text_selection
            .try_update_value(|selection| {
                selection.is_scheduled = false;
                let revision = revision?;
                let is_told = std::mem::replace(&mut selection.is_told, true);
                let offset = |offset| u64::try_from(offset).unwrap_or(u64::MAX);
                let selected = selection
                    .at
                    .map(|(anchor, focus)| Selection::Text { anchor: offset(anchor), focus: offset(focus) });
                (!is_told).then_some(ClientMessage::SelectionUpdate {
                    document: self.id,
                    revision,
                    selection: selected,
                })
            })
            .flatten();
        if let Some(message) = message {
            self.send(&message);
        }
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
