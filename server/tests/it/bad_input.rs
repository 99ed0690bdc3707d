//! What a client should not send: it is told why, and everything goes on.

use std::time::Duration;

use coval_shared::limits::{CLIENT_FRAME_BYTES, OPEN_DOCUMENTS};
use coval_shared::model::{CellRef, ItemId};
use coval_shared::protocol::{ClientMessage, DocumentId, ErrorCode, ServerMessage};
use coval_shared::secret::Secret;
use futures_util::SinkExt;
use ot_core::json::JsonOp;
use ot_core::{Revision, Sequence};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use uuid::Uuid;

use crate::client::{Client, Opened, enter};
use crate::server::Server;

/// A note of which a document holds some.
const NOTE_BYTES: usize = 255 * 1024;

/// Two people in the demo, of whom the second does nothing wrong.
async fn two(server: &Server) -> (Client, Opened, Client, Opened) {
    let demo = server.demo().await;
    let (ada, ours) = Client::in_document(server, "Ada", demo).await;
    let (grace, theirs) = Client::in_document(server, "Grace", demo).await;
    (ada, ours, grace, theirs)
}

/// Both can still edit, and hear each other.
async fn all_goes_on(ada: &mut Client, ours: &mut Opened, grace: &mut Client, theirs: &mut Opened) {
    let next = theirs.machine.revision().next();
    let op = enter(theirs.value(), "beta", None, "1.9");
    theirs.edit(grace, op).await;
    theirs.follow(grace, next).await;
    ours.follow(ada, next).await;
    let next = next.next();
    let op = enter(ours.value(), "beta", None, "2.1");
    ours.edit(ada, op).await;
    ours.follow(ada, next).await;
    theirs.follow(grace, next).await;
    assert_eq!(ours.value(), theirs.value());
}

#[tokio::test]
async fn a_frame_that_is_no_message_gets_an_error_and_the_connection_goes_on() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let document = ours.document;
    let frames = [
        String::new(),
        "hello".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        r#"{"type":"sing"}"#.to_owned(),
        r#"{"type":"document_open"}"#.to_owned(),
        r#"{"type":"document_open","document":7}"#.to_owned(),
        format!(r#"{{"type":"document_open","document":"{document}","since":-1}}"#),
        format!(r#"{{"type":"document_open","document":"{document}","since":1e99}}"#),
        format!(r#"{{"type":"document_close","document":"{document}","extra":1}}"#),
        format!(r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":7}}"#),
        format!(r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":["a",{{"x":1}}]}}"#),
        format!(r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":[{{"p":0}}]}}"#),
        format!(r#"{{"type":"document_edit","document":"{document}","sequence":1,"base":0,"op":NaN}}"#),
        format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
    ];
    for frame in frames {
        ada.send_text(frame.clone()).await;
        assert_eq!(ada.error().await.0, ErrorCode::MalformedMessage, "{:.80}", frame);
    }
    ada.socket.send(Message::binary(vec![0xff; 10])).await.unwrap();
    assert_eq!(ada.error().await.0, ErrorCode::MalformedMessage);
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_connection_begins_with_hello_and_says_it_once() {
    let server = Server::start();
    let demo = server.demo().await;
    let mut ada = Client::silent(&server).await;
    ada.send(&ClientMessage::DocumentOpen { document: demo, since: None }).await;
    assert_eq!(ada.error().await.0, ErrorCode::HelloExpected);
    let ticket = Secret::new(server.signed_in("Ada").await.ticket().await);
    let hello = ClientMessage::Hello { client: ada.id, ticket };
    ada.send(&hello).await;
    assert!(matches!(ada.next().await, ServerMessage::Welcome { .. }));
    ada.send(&hello).await;
    assert_eq!(ada.error().await.0, ErrorCode::HelloExpected);
    ada.open(demo).await;
}

#[tokio::test]
async fn a_document_that_is_not_there_or_not_open_is_refused() {
    let server = Server::start();
    let demo = server.demo().await;
    let mut ada = Client::new(&server, "Ada").await;
    let op = JsonOp::noop();
    let missing = DocumentId(Uuid::now_v7());

    ada.send(&ClientMessage::DocumentOpen { document: missing, since: None }).await;
    assert_eq!(ada.error().await, (ErrorCode::UnknownDocument, None));
    for document in [missing, demo] {
        ada.submit(document, 1, Revision(0), op.clone()).await;
        assert_eq!(ada.error().await, (ErrorCode::DocumentNotOpen, Some(Sequence(1))));
        ada.point(document, None).await;
        assert_eq!(ada.error().await, (ErrorCode::DocumentNotOpen, None));
        ada.send(&ClientMessage::DocumentClose { document }).await;
        assert_eq!(ada.error().await, (ErrorCode::DocumentNotOpen, None));
    }
    // Asking for what is not there does not use up what one may have open.
    for _ in 0..=OPEN_DOCUMENTS {
        ada.send(&ClientMessage::DocumentOpen { document: DocumentId(Uuid::now_v7()), since: None }).await;
        assert_eq!(ada.error().await.0, ErrorCode::UnknownDocument);
    }
    ada.open(demo).await;
}

#[tokio::test]
async fn an_op_that_does_not_fit_is_refused_and_the_document_stays_as_it_is() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let document = ours.document;
    let refused = [
        // Not there, out of range, another kind of value, already there.
        json!(["nowhere", { "r": true }]),
        json!(["sections", 99, { "r": true }]),
        json!(["currency", { "ena": 1 }]),
        json!(["currency", { "es": [9, "x"] }]),
        json!(["currency", { "i": "EUR" }]),
        json!(["sections", 99_999_999_999_u64, { "i": 1 }]),
        // No model any more.
        json!([{ "r": true }]),
        json!([{ "r": true, "i": 7 }]),
        json!(["periods", { "r": true }]),
        json!(["schema", { "r": true, "i": 99 }]),
        json!(["sections", 0, "items", 0, "values", "fy2025", { "r": true, "i": {} }]),
        json!(["sections", 0, "items", 0, "id", { "r": true, "i": "net_sales" }]),
    ];
    for op in refused {
        let op: JsonOp = serde_json::from_value(op).unwrap();
        ada.submit(document, 1, Revision(0), op.clone()).await;
        assert_eq!(ada.error().await, (ErrorCode::OpInvalid, Some(Sequence(1))), "{op:?}");
    }
    grace.hears_nothing().await;
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_base_or_a_sequence_that_can_not_be_is_refused() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let document = ours.document;
    let op = enter(ours.value(), "beta", None, "1.2");
    for base in [1, 2, u64::MAX] {
        ada.submit(document, 1, Revision(base), op.clone()).await;
        assert_eq!(ada.error().await, (ErrorCode::RevisionInFuture, Some(Sequence(1))));
    }
    for sequence in [0, 2, 3, u64::MAX] {
        ada.submit(document, sequence, Revision(0), op.clone()).await;
        assert_eq!(ada.error().await, (ErrorCode::OutOfSequence, Some(Sequence(sequence))));
    }
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_client_that_holds_revisions_the_server_never_had_starts_again_without_harm_to_others() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let demo = ours.document;
    let mut stranger = Client::new(&server, "Emmy").await;
    stranger.send(&ClientMessage::DocumentOpen { document: demo, since: Some(Revision(99)) }).await;
    assert_eq!(stranger.error().await.0, ErrorCode::RevisionInFuture);
    // It did not get in, so it can't edit.
    let op = enter(ours.value(), "beta", None, "1.2");
    stranger.submit(demo, 1, Revision(0), op).await;
    assert_eq!(stranger.error().await, (ErrorCode::DocumentNotOpen, Some(Sequence(1))));
    stranger.open(demo).await;
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_connection_holds_a_limited_number_of_documents() {
    let server = Server::start();
    let demo = server.demo().await;
    let mut ada = Client::new(&server, "Ada").await;
    let opened = ada.open(demo).await;
    // The same one again takes no further place.
    for _ in 0..=OPEN_DOCUMENTS {
        ada.resume(demo, opened.machine.revision()).await;
    }
}

#[tokio::test]
async fn a_cursor_is_no_way_to_send_others_large_things() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    grace.next_people().await;
    let cell = CellRef { item: ItemId("x".repeat(100_000)), period: None };
    ada.point(ours.document, Some(cell)).await;
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_frame_up_to_the_limit_is_read_and_a_larger_one_ends_the_connection() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let mut whole = Client::new(&server, "Emmy").await;
    whole.send_text("x".repeat(CLIENT_FRAME_BYTES)).await;
    assert_eq!(whole.error().await.0, ErrorCode::MalformedMessage);
    whole.send_text("x".repeat(CLIENT_FRAME_BYTES + 1)).await;
    assert_eq!(whole.closed().await.unwrap().code, CloseCode::Size);

    // The same in many fragments.
    let mut pieces = Client::new(&server, "Emmy").await;
    send_in_pieces(&mut pieces, CLIENT_FRAME_BYTES / 64, 64).await;
    assert_eq!(pieces.error().await.0, ErrorCode::MalformedMessage);
    send_in_pieces(&mut pieces, CLIENT_FRAME_BYTES / 64, 65).await;
    assert_eq!(pieces.closed().await.unwrap().code, CloseCode::Size);

    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn text_that_is_no_unicode_ends_the_connection_alone() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let mut broken = Client::new(&server, "Emmy").await;
    let frame = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    broken.socket.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(broken.closed().await.unwrap().code, CloseCode::Invalid);
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_document_may_not_grow_without_end() {
    let server = Server::start();
    let (mut ada, ours, _grace, _theirs) = two(&server).await;
    let mut largest = 0;
    for number in 1..100_u64 {
        let note = "x".repeat(NOTE_BYTES);
        let op = serde_json::from_value(json!([format!("note{number}"), { "i": note }])).unwrap();
        ada.submit(ours.document, number, Revision(number - 1), op).await;
        match ada.next().await {
            ServerMessage::DocumentAck { revision, .. } => largest = revision.0,
            ServerMessage::Error { code, .. } => {
                assert_eq!(code, ErrorCode::OpInvalid);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((10..=16).contains(&largest), "{largest} notes of 255 KB fit into 4 MB");
}

#[tokio::test]
async fn an_edit_as_large_as_a_document_is_stored_and_told() {
    let server = Server::start();
    let (mut ada, mut ours, mut grace, mut theirs) = two(&server).await;
    let note = "\u{1}".repeat(600 * 1024);
    let op: JsonOp = serde_json::from_value(json!(["note", { "i": note }])).unwrap();
    ours.edit(&mut ada, op).await;
    ours.follow(&mut ada, Revision(1)).await;
    theirs.follow(&mut grace, Revision(1)).await;
    assert_eq!(theirs.value(), ours.value());
    all_goes_on(&mut ada, &mut ours, &mut grace, &mut theirs).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_and_the_others_go_on() {
    let server = Server::start();
    let (mut ada, mut ours, _, _) = two(&server).await;
    let mut deaf = Client::new(&server, "Emmy").await;
    deaf.send(&ClientMessage::DocumentOpen { document: ours.document, since: None }).await;
    // It never reads again, while ada sends it more than the system's buffers and its outbox hold.
    let mut next = ours.machine.revision();
    let begun = std::time::Instant::now();
    for number in 0_u64..120 {
        let note = format!("{number}{}", "x".repeat(NOTE_BYTES));
        let component = if number == 0 { json!({ "i": note }) } else { json!({ "r": true, "i": note }) };
        ours.edit(&mut ada, serde_json::from_value(json!(["note", component])).unwrap()).await;
        next = next.next();
        ours.follow(&mut ada, next).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "the slow one made the others slow: {:?}", begun.elapsed());
    // Its connection is gone: whoever comes now does not see it.
    let (mut newcomer, _) = Client::in_document(&server, "Hedy", ours.document).await;
    assert!(newcomer.people(1).await.iter().all(|person| person.client != deaf.id));
    // It may be too slow even for the last word.
    if let Some(frame) = deaf.closed().await {
        assert_eq!(frame.code, CloseCode::Again);
    }
}

async fn send_in_pieces(client: &mut Client, length: usize, pieces: usize) {
    for piece in 0..pieces {
        let kind = if piece == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message("x".repeat(length).into_bytes(), OpCode::Data(kind), piece + 1 == pieces);
        // The server may have had enough before the last piece.
        if client.socket.send(Message::Frame(frame)).await.is_err() {
            return;
        }
    }
}
