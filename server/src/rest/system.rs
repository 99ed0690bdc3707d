//! How the server is.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, Data};
use actix_web::{Resource, Route, get, guard};
use coval_shared::protocol::ErrorCode;
use coval_shared::rest::{Health, SystemStats};
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

use super::blocking;
use super::json::Json;
use crate::auth::{Access, Principal};
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::Store;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(stats);
}

/// How the server is
///
/// How busy it is, and how much it keeps. Only for operators.
#[utoipa::path(tag = "system", responses((status = 200, description = "The figures", body = SystemStats)))]
#[get("/system/stats")]
async fn stats(access: Data<Access>, documents: Data<Documents>, who: Principal) -> Result<Json<SystemStats>, Refusal> {
    if !who.is_operator {
        return Err(Refusal::new(ErrorCode::Forbidden, "only operators may read this"));
    }
    let (counts, (connections, idle), database) =
        access.blocking(|store| Ok((store.total_counts()?, store.connections(), store.kind()))).await?;
    let census = documents.census();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(Json(SystemStats {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: database.to_owned(),
        database_connections: connections.into(),
        database_idle: idle.into(),
        users: counts.users,
        workspaces: counts.workspaces,
        documents: counts.documents,
        revisions: counts.revisions,
        documents_to_index: counts.documents_to_index,
        open_documents: count(census.open),
        waiting_commands: count(census.waiting),
    }))
}

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
