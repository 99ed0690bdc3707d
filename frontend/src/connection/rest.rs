//! Asking the server over HTTP.

use crate::words;
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
            Self::Unreachable => words!(common.unreachable).to_owned(),
            Self::Refused(_, detail) => {
                let mut letters = detail.chars();
                let first = letters.next().map(char::to_uppercase).into_iter().flatten();
                first.chain(letters).chain(['.']).collect()
            }
            Self::Unreadable => words!(common.unreadable).to_owned(),
        }
    }
}

/// `text` as a value in an address.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What a request does. The server takes changes as JSON alone, which no form of another page can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes something, or does something.
    Post,
    /// Sets something.
    Put,
    /// Changes something in part.
    Patch,
    /// Takes something away.
    Delete,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(String),
    /// A file, with its media type.
    File(Vec<u8>, &'static str),
}

/// What the server answers to `verb` on `path`, for whoever has the token.
///
/// # Errors
///
/// Returns a [`RestError`] when the server refuses or can't be reached.
pub async fn ask(verb: Verb, path: &str, token: Option<&Secret>, body: Body) -> Result<Vec<u8>, RestError> {
    let builder = match verb {
        Verb::Get => Request::get(path),
        Verb::Post => Request::post(path),
        Verb::Put => Request::put(path),
        Verb::Patch => Request::patch(path),
        Verb::Delete => Request::delete(path),
    };
    let builder = authorized(builder, token);
    let request = match body {
        Body::Empty => builder.build(),
        Body::Json(json) => builder.header("Content-Type", "application/json").body(json),
        Body::File(bytes, kind) => {
            builder.header("Content-Type", kind).body(js_sys::Uint8Array::from(bytes.as_slice()))
        }
    };
    answer(request.map_err(|_| RestError::Unreadable)?.send().await).await
}

fn authorized(request: RequestBuilder, token: Option<&Secret>) -> RequestBuilder {
    match token {
        Some(token) => request.header("Authorization", &format!("Bearer {}", token.reveal())),
        None => request,
    }
}

async fn answer(response: Result<Response, gloo_net::Error>) -> Result<Vec<u8>, RestError> {
    let response = response.map_err(|_| RestError::Unreachable)?;
    let bytes = response.binary().await.map_err(|_| RestError::Unreachable)?;
    if response.ok() {
        return Ok(bytes);
    }
    Err(match serde_json::from_slice::<Problem>(&bytes) {
        Ok(problem) => RestError::Refused(Some(problem.code), problem.detail),
        Err(_) => RestError::Refused(None, words!(common.server_status, status = response.status())),
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

    #[test]
    fn what_people_type_stands_in_an_address_without_changing_it() {
        assert_eq!(encoded("net sales & co/台積電?"), "net%20sales%20%26%20co%2F%E5%8F%B0%E7%A9%8D%E9%9B%BB%3F");
    }
}
