//! What the model says when its assumptions move.

mod bars;
mod goal;
mod inputs;
mod inquiry;
mod sensitivity;
mod simulation;

use std::sync::Arc;

use leptos::prelude::*;

use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::{attribute, dynamic};
use crate::state::DocumentSession;
use crate::words;

/// The panel of `session`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(session: DocumentSession) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || panel(session)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sensitivity,
    Tornado,
    FootballField,
    Goal,
    Simulation,
}

fn panel(session: DocumentSession) -> AnyView {
    let kind = RwSignal::new(Kind::Sensitivity);
    let chip = move |own: Kind, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((kind.get() == own).to_string()))
                data-action=action
                on:click=move |_| kind.set(own)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let body = dynamic(move || match kind.get() {
        Kind::Sensitivity => sensitivity::tab(session),
        Kind::Tornado => bars::tornado(session),
        Kind::FootballField => bars::football_field(session),
        Kind::Goal => goal::tab(session),
        Kind::Simulation => simulation::tab(session),
    });
    view! {
        <div class="analysis">
            {inputs::proposals(session)}
            <div class="chips analysis-kinds" role="group" aria-label=words!(analysis.analysis)>
                {chip(Kind::Sensitivity, words!(analysis.sensitivity), "show-sensitivity")}
                {chip(Kind::Tornado, words!(analysis.tornado), "show-tornado")}
                {chip(Kind::FootballField, words!(analysis.football_field), "show-football-field")}
                {chip(Kind::Goal, words!(analysis.goal_seek), "show-goal")}
                {chip(Kind::Simulation, words!(analysis.simulation), "show-simulation")}
            </div>
            {body}
        </div>
    }
    .into_any()
}
