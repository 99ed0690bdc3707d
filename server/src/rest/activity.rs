//! What was done in documents and workspaces, and whether the record of it is whole.

use actix_web::get;
use actix_web::web::{Data, Path, Query};
use coval_shared::protocol::{DocumentId, WorkspaceId};
use coval_shared::rest::{Activity, Audit, Page};
use coval_shared::rights::Right;
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::error::Refusal;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(of_document).service(of_workspace).service(audit);
}

/// A document's activity
///
/// What was done to the document, the newest first.
#[utoipa::path(
    tag = "activity",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "What was done", body = Page<Activity>)),
)]
#[get("/document/{id}/activity")]
async fn of_document(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Activity>>, Refusal> {
    let (id, limit, before) = (*id, page.limit()?, page.after()?);
    access.document(who.user, id, Right::Read).await?;
    let items = access.blocking(move |store| store.document_activity(id, before, limit.saturating_add(1))).await?;
    part(items, limit)
}

/// A workspace's activity
///
/// What was done in the workspace and its documents, the newest first. For its members.
#[utoipa::path(
    tag = "activity",
    params(("id" = WorkspaceId, Path, description = "The workspace"), PageQuery),
    responses((status = 200, description = "What was done", body = Page<Activity>)),
)]
#[get("/workspace/{id}/activity")]
async fn of_workspace(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Activity>>, Refusal> {
    let (id, limit, before) = (*id, page.limit()?, page.after()?);
    access.workspace(who.user, id, Right::Read).await?;
    let items = access.blocking(move |store| store.workspace_activity(id, before, limit.saturating_add(1))).await?;
    part(items, limit)
}

/// Audit a workspace
///
/// Whether the record of the workspace is as it was written, entry by entry. Needs the role owner.
#[utoipa::path(
    tag = "activity",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "Whether the record is whole", body = Audit)),
)]
#[get("/workspace/{id}/audit")]
async fn audit(access: Data<Access>, who: Principal, id: Path<WorkspaceId>) -> Result<Json<Audit>, Refusal> {
    let id = *id;
    access.workspace(who.user, id, Right::Manage).await?;
    Ok(Json(access.blocking(move |store| store.verify_events(id)).await?))
}

/// A page of at most `limit`, where one more tells whether there are more.
fn part(mut items: Vec<Activity>, limit: usize) -> Result<Json<Page<Activity>>, Refusal> {
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| cursor(&last.number)).transpose()?;
    Ok(Json(Page { items, next }))
}
