//! How an output spreads when inputs are uncertain: many trials, between frames, with what is known so far.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use coval_shared::analysis::Subject;
use coval_shared::analysis::simulation::{BlockResult, Histogram, OutputSummary, Simulation, Spread};
use leptos::ev;
use leptos::prelude::*;

use super::inputs;
use super::{Outcome, outcome};
use crate::chart::Scale;
use crate::dynamic::{text, when};
use crate::platform::clock;
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;

/// How long the page may be kept from other things.
const SLICE: Duration = Duration::from_millis(12);

/// How long what is known so far stands at least.
const LOOK: Duration = Duration::from_millis(300);

const TRIALS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 180.0;

/// What is known of an output.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    subject: Subject,
    summary: OutputSummary,
    trials: u64,
    above: Option<(f64, f64)>,
    inputs: Vec<(String, f64)>,
}

/// A simulation under way.
struct Run {
    simulation: Simulation,
    subject: Subject,
    names: Vec<(coval_shared::model::CellRef, String)>,
    above: Option<f64>,
    blocks: Vec<BlockResult>,
    next: u64,
    /// When what is known is to be shown next.
    look_at: Duration,
}

/// What the person sees of it.
#[derive(Clone, Copy)]
struct Shown {
    result: RwSignal<Outcome<Known>>,
    /// The share that is done, while it runs.
    progress: RwSignal<Option<f64>>,
    turn: StoredValue<u64>,
}

impl Run {
    fn known(&self) -> Option<Known> {
        let result = self.simulation.finish(self.blocks.clone());
        let summary = self.simulation.summary(&result);
        let above = self.above.and_then(|above| Some((above, result.probability_above(0, above)?)));
        let trials = summary.trials;
        let summary = summary.outputs.into_iter().next()?;
        let name = |cell| self.names.iter().find(|(known, _)| known == cell).map(|(_, name)| name.clone());
        let effects = summary.effects.iter().take(8);
        let inputs = effects.filter_map(|effect| Some((name(&effect.cell)?, effect.rank_correlation))).collect();
        Some(Known { subject: self.subject.clone(), summary, trials, above, inputs })
    }
}

impl Shown {
    /// Goes on until all is done, unless another simulation has begun or this one was cancelled.
    fn go_on(self, run: Rc<RefCell<Run>>, own: u64) {
        clock::after(Duration::ZERO, move || {
            if self.turn.try_get_value() != Some(own) {
                return;
            }
            let begun = clock::since_start();
            let (is_done, share) = {
                let mut run = run.borrow_mut();
                let all = run.simulation.blocks();
                while run.next < all && clock::since_start().saturating_sub(begun) < SLICE {
                    let block = run.simulation.run_block(run.next);
                    run.blocks.push(block);
                    run.next += 1;
                }
                let is_done = run.next >= all;
                let before = clock::since_start();
                if is_done || before >= run.look_at {
                    if let Some(known) = run.known() {
                        let _ = self.result.try_set(Outcome::Here(known));
                    }
                    // Most of the time is for trials.
                    let now = clock::since_start();
                    run.look_at = now.saturating_add(LOOK.max(now.saturating_sub(before).saturating_mul(4)));
                }
                (is_done, share(run.next, all))
            };
            let _ = self.progress.try_set((!is_done).then_some(share));
            if !is_done {
                self.go_on(run, own);
            }
        });
    }

    fn cancel(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.progress.set(None);
    }
}

fn share(done: u64, all: u64) -> f64 {
    let number = |count: u64| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    if all == 0 { 1.0 } else { number(done) / number(all) }
}

pub(super) fn tab(session: DocumentSession) -> AnyView {
    let first =
        session.with_model(|model| model.outputs.first().and_then(|id| model.item(id)).map(|item| item.name.clone()));
    let output = RwSignal::new(first.flatten().unwrap_or_default());
    let [trials, seed, above] = ["10000", "1", ""].map(|text| RwSignal::new(text.to_owned()));
    let shown =
        Shown { result: RwSignal::new(Outcome::Nothing), progress: RwSignal::new(None), turn: StoredValue::new(0) };
    let run = move |event: ev::SubmitEvent| {
        event.prevent_default();
        shown.turn.update_value(|turn| *turn += 1);
        let above = above.get_untracked();
        let numbers = (trials.get_untracked(), seed.get_untracked(), above);
        match begun(session, &output.get_untracked(), &numbers) {
            Err(error) => shown.result.set(Outcome::Failed(error)),
            Ok(run) => {
                shown.progress.set(Some(0.0));
                shown.go_on(Rc::new(RefCell::new(run)), shown.turn.get_value());
            }
        }
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
    let is_running = Signal::derive(move || shown.progress.with(Option::is_some));
    view! {
        <form class="analysis-form" on:submit=run>
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
        {when(is_running, move || running(shown))}
        {outcome(shown.result, of_known)}
    }
    .into_any()
}

fn running(shown: Shown) -> AnyView {
    let share = text(move || shown.progress.get().unwrap_or(1.0).to_string());
    view! {
        <div class="in-line">
            <progress class="analysis-progress" max="1" value=share aria-label=words!(analysis.progress)></progress>
            <button type="button" class="button" data-action="cancel-simulation" on:click=move |_| shown.cancel()>
                {words!(common.cancel)}
            </button>
        </div>
    }
    .into_any()
}

fn begun(
    session: DocumentSession,
    output: &str,
    (trials, seed, above): &(String, String, String),
) -> Result<Run, String> {
    let (model, _) = inputs::model(session).ok_or("there is no model")?;
    let cell = inputs::cell(&model, output)?;
    let whole = |text: &str| text.trim().parse::<u64>().map_err(|_| format!("\"{text}\" is no whole number"));
    let above = if above.trim().is_empty() { None } else { Some(inputs::number(above)?) };
    let outputs = [cell.clone()];
    let simulation =
        Simulation::new(&model, &outputs, whole(seed)?, whole(trials)?).map_err(|error| error.to_string())?;
    let subject = Subject::new(&model, &cell).map_err(|error| error.to_string())?;
    let name = |cell: &coval_shared::model::CellRef| {
        let subject = Subject::new(&model, cell).ok()?;
        Some((cell.clone(), inputs::words(&subject)))
    };
    let names = model.distributions.keys().filter_map(name).collect();
    Ok(Run {
        simulation,
        subject,
        names,
        above,
        blocks: Vec::new(),
        next: 0,
        look_at: clock::since_start().saturating_add(LOOK),
    })
}

fn of_known(known: &Known) -> AnyView {
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
    let effect = |(name, correlation): &(String, f64)| {
        view! {
            <tr>
                <th scope="row">{name.clone()}</th>
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
