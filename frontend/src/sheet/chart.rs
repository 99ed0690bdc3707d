//! The chart of the selected rows over the periods.

use std::sync::Arc;

use coval_shared::model::{CellRef, CellValue, ItemId, NumberFormat, Period, PeriodKind, Span};
use leptos::prelude::*;

use super::plot::{self, Frame, Plot, Style};
use super::selection::Sheet;
use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::{attribute, dynamic};
use crate::words;

/// The most rows that one chart shows: more can't be told apart.
const MOST_ROWS: usize = 8;

const FRAME: Frame = Frame { width: 640.0, height: 160.0 };

/// The room for the axes, left and below.
const LEFT: f64 = 72.0;
const BELOW: f64 = 24.0;
const ABOVE: f64 = 8.0;

/// The chart of `sheet`.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(sheet: Sheet) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || chart(sheet)))
}

/// A row of the chart.
#[derive(Clone, Debug, PartialEq)]
struct Series {
    label: String,
    unit: String,
    format: NumberFormat,
    values: Vec<Option<f64>>,
}

/// What a chart is drawn of.
#[derive(Clone, Debug, Default, PartialEq)]
struct Drawn {
    periods: Vec<Period>,
    series: Vec<Series>,
    /// How many rows are selected that are not drawn.
    left_out: usize,
}

fn chart(sheet: Sheet) -> AnyView {
    let style = RwSignal::new(Style::Lines);
    let rows = Memo::new(move |_| {
        sheet.block.track();
        sheet.selected.track();
        sheet.selected_rows()
    });
    let drawn = Memo::new(move |_| {
        sheet.session.changes.track();
        rows.with(|rows| drawn(sheet, rows))
    });
    let pick = move |kind: Style, action: &'static str, words: &'static str| {
        view! {
            <button
                type="button"
                class="tool"
                data-action=action
                aria-pressed=attribute(move || Some((style.get() == kind).to_string()))
                on:click=move |_| style.set(kind)
            >
                {words}
            </button>
        }
        .into_any()
    };
    let content = dynamic(move || drawn.with(|drawn| content(drawn, style.get())));
    view! {
        <section class="chart" aria-label=words!(sheet.chart_of_rows) data-testid="chart">
            <header class="chart-head">
                {pick(Style::Lines, "draw-lines", words!(sheet.lines))}
                {pick(Style::Bars, "draw-bars", words!(sheet.bars))}
                <span class="spacer"></span>
                <button type="button" class="quiet" data-action="close-chart" on:click=move |_| sheet.has_chart.set(false)>
                    {words!(common.close)}
                </button>
            </header>
            {content}
        </section>
    }
    .into_any()
}

fn drawn(sheet: Sheet, rows: &[ItemId]) -> Drawn {
    let drawn = sheet.session.with_calculation(|model, calculation| {
        let over_periods = rows.iter().filter_map(|id| model.item(id)).filter(|item| item.span == Span::Period);
        let mut series: Vec<Series> = over_periods
            .map(|item| {
                let value = |period: &Period| {
                    let cell = CellRef { item: item.id.clone(), period: Some(period.id.clone()) };
                    match calculation.value(&cell) {
                        CellValue::Number(number) => Some(*number),
                        _ => None,
                    }
                };
                Series {
                    label: item.label.clone(),
                    unit: item.unit.clone(),
                    format: item.format,
                    values: model.periods.iter().map(value).collect(),
                }
            })
            .filter(|series| series.values.iter().any(Option::is_some))
            .collect();
        let left_out = series.len().saturating_sub(MOST_ROWS);
        series.truncate(MOST_ROWS);
        Drawn { periods: model.periods.clone(), series, left_out }
    });
    drawn.unwrap_or_default()
}

fn content(drawn: &Drawn, style: Style) -> AnyView {
    let Some(first) = drawn.series.first() else {
        return view! { <p class="chart-empty muted">{words!(sheet.chart_empty)}</p> }.into_any();
    };
    let values = drawn.series.iter().flat_map(|series| series.values.iter().flatten().copied());
    let plot = Plot::new(FRAME, drawn.periods.len(), values, style);
    let names = drawn.series.iter().map(|series| series.label.as_str()).collect::<Vec<_>>().join(", ");
    let rows = drawn.series.len();
    let shapes = drawn.series.iter().enumerate().map(|(index, series)| match style {
        Style::Lines => lines(&plot, drawn, series, index),
        Style::Bars => bars(&plot, drawn, series, index, rows),
    });
    let view_box = format!("0 0 {} {}", FRAME.width + LEFT + 8.0, FRAME.height + ABOVE + BELOW);
    let moved = format!("translate({LEFT} {ABOVE})");
    let left_out = (drawn.left_out > 0).then(|| {
        view! { <p class="muted">{words!(sheet.chart_left_out, count = drawn.left_out.to_string())}</p> }.into_any()
    });
    view! {
        <div class="chart-body">
            <svg
                class="plot"
                viewBox=view_box
                role="img"
                aria-label=words!(sheet.chart_named, names = names)
                preserveAspectRatio="xMidYMid meet"
            >
                <g transform=moved>
                    {forecast(&plot, &drawn.periods)} {axis(&plot, first.format)}
                    {heads(&plot, &drawn.periods)} {shapes.collect::<Vec<_>>()}
                </g>
            </svg>
            <ul class="legend">{drawn.series.iter().enumerate().map(legend).collect::<Vec<_>>()}</ul>
            {left_out}
            {table(drawn)}
        </div>
    }
    .into_any()
}

/// The tint behind the periods that are expected.
fn forecast(plot: &Plot, periods: &[Period]) -> AnyView {
    let shade = |(index, _): (usize, &Period)| {
        view! {
            <rect
                class="plot-forecast"
                x=px(plot.left(index))
                y="0"
                width=px(plot.step())
                height=px(FRAME.height)
            ></rect>
        }
        .into_any()
    };
    let expected = periods.iter().enumerate().filter(|(_, period)| period.kind == PeriodKind::Forecast);
    expected.map(shade).collect::<Vec<_>>().into_any()
}

fn axis(plot: &Plot, format: NumberFormat) -> AnyView {
    let mark = |tick: &plot::Tick| {
        let class = if tick.value == 0.0 { "plot-rule zero" } else { "plot-rule" };
        view! {
            <line class=class x1="0" x2=px(FRAME.width) y1=px(tick.y) y2=px(tick.y)></line>
            <text class="plot-value" x="-8" y=px(tick.y + 3.5)>
                {format.display(tick.value)}
            </text>
        }
        .into_any()
    };
    plot.ticks.iter().map(mark).collect::<Vec<_>>().into_any()
}

/// The labels of periods, as many as have room.
fn heads(plot: &Plot, periods: &[Period]) -> AnyView {
    let longest = periods.iter().map(|period| period.label.chars().count()).max().unwrap_or(1);
    let needed = 7.0 * f64::from(u32::try_from(longest).unwrap_or(24)) + 8.0;
    let every = (1..64_usize).find(|every| plot.left(*every) >= needed).unwrap_or(64);
    let head = |(index, period): (usize, &Period)| {
        view! {
            <text class="plot-period" x=px(plot.x(index)) y=px(FRAME.height + 16.0)>
                {period.label.clone()}
            </text>
        }
        .into_any()
    };
    periods.iter().enumerate().step_by(every).map(head).collect::<Vec<_>>().into_any()
}

fn point_words(drawn: &Drawn, series: &Series, period: usize, value: f64) -> String {
    let label = drawn.periods.get(period).map_or("", |period| period.label.as_str());
    format!("{}, {label}: {} {}", series.label, series.format.display(value), series.unit)
}

fn lines(plot: &Plot, drawn: &Drawn, series: &Series, index: usize) -> AnyView {
    let class = plot::colour_of(index);
    let shown = plot.lines(&series.values).into_iter().map(|points| {
        let is_expected = |point: &plot::Point| {
            drawn.periods.get(point.period).is_some_and(|period| period.kind == PeriodKind::Forecast)
        };
        // The forecast goes on from the last known point, dashed.
        let known = points.iter().take_while(|point| !is_expected(point)).count();
        let history = points.get(..known).unwrap_or_default();
        let expected = points.get(known.saturating_sub(1)..).unwrap_or_default();
        let dots = points.iter().map(|point| {
            let words = point_words(drawn, series, point.period, point.value);
            view! {
                <circle class="plot-dot" cx=px(point.x) cy=px(point.y) r="3">
                    <title>{words}</title>
                </circle>
            }
            .into_any()
        });
        view! {
            <path class="plot-line" d=plot::path(history)></path>
            <path class="plot-line expected" d=plot::path(expected)></path>
            {dots.collect::<Vec<_>>()}
        }
        .into_any()
    });
    view! { <g class=class>{shown.collect::<Vec<_>>()}</g> }.into_any()
}

fn bars(plot: &Plot, drawn: &Drawn, series: &Series, index: usize, rows: usize) -> AnyView {
    let class = plot::colour_of(index);
    let shown = plot.bars(&series.values, index, rows).into_iter().map(|bar| {
        let expected = drawn.periods.get(bar.period).is_some_and(|period| period.kind == PeriodKind::Forecast);
        let class = if expected { "plot-bar expected" } else { "plot-bar" };
        view! {
            <rect class=class x=px(bar.x) y=px(bar.y) width=px(bar.width) height=px(bar.height)>
                <title>{point_words(drawn, series, bar.period, bar.value)}</title>
            </rect>
        }
        .into_any()
    });
    view! { <g class=class>{shown.collect::<Vec<_>>()}</g> }.into_any()
}

fn legend((index, series): (usize, &Series)) -> AnyView {
    view! {
        <li class=plot::colour_of(index)>
            <span class="legend-mark" aria-hidden="true"></span>
            {series.label.clone()}
            <span class="muted">{series.unit.clone()}</span>
        </li>
    }
    .into_any()
}

/// The same figures for those who don't see the drawing.
fn table(drawn: &Drawn) -> AnyView {
    let heads = drawn.periods.iter().map(|period| view! { <th scope="col">{period.label.clone()}</th> }.into_any());
    let row = |series: &Series| {
        let value = |value: &Option<f64>| {
            let shown = value.map(|value| series.format.display(value)).unwrap_or_default();
            view! { <td>{shown}</td> }.into_any()
        };
        view! {
            <tr>
                <th scope="row">{series.label.clone()}</th>
                {series.values.iter().map(value).collect::<Vec<_>>()}
            </tr>
        }
        .into_any()
    };
    view! {
        <table class="unseen">
            <caption>{words!(sheet.chart_of_rows)}</caption>
            <thead>
                <tr>
                    <td></td>
                    {heads.collect::<Vec<_>>()}
                </tr>
            </thead>
            <tbody>{drawn.series.iter().map(row).collect::<Vec<_>>()}</tbody>
        </table>
    }
    .into_any()
}

fn px(length: f64) -> String {
    format!("{length:.1}")
}
