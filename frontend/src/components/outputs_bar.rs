//! The key figures, always in sight, with what changed since the page was opened.

use leptos::prelude::*;

use crate::dynamic::{dynamic, each};
use crate::sheet::Sheet;
use crate::state::session::OutputView;
use crate::words;

/// The bar of the document's outputs.
#[component]
pub fn OutputsBar(
    /// The document with its selection.
    sheet: Sheet,
) -> impl IntoView {
    let outputs = sheet.session.outputs;
    let ids = Memo::new(move |_| {
        outputs.with(|outputs| outputs.iter().map(|view| view.output.item.0.clone()).collect::<Vec<_>>())
    });
    let figures = each(ids.into(), move |id| {
        let view =
            Memo::new(move |_| outputs.with(|outputs| outputs.iter().find(|view| view.output.item.0 == id).cloned()));
        dynamic(move || view.with(|view| view.as_ref().map_or_else(|| ().into_any(), figure))).into_any()
    });
    view! {
        <footer class="sheet-foot">
            <div class="outputs" role="group" tabindex="0" aria-label=words!(sheet.key_figures)>{figures}</div>
            {totals(sheet)}
        </footer>
    }
}

/// What the numbers of the selection come to, where more than one cell is selected.
fn totals(sheet: Sheet) -> AnyView {
    let totals = Memo::new(move |_| sheet.totals());
    let format = Memo::new(move |_| {
        let item = sheet.selected.with(|selected| selected.as_ref().map(|place| place.item.clone()))?;
        sheet.session.with_model(|model| model.item(&item).map(|item| item.format)).flatten()
    });
    dynamic(move || {
        let Some(totals) = totals.get().filter(|totals| totals.count > 0) else {
            return ().into_any();
        };
        let shown = |value: f64| format.get().map_or_else(|| value.to_string(), |format| format.display(value));
        let part = |name: &'static str, value: String| {
            view! {
                <span class="total">
                    <span class="muted">{name}</span>
                    " "
                    {value}
                </span>
            }
            .into_any()
        };
        let parts = [
            part(words!(sheet.sum), shown(totals.sum)),
            part(words!(sheet.average), shown(totals.average)),
            part(words!(sheet.count), totals.count.to_string()),
        ];
        view! {
            <div class="totals" role="status" aria-label=words!(sheet.totals) data-testid="totals">
                {parts.into_iter().collect::<Vec<_>>()}
            </div>
        }
        .into_any()
    })
    .into_any()
}

fn figure(view: &OutputView) -> AnyView {
    let output = &view.output;
    let class = if output.error.is_some() { "output-value error" } else { "output-value" };
    let change = change(view).map(|change| {
        let class = if change.is_rise { "output-change rise" } else { "output-change fall" };
        view! { <span class=class title=words!(sheet.change_since)>{change.text}</span> }
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
