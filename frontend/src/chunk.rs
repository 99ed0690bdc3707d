//! Parts of the app whose code is loaded when they are first shown, so that a first visit stays small.
//!
//! The code that is reached only through a function marked with `wasm_split` becomes a chunk, a file of its own. Such a
//! function returns a [`Part`]; [`shown`] loads it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
pub use wasm_split_helpers::SplitLoaderError;

use crate::components::{Action, message};
use crate::dynamic::dynamic;
use crate::words;

/// Draws a part of the app, once its code is there.
pub type Part = Arc<dyn Fn() -> AnyView + Send + Sync>;

/// A part on its way.
pub type Arriving = Pin<Box<dyn Future<Output = Result<Part, SplitLoaderError>>>>;

/// The part that `load` brings, over the page. Until it is there, and when it can't be loaded, a line says so.
pub fn over(load: impl Fn() -> Arriving + Send + Sync + 'static) -> AnyView {
    let state = RwSignal::new(State::Loading);
    let arriving = load();
    spawn_local(async move {
        // Whoever asked for it may have closed it meanwhile.
        let _ = state.try_set(arriving.await.map_or(State::Failed, State::Here));
    });
    let line = |words: &'static str| view! { <p class="toast" role="status">{words}</p> }.into_any();
    dynamic(move || match state.get() {
        State::Here(part) => part(),
        State::Loading => line(words!(common.loading)),
        State::Failed => line(words!(common.part_failed)),
    })
    .into_any()
}

#[derive(Clone)]
enum State {
    Loading,
    Failed,
    Here(Part),
}

/// The part that `load` brings. Until then the page says that it is loaded, and how to go on when it can't be.
pub fn shown(load: impl Fn() -> Arriving + Send + Sync + 'static) -> AnyView {
    let state = RwSignal::new(State::Loading);
    let load = move || {
        state.set(State::Loading);
        let arriving = load();
        spawn_local(async move {
            let arrived = arriving.await.map_or(State::Failed, State::Here);
            // Whoever asked for it may have gone elsewhere meanwhile.
            let _ = state.try_set(arrived);
        });
    };
    load();
    let load: Action = Arc::new(load);
    dynamic(move || match state.get() {
        State::Here(part) => part(),
        State::Loading => message(words!(common.loading), None),
        State::Failed => message(words!(common.part_failed), Some(Arc::clone(&load))),
    })
    .into_any()
}
