use coval_shared::model::{CellRef, ItemId, edit};
use coval_shared::protocol::{ServerMessage, UserId};
use coval_shared::rights::Role;
use coval_shared::template::apple_dcf;
use futures_util::FutureExt;
use futures_util::future::poll_fn;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::loading::BREATHER;
use super::*;
use crate::bus::Bus;
use crate::document::{ConnectionId, End, Form, Movement, Outbox, Outgoing};
use crate::store::{DatabaseUrl, Store, StoreError};

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

/// A message is a line.
const LINES: Form =
    Form::new(Form::JSON, |message| [serde_json::to_vec(message.message).unwrap(), vec![b'\n']].concat().into());

/// A task on a store with one document.
struct Stage {
    task: Task,
    document: Value,
    _folder: TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
        let document = apple_dcf().unwrap();
        store.create_for_a_test(DOCUMENT, &document);
        let documents = Documents::new(store, || 0, Handle::current(), Bus::local());
        Self { task: Task::new(DOCUMENT, documents), document, _folder: folder }
    }

    async fn join(&mut self, number: u64) -> Outgoing {
        let (join, mut outgoing) = member(number);
        self.task.follow(vec![join]).await;
        assert!(matches!(heard(&mut outgoing).first(), Some(ServerMessage::DocumentSnapshot { .. })));
        outgoing
    }

    /// A change of the model by the person with this number.
    fn submission(&self, number: u64, sequence: u64, base: u64, multiple: &str) -> Submission<JsonOp> {
        let cell = CellRef { item: ItemId("exit_multiple".into()), period: None };
        let op = edit::enter(&self.document, &cell, multiple).unwrap();
        Submission { client: client(number), sequence: Sequence(sequence), base: Revision(base), op }
    }

    fn edit(&self, number: u64, sequence: u64, base: u64, multiple: &str) -> Command {
        let submission = self.submission(number, sequence, base, multiple);
        Command::Edit { connection: ConnectionId(number), submission }
    }

    fn stored(&self) -> Vec<u64> {
        let stored = self.task.documents.store.load(DOCUMENT).unwrap();
        stored.operations.iter().map(|committed| committed.revision.0).collect()
    }
}

/// Somebody who comes in, and what they hear.
pub(super) fn member(number: u64) -> (Command, Outgoing) {
    let (outbox, outgoing) = Outbox::new(LINES);
    let (is_in, _) = oneshot::channel();
    let connection = ConnectionId(number);
    let join = Command::Join {
        connection,
        client: client(number),
        user: UserId(client(number).0),
        name: "Somebody".into(),
        role: Role::Editor,
        since: None,
        outbox,
        is_in,
    };
    (join, outgoing)
}

pub(super) fn client(number: u64) -> ClientId {
    ClientId(Uuid::from_u128(u128::from(number)))
}

/// What has arrived, but for presence.
pub(super) fn heard(outgoing: &mut Outgoing) -> Vec<ServerMessage> {
    let mut messages = everything(outgoing);
    messages.retain(|message| !matches!(message, ServerMessage::PresenceUpdate { .. } | ServerMessage::Typing { .. }));
    messages
}

fn everything(outgoing: &mut Outgoing) -> Vec<ServerMessage> {
    let mut messages = Vec::new();
    while let Some(Some(lines)) = poll_fn(|context| outgoing.poll_take(context)).now_or_never() {
        let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        messages.extend(lines.map(|line| serde_json::from_slice::<ServerMessage>(line).unwrap()));
    }
    messages
}

/// The same in short: acknowledged or updated revisions, and error codes.
pub(super) fn short(outgoing: &mut Outgoing) -> Vec<String> {
    let short = |message| match message {
        ServerMessage::DocumentAck { sequence, revision, .. } => format!("ack {sequence} as {revision}"),
        ServerMessage::DocumentUpdated { updates, .. } => {
            let revisions: Vec<_> = updates.iter().map(|committed| committed.revision.to_string()).collect();
            format!("update {}", revisions.join(" "))
        }
        ServerMessage::Error { code, sequence, .. } => {
            format!("{code:?} {}", sequence.map_or(0, |sequence| sequence.0))
        }
        other => format!("{other:?}"),
    };
    heard(outgoing).into_iter().map(short).collect()
}

fn is_dropped(outgoing: &Outgoing) -> bool {
    outgoing.end() == Some(End::Behind)
}

#[tokio::test]
async fn edits_that_wait_together_are_told_in_order_to_everyone() {
    let mut stage = Stage::new();
    let (mut ada, mut grace, mut emmy) = (stage.join(1).await, stage.join(2).await, stage.join(3).await);
    let batch = vec![stage.edit(2, 1, 0, "1.2"), stage.edit(1, 1, 0, "1.3"), stage.edit(2, 2, 0, "1.4")];
    stage.task.follow(batch).await;
    assert_eq!(short(&mut ada), ["update 1", "ack 1 as 2", "update 3"]);
    assert_eq!(short(&mut grace), ["ack 1 as 1", "update 2", "ack 2 as 3"]);
    assert_eq!(short(&mut emmy), ["update 1 2 3"]);
    assert_eq!(stage.stored(), [1, 2, 3]);
}

#[tokio::test]
async fn a_submission_that_comes_twice_in_one_batch_is_stored_once_and_acknowledged_twice() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2"), stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1", "ack 1 as 1"]);
    assert_eq!(short(&mut grace), ["update 1"]);
    assert_eq!(stage.stored(), [1]);
}

#[tokio::test]
async fn whoever_is_not_in_changes_nothing_not_even_in_the_name_of_somebody_who_is() {
    let mut stage = Stage::new();
    let mut ada = stage.join(1).await;
    let forged = Command::Edit { connection: ConnectionId(9), submission: stage.submission(1, 1, 0, "9") };
    stage.task.follow(vec![forged, stage.edit(7, 1, 0, "7")]).await;
    assert_eq!(short(&mut ada), [""; 0]);
    assert_eq!(stage.stored(), [0; 0]);
}

#[tokio::test]
async fn what_another_process_stored_first_is_told_and_ours_follows_it() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!((short(&mut ada), short(&mut grace)), (vec!["ack 1 as 1".to_owned()], vec!["update 1".to_owned()]));

    let other = stage.submission(8, 1, 1, "1.8");
    let theirs = Committed { revision: Revision(2), client: other.client, sequence: other.sequence, op: other.op };
    stage.task.documents.store.append(DOCUMENT, &[theirs], None, 0).unwrap();
    stage.task.follow(vec![stage.edit(1, 2, 1, "1.3"), stage.edit(2, 1, 1, "1.4")]).await;
    assert_eq!(short(&mut ada), ["update 2", "ack 2 as 3", "update 4"]);
    assert_eq!(short(&mut grace), ["update 2", "update 3", "ack 1 as 4"]);
    assert_eq!(stage.stored(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn what_was_stored_though_the_database_said_it_was_not_reaches_everyone_once() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    // As after a commit whose answer was lost: it is stored, and the document was dropped from memory.
    let own = stage.submission(1, 1, 0, "1.2");
    let committed = Committed { revision: Revision(1), client: own.client, sequence: own.sequence, op: own.op };
    stage.task.documents.store.append(DOCUMENT, &[committed], None, 0).unwrap();
    stage.task.session = None;
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1", "ack 1 as 1"]);
    assert_eq!(short(&mut grace), ["update 1"]);
    assert_eq!(stage.stored(), [1]);
}

#[tokio::test]
async fn a_defect_in_one_change_takes_no_other_change_away() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    stage.task.edit(stage.submission(1, 1, 0, "1.2"), None).await;
    let failed: Result<(), _> = stage.task.guarded(|_| panic!("a defect, on purpose")).await;
    assert!(matches!(failed, Err(StoreError::Corrupt(_))));
    assert!(stage.task.session.is_none());
    stage.task.follow(vec![stage.edit(2, 1, 0, "1.3")]).await;
    let mut revisions = stage.stored();
    revisions.sort_unstable();
    assert_eq!(revisions, [1, 2]);
    let all = [short(&mut ada), short(&mut grace)].concat();
    assert_eq!(all.iter().filter(|word| word.starts_with("ack 1")).count(), 2, "{all:?}");
    assert!(!is_dropped(&ada) && !is_dropped(&grace));
}

#[tokio::test]
async fn a_database_that_fails_is_told_to_the_author_alone_and_asked_again_later() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    stage.task.documents.store.break_for_a_test(true);
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!((short(&mut ada), short(&mut grace)), (vec!["Unavailable 1".to_owned()], vec![]));

    stage.task.documents.store.break_for_a_test(false);
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1"]);
    assert_eq!(short(&mut grace), ["update 1"]);
}

#[tokio::test]
async fn a_task_ends_at_once_for_a_document_that_is_not_there() {
    let stage = Stage::new();
    let (mailbox, commands) = mpsc::channel(8);
    let task = tokio::spawn(run(DocumentId(Uuid::from_u128(404)), stage.task.documents.clone(), commands));
    let (reply, answer) = oneshot::channel();
    mailbox.send(Command::Outputs { reply }).await.unwrap();
    assert_eq!(answer.await.unwrap(), Err(StoreError::NotFound));
    let late = tokio::time::timeout(Duration::from_secs(5), task).await.expect("the task goes on").unwrap();
    assert!(late.is_empty());
}

#[tokio::test]
async fn a_cursor_is_told_once_however_often_it_moved_meanwhile() {
    let mut stage = Stage::new();
    let (_ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    everything(&mut grace);
    tokio::time::sleep(Duration::from_millis(60)).await;
    stage.task.follow(Vec::new()).await;
    everything(&mut grace);
    tokio::time::sleep(Duration::from_millis(60)).await;
    let point = |item: &str| Command::Move {
        connection: ConnectionId(1),
        revision: None,
        movement: Movement::Cursor(Some(CellRef { item: ItemId(item.into()), period: None })),
    };
    stage.task.follow(vec![point("beta"), point("wacc"), point("debt")]).await;
    let messages = everything(&mut grace);
    let [ServerMessage::PresenceUpdate { people, .. }] = &messages[..] else { panic!("no presence but {messages:?}") };
    assert_eq!(people[0].cursor.as_ref().unwrap().item.0, "debt");
}

#[tokio::test]
async fn what_another_node_stored_is_told_when_it_is_heard_of() {
    let mut stage = Stage::new();
    let mut ada = stage.join(1).await;
    let other = stage.submission(8, 1, 0, "1.8");
    let theirs = Committed { revision: Revision(1), client: other.client, sequence: other.sequence, op: other.op };
    stage.task.documents.store.append(DOCUMENT, &[theirs], None, 0).unwrap();
    stage.task.follow(vec![Command::Newer { revision: Revision(1) }]).await;
    assert_eq!(short(&mut ada), ["update 1"]);
    // A base that nobody here has heard of yet is read, not refused.
    let other = stage.submission(8, 2, 1, "1.9");
    let theirs = Committed { revision: Revision(2), client: other.client, sequence: other.sequence, op: other.op };
    stage.task.documents.store.append(DOCUMENT, &[theirs], None, 0).unwrap();
    stage.task.follow(vec![stage.edit(1, 1, 2, "1.3")]).await;
    assert_eq!(short(&mut ada), ["update 2", "ack 1 as 3"]);
}

#[tokio::test]
async fn a_change_that_leaves_no_model_is_refused_and_leaves_nothing_behind() {
    let mut stage = Stage::new();
    let (mut ada, mut grace) = (stage.join(1).await, stage.join(2).await);
    let broken = |number: u64, sequence: u64, op: JsonOp| Command::Edit {
        connection: ConnectionId(number),
        submission: Submission { client: client(number), sequence: Sequence(sequence), base: Revision(0), op },
    };
    let name = ot_core::path!["sections", 0, "items", 0, "name"];
    let ops = [
        JsonOp::replace(name.clone(), "two words"),
        JsonOp::remove(ot_core::path!["periods"]),
        JsonOp::replace(ot_core::path![], "a text"),
    ];
    for op in ops {
        stage.task.follow(vec![broken(1, 1, op), stage.edit(2, 0, 0, "0")]).await;
        assert_eq!(short(&mut ada), ["OpInvalid 1"]);
        assert_eq!(short(&mut grace), ["OutOfSequence 0"]);
        assert_eq!(stage.task.session.as_ref().unwrap().model(), Some(&stage.document));
    }
    stage.task.follow(vec![stage.edit(1, 1, 0, "1.2")]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1"]);
}

#[tokio::test]
async fn a_change_from_outside_is_stored_with_its_author_and_reaches_everybody() {
    let mut stage = Stage::new();
    let mut ada = stage.join(1).await;
    let author = UserId(Uuid::from_u128(77));
    let submission = stage.submission(1, 1, 0, "1.5");
    let stored = stage.task.submit_for(author, None, submission.op, Revision(0)).await.unwrap();
    assert_eq!(stored, Ok(Revision(1)));
    assert_eq!(short(&mut ada), ["update 1"]);
    let refused =
        stage.task.submit_for(author, None, JsonOp::remove(ot_core::path!["periods"]), Revision(1)).await.unwrap();
    assert!(matches!(refused, Err((ErrorCode::OpInvalid, _))), "{refused:?}");
    let future = stage.task.submit_for(author, None, JsonOp::noop(), Revision(9)).await.unwrap();
    assert!(matches!(future, Err((ErrorCode::RevisionInFuture, _))), "{future:?}");
    let revisions = stage.task.documents.store.revision_list(DOCUMENT, Revision(1), 10).unwrap();
    assert_eq!(revisions.iter().map(|revision| revision.author).collect::<Vec<_>>(), [Some(author)]);
}

#[tokio::test]
async fn snapshots_come_now_and_then_and_old_ones_go() {
    let mut stage = Stage::new();
    let _ada = stage.join(1).await;
    for batch in 0..20_u64 {
        let edits = (1..=100).map(|edit| stage.edit(1, batch * 100 + edit, batch * 100, "1.2")).collect();
        stage.task.follow(edits).await;
    }
    let store = stage.task.documents.store.clone();
    let deadline = Instant::now() + Duration::from_secs(10);
    while store.load(DOCUMENT).unwrap().snapshot_revision < Revision(1_500) {
        assert!(Instant::now() < deadline, "no snapshot is stored");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = store.load_until(DOCUMENT, Revision(1_000)).unwrap();
    assert_eq!(before.snapshot_revision, Revision(0), "snapshots close to each other go");
    assert_eq!(before.operations.len(), 1_000);
    let (_, document) = store.document_at(DOCUMENT, Revision(2_000)).unwrap();
    assert_eq!(Some(&document), stage.task.session.as_ref().unwrap().model());
}

#[tokio::test]
async fn a_full_disk_is_told_and_forgotten_when_there_is_room_again() {
    let mut stage = Stage::new();
    let mut ada = stage.join(1).await;
    stage.task.documents.store.limit_pages_for_a_test(Some(1));
    let long = JsonOp::insert(ot_core::path!["note"], "x".repeat(100_000));
    let edit = |sequence| Command::Edit {
        connection: ConnectionId(1),
        submission: Submission { client: client(1), sequence: Sequence(sequence), base: Revision(0), op: long.clone() },
    };
    stage.task.follow(vec![edit(1)]).await;
    assert_eq!(short(&mut ada), ["ReadOnly 1"]);
    assert_eq!(stage.stored(), [0; 0], "readers go on");
    stage.task.documents.store.limit_pages_for_a_test(None);
    tokio::time::sleep(BREATHER).await;
    stage.task.follow(vec![edit(1)]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1"]);
}
