//! Edits of a memo between any two characters, and where there is no character.

use coval_shared::protocol::{DocumentId, ErrorCode, ServerMessage};
use ot_core::{Revision, Sequence};
use serde_json::{Value, json};

use crate::client::Client;
use crate::fixtures::DEMO_WORKSPACE;
use crate::server::Server;

/// Two code units in UTF-16, combining marks, a family of several characters, line ends, nothing, and directions.
const TEXT: &str = "𝒳e\u{301}\u{327}👩\u{200d}👩\u{200d}👧\r\n\r\u{0}\u{202e}א\u{2066}\u{feff}\u{ffff}";

async fn memo(server: &Server, text: &str) -> DocumentId {
    let ada = server.signed_in("Ada").await;
    let path = format!("/api/workspace/{DEMO_WORKSPACE}/documents");
    let made = ada.post(&path, &json!({"title": "Edges", "body": text})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    serde_json::from_value(made.json()["id"].clone()).unwrap()
}

/// Keeps `place` characters, if any, and does `then`.
fn at(place: usize, then: Value) -> Value {
    if place == 0 { json!([{"es": [then]}]) } else { json!([{"es": [place, then]}]) }
}

#[tokio::test]
async fn a_memo_is_edited_between_any_two_characters() {
    let server = Server::start();
    let document = memo(&server, TEXT).await;
    let mut ada = Client::new(&server, "Ada").await;
    ada.open(document).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", document).await;
    let mut expected: Vec<char> = TEXT.chars().collect();
    let mut revision = 0;
    let inserted = ["𝒴", "\u{301}", "\r", "\n", "\u{0}", "\u{202d}ב", "👩\u{200d}"];
    for place in (0..=expected.len()).rev() {
        let text = inserted[place % inserted.len()];
        let op = serde_json::from_value(at(place, json!(text))).unwrap();
        ada.submit(document, revision + 1, Revision(revision), op).await;
        revision += 1;
        assert_eq!(ada.ack().await, (Sequence(revision), Revision(revision)));
        expected.splice(place..place, text.chars());
    }
    // Every second of them is taken out again, halves of what people see as one among them.
    for place in (0..expected.len()).rev().step_by(2) {
        let op = serde_json::from_value(at(place, json!({"d": 1}))).unwrap();
        ada.submit(document, revision + 1, Revision(revision), op).await;
        revision += 1;
        assert_eq!(ada.ack().await, (Sequence(revision), Revision(revision)));
        expected.remove(place);
    }
    theirs.follow(&mut grace, Revision(revision)).await;
    let expected: String = expected.into_iter().collect();
    assert_eq!(theirs.value(), &json!(expected));
    let stored = server.get(&format!("/api/document/{document}/snapshot")).await.json();
    assert_eq!(stored["snapshot"], json!(expected));
}

#[tokio::test]
async fn an_edit_where_there_is_no_character_changes_nothing() {
    let server = Server::start();
    let document = memo(&server, TEXT).await;
    let mut ada = Client::new(&server, "Ada").await;
    ada.open(document).await;
    let length = TEXT.chars().count();
    let refused = [
        at(length + 1, json!("x")),
        at(length, json!({"d": 1})),
        at(0, json!({"d": length + 1})),
        at(9_007_199_254_740_993, json!("x")),
        at(length - 1, json!({"d": 9_007_199_254_740_993_u64})),
        json!([{"es": [-1, "x"]}]),
        json!([{"es": [0.5, "x"]}]),
        json!([{"es": [18_446_744_073_709_551_615_u64, 1, "x"]}]),
        json!([{"es": [{"d": 0}]}]),
        json!([{"es": [{"d": -1}]}]),
        json!([{"es": [{"__proto__": 1}]}]),
        json!([{"es": [[]]}]),
        json!([{"es": {}}]),
        json!([{"es": ["x"], "i": "y"}]),
        json!([0, {"es": ["x"]}]),
    ];
    let submission =
        |op: &str| format!(r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":{op}}}"#);
    let mut texts: Vec<String> = refused.iter().map(Value::to_string).collect();
    // Half a character, before a whole one, after it, and two halves in the wrong order.
    texts.extend([r"\ud835", r"\udcb3x", r"x\ud835", r"\udcb3\ud835"].map(|half| format!(r#"[{{"es": ["{half}"]}}]"#)));
    for op in texts {
        ada.send_text(submission(&op)).await;
        let answer = ada.next().await;
        let is_refused =
            matches!(answer, ServerMessage::Error { code: ErrorCode::MalformedMessage | ErrorCode::OpInvalid, .. });
        assert!(is_refused, "{op}: {answer:?}");
    }
    let stored = server.get(&format!("/api/document/{document}/snapshot")).await.json();
    assert_eq!((&stored["snapshot"], &stored["revision"]), (&json!(TEXT), &json!(0)));
    // The document takes what is right, from the same client and with the same number.
    ada.send_text(submission(r#"[{"es": ["\ud835\udcb3"]}]"#)).await;
    assert_eq!(ada.ack().await, (Sequence(1), Revision(1)));
}
