//! What programs ask the server, and the tests ask ChromeDriver.

use coval_shared::protocol::DocumentId;
use coval_shared::rest::{DocumentOutputs, SignedIn};
use http_body_util::{BodyExt, Full};
pub use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper::{Request, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::Server;
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
    send(Method::GET, url, None, String::new()).await
}

/// `POST`s JSON to an address.
///
/// # Errors
/// When there is no answer.
pub async fn post(url: &str, body: &Value) -> Result<Answer, String> {
    send(Method::POST, url, None, body.to_string()).await
}

/// Signs in at `origin`, and returns the token.
///
/// # Errors
/// When the server does not let them in.
pub async fn sign_in(origin: &str, email: &str, password: &str) -> Result<String, String> {
    let body = json!({ "email": email, "password": password });
    let signed_in: SignedIn = post(&format!("{origin}/api/sign-in"), &body).await?.json()?;
    Ok(signed_in.token.reveal().to_owned())
}

/// Asks `origin` for something as whoever the token is of.
///
/// # Errors
/// When there is no answer.
pub async fn ask(token: &str, method: Method, url: &str, body: &Value) -> Result<Answer, String> {
    send(method, url, Some(token), body.to_string()).await
}

/// The outputs of a document, as the server calculates them.
///
/// # Errors
/// When it does not say.
pub async fn outputs(server: &Server, document: DocumentId) -> Result<DocumentOutputs, String> {
    let url = format!("{}/api/document/{document}/outputs", server.origin());
    send(Method::GET, &url, Some(server.token().await?), String::new()).await?.json()
}

async fn send(method: Method, url: &str, token: Option<&str>, body: String) -> Result<Answer, String> {
    let describe = |error: &dyn std::fmt::Display| format!("{method} {url}: {error}");
    let mut request = Request::builder().method(&method).uri(url).header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::new(hyper::body::Bytes::from(body))).map_err(|error| describe(&error))?;
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
