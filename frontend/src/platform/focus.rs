//! Where the keyboard goes.

use std::cell::RefCell;

use leptos::prelude::{document, queue_microtask};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, FocusOptions, HtmlBodyElement, HtmlElement};

thread_local! {
    /// What had the keyboard before each menu and dialog that is open, the outermost first.
    static BEFORE: RefCell<Vec<Option<HtmlElement>>> = const { RefCell::new(Vec::new()) };
}

/// Remembers what has the keyboard, for [`come_back`].
pub fn leave() {
    let active = document().active_element().and_then(|element| element.dyn_into().ok());
    BEFORE.with_borrow_mut(|before| before.push(active));
}

/// Gives the keyboard back to what had it when [`leave`] was called last, if that is still on the page.
pub fn come_back() {
    let before = BEFORE.with_borrow_mut(Vec::pop).flatten();
    if let Some(element) = before.filter(|element| element.is_connected()) {
        // What can't take the keyboard any more leaves it where it is.
        let _ = element.focus();
    }
}

/// Gives the keyboard to the first element that fits a CSS selector.
pub fn give_to(selector: &str) {
    if let Some(element) = all(selector).first() {
        // As in `come_back`.
        let _ = element.focus();
    }
}

/// Moves the keyboard among the elements that fit a CSS selector, by so many places and around the ends.
pub fn step(selector: &str, by: isize) {
    let all = all(selector);
    let active = document().active_element();
    let at = all.iter().position(|element| active.as_ref().is_some_and(|active| element.is_same_node(Some(active))));
    let (Ok(count), Ok(at)) = (isize::try_from(all.len()), isize::try_from(at.unwrap_or(0))) else {
        return;
    };
    if count == 0 {
        return;
    }
    let next = usize::try_from((at + by).rem_euclid(count)).unwrap_or(0);
    if let Some(element) = all.get(next) {
        // As in `come_back`.
        let _ = element.focus();
    }
}

/// Whether keys that are pressed in `target` write there.
#[must_use]
pub fn takes_text(target: &EventTarget) -> bool {
    let fields = "input, textarea, select, [contenteditable=true]";
    target.dyn_ref::<Element>().is_some_and(|element| element.matches(fields).unwrap_or(false))
}

/// Gives the keyboard back to what has it inside of `room`, if that is moved about the page in what follows: an element
/// that is moved loses it.
pub fn keep_within(room: &Element) {
    let active = document().active_element().filter(|active| room.contains(Some(active)));
    let Some(active) = active.and_then(|active| active.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    queue_microtask(move || {
        let is_nowhere = document().active_element().is_none_or(|now| now.has_type::<HtmlBodyElement>());
        if is_nowhere && active.is_connected() {
            let options = FocusOptions::new();
            // What is in sight stays as it is: the page may be scrolled away from it.
            options.set_prevent_scroll(true);
            // As in `come_back`.
            let _ = active.focus_with_options(&options);
        }
    });
}

/// Whether what an event happened to is this very element, and nothing inside of it.
#[must_use]
pub fn is_same(target: &EventTarget, element: &HtmlElement) -> bool {
    target == element.unchecked_ref::<EventTarget>()
}

/// Brings the first element that fits a CSS selector into view.
pub fn show(selector: &str) {
    if let Some(element) = all(selector).first() {
        bring_into_view(element);
    }
}

/// Brings `element` into view, by as little as that takes.
pub fn bring_into_view(element: &Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

fn all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}
