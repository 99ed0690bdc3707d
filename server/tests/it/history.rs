//! Sessions of edits, versions, branches, merges and calculations as either database keeps them.

use coval_server::store::{
    CalculationOutcome, MergeRow, NewStoredBranch, Queued, Retention, SESSION_PAUSE_MS, SESSION_REVISIONS, Store,
    StoreError, StoredCalculation, VersionRow,
};
use coval_shared::history::Direction;
use coval_shared::protocol::{DocumentId, JobId, UserId};
use coval_shared::rest::CalculationState;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::json;
use uuid::Uuid;

use crate::database::{Database, on_both_databases};
use crate::fixtures;

on_both_databases!(
    edits_of_one_person_without_a_long_pause_are_one_session,
    a_long_history_is_told_in_parts_that_meet,
    a_document_is_read_as_it_was,
    versions_have_a_name_each,
    a_branch_begins_with_the_document_as_it_was,
    a_merge_is_noted_once_and_ended,
    a_calculation_belongs_to_one_node_at_a_time,
    a_person_has_so_many_calculations_however_many_ask_at_once,
    old_calculations_are_forgotten,
);

const MINUTE: i64 = 60_000;

fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(number))
}

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(0x100 + number))
}

fn create(database: &Database) -> Store {
    let store = database.open();
    fixtures::create(&store, document(1), "Model", &json!({"log": []}), 0).unwrap();
    store
}

/// Appends revisions `from` to `to`, a minute apart each, and says in the table whose they are.
fn edit(database: &Database, store: &Store, revisions: std::ops::RangeInclusive<u64>, at_ms: i64, by: Option<UserId>) {
    let first = *revisions.start();
    for revision in revisions.clone() {
        let op: JsonOp = serde_json::from_value(json!(["log", revision - 1, {"i": revision}])).unwrap();
        let new = Committed {
            revision: Revision(revision),
            client: ClientId(Uuid::from_u128(7)),
            sequence: Sequence(revision),
            op,
        };
        let at_ms = at_ms + i64::try_from(revision - first).unwrap() * MINUTE;
        store.append(document(1), &[new], None, at_ms).unwrap();
    }
    let author = by.map_or("NULL".to_owned(), |user| format!("'{user}'"));
    let (first, last) = (revisions.start(), revisions.end());
    database.tamper(&format!("UPDATE operations SET author_id = {author} WHERE revision BETWEEN {first} AND {last}"));
}

fn edits_of_one_person_without_a_long_pause_are_one_session(database: &Database) {
    let store = create(database);
    assert_eq!(store.edit_sessions(document(1), Revision(0), 0, 10).unwrap().sessions, []);
    assert_eq!(store.edit_sessions(document(9), Revision(0), 0, 10), Err(StoreError::NotFound));
    edit(database, &store, 1..=3, 0, Some(user(1)));
    // Grace edits while Ada does, and after a pause Ada goes on.
    edit(database, &store, 4..=4, 4 * MINUTE, Some(user(2)));
    edit(database, &store, 5..=6, 5 * MINUTE, Some(user(1)));
    edit(database, &store, 7..=8, 6 * MINUTE + SESSION_PAUSE_MS, Some(user(1)));
    edit(database, &store, 9..=9, 8 * MINUTE + SESSION_PAUSE_MS, None);
    let found = store.edit_sessions(document(1), Revision(9), 0, 10).unwrap();
    let told: Vec<_> = found
        .sessions
        .iter()
        .map(|session| (session.author, session.first.0, session.last.0, session.edits, session.begun_at_ms / MINUTE))
        .collect();
    assert_eq!(
        told,
        [(None, 9, 9, 1, 18), (Some(user(1)), 7, 8, 2, 16), (Some(user(1)), 1, 6, 5, 0), (Some(user(2)), 4, 4, 1, 4)]
    );
    assert_eq!((found.has_more, found.before), (false, None));
    let part = store.edit_sessions(document(1), Revision(9), 1, 2).unwrap();
    assert_eq!((part.sessions.as_slice(), part.has_more), (&found.sessions[1..3], true));
    let rows = store.revision_list(document(1), Revision(8), 2).unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.revision.0, row.author)).collect::<Vec<_>>(),
        [(8, Some(user(1))), (7, Some(user(1)))]
    );
    let rows = store.revision_rows(document(1), &[Revision(4), Revision(9), Revision(99)]).unwrap();
    assert_eq!((rows.len(), rows[&Revision(4)].author, rows[&Revision(9)].author), (2, Some(user(2)), None));
}

fn a_long_history_is_told_in_parts_that_meet(database: &Database) {
    let store = create(database);
    let op: JsonOp = serde_json::from_value(json!(["log", 0, {"i": 1}])).unwrap();
    let all = u64::try_from(SESSION_REVISIONS).unwrap() * 2;
    let committed: Vec<_> = (1..=all)
        .map(|revision| Committed {
            revision: Revision(revision),
            client: ClientId(Uuid::from_u128(7)),
            sequence: Sequence(revision),
            op: op.clone(),
        })
        .collect();
    store.append(document(1), &committed, None, 0).unwrap();
    // A pause in the middle of the newest part, none in the older ones.
    let pause = all - 1_000;
    database.tamper(&format!("UPDATE operations SET committed_at_ms = {SESSION_PAUSE_MS} WHERE revision >= {pause}"));
    let mut upto = Some(Revision(all));
    let mut parts = Vec::new();
    while let Some(revision) = upto {
        let found = store.edit_sessions(document(1), revision, 0, 10).unwrap();
        parts.extend(found.sessions.iter().map(|session| (session.first.0, session.last.0, session.edits)));
        upto = found.before;
    }
    let scanned = u64::try_from(SESSION_REVISIONS).unwrap();
    let cut = pause - scanned;
    assert_eq!(parts, [(pause, all, 1_001), (cut, pause - 1, scanned), (1, cut - 1, cut - 1)]);
}

fn a_document_is_read_as_it_was(database: &Database) {
    let store = create(database);
    edit(database, &store, 1..=5, 0, None);
    assert_eq!(store.revision(document(1)), Ok(Revision(5)));
    let at = |revision| store.document_at(document(1), Revision(revision)).map(|(_, document)| document);
    assert_eq!(at(0).unwrap(), json!({"log": []}));
    assert_eq!(at(3).unwrap(), json!({"log": [1, 2, 3]}));
    assert_eq!(at(5).unwrap(), json!({"log": [1, 2, 3, 4, 5]}));
    assert_eq!(at(6), Err(StoreError::NotFound));
    assert_eq!(store.document_at(document(9), Revision(0)).map(|_| ()), Err(StoreError::NotFound));
}

fn versions_have_a_name_each(database: &Database) {
    let store = create(database);
    edit(database, &store, 1..=5, 0, None);
    let version = |revision, name: &str| VersionRow {
        revision: Revision(revision),
        name: name.to_owned(),
        author: Some(user(1)),
        created_at_ms: 3,
    };
    assert_eq!(store.name_version(document(1), &version(2, "Draft")), Ok(true));
    assert_eq!(store.name_version(document(1), &version(5, "Für den Vorstand 😀")), Ok(true));
    assert_eq!(store.name_version(document(1), &version(2, "First draft")), Ok(true));
    assert_eq!(store.name_version(document(1), &version(6, "Future")), Err(StoreError::NotFound));
    let all = store.versions(document(1), Revision(u64::MAX), 10).unwrap();
    assert_eq!(all, [version(5, "Für den Vorstand 😀"), version(2, "First draft")]);
    assert_eq!(store.versions(document(1), Revision(5), 10).unwrap(), all[1..]);
    assert_eq!(store.revision_list(document(1), Revision(2), 1).unwrap()[0].name.as_deref(), Some("First draft"));
    assert_eq!(store.forget_version(document(1), Revision(2), user(1), 9), Ok(()));
    assert_eq!(store.forget_version(document(1), Revision(2), user(1), 9), Err(StoreError::NotFound));
}

fn branch(number: u128, parent: u128) -> NewStoredBranch {
    NewStoredBranch {
        id: document(number),
        parent: document(parent),
        name: format!("Branch {number}"),
        forked_at: Revision(3),
        body: json!({"log": [1, 2, 3]}),
        author: user(1),
        now_ms: 5,
    }
}

fn a_branch_begins_with_the_document_as_it_was(database: &Database) {
    let store = create(database);
    edit(database, &store, 1..=5, 0, None);
    assert_eq!(store.create_branch(&branch(2, 1), 2), Ok(true));
    assert_eq!(store.create_branch(&branch(3, 1), 2), Ok(true));
    assert_eq!(store.create_branch(&branch(4, 1), 2), Ok(false));
    assert_eq!(store.create_branch(&branch(5, 2), 2), Err(StoreError::Conflict), "a branch of a branch");
    assert_eq!(store.create_branch(&branch(5, 9), 2), Err(StoreError::NotFound));
    let made = store.branch(document(2)).unwrap();
    assert_eq!(
        (made.parent, made.forked_at, made.revision, made.parent_revision),
        (document(1), Revision(3), Revision(0), Revision(5))
    );
    assert_eq!((made.name.as_str(), made.is_memo, made.author), ("Branch 2", false, Some(user(1))));
    assert_eq!(store.branches(document(1)).unwrap().len(), 2);
    assert_eq!(store.branches(document(2)).unwrap(), []);
    assert_eq!(store.branch(document(1)), Err(StoreError::NotFound), "no branch");
    assert_eq!(store.document_at(document(2), Revision(0)).unwrap().1, json!({"log": [1, 2, 3]}));
}

fn a_merge_is_noted_once_and_ended(database: &Database) {
    let store = create(database);
    edit(database, &store, 1..=5, 0, None);
    store.create_branch(&branch(2, 1), 9).unwrap();
    assert_eq!(store.last_merge(document(2)), Ok(None));
    let op: JsonOp = serde_json::from_value(json!(["log", 0, {"i": "é"}])).unwrap();
    let merge = MergeRow {
        number: 1,
        direction: Direction::FromParent,
        author: user(1),
        created_at_ms: 8,
        parent_revision: Revision(5),
        branch_revision: Revision(0),
        client: ClientId(Uuid::from_u128(77)),
        op: op.clone(),
        ahead: JsonOp::noop(),
        revision: None,
    };
    store.begin_merge(document(2), &merge).unwrap();
    assert_eq!(store.begin_merge(document(2), &merge), Err(StoreError::Conflict));
    assert_eq!(store.last_merge(document(2)), Ok(Some(merge.clone())));
    store.end_merge(document(2), 1, Revision(4), &op).unwrap();
    store.drop_merge(document(2), 1).unwrap();
    let ended = MergeRow { revision: Some(Revision(4)), ahead: op, ..merge.clone() };
    assert_eq!(store.last_merge(document(2)), Ok(Some(ended.clone())), "what has ended stays");
    let second = MergeRow { number: 2, direction: Direction::IntoParent, ..merge };
    store.begin_merge(document(2), &second).unwrap();
    store.drop_merge(document(2), 2).unwrap();
    assert_eq!(store.last_merge(document(2)), Ok(Some(ended)));
}

fn calculation(number: u128, by: UserId) -> StoredCalculation {
    StoredCalculation {
        id: JobId(Uuid::from_u128(number)),
        document: document(1),
        revision: Revision(0),
        user: by,
        kind: "export".to_owned(),
        parameters: "{\"format\":\"csv\"}".to_owned(),
        state: CalculationState::Waiting,
        progress: 0,
        error: None,
        created_at_ms: i64::try_from(number).unwrap(),
        started_at_ms: None,
        finished_at_ms: None,
        attempts: 0,
    }
}

fn a_calculation_belongs_to_one_node_at_a_time(database: &Database) {
    let store = create(database);
    let first = calculation(1, user(1));
    assert_eq!(store.queue_calculation(&first, "one", 4), Ok(Queued::Yes));
    assert_eq!(store.queue_calculation(&first, "two", 4), Ok(Queued::Already));
    assert_eq!(store.queue_calculation(&calculation(1, user(2)), "one", 4), Err(StoreError::Conflict));
    assert_eq!(store.calculation(first.id), Ok(first.clone()));
    assert_eq!(store.begin_calculation(first.id, "two", 5), Ok(false), "it is not theirs");
    assert_eq!(store.begin_calculation(first.id, "one", 5), Ok(true));
    store.beat("one", &[(first.id, 250)]).unwrap();
    assert_eq!(store.calculation(first.id).unwrap().progress, 250);
    let seen = store.unfinished_calculations().unwrap().pop().unwrap();
    assert_eq!((seen.node.as_str(), seen.beats), ("one", 1));
    store.beat("one", &[]).unwrap();
    assert_eq!(store.take_over_calculation(&seen, "two"), Ok(None), "its node lives");
    let seen = store.unfinished_calculations().unwrap().pop().unwrap();
    assert!(store.take_over_calculation(&seen, "two").unwrap().is_some());
    let done = || CalculationOutcome::Done { result: "{}".to_owned(), file: Some(vec![0, 255]) };
    assert_eq!(store.finish_calculation(first.id, "one", done(), 9), Ok(false), "it is not theirs any more");
    assert_eq!(store.begin_calculation(first.id, "two", 7), Ok(true));
    assert_eq!(store.finish_calculation(first.id, "two", done(), 9), Ok(true));
    assert_eq!(store.cancel_calculation(first.id, 10), Ok(false), "it has ended");
    let ended = store.calculation(first.id).unwrap();
    assert_eq!((ended.state, ended.attempts, ended.finished_at_ms), (CalculationState::Done, 2, Some(9)));
    assert_eq!(store.calculation_result(first.id), Ok((Some("{}".to_owned()), Some(vec![0, 255]))));
    let second = calculation(2, user(1));
    store.queue_calculation(&second, "one", 4).unwrap();
    assert_eq!(store.cancel_calculation(second.id, 10), Ok(true));
    assert_eq!(store.begin_calculation(second.id, "one", 11), Ok(false), "it was stopped");
    assert_eq!(store.unfinished_calculations(), Ok(vec![]));
}

fn a_person_has_so_many_calculations_however_many_ask_at_once(database: &Database) {
    let store = create(database);
    database.tamper(&format!(
        "INSERT INTO users (id, name, is_guest, is_operator, created_at_ms) VALUES ('{}', 'Ada', FALSE, FALSE, 0)",
        user(1)
    ));
    let taken: usize = std::thread::scope(|scope| {
        let ask = |number| {
            let store = database.open();
            move || store.queue_calculation(&calculation(number, user(1)), "one", 3).unwrap()
        };
        let asked: Vec<_> = (1..=8).map(|number| scope.spawn(ask(number))).collect();
        asked.into_iter().filter(|_| true).map(|asked| usize::from(asked.join().unwrap() == Queued::Yes)).sum()
    });
    assert_eq!(taken, 3);
    assert_eq!(store.queue_calculation(&calculation(20, user(2)), "one", 3), Ok(Queued::Yes), "others are others");
}

fn old_calculations_are_forgotten(database: &Database) {
    let store = create(database);
    for number in 1..=6 {
        store.queue_calculation(&calculation(number, user(1)), "one", 99).unwrap();
        if number != 2 {
            store.cancel_calculation(JobId(Uuid::from_u128(number)), i64::try_from(number).unwrap()).unwrap();
        }
    }
    let left = || -> Vec<u128> {
        store.calculations(document(1), None, 10).unwrap().iter().map(|stored| stored.id.0.as_u128()).collect()
    };
    assert_eq!(left(), [6, 5, 4, 3, 2, 1]);
    let after = store.calculations(document(1), Some((4, JobId(Uuid::from_u128(4)))), 2).unwrap();
    assert_eq!(after.iter().map(|stored| stored.id.0.as_u128()).collect::<Vec<_>>(), [3, 2]);
    store.keep_newest_calculations(document(1), 9).unwrap();
    assert_eq!(left(), [6, 5, 4, 3, 2, 1]);
    store.keep_newest_calculations(document(1), 2).unwrap();
    assert_eq!(left(), [6, 5, 2], "what waits stays");
    // How long they stay is a setting.
    let retention = Retention { sign_ins: 30, invitations: 30, share_links: 30, calculations: 1 };
    assert_eq!(store.maintain(86_400_000 + 6, retention).unwrap().calculations, 1);
    assert_eq!(left(), [6, 2]);
}
