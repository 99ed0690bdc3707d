//! The list of names under the input in which a formula is typed, and what its function takes.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::selection::Sheet;
use super::suggest::{self, Help, Offer};
use crate::dynamic::{attribute, dynamic};
use crate::state::watched::set_if_changed;
use crate::words;

/// What the list is known by, for the inputs that it belongs to.
pub(super) const LIST: &str = "formula-offers";

impl Sheet {
    /// Takes note of where the caret stands, in UTF-16 units.
    pub(super) fn caret_at(&self, input: &web_sys::HtmlInputElement) {
        let caret = input.selection_end().ok().flatten().unwrap_or_default();
        let caret = usize::try_from(caret).unwrap_or_default();
        set_if_changed(self.caret, caret);
    }

    /// What is offered now.
    pub(super) fn worked_out_help(&self) -> Help {
        let Some(text) = self.draft.with(|draft| draft.as_ref().map(|draft| draft.text.clone())) else {
            return Help::default();
        };
        let caret = suggest::byte_at(&text, self.caret.get());
        let is_dismissed = self.dismissed.with(|dismissed| *dismissed == text);
        let mut help = self
            .session
            .with_model(|model| {
                suggest::help(&text, caret, model.items().map(|item| (item.name.as_str(), item.label.as_str())))
            })
            .unwrap_or_default();
        if is_dismissed {
            help.offers.clear();
        }
        help
    }

    /// Does in the list what the key asks for. Returns whether the key was for the list.
    pub(super) fn obey_in_list(&self, event: &ev::KeyboardEvent) -> bool {
        let count = self.help.with_untracked(|help| help.offers.len());
        if count == 0 || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let chosen = self.chosen.get_untracked();
        let last = count.saturating_sub(1);
        match (event.key().as_str(), chosen) {
            ("ArrowDown", None) => self.chosen.set(Some(0)),
            ("ArrowDown", Some(now)) => self.chosen.set(Some(if now >= last { 0 } else { now.saturating_add(1) })),
            ("ArrowUp", now) => {
                self.chosen.set(Some(now.and_then(|now| now.checked_sub(1)).unwrap_or(last)));
            }
            ("Tab", now) if !event.shift_key() => self.accept(now.unwrap_or(0)),
            ("Enter", Some(now)) => self.accept(now),
            ("Escape", _) => {
                let text = self.draft.with_untracked(|draft| draft.as_ref().map(|draft| draft.text.clone()));
                self.dismissed.set(text.unwrap_or_default());
            }
            _ => return false,
        }
        true
    }

    /// Puts the offer with this number into the formula.
    fn accept(&self, index: usize) {
        let help = self.help.get_untracked();
        let text = self.draft.with_untracked(|draft| draft.as_ref().map(|draft| draft.text.clone()));
        if let (Some(offer), Some(text)) = (help.offers.get(index), text) {
            let (text, caret) = suggest::accept(&text, &help.range, offer);
            self.put(text, caret);
        }
    }

    /// Puts `name` into the formula at the caret, if a name can stand there. Returns whether it could.
    pub(super) fn point_at(&self, name: &str) -> bool {
        let text = self.draft.with_untracked(|draft| draft.as_ref().map(|draft| draft.text.clone()));
        let Some(text) = text else { return false };
        let caret = suggest::byte_at(&text, self.caret.get_untracked());
        if !suggest::takes_name(&text, caret) {
            return false;
        }
        let (before, after) = text.split_at_checked(caret).unwrap_or((text.as_str(), ""));
        self.put(format!("{before}{name}{after}"), caret.saturating_add(name.len()));
        true
    }

    /// Makes `text` the entry, with the caret at this byte.
    fn put(&self, text: String, caret: usize) {
        let units = suggest::units_at(&text, caret);
        let input = document().active_element().and_then(|active| active.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input.filter(|input| input.has_attribute("data-keeps-draft")) {
            input.set_value(&text);
            let units = u32::try_from(units).unwrap_or(u32::MAX);
            // A caret elsewhere is a nuisance, no fault.
            let _ = input.set_selection_range(units, units);
        }
        self.caret.set(units);
        self.chosen.set(None);
        // What was accepted is not offered again.
        self.dismissed.set(text.clone());
        self.typed(text, true);
    }
}

/// The attributes of an input that the list belongs to: whether it is there, and which entry is chosen.
pub(super) fn list_states(sheet: Sheet) -> (Signal<Option<String>>, Signal<Option<String>>) {
    let is_open = attribute(move || Some(sheet.help.with(|help| !help.offers.is_empty()).to_string()));
    let active = attribute(move || {
        let chosen = sheet.chosen.get()?;
        Some(format!("{LIST}-{chosen}"))
    });
    (is_open, active)
}

/// The list and the signature, under the input that has the keyboard.
pub fn suggestions(sheet: Sheet) -> AnyView {
    dynamic(move || {
        let help = sheet.help.get();
        if help.offers.is_empty() && help.call.is_none() {
            return ().into_any();
        }
        shown(sheet, &help)
    })
    .into_any()
}

fn shown(sheet: Sheet, help: &Help) -> AnyView {
    let room = NodeRef::<html::Div>::new();
    room.on_load(|room| place_under_input(&room));
    let signature = help.call.and_then(|(name, argument)| signature(name, argument));
    let offers = help.offers.iter().enumerate().map(|(index, offer)| offered(sheet, index, offer)).collect::<Vec<_>>();
    let list = (!offers.is_empty())
        .then(|| view! { <div role="listbox" id=LIST aria-label=words!(sheet.offers)>{offers}</div> }.into_any());
    view! { <div class="offers" node_ref=room data-testid="offers">{signature} {list}</div> }.into_any()
}

fn offered(sheet: Sheet, index: usize, offer: &Offer) -> AnyView {
    let is_chosen = attribute(move || Some((sheet.chosen.get() == Some(index)).to_string()));
    let class = if offer.is_function { "offer function" } else { "offer" };
    let accept = move |event: ev::MouseEvent| {
        // The keyboard stays in the formula.
        event.prevent_default();
        sheet.accept(index);
    };
    view! {
        <div
            role="option"
            class=class
            id=format!("{LIST}-{index}")
            aria-selected=is_chosen
            on:mousedown=accept
        >
            <span class="offer-name">{offer.name.clone()}</span>
            <span class="offer-about">{offer.about.clone()}</span>
        </div>
    }
    .into_any()
}

fn signature(name: &str, argument: usize) -> Option<AnyView> {
    let function = suggest::function_named(name)?;
    let parameters: Vec<&'static str> = function.parameters.split(',').map(str::trim).collect();
    // What may be repeated stays the one that is typed.
    let current = argument.min(parameters.len().saturating_sub(1));
    let parameter = |(index, text): (usize, &&'static str)| {
        let comma = if index == 0 { "" } else { ", " };
        let class = if index == current { "parameter current" } else { "parameter" };
        view! {
            {comma}
            <span class=class>{*text}</span>
        }
        .into_any()
    };
    let shown = parameters.iter().enumerate().map(parameter).collect::<Vec<_>>();
    Some(
        view! {
            <p class="signature" role="status" data-testid="signature">
                <code>{function.name} "(" {shown} ")"</code>
                <span class="offer-about">{function.summary}</span>
            </p>
        }
        .into_any(),
    )
}

/// Puts the list under the input that has the keyboard, or above it where there is no room below.
fn place_under_input(room: &web_sys::HtmlElement) {
    let Some(input) = document().active_element() else { return };
    let around = input.get_bounding_client_rect();
    let size = |size: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        size.ok().and_then(|size| size.as_f64()).unwrap_or(f64::MAX)
    };
    let (width, height) = (f64::from(room.offset_width()), f64::from(room.offset_height()));
    let left = around.left().min(size(window().inner_width()) - width - 4.0).max(4.0);
    let is_room_below = around.bottom() + height + 4.0 < size(window().inner_height());
    let top = if is_room_below { around.bottom() + 2.0 } else { (around.top() - height - 2.0).max(4.0) };
    // Where it can't be put, it is at the corner.
    let _ = room.style().set_property("left", &format!("{left}px"));
    let _ = room.style().set_property("top", &format!("{top}px"));
}
