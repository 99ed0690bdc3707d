//! The life of the selected cell: who changed it, when, from what to what.

use std::sync::Arc;

use coval_shared::model::CellRef;
use coval_shared::rest::{CellChange, HistoryItem, Page};
use leptos::prelude::*;
use ot_core::Revision;

use super::{author_name, changes};
use crate::dynamic::{dynamic, when};
use crate::panels::asked::{Asked, shown};
use crate::panels::past::{Past, PastState};
use crate::state::{DocumentSession, Workspace};
use crate::texts;
use crate::words;

/// The changes of one cell, as far as they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    changes: Vec<CellChange>,
    next: Option<String>,
}

/// The history of the selected cell, which is read anew when `changed` counts up.
pub(super) fn history(session: DocumentSession, changed: RwSignal<u64>) -> AnyView {
    let workspace = expect_context::<Workspace>();
    let known = RwSignal::new(Asked::<Known>::Waiting);
    let ask = move |cell: &CellRef, before: Option<Known>| ask(workspace, session, known, (cell, before));
    let cell = Memo::new(move |_| {
        let cell = session.at.get()?;
        session.with_model(|model| model.has_cell(&cell)).unwrap_or(false).then_some(cell)
    });
    Effect::new(move |before: Option<Option<CellRef>>| {
        changed.track();
        let cell = cell.get();
        if before.flatten() != cell {
            known.set(Asked::Waiting);
        }
        if let Some(cell) = &cell {
            ask(cell, None);
        }
        cell
    });
    let past = expect_context::<Past>();
    let list = dynamic(move || {
        if cell.with(Option::is_none) {
            return view! { <p class="muted">{words!(history.choose_cell)}</p> }.into_any();
        }
        let again = Arc::new(move || changed.update(|count| *count += 1));
        known.with(|known| shown(known, Some(again), |known| listed(past, &known.changes, known.next.is_none())))
    });
    let has_more = Signal::derive(move || known.with(|known| known.here().is_some_and(|known| known.next.is_some())));
    let older = move |_| {
        let before = known.with_untracked(|known| known.here().cloned());
        if let (Some(cell), Some(before)) = (cell.get_untracked(), before) {
            ask(&cell, Some(before));
        }
    };
    let title = dynamic(move || match cell.get() {
        Some(cell) => view! { <h3>{session.cell_words(&cell)}</h3> }.into_any(),
        None => ().into_any(),
    });
    view! {
        <section class="panel-section" aria-live="polite">
            {title}
            {list}
            {when(
                has_more,
                move || {
                    view! {
                        <button type="button" class="button" data-action="older-cell-history" on:click=older>
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

/// Asks for the newest changes to `cell`, or for those after `before`.
fn ask(
    workspace: Workspace,
    session: DocumentSession,
    known: RwSignal<Asked<Known>>,
    (cell, before): (&CellRef, Option<Known>),
) {
    let cursor = before.as_ref().and_then(|before| before.next.as_ref());
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    let path = format!("/api/document/{}/history?cell={}&limit=50{cursor}", session.id(), cell.key());
    let before = before.map(|before| before.changes).unwrap_or_default();
    Asked::ask(known, async move {
        let page: Page<HistoryItem> = workspace.account().get(&path).await?;
        let found = page.items.into_iter().filter_map(|item| match item {
            HistoryItem::Cell(change) => Some(change),
            HistoryItem::Session(_) => None,
        });
        Ok(Known { changes: before.into_iter().chain(found).collect(), next: page.next })
    });
}

fn listed(past: Past, changes: &[CellChange], is_all: bool) -> AnyView {
    if changes.is_empty() && is_all {
        return view! { <p class="muted">{words!(history.cell_unchanged)}</p> }.into_any();
    }
    let rows: Vec<AnyView> = changes.iter().map(|change| row(past, change)).collect();
    view! {
        <ol class="timeline" data-testid="cell-history">
            {rows}
        </ol>
    }
    .into_any()
}

fn row(past: Past, change: &CellChange) -> AnyView {
    let name = author_name(change.author.as_ref());
    let at = texts::moment(change.made_at_ms);
    let state = PastState {
        revision: change.revision,
        before: Some(Revision(change.revision.0.saturating_sub(1))),
        made_at_ms: change.made_at_ms,
        title: name.clone(),
    };
    view! {
        <li class="stretch" data-revision=change.revision.to_string()>
            {changes::from_to(change.before.as_deref(), change.after.as_deref())}
            <button type="button" class="link" data-action="open-revision" on:click=move |_| past.show(state.clone())>
                {format!("{name} · {at}")}
            </button>
        </li>
    }
    .into_any()
}
