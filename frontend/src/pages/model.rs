//! One model.

use coval_shared::protocol::DocumentId;
use leptos::prelude::*;

use crate::components::{Avatars, ConnectionStatus, Notices, OutputsBar, OwnName};
use crate::dynamic::{dynamic, text};
use crate::platform::page;
use crate::sheet::{FormulaBar, Grid, Sheet};
use crate::state::session::Availability;
use crate::state::{DocumentSession, Workspace};

/// The model `id`.
#[component]
pub fn ModelPage(
    /// The document.
    id: DocumentId,
) -> impl IntoView {
    let workspace = expect_context::<Workspace>();
    let session = workspace.document(id);
    session.follow();
    on_cleanup(move || session.unfollow());
    Effect::new(move || {
        let title = session.title.get();
        page::set_title(&if title.is_empty() { "Coval".to_owned() } else { format!("{title} — Coval") });
    });
    let content = dynamic(move || match session.availability.get() {
        Availability::Loading => view! {
            <main class="message-page">
                <p class="muted" role="status">
                    "Loading the model…"
                </p>
            </main>
        }
        .into_any(),
        Availability::Missing(reason) => view! { <Missing reason/> }.into_any(),
        Availability::Ready => view! { <Workbench session/> }.into_any(),
    });
    view! {
        <header class="top">
            <a href="/" class="brand" title="All documents">
                "Coval"
            </a>
            <h1 class="title">{text(move || session.title.get())}</h1>
            <ConnectionStatus session workspace/>
            <span class="spacer"></span>
            <Avatars session/>
            <OwnName workspace/>
        </header>
        <Notices session/>
        {content}
    }
}

#[component]
fn Workbench(session: DocumentSession) -> impl IntoView {
    let sheet = Sheet::new(session);
    on_cleanup(move || {
        sheet.commit();
        session.show_cursor(None);
    });
    view! {
        <main class="workbench">
            <FormulaBar sheet/>
            <Grid sheet/>
        </main>
        <OutputsBar session/>
    }
}

#[component]
fn Missing(reason: String) -> impl IntoView {
    view! {
        <main class="message-page">
            <h1>"This document can't be opened"</h1>
            <p>{reason}</p>
            <a href="/" class="button">
                "All documents"
            </a>
        </main>
    }
}
