//! Following documents beside the ops, and in other forms than JSON on a socket.

use std::time::{Duration, Instant};

use coval_shared::limits::{BYTES_BEFORE_HELLO, CLIENT_FRAME_BYTES, MESSAGES_BEFORE_HELLO};
use coval_shared::model::ItemId;
use coval_shared::protocol::{
    ClientMessage, DocumentId, ErrorCode, Glossary, MESSAGE_PACK, Person, SUBPROTOCOL, Selection, ServerMessage,
    Stream, message_pack,
};
use coval_shared::rest::DocumentOutputs;
use coval_shared::secret::Secret;
use futures_util::{SinkExt, StreamExt};
use ot_core::{ClientId, Revision};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use uuid::Uuid;

use crate::client::{Client, Socket, connect, enter};
use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(20);

async fn values(client: &mut Client) -> (Revision, Vec<coval_shared::model::Output>) {
    match client.next().await {
        ServerMessage::ValuationUpdate { revision, outputs, .. } => (revision, outputs),
        other => panic!("no key figures but {other:?}"),
    }
}

#[tokio::test]
async fn whoever_follows_the_key_figures_gets_them_at_once_and_after_changes() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut vera, _) = Client::in_document(&server, "Vera", demo).await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    vera.send(&ClientMessage::SubscribeStream { document: demo, stream: Stream::Outputs }).await;
    let (revision, before) = values(&mut vera).await;
    assert_eq!(revision, Revision(0));

    let op = enter(ours.value(), "beta", None, "1.9");
    ours.edit(&mut ada, op).await;
    assert_eq!(vera.updates().await.len(), 1);
    let (revision, after) = values(&mut vera).await;
    assert_eq!(revision, Revision(1));
    assert_ne!(before, after);
    let answer = server.get(&format!("/api/document/{demo}/outputs")).await;
    let figures: DocumentOutputs = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(figures.outputs, after);

    vera.send(&ClientMessage::UnsubscribeStream { document: demo, stream: Stream::Outputs }).await;
    ours.follow(&mut ada, Revision(1)).await;
    let op = enter(ours.value(), "beta", None, "1.8");
    ours.edit(&mut ada, op).await;
    assert_eq!(vera.updates().await.len(), 1);
    vera.hears_nothing().await;
}

/// What a stream brings next.
async fn followed(client: &mut Client, of: Stream) -> Value {
    match client.next().await {
        ServerMessage::StreamData { stream, data, .. } if stream == of => data,
        other => panic!("nothing of {of:?} but {other:?}"),
    }
}

#[tokio::test]
async fn whoever_follows_the_activity_hears_what_is_recorded_of_the_document() {
    let server = Server::start();
    let demo = server.demo().await;
    let (ada, way) = (server.signed_in("Ada").await, format!("/api/document/{demo}"));
    assert_eq!(ada.send("PATCH", &way, &json!({"title": "Before"})).await.status, 200);
    let (mut vera, _) = Client::in_document(&server, "Vera", demo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    vera.send(&ClientMessage::SubscribeStream { document: demo, stream: Stream::Activity }).await;
    // Followed once it is answered: messages are followed in order.
    vera.send_text("nonsense".to_owned()).await;
    vera.error().await;
    assert_eq!(server.get(&format!("{way}/collaboration")).await.status, 200);
    for title in ["First", "Second"] {
        assert_eq!(ada.send("PATCH", &way, &json!({"title": title})).await.status, 200);
    }
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let entry = followed(&mut vera, Stream::Activity).await;
        assert_eq!(
            (entry["action"].as_str(), entry["actor"]["name"].as_str()),
            (Some("document_renamed"), Some("Ada"))
        );
        numbers.push(entry["number"].as_u64().unwrap());
    }
    assert!(numbers[0] < numbers[1], "in order, and what was before is not told: {numbers:?}");
    grace.hears_nothing().await;
    vera.send(&ClientMessage::UnsubscribeStream { document: demo, stream: Stream::Activity }).await;
    assert_eq!(ada.send("PATCH", &way, &json!({"title": "Third"})).await.status, 200);
    assert!(timeout(Duration::from_millis(1_500), vera.next()).await.is_err(), "she follows no longer");
}

#[tokio::test]
async fn whoever_follows_the_calculations_hears_how_far_those_of_others_are() {
    let server = Server::start();
    let demo = server.demo().await;
    let ada = server.signed_in("Ada").await;
    let (mut vera, _) = Client::in_document(&server, "Vera", demo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    vera.send(&ClientMessage::SubscribeStream { document: demo, stream: Stream::Calculations }).await;
    vera.send_text("nonsense".to_owned()).await;
    vera.error().await;
    assert_eq!(server.get(&format!("/api/document/{demo}/collaboration")).await.status, 200);
    let export = json!({"kind": "export", "parameters": {"format": "xlsx"}});
    let started = ada.post(&format!("/api/document/{demo}/calculations"), &export).await.json();
    loop {
        let data = followed(&mut vera, Stream::Calculations).await;
        assert_eq!((&data["calculation"], &data["user"]), (&started["id"], &json!(ada.user)));
        if data["end"] == "done" {
            break;
        }
        assert!(data["progress"].as_f64().is_some_and(|progress| (0.0..=1.0).contains(&progress)), "{data}");
    }
    grace.hears_nothing().await;
}

#[tokio::test]
async fn who_types_and_what_is_selected_is_seen_by_the_others() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, _) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", demo).await;
    ada.people(1).await;
    let cell = |item: &str| coval_shared::model::CellRef::single(ItemId(item.to_owned()));
    let selection = Selection::Cells { anchor: cell("beta"), focus: cell("wacc") };
    let message =
        ClientMessage::SelectionUpdate { document: demo, revision: Revision(0), selection: Some(selection.clone()) };
    grace.send(&message).await;
    let people: Vec<Person> = ada.next_people().await;
    assert_eq!(people[0].selection, Some(selection));
    grace.send(&ClientMessage::Typing { document: demo, is_typing: true }).await;
    let clients = loop {
        if let ServerMessage::Typing { clients, .. } = ada.next_of_all().await {
            break clients;
        }
    };
    assert_eq!(clients, [grace.id]);
}

/// A connection in MessagePack.
struct Packed(Socket, Glossary);

impl Packed {
    async fn new(server: &Server, name: &str) -> Self {
        let socket = connect(server.address(), Some(&server.origin()), Some(MESSAGE_PACK)).await.unwrap();
        let mut packed = Self(socket, Glossary::default());
        let ticket = Secret::new(server.signed_in(name).await.ticket().await);
        packed.send(&ClientMessage::Hello { client: ClientId(Uuid::now_v7()), ticket }).await;
        assert!(matches!(packed.next().await, ServerMessage::Welcome { .. }));
        packed
    }

    async fn send(&mut self, message: &ClientMessage) {
        self.send_bytes(message_pack::write(message).unwrap()).await;
    }

    async fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// Why the server ends the connection.
    async fn closed(&mut self) -> Option<CloseCode> {
        while let Some(frame) = timeout(PATIENCE, self.0.next()).await.expect("the server says nothing") {
            if let Message::Close(reason) = frame.ok()? {
                return reason.map(|reason| reason.code);
            }
        }
        None
    }

    /// The next message but presence.
    async fn next(&mut self) -> ServerMessage {
        loop {
            let frame = timeout(PATIENCE, self.0.next()).await.expect("the server says nothing").unwrap().unwrap();
            let Message::Binary(bytes) = frame else { continue };
            let said = message_pack::read(&bytes, usize::MAX).unwrap();
            match self.1.take(said).unwrap() {
                ServerMessage::PresenceUpdate { .. } => {}
                message => return message,
            }
        }
    }
}

#[tokio::test]
async fn clients_of_both_forms_edit_one_document() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let mut grace = Packed::new(&server, "Grace").await;
    grace.send(&ClientMessage::DocumentOpen { document: demo, since: None }).await;
    match grace.next().await {
        ServerMessage::DocumentSnapshot { snapshot, .. } => assert_eq!(&snapshot, ours.value()),
        other => panic!("no snapshot but {other:?}"),
    }
    let op = enter(ours.value(), "beta", None, "1.9");
    ours.edit(&mut ada, op.clone()).await;
    match grace.next().await {
        ServerMessage::DocumentUpdated { updates, .. } => assert_eq!(updates[0].op, op),
        other => panic!("no update but {other:?}"),
    }
    ours.follow(&mut ada, Revision(1)).await;
    let op = enter(ours.value(), "beta", None, "1.7");
    let sequence = ot_core::Sequence(1);
    grace.send(&ClientMessage::DocumentEdit { document: demo, sequence, base: Revision(1), op: op.clone() }).await;
    assert!(matches!(grace.next().await, ServerMessage::DocumentAck { revision: Revision(2), .. }));
    assert_eq!(ada.updates().await[0].op, op);

    // What is no message is refused, and the connection goes on.
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0x91; 2 * CLIENT_FRAME_BYTES], 6);
    for bytes in [vec![], vec![0], vec![2], vec![0, 0xc1], vec![1, 0xff], [&[0][..], &[0x91; 10_000]].concat(), {
        [&[1][..], &bomb].concat()
    }] {
        grace.send_bytes(bytes).await;
        assert!(matches!(grace.next().await, ServerMessage::Error { code: ErrorCode::MalformedMessage, .. }));
    }
    grace.0.send(Message::text("{}")).await.unwrap();
    assert!(matches!(grace.next().await, ServerMessage::Error { code: ErrorCode::MalformedMessage, .. }));
}

#[tokio::test]
async fn a_binary_frame_has_the_same_limit_whole_or_in_a_thousand_parts() {
    let server = Server::start();
    let part = |length: usize, first: bool, last: bool| {
        let kind = if first { Data::Binary } else { Data::Continue };
        Message::Frame(Frame::message(vec![0; length], OpCode::Data(kind), last))
    };
    for over in [0, 1] {
        let mut whole = Packed::new(&server, "Grace").await;
        whole.send_bytes(vec![0; CLIENT_FRAME_BYTES + over]).await;
        let mut parts = Packed::new(&server, "Grace").await;
        parts.0.send(part(over, true, false)).await.unwrap();
        for number in 1..=1024 {
            // The server may have had enough before the last part.
            if parts.0.send(part(CLIENT_FRAME_BYTES / 1024, false, number == 1024)).await.is_err() {
                break;
            }
        }
        for mut packed in [whole, parts] {
            if over == 0 {
                assert!(matches!(packed.next().await, ServerMessage::Error { code: ErrorCode::MalformedMessage, .. }));
            } else {
                assert_eq!(packed.closed().await, Some(CloseCode::Size));
            }
        }
    }
}

#[tokio::test]
async fn who_has_not_signed_in_gets_few_and_small_messages_through() {
    let server = Server::start();
    let mut chatty = Client::silent(&server).await;
    for _ in 0..MESSAGES_BEFORE_HELLO {
        chatty.send_text("{}".to_owned()).await;
        assert_eq!(chatty.error().await.0, ErrorCode::MalformedMessage);
    }
    chatty.send_text("{}".to_owned()).await;
    assert_eq!(chatty.closed().await.unwrap().code, CloseCode::Policy);

    let mut large = Client::silent(&server).await;
    large.send_text("x".repeat(BYTES_BEFORE_HELLO)).await;
    assert_eq!(large.error().await.0, ErrorCode::MalformedMessage);
    large.send_text("x".repeat(BYTES_BEFORE_HELLO + 1)).await;
    assert_eq!(large.closed().await.unwrap().code, CloseCode::Policy);

    let begun = Instant::now();
    let mut silent = connect(server.address(), Some(&server.origin()), Some(SUBPROTOCOL)).await.unwrap();
    while let Some(Ok(_)) = timeout(PATIENCE, silent.next()).await.expect("a silent stranger may stay") {}
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
}

/// Reads server-sent events.
struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    async fn open(server: &Server, document: DocumentId, headers: &[String]) -> Self {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "GET /api/document/{document}/stream HTTP/1.1\r\nHost: {}\r\n{}\r\n\r\n",
            server.address(),
            headers.join("\r\n")
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut events = Self(BufReader::new(stream).lines());
        assert_eq!(events.0.next_line().await.unwrap().unwrap(), "HTTP/1.1 200 OK");
        events
    }

    /// The next message but presence, and the id of its event; nothing when the stream has ended.
    async fn next(&mut self) -> Option<(Option<String>, ServerMessage)> {
        let mut id = None;
        loop {
            let line = timeout(PATIENCE, self.0.next_line()).await.expect("the server says nothing").ok()??;
            if let Some(new) = line.strip_prefix("id: ") {
                id = Some(new.to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                match serde_json::from_str(data).unwrap() {
                    ServerMessage::PresenceUpdate { .. } => {}
                    message => return Some((id, message)),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_document_is_read_as_a_stream_of_events_until_the_reader_signs_out() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let vera = server.signed_in("Vera").await;
    let authorization = format!("Authorization: {}", vera.bearer());
    let mut events = Events::open(&server, demo, std::slice::from_ref(&authorization)).await;
    let (id, first) = events.next().await.unwrap();
    assert_eq!(id.as_deref(), Some("0"));
    assert!(matches!(first, ServerMessage::DocumentSnapshot { .. }));
    let op = enter(ours.value(), "beta", None, "1.9");
    ours.edit(&mut ada, op.clone()).await;
    let (id, update) = events.next().await.unwrap();
    assert_eq!(id.as_deref(), Some("1"));
    assert!(matches!(update, ServerMessage::DocumentUpdated { updates, .. } if updates[0].op == op));

    // With the id of the last event, and by a ticket, which is good once.
    let ticket = format!("Authorization: Ticket {}", vera.ticket().await);
    let mut resumed = Events::open(&server, demo, &[ticket, "Last-Event-ID: 0".to_owned()]).await;
    let (_, missed) = resumed.next().await.unwrap();
    assert!(matches!(missed, ServerMessage::DocumentResumed { updates, .. } if updates.len() == 1));

    assert_eq!(vera.post("/api/session/sign-out-everywhere", &json!({})).await.status, 204);
    let begun = Instant::now();
    while events.next().await.is_some() {}
    while resumed.next().await.is_some() {}
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn texts_of_every_kind_arrive_as_they_were_sent_or_are_refused() {
    let server = Server::start();
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    let texts = ["𝒳é\u{301}👩‍👩‍👧", "a\r\nb\n\rc", "a\u{0}b", "\u{202e}txet\u{2066}", "__proto__", "\u{feff}", "\u{ffff}"];
    for (number, text) in texts.into_iter().enumerate() {
        let op = serde_json::from_value(json!([format!("note{number}"), { "i": text }])).unwrap();
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(u64::try_from(number).unwrap() + 1)).await;
    }
    let edit = |sequence: usize, op: &str| {
        let base = texts.len();
        format!(r#"{{"type":"document_edit","document":"{demo}","sequence":{sequence},"base":{base},"op":{op}}}"#)
    };
    let next = texts.len() + 1;
    // Half of a pair is no character; a name that is there twice, a key of JavaScript's, and numbers that are too large.
    for (op, code) in [
        (r#"["lone", {"i": "\ud800"}]"#, ErrorCode::MalformedMessage),
        (r#"["big", {"i": 1e999}]"#, ErrorCode::MalformedMessage),
        (r#"["note0", {"es": [1e300, "x"]}]"#, ErrorCode::MalformedMessage),
        (r#"["note0", {"es": [4000000000, "x"]}]"#, ErrorCode::OpInvalid),
        (&format!(r#"["deep", {{"i": {}{}}}]"#, "[".repeat(65), "]".repeat(65)), ErrorCode::MalformedMessage),
    ] {
        ada.send_text(edit(next, op)).await;
        let found = ada.error().await.0;
        assert!(found == code || found == ErrorCode::OpInvalid, "{op}: {found:?}");
    }
    for twice in [
        format!(r#"{{"type":"document_close","document":"{demo}","document":"{demo}"}}"#),
        format!(r#"{{"type":"document_close","document":"{demo}","__proto__":{{}}}}"#),
    ] {
        ada.send_text(twice).await;
        assert_eq!(ada.error().await.0, ErrorCode::MalformedMessage);
    }
    ada.send_text(edit(next, r#"["__proto__", {"i": {"constructor": {"prototype": 1}}}]"#)).await;
    assert_eq!(ada.ack().await.1, Revision(u64::try_from(next).unwrap()));
    theirs.follow(&mut grace, Revision(u64::try_from(next).unwrap())).await;
    for (number, text) in texts.into_iter().enumerate() {
        assert_eq!(theirs.value()[format!("note{number}")], text);
    }
    assert_eq!(theirs.value()["__proto__"]["constructor"]["prototype"], 1);
}
