//! Workspaces.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use coval_shared::limits::WORKSPACES;
use coval_shared::protocol::{ErrorCode, WorkspaceId};
use coval_shared::rest::{ChangeWorkspace, CreateWorkspace, Page, Problem, WorkspaceStatus, WorkspaceSummary};
use coval_shared::rights::Right;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use super::requests::title;
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{StoreError, WorkspaceRow};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(workspace).service(change).service(status);
}

/// List workspaces
///
/// Those that you are a member of, by name.
#[utoipa::path(
    tag = "workspaces",
    params(PageQuery),
    responses((status = 200, description = "The workspaces", body = Page<WorkspaceSummary>)),
)]
#[get("/workspaces")]
async fn list(
    access: Data<Access>,
    who: Principal,
    page: Query<PageQuery>,
) -> Result<Json<Page<WorkspaceSummary>>, Refusal> {
    let (limit, after) = (page.limit()?, page.after()?);
    let mut rows = access.blocking(move |store| store.workspaces(who.user, after, limit + 1)).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(|last| cursor(&(&last.name, last.id))).transpose()?;
    Ok(Json(Page { items: rows.into_iter().map(summary).collect(), next }))
}

/// Create a workspace
///
/// You are its owner. Guests make none.
#[utoipa::path(
    tag = "workspaces",
    request_body = CreateWorkspace,
    responses(
        (status = 201, description = "The workspace", body = WorkspaceSummary),
        (status = 409, description = "You are a member of as many as there may be", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/workspaces")]
async fn create(access: Data<Access>, who: Principal, body: Json<CreateWorkspace>) -> Result<HttpResponse, Refusal> {
    if who.is_guest {
        return Err(Refusal::new(ErrorCode::Forbidden, "guests make no workspaces; ask for an invitation"));
    }
    let name = title("name", &body.name)?;
    let id = WorkspaceId(Uuid::now_v7());
    let now_ms = access.now_ms();
    let row = access
        .blocking(move |store| match store.create_workspace(id, &name, Some(who.user), WORKSPACES, now_ms) {
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => store.workspace(id, who.user).map(Some),
        })
        .await?;
    let row = row.ok_or_else(|| {
        let detail = format!("you are a member of {WORKSPACES} workspaces, which is the most; leave one first");
        Refusal::new(ErrorCode::LimitReached, detail)
    })?;
    access.changed();
    Ok(HttpResponse::Created().json(summary(row)))
}

/// Read a workspace
///
/// What is known of the workspace.
#[utoipa::path(
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "The workspace", body = WorkspaceSummary)),
)]
#[get("/workspace/{id}")]
async fn workspace(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
) -> Result<Json<WorkspaceSummary>, Refusal> {
    let id = id.into_inner();
    access.workspace(who.user, id, Right::Read).await?;
    Ok(Json(summary(access.blocking(move |store| store.workspace(id, who.user)).await?)))
}

/// Change a workspace
///
/// Renames it. Needs the role owner.
#[utoipa::path(
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    request_body = ChangeWorkspace,
    responses((status = 200, description = "The workspace as it is now", body = WorkspaceSummary)),
)]
#[patch("/workspace/{id}")]
async fn change(
    access: Data<Access>,
    who: Principal,
    id: Path<WorkspaceId>,
    body: Json<ChangeWorkspace>,
) -> Result<Json<WorkspaceSummary>, Refusal> {
    let id = id.into_inner();
    access.workspace(who.user, id, Right::Manage).await?;
    let name = body.into_inner().name.as_deref().map(|text| title("name", text)).transpose()?;
    let now_ms = access.now_ms();
    let row = access.blocking(move |store| {
        name.map_or(Ok(()), |name| store.rename_workspace(id, &name, who.user, now_ms))?;
        store.workspace(id, who.user)
    });
    Ok(Json(summary(row.await?)))
}

/// How a workspace is
///
/// How much is in it, and how busy it is. What is in a large one is counted once a minute or more often.
#[utoipa::path(
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "The state", body = WorkspaceStatus)),
)]
#[get("/workspace/{id}/status")]
async fn status(
    access: Data<Access>,
    documents: Data<Documents>,
    who: Principal,
    id: Path<WorkspaceId>,
) -> Result<Json<WorkspaceStatus>, Refusal> {
    let id = id.into_inner();
    access.workspace(who.user, id, Right::Read).await?;
    let connected = documents.connected();
    let now_ms = access.now_ms();
    let counts = access.blocking(move |store| store.workspace_counts(id, &connected, now_ms)).await?;
    Ok(Json(WorkspaceStatus {
        workspace: id,
        models: counts.models,
        memos: counts.memos,
        archived: counts.archived,
        branches: counts.branches,
        members: counts.members,
        people_online: counts.people_online,
        revisions: counts.revisions,
        storage_bytes: counts.storage_bytes,
        edited_at_ms: counts.edited_at_ms,
    }))
}

fn summary(row: WorkspaceRow) -> WorkspaceSummary {
    let WorkspaceRow { id, name, role, created_at_ms } = row;
    WorkspaceSummary { id, name, role, created_at_ms }
}
