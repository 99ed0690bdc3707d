//! Comments: threads, answers, what is settled.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post};
use coval_shared::protocol::{Comment, CommentId, DocumentId};
use coval_shared::rest::{AddComment, AddReply, CommentState, EditComment, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::Principal;
use crate::discussion::{Discussion, Spoken};
use crate::error::Refusal;
use crate::store::CommentQuery;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(add).service(reply).service(edit).service(remove).service(resolve).service(reopen);
}

/// Which comments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Only those of threads that are settled, or that are not.
    #[param(inline)]
    state: Option<CommentState>,
    /// Only those of threads that you wrote in or are named in.
    mine: Option<bool>,
    /// Only those of this thread, which has the id of its first comment.
    thread: Option<CommentId>,
}

/// List comments
///
/// The comments on the document, the oldest first. What they hang on is where it is in `anchor_revision`.
#[utoipa::path(
    tag = "comments",
    params(("id" = DocumentId, Path, description = "The document"), Filter, PageQuery),
    responses((status = 200, description = "The comments", body = Page<Comment>)),
)]
#[get("/document/{id}/comments")]
async fn list(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<DocumentId>,
    filter: Query<Filter>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Comment>>, Refusal> {
    let limit = page.limit()?;
    let query = CommentQuery {
        state: filter.state.unwrap_or_default(),
        thread: filter.thread,
        with: filter.mine.unwrap_or_default().then_some(who.user),
        after: page.after()?,
        // One more tells whether there are more.
        limit: limit.saturating_add(1),
    };
    let mut items = discussion.comments(who.user, *id, query).await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| cursor(&last.id)).transpose()?;
    Ok(Json(Page { items, next }))
}

/// Begin a thread
///
/// Everybody who has the document open hears of it, and whom it names is told. Needs the role commenter.
#[utoipa::path(
    tag = "comments",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = AddComment,
    responses(
        (status = 201, description = "The comment", body = Comment),
        (status = 409, description = "There are as many as there may be, or something else has this id", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/comments")]
async fn add(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<DocumentId>,
    body: Json<AddComment>,
) -> Result<HttpResponse, Refusal> {
    let AddComment { id: comment, body, anchor, revision } = body.into_inner();
    let anchor = anchor.map(|anchor| (anchor, revision));
    let comment = discussion.begin(who.user, *id, Spoken { id: comment, body }, anchor).await?;
    Ok(HttpResponse::Created().json(comment))
}

/// Answer a comment
///
/// The answer stands in the thread of the comment. A thread that was settled is open again. Needs the role commenter.
#[utoipa::path(
    tag = "comments",
    params(("id" = CommentId, Path, description = "A comment of the thread")),
    request_body = AddReply,
    responses(
        (status = 201, description = "The answer", body = Comment),
        (status = 409, description = "There are as many as there may be, or something else has this id", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/comment/{id}/replies")]
async fn reply(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<CommentId>,
    body: Json<AddReply>,
) -> Result<HttpResponse, Refusal> {
    let AddReply { id: answer, body } = body.into_inner();
    let comment = discussion.reply(who.user, *id, None, Spoken { id: answer, body }).await?;
    Ok(HttpResponse::Created().json(comment))
}

/// Change a comment
///
/// Only who wrote it can.
#[utoipa::path(
    tag = "comments",
    params(("id" = CommentId, Path, description = "The comment")),
    request_body = EditComment,
    responses((status = 200, description = "The comment as it is now", body = Comment)),
)]
#[patch("/comment/{id}")]
async fn edit(
    discussion: Data<Discussion>,
    who: Principal,
    id: Path<CommentId>,
    body: Json<EditComment>,
) -> Result<Json<Comment>, Refusal> {
    Ok(Json(discussion.edit(who.user, *id, body.into_inner().body).await?))
}

/// Delete a comment
///
/// Who wrote it can, and whoever owns the document. What was said is gone; the first comment of a thread stays without
/// its text while there are answers.
#[utoipa::path(
    tag = "comments",
    params(("id" = CommentId, Path, description = "The comment")),
    responses((status = 204, description = "It is deleted")),
)]
#[delete("/comment/{id}")]
async fn remove(discussion: Data<Discussion>, who: Principal, id: Path<CommentId>) -> Result<HttpResponse, Refusal> {
    discussion.delete(who.user, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Settle a thread
///
/// Who takes part in it is told. Needs the role commenter.
#[utoipa::path(
    tag = "comments",
    params(("id" = CommentId, Path, description = "A comment of the thread")),
    responses((status = 200, description = "The first comment of the thread", body = Comment)),
)]
#[post("/comment/{id}/resolve")]
async fn resolve(discussion: Data<Discussion>, who: Principal, id: Path<CommentId>) -> Result<Json<Comment>, Refusal> {
    Ok(Json(discussion.resolve(who.user, *id, None, true).await?))
}

/// Open a thread again
///
/// Who takes part in it is told. Needs the role commenter.
#[utoipa::path(
    tag = "comments",
    params(("id" = CommentId, Path, description = "A comment of the thread")),
    responses((status = 200, description = "The first comment of the thread", body = Comment)),
)]
#[post("/comment/{id}/reopen")]
async fn reopen(discussion: Data<Discussion>, who: Principal, id: Path<CommentId>) -> Result<Json<Comment>, Refusal> {
    Ok(Json(discussion.resolve(who.user, *id, None, false).await?))
}
