//! One calculation on one thread: from the stored revision to the stored result.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use coval_shared::protocol::{CalculationEnd, DocumentId, JobId, NotificationKind, ServerMessage, UserId};
use coval_shared::rest::{CalculationError, CalculationErrorCode, CalculationState};

use super::queue::Live;
use super::work::{Unfinished, Watch, calculate};
use super::{Inner, Jobs, shown};
use crate::metrics::{self, Outcome};
use crate::store::{CalculationOutcome, Notice, Notified, StoreError, StoredCalculation};

/// How long after it was told to stop a calculation keeps its thread.
pub(super) const GRACE: Duration = Duration::from_millis(100);

/// How far apart two messages about one calculation are at least.
const BETWEEN_MESSAGES: Duration = Duration::from_millis(100);

/// After how long people look away from a calculation, and are told that it is at its end.
const PATIENCE_MS: i64 = 10_000;

/// How many calculations of a document that ended are kept at most.
const KEPT: u64 = 100;

impl Jobs {
    /// Does the calculation, unless it was stopped meanwhile.
    pub(super) fn run(&self, live: &Live) {
        let inner = &self.0;
        let begun = inner.store.begin_calculation(live.id, &inner.node, (inner.clock)());
        match begun.and_then(|begun| if begun { inner.store.calculation(live.id).map(Some) } else { Ok(None) }) {
            Ok(Some(stored)) => self.run_begun(live, stored),
            Ok(None) => {}
            // It stays as it is in the database, and this node or another one takes it up.
            Err(error) => tracing::error!(calculation = %live.id, %error, "a calculation could not begin"),
        }
    }

    fn run_begun(&self, live: &Live, stored: StoredCalculation) {
        let inner = &self.0;
        // One step may take longer than the whole calculation may, and then nobody else looks at the clock.
        let (jobs, id, time) = (self.clone(), live.id, inner.limits.time);
        let alarm = inner.runtime.spawn(async move {
            tokio::time::sleep(time + GRACE).await;
            let ended = jobs.clone();
            let _ = jobs.0.runtime.spawn_blocking(move || ended.0.end(id, Err(too_long(time)))).await;
            jobs.abandon(id);
        });
        let watching = Watching {
            inner,
            live,
            until: Instant::now().checked_add(time),
            told: Cell::new(None),
            is_too_late: Cell::new(false),
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| inner.calculated(stored, &watching)));
        alarm.abort();
        let outcome = match outcome {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(Unfinished::Failed(error))) => Err(error),
            Ok(Err(Unfinished::Stopped)) if watching.is_too_late.get() => Err(too_long(time)),
            // Whoever stopped it has told of it; a node that ends leaves it to the next.
            Ok(Err(Unfinished::Stopped)) => return,
            Err(_) => {
                tracing::error!(calculation = %live.id, "a defect in a calculation");
                Err(internal())
            }
        };
        inner.end(live.id, outcome);
    }
}

impl Inner {
    fn calculated(&self, stored: StoredCalculation, watch: &impl Watch) -> Result<super::work::Outcome, Unfinished> {
        let failed = |error: StoreError| {
            tracing::error!(calculation = %stored.id, %error, "a calculation could not be done");
            Unfinished::Failed(internal())
        };
        let (title, document) = self.store.document_at(stored.document, stored.revision).map_err(failed)?;
        let progress = stored.progress;
        let calculation = shown(stored.clone(), progress).map_err(failed)?;
        calculate(&calculation.request, &document, &title, watch)
    }

    /// Stores what a calculation of this node came to and tells of it, unless it was stopped or has ended already.
    fn end(&self, id: JobId, outcome: Result<super::work::Outcome, CalculationError>) {
        let now_ms = (self.clock)();
        let (state, message, outcome) = match outcome {
            Ok(super::work::Outcome { json, file }) => {
                (CalculationState::Done, String::new(), CalculationOutcome::Done { result: json, file })
            }
            Err(error) => {
                let json = serde_json::to_string(&error).unwrap_or_default();
                (CalculationState::Failed, error.message, CalculationOutcome::Failed(json))
            }
        };
        let ended = self.store.finish_calculation(id, &self.node, outcome, now_ms).and_then(|has_ended| {
            if !has_ended {
                return Ok(());
            }
            let stored = self.store.calculation(id)?;
            self.tell_end(&id, stored.document, stored.user, state, message);
            self.remind(&stored, now_ms)?;
            self.store.keep_newest_calculations(stored.document, KEPT)
        });
        if let Err(error) = ended {
            tracing::error!(calculation = %id, %error, "the result of a calculation could not be stored");
        }
    }

    /// Notes for its person that a calculation is at its end, if that took long enough to look away.
    fn remind(&self, ended: &StoredCalculation, now_ms: i64) -> Result<(), StoreError> {
        if now_ms.saturating_sub(ended.created_at_ms) < PATIENCE_MS {
            return Ok(());
        }
        let workspace = self.store.workspace_of(ended.document)?;
        let (document, calculation) = (Some(ended.document), Some(ended.id));
        let notice = Notice { document, calculation, ..Notice::new(NotificationKind::CalculationFinished, workspace) };
        for Notified { user, notification } in self.store.notify(&notice, &BTreeSet::from([ended.user]), now_ms)? {
            (self.tell)(user, ServerMessage::Notification { notification });
        }
        Ok(())
    }

    pub(super) fn interrupted(&self, id: JobId) {
        let message = "the servers that did it went away; start it again".to_owned();
        self.end(id, Err(CalculationError { code: CalculationErrorCode::Interrupted, message }));
    }

    pub(super) fn tell_end(
        &self,
        id: &JobId,
        document: DocumentId,
        user: UserId,
        state: CalculationState,
        message: String,
    ) {
        let (end, outcome) = match state {
            CalculationState::Done => (CalculationEnd::Done, Outcome::Done),
            CalculationState::Cancelled => (CalculationEnd::Cancelled, Outcome::Cancelled),
            CalculationState::Failed | CalculationState::Waiting | CalculationState::Running => {
                (CalculationEnd::Failed, Outcome::Failed)
            }
        };
        metrics::calculated(outcome);
        (self.tell)(user, ServerMessage::CalculationFinished { document, calculation: *id, end, message });
    }
}

/// Looks after a calculation from within.
struct Watching<'a> {
    inner: &'a Inner,
    live: &'a Live,
    until: Option<Instant>,
    /// When its person was told last, and of which progress.
    told: Cell<Option<(Instant, u64)>>,
    is_too_late: Cell<bool>,
}

impl Watch for Watching<'_> {
    fn goes_on(&self, done: u64, of: u64) -> bool {
        if self.live.is_stopped() {
            return false;
        }
        let now = Instant::now();
        if self.until.is_some_and(|until| now >= until) {
            self.is_too_late.set(true);
            return false;
        }
        let thousandths = done.saturating_mul(1_000) / of.max(1);
        self.live.set_progress(thousandths);
        let is_due = self
            .told
            .get()
            .is_none_or(|(when, what)| what != thousandths && now.saturating_duration_since(when) >= BETWEEN_MESSAGES);
        if is_due {
            self.told.set(Some((now, thousandths)));
            let progress = f64::from(u16::try_from(thousandths.min(1_000)).unwrap_or(1_000)) / 1_000.0;
            let (document, calculation) = (self.live.document, self.live.id);
            (self.inner.tell)(self.live.user, ServerMessage::CalculationProgress { document, calculation, progress });
        }
        true
    }
}

fn too_long(time: Duration) -> CalculationError {
    let message = format!(
        "the calculation took longer than {} seconds; ask for fewer trials or values, or make the model smaller",
        time.as_secs()
    );
    CalculationError { code: CalculationErrorCode::TooLong, message }
}

fn internal() -> CalculationError {
    let message = "the calculation failed by a fault of the server; the log says why".to_owned();
    CalculationError { code: CalculationErrorCode::Internal, message }
}
