//! What went wrong: what happened, what is safe, what to do.

use leptos::prelude::*;

use crate::state::{DocumentSession, Notice};

/// The notices of a document that have not been closed.
#[component]
pub fn Notices(
    /// The document.
    session: DocumentSession,
) -> impl IntoView {
    let notices = move || {
        session.notices.with(|notices| {
            notices.iter().enumerate().map(|(index, shown)| notice(session, index, shown)).collect_view()
        })
    };
    view! { <div class="notices" role="alert">{notices}</div> }
}

fn notice(session: DocumentSession, index: usize, notice: &Notice) -> impl IntoView + use<> {
    let lost = (!notice.lost.is_empty()).then(|| {
        let entries = notice.lost.iter().map(|entry| view! { <li>{entry.clone()}</li> }).collect_view();
        view! { <ul class="notice-lost">{entries}</ul> }
    });
    view! {
        <div class="notice" data-testid="notice">
            <div class="notice-text">
                <strong>{notice.what.clone()}</strong>
                " "
                {notice.advice.clone()}
                {lost}
            </div>
            <button type="button" class="quiet" on:click=move |_| session.dismiss(index)>"Close"</button>
        </div>
    }
}
