//! Who wrote what when, and how long it took to reach the others.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The account of one run. Everything happens on one thread.
pub struct Book {
    begun: Instant,
    /// For each writer and sequence, when the edits in it were made, in microseconds.
    made: RefCell<Vec<Vec<Vec<u64>>>>,
    window: Cell<(u64, u64)>,
    latencies: RefCell<Vec<u32>>,
    edits: Cell<u64>,
    /// Submissions and edits that reached somebody within the window.
    delivered: Cell<u64>,
    delivered_edits: Cell<u64>,
    bytes: Cell<u64>,
}

impl Book {
    /// An account for so many writers.
    pub fn new(writers: usize) -> Self {
        Self {
            begun: Instant::now(),
            made: RefCell::new(vec![vec![Vec::new()]; writers]),
            window: Cell::new((u64::MAX, u64::MAX)),
            latencies: RefCell::default(),
            edits: Cell::new(0),
            delivered: Cell::new(0),
            delivered_edits: Cell::new(0),
            bytes: Cell::new(0),
        }
    }

    /// Counts from now on, for so long.
    pub fn open(&self, time: Duration) {
        let now = self.now();
        self.window.set((now, now + time.as_micros() as u64));
    }

    /// Microseconds since the beginning.
    pub fn now(&self) -> u64 {
        self.begun.elapsed().as_micros() as u64
    }

    /// Whether edits are made at this moment.
    pub fn is_writing(&self) -> bool {
        self.now() < self.window.get().1
    }

    /// Notes when the edits in a submission were made.
    pub fn submitted(&self, writer: usize, sequence: u64, made: Vec<u64>) {
        let (from, to) = self.window.get();
        let within = made.iter().filter(|time| (from..to).contains(*time)).count() as u64;
        self.edits.set(self.edits.get() + within);
        let mut all = self.made.borrow_mut();
        let sequence = sequence as usize;
        if all[writer].len() <= sequence {
            all[writer].resize_with(sequence + 1, Vec::new);
        }
        all[writer][sequence] = made;
    }

    /// Notes that somebody else has a submission.
    pub fn reached(&self, writer: usize, sequence: u64) {
        let (from, to) = self.window.get();
        let now = self.now();
        let made = self.made.borrow();
        let Some(made) = made.get(writer).and_then(|made| made.get(sequence as usize)) else { return };
        let mut latencies = self.latencies.borrow_mut();
        latencies.extend(made.iter().filter(|time| (from..to).contains(*time)).map(|time| (now - time) as u32));
        self.count(now, made.len() as u64);
    }

    /// Notes that its author has the word that it is stored.
    pub fn acknowledged(&self, writer: usize, sequence: u64) {
        let edits = self.made.borrow().get(writer).and_then(|made| made.get(sequence as usize)).map_or(0, Vec::len);
        self.count(self.now(), edits as u64);
    }

    /// Notes what came over the wire.
    pub fn came(&self, bytes: u64) {
        let (from, to) = self.window.get();
        if (from..to).contains(&self.now()) {
            self.bytes.set(self.bytes.get() + bytes);
        }
    }

    fn count(&self, now: u64, edits: u64) {
        let (from, to) = self.window.get();
        if (from..to).contains(&now) {
            self.delivered.set(self.delivered.get() + 1);
            self.delivered_edits.set(self.delivered_edits.get() + edits);
        }
    }

    /// How many edits were made within the window, and sent.
    pub fn edits(&self) -> u64 {
        self.edits.get()
    }

    /// How often a submission reached somebody within the window, its author's acknowledgement among them.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// The same, each edit counted that went into a submission.
    pub fn delivered_edits(&self) -> u64 {
        self.delivered_edits.get()
    }

    /// What came over all wires within the window, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// How many times were taken so far.
    pub fn taken(&self) -> u64 {
        self.latencies.borrow().len() as u64
    }

    /// The times from edit to remote, sorted, in microseconds.
    pub fn latencies(&self) -> Vec<u32> {
        let mut latencies = self.latencies.take();
        latencies.sort_unstable();
        latencies
    }
}

/// A percentile of sorted times in microseconds, in milliseconds.
pub fn percentile(sorted: &[u32], percent: f64) -> f64 {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map_or(f64::NAN, |time| f64::from(*time) / 1_000.0)
}
