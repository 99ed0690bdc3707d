use std::collections::BTreeMap;

use crate::{OtType, Revision};

/// How many revisions lie between two snapshots at first.
const FIRST_INTERVAL: u64 = 8192;

/// How many snapshots are kept. With one more, every second one goes, and the next ones are twice as far apart.
const MOST: usize = 32;

/// Documents at some revisions, the oldest always among them.
#[derive(Clone, Debug)]
pub(super) struct Snapshots<T: OtType> {
    first: (Revision, T::Snapshot),
    later: BTreeMap<Revision, T::Snapshot>,
    interval: u64,
}

impl<T: OtType> Snapshots<T> {
    pub(super) fn new(document: T::Snapshot, revision: Revision) -> Self {
        Self { first: (revision, document), later: BTreeMap::new(), interval: FIRST_INTERVAL }
    }

    pub(super) fn oldest(&self) -> &T::Snapshot {
        &self.first.1
    }

    /// Keeps `document` if `revision` is one at which a snapshot is due.
    pub(super) fn offer(&mut self, revision: Revision, document: &T::Snapshot) {
        // The interval is a power of two, and a division for each revision costs as much as taking an op in.
        if revision.0 & self.interval.wrapping_sub(1) != 0 {
            return;
        }
        self.later.insert(revision, document.clone());
        if self.later.len() > MOST {
            self.interval = self.interval.saturating_mul(2);
            let interval = self.interval;
            self.later.retain(|revision, _| revision.0.is_multiple_of(interval));
        }
    }

    /// The newest snapshot at `revision` or before; the first one when that is later.
    pub(super) fn nearest(&self, revision: Revision) -> (Revision, &T::Snapshot) {
        match self.later.range(..=revision).next_back() {
            Some((at, document)) => (*at, document),
            None => (self.first.0, &self.first.1),
        }
    }

    /// Makes `document` at `revision` the first one and drops those before.
    pub(super) fn begin_at(&mut self, revision: Revision, document: T::Snapshot) {
        self.later = self.later.split_off(&revision.next());
        self.first = (revision, document);
    }
}
