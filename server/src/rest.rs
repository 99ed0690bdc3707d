//! The HTTP interface: [`openapi`] describes it to the world, [`requests`] says what every request has to be.
//!
//! Routes are registered through `utoipa_actix_web` alone, so that each is in the description.

mod activity;
mod annotations;
mod branches;
mod calculations;
mod comments;
mod creation;
mod docs;
mod documents;
mod exports;
mod history;
mod json;
mod notifications;
mod openapi;
mod pages;
mod people;
mod requests;
mod search;
mod session;
mod share;
mod stream;
mod system;
mod workspaces;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use utoipa_actix_web::scope::{Scope, scope};

pub(crate) use system::Stopping;

use crate::auth::limit;
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{Store, StoreError};

/// Adds the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let api = api().map(|scope| {
        scope
            .app_data(requests::bodies())
            .app_data(requests::queries())
            .app_data(requests::paths())
            .default_service(web::to(openapi::nothing_here))
            .wrap(from_fn(requests::check))
            .wrap(from_fn(limit))
    });
    config.service(system::health()).service(system::ready()).service(api);
}

/// Everything under `/api`.
fn api() -> Scope<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = actix_web::Error, InitError = ()>,
> {
    scope("/api")
        .configure(activity::configure)
        .configure(annotations::configure)
        .configure(branches::configure)
        .configure(calculations::configure)
        .configure(comments::configure)
        .configure(creation::configure)
        .configure(docs::configure)
        .configure(documents::configure)
        .configure(exports::configure)
        .configure(history::configure)
        .configure(notifications::configure)
        .configure(people::configure)
        .configure(search::configure)
        .configure(session::configure)
        .configure(share::configure)
        .configure(system::configure)
        .configure(workspaces::configure)
        .configure(stream::configure)
}

/// Runs `work`, which blocks, on a thread for such.
async fn blocking<T: Send + 'static>(
    documents: &Documents,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Refusal> {
    let store = documents.store().clone();
    match web::block(move || work(&store)).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Refusal::busy()),
    }
}
