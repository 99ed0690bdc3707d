//! What any database behind the store promises: the same tests on SQLite and on PostgreSQL.

use coval_server::store::{DocumentQuery, DocumentRow, NewUser, Sort, Store, StoreError};
use coval_shared::protocol::{DocumentId, UserId, WorkspaceId};
use coval_shared::rights::Role;
use ot_core::json::{Json, JsonOp};
use ot_core::{ClientId, Committed, OtType, Revision, Sequence};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Client, enter};
use crate::database::{Database, on_both_databases};
use crate::fixtures;
use crate::http;
use crate::postgres::Postgres;
use crate::server::Server;

on_both_databases!(
    a_new_document_is_listed_and_loaded,
    the_last_edited_document_is_listed_first,
    a_document_is_made_once,
    ops_come_back_as_they_were_stored,
    more_than_is_asked_for_is_not_read,
    a_snapshot_shortens_what_is_loaded_and_takes_no_history_away,
    a_revision_is_stored_once_and_what_came_with_a_second_one_is_not,
    a_submission_is_stored_once,
    revisions_leave_no_gap,
    the_last_submission_of_a_client_is_known_for_each_document,
    a_document_that_is_not_there_is_not_found,
    writers_wait_for_each_other_and_one_wins_each_revision,
    many_documents_are_written_at_once,
    opening_again_changes_nothing,
    links_are_stored_with_the_ops_that_made_them,
    a_circle_of_links_is_refused_and_nothing_of_it_is_stored,
    links_that_are_made_at_once_close_no_circle,
);

fn id(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(number))
}

fn client(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

/// Appends `text` to the list under `log`.
fn op(at: u64, text: &str) -> JsonOp {
    serde_json::from_value(json!(["log", at, { "i": text }])).unwrap()
}

fn committed(revision: u64, client_number: u128, sequence: u64) -> Committed<JsonOp> {
    Committed {
        revision: Revision(revision),
        client: client(client_number),
        sequence: Sequence(sequence),
        op: op(revision - 1, &format!("é😀\u{0}\"\\ {revision}")),
    }
}

/// The revisions from `from` to `to` by client 1.
fn run(from: u64, to: u64) -> Vec<Committed<JsonOp>> {
    (from..=to).map(|revision| committed(revision, 1, revision)).collect()
}

fn body() -> Value {
    json!({ "log": [], "π": [0.1, -0.0, 1e300, 5e-324, 9_007_199_254_740_993_u64, null, true, "\u{0}\u{10FFFF}"] })
}

fn create(store: &Store, number: u128) {
    fixtures::create(store, id(number), &format!("Title {number}"), &body(), 1_000).unwrap();
}

/// Somebody who is an owner of the workspace.
const READER: UserId = UserId(Uuid::from_u128(0xada));

/// Lets the reader into the workspace of what [`create`] makes, and says what they find there, the last edited first.
fn list(store: &Store) -> Vec<DocumentRow> {
    let new = NewUser {
        id: READER,
        email: Some("ada@example.com"),
        name: "Ada",
        password_hash: None,
        is_guest: false,
        is_operator: false,
    };
    if store.create_user(&new, 0) != Err(StoreError::Conflict) {
        store.set_workspace_role(fixtures::DEMO_WORKSPACE, READER, Role::Owner, 0).unwrap();
    }
    store.documents(&query()).unwrap().items.into_iter().map(|listed| listed.document).collect()
}

/// All that the reader may read.
fn query() -> DocumentQuery {
    DocumentQuery {
        reader: READER,
        workspace: None,
        kind: None,
        is_archived: false,
        words: Vec::new(),
        sort: Sort::Edited,
        after: None,
        limit: 200,
        now_ms: 5_000,
    }
}

fn a_new_document_is_listed_and_loaded(database: &Database) {
    let store = database.open();
    store.check().unwrap();
    fixtures::create(&store, id(1), "A \"title\"\nof two lines", &body(), 1_234_567_890_123).unwrap();
    let list = list(&store);
    assert_eq!(list.len(), 1);
    assert_eq!((list[0].id, list[0].revision, list[0].edited_at_ms), (id(1), Revision(0), 1_234_567_890_123));
    assert_eq!((list[0].workspace_name.as_str(), list[0].title.as_str()), ("Demo", "A \"title\"\nof two lines"));
    let stored = store.load(id(1)).unwrap();
    assert_eq!(stored.title, "A \"title\"\nof two lines");
    assert_eq!((stored.snapshot, stored.snapshot_revision, stored.operations), (body(), Revision(0), vec![]));
}

fn the_last_edited_document_is_listed_first(database: &Database) {
    let store = database.open();
    for number in 1..=3 {
        create(&store, number);
    }
    store.append(id(2), &run(1, 2), None, 3_000).unwrap();
    store.append(id(1), &run(1, 1), None, 2_000).unwrap();
    let list = list(&store);
    let found: Vec<_> = list.iter().map(|document| (document.id, document.revision, document.edited_at_ms)).collect();
    assert_eq!(found, [(id(2), Revision(2), 3_000), (id(1), Revision(1), 2_000), (id(3), Revision(0), 1_000)]);
    assert!(list.iter().all(|document| document.workspace == fixtures::DEMO_WORKSPACE));
}

fn a_document_is_made_once(database: &Database) {
    let store = database.open();
    create(&store, 1);
    store.append(id(1), &run(1, 1), None, 2_000).unwrap();
    let again = fixtures::create_in(&store, WorkspaceId(Uuid::from_u128(9)), id(1), "Other", &json!(null), 9_000);
    assert_eq!(again, Err(StoreError::Conflict));
    let list = list(&store);
    assert_eq!((list.len(), list[0].workspace, list[0].revision), (1, fixtures::DEMO_WORKSPACE, Revision(1)));
}

fn ops_come_back_as_they_were_stored(database: &Database) {
    let store = database.open();
    create(&store, 1);
    create(&store, 2);
    let ops = run(1, 7);
    store.append(id(1), &ops[..3], None, 2_000).unwrap();
    store.append(id(1), &ops[3..], None, 2_000).unwrap();
    store.append(id(1), &[], None, 9_000).unwrap();
    assert_eq!(store.load(id(1)).unwrap().operations, ops);
    let between = |after, until| store.operations(id(1), Revision(after), Revision(until), 10_000).unwrap().unwrap();
    assert_eq!(between(0, 7), ops);
    assert_eq!(between(2, 4), ops[2..4]);
    assert_eq!(between(7, 7), []);
    assert_eq!(between(5, 99), ops[5..]);
    assert_eq!(between(u64::MAX - 1, u64::MAX), []);
    assert_eq!(store.load(id(2)).unwrap().operations, []);
    // A document that was read, edited and read again has the very same bits.
    let mut document = body();
    ops.iter().for_each(|committed| Json::apply(&mut document, &committed.op).unwrap());
    store.append(id(1), &run(8, 8), Some(&document), 2_000).unwrap();
    assert_eq!(store.load(id(1)).unwrap().snapshot.to_string(), document.to_string());
}

fn more_than_is_asked_for_is_not_read(database: &Database) {
    let store = database.open();
    create(&store, 1);
    let ops = run(1, 3);
    let bytes: usize = ops.iter().map(|committed| serde_json::to_string(&committed.op).unwrap().len()).sum();
    store.append(id(1), &ops, None, 2_000).unwrap();
    assert_eq!(store.operations(id(1), Revision(0), Revision(3), bytes).unwrap(), Some(ops));
    assert_eq!(store.operations(id(1), Revision(0), Revision(3), bytes - 1).unwrap(), None);
    assert!(store.operations(id(1), Revision(1), Revision(3), bytes - 1).unwrap().is_some());
}

fn a_snapshot_shortens_what_is_loaded_and_takes_no_history_away(database: &Database) {
    let store = database.open();
    create(&store, 1);
    let ops = run(1, 6);
    store.append(id(1), &ops[..4], Some(&json!({ "at": 4 })), 2_000).unwrap();
    store.append(id(1), &ops[4..], None, 2_000).unwrap();
    let stored = store.load(id(1)).unwrap();
    assert_eq!((stored.snapshot, stored.snapshot_revision), (json!({ "at": 4 }), Revision(4)));
    assert_eq!(stored.operations, ops[4..]);
    assert_eq!(store.operations(id(1), Revision(0), Revision(6), 10_000).unwrap(), Some(ops));
}

fn a_revision_is_stored_once_and_what_came_with_a_second_one_is_not(database: &Database) {
    let store = database.open();
    create(&store, 1);
    store.append(id(1), &run(1, 3), None, 2_000).unwrap();
    let other = [committed(3, 2, 1), committed(4, 2, 2)];
    assert_eq!(store.append(id(1), &other, Some(&json!({ "wrong": true })), 9_000), Err(StoreError::Conflict));
    let stored = store.load(id(1)).unwrap();
    assert_eq!((stored.operations, stored.snapshot), (run(1, 3), body()));
    assert_eq!(store.document(id(1)).unwrap().edited_at_ms, 2_000);
    store.append(id(1), &[committed(4, 2, 1)], None, 3_000).unwrap();
}

fn a_submission_is_stored_once(database: &Database) {
    let store = database.open();
    create(&store, 1);
    create(&store, 2);
    store.append(id(1), &run(1, 3), None, 2_000).unwrap();
    assert_eq!(store.append(id(1), &[committed(4, 1, 2)], None, 9_000), Err(StoreError::Conflict));
    assert_eq!(store.load(id(1)).unwrap().operations.len(), 3);
    // The same words about another document, or by another client, are something else.
    store.append(id(2), &[committed(1, 1, 2)], None, 2_000).unwrap();
    store.append(id(1), &[committed(4, 2, 2)], None, 2_000).unwrap();
}

fn revisions_leave_no_gap(database: &Database) {
    let store = database.open();
    create(&store, 1);
    assert_eq!(store.append(id(1), &[committed(2, 1, 1)], None, 2_000), Err(StoreError::Conflict));
    store.append(id(1), &run(1, 2), None, 2_000).unwrap();
    assert_eq!(store.append(id(1), &[committed(4, 1, 4)], None, 2_000), Err(StoreError::Conflict));
    assert_eq!(store.load(id(1)).unwrap().operations, run(1, 2));
}

fn the_last_submission_of_a_client_is_known_for_each_document(database: &Database) {
    let store = database.open();
    create(&store, 1);
    create(&store, 2);
    let ops = [committed(1, 1, 1), committed(2, 2, 1), committed(3, 1, 2), committed(4, 2, 2), committed(5, 1, 3)];
    store.append(id(1), &ops, Some(&body()), 2_000).unwrap();
    assert_eq!(store.last_submission(id(1), client(1)).unwrap(), Some((Sequence(3), Revision(5))));
    assert_eq!(store.last_submission(id(1), client(2)).unwrap(), Some((Sequence(2), Revision(4))));
    assert_eq!(store.last_submission(id(1), client(3)).unwrap(), None);
    assert_eq!(store.last_submission(id(2), client(1)).unwrap(), None);
}

fn a_document_that_is_not_there_is_not_found(database: &Database) {
    let store = database.open();
    assert_eq!(store.load(id(9)), Err(StoreError::NotFound));
    assert_eq!(store.append(id(9), &run(1, 1), None, 2_000), Err(StoreError::NotFound));
    assert_eq!(store.operations(id(9), Revision(0), Revision(9), 10_000).unwrap(), Some(vec![]));
    assert_eq!(store.last_submission(id(9), client(1)).unwrap(), None);
}

fn writers_wait_for_each_other_and_one_wins_each_revision(database: &Database) {
    const WRITERS: u128 = 6;
    const TARGET: u64 = 40;
    let store = database.open();
    create(&store, 1);
    let wins: Vec<u64> = std::thread::scope(|scope| {
        let write = |number: u128| {
            // Stores of their own, as several processes have.
            let store = database.open();
            let mut won = 0;
            loop {
                let newest = store.document(id(1)).unwrap().revision;
                if newest.0 >= TARGET {
                    return won;
                }
                match store.append(id(1), &[committed(newest.0 + 1, number, won + 1)], None, 2_000) {
                    Ok(()) => won += 1,
                    Err(error) => assert_eq!(error, StoreError::Conflict),
                }
            }
        };
        let writers: Vec<_> = (1..=WRITERS).map(|number| scope.spawn(move || write(number))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let stored = store.load(id(1)).unwrap().operations;
    let revisions: Vec<_> = stored.iter().map(|committed| committed.revision.0).collect();
    assert_eq!(revisions, (1..=TARGET).collect::<Vec<_>>());
    assert_eq!(wins.iter().sum::<u64>(), TARGET);
}

fn many_documents_are_written_at_once(database: &Database) {
    let store = database.open();
    for number in 1..=16 {
        create(&store, number);
    }
    std::thread::scope(|scope| {
        for number in 1..=16 {
            let store = store.clone();
            scope.spawn(move || {
                for revision in 1..=25 {
                    store.append(id(number), &[committed(revision, 1, revision)], Some(&body()), 2_000).unwrap();
                    store.load(id(number)).unwrap();
                }
            });
        }
    });
    assert!(list(&store).iter().all(|document| document.revision == Revision(25)));
}

fn opening_again_changes_nothing(database: &Database) {
    let store = database.open();
    create(&store, 1);
    store.append(id(1), &run(1, 3), None, 2_000).unwrap();
    let before = store.load(id(1)).unwrap();
    drop(store);
    assert_eq!(database.open().load(id(1)).unwrap(), before);
}

fn links_are_stored_with_the_ops_that_made_them(database: &Database) {
    let store = database.open();
    (1..=3).for_each(|number| create(&store, number));
    let link = |from, revision, to: &[u128]| {
        let sources = to.iter().map(|number| id(*number)).collect();
        store.append_linked(id(from), &run(revision, revision), None, Some(&sources), 2_000).unwrap();
    };
    link(2, 1, &[1, 9]);
    link(3, 1, &[1]);
    assert_eq!(store.load(id(2)).unwrap().sources, [id(1), id(9)].into());
    assert_eq!(store.dependents(id(1)).unwrap(), [id(2), id(3)]);
    store.append(id(2), &run(2, 2), None, 2_000).unwrap();
    assert_eq!(store.dependents(id(9)).unwrap(), [id(2)]);
    link(2, 3, &[]);
    assert_eq!(store.dependents(id(1)).unwrap(), [id(3)]);
    assert_eq!(store.load(id(2)).unwrap().sources, [].into());
}

fn a_circle_of_links_is_refused_and_nothing_of_it_is_stored(database: &Database) {
    let store = database.open();
    (1..=3).for_each(|number| create(&store, number));
    let link = |from, to: u128| store.append_linked(id(from), &run(1, 1), None, Some(&[id(to)].into()), 2_000);
    link(1, 2).unwrap();
    link(2, 3).unwrap();
    let Err(StoreError::Circle(way)) = link(3, 1) else { panic!("a circle is stored") };
    assert_eq!(way, "\"Title 3\" → \"Title 1\" → \"Title 2\" → \"Title 3\"");
    let third = store.load(id(3)).unwrap();
    assert_eq!((third.operations, third.sources), (vec![], [].into()));
    let Err(StoreError::Circle(way)) = link(3, 3) else { panic!("a document takes values from itself") };
    assert_eq!(way, "\"Title 3\" → \"Title 3\"");
    assert_eq!(store.set_sources(id(3), &[id(9)].into()), Ok(()));
}

fn links_that_are_made_at_once_close_no_circle(database: &Database) {
    const DOCUMENTS: u128 = 4;
    let store = database.open();
    for round in 0..10 {
        let first = 1 + round * DOCUMENTS;
        (first..first + DOCUMENTS).for_each(|number| create(&store, number));
        let refused: usize = std::thread::scope(|scope| {
            let link = |number: u128| {
                let next = first + (number - first + 1) % DOCUMENTS;
                let store = database.open();
                move || match store.append_linked(id(number), &run(1, 1), None, Some(&[id(next)].into()), 2_000) {
                    Ok(()) => 0,
                    Err(StoreError::Circle(_)) => 1,
                    Err(error) => panic!("{error}"),
                }
            };
            let links: Vec<_> = (first..first + DOCUMENTS).map(|number| scope.spawn(link(number))).collect();
            links.into_iter().map(|link| link.join().unwrap()).sum()
        });
        assert_eq!(refused, 1, "the last one closes the circle, and only it");
    }
}

#[tokio::test]
async fn a_server_on_postgres_collaborates_and_survives_a_kill() {
    let database = Database::postgres();
    let mut server = Server::start_on(&database.url, &[]);
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    for number in 1..=5 {
        let op = enter(ours.value(), "beta", None, &format!("1.{number}"));
        ours.edit(&mut ada, op).await;
        ours.follow(&mut ada, Revision(number)).await;
        theirs.follow(&mut grace, Revision(number)).await;
    }
    server.kill_and_restart();
    let (_, fresh) = Client::in_document(&server, "Emmy", demo).await;
    assert_eq!((fresh.value(), theirs.value()), (ours.value(), ours.value()));
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_acknowledged_and_afterwards_all_goes_on() {
    let postgres = Postgres::start();
    let server = Server::start_on(&postgres.database(), &[]);
    let demo = server.demo().await;
    let (mut ada, mut ours) = Client::in_document(&server, "Ada", demo).await;
    let (mut grace, mut theirs) = Client::in_document(&server, "Grace", demo).await;
    let op = enter(ours.value(), "beta", None, "1.2");
    ours.edit(&mut ada, op).await;
    ours.follow(&mut ada, Revision(1)).await;
    theirs.follow(&mut grace, Revision(1)).await;

    postgres.pause();
    let health = http::get(server.address(), "/ready").await;
    assert_eq!((health.status, health.json()["code"].as_str()), (503, Some("unavailable")));
    assert_eq!(server.get("/api/documents").await.status, 503);
    let op = enter(ours.value(), "beta", None, "1.3");
    ours.edit(&mut ada, op).await;
    let (code, sequence) = ada.error().await;
    assert_eq!((code, sequence), (coval_shared::protocol::ErrorCode::Unavailable, Some(Sequence(2))));

    postgres.resume();
    let again = ours.machine.resend().unwrap();
    loop {
        ada.submit(demo, again.sequence.0, again.base, again.op.clone()).await;
        match ada.next().await {
            coval_shared::protocol::ServerMessage::DocumentAck { sequence, revision, .. } => {
                ours.machine.acknowledge(sequence, revision).unwrap();
                break;
            }
            coval_shared::protocol::ServerMessage::Error { code, .. } => {
                assert_eq!(code, coval_shared::protocol::ErrorCode::Unavailable);
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            other => panic!("{other:?}"),
        }
    }
    theirs.follow(&mut grace, Revision(2)).await;
    assert_eq!(theirs.value(), ours.value());
    assert_eq!(http::get(server.address(), "/ready").await.status, 200);
}
