//! What the server was asked for, on its way into a panel.

use std::future::Future;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{Action, message};
use crate::connection::rest::RestError;
use crate::words;

/// An answer of the server.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Asked<T> {
    /// It is awaited.
    Waiting,
    /// There is none, for this reason.
    Failed(String),
    /// It is there.
    Here(T),
}

impl<T: Clone + Send + Sync + 'static> Asked<T> {
    /// Puts the answer to `request` into `signal`, which shows what it showed until then.
    pub(super) fn ask(signal: RwSignal<Self>, request: impl Future<Output = Result<T, RestError>> + 'static) {
        spawn_local(async move {
            let answer = match request.await {
                Ok(answer) => Self::Here(answer),
                Err(error) => Self::Failed(error.words()),
            };
            // Whoever asked may have closed the panel meanwhile.
            let _ = signal.try_set(answer);
        });
    }

    /// The answer, once it is there.
    pub(super) fn here(&self) -> Option<&T> {
        match self {
            Self::Here(answer) => Some(answer),
            Self::Waiting | Self::Failed(_) => None,
        }
    }
}

/// What is shown of an answer; until it is there, that it is awaited, or why there is none, with a way to ask `again`.
pub(super) fn shown<T>(asked: &Asked<T>, again: Option<Action>, view: impl FnOnce(&T) -> AnyView) -> AnyView {
    match asked {
        Asked::Here(answer) => view(answer),
        Asked::Waiting => message(words!(common.loading), None),
        Asked::Failed(reason) => failed(reason.clone(), again),
    }
}

fn failed(reason: String, again: Option<Action>) -> AnyView {
    let button = again.map(|again: Arc<_>| {
        view! { <button type="button" class="button" on:click=move |_| again()>{words!(common.try_again)}</button> }
            .into_any()
    });
    view! {
        <div class="panel-error" role="alert">
            <p>{reason}</p>
            {button}
        </div>
    }
    .into_any()
}
