//! The headers of every kind of answer.

use serde_json::json;

use crate::assets::{built, code};
use crate::database::Database;
use crate::http::{self, Answer};
use crate::openapi::compare_with_snapshot;
use crate::server::{DEMO_PASSWORD, Server, free_address};

/// Headers whose values differ from answer to answer.
const VARYING: [&str; 9] = [
    "content-length",
    "date",
    "etag",
    "retry-after",
    "sec-websocket-accept",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-request-id",
    "content-disposition",
];

/// What the policy has to say, exactly.
const POLICY: [&str; 6] = [
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
];

/// Answers with what they are, as a text to read.
#[derive(Default)]
struct Seen {
    text: String,
}

impl Seen {
    fn note(&mut self, what: &str, status: u16, answer: &Answer) {
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{what} has no policy"));
        for part in POLICY {
            assert!(policy.split("; ").any(|directive| directive == part), "{part} is missing for {what}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
        assert!(answer.header("referrer-policy").is_some(), "{what}");
        for telling in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert_eq!(answer.header(telling), None, "{what}");
        }
        self.text.push_str(&format!("{what}: {status}\n"));
        for name in answer.names() {
            let values: Vec<String> = answer.headers(&name).into_iter().map(|value| shown(&name, value)).collect();
            self.text.push_str(&format!("  {name}: {}\n", values.join(", ")));
        }
        self.text.push('\n');
    }
}

fn shown(name: &str, value: &str) -> String {
    match value.split_once('=').filter(|_| name == "set-cookie") {
        Some((cookie, rest)) => format!("{cookie}=…;{}", rest.split_once(';').map_or("", |(_, rest)| rest)),
        None if VARYING.contains(&name) => "…".to_owned(),
        None => value.to_owned(),
    }
}

#[tokio::test]
async fn the_headers_of_every_kind_of_answer_are_those_of_the_snapshot() {
    let database = Database::sqlite();
    let metrics = free_address();
    let server = Server::start_on(&database.url, &["--metrics-address", &metrics]);
    let (at, own, ada) = (server.address(), server.origin(), server.signed_in("Ada").await);
    let demo = server.demo().await;
    let bearer = ada.bearer();
    let mut seen = Seen::default();

    let page = http::request(at, "GET", "/", &[("Accept", "text/html")]).await;
    seen.note("page", 200, &page);
    seen.note("page of an address inside the app", 200, &http::get(at, "/document/1").await);
    let known = [("If-None-Match", page.header("etag").unwrap())];
    seen.note("page that the browser has", 304, &http::request(at, "GET", "/", &known).await);
    for (what, name) in [
        ("wasm", code("coval_bg.wasm")),
        ("script", code("coval.js")),
        ("style", code("styles.css")),
        ("icon", built("icon", ".svg")),
    ] {
        seen.note(what, 200, &http::get(at, &format!("/{name}")).await);
    }
    seen.note("file that is not there", 404, &http::get(at, "/nothing.js").await);
    seen.note("viewer of the description", 200, &http::get(at, "/api/docs").await);
    seen.note("script of the viewer", 200, &http::get(at, "/api/docs/swagger-ui-bundle.js").await);
    seen.note("description", 200, &http::get(at, "/api/openapi.json").await);
    seen.note("health", 200, &http::get(at, "/health").await);
    seen.note("readiness", 200, &http::get(at, "/ready").await);

    seen.note("answer in JSON", 200, &ada.get("/api/me").await);
    seen.note("head", 200, &http::request(at, "HEAD", "/api/me", &[("Authorization", &bearer)]).await);
    seen.note("something made", 201, &ada.post("/api/workspaces", &json!({"name": "One more"})).await);
    let version = format!("/api/document/{demo}/version/0");
    ada.post(&format!("/api/document/{demo}/versions"), &json!({"name": "Board"})).await;
    seen.note("nothing to say", 204, &ada.delete(&version).await);
    seen.note("file to keep", 200, &ada.get(&format!("/api/document/{demo}/export?format=xlsx")).await);
    let sign_in = json!({"email": "vera@example.com", "password": DEMO_PASSWORD});
    seen.note("sign-in", 200, &http::send(at, "POST", "/api/sign-in", &[], &sign_in).await);
    let stream = format!("/api/document/{demo}/stream");
    seen.note("events", 200, &http::head_of(at, &stream, &[("Authorization", &bearer)]).await);

    let handshake = [("Sec-WebSocket-Protocol", "coval.v1.json"), ("Origin", &*own)];
    seen.note("no handshake", 400, &http::request(at, "GET", "/ws", &handshake).await);
    seen.note("handshake from elsewhere", 403, &http::request(at, "GET", "/ws", &[("Origin", "http://evil")]).await);
    let upgrade = [
        ("Origin", &*own),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "coval.v1.json"),
    ];
    seen.note("handshake without a protocol", 400, &http::request(at, "GET", "/ws", &upgrade[..5]).await);
    seen.note("handshake", 101, &http::head_of(at, "/ws", &upgrade).await);
    seen.note("metrics", 200, &http::get(&metrics, "/metrics").await);
    seen.note("elsewhere on the port of the metrics", 404, &http::get(&metrics, "/").await);

    problems(&mut seen, &server).await;
    database.tamper("ALTER TABLE documents RENAME TO gone");
    seen.note("problem: the database fails", 503, &ada.get("/api/documents").await);
    let limited = Server::start_with(&["--limit-requests", "1"]);
    http::get(limited.address(), "/api/me").await;
    seen.note("problem: too many requests", 429, &http::get(limited.address(), "/api/me").await);
    seen.note("problem: too many handshakes", 429, &http::get(limited.address(), "/ws").await);
    compare_with_snapshot("tests/headers.txt", &seen.text);
}

/// One problem of each status.
async fn problems(seen: &mut Seen, server: &Server) {
    let (at, ada, vera) = (server.address(), server.signed_in("Ada").await, server.signed_in("Vera").await);
    let demo = format!("/api/document/{}", server.demo().await);
    let bearer = ada.bearer();
    let json = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    seen.note("problem: no JSON", 400, &http::exchange(at, "POST", "/api/workspaces", &json, "{").await);
    seen.note("problem: nobody is signed in", 401, &http::get(at, "/api/me").await);
    seen.note("problem: the role is too low", 403, &vera.send("PATCH", &demo, &json!({"title": "X"})).await);
    let foreign = [("Authorization", bearer.as_str()), ("Origin", "http://evil.example")];
    let answer = http::send(at, "POST", "/api/workspaces", &foreign, &json!({"name": "X"})).await;
    seen.note("problem: a page from elsewhere", 403, &answer);
    seen.note("problem: nothing there", 404, &ada.get("/api/nothing").await);
    seen.note("problem: another method", 405, &http::request(at, "PUT", "/api/me", &[]).await);
    seen.note("problem: the preflight of another page", 405, &http::request(at, "OPTIONS", "/api/me", &[]).await);
    seen.note("problem: a conflict", 409, &ada.delete(&demo).await);
    let large = " ".repeat(coval_shared::limits::BODY_BYTES + 1);
    seen.note("problem: too large", 413, &http::exchange(at, "POST", "/api/workspaces", &json, &large).await);
    let form = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
    seen.note("problem: a form", 415, &http::exchange(at, "POST", "/api/workspaces", &form, "{}").await);
    seen.note("problem: a wrong value", 422, &ada.post("/api/workspaces", &json!({"name": ""})).await);
}
