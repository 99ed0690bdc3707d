//! What programs ask the server, and the tests ask ChromeDriver.

use coval_shared::protocol::DocumentId;
use coval_shared::rest::{DocumentOutputs, DocumentSummary, Page};
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use crate::wait::PATIENCE;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body as what it has to be.
    ///
    /// # Errors
    /// When the answer is not a success, or its body something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        if !self.status.is_success() {
            return Err(format!("{}: {}", self.status, self.body));
        }
        serde_json::from_str(&self.body).map_err(|error| format!("{error} in {}", self.body))
    }
}

/// `GET`s an address.
///
/// # Errors
/// When there is no answer.
pub async fn get(url: &str) -> Result<Answer, String> {
    send(Method::GET, url, String::new()).await
}

/// `POST`s JSON to an address.
///
/// # Errors
/// When there is no answer.
pub async fn post(url: &str, body: &Value) -> Result<Answer, String> {
    send(Method::POST, url, body.to_string()).await
}

/// The documents that the server at `origin` has.
///
/// # Errors
/// When it does not say.
pub async fn documents(origin: &str) -> Result<Page<DocumentSummary>, String> {
    get(&format!("{origin}/api/documents")).await?.json()
}

/// The outputs of a document, as the server at `origin` calculates them.
///
/// # Errors
/// When it does not say.
pub async fn outputs(origin: &str, document: DocumentId) -> Result<DocumentOutputs, String> {
    let url = format!("{origin}/api/document/{document}/outputs");
    get(&url).await?.json()
}

async fn send(method: Method, url: &str, body: String) -> Result<Answer, String> {
    let describe = |error: &dyn std::fmt::Display| format!("{method} {url}: {error}");
    let request = Request::builder()
        .method(&method)
        .uri(url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(hyper::body::Bytes::from(body)))
        .map_err(|error| describe(&error))?;
    // A connection for each request: one that is kept would not notice that the server was started anew.
    let client = Client::builder(TokioExecutor::new()).build_http();
    let exchange = async {
        let response = client.request(request).await.map_err(|error| describe(&error))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| describe(&error))?;
        Ok::<_, String>((head, body))
    };
    let answer = timeout(PATIENCE, exchange).await;
    let (head, body) = answer.map_err(|_| describe(&"no answer in time"))??;
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
    })
}
