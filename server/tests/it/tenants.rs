//! What is one workspace's reaches no other: the token alone says who asks.

use std::time::Duration;

use coval_shared::mention;
use coval_shared::protocol::{ClientMessage, CommentId, DocumentId, ServerMessage, Stream};
use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::client::{Client, enter};
use crate::http::Answer;
use crate::postgres::Postgres;
use crate::redis::Redis;
use crate::server::{Server, run};
use crate::signed_in::SignedIn;

/// Stands in everything that belongs to Ada.
const HERS: &str = "xylophone";

/// For how long somebody listens before they are sure that nothing comes.
const QUIET: Duration = Duration::from_secs(2);

/// Somebody with a workspace of their own, and a memo in it: the person, the workspace, the memo.
struct Tenant {
    person: SignedIn,
    workspace: String,
    memo: DocumentId,
}

impl Tenant {
    async fn new(server: &Server, email: &str, word: &str) -> Self {
        let (status, out, err) = run(&["user", "--database-url", server.database(), "create", email, "--name", word]);
        assert!(status.success(), "{err}");
        let (_, password) = out.trim().split_once("  ").unwrap();
        let person = SignedIn::new(server.address(), email, password).await;
        let workspace = id(&person.post("/api/workspaces", &json!({"name": format!("Of {word}")})).await);
        let body = json!({"title": format!("The {word}"), "body": format!("All about the {word}")});
        let memo = id(&person.post(&format!("/api/workspace/{workspace}/documents"), &body).await);
        Self { person, workspace, memo: DocumentId(memo.parse().unwrap()) }
    }
}

fn id(answer: &Answer) -> String {
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_address_shows_each_person_only_what_is_theirs() {
    let server = Server::start();
    let ada = Tenant::new(&server, "ada2@example.com", HERS).await;
    let emmy = Tenant::new(&server, "emmy@example.com", "zither").await;
    ada.person.post(&format!("/api/document/{}/comments", ada.memo), &json!({"body": HERS})).await;
    let addresses = [
        "/api/documents",
        "/api/documents?sort=title&limit=1",
        "/api/search?q=about",
        "/api/workspaces",
        "/api/me",
        "/api/notifications",
    ];
    for path in addresses {
        for (first, then) in [(&ada, &emmy), (&emmy, &ada), (&ada, &emmy)] {
            let answers = [first.person.get(path).await, then.person.get(path).await];
            for (answer, who) in answers.iter().zip([first, then]) {
                assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{path}");
                let is_hers = std::ptr::eq(who, &ada);
                assert!(!answer.text().contains(if is_hers { "zither" } else { HERS }), "{path}: {}", answer.text());
            }
        }
    }
    for what in ["", "/snapshot", "/outputs", "/export?format=md", "/history", "/comments", "/activity", "/members"] {
        let path = format!("/api/document/{}{what}", ada.memo);
        let missing = emmy.person.get(&path.replace(&ada.memo.to_string(), &Uuid::now_v7().to_string())).await;
        // Also just after somebody who may was answered by the same address.
        for _ in 0..2 {
            assert_eq!(ada.person.get(&path).await.status, 200, "{path}");
            let answer = emmy.person.get(&path).await;
            assert_eq!((answer.status, answer.text()), (404, missing.text()), "{path}");
        }
    }
}

#[tokio::test]
async fn an_id_of_others_in_a_body_or_a_query_is_as_good_as_none() {
    let server = Server::start();
    let ada = Tenant::new(&server, "ada2@example.com", HERS).await;
    let emmy = Tenant::new(&server, "emmy@example.com", "zither").await;
    let none = Uuid::now_v7().to_string();
    for path in ["/api/documents?workspace=", "/api/search?q=about&workspace="] {
        let theirs = emmy.person.get(&format!("{path}{}", ada.workspace)).await;
        let missing = emmy.person.get(&format!("{path}{none}")).await;
        assert_eq!((theirs.status, theirs.text()), (missing.status, missing.text()), "{path}");
        assert!(!theirs.text().contains(HERS));
    }
    let duplicate = format!("/api/document/{}/duplicate", emmy.memo);
    let theirs = emmy.person.post(&duplicate, &json!({"workspace": ada.workspace})).await;
    let missing = emmy.person.post(&duplicate, &json!({"workspace": none})).await;
    assert_eq!((theirs.status, theirs.text()), (404, missing.text()));
    // Where a list of one's own goes on is no way into another list.
    let more = json!({"title": "More", "body": "More"});
    ada.person.post(&format!("/api/workspace/{}/documents", ada.workspace), &more).await;
    let page = ada.person.get("/api/documents?limit=1").await.json();
    let next = page["next"].as_str().unwrap();
    let on = emmy.person.get(&format!("/api/documents?cursor={next}")).await;
    assert!(on.status == 200 && !on.text().contains(HERS) && !on.text().contains("More"), "{}", on.text());
    // A calculation or a comment of others is not found by asking for its id once more.
    let model = json!({"template": "dcf"});
    let hers = id(&ada.person.post(&format!("/api/workspace/{}/documents", ada.workspace), &model).await);
    let own = id(&emmy.person.post(&format!("/api/workspace/{}/documents", emmy.workspace), &model).await);
    let export = json!({"kind": "export", "parameters": {"format": "csv"}});
    let calculation = id(&ada.person.post(&format!("/api/document/{hers}/calculations"), &export).await);
    let mut again = export.clone();
    again["id"] = json!(calculation);
    let answer = emmy.person.post(&format!("/api/document/{own}/calculations"), &again).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (409, Some("conflict")), "{}", answer.text());
    let comment = id(&ada.person.post(&format!("/api/document/{}/comments", ada.memo), &json!({"body": HERS})).await);
    let answer =
        emmy.person.post(&format!("/api/document/{}/comments", emmy.memo), &json!({"body": "x", "id": comment})).await;
    assert!(answer.status == 409 && !answer.text().contains(HERS), "{}", answer.text());
}

#[tokio::test]
async fn who_is_named_by_others_hears_and_reads_nothing_of_what_they_may_not_see() {
    let server = Server::start();
    let ada = Tenant::new(&server, "ada2@example.com", HERS).await;
    let emmy = Tenant::new(&server, "emmy@example.com", "zither").await;
    let body = json!({"body": format!("{HERS} {}", mention::written(emmy.person.user))});
    let said = ada.person.post(&format!("/api/document/{}/comments", ada.memo), &body).await;
    assert_eq!(said.status, 201, "{}", said.text());
    assert_eq!(said.json()["mentions"], json!([]), "who is not here can't be named, nor be found out by it");
    assert_eq!(emmy.person.get("/api/notifications").await.json()["items"], json!([]));
    // Marking what others were told as read does nothing to it.
    let missing = emmy.person.post("/api/notifications/read", &json!({"ids": [Uuid::now_v7()]})).await;
    let theirs = emmy.person.post("/api/notifications/read", &json!({"ids": [ada.memo]})).await;
    assert_eq!((theirs.status, theirs.text()), (missing.status, missing.text()));
}

/// Everything that comes for a while.
async fn heard(client: &mut Client) -> Vec<ServerMessage> {
    let mut messages = Vec::new();
    while let Ok(message) = timeout(QUIET, client.next_of_all()).await {
        messages.push(message);
    }
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn on_another_node_a_person_of_another_workspace_hears_nothing() {
    let (postgres, redis) = (Postgres::shared(), Redis::start());
    let database = postgres.database();
    let url = redis.url();
    let start = |name: &str| Server::start_on(&database, &["--redis-url", &url, "--node", name]);
    let (one, other) = (start("one"), start("other"));
    let ada = Tenant::new(&one, "ada2@example.com", HERS).await;
    let emmy = Tenant::new(&one, "emmy@example.com", "zither").await;
    let there = emmy.person.at(other.address());
    let template = json!({"template": "dcf", "title": HERS});
    let model = id(&ada.person.post(&format!("/api/workspace/{}/documents", ada.workspace), &template).await);
    let model = DocumentId(model.parse().unwrap());

    // Emmy sits on the other node with a document of her own, and asks for Ada's.
    let mut listener = Client::of(&other, &there).await;
    listener.open(emmy.memo).await;
    for stream in [Stream::Outputs, Stream::Activity, Stream::Calculations] {
        listener.send(&ClientMessage::SubscribeStream { document: emmy.memo, stream }).await;
        listener.send(&ClientMessage::SubscribeStream { document: model, stream }).await;
    }
    listener.send(&ClientMessage::DocumentOpen { document: model, since: None }).await;
    heard(&mut listener).await;
    // A colleague of Ada's on that node, who hears all of it.
    let mut witness = Client::of(&other, &ada.person.at(other.address())).await;
    witness.open(model).await;
    witness.send(&ClientMessage::SubscribeStream { document: model, stream: Stream::Activity }).await;
    heard(&mut witness).await;

    let mut author = Client::of(&one, &ada.person).await;
    let mut opened = author.open(model).await;
    let op = enter(opened.value(), "beta", None, "1.7");
    opened.edit(&mut author, op).await;
    author.ack().await;
    let comment = ClientMessage::CommentAdd {
        document: model,
        comment: CommentId(Uuid::now_v7()),
        anchor: None,
        revision: ot_core::Revision(1),
        body: format!("{HERS} {}", mention::written(emmy.person.user)),
    };
    author.send(&comment).await;
    ada.person.send("PATCH", &format!("/api/document/{model}"), &json!({"title": format!("{HERS} 2")})).await;
    let export = json!({"kind": "export", "parameters": {"format": "csv"}});
    ada.person.post(&format!("/api/document/{model}/calculations"), &export).await;

    let seen = heard(&mut witness).await;
    let kinds = |wanted: fn(&ServerMessage) -> bool| seen.iter().any(wanted);
    assert!(kinds(|message| matches!(message, ServerMessage::DocumentUpdated { .. })), "{seen:?}");
    assert!(kinds(|message| matches!(message, ServerMessage::CommentChanged { .. })), "{seen:?}");
    assert!(kinds(|message| matches!(message, ServerMessage::PresenceUpdate { .. })), "{seen:?}");
    let nothing: Vec<Value> = heard(&mut listener).await.iter().map(|message| json!(message)).collect();
    assert_eq!(nothing, Vec::<Value>::new());
}
