//! Bars over one scale: a tornado, and a football field.

use std::sync::Arc;

use coval_shared::analysis::football_field::FootballField;
use coval_shared::analysis::tornado::Tornado;
use coval_shared::model::NumberFormat;
use leptos::prelude::*;

use super::inputs;
use super::inquiry::Inquiry;
use crate::chart::Scale;
use crate::dynamic::{attribute, dynamic};
use crate::state::DocumentSession;
use crate::state::view::bits_of;
use crate::words;
use crate::work::{Found, Task};

/// The most bars that are drawn.
const DRAWN: usize = 20;

/// How far a tornado moves inputs, as a share of their own size.
const SHARE: f64 = 0.1;

const WIDTH: f64 = 440.0;
const ROW: f64 = 40.0;

/// Room for the numbers under the ends of the scale.
const MARGIN: f64 = 32.0;

/// A bar as it is drawn.
#[derive(Clone, Debug, PartialEq)]
struct Bar {
    label: String,
    low: f64,
    high: f64,
    /// What is written at the two ends.
    ends: (String, String),
    /// Where it changes its colour.
    middle: Option<f64>,
}

/// The place of a bar: the row from above, and from where to where it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Placed {
    top: f64,
    left: f64,
    right: f64,
}

/// The scale of some bars and their places.
fn placed(bars: &[Bar], line: Option<f64>) -> (Scale, Vec<Placed>) {
    let ends = bars.iter().flat_map(|bar| [bar.low, bar.high]).chain(line);
    let scale = Scale::around(ends, MARGIN, WIDTH - MARGIN);
    let mut top = 0.0;
    let places = bars.iter().map(|bar| {
        let (a, b) = (scale.at(bar.low), scale.at(bar.high));
        let place = Placed { top, left: a.min(b), right: a.max(b) };
        top += ROW;
        place
    });
    let places = places.collect();
    (scale, places)
}

fn drawn(bars: &[Bar], line: Option<f64>, format: NumberFormat, id: &'static str, words: String) -> AnyView {
    let (scale, places) = placed(bars, line);
    let bottom = places.last().map_or(0.0, |place| place.top + ROW);
    let height = bottom + 24.0;
    let bar = |(bar, place): (&Bar, &Placed)| {
        let split = bar.middle.map_or(place.right, |middle| scale.at(middle).clamp(place.left, place.right));
        let y = (place.top + 20.0).to_string();
        let part = |class: &'static str, from: f64, to: f64| {
            view! {
                <rect class=class x=from.to_string() y=y.clone() width=(to - from).max(0.0).to_string() height="12"></rect>
            }
            .into_any()
        };
        let text_y = (place.top + 14.0).to_string();
        view! {
            <g data-bar=bar.label.clone() data-low=bits_of(bar.low) data-high=bits_of(bar.high)>
                <text class="bar-label" x="8" y=text_y.clone()>
                    {bar.label.clone()}
                </text>
                <text class="bar-ends" x=(WIDTH - 8.0).to_string() y=text_y>
                    {format!("{} – {}", bar.ends.0, bar.ends.1)}
                </text>
                {part("bar-low", place.left, split)}
                {part("bar-high", split, place.right)}
            </g>
        }
        .into_any()
    };
    let bars: Vec<AnyView> = bars.iter().zip(&places).map(bar).collect();
    let tick = |number: f64| {
        let x = scale.at(number).to_string();
        view! {
            <line class="grid-line" x1=x.clone() x2=x.clone() y1="0" y2=bottom.to_string()></line>
            <text class="tick" x=x y=(bottom + 16.0).to_string()>
                {format.display(number)}
            </text>
        }
        .into_any()
    };
    let ticks: Vec<AnyView> = scale.ticks().into_iter().map(tick).collect();
    let line = line.map(|number| {
        let x = scale.at(number).to_string();
        view! { <line class="base-line" x1=x.clone() x2=x y1="0" y2=bottom.to_string()></line> }.into_any()
    });
    view! {
        <svg class="chart" viewBox=format!("0 0 {WIDTH} {height}") role="img" aria-label=words data-testid=id>
            {ticks}
            {bars}
            {line}
        </svg>
    }
    .into_any()
}

/// Which inputs move an output most.
pub(super) fn tornado(session: DocumentSession) -> AnyView {
    let first =
        session.with_model(|model| model.outputs.first().and_then(|id| model.item(id)).map(|item| item.name.clone()));
    let output = RwSignal::new(first.flatten().unwrap_or_default());
    let by_share = RwSignal::new(true);
    let inquiry = Inquiry::new(|found| match found {
        Found::Tornado(tornado) => Some(tornado),
        _ => None,
    });
    let again = RwSignal::new(0_u32);
    Effect::new(move || {
        session.fingerprint.track();
        session.scenario.track();
        again.track();
        let (name, share) = (output.get(), by_share.get().then_some(SHARE));
        let task = session.with_model(|model| Ok(Task::Tornado { output: inputs::cell(model, &name)?, share }));
        if let Some(task) = task {
            inquiry.ask(session, task);
        }
    });
    let way = move |share: bool, words: &'static str, action: &'static str| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=attribute(move || Some((by_share.get() == share).to_string()))
                data-action=action
                on:click=move |_| by_share.set(share)
            >
                {words}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="analysis-form">{inputs::output_choice(session, words!(analysis.output), output)}</div>
        <div class="chips" role="group" aria-label=words!(analysis.swing)>
            {way(true, words!(analysis.by_tenth), "tornado-share")}
            {way(false, words!(analysis.by_distribution), "tornado-distributions")}
        </div>
        {inquiry.shown(Arc::new(move || again.update(|turn| *turn += 1)), shown_tornado)}
    }
    .into_any()
}

fn shown_tornado(tornado: &Tornado) -> AnyView {
    let format = tornado.output.format;
    let bars: Vec<Bar> = tornado
        .bars
        .iter()
        .filter_map(|bar| {
            let (low, high) = bar.at_low.number().zip(bar.at_high.number())?;
            let shown = |value: f64| bar.input.format.display(value);
            let ends = (shown(bar.low), shown(bar.high));
            Some(Bar { label: inputs::words(&bar.input), low, high, ends, middle: tornado.base.number() })
        })
        .take(DRAWN)
        .collect();
    if bars.is_empty() {
        return view! { <p class="muted">{words!(analysis.nothing_moves)}</p> }.into_any();
    }
    drawn(&bars, tornado.base.number(), format, "tornado", inputs::words(&tornado.output))
}

/// What different methods say.
pub(super) fn football_field(session: DocumentSession) -> AnyView {
    dynamic(move || {
        session.changes.track();
        session.scenario.track();
        let bars = session.with_calculation(FootballField::new).unwrap_or_default().bars;
        let format = bars.first().map_or(NumberFormat::Number, |bar| bar.format);
        let bars: Vec<Bar> = bars
            .iter()
            .filter_map(|bar| {
                let (low, high) = bar.low.number().zip(bar.high.number())?;
                let ends = (bar.format.display(low), bar.format.display(high));
                Some(Bar { label: bar.label.clone(), low, high, ends, middle: None })
            })
            .take(DRAWN)
            .collect();
        if bars.is_empty() {
            return view! { <p class="muted">{words!(analysis.no_ranges)}</p> }.into_any();
        }
        let own = session.outputs.with(|outputs| outputs.first().map(|view| view.output.clone()));
        let line = own.as_ref().filter(|own| own.format == format).and_then(|own| own.value);
        let words = own.map(|own| own.label).unwrap_or_default();
        drawn(&bars, line, format, "football-field", words)
    })
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn bars_lie_under_each_other_from_their_lower_end_to_their_higher_one() {
        let bar = |low, high| Bar { label: String::new(), low, high, ends: Default::default(), middle: None };
        let (scale, places) = placed(&[bar(20.0, 80.0), bar(60.0, 40.0)], Some(100.0));
        assert_eq!((scale.low, scale.high), (20.0, 100.0));
        assert_eq!(places[0], Placed { top: 0.0, left: MARGIN, right: scale.at(80.0) });
        assert_eq!(places[1], Placed { top: ROW, left: scale.at(40.0), right: scale.at(60.0) });
    }
}
