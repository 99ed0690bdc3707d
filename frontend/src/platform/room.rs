//! How much room an element has on the page.

use js_sys::Array;
use leptos::prelude::{StoredValue, WithValue, on_cleanup};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Calls `action` when `element` is first laid out and whenever it gets more or less room, until whoever asks for it is
/// gone from the page.
pub fn on_resize(element: &Element, action: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn(Array)>::new(move |_| action());
    // A browser without them keeps what was measured first.
    let Ok(observer) = ResizeObserver::new(listener.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let observed = StoredValue::new_local((observer, listener));
    on_cleanup(move || observed.with_value(|(observer, _)| observer.disconnect()));
}

/// Whether `element` lies within the first `width` and `height` pixels of `room`.
#[must_use]
pub fn is_within(element: &Element, room: &Element, width: i32, height: i32) -> bool {
    let (inner, outer) = (element.get_bounding_client_rect(), room.get_bounding_client_rect());
    let is_across = inner.left() >= outer.left() && inner.right() <= outer.left() + f64::from(width);
    let is_down = inner.top() >= outer.top() && inner.bottom() <= outer.top() + f64::from(height);
    is_across && is_down
}
