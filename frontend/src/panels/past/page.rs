//! The page of a past state, to be read.

use std::sync::Arc;

use coval_shared::history::Comparison;
use coval_shared::model::CellRef;
use coval_shared::protocol::DocumentKind;
use coval_shared::rest::{Diff, MadeRevision, PastRevision, Restore};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::{Past, PastState};
use crate::chunk::{Part, SplitLoaderError};
use crate::components::OutputsBar;
use crate::connection::rest::Verb;
use crate::dynamic::{attribute, dynamic, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::branches;
use crate::panels::history::name_version;
use crate::panels::name_line::NameLine;
use crate::sheet::movement::Position;
use crate::sheet::{FormulaBar, Grid, Sheet};
use crate::state::{DocumentSession, Notice, Workspace};
use crate::texts;
use crate::words;

/// The page of the state that `past` shows.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession, past: Past) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || page(session, past)))
}

fn page(session: DocumentSession, past: Past) -> AnyView {
    dynamic(move || past.shown.get().map_or_else(|| ().into_any(), |state| of_state(session, past, state))).into_any()
}

fn of_state(session: DocumentSession, past: Past, state: PastState) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let id = session.id();
    let body = RwSignal::new(Asked::<PastRevision>::Waiting);
    let revision = state.revision;
    let ask = Arc::new(move || {
        let path = format!("/api/document/{id}/revision/{revision}");
        Asked::ask(body, async move { workspace.account().get(&path).await });
    });
    ask();
    let before = state.before;
    Effect::new(move || {
        // What differs from now changes with every edit.
        if past.since.get() {
            session.fingerprint.track();
        }
        let path = match before.filter(|_| !past.since.get()) {
            Some(before) => format!("/api/document/{id}/diff?from={before}&to={revision}"),
            None => format!("/api/document/{id}/diff?from={revision}"),
        };
        Asked::ask(past.comparison, async move {
            let diff: Diff = workspace.account().get(&path).await?;
            Ok(diff.comparison)
        });
    });
    let document = dynamic(move || {
        let ask = Arc::clone(&ask);
        body.with(|body| shown(body, Some(ask), |body| document(session, past, body.body.clone(), revision)))
    });
    view! {
        <div class="past" data-testid="past" data-revision=revision.to_string()>
            {frame(session, past, state)} {document}
        </div>
    }
    .into_any()
}

/// The head of the frame.
fn frame(session: DocumentSession, past: Past, state: PastState) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let when_made = texts::moment(state.made_at_ms);
    let has_both = state.before.is_some();
    let revision = state.revision;
    let restore = move |_| {
        spawn_local(async move {
            let path = format!("/api/document/{}/restore", session.id());
            let answer = workspace.account().change::<MadeRevision>(Verb::Post, &path, &Restore { revision }).await;
            match answer {
                Ok(_) => past.leave(),
                Err(error) => session.tell(Notice::new(error.words(), words!(common.unchanged))),
            }
        });
    };
    let choice = move |since: bool, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((past.since.get() == since).to_string()))
                data-action=action
                on:click=move |_| past.since.set(since)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let choices = has_both.then(|| {
        view! {
            <span class="chips" role="group" aria-label=words!(history.show_differences)>
                {choice(false, words!(history.compare_made), "show-made")}
                {choice(true, words!(history.compare_since), "show-since")}
            </span>
        }
        .into_any()
    });
    let may_edit = Signal::derive(move || session.may_edit.get());
    let is_branching = RwSignal::new(false);
    view! {
        <section class="past-frame" aria-label=words!(history.past_state)>
            <p class="past-words" role="status">
                <strong>{words!(history.as_of, when = when_made)}</strong>
                <span class="muted">{state.title.clone()}</span>
            </p>
            {choices}
            {when(
                may_edit,
                move || {
                    view! {
                        {naming(session, revision)}
                        <button
                            type="button"
                            class="button"
                            data-action="branch-from-here"
                            on:click=move |_| is_branching.set(true)
                        >
                            {words!(history.branch_from_here)}
                        </button>
                        {branches::begin_at(session, revision, is_branching)}
                        <button type="button" class="button primary" data-action="restore" on:click=restore>
                            {words!(history.restore)}
                        </button>
                    }
                        .into_any()
                },
            )}
            <button type="button" class="button" data-action="back-to-now" on:click=move |_| past.leave()>
                {words!(history.back_to_now)}
            </button>
        </section>
    }
    .into_any()
}

fn naming(session: DocumentSession, revision: ot_core::Revision) -> AnyView {
    let asked = NameLine {
        label: words!(history.name_this),
        button: words!(history.name_action),
        test_id: "name-this",
        action: "name-this",
    };
    name_version(session, Some(revision), asked)
}

/// The document in its frame.
fn document(session: DocumentSession, past: Past, body: Value, revision: ot_core::Revision) -> AnyView {
    if let Some(then) = body.as_str() {
        return memo(past, then.to_owned());
    }
    let title = session.title.get_untracked();
    let then = DocumentSession::of_the_past(session.id(), (title, DocumentKind::Model), (revision, body));
    if let Some(scenario) = session.scenario.get_untracked() {
        then.look_under(Some(scenario));
    }
    let sheet = Sheet::new(then);
    Effect::new(move || {
        let cells = past.comparison.with(|asked| asked.here().map(changed_cells));
        then.mark(cells.unwrap_or_default().into_iter().collect());
    });
    Effect::new(move || {
        if let Some(cell) = past.wanted.get() {
            past.wanted.set(None);
            sheet.select(Position::of(cell));
        }
    });
    view! {
        <main class="workbench">
            <FormulaBar sheet/>
            <Grid sheet/>
        </main>
        <OutputsBar sheet/>
    }
    .into_any()
}

fn changed_cells(comparison: &Comparison) -> Vec<CellRef> {
    comparison.changes.iter().filter_map(|change| change.cell.clone()).collect()
}

/// A memo with what went and what came, and the whole text below.
fn memo(past: Past, then: String) -> AnyView {
    let spans = dynamic(move || {
        past.comparison
            .with(|asked| shown(asked, None, |comparison| crate::panels::history::changes::spans(&comparison.spans)))
    });
    view! {
        <main class="memo past-memo">
            <div class="memo-text difference" data-testid="past-difference">
                {spans}
            </div>
            <h2>{words!(history.text_then)}</h2>
            <div class="memo-text" tabindex="0" data-testid="past-memo">
                {then}
            </div>
        </main>
    }
    .into_any()
}
