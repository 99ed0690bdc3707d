//! What happened to documents: sessions of edits, past revisions, differences, named versions.

mod cell;

use std::collections::HashMap;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use coval_shared::history::{Comparison, changes, text_op, text_spans};
use coval_shared::limits::VERSION_NAME_CHARS;
use coval_shared::model::CellRef;
use coval_shared::protocol::{DocumentId, ErrorCode, UserId};
use coval_shared::rest::{
    Author, Diff, HistoryItem, HistorySession, MadeRevision, NameVersion, Page, PastRevision, Restore, RevisionSummary,
    Version,
};
use coval_shared::rights::Right;
use ot_core::text::{Text, TextOp};
use ot_core::{Revision, compose_all};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{RevisionRow, Store, StoreError, VersionRow};

/// How many bytes of ops are composed to tell what changed in a memo; of more, the two texts are compared.
const OPS_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .service(history)
        .service(revisions)
        .service(past)
        .service(compare)
        .service(restore)
        .service(versions)
        .service(name_version)
        .service(forget_version);
}

/// Which history.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// A cell, as `item@period` or `item`: then the changes to it are told.
    cell: Option<String>,
}

/// Where a list of sessions goes on: how many are done of those up to a revision.
#[derive(Serialize, Deserialize)]
struct SessionsAfter {
    upto: Revision,
    done: u64,
}

/// History
///
/// The sessions in which people edited the document, the newest first: the edits of one person with pauses of less than
/// ten minutes. With `cell`, who changed that cell, when, from what and to what; a page may then have fewer entries than
/// asked for, or none, and still have a next one.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery, HistoryQuery),
    responses((status = 200, description = "The history", body = Page<HistoryItem>)),
)]
#[get("/document/{id}/history")]
async fn history(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
    query: Query<HistoryQuery>,
) -> Result<Json<Page<HistoryItem>>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let (id, limit) = (*id, count(page.limit()?));
    if let Some(key) = &query.cell {
        let wrong = || Refusal::invalid("cell", "a cell is named as item@period, or as item where it has one value");
        let cell = CellRef::parse(key).ok_or_else(wrong)?;
        let upto = page.after::<Revision>()?;
        let (changes, next) = blocking(&documents, move |store| cell::changes(store, id, &cell, upto, limit)).await?;
        let items = changes.into_iter().map(HistoryItem::Cell).collect();
        return Ok(Json(Page { items, next: next.map(|next| cursor(&next)).transpose()? }));
    }
    let after = page.after::<SessionsAfter>()?;
    let (items, next) = blocking(&documents, move |store| {
        let after = match after {
            Some(after) => after,
            None => SessionsAfter { upto: store.revision(id)?, done: 0 },
        };
        let found = store.edit_sessions(id, after.upto, after.done, limit)?;
        let names = authors(store, found.sessions.iter().filter_map(|session| session.author))?;
        let items = found.sessions.iter().map(|session| {
            HistoryItem::Session(HistorySession {
                author: session.author.and_then(|author| names.get(&author).cloned()),
                first_revision: session.first,
                last_revision: session.last,
                edits: session.edits,
                begun_at_ms: session.begun_at_ms,
                ended_at_ms: session.ended_at_ms,
            })
        });
        let next = if found.has_more {
            Some(SessionsAfter { upto: after.upto, done: after.done.saturating_add(limit) })
        } else {
            found.before.map(|upto| SessionsAfter { upto, done: 0 })
        };
        Ok((items.collect(), next))
    })
    .await?;
    Ok(Json(Page { items, next: next.map(|next| cursor(&next)).transpose()? }))
}

/// Revisions
///
/// Every revision, the newest first.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The revisions", body = Page<RevisionSummary>)),
)]
#[get("/document/{id}/revisions")]
async fn revisions(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<RevisionSummary>>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let (id, limit, upto) = (*id, count(page.limit()?), page.after::<Revision>()?);
    let (items, next) = blocking(&documents, move |store| {
        let rows = store.revision_list(id, upto.unwrap_or(Revision(u64::MAX)), limit)?;
        let next = rows.last().map(|row| row.revision.0.saturating_sub(1)).filter(|next| *next > 0).map(Revision);
        let names = authors(store, rows.iter().filter_map(|row| row.author))?;
        Ok((rows.into_iter().map(|row| summary(row, &names)).collect(), next))
    })
    .await?;
    Ok(Json(Page { items, next: next.map(|next| cursor(&next)).transpose()? }))
}

/// A past revision
///
/// The document as it was.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), ("revision" = u64, Path, description = "The revision")),
    responses((status = 200, description = "The document at that revision", body = PastRevision)),
)]
#[get("/document/{id}/revision/{revision}")]
async fn past(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    path: Path<(DocumentId, u64)>,
) -> Result<Json<PastRevision>, Refusal> {
    let (document, revision) = (path.0, Revision(path.1));
    access.document(who.user, document, Right::Read).await?;
    let (_, body) =
        blocking(&documents, move |store| store.document_at(document, revision)).await.map_err(no_revision)?;
    Ok(Json(PastRevision { document, revision, body }))
}

/// Which two revisions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// The revision before.
    from: u64,
    /// The revision after; the newest, if there is none.
    to: Option<u64>,
}

/// Differences
///
/// What differs between two revisions, as people read it: changes to rows and cells of a model, stretches of text of a
/// memo.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), DiffQuery),
    responses((status = 200, description = "What differs", body = Diff)),
)]
#[get("/document/{id}/diff")]
async fn compare(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    query: Query<DiffQuery>,
) -> Result<Json<Diff>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let (id, from, to) = (*id, Revision(query.from), query.to.map(Revision));
    let diff = blocking(&documents, move |store| {
        let to = match to {
            Some(to) => to,
            None => store.revision(id)?,
        };
        let (_, before) = store.document_at(id, from)?;
        let (_, after) = store.document_at(id, to)?;
        let comparison = match (&before, &after) {
            (Value::String(before), Value::String(after)) => {
                let (spans, is_complete) = text_spans(before, &text_change(store, id, (from, before), (to, after))?);
                Comparison { changes: Vec::new(), spans, is_complete }
            }
            _ => changes(&before, &after),
        };
        Ok(Diff { from, to, comparison })
    });
    Ok(Json(diff.await.map_err(no_revision)?))
}

/// Restore
///
/// Makes the document again what it was, as a new revision: nothing is taken out of the history, and what others edit
/// meanwhile stays.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = Restore,
    responses((status = 200, description = "The new revision", body = MadeRevision)),
)]
#[post("/document/{id}/restore")]
async fn restore(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    body: Json<Restore>,
) -> Result<Json<MadeRevision>, Refusal> {
    access.document(who.user, *id, Right::Edit).await?;
    Ok(Json(crate::merge::restore(&documents, *id, who.user, body.revision, access.now_ms()).await?))
}

/// Versions
///
/// The revisions that have a name, the newest first.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), PageQuery),
    responses((status = 200, description = "The named revisions", body = Page<Version>)),
)]
#[get("/document/{id}/versions")]
async fn versions(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Version>>, Refusal> {
    access.document(who.user, *id, Right::Read).await?;
    let (id, limit, before) = (*id, page.limit()?, page.after::<Revision>()?);
    let (items, next) = blocking(&documents, move |store| {
        let mut rows = store.versions(id, before.unwrap_or(Revision(u64::MAX)), count(limit).saturating_add(1))?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().map(|row| row.revision).filter(|_| has_more);
        let names = authors(store, rows.iter().filter_map(|row| row.author))?;
        Ok((rows.into_iter().map(|row| version(row, &names)).collect(), next))
    })
    .await?;
    Ok(Json(Page { items, next: next.map(|next| cursor(&next)).transpose()? }))
}

/// Name a version
///
/// Gives a revision a name, in place of the one that it may have.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document")),
    request_body = NameVersion,
    responses(
        (status = 201, description = "The named revision", body = Version),
        (status = 409, description = "There are as many as there may be", body = coval_shared::rest::Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/document/{id}/versions")]
async fn name_version(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    id: Path<DocumentId>,
    body: Json<NameVersion>,
) -> Result<HttpResponse, Refusal> {
    access.document(who.user, *id, Right::Edit).await?;
    let name = named(&body.name)?;
    let (id, revision, user, now_ms) = (*id, body.revision, who.user, access.now_ms());
    let made = blocking(&documents, move |store| {
        let revision = match revision {
            Some(revision) => revision,
            None => store.revision(id)?,
        };
        let row = VersionRow { revision, name, author: Some(user), created_at_ms: now_ms };
        let has_room = store.name_version(id, &row)?;
        Ok(has_room.then_some(row))
    });
    let row = made.await.map_err(no_revision)?.ok_or_else(|| {
        let message = format!("a document has at most {} named versions; take a name away", crate::store::VERSIONS);
        Refusal::new(ErrorCode::LimitReached, message)
    })?;
    let author = Author { id: who.user, name: who.name };
    let made = Version { revision: row.revision, name: row.name, author: Some(author), named_at_ms: row.created_at_ms };
    Ok(HttpResponse::Created().json(made))
}

/// Take a version's name away
///
/// The revision stays.
#[utoipa::path(
    tag = "history",
    params(("id" = DocumentId, Path, description = "The document"), ("revision" = u64, Path, description = "The revision")),
    responses((status = 204, description = "The revision has no name")),
)]
#[delete("/document/{id}/version/{revision}")]
async fn forget_version(
    who: Principal,
    access: Data<Access>,
    documents: Data<Documents>,
    path: Path<(DocumentId, u64)>,
) -> Result<HttpResponse, Refusal> {
    let (document, revision) = (path.0, Revision(path.1));
    access.document(who.user, document, Right::Edit).await?;
    let (user, now_ms) = (who.user, access.now_ms());
    let forgotten = blocking(&documents, move |store| store.forget_version(document, revision, user, now_ms));
    forgotten.await.map_err(|refusal| match refusal.code() {
        ErrorCode::UnknownDocument => Refusal::new(ErrorCode::NotFound, "the revision has no name"),
        _ => refusal,
    })?;
    Ok(HttpResponse::NoContent().finish())
}

/// A name of a version or a branch, without spaces around it.
pub(super) fn named(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > VERSION_NAME_CHARS || name.chars().any(char::is_control) {
        let message = format!("a name has 1 to {VERSION_NAME_CHARS} characters, in one line");
        return Err(Refusal::invalid("name", message));
    }
    Ok(name.to_owned())
}

/// What people are called.
pub(super) fn authors(store: &Store, ids: impl Iterator<Item = UserId>) -> Result<HashMap<UserId, Author>, StoreError> {
    let names = store.names(&ids.collect())?;
    Ok(names.into_iter().map(|(id, name)| (id, Author { id, name })).collect())
}

fn summary(row: RevisionRow, names: &HashMap<UserId, Author>) -> RevisionSummary {
    RevisionSummary {
        revision: row.revision,
        author: row.author.and_then(|author| names.get(&author).cloned()),
        made_at_ms: row.committed_at_ms,
        name: row.name,
    }
}

fn version(row: VersionRow, names: &HashMap<UserId, Author>) -> Version {
    Version {
        revision: row.revision,
        name: row.name,
        author: row.author.and_then(|author| names.get(&author).cloned()),
        named_at_ms: row.created_at_ms,
    }
}

/// The op from one text of a memo to a later one: what was typed, where that is not too much to read.
fn text_change(
    store: &Store,
    id: DocumentId,
    (from, before): (Revision, &str),
    (to, after): (Revision, &str),
) -> Result<TextOp, StoreError> {
    if from < to
        && let Some(ops) = store.operations(id, from, to, OPS_BYTES)?
        && let Some(texts) = ops.iter().map(|committed| text_op(&committed.op)).collect::<Option<Vec<_>>>()
        && let Ok(op) = compose_all::<Text>(texts)
    {
        return Ok(op);
    }
    Ok(TextOp::diff(before, after))
}

/// Whoever gets here may read the document, so what is missing is the revision.
fn no_revision(refusal: Refusal) -> Refusal {
    match refusal.code() {
        ErrorCode::UnknownDocument => Refusal::new(ErrorCode::NotFound, "there is no such revision"),
        _ => refusal,
    }
}

fn count(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}
