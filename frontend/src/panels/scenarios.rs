//! Sets of assumptions beside the model's own: what there are, what the chosen one replaces, all side by side.

mod entries;
mod table;

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use coval_shared::model::edit;
use coval_shared::model::{Scenario, ScenarioId};
use leptos::ev;
use leptos::prelude::*;

use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::{attribute, each, text, when};
use crate::panels::name_line::{NameLine, name_line};
use crate::state::DocumentSession;
use crate::state::session::short_id;
use crate::words;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session)))
}

fn panel(session: DocumentSession) -> AnyView {
    let has_none = Signal::derive(move || session.scenarios.with(Vec::is_empty));
    let has_any = Signal::derive(move || !has_none.get());
    let keys = Signal::derive(move || {
        session.scenarios.with(|scenarios| scenarios.iter().map(|scenario| scenario.id.0.clone()).collect())
    });
    view! {
        <div class="scenarios">
            {when(has_none, || view! { <p class="muted">{words!(analysis.no_scenarios)}</p> }.into_any())}
            <ul class="scenario-list">
                {when(has_any, move || base(session))}
                {each(keys, move |key| scenario(session, ScenarioId(key)))}
            </ul>
            {addition(session)}
            {entries::entries(session)}
            {when(has_any, move || table::side_by_side(session))}
        </div>
    }
    .into_any()
}

/// The base case among the scenarios.
fn base(session: DocumentSession) -> AnyView {
    view! {
        <li class="scenario" data-scenario="">
            {choice(session, None)} <span class="scenario-label">{words!(analysis.base_case)}</span>
        </li>
    }
    .into_any()
}

fn scenario(session: DocumentSession, id: ScenarioId) -> AnyView {
    let label = {
        let id = id.clone();
        text(move || {
            session.scenarios.with(|scenarios| {
                scenarios.iter().find(|known| known.id == id).map(|known| known.label.clone()).unwrap_or_default()
            })
        })
    };
    let rename = {
        let id = id.clone();
        move |event: ev::Event| {
            let name = event_target_value(&event).trim().to_owned();
            if name.is_empty() || name == label.get_untracked() {
                return;
            }
            session.change_model(words!(analysis.scenario_named, label = name.clone()), |document| {
                edit::set_scenario_label(document, &id, &name)
            });
        }
    };
    let duplicate = {
        let id = id.clone();
        move |_| {
            let label = words!(analysis.copy_of, name = label.get_untracked());
            let new = ScenarioId(short_id("case"));
            let is_done = session.change_model(words!(analysis.scenario_named, label = label.clone()), |document| {
                edit::copy_scenario(document, &id, new.clone(), &label)
            });
            if is_done {
                session.look_under(Some(new));
            }
        }
    };
    let remove = {
        let id = id.clone();
        move |_| {
            session.change_model(words!(analysis.removing_scenario, label = label.get_untracked()), |document| {
                edit::remove_scenario(document, &id)
            });
        }
    };
    let is_read_only = Signal::derive(move || !session.may_edit.get());
    view! {
        <li class="scenario" data-scenario=id.0.clone()>
            {choice(session, Some(id.clone()))}
            <input
                class="scenario-label"
                aria-label=words!(analysis.scenario_name)
                prop:value=label
                readonly=is_read_only
                on:change=rename
            />
            <button
                type="button"
                class="quiet"
                data-action="duplicate-scenario"
                disabled=is_read_only
                on:click=duplicate
            >
                {words!(analysis.duplicate)}
            </button>
            <button type="button" class="quiet" data-action="delete-scenario" disabled=is_read_only on:click=remove>
                {words!(analysis.delete)}
            </button>
        </li>
    }
    .into_any()
}

/// The button that chooses a case.
fn choice(session: DocumentSession, id: Option<ScenarioId>) -> AnyView {
    let is_shown = {
        let id = id.clone();
        Signal::derive(move || session.scenario.with(|shown| *shown == id))
    };
    let name = text(move || if is_shown.get() { words!(analysis.shown) } else { words!(analysis.show) }.to_owned());
    view! {
        <button
            type="button"
            class="scenario-choice"
            aria-pressed=attribute(move || Some(is_shown.get().to_string()))
            data-action="show-scenario"
            on:click=move |_| session.look_under(id.clone())
        >
            {name}
        </button>
    }
    .into_any()
}

fn addition(session: DocumentSession) -> AnyView {
    let give = move |label: String| -> Pin<Box<dyn Future<Output = bool>>> {
        let new = ScenarioId(short_id("case"));
        let is_done = session.change_model(words!(analysis.scenario_named, label = label.clone()), |document| {
            edit::add_scenario(document, new.clone(), &label)
        });
        if is_done {
            session.look_under(Some(new));
        }
        Box::pin(ready(is_done))
    };
    let asked = NameLine {
        label: words!(analysis.new_scenario),
        button: words!(analysis.add),
        test_id: "new-scenario",
        action: "add-scenario",
    };
    let may_edit = Signal::derive(move || session.may_edit.get());
    when(may_edit, move || name_line(asked, Arc::new(give))).into_any()
}

/// The scenario that the page shows, if it shows one.
fn shown(session: DocumentSession) -> Option<Scenario> {
    let id = session.scenario.get()?;
    session.with_model(|model| model.scenarios.iter().find(|scenario| scenario.id == id).cloned()).flatten()
}
