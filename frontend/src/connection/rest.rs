//! What the app asks for over HTTP.

use coval_shared::rest::{DocumentSummary, Page, Problem};
use gloo_net::http::Request;

/// Why a question over HTTP has no answer, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestError {
    /// The server can't be reached.
    Unreachable,
    /// The server refused, and said why.
    Refused(String),
    /// The answer makes no sense.
    Unreadable,
}

/// The documents that there are.
///
/// # Errors
///
/// Returns a [`RestError`] when the server does not give the list.
pub async fn documents() -> Result<DocumentSummary, Page, RestError> {
    let response = Request::get("/api/documents").send().await.map_err(|_| RestError::Unreachable)?;
    if !response.ok() {
        let said = response.json::<Problem>().await;
        return Err(RestError::Refused(match said {
            Ok(problem) => problem.detail,
            Err(_) => format!("the server answered with status {}", response.status()),
        }));
    }
    response.json().await.map_err(|_| RestError::Unreadable)
}
