//! The record of what was done: whole when nobody touched it, and telling where when somebody did.

use coval_server::store::{EDITED_EVERY_MS, Edited, Event, Store, StoreError};
use coval_shared::protocol::{DocumentId, UserId, WorkspaceId};
use coval_shared::rest::{Action, BrokenEntry, Fault};
use coval_shared::rights::Role;
use uuid::Uuid;

use crate::database::{Database, on_both_databases};
use crate::fixtures;

on_both_databases!(
    a_record_that_nobody_touched_is_whole,
    a_row_that_was_edited_is_named,
    a_row_that_was_deleted_is_named,
    rows_that_changed_places_are_named,
    rows_that_were_cut_off_are_named,
    rows_that_were_added_are_named,
    a_head_that_was_edited_is_noticed,
    records_of_workspaces_are_apart,
    a_record_grows_by_many_writers_at_once,
    edits_of_one_person_are_an_entry_in_a_quarter_of_an_hour,
);

const ROWS: u64 = 12;

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(number))
}

fn event(number: u128, at_ms: i64, action: Action) -> Event {
    Event { workspace: workspace(number), at_ms, actor: Some(UserId(Uuid::from_u128(7))), document: None, action }
}

/// A store with a record of some rows of all forms.
fn recorded(database: &Database) -> Store {
    let store = database.open();
    for round in 0..i64::try_from(ROWS / 3).unwrap() {
        let title = format!("\"Title\" {round} – with\nlines, \u{0} and 😀");
        let document = Some(DocumentId(Uuid::from_u128(9)));
        let created = Event { actor: None, document, ..event(1, round, Action::DocumentCreated { title }) };
        store.record_event(&created).unwrap();
        store.record_event(&event(1, round, Action::InvitationRevoked)).unwrap();
        let user = UserId(Uuid::from_u128(8));
        store.record_event(&event(1, -round, Action::MemberAdded { user, role: Role::Editor })).unwrap();
    }
    store
}

fn broken(store: &Store) -> Option<BrokenEntry> {
    store.verify_events(workspace(1)).unwrap().broken
}

fn found(number: u64, fault: Fault) -> Option<BrokenEntry> {
    Some(BrokenEntry { number, fault })
}

fn a_record_that_nobody_touched_is_whole(database: &Database) {
    let store = recorded(database);
    let audit = store.verify_events(workspace(1)).unwrap();
    assert_eq!((audit.count, audit.broken), (ROWS, None));
    assert_eq!(audit.hash.len(), 64);
    assert_eq!(database.open().verify_events(workspace(1)).unwrap().hash, audit.hash);
}

fn a_row_that_was_edited_is_named(database: &Database) {
    let store = recorded(database);
    for (number, change) in [
        (11, "at_ms = 77"),
        (10, "detail = '{\"title\":\"Another\"}'"),
        (9, "action = 'document_archived'"),
        (8, "actor_id = NULL"),
        (7, "document_id = 'another'"),
        (6, "hash = '00'"),
        // The next row, which begins with this hash, is the first that does not fit.
        (5, "detail = detail || ' '"),
    ] {
        database.tamper(&format!("UPDATE events SET {change} WHERE number = {number}"));
        assert_eq!(broken(&store), found(number, Fault::Altered), "{change}");
    }
}

fn a_row_that_was_deleted_is_named(database: &Database) {
    let store = recorded(database);
    database.tamper("DELETE FROM events WHERE number = 6");
    assert_eq!(broken(&store), found(6, Fault::Missing));
    database.tamper("DELETE FROM events WHERE number = 1");
    assert_eq!(broken(&store), found(1, Fault::Missing));
    // Closing the gap does not hide it.
    database.tamper("UPDATE events SET number = 1 WHERE number = 2");
    assert_eq!(broken(&store), found(1, Fault::Altered));
}

fn rows_that_changed_places_are_named(database: &Database) {
    let store = recorded(database);
    database.tamper(
        "UPDATE events SET number = 100 WHERE number = 4; UPDATE events SET number = 4 WHERE number = 7; \
         UPDATE events SET number = 7 WHERE number = 100",
    );
    assert_eq!(broken(&store), found(4, Fault::Altered));
}

fn rows_that_were_cut_off_are_named(database: &Database) {
    let store = recorded(database);
    database.tamper("DELETE FROM events WHERE number > 9");
    assert_eq!(broken(&store), found(10, Fault::CutOff));
    database.tamper("DELETE FROM events");
    assert_eq!(broken(&store), found(1, Fault::CutOff));
}

fn rows_that_were_added_are_named(database: &Database) {
    let store = recorded(database);
    let add = |number: i64| {
        database.tamper(&format!(
            "INSERT INTO events (workspace_id, number, at_ms, action, detail, hash) \
             SELECT workspace_id, {number}, at_ms, action, detail, hash FROM events WHERE number = 12"
        ));
    };
    add(13);
    assert_eq!(broken(&store), found(13, Fault::Added));
    database.tamper("DELETE FROM events WHERE number = 13");
    assert_eq!(broken(&store), None);
    add(0);
    assert_eq!(broken(&store), found(0, Fault::Added));
}

fn a_head_that_was_edited_is_noticed(database: &Database) {
    let store = recorded(database);
    database.tamper("UPDATE event_heads SET hash = '00'");
    assert_eq!(broken(&store), found(12, Fault::Altered));
    database.tamper("UPDATE event_heads SET count = 20");
    assert_eq!(broken(&store), found(13, Fault::CutOff));
    database.tamper("UPDATE event_heads SET count = 5");
    assert_eq!(broken(&store), found(5, Fault::Altered));
    database.tamper("DELETE FROM event_heads");
    assert_eq!(broken(&store), found(1, Fault::Added));
    // Going on from there doesn't hide what was taken away.
    assert_eq!(store.record_event(&event(1, 5, Action::DocumentArchived)), Err(StoreError::Conflict));
}

fn records_of_workspaces_are_apart(database: &Database) {
    let store = recorded(database);
    store.record_event(&event(2, 1, Action::WorkspaceCreated { name: "Other".to_owned() })).unwrap();
    let other = store.verify_events(workspace(2)).unwrap();
    assert_eq!((other.count, other.broken), (1, None));
    database.tamper(&format!("DELETE FROM events WHERE workspace_id = '{}'", workspace(1).0));
    assert_eq!(store.verify_events(workspace(2)).unwrap().broken, None);
    let nobody = store.verify_events(workspace(3)).unwrap();
    assert_eq!((nobody.count, nobody.broken), (0, None));
}

fn a_record_grows_by_many_writers_at_once(database: &Database) {
    const WRITERS: u64 = 6;
    const EACH: u64 = 15;
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            // Stores of their own, as several processes have.
            let store = database.open();
            scope.spawn(move || {
                (0..EACH).for_each(|_| store.record_event(&event(1, 1, Action::DocumentEdited)).unwrap());
            });
        }
    });
    let audit = database.open().verify_events(workspace(1)).unwrap();
    assert_eq!((audit.count, audit.broken), (WRITERS * EACH, None));
}

fn edits_of_one_person_are_an_entry_in_a_quarter_of_an_hour(database: &Database) {
    let store = database.open();
    let document = DocumentId(Uuid::from_u128(9));
    fixtures::create(&store, document, "Title", &serde_json::json!({}), 1).unwrap();
    let edited = |author, at_ms| Edited { document, author: UserId(Uuid::from_u128(author)), at_ms };
    let gone = Edited { document: DocumentId(Uuid::from_u128(10)), ..edited(1, 1) };
    store.record_edits(&[edited(1, 1_000), edited(2, 1_000), gone]).unwrap();
    // Another server, or this one after a restart, has not noted it.
    store.record_edits(&[edited(1, 1_000 + EDITED_EVERY_MS - 1), edited(2, 1_000 + EDITED_EVERY_MS)]).unwrap();
    let times: Vec<_> = store.document_activity(document, None, 10).unwrap().iter().map(|entry| entry.at_ms).collect();
    assert_eq!(times, [1_000 + EDITED_EVERY_MS, 1_000, 1_000, 1]);
    assert_eq!(store.verify_events(store.workspace_of(document).unwrap()).unwrap().broken, None);
}
