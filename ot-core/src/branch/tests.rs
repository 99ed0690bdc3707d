use super::*;
use serde_json::json;

use crate::json::{Json, JsonOp};
use crate::text::{Text, TextOp};
use crate::{ClientId, path};
use uuid::Uuid;

const ANNA: ClientId = ClientId(Uuid::from_u128(1));
const BORIS: ClientId = ClientId(Uuid::from_u128(2));

fn inserted(at: usize, text: &str) -> TextOp {
    TextOp::new().retain(at).insert(text)
}

fn stamp(author: ClientId) -> Stamp {
    Stamp::new(author, 0)
}

fn history(text: &str) -> History<Text> {
    let mut history = History::default();
    history.push(&inserted(0, text), stamp(ANNA)).unwrap();
    history
}

#[test]
fn a_branch_begins_at_an_older_revision() {
    let mut parent = history("abc");
    parent.push(&inserted(3, "d"), stamp(ANNA)).unwrap();
    let mut branch = Branch::fork(&parent, Revision(1)).unwrap();
    assert_eq!(branch.document().to_string(), "abc");
    assert_eq!(branch.push(&inserted(0, "x"), stamp(BORIS)).unwrap(), Revision(2));
    assert_eq!(branch.forked_at(), Revision(1));
    assert_eq!(parent.document().to_string(), "abcd");
    assert_eq!(Branch::fork(&parent, Revision(9)).unwrap_err().code(), "history_future");
}

#[test]
fn the_branch_wins_ties_whichever_way_it_is_merged() {
    for parent_first in [true, false] {
        let mut parent = history("-");
        let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
        parent.push(&inserted(0, "parent"), stamp(ANNA)).unwrap();
        branch.push(&inserted(0, "branch"), stamp(BORIS)).unwrap();
        if parent_first {
            branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
            branch.update_from(&parent, stamp(BORIS)).unwrap();
        } else {
            branch.update_from(&parent, stamp(BORIS)).unwrap();
            branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
        }
        assert_eq!(parent.document().to_string(), "branchparent-");
        assert_eq!(branch.document(), parent.document());
    }
}

#[test]
fn what_is_merged_is_not_merged_again() {
    let mut parent = history("-");
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    for round in 0..5 {
        branch.push(&inserted(0, "b"), stamp(BORIS)).unwrap();
        parent.push(&inserted(0, "p"), stamp(ANNA)).unwrap();
        branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
        let again = branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
        assert_eq!(again.revision, None);
        assert_eq!(parent.document().to_string().len(), 3 + 2 * round, "all of both, once");
    }
    branch.update_from(&parent, stamp(BORIS)).unwrap();
    assert_eq!(branch.document(), parent.document());
    assert_eq!(branch.update_from(&parent, stamp(BORIS)).unwrap().revision, None);
}

#[test]
fn a_rebased_branch_keeps_its_edits_apart() {
    let mut parent = history("abc");
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    branch.push(&inserted(3, "1"), Stamp::new(BORIS, 10)).unwrap();
    branch.push(&TextOp::new().delete(1), Stamp::new(ANNA, 20)).unwrap();
    branch.push(&inserted(3, "2"), Stamp::new(BORIS, 30)).unwrap();
    parent.push(&TextOp::new().delete(1).insert("A"), stamp(ANNA)).unwrap();

    let rebased = branch.rebase(&parent, stamp(ANNA)).unwrap();
    assert_eq!(rebased.forked_at(), Revision(2));
    assert_eq!(rebased.document().to_string(), "Abc12");
    let stamps: Vec<_> = [3, 4].iter().filter_map(|revision| rebased.history().stamp(Revision(*revision))).collect();
    assert_eq!(stamps, [Stamp::new(BORIS, 10), Stamp::new(BORIS, 30)], "the delete was the parent's as well");
    assert_eq!(branch.document().to_string(), "bc12", "the branch is as it was");

    let mut merged = parent.clone();
    branch.merge_into(&mut merged, stamp(ANNA)).unwrap();
    assert_eq!(merged.document(), rebased.document());
}

#[test]
fn conflicts_are_listed_before_a_merge() {
    let mut parent = history("the price is 10");
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    branch.push(&TextOp::new().retain(13).delete(2).insert("12"), stamp(BORIS)).unwrap();
    assert_eq!(branch.conflicts(&parent).unwrap(), []);
    parent.push(&TextOp::new().retain(13).delete(2).insert("11"), stamp(ANNA)).unwrap();
    let conflicts = branch.conflicts(&parent).unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].ours.inserted.as_str(), conflicts[0].theirs.inserted.as_str()), ("12", "11"));
}

#[test]
fn a_parent_may_be_compacted_once_the_branch_has_noted_it() {
    let mut parent = history("abc");
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    branch.push(&inserted(3, "!"), stamp(BORIS)).unwrap();
    parent.push(&inserted(0, "x"), stamp(ANNA)).unwrap();

    let mut too_soon = parent.clone();
    too_soon.compact(Revision(2)).unwrap();
    assert_eq!(branch.merge_into(&mut too_soon, stamp(ANNA)).unwrap_err().code(), "history_compacted");

    branch.note(&parent).unwrap();
    branch.compact(branch.history().revision()).unwrap();
    parent.compact(Revision(2)).unwrap();
    parent.push(&inserted(0, "y"), stamp(ANNA)).unwrap();
    branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
    assert_eq!(parent.document().to_string(), "yxabc!");
}

#[test]
fn a_branch_keeps_what_is_not_merged_from_compaction() {
    let parent = history("abc");
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    branch.push(&inserted(3, "!"), stamp(BORIS)).unwrap();
    assert_eq!(branch.compact(Revision(2)).unwrap_err().code(), "branch_unmerged");
    branch.compact(Revision(1)).unwrap();
}

#[test]
fn values_moved_on_the_parent_take_the_edits_of_the_branch_along() {
    let mut parent = History::<Json>::new(json!({"old": {"row": {"price": 1}}, "new": {}}), Revision(7));
    let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
    branch.push(&JsonOp::replace(path!["old", "row", "price"], json!(2)), stamp(BORIS)).unwrap();
    parent.push(&JsonOp::move_to(path!["old", "row"], path!["new", "row"]).unwrap(), stamp(ANNA)).unwrap();
    assert_eq!(branch.conflicts(&parent).unwrap(), []);
    branch.merge_into(&mut parent, stamp(ANNA)).unwrap();
    assert_eq!(*parent.document(), json!({"old": {}, "new": {"row": {"price": 2}}}));
}
