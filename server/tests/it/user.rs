//! Accounts, made and changed beside the server.

use serde_json::json;

use crate::http;
use crate::server::{Server, run, run_with_input};
use crate::signed_in::SignedIn;

fn user(server: &Server, arguments: &[&str]) -> (Option<i32>, String, String) {
    let database = server.database().to_owned();
    let all = [&["user", "--database-url", &database], arguments].concat();
    let (status, out, err) = run(&all);
    (status.code(), out, err)
}

#[tokio::test]
async fn the_first_one_comes_in_with_a_password_that_is_printed_once() {
    let server = Server::start();
    let (status, out, err) = user(&server, &["create", "Emmy@Example.com", "--name", "Emmy", "--operator"]);
    assert_eq!(status, Some(0), "{err}");
    let (email, password) = out.trim().split_once("  ").unwrap();
    assert_eq!(email, "emmy@example.com");
    let emmy = SignedIn::new(server.address(), email, password).await;
    let me = emmy.get("/api/me").await.json();
    assert_eq!((me["name"].as_str(), me["is_operator"].as_bool()), (Some("Emmy"), Some(true)));
    let (status, _, err) = user(&server, &["create", "emmy@example.com", "--name", "Other"]);
    assert_eq!((status, err.lines().count()), (Some(1), 1), "{err}");
    let (_, out, _) = user(&server, &["list"]);
    assert!(out.contains("emmy@example.com  Emmy  operator\n") && !out.contains(password), "{out}");
}

#[tokio::test]
async fn a_password_is_read_and_replaced_and_ends_what_was_signed_in() {
    let server = Server::start();
    let database = server.database().to_owned();
    let set = |password: &str| {
        let arguments = ["user", "--database-url", &database, "password", "vera@example.com", "--password-stdin"];
        run_with_input(&arguments, password)
    };
    let vera = server.signed_in("Vera").await;
    assert_eq!(set("short\n").0.code(), Some(1));
    assert_eq!(vera.get("/api/me").await.status, 200);
    let (status, out, err) = set("a new password of Vera\n");
    assert_eq!((status.code(), out.as_str()), (Some(0), ""), "{err}");
    SignedIn::new(server.address(), "vera@example.com", "a new password of Vera").await;
    is_out(&vera).await;
}

#[tokio::test]
async fn whoever_is_disabled_is_out_until_they_are_enabled() {
    let server = Server::start();
    let vera = server.signed_in("Vera").await;
    assert_eq!(user(&server, &["disable", "vera@example.com"]).0, Some(0));
    is_out(&vera).await;
    let body = json!({"email": "vera@example.com", "password": crate::server::DEMO_PASSWORD});
    assert_eq!(http::send(server.address(), "POST", "/api/sign-in", &[], &body).await.status, 401);
    assert!(user(&server, &["list"]).1.contains("vera@example.com  Vera  disabled\n"));
    assert_eq!(user(&server, &["enable", "vera@example.com"]).0, Some(0));
    assert_eq!(http::send(server.address(), "POST", "/api/sign-in", &[], &body).await.status, 200);
    assert_eq!(user(&server, &["disable", "nobody@example.com"]).0, Some(1));
}

#[test]
fn the_demo_is_not_served_to_the_world_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("x.sqlite").display().to_string();
    let (status, _, err) = run(&["serve", "--demo", "--host", "0.0.0.0", "--port", "0", "--database-url", &database]);
    assert_eq!(status.code(), Some(1));
    assert!(err.contains("--allow-public-demo"), "{err}");
}

/// The server has noticed within two seconds.
async fn is_out(who: &SignedIn) {
    let begun = std::time::Instant::now();
    while who.get("/api/me").await.status != 401 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
