//! How an output spreads when inputs are uncertain: many trials, with what is known so far.

use std::sync::Arc;

use coval_shared::analysis::Subject;
use coval_shared::analysis::simulation::{Histogram, Spread};
use leptos::ev;
use leptos::prelude::*;

use super::inputs;
use super::inquiry::Inquiry;
use crate::chart::Scale;
use crate::dynamic::{text, when};
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;
use crate::work::{Found, Simulated, Task};

const TRIALS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 180.0;

fn share(done: u64, all: u64) -> f64 {
    let number = |count: u64| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if all == 0 { 1.0 } else { number(done) / number(all) }
}

pub(super) fn tab(session: DocumentSession) -> AnyView {
    let first =
        session.with_model(|model| model.outputs.first().and_then(|id| model.item(id)).map(|item| item.name.clone()));
    let output = RwSignal::new(first.flatten().unwrap_or_default());
    let [trials, seed, above] = ["10000", "1", ""].map(|text| RwSignal::new(text.to_owned()));
    let inquiry = Inquiry::new(|found| match found {
        Found::Simulation(known) => Some(*known),
        _ => None,
    });
    let run = move || {
        let whole = |text: &str| {
            let refused = |_| words!(analysis.no_whole_number, text = text.to_owned()).to_string();
            text.trim().parse::<u64>().map_err(refused)
        };
        let task = session.with_model(|model| {
            let above = above.get_untracked();
            Ok(Task::Simulation {
                output: inputs::cell(model, &output.get_untracked())?,
                seed: whole(&seed.get_untracked())?,
                trials: whole(&trials.get_untracked())?,
                above: if above.trim().is_empty() { None } else { Some(inputs::number(&above)?) },
            })
        });
        if let Some(task) = task {
            inquiry.ask(session, task);
        }
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        run();
    };
    let choice = |count: u64| {
        let is_chosen = count == 10_000;
        let shown = coval_shared::model::NumberFormat::Number.display(share(count, 1));
        view! {
            <option value=count.to_string() selected=is_chosen>
                {shown}
            </option>
        }
        .into_any()
    };
    let choices: Vec<AnyView> = TRIALS.into_iter().map(choice).collect();
    let is_running = Signal::derive(move || inquiry.progress.with(Option::is_some));
    view! {
        <form class="analysis-form" on:submit=submit>
            {inputs::output_choice(session, words!(analysis.output), output)}
            <label class="analysis-field">
                <span>{words!(analysis.trials)}</span>
                <select class="field" data-testid="trials" on:change=move |event| trials.set(event_target_value(&event))>
                    {choices}
                </select>
            </label>
            {inputs::field(words!(analysis.seed), seed, "seed", None)}
            {inputs::field(words!(analysis.above), above, "above", None)}
            <button type="submit" class="button primary" data-action="simulate">
                {words!(analysis.run)}
            </button>
        </form>
        {when(is_running, move || running(inquiry))}
        {inquiry.shown(Arc::new(run), of_known)}
    }
    .into_any()
}

fn running(inquiry: Inquiry<Simulated>) -> AnyView {
    let share = text(move || inquiry.progress.get().unwrap_or(1.0).to_string());
    view! {
        <div class="in-line">
            <progress class="analysis-progress" max="1" value=share aria-label=words!(analysis.progress)></progress>
            <button type="button" class="button" data-action="cancel-simulation" on:click=move |_| inquiry.cancel()>
                {words!(common.cancel)}
            </button>
        </div>
    }
    .into_any()
}

fn of_known(known: &Simulated) -> AnyView {
    let Some(spread) = &known.summary.spread else {
        return view! { <p class="panel-error">{words!(analysis.no_numbers)}</p> }.into_any();
    };
    let format = known.subject.format;
    let figure = |label: String, value: f64, id: String| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td data-figure=id data-bits=bits_of(value)>
                    {format.display(value)}
                </td>
            </tr>
        }
        .into_any()
    };
    let mut rows = vec![
        figure(words!(analysis.mean).to_owned(), spread.mean, "mean".to_owned()),
        figure(words!(analysis.deviation).to_owned(), spread.sd, "sd".to_owned()),
    ];
    rows.extend(
        spread.percentiles.iter().map(|(percent, value)| figure(format!("P{percent}"), *value, format!("p{percent}"))),
    );
    let above = known.above.map(|(above, share)| {
        let words = words!(analysis.share_above, number = format.display(above));
        let percent = coval_shared::model::NumberFormat::Percent.display(share);
        view! {
            <p data-testid="share-above" data-bits=bits_of(share)>
                {format!("{words}: {percent}")}
            </p>
        }
        .into_any()
    });
    let failures = (known.summary.failures > 0)
        .then(|| view! { <p class="muted">{words!(analysis.failures, count = known.summary.failures)}</p> }.into_any());
    let effect = |(input, correlation): &(Subject, f64)| {
        view! {
            <tr>
                <th scope="row">{inputs::words(input)}</th>
                <td>{format!("{correlation:.2}")}</td>
            </tr>
        }
        .into_any()
    };
    let effects: Vec<AnyView> = known.inputs.iter().map(effect).collect();
    view! {
        <p class="muted" data-testid="trials-done" data-trials=known.trials.to_string()>
            {words!(analysis.trials_done, count = known.trials)}
        </p>
        {histogram(spread, &known.subject)}
        {above}
        {failures}
        <table class="figures">
            <tbody>{rows}</tbody>
        </table>
        <h3 class="analysis-head">{words!(analysis.effects)}</h3>
        <table class="figures">
            <tbody>{effects}</tbody>
        </table>
    }
    .into_any()
}

/// Where the bars of a histogram stand: from the left, from above, how wide, how high.
fn bars(histogram: &Histogram, scale: &Scale) -> Vec<[f64; 4]> {
    let most = histogram.bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let place = |bar: &coval_shared::analysis::simulation::Bar| {
        let (left, right) = (scale.at(bar.from), scale.at(bar.to));
        let height = share(bar.count, most) * (HEIGHT - 24.0);
        [left, HEIGHT - 20.0 - height, (right - left - 1.0).max(0.5), height]
    };
    histogram.bars.iter().map(place).collect()
}

fn histogram(spread: &Spread, subject: &Subject) -> AnyView {
    let ends = spread.histogram.bars.iter().flat_map(|bar| [bar.from, bar.to]);
    let scale = Scale::around(ends, 32.0, WIDTH - 32.0);
    let bar = |(place, bar): ([f64; 4], &coval_shared::analysis::simulation::Bar)| {
        let [x, y, width, height] = place.map(|number| number.to_string());
        view! { <rect class="bar-high" x=x y=y width=width height=height data-count=bar.count.to_string()></rect> }
            .into_any()
    };
    let drawn: Vec<AnyView> =
        bars(&spread.histogram, &scale).into_iter().zip(&spread.histogram.bars).map(bar).collect();
    let tick = |number: f64| {
        view! {
            <text class="tick" x=scale.at(number).to_string() y=(HEIGHT - 4.0).to_string()>
                {subject.format.display(number)}
            </text>
        }
        .into_any()
    };
    let ticks: Vec<AnyView> = scale.ticks().into_iter().map(tick).collect();
    let mean = scale.at(spread.mean).to_string();
    view! {
        <svg
            class="chart"
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            role="img"
            aria-label=inputs::words(subject)
            data-testid="histogram"
        >
            {drawn}
            {ticks}
            <line class="base-line" x1=mean.clone() x2=mean y1="4" y2=(HEIGHT - 20.0).to_string()></line>
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::analysis::simulation::Bar;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_most_frequent_bar_is_the_highest_and_all_stand_on_one_line() {
        let bar = |from: f64, count| Bar { from, to: from + 1.0, count };
        let histogram = Histogram { below: 0, bars: vec![bar(0.0, 5), bar(1.0, 10)], above: 0 };
        let scale = Scale { low: 0.0, high: 2.0, begin: 0.0, end: 200.0 };
        let places = bars(&histogram, &scale);
        assert_eq!(places[1], [100.0, 4.0, 99.0, 156.0]);
        assert!(places.iter().all(|[_, y, _, height]| (y + height - 160.0).abs() < 1e-9));
        assert_eq!(share(0, 0), 1.0);
    }
}
