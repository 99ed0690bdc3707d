//! The way into a workspace by an invitation: `/sign-up#` and its secret.

use std::sync::Arc;

use coval_shared::limits::{PASSWORD_CHARS, PERSON_NAME_CHARS};
use coval_shared::rest::SignUp;
use coval_shared::secret::Secret;
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::text;
use crate::platform::page;
use crate::state::Workspace;
use crate::words;

/// The page of an invitation.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub(super) fn part(workspace: Workspace) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || sign_up(workspace)))
}

fn sign_up(workspace: Workspace) -> AnyView {
    page::set_title(words!(together.sign_up_title));
    let (name, email, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let (problem, is_busy) = (RwSignal::new(String::new()), RwSignal::new(false));
    Effect::new(move || {
        if let Some(input) = name.get() {
            // Nothing is lost when the page can't be focused.
            let _ = input.focus();
        }
    });
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let value = |input: NodeRef<Input>| input.get_untracked().map(|input| input.value()).unwrap_or_default();
        let given = SignUp {
            token: Secret::new(page::fragment()),
            email: value(email).trim().to_owned(),
            name: value(name).trim().to_owned(),
            password: Secret::new(value(password)),
        };
        if given.name.is_empty() || given.email.is_empty() {
            return problem.set(words!(together.name_and_email).to_owned());
        }
        is_busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            match workspace.account().sign_up(&given).await {
                // The secret is not left in the browser's history.
                Ok(()) => page::go_instead("/"),
                Err(error) => {
                    let _ = is_busy.try_set(false);
                    let _ = problem.try_set(error.words());
                }
            }
        });
    };
    let hint = words!(together.password_hint, count = PASSWORD_CHARS).to_string();
    view! {
        <main class="sign-in-page">
            <form class="sign-in" aria-labelledby="sign-up-title" novalidate on:submit=on_submit>
                <span class="brand">"Coval"</span>
                <h1 id="sign-up-title">{words!(together.sign_up_title)}</h1>
                <p class="muted">{words!(together.sign_up_words)}</p>
                <label for="sign-up-name">{words!(together.your_name)}</label>
                <input id="sign-up-name" node_ref=name type="text" autocomplete="name" maxlength=PERSON_NAME_CHARS.to_string()/>
                <label for="sign-up-email">{words!(together.email)}</label>
                <input id="sign-up-email" node_ref=email type="email" autocomplete="username" autocapitalize="off" spellcheck="false"/>
                <label for="sign-up-password">{words!(together.password)}</label>
                <input
                    id="sign-up-password"
                    node_ref=password
                    type="password"
                    autocomplete="new-password"
                    aria-describedby="sign-up-hint"
                />
                <p id="sign-up-hint" class="muted">{hint}</p>
                <p class="form-error" role="alert" data-testid="sign-up-problem">{text(move || problem.get())}</p>
                <button
                    type="submit"
                    class="button primary"
                    data-action="sign-up"
                    aria-disabled=text(move || is_busy.get().to_string())
                >
                    {words!(together.accept_invitation)}
                </button>
            </form>
        </main>
    }
    .into_any()
}
