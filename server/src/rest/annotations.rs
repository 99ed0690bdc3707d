//! Annotations: notes and highlights.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use coval_shared::protocol::{Annotation, AnnotationId, DocumentId};
use coval_shared::rest::{AddAnnotation, ChangeAnnotation, Page};
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::Principal;
use crate::discussion::{Discussion, Drawn};
use crate::error::Refusal;
use crate::store::AnnotationChange;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(add).service(change).service(remove);
}

/// List annotations
///
/// The annotations of the document, the oldest first. What they hang on is where it is in `anchor_revision`.
#[utoipa::path(
    tag = "comments",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The annotations", body = Page<Annotation>)),
)]
#[get("/document/{id}/annotations")]
async fn list(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Annotation>>, Refusal> {
    let limit = page.limit()?;
    // One more tells whether there are more.
    let mut items = discussion.annotations(who.user, *id, page.after()?, limit.saturating_add(1)).await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| cursor(&last.id)).transpose()?;
    Ok(Json(Page { items, next }))
}

/// Annotate a place
///
/// Everybody who has the document open hears of it. Needs the role commenter.
#[utoipa::path(
    tag = "comments",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = AddAnnotation,
    responses(
        (status = 201, description = "The annotation", body = Annotation),
        (status = 409, description = "There are as many as there may be, or something else has this id", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/annotations")]
async fn add(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<DocumentId>,
    body: Json<AddAnnotation>,
) -> Result<HttpResponse, Refusal> {
    let AddAnnotation { id: annotation, kind, colour, body, anchor, revision } = body.into_inner();
    let drawn = Drawn { id: annotation, kind, colour, body, anchor, revision };
    Ok(HttpResponse::Created().json(discussion.annotate(who.user, *id, drawn).await?))
}

/// Change an annotation
///
/// Only who made it can.
#[utoipa::path(
    tag = "comments",
    params(("id" = AnnotationId, Path, description = "The annotation")),
    request_body = ChangeAnnotation,
    responses((status = 200, description = "The annotation as it is now", body = Annotation)),
)]
#[patch("/annotation/{id}")]
async fn change(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<AnnotationId>,
    body: Json<ChangeAnnotation>,
) -> Result<Json<Annotation>, Refusal> {
    let ChangeAnnotation { body, colour } = body.into_inner();
    Ok(Json(discussion.change_annotation(who.user, *id, AnnotationChange { body, colour }).await?))
}

/// Delete an annotation
///
/// Who made it can, and whoever owns the document.
#[utoipa::path(
    tag = "comments",
    params(("id" = AnnotationId, Path, description = "The annotation")),
    responses((status = 204, description = "It is deleted")),
)]
#[delete("/annotation/{id}")]
async fn remove(discussion: Data<Discussion>, who: Principal, id: Path<AnnotationId>) -> Result<HttpResponse, Refusal> {
    discussion.delete_annotation(who.user, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
