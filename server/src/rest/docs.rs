//! The description of the interface, and a page to read it and try it out.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::web::Path;
use actix_web::{HttpResponse, get};
use coval_shared::protocol::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::Config;

use super::openapi;
use crate::error::Refusal;

/// The page. It has neither code nor styles of its own, since the policy of this server's pages lets none run.
const PAGE: &str = include_str!("docs/page.html");

/// The code with which the page begins.
const START: &str = include_str!("docs/start.js");

/// What of the viewer is served.
const FILES: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(description).service(page).service(file);
}

/// OpenAPI document
///
/// This description.
#[utoipa::path(
    tag = "description",
    security(()),
    responses((status = 200, description = "The description", body = Object, content_type = "application/json")),
)]
#[get("/openapi.json")]
async fn description() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi::json())
}

/// Viewer
///
/// A page that shows this description and sends requests.
#[utoipa::path(
    tag = "description",
    security(()),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")),
)]
#[get("/docs")]
async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(PAGE)
}

/// File of the viewer
///
/// Code and styles of the page.
#[utoipa::path(
    tag = "description",
    security(()),
    params(("file" = String, Path, description = "The name of the file", example = "start.js")),
    responses((status = 200, description = "The file", content(
        (String = "text/javascript"),
        (String = "text/css"),
    ))),
)]
#[get("/docs/{file}")]
async fn file(name: Path<String>) -> Result<HttpResponse, Refusal> {
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-cache"));
    if name.as_str() == "start.js" {
        return Ok(response.content_type("text/javascript; charset=utf-8").body(START));
    }
    let missing = || Refusal::new(ErrorCode::NotFound, "there is no such file");
    if !FILES.contains(&name.as_str()) {
        return Err(missing());
    }
    let found = utoipa_swagger_ui::serve(&name, std::sync::Arc::new(Config::default()));
    let found = found.ok().flatten().ok_or_else(missing)?;
    if found.gzpipped {
        response.insert_header((CONTENT_ENCODING, "gzip"));
    }
    Ok(response.content_type(found.content_type).body(found.bytes.into_owned()))
}
