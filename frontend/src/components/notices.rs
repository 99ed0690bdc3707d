//! What went wrong: what happened, what is safe, what to do.

use leptos::prelude::*;

use crate::dynamic::dynamic;
use crate::state::{DocumentSession, Notice};
use crate::words;

/// The notices of a document that have not been closed.
#[component]
pub fn Notices(
    /// The document.
    session: DocumentSession,
) -> impl IntoView {
    let notices = dynamic(move || {
        session.notices.with(|notices| {
            let shown = notices.iter().enumerate().map(|(index, shown)| notice(session, index, shown));
            shown.collect::<Vec<_>>().into_any()
        })
    });
    view! { <div class="notices" role="alert">{notices}</div> }
}

fn notice(session: DocumentSession, index: usize, notice: &Notice) -> AnyView {
    let lost = (!notice.lost.is_empty()).then(|| {
        let entries = notice.lost.iter().map(|entry| view! { <li>{entry.clone()}</li> }.into_any()).collect::<Vec<_>>();
        view! { <ul class="notice-lost">{entries}</ul> }.into_any()
    });
    view! {
        <div class="notice" data-testid="notice">
            <div class="notice-text">
                <strong>{notice.what.clone()}</strong>
                " "
                {notice.advice.clone()}
                {lost}
            </div>
            <button type="button" class="quiet" on:click=move |_| session.dismiss(index)>{words!(common.close)}</button>
        </div>
    }
    .into_any()
}
