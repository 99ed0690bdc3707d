//! Signing in and out.

use serde_json::json;

use crate::http::{self, Answer};
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
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (401, 0));
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

/// Sends the cookie for a new token, as a page of `origin` would.
async fn refresh(server: &Server, cookie: &str, origin: Option<&str>, content_type: &str) -> Answer {
    let mut headers = vec![("Cookie", cookie), ("Content-Type", content_type)];
    headers.extend(origin.map(|origin| ("Origin", origin)));
    http::exchange(server.address(), "POST", "/api/session/refresh", &headers, "{}").await
}

const JSON: &str = "application/json";

#[tokio::test]
async fn the_cookie_brings_a_new_token_and_its_own_successor() {
    let server = Server::start();
    let ada = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let origin = server.origin();
    let answer = refresh(&server, &ada.cookie, Some(&origin), JSON).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let next = SignedIn::from(server.address(), &answer);
    assert_ne!(next.cookie, ada.cookie);
    assert_eq!(next.get("/api/me").await.status, 200);
    // Two tabs that refresh at once get the same.
    let twin = SignedIn::from(server.address(), &refresh(&server, &ada.cookie, Some(&origin), JSON).await);
    assert_eq!(twin.cookie, next.cookie);
    assert_eq!(refresh(&server, &next.cookie, Some(&origin), JSON).await.status, 200);
    // Somebody who holds an older one has stolen it: the sign-in ends for everybody.
    assert_eq!(refresh(&server, &ada.cookie, Some(&origin), JSON).await.status, 401);
}

#[tokio::test]
async fn a_cookie_is_kept_from_scripts_other_pages_and_open_wires() {
    let server = Server::start();
    let body = json!({"email": "ada@example.com", "password": DEMO_PASSWORD});
    let at_home = http::send(server.address(), "POST", "/api/sign-in", &[], &body).await;
    let cookies = at_home.headers("set-cookie");
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        for attribute in ["; HttpOnly", "; SameSite=Strict", "; Path=/api/s", "; Max-Age="] {
            assert!(cookie.contains(attribute), "{attribute} is missing: {cookie}");
        }
        assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    }
    let proxied = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: coval.example\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.to_string().len()
    );
    let answer = http::raw(server.address(), &proxied).await;
    assert!(answer.headers("set-cookie").iter().all(|cookie| cookie.contains("; Secure")), "{answer:?}");
}

#[tokio::test]
async fn a_cookie_with_a_foreign_origin_or_a_form_changes_nothing() {
    let server = Server::start();
    let ada = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let own = server.origin();
    for (origin, content_type, status) in [
        (None, JSON, 403),
        (Some("https://evil.example"), JSON, 403),
        (Some("null"), JSON, 403),
        (Some(&*format!("{own}.evil.example")), JSON, 403),
        (Some(&*own), "text/plain", 415),
        (Some(&*own), "application/x-www-form-urlencoded", 415),
        (Some(&*own), "multipart/form-data; boundary=x", 415),
    ] {
        let answer = refresh(&server, &ada.cookie, origin, content_type).await;
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (status, 0), "{origin:?} {content_type}");
    }
    // A page elsewhere signs nobody in as somebody else either.
    let body = json!({"email": "ada@example.com", "password": DEMO_PASSWORD});
    let foreign = [("Origin", "https://evil.example")];
    assert_eq!(http::send(server.address(), "POST", "/api/sign-in", &foreign, &body).await.status, 403);
    // The cookie is no token: it does nothing but refresh.
    let headers = [("Cookie", &*ada.cookie), ("Origin", &*own)];
    for path in ["/api/session/sign-out", "/api/session/sign-out-everywhere", "/api/socket-ticket"] {
        assert_eq!(http::send(server.address(), "POST", path, &headers, &json!({})).await.status, 401, "{path}");
    }
    assert_eq!(refresh(&server, &ada.cookie, Some(&own), JSON).await.status, 200, "the first one was good all along");
}

#[tokio::test]
async fn whoever_has_signed_out_is_not_refreshed() {
    let server = Server::start();
    let ada = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let out = ada.post("/api/session/sign-out", &json!({})).await;
    assert!(out.headers("set-cookie")[0].starts_with("coval_refresh=; "), "{out:?}");
    assert_eq!(refresh(&server, &ada.cookie, Some(&server.origin()), JSON).await.status, 401);
}
