//! Branches of documents, and how they come back.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, post};
use coval_shared::history::Direction;
use coval_shared::limits::BRANCHES;
use coval_shared::protocol::{DocumentId, ErrorCode};
use coval_shared::rest::{Branch, MadeRevision, Merge, MergePreview, NewBranch, Page};
use coval_shared::rights::Right;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::blocking;
use super::history::{authors, named};
use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{NewStoredBranch, StoreError, StoredBranch};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(preview).service(merge);
}

/// Branches
///
/// The branches of a document, the oldest first. Each is opened and edited as a document of its own.
#[utoipa::path(
    tag = "branches",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The branches", body = Page<Branch>)),
)]
#[get("/document/{id}/branches")]
async fn list(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Branch>>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let (id, limit, done) = (*id, page.limit()?, page.after::<usize>()?.unwrap_or(0));
    let (items, next) = blocking(&documents, move |store| {
        let all = store.branches(id)?;
        let shown: Vec<StoredBranch> = all.iter().skip(done).take(limit).cloned().collect();
        let next = done.saturating_add(shown.len());
        let names = authors(store, shown.iter().filter_map(|branch| branch.author))?;
        let items = shown.into_iter().map(|branch| Branch {
            id: branch.id,
            parent: branch.parent,
            name: branch.name,
            forked_at: branch.forked_at,
            revision: branch.revision,
            author: branch.author.and_then(|author| names.get(&author).cloned()),
            made_at_ms: branch.created_at_ms,
            edited_at_ms: branch.edited_at_ms,
        });
        Ok((items.collect(), (next < all.len()).then_some(next)))
    })
    .await?;
    Ok(Json(Page { items, next: next.map(|next| cursor(&next)).transpose()? }))
}

/// Branch
///
/// Makes a second line of edits that begins with the document as it is, or was.
#[utoipa::path(
    tag = "branches",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = NewBranch,
    responses(
        (status = 201, description = "The branch", body = Branch),
        (status = 409, description = "There are as many as there may be, or one with this name", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/branches")]
async fn create(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    body: Json<NewBranch>,
) -> Result<HttpResponse, Refusal> {
    access.document(who.user, *id, Right::Edit).await?;
    let name = named(&body.name)?;
    let (parent, revision, user, now_ms) = (*id, body.revision, who.user, access.now_ms());
    let made = blocking(&documents, move |store| {
        let forked_at = match revision {
            Some(revision) => revision,
            None => store.revision(parent)?,
        };
        let (_, body) = store.document_at(parent, forked_at)?;
        let id = DocumentId(Uuid::now_v7());
        let new = NewStoredBranch { id, parent, name, forked_at, body, author: user, now_ms };
        match store.create_branch(&new, BRANCHES) {
            Ok(true) => Ok(Ok(store.branch(id)?)),
            Ok(false) => Ok(Err(Refusal::new(
                ErrorCode::LimitReached,
                format!("a document has at most {BRANCHES} branches; merge and delete one"),
            ))),
            Err(StoreError::Conflict) => {
                let message = "a branch has no branches of its own; branch the document that it left";
                Ok(Err(Refusal::new(ErrorCode::Conflict, message)))
            }
            Err(error) => Err(error),
        }
    });
    let no_revision = |refusal: Refusal| match refusal.code() {
        ErrorCode::UnknownDocument => Refusal::invalid("revision", "there is no such revision"),
        _ => refusal,
    };
    let branch = made.await.map_err(no_revision)??;
    Ok(HttpResponse::Created().json(Branch {
        id: branch.id,
        parent: branch.parent,
        name: branch.name,
        forked_at: branch.forked_at,
        revision: branch.revision,
        author: Some(coval_shared::rest::Author { id: who.user, name: who.name }),
        made_at_ms: branch.created_at_ms,
        edited_at_ms: branch.edited_at_ms,
    }))
}

/// Which way.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MergeQuery {
    /// `into_parent` to bring what the branch did back, `from_parent` to bring the branch up to date.
    direction: Direction,
}

/// Look at a merge
///
/// What merging the branch would change, and what both sides changed in different ways since they last met.
#[utoipa::path(
    tag = "branches",
    params(("id" = DocumentId, Path, description = "The branch"), MergeQuery),
    responses(
        (status = 200, description = "What the merge would do", body = MergePreview),
        (status = 409, description = "Somebody merges the branch now, or what both sides did does not fit one document", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/document/{id}/merge")]
async fn preview(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    query: Query<MergeQuery>,
) -> Result<Json<MergePreview>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    Ok(Json(crate::merge::preview(&documents, *id, query.direction).await?))
}

/// Merge
///
/// Brings what one side did into the other, as one new revision. Both stay, and can be merged again.
#[utoipa::path(
    tag = "branches",
    params(("id" = DocumentId, Path, description = "The branch")),
    request_body = Merge,
    responses(
        (status = 200, description = "The new revision, if there was something to bring over", body = MadeRevision),
        (status = 409, description = "The branch was merged since, or what both sides did does not fit one document", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/merge")]
async fn merge(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    body: Json<Merge>,
) -> Result<Json<MadeRevision>, Refusal> {
    access.document(who.user, *id, Right::Edit).await?;
    Ok(Json(crate::merge::merge(&documents, *id, who.user, body.into_inner(), access.now_ms()).await?))
}
