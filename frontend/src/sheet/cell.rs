//! The cells: labels and values, the input that takes the keyboard, and the people in them.

use coval_shared::model::{CellRef, ItemId};
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::keys::{Command, Key, Mode, command};
use super::movement::Position;
use super::selection::Sheet;
use crate::components::cell_marks;
use crate::dynamic::{Dynamic, attribute, dynamic, text, when};
use crate::state::view::{CellView, PersonView};

/// Marks elements that may take the keyboard without ending an edit.
const KEEPS_DRAFT: &str = "data-keeps-draft";

/// The cell of a value.
#[component]
pub fn ValueCell(
    /// The document with its selection.
    sheet: Sheet,
    /// The place of the cell.
    place: Position,
    /// The class of its column.
    class: &'static str,
    /// The number of its column, from 1.
    column: String,
) -> impl IntoView {
    let cell = place.shown();
    let look = sheet.session.cell(&cell);
    let is_selected = is_selected(&place);
    let classes = text({
        let look = look.clone();
        move || {
            let selected = if is_selected.get() { " selected" } else { "" };
            look.with(|look| format!("value {class} {}{selected}", look_class(look)))
        }
    });
    let shown = shown_text(sheet, place.clone(), is_selected, {
        let look = look.clone();
        move || look.with(|look| look.text.clone())
    });
    let bits = attribute({
        let look = look.clone();
        move || look.with(|look| look.bits.clone())
    });
    let error = attribute({
        let look = look.clone();
        move || look.with(|look| look.error.clone())
    });
    let people = people(sheet, &cell);
    let marks = cell_marks(&cell);
    let input = {
        let (cell, place) = (cell.clone(), place.clone());
        when(is_selected, move || {
            let (cell, look) = (cell.clone(), look.clone());
            let name = text(move || {
                let look = look.get();
                let content = look.error.clone().unwrap_or_else(|| look.text.clone());
                format!("{}: {content}, {}", sheet.session.cell_words(&cell), look.kind_word())
            });
            view! { <CellInput sheet place=place.clone() name/> }.into_any()
        })
    };
    let item = cell.item.0;
    let period = cell.period.map(|period| period.0);
    let (mousedown, dblclick) = (on_mousedown(sheet, place.clone()), on_dblclick(sheet, place));
    view! {
        <td
            class=classes
            role="gridcell"
            aria-colindex=column
            aria-readonly="false"
            aria-selected=aria(is_selected)
            data-item=item
            data-period=period
            data-bits=bits
            title=error
            on:mousedown=mousedown
            on:dblclick=dblclick
        >
            <span class="figure">{shown}</span>
            {marks}
            {people}
            {input}
        </td>
    }
}

/// The cell of a row's label.
#[component]
pub fn LabelCell(
    /// The document with its selection.
    sheet: Sheet,
    /// The row.
    item: ItemId,
) -> impl IntoView {
    let place = Position::label(item.clone());
    let words = sheet.session.item(&item);
    let is_selected = is_selected(&place);
    let classes = text(move || if is_selected.get() { "label selected".to_owned() } else { "label".to_owned() });
    let label = text({
        let words = words.clone();
        move || words.with(|words| words.label.clone())
    });
    let title =
        text(move || {
            words.with(|words| {
                if words.note.is_empty() { words.name.clone() } else { format!("{} · {}", words.name, words.note) }
            })
        });
    let shown = shown_text(sheet, place.clone(), is_selected, move || label.get());
    // In a row with one value, whoever is in the row is shown at the value.
    let has_row = !sheet.session.has_one_value(&item);
    let people = has_row.then(|| people(sheet, &place.shown()));
    let marks = has_row.then(|| cell_marks(&place.shown()));
    let input = {
        let place = place.clone();
        when(is_selected, move || {
            let name = text(move || format!("label: {}", label.get()));
            view! { <CellInput sheet place=place.clone() name/> }.into_any()
        })
    };
    let id = item.0.clone();
    let menu = when(sheet.session.may_edit.into(), move || view! { <RowMenu sheet item=item.clone()/> }.into_any());
    let (mousedown, dblclick) = (on_mousedown(sheet, place.clone()), on_dblclick(sheet, place));
    view! {
        <th
            class=classes
            role="rowheader"
            scope="row"
            aria-colindex="1"
            aria-readonly="false"
            aria-selected=aria(is_selected)
            data-label=id
            title=title
            on:mousedown=mousedown
            on:dblclick=dblclick
        >
            <span class="label-text">{shown}</span>
            {marks}
            {people}
            {input}
            {menu}
        </th>
    }
}

fn look_class(look: &CellView) -> String {
    let error = match (&look.error, look.is_error_inherited) {
        (None, _) => "",
        (Some(_), false) => " error",
        (Some(_), true) => " error inherited",
    };
    let negative = if look.text.starts_with('(') { " negative" } else { "" };
    let changed = if look.is_changed { " changed" } else { "" };
    format!("is-{}{error}{negative}{changed}", look.kind_word())
}

fn is_selected(place: &Position) -> Signal<bool> {
    let selector = expect_context::<Selector<Option<Position>>>();
    let key = Some(place.clone());
    Signal::derive(move || selector.selected(&key))
}

fn aria(is_true: Signal<bool>) -> Signal<String> {
    text(move || is_true.get().to_string())
}

/// What stands in the cell: while it is edited, what was typed so far.
fn shown_text(
    sheet: Sheet,
    place: Position,
    is_selected: Signal<bool>,
    content: impl Fn() -> String + Send + Sync + 'static,
) -> Signal<String> {
    text(move || {
        // Only the selected cell listens to the keyboard.
        let draft = is_selected.get().then(|| {
            sheet.draft.with(|draft| draft.as_ref().filter(|draft| draft.at == place).map(|draft| draft.text.clone()))
        });
        draft.flatten().unwrap_or_else(&content)
    })
}

fn on_mousedown(sheet: Sheet, place: Position) -> impl Fn(ev::MouseEvent) {
    move |event| {
        let is_edited = sheet.draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.at == place));
        let is_button = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| matches!(element.closest("button"), Ok(Some(_))));
        if is_edited || is_button {
            return;
        }
        // Otherwise the browser would take the keyboard away again from the input that is about to appear.
        event.prevent_default();
        sheet.select(place.clone());
    }
}

fn on_dblclick(sheet: Sheet, place: Position) -> impl Fn(ev::MouseEvent) {
    move |_| {
        let is_edited = sheet.draft.with_untracked(Option::is_some);
        if !is_edited {
            sheet.select(place.clone());
            sheet.edit_in_place();
        }
    }
}

/// The input that lies over the selected cell. It is there before anything is typed, so that the first key, an input
/// method or a paste reaches it as it reaches any other input.
#[component]
fn CellInput(sheet: Sheet, place: Position, name: Signal<String>) -> impl IntoView {
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

    let on_input = move |event: ev::Event| sheet.typed(event_target_value(&event), true);
    let on_keydown = move |event: ev::KeyboardEvent| obey_key(sheet, &event);
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
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            enterkeyhint="done"
            aria-label=name
            data-keeps-draft=""
            readonly=Signal::derive(move || !sheet.session.may_edit.get())
            on:input=on_input
            on:keydown=on_keydown
            on:blur=on_blur
        />
    }
}

/// Does in the grid what a key in a cell's input asks for.
fn obey_key(sheet: Sheet, event: &ev::KeyboardEvent) {
    // Keys that belong to an input method are not ours.
    if event.is_composing() {
        return;
    }
    let mode = sheet.mode();
    let Some(command) = key_command(event, mode) else {
        return;
    };
    if command == Command::Leave {
        event.prevent_default();
        leave_to_grid(event);
        return;
    }
    if sheet.obey(command) {
        event.prevent_default();
        event.stop_propagation();
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
    if input.focus().is_err() {
        return;
    }
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
    input.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The outlines of the others who are in a cell.
fn people(sheet: Sheet, cell: &CellRef) -> Dynamic {
    let people = sheet.session.people_at(cell);
    dynamic(move || people.with(|people| people.iter().map(outline).collect::<Vec<_>>().into_any()))
}

fn outline(person: &PersonView) -> AnyView {
    view! {
        <span
            class=format!("remote-cursor {}{}", person.colour, if person.is_typing { " typing" } else { "" })
            data-testid="remote-cursor"
            data-name=person.name.clone()
            aria-hidden="true"
        ></span>
    }
    .into_any()
}

/// What can be done with a row. Removing asks once more, in place.
#[component]
fn RowMenu(sheet: Sheet, item: ItemId) -> impl IntoView {
    let is_asking = RwSignal::new(false);
    let insert = {
        let item = item.clone();
        move |_| sheet.insert_below(&item)
    };
    let remove = move |_| {
        if is_asking.get_untracked() {
            sheet.session.remove(&item);
        } else {
            is_asking.set(true);
        }
    };
    let pick = move |asking: &'static str, quiet: &'static str| {
        text(move || if is_asking.get() { asking.to_owned() } else { quiet.to_owned() })
    };
    let classes = pick("row-menu asking", "row-menu");
    let remove_label = pick("Remove this row? Once more to do so", "Remove this row");
    view! {
        <span class=classes>
            <button
                type="button"
                tabindex="-1"
                class="row-button"
                data-action="insert-row"
                title="Insert a row below (Ctrl+Enter)"
                aria-label="Insert a row below"
                on:click=insert
            ></button>
            <button
                type="button"
                tabindex="-1"
                class="row-button"
                data-action="remove-row"
                title="Remove this row"
                aria-label=remove_label
                on:click=remove
                on:blur=move |_| is_asking.set(false)
                on:mouseleave=move |_| is_asking.set(false)
            ></button>
        </span>
    }
}
