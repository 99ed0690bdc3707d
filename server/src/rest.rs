//! The HTTP interface.

use actix_web::Route;
use actix_web::guard;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use coval_shared::protocol::{DocumentId, ErrorCode};
use coval_shared::rest::{DocumentList, DocumentOutputs, Health};
use uuid::Uuid;

use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{Store, StoreError};

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let fresh = || DefaultHeaders::new().add((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    let read = || Route::new().guard(guard::Any(guard::Get()).or(guard::Head()));
    let resource = |path: &str, route| web::resource(path).route(route).default_service(web::to(Refusal::method));
    config.service(resource("/health", read().to(health)).wrap(fresh())).service(
        web::scope("/api")
            .wrap(fresh())
            .service(resource("/documents", read().to(documents)))
            .service(resource("/document/{id}/outputs", read().to(outputs)))
            .default_service(web::to(nothing_here)),
    );
}

async fn health(documents: Data<Documents>) -> Result<Json<Health>, Refusal> {
    blocking(&documents, Store::check).await?;
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }))
}

async fn documents(documents: Data<Documents>) -> Result<Json<DocumentList>, Refusal> {
    Ok(Json(DocumentList { documents: blocking(&documents, Store::documents).await? }))
}

async fn outputs(documents: Data<Documents>, id: Path<String>) -> Result<Json<DocumentOutputs>, Refusal> {
    // What is no id is the id of no document.
    let id = Uuid::parse_str(&id).map_err(|_| StoreError::NotFound)?;
    Ok(Json(documents.outputs(DocumentId(id)).await?))
}

async fn nothing_here() -> Result<Json<()>, Refusal> {
    Err(Refusal::new(ErrorCode::NotFound, "there is nothing at this address; docs/PROTOCOL.md lists what there is"))
}

/// Runs `work`, which blocks, on a thread for such.
async fn blocking<T: Send + 'static>(
    documents: &Documents,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    let store = documents.store().clone();
    match web::block(move || work(&store)).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Refusal::new(ErrorCode::Unavailable, "the server is busy or stopping; try again")),
    }
}
