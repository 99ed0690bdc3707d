//! A second line of edits that begins at some revision of a document, and meets the first one again.

mod conflicts;

pub use conflicts::Conflicts;
pub(crate) use conflicts::touching;

use crate::history::{History, HistoryError, Stamp};
use crate::{OtType, Revision, Side, compose_all};

/// A branch of a document's history, with all its own revisions.
///
/// To merge, each side's edits since the two last met are composed to one op, in a balanced order, and the two ops are
/// transformed once. So a merge costs about as much as there are edits, `n + m`, and not `n · m`. It works either way,
/// any number of times, and both ways together make the two documents the same. Where both sides meet in a tie, the
/// branch has [`Side::Left`], whichever way the merge goes.
///
/// ```
/// use ot_core::history::{History, Stamp};
/// use ot_core::text::{Text, TextOp};
/// use ot_core::{Branch, ClientId, Revision};
///
/// let stamp = Stamp::new(ClientId::default(), 0);
/// let mut memo = History::<Text>::default();
/// memo.push(&TextOp::new().insert("Sales grow."), stamp)?;
///
/// let mut branch = Branch::fork(&memo, memo.revision())?;
/// branch.push(&TextOp::new().retain(10).insert(" fast"), stamp)?;
/// memo.push(&TextOp::new().delete(5).insert("Revenues"), stamp)?;
///
/// branch.merge_into(&mut memo, stamp)?;
/// assert_eq!(memo.document().to_string(), "Revenues grow fast.");
/// branch.update_from(&memo, stamp)?;
/// assert_eq!(branch.document(), memo.document());
/// # Ok::<(), ot_core::history::HistoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Branch<T: OtType> {
    fork: Revision,
    history: History<T>,
    /// Up to where each side is in `ahead`.
    met: Sides<Revision>,
    /// What each side did to the last document that both had, without what is after `met`.
    ahead: Sides<T::Op>,
}

/// What a merge did.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged<Op> {
    /// The revision that it made; none when there was nothing to bring over.
    pub revision: Option<Revision>,
    /// The op of that revision: what the other side did, as it follows this side.
    pub op: Op,
}

#[derive(Clone, Debug)]
struct Sides<X> {
    parent: X,
    branch: X,
}

impl<T: OtType> Branch<T> {
    /// A branch that begins at `revision` of `parent`. Its own revisions are counted on from there.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn fork(parent: &History<T>, revision: Revision) -> Result<Self, HistoryError> {
        let history = History::new(parent.checkout(revision)?, revision);
        let met = Sides { parent: revision, branch: revision };
        Ok(Self { fork: revision, history, met, ahead: Sides { parent: T::Op::default(), branch: T::Op::default() } })
    }

    /// The revision of the parent at which the branch began.
    pub fn forked_at(&self) -> Revision {
        self.fork
    }

    /// The newest document of the branch.
    pub fn document(&self) -> &T::Snapshot {
        self.history.document()
    }

    /// The branch's own revisions, which begin at [`Branch::forked_at`].
    pub fn history(&self) -> &History<T> {
        &self.history
    }

    /// An edit on the branch.
    ///
    /// # Errors
    ///
    /// Returns [`HistoryError::DoesNotApply`] when `op` does not fit the newest document of the branch.
    pub fn push(&mut self, op: &T::Op, stamp: Stamp) -> Result<Revision, HistoryError> {
        self.history.push(op, stamp)
    }

    /// What the parent and the branch did since they last met, each as one op on the last document that both had.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when `parent` has squashed what it did since, or is not the parent.
    pub fn since_met(&self, parent: &History<T>) -> Result<(T::Op, T::Op), HistoryError> {
        let Sides { parent, branch } = self.sides(parent)?;
        Ok((parent, branch))
    }

    /// Where the parent and the branch did things that people should look at, before a merge.
    ///
    /// # Errors
    ///
    /// As [`Branch::since_met`].
    pub fn conflicts(&self, parent: &History<T>) -> Result<Vec<T::Conflict>, HistoryError>
    where
        T: Conflicts,
    {
        let sides = self.sides(parent)?;
        Ok(T::conflicts(&sides.branch, &sides.parent))
    }

    /// Brings what the branch did into `parent`, as one revision. The branch stays as it is.
    ///
    /// # Errors
    ///
    /// As [`Branch::since_met`], and [`HistoryError::DoesNotApply`] when both together go past a limit of the document.
    /// Nothing is changed then.
    pub fn merge_into(&mut self, parent: &mut History<T>, stamp: Stamp) -> Result<Merged<T::Op>, HistoryError> {
        let Sides { parent: theirs, branch: ours } = self.sides(parent)?;
        let op = T::transform(&ours, &theirs, Side::Left);
        let ahead = T::transform(&theirs, &ours, Side::Right);
        let revision = push_unless_noop(parent, &op, stamp)?;
        self.ahead = Sides { parent: ahead, branch: T::Op::default() };
        self.meet(parent);
        Ok(Merged { revision, op })
    }

    /// Brings what the parent did into the branch, as one revision. The parent stays as it is.
    ///
    /// # Errors
    ///
    /// As [`Branch::merge_into`].
    pub fn update_from(&mut self, parent: &History<T>, stamp: Stamp) -> Result<Merged<T::Op>, HistoryError> {
        let Sides { parent: theirs, branch: ours } = self.sides(parent)?;
        let op = T::transform(&theirs, &ours, Side::Right);
        let ahead = T::transform(&ours, &theirs, Side::Left);
        let revision = push_unless_noop(&mut self.history, &op, stamp)?;
        self.ahead = Sides { parent: T::Op::default(), branch: ahead };
        self.meet(parent);
        Ok(Merged { revision, op })
    }

    /// Takes note of what both sides did so far, without a merge. After that either side may be compacted, and can
    /// still be merged.
    ///
    /// # Errors
    ///
    /// As [`Branch::since_met`].
    pub fn note(&mut self, parent: &History<T>) -> Result<(), HistoryError> {
        self.ahead = self.sides(parent)?;
        self.meet(parent);
        Ok(())
    }

    /// A branch that begins at the newest revision of `parent` and holds the edits of this one that are not in it yet,
    /// one by one, each with its author and time. What [`Branch::note`] or an update has made one op comes first, with
    /// `stamp`. Edits of which nothing is left are left out.
    ///
    /// Each edit is transformed over what the parent did, so this costs `n · m` where a merge costs `n + m`.
    ///
    /// # Errors
    ///
    /// As [`Branch::merge_into`].
    pub fn rebase(&self, parent: &History<T>, stamp: Stamp) -> Result<Self, HistoryError> {
        let mut rebased = Self::fork(parent, parent.revision())?;
        let mut theirs = self.since(parent, self.met.parent, &self.ahead.parent)?;
        let noted = std::iter::once((stamp, self.ahead.branch.clone()));
        let stamps = self.history.stamps_since(self.met.branch)?;
        for (stamp, ours) in noted.chain(stamps.zip(self.history.since(self.met.branch)?)) {
            let moved = T::transform(&ours, &theirs, Side::Left);
            theirs = T::transform(&theirs, &ours, Side::Right);
            push_unless_noop(&mut rebased.history, &moved, stamp)?;
        }
        Ok(rebased)
    }

    /// Squashes the branch's own revisions up to `revision`, as [`History::compact`].
    ///
    /// # Errors
    ///
    /// Returns [`HistoryError::Unmerged`] when one of the squashed ones is not merged, which [`Branch::note`] takes
    /// care of, and another [`HistoryError`] when there is no such revision.
    pub fn compact(&mut self, revision: Revision) -> Result<(), HistoryError> {
        if revision > self.met.branch {
            return Err(HistoryError::Unmerged { revision, met: self.met.branch });
        }
        self.history.compact(revision)
    }

    fn sides(&self, parent: &History<T>) -> Result<Sides<T::Op>, HistoryError> {
        Ok(Sides {
            parent: self.since(parent, self.met.parent, &self.ahead.parent)?,
            branch: self.since(&self.history, self.met.branch, &self.ahead.branch)?,
        })
    }

    /// `before` and then what `history` did after `met`.
    fn since(&self, history: &History<T>, met: Revision, before: &T::Op) -> Result<T::Op, HistoryError> {
        let since = compose_all::<T>(history.since(met)?)?;
        Ok(if T::is_noop(before) { since } else { T::compose(before, &since)? })
    }

    fn meet(&mut self, parent: &History<T>) {
        self.met = Sides { parent: parent.revision(), branch: self.history.revision() };
    }
}

fn push_unless_noop<T: OtType>(
    history: &mut History<T>,
    op: &T::Op,
    stamp: Stamp,
) -> Result<Option<Revision>, HistoryError> {
    if T::is_noop(op) { Ok(None) } else { history.push(op, stamp).map(Some) }
}

#[cfg(test)]
mod tests;
