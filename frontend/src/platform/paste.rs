//! Pastes, as large as they may be: how much there is to paste is known before any of it is read, and whatever does not
//! fit into a field is left out with a word about it.

use std::time::Duration;

use js_sys::{Function, JsString, Reflect};
use leptos::ev;
use leptos::prelude::{document, window_event_listener};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DataTransfer, Element, HtmlInputElement, HtmlTextAreaElement};

use super::clock;

/// How much a field takes that does not say so itself, in UTF-16 units: as much as any text of a model.
const FIELD_UNITS: i32 = 4_096;

/// How long a word about a paste is shown.
const SHOWN: Duration = Duration::from_secs(8);

/// The length of what `data` holds of a kind, in UTF-16 units, without bringing it here.
#[must_use]
pub fn length(data: &DataTransfer, kind: &str) -> usize {
    let text = Reflect::get(data, &"getData".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|get| get.call1(data, &kind.into()))
        .and_then(JsCast::dyn_into::<JsString>);
    text.ok().and_then(|text| usize::try_from(text.length()).ok()).unwrap_or_default()
}

/// From now on, a field that a paste does not fit into takes its beginning, and the page says in the `words` for that
/// limit that the rest was left out.
pub fn explain_cuts(words: fn(usize) -> String) {
    let _ = window_event_listener(ev::paste, move |event| {
        if let Some((field, limit)) = cut(&event) {
            say(&field, &words(limit));
        }
    });
}

/// The field into which not all fits that is pasted, and how much it takes.
fn cut(event: &ClipboardEvent) -> Option<(Element, usize)> {
    if event.default_prevented() {
        return None;
    }
    let field: Element = event.target()?.dyn_into().ok()?;
    let (limit, free) = room_of(&field)?;
    (length(&event.clipboard_data()?, "text/plain") > free).then_some((field, limit))
}

/// How much a field takes, and how much more.
fn room_of(field: &Element) -> Option<(usize, usize)> {
    let (limit, held, selected) = if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
        if input.max_length() < 0 {
            input.set_max_length(FIELD_UNITS);
        }
        (input.max_length(), input.value(), between(input.selection_start(), input.selection_end()))
    } else {
        let area = field.dyn_ref::<HtmlTextAreaElement>()?;
        if area.max_length() < 0 {
            area.set_max_length(FIELD_UNITS);
        }
        (area.max_length(), area.value(), between(area.selection_start(), area.selection_end()))
    };
    let limit = usize::try_from(limit).ok()?;
    let held = held.encode_utf16().count().saturating_sub(selected);
    Some((limit, limit.saturating_sub(held)))
}

fn between(start: Result<Option<u32>, JsValue>, end: Result<Option<u32>, JsValue>) -> usize {
    let at = |at: Result<Option<u32>, JsValue>| at.ok().flatten().and_then(|at| usize::try_from(at).ok());
    at(end).unwrap_or(0).saturating_sub(at(start).unwrap_or(0))
}

/// Shows a word over everything, also over a dialog.
fn say(field: &Element, words: &str) {
    let Ok(said) = document().create_element("p") else { return };
    said.set_class_name("said-over");
    said.set_text_content(Some(words));
    for (name, value) in [("role", "alert"), ("popover", "manual"), ("data-testid", "said-over")] {
        // An element takes any attribute.
        let _ = said.set_attribute(name, value);
    }
    // What lies outside of an open dialog is not read to those who listen.
    let room = field.closest("dialog").ok().flatten().or_else(|| document().body().map(Into::into));
    let Some(room) = room else { return };
    if room.append_child(&said).is_err() {
        return;
    }
    // A browser that does not know popovers shows it where it stands.
    let _ = Reflect::get(&said, &"showPopover".into())
        .and_then(JsCast::dyn_into::<Function>)
        .and_then(|show| show.call0(&said));
    clock::after(SHOWN, move || said.remove());
}
