//! The buttons above the text.

use leptos::prelude::*;

use super::writing::{Intent, Writing};
use super::{Memo, Shown};
use crate::dynamic::attribute;
use crate::state::document::Step;
use crate::words;

/// A button that does something to the text.
struct Tool {
    id: &'static str,
    sign: &'static str,
    name: &'static str,
    keys: &'static str,
    act: fn(&mut Writing) -> Option<Intent>,
}

/// The tools for writing.
pub(super) fn tools(memo: Memo) -> AnyView {
    let tools = [
        Tool { id: "bold", sign: "B", name: words!(memo.bold), keys: "Ctrl+B", act: |writing| writing.around("**") },
        Tool { id: "italic", sign: "I", name: words!(memo.italic), keys: "Ctrl+I", act: |writing| writing.around("*") },
        Tool {
            id: "heading",
            sign: "H",
            name: words!(memo.heading),
            keys: "",
            act: |writing| writing.before_lines("## "),
        },
        Tool { id: "list", sign: "•", name: words!(memo.list), keys: "", act: |writing| writing.before_lines("- ") },
        Tool {
            id: "quote", sign: "❝", name: words!(memo.quote), keys: "", act: |writing| writing.before_lines("> ")
        },
        Tool { id: "code", sign: "<>", name: words!(memo.code), keys: "", act: |writing| writing.around("`") },
    ];
    let tools = tools.map(|tool| button(memo, &tool)).into_iter().collect::<Vec<_>>();
    let figure = view! {
        <button
            type="button"
            class="tool"
            data-action="insert-figure"
            title=words!(memo.figure_hint)
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| memo.act(Writing::figure)
        >
            {words!(memo.figure)}
        </button>
    };
    view! {
        {step(memo, Step::Undo, "undo", words!(memo.undo))}
        {step(memo, Step::Redo, "redo", words!(memo.redo))}
        {tools}
        {figure}
    }
    .into_any()
}

/// The button that begins a comment, for whoever may say something.
pub(super) fn comment(memo: Memo) -> AnyView {
    view! {
        <button
            type="button"
            class="tool"
            data-action="comment-on-text"
            title=format!("{} (Ctrl+Alt+M)", words!(memo.comment))
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| memo.comment()
        >
            {words!(memo.comment)}
        </button>
    }
    .into_any()
}

/// Which of text and preview is shown.
pub(super) fn views(memo: Memo) -> AnyView {
    let view = move |shown: Shown, name: &'static str| {
        let pressed = attribute(move || Some((memo.shown.get() == shown).to_string()));
        view! {
            <button
                type="button"
                class="tool"
                aria-pressed=pressed
                data-action=format!("show-{}", shown.id())
                on:click=move |_| memo.shown.set(shown)
            >
                {name}
            </button>
        }
        .into_any()
    };
    view! {
        <span class="memo-shown" role="group" aria-label=words!(memo.shown)>
            {view(Shown::Text, words!(memo.show_text))}
            {view(Shown::Both, words!(memo.show_both))}
            {view(Shown::Preview, words!(memo.show_preview))}
        </span>
    }
    .into_any()
}

fn button(memo: Memo, tool: &Tool) -> AnyView {
    let act = tool.act;
    let title = if tool.keys.is_empty() { tool.name.to_owned() } else { format!("{} ({})", tool.name, tool.keys) };
    view! {
        <button
            type="button"
            class=format!("tool tool-{}", tool.id)
            data-action=tool.id
            title=title
            aria-label=tool.name
            // The text keeps the keyboard and its selection.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| memo.act(act)
        >
            {tool.sign}
        </button>
    }
    .into_any()
}

fn step(memo: Memo, step: Step, id: &'static str, name: &'static str) -> AnyView {
    let steps = memo.session.steps;
    let is_disabled = Signal::derive(move || !steps.get().allow(step));
    view! {
        <button
            type="button"
            class="tool icon"
            data-action=id
            title=name
            aria-label=name
            disabled=is_disabled
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| memo.step(step)
        ></button>
    }
    .into_any()
}
