//! What a restart of the server leaves, and the branch beside it.

use std::collections::BTreeMap;

use ot_core::history::{History, HistoryError, Stamp};
use ot_core::{Branch, ClientId, Committed, OtType, Revision, Sequence};

pub(super) struct Storage<T: OtType> {
    pub(super) history: History<T>,
    pub(super) branch: Option<Branch<T>>,
    /// What each client had committed last.
    pub(super) last: BTreeMap<ClientId, (Sequence, Revision)>,
    sequences: Vec<(Revision, Sequence)>,
    /// Every document there was.
    documents: Vec<T::Snapshot>,
}

impl<T: OtType> Storage<T> {
    pub(super) fn new(start: T::Snapshot) -> Self {
        Self {
            history: History::new(start.clone(), Revision::ZERO),
            branch: None,
            last: BTreeMap::new(),
            sequences: Vec::new(),
            documents: vec![start],
        }
    }

    pub(super) fn store(&mut self, committed: &Committed<T::Op>, now: u64) -> Result<(), String> {
        let Committed { revision, client, sequence, op } = committed;
        let stored = self.history.push(op, Stamp::new(*client, now)).map_err(|error| error.to_string())?;
        if stored != *revision {
            return Err(format!("revision {revision} is stored as {stored}"));
        }
        self.stored(*client, *sequence)
    }

    /// Takes note of the newest revision of the history.
    pub(super) fn stored(&mut self, client: ClientId, sequence: Sequence) -> Result<(), String> {
        let revision = self.history.revision();
        let (before, _) = self.last.insert(client, (sequence, revision)).unwrap_or_default();
        if sequence != before.next() {
            return Err(format!("submission {sequence} of client {client} follows its {before}"));
        }
        self.sequences.push((revision, sequence));
        self.documents.push(self.history.document().clone());
        Ok(())
    }

    /// The ops after `base` up to `newest`.
    pub(super) fn between(&self, base: Revision, newest: Revision) -> Result<Vec<Committed<T::Op>>, HistoryError> {
        let ops = self.history.since(base)?.zip(self.history.stamps_since(base)?);
        let first = usize::try_from(base.0).unwrap();
        let all = ops.zip(&self.sequences[first..]).map(|((op, stamp), (revision, sequence))| Committed {
            revision: *revision,
            client: stamp.author,
            sequence: *sequence,
            op,
        });
        Ok(all.take_while(|committed| committed.revision <= newest).collect())
    }

    /// Whether every revision that is kept is the document that there was.
    pub(super) fn check(&self) -> Result<(), String> {
        let (oldest, newest) = (self.history.oldest(), self.history.revision());
        for revision in oldest.0..=newest.0 {
            let document = self.history.checkout(Revision(revision)).map_err(|error| error.to_string())?;
            if document != self.documents[usize::try_from(revision).unwrap()] {
                return Err(format!("revision {revision} is checked out as {document:?}"));
            }
        }
        let mut document = self.history.oldest_document().clone();
        let all = self.history.diff(oldest, newest).map_err(|error| error.to_string())?;
        T::apply(&mut document, &all).map_err(|error| format!("the whole history as one op: {error}"))?;
        if document == *self.history.document() {
            Ok(())
        } else {
            Err(format!("the whole history as one op leads to {document:?}"))
        }
    }
}
