//! What comments hang on, under any edits.

use coval_shared::anchor::{Anchor, AnchorError, Anchored, Places};
use coval_shared::limits::{ANCHOR_CELLS, QUOTE_CHARS};
use coval_shared::model::edit;
use coval_shared::model::{ItemId, PeriodId};
use ot_core::json::{Json, JsonOp, Path, PathSegment};
use ot_core::text::{Run, TextOp};
use ot_core::{ClientId, OtType, Revision, Sequence, Server, Side, Submission, path};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::documents::{applied, over_periods};

/// An edit of a text: at which share of it, how much goes, what comes.
type Edit = (usize, usize, String);

fn an_edit() -> impl Strategy<Value = Edit> {
    (0..1_000_usize, prop_oneof![3 => Just(0_usize), 2 => 0..4_usize, 1 => 0..30_usize], "[A-Z😀]{0,3}")
}

/// Several at once, from the front to the back.
fn edits() -> impl Strategy<Value = Vec<Edit>> {
    vec(an_edit(), 1..4)
}

fn text_op(length: usize, edits: &[Edit]) -> TextOp {
    let mut op = TextOp::new();
    let mut left = length;
    for (share, deleted, inserted) in edits {
        let kept = left * share / 1_000 / edits.len();
        let deleted = (*deleted).min(left - kept);
        left -= kept + deleted;
        op = op.retain(kept).insert(inserted).delete(deleted);
    }
    op
}

fn memo_op(op: TextOp) -> JsonOp {
    JsonOp::edit_text(path![], op)
}

/// A text whose code points are told apart wherever they go.
struct Marked {
    text: Value,
    marks: Vec<usize>,
    next: usize,
}

impl Marked {
    fn new(text: &str) -> Self {
        let length = text.chars().count();
        Self { text: json!(text), marks: (0..length).collect(), next: length }
    }

    fn apply(&mut self, op: &TextOp) {
        let (mut position, mut marks) = (0, self.marks.clone());
        for run in op.runs() {
            match run {
                Run::Retain(count) => position += count,
                Run::Delete(count) => drop(marks.drain(position..position + count)),
                Run::Insert(text) => {
                    for _ in text.chars() {
                        marks.insert(position, self.next);
                        (position, self.next) = (position + 1, self.next + 1);
                    }
                }
            }
        }
        self.marks = marks;
        Json::apply(&mut self.text, &memo_op(op.clone())).unwrap();
    }
}

fn hung(document: &Value, path: Path, start: usize, end: usize) -> Anchored {
    Anchor::Text { path, start, end }.hang(document).unwrap()
}

fn cell(item: &str, period: &str) -> Anchor {
    let period = (!period.is_empty()).then(|| PeriodId(period.to_owned()));
    Anchor::Cell { item: ItemId(item.to_owned()), period }
}

/// What stands under an anchor that is not lost.
fn under(document: &Value, anchored: &Anchored) -> Option<String> {
    assert!(!anchored.is_lost);
    let Anchor::Text { path, start, end } = &anchored.anchor else { panic!("not a text") };
    let string = path.0.iter().try_fold(document, |value, segment| match segment {
        PathSegment::Key(key) => value.get(key),
        PathSegment::Index(index) => value.get(index),
    });
    let text: Vec<char> = string?.as_str()?.chars().collect();
    Some(text.get(*start..*end)?.iter().collect())
}

fn is_lost_in(anchored: &mut Anchored, document: &Value) -> bool {
    anchored.look(&Places::of(document));
    anchored.is_lost
}

proptest! {
    #[test]
    fn an_anchor_holds_its_code_points_less_what_goes_and_with_what_comes_between_them(
        text in "[a-zé😀]{2,60}",
        (from, to) in (0..60_usize, 1..20_usize),
        storm in vec(edits(), 1..12),
    ) {
        let mut marked = Marked::new(&text);
        let length = marked.marks.len();
        let start = from.min(length - 1);
        let mut anchored = hung(&marked.text, path![], start, (start + to).min(length));
        // So that nothing that comes is taken for what was lost.
        anchored.quote.clear();
        for edits in storm {
            let Anchor::Text { start, end, .. } = anchored.anchor else { panic!("not a text") };
            let op = text_op(marked.marks.len(), &edits);
            let inside = marked.marks[start..end].to_vec();
            let marks = marked.marks.clone();
            marked.apply(&op);
            anchored.carry(&memo_op(op));
            let Anchor::Text { start, end, .. } = anchored.anchor else { panic!("not a text") };
            prop_assert!(end <= marked.marks.len());
            let stays: Vec<usize> = inside.iter().copied().filter(|mark| marked.marks.contains(mark)).collect();
            let (Some(first), Some(last)) = (stays.first(), stays.last()) else {
                // Only what came between two of those that are gone may be left of it.
                prop_assert!(marked.marks[start..end].iter().all(|mark| !marks.contains(mark)));
                prop_assert_eq!(anchored.is_lost, start == end);
                break;
            };
            // From the first to the last that stays, with all that came between; and if something came in the place of
            // one of the others, on one of the sides, that may be outside.
            prop_assert!(!anchored.is_lost);
            let held = &marked.marks[start..end];
            prop_assert!(held.contains(first) && held.contains(last));
            for mark in held {
                let is_old = marks.contains(mark);
                prop_assert!(!is_old || inside.contains(mark), "it holds what it did not hold before");
            }
            if !inside.iter().any(|mark| !marked.marks.contains(mark)) {
                prop_assert_eq!((held.first(), held.last()), (inside.first(), inside.last()));
            }
        }
    }

    #[test]
    fn a_word_that_nobody_deletes_from_stays_under_its_anchor_in_a_storm_of_concurrent_edits(
        before in "[a-z ]{0,40}",
        after in "[a-z ]{0,40}",
        storm in vec((0..4_u128, 0..6_u64, edits()), 1..40),
    ) {
        let word = "0123456789";
        let text = [before.as_str(), word, after.as_str()].concat();
        let start = before.chars().count();
        let mut anchored = hung(&json!(text), path![], start, start + word.len());
        let mut server = Server::<Json>::new(json!(text), Revision::ZERO);
        let mut versions = vec![json!(text)];
        let mut sequences = [0_u64; 4];
        for (writer, lag, edits) in storm {
            // Written on a version that others have gone on from, and without touching the word there.
            let base = versions.len() - 1 - usize::try_from(lag).unwrap().min(versions.len() - 1);
            let seen = versions[base].as_str().unwrap();
            let at = seen[..seen.find('0').unwrap()].chars().count();
            let length = seen.chars().count();
            let op = if edits.len() % 2 == 0 {
                text_op(at, &edits)
            } else {
                let behind = at + word.len();
                text_op(length - behind, &edits).runs().fold(TextOp::new().retain(behind), |op, run| match run {
                    Run::Retain(count) => op.retain(count),
                    Run::Insert(text) => op.insert(text),
                    Run::Delete(count) => op.delete(count),
                })
            };
            let slot = &mut sequences[usize::try_from(writer).unwrap()];
            *slot += 1;
            let submission = Submission {
                client: ClientId(Uuid::from_u128(writer + 1)),
                sequence: Sequence(*slot),
                base: Revision(u64::try_from(base).unwrap()),
                op: memo_op(op),
            };
            let ot_core::server::Submitted::Committed(committed) = server.submit(submission).unwrap() else { panic!("a duplicate") };
            anchored.carry(&committed.op);
            versions.push(server.document().clone());
            prop_assert_eq!(under(server.document(), &anchored), Some(word.to_owned()));
        }
    }

    #[test]
    fn an_anchor_goes_with_its_string_wherever_that_moves(
        steps in vec((0..4_u8, 0..1_000_usize, 0..1_000_usize), 1..30),
    ) {
        let rows: Vec<Value> = (0..6).map(|row| json!({"label": format!("row {row} has a label")})).collect();
        let mut document = json!({"rows": rows, "other": []});
        let mut anchored = hung(&document, path!["rows", 3, "label"], 4, 5);
        for (step, a, b) in steps {
            let list = if a % 3 == 0 { "other" } else { "rows" };
            let length = document[list].as_array().unwrap().len();
            let target = if b % 3 == 0 { "other" } else { "rows" };
            let room = document[target].as_array().unwrap().len();
            let op = match step {
                0 => JsonOp::insert(path![list, a % (length + 1)], json!({"label": "another row"})),
                1 if length > 0 => {
                    let room = if list == target { length - 1 } else { room };
                    JsonOp::move_to(path![list, a % length], path![target, b % (room + 1)]).unwrap()
                }
                2 if length > 0 => {
                    JsonOp::edit_text(path![list, a % length, "label"], TextOp::new().retain(b % 5).insert("X"))
                }
                3 if length > 0 && !document[list][a % length]["label"].as_str().unwrap().contains('3') => {
                    JsonOp::remove(path![list, a % length])
                }
                _ => continue,
            };
            document = applied(&document, &op);
            anchored.carry(&op);
            prop_assert_eq!(under(&document, &anchored), Some("3".to_owned()));
        }
    }

    #[test]
    fn what_an_undo_brings_back_is_under_its_anchor_again(
        (start, length) in (0..40_usize, 1..10_usize),
        (before, behind) in (0..10_usize, 0..10_usize),
        meanwhile in vec((0..1_000_usize, "[A-Z]{1,3}"), 0..6),
    ) {
        // No code point stands there twice.
        let text: String = (0..60_u32).map(|number| char::from_u32(0x4e00 + number).unwrap()).collect();
        let mut document = json!(text);
        let mut anchored = hung(&document, path![], start, start + length);
        let quote = anchored.quote.clone();
        let first = start.saturating_sub(before);
        let deletion = memo_op(TextOp::new().retain(first).delete((start + length + behind).min(60) - first));
        let mut undo = Json::invert(&deletion, &document).unwrap();
        document = applied(&document, &deletion);
        anchored.carry(&deletion);
        prop_assert!(anchored.is_lost);
        let mut is_place_taken = false;
        for (share, inserted) in meanwhile {
            let place = document.as_str().unwrap().chars().count() * share / 1_000;
            let Anchor::Text { start, .. } = anchored.anchor else { panic!("not a text") };
            is_place_taken |= place == start;
            let op = memo_op(TextOp::new().retain(place).insert(&inserted));
            undo = Json::transform(&undo, &op, Side::Left);
            document = applied(&document, &op);
            anchored.carry(&op);
            prop_assert!(anchored.is_lost);
        }
        document = applied(&document, &undo);
        anchored.carry(&undo);
        // What was inserted at the very place may stand on either side of what comes back.
        prop_assert!(is_place_taken || !anchored.is_lost);
        if !anchored.is_lost {
            prop_assert_eq!(under(&document, &anchored), Some(quote));
        }
    }
}

#[test]
fn text_that_is_deleted_and_brought_back_by_undo_is_found_again() {
    let mut document = json!("Growth slows to 4% in 2027.");
    let mut anchored = hung(&document, path![], 16, 18);
    let deletion = memo_op(TextOp::new().retain(7).delete(14));
    let undo = Json::invert(&deletion, &document).unwrap();
    document = applied(&document, &deletion);
    anchored.carry(&deletion);
    assert_eq!(anchored.anchor, Anchor::Text { path: path![], start: 7, end: 7 });
    // The same words elsewhere are not those that were lost.
    let elsewhere = memo_op(TextOp::new().insert("4% "));
    document = applied(&document, &elsewhere);
    anchored.carry(&elsewhere);
    assert!(anchored.is_lost);
    let undo = Json::transform(&undo, &elsewhere, Side::Left);
    document = applied(&document, &undo);
    anchored.carry(&undo);
    assert_eq!(under(&document, &anchored).as_deref(), Some("4%"));
    assert_eq!(document, "4% Growth slows to 4% in 2027.");
}

#[test]
fn a_string_that_is_removed_with_its_row_comes_back_with_it() {
    let mut document = json!({"rows": [{"label": "Net sales"}, {"label": "EBIT margin"}]});
    let mut anchored = hung(&document, path!["rows", 1, "label"], 5, 11);
    let removal = JsonOp::remove(path!["rows", 1]);
    let undo = Json::invert(&removal, &document).unwrap();
    document = applied(&document, &removal);
    anchored.carry(&removal);
    assert!(anchored.is_lost);
    document = applied(&document, &undo);
    anchored.carry(&undo);
    assert_eq!(under(&document, &anchored).as_deref(), Some("margin"));
    // Written anew as a whole, it still has the word once.
    let replaced = JsonOp::replace(path!["rows", 1, "label"], "Operating margin");
    document = applied(&document, &replaced);
    anchored.carry(&replaced);
    assert_eq!(under(&document, &anchored).as_deref(), Some("margin"));
    anchored.carry(&JsonOp::replace(path!["rows", 1, "label"], "Profit"));
    assert!(anchored.is_lost);
}

#[test]
fn a_cell_is_lost_with_its_row_or_period_and_back_with_them() {
    let document = over_periods(3, &[("a", None, &[]), ("b", None, &[])]);
    let mut anchored = cell("i-a", "p1").hang(&document).unwrap();
    let mut row = cell("i-a", "").hang(&document).unwrap();
    for op in [
        edit::remove_item(&document, &ItemId("i-a".to_owned())).unwrap(),
        edit::remove_period(&document, &PeriodId("p1".to_owned())).unwrap(),
    ] {
        let after = applied(&document, &op);
        anchored.carry(&op);
        assert!(is_lost_in(&mut anchored, &after));
        let undone = applied(&after, &Json::invert(&op, &document).unwrap());
        assert!(!is_lost_in(&mut anchored, &undone));
        assert!(!is_lost_in(&mut row, &undone));
    }
    let renamed = edit::set_label(&document, &ItemId("i-a".to_owned()), "Another name").unwrap();
    anchored.carry(&renamed);
    assert!(!is_lost_in(&mut anchored, &applied(&document, &renamed)));
}

#[test]
fn a_rectangle_is_there_while_one_of_its_cells_is() {
    let document = over_periods(2, &[("a", None, &[]), ("b", None, &[]), ("c", None, &[])]);
    let items = ["i-a", "i-b"].map(|id| ItemId(id.to_owned())).to_vec();
    let anchor = Anchor::Cells { items, periods: vec![PeriodId("p0".to_owned()), PeriodId("p1".to_owned())] };
    let mut anchored = anchor.hang(&document).unwrap();
    assert_eq!(anchored.quote, "a … b · 2025E … 2026E");
    let without_a = applied(&document, &edit::remove_item(&document, &ItemId("i-a".to_owned())).unwrap());
    assert!(!is_lost_in(&mut anchored, &without_a));
    let without_both = applied(&without_a, &edit::remove_item(&without_a, &ItemId("i-b".to_owned())).unwrap());
    assert!(is_lost_in(&mut anchored, &without_both));
}

#[test]
fn a_place_that_is_not_there_takes_no_anchor() {
    let document = over_periods(2, &[("a", None, &[])]);
    let text = |start, end| Anchor::Text { path: path!["sections", 0, "label"], start, end };
    assert_eq!(cell("nobody", "p0").hang(&document), Err(AnchorError::NoSuchCell));
    assert_eq!(cell("i-a", "p9").hang(&document), Err(AnchorError::NoSuchCell));
    assert_eq!(text(0, 1_000_000).hang(&document), Err(AnchorError::NoSuchText));
    assert_eq!(text(0, usize::MAX).hang(&document), Err(AnchorError::NoSuchText));
    assert_eq!(text(1, 1).hang(&document), Err(AnchorError::Empty));
    assert_eq!(text(2, 1).hang(&document), Err(AnchorError::Empty));
    let root = Anchor::Text { path: path![], start: 0, end: 1 };
    assert_eq!(root.hang(&document), Err(AnchorError::NoSuchText));
    let many = vec![ItemId("i-a".to_owned()); ANCHOR_CELLS + 1];
    assert_eq!(Anchor::Cells { items: many, periods: vec![] }.hang(&document), Err(AnchorError::TooManyCells));
    assert_eq!(Anchor::Cells { items: vec![], periods: vec![] }.hang(&document), Err(AnchorError::Empty));
}

#[test]
fn a_quote_is_short_and_of_whole_code_points() {
    let document = json!("😀".repeat(QUOTE_CHARS * 3));
    let anchored = hung(&document, path![], 1, QUOTE_CHARS * 2);
    assert_eq!(anchored.quote.chars().count(), QUOTE_CHARS);
}
