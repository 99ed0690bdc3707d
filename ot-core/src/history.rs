//! Every revision of a document: who made it and when, what the document was then, and what changed in between.

mod blame;
mod parts;
mod snapshots;
mod stamps;

pub use blame::{AuthorSpan, Blame, TextSpan};
pub use stamps::Stamp;

use std::collections::BTreeMap;

use crate::{OpError, OpLog, OtType, Revision, Side, compose_all};

use self::snapshots::Snapshots;
use self::stamps::Stamps;

/// A document with all ops that led to it, from one revision on.
///
/// The newest document is at hand; an older one is made from the nearest snapshot before it. Snapshots are taken every
/// so many revisions, and thinned out so that a long history keeps a bounded number of them.
///
/// ```
/// use ot_core::history::{History, Stamp};
/// use ot_core::text::{Text, TextOp};
/// use ot_core::{ClientId, Revision};
/// use uuid::Uuid;
///
/// let anna = ClientId(Uuid::from_u128(1));
/// let mut history = History::<Text>::default();
/// history.push(&TextOp::new().insert("draft"), Stamp::new(anna, 1_000))?;
/// history.push(&TextOp::new().insert("first "), Stamp::new(anna, 2_000))?;
///
/// assert_eq!(history.checkout(Revision(1))?.to_string(), "draft");
/// assert_eq!(history.diff(Revision(1), Revision(2))?, TextOp::new().insert("first "));
/// # Ok::<(), ot_core::history::HistoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct History<T: OtType> {
    /// The revision before the first op of `log`.
    oldest: Revision,
    newest: T::Snapshot,
    log: T::Log,
    stamps: Stamps,
    labels: BTreeMap<Revision, String>,
    snapshots: Snapshots<T>,
}

/// Why a history can't answer, or can't take an op. The history is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// The revision was squashed by [`History::compact`]: whoever stands there has to start again from a snapshot.
    #[error("revision {revision} is squashed: the oldest one kept is {oldest}, start again from a snapshot")]
    Compacted {
        /// The revision that was asked for.
        revision: Revision,
        /// The oldest revision that can be asked for.
        oldest: Revision,
    },
    /// The revision does not exist yet.
    #[error("revision {revision} does not exist: the newest is {newest}")]
    Future {
        /// The revision that was asked for.
        revision: Revision,
        /// The newest revision.
        newest: Revision,
    },
    /// A revision of a branch is still needed for the next merge.
    #[error("revision {revision} is not merged: the branch and its parent last met at {met}")]
    Unmerged {
        /// The revision that was to be squashed.
        revision: Revision,
        /// The newest revision of the branch that is merged or noted.
        met: Revision,
    },
    /// An op does not fit the document it is for.
    #[error(transparent)]
    DoesNotApply(#[from] OpError),
}

impl HistoryError {
    /// The stable code, as it stands in messages to other programs. `history_compacted` tells a client to resync.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Compacted { .. } => "history_compacted",
            Self::Future { .. } => "history_future",
            Self::Unmerged { .. } => "branch_unmerged",
            Self::DoesNotApply(error) => error.kind().code(),
        }
    }
}

impl<T: OtType> History<T> {
    /// A history that begins with `document` at `revision`.
    #[must_use]
    pub fn new(document: T::Snapshot, revision: Revision) -> Self {
        Self {
            oldest: revision,
            snapshots: Snapshots::new(document.clone(), revision),
            newest: document,
            log: T::Log::default(),
            stamps: Stamps::default(),
            labels: BTreeMap::new(),
        }
    }

    /// The newest document.
    pub fn document(&self) -> &T::Snapshot {
        &self.newest
    }

    /// The newest revision.
    pub fn revision(&self) -> Revision {
        Revision(self.oldest.0.saturating_add(count(self.log.len())))
    }

    /// The oldest revision that can be checked out.
    pub fn oldest(&self) -> Revision {
        self.oldest
    }

    /// The document at [`History::oldest`].
    pub fn oldest_document(&self) -> &T::Snapshot {
        self.snapshots.oldest()
    }

    /// The ops after [`History::oldest`].
    pub fn log(&self) -> &T::Log {
        &self.log
    }

    /// Applies `op` to the newest document and keeps it as the next revision.
    ///
    /// # Errors
    ///
    /// Returns [`HistoryError::DoesNotApply`] when `op` does not fit the newest document.
    pub fn push(&mut self, op: &T::Op, stamp: Stamp) -> Result<Revision, HistoryError> {
        T::apply(&mut self.newest, op)?;
        self.log.push(op);
        self.stamps.push(stamp);
        let revision = self.revision();
        self.snapshots.offer(revision, &self.newest);
        Ok(revision)
    }

    /// The op that made `revision`.
    pub fn op(&self, revision: Revision) -> Option<T::Op> {
        self.log.get(self.index(revision)?)
    }

    /// Who made `revision`, and when.
    pub fn stamp(&self, revision: Revision) -> Option<Stamp> {
        self.stamps.get(self.index(revision)?)
    }

    /// The newest revision that was made at `time_ms` or before, if times never went back; else one of those beside
    /// which time passed `time_ms`.
    pub fn at_time(&self, time_ms: u64) -> Revision {
        Revision(self.oldest.0.saturating_add(count(self.stamps.until(time_ms))))
    }

    /// Gives `revision` a name; an empty one takes it away.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn set_label(&mut self, revision: Revision, label: impl Into<String>) -> Result<(), HistoryError> {
        self.check(revision)?;
        let label = label.into();
        if label.is_empty() {
            self.labels.remove(&revision);
        } else {
            self.labels.insert(revision, label);
        }
        Ok(())
    }

    /// The name of `revision`.
    pub fn label(&self, revision: Revision) -> Option<&str> {
        self.labels.get(&revision).map(String::as_str)
    }

    /// All named revisions, the oldest first.
    pub fn labels(&self) -> impl Iterator<Item = (Revision, &str)> {
        self.labels.iter().map(|(revision, label)| (*revision, label.as_str()))
    }

    /// The ops after `base`, the oldest first.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn since(&self, base: Revision) -> Result<impl Iterator<Item = T::Op>, HistoryError> {
        self.between(base, self.revision())
    }

    /// Who made the revisions after `base`, and when, the oldest first.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn stamps_since(&self, base: Revision) -> Result<impl Iterator<Item = Stamp>, HistoryError> {
        self.check(base)?;
        Ok((self.offset(base)..self.log.len()).map_while(|index| self.stamps.get(index)))
    }

    /// The document at `revision`, made from the nearest snapshot before it.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn checkout(&self, revision: Revision) -> Result<T::Snapshot, HistoryError> {
        self.check(revision)?;
        if revision == self.revision() {
            return Ok(self.newest.clone());
        }
        let (start, snapshot) = self.snapshots.nearest(revision);
        let mut document = snapshot.clone();
        T::replay(&mut document, &self.log, self.offset(start)..self.offset(revision))?;
        Ok(document)
    }

    /// The document at `revision`, made from the oldest document and the ops up to it, and from nothing else.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision, or the ops don't fit together.
    pub fn replay(&self, revision: Revision) -> Result<T::Snapshot, HistoryError> {
        self.check(revision)?;
        let mut document = self.oldest_document().clone();
        T::replay(&mut document, &self.log, 0..self.offset(revision))?;
        Ok(document)
    }

    /// One op that makes the document at `from` the one at `to`; backwards in time too.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when one of them does not exist.
    pub fn diff(&self, from: Revision, to: Revision) -> Result<T::Op, HistoryError> {
        if from > to {
            let forth = self.diff(to, from)?;
            return Ok(T::invert(&forth, &self.checkout(to)?)?);
        }
        Ok(compose_all::<T>(self.between(from, to)?)?)
    }

    /// The op that takes back what the revisions after `from` up to `to` did, and leaves what came later: it fits the
    /// newest document. What was changed again since then stays as it is now.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when one of the revisions does not exist.
    pub fn revert(&self, from: Revision, to: Revision) -> Result<T::Op, HistoryError> {
        let inverse = self.diff(from.max(to), from.min(to))?;
        let since = self.diff(from.max(to), self.revision())?;
        Ok(T::transform(&inverse, &since, Side::Right))
    }

    /// Squashes everything up to `revision` into one snapshot, which is the oldest revision from then on. Revisions
    /// keep their numbers. What stands on an older one is told so by [`HistoryError::Compacted`]; an
    /// [`UndoManager`](crate::undo::UndoManager) holds what it needs by itself and goes on as before.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn compact(&mut self, revision: Revision) -> Result<(), HistoryError> {
        let document = self.checkout(revision)?;
        let dropped = self.offset(revision);
        self.log.drop_first(dropped);
        self.stamps.drop_first(dropped);
        self.labels = self.labels.split_off(&revision);
        self.snapshots.begin_at(revision, document);
        self.oldest = revision;
        Ok(())
    }

    /// Who wrote what is in the newest document.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when the ops don't fit together, which those of [`History::push`] do.
    pub fn blame(&self) -> Result<T::Origins, HistoryError>
    where
        T: Blame,
    {
        self.blame_at(self.revision())
    }

    /// Who wrote what is in the document at `revision`. What was there in the oldest document has the oldest revision.
    ///
    /// # Errors
    ///
    /// Returns a [`HistoryError`] when there is no such revision.
    pub fn blame_at(&self, revision: Revision) -> Result<T::Origins, HistoryError>
    where
        T: Blame,
    {
        let ops = self.between(self.oldest, revision)?;
        let numbered = ops.scan(self.oldest, |revision, op| {
            *revision = revision.next();
            Some((*revision, op))
        });
        Ok(T::origins(self.oldest_document(), self.oldest, numbered)?)
    }

    /// The same stretches of a text by author: neighbours by the same one are joined.
    pub fn by_author(&self, spans: &[TextSpan]) -> Vec<AuthorSpan> {
        let mut authors: Vec<AuthorSpan> = Vec::new();
        for TextSpan { length, revision } in spans {
            let author = self.stamp(*revision).map(|stamp| stamp.author);
            match authors.last_mut() {
                Some(last) if last.author == author => last.length = last.length.saturating_add(*length),
                _ => authors.push(AuthorSpan { length: *length, author }),
            }
        }
        authors
    }

    fn between(&self, base: Revision, newest: Revision) -> Result<impl Iterator<Item = T::Op>, HistoryError> {
        self.check(base)?;
        self.check(newest)?;
        Ok((self.offset(base)..self.offset(newest)).map_while(|index| self.log.get(index)))
    }

    fn check(&self, revision: Revision) -> Result<(), HistoryError> {
        if revision < self.oldest {
            return Err(HistoryError::Compacted { revision, oldest: self.oldest });
        }
        let newest = self.revision();
        if revision > newest { Err(HistoryError::Future { revision, newest }) } else { Ok(()) }
    }

    /// Where the ops after `revision` begin in the log.
    fn offset(&self, revision: Revision) -> usize {
        usize::try_from(revision.0.saturating_sub(self.oldest.0)).unwrap_or(usize::MAX)
    }

    /// Where the op that made `revision` is in the log.
    fn index(&self, revision: Revision) -> Option<usize> {
        self.offset(revision).checked_sub(1)
    }
}

impl<T: OtType<Snapshot: Default>> Default for History<T> {
    /// The history of a document that is new and empty.
    fn default() -> Self {
        Self::new(T::Snapshot::default(), Revision::ZERO)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
