//! The HTTP interface.

use coval_shared::model::{Calculation, Model, outputs};
use coval_shared::rest::{DocumentOutputs, DocumentSummary, Health, Page};
use coval_shared::template::{APPLE_DCF_TITLE, apple_dcf};
use ot_core::Revision;

use crate::client::{Client, enter};
use crate::http;
use crate::load::memory;
use crate::server::Server;

#[tokio::test]
async fn health_answers_while_the_database_does() {
    let server = Server::start();
    let answer = http::get(server.address(), "/health").await;
    let health: Health = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, health.status.as_str()), (200, "ok"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_list_names_each_document_with_its_newest_revision() {
    let server = Server::start();
    let demo = server.demo().await;
    let list = async || {
        let answer = server.get("/api/documents").await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        serde_json::from_slice::<Page<DocumentSummary>>(&answer.body).unwrap().items
    };
    let before = list().await;
    assert_eq!(before.len(), 1);
    assert_eq!((before[0].title.as_str(), before[0].workspace_name.as_str()), (APPLE_DCF_TITLE, "Demo"));
    assert_eq!(before[0].revision, Revision(0));

    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let op = enter(ours.value(), "beta", None, "1.6");
    ours.edit(&mut ada, op).await;
    ada.ack().await;
    let after = list().await;
    assert_eq!((after[0].id, after[0].revision), (demo, Revision(1)));
    assert!(after[0].edited_at_ms >= before[0].edited_at_ms && before[0].edited_at_ms > 1_700_000_000_000);
}

#[tokio::test]
async fn the_outputs_of_a_document_that_nobody_has_open_are_those_of_its_newest_revision() {
    let server = Server::start();
    let demo = server.demo().await;
    let answer = server.get(&format!("/api/document/{demo}/outputs")).await;
    let figures: DocumentOutputs = serde_json::from_slice(&answer.body).unwrap();
    let model = Model::read(&apple_dcf().unwrap()).unwrap();
    assert_eq!((figures.document, figures.revision), (demo, Revision(0)));
    assert_eq!(figures.outputs, outputs(&model, &Calculation::new(&model)));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_with_a_code() {
    let server = Server::start();
    let cases = [
        ("/api/document/0199b1f0-0000-7000-8000-00000000ffff/outputs", "unknown_document"),
        ("/api/document/not-an-id/outputs", "unknown_document"),
        ("/api/document/%F0%28/outputs", "unknown_document"),
        ("/api", "not_found"),
        ("/api/", "not_found"),
        ("/api/nothing", "not_found"),
        ("/api/documents/", "not_found"),
        ("/nothing.js", "not_found"),
        ("/../Cargo.toml", "not_found"),
        ("/%2e%2e/Cargo.toml", "not_found"),
    ];
    for (path, code) in cases {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some(code)), "{path}");
        let problem = answer.json();
        assert_eq!(problem["type"], format!("urn:coval:error:{code}"));
        assert_eq!(problem["status"], 404);
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn what_is_only_read_can_not_be_written() {
    let server = Server::start();
    for path in ["/health", "/api/documents", "/", "/index.html"] {
        for method in ["POST", "PUT", "DELETE"] {
            let answer = http::request(server.address(), method, path, &[]).await;
            let code = answer.json()["code"].as_str().map(str::to_owned);
            assert_eq!((answer.status, code.as_deref()), (405, Some("bad_request")), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_head_of_an_answer_is_that_of_the_answer_without_its_body() {
    let server = Server::start();
    let outputs = format!("/api/document/{}/outputs", server.demo().await);
    for path in ["/health", "/api/documents", outputs.as_str()] {
        let whole = server.get(path).await;
        let bearer = server.signed_in("Ada").await.bearer();
        let head = http::request(server.address(), "HEAD", path, &[("Authorization", &bearer)]).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()), "{path}");
    }
}

#[tokio::test]
async fn asking_for_many_documents_that_are_not_there_leaves_nothing_behind() {
    let server = Server::start();
    let ada = server.signed_in("Ada").await;
    let before = memory(&server);
    for round in 0..40 {
        let asks = (0..50).map(|number| {
            let id = uuid::Uuid::from_u128(1_000_000 + round * 100 + number);
            let ada = ada.clone();
            async move { ada.get(&format!("/api/document/{id}/outputs")).await.status }
        });
        assert!(futures_util::future::join_all(asks).await.iter().all(|status| *status == 404));
    }
    let grown = memory(&server).saturating_sub(before);
    assert!(grown < 20_000, "{grown} KB more after 2,000 questions");
}
