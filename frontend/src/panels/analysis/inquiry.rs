//! What is asked of the worker, and what came of it, as signals.

use leptos::prelude::*;

use super::inputs;
use crate::components::Action;
use crate::dynamic::dynamic;
use crate::state::DocumentSession;
use crate::words;
use crate::work::desk::News;
use crate::work::{Asked, Failure, Found, Task, ask};

/// What an analysis came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome<T> {
    /// It has not begun or is not done.
    Nothing,
    /// It can't be made, for this reason.
    Failed(Failure),
    /// This.
    Here(T),
}

/// One analysis, as it is asked for again and again. The newest counts, and none when it is gone from the page.
pub(super) struct Inquiry<T: Send + Sync + 'static> {
    pub(super) result: RwSignal<Outcome<T>>,
    /// The share that is done, while it is under way.
    pub(super) progress: RwSignal<Option<f64>>,
    asked: StoredValue<Option<Asked>>,
    take: fn(Found) -> Option<T>,
}

impl<T: Send + Sync + 'static> Clone for Inquiry<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Inquiry<T> {}

impl<T: Clone + Send + Sync + 'static> Inquiry<T> {
    /// Nothing is asked for yet. `take` takes what was found, if it is what was asked for.
    pub(super) fn new(take: fn(Found) -> Option<T>) -> Self {
        Self {
            result: RwSignal::new(Outcome::Nothing),
            progress: RwSignal::new(None),
            asked: StoredValue::new(None),
            take,
        }
    }

    /// Asks for `task` about the model of `session` as the page shows it, in place of what was asked for before.
    pub(super) fn ask(self, session: DocumentSession, task: Result<Task, String>) {
        self.cancel();
        let job = match task.map(|task| inputs::job(session, task)) {
            Err(reason) => return self.result.set(Outcome::Failed(Failure::Refused(reason))),
            Ok(None) => return self.result.set(Outcome::Nothing),
            Ok(Some(job)) => job,
        };
        self.progress.set(Some(0.0));
        let asked = ask(job, move |news| {
            let (outcome, progress) = match news {
                News::Under(share, found) => (found.and_then(self.take).map(Outcome::Here), Some(share)),
                News::Done(found) => {
                    let outcome = (self.take)(found).map_or(Outcome::Failed(Failure::NotUnderstood), Outcome::Here);
                    (Some(outcome), None)
                }
                News::Failed(failure) => (Some(Outcome::Failed(failure)), None),
            };
            // The panel may have been closed meanwhile.
            let _ = outcome.map(|outcome| self.result.try_set(outcome));
            let _ = self.progress.try_set(progress);
        });
        self.asked.set_value(Some(asked));
    }

    /// Gives up what is under way. What is known of it stays.
    pub(super) fn cancel(self) {
        self.asked.set_value(None);
        self.progress.set(None);
    }

    /// What came of it, and a way to ask `again` where that may help.
    pub(super) fn shown(self, again: Action, shown: impl Fn(&T) -> AnyView + Send + 'static) -> AnyView {
        dynamic(move || {
            self.result.with(|outcome| match outcome {
                Outcome::Nothing => ().into_any(),
                Outcome::Failed(failure) => failed(failure, again.clone()),
                Outcome::Here(found) => shown(found),
            })
        })
        .into_any()
    }
}

fn failed(failure: &Failure, again: Action) -> AnyView {
    let button = failure.may_pass().then(|| {
        view! {
            <button type="button" class="button" data-action="calculate-again" on:click=move |_| again()>
                {words!(common.try_again)}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="panel-error" role="alert" data-testid="analysis-failed">
            <p>{failure.words()}</p>
            {button}
        </div>
    }
    .into_any()
}
