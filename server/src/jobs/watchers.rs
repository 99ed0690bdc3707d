//! Nodes tell each other that they live, and take up what the others leave.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use coval_shared::protocol::JobId;

use super::Jobs;
use crate::store::{NOBODY, StoreError, Unfinished};

/// How often a node says that it lives.
const BEAT: Duration = Duration::from_secs(2);

/// After how long a node that says nothing has gone.
const GONE: Duration = Duration::from_secs(20);

/// How often a calculation is begun before it is given up.
const ATTEMPTS: u64 = 3;

/// What other nodes said last, and since when they say that. By this node's own clock: clocks of others may be wrong.
#[derive(Default)]
struct Seen(HashMap<JobId, (Unfinished, Instant)>);

impl Jobs {
    /// Looks after the calculations until the node ends: takes up what was left, and says that the node lives.
    pub(crate) async fn watch(self) {
        let mut seen = Seen::default();
        let mut is_first = true;
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.is_over() {
            beat.tick().await;
            let jobs = self.clone();
            let is_alone = is_first && self.0.limits.is_alone;
            let looked = self.0.runtime.spawn_blocking(move || {
                let looked = jobs.look(&mut seen, is_alone);
                (seen, looked)
            });
            let Ok((kept, looked)) = looked.await else { return };
            seen = kept;
            match looked {
                Ok(()) => is_first = false,
                Err(error) => tracing::warn!(%error, "calculations could not be looked after"),
            }
        }
    }

    fn look(&self, seen: &mut Seen, is_alone: bool) -> Result<(), StoreError> {
        let inner = &self.0;
        let unfinished = inner.store.unfinished_calculations()?;
        if unfinished.is_empty() {
            seen.0.clear();
            // What was stopped elsewhere while no hint came through.
            inner.queue.all_progress().into_iter().for_each(|(id, _)| self.stop_if_ended(id));
            return Ok(());
        }
        let (own, others): (Vec<_>, Vec<_>) = unfinished.into_iter().partition(|left| left.node == inner.node);
        let progress = inner.queue.all_progress();
        for (id, _) in &progress {
            if !own.iter().any(|left| left.id == *id) {
                self.stop_if_ended(*id);
            }
        }
        if !own.is_empty() {
            inner.store.beat(&inner.node, &progress)?;
        }
        // What a thread could not begin or store, since the database was away.
        for left in own.iter().filter(|left| !inner.queue.holds(left.id)) {
            self.take_up(left)?;
        }
        seen.0.retain(|id, _| others.iter().any(|left| left.id == *id));
        for left in others {
            let now = Instant::now();
            if left.node == NOBODY {
                self.take_up(&left)?;
                continue;
            }
            let (before, since) = seen.0.entry(left.id).or_insert_with(|| (left.clone(), now)).clone();
            if before != left {
                seen.0.insert(left.id, (left, now));
            } else if is_alone || now.saturating_duration_since(since) >= GONE {
                self.take_up(&left)?;
                seen.0.remove(&left.id);
            }
        }
        Ok(())
    }

    fn stop_if_ended(&self, id: JobId) {
        if self.0.store.calculation(id).is_ok_and(|stored| stored.finished_at_ms.is_some()) {
            self.stop(id);
        }
    }

    fn take_up(&self, left: &Unfinished) -> Result<(), StoreError> {
        // What a node that ends takes up stays where it is.
        if self.is_over() {
            return Ok(());
        }
        let Some(stored) = self.0.store.take_over_calculation(left, &self.0.node)? else { return Ok(()) };
        if stored.attempts >= ATTEMPTS {
            self.0.interrupted(stored.id);
        } else {
            tracing::info!(calculation = %stored.id, "a calculation is taken up that was left");
            self.enqueue(&stored);
        }
        Ok(())
    }
}
