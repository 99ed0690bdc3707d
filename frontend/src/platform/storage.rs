//! What the browser remembers from visit to visit.

use leptos::prelude::window_event_listener_untyped;

const SIGNED_IN: &str = "coval.signed-in";

/// Whether somebody signed in here and did not sign out. No secret: only that it is worth asking.
#[must_use]
pub fn is_signed_in() -> bool {
    // Where nothing can be remembered, it is always worth asking.
    local_storage().is_none_or(|storage| matches!(storage.get_item(SIGNED_IN), Ok(Some(_))))
}

/// Remembers that somebody signed in, or that they signed out. The other windows hear of it.
pub fn remember_signed_in(is_signed_in: bool) {
    if let Some(storage) = local_storage() {
        // Private windows may refuse: then the person signs in again at the next visit.
        let _ = if is_signed_in { storage.set_item(SIGNED_IN, "yes") } else { storage.remove_item(SIGNED_IN) };
    }
}

/// Calls `action` whenever another window of this browser has changed what is remembered.
pub fn on_change(action: impl Fn() + 'static) {
    let _ = window_event_listener_untyped("storage", move |_| action());
}

/// What was remembered under `name`.
#[must_use]
pub fn remembered(name: &str) -> Option<String> {
    local_storage()?.get_item(name).ok().flatten()
}

/// Remembers `value` under `name`, or forgets it.
pub fn remember(name: &str, value: Option<&str>) {
    if let Some(storage) = local_storage() {
        // Private windows may refuse: then it holds for this visit.
        let _ = value.map_or_else(|| storage.remove_item(name), |value| storage.set_item(name, value));
    }
}

/// The language that the browser asks for first (BCP 47).
#[must_use]
pub fn browser_language() -> Option<String> {
    web_sys::window()?.navigator().language()
}

fn local_storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
