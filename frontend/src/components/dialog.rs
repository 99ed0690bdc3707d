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
    let close = move |_| {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    };
    let content = view! {
        <div class="dialog-head">
            <h2>{title.clone()}</h2>
            <button type="button" class="quiet" data-action="close-dialog" on:click=close>
                {words!(common.close)}
            </button>
        </div>
        <div class="dialog-body">{content}</div>
    }
    .into_any();
    front(node, title, name, on_close, content)
}

/// The same without a head: only Escape and a click beside it close it.
pub fn plain_dialog(title: String, name: &'static str, on_close: Action, content: AnyView) -> AnyView {
    front(NodeRef::new(), title, name, on_close, content)
}

fn front(
    node: NodeRef<html::Dialog>,
    title: String,
    name: &'static str,
    on_close: Action,
    content: AnyView,
) -> AnyView {
    focus::leave();
    on_cleanup(focus::come_back);
    Effect::new(move || {
        if let Some(dialog) = node.get() {
            // One that is shown already stays.
            let _ = dialog.show_modal();
        }
    });
    // What is beside the dialog belongs to its element; what is in it, to elements in it.
    let beside = move |event: leptos::ev::MouseEvent| {
        if let Some(dialog) = node.get_untracked()
            && event.target().is_some_and(|target| focus::is_same(&target, &dialog))
        {
            dialog.close();
        }
    };
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {name}")
            aria-label=title
            data-testid=name
            on:mousedown=beside
            on:close=move |_| on_close()
        >
            {content}
        </dialog>
    }
    .into_any()
}
