use uuid::Uuid;

use super::*;
use crate::codec::{Limits, decode_history, encode_history};
use crate::text::{Text, TextOp};
use crate::{ClientId, UndoManager};

const ANNA: ClientId = ClientId(Uuid::from_u128(1));
const BORIS: ClientId = ClientId(Uuid::from_u128(2));

fn inserted(at: usize, text: &str) -> TextOp {
    TextOp::new().retain(at).insert(text)
}

/// `hello world`, then `hello big world`, then `hello big day`, by Anna, Boris and Anna.
fn greeting() -> History<Text> {
    let mut history = History::default();
    history.push(&inserted(0, "hello world"), Stamp::new(ANNA, 10)).unwrap();
    history.push(&inserted(6, "big "), Stamp::new(BORIS, 20)).unwrap();
    history.push(&TextOp::new().retain(10).insert("day").delete(5), Stamp::new(ANNA, 30)).unwrap();
    history
}

/// So many revisions that snapshots are thinned out.
fn long(revisions: usize) -> History<Text> {
    let mut history = History::<Text>::default();
    for at in 0..revisions {
        let op = if at % 3 == 2 { TextOp::new().retain(at % 7).delete(1) } else { inserted(at % 11, "é") };
        let op = if at < 40 { inserted(0, "x") } else { op };
        history.push(&op, Stamp::new(ANNA, 0)).unwrap();
    }
    history
}

fn text_at(history: &History<Text>, revision: u64) -> String {
    history.checkout(Revision(revision)).unwrap().to_string()
}

#[test]
fn any_revision_can_be_checked_out() {
    let history = greeting();
    let texts: Vec<String> = (0..=3).map(|revision| text_at(&history, revision)).collect();
    assert_eq!(texts, ["", "hello world", "hello big world", "hello big day"]);
    let future = HistoryError::Future { revision: Revision(4), newest: Revision(3) };
    assert_eq!(history.checkout(Revision(4)).unwrap_err(), future);
}

#[test]
fn a_checkout_through_snapshots_is_the_replayed_document() {
    let history = long(5_000);
    let mut replayed = String::new();
    let mut texts = vec![replayed.clone()];
    for op in history.since(Revision::ZERO).unwrap() {
        let mut document = <Text as OtType>::Snapshot::from(replayed.as_str());
        Text::apply(&mut document, &op).unwrap();
        replayed = document.to_string();
        texts.push(replayed.clone());
    }
    for revision in [0, 1, 1_023, 1_024, 1_025, 3_333, 4_999, 5_000] {
        assert_eq!(text_at(&history, revision), texts[usize::try_from(revision).unwrap()], "revision {revision}");
    }
}

#[test]
fn an_op_that_does_not_fit_is_not_kept() {
    let mut history = greeting();
    let error = history.push(&TextOp::new().delete(99), Stamp::new(ANNA, 40)).unwrap_err();
    assert_eq!(error.code(), "op_out_of_range");
    assert_eq!((history.revision(), history.document().to_string().as_str()), (Revision(3), "hello big day"));
    assert_eq!(history.stamp(Revision(4)), None);
}

#[test]
fn revisions_tell_who_made_them_and_when() {
    let history = greeting();
    assert_eq!(history.stamp(Revision(2)), Some(Stamp::new(BORIS, 20)));
    assert_eq!(history.stamp(Revision(0)), None);
    assert_eq!(history.op(Revision(2)), Some(inserted(6, "big ")));
    assert_eq!([9, 10, 29, 30, 99].map(|time| history.at_time(time).0), [0, 1, 2, 3, 3]);
}

#[test]
fn a_revision_can_be_named() {
    let mut history = greeting();
    history.set_label(Revision(2), "sent to the bank").unwrap();
    history.set_label(Revision(3), "final").unwrap();
    assert_eq!(history.label(Revision(2)), Some("sent to the bank"));
    history.set_label(Revision(3), "").unwrap();
    assert_eq!(history.labels().collect::<Vec<_>>(), [(Revision(2), "sent to the bank")]);
    assert_eq!(history.set_label(Revision(9), "never").unwrap_err().code(), "history_future");
}

#[test]
fn a_diff_leads_from_any_revision_to_any_other() {
    let history = greeting();
    for from in 0..=3 {
        for to in 0..=3 {
            let mut document = history.checkout(Revision(from)).unwrap();
            Text::apply(&mut document, &history.diff(Revision(from), Revision(to)).unwrap()).unwrap();
            assert_eq!(document.to_string(), text_at(&history, to), "from {from} to {to}");
        }
    }
}

#[test]
fn a_reverted_revision_leaves_what_came_later() {
    let history = greeting();
    let mut document = history.document().clone();
    Text::apply(&mut document, &history.revert(Revision(1), Revision(2)).unwrap()).unwrap();
    assert_eq!(document.to_string(), "hello day");
}

#[test]
fn blame_names_the_revision_of_every_character() {
    let history = greeting();
    let span = |length, revision| TextSpan { length, revision: Revision(revision) };
    assert_eq!(history.blame().unwrap(), [span(6, 1), span(4, 2), span(3, 3)]);
    assert_eq!(history.blame_at(Revision(2)).unwrap(), [span(6, 1), span(4, 2), span(5, 1)]);
    assert_eq!(history.blame_at(Revision(0)).unwrap(), []);
}

#[test]
fn blame_by_author_joins_what_the_same_one_wrote() {
    let mut history = greeting();
    history.push(&TextOp::new().retain(6).delete(4).insert("long "), Stamp::new(ANNA, 40)).unwrap();
    history.push(&inserted(14, "!"), Stamp::new(BORIS, 50)).unwrap();
    let span = |length, author| AuthorSpan { length, author };
    assert_eq!(history.by_author(&history.blame().unwrap()), [span(14, Some(ANNA)), span(1, Some(BORIS))]);
    history.compact(Revision(4)).unwrap();
    assert_eq!(history.by_author(&history.blame().unwrap()), [span(14, None), span(1, Some(BORIS))]);
}

/// The same as marking each character on the way.
#[test]
fn blame_over_many_revisions_is_that_of_marked_characters() {
    let history = long(400);
    let mut marks: Vec<u64> = Vec::new();
    for (op, revision) in history.since(Revision::ZERO).unwrap().zip(1..) {
        let mut at = 0;
        let runs = serde_json::to_value(&op).unwrap();
        for run in runs.as_array().unwrap() {
            if let Some(kept) = run.as_u64() {
                at += usize::try_from(kept).unwrap();
            } else if let Some(text) = run.as_str() {
                marks.splice(at..at, text.chars().map(|_| revision));
                at += text.chars().count();
            } else {
                marks.drain(at..at + usize::try_from(run["d"].as_u64().unwrap()).unwrap());
            }
        }
    }
    let spans = history.blame().unwrap();
    let spread: Vec<u64> = spans.iter().flat_map(|span| std::iter::repeat_n(span.revision.0, span.length)).collect();
    assert_eq!(spread, marks);
}

#[test]
fn compaction_keeps_what_is_newer_and_tells_the_others_to_resync() {
    let mut history = greeting();
    history.set_label(Revision(1), "old").unwrap();
    history.set_label(Revision(3), "new").unwrap();
    history.compact(Revision(2)).unwrap();

    assert_eq!((history.oldest(), history.revision()), (Revision(2), Revision(3)));
    assert_eq!([2, 3].map(|revision| text_at(&history, revision)), ["hello big world", "hello big day"]);
    assert_eq!(history.stamp(Revision(3)), Some(Stamp::new(ANNA, 30)));
    assert_eq!(history.labels().collect::<Vec<_>>(), [(Revision(3), "new")]);
    let span = |length, revision| TextSpan { length, revision: Revision(revision) };
    assert_eq!(history.blame().unwrap(), [span(10, 2), span(3, 3)]);

    let error = history.checkout(Revision(1)).unwrap_err();
    assert_eq!(error, HistoryError::Compacted { revision: Revision(1), oldest: Revision(2) });
    assert_eq!(error.code(), "history_compacted");
    assert!(history.since(Revision(1)).is_err());
    assert_eq!(history.push(&inserted(0, "so: "), Stamp::new(BORIS, 40)).unwrap(), Revision(4));
}

#[test]
fn compaction_of_a_long_history_keeps_its_snapshots_right() {
    let whole = long(5_000);
    for at in [1, 1_024, 2_500, 5_000] {
        let mut history = whole.clone();
        history.compact(Revision(at)).unwrap();
        for revision in [at, at + 1, 3_000, 5_000] {
            if revision >= at && revision <= 5_000 {
                assert_eq!(text_at(&history, revision), text_at(&whole, revision));
            }
        }
    }
}

#[test]
fn a_history_comes_back_from_its_parts() {
    let mut history = greeting();
    history.set_label(Revision(2), "sent").unwrap();
    history.compact(Revision(1)).unwrap();
    let bytes = encode_history(&history.to_parts()).unwrap();
    let read = History::<Text>::from_parts(decode_history(&bytes, Limits::default()).unwrap()).unwrap();
    assert!(read.is_consistent());
    assert_eq!((read.oldest(), read.revision()), (Revision(1), Revision(3)));
    for revision in 1..=3 {
        assert_eq!(text_at(&read, revision), text_at(&history, revision));
        assert_eq!(read.stamp(Revision(revision)), history.stamp(Revision(revision)));
        assert_eq!(read.label(Revision(revision)), history.label(Revision(revision)));
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let mut parts = greeting().to_parts();
    parts.times_ms.pop();
    assert_eq!(History::<Text>::from_parts(parts).unwrap_err().place(), "the stamps");
    let mut parts = greeting().to_parts();
    parts.labels.insert(Revision(9), String::from("never"));
    assert_eq!(History::<Text>::from_parts(parts).unwrap_err().place(), "the labels");
    let mut parts = greeting().to_parts();
    parts.newest_document = "something else".into();
    assert!(!History::<Text>::from_parts(parts).unwrap().is_consistent());
}

#[test]
fn compaction_leaves_undo_as_it_was() {
    let mut history = greeting();
    let mut undo = UndoManager::<Text>::default();
    let mine = inserted(0, "mine ");
    undo.edited(&mine, history.document(), Vec::new(), 0).unwrap();
    history.push(&mine, Stamp::new(BORIS, 40)).unwrap();
    let theirs = inserted(5, "theirs ");
    undo.remote(&theirs);
    history.push(&theirs, Stamp::new(ANNA, 50)).unwrap();

    history.compact(history.revision()).unwrap();
    let undone = undo.undo(history.document(), Vec::new()).unwrap().unwrap();
    history.push(&undone.op, Stamp::new(BORIS, 60)).unwrap();
    assert_eq!(history.document().to_string(), "theirs hello big day");
}
