//! Full-text search.

use actix_web::get;
use actix_web::web::{Data, Query};
use coval_shared::protocol::WorkspaceId;
use coval_shared::rest::{Page, SearchResult};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::documents::summary;
use super::json::Json;
use super::pages::{PageQuery, cursor};
use crate::auth::{Access, Principal};
use crate::error::Refusal;
use crate::search;
use crate::store::{Found, Hit, SearchQuery};

/// How far into the results pages go. Who does not find it there adds a word.
const REACH: usize = 1_000;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(find);
}

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Words, all of which have to be in the document; the last one may be the beginning of a word. Case and accents do
    /// not count.
    #[param(min_length = 1, max_length = 1000, example = "net sales")]
    q: String,
    /// Only in this workspace.
    workspace: Option<WorkspaceId>,
    /// In the archive, instead of outside of it.
    archived: Option<bool>,
}

/// Search
///
/// The documents with all the words in their title, the newest first, and after them those with the words in labels,
/// names and notes of a model, or in the text of a memo, the best first. Of words that are everywhere, the newest 500
/// documents of either sort are found. Edits are found about a second later.
#[utoipa::path(
    tag = "documents",
    params(Wanted, PageQuery),
    responses((status = 200, description = "What was found", body = Page<SearchResult>)),
)]
#[get("/search")]
async fn find(
    access: Data<Access>,
    who: Principal,
    wanted: Query<Wanted>,
    page: Query<PageQuery>,
) -> Result<Json<Page<SearchResult>>, Refusal> {
    let words = search::query(&wanted.q)?;
    let skip: usize = page.after()?.unwrap_or_default();
    if skip > REACH {
        return Err(PageQuery::foreign());
    }
    let limit = page.limit()?.min(REACH - skip);
    let query = SearchQuery {
        reader: who.user,
        workspace: wanted.workspace,
        is_archived: wanted.archived.unwrap_or_default(),
        words: words.clone(),
        skip,
        limit,
        now_ms: access.now_ms(),
    };
    let (results, has_more) = access
        .blocking(move |store| {
            let Found { hits, has_more } = store.search(&query)?;
            Ok((hits.into_iter().map(|hit| result(hit, &words)).collect(), has_more))
        })
        .await?;
    let end = skip + limit;
    let next = (has_more && end < REACH).then(|| cursor(&end)).transpose()?;
    Ok(Json(Page { items: results, next }))
}

fn result(hit: Hit, words: &[String]) -> SearchResult {
    let title = search::whole(&hit.document.title, words);
    let excerpt = search::around_first(&hit.body, words);
    SearchResult { document: summary(hit.document, hit.role), title, excerpt }
}
