//! Signing in and out.

use serde_json::json;

use crate::http;
use crate::server::{DEMO_PASSWORD, Server};
use crate::signed_in::SignedIn;

#[tokio::test]
async fn whoever_signs_in_is_known_by_their_token() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let me = ada.get("/api/me").await;
    assert_eq!(me.status, 200);
    let me = me.json();
    assert_eq!((me["name"].as_str(), me["email"].as_str()), (Some("Ada"), Some("ada@example.com")));
    assert_eq!((me["is_guest"].as_bool(), me["is_operator"].as_bool()), (Some(false), Some(false)));
}

#[tokio::test]
async fn without_a_good_token_nobody_is_signed_in() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let edited = ada.token.replace('.', ".x");
    for header in ["", "Bearer", "Bearer ", "Bearer x", &format!("Basic {}", ada.token), &format!("Bearer {edited}")] {
        let answer = http::request(server.address(), "GET", "/api/me", &[("Authorization", header)]).await;
        assert_eq!(answer.status, 401, "{header}");
        assert_eq!(answer.json()["code"], "unauthenticated");
    }
    let twice = [("Authorization", ada.bearer()), ("Authorization", ada.bearer())];
    let twice: Vec<_> = twice.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(http::request(server.address(), "GET", "/api/me", &twice).await.status, 401);
}

#[tokio::test]
async fn an_unknown_email_and_a_wrong_password_are_answered_alike() {
    let server = Server::start();
    let mut answers = Vec::new();
    for (email, password) in [("ada@example.com", "wrong"), ("nobody@example.com", DEMO_PASSWORD)] {
        let body = json!({"email": email, "password": password});
        let answer = http::send(server.address(), "POST", "/api/sign-in", &[], &body).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None));
        answers.push(answer.text());
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn an_email_is_known_in_any_case() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let other = SignedIn::new(server.address(), " ADA@example.com", DEMO_PASSWORD).await;
    assert_eq!(ada.user, other.user);
}

#[tokio::test]
async fn whoever_signs_out_is_not_known_any_more() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let other = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    assert_eq!(other.post("/api/session/sign-out", &json!({})).await.status, 204);
    assert_eq!(other.get("/api/me").await.status, 401);
    assert_eq!(ada.get("/api/me").await.status, 200, "only one of the two sign-ins has ended");
    let third = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    assert_eq!(third.post("/api/session/sign-out-everywhere", &json!({})).await.status, 204);
    assert_eq!(ada.get("/api/me").await.status, 401);
}
