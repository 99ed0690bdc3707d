//! The list of documents.

use coval_shared::rest::{DocumentSummary, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::age;
use crate::components::OwnAccount;
use crate::connection::rest::RestError;
use crate::dynamic::dynamic;
use crate::platform::{clock, page};
use crate::state::Workspace;

#[derive(Clone, Debug, PartialEq)]
enum Listing {
    Loading,
    Loaded(Page<DocumentSummary>),
    Failed(RestError),
}

/// The list of documents.
#[component]
pub fn DocumentListPage() -> impl IntoView {
    page::set_title("Documents — Coval");
    let workspace = expect_context::<Workspace>();
    let listing = RwSignal::new(Listing::Loading);
    let load = move || {
        listing.set(Listing::Loading);
        spawn_local(async move {
            let answer = workspace.account().documents(None).await.map_or_else(Listing::Failed, Listing::Loaded);
            // The page may have been left meanwhile.
            let _ = listing.try_set(answer);
        });
    };
    load();
    let is_busy = RwSignal::new(false);
    let more = move || {
        let cursor = listing.with_untracked(|listing| match listing {
            Listing::Loaded(page) => page.next.clone(),
            _ => None,
        });
        if cursor.is_none() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        spawn_local(async move {
            let answer = workspace.account().documents(cursor.as_deref()).await;
            let _ = is_busy.try_set(false);
            // The page may have been left meanwhile.
            let _ = listing.try_update(|listing| match (listing, answer) {
                (Listing::Loaded(page), Ok(next)) => {
                    page.items.extend(next.items);
                    page.next = next.next;
                }
                (listing, Err(error)) => *listing = Listing::Failed(error),
                (_, Ok(_)) => {}
            });
        });
    };
    let content = dynamic(move || {
        listing.with(|listing| match listing {
            Listing::Loading => view! {
                <p class="muted" role="status">
                    "Loading the documents…"
                </p>
            }
            .into_any(),
            Listing::Loaded(list) if list.items.is_empty() => empty(),
            Listing::Loaded(list) => documents(list, more),
            Listing::Failed(error) => failure(error, load),
        })
    });
    view! {
        <header class="top">
            <span class="brand">"Coval"</span>
            <span class="spacer"></span>
            <OwnAccount workspace/>
        </header>
        <main class="list-page">
            <h1>"Documents"</h1>
            {content}
        </main>
    }
}

fn documents(list: &Page<DocumentSummary>, more: impl Fn() + 'static) -> AnyView {
    let now = clock::since_epoch();
    let rows = list
        .items
        .iter()
        .map(|document| {
            let edited = age::in_words(document.edited_at_ms, now);
            row(document, edited)
        })
        .collect::<Vec<_>>();
    let more = list.next.is_some().then(|| {
        view! {
            <button type="button" class="button" data-action="more" on:click=move |_| more()>"More documents"</button>
        }
        .into_any()
    });
    view! {
        <ul class="documents">{rows}</ul>
        {more}
    }
    .into_any()
}

fn row(document: &DocumentSummary, edited: String) -> AnyView {
    let id = document.id.to_string();
    let revision = format!("revision {}", document.revision);
    let title = document.title.clone();
    let workspace = document.workspace_name.clone();
    view! {
        <li>
            <a href=format!("/document/{id}") class="document" data-document=id>
                <span class="document-title">{title}</span>
                <span class="document-workspace">{workspace}</span>
                <span class="document-edited">{edited}</span>
                <span class="document-revision">{revision}</span>
            </a>
        </li>
    }
    .into_any()
}

fn empty() -> AnyView {
    view! {
        <div class="empty">
            <p>"There are no documents yet."</p>
            <p class="muted">"What others share with you is here when you reload."</p>
        </div>
    }
    .into_any()
}

fn failure(error: &RestError, retry: impl Fn() + Send + 'static) -> AnyView {
    let what = error.words();
    view! {
        <div class="empty" role="alert">
            <p>{what}</p>
            <p class="muted">"Nothing is lost: documents live on the server."</p>
            <button type="button" class="button" on:click=move |_| retry()>"Try again"</button>
        </div>
    }
    .into_any()
}
