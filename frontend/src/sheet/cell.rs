//! The cells: labels and values, and the people in them.

use coval_shared::model::{CellRef, ItemId};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::input::CellInput;
use super::movement::{Column, Position};
use super::pointer;
use super::range::{self, Block};
use super::selection::{Drag, MenuOf, Sheet};
use crate::components::cell_marks;
use crate::dynamic::{Dynamic, attribute, dynamic, text, when};
use crate::state::view::{CellView, PersonView};
use crate::words;

/// What the cells are marked by, worked out once for all of them.
#[derive(Clone)]
pub struct Marks {
    selected: Selector<Option<Position>>,
    /// The last cell of the selection, which has the handle.
    corner: Selector<Option<Position>>,
    /// Where a fill would reach that is being dragged.
    filled: Memo<Option<Block>>,
}

impl Marks {
    /// The marks of `sheet`.
    pub fn of(sheet: Sheet) -> Self {
        let corner = move || {
            let Some(block) = sheet.block.get() else {
                return sheet.selected.get().filter(|place| place.column != Column::Label);
            };
            let (item, column) = (block.items.last()?.0.clone(), block.columns.last()?.clone());
            Some(Position { item, column })
        };
        let filled = move || {
            let to = sheet.drag.with(|drag| match drag {
                Some(Drag::Fill(to)) => to.clone(),
                _ => None,
            })?;
            let source = sheet.selection()?;
            sheet.layout.with(|layout| {
                let (first, last) = range::reach(layout, &source, &to)?;
                Block::between(layout, &first, &last)
            })
        };
        Self {
            selected: Selector::new(move || sheet.selected.get()),
            corner: Selector::new(corner),
            filled: Memo::new(move |_| filled()),
        }
    }
}

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
    let common = expect_context::<Marks>();
    let classes = text({
        let (look, place, cell, filled) = (look.clone(), place.clone(), cell.clone(), common.filled);
        move || {
            let is_in = |block: &Option<Block>| block.as_ref().is_some_and(|block| block.contains(&place));
            let selected = if is_selected.get() { " selected" } else { "" };
            let within = if sheet.block.with(is_in) { " within" } else { "" };
            let filling = if filled.with(is_in) { " filling" } else { "" };
            let traced = sheet.trace.with(|trace| trace.class(&cell));
            look.with(|look| format!("value {class} {}{selected}{within}{filling}{traced}", look_class(look)))
        }
    });
    let aria_selected = {
        let place = place.clone();
        let is_within = move |block: &Option<Block>| block.as_ref().is_some_and(|block| block.contains(&place));
        Signal::derive(move || is_selected.get() || sheet.block.with(&is_within))
    };
    let is_corner = {
        let (corner, key) = (common.corner, Some(place.clone()));
        Signal::derive(move || corner.selected(&key))
    };
    let handle = when(is_corner, move || handle(sheet));
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
            aria-selected=aria(aria_selected)
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
            {handle}
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
    let classes = text({
        let place = place.clone();
        move || {
            let selected = if is_selected.get() { " selected" } else { "" };
            let within = sheet.block.with(|block| block.as_ref().is_some_and(|block| block.contains(&place)));
            let within = if within { " within" } else { "" };
            let is_target =
                sheet.drag.with(|drag| matches!(drag, Some(Drag::Row { over: Some(over), .. }) if *over == place.item));
            let target = if is_target { " drop-target" } else { "" };
            format!("label{selected}{within}{target}")
        }
    });
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
            let name = text(move || words!(sheet.label_of, label = label.get()));
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
    let linked = if look.is_linked { " is-linked" } else { "" };
    let error = match (&look.error, look.is_error_inherited) {
        (None, _) => "",
        (Some(_), false) => " error",
        (Some(_), true) => " error inherited",
    };
    let negative = if look.text.starts_with('(') { " negative" } else { "" };
    let changed = if look.is_changed { " changed" } else { "" };
    format!("is-{}{linked}{error}{negative}{changed}", look.kind_word())
}

fn is_selected(place: &Position) -> Signal<bool> {
    let selector = expect_context::<Marks>().selected;
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
        pointer::press(sheet, &event, &place);
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

/// The handle at the corner of the selection: the mouse fills with it, a finger stretches the selection.
fn handle(sheet: Sheet) -> AnyView {
    let press = move |event: ev::PointerEvent| {
        event.stop_propagation();
        if event.pointer_type() == "mouse" && sheet.may_edit() {
            sheet.drag.set(Some(Drag::Fill(None)));
        }
    };
    let follow = move |event: ev::PointerEvent| {
        if event.pointer_type() != "mouse" {
            pointer::finger_to(sheet, event.client_x(), event.client_y());
        }
    };
    view! {
        <span
            class="fill-handle"
            aria-hidden="true"
            data-testid="fill-handle"
            on:pointerdown=press
            on:pointermove=follow
            on:mousedown=move |event: ev::MouseEvent| {
                event.prevent_default();
                event.stop_propagation();
            }
        ></span>
    }
    .into_any()
}

/// The buttons of a row: a new row below, and everything else that can be done with it.
#[component]
fn RowMenu(sheet: Sheet, item: ItemId) -> impl IntoView {
    let insert = {
        let item = item.clone();
        move |_| sheet.insert_below(&item)
    };
    let open = move |event: ev::MouseEvent| pointer::open_below(sheet, &event, MenuOf::Row(item.clone()));
    view! {
        <span class="row-menu">
            <button
                type="button"
                tabindex="-1"
                class="row-button insert"
                data-action="insert-row"
                title=words!(sheet.insert_below)
                aria-label=words!(sheet.insert_below)
                on:click=insert
            ></button>
            <button
                type="button"
                tabindex="-1"
                class="row-button opens-menu"
                data-action="open-row-menu"
                aria-haspopup="menu"
                title=words!(sheet.row_menu)
                aria-label=words!(sheet.row_menu)
                on:click=open
            ></button>
        </span>
    }
}
