//! An output over the values of two inputs, tinted by how it compares with the model's own.

use std::sync::Arc;

use coval_shared::analysis::Figure;
use coval_shared::analysis::sensitivity::{Axis, GridAxis, GridOutput, SensitivityGrid};
use coval_shared::model::{Calculation, Model};
use leptos::prelude::*;

use super::inputs::{self, NAMES};
use super::inquiry::Inquiry;
use crate::chart::{round_step, warmth};
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;
use crate::work::{Found, Task};

/// How many values stand on each side of the model's own.
const EACH_SIDE: u8 = 3;

pub(super) fn tab(session: DocumentSession) -> AnyView {
    let first = session.with_model(|model| {
        let mut names = inputs::first_inputs(model, model.outputs.first(), 2).into_iter();
        (
            names.next().unwrap_or_default(),
            names.next().unwrap_or_default(),
            model.outputs.first().and_then(|id| model.item(id)).map(|item| item.name.clone()),
        )
    });
    let (down, across, output) = first.unwrap_or_default();
    let [down, across, output] = [down, across, output.unwrap_or_default()].map(RwSignal::new);
    let [down_step, across_step] = [(); 2].map(|()| RwSignal::new(String::new()));
    let inquiry = Inquiry::new(|found| match found {
        Found::Sensitivity(grid) => Some(grid),
        _ => None,
    });
    let again = RwSignal::new(0_u32);
    Effect::new(move || {
        session.fingerprint.track();
        session.scenario.track();
        again.track();
        let names = [down.get(), across.get(), output.get()];
        let steps = [down_step.get(), across_step.get()];
        if let Some(task) = session.with_calculation(|model, calculation| task(model, calculation, &names, &steps)) {
            inquiry.ask(session, task);
        }
    });
    view! {
        <div class="analysis-form">
            {inputs::output_choice(session, words!(analysis.output), output)}
            {inputs::field(words!(analysis.down), down, "sensitivity-down", Some(NAMES))}
            {inputs::field(words!(analysis.step), down_step, "sensitivity-down-step", None)}
            {inputs::field(words!(analysis.across), across, "sensitivity-across", Some(NAMES))}
            {inputs::field(words!(analysis.step), across_step, "sensitivity-across-step", None)}
        </div>
        {inquiry.shown(Arc::new(move || again.update(|turn| *turn += 1)), shown)}
    }
    .into_any()
}

fn task(model: &Model, calculation: &Calculation, names: &[String; 3], steps: &[String; 2]) -> Result<Task, String> {
    let [down, across, output] = names;
    let axis = |name: &str, step: &str| {
        let cell = inputs::cell(model, name)?;
        let base = Figure::from(calculation.value(&cell)).number();
        let base = base.ok_or_else(|| words!(analysis.no_base, name = name.to_owned()))?;
        let step = if step.trim().is_empty() { usual_step(base) } else { inputs::number(step)? };
        Axis::around(cell, base, step, EACH_SIDE).map_err(|error| error.to_string())
    };
    let [down_step, across_step] = steps;
    let (down, across) = (axis(down, down_step)?, axis(across, across_step)?);
    Ok(Task::Sensitivity { down, across, output: inputs::cell(model, output)? })
}

/// A round step of some twentieth.
fn usual_step(base: f64) -> f64 {
    if base == 0.0 { 0.1 } else { round_step(base.abs() / 20.0) }
}

fn shown(grid: &SensitivityGrid) -> AnyView {
    let (Some(across), Some(output)) = (&grid.across, grid.outputs.first()) else {
        return ().into_any();
    };
    let numbers = || output.figures.iter().flatten().filter_map(Figure::number);
    let (low, high) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
    let middle = output.base.number().unwrap_or((low + high) / 2.0);
    let heads: Vec<AnyView> =
        across.values.iter().enumerate().map(|(at, value)| head(across, at, *value, "col")).collect();
    let row = |(at, figures): (usize, &Vec<Figure>)| {
        let head = grid.down.values.get(at).map(|value| head(&grid.down, at, *value, "row"));
        let is_base_row = grid.down.base_at == Some(at);
        let cell = |(column, figure): (usize, &Figure)| {
            let is_base = is_base_row && across.base_at == Some(column);
            let warmth = figure.number().map_or(0, |number| warmth(number, low, middle, high));
            point(output, figure, warmth, is_base)
        };
        let cells: Vec<AnyView> = figures.iter().enumerate().map(cell).collect();
        view! { <tr>{head} {cells}</tr> }.into_any()
    };
    let rows: Vec<AnyView> = output.figures.iter().enumerate().map(row).collect();
    let corner = format!("{} ↓ {} →", inputs::words(&grid.down.subject), inputs::words(&across.subject));
    view! {
        <div class="wide">
            <table class="heat" data-testid="sensitivity">
                <caption>{corner}</caption>
                <thead>
                    <tr>
                        <td></td>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn head(axis: &GridAxis, at: usize, value: f64, scope: &'static str) -> AnyView {
    let class = if axis.base_at == Some(at) { "is-base" } else { "" };
    let decimals = axis.subject.format.display(value);
    view! {
        <th scope=scope class=class data-bits=bits_of(value)>
            {decimals}
        </th>
    }
    .into_any()
}

fn point(output: &GridOutput, figure: &Figure, warmth: i8, is_base: bool) -> AnyView {
    let (text, bits) = match figure {
        Figure::Number(number) => (output.subject.format.display(*number), Some(bits_of(*number))),
        Figure::Blank => (String::new(), None),
        Figure::Text(text) | Figure::Error(text) => (text.chars().take(12).collect(), None),
    };
    let base = if is_base { " is-base" } else { "" };
    view! {
        <td class=format!("heat{warmth}{base}") data-bits=bits>
            {text}
        </td>
    }
    .into_any()
}
