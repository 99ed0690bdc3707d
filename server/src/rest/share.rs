//! Share links.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Path, Query};
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post};
use coval_shared::limits::{SHARE_LINK_DAYS, SHARE_LINK_PEOPLE, SHARE_LINKS};
use coval_shared::protocol::{DocumentId, ErrorCode, Named, ShareLinkId, UserId};
use coval_shared::rest::{
    OpenShareLink, OpenedShareLink, Page, Problem, ShareDocument, ShareLinkSummary, SharedDocument,
};
use coval_shared::rights::{Right, Role};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::json::Json;
use super::pages::{PageQuery, cursor};
use super::session::{DAY_MS, checked_name, opened};
use crate::auth::{Access, Principal, draw, failed, hash};
use crate::error::Refusal;
use crate::store::{Joined, Joining, NewShareLink, NewUser, ShareLink};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(share).service(revoke).service(open);
}

/// List share links
///
/// Those into the document that work, the oldest first.
#[utoipa::path(
    tag = "people",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The links", body = Page<ShareLinkSummary>)),
)]
#[get("/document/{id}/share-links")]
async fn list(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ShareLinkSummary>>, Refusal> {
    access.document(who.user, *id, Right::Manage).await?;
    let (limit, after, now_ms) = (page.limit()?, page.after()?, access.now_ms());
    let mut links = access.blocking(move |store| store.share_links(*id, after, limit + 1, now_ms)).await?;
    let has_more = links.len() > limit;
    links.truncate(limit);
    let next = links.last().filter(|_| has_more).map(|last| cursor(&(last.created_at_ms, last.id))).transpose()?;
    Ok(Json(Page { items: links.into_iter().map(summary).collect(), next }))
}

/// Make a share link
///
/// Whoever holds its token has the role in the document until the link ends. The answer holds the token, once.
#[utoipa::path(
    tag = "people",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = ShareDocument,
    responses(
        (status = 201, description = "The link", body = SharedDocument),
        (status = 409, description = "There are as many as there may be", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/share-links")]
async fn share(
    access: Data<Access>,
    who: Principal,
    id: Path<DocumentId>,
    body: Json<ShareDocument>,
) -> Result<HttpResponse, Refusal> {
    access.document(who.user, *id, Right::Manage).await?;
    let now_ms = access.now_ms();
    if body.role == Role::Owner {
        return Err(Refusal::invalid("role", "a link makes nobody an owner; choose viewer, commenter or editor"));
    }
    if body.expires_at_ms <= now_ms || body.expires_at_ms > now_ms + SHARE_LINK_DAYS * DAY_MS {
        let message = format!("a link ends in the future, within {SHARE_LINK_DAYS} days");
        return Err(Refusal::invalid("expires_at_ms", message));
    }
    let token = draw().map_err(failed)?;
    let token_hash = hash(token.reveal());
    let link = ShareLinkSummary {
        id: ShareLinkId(Uuid::now_v7()),
        role: body.role,
        created_by: Named { id: who.user, name: who.name },
        created_at_ms: now_ms,
        expires_at_ms: body.expires_at_ms,
    };
    let made = link.clone();
    let has_room = access
        .blocking(move |store| {
            let new = NewShareLink {
                id: made.id,
                token_hash: &token_hash,
                document: *id,
                role: made.role,
                created_by: made.created_by.id,
                expires_at_ms: made.expires_at_ms,
            };
            store.share(&new, SHARE_LINKS, now_ms)
        })
        .await?;
    if !has_room {
        let message = format!("a document has at most {SHARE_LINKS} share links that work; end one");
        return Err(Refusal::new(ErrorCode::LimitReached, message));
    }
    Ok(HttpResponse::Created().json(SharedDocument { link, token }))
}

/// End a share link
///
/// Whoever came by it loses what it gave.
#[utoipa::path(
    tag = "people",
    params(("id" = ShareLinkId, Path, description = "The link")),
    responses((status = 204, description = "Ended")),
)]
#[delete("/share-link/{id}")]
async fn revoke(access: Data<Access>, who: Principal, id: Path<ShareLinkId>) -> Result<HttpResponse, Refusal> {
    let missing = || Refusal::new(ErrorCode::NotFound, "there is no such share link");
    let (id, now_ms) = (*id, access.now_ms());
    let link = access.blocking(move |store| store.share_link(id, now_ms)).await?.ok_or_else(missing)?;
    match access.document(who.user, link.document, Right::Manage).await {
        Err(refusal) if refusal.code() == ErrorCode::UnknownDocument => return Err(missing()),
        other => other?,
    };
    access.blocking(move |store| store.revoke_share_link(id, who.user, now_ms)).await?;
    access.changed();
    Ok(HttpResponse::NoContent().finish())
}

/// Open a share link
///
/// Whoever is not signed in becomes a guest, and is signed in as such.
#[utoipa::path(
    tag = "people",
    security((), ("bearer" = [])),
    request_body = OpenShareLink,
    responses(
        (status = 200, description = "Where the link leads", body = OpenedShareLink),
        (status = 401, description = "The token of the sign-in is not good", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The link does not work", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "As many came as may", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/share")]
async fn open(request: HttpRequest, access: Data<Access>, body: Json<OpenShareLink>) -> Result<HttpResponse, Refusal> {
    let who =
        if request.headers().contains_key(AUTHORIZATION) { Some(Principal::extract(&request).await?) } else { None };
    let OpenShareLink { token, name } = body.into_inner();
    let name = checked_name(name.as_deref().unwrap_or("Guest"))?;
    let (token_hash, now_ms, guest) = (hash(token.reveal()), access.now_ms(), UserId(Uuid::now_v7()));
    let known = who.map(|who| who.user);
    let joined = access
        .blocking(move |store| {
            let guest = NewUser {
                id: guest,
                email: None,
                name: &name,
                password_hash: None,
                is_guest: true,
                is_operator: false,
            };
            let who = known.map_or(Joining::Guest(guest), Joining::Known);
            store.join(&token_hash, &who, SHARE_LINK_PEOPLE, now_ms)
        })
        .await?;
    let link = match joined {
        Joined::Yes(link) => link,
        Joined::NoLink => {
            return Err(Refusal::new(ErrorCode::NotFound, "this link does not work any more; ask for another one"));
        }
        Joined::Full => {
            let message = format!("at most {SHARE_LINK_PEOPLE} people come by one link; ask for another one");
            return Err(Refusal::new(ErrorCode::LimitReached, message));
        }
    };
    access.changed();
    let answer = OpenedShareLink { document: link.document, role: link.role, signed_in: None };
    if known.is_some() {
        return Ok(HttpResponse::Ok().json(answer));
    }
    let account = access.blocking(move |store| store.account(guest)).await?;
    opened(&request, &access, &account, answer).await
}

fn summary(link: ShareLink) -> ShareLinkSummary {
    let ShareLink { id, role, created_by, creator, created_at_ms, expires_at_ms, .. } = link;
    ShareLinkSummary { id, role, created_by: Named { id: created_by, name: creator }, created_at_ms, expires_at_ms }
}
