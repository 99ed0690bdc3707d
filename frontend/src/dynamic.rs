//! Parts of a view that change.
//!
//! Leptos compiles its machinery once for each type of closure in a view, some kilobytes each time. These functions
//! give all of them the same few types, which keeps the app small to download.

use std::sync::Arc;

use leptos::prelude::*;

use crate::state::watched::set_if_changed;

/// A view that is drawn again when what it reads changes.
pub type Dynamic = Box<dyn FnMut() -> AnyView + Send>;

/// Text that changes.
pub fn text(content: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(content)
}

/// An attribute that changes and is not always there.
pub fn attribute(value: impl Fn() -> Option<String> + Send + Sync + 'static) -> Signal<Option<String>> {
    Signal::derive(value)
}

/// A view that changes.
pub fn dynamic(view: impl Fn() -> AnyView + Send + 'static) -> Dynamic {
    Box::new(view)
}

/// A view that is there while `condition` holds.
pub fn when(condition: Signal<bool>, view: impl Fn() -> AnyView + Send + 'static) -> Dynamic {
    // A condition that is worked out anew with the same outcome leaves the view as it is.
    let condition = Memo::new(move |_| condition.get());
    dynamic(move || if condition.get() { view() } else { ().into_any() })
}

/// What `value` gives, told only when it has become something else. Those who follow a memo are all asked to look at it
/// whenever something under it changes, which takes its time where they are the rows of a large grid.
pub fn settled<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + 'static) -> RwSignal<T> {
    let settled = RwSignal::new(untrack(&value));
    Effect::new(move || set_if_changed(settled, value()));
    settled
}

/// A view for each key, which stays as it is as long as its key is there.
pub fn each(keys: Signal<Vec<String>>, view: impl Fn(String) -> AnyView + Send + Sync + 'static) -> AnyView {
    each_of(keys, Arc::new(view))
}

/// Apart from [`each`], since whatever stands in a generic function is compiled for each use.
fn each_of(keys: Signal<Vec<String>>, view: Arc<dyn Fn(String) -> AnyView + Send + Sync>) -> AnyView {
    view! { <For each=move || keys.get() key=String::clone children=move |key| view(key)/> }.into_any()
}
