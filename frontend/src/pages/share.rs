//! The way into a document by a share link: `/share#` and its secret.

use std::sync::Arc;

use coval_shared::limits::PERSON_NAME_CHARS;
use coval_shared::rest::OpenShareLink;
use coval_shared::secret::Secret;
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::chunk::{Part, SplitLoaderError};
use crate::connection::Who;
use crate::connection::rest::RestError;
use crate::dynamic::{dynamic, text};
use crate::platform::page;
use crate::state::Workspace;
use crate::words;

/// The page of a share link.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(workspace: Workspace) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || share_page(workspace)))
}

/// Where the opening of the link stands. Cheap to copy.
#[derive(Clone, Copy)]
struct Opening {
    workspace: Workspace,
    problem: RwSignal<Option<RestError>>,
    is_busy: RwSignal<bool>,
}

impl Opening {
    fn open(&self, name: Option<String>) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.problem.set(None);
        let this = *self;
        spawn_local(async move {
            let link = OpenShareLink { token: Secret::new(page::fragment()), name };
            match this.workspace.account().open_share_link(&link).await {
                // The secret is not left in the browser's history.
                Ok(opened) => page::go_instead(&format!("/document/{}", opened.document)),
                Err(error) => {
                    let _ = this.is_busy.try_set(false);
                    let _ = this.problem.try_set(Some(error));
                }
            }
        });
    }
}

fn share_page(workspace: Workspace) -> AnyView {
    page::set_title(words!(together.share_page_title));
    let opening = Opening { workspace, problem: RwSignal::new(None), is_busy: RwSignal::new(false) };
    let is_somebody = workspace.who.with_untracked(|who| matches!(who, Who::Somebody(_)));
    if is_somebody {
        opening.open(None);
        return waiting(opening);
    }
    guest(opening)
}

/// For whoever is signed in, there is nothing to ask.
fn waiting(opening: Opening) -> AnyView {
    let words = dynamic(move || {
        match opening.problem.get() {
        None => view! { <p class="muted" role="status">{words!(together.opening_link)}</p> }.into_any(),
        Some(problem) => view! {
            <h1>{words!(together.link_failed)}</h1>
            <p role="alert" data-testid="share-problem">{problem.words()}</p>
            <button type="button" class="button" on:click=move |_| opening.open(None)>{words!(common.try_again)}</button>
            " "
            <a href="/" class="button">{words!(together.all_documents)}</a>
        }
        .into_any(),
    }
    });
    view! { <main class="message-page">{words}</main> }.into_any()
}

/// Whoever is not signed in says what others shall call them.
fn guest(opening: Opening) -> AnyView {
    let name = NodeRef::<Input>::new();
    Effect::new(move || {
        if let Some(input) = name.get() {
            // Nothing is lost when the page can't be focused.
            let _ = input.focus();
        }
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let given = name.get_untracked().map(|input| input.value()).unwrap_or_default();
        let given = given.trim().to_owned();
        opening.open((!given.is_empty()).then_some(given));
    };
    let problem = text(move || opening.problem.get().map(|problem| problem.words()).unwrap_or_default());
    view! {
        <main class="sign-in-page">
            <form class="sign-in" aria-labelledby="share-title" novalidate on:submit=on_submit>
                <span class="brand">"Coval"</span>
                <h1 id="share-title">{words!(together.share_page_title)}</h1>
                <p class="muted">{words!(together.share_page_words)}</p>
                <label for="guest-name">{words!(together.your_name)}</label>
                <input
                    id="guest-name"
                    node_ref=name
                    type="text"
                    name="name"
                    maxlength=PERSON_NAME_CHARS.to_string()
                    autocomplete="name"
                    placeholder=words!(together.guest)
                />
                <p class="form-error" role="alert" data-testid="share-problem">{problem}</p>
                <button
                    type="submit"
                    class="button primary"
                    data-action="open-share-link"
                    aria-disabled=text(move || opening.is_busy.get().to_string())
                >
                    {words!(together.open_document)}
                </button>
                <p class="muted">{words!(together.have_account)} " " <a href="/">{words!(together.sign_in_first)}</a></p>
            </form>
        </main>
    }
    .into_any()
}
