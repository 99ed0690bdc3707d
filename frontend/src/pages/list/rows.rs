//! The rows of the list.

use std::time::Duration;

use coval_shared::protocol::{DocumentId, DocumentKind};
use coval_shared::rest::{DocumentSummary, Excerpt, Page, SearchResult};
use coval_shared::rights::Right;
use leptos::prelude::*;

use super::query::kind_name;
use super::state::{Front, List};
use crate::components::age;
use crate::components::menu::{MenuButton, choice, menu};
use crate::dynamic::{dynamic, text};
use crate::platform::{clock, page};
use crate::words;

/// The documents whose titles fit.
pub(super) fn documents(list: List, page: &Page<DocumentSummary>) -> AnyView {
    let now = clock::since_epoch();
    let rows = page.items.iter().map(|document| row(list, document, None, now)).collect::<Vec<_>>();
    let more = page.next.is_some().then(|| {
        view! {
            <button type="button" class="button more" data-action="more" on:click=move |_| list.load_more()>
                {words!(list.more)}
            </button>
        }
        .into_any()
    });
    view! {
        <ul class="documents" aria-label=words!(list.documents)>
            {rows}
        </ul>
        {more}
    }
    .into_any()
}

/// The documents that have the words inside.
pub(super) fn found(list: List) -> AnyView {
    dynamic(move || {
        list.found.with(|found| {
            if found.is_empty() {
                return ().into_any();
            }
            let now = clock::since_epoch();
            let rows = found.iter().map(|result| row(list, &result.document, Some(result), now)).collect::<Vec<_>>();
            view! {
                <h2 class="list-part">{words!(list.found_inside)}</h2>
                <ul class="documents" data-testid="found-inside" aria-label=words!(list.found_inside)>
                    {rows}
                </ul>
            }
            .into_any()
        })
    })
    .into_any()
}

fn row(list: List, document: &DocumentSummary, result: Option<&SearchResult>, now: Duration) -> AnyView {
    let id = document.id.to_string();
    let edited = age::in_words(document.edited_at_ms, now);
    let kind = match document.kind {
        DocumentKind::Model => words!(list.model),
        DocumentKind::Memo => words!(list.memo),
    };
    let excerpt = result.map(|result| {
        let pieces = result.excerpt.iter().map(piece).collect::<Vec<_>>();
        view! { <span class="document-excerpt">{pieces}</span> }.into_any()
    });
    view! {
        <li class="document-row">
            <a href=format!("/document/{id}") class="document" data-document=id>
                <span class=format!("document-kind is-{}", kind_name(document.kind)) role="img" aria-label=kind></span>
                <span class="document-title">{document.title.clone()}</span>
                {excerpt}
                <span class="document-workspace">{document.workspace_name.clone()}</span>
                <span class="document-edited">{edited}</span>
            </a>
            {actions(list, document)}
        </li>
    }
    .into_any()
}

fn piece(excerpt: &Excerpt) -> AnyView {
    let text = excerpt.text.clone();
    if excerpt.is_match { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
}

fn actions(list: List, document: &DocumentSummary) -> AnyView {
    let is_open = RwSignal::new(false);
    let document = document.clone();
    let title = document.title.clone();
    let button = MenuButton {
        label: text(move || words!(list.actions_of, title = title.clone())),
        action: "open-row-menu",
        face: view! { <span class="dots" aria-hidden="true"></span> }.into_any(),
    };
    menu(button, is_open, move || choices(list, document.clone(), is_open))
}

fn choices(list: List, document: DocumentSummary, is_open: RwSignal<bool>) -> AnyView {
    let (id, is_archived) = (document.id, document.archived_at_ms.is_some());
    let may_edit = document.role.may(Right::Edit);
    let title = document.title.clone();
    let archive = may_edit.then(|| {
        let (label, action) =
            if is_archived { (words!(list.restore), "restore") } else { (words!(list.archive), "archive") };
        choice(label, action, is_open, move || list.archive(id, title.clone(), !is_archived))
    });
    let doomed = document_to_delete(list, &document, is_open);
    let rename = (may_edit && !is_archived).then(|| {
        choice(words!(list.rename), "rename", is_open, move || {
            list.front.set(Some(Front::Rename(document.clone())));
        })
    });
    let duplicate =
        list.home().map(|_| choice(words!(list.duplicate), "duplicate", is_open, move || list.duplicate(id)));
    view! {
        {choice(words!(list.open), "open", is_open, move || open(id))}
        {rename}
        {duplicate}
        {archive}
        {doomed}
    }
    .into_any()
}

/// What is in the archive may be deleted for ever by its owners.
fn document_to_delete(list: List, document: &DocumentSummary, is_open: RwSignal<bool>) -> Option<AnyView> {
    let may = document.archived_at_ms.is_some() && document.role.may(Right::Manage);
    let document = document.clone();
    may.then(|| {
        choice(words!(list.delete_forever), "delete-forever", is_open, move || {
            list.front.set(Some(Front::Delete(document.clone())));
        })
    })
}

fn open(id: DocumentId) {
    page::go(&format!("/document/{id}"));
}
