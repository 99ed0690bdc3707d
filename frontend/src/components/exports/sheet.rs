//! A model as a plain table: for a preview, and for paper.

use coval_shared::model::{Calculation, CellRef, LineItem, Model, Period, Span};
use leptos::prelude::*;

use crate::state::DocumentSession;
use crate::state::view::CellView;
use crate::words;

/// How many periods fit on a page; the others follow below, with the labels again.
const PERIODS_ON_PAPER: usize = 10;

/// The most rows that are printed.
const ROWS_ON_PAPER: usize = 5_000;

/// The first rows and periods of the model.
pub(super) fn beginning(session: DocumentSession, rows: usize, periods: usize) -> AnyView {
    session
        .with_calculation(|model, calculation| {
            let shown = model.periods.iter().take(periods).collect::<Vec<_>>();
            let all = model.items().count();
            let rest = all.saturating_sub(rows);
            let rest = (rest > 0).then(|| words!(common.more_rows, count = rest));
            view! {
                {table(model, calculation, &shown, rows, None)}
                <p class="muted">{rest}</p>
            }
            .into_any()
        })
        .unwrap_or_else(|| ().into_any())
}

/// The whole model, in tables that fit on a page.
pub(super) fn whole(session: DocumentSession) -> AnyView {
    session
        .with_calculation(|model, calculation| {
            let title = session.title.get_untracked();
            let periods: Vec<&Period> = model.periods.iter().collect();
            let mut blocks: Vec<&[&Period]> = periods.chunks(PERIODS_ON_PAPER).collect();
            if blocks.is_empty() {
                blocks.push(&[]);
            }
            let tables = blocks
                .into_iter()
                .map(|block| table(model, calculation, block, ROWS_ON_PAPER, Some(&title)))
                .collect::<Vec<_>>();
            tables.into_any()
        })
        .unwrap_or_else(|| ().into_any())
}

fn table(
    model: &Model,
    calculation: &Calculation,
    periods: &[&Period],
    rows: usize,
    running_title: Option<&str>,
) -> AnyView {
    let columns = (periods.len() + 3).to_string();
    let title = running_title.map(|title| {
        view! { <tr class="running-title"><th colspan=columns.clone()>{title.to_owned()}</th></tr> }.into_any()
    });
    let heads = periods.iter().map(|period| view! { <th scope="col">{period.label.clone()}</th> }.into_any());
    let heads = heads.collect::<Vec<_>>();
    let mut left = rows;
    let mut lines = Vec::new();
    for section in &model.sections {
        if left == 0 {
            break;
        }
        let head = view! {
            <tr class="print-section">
                <th colspan=columns.clone() scope="colgroup">{section.label.clone()}</th>
            </tr>
        };
        lines.push(head.into_any());
        let taken = section.items.len().min(left);
        left -= taken;
        lines.extend(section.items.iter().take(taken).map(|item| row(model, calculation, item, periods)));
    }
    view! {
        <table class="plain-sheet">
            <thead>
                {title}
                <tr>
                    <th scope="col">{words!(common.row)}</th>
                    <th scope="col">{words!(common.unit)}</th>
                    <th scope="col">{words!(common.value)}</th>
                    {heads}
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}

fn row(model: &Model, calculation: &Calculation, item: &LineItem, periods: &[&Period]) -> AnyView {
    let cell = |period: Option<&Period>| {
        let cell = CellRef { item: item.id.clone(), period: period.map(|period| period.id.clone()) };
        let look = CellView::of(model, calculation, &cell);
        let class = format!("is-{}", look.kind_word());
        view! { <td class=class>{look.text}</td> }.into_any()
    };
    let empty = || view! { <td></td> }.into_any();
    let mut cells = Vec::with_capacity(periods.len() + 1);
    match item.span {
        Span::Single => {
            cells.push(cell(None));
            cells.extend(periods.iter().map(|_| empty()));
        }
        Span::Period => {
            cells.push(empty());
            cells.extend(periods.iter().map(|period| cell(Some(period))));
        }
    }
    view! {
        <tr>
            <th scope="row">{item.label.clone()}</th>
            <td class="unit">{item.unit.clone()}</td>
            {cells}
        </tr>
    }
    .into_any()
}
