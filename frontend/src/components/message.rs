//! A page, or a part of one, that says one thing.

use std::sync::Arc;

use leptos::prelude::*;

use crate::words;

/// What a button does.
pub type Action = Arc<dyn Fn() + Send + Sync>;

/// These words alone, and a button that tries `again` if there is something to try.
pub fn message(words: &'static str, again: Option<Action>) -> AnyView {
    let button = again.map(|again| {
        view! { <button type="button" class="button" on:click=move |_| again()>{words!(common.try_again)}</button> }
            .into_any()
    });
    view! {
        <div class="message-page">
            <p class="muted" role="status">{words}</p>
            {button}
        </div>
    }
    .into_any()
}
