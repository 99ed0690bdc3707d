//! Values that flow from one document into another.
//!
//! Whenever a document changes, whatever is linked to it is brought up to date by ordinary ops, which the server writes
//! under a name of its own. A document that is loaded asks for what it may have missed. Tasks of documents don't wait
//! for each other: one worker at a time asks the source, and tells the document what it said. The links of documents
//! form no circle, since the database refuses the one that would close it, so whatever begins here ends.

use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use coval_shared::protocol::DocumentId;
use futures_util::FutureExt;
use tokio::sync::oneshot;

use super::{Command, Documents, Values};
use crate::store::StoreError;

/// How long work rests that the database could not do.
const BREATHER: Duration = Duration::from_secs(1);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Work {
    /// The document has changed: those that take values from it get them.
    Push(DocumentId),
    /// The document takes other values than before, or was away: it gets them all.
    Pull(DocumentId),
}

/// What waits to be done, each once.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    order: VecDeque<Work>,
    waiting: HashSet<Work>,
    is_worked_on: bool,
}

impl Waiting {
    /// Adds `work`. Returns whether somebody must begin.
    fn add(&self, work: Work) -> bool {
        let queue = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.waiting.insert(work) {
            queue.order.push_back(work);
        }
        !std::mem::replace(&mut queue.is_worked_on, true)
    }

    /// The next work; when there is none, whoever asks must end.
    fn next(&self) -> Option<Work> {
        let queue = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let work = queue.order.pop_front();
        match &work {
            Some(work) => queue.waiting.remove(work),
            None => std::mem::take(&mut queue.is_worked_on),
        };
        work
    }
}

impl Documents {
    /// Has `work` done soon.
    pub(super) fn soon(&self, work: Work) {
        if !self.waiting.add(work) {
            return;
        }
        let documents = self.clone();
        self.runtime.spawn(async move {
            while let Some(work) = documents.waiting.next() {
                match AssertUnwindSafe(documents.work(work)).catch_unwind().await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(?work, %error, "linked values could not be written; they are tried again");
                        tokio::time::sleep(BREATHER).await;
                        documents.waiting.add(work);
                    }
                    Err(_) => tracing::error!(?work, "a defect in the work at linked values"),
                }
            }
        });
    }

    /// Does `work`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it is to be done once more.
    async fn work(&self, work: Work) -> Result<(), StoreError> {
        match work {
            Work::Push(source) => {
                let store = self.store.clone();
                let dependents = tokio::task::spawn_blocking(move || store.dependents(source)).await;
                let dependents = dependents.map_err(|error| StoreError::Unavailable(error.to_string()))??;
                for dependent in dependents {
                    self.bring(dependent, Some(source)).await?;
                }
                Ok(())
            }
            Work::Pull(dependent) => self.bring(dependent, None).await,
        }
    }

    /// Brings the values of `source`, or of all sources, to the document.
    async fn bring(&self, dependent: DocumentId, source: Option<DocumentId>) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(dependent, Command::Links { reply }).await;
        let links = match answered(answer.await) {
            Ok(links) => links,
            Err(error @ (StoreError::Unavailable(_) | StoreError::Conflict)) => return Err(error),
            Err(_) => return Ok(()),
        };
        let (store, sources) = (self.store.clone(), links.keys().copied().collect());
        let foreign = tokio::task::spawn_blocking(move || store.foreign_sources(dependent, &sources)).await;
        let foreign = foreign.map_err(|error| StoreError::Unavailable(error.to_string()))??;
        for (from, items) in links.into_iter().filter(|(from, _)| source.is_none_or(|source| source == *from)) {
            let problem = |problem: &str| items.iter().map(|item| (item.clone(), Err(problem.to_owned()))).collect();
            let answer = if foreign.contains(&from) {
                // What belongs to others answers as what is not there.
                Err(StoreError::NotFound)
            } else {
                let (reply, answer) = oneshot::channel();
                self.send(from, Command::Values { items: items.clone(), reply }).await;
                answered(answer.await)
            };
            let values: Values = match answer {
                Ok(values) => values,
                Err(StoreError::NotFound) => problem("the model that it comes from is not there"),
                Err(StoreError::Corrupt(_)) => problem("the model that it comes from can't be read"),
                Err(StoreError::LimitReached(_)) => problem("the model that it comes from takes too long to calculate"),
                Err(error) => return Err(error),
            };
            let (reply, answer) = oneshot::channel();
            self.send(dependent, Command::TakeValues { source: from, values, reply }).await;
            if let Err(error @ (StoreError::Unavailable(_) | StoreError::Conflict)) = answered(answer.await) {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// What a document said; one that is loaded again says nothing.
fn answered<T>(answer: Result<Result<T, StoreError>, oneshot::error::RecvError>) -> Result<T, StoreError> {
    answer.unwrap_or_else(|_| Err(StoreError::Unavailable("the document is being reloaded".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_waits_is_done_once_and_in_order_by_one_worker() {
        let work = |number| Work::Push(DocumentId(Uuid::from_u128(number)));
        let waiting = Waiting::default();
        assert!(waiting.add(work(1)));
        assert!(!waiting.add(work(2)));
        assert!(!waiting.add(work(1)));
        assert_eq!((waiting.next(), waiting.next(), waiting.next()), (Some(work(1)), Some(work(2)), None));
        assert!(waiting.add(work(1)), "whoever found nothing has ended");
    }
}
