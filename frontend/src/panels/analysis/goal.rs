//! The value of an input at which an output reaches a target.

use std::sync::Arc;

use coval_shared::analysis::goal_seek::{Goal, GoalSought};
use leptos::ev;
use leptos::prelude::*;

use super::inputs::{self, NAMES};
use super::inquiry::Inquiry;
use crate::dynamic::when;
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;
use crate::work::{Found, Task};

pub(super) fn tab(session: DocumentSession) -> AnyView {
    let first = session.with_model(|model| {
        let input = inputs::first_inputs(model, model.outputs.first(), 1).pop().unwrap_or_default();
        let output = model.outputs.first().and_then(|id| model.item(id)).map(|item| item.name.clone());
        (input, output.unwrap_or_default())
    });
    let (input, output) = first.unwrap_or_default();
    let [input, output, target] = [input, output, String::new()].map(RwSignal::new);
    let inquiry = Inquiry::new(|found| match found {
        Found::GoalSeek(sought) => Some(sought),
        _ => None,
    });
    let seek = move || {
        let goal = session.with_model(|model| {
            Ok(Task::GoalSeek(Goal {
                input: inputs::cell(model, &input.get_untracked())?,
                output: inputs::cell(model, &output.get_untracked())?,
                target: inputs::number(&target.get_untracked())?,
                bounds: None,
            }))
        });
        if let Some(goal) = goal {
            inquiry.ask(session, goal);
        }
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        seek();
    };
    view! {
        <form class="analysis-form" on:submit=submit>
            {inputs::output_choice(session, words!(analysis.output), output)}
            {inputs::field(words!(analysis.target), target, "goal-target", None)}
            {inputs::field(words!(analysis.by_changing), input, "goal-input", Some(NAMES))}
            <button type="submit" class="button primary" data-action="seek-goal">
                {words!(analysis.seek)}
            </button>
        </form>
        {inquiry.shown(Arc::new(seek), move |sought| shown(session, sought))}
    }
    .into_any()
}

fn shown(session: DocumentSession, sought: &GoalSought) -> AnyView {
    let error = sought.error.as_ref().map(|error| view! { <p class="panel-error">{error.to_string()}</p> }.into_any());
    let nearest = sought.nearest.map(|nearest| {
        let (input, output) = (&sought.input, &sought.output);
        let cell = input.cell.clone();
        // In full, so that what is entered gives what was found.
        let enter = move |_| session.enter(&cell, &nearest.input.to_string());
        let has_reached = sought.has_reached;
        let may_enter = Signal::derive(move || has_reached && session.may_edit.get());
        view! {
            <dl class="explain-lines" data-testid="goal" data-bits=bits_of(nearest.input)>
                <dt>{inputs::words(input)}</dt>
                <dd>
                    <strong>{input.format.display(nearest.input)}</strong>
                    <span class="muted">{format!(" ({})", nearest.input)}</span>
                </dd>
                <dt>{inputs::words(output)}</dt>
                <dd>{output.format.display(nearest.output)}</dd>
            </dl>
            {when(
                may_enter,
                move || {
                    view! {
                        <button type="button" class="button" data-action="enter-goal" on:click=enter.clone()>
                            {words!(analysis.enter_it)}
                        </button>
                    }
                        .into_any()
                },
            )}
        }
        .into_any()
    });
    view! {
        {error}
        {nearest}
    }
    .into_any()
}
