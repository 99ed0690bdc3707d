//! What the app asks for over HTTP.

use coval_shared::rest::{DocumentSummary, Nothing, Page, Problem, SignedIn, SocketTicket};
use coval_shared::secret::Secret;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;

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

/// The documents that whoever is signed in may read.
///
/// # Errors
///
/// Returns a [`RestError`] when the server does not give the list.
pub async fn documents() -> Result<Page<DocumentSummary>, RestError> {
    let token = token().await?;
    let asked = Request::get("/api/documents").header("Authorization", &format!("Bearer {}", token.reveal())).send();
    read(asked.await.map_err(|_| RestError::Unreachable)?).await
}

/// A ticket that opens one socket for whoever is signed in.
///
/// # Errors
///
/// Returns a [`RestError`] when nobody is, or the server does not answer.
pub async fn socket_ticket() -> Result<Secret, RestError> {
    let token = token().await?;
    let request = Request::post("/api/socket-ticket").header("Authorization", &format!("Bearer {}", token.reveal()));
    post(request).await.map(|answer: SocketTicket| answer.ticket)
}

/// A token of the sign-in that the browser keeps in a cookie.
async fn token() -> Result<Secret, RestError> {
    post(Request::post("/api/session/refresh")).await.map(|answer: SignedIn| answer.token)
}

async fn post<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, RestError> {
    let request = request.json(&Nothing::default()).map_err(|_| RestError::Unreadable)?;
    read(request.send().await.map_err(|_| RestError::Unreachable)?).await
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, RestError> {
    if !response.ok() {
        let said = response.json::<Problem>().await;
        return Err(RestError::Refused(match said {
            Ok(problem) => problem.detail,
            Err(_) => format!("the server answered with status {}", response.status()),
        }));
    }
    response.json().await.map_err(|_| RestError::Unreadable)
}
