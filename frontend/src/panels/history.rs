//! What happened to the document: who edited when, named versions, and the life of one cell.

mod cell;
pub(super) mod changes;
mod timeline;
mod versions;

use std::sync::Arc;
use std::time::Duration;

use coval_shared::protocol::{DocumentKind, ServerMessage};
use coval_shared::rest::Author;
use leptos::prelude::*;

pub(super) use self::versions::name_version;
use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::{attribute, dynamic};
use crate::platform::clock;
use crate::state::DocumentSession;
use crate::words;

/// How long after an edit the server is asked: whoever types makes many.
const DELAY: Duration = Duration::from_millis(600);

thread_local! {
    /// Counts the names that were given on this page, so that the list of names follows.
    static NAMED: ArcRwSignal<u64> = ArcRwSignal::new(0);
}

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session)))
}

/// A version was named, or a name was taken away.
fn was_named() {
    NAMED.with(|named| named.update(|count| *count += 1));
}

fn panel(session: DocumentSession) -> AnyView {
    let is_of_cell = RwSignal::new(false);
    let is_model = session.kind.get_untracked() != Some(DocumentKind::Memo);
    let tab = move |of_cell: bool, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((is_of_cell.get() == of_cell).to_string()))
                data-action=action
                on:click=move |_| is_of_cell.set(of_cell)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let tabs = is_model.then(|| {
        view! {
            <div class="chips" role="group" aria-label=words!(history.history)>
                {tab(false, words!(history.timeline), "show-timeline")}
                {tab(true, words!(history.of_cell), "show-cell-history")}
            </div>
        }
        .into_any()
    });
    let changed = news(session);
    let body = dynamic(move || {
        if is_of_cell.get() {
            return cell::history(session, changed);
        }
        view! {
            {versions::versions(session)}
            {timeline::timeline(session, changed)}
        }
        .into_any()
    });
    view! {
        <div class="past-list">{tabs} {body}</div>
    }
    .into_any()
}

/// Counts up a moment after the document has changed on the server.
fn news(session: DocumentSession) -> RwSignal<u64> {
    let changed = RwSignal::new(0_u64);
    let is_awaited = StoredValue::new(false);
    session.listen(move |message| {
        let is_new = matches!(message, ServerMessage::DocumentUpdated { .. } | ServerMessage::DocumentAck { .. });
        if !is_new || is_awaited.try_get_value() != Some(false) {
            return;
        }
        is_awaited.set_value(true);
        clock::after(DELAY, move || {
            let _ = is_awaited.try_update_value(|is_awaited| *is_awaited = false);
            let _ = changed.try_update(|count| *count += 1);
        });
    });
    changed
}

fn author_name(author: Option<&Author>) -> String {
    author.map_or_else(|| words!(history.the_server).to_owned(), |author| author.name.clone())
}
