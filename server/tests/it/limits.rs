//! How much one person, or one address, may ask for.

use serde_json::json;

use crate::http::{self, Answer};
use crate::server::{DEMO_PASSWORD, Server};
use crate::signed_in::SignedIn;

fn number(answer: &Answer, header: &str) -> u64 {
    answer.header(header).unwrap_or_else(|| panic!("no {header}: {answer:?}")).parse().unwrap()
}

/// Refused for a while, and it says for how long.
fn is_limited(answer: &Answer, limit: u64) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (429, Some("rate_limited")));
    assert_eq!((number(answer, "x-ratelimit-limit"), number(answer, "x-ratelimit-remaining")), (limit, 0));
    let (wait, full) = (number(answer, "retry-after"), number(answer, "x-ratelimit-reset"));
    assert!(wait >= 1 && wait <= 60 / limit + 1, "{wait}");
    assert!(full >= wait && full <= 61, "{full}");
}

#[tokio::test]
async fn a_person_has_a_share_and_hears_what_is_left() {
    let server = Server::start_with(&["--limit-requests", "5"]);
    let (ada, grace) = (server.signed_in("Ada").await, server.signed_in("Grace").await);
    for left in (0..5).rev() {
        let answer = ada.get("/api/me").await;
        assert_eq!((answer.status, number(&answer, "x-ratelimit-remaining")), (200, left));
        assert_eq!(number(&answer, "x-ratelimit-limit"), 5);
        assert_eq!(answer.header("retry-after"), None);
        assert!((1..=60).contains(&number(&answer, "x-ratelimit-reset")));
    }
    is_limited(&ada.get("/api/me").await, 5);
    assert_eq!(grace.get("/api/me").await.status, 200, "everybody has a share of their own");
    // What is no token is counted for the address, so that tokens can't be guessed for free.
    for _ in 0..5 {
        let forged = [("Authorization", "Bearer x.y.z")];
        assert_eq!(http::request(server.address(), "GET", "/api/me", &forged).await.status, 401);
    }
    is_limited(&http::get(server.address(), "/api/me").await, 5);
}

#[tokio::test]
async fn a_forged_x_forwarded_for_changes_nothing() {
    let server = Server::start_with(&["--limit-requests", "3"]);
    for number in 0..4 {
        let address = format!("198.51.100.{number}");
        let headers = [("X-Forwarded-For", &*address), ("X-Real-IP", &*address), ("Forwarded", "for=198.51.100.9")];
        let answer = http::request(server.address(), "GET", "/api/me", &headers).await;
        assert_eq!(answer.status, if number < 3 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_everybody_has_an_address() {
    let server = Server::start_with(&["--limit-requests", "1", "--trusted-proxy", "127.0.0.0/8"]);
    let ask = async |named: &str| {
        http::request(server.address(), "GET", "/api/me", &[("X-Forwarded-For", named)]).await.status
    };
    assert_eq!((ask("198.51.100.1").await, ask("198.51.100.2").await), (401, 401));
    assert_eq!(ask("198.51.100.1").await, 429);
    assert_eq!(ask("203.0.113.7, 198.51.100.1").await, 429, "what stands further away is hearsay");
}

#[tokio::test]
async fn what_takes_long_has_a_share_of_its_own() {
    let server = Server::start_with(&["--limit-expensive", "2"]);
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let path = format!("/api/document/{demo}/export?format=json");
    for _ in 0..2 {
        assert_ne!(ada.get(&path).await.status, 429);
    }
    is_limited(&ada.get(&path).await, 2);
    assert_eq!(ada.get("/api/me").await.status, 200);
}

#[tokio::test]
async fn strangers_who_guess_passwords_are_stopped_and_do_not_lock_the_owner_out() {
    let server = Server::start_with(&["--limit-sign-ins", "4", "--trusted-proxy", "127.0.0.1"]);
    let body = |password: &str| json!({"email": "ada@example.com", "password": password});
    let sign_in = async |from: &str, cookie: Option<&str>, password: &str| {
        let mut headers = vec![("X-Forwarded-For", from)];
        headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
        http::send(server.address(), "POST", "/api/sign-in", &headers, &body(password)).await
    };
    // The owner has signed in from here before.
    let before = sign_in("203.0.113.1", None, DEMO_PASSWORD).await;
    assert_eq!(before.status, 200);
    let cookies = before.headers("set-cookie");
    let familiar = cookies.iter().find(|cookie| cookie.starts_with("coval_browser=")).unwrap();
    let familiar = familiar.split(';').next().unwrap();
    // Strangers guess, each from an address of their own.
    let mut statuses = Vec::new();
    for number in 0..6 {
        statuses.push(sign_in(&format!("198.51.100.{number}"), None, "a guess").await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429, 429]);
    assert_eq!(sign_in("203.0.113.1", Some(familiar), DEMO_PASSWORD).await.status, 200);
    // A cookie of one's own, or one for somebody else, is no way around.
    let forged = "coval_browser=AAAA.BBBB";
    assert_eq!(sign_in("198.51.100.9", Some(forged), "a guess").await.status, 429);
    let others = json!({"email": "grace@example.com", "password": DEMO_PASSWORD});
    let headers = [("X-Forwarded-For", "198.51.100.10")];
    let grace = http::send(server.address(), "POST", "/api/sign-in", &headers, &others).await;
    let hers = grace.headers("set-cookie").into_iter().find(|cookie| cookie.starts_with("coval_browser=")).unwrap();
    let hers = hers.split(';').next().unwrap();
    assert_eq!(sign_in("198.51.100.10", Some(hers), "a guess").await.status, 429);
    // One address is stopped whatever accounts it tries.
    let mut last = 0;
    for number in 0..5 {
        let body = json!({"email": format!("nobody{number}@example.com"), "password": "a guess"});
        let headers = [("X-Forwarded-For", "198.51.100.77")];
        let answer = http::send(server.address(), "POST", "/api/sign-in", &headers, &body).await;
        last = answer.status;
        if last == 429 {
            is_limited(&answer, 4);
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn no_other_way_to_try_a_password_goes_around_the_limit_of_guesses() {
    let server = Server::start_with(&["--limit-sign-ins", "4", "--trusted-proxy", "127.0.0.1"]);
    let ada = server.signed_in("Ada").await;
    let workspace = ada.get("/api/workspaces").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/workspace/{workspace}/invitations");
    let token = ada.post(&path, &json!({"role": "viewer"})).await.json()["token"].clone();
    // An invitation to sign up, with the account of somebody else and from ever other addresses.
    let mut statuses = Vec::new();
    for number in 0..6 {
        let address = format!("198.51.100.{number}");
        let body = json!({"token": token, "email": "grace@example.com", "name": "Grace", "password": "a guess"});
        let headers = [("X-Forwarded-For", &*address)];
        statuses.push(http::send(server.address(), "POST", "/api/sign-up", &headers, &body).await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 429, 429]);
    // A token that was stolen.
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let body = json!({"current": "a guess", "new": "another good password"});
        statuses.push(ada.post("/api/me/password", &body).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 429, 429]);
    let body = json!({"email": "ada@example.com", "password": DEMO_PASSWORD});
    let headers = [("X-Forwarded-For", "203.0.113.1")];
    let answer = http::send(server.address(), "POST", "/api/sign-in", &headers, &body).await;
    assert_eq!(answer.status, 200, "the owner is not shut out");
}

#[tokio::test]
async fn a_socket_that_says_too_much_is_slowed_down_and_loses_nothing() {
    let server = Server::start_with(&["--limit-messages", "50"]);
    let demo = server.demo().await;
    let (mut ada, _) = crate::client::Client::in_document(&server, "Ada", demo).await;
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        ada.send_text("{}".to_owned()).await;
    }
    for _ in 0..100 {
        ada.error().await;
    }
    assert!(begun.elapsed() >= std::time::Duration::from_millis(900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn handshakes_are_counted_for_the_address() {
    let server = Server::start_with(&["--limit-requests", "2"]);
    for status in [403, 403, 429] {
        assert_eq!(http::get(server.address(), "/ws").await.status, status);
    }
    SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
}
