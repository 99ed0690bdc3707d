//! What stands in front of the list: dialogs, and the line that says what was done.

use std::sync::Arc;

use coval_shared::limits::TITLE_CHARS;
use coval_shared::protocol::{DocumentId, WorkspaceId};
use coval_shared::rest::{
    ChangeDocument, ChangeWorkspace, CreateWorkspace, DocumentSummary, Nothing, WorkspaceSummary,
};
use leptos::prelude::*;

use super::state::{Done, Front, List};
use super::{import, new_document};
use crate::chunk;
use crate::components::Action;
use crate::components::naming::{self, Naming};
use crate::connection::rest::{RestError, Verb};
use crate::dynamic::dynamic;
use crate::state::keeper::Keeper;
use crate::words;

/// The dialog that is open.
pub(super) fn front(list: List) -> AnyView {
    dynamic(move || match list.front.get() {
        None => ().into_any(),
        Some(Front::NewDocument) => chunk::over(move || Box::pin(new_document::part(list))),
        Some(Front::Import) => chunk::over(move || Box::pin(import::part(list))),
        Some(Front::Rename(document)) => rename(list, &document),
        Some(Front::Delete(document)) => delete(list, &document),
        Some(Front::NewWorkspace) => new_workspace(list),
        Some(Front::RenameWorkspace(workspace)) => rename_workspace(list, &workspace),
    })
    .into_any()
}

/// Takes the dialog away.
pub(super) fn closing(list: List) -> Action {
    Arc::new(move || drop(list.front.try_set(None)))
}

fn rename(list: List, document: &DocumentSummary) -> AnyView {
    let id = document.id;
    named(Naming {
        title: words!(list.rename_document).to_owned(),
        label: words!(list.title).to_owned(),
        before: document.title.clone(),
        longest: TITLE_CHARS,
        button: words!(common.save),
        name: Arc::new(move |title| Box::pin(retitle(list, id, title))),
        close: closing(list),
    })
}

async fn retitle(list: List, id: DocumentId, title: String) -> Result<(), RestError> {
    let change = ChangeDocument { title: Some(title), is_archived: None };
    let account = list.workspace.account();
    account.change::<DocumentSummary>(Verb::Patch, &format!("/api/document/{id}"), &change).await?;
    list.load();
    Ok(())
}

/// Asks for the title of what is to be deleted: nothing brings it back.
fn delete(list: List, document: &DocumentSummary) -> AnyView {
    let (id, title) = (document.id, document.title.clone());
    named(Naming {
        title: words!(list.delete_title, title = title.clone()).to_string(),
        label: words!(list.delete_label).to_owned(),
        before: String::new(),
        longest: TITLE_CHARS,
        button: words!(list.delete_forever),
        name: Arc::new(move |typed| Box::pin(delete_for_ever(list, id, title.clone(), typed))),
        close: closing(list),
    })
}

async fn delete_for_ever(list: List, id: DocumentId, title: String, typed: String) -> Result<(), RestError> {
    if typed != title.trim() {
        return Err(RestError::Refused(None, words!(list.delete_mismatch).to_owned()));
    }
    list.workspace.account().send(Verb::Delete, &format!("/api/document/{id}"), &Nothing {}).await?;
    list.workspace.keeper().remove(&Keeper::document_key(id)).await;
    list.tell(words!(list.deleted, title = title).to_string());
    list.load();
    Ok(())
}

fn new_workspace(list: List) -> AnyView {
    named(Naming {
        title: words!(list.new_workspace).to_owned(),
        label: words!(list.name).to_owned(),
        before: String::new(),
        longest: TITLE_CHARS,
        button: words!(common.save),
        name: Arc::new(move |name| Box::pin(make_workspace(list, name))),
        close: closing(list),
    })
}

async fn make_workspace(list: List, name: String) -> Result<(), RestError> {
    let account = list.workspace.account();
    let made: WorkspaceSummary = account.change(Verb::Post, "/api/workspaces", &CreateWorkspace { name }).await?;
    let id = made.id;
    list.workspaces.update(|workspaces| workspaces.push(made));
    list.choose_workspace(Some(id));
    Ok(())
}

fn rename_workspace(list: List, workspace: &WorkspaceSummary) -> AnyView {
    let id = workspace.id;
    named(Naming {
        title: words!(list.rename_workspace).to_owned(),
        label: words!(list.name).to_owned(),
        before: workspace.name.clone(),
        longest: TITLE_CHARS,
        button: words!(common.save),
        name: Arc::new(move |name| Box::pin(name_workspace(list, id, name))),
        close: closing(list),
    })
}

async fn name_workspace(list: List, id: WorkspaceId, name: String) -> Result<(), RestError> {
    let account = list.workspace.account();
    let change = ChangeWorkspace { name: Some(name) };
    account.change::<WorkspaceSummary>(Verb::Patch, &format!("/api/workspace/{id}"), &change).await?;
    list.load_workspaces();
    list.load();
    Ok(())
}

fn named(naming: Naming) -> AnyView {
    chunk::over(move || Box::pin(naming::part(naming.clone())))
}

/// What was done last, with the way back.
pub(super) fn done(list: List) -> AnyView {
    dynamic(move || {
        let Some(Done { words, back }) = list.done.get() else {
            return ().into_any();
        };
        let undo = back.map(|(id, is_archived)| {
            view! {
                <button type="button" class="quiet" data-action="undo-archive" on:click=move |_| list.take_back(id, is_archived)>
                    {words!(common.undo)}
                </button>
            }
            .into_any()
        });
        view! {
            <div class="toast" role="status" data-testid="done">
                <span class="toast-words">{words}</span>
                {undo}
                <button type="button" class="quiet" on:click=move |_| list.done.set(None)>{words!(common.close)}</button>
            </div>
        }
        .into_any()
    })
    .into_any()
}
