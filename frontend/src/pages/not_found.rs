//! What stands at every other address.

use leptos::prelude::*;

use crate::platform::page;

/// There is nothing here.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    page::set_title("Not found — Coval");
    view! {
        <main class="message-page">
            <h1>"There is nothing at this address"</h1>
            <p>"The link may be mistyped or old. The documents themselves are where they were."</p>
            <a href="/" class="button">"All documents"</a>
        </main>
    }
}
