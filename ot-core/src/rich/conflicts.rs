use super::delta::{Delta, Run};
use crate::branch::touching;

/// One step of a Delta that changes something, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RichChange {
    /// Where it begins, in units of length of the document before.
    pub at: usize,
    /// What it does.
    pub run: Run,
}

/// Two steps that get into each other's way: different inserts at one place, an insert inside what the other deletes,
/// attributes on what the other deletes, or different values of one attribute on the same stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RichConflict {
    /// What one side does.
    pub ours: RichChange,
    /// What the other side does.
    pub theirs: RichChange,
}

pub(super) fn conflicts(ours: &Delta, theirs: &Delta) -> Vec<RichConflict> {
    let (ours, theirs) = (changes(ours), changes(theirs));
    let pairs = touching(&ours, &theirs, |change| (change.at, end(change)));
    let meeting = pairs.into_iter().filter(|(our, their)| meet(our, their));
    meeting.map(|(our, their)| RichConflict { ours: our.clone(), theirs: their.clone() }).collect()
}

fn meet(a: &RichChange, b: &RichChange) -> bool {
    let overlap = a.at.max(b.at) < end(a).min(end(b));
    let is_inside = |point: &RichChange, around: &RichChange| around.at < point.at && point.at < end(around);
    match (&a.run, &b.run) {
        (Run::Insert(..), Run::Insert(..)) => a.at == b.at && a.run != b.run,
        (Run::Insert(..), Run::Delete(_)) => is_inside(a, b),
        (Run::Delete(_), Run::Insert(..)) => is_inside(b, a),
        (Run::Delete(_), Run::Retain(..)) | (Run::Retain(..), Run::Delete(_)) => overlap,
        (Run::Retain(_, ours), Run::Retain(_, theirs)) => {
            overlap && ours.iter().any(|(name, value)| theirs.get(name).is_some_and(|other| other != value))
        }
        (Run::Delete(_), Run::Delete(_)) | (Run::Insert(..), Run::Retain(..)) | (Run::Retain(..), Run::Insert(..)) => {
            false
        }
    }
}

fn end(change: &RichChange) -> usize {
    change.at.saturating_add(match change.run {
        Run::Retain(count, _) | Run::Delete(count) => count,
        Run::Insert(..) => 0,
    })
}

/// The steps of `op` that change something.
fn changes(op: &Delta) -> Vec<RichChange> {
    let mut at = 0_usize;
    let mut changes = Vec::new();
    for run in op.runs() {
        let change = RichChange { at, run: run.clone() };
        at = end(&change);
        if !matches!(run, Run::Retain(_, attributes) if attributes.is_empty()) {
            changes.push(change);
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rich::Attributes;

    fn met(ours: &Delta, theirs: &Delta) -> usize {
        let (there, back) = (conflicts(ours, theirs), conflicts(theirs, ours));
        assert_eq!(there.len(), back.len());
        there.len()
    }

    fn coloured(at: usize, count: usize, colour: &str) -> Delta {
        let attributes = Attributes::from_iter([(String::from("color"), colour.into())]);
        Delta::new().retain(at).retain_with(count, attributes)
    }

    #[test]
    fn changes_of_the_same_thing_meet() {
        assert_eq!(met(&coloured(1, 3, "red"), &coloured(2, 5, "blue")), 1);
        assert_eq!(met(&coloured(1, 3, "red"), &Delta::new().retain(3).delete(2)), 1);
        assert_eq!(met(&Delta::new().retain(3).delete(2), &Delta::new().retain(4).insert("x")), 1);
        assert_eq!(met(&Delta::new().retain(3).insert("x"), &Delta::new().retain(3).insert("y")), 1);
    }

    #[test]
    fn changes_that_agree_or_are_apart_do_not_meet() {
        assert_eq!(met(&coloured(1, 3, "red"), &coloured(2, 5, "red")), 0);
        assert_eq!(met(&coloured(1, 3, "red"), &coloured(4, 5, "blue")), 0);
        assert_eq!(met(&coloured(1, 3, "red"), &Delta::new().retain(2).insert("x")), 0);
        assert_eq!(met(&Delta::new().delete(4), &Delta::new().retain(2).delete(4)), 0);
        assert_eq!(met(&Delta::new().insert("x"), &Delta::new().insert("x")), 0);
    }
}
