//! Menus: a button and the choices that it opens.

use leptos::prelude::*;

use crate::dynamic::{attribute, when};
use crate::platform::focus;

/// What a menu's choices are found by. One menu is open at a time.
const CHOICES: &str = ".menu [role^=menuitem]";

/// How the button of a menu looks.
pub struct MenuButton {
    /// What it opens, in words. What can be read on it has to be among them: whoever speaks to the app says that.
    pub label: Signal<String>,
    /// What it is called where people don't see it.
    pub action: &'static str,
    /// What stands on it.
    pub face: AnyView,
}

/// A button that opens a menu with these choices, made by [`choice`] and [`chosen_of`]. The menu is there while `is_open`.
pub fn menu(button: MenuButton, is_open: RwSignal<bool>, choices: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let MenuButton { label, action, face } = button;
    let content = when(is_open.into(), move || open_menu(is_open, choices()));
    view! {
        <div class="menu-anchor">
            <button
                type="button"
                class="menu-button"
                aria-haspopup="menu"
                aria-expanded=attribute(move || Some(is_open.get().to_string()))
                aria-label=label
                title=label
                data-action=action
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                {face}
            </button>
            {content}
        </div>
    }
    .into_any()
}

fn open_menu(is_open: RwSignal<bool>, choices: AnyView) -> AnyView {
    focus::leave();
    on_cleanup(focus::come_back);
    Effect::new(|| focus::give_to(CHOICES));
    view! {
        <div class="menu-ground" aria-hidden="true" on:click=move |_| is_open.set(false)></div>
        <div
            class="menu"
            role="menu"
            on:keydown=move |event| {
                match event.key().as_str() {
                    "ArrowDown" => focus::step(CHOICES, 1),
                    "ArrowUp" => focus::step(CHOICES, -1),
                    "Escape" | "Tab" => is_open.set(false),
                    _ => return,
                }
                event.prevent_default();
                event.stop_propagation();
            }
        >
            {choices}
        </div>
    }
    .into_any()
}

/// Something that a menu does. It closes then.
pub fn choice(label: &str, action: &'static str, is_open: RwSignal<bool>, run: impl Fn() + 'static) -> AnyView {
    view! {
        <button
            type="button"
            role="menuitem"
            class="choice"
            tabindex="-1"
            data-action=action
            on:click=move |_| {
                is_open.set(false);
                run();
            }
        >
            {label.to_owned()}
        </button>
    }
    .into_any()
}

/// One of several things of which one holds.
pub fn chosen_of(
    label: &str,
    action: String,
    holds: impl Fn() -> bool + Send + Sync + 'static,
    choose: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            role="menuitemradio"
            class="choice"
            tabindex="-1"
            aria-checked=attribute(move || Some(holds().to_string()))
            data-action=action
            on:click=move |_| choose()
        >
            {label.to_owned()}
        </button>
    }
    .into_any()
}
