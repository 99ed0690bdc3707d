//! A dialog that asks for a name.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Action;
use super::dialog::dialog;
use crate::chunk::{Part, SplitLoaderError};
use crate::connection::rest::RestError;
use crate::dynamic::{attribute, text};
use crate::words;

/// What is done with a name.
pub type Name = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<(), RestError>>>> + Send + Sync>;

/// What is to get a name.
#[derive(Clone)]
pub struct Naming {
    /// What the dialog is about.
    pub title: String,
    /// What the name is of.
    pub label: String,
    /// The name until now.
    pub before: String,
    /// How many characters it may have.
    pub longest: usize,
    /// What the button says that gives it.
    pub button: &'static str,
    /// Gives the name.
    pub name: Name,
    /// Takes the dialog away.
    pub close: Action,
}

/// The dialog.
#[wasm_split_helpers::wasm_split(dialogs, fallible)]
pub fn part(naming: Naming) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || form(naming.clone())))
}

fn form(naming: Naming) -> AnyView {
    let Naming { title, label, before, longest, button, name, close } = naming;
    let input = NodeRef::<Input>::new();
    let problem = RwSignal::new(String::new());
    let is_busy = RwSignal::new(false);
    Effect::new(move || {
        if let Some(input) = input.get() {
            input.select();
        }
    });
    let done = Arc::clone(&close);
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let given = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        let given = given.trim().to_owned();
        if is_busy.get_untracked() {
            return;
        }
        if given.is_empty() {
            return problem.set(words!(common.name_missing).to_owned());
        }
        is_busy.set(true);
        let (naming, done) = (name(given), Arc::clone(&done));
        spawn_local(async move {
            let outcome = naming.await;
            let _ = is_busy.try_set(false);
            match outcome {
                Ok(()) => done(),
                // The dialog may have been closed meanwhile.
                Err(error) => drop(problem.try_set(error.words())),
            }
        });
    };
    let is_invalid = attribute(move || problem.with(|problem| (!problem.is_empty()).then(|| "true".to_owned())));
    let content = view! {
        <form class="fields" novalidate on:submit=on_submit>
            <label for="name">{label}</label>
            <input
                id="name"
                node_ref=input
                type="text"
                autofocus
                autocomplete="off"
                maxlength=longest.to_string()
                value=before
                aria-invalid=is_invalid
                aria-describedby="name-problem"
            />
            <p id="name-problem" class="form-error" role="alert">{text(move || problem.get())}</p>
            <div class="dialog-foot">
                <button type="submit" class="button primary" data-action="save-name">{button}</button>
            </div>
        </form>
    }
    .into_any();
    dialog(title, "naming", close, content)
}
