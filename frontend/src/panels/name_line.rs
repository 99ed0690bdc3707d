//! A line that asks for a name.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use coval_shared::limits::VERSION_NAME_CHARS;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::dynamic::text;

/// Gives something the name. Brings whether it has it now.
pub(super) type Give = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = bool>>> + Send + Sync>;

/// What a line asks for.
#[derive(Clone, Copy)]
pub(super) struct NameLine {
    /// What the name is of, in words.
    pub(super) label: &'static str,
    /// What the button says.
    pub(super) button: &'static str,
    /// What programs know the field by.
    pub(super) test_id: &'static str,
    /// What they know the button by.
    pub(super) action: &'static str,
}

/// The line. It is empty again when the name was given.
pub(super) fn name_line(asked: NameLine, give: Give) -> AnyView {
    let name = RwSignal::new(String::new());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.get_untracked().trim().to_owned();
        if wanted.is_empty() {
            return;
        }
        let giving = give(wanted);
        spawn_local(async move {
            if giving.await {
                // The panel may have been closed meanwhile.
                let _ = name.try_set(String::new());
            }
        });
    };
    view! {
        <form class="in-line" on:submit=submit>
            <input
                class="field"
                maxlength=VERSION_NAME_CHARS.to_string()
                aria-label=asked.label
                placeholder=asked.label
                data-testid=asked.test_id
                prop:value=text(move || name.get())
                on:input=move |event| name.set(event_target_value(&event))
            />
            <button type="submit" class="button" data-action=asked.action>
                {asked.button}
            </button>
        </form>
    }
    .into_any()
}
