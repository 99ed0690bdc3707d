//! The page: its address, its title, and what happens to its window.

use leptos::ev;
use leptos::prelude::{
    StoredValue, WithValue, document, on_cleanup, window, window_event_listener, window_event_listener_untyped,
};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The address of the socket on the server that the page came from.
#[must_use]
pub fn socket_address() -> String {
    let location = window().location();
    let scheme = match location.protocol().as_deref() {
        Ok("https:") => "wss",
        _ => "ws",
    };
    let host = location.host().unwrap_or_default();
    format!("{scheme}://{host}/ws")
}

/// Whether the browser believes that it has a network.
#[must_use]
pub fn is_online() -> bool {
    window().navigator().on_line()
}

/// Loads the page anew, which forgets everything in memory.
pub fn reload() {
    // A browser that refuses leaves the page as it is.
    let _ = window().location().reload();
}

/// Goes to the first page and loads it anew, which forgets everything in memory.
pub fn begin_anew() {
    // A browser that refuses leaves the page as it is.
    let _ = window().location().assign("/");
}

/// Goes to the page at `path` and loads it anew. The way back does not lead to the page that is left.
pub fn go_instead(path: &str) {
    // A browser that refuses leaves the page as it is.
    let _ = window().location().replace(path);
}

/// What stands behind the `#` of the address.
#[must_use]
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// The whole address of `path` on the server that the page came from.
#[must_use]
pub fn absolute(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}

/// Gives `text` to the clipboard. Returns whether the browser took it.
pub async fn copy(text: &str) -> bool {
    // Where the page did not come over a safe connection there is no clipboard, whatever the type says.
    let navigator = window().navigator();
    let has_clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|found| found.is_object());
    has_clipboard && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Names the page in its tab.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Calls `action` with whether there is a network, whenever that changes.
pub fn on_network_change(action: impl Fn(bool) + Clone + 'static) {
    let online = action.clone();
    let _ = window_event_listener(ev::online, move |_| online(true));
    let _ = window_event_listener(ev::offline, move |_| action(false));
}

/// Calls `action` whenever something else is selected in the page, until whoever asks for it is gone from there.
pub fn on_selection_change(action: impl Fn() + 'static) {
    const EVENT: &str = "selectionchange";
    let listener = Closure::<dyn Fn()>::new(action);
    // Every document takes listeners.
    let _ = document().add_event_listener_with_callback(EVENT, listener.as_ref().unchecked_ref());
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        listener.with_value(|listener| {
            let _ = document().remove_event_listener_with_callback(EVENT, listener.as_ref().unchecked_ref());
        });
    });
}

/// Whether the window is as narrow as a phone.
#[must_use]
pub fn is_narrow() -> bool {
    window().match_media("(max-width: 720px)").ok().flatten().is_some_and(|query| query.matches())
}

/// Whether the page is in the background.
#[must_use]
pub fn is_hidden() -> bool {
    document().hidden()
}

/// Calls `action` whenever the page comes to the foreground.
pub fn on_shown(action: impl Fn() + 'static) {
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        if !document().hidden() {
            action();
        }
    });
}

/// Calls `action` with true when the page is left, and with false when it is shown again: a browser keeps pages that
/// were left for a while, as they were, for those who go back.
pub fn on_left(action: impl Fn(bool) + Clone + 'static) {
    let left = action.clone();
    let _ = window_event_listener_untyped("pagehide", move |_| left(true));
    let _ = window_event_listener_untyped("pageshow", move |_| action(false));
}

/// Asks the person before the page is left, whenever `is_unsaved` says so at that moment.
pub fn ask_before_leaving(is_unsaved: impl Fn() -> bool + 'static) {
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if is_unsaved() {
            event.prevent_default();
            // Older browsers ask only when there is a value.
            event.set_return_value("unsaved");
        }
    });
}
