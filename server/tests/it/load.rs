//! Many, slow, stuck and noisy clients, and large work: the server's memory stays flat, and others don't notice.
//!
//! `COVAL_LOAD=10` makes all of it ten times as large.

use std::process::Command;
use std::time::{Duration, Instant};

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::{ClientMessage, DocumentId, ErrorCode, ServerMessage};
use futures_util::SinkExt;
use futures_util::future::join_all;
use ot_core::json::JsonOp;
use ot_core::{Revision, Sequence};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use uuid::Uuid;

use crate::client::{Client, enter};
use crate::crew::Crew;
use crate::faults::{newest, number, seed};
use crate::fixtures;
use crate::server::Server;

/// A note that is large and no more than a part of what a document holds.
const NOTE_BYTES: usize = 255 * 1024;

/// How long an edit may take to reach somebody else while others make noise, in a debug build on a machine that has ten
/// times as much to do as it can.
const SOON: Duration = Duration::from_secs(5);

/// How many times as large as usual everything is.
fn load() -> u64 {
    number("COVAL_LOAD").unwrap_or(1)
}

/// The memory of the server in KB.
pub(crate) fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Two tabs in a workspace of their own, and how long an edit in one takes to reach the other.
struct Others {
    stop: watch::Sender<bool>,
    working: JoinHandle<Vec<Duration>>,
}

impl Others {
    async fn start(server: &Server) -> Self {
        let ada = server.signed_in("Ada").await;
        let made = ada.post("/api/workspaces", &json!({"name": "Quiet"})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let way = format!("/api/workspace/{}/documents", made.json()["id"].as_str().unwrap());
        let made = ada.post(&way, &json!({"template": "dcf"})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let document: DocumentId = serde_json::from_value(made.json()["id"].clone()).unwrap();
        let (mut first, mut ours) = Client::in_document(server, "Ada", document).await;
        let (mut second, mut theirs) = Client::in_document(server, "Ada", document).await;
        let (stop, stopped) = watch::channel(false);
        let working = tokio::spawn(async move {
            let mut took = Vec::new();
            for number in 1.. {
                if *stopped.borrow() && took.len() > 10 {
                    break;
                }
                let op = enter(ours.value(), "beta", None, &format!("1.{:03}", number % 1_000));
                let begun = Instant::now();
                ours.edit(&mut first, op).await;
                theirs.follow(&mut second, Revision(number)).await;
                took.push(begun.elapsed());
                ours.follow(&mut first, Revision(number)).await;
                sleep(Duration::from_millis(50)).await;
            }
            took
        });
        Self { stop, working }
    }

    /// They have noticed nothing.
    async fn noticed_nothing(self) {
        self.stop.send_replace(true);
        let mut took = self.working.await.unwrap();
        took.sort();
        println!("of {} edits half took {:?}, the slowest {:?}", took.len(), took[took.len() / 2], took.last());
        assert!(*took.last().unwrap() < SOON, "{took:?}");
    }
}

/// Sockets of this process beyond what it may have by default.
fn allow_sockets(count: u64) {
    let wanted = format!("--nofile={}:", 2 * count + 1_000);
    let status = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), &wanted]).status();
    assert!(status.expect("prlimit is missing: it is part of util-linux").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_sockets_cost_little_and_nobody_waits_for_them() {
    let sockets = 1_000 * load();
    let server = Server::start();
    allow_sockets(sockets);
    let ada = server.signed_in("Ada").await;
    let others = Others::start(&server).await;
    let (begun, before) = (Instant::now(), memory(&server));
    let mut idle = Vec::new();
    for _ in 0..sockets / 50 {
        idle.extend(join_all((0..50).map(|_| Client::of(&server, &ada))).await);
    }
    let each = memory(&server).saturating_sub(before) / sockets;
    println!("{sockets} sockets in {:?}, {each} KB each", begun.elapsed());
    assert!(each < 60, "{each} KB for each socket");
    sleep(Duration::from_millis(500)).await;
    others.noticed_nothing().await;
    // All are still there, and are heard.
    for client in idle.iter_mut().step_by(100) {
        client.send_text("nonsense".to_owned()).await;
        assert_eq!(client.error().await.0, ErrorCode::MalformedMessage);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_read_nothing_are_told_to_resync_and_cost_a_bounded_amount_of_memory() {
    const DEAF: usize = 8;
    let server = Server::start();
    let document = server.demo().await;
    let others = Others::start(&server).await;
    let (mut grace, mut ours) = Client::in_document(&server, "Grace", document).await;
    let mut sizes = Vec::new();
    for round in 0..2 {
        let mut deaf = Vec::new();
        for _ in 0..DEAF {
            let mut client = Client::new(&server, "Vera").await;
            client.send(&ClientMessage::DocumentOpen { document, since: None }).await;
            deaf.push(client);
        }
        grace.people(DEAF).await;
        for number in 0..60 * load() {
            let note = format!("{round}{number}{}", "x".repeat(NOTE_BYTES));
            let is_first = round == 0 && number == 0;
            let component = if is_first { json!({ "i": note }) } else { json!({ "r": true, "i": note }) };
            ours.edit(&mut grace, serde_json::from_value(json!(["note", component])).unwrap()).await;
            let next = ours.machine.revision().next();
            ours.follow(&mut grace, next).await;
        }
        // They are let go.
        grace.people(0).await;
        for mut client in deaf {
            // They may be too slow even for the last word.
            if let Some(frame) = client.closed().await {
                assert_eq!(frame.code, CloseCode::Again);
            }
        }
        sizes.push(memory(&server));
    }
    println!("{sizes:?} KB after each round");
    assert!(sizes[1] < sizes[0] + 40_000, "memory grows: {sizes:?} KB");
    others.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_megabytes_that_are_pasted_are_refused_and_nobody_else_notices() {
    let server = Server::start();
    let memo = DocumentId(Uuid::from_u128(7));
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    fixtures::create(&store, memo, "Memo", &json!(""), 0).unwrap();
    let grace = server.signed_in("Grace").await;
    let others = Others::start(&server).await;
    let large = "x".repeat(10 * 1024 * 1024);
    let way = format!("/api/workspace/{}/documents", fixtures::DEMO_WORKSPACE.0);
    let mut sizes = Vec::new();
    for _ in 0..4 * load() {
        // At once.
        let mut client = Client::of(&server, &grace).await;
        client.open(memo).await;
        // The server may have had enough before the end.
        let _ = client.socket.send(Message::text(large.clone())).await;
        if let Some(frame) = client.closed().await {
            assert_eq!(frame.code, CloseCode::Size);
        }
        // Over HTTP.
        let refused = grace.post(&way, &json!({"title": "Large", "body": large})).await;
        let code = refused.json()["code"].clone();
        assert_eq!((refused.status, code.as_str()), (413, Some("message_too_large")), "{}", refused.text());
        // In pieces, each of which is small enough: until the memo is full.
        let mut client = Client::of(&server, &grace).await;
        let opened = client.open(memo).await;
        let (mut revision, mut sequence) = (opened.machine.revision(), 0);
        for piece in large.as_bytes().chunks(200_000) {
            sequence += 1;
            let typed = std::str::from_utf8(piece).unwrap();
            client.submit(memo, sequence, revision, serde_json::from_value(json!([{"es": [typed]}])).unwrap()).await;
            match client.next().await {
                ServerMessage::DocumentAck { revision: stored, .. } => revision = stored,
                ServerMessage::Error { code, sequence: refused, .. } => {
                    assert_eq!((code, refused), (ErrorCode::OpInvalid, Some(Sequence(sequence))));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(revision.0 <= 5, "1 MB is five pieces, and {revision} were taken");
        sizes.push(memory(&server));
    }
    println!("{sizes:?} KB after each round");
    assert!(sizes.last().unwrap() < &(sizes[0] + 30_000), "memory grows: {sizes:?} KB");
    others.noticed_nothing().await;
}

/// Typing in a memo, a character.
fn typed() -> JsonOp {
    serde_json::from_value(json!([{"es": ["x"]}])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_edits_made_offline_arrive_as_one() {
    let edits = 100_000 * load().min(2);
    let server = Server::start();
    let memo = DocumentId(Uuid::from_u128(7));
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    fixtures::create(&store, memo, "Memo", &json!(""), 0).unwrap();
    let (away, mut ours) = Client::in_document(&server, "Grace", memo).await;
    let (mut vera, mut theirs) = Client::in_document(&server, "Vera", memo).await;
    let id = away.id;
    drop(away);
    for _ in 0..edits {
        // The first is awaited, and the others become one.
        let _ = ours.machine.edit(typed()).unwrap();
    }
    let (others, before) = (Others::start(&server).await, memory(&server));
    let begun = Instant::now();
    let mut back = Client::as_client(&server, id, "Grace").await;
    assert_eq!(back.resume(memo, Revision(0)).await, []);
    let first = ours.machine.resend().unwrap();
    back.submit(memo, first.sequence.0, first.base, first.op).await;
    ours.follow(&mut back, Revision(2)).await;
    theirs.follow(&mut vera, Revision(2)).await;
    println!("{edits} edits in {:?}, {} KB more", begun.elapsed(), memory(&server).saturating_sub(before));
    assert_eq!(theirs.value().as_str().map(str::len), Some(usize::try_from(edits).unwrap()));
    assert_eq!(theirs.value(), ours.value());
    assert!(memory(&server) < before + 20_000, "{before} KB before, {} after", memory(&server));
    others.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_made_offline_that_arrive_one_by_one_hold_nobody_up() {
    let edits = 1_500 * load();
    let server = Server::start();
    let memo = DocumentId(Uuid::from_u128(7));
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    fixtures::create(&store, memo, "Memo", &json!(""), 0).unwrap();
    let others = Others::start(&server).await;
    let (mut vera, mut theirs) = Client::in_document(&server, "Vera", memo).await;
    let (mut grace, _) = Client::in_document(&server, "Grace", memo).await;
    let reading = tokio::spawn(async move {
        theirs.follow(&mut vera, Revision(edits)).await;
        theirs.value().as_str().map(str::len)
    });
    let (begun, before) = (Instant::now(), memory(&server));
    for sequence in 1..=edits {
        // As soon as the one before is answered.
        grace.submit(memo, sequence, Revision(sequence - 1), typed()).await;
        assert_eq!(grace.ack().await, (Sequence(sequence), Revision(sequence)));
    }
    println!("{edits} submissions in {:?}, {} KB more", begun.elapsed(), memory(&server).saturating_sub(before));
    assert_eq!(reading.await.unwrap(), Some(usize::try_from(edits).unwrap()));
    assert!(memory(&server) < before + 30_000, "{before} KB before, {} after", memory(&server));
    others.noticed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_noisy_workspace_does_not_starve_another() {
    let server = Server::start();
    let noisy = server.demo().await;
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let others = Others::start(&server).await;
    let crew = Crew::start(noisy, &vec![server.address().to_owned(); 8], Duration::from_millis(1), seed());
    crew.proceeds_by(50).await;
    let grace = server.signed_in("Grace").await;
    let long = json!({"kind": "monte_carlo", "parameters": {"outputs": ["value_per_share"], "trials": 2_000_000}});
    let way = format!("/api/document/{noisy}");
    for _ in 0..4 {
        assert_eq!(grace.post(&format!("{way}/calculations"), &long).await.status, 202);
    }
    let before = crew.acknowledged();
    for _ in 0..10 * load() {
        let asks = (0..8).map(async |_| grace.get(&format!("{way}/export?format=xlsx")).await.status);
        assert!(join_all(asks).await.iter().all(|status| *status == 200));
    }
    assert!(crew.acknowledged() > before, "nobody made noise");
    others.noticed_nothing().await;
    let list: Value = grace.get(&format!("{way}/calculations")).await.json();
    for calculation in list["items"].as_array().unwrap() {
        grace.delete(&format!("/api/calculation/{}", calculation["id"].as_str().unwrap())).await;
    }
    crew.settle(|| newest(&store, noisy)).await;
}
