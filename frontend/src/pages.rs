//! What stands at which address.

pub mod document;
pub mod list;
pub mod not_found;
pub mod route;
pub mod share;
pub mod sign_in;
pub mod sign_up;
mod together;

use std::sync::Arc;

use coval_shared::protocol::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::location::{BrowserUrl, LocationProvider};

use crate::chunk::{self, Part, SplitLoaderError};
use crate::components::commands::{Command, Commands, Deed};
use crate::components::own_account::theme_words;
use crate::components::{Bell, message};
use crate::connection::Who;
use crate::dynamic::dynamic;
use crate::platform::{page, paste};
use crate::state::{DocumentSession, Workspace, courier};
use crate::texts::{self, Locale};
use crate::theme::{self, Theme};
use crate::words;
use document::DocumentPage;
use list::DocumentListPage;
use not_found::NotFoundPage;
use route::Place;
use sign_in::SignInPage;

/// The app.
///
/// Of the router, only its hold on the browser's address is used: links and the history. Its tree of routes would be
/// larger than the grid, for two addresses.
#[component]
pub fn App() -> impl IntoView {
    paste::explain_cuts(|most| words!(common.paste_cut, most = most.to_string()).to_string());
    let workspace = Workspace::new();
    provide_context(workspace);
    provide_context(Bell::new(workspace));
    let address = BrowserUrl::new().ok();
    if let Some(address) = &address {
        address.init(None);
    }
    let place = Memo::new({
        let url = address.as_ref().map(|address| address.as_url().clone());
        move |_| url.as_ref().map_or(Place::Documents, |url| url.with(|url| Place::at(url.path())))
    });
    if let Some(address) = &address {
        let url = address.as_url().clone();
        provide_context(Fragment(Signal::derive(move || url.with(|url| url.hash().to_owned()))));
    }
    Effect::new(move || {
        place.track();
        // The address bar follows when the page is there.
        if let Some(address) = &address {
            address.ready_to_complete();
        }
    });
    // A new name of the same person changes no page.
    let door = Memo::new(move |_| match workspace.who.get() {
        Who::Asking => Door::Waiting,
        Who::Unreachable => Door::Unreachable,
        Who::Nobody { was_somebody } => Door::Closed { was_somebody },
        Who::Somebody(me) if workspace.found.with(|found| found.as_ref().is_some_and(|(found, _)| *found == me.id)) => {
            Door::Open
        }
        Who::Somebody(_) => Door::Waiting,
    });
    Effect::new(move || {
        let left_behind = workspace.found.get().map(|(_, documents)| documents).unwrap_or_default();
        if !left_behind.is_empty() {
            spawn_local(async move {
                if let Err(error) = open_unsent(workspace, left_behind).await {
                    leptos::logging::warn!("edits that were left behind wait for the next visit: {error:?}");
                }
            });
        }
    });
    let commands = Commands::new(move || door.get_untracked() == Door::Open);
    provide_context(commands);
    commands.offer(move || everywhere(workspace, commands));
    let page = dynamic(move || {
        page::set_language(texts::tag(texts::followed_language()));
        page_at(door.get(), place.get(), workspace)
    });
    view! { {page} {commands.shown()} }
}

/// What can be done on every page.
fn everywhere(workspace: Workspace, commands: Commands) -> Vec<Command> {
    let themes = Theme::ALL.into_iter().map(|theme| {
        let name = words!(common.theme_is, theme = theme_words(theme));
        Command::new(name, move || theme::choose(theme))
    });
    let languages = [(Locale::en, words!(common.english)), (Locale::zh_TW, words!(common.chinese))];
    let languages = languages.into_iter().map(|(language, name)| {
        Command::new(words!(common.language_is, language = name), move || texts::speak(language))
    });
    let keys = Command::new(words!(common.key_map), move || commands.show_keys()).with_keys(Deed::ShowKeys);
    let sign_out = Command::new(words!(common.sign_out), move || {
        spawn_local(async move {
            // Whoever is still signed in sees that they are.
            if workspace.sign_out().await.is_ok() {
                page::begin_anew();
            }
        });
    });
    [keys].into_iter().chain(themes).chain(languages).chain([sign_out]).collect()
}

/// A page with this and nothing else.
fn alone(view: AnyView) -> AnyView {
    view! { <main>{view}</main> }.into_any()
}

fn page_at(door: Door, place: Place, workspace: Workspace) -> AnyView {
    match (door, place) {
        (Door::Waiting, _) => alone(message(words!(common.opening), None)),
        (Door::Unreachable, _) => {
            alone(message(words!(common.unreachable), Some(Arc::new(move || workspace.account().ask_who()))))
        }
        (Door::Closed { .. } | Door::Open, Place::Share) => chunk::shown(move || Box::pin(share::part(workspace))),
        (Door::Closed { .. } | Door::Open, Place::SignUp) => chunk::shown(move || Box::pin(sign_up::part(workspace))),
        (Door::Closed { was_somebody }, _) => view! { <SignInPage was_somebody/> }.into_any(),
        (Door::Open, Place::Documents) => view! { <DocumentListPage/> }.into_any(),
        (Door::Open, Place::Document(id)) => chunk::shown(move || Box::pin(document_page(id))),
        (Door::Open, Place::Nowhere) => view! { <NotFoundPage/> }.into_any(),
    }
}

/// A document, whose code is a chunk of its own.
#[wasm_split_helpers::wasm_split(document, fallible)]
fn document_page(id: DocumentId) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || view! { <DocumentPage id/> }.into_any()))
}

/// Opens documents with edits that the server has not confirmed, until it has.
#[wasm_split_helpers::wasm_split(document, fallible)]
fn open_unsent(workspace: Workspace, documents: Vec<DocumentId>) -> Result<(), SplitLoaderError> {
    for id in documents {
        let _ = DocumentSession::in_workspace(workspace, id);
    }
    for (client, documents) in workspace.keeper().take_others() {
        spawn_local(courier::bring(workspace, client, documents));
    }
    Ok(())
}

/// What stands behind the `#` of the address, for whatever page is shown.
#[derive(Clone, Copy)]
pub(crate) struct Fragment(pub(crate) Signal<String>);

/// Whether the pages are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Waiting,
    Unreachable,
    Closed { was_somebody: bool },
    Open,
}
