//! Which case the page shows: the base case or a scenario. Others see what they chose themselves.

use coval_shared::model::ScenarioId;
use leptos::ev;
use leptos::prelude::*;

use crate::dynamic::{attribute, dynamic, when};
use crate::state::DocumentSession;
use crate::state::view::ScenarioView;
use crate::words;

/// The choice of a scenario, where the document has any.
pub fn scenario_switch(session: DocumentSession) -> AnyView {
    let has_any = Signal::derive(move || session.scenarios.with(|scenarios| !scenarios.is_empty()));
    when(has_any, move || choice(session)).into_any()
}

fn choice(session: DocumentSession) -> AnyView {
    let option = move |scenario: &ScenarioView| {
        let is_chosen = session.scenario.with(|chosen| chosen.as_ref() == Some(&scenario.id));
        view! {
            <option value=scenario.id.0.clone() selected=is_chosen>
                {scenario.label.clone()}
            </option>
        }
        .into_any()
    };
    let options = dynamic(move || {
        let is_base = session.scenario.with(Option::is_none);
        let all: Vec<AnyView> = session.scenarios.with(|scenarios| scenarios.iter().map(option).collect());
        view! {
            <option value="" selected=is_base>
                {words!(analysis.base_case)}
            </option>
            {all}
        }
        .into_any()
    });
    let on_change = move |event: ev::Event| {
        let id = event_target_value(&event);
        session.look_under((!id.is_empty()).then_some(ScenarioId(id)));
    };
    let state =
        attribute(move || Some(if session.scenario.with(Option::is_some) { "scenario" } else { "base" }.into()));
    view! {
        <select
            class="scenario-switch"
            aria-label=words!(analysis.shown_case)
            data-testid="scenario-switch"
            data-state=state
            on:change=on_change
        >
            {options}
        </select>
    }
    .into_any()
}
