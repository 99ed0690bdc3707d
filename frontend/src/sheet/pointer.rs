//! What the mouse and fingers do in the grid.

use std::time::Duration;

use coval_shared::model::{ItemId, PeriodId, SectionId};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::movement::{Column, Position};
use super::selection::{Drag, Finger, Menu, MenuOf, Sheet};
use crate::platform::clock;
use crate::state::watched::set_if_changed;

/// Ends what the mouse does in the grid wherever it is let go.
pub(super) fn follow_window(sheet: Sheet) {
    // The handle keeps its presses from becoming those of the mouse, so that a fill ends with the pointer alone.
    let filled = window_event_listener(ev::pointerup, move |event| {
        if matches!(sheet.drag.try_get_untracked().flatten(), Some(Drag::Fill(_))) {
            release(sheet, &event);
        }
    });
    let released = window_event_listener(ev::mouseup, move |event| release(sheet, &event));
    on_cleanup(move || {
        filled.remove();
        released.remove();
    });
}

/// A button of the mouse goes down in the grid.
pub(super) fn down(sheet: Sheet, event: &ev::MouseEvent) {
    let Some(place) = pressed(sheet, event) else {
        return;
    };
    // Otherwise the browser would take the keyboard away again from the input that is about to appear.
    event.prevent_default();
    press(sheet, event, &place);
}

/// The mouse is clicked twice in the grid.
pub(super) fn double_click(sheet: Sheet, event: &ev::MouseEvent) {
    let is_edited = sheet.draft.with_untracked(Option::is_some);
    if let Some(place) = pressed(sheet, event).filter(|_| !is_edited) {
        sheet.select(place);
        sheet.edit_in_place();
    }
}

/// The cell under the mouse, unless it is the one that is edited, or the mouse is over a button in it.
fn pressed(sheet: Sheet, event: &ev::MouseEvent) -> Option<Position> {
    let element = element_of(event)?;
    let near = |selector: &str| element.closest(selector).ok().flatten();
    let place = near("td[data-item], th[data-label]").as_ref().and_then(place_of)?;
    let is_edited = sheet.draft.with_untracked(|draft| draft.as_ref().is_some_and(|draft| draft.at == place));
    (!is_edited && near("button").is_none()).then_some(place)
}

/// A button of the mouse goes down on `place`.
fn press(sheet: Sheet, event: &ev::MouseEvent, place: &Position) {
    if event.button() != 0 {
        // A menu opens where the selection is; it goes there first if it is elsewhere.
        let is_inside = sheet.block.with_untracked(|block| block.as_ref().is_some_and(|block| block.contains(place)));
        if !is_inside {
            sheet.select(place.clone());
        }
        return;
    }
    if points_in_formula(sheet, place) {
        return;
    }
    if event.shift_key() {
        sheet.select_to(place.clone());
        sheet.drag.set(Some(Drag::Select));
        return;
    }
    sheet.select(place.clone());
    let drag = match place.column {
        Column::Label => Drag::Row { item: place.item.clone(), over: None },
        Column::Value | Column::Period(_) => Drag::Select,
    };
    sheet.drag.set(Some(drag));
}

/// While a formula waits for a name, a click on a cell writes that of its row, with how far away its period is. Returns
/// whether it did.
fn points_in_formula(sheet: Sheet, place: &Position) -> bool {
    let at = sheet.draft.with_untracked(|draft| draft.as_ref().map(|draft| draft.at.clone()));
    let Some(at) = at else { return false };
    let name = sheet.session.with_model(|model| model.item(&place.item).map(|item| item.name.clone())).flatten();
    let Some(name) = name else { return false };
    let index = |column: &Column| {
        sheet.layout.with_untracked(|layout| match column {
            Column::Period(id) => layout.periods.iter().position(|period| period.id == *id),
            Column::Label | Column::Value => None,
        })
    };
    let offset = match (index(&place.column), index(&at.column)) {
        (Some(there), Some(here)) if there < here => format!("[t-{}]", here.saturating_sub(there)),
        (Some(there), Some(here)) if there > here => format!("[t+{}]", there.saturating_sub(here)),
        _ => String::new(),
    };
    sheet.point_at(&format!("{name}{offset}"))
}

/// The mouse goes over something in the grid.
pub(super) fn over(sheet: Sheet, event: &ev::MouseEvent) {
    let pointed = element_of(event).and_then(|element| element.closest("th[data-label]").ok().flatten());
    let pointed = pointed.and_then(|label| label.get_attribute("data-label")).map(ItemId);
    set_if_changed(sheet.pointed, pointed);
    if sheet.drag.with_untracked(Option::is_none) {
        return;
    }
    // What moves under a mouse that stands still is told too, without its buttons.
    if event.buttons() & 1 == 0 {
        return;
    }
    if let Some(place) = element_of(event).as_ref().and_then(place_of) {
        drag_to(sheet, place);
    }
}

/// The handle at the corner of the selection: the mouse fills with it, a finger stretches the selection.
pub(super) fn handle(sheet: Sheet) -> AnyView {
    let press = move |event: ev::PointerEvent| {
        event.stop_propagation();
        if event.pointer_type() == "mouse" && sheet.may_edit() {
            sheet.drag.set(Some(Drag::Fill(None)));
        }
    };
    let follow = move |event: ev::PointerEvent| {
        if event.pointer_type() != "mouse" {
            finger_to(sheet, event.client_x(), event.client_y());
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

/// A finger on the handle of the selection moves to this point of the window.
fn finger_to(sheet: Sheet, x: i32, y: i32) {
    let under = document().element_from_point(num(x), num(y));
    if let Some(place) = under.as_ref().and_then(place_of) {
        sheet.select_to(place);
    }
}

/// What is dragged goes to `place`.
fn drag_to(sheet: Sheet, place: Position) {
    match sheet.drag.get_untracked() {
        Some(Drag::Select) => {
            let corner = sheet.extent.get_untracked().or_else(|| sheet.selected.get_untracked());
            if corner.as_ref() != Some(&place) {
                sheet.select_to(place);
            }
        }
        Some(Drag::Fill(before)) if before.as_ref() != Some(&place) => sheet.drag.set(Some(Drag::Fill(Some(place)))),
        Some(Drag::Row { item, over }) => {
            let now = (place.item != item).then_some(place.item);
            if over != now {
                sheet.drag.set(Some(Drag::Row { item, over: now }));
            }
        }
        Some(Drag::Fill(_)) | None => {}
    }
}

fn release(sheet: Sheet, event: &ev::MouseEvent) {
    if sheet.drag.try_get_untracked().flatten().is_none() {
        return;
    }
    // Where it is let go counts, even if the way there was not told.
    if let Some(place) = element_of(event).as_ref().and_then(place_of) {
        drag_to(sheet, place);
    }
    let Some(drag) = sheet.drag.try_get_untracked().flatten() else {
        return;
    };
    sheet.drag.set(None);
    match drag {
        Drag::Fill(Some(to)) => sheet.fill_to(&to),
        Drag::Row { item, over: Some(over) } => sheet.move_onto(&item, &over),
        Drag::Select | Drag::Fill(None) | Drag::Row { over: None, .. } => {}
    }
}

/// Opens the menu of what is under the mouse, in place of the browser's own.
pub(super) fn open_menu(sheet: Sheet, event: &ev::MouseEvent) {
    let Some(of) = element_of(event).as_ref().and_then(menu_of) else {
        return;
    };
    // While something is typed, the browser's own menu helps with it.
    if sheet.draft.with_untracked(Option::is_some) {
        return;
    }
    event.prevent_default();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    // A menu that the keyboard opens has no place of the mouse.
    if (x, y) == (0.0, 0.0) {
        return open_at_element(sheet, element_of(event).as_ref(), of);
    }
    sheet.menu.set(Some(Menu { of, x, y }));
}

/// How long a finger stays where it asks for the menu.
const LONG_PRESS: Duration = Duration::from_millis(550);

/// How far a finger moves that stays, in pixels.
const JITTER: u32 = 10;

/// A finger comes down in the grid: if it stays, it asks what can be done with what is under it. Browsers of some phones
/// say nothing of that.
pub(super) fn finger_down(sheet: Sheet, event: &ev::PointerEvent) {
    if event.pointer_type() != "touch" {
        return;
    }
    let (x, y) = (event.client_x(), event.client_y());
    sheet.finger.set_value(if event.is_primary() { Finger::Down(x, y) } else { Finger::Away });
    let Some(element) = element_of(event) else { return };
    clock::after(LONG_PRESS, move || {
        let stays = sheet.finger.try_get_value() == Some(Finger::Down(x, y));
        if !stays || sheet.menu.with_untracked(Option::is_some) || sheet.draft.with_untracked(Option::is_some) {
            return;
        }
        if let Some(place) = place_of(&element) {
            sheet.select(place);
        }
        if let Some(of) = menu_of(&element) {
            sheet.finger.set_value(Finger::HasAsked);
            sheet.menu.set(Some(Menu { of, x: f64::from(x), y: f64::from(y) }));
        }
    });
}

/// A finger moves in the grid.
pub(super) fn finger_moved(sheet: Sheet, event: &ev::PointerEvent) {
    if let Finger::Down(x, y) = sheet.finger.get_value()
        && event.client_x().abs_diff(x).max(event.client_y().abs_diff(y)) > JITTER
    {
        sheet.finger.set_value(Finger::Away);
    }
}

/// A finger leaves the grid. One that has asked for the menu chooses nothing of it by that.
pub(super) fn finger_up(sheet: Sheet, event: &ev::TouchEvent) {
    if sheet.finger.get_value() == Finger::HasAsked && event.cancelable() {
        event.prevent_default();
    }
    sheet.finger.set_value(Finger::Away);
}

/// The browser scrolls with the finger.
pub(super) fn finger_taken(sheet: Sheet) {
    if matches!(sheet.finger.get_value(), Finger::Down(..)) {
        sheet.finger.set_value(Finger::Away);
    }
}

/// Opens a menu below the button that was clicked.
pub fn open_below(sheet: Sheet, event: &ev::MouseEvent, of: MenuOf) {
    let button = event.current_target().and_then(|target| target.dyn_into().ok()).or_else(|| element_of(event));
    open_at_element(sheet, button.as_ref(), of);
}

/// Opens the menu of the row below the selected cell.
pub(super) fn open_at_key(sheet: Sheet, event: &ev::KeyboardEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(of) = target.as_ref().and_then(menu_of) {
        open_at_element(sheet, target.as_ref(), of);
    }
}

fn open_at_element(sheet: Sheet, element: Option<&Element>, of: MenuOf) {
    let (x, y) = element.map_or((8.0, 8.0), |element| {
        let rect = element.get_bounding_client_rect();
        (rect.left(), rect.bottom())
    });
    sheet.menu.set(Some(Menu { of, x, y }));
}

fn element_of(event: &ev::MouseEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The place that an element of the grid is or lies in.
fn place_of(element: &Element) -> Option<Position> {
    let near = |selector: &str| element.closest(selector).ok().flatten();
    if let Some(cell) = near("td[data-item]") {
        let item = ItemId(cell.get_attribute("data-item")?);
        let column = match cell.get_attribute("data-period") {
            Some(period) => Column::Period(PeriodId(period)),
            None => Column::Value,
        };
        return Some(Position { item, column });
    }
    let label = near("th[data-label]").or_else(|| near("tr")?.query_selector("th[data-label]").ok().flatten())?;
    Some(Position::label(ItemId(label.get_attribute("data-label")?)))
}

fn menu_of(element: &Element) -> Option<MenuOf> {
    let named = |selector: &str, attribute: &str| {
        element.closest(selector).ok().flatten().and_then(|found| found.get_attribute(attribute))
    };
    if let Some(period) = named("th[data-head]", "data-head") {
        return Some(MenuOf::Period(PeriodId(period)));
    }
    if let Some(section) = named("tr[data-section]", "data-section") {
        return Some(MenuOf::Section(SectionId(section)));
    }
    place_of(element).map(|place| MenuOf::Row(place.item))
}

fn num(pixels: i32) -> f32 {
    // Points of a window are far from where a float counts no longer.
    i16::try_from(pixels).map_or(0.0, f32::from)
}
