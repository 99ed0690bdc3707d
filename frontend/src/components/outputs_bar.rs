//! The key figures, always in sight, with what changed since the page was opened.

use leptos::prelude::*;

use crate::state::DocumentSession;
use crate::state::session::OutputView;

/// The bar of the document's outputs.
#[component]
pub fn OutputsBar(
    /// The document.
    session: DocumentSession,
) -> impl IntoView {
    let outputs = session.outputs;
    let ids = Memo::new(move |_| {
        outputs.with(|outputs| outputs.iter().map(|view| view.output.item.clone()).collect::<Vec<_>>())
    });
    view! {
        <footer class="outputs" aria-label="Key figures">
            <For each=move || ids.get() key=Clone::clone let:id>
                {
                    let view = Memo::new(move |_| {
                        outputs.with(|outputs| outputs.iter().find(|view| view.output.item == id).cloned())
                    });
                    view! { <OutputFigure view/> }
                }
            </For>
        </footer>
    }
}

#[component]
fn OutputFigure(view: Memo<Option<OutputView>>) -> impl IntoView {
    let part =
        move |read: fn(&OutputView) -> String| move || view.with(|view| view.as_ref().map(read).unwrap_or_default());
    let change = move || view.with(|view| view.as_ref().and_then(change));
    view! {
        <div
            class="output"
            data-output=part(|view| view.output.item.0.clone())
            data-bits=move || view.with(|view| view.as_ref()?.output.bits.clone())
            title=part(|view| view.output.error.clone().unwrap_or_default())
        >
            <span class="output-label">{part(|view| view.output.label.clone())}</span>
            <span
                class="output-value"
                class:error=move || view.with(|view| view.as_ref().is_some_and(|view| view.output.error.is_some()))
            >
                {part(value)}
            </span>
            <span class="output-unit">{part(|view| view.output.unit.clone())}</span>
            {move || change().map(|change| view! {
                <span
                    class=if change.is_rise { "output-change rise" } else { "output-change fall" }
                    title="change since the page was opened"
                >
                    {change.text}
                </span>
            })}
        </div>
    }
}

fn value(view: &OutputView) -> String {
    match (view.output.value, &view.output.error) {
        (Some(value), _) => view.output.format.display(value),
        (None, Some(error)) => error.split_whitespace().next().unwrap_or("#").to_owned(),
        (None, None) => "–".to_owned(),
    }
}

struct Change {
    text: String,
    is_rise: bool,
}

fn change(view: &OutputView) -> Option<Change> {
    let (now, before) = (view.output.value?, view.before?);
    let difference = now - before;
    if difference == 0.0 || !difference.is_finite() {
        return None;
    }
    let is_rise = difference > 0.0;
    let arrow = if is_rise { "▲" } else { "▼" };
    let size = view.output.format.display(difference.abs());
    Some(Change { text: format!("{arrow} {size}"), is_rise })
}
