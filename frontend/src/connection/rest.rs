//! Asking the server over HTTP.

use coval_shared::protocol::ErrorCode;
use coval_shared::rest::Problem;
use coval_shared::secret::Secret;
use gloo_net::http::{Request, RequestBuilder, Response};

/// Why a question over HTTP has no answer, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestError {
    /// The server can't be reached.
    Unreachable,
    /// The server refused, and said why.
    Refused(Option<ErrorCode>, String),
    /// The answer makes no sense.
    Unreadable,
}

impl RestError {
    /// The server's code for it.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(code, _) => *code,
            Self::Unreachable | Self::Unreadable => None,
        }
    }

    /// What happened, as a sentence for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unreachable => "The server can't be reached.".to_owned(),
            Self::Refused(_, detail) => {
                let mut letters = detail.chars();
                let first = letters.next().map(char::to_uppercase).into_iter().flatten();
                first.chain(letters).chain(['.']).collect()
            }
            Self::Unreadable => {
                "The server's answer can't be read. Reload the page for the current version.".to_owned()
            }
        }
    }
}

/// What `path` holds for whoever has the token.
///
/// # Errors
///
/// Returns a [`RestError`] when the server does not say.
pub async fn get(path: &str, token: &Secret) -> Result<String, RestError> {
    answer(authorized(Request::get(path), Some(token)).send().await).await
}

/// What the server answers to `body`, which is JSON.
///
/// # Errors
///
/// Returns a [`RestError`] when the server refuses or can't be reached.
pub async fn post(path: &str, token: Option<&Secret>, body: String) -> Result<String, RestError> {
    let request = authorized(Request::post(path), token).header("Content-Type", "application/json").body(body);
    let request = request.map_err(|_| RestError::Unreadable)?;
    answer(request.send().await).await
}

fn authorized(request: RequestBuilder, token: Option<&Secret>) -> RequestBuilder {
    match token {
        Some(token) => request.header("Authorization", &format!("Bearer {}", token.reveal())),
        None => request,
    }
}

async fn answer(response: Result<Response, gloo_net::Error>) -> Result<String, RestError> {
    let response = response.map_err(|_| RestError::Unreachable)?;
    let text = response.text().await.map_err(|_| RestError::Unreachable)?;
    if response.ok() {
        return Ok(text);
    }
    Err(match serde_json::from_str::<Problem>(&text) {
        Ok(problem) => RestError::Refused(Some(problem.code), problem.detail),
        Err(_) => RestError::Refused(None, format!("the server answered with status {}", response.status())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_the_server_said_becomes_a_sentence() {
        let refused = RestError::Refused(Some(ErrorCode::Unauthenticated), "e-mail and password do not match".into());
        assert_eq!(refused.words(), "E-mail and password do not match.");
    }
}
