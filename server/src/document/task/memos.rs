//! Memos, and two nodes that write into one.

use coval_shared::protocol::{DocumentId, DocumentKind, ServerMessage};
use ot_core::json::JsonOp;
use ot_core::text::TextOp;
use ot_core::{Revision, Sequence, Submission};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::Task;
use super::tests::{client, heard, member, short};
use crate::bus::Bus;
use crate::document::session::Session;
use crate::document::{Command, ConnectionId, Documents, Outgoing};
use crate::store::{DatabaseUrl, Store};

const MEMO: DocumentId = DocumentId(Uuid::from_u128(2));

fn nodes(count: usize, text: &str) -> (Vec<Task>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("test.sqlite"));
    Store::open(url.clone()).unwrap().create_for_a_test(MEMO, &json!(text));
    let node = |_| {
        let store = Store::open(url.clone()).unwrap();
        Task::new(MEMO, Documents::new(store, || 0, Handle::current(), Bus::local()))
    };
    ((0..count).map(node).collect(), folder)
}

fn edit(number: u64, sequence: u64, base: u64, op: TextOp) -> Command {
    raw(number, sequence, base, JsonOp::edit_text(ot_core::path![], op))
}

fn raw(number: u64, sequence: u64, base: u64, op: JsonOp) -> Command {
    let submission = Submission { client: client(number), sequence: Sequence(sequence), base: Revision(base), op };
    Command::Edit { connection: ConnectionId(number), submission }
}

fn text(task: &Task) -> String {
    let stored = task.documents.store.load(MEMO).unwrap();
    let mut session = Session::new(stored).unwrap();
    session.copy().as_str().unwrap().to_owned()
}

async fn join(task: &mut Task, number: u64) -> Outgoing {
    let (join, mut outgoing) = member(number);
    task.follow(vec![join]).await;
    let [ServerMessage::DocumentSnapshot { kind, .. }, ..] = &heard(&mut outgoing)[..] else { panic!("no snapshot") };
    assert_eq!(*kind, DocumentKind::Memo);
    outgoing
}

#[tokio::test]
async fn a_memo_is_edited_as_a_text() {
    let (mut nodes, _folder) = nodes(1, "Sales");
    let task = &mut nodes[0];
    let (mut ada, mut grace) = (join(task, 1).await, join(task, 2).await);
    task.follow(vec![
        edit(1, 1, 0, TextOp::new().retain(5).insert(" grow")),
        edit(2, 1, 0, TextOp::new().insert("# ").delete(1).insert("s")),
    ])
    .await;
    assert_eq!(
        (short(&mut ada), short(&mut grace)),
        (vec!["ack 1 as 1".to_owned(), "update 2".to_owned()], vec!["update 1".to_owned(), "ack 1 as 2".to_owned()])
    );
    assert_eq!(text(task), "# sales grow");
}

#[tokio::test]
async fn a_memo_stays_a_text_and_no_longer_than_it_may_be() {
    let (mut nodes, _folder) = nodes(1, "Sales");
    let task = &mut nodes[0];
    let mut ada = join(task, 1).await;
    let too_long = "é".repeat(coval_shared::limits::MEMO_BYTES / 2);
    let ops = [
        JsonOp::replace(ot_core::path![], json!({})),
        JsonOp::remove(ot_core::path![]),
        JsonOp::edit_text(ot_core::path!["x"], TextOp::new().insert("x")),
        JsonOp::edit_text(ot_core::path![], TextOp::new().retain(6).insert("x")),
        JsonOp::edit_text(ot_core::path![], TextOp::new().insert(&too_long)),
    ];
    for op in ops {
        task.follow(vec![raw(1, 1, 0, op)]).await;
        assert_eq!(short(&mut ada), ["OpInvalid 1"]);
    }
    task.follow(vec![edit(1, 1, 0, TextOp::new().delete(5).insert(&too_long))]).await;
    assert_eq!(short(&mut ada), ["ack 1 as 1"]);
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// Every submission counts once, at the revision that its author was told, whichever node it came to and however often.
#[tokio::test]
async fn nodes_that_write_at_once_agree_on_everything() {
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let (mut nodes, _folder) = nodes(2, "Sales");
        // Of each client: where it is, what it hears, its last submission, and the revision that this became.
        let mut homes = [0, 0, 1, 1];
        let mut ears = Vec::new();
        for number in 1..=4 {
            ears.push(join(&mut nodes[homes[number - 1]], u64::try_from(number).unwrap()).await);
        }
        let mut sequences = [0_u64; 4];
        let mut last: [Option<(TextOp, u64)>; 4] = [None, None, None, None];
        let mut newest = 0_u64;
        let mut lengths = vec![5_usize];
        for _ in 0..40 {
            let mut batches = [Vec::new(), Vec::new()];
            let mut sent = [false; 4];
            for index in 0..4 {
                let number = u64::try_from(index).unwrap() + 1;
                if dice.below(6) == 0 {
                    // Moves to the other node and asks again whether its last submission counted.
                    homes[index] = 1 - homes[index];
                    ears[index] = join(&mut nodes[homes[index]], number).await;
                    if let Some((op, revision)) = &last[index] {
                        let again = edit(number, sequences[index], newest, op.clone());
                        nodes[homes[index]].follow(vec![again]).await;
                        let expected = format!("ack {} as {revision}", sequences[index]);
                        assert!(short(&mut ears[index]).contains(&expected), "seed {seed}: {expected}");
                    }
                }
                if dice.below(3) > 0 {
                    let base = newest.saturating_sub(u64::try_from(dice.below(4)).unwrap());
                    let length = lengths[usize::try_from(base).unwrap()];
                    let at = dice.below(length + 1);
                    let gone = dice.below(3).min(length - at);
                    let op = TextOp::new().retain(at).insert(&"ab💃".repeat(dice.below(2))).insert("x").delete(gone);
                    sequences[index] += 1;
                    sent[index] = true;
                    last[index] = Some((op.clone(), 0));
                    batches[homes[index]].push(edit(number, sequences[index], base, op));
                }
            }
            let order = if dice.below(2) == 0 { [0, 1] } else { [1, 0] };
            for node in order {
                nodes[node].follow(std::mem::take(&mut batches[node])).await;
            }
            for index in 0..4 {
                for message in heard(&mut ears[index]) {
                    match message {
                        ServerMessage::DocumentAck { sequence, revision, .. } if sequence.0 == sequences[index] => {
                            sent[index] = false;
                            if let Some((_, known)) = &mut last[index] {
                                *known = revision.0;
                            }
                        }
                        ServerMessage::Error { message, .. } => panic!("seed {seed}: {message}"),
                        _ => {}
                    }
                }
            }
            assert_eq!(sent, [false; 4], "seed {seed}: somebody has no answer");
            let store = &nodes[0].documents.store;
            let revision = store.revision(MEMO).unwrap();
            for missing in newest + 1..=revision.0 {
                let (_, text) = store.document_at(MEMO, Revision(missing)).unwrap();
                lengths.push(text.as_str().unwrap().chars().count());
            }
            newest = revision.0;
        }
        assert_eq!(newest, sequences.iter().sum::<u64>(), "seed {seed}");
        for node in &mut nodes {
            node.follow(vec![Command::Newer { revision: Revision(newest) }]).await;
            let copy = node.session.as_mut().unwrap().copy();
            assert_eq!((copy.as_str().unwrap(), node.told), (text(node).as_str(), Revision(newest)), "seed {seed}");
        }
    }
}
