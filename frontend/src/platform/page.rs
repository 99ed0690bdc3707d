//! The page: its address, its title, and what happens to its window.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::{
    StoredValue, WithValue, document, on_cleanup, request_animation_frame, window, window_event_listener,
    window_event_listener_untyped,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, KeyboardEvent};

use super::{clock, crash};

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

/// Goes to `path`, as a link would.
pub fn go(path: &str) {
    let Ok(history) = window().history() else {
        return;
    };
    if history.push_state_with_url(&JsValue::NULL, "", Some(path)).is_ok()
        && let Ok(event) = Event::new("popstate")
    {
        // Whoever follows the address listens to this.
        let _ = window().dispatch_event(&event);
    }
}

/// Whether the address asks for `name`, as in `/?name`. The address then forgets it, so that it is asked once.
#[must_use]
pub fn takes_wish(name: &str) -> bool {
    let location = window().location();
    let (Ok(search), Ok(path)) = (location.search(), location.pathname()) else {
        return false;
    };
    let is_wished = search.trim_start_matches('?').split('&').any(|wish| wish.split('=').next() == Some(name));
    if is_wished && let Ok(history) = window().history() {
        // Where it can't be forgotten, a reload asks again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    is_wished
}

/// Says in which language the page is (BCP 47).
pub fn set_language(tag: &str) {
    set_on_root("lang", Some(tag));
}

/// Gives the page a look of its own, or that of the system.
pub fn set_theme(theme: Option<&str>) {
    set_on_root("data-theme", theme);
}

fn set_on_root(name: &str, value: Option<&str>) {
    if let Some(root) = document().document_element() {
        // A root without the attribute keeps what the page came with.
        let _ = value.map_or_else(|| root.remove_attribute(name), |value| root.set_attribute(name, value));
    }
}

/// Opens the browser's dialog for printing, and comes back when that is closed.
pub fn print() {
    // A browser that can't print does nothing.
    let _ = window().print();
}

/// Calls `action` with every key that is pressed in the window, before anything else on the page hears of it.
pub fn on_key(action: impl Fn(&KeyboardEvent) + 'static) {
    let listener = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| action(&event));
    // Without listeners, the keys do what they do elsewhere.
    let _ = window().add_event_listener_with_callback_and_bool("keydown", listener.as_ref().unchecked_ref(), true);
    listener.forget();
}

/// Whether the keyboard has a Cmd key.
#[must_use]
pub fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}

/// Whether what has the keyboard takes in text.
#[must_use]
pub fn is_typing() -> bool {
    let Some(element) = document().active_element() else {
        return false;
    };
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.has_attribute("contenteditable")
}

/// How long a window that nobody sees lets things wait that it would else do with the next frame.
const UNSEEN: Duration = Duration::from_millis(250);

/// Calls `action` once, before the page is drawn the next time.
pub fn next_frame(action: impl FnOnce() + 'static) {
    if is_hidden() {
        clock::after(UNSEEN, action);
    } else {
        request_animation_frame(action);
    }
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

/// Says that somebody works with documents here: all of the app is kept on the device from now on.
pub fn announce_work() {
    let root = document().document_element();
    let is_known = root.as_ref().is_some_and(|root| root.has_attribute("data-works"));
    if let Some(root) = root.filter(|_| !is_known) {
        // A page that hears of it at its next visit is no worse off.
        let _ = root.set_attribute("data-works", "");
        let _ = Event::new("coval-works").map(|event| window().dispatch_event(&event));
    }
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
        if !crash::has_failed() && is_unsaved() {
            event.prevent_default();
            // Older browsers ask only when there is a value.
            event.set_return_value("unsaved");
        }
    });
}
