//! How the server is.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data, Json};
use actix_web::{Resource, Route, guard};
use coval_shared::rest::Health;
use tokio::sync::watch;

use super::blocking;
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::Store;

/// `GET /health`, for whoever restarts a server that hangs: whether the process answers.
pub(super) fn health() -> impl HttpServiceFactory {
    resource("/health", read().to(alive))
}

/// `GET /ready`, for whoever sends people to servers: whether this one can work.
pub(super) fn ready() -> impl HttpServiceFactory {
    resource("/ready", read().to(able))
}

fn read() -> Route {
    Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
}

fn resource(path: &str, route: Route) -> impl HttpServiceFactory + use<> {
    Resource::new(path)
        .route(route)
        .default_service(web::to(Refusal::method))
        .wrap(DefaultHeaders::new().add((CACHE_CONTROL, HeaderValue::from_static("no-store"))))
}

async fn alive() -> Json<Health> {
    Json(well())
}

async fn able(documents: Data<Documents>, stopping: Data<Stopping>) -> Result<Json<Health>, Refusal> {
    if *stopping.0.borrow() {
        return Err(Refusal::busy());
    }
    blocking(&documents, Store::check).await?;
    Ok(Json(well()))
}

fn well() -> Health {
    Health { status: "ok".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Becomes true when the server stops.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);
