//! From what went wrong to what the world is told: the only place that knows HTTP status codes.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use coval_shared::protocol::ErrorCode;
use coval_shared::rest::Problem;

use crate::store::StoreError;

/// An answer that is not a success.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    code: ErrorCode,
    message: String,
    is_wrong_method: bool,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), is_wrong_method: false }
    }

    /// What is there can only be read.
    pub(crate) fn wrong_method() -> Self {
        Self { is_wrong_method: true, ..Self::new(ErrorCode::BadRequest, "this address is only read, with GET") }
    }

    /// Answers requests whose method nothing else has taken.
    pub(crate) async fn method() -> Result<HttpResponse, Self> {
        Err(Self::wrong_method())
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self.code {
            _ if self.is_wrong_method => StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::UnknownDocument | ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::Unauthenticated | ErrorCode::TicketInvalid => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden | ErrorCode::ForbiddenOrigin => StatusCode::FORBIDDEN,
            ErrorCode::Conflict | ErrorCode::LimitReached => StatusCode::CONFLICT,
            ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::ReadOnly | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
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
        let problem = Problem { code: self.code, message: self.message.clone() };
        let mut response = HttpResponse::build(self.status_code()).json(problem);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.is_wrong_method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(ErrorCode::UnknownDocument, "there is no such document"),
            StoreError::Unavailable(_) | StoreError::Conflict => {
                tracing::error!(%error, "the database failed");
                Self::new(ErrorCode::Unavailable, "the database can't be reached; try again")
            }
            StoreError::Circle(_) => Self::new(ErrorCode::BadRequest, error.to_string()),
            StoreError::Corrupt(_) => {
                tracing::error!(%error, "stored data can't be read");
                Self::new(ErrorCode::Internal, "the document can't be read; the log of the server says why")
            }
        }
    }
}
