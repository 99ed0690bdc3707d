//! Pages and programs that have no business here.

use coval_shared::protocol::SUBPROTOCOL;
use tokio_tungstenite::tungstenite::Error;

use crate::client::connect;
use crate::http;
use crate::server::Server;

async fn status(server: &Server, origin: Option<&str>, subprotocol: Option<&str>) -> u16 {
    match connect(server.address(), origin, subprotocol).await {
        Ok(_) => 101,
        Err(error) => match *error {
            Error::Http(response) => response.status().as_u16(),
            other => panic!("{other}"),
        },
    }
}

#[tokio::test]
async fn only_pages_of_this_server_and_those_named_may_connect() {
    let server = Server::start_with(&["--allow-origin", "https://coval.example", "--allow-origin", "http://b.example"]);
    let own = server.origin();
    let port = own.rsplit_once(':').unwrap().1;
    for origin in [own.as_str(), "https://coval.example", "http://b.example"] {
        assert_eq!(status(&server, Some(origin), Some(SUBPROTOCOL)).await, 101, "{origin}");
    }
    let foreign = [
        "null".to_owned(),
        "https://evil.example".to_owned(),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://evil.example:{port}"),
        format!("{own}.evil.example"),
        format!("{own}/"),
        format!("http://evil.example#{own}"),
        "http://coval.example".to_owned(),
        "https://coval.example:444".to_owned(),
        "https://coval.example.evil.example".to_owned(),
    ];
    for origin in &foreign {
        assert_eq!(status(&server, Some(origin), Some(SUBPROTOCOL)).await, 403, "{origin}");
    }
    assert_eq!(status(&server, None, Some(SUBPROTOCOL)).await, 403);
}

#[tokio::test]
async fn the_subprotocol_is_asked_for() {
    let server = Server::start();
    let own = server.origin();
    assert_eq!(status(&server, Some(&own), None).await, 400);
    assert_eq!(status(&server, Some(&own), Some("coval.v2.json")).await, 400);
    assert_eq!(status(&server, Some(&own), Some(&format!("coval.v2.json, {SUBPROTOCOL}"))).await, 101);
}

#[tokio::test]
async fn what_is_no_handshake_gets_a_problem() {
    let server = Server::start();
    let own = server.origin();
    for (origin, code, status) in [(own.as_str(), "bad_request", 400), ("http://evil.example", "forbidden_origin", 403)]
    {
        let headers = [("Origin", origin), ("Sec-WebSocket-Protocol", SUBPROTOCOL)];
        let answer = http::request(server.address(), "GET", "/ws", &headers).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)));
    }
}

#[tokio::test]
async fn every_answer_forbids_foreign_code_and_frames() {
    let server = Server::start();
    let addresses =
        ["/", "/health", "/api/documents", "/api/nothing", "/nothing.js", "/icon.svg", "/document/1", "/ws"];
    for path in addresses {
        let answer = http::get(server.address(), path).await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("no policy for {path}"));
        for part in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "style-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|directive| directive == part), "{part} is missing for {path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("referrer-policy").is_some(), "{path}");
    }
}
