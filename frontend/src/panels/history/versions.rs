//! Named versions.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use coval_shared::rest::{NameVersion, Nothing, Page, Version};
use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::Revision;

use super::{NAMED, author_name, changes, was_named};
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::{dynamic, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::branches;
use crate::panels::name_line::{NameLine, name_line};
use crate::panels::past::{Past, PastState};
use crate::state::{DocumentSession, Notice, Workspace};
use crate::texts;
use crate::words;

/// The named versions, and a way to name the document as it is.
pub(super) fn versions(session: DocumentSession) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let past = expect_context::<Past>();
    let id = session.id();
    let known = RwSignal::new(Asked::<Page<Version>>::Waiting);
    let read = Arc::new(move || {
        Asked::ask(
            known,
            async move { workspace.account().get(&format!("/api/document/{id}/versions?limit=200")).await },
        );
    });
    let named = NAMED.with(Clone::clone);
    Effect::new({
        let read = Arc::clone(&read);
        move || {
            named.track();
            read();
        }
    });
    let list = dynamic(move || {
        let read = Arc::clone(&read);
        known.with(|known| shown(known, Some(read), |page| listed(session, past, &page.items)))
    });
    let may_edit = Signal::derive(move || session.may_edit.get());
    view! {
        <section class="panel-section">
            <h3>{words!(history.versions)}</h3>
            {when(may_edit, move || naming(session))}
            {list}
        </section>
    }
    .into_any()
}

fn naming(session: DocumentSession) -> AnyView {
    let asked = NameLine {
        label: words!(history.name_now),
        button: words!(history.name_action),
        test_id: "name-now",
        action: "name-version",
    };
    name_version(session, None, asked)
}

/// A line that names the state of the document at `revision`, or the one that it has now.
pub(in crate::panels) fn name_version(
    session: DocumentSession,
    revision: Option<Revision>,
    asked: NameLine,
) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let give = move |name: String| -> Pin<Box<dyn Future<Output = bool>>> {
        Box::pin(async move {
            let path = format!("/api/document/{}/versions", session.id());
            let answer =
                workspace.account().change::<Version>(Verb::Post, &path, &NameVersion { name, revision }).await;
            let is_named = answer.is_ok();
            finished(session, answer.map(drop));
            is_named
        })
    };
    name_line(asked, Arc::new(give))
}

fn listed(session: DocumentSession, past: Past, versions: &[Version]) -> AnyView {
    if versions.is_empty() {
        return view! { <p class="muted">{words!(history.no_versions)}</p> }.into_any();
    }
    let rows: Vec<AnyView> = versions.iter().map(|version| row(session, past, version)).collect();
    view! {
        <ul class="versions" data-testid="versions">
            {rows}
        </ul>
    }
    .into_any()
}

fn row(session: DocumentSession, past: Past, version: &Version) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let revision = version.revision;
    let at = texts::moment(version.named_at_ms);
    let words = format!("{at} · {}", author_name(version.author.as_ref()));
    let state = PastState { revision, before: None, made_at_ms: version.named_at_ms, title: version.name.clone() };
    let forget = move |_| {
        spawn_local(async move {
            let path = format!("/api/document/{}/version/{revision}", session.id());
            finished(session, workspace.account().send(Verb::Delete, &path, &Nothing {}).await);
        });
    };
    let is_branching = RwSignal::new(false);
    let branch_words = words!(history.branch_from_version, name = version.name.clone()).to_string();
    let is_read_only = Signal::derive(move || !session.may_edit.get());
    let is_open = Memo::new(move |_| {
        past.shown
            .with(|shown| shown.as_ref().is_some_and(|shown| shown.revision == revision && shown.before.is_none()))
    });
    let differences = when(is_open.into(), move || {
        dynamic(move || {
            past.comparison.with(|asked| shown(asked, None, |comparison| changes::of_past(comparison, past)))
        })
        .into_any()
    });
    view! {
        <li class="version" data-version=revision.to_string()>
            <button
                type="button"
                class="stretch-open"
                data-action="open-version"
                on:click=move |_| past.show(state.clone())
            >
                <span class="stretch-words">
                    <span class="stretch-name">{version.name.clone()}</span>
                    <span class="muted">{words}</span>
                </span>
            </button>
            <button
                type="button"
                class="quiet"
                title=branch_words.clone()
                aria-label=branch_words
                data-action="branch-from-version"
                disabled=is_read_only
                on:click=move |_| is_branching.set(true)
            >
                {words!(history.branch_action)}
            </button>
            {branches::begin_at(session, revision, is_branching)}
            <button
                type="button"
                class="quiet"
                title=words!(history.forget_name)
                aria-label=words!(history.forget_name)
                data-action="forget-version"
                disabled=is_read_only
                on:click=forget
            >
                "×"
            </button>
            {differences}
        </li>
    }
    .into_any()
}

fn finished(session: DocumentSession, outcome: Result<(), RestError>) {
    match outcome {
        Ok(()) => was_named(),
        Err(error) => session.tell(Notice::new(error.words(), words!(common.unchanged))),
    }
}
