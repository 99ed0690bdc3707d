//! What the chosen scenario puts in place of the base case's entries.

use coval_shared::model::{CellRef, edit};
use leptos::ev;
use leptos::prelude::*;

use super::shown;
use crate::dynamic::{dynamic, each, text, when};
use crate::state::DocumentSession;
use crate::words;

/// The most entries that are listed.
const LISTED: usize = 200;

/// The entries of the chosen scenario, which may be changed and taken away, and a way to replace the selected cell.
pub(super) fn entries(session: DocumentSession) -> AnyView {
    let is_any_shown = Memo::new(move |_| session.scenario.with(Option::is_some));
    when(is_any_shown.into(), move || of_shown(session)).into_any()
}

fn of_shown(session: DocumentSession) -> AnyView {
    let all = Memo::new(move |_| {
        session.changes.track();
        shown(session).map(|scenario| scenario.entries.keys().map(CellRef::key).collect::<Vec<_>>()).unwrap_or_default()
    });
    let keys = Signal::derive(move || all.with(|all| all.iter().take(LISTED).cloned().collect()));
    let more = dynamic(move || {
        let count = all.with(Vec::len).saturating_sub(LISTED);
        let words = (count > 0).then(|| words!(analysis.and_more, count = count));
        view! { <p class="muted">{words}</p> }.into_any()
    });
    let is_empty = Signal::derive(move || all.with(Vec::is_empty));
    view! {
        <section class="panel-section" data-testid="scenario-entries">
            <h3>{words!(analysis.replaced_inputs)}</h3>
            {when(is_empty, || view! { <p class="muted">{words!(analysis.nothing_replaced)}</p> }.into_any())}
            <ul class="entries">{each(keys, move |key| entry(session, &key))}</ul>
            {more}
            {at_selection(session, all)}
        </section>
    }
    .into_any()
}

fn entry(session: DocumentSession, key: &str) -> AnyView {
    let Some(cell) = CellRef::parse(key) else {
        return ().into_any();
    };
    let place = session.cell_words(&cell);
    let held = {
        let cell = cell.clone();
        text(move || {
            session.changes.track();
            let id = session.scenario.get();
            let held = id.and_then(|id| session.with_model(|model| edit::scenario_entry_text(model, &id, &cell)));
            held.unwrap_or_default()
        })
    };
    let enter = {
        let cell = cell.clone();
        move |event: ev::Event| put(session, &cell, &event_target_value(&event))
    };
    let take_away = {
        let cell = cell.clone();
        move |_| put(session, &cell, "")
    };
    let lead = move |_| session.wanted.set(Some(cell.clone()));
    let is_read_only = Signal::derive(move || !session.may_edit.get());
    view! {
        <li class="entry" data-cell=key.to_owned()>
            <button type="button" class="link" on:click=lead>
                {place.clone()}
            </button>
            <input
                class="field"
                aria-label=words!(analysis.entry_of, cell = place)
                prop:value=held
                readonly=is_read_only
                on:change=enter
            />
            <button
                type="button"
                class="quiet"
                title=words!(analysis.back_to_base)
                aria-label=words!(analysis.back_to_base)
                data-action="remove-entry"
                disabled=is_read_only
                on:click=take_away
            >
                "×"
            </button>
        </li>
    }
    .into_any()
}

/// A way to replace the selected cell, unless it is replaced already.
fn at_selection(session: DocumentSession, all: Memo<Vec<String>>) -> AnyView {
    let offered = Memo::new(move |_| {
        let cell = session.at.get()?;
        let is_new = session.may_edit.get() && all.with(|all| !all.contains(&cell.key()));
        // The label of a row over periods is no cell.
        let is_cell = session.with_model(|model| model.has_cell(&cell)).unwrap_or(false);
        (is_new && is_cell).then_some(cell)
    });
    dynamic(move || {
        let Some(cell) = offered.get() else {
            return ().into_any();
        };
        let words = words!(analysis.replace_here, cell = session.cell_words(&cell));
        let standing = session.entry_text(&cell);
        view! {
            <label class="entry-new">
                <span>{words}</span>
                <input
                    class="field"
                    data-testid="new-entry"
                    placeholder=standing
                    on:change=move |event| put(session, &cell, &event_target_value(&event))
                />
            </label>
        }
        .into_any()
    })
    .into_any()
}

fn put(session: DocumentSession, cell: &CellRef, input: &str) {
    let Some(scenario) = session.scenario.get_untracked() else {
        return;
    };
    let description = format!("{}: {input}", session.cell_words(cell));
    session.change_model(description, |document| edit::enter_in_scenario(document, &scenario, cell, input));
}
