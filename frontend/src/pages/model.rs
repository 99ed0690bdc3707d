//! One model.

use coval_shared::protocol::DocumentId;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

use super::not_found::NotFoundPage;
use crate::components::{Avatars, ConnectionStatus, Notices, OutputsBar, OwnName};
use crate::platform::page;
use crate::sheet::{FormulaBar, Grid, Sheet};
use crate::state::session::Availability;
use crate::state::{DocumentSession, Workspace};

/// The model whose identity is in the address.
#[component]
pub fn ModelPage() -> impl IntoView {
    let parameters = use_params_map();
    let id = Memo::new(move |_| {
        let text = parameters.with(|parameters| parameters.get("id"))?;
        Uuid::parse_str(&text).ok().map(DocumentId)
    });
    move || match id.get() {
        Some(id) => view! { <OpenModel id/> }.into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}

#[component]
fn OpenModel(id: DocumentId) -> impl IntoView {
    let workspace = expect_context::<Workspace>();
    let session = workspace.document(id);
    session.follow();
    on_cleanup(move || session.unfollow());
    Effect::new(move || {
        let title = session.title.get();
        page::set_title(&if title.is_empty() { "Coval".to_owned() } else { format!("{title} — Coval") });
    });
    view! {
        <header class="top">
            <A href="/" attr:class="brand" attr:title="All documents">"Coval"</A>
            <h1 class="title">{session.title}</h1>
            <ConnectionStatus session workspace/>
            <span class="spacer"></span>
            <Avatars session/>
            <OwnName workspace/>
        </header>
        <Notices session/>
        {move || match session.availability.get() {
            Availability::Loading => view! {
                <main class="message-page"><p class="muted" role="status">"Loading the model…"</p></main>
            }.into_any(),
            Availability::Missing(reason) => view! { <Missing reason/> }.into_any(),
            Availability::Ready => view! { <Workbench session/> }.into_any(),
        }}
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
            <A href="/" attr:class="button">"All documents"</A>
        </main>
    }
}
