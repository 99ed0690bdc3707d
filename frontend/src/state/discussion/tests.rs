use coval_shared::history::memo_op;
use coval_shared::model::{ItemId, PeriodId};
use coval_shared::protocol::{DocumentId, Named};
use ot_core::Revision;
use ot_core::json::Path;
use ot_core::text::TextOp;
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

const ADA: u128 = 1;
const GRACE: u128 = 2;

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn id(number: u128) -> CommentId {
    CommentId(Uuid::from_u128(number))
}

fn comment(number: u128, thread: u128, author: u128) -> Comment {
    Comment {
        id: id(number),
        document: DocumentId(Uuid::nil()),
        thread: id(thread),
        author: Named { id: user(author), name: "Somebody".into() },
        body: "Why?".into(),
        anchor: None,
        anchor_revision: Revision(0),
        is_anchor_lost: false,
        quote: String::new(),
        mentions: Vec::new(),
        created_at_ms: i64::try_from(number).unwrap(),
        edited_at_ms: None,
        deleted_at_ms: None,
        resolved_at_ms: None,
        resolved_by: None,
    }
}

fn cell() -> Anchor {
    Anchor::Cell { item: ItemId("growth".into()), period: Some(PeriodId("p1".into())) }
}

#[test]
fn threads_stand_in_the_order_in_which_something_was_last_said() {
    let mut said = Said::default();
    for comment in [comment(1, 1, ADA), comment(2, 2, ADA), comment(3, 1, GRACE)] {
        said.take_comment(comment);
    }
    let threads = said.threads();
    assert_eq!(threads.iter().map(Thread::id).collect::<Vec<_>>(), [id(1), id(2)]);
    assert_eq!(threads[0].replies.len(), 1);
    assert!(threads[0].concerns(user(GRACE)) && !threads[1].concerns(user(GRACE)));
}

#[test]
fn a_deleted_beginning_stays_while_there_are_answers() {
    let mut said = Said::default();
    said.take_comment(comment(1, 1, ADA));
    said.take_comment(comment(2, 1, GRACE));
    said.take_comment(Comment { deleted_at_ms: Some(9), body: String::new(), ..comment(1, 1, ADA) });
    assert_eq!(said.threads().len(), 1);
    said.take_comment(Comment { deleted_at_ms: Some(9), body: String::new(), ..comment(2, 1, GRACE) });
    assert_eq!(said.threads().len(), 0);
}

#[test]
fn a_settled_thread_is_shown_among_the_settled_ones_alone_and_marks_no_cell() {
    let mut said = Said::default();
    said.take_comment(Comment { anchor: Some(cell()), ..comment(1, 1, ADA) });
    let marks = said.marks(&Seen::default(), Some(user(GRACE)));
    let mark = &marks[&cell_of(&cell()).unwrap()];
    assert_eq!((mark.threads, mark.is_unread), (1, true));
    assert!(!said.marks(&Seen::default(), Some(user(ADA)))[&cell_of(&cell()).unwrap()].is_unread);
    said.take_comment(Comment { anchor: Some(cell()), resolved_at_ms: Some(5), ..comment(1, 1, ADA) });
    assert!(said.marks(&Seen::default(), None).is_empty());
    let thread = &said.threads()[0];
    let shown = [Filter::Open, Filter::Mine, Filter::Resolved].map(|filter| filter.shows(thread, Some(user(ADA))));
    assert_eq!(shown, [false, false, true]);
}

#[test]
fn what_was_read_is_remembered_thread_by_thread() {
    let mut said = Said::default();
    said.take_comment(comment(11, 11, ADA));
    said.take_comment(comment(12, 12, ADA));
    let mut seen = Seen::all_until(10);
    let threads = said.threads();
    assert!(threads.iter().all(|thread| seen.is_unread(thread, Some(user(GRACE)))));
    seen.take_note(&threads[0]);
    let seen = Seen::read(&seen.written()).unwrap();
    let unread: Vec<bool> = threads.iter().map(|thread| seen.is_unread(thread, Some(user(GRACE)))).collect();
    assert_eq!(unread, [false, true]);
    said.take_comment(comment(13, 12, ADA));
    assert!(seen.is_unread(&said.threads()[0], Some(user(GRACE))), "what came since is unread again");
    assert_eq!(Seen::read("yesterday"), None);
}

#[test]
fn a_highlight_colours_all_its_cells_and_a_note_stands_at_the_first() {
    let anchor = Anchor::Cells {
        items: vec![ItemId("a".into()), ItemId("b".into())],
        periods: vec![PeriodId("p1".into()), PeriodId("p2".into())],
    };
    let annotation = |kind, number| Annotation {
        id: AnnotationId(Uuid::from_u128(number)),
        document: DocumentId(Uuid::nil()),
        author: Named { id: user(ADA), name: "Ada".into() },
        kind,
        colour: 3,
        body: "Check the filing".into(),
        anchor: anchor.clone(),
        anchor_revision: Revision(0),
        is_anchor_lost: false,
        quote: String::new(),
        created_at_ms: 1,
        edited_at_ms: None,
        deleted_at_ms: None,
    };
    let mut said = Said::default();
    said.take_annotation(annotation(AnnotationKind::Note, 1));
    assert_eq!(said.marks(&Seen::default(), None).len(), 1);
    said.take_annotation(annotation(AnnotationKind::Highlight, 2));
    let marks = said.marks(&Seen::default(), None);
    assert_eq!(marks.len(), 4);
    assert_eq!(marks.values().filter(|mark| !mark.note.is_empty()).count(), 1);
    assert!(marks.values().all(|mark| mark.colour == Some(3)));
}

#[test]
fn a_thread_on_a_block_marks_each_of_its_cells() {
    let items = vec![ItemId("a".into()), ItemId("b".into())];
    let anchor = Anchor::Cells { items, periods: vec![PeriodId("p1".into()), PeriodId("p2".into())] };
    let mut said = Said::default();
    said.take_comment(Comment { anchor: Some(anchor), ..comment(1, 1, ADA) });
    let marks = said.marks(&Seen::default(), Some(user(GRACE)));
    assert_eq!(marks.len(), 4);
    assert!(marks.values().all(|mark| mark.threads == 1 && mark.is_unread));
}

#[test]
fn a_thread_on_words_goes_along_with_them_is_lost_with_them_and_comes_back() {
    let anchor = |start, end| Some(Anchor::Text { path: Path::default(), start, end });
    let mut said = Said::default();
    said.take_comment(Comment { anchor: anchor(4, 8), quote: "cash".into(), ..comment(1, 1, ADA) });
    let place = |said: &Said| {
        let comment = said.comment(id(1)).unwrap();
        (comment.anchor.clone(), comment.is_anchor_lost)
    };
    assert!(said.carry(&memo_op(TextOp::edit(0, 0, "The "))));
    assert_eq!(place(&said), (anchor(8, 12), false));
    assert!(!said.carry(&memo_op(TextOp::edit(20, 0, "!"))));
    said.carry(&memo_op(TextOp::edit(8, 4, "")));
    assert_eq!(place(&said), (anchor(8, 8), true));
    said.carry(&memo_op(TextOp::edit(8, 0, "cash")));
    assert_eq!(place(&said), (anchor(8, 12), false));
}
