//! The input over the selected cell: where keys, input methods and the clipboard arrive.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::keys::{Command, Key, Mode, command};
use super::movement::Position;
use super::pointer;
use super::selection::Sheet;
use super::suggestions::{LIST, list_states};
use crate::dynamic::text;
use crate::platform::focus;

/// Marks elements that may take the keyboard without ending an edit.
const KEEPS_DRAFT: &str = "data-keeps-draft";

/// How much a cell or a label takes, in UTF-16 units.
pub(super) const ENTRY_UNITS: &str = "4096";

/// The input that lies over the selected cell. It is there before anything is typed, so that the first key, an input
/// method or a paste reaches it as it reaches any other input.
#[component]
pub fn CellInput(
    /// The document with its selection.
    sheet: Sheet,
    /// The selected place.
    place: Position,
    /// What the input is called.
    name: Signal<String>,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let classes = {
        let place = place.clone();
        text(move || {
            let is_editing = sheet.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.at == place));
            if is_editing { "cell-input editing".to_owned() } else { "cell-input".to_owned() }
        })
    };
    // The keyboard comes here when the cell is selected and whenever the sheet says so.
    Effect::new(move || {
        sheet.focus.track();
        if let Some(input) = input.get() {
            take_keyboard(&input);
        }
    });
    // The input is written to only when it differs: writing moves the caret and disturbs input methods.
    Effect::new(move || {
        let text = sheet
            .draft
            .with(|draft| draft.as_ref().filter(|draft| draft.at == place).map(|draft| draft.text.clone()))
            .unwrap_or_default();
        if let Some(input) = input.get()
            && input.value() != text
        {
            input.set_value(&text);
            if sheet.is_suggestion() {
                input.select();
            }
        }
    });

    let on_input = move |event: ev::Event| {
        note_caret(sheet, &event);
        sheet.typed(event_target_value(&event), true);
    };
    let on_keydown = move |event: ev::KeyboardEvent| obey_key(sheet, &event);
    let (is_open, active) = list_states(sheet);
    let on_blur = move |event: ev::FocusEvent| {
        if leaves_the_edit(&event) {
            sheet.commit();
        }
    };
    view! {
        <input
            class=classes
            node_ref=input
            type="text"
            maxlength=ENTRY_UNITS
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            enterkeyhint="done"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded=is_open
            aria-controls=LIST
            aria-activedescendant=active
            aria-label=name
            data-keeps-draft=""
            readonly=Signal::derive(move || !sheet.session.may_edit.get())
            on:input=on_input
            on:keydown=on_keydown
            on:keyup=move |event: ev::KeyboardEvent| note_caret(sheet, &event)
            on:click=move |event: ev::MouseEvent| note_caret(sheet, &event)
            on:blur=on_blur
            on:copy=move |event: ev::ClipboardEvent| take_copy(sheet, &event)
            on:cut=move |event: ev::ClipboardEvent| take_cut(sheet, &event)
            on:paste=move |event: ev::ClipboardEvent| take_paste(sheet, &event)
        />
    }
}

/// Does in the grid what a key in a cell's input asks for.
fn obey_key(sheet: Sheet, event: &ev::KeyboardEvent) {
    // Keys that belong to an input method are not ours.
    if event.is_composing() {
        return;
    }
    if sheet.obey_in_list(event) {
        event.prevent_default();
        event.stop_propagation();
        return;
    }
    let mode = sheet.mode();
    let Some(command) = key_command(event, mode) else {
        return;
    };
    match command {
        Command::Leave => {
            event.prevent_default();
            return leave_to_grid(event);
        }
        Command::OpenMenu => {
            event.prevent_default();
            return pointer::open_at_key(sheet, event);
        }
        _ => {}
    }
    if sheet.obey(command) {
        event.prevent_default();
        event.stop_propagation();
    }
}

/// Takes note of where the caret stands in the input of `event`.
pub(super) fn note_caret(sheet: Sheet, event: &web_sys::Event) {
    if let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        sheet.caret_at(&input);
    }
}

/// What the key of `event` asks for.
pub(super) fn key_command(event: &ev::KeyboardEvent, mode: Mode) -> Option<Command> {
    let name = event.key();
    let key = Key {
        name: &name,
        shift: event.shift_key(),
        control: event.ctrl_key() || event.meta_key(),
        alt: event.alt_key(),
    };
    command(key, mode)
}

/// Whether the keyboard goes to another part of the page, where the edit does not go on. When the whole window loses
/// it, the edit stays as it is.
pub(super) fn leaves_the_edit(event: &ev::FocusEvent) -> bool {
    event
        .related_target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| !element.has_attribute(KEEPS_DRAFT))
}

fn leave_to_grid(event: &ev::KeyboardEvent) {
    let grid = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest("[role=grid]").ok().flatten())
        .and_then(|grid| grid.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(grid) = grid {
        // Without the keyboard the grid is no worse than before.
        let _ = grid.focus();
    }
}

fn take_keyboard(input: &web_sys::HtmlInputElement) {
    if input.focus().is_ok() {
        focus::bring_into_view(input);
    }
}

fn is_ready(sheet: Sheet) -> bool {
    sheet.mode() == Mode::Ready
}

fn take_copy(sheet: Sheet, event: &ev::ClipboardEvent) {
    if is_ready(sheet) {
        sheet.copy(event);
    }
}

fn take_cut(sheet: Sheet, event: &ev::ClipboardEvent) {
    if is_ready(sheet) {
        sheet.cut(event);
    }
}

fn take_paste(sheet: Sheet, event: &ev::ClipboardEvent) {
    if is_ready(sheet) && sheet.paste(event) {
        event.prevent_default();
    }
}
