//! Nothing that lets somebody in is ever written down.

use std::process::Stdio;

use coval_shared::protocol::{ClientMessage, ErrorCode, ServerMessage};
use serde_json::{Value, json};

use crate::client::{Client, enter};
use crate::database::Database;
use crate::http;
use crate::server::{DEMO_PASSWORD, Server, free_address};
use crate::signed_in::SignedIn;

#[tokio::test]
async fn no_log_and_no_file_but_their_own_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let database = folder.path().join("coval.sqlite").display().to_string();
    let errors = Stdio::from(std::fs::File::create(&log).unwrap());
    let metrics = free_address();
    let server = Server::start_logging(&database, &["--log", "trace", "--metrics-address", &metrics], errors);
    let demo = server.demo().await;
    let mut secrets = vec![DEMO_PASSWORD.to_owned()];

    let ada = SignedIn::new(server.address(), "ada@example.com", DEMO_PASSWORD).await;
    let ticket = ada.ticket().await;
    let cookie = ada.cookie.split_once('=').unwrap().1.to_owned();
    secrets.extend([ada.token.clone(), ticket.clone(), cookie]);
    let mut client = Client::silent(&server).await;
    client.hello(&ticket).await;
    client.next().await;
    let mut ours = client.open(demo).await;
    let op = enter(ours.value(), "beta", None, "1.6");
    ours.edit(&mut client, op).await;
    client.ack().await;

    let refreshed = http::send(
        server.address(),
        "POST",
        "/api/session/refresh",
        &[("Cookie", &ada.cookie), ("Origin", &server.origin())],
        &json!({}),
    )
    .await;
    let refreshed = SignedIn::from(server.address(), &refreshed);
    secrets.extend([refreshed.token.clone(), refreshed.cookie.split_once('=').unwrap().1.to_owned()]);

    let mut wrong = vec!["a wrong password that somebody mistyped".to_owned()];
    let bodies = [
        json!({"email": "ada@example.com", "password": wrong[0]}),
        json!({"email": "ada@example.com", "password": [wrong[0]]}),
        json!({"email": "ada@example.com", "passwort": wrong[0]}),
        json!({"email": "nobody@example.com", "password": wrong[0]}),
    ];
    for body in &bodies {
        let answer = http::send(server.address(), "POST", "/api/sign-in", &[], body).await;
        assert!(!answer.text().contains(&wrong[0]), "{}", answer.text());
    }
    secrets.append(&mut wrong);

    let link = ada
        .post(&format!("/api/document/{demo}/share-links"), &json!({"role": "viewer", "expires_at_ms": later()}))
        .await
        .json();
    let token = link["token"].as_str().unwrap().to_owned();
    let opened = http::send(server.address(), "POST", "/api/share", &[], &json!({"token": token})).await;
    let guest = opened.json()["signed_in"]["token"].as_str().unwrap().to_owned();
    let list = ada.get(&format!("/api/document/{demo}/share-links")).await;
    assert!(!list.text().contains(&token));
    secrets.extend([token, guest]);
    let place =
        format!("/api/workspace/{}", ada.get("/api/workspaces").await.json()["items"][0]["id"].as_str().unwrap());
    let invited = ada.post(&format!("{place}/invitations"), &json!({"role": "viewer"})).await.json();
    let invitation = invited["token"].as_str().unwrap().to_owned();
    let password = "the password of a newcomer";
    let body = json!({"token": invitation, "email": "emmy@example.com", "name": "Emmy", "password": password});
    let emmy = http::send(server.address(), "POST", "/api/sign-up", &[], &body).await;
    secrets.extend([invitation, password.to_owned(), SignedIn::from(server.address(), &emmy).token]);
    // A ticket also opens a stream of events.
    let by_ticket = emmy_reads(&server, &ada.ticket().await, &demo.to_string()).await;
    secrets.push(by_ticket);
    let measured = http::get(&metrics, "/metrics").await.text();
    assert!(measured.contains("coval_request_seconds"), "{measured}");
    let key = std::fs::read_to_string(folder.path().join("token.key")).unwrap().trim().to_owned();
    secrets.push(key);
    drop(server);

    let written = std::fs::read_to_string(&log).unwrap();
    assert!(written.lines().count() > 100, "the log is at trace level");
    for secret in &secrets {
        assert!(secret.len() > 10 && !written.contains(secret.as_str()), "a secret is in the log: {secret}");
        assert!(!measured.contains(secret.as_str()), "a secret is in the metrics: {secret}");
        // The parts of a token count as well: its signature is what makes it good.
        if let Some((_, signature)) = secret.rsplit_once('.') {
            assert!(!written.contains(signature), "a signature is in the log: {secret}");
        }
    }
    // Nor does the database hold anything but hashes.
    for name in ["coval.sqlite", "coval.sqlite-wal"] {
        let Ok(bytes) = std::fs::read(folder.path().join(name)) else { continue };
        for secret in &secrets {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "{name} holds {secret}");
        }
    }
}

#[tokio::test]
async fn a_problem_tells_nothing_of_the_inside() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let odd = "/api/workspace/'%20OR%201=1--/members";
    let answers = [
        ada.get(odd).await,
        ada.get("/api/document/x/members?limit=999999").await,
        ada.post("/api/sign-in", &Value::Null).await,
        ada.post("/api/sign-in", &json!({"email": "a\u{0}b@example.com", "password": "x"})).await,
        ada.send("PATCH", "/api/me", &json!({"name": "Ada\nERROR forged"})).await,
    ];
    for answer in answers {
        assert!((400..500).contains(&answer.status), "{answer:?}");
        let text = answer.text().to_lowercase();
        for word in ["select", "sqlite", "diesel", "panicked", "src/", ".rs:", "/root", "backtrace"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert!(answer.json()["code"].is_string());
    }
}

/// Opens the stream of the document with the ticket, and returns that.
async fn emmy_reads(server: &Server, ticket: &str, document: &str) -> String {
    let header = format!("Ticket {ticket}");
    let path = format!("/api/document/{document}/stream");
    let answer = http::head_of(server.address(), &path, &[("Authorization", &header)]).await;
    assert_eq!(answer.status, 200);
    ticket.to_owned()
}

/// What the server says while its tables are not what they should be.
async fn a_broken_database_tells_nothing(database: &Database) {
    let server = Server::start_logging(&database.url, &[], Stdio::null());
    let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
    let mut client = Client::new(&server, "Ada").await;
    database.tamper("ALTER TABLE documents RENAME TO gone; ALTER TABLE comments RENAME TO lost");
    let mut texts = Vec::new();
    for path in ["", "/snapshot", "/outputs", "/export?format=json", "/comments", "/history"] {
        texts.push(ada.get(&format!("/api/document/{demo}{path}")).await);
    }
    texts.push(ada.get("/api/documents").await);
    texts.push(ada.get("/api/documents?sort=title").await);
    texts.push(ada.post(&format!("/api/document/{demo}/comments"), &json!({"body": "x"})).await);
    for answer in &texts {
        assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("unavailable")), "{}", answer.text());
        is_plain(&answer.text());
    }
    client.send(&ClientMessage::DocumentOpen { document: demo, since: None }).await;
    match client.next().await {
        ServerMessage::Error { code, message, .. } => {
            assert_eq!(code, ErrorCode::Unavailable);
            is_plain(&message);
        }
        other => panic!("{other:?}"),
    }
}

/// Nothing of the inside is in the text.
fn is_plain(text: &str) {
    let text = text.to_lowercase();
    for word in
        ["select", "sqlite", "table", "column", "diesel", "panicked", "src/", ".rs", "/tmp", "backtrace", "gone"]
    {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[tokio::test]
async fn a_broken_database_tells_nothing_of_itself_on_sqlite() {
    a_broken_database_tells_nothing(&Database::sqlite()).await;
}

#[tokio::test]
async fn a_broken_database_tells_nothing_of_itself_on_postgres() {
    a_broken_database_tells_nothing(&Database::postgres()).await;
}

#[tokio::test]
async fn nothing_that_somebody_names_passes_for_a_line_of_the_log() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let database = folder.path().join("coval.sqlite").display().to_string();
        let errors = Stdio::from(std::fs::File::create(&log).unwrap());
        let server = Server::start_logging(&database, &["--log", "trace", "--log-format", format], errors);
        let (ada, demo) = (server.signed_in("Ada").await, server.demo().await);
        let forged = "x\nFORGED 2026-01-01T00:00:00Z ERROR root signed in\r\nFORGED\u{2028}FORGED";
        let title = json!({"title": forged});
        assert_eq!(ada.send("PATCH", &format!("/api/document/{demo}"), &title).await.status, 422);
        assert_eq!(ada.send("PATCH", "/api/me", &json!({"name": forged})).await.status, 422);
        ada.post("/api/workspaces", &json!({"name": forged})).await;
        ada.post("/api/sign-in", &json!({"email": forged, "password": forged})).await;
        ada.post(&format!("/api/document/{demo}/comments"), &json!({"body": forged})).await;
        for path in ["/api/%0AFORGED", "/api/search?q=x%0D%0AFORGED", "/%0aFORGED", "/api/document/%0AFORGED"] {
            ada.get(path).await;
        }
        let agent = [("User-Agent", "FORGED"), ("X-Request-Id", "FORGED\tFORGED"), ("Accept", "FORGED")];
        http::request(server.address(), "GET", "/api/me", &agent).await;
        let mut client = Client::new(&server, "Ada").await;
        client.send_text(format!("{{\"type\": {}}}", json!(forged))).await;
        client.error().await;
        drop(server);
        let written = std::fs::read_to_string(&log).unwrap();
        assert!(written.lines().count() > 50, "the log is at trace level");
        for line in written.lines() {
            assert!(!line.trim_start().starts_with("FORGED"), "{format}: {line}");
            assert!(format == "text" || serde_json::from_str::<Value>(line).is_ok(), "no event: {line}");
        }
    }
}

fn later() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    i64::try_from(now).unwrap() + 60_000
}
