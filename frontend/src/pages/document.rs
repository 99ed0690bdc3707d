//! One document.

use coval_shared::protocol::{DocumentId, DocumentKind};
use leptos::prelude::*;

use super::together;
use crate::chunk;
use crate::components::document_menu::DocumentMenu;
use crate::components::{Avatars, ConnectionStatus, Notices, OutputsBar, OwnAccount, scenario_switch, share_button};
use crate::dynamic::{dynamic, text, when};
use crate::editor;
use crate::panels::past::{self, Past};
use crate::panels::{self, Panels};
use crate::platform::page;
use crate::sheet::movement::Position;
use crate::sheet::{FormulaBar, Grid, Sheet, chart_below, toolbar};
use crate::state::session::Availability;
use crate::state::{DocumentSession, Workspace};
use crate::words;

/// The document `id`: a model in its grid, or a memo as text.
#[component]
pub fn DocumentPage(
    /// The document.
    id: DocumentId,
) -> impl IntoView {
    let workspace = expect_context::<Workspace>();
    let session = DocumentSession::in_workspace(workspace, id);
    session.follow();
    page::announce_work();
    on_cleanup(move || session.unfollow());
    Effect::new(move || {
        let title = session.title.get();
        page::set_title(&if title.is_empty() { "Coval".to_owned() } else { format!("{title} — Coval") });
    });
    let past = Past::new();
    provide_context(past);
    let content = dynamic(move || match session.availability.get() {
        Availability::Ready if past.is_shown() => past::shown(session, past),
        Availability::Loading => view! {
            <main class="message-page">
                <p class="muted" role="status">
                    {words!(common.loading_document)}
                </p>
            </main>
        }
        .into_any(),
        Availability::Missing(reason) => view! { <Missing reason/> }.into_any(),
        Availability::Ready if session.kind.get_untracked() == Some(DocumentKind::Memo) => {
            chunk::shown(move || Box::pin(editor::part(session)))
        }
        Availability::Ready => view! { <Workbench session/> }.into_any(),
    });
    let read_only = when(Signal::derive(move || !session.may_edit.get()), || {
        view! {
            <span class="read-only" data-testid="read-only" title=words!(common.read_only_role)>{words!(common.read_only)}</span>
        }
        .into_any()
    });
    let panels = Panels { open: RwSignal::new(None) };
    provide_context(panels);
    // On a phone a panel lies over the document. It makes room for what it leads to.
    Effect::new(move || {
        let is_led = past.is_shown() || session.wanted.with(Option::is_some);
        if is_led && page::is_narrow() {
            panels.open.set(None);
        }
    });
    together::begin(session, workspace, panels);
    let menu = DocumentMenu::new(session, panels);
    // Nothing can be done with a document that is not there.
    let is_there = Signal::derive(move || !session.availability.with(|now| matches!(now, Availability::Missing(_))));
    let state = when(is_there, move || {
        view! {
            <h1 class="title">{text(move || session.title.get())}</h1>
            {menu.button()}
            {scenario_switch(session)}
            <ConnectionStatus session workspace/>
        }
        .into_any()
    });
    let deeds = when(is_there, move || {
        view! {
            {panels::switches(session, panels)}
            <Avatars session/>
            {share_button(session, workspace)}
        }
        .into_any()
    });
    view! {
        <header class="top">
            <a href="/" class="brand" title=words!(common.all_documents)>
                "Coval"
            </a>
            {state}
            {read_only}
            <span class="spacer"></span>
            {deeds}
            <OwnAccount workspace/>
        </header>
        <Notices session/>
        <div class="document-body">
            <div class="document-main">{content}</div>
            {panels::open(session, panels)}
        </div>
        {menu.shown()}
    }
}

#[component]
fn Workbench(session: DocumentSession) -> impl IntoView {
    let sheet = Sheet::new(session);
    together::tell_typing(sheet);
    together::tell_block(sheet);
    // A panel leads the person to a cell.
    Effect::new(move || {
        if let Some(cell) = session.wanted.get() {
            session.wanted.set(None);
            sheet.select(Position::of(cell));
        }
    });
    on_cleanup(move || {
        sheet.commit();
        session.show_cursor(None);
    });
    view! {
        <main class="workbench">
            {toolbar(sheet)}
            <FormulaBar sheet/>
            <Grid sheet/>
            {chart_below(sheet)}
        </main>
        <OutputsBar sheet/>
    }
}

#[component]
fn Missing(reason: String) -> impl IntoView {
    view! {
        <main class="message-page">
            <h1>{words!(common.not_opened)}</h1>
            <p>{reason}</p>
            <a href="/" class="button">
                {words!(common.all_documents)}
            </a>
        </main>
    }
}
