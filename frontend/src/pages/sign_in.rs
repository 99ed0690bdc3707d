//! The way in.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::connection::rest::RestError;
use crate::dynamic::{attribute, text};
use crate::platform::page;
use crate::state::Workspace;

/// Asks for e-mail and password.
#[component]
pub fn SignInPage(
    /// Whether somebody was signed in on this page until now.
    was_somebody: bool,
) -> impl IntoView {
    page::set_title("Sign in — Coval");
    let workspace = expect_context::<Workspace>();
    let (email, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let problem = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    Effect::new(move || take_keyboard(email));

    let refuse = move |words: String, at: NodeRef<Input>| {
        problem.set(words);
        take_keyboard(at);
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        let (given, secret) = (value(email), value(password));
        if given.trim().is_empty() {
            return refuse("Enter your e-mail.".to_owned(), email);
        }
        if secret.is_empty() {
            return refuse("Enter your password.".to_owned(), password);
        }
        is_busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let outcome = workspace.account().sign_in(given.trim().to_owned(), secret).await;
            // When it went well, this page is gone.
            let _ = is_busy.try_set(false);
            if let Err(error) = outcome {
                if let Some(input) = password.get_untracked() {
                    input.set_value("");
                }
                refuse(words(&error), password);
            }
        });
    };

    let again = was_somebody.then(|| {
        view! {
            <p class="muted">
                "You were signed out. Sign in to go on; what you have not saved is kept in this tab until you close it."
            </p>
        }
        .into_any()
    });
    let is_invalid = attribute(move || problem.with(|problem| (!problem.is_empty()).then(|| "true".to_owned())));
    let button = text(move || if is_busy.get() { "Signing in…".to_owned() } else { "Sign in".to_owned() });
    view! {
        <main class="sign-in-page">
            <form class="sign-in" aria-labelledby="sign-in-title" novalidate on:submit=on_submit>
                <span class="brand">"Coval"</span>
                <h1 id="sign-in-title">"Sign in"</h1>
                {again}
                <label for="email">"E-mail"</label>
                <input
                    id="email"
                    node_ref=email
                    type="email"
                    name="email"
                    autocomplete="username"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-invalid=is_invalid
                    aria-describedby="sign-in-problem"
                />
                <label for="password">"Password"</label>
                <input
                    id="password"
                    node_ref=password
                    type="password"
                    name="password"
                    autocomplete="current-password"
                    aria-invalid=is_invalid
                    aria-describedby="sign-in-problem"
                />
                <p id="sign-in-problem" class="form-error" role="alert" data-testid="sign-in-problem">
                    {text(move || problem.get())}
                </p>
                <button type="submit" class="button primary" data-action="sign-in" aria-disabled=text(move || is_busy.get().to_string())>
                    {button}
                </button>
                <p class="muted">"There is no account yet? Whoever runs this server, or a colleague, can invite you."</p>
            </form>
        </main>
    }
}

/// What went wrong and what to do.
fn words(error: &RestError) -> String {
    match error {
        RestError::Unreachable => "The server can't be reached. Look at your connection and try again.".to_owned(),
        other => other.words(),
    }
}

fn value(input: NodeRef<Input>) -> String {
    input.get_untracked().map(|input| input.value()).unwrap_or_default()
}

fn take_keyboard(input: NodeRef<Input>) {
    if let Some(input) = input.get() {
        // Nothing is lost when the page can't be focused.
        let _ = input.focus();
    }
}
