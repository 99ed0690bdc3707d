//! Documents: lists, and what a document says.

use actix_web::get;
use actix_web::web::{Data, Json, Path};
use coval_shared::protocol::DocumentId;
use coval_shared::rest::{DocumentOutputs, DocumentSummary, Page};
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::Store;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(outputs);
}

/// Documents
///
/// All documents, the last edited first.
#[utoipa::path(tag = "documents", responses((status = 200, description = "The documents", body = Page<DocumentSummary>)))]
#[get("/documents")]
async fn list(documents: Data<Documents>) -> Result<Json<Page<DocumentSummary>>, Refusal> {
    Ok(Json(Page { items: blocking(&documents, Store::documents).await?, next: None }))
}

/// Key figures
///
/// The key figures of the newest revision, as the server calculates them.
#[utoipa::path(
    tag = "documents",
    params(("id" = DocumentId, Path, description = "The document")),
    responses((status = 200, description = "The key figures", body = DocumentOutputs)),
)]
#[get("/document/{id}/outputs")]
async fn outputs(documents: Data<Documents>, id: Path<DocumentId>) -> Result<Json<DocumentOutputs>, Refusal> {
    Ok(Json(documents.outputs(*id).await?))
}
