use super::runs::Run;
use super::{Text, TextOp};
use crate::branch::{Conflicts, touching};

/// A stretch of a text that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextChange {
    /// Where it begins, in code points of the text before.
    pub at: usize,
    /// How many code points are deleted.
    pub deleted: usize,
    /// What is inserted instead.
    pub inserted: String,
}

/// Two changes of the same stretch of a text, or two different inserts at the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextConflict {
    /// What one side does.
    pub ours: TextChange,
    /// What the other side does.
    pub theirs: TextChange,
}

/// Changes that are the same on both sides are no conflict, nor are two deletes, however they overlap.
impl Conflicts for Text {
    type Conflict = TextConflict;

    fn conflicts(ours: &TextOp, theirs: &TextOp) -> Vec<TextConflict> {
        let (ours, theirs) = (changes(ours), changes(theirs));
        let pairs = touching(&ours, &theirs, |change| (change.at, end(change)));
        let meeting = pairs.into_iter().filter(|(our, their)| our != their && meet(our, their));
        meeting.map(|(our, their)| TextConflict { ours: our.clone(), theirs: their.clone() }).collect()
    }
}

fn meet(a: &TextChange, b: &TextChange) -> bool {
    let inserts = |change: &TextChange| !change.inserted.is_empty();
    let overlap = a.at.max(b.at) < end(a).min(end(b));
    let is_inside =
        |point: &TextChange, around: &TextChange| point.deleted == 0 && around.at < point.at && point.at < end(around);
    let same_place = a.at == b.at && inserts(a) && inserts(b);
    (overlap && (inserts(a) || inserts(b))) || is_inside(a, b) || is_inside(b, a) || same_place
}

fn end(change: &TextChange) -> usize {
    change.at.saturating_add(change.deleted)
}

/// The stretches that `op` changes, ascending, with something kept between each two.
fn changes(op: &TextOp) -> Vec<TextChange> {
    let mut changes = Vec::new();
    let mut at = 0_usize;
    let mut open: Option<TextChange> = None;
    for run in op.runs() {
        if let Run::Retain(count) = run {
            changes.extend(open.take());
            at = at.saturating_add(count);
            continue;
        }
        let change = open.get_or_insert_with(|| TextChange { at, deleted: 0, inserted: String::new() });
        match run {
            Run::Delete(count) => {
                change.deleted = change.deleted.saturating_add(count);
                at = at.saturating_add(count);
            }
            Run::Insert(text) => change.inserted.push_str(text),
            Run::Retain(_) => {}
        }
    }
    changes.extend(open);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(ours: TextOp, theirs: TextOp) -> usize {
        let (there, back) = (Text::conflicts(&ours, &theirs), Text::conflicts(&theirs, &ours));
        assert_eq!(there.len(), back.len());
        there.len()
    }

    fn replaced(at: usize, deleted: usize, text: &str) -> TextOp {
        TextOp::new().retain(at).delete(deleted).insert(text)
    }

    #[test]
    fn changes_of_the_same_stretch_meet() {
        assert_eq!(met(replaced(2, 4, "x"), replaced(4, 4, "y")), 1);
        assert_eq!(met(replaced(2, 4, ""), replaced(3, 0, "y")), 1, "an insert inside what is deleted");
        assert_eq!(met(replaced(2, 0, "x"), replaced(2, 0, "y")), 1, "two inserts at one place");
        assert_eq!(met(replaced(2, 9, "x"), replaced(3, 1, "y").retain(2).insert("z")), 2);
    }

    #[test]
    fn changes_of_different_stretches_do_not_meet() {
        assert_eq!(met(replaced(2, 2, "x"), replaced(4, 2, "y")), 0);
        assert_eq!(met(replaced(2, 2, "x"), replaced(4, 0, "y")), 0);
        assert_eq!(met(replaced(0, 1, "x"), replaced(9, 1, "x")), 0);
    }

    #[test]
    fn sides_that_agree_do_not_meet() {
        assert_eq!(met(replaced(2, 2, "x"), replaced(2, 2, "x")), 0);
        assert_eq!(met(replaced(2, 4, ""), replaced(3, 9, "")), 0, "deletes of the same");
    }

    #[test]
    fn a_conflict_tells_what_each_side_does() {
        let conflicts = Text::conflicts(&replaced(2, 4, "x"), &replaced(4, 4, "y"));
        let change = |at, deleted, inserted: &str| TextChange { at, deleted, inserted: inserted.to_owned() };
        assert_eq!(conflicts, [TextConflict { ours: change(2, 4, "x"), theirs: change(4, 4, "y") }]);
    }
}
