//! Documents: lists, what is known of one, and what is in it.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, patch};
use coval_shared::protocol::{DocumentId, DocumentKind, ErrorCode, WorkspaceId};
use coval_shared::rest::{
    BranchState, ChangeDocument, Collaboration, DocumentOutputs, DocumentSnapshot, DocumentSummary, Page,
};
use coval_shared::rights::{Right, Role};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use super::requests::title;
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::search;
use crate::store::{DocumentChange, DocumentQuery, DocumentRow, Listed, Listing, Position, Sort, StoreError};

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(list)
        .service(card)
        .service(change)
        .service(remove)
        .service(snapshot)
        .service(outputs)
        .service(collaboration);
}

/// The order of a list of documents.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The last edited first.
    #[default]
    Edited,
    /// The newest first.
    Created,
    /// By title.
    Title,
}

/// Which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those with all of these words in the title; the last one may be the beginning of a word. Case and accents do
    /// not count.
    #[param(max_length = 1000)]
    q: Option<String>,
    /// Only those of this workspace.
    workspace: Option<WorkspaceId>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<DocumentKind>,
    /// Those in the archive, instead of those that are not.
    archived: Option<bool>,
    /// In which order.
    #[param(inline)]
    sort: Option<Order>,
}

/// List documents
///
/// The documents that you may read, branches left out. With `q`, a page may hold fewer than `limit` although `next` is
/// there: the others stand further back.
#[utoipa::path(
    tag = "documents",
    params(Filter, PageQuery),
    responses((status = 200, description = "The documents", body = Page<DocumentSummary>)),
)]
#[get("/documents")]
async fn list(
    access: Data<Access>,
    who: Principal,
    filter: Query<Filter>,
    page: Query<PageQuery>,
) -> Result<Json<Page<DocumentSummary>>, Refusal> {
    let Filter { q, workspace, kind, archived, sort } = filter.into_inner();
    let sort = match sort.unwrap_or_default() {
        Order::Edited => Sort::Edited,
        Order::Created => Sort::Created,
        Order::Title => Sort::Title,
    };
    let limit = page.limit()?;
    let after: Option<Position> = page.after()?;
    if after.as_ref().is_some_and(|after| after.title.contains('\0')) {
        return Err(PageQuery::foreign());
    }
    let words = match q.filter(|text| !text.is_empty()) {
        Some(text) => search::query(&text)?,
        None => Vec::new(),
    };
    let query = DocumentQuery {
        reader: who.user,
        workspace,
        kind,
        is_archived: archived.unwrap_or_default(),
        words,
        sort,
        after,
        limit,
        now_ms: access.now_ms(),
    };
    let Listing { items, next } = access.blocking(move |store| store.documents(&query)).await?;
    let next = next.map(|position| cursor(&position)).transpose()?;
    let items = items.into_iter().map(|Listed { document, role, .. }| summary(document, role)).collect();
    Ok(Json(Page { items, next }))
}

/// Read a document's card
///
/// What is known of the document, without what is in it.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The document", body = DocumentSummary)),
)]
#[get("/document/{id}")]
async fn card(access: Data<Access>, who: Principal, id: Path<DocumentId>) -> Result<Json<DocumentSummary>, Refusal> {
    let id = id.into_inner();
    let role = access.document(who.user, id, Right::Read).await?;
    let row = access.blocking(move |store| store.document(id)).await?;
    Ok(Json(summary(row, role)))
}

/// Change a document
///
/// Renames it, puts it in the archive, where nobody edits it, or takes it out. Needs the role editor.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = ChangeDocument,
    responses((status = 200, description = "The document as it is now", body = DocumentSummary)),
)]
#[patch("/document/{id}")]
async fn change(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    body: Json<ChangeDocument>,
) -> Result<Json<DocumentSummary>, Refusal> {
    let id = id.into_inner();
    let role = access.even_archived(who.user, id, Right::Edit).await?;
    let ChangeDocument { title: wanted, is_archived } = body.into_inner();
    let wanted = wanted.as_deref().map(|text| title("title", text)).transpose()?;
    let now_ms = access.now_ms();
    let row = access
        .blocking(move |store| {
            store.change_document(id, DocumentChange { title: wanted.as_deref(), is_archived }, who.user, now_ms)
        })
        .await?;
    if is_archived.is_some() {
        // Whoever has it open may edit it no longer, or again.
        access.changed();
    }
    Ok(Json(summary(row, role)))
}

/// Delete a document
///
/// For ever, with its branches and its history. It has to be in the archive, unless it is a branch. Needs the role owner.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "It is not in the archive", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[delete("/document/{id}")]
async fn remove(access: Data<Access>, who: Principal, id: Path<DocumentId>) -> Result<HttpResponse, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Manage).await?;
    let now_ms = access.now_ms();
    let deleted = access.blocking(move |store| match store.delete_document(id, who.user, now_ms) {
        Err(StoreError::Conflict) => Ok(false),
        other => other.map(|()| true),
    });
    if !deleted.await? {
        return Err(Refusal::new(ErrorCode::Conflict, "only what is in the archive can be deleted; archive it first"));
    }
    // Whoever has it open finds that it is not there.
    access.changed();
    Ok(HttpResponse::NoContent().finish())
}

/// Read a document
///
/// The newest revision, whole.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The document", body = DocumentSnapshot)),
)]
#[get("/document/{id}/snapshot")]
async fn snapshot(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
) -> Result<Json<DocumentSnapshot>, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Read).await?;
    let (row, revision, snapshot) = access
        .blocking(move |store| {
            let (revision, snapshot) = store.newest(id)?;
            Ok((store.document(id)?, revision, snapshot))
        })
        .await?;
    Ok(Json(DocumentSnapshot { document: id, kind: row.kind, title: row.title, revision, snapshot }))
}

/// Read the key figures
///
/// The outputs of the newest revision, as the server calculates them. A memo has none.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses(
        (status = 200, description = "The key figures", body = DocumentOutputs),
        (status = 409, description = "The model takes too long to calculate", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/document/{id}/outputs")]
async fn outputs(
    access: Data<Access>,
    documents: Data<Documents>,
    who: Principal,
    id: Path<DocumentId>,
) -> Result<Json<DocumentOutputs>, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Read).await?;
    let row = access.blocking(move |store| store.document(id)).await?;
    Ok(Json(match row.kind {
        DocumentKind::Model => documents.outputs(id).await?,
        DocumentKind::Memo => DocumentOutputs { document: id, revision: row.revision, outputs: Vec::new() },
    }))
}

/// Who works on a document
///
/// Who has it open, at which revision it is, and which branches it has.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "Who is there", body = Collaboration)),
)]
#[get("/document/{id}/collaboration")]
async fn collaboration(
    access: Data<Access>,
    documents: Data<Documents>,
    who: Principal,
    id: Path<DocumentId>,
) -> Result<Json<Collaboration>, Refusal> {
    let id = id.into_inner();
    access.document(who.user, id, Right::Read).await?;
    let (row, branches) = access.blocking(move |store| Ok((store.document(id)?, store.branches(id)?))).await?;
    let people = documents.people(id).await;
    let branches = branches.into_iter().map(|branch| BranchState {
        id: branch.id,
        name: branch.name,
        fork_revision: branch.forked_at,
        revision: branch.revision,
        edited_at_ms: branch.edited_at_ms,
    });
    Ok(Json(Collaboration { document: id, revision: row.revision, people, branches: branches.collect() }))
}

/// The document as whoever has `role` sees it.
pub(super) fn summary(row: DocumentRow, role: Role) -> DocumentSummary {
    let (parent, fork_revision) = row.parent.unzip();
    DocumentSummary {
        id: row.id,
        title: row.title,
        kind: row.kind,
        workspace: row.workspace,
        workspace_name: row.workspace_name,
        role,
        revision: row.revision,
        template: row.template,
        created_by: row.created_by,
        created_at_ms: row.created_at_ms,
        edited_at_ms: row.edited_at_ms,
        archived_at_ms: row.archived_at_ms,
        parent,
        fork_revision,
    }
}
