//! From what went wrong to what the world is told: the only place that knows HTTP status codes.

use std::fmt::Display;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use coval_shared::protocol::ErrorCode;
use coval_shared::rest::Problem;

use crate::metrics;
use crate::store::StoreError;

/// What people are told while the disk takes nothing.
pub(crate) const READ_ONLY: &str = "the disk of the server is full or fails: nothing was stored, and what is stored \
                                    can be read; try again in a while";

/// An answer that is not a success.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refusal {
    code: ErrorCode,
    detail: String,
    field: Option<&'static str>,
    /// The methods that are possible where another one was tried.
    allowed: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, allowed: None }
    }

    /// A field of the body, or a parameter, has a value that it can't have.
    pub(crate) fn invalid(field: &'static str, detail: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new(ErrorCode::Invalid, detail) }
    }

    /// There is no such document, or whoever asks may not know of it.
    pub(crate) fn unknown_document() -> Self {
        Self::new(ErrorCode::UnknownDocument, "there is no such document")
    }

    /// The server is at fault.
    pub(crate) fn internal(error: &dyn Display) -> Self {
        tracing::error!(%error, "the server is at fault");
        Self::new(ErrorCode::Internal, "the server is at fault; its log says why")
    }

    /// The disk takes nothing at the moment.
    pub(crate) fn read_only() -> Self {
        Self::new(ErrorCode::ReadOnly, READ_ONLY)
    }

    /// No thread is left for the work.
    pub(crate) fn busy() -> Self {
        Self::new(ErrorCode::Unavailable, "the server is busy or stopping; try again")
    }

    /// Only `methods` are possible here.
    pub(crate) fn wrong_method(methods: impl Into<String>) -> Self {
        let methods = methods.into();
        let detail = format!("this address is for {methods}");
        Self { allowed: Some(methods), ..Self::new(ErrorCode::BadRequest, detail) }
    }

    /// Answers requests to what is only read, whose method nothing else has taken.
    pub(crate) async fn method() -> Result<HttpResponse, Self> {
        Err(Self::wrong_method("GET, HEAD"))
    }

    /// The stable code.
    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened and what to do, for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        if self.allowed.is_some() {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        match self.code {
            ErrorCode::Unauthenticated | ErrorCode::TicketInvalid => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden | ErrorCode::ForbiddenOrigin => StatusCode::FORBIDDEN,
            ErrorCode::UnknownDocument | ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::Conflict | ErrorCode::LimitReached => StatusCode::CONFLICT,
            ErrorCode::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Unavailable | ErrorCode::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::MalformedMessage
            | ErrorCode::HelloExpected
            | ErrorCode::DocumentNotOpen
            | ErrorCode::TooManyDocuments
            | ErrorCode::OpInvalid
            | ErrorCode::RevisionInFuture
            | ErrorCode::RevisionTooOld
            | ErrorCode::OutOfSequence
            | ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        metrics::refused(self.code);
        let status = self.status_code();
        let name = serde_json::to_value(self.code).ok().and_then(|name| name.as_str().map(str::to_owned));
        let problem = Problem {
            kind: format!("urn:coval:error:{}", name.unwrap_or_default()),
            title: title(self.code).to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            code: self.code,
            field: self.field.map(str::to_owned),
        };
        let mut response = HttpResponse::build(status).content_type("application/problem+json").json(problem);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(methods) = self.allowed.as_ref().and_then(|methods| HeaderValue::from_str(methods).ok()) {
            headers.insert(ALLOW, methods);
        }
        response
    }
}

/// What the code means, the same for all problems with it.
fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MalformedMessage => "Malformed message",
        ErrorCode::MessageTooLarge => "Too large",
        ErrorCode::HelloExpected => "Hello expected",
        ErrorCode::TicketInvalid => "Ticket invalid",
        ErrorCode::Unauthenticated => "Not signed in",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::UnknownDocument => "Unknown document",
        ErrorCode::DocumentNotOpen => "Document not open",
        ErrorCode::TooManyDocuments => "Too many documents",
        ErrorCode::OpInvalid => "Invalid op",
        ErrorCode::RevisionInFuture => "Revision in the future",
        ErrorCode::RevisionTooOld => "Revision too old",
        ErrorCode::OutOfSequence => "Out of sequence",
        ErrorCode::NotFound => "Not found",
        ErrorCode::ForbiddenOrigin => "Origin not allowed",
        ErrorCode::BadRequest => "Bad request",
        ErrorCode::UnsupportedMediaType => "Unsupported media type",
        ErrorCode::Invalid => "Invalid value",
        ErrorCode::Conflict => "Conflict",
        ErrorCode::LimitReached => "Limit reached",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::ReadOnly => "Read only for now",
        ErrorCode::Unavailable => "Unavailable",
        ErrorCode::Internal => "Internal error",
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::unknown_document(),
            StoreError::Unavailable(_) | StoreError::Conflict => {
                tracing::error!(%error, "the database failed");
                Self::new(ErrorCode::Unavailable, "the database can't be reached; try again")
            }
            StoreError::ReadOnly(_) => {
                tracing::error!(%error, "the database takes nothing");
                Self::read_only()
            }
            StoreError::LimitReached(reason) => Self::new(ErrorCode::LimitReached, reason),
            StoreError::Circle(_) => Self::new(ErrorCode::BadRequest, error.to_string()),
            StoreError::Corrupt(_) => {
                tracing::error!(%error, "stored data can't be read");
                Self::new(ErrorCode::Internal, "the document can't be read; the log of the server says why")
            }
        }
    }
}
