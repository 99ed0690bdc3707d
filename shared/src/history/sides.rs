//! How a document and its branch meet: each side's edits as one op, transformed once.

use ot_core::{OpError, OtType, Side, compose_all};
use serde::{Deserialize, Serialize};

/// Which way a merge goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// What the branch did comes into its parent.
    IntoParent,
    /// What the parent did comes into the branch.
    FromParent,
}

/// What a document and its branch did since the last document that both had, each as one op on that document.
///
/// # Laws
///
/// As of [`ot_core::Branch`], which keeps the same state beside whole histories: merges either way, any number of times,
/// and both ways together make the two documents the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Sides<Op> {
    /// What the parent did.
    pub parent: Op,
    /// What the branch did.
    pub branch: Op,
}

/// What a merge is.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged<Op> {
    /// The op for the target, on its document.
    pub op: Op,
    /// What the target did that the other side does not have, on the other side's document, which is the last that both
    /// had from then on.
    pub ahead: Op,
}

impl<Op: Clone> Sides<Op> {
    /// The merge. Where both meet in a tie, the branch wins, whichever way it goes.
    #[must_use]
    pub fn merge<T: OtType<Op = Op>>(&self, direction: Direction) -> Merged<Op> {
        let parent = || T::transform(&self.parent, &self.branch, Side::Right);
        let branch = || T::transform(&self.branch, &self.parent, Side::Left);
        match direction {
            Direction::IntoParent => Merged { op: branch(), ahead: parent() },
            Direction::FromParent => Merged { op: parent(), ahead: branch() },
        }
    }
}

impl<Op: Clone> Merged<Op> {
    /// The same merge with what decides in favour of one side done after it, in the target.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when `fix` does not fit the target after the merge.
    pub fn then<T: OtType<Op = Op>>(&self, fix: &Op) -> Result<Self, OpError> {
        Ok(Self { op: T::compose(&self.op, fix)?, ahead: T::compose(&self.ahead, fix)? })
    }

    /// The state after the merge was committed behind `raced`, the ops that others committed to the target meanwhile:
    /// the op as it was committed, and what the target is ahead by.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when the ops don't fit each other.
    pub fn behind<T: OtType<Op = Op>>(&self, raced: impl IntoIterator<Item = Op>) -> Result<Self, OpError> {
        let mut op = self.op.clone();
        let mut after = vec![self.ahead.clone()];
        for theirs in raced {
            // A server transforms what it is sent on the left of what it has.
            after.push(T::transform(&theirs, &op, Side::Right));
            op = T::transform(&op, &theirs, Side::Left);
        }
        Ok(Self { op, ahead: compose_all::<T>(after)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::history::{History, Stamp};
    use ot_core::text::{Rope, Text, TextOp};
    use ot_core::{Branch, ClientId};

    fn applied(text: &str, ops: &[&TextOp]) -> String {
        let mut rope = Rope::from(text);
        ops.iter().for_each(|op| Text::apply(&mut rope, op).unwrap());
        rope.to_string()
    }

    fn insert(at: usize, text: &str) -> TextOp {
        TextOp::new().retain(at).insert(text)
    }

    #[test]
    fn a_merge_is_that_of_a_branch_of_a_history() {
        let stamp = Stamp::new(ClientId::default(), 0);
        let mut parent = History::<Text>::default();
        parent.push(&insert(0, "abc"), stamp).unwrap();
        let mut branch = Branch::fork(&parent, parent.revision()).unwrap();
        parent.push(&insert(0, "p"), stamp).unwrap();
        branch.push(&insert(0, "b"), stamp).unwrap();
        let sides = Sides { parent: insert(0, "p"), branch: insert(0, "b") };
        for direction in [Direction::IntoParent, Direction::FromParent] {
            let merged = sides.merge::<Text>(direction);
            let (mut parent, mut branch) = (parent.clone(), branch.clone());
            let expected = match direction {
                Direction::IntoParent => branch.merge_into(&mut parent, stamp),
                Direction::FromParent => branch.update_from(&parent, stamp),
            };
            assert_eq!(merged.op, expected.unwrap().op);
        }
    }

    #[test]
    fn edits_made_meanwhile_belong_to_what_the_target_is_ahead_by() {
        let sides = Sides { parent: insert(3, "P"), branch: insert(0, "B") };
        let merged = sides.merge::<Text>(Direction::IntoParent);
        // The parent is "abcP" when the merge begins; two edits come before it.
        let raced = [insert(0, "x"), insert(5, "y")];
        let behind = merged.behind::<Text>(raced.clone()).unwrap();
        let parent = applied("abc", &[&sides.parent, &raced[0], &raced[1], &behind.op]);
        let from_branch = applied("abc", &[&sides.branch, &behind.ahead]);
        assert_eq!(parent, from_branch);
        assert_eq!(parent, "BxabcPy");
    }

    #[test]
    fn what_decides_is_an_edit_of_the_target() {
        let sides = Sides { parent: insert(0, "P"), branch: insert(0, "B") };
        let merged = sides.merge::<Text>(Direction::FromParent).then::<Text>(&TextOp::new().delete(1)).unwrap();
        let branch = applied("-", &[&sides.branch, &merged.op]);
        assert_eq!((branch.as_str(), applied("-", &[&sides.parent, &merged.ahead])), ("P-", "P-".to_owned()));
    }
}
