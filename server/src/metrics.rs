//! What the server counts and measures, for Prometheus.
//!
//! Nothing is counted until `start`. Labels have few values, all known beforehand: no ids, names, paths or addresses.
//! `docs/OPERATIONS.md` lists the metrics.

mod page;

use std::sync::OnceLock;
use std::time::Duration;

use coval_shared::protocol::ErrorCode;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, exponential_buckets,
};

pub(crate) use page::{Page, listen};

static METRICS: OnceLock<Metrics> = OnceLock::new();

/// From a tenth of a millisecond to some seconds, in steps of two.
const SECONDS: (f64, f64, usize) = (0.000_1, 2.0, 17);

/// From one to some thousands, in steps of two.
const COUNTS: (f64, f64, usize) = (1.0, 2.0, 13);

struct Metrics {
    registry: Registry,
    connections: IntGauge,
    ops: IntCounter,
    commit_seconds: Histogram,
    commit_ops: Histogram,
    commit_failures: IntCounterVec,
    batch_commands: Histogram,
    ack_seconds: Histogram,
    outbox_bytes: Histogram,
    clients_behind: IntCounter,
    refusals: IntCounterVec,
    requests: HistogramVec,
    sign_ins: IntCounterVec,
    calculations: IntCounterVec,
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let metrics = Self {
            connections: IntGauge::new("coval_connections", "Sockets that are open.")?,
            ops: IntCounter::new("coval_ops_total", "Ops that were committed.")?,
            commit_seconds: histogram("coval_commit_seconds", "How long transactions with ops took.", SECONDS)?,
            commit_ops: histogram("coval_commit_ops", "How many ops shared a transaction.", COUNTS)?,
            commit_failures: counters("coval_commit_failures_total", "Transactions with ops that failed.", "reason")?,
            batch_commands: histogram("coval_batch_commands", "How many commands a document took at once.", COUNTS)?,
            ack_seconds: histogram(
                "coval_ack_seconds",
                "From the moment that a document takes an edit to its acknowledgement.",
                SECONDS,
            )?,
            outbox_bytes: histogram(
                "coval_outbox_bytes",
                "What waited for a client when it was sent more.",
                (64.0, 4.0, 10),
            )?,
            clients_behind: IntCounter::new(
                "coval_clients_behind_total",
                "Clients that were too slow and had to resume.",
            )?,
            refusals: counters("coval_refusals_total", "What was refused, by code.", "code")?,
            requests: HistogramVec::new(
                HistogramOpts::new("coval_request_seconds", "How long HTTP requests took.").buckets(buckets(SECONDS)?),
                &["method", "status"],
            )?,
            sign_ins: counters("coval_sign_ins_total", "Attempts to sign in.", "outcome")?,
            calculations: counters("coval_calculations_total", "Calculations that ended.", "outcome")?,
            registry,
        };
        metrics.registered()
    }

    fn registered(self) -> prometheus::Result<Self> {
        let Self { registry, .. } = &self;
        registry.register(Box::new(self.connections.clone()))?;
        registry.register(Box::new(self.ops.clone()))?;
        registry.register(Box::new(self.commit_seconds.clone()))?;
        registry.register(Box::new(self.commit_ops.clone()))?;
        registry.register(Box::new(self.commit_failures.clone()))?;
        registry.register(Box::new(self.batch_commands.clone()))?;
        registry.register(Box::new(self.ack_seconds.clone()))?;
        registry.register(Box::new(self.outbox_bytes.clone()))?;
        registry.register(Box::new(self.clients_behind.clone()))?;
        registry.register(Box::new(self.refusals.clone()))?;
        registry.register(Box::new(self.requests.clone()))?;
        registry.register(Box::new(self.sign_ins.clone()))?;
        registry.register(Box::new(self.calculations.clone()))?;
        Ok(self)
    }
}

fn buckets((first, factor, count): (f64, f64, usize)) -> prometheus::Result<Vec<f64>> {
    exponential_buckets(first, factor, count)
}

fn histogram(name: &str, help: &str, range: (f64, f64, usize)) -> prometheus::Result<Histogram> {
    Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets(range)?))
}

fn counters(name: &str, help: &str, label: &str) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(Opts::new(name, help), &[label])
}

/// Counts from now on.
///
/// # Errors
///
/// Returns an error when two metrics have one name.
pub(crate) fn start() -> prometheus::Result<()> {
    if METRICS.get().is_none() {
        // Somebody else's may be there meanwhile, in tests.
        let _ = METRICS.set(Metrics::new()?);
    }
    Ok(())
}

/// An open socket; it counts until this is dropped.
#[derive(Debug)]
pub struct Connection(());

/// Counts a socket as open.
pub fn connection() -> Connection {
    if let Some(metrics) = METRICS.get() {
        metrics.connections.inc();
    }
    Connection(())
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(metrics) = METRICS.get() {
            metrics.connections.dec();
        }
    }
}

/// A transaction stored `ops` ops.
pub fn committed(ops: usize, took: Duration) {
    if let Some(metrics) = METRICS.get() {
        metrics.ops.inc_by(u64::try_from(ops).unwrap_or(u64::MAX));
        metrics.commit_ops.observe(number(ops));
        metrics.commit_seconds.observe(took.as_secs_f64());
    }
}

/// A transaction with ops failed: the database was away, or another node was faster.
pub fn commit_failed(is_conflict: bool) {
    if let Some(metrics) = METRICS.get() {
        metrics.commit_failures.with_label_values(&[if is_conflict { "conflict" } else { "unavailable" }]).inc();
    }
}

/// A document took `commands` commands at once.
pub fn batch(commands: usize) {
    if let Some(metrics) = METRICS.get() {
        metrics.batch_commands.observe(number(commands));
    }
}

/// An edit was acknowledged so long after its document took it.
pub fn acknowledged(after: Duration) {
    if let Some(metrics) = METRICS.get() {
        metrics.ack_seconds.observe(after.as_secs_f64());
    }
}

/// A client had so many bytes waiting when more was added.
pub fn outbox(bytes: usize) {
    if let Some(metrics) = METRICS.get() {
        metrics.outbox_bytes.observe(number(bytes));
    }
}

/// A client was too slow and was let go, to come back and resume.
pub fn behind() {
    if let Some(metrics) = METRICS.get() {
        metrics.clients_behind.inc();
    }
}

/// Something was refused.
pub fn refused(code: ErrorCode) {
    if let Some(metrics) = METRICS.get() {
        // Its name in the protocol.
        let code = serde_json::to_value(code).unwrap_or_default();
        metrics.refusals.with_label_values(&[code.as_str().unwrap_or_default()]).inc();
    }
}

/// A request was answered.
pub fn answered(method: &str, status: u16, took: Duration) {
    if let Some(metrics) = METRICS.get() {
        // Anybody may make up a method.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| *known == method).unwrap_or("other");
        let status = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        metrics.requests.with_label_values(&[method, status]).observe(took.as_secs_f64());
    }
}

/// Somebody tried to sign in.
pub fn signed_in(is_accepted: bool) {
    if let Some(metrics) = METRICS.get() {
        metrics.sign_ins.with_label_values(&[if is_accepted { "accepted" } else { "refused" }]).inc();
    }
}

/// How a calculation ended.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It has a result.
    Done,
    /// It has an error.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

/// A calculation ended.
pub fn calculated(outcome: Outcome) {
    if let Some(metrics) = METRICS.get() {
        let outcome = match outcome {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        };
        metrics.calculations.with_label_values(&[outcome]).inc();
    }
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
