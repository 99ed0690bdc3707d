//! The key figures, always in sight, with what changed since the page was opened.

use leptos::prelude::*;

use crate::dynamic::{dynamic, each};
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
        outputs.with(|outputs| outputs.iter().map(|view| view.output.item.0.clone()).collect::<Vec<_>>())
    });
    let figures = each(ids.into(), move |id| {
        let view =
            Memo::new(move |_| outputs.with(|outputs| outputs.iter().find(|view| view.output.item.0 == id).cloned()));
        dynamic(move || view.with(|view| view.as_ref().map_or_else(|| ().into_any(), figure))).into_any()
    });
    view! { <footer class="outputs" aria-label="Key figures">{figures}</footer> }
}

fn figure(view: &OutputView) -> AnyView {
    let output = &view.output;
    let class = if output.error.is_some() { "output-value error" } else { "output-value" };
    let change = change(view).map(|change| {
        let class = if change.is_rise { "output-change rise" } else { "output-change fall" };
        view! { <span class=class title="change since the page was opened">{change.text}</span> }
    });
    view! {
        <div
            class="output"
            data-output=output.item.0.clone()
            data-bits=output.bits.clone()
            title=output.error.clone()
        >
            <span class="output-label">{output.label.clone()}</span>
            <span class=class>{value(view)}</span>
            <span class="output-unit">{output.unit.clone()}</span>
            {change}
        </div>
    }
    .into_any()
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
