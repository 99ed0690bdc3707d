//! Dialogs in front of the page.

use leptos::html;
use leptos::prelude::*;

use super::Action;
use crate::platform::focus;
use crate::words;

/// A dialog with this title. Escape and its button close it, and whoever shows it hears of that and takes it away; the
/// keyboard then goes back to where it was.
pub fn dialog(title: String, name: &'static str, on_close: Action, content: AnyView) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    focus::leave();
    on_cleanup(focus::come_back);
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            // One that is shown already stays.
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    };
    let label = title.clone();
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {name}")
            aria-label=label
            data-testid=name
            on:close=move |_| on_close()
        >
            <header class="dialog-head">
                <h2>{title}</h2>
                <button type="button" class="quiet" data-action="close-dialog" on:click=close>
                    {words!(common.close)}
                </button>
            </header>
            <div class="dialog-body">{content}</div>
        </dialog>
    }
    .into_any()
}
