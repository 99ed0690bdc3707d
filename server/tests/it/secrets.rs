//! Nothing that lets somebody in is ever written down.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::client::{Client, enter};
use crate::http;
use crate::server::{DEMO_PASSWORD, Server};
use crate::signed_in::SignedIn;

#[tokio::test]
async fn no_log_and_no_file_but_their_own_holds_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let database = folder.path().join("coval.sqlite").display().to_string();
    let errors = Stdio::from(std::fs::File::create(&log).unwrap());
    let server = Server::start_logging(&database, &["--log", "trace"], errors);
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
    let key = std::fs::read_to_string(folder.path().join("token.key")).unwrap().trim().to_owned();
    secrets.push(key);
    drop(server);

    let written = std::fs::read_to_string(&log).unwrap();
    assert!(written.lines().count() > 100, "the log is at trace level");
    for secret in &secrets {
        assert!(secret.len() > 10 && !written.contains(secret.as_str()), "a secret is in the log: {secret}");
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

fn later() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    i64::try_from(now).unwrap() + 60_000
}
