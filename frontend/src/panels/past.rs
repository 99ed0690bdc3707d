//! The document as it was: a page of its own in place of the document, with a frame around it.

mod page;

use coval_shared::history::Comparison;
use coval_shared::model::CellRef;
use leptos::prelude::*;
use ot_core::Revision;

use super::asked::Asked;
use crate::chunk;
use crate::state::DocumentSession;

/// Which past state of the document is shown. Everything on the page of a document may show one: it is in the context.
#[derive(Clone, Copy)]
pub struct Past {
    pub(super) shown: RwSignal<Option<PastState>>,
    /// Whether what was changed then is shown, or what differs from now.
    pub(super) since: RwSignal<bool>,
    /// What differs.
    pub(super) comparison: RwSignal<Asked<Comparison>>,
    /// The cell to which the person wants to be led.
    pub(super) wanted: RwSignal<Option<CellRef>>,
}

/// A past state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PastState {
    /// The revision.
    pub(super) revision: Revision,
    /// The revision before the edits that led there; none where they are not known.
    pub(super) before: Option<Revision>,
    /// When it came to be, in milliseconds since 1970 UTC.
    pub(super) made_at_ms: i64,
    /// Who made it, or what it is called.
    pub(super) title: String,
}

impl Past {
    /// Nothing past is shown.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shown: RwSignal::new(None),
            since: RwSignal::new(false),
            comparison: RwSignal::new(Asked::Waiting),
            wanted: RwSignal::new(None),
        }
    }

    /// Whether the page shows a past state.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.shown.with(Option::is_some)
    }

    /// Shows `state`.
    pub(super) fn show(&self, state: PastState) {
        self.since.set(state.before.is_none());
        self.comparison.set(Asked::Waiting);
        self.shown.set(Some(state));
    }

    /// Goes back to the document as it is.
    pub(super) fn leave(&self) {
        self.shown.set(None);
    }
}

impl Default for Past {
    fn default() -> Self {
        Self::new()
    }
}

/// The page of the past state.
pub fn shown(session: DocumentSession, past: Past) -> AnyView {
    chunk::shown(move || Box::pin(page::part(session, past)))
}
