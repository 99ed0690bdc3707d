//! Who edits which document, noted in the record of its workspace now and then. The ops themselves say it exactly; this
//! is for people who want to see what goes on, and costs a commit nothing.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use coval_shared::protocol::{DocumentId, UserId};
use tokio::runtime::Handle;

use crate::store::{EDITED_EVERY_MS, Edited, Store};

/// How long entries are gathered before they are stored together.
const GATHERED: Duration = Duration::from_secs(1);

/// How many of those who edited last are kept in mind before the old ones are forgotten.
const MOST: usize = 10_000;

/// Notes edits, at most one in a quarter of an hour for each person and document.
#[derive(Clone)]
pub(super) struct Edits {
    store: Store,
    runtime: Handle,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    /// When the last entry was made.
    last: HashMap<(DocumentId, UserId), i64>,
    waiting: Vec<Edited>,
}

impl Edits {
    pub(super) fn new(store: Store, runtime: Handle) -> Self {
        Self { store, runtime, noted: Arc::default() }
    }

    /// Notes that `author` edited the document.
    pub(super) fn note(&self, document: DocumentId, author: UserId, now_ms: i64) {
        let noted = &mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at_ms: i64| (0..EDITED_EVERY_MS).contains(&now_ms.saturating_sub(at_ms));
        if noted.last.get(&(document, author)).is_some_and(|at_ms| is_fresh(*at_ms)) {
            return;
        }
        if noted.last.len() >= MOST {
            noted.last.retain(|_, at_ms| is_fresh(*at_ms));
        }
        if noted.last.len() < MOST {
            noted.last.insert((document, author), now_ms);
        }
        noted.waiting.push(Edited { document, author, at_ms: now_ms });
        if noted.waiting.len() == 1 {
            let edits = self.clone();
            self.runtime.spawn(async move {
                tokio::time::sleep(GATHERED).await;
                edits.store_waiting().await;
            });
        }
    }

    async fn store_waiting(self) {
        let waiting = mem::take(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner).waiting);
        let store = self.store;
        let stored = tokio::task::spawn_blocking(move || store.record_edits(&waiting)).await;
        if let Ok(Err(error)) = stored {
            tracing::warn!(%error, "who edited is missing in the activity");
        }
    }
}
