use super::snapshots::Snapshots;
use super::stamps::Stamps;
use super::{History, Stamp};
use crate::codec::HistoryParts;
use crate::{OpError, OpErrorKind, OpLog, OtType};

/// A history as it is written and read: see [`encode_history`](crate::codec::encode_history).
impl<T: OtType> History<T> {
    /// Everything that the history consists of, for storage.
    pub fn to_parts(&self) -> HistoryParts<T> {
        let (authors, times_ms) = self.stamps.iter().map(|stamp| (stamp.author, stamp.time_ms)).unzip();
        HistoryParts {
            oldest: self.oldest,
            oldest_document: self.oldest_document().clone(),
            newest_document: self.newest.clone(),
            ops: self.log.clone(),
            authors,
            times_ms,
            labels: self.labels.clone(),
        }
    }

    /// The history that consists of `parts`. That its ops lead from the oldest document to the newest is taken for
    /// granted, so that opening a document does not read its history; [`History::is_consistent`] tries it.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when there is not one author and one time for each op, or a label names a revision that
    /// does not exist.
    pub fn from_parts(parts: HistoryParts<T>) -> Result<Self, OpError> {
        let HistoryParts { oldest, oldest_document, newest_document, ops, authors, times_ms, labels } = parts;
        let malformed = |place, hint| Err(OpError::new(OpErrorKind::Malformed, place, hint));
        if authors.len() != ops.len() || times_ms.len() != ops.len() {
            return malformed("the stamps", "an author and a time belong to each op");
        }
        let mut stamps = Stamps::default();
        for (author, time_ms) in authors.into_iter().zip(times_ms) {
            stamps.push(Stamp { author, time_ms });
        }
        let history = Self {
            oldest,
            newest: newest_document,
            log: ops,
            stamps,
            labels,
            snapshots: Snapshots::new(oldest_document, oldest),
        };
        let exists = |label| history.check(label).is_ok();
        if !history.labels.keys().all(|revision| exists(*revision)) {
            return malformed("the labels", "one names a revision that does not exist");
        }
        Ok(history)
    }

    /// Whether the ops lead from the oldest document to the newest. Applies all of them.
    pub fn is_consistent(&self) -> bool {
        self.replay(self.revision()).is_ok_and(|document| document == self.newest)
    }
}
