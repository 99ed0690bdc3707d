//! The way in.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::connection::rest::RestError;
use crate::dynamic::{attribute, text};
use crate::platform::page;
use crate::state::Workspace;
use crate::texts::{self, Locale};
use crate::words;

/// Asks for e-mail and password.
#[component]
pub fn SignInPage(
    /// Whether somebody was signed in on this page until now.
    was_somebody: bool,
) -> impl IntoView {
    page::set_title(&format!("{} — Coval", words!(common.sign_in)));
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
            return refuse(words!(common.email_missing).to_owned(), email);
        }
        if secret.is_empty() {
            return refuse(words!(common.password_missing).to_owned(), password);
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
                refuse(what_to_do(&error), password);
            }
        });
    };

    let again = was_somebody.then(|| {
        view! {
            <p class="muted">
                {words!(common.signed_out)}
            </p>
        }
        .into_any()
    });
    let is_invalid = attribute(move || problem.with(|problem| (!problem.is_empty()).then(|| "true".to_owned())));
    let button =
        text(
            move || {
                if is_busy.get() { words!(common.signing_in).to_owned() } else { words!(common.sign_in).to_owned() }
            },
        );
    let languages =
        [(Locale::en, words!(common.english)), (Locale::zh_TW, words!(common.chinese))].map(|(language, name)| {
            let pressed = (texts::language() == language).to_string();
            view! {
                <button
                    type="button"
                    class="quiet"
                    lang=texts::tag(language)
                    aria-pressed=pressed
                    on:click=move |_| texts::speak(language)
                >
                    {name}
                </button>
            }
            .into_any()
        });
    let languages = languages.into_iter().collect::<Vec<_>>();
    view! {
        <main class="sign-in-page">
            <form class="sign-in" aria-labelledby="sign-in-title" novalidate on:submit=on_submit>
                <span class="brand">"Coval"</span>
                <h1 id="sign-in-title">{words!(common.sign_in)}</h1>
                {again}
                <label for="email">{words!(common.email)}</label>
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
                <label for="password">{words!(common.password)}</label>
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
                <p class="muted">{words!(common.no_account)}</p>
                <div class="languages" role="group" aria-label=words!(common.language)>{languages}</div>
            </form>
        </main>
    }
}

/// What went wrong and what to do.
fn what_to_do(error: &RestError) -> String {
    match error {
        RestError::Unreachable => words!(common.sign_in_unreachable).to_owned(),
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
