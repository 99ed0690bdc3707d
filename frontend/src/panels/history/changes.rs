//! What differs between two states, in words.

use coval_shared::history::{Change, ChangeKind, Comparison, SpanKind, TextSpan};
use leptos::prelude::*;

use crate::dynamic::{attribute, dynamic};
use crate::panels::past::Past;
use crate::words;

/// The most changes that are listed.
const LISTED: usize = 300;

/// Which changes are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kinds {
    All,
    Values,
    Structure,
}

impl Kinds {
    fn takes(self, change: &Change) -> bool {
        match self {
            Self::All => true,
            Self::Values => is_value(change),
            Self::Structure => !is_value(change),
        }
    }
}

/// Whether a change is one of what stands in a cell, and not one of rows, columns, formulas and words.
fn is_value(change: &Change) -> bool {
    let mut steps = change.path.split('/');
    let (first, _, third) = (steps.next(), steps.next(), steps.next());
    matches!((first, third), (Some("items"), Some("value" | "values")) | (Some("scenarios"), Some("entries")))
}

/// What differs, with a choice of kinds. A click on a cell leads to it.
pub(in crate::panels) fn list(
    comparison: &Comparison,
    lead: impl Fn(coval_shared::model::CellRef) + Copy + Send + Sync + 'static,
) -> AnyView {
    if !comparison.spans.is_empty() {
        return view! { <div class="difference">{spans(&comparison.spans)}</div> }.into_any();
    }
    if comparison.changes.is_empty() {
        return view! { <p class="muted">{words!(history.no_changes)}</p> }.into_any();
    }
    let kinds = RwSignal::new(Kinds::All);
    let chip = move |kind: Kinds, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((kinds.get() == kind).to_string()))
                data-action=action
                on:click=move |_| kinds.set(kind)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let is_complete = comparison.is_complete;
    let changes = StoredValue::new(comparison.changes.clone());
    let rows = dynamic(move || {
        let kinds = kinds.get();
        changes.with_value(|changes| {
            let wanted: Vec<&Change> = changes.iter().filter(|change| kinds.takes(change)).collect();
            if wanted.is_empty() {
                return view! { <p class="muted">{words!(history.no_changes_of_kind)}</p> }.into_any();
            }
            let more = (!is_complete || wanted.len() > LISTED)
                .then(|| view! { <p class="muted">{words!(history.not_all)}</p> }.into_any());
            let rows: Vec<AnyView> = wanted.into_iter().take(LISTED).map(|change| row(change, lead)).collect();
            view! {
                <ul class="changes" data-testid="changes">
                    {rows}
                </ul>
                {more}
            }
            .into_any()
        })
    });
    view! {
        <div class="chips" role="group" aria-label=words!(history.kinds)>
            {chip(Kinds::All, words!(history.all), "show-all-changes")}
            {chip(Kinds::Values, words!(history.values), "show-value-changes")}
            {chip(Kinds::Structure, words!(history.structure), "show-structure-changes")}
        </div>
        {rows}
    }
    .into_any()
}

/// The same where a click leads into the past state that is shown.
pub(in crate::panels) fn of_past(comparison: &Comparison, past: Past) -> AnyView {
    list(comparison, move |cell| past.wanted.set(Some(cell)))
}

/// A text with what went and what came.
pub(in crate::panels) fn spans(spans: &[TextSpan]) -> AnyView {
    let span = |span: &TextSpan| match span.kind {
        SpanKind::Kept => view! { <span>{span.text.clone()}</span> }.into_any(),
        SpanKind::Inserted => view! { <ins>{span.text.clone()}</ins> }.into_any(),
        SpanKind::Deleted => view! { <del>{span.text.clone()}</del> }.into_any(),
    };
    if spans.is_empty() {
        return view! { <p class="muted">{words!(history.no_changes)}</p> }.into_any();
    }
    spans.iter().map(span).collect::<Vec<_>>().into_any()
}

/// What stood somewhere, and what stands there now.
pub(in crate::panels) fn from_to(before: Option<&str>, after: Option<&str>) -> AnyView {
    let shown = |text: Option<&str>| match text {
        None | Some("") => view! { <span class="muted">{words!(history.nothing)}</span> }.into_any(),
        Some(text) => view! { <span class="held">{text.to_owned()}</span> }.into_any(),
    };
    view! {
        <span class="from-to">
            <del>{shown(before)}</del>
            <span aria-hidden="true">" → "</span>
            <ins>{shown(after)}</ins>
        </span>
    }
    .into_any()
}

fn row(change: &Change, lead: impl Fn(coval_shared::model::CellRef) + Copy + Send + Sync + 'static) -> AnyView {
    let place = match &change.period {
        Some(period) => format!("{}, {period}", change.label),
        None => change.label.clone(),
    };
    let place = match change.cell.clone() {
        Some(cell) => view! {
            <button type="button" class="link" on:click=move |_| lead(cell.clone())>
                {place}
            </button>
        }
        .into_any(),
        None => view! { <span>{place}</span> }.into_any(),
    };
    let (kind, word) = match change.kind {
        ChangeKind::Added => ("added", words!(history.added)),
        ChangeKind::Removed => ("removed", words!(history.removed)),
        ChangeKind::Changed => ("changed", words!(history.changed)),
        ChangeKind::Moved => ("moved", words!(history.moved)),
    };
    let what = if change.field.is_empty() { word.to_owned() } else { format!("{} {word}", change.field) };
    let is_whole = change.field.is_empty() && matches!(change.kind, ChangeKind::Added | ChangeKind::Removed);
    let content = if is_whole {
        // Its label stands before it.
        ().into_any()
    } else if change.spans.is_empty() {
        from_to(change.before.as_deref(), change.after.as_deref())
    } else {
        view! { <span class="difference">{spans(&change.spans)}</span> }.into_any()
    };
    let what = (!is_value(change)).then_some(what);
    view! {
        <li class=format!("change {kind}") data-change=change.path.clone()>
            {place}
            <span class="change-what muted">{what}</span>
            {content}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_stands_in_cells_is_told_apart_from_what_holds_them() {
        let change = |path: &str| Change {
            kind: ChangeKind::Changed,
            path: path.to_owned(),
            label: String::new(),
            period: None,
            field: String::new(),
            cell: None,
            before: None,
            after: None,
            spans: Vec::new(),
        };
        for value in ["items/tax/value", "items/sales/values/fy2025", "scenarios/bull/entries/tax"] {
            assert!(Kinds::Values.takes(&change(value)) && !Kinds::Structure.takes(&change(value)), "{value}");
        }
        for structure in ["items/tax", "items/tax/formula", "items/values/label", "sections/s", "scenarios/bull", ""] {
            assert!(
                Kinds::Structure.takes(&change(structure)) && !Kinds::Values.takes(&change(structure)),
                "{structure}"
            );
        }
    }
}
