//! The person's own name, which they can change.

use coval_shared::limits::PERSON_NAME_CHARS;
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;

use crate::dynamic::text;
use crate::state::Workspace;
use crate::state::view::initials;

/// The person's own avatar and name.
#[component]
pub fn OwnName(
    /// The page.
    workspace: Workspace,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let give_back = move || {
        if let Some(input) = input.get_untracked() {
            input.set_value(&workspace.name.get_untracked());
        }
    };
    let on_change = move |event: ev::Event| {
        workspace.rename(&event_target_value(&event));
        give_back();
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let is_escape = event.key() == "Escape";
        if is_escape {
            give_back();
        }
        if (is_escape || event.key() == "Enter")
            && let Some(input) = input.get_untracked()
        {
            // Leaving the input is what makes its change count.
            let _ = input.blur();
        }
    };
    view! {
        <label class="own-name" title="What others see you as">
            <span class=format!("avatar own {}", workspace.colour()) aria-hidden="true">
                {text(move || workspace.name.with(|name| initials(name)))}
            </span>
            <input
                class="own-name-input"
                node_ref=input
                type="text"
                maxlength=PERSON_NAME_CHARS.to_string()
                aria-label="Your name, as others see it"
                autocomplete="off"
                spellcheck="false"
                data-testid="own-name"
                prop:value=text(move || workspace.name.get())
                on:change=on_change
                on:keydown=on_keydown
            />
        </label>
    }
}
