//! Calculations that take longer than an answer may: simulations, sensitivities, exports.
//!
//! They run on threads of their own, at a lower priority than everything else, on a stored revision. Each is a row in
//! the database, so that any node can tell how far it is, and another one does it again when the node that did it goes
//! away. A calculation can be stopped at any time; one that does not notice, because a single step of a hostile model
//! takes long, loses its place to another thread.

mod queue;
mod run;
mod watchers;
mod work;

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use coval_shared::limits::CALCULATIONS_PER_PERSON;
use coval_shared::protocol::{DocumentId, ErrorCode, JobId, ServerMessage, UserId};
use coval_shared::rest::{Calculation, CalculationRequest, CalculationState};
use ot_core::Revision;
use tokio::runtime::Handle;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::bus::Hint;
use crate::document::Clock;
use crate::error::Refusal;
use crate::store::{Queued, Store, StoreError, StoredCalculation};
use queue::Queue;

/// Tells all sockets of a person something.
pub(crate) type Tell = Box<dyn Fn(UserId, ServerMessage) + Send + Sync>;

/// Tells other nodes that a calculation was stopped.
pub(crate) type TellNodes = Box<dyn Fn(JobId) + Send + Sync>;

/// How many calculations there may be, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobLimits {
    /// How many run at once.
    pub(crate) threads: usize,
    /// For how long each may run.
    pub(crate) time: Duration,
    /// How many of a person may wait or run.
    pub(crate) per_person: u64,
    /// Whether no other server uses the same database.
    pub(crate) is_alone: bool,
}

impl Default for JobLimits {
    /// A core is left for edits, where there are several.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self {
            threads: cores.saturating_sub(1).max(1),
            time: Duration::from_secs(120),
            per_person: CALCULATIONS_PER_PERSON,
            is_alone: true,
        }
    }
}

/// The calculations of this node.
#[derive(Clone)]
pub(crate) struct Jobs(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    runtime: Handle,
    /// What this run of the server is called in the database.
    node: String,
    limits: JobLimits,
    tell: Tell,
    tell_nodes: TellNodes,
    queue: Queue,
}

impl Jobs {
    /// The calculations of `store`. Nothing runs before [`Jobs::watch`].
    pub(crate) fn new(
        store: Store,
        clock: Clock,
        runtime: Handle,
        limits: JobLimits,
        tell: Tell,
        tell_nodes: TellNodes,
    ) -> Self {
        let node = Uuid::now_v7().to_string();
        Self(Arc::new(Inner { store, clock, runtime, node, limits, tell, tell_nodes, queue: Queue::default() }))
    }

    /// Takes in a calculation of a revision of a document, the newest stored one if none is given. With an `id` that
    /// the same person gave before, it is that calculation.
    ///
    /// # Errors
    ///
    /// Refuses when the person has too many unfinished ones, another calculation has the id, or the parameters are out of
    /// their bounds.
    pub(crate) async fn start(
        &self,
        user: UserId,
        document: DocumentId,
        revision: Option<Revision>,
        id: Option<JobId>,
        request: CalculationRequest,
    ) -> Result<Calculation, Refusal> {
        check(&request)?;
        let id = id.unwrap_or_else(|| JobId(Uuid::now_v7()));
        let inner = self.0.clone();
        let taken = self.blocking(move |store| match inner.take_in(store, user, document, revision, id, &request) {
            Err(StoreError::Conflict) => Ok(None),
            other => other.map(Some),
        });
        let (queued, stored) = taken.await?.ok_or_else(|| {
            Refusal::new(ErrorCode::Conflict, "another calculation has this id already; draw another one")
        })?;
        match queued {
            Queued::Yes => self.enqueue(&stored),
            Queued::Already => {}
            Queued::TooMany => {
                let message =
                    format!("{} calculations of yours wait or run; let one end, or stop one", self.0.limits.per_person);
                return Err(Refusal::new(ErrorCode::LimitReached, message));
            }
        }
        self.shown(stored)
    }

    /// The calculation.
    ///
    /// # Errors
    ///
    /// Refuses when there is none.
    pub(crate) async fn calculation(&self, id: JobId) -> Result<Calculation, Refusal> {
        let stored = self.blocking(move |store| store.calculation(id)).await?;
        self.shown(stored)
    }

    /// The calculations of a document, the newest first: those before `before`, a time and an id.
    ///
    /// # Errors
    ///
    /// Refuses when they can't be read.
    pub(crate) async fn calculations(
        &self,
        document: DocumentId,
        before: Option<(i64, JobId)>,
        limit: u64,
    ) -> Result<Vec<Calculation>, Refusal> {
        let stored = self.blocking(move |store| store.calculations(document, before, limit)).await?;
        stored.into_iter().map(|stored| self.shown(stored)).collect()
    }

    /// Stops the calculation, on whichever node it is. Returns whether it was unfinished.
    ///
    /// # Errors
    ///
    /// Refuses when that can't be stored.
    pub(crate) async fn cancel(&self, id: JobId) -> Result<bool, Refusal> {
        // The thread hears of it before the database does.
        let was_here = self.stop(id);
        let now_ms = (self.0.clock)();
        let stored = self
            .blocking(move |store| {
                let was_unfinished = store.cancel_calculation(id, now_ms)?;
                was_unfinished.then(|| store.calculation(id)).transpose()
            })
            .await?;
        let Some(stored) = stored else { return Ok(false) };
        if !was_here {
            (self.0.tell_nodes)(id);
        }
        self.0.tell_end(&stored.id, stored.document, stored.user, CalculationState::Cancelled, String::new());
        Ok(true)
    }

    /// Stops what other nodes say was stopped, until the bus ends.
    pub(crate) async fn hear(self, mut hints: Receiver<Hint>) {
        loop {
            match hints.recv().await {
                Ok(Hint::Cancel { job }) => {
                    self.stop(job);
                }
                // What was lost is read from the database soon.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = self.0.store.clone();
        match self.0.runtime.spawn_blocking(move || work(&store)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Refusal::busy()),
        }
    }

    /// As people see it, with what is known here of its progress.
    fn shown(&self, stored: StoredCalculation) -> Result<Calculation, Refusal> {
        let live = self.0.queue.progress(stored.id).filter(|_| stored.finished_at_ms.is_none());
        let progress = live.unwrap_or(stored.progress);
        shown(stored, progress).map_err(Refusal::from)
    }
}

impl Inner {
    fn take_in(
        &self,
        store: &Store,
        user: UserId,
        document: DocumentId,
        revision: Option<Revision>,
        id: JobId,
        request: &CalculationRequest,
    ) -> Result<(Queued, StoredCalculation), StoreError> {
        let newest = store.revision(document)?;
        let (kind, parameters) = written(request)?;
        let new = StoredCalculation {
            id,
            document,
            revision: revision.unwrap_or(newest).min(newest),
            user,
            kind,
            parameters,
            state: CalculationState::Waiting,
            progress: 0,
            error: None,
            created_at_ms: (self.clock)(),
            started_at_ms: None,
            finished_at_ms: None,
            attempts: 0,
        };
        match store.queue_calculation(&new, &self.node, self.limits.per_person)? {
            Queued::Already => Ok((Queued::Already, store.calculation(id)?)),
            queued => Ok((queued, new)),
        }
    }
}

/// As people see it, with `progress` in thousandths.
fn shown(stored: StoredCalculation, progress: u64) -> Result<Calculation, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let parameters: serde_json::Value = serde_json::from_str(&stored.parameters).map_err(corrupt)?;
    let request = serde_json::json!({"kind": stored.kind, "parameters": parameters});
    let progress = u16::try_from(progress.min(1_000)).unwrap_or(1_000);
    Ok(Calculation {
        id: stored.id,
        document: stored.document,
        revision: stored.revision,
        user: stored.user,
        request: serde_json::from_value(request).map_err(corrupt)?,
        state: stored.state,
        progress: f64::from(progress) / 1_000.0,
        error: stored.error.as_deref().map(serde_json::from_str).transpose().map_err(corrupt)?,
        created_at_ms: stored.created_at_ms,
        started_at_ms: stored.started_at_ms,
        finished_at_ms: stored.finished_at_ms,
    })
}

/// The kind and the parameters as they are stored.
fn written(request: &CalculationRequest) -> Result<(String, String), StoreError> {
    let json = serde_json::to_value(request).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let kind = json.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let parameters = json.get("parameters").map(ToString::to_string).unwrap_or_default();
    Ok((kind, parameters))
}

/// Refuses what no model could be asked.
fn check(request: &CalculationRequest) -> Result<(), Refusal> {
    const OUTPUTS: usize = 100;
    const VALUES: usize = 200;
    let invalid = |field, message: String| Err(Refusal::invalid(field, message));
    let outputs = match request {
        CalculationRequest::MonteCarlo(parameters) => &parameters.outputs,
        CalculationRequest::Sensitivity(parameters) => {
            for axis in std::iter::once(&parameters.down).chain(&parameters.across) {
                if axis.values.is_empty() || axis.values.len() > VALUES {
                    return invalid(
                        "outputs",
                        format!("an input takes 1 to {VALUES} values, and {} has {}", axis.cell, axis.values.len()),
                    );
                }
            }
            &parameters.outputs
        }
        CalculationRequest::Tornado(_) | CalculationRequest::GoalSeek(_) | CalculationRequest::Export(_) => {
            return Ok(());
        }
    };
    if outputs.is_empty() || outputs.len() > OUTPUTS {
        return invalid(
            "outputs",
            format!("a calculation has 1 to {OUTPUTS} outputs, and {} are asked for", outputs.len()),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
