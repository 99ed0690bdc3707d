//! Somebody who is signed in.

use coval_shared::protocol::UserId;
use serde_json::{Value, json};

use crate::http::{self, Answer};

/// Somebody who is signed in to one server.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    address: String,
    pub(crate) user: UserId,
    pub(crate) token: String,
    /// The cookie that brings the next token, as `name=value`.
    pub(crate) cookie: String,
}

impl SignedIn {
    /// Signs in.
    pub(crate) async fn new(address: &str, email: &str, password: &str) -> Self {
        let body = json!({"email": email, "password": password});
        let answer = http::send(address, "POST", "/api/sign-in", &[], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self::from(address, &answer)
    }

    /// Whoever is signed in by this answer.
    pub(crate) fn from(address: &str, answer: &Answer) -> Self {
        let body = answer.json();
        let cookies = answer.headers("set-cookie");
        let refresh = cookies.iter().find(|cookie| cookie.starts_with("coval_refresh=")).unwrap();
        let cookie = refresh.split(';').next().unwrap().to_owned();
        let user = serde_json::from_value(body["me"]["id"].clone()).unwrap();
        Self { address: address.to_owned(), user, token: body["token"].as_str().unwrap().to_owned(), cookie }
    }

    /// The same person at another server on the same database.
    pub(crate) fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned(), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        http::request(&self.address, "GET", path, &[("Authorization", &self.bearer())]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        http::request(&self.address, "DELETE", path, &[("Authorization", &self.bearer())]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        http::send(&self.address, method, path, &[("Authorization", &self.bearer())], body).await
    }

    /// The header `Authorization`.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A ticket for one socket.
    pub(crate) async fn ticket(&self) -> String {
        let answer = self.post("/api/socket-ticket", &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["ticket"].as_str().unwrap().to_owned()
    }
}
