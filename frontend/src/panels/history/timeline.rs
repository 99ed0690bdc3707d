//! Who edited when: stretches of edits, the newest first, each of which can be opened.

use std::sync::Arc;

use coval_shared::rest::{HistoryItem, HistorySession, Page};
use leptos::prelude::*;
use ot_core::Revision;

use super::author_name;
use super::changes;
use crate::connection::rest::RestError;
use crate::dynamic::{attribute, dynamic, each, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::past::{Past, PastState};
use crate::state::view::initials;
use crate::state::{DocumentSession, Workspace};
use crate::texts;
use crate::words;

/// What is known of the timeline.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    sessions: Vec<HistorySession>,
    next: Option<String>,
}

/// The timeline, which is read anew when `changed` counts up.
pub(super) fn timeline(session: DocumentSession, changed: RwSignal<u64>) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let known = RwSignal::new(Asked::<Known>::Waiting);
    let id = session.id();
    let read = Arc::new(move || {
        let before = known.with_untracked(|known| known.here().cloned()).unwrap_or_default();
        Asked::ask(known, async move {
            let newest = page(workspace, format!("/api/document/{id}/history?limit=50")).await?;
            Ok(with_newest(before, newest))
        });
    });
    Effect::new({
        let read = Arc::clone(&read);
        move || {
            changed.track();
            read();
        }
    });
    let older = move |_| {
        let Some(before) = known.with_untracked(|known| known.here().cloned()) else {
            return;
        };
        Asked::ask(known, async move {
            let cursor = before.next.clone().unwrap_or_default();
            let older = page(workspace, format!("/api/document/{id}/history?limit=50&cursor={cursor}")).await?;
            Ok(with_older(before, older))
        });
    };
    let keys = Signal::derive(move || {
        let key = |session: &HistorySession| session.first_revision.to_string();
        known.with(|known| known.here().map(|known| known.sessions.iter().map(key).collect()).unwrap_or_default())
    });
    let has_more = Signal::derive(move || known.with(|known| known.here().is_some_and(|known| known.next.is_some())));
    let state = dynamic(move || {
        let read = Arc::clone(&read);
        known.with(|known| {
            shown(known, Some(read), |known| {
                let is_empty = known.sessions.is_empty();
                let words = is_empty.then(|| view! { <p class="muted">{words!(history.no_edits)}</p> }.into_any());
                words.into_any()
            })
        })
    });
    let past = expect_context::<Past>();
    view! {
        <section class="panel-section" aria-live="polite">
            <h3>{words!(history.timeline)}</h3>
            <ol class="timeline" data-testid="timeline">
                {each(keys, move |key| entry(known, past, &key))}
            </ol>
            {state}
            {when(
                has_more,
                move || {
                    view! {
                        <button type="button" class="button" data-action="older-history" on:click=older>
                            {words!(history.older)}
                        </button>
                    }
                        .into_any()
                },
            )}
        </section>
    }
    .into_any()
}

fn entry(known: RwSignal<Asked<Known>>, past: Past, key: &str) -> AnyView {
    let Ok(first) = key.parse().map(Revision) else {
        return ().into_any();
    };
    // The newest stretch grows while somebody works.
    let session = Memo::new(move |_| {
        known.with(|known| {
            let known = known.here()?;
            known.sessions.iter().find(|session| session.first_revision == first).cloned()
        })
    });
    let row = dynamic(move || {
        session.with(|session| session.as_ref().map_or_else(|| ().into_any(), |session| row(past, session)))
    });
    let is_open = Memo::new(move |_| {
        let last = session.with(|session| session.as_ref().map(|session| session.last_revision));
        past.shown
            .with(|shown| shown.as_ref().is_some_and(|shown| Some(shown.revision) == last && shown.before.is_some()))
    });
    let differences = when(is_open.into(), move || {
        dynamic(move || {
            past.comparison.with(|asked| shown(asked, None, |comparison| changes::of_past(comparison, past)))
        })
        .into_any()
    });
    view! {
        <li class="stretch" data-session=key.to_owned() aria-current=attribute(move || is_open.get().then(|| "true".to_owned()))>
            {row}
            {differences}
        </li>
    }
    .into_any()
}

fn row(past: Past, session: &HistorySession) -> AnyView {
    let name = author_name(session.author.as_ref());
    let words = texts::moment(session.ended_at_ms);
    let count = match session.edits {
        1 => words!(history.one_edit).to_owned(),
        count => words!(history.many_edits, count = count),
    };
    let state = PastState {
        revision: session.last_revision,
        before: Some(Revision(session.first_revision.0.saturating_sub(1))),
        made_at_ms: session.ended_at_ms,
        title: name.clone(),
    };
    view! {
        <button
            type="button"
            class="stretch-open"
            data-action="open-session"
            on:click=move |_| past.show(state.clone())
        >
            <span class="avatar" aria-hidden="true">
                {initials(&name)}
            </span>
            <span class="stretch-words">
                <span class="stretch-name">{name.clone()}</span>
                <span class="muted">{format!("{words} · {count}")}</span>
            </span>
        </button>
    }
    .into_any()
}

async fn page(workspace: Workspace, path: String) -> Result<Known, RestError> {
    let page: Page<HistoryItem> = workspace.account().get(&path).await?;
    let sessions = page.items.into_iter().filter_map(|item| match item {
        HistoryItem::Session(session) => Some(session),
        HistoryItem::Cell(_) => None,
    });
    Ok(Known { sessions: sessions.collect(), next: page.next })
}

/// `known` with the newest page, which may tell anew of stretches that have grown.
fn with_newest(known: Known, newest: Known) -> Known {
    let Some(oldest) = newest.sessions.iter().map(|session| session.last_revision).min() else {
        return newest;
    };
    let is_older = |session: &HistorySession| {
        session.last_revision < oldest
            && newest.sessions.iter().all(|other| other.first_revision != session.first_revision)
    };
    let older: Vec<HistorySession> = known.sessions.into_iter().filter(is_older).collect();
    if older.is_empty() {
        return newest;
    }
    Known { sessions: newest.sessions.into_iter().chain(older).collect(), next: known.next }
}

/// `known` with the page after it.
fn with_older(known: Known, older: Known) -> Known {
    let Known { mut sessions, .. } = known;
    for session in older.sessions {
        if sessions.iter().all(|other| other.first_revision != session.first_revision) {
            sessions.push(session);
        }
    }
    Known { sessions, next: older.next }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn known(stretches: &[(u64, u64)], next: Option<&str>) -> Known {
        let session = |(first, last): &(u64, u64)| HistorySession {
            author: None,
            first_revision: Revision(*first),
            last_revision: Revision(*last),
            edits: last - first + 1,
            begun_at_ms: 0,
            ended_at_ms: 0,
        };
        Known { sessions: stretches.iter().map(session).collect(), next: next.map(str::to_owned) }
    }

    #[test]
    fn a_stretch_that_has_grown_stands_once_and_older_ones_stay() {
        let before = known(&[(5, 6), (3, 4), (1, 2)], Some("older"));
        let after = with_newest(before, known(&[(5, 8), (3, 4)], Some("newer")));
        assert_eq!(after, known(&[(5, 8), (3, 4), (1, 2)], Some("older")));
        assert_eq!(with_newest(Known::default(), known(&[(1, 1)], None)), known(&[(1, 1)], None));
        assert_eq!(with_newest(known(&[(1, 1)], None), known(&[], None)), known(&[], None));
    }

    #[test]
    fn older_stretches_come_behind() {
        let after = with_older(known(&[(5, 6), (3, 4)], Some("a")), known(&[(3, 4), (1, 2)], None));
        assert_eq!(after, known(&[(5, 6), (3, 4), (1, 2)], None));
    }
}
