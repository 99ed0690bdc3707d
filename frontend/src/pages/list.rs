//! The list of documents: the first page that people see.

mod front;
mod head;
mod import;
mod kept;
mod new_document;
mod query;
mod rows;
mod state;

use leptos::prelude::*;

use crate::components::OwnAccount;
use crate::components::commands::{Command, Commands};
use crate::connection::rest::RestError;
use crate::dynamic::{attribute, dynamic, when};
use crate::platform::files::{self, PickedFile};
use crate::platform::page;
use crate::state::Workspace;
use crate::words;
use state::{Front, List, Listing};

/// The list of documents.
#[component]
pub fn DocumentListPage() -> impl IntoView {
    page::set_title(&format!("{} — Coval", words!(list.documents)));
    let workspace = expect_context::<Workspace>();
    let list = List::new(workspace);
    list.load();
    kept::follow(list);
    if page::takes_wish("new") {
        list.front.set(Some(Front::NewDocument));
    }
    if let Some(commands) = use_context::<Commands>() {
        commands.offer(move || {
            vec![
                Command::new(words!(list.new_document), move || list.front.set(Some(Front::NewDocument))),
                Command::new(words!(list.import_file), move || list.front.set(Some(Front::Import))),
                Command::new(words!(list.new_workspace), move || list.front.set(Some(Front::NewWorkspace))),
            ]
        });
    }
    let is_dragged_over = RwSignal::new(false);
    let content = dynamic(move || {
        list.listing.with(|listing| match listing {
            Listing::Loading => view! { <p class="muted" role="status">{words!(list.loading)}</p> }.into_any(),
            Listing::Loaded(page) if page.items.is_empty() && list.found.with(Vec::is_empty) => nothing(list),
            Listing::Loaded(page) if page.items.is_empty() => ().into_any(),
            Listing::Loaded(page) => rows::documents(list, page),
            Listing::Kept(shelf) => kept::shown(list, shelf),
            Listing::Failed(error) => failure(error, list),
        })
    });
    let target = when(is_dragged_over.into(), || {
        view! { <div class="drop-target" aria-hidden="true">{words!(list.drop_here)}</div> }.into_any()
    });
    view! {
        <header class="top">
            <span class="brand">"Coval"</span>
            <span class="spacer"></span>
            <OwnAccount workspace/>
        </header>
        <main
            class="list-page"
            aria-busy=attribute(move || Some(list.is_busy.get().to_string()))
            on:dragover=move |event| {
                if files::is_dragged(&event) {
                    event.prevent_default();
                    is_dragged_over.set(true);
                }
            }
            on:dragleave=move |event| {
                if event.related_target().is_none() {
                    is_dragged_over.set(false);
                }
            }
            on:drop=move |event| {
                is_dragged_over.set(false);
                if files::is_dragged(&event) {
                    event.prevent_default();
                    list.dropped.set_value(PickedFile::dropped(&event));
                    list.front.set(Some(Front::Import));
                }
            }
        >
            {head::head(list)} {content} {rows::found(list)} {target}
        </main>
        {front::front(list)} {front::done(list)}
    }
}

/// An empty list says what to do first, or why it is empty.
fn nothing(list: List) -> AnyView {
    let (is_narrow, is_archived) = list.query.with_untracked(|query| (query.is_narrow(), query.is_archived));
    let (what, advice, button) = if is_narrow {
        let all = move |_| {
            list.choose_workspace(None);
            list.look_for(|query| {
                query.text.clear();
                query.kind = None;
            });
        };
        let button = view! {
            <button type="button" class="button" data-action="show-all" on:click=all>{words!(list.show_all)}</button>
        };
        (words!(list.nothing_fits), words!(list.nothing_fits_advice), Some(button.into_any()))
    } else if is_archived {
        (words!(list.archive_empty), words!(list.archive_empty_advice), None)
    } else {
        let new = move |_| list.front.set(Some(Front::NewDocument));
        let button = view! {
            <button type="button" class="button primary" data-action="first-document" on:click=new>
                {words!(list.new_document)}
            </button>
        };
        (words!(list.no_documents), words!(list.no_documents_advice), Some(button.into_any()))
    };
    view! {
        <div class="empty" data-testid="empty">
            <p class="empty-what">{what}</p>
            <p class="muted">{advice}</p>
            {button}
        </div>
    }
    .into_any()
}

fn failure(error: &RestError, list: List) -> AnyView {
    let what = error.words();
    view! {
        <div class="empty" role="alert">
            <p class="empty-what">{what}</p>
            <p class="muted">{words!(list.nothing_lost)}</p>
            <button type="button" class="button" on:click=move |_| list.load()>{words!(common.try_again)}</button>
        </div>
    }
    .into_any()
}
