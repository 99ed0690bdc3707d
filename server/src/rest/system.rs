//! How the server is.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Json};
use actix_web::{Resource, Route, guard};
use coval_shared::rest::Health;

use super::blocking;
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::Store;

/// `GET /health`, for whoever watches over the server.
pub(super) fn health() -> impl HttpServiceFactory {
    let read = Route::new().guard(guard::Any(guard::Get()).or(guard::Head()));
    Resource::new("/health")
        .route(read.to(answer))
        .default_service(web::to(Refusal::method))
        .wrap(DefaultHeaders::new().add((CACHE_CONTROL, HeaderValue::from_static("no-store"))))
}

async fn answer(documents: Data<Documents>) -> Result<Json<Health>, Refusal> {
    blocking(&documents, Store::check).await?;
    Ok(Json(Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }))
}
