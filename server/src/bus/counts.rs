//! What the bus did, in numbers.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// How the bus is, and what it did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusCounts {
    /// Whether hints of other nodes arrive.
    pub is_connected: bool,
    /// Hints that were sent.
    pub sent: u64,
    /// Hints that arrived.
    pub received: u64,
    /// Hints that were not sent: there was no room for them, or they were too large.
    pub dropped: u64,
    /// How often it turned out that hints of others were lost.
    pub gaps: u64,
}

/// The same, being counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    is_connected: AtomicBool,
    sent: AtomicU64,
    received: AtomicU64,
    dropped: AtomicU64,
    gaps: AtomicU64,
    /// Whether a hint was dropped since somebody last asked.
    is_missing: AtomicBool,
}

impl Counts {
    pub(super) fn connected(&self, is_connected: bool) {
        self.is_connected.store(is_connected, Relaxed);
    }

    pub(super) fn sent(&self, hints: usize) {
        self.sent.fetch_add(u64::try_from(hints).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    pub(super) fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// Counts a hint for which there was no room.
    pub(super) fn overflowed(&self) {
        self.dropped();
        self.is_missing.store(true, Relaxed);
    }

    /// Whether there was no room for a hint since this was last asked.
    pub(super) fn take_missing(&self) -> bool {
        self.is_missing.swap(false, Relaxed)
    }

    pub(super) fn gap(&self) {
        self.gaps.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> BusCounts {
        BusCounts {
            is_connected: self.is_connected.load(Relaxed),
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            gaps: self.gaps.load(Relaxed),
        }
    }
}
