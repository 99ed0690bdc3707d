//! What stands at every other address.

use leptos::prelude::*;

use crate::platform::page;
use crate::words;

/// There is nothing here.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    page::set_title(&format!("{} — Coval", words!(list.not_found)));
    view! {
        <main class="message-page">
            <h1>{words!(list.nothing_here)}</h1>
            <p>{words!(list.nothing_here_advice)}</p>
            <a href="/" class="button">{words!(common.all_documents)}</a>
        </main>
    }
}
