//! The cells: labels and values, the input that takes the keyboard, and the people in them.

use coval_shared::model::{CellRef, ItemId};
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::keys::{Command, Key, Mode, command};
use super::movement::Position;
use super::selection::Sheet;
use crate::state::view::PersonView;

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
    column: usize,
    /// What the column is called.
    heading: String,
) -> impl IntoView {
    let cell = place.shown();
    let look = sheet.session.cell(&cell);
    let is_selected = is_selected(&place);
    let classes = {
        let look = look.clone();
        move || {
            look.with(|look| {
                let error = match (&look.error, look.is_error_inherited) {
                    (None, _) => "",
                    (Some(_), false) => " error",
                    (Some(_), true) => " error inherited",
                };
                let negative = if look.text.starts_with('(') { " negative" } else { "" };
                format!("value {class} is-{}{error}{negative}", look.kind_word())
            })
        }
    };
    let text = shown_text(sheet, place.clone(), {
        let look = look.clone();
        move || look.with(|look| look.text.clone())
    });
    let bits = {
        let look = look.clone();
        move || look.with(|look| look.bits.clone())
    };
    let error = {
        let look = look.clone();
        move || look.with(|look| look.error.clone())
    };
    let name = {
        let cell = cell.clone();
        Signal::derive(move || {
            let (text, kind, error) = look.with(|look| (look.text.clone(), look.kind_word(), look.error.clone()));
            let content = error.unwrap_or(text);
            format!("{}: {content}, {kind}", sheet.session.cell_words(&cell))
        })
    };
    let item = cell.item.0.clone();
    let period = cell.period.as_ref().map(|period| period.0.clone());
    let (mousedown, dblclick) = (on_mousedown(sheet, place.clone()), on_dblclick(sheet, place.clone()));
    view! {
        <td
            class=classes
            class:selected=is_selected
            role="gridcell"
            aria-colindex=column
            aria-readonly="false"
            aria-selected=move || if is_selected.get() { "true" } else { "false" }
            data-item=item
            data-period=period
            data-heading=heading
            data-bits=bits
            title=error
            on:mousedown=mousedown
            on:dblclick=dblclick
        >
            <span class="figure">{text}</span>
            <PeopleHere sheet cell/>
            <Show when=move || is_selected.get()>
                <CellInput sheet place=place.clone() name/>
            </Show>
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
    let label = {
        let words = words.clone();
        move || words.with(|words| words.label.clone())
    };
    let name = {
        let label = label.clone();
        Signal::derive(move || format!("label: {}", label()))
    };
    let title =
        move || {
            words.with(|words| {
                if words.note.is_empty() { words.name.clone() } else { format!("{} · {}", words.name, words.note) }
            })
        };
    let text = shown_text(sheet, place.clone(), label);
    let cell = place.shown();
    let id = item.0.clone();
    let (mousedown, dblclick) = (on_mousedown(sheet, place.clone()), on_dblclick(sheet, place.clone()));
    view! {
        <th
            class="label"
            class:selected=is_selected
            role="rowheader"
            scope="row"
            aria-colindex="1"
            aria-readonly="false"
            aria-selected=move || if is_selected.get() { "true" } else { "false" }
            data-label=id
            title=title
            on:mousedown=mousedown
            on:dblclick=dblclick
        >
            <span class="label-text">{text}</span>
            <PeopleAtLabel sheet item=item.clone() cell/>
            <Show when=move || is_selected.get()>
                <CellInput sheet place=place.clone() name/>
            </Show>
            <RowMenu sheet item/>
        </th>
    }
}

fn is_selected(place: &Position) -> Memo<bool> {
    let selector = expect_context::<Selector<Option<Position>>>();
    let key = Some(place.clone());
    Memo::new(move |_| selector.selected(&key))
}

/// What stands in the cell: while it is edited, what was typed so far.
fn shown_text(
    sheet: Sheet,
    place: Position,
    content: impl Fn() -> String + Send + Sync + 'static,
) -> impl Fn() -> String + Send + Sync + 'static {
    let is_selected = is_selected(&place);
    move || {
        // Only the selected cell listens to the keyboard.
        let draft = is_selected.get().then(|| {
            sheet.draft.with(|draft| draft.as_ref().filter(|draft| draft.at == place).map(|draft| draft.text.clone()))
        });
        draft.flatten().unwrap_or_else(&content)
    }
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
fn CellInput(sheet: Sheet, place: Position, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let is_editing = {
        let place = place.clone();
        Memo::new(move |_| sheet.draft.with(|draft| draft.as_ref().is_some_and(|draft| draft.at == place)))
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
            class="cell-input"
            class:editing=is_editing
            node_ref=input
            type="text"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            enterkeyhint="done"
            aria-label=move || name.get()
            data-keeps-draft=""
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
#[component]
fn PeopleHere(sheet: Sheet, cell: CellRef) -> impl IntoView {
    let people = sheet.session.people_at(&cell);
    move || people.with(|people| outlines(people))
}

/// The outlines of the others who are at a label: in a row with several values, those who are in none of them.
#[component]
fn PeopleAtLabel(sheet: Sheet, item: ItemId, cell: CellRef) -> impl IntoView {
    let people = sheet.session.people_at(&cell);
    let has_one_value = sheet.session.has_one_value(&item);
    move || (!has_one_value).then(|| people.with(|people| outlines(people)))
}

fn outlines(people: &[PersonView]) -> impl IntoView + use<> {
    people
        .iter()
        .map(|person| {
            view! {
                <span
                    class=format!("remote-cursor {}", person.colour)
                    data-testid="remote-cursor"
                    data-name=person.name.clone()
                    aria-hidden="true"
                ></span>
            }
        })
        .collect_view()
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
    view! {
        <span class="row-menu" class:asking=is_asking>
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
                aria-label=move || if is_asking.get() { "Remove this row? Once more to do so" } else { "Remove this row" }
                on:click=remove
                on:blur=move |_| is_asking.set(false)
                on:mouseleave=move |_| is_asking.set(false)
            ></button>
        </span>
    }
}
