//! What waits and what runs on this node, and the threads that do it.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use coval_shared::protocol::{DocumentId, JobId, UserId};

use super::Jobs;
use crate::store::StoredCalculation;

/// How much nicer than others the threads are: they get what edits and answers leave.
const NICENESS: i32 = 10;

#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<JobId>,
    /// What waits or runs here.
    live: HashMap<JobId, Arc<Live>>,
    /// The threads that take calculations.
    threads: usize,
    /// Those of them that have nothing to do.
    idle: usize,
    /// The threads that still calculate what was stopped, and take no more.
    abandoned: usize,
    is_over: bool,
}

/// A calculation that waits or runs here.
pub(super) struct Live {
    pub(super) id: JobId,
    pub(super) user: UserId,
    pub(super) document: DocumentId,
    /// Whether it is to stop.
    is_stopped: AtomicBool,
    /// Whether its thread has another one in its place.
    is_abandoned: AtomicBool,
    is_running: AtomicBool,
    /// In thousandths.
    progress: AtomicU64,
}

impl Live {
    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(super) fn set_progress(&self, thousandths: u64) {
        self.progress.store(thousandths, Ordering::Relaxed);
    }
}

impl Queue {
    pub(super) fn progress(&self, id: JobId) -> Option<u64> {
        self.state().live.get(&id).map(|live| live.progress.load(Ordering::Relaxed))
    }

    /// How far each calculation here is.
    pub(super) fn all_progress(&self) -> Vec<(JobId, u64)> {
        self.state().live.values().map(|live| (live.id, live.progress.load(Ordering::Relaxed))).collect()
    }

    pub(super) fn holds(&self, id: JobId) -> bool {
        self.state().live.contains_key(&id)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    /// Lets a thread do the calculation as soon as one is free.
    pub(super) fn enqueue(&self, stored: &StoredCalculation) {
        let live = Live {
            id: stored.id,
            user: stored.user,
            document: stored.document,
            is_stopped: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
            is_running: AtomicBool::new(false),
            progress: AtomicU64::new(0),
        };
        let mut state = self.0.queue.state();
        if state.is_over || state.live.contains_key(&stored.id) {
            return;
        }
        state.live.insert(stored.id, Arc::new(live));
        state.waiting.push_back(stored.id);
        if state.idle == 0 && state.threads < self.0.limits.threads {
            self.add_thread(&mut state);
        }
        drop(state);
        self.0.queue.wake.notify_one();
    }

    /// Tells the calculation to stop, if it is here. It does so at its next step; if that does not come soon, another
    /// thread takes the place of its own.
    pub(super) fn stop(&self, id: JobId) -> bool {
        let mut state = self.0.queue.state();
        let Some(live) = state.live.get(&id).cloned() else { return false };
        live.is_stopped.store(true, Ordering::Relaxed);
        if live.is_running.load(Ordering::Relaxed) {
            drop(state);
            let jobs = self.clone();
            self.0.runtime.spawn(async move {
                tokio::time::sleep(super::run::GRACE).await;
                jobs.abandon(id);
            });
        } else {
            state.live.remove(&id);
            state.waiting.retain(|waiting| *waiting != id);
        }
        true
    }

    /// Gives up on the thread of a calculation that does not stop.
    pub(super) fn abandon(&self, id: JobId) {
        let mut state = self.0.queue.state();
        if state.abandoned >= self.0.limits.threads {
            return;
        }
        if let Some(live) = state.live.remove(&id) {
            live.is_stopped.store(true, Ordering::Relaxed);
            live.is_abandoned.store(true, Ordering::Relaxed);
            state.abandoned += 1;
            state.threads = state.threads.saturating_sub(1);
            self.add_thread(&mut state);
        }
    }

    /// Lets nothing begin any more, tells what runs to stop, and leaves it all to whichever node looks next.
    pub(crate) async fn end(&self) {
        self.stop_all();
        let jobs = self.clone();
        match self.0.runtime.spawn_blocking(move || jobs.0.store.leave_calculations(&jobs.0.node)).await {
            Ok(Ok(left)) => tracing::debug!(left, "calculations are left to the next server"),
            // Then it shows after a while that nobody does them.
            Ok(Err(error)) => tracing::warn!(%error, "calculations can't be left to the next server at once"),
            Err(error) if error.is_cancelled() => tracing::debug!("the server has ended"),
            Err(error) => tracing::error!(%error, "a defect at the end of the calculations"),
        }
    }

    /// As a node does that has no time to leave anything to others.
    pub(super) fn stop_all(&self) {
        let mut state = self.0.queue.state();
        state.is_over = true;
        state.waiting.clear();
        for live in state.live.values() {
            live.is_stopped.store(true, Ordering::Relaxed);
        }
        drop(state);
        self.0.queue.wake.notify_all();
    }

    /// Whether the node ends.
    pub(super) fn is_over(&self) -> bool {
        self.0.queue.state().is_over
    }

    fn add_thread(&self, state: &mut State) {
        let jobs = self.clone();
        let spawned = std::thread::Builder::new().name("calculation".to_owned()).spawn(move || jobs.work());
        match spawned {
            Ok(_) => state.threads += 1,
            Err(error) => tracing::error!(%error, "no thread for calculations"),
        }
    }

    /// Does one calculation after the other.
    fn work(&self) {
        if let Err(error) = rustix::process::nice(NICENESS) {
            tracing::warn!(%error, "calculations run at the same priority as edits");
        }
        while let Some(live) = self.next() {
            self.run(&live);
            let mut state = self.0.queue.state();
            if live.is_abandoned.load(Ordering::Relaxed) {
                state.abandoned = state.abandoned.saturating_sub(1);
                return;
            }
            state.live.remove(&live.id);
        }
    }

    fn next(&self) -> Option<Arc<Live>> {
        let mut state = self.0.queue.state();
        loop {
            if state.is_over {
                state.threads = state.threads.saturating_sub(1);
                return None;
            }
            if let Some(id) = state.waiting.pop_front() {
                if let Some(live) = state.live.get(&id) {
                    live.is_running.store(true, Ordering::Relaxed);
                    return Some(live.clone());
                }
                continue;
            }
            state.idle += 1;
            state = self.0.queue.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle = state.idle.saturating_sub(1);
        }
    }
}
