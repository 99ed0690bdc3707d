//! What takes a document back or brings branches together, at random and with a server that dies in between.

use std::time::Duration;

use coval_server::store::{DatabaseUrl, Store};
use coval_shared::protocol::DocumentId;
use ot_core::Revision;
use ot_core::json::JsonOp;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::client::{Client, Opened, enter};
use crate::database::Database;
use crate::dice::Dice;
use crate::faults::{newest, seed};
use crate::fixtures;
use crate::http;
use crate::server::{Server, run};
use crate::signed_in::SignedIn;

/// How many steps the histories have.
const STEPS: usize = 60;

/// How often a server is killed in the middle of a restore, and of a merge.
const KILLS: u64 = 5;

fn op(json: Value) -> JsonOp {
    serde_json::from_value(json).unwrap()
}

/// What the server answers, or nothing when it dies before.
fn ask(who: &SignedIn, server: &Server, path: &str, body: Value) -> tokio::task::JoinHandle<Option<http::Answer>> {
    let (address, path, bearer) = (server.address().to_owned(), path.to_owned(), who.bearer());
    tokio::spawn(async move { http::try_send(&address, "POST", &path, &[("Authorization", &bearer)], &body).await })
}

/// Some change of a model or a memo.
fn change(document: &Value, dice: &mut Dice) -> JsonOp {
    if let Some(text) = document.as_str() {
        let length = u64::try_from(text.chars().count()).unwrap();
        let place = dice.between(0, length + 1);
        if place < length && dice.once_in(3) {
            let removed = json!({"d": dice.between(1, length - place + 1)});
            return op(if place == 0 { json!([{"es": [removed]}]) } else { json!([{"es": [place, removed]}]) });
        }
        let typed = ["ä", "🙂x", "lorem "][usize::try_from(dice.between(0, 3)).unwrap()];
        // A component may not skip nothing.
        return op(if place == 0 { json!([{"es": [typed]}]) } else { json!([{"es": [place, typed]}]) });
    }
    let name = format!("note{}", dice.between(0, 4));
    let number = dice.between(100, 999);
    match (dice.between(0, 4), document.get(&name)) {
        (0, _) => enter(document, "beta", None, &format!("1.{number}")),
        (1, _) => enter(document, "growth", Some("fy2025"), &format!("1.{number}%")),
        (_, None) => op(json!([name, {"i": format!("note {number}")}])),
        (2, Some(_)) => op(json!([name, {"r": true}])),
        (_, Some(_)) => op(json!([name, {"es": [number.to_string()]}])),
    }
}

/// Edits and restores at random; `past` holds the document at each revision.
async fn wander(server: &Server, document: DocumentId, dice: &mut Dice) -> Vec<Value> {
    let ada = server.signed_in("Ada").await;
    let (mut client, mut opened) = Client::in_document(server, "Ada", document).await;
    let mut past = vec![opened.value().clone()];
    for _ in 0..STEPS {
        let newest = past.len() - 1;
        if dice.once_in(4) {
            let to = usize::try_from(dice.between(0, u64::try_from(past.len()).unwrap())).unwrap();
            let answer = ada.post(&format!("/api/document/{document}/restore"), &json!({"revision": to})).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let made = answer.json()["revision"].as_u64();
            if past[to] == past[newest] {
                assert_eq!(made, None, "nothing was to be done");
                continue;
            }
            assert_eq!(made, Some(u64::try_from(past.len()).unwrap()), "a restore is a new revision");
            opened.follow(&mut client, Revision(made.unwrap())).await;
            assert_eq!(opened.value(), &past[to], "the document is not what it was at revision {to}");
        } else {
            let change = change(opened.value(), dice);
            opened.edit(&mut client, change).await;
            opened.follow(&mut client, Revision(u64::try_from(past.len()).unwrap())).await;
        }
        past.push(opened.value().clone());
    }
    past
}

#[tokio::test]
async fn a_restore_makes_the_document_what_it_was_and_takes_nothing_out_of_the_history() {
    let server = Server::start();
    let store = Store::open(DatabaseUrl::parse(server.database())).unwrap();
    let (model, memo) = (server.demo().await, DocumentId(Uuid::from_u128(77)));
    fixtures::create(&store, memo, "Memo", &json!("As we see it"), 0).unwrap();
    let mut dice = Dice::new(seed());
    for document in [model, memo] {
        let past = wander(&server, document, &mut dice).await;
        for (revision, body) in (0..).zip(&past) {
            let (_, stored) = store.document_at(document, Revision(revision)).unwrap();
            assert_eq!(&stored, body, "revision {revision}");
        }
    }
}

/// A document with a text in which each round leaves a mark.
async fn with_log(server: &Server, who: &str, document: DocumentId) -> (Client, Opened) {
    let (mut client, mut opened) = Client::in_document(server, who, document).await;
    if opened.value().get("log").is_none() {
        write(&mut client, &mut opened, json!(["log", {"i": ""}])).await;
    }
    (client, opened)
}

async fn write(client: &mut Client, opened: &mut Opened, json: Value) {
    let next = opened.machine.revision().next();
    opened.edit(client, op(json)).await;
    opened.follow(client, next).await;
}

async fn killed_in_a_restore(database: &str) {
    let mut server = Server::start_on(database, &[]);
    let (document, mut dice) = (server.demo().await, Dice::new(seed()));
    let store = Store::open(DatabaseUrl::parse(database)).unwrap();
    for round in 0..KILLS {
        let (mut client, mut opened) = with_log(&server, "Ada", document).await;
        for mark in ["a", "b", "c"] {
            write(&mut client, &mut opened, json!(["log", {"es": [format!("{mark}{round};")]}])).await;
        }
        let before = newest(&store, document);
        let to = Revision(before.0 - dice.between(1, 4));
        let (_, wanted) = store.document_at(document, to).unwrap();
        let ada = server.signed_in("Ada").await;
        let way = format!("/api/document/{document}/restore");
        let asked = ask(&ada, &server, &way, json!({"revision": to}));
        sleep(Duration::from_millis(dice.between(0, 40))).await;
        server.kill_and_restart();
        let answer = asked.await.unwrap();
        let after = newest(&store, document);
        assert!(after == before || after == before.next(), "all of it or nothing: {before} {after}");
        if let Some(answer) = answer.filter(|answer| answer.status == 200) {
            assert_eq!(answer.json()["revision"], json!(after), "it was acknowledged");
        }
        let (_, left) = store.document_at(document, after).unwrap();
        let (_, unchanged) = store.document_at(document, before).unwrap();
        assert_eq!(left, if after == before { unchanged } else { wanted.clone() });
        // Whoever got no answer asks again.
        let again = server.signed_in("Ada").await.post(&way, &json!({"revision": to})).await;
        assert_eq!(again.status, 200, "{}", again.text());
        let (_, stored) = store.document_at(document, before.next()).unwrap();
        assert_eq!((newest(&store, document), stored), (before.next(), wanted), "once, however often it is asked for");
    }
    sound(database);
}

async fn killed_in_a_merge(database: &str) {
    let mut server = Server::start_on(database, &[]);
    let (document, mut dice) = (server.demo().await, Dice::new(seed()));
    for round in 0..KILLS {
        let (mut client, mut parent) = with_log(&server, "Ada", document).await;
        let ada = server.signed_in("Ada").await;
        let body = json!({"name": format!("Branch {round}")});
        let made = ada.post(&format!("/api/document/{document}/branches"), &body).await.json();
        let branch: DocumentId = serde_json::from_value(made["id"].clone()).unwrap();
        let (mut other, mut theirs) = with_log(&server, "Grace", branch).await;
        write(&mut other, &mut theirs, json!(["log", {"es": [format!("branch{round};")]}])).await;
        write(&mut client, &mut parent, json!(["log", {"es": [format!("parent{round};")]}])).await;
        let way = format!("/api/document/{branch}/merge");
        let merge = async |ada: &SignedIn| {
            let preview = ada.get(&format!("{way}?direction=into_parent")).await.json();
            json!({"direction": "into_parent", "parent_revision": preview["parent_revision"],
                   "branch_revision": preview["branch_revision"]})
        };
        let asked = ask(&ada, &server, &way, merge(&ada).await);
        sleep(Duration::from_millis(dice.between(0, 60))).await;
        server.kill_and_restart();
        let answer = asked.await.unwrap();
        let (_, opened) = Client::in_document(&server, "Ada", document).await;
        let marks =
            |opened: &Opened| opened.value()["log"].as_str().unwrap().matches(&format!("branch{round};")).count();
        if answer.is_some_and(|answer| answer.status == 200) {
            assert_eq!(marks(&opened), 1, "it was acknowledged");
        }
        // Whoever got no answer looks again, which brings to its end what was begun, and merges what is left.
        let ada = server.signed_in("Ada").await;
        let again = ada.post(&way, &merge(&ada).await).await;
        assert_eq!(again.status, 200, "{}", again.text());
        let (_, opened) = Client::in_document(&server, "Ada", document).await;
        assert_eq!(marks(&opened), 1, "once: {}", opened.value()["log"]);
        let preview = ada.get(&format!("{way}?direction=into_parent")).await.json();
        assert_eq!((&preview["changes"], &preview["conflicts"]), (&json!([]), &json!([])));
    }
    sound(database);
}

fn sound(database: &str) {
    let (status, out, err) = run(&["verify", "--database-url", database]);
    assert!(status.success(), "{out}{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_a_restore_has_done_all_of_it_or_nothing_on_sqlite() {
    let database = Database::sqlite();
    killed_in_a_restore(&database.url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_a_restore_has_done_all_of_it_or_nothing_on_postgres() {
    let database = Database::postgres();
    killed_in_a_restore(&database.url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_a_merge_merges_once_on_sqlite() {
    let database = Database::sqlite();
    killed_in_a_merge(&database.url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_a_merge_merges_once_on_postgres() {
    let database = Database::postgres();
    killed_in_a_merge(&database.url).await;
}
