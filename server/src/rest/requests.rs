//! What every request under `/api` has to be, whatever it asks for.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Data, JsonConfig, PathConfig, QueryConfig};
use actix_web::{Error, HttpRequest, ResponseError};
use coval_shared::limits::{BODY_BYTES, TITLE_CHARS};
use coval_shared::protocol::ErrorCode;

use crate::auth::Origins;
use crate::error::Refusal;

/// The types of what a form on any page can send without being asked.
const FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// How much of a reader's complaint an answer repeats, in characters. It may quote what the client sent.
const COMPLAINT_CHARS: usize = 200;

/// Bodies are JSON and bounded.
pub(super) fn bodies() -> JsonConfig {
    JsonConfig::default().limit(BODY_BYTES).error_handler(|error, _| body(&error).into())
}

/// Parameters in the query can be read.
pub(super) fn queries() -> QueryConfig {
    QueryConfig::default().error_handler(|error, _| query(&error).into())
}

/// What is no id is the id of nothing.
pub(super) fn paths() -> PathConfig {
    PathConfig::default().error_handler(|error, request| path(&error, request).into())
}

/// Answers `HEAD` as `GET`, of which the connection then leaves the body out, has nothing changed by pages from elsewhere,
/// and has answers kept nowhere unless they say otherwise.
pub(super) async fn check(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    if let Err(refusal) = change(request.request()) {
        return Ok(request.into_response(refusal.error_response()));
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// Whether the request may change something, if it is one that can: neither a page from elsewhere nor a form may. Browsers
/// name the page of every such request; programs name none.
fn change(request: &HttpRequest) -> Result<(), Refusal> {
    if [Method::GET, Method::OPTIONS, Method::TRACE].contains(request.method()) {
        return Ok(());
    }
    if let Some(origins) = request.app_data::<Data<Origins>>() {
        origins.check_if_named(request)?;
    }
    let types = request.headers().get_all(CONTENT_TYPE).filter_map(|value| value.to_str().ok());
    let mut kinds = types.map(|value| value.split([';', ',']).next().unwrap_or_default().trim());
    if kinds.any(|kind| FORMS.iter().any(|form| kind.eq_ignore_ascii_case(form))) {
        let detail = "forms and plain text change nothing here; send application/json, or a file as what it is";
        return Err(Refusal::new(ErrorCode::UnsupportedMediaType, detail));
    }
    Ok(())
}

/// A title or a name as people gave it, without spaces around it.
///
/// # Errors
///
/// Refuses one without a letter, one that is too long, and one with characters that are no text.
pub(super) fn title(field: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid(field, format!("{field} is empty; give it at least one character")));
    }
    if text.chars().count() > TITLE_CHARS {
        return Err(Refusal::invalid(field, format!("{field} has more than {TITLE_CHARS} characters; shorten it")));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::invalid(field, format!("{field} has control characters or line breaks; take them out")));
    }
    Ok(text.to_owned())
}

fn body(error: &JsonPayloadError) -> Refusal {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            Refusal::new(ErrorCode::MessageTooLarge, format!("the body has more than {BODY_BYTES} bytes"))
        }
        JsonPayloadError::ContentType => {
            Refusal::new(ErrorCode::UnsupportedMediaType, "the body has to be JSON, with content-type application/json")
        }
        JsonPayloadError::Deserialize(error) if error.is_data() => {
            Refusal::new(ErrorCode::Invalid, format!("the body is not what is asked for: {}", shortened(error)))
        }
        error => Refusal::new(ErrorCode::BadRequest, format!("the body can't be read: {}", shortened(error))),
    }
}

fn query(error: &QueryPayloadError) -> Refusal {
    let reason = match error {
        QueryPayloadError::Deserialize(error) => shortened(error),
        error => shortened(error),
    };
    Refusal::new(ErrorCode::Invalid, format!("the parameters can't be read: {reason}"))
}

fn path(_: &PathError, request: &HttpRequest) -> Refusal {
    if request.path().starts_with("/api/document/") {
        Refusal::new(ErrorCode::UnknownDocument, "there is no such document")
    } else {
        Refusal::new(ErrorCode::NotFound, "there is nothing at this address")
    }
}

fn shortened(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    match text.char_indices().nth(COMPLAINT_CHARS) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
