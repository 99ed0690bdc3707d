//! How the selected cell comes to its value, and what follows from it.

use std::collections::BTreeSet;
use std::sync::Arc;

use coval_shared::model::CellRef;
use coval_shared::model::explain::{Explanation, Origin, Part as Piece, explain};
use leptos::prelude::*;

use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::{attribute, dynamic, each, text, when};
use crate::state::DocumentSession;
use crate::words;

/// The most dependents that are listed.
const LISTED: usize = 64;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session)))
}

fn panel(session: DocumentSession) -> AnyView {
    let cell = Memo::new(move |_| {
        let cell = session.at.get()?;
        session.with_model(|model| model.has_cell(&cell)).unwrap_or(false).then_some(cell)
    });
    let opened = RwSignal::new(BTreeSet::<String>::new());
    let body = dynamic(move || match cell.get() {
        Some(cell) => of_cell(session, &cell, opened),
        None => view! { <p class="muted">{words!(analysis.explain_choose)}</p> }.into_any(),
    });
    view! {
        <div class="explain" data-testid="explain" data-cell=attribute(move || cell.get().map(|cell| cell.key()))>
            {body}
        </div>
    }
    .into_any()
}

fn of_cell(session: DocumentSession, cell: &CellRef, opened: RwSignal<BTreeSet<String>>) -> AnyView {
    let explained = explained(session, cell);
    let head = dynamic(move || explained.with(|told| told.as_ref().map_or_else(|| ().into_any(), head)));
    let has_parts = Memo::new(move |_| explained.with(|told| told.as_ref().is_some_and(|told| !told.parts.is_empty())));
    let precedents = {
        let cell = cell.clone();
        dynamic(move || {
            if has_parts.get() {
                children(session, &cell, &cell.key(), opened)
            } else {
                view! { <p class="muted">{words!(analysis.no_precedents)}</p> }.into_any()
            }
        })
    };
    view! {
        {head}
        <section class="panel-section">
            <h3>{words!(analysis.precedents)}</h3>
            {precedents}
        </section>
        {dependents(session, cell)}
    }
    .into_any()
}

/// The explanation of `cell`, kept up with edits.
fn explained(session: DocumentSession, cell: &CellRef) -> Memo<Option<Explanation>> {
    let cell = cell.clone();
    Memo::new(move |_| {
        session.changes.track();
        let id = session.scenario.get();
        session
            .with_calculation(|model, calculation| {
                let scenario = id.and_then(|id| model.scenarios.iter().find(|scenario| scenario.id == id));
                explain(model, scenario, calculation, &cell)
            })
            .flatten()
    })
}

fn head(told: &Explanation) -> AnyView {
    let line = |words: &'static str, text: &Option<String>, id: &'static str| {
        text.as_ref().map(|text| {
            view! {
                <dt>{words}</dt>
                <dd class="formula-text" data-testid=id>
                    {format!("= {text}")}
                </dd>
            }
            .into_any()
        })
    };
    let with_values = told.with_values.clone().filter(|text| Some(text) != told.formula.as_ref());
    let rounds = told.rounds.map(|count| view! { <p>{words!(analysis.circle, count = count)}</p> }.into_any());
    let notes: Vec<AnyView> = [&told.note, &told.cell_note]
        .into_iter()
        .filter(|note| !note.is_empty())
        .map(|note| view! { <dd>{note.clone()}</dd> }.into_any())
        .collect();
    let has_notes = !notes.is_empty();
    let error = told.cell.error.clone().map(|error| view! { <p class="panel-error">{error}</p> }.into_any());
    view! {
        <p class="explain-value">
            <span>{told.cell.label.clone()}</span>
            <strong data-testid="explain-value">{value(&told.cell)}</strong>
        </p>
        {error}
        <dl class="explain-lines">
            {line(words!(analysis.formula), &told.formula, "explain-formula")}
            {line(words!(analysis.with_values), &with_values, "explain-with-values")} <dt>{words!(analysis.comes_from)}</dt>
            <dd>{origin(&told.origin)}</dd>
            {has_notes.then(|| view! { <dt>{words!(analysis.note)}</dt> }.into_any())}
            {notes}
        </dl>
        {rounds}
    }
    .into_any()
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Empty => words!(analysis.origin_empty).to_owned(),
        Origin::Input => words!(analysis.origin_input).to_owned(),
        Origin::Override => words!(analysis.origin_override).to_owned(),
        Origin::RowFormula => words!(analysis.origin_row).to_owned(),
        Origin::CellFormula => words!(analysis.origin_cell).to_owned(),
        Origin::Scenario(label) => words!(analysis.origin_scenario, name = label.clone()),
        Origin::Link(_) => words!(analysis.origin_link).to_owned(),
        Origin::WhatIf => words!(analysis.origin_what_if).to_owned(),
    }
}

fn value(piece: &Piece) -> String {
    match (piece.shown.as_str(), piece.unit.as_str()) {
        ("", _) => "–".to_owned(),
        (shown, "") => shown.to_owned(),
        (shown, unit) => format!("{shown} {unit}"),
    }
}

/// What the formula of `cell` takes, as branches of a tree that open. `path` names the place in the tree.
fn children(session: DocumentSession, cell: &CellRef, path: &str, opened: RwSignal<BTreeSet<String>>) -> AnyView {
    let explained = explained(session, cell);
    let keys = Signal::derive(move || {
        let key = |piece: &Piece| piece.cell.key();
        explained.with(|told| told.as_ref().map(|told| told.parts.iter().map(key).collect()).unwrap_or_default())
    });
    let more = dynamic(move || {
        let count = explained.with(|told| told.as_ref().map_or(0, |told| told.parts_left_out));
        (count > 0)
            .then(|| view! { <li class="muted">{words!(analysis.and_more, count = count)}</li> }.into_any())
            .into_any()
    });
    let path = path.to_owned();
    view! {
        <ul class="tree">
            {each(keys, move |key| node(session, &key, &format!("{path}/{key}"), opened))} {more}
        </ul>
    }
    .into_any()
}

fn node(session: DocumentSession, key: &str, path: &str, opened: RwSignal<BTreeSet<String>>) -> AnyView {
    let Some(cell) = CellRef::parse(key) else {
        return ().into_any();
    };
    let own = explained(session, &cell);
    let shown = text(move || own.with(|told| told.as_ref().map(|told| value(&told.cell)).unwrap_or_default()));
    let words = session.cell_words(&cell);
    let has_parts = Memo::new(move |_| own.with(|told| told.as_ref().is_some_and(|told| !told.parts.is_empty())));
    let is_open = {
        let path = path.to_owned();
        Memo::new(move |_| opened.with(|opened| opened.contains(&path)))
    };
    let toggle = {
        let path = path.to_owned();
        move |_| {
            opened.update(|opened| {
                if !opened.remove(&path) {
                    opened.insert(path.clone());
                }
            });
        }
    };
    let label = words!(analysis.open_precedents, name = words.clone());
    let opener = when(has_parts.into(), {
        move || {
            view! {
                <button
                    type="button"
                    class="tree-toggle"
                    aria-expanded=attribute(move || Some(is_open.get().to_string()))
                    aria-label=label.clone()
                    data-action="toggle-precedents"
                    on:click=toggle.clone()
                ></button>
            }
            .into_any()
        }
    });
    let below = {
        let (cell, path) = (cell.clone(), path.to_owned());
        when(is_open.into(), move || children(session, &cell, &path, opened))
    };
    view! {
        <li class="tree-node" data-cell=key.to_owned()>
            <span class="tree-line">{opener} {place(session, cell, words)} <span class="tree-value">{shown}</span></span>
            {below}
        </li>
    }
    .into_any()
}

fn dependents(session: DocumentSession, cell: &CellRef) -> AnyView {
    let cell = cell.clone();
    let all = Memo::new(move |_| {
        session.changes.track();
        session.with_calculation(|_, calculation| calculation.dependents(&cell)).unwrap_or_default()
    });
    let list = dynamic(move || {
        all.with(|all| {
            if all.is_empty() {
                return view! { <p class="muted">{words!(analysis.no_dependents)}</p> }.into_any();
            }
            let row = |cell: &CellRef| {
                let words = session.cell_words(cell);
                view! { <li class="tree-node" data-cell=cell.key()>{place(session, cell.clone(), words)}</li> }
                    .into_any()
            };
            let rows: Vec<AnyView> = all.iter().take(LISTED).map(row).collect();
            let left_out = all.len().saturating_sub(LISTED);
            let more = (left_out > 0)
                .then(|| view! { <li class="muted">{words!(analysis.and_more, count = left_out)}</li> }.into_any());
            view! { <ul class="tree" data-testid="dependents">{rows} {more}</ul> }.into_any()
        })
    });
    view! {
        <section class="panel-section">
            <h3>{words!(analysis.dependents)}</h3>
            {list}
        </section>
    }
    .into_any()
}

fn place(session: DocumentSession, cell: CellRef, words: String) -> AnyView {
    view! {
        <button
            type="button"
            class="link"
            data-action="go-to-cell"
            on:click=move |_| session.wanted.set(Some(cell.clone()))
        >
            {words}
        </button>
    }
    .into_any()
}
