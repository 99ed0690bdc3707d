//! The grid: its frame, its head and its rows.

use coval_shared::model::{ItemId, Period, PeriodKind, SectionId, Span};
use leptos::ev;
use leptos::prelude::*;

use super::cell::{LabelCell, ValueCell};
use super::movement::{Column, Position};
use super::selection::Sheet;
use crate::state::view::Row;

/// The columns before the first period: label, unit, value.
const LEADING_COLUMNS: usize = 3;

/// The model as a grid.
#[component]
pub fn Grid(
    /// The document with its selection.
    sheet: Sheet,
) -> impl IntoView {
    let session = sheet.session;
    let periods = Memo::new(move |_| session.layout.with(|layout| layout.periods.clone()));
    let rows = Memo::new(move |_| session.layout.with(|layout| numbered(&layout.rows)));
    let row_count = move || rows.with(Vec::len).saturating_add(1);
    let column_count = move || periods.with(Vec::len).saturating_add(LEADING_COLUMNS);
    let selector = Selector::new(move || sheet.selected.get());
    provide_context(selector);

    let on_keydown = move |event: ev::KeyboardEvent| {
        // Keys of the cells pass by here too; the grid has the keyboard itself only when no cell has it.
        let is_own = event.target() == event.current_target();
        let is_entry = matches!(event.key().as_str(), "Enter" | "ArrowDown" | "ArrowRight" | "ArrowUp" | "ArrowLeft");
        if is_own && is_entry {
            event.prevent_default();
            sheet.enter();
        }
    };

    view! {
        <div class="sheet">
            <table
                class="grid"
                role="grid"
                aria-label="Model"
                aria-rowcount=row_count
                aria-colcount=column_count
                aria-multiselectable="false"
                tabindex="0"
                data-testid="grid"
                data-revision=move || session.fingerprint.with(|print| print.revision)
                data-digest=move || session.fingerprint.with(|print| print.digest.clone())
                on:keydown=on_keydown
            >
                <thead>
                    <tr role="row" aria-rowindex="1">
                        <th class="head-label" role="columnheader" scope="col" aria-colindex="1">"Line item"</th>
                        <th class="head-unit" role="columnheader" scope="col" aria-colindex="2">"Unit"</th>
                        <th class="head-value" role="columnheader" scope="col" aria-colindex="3">"Value"</th>
                        {move || periods.with(|periods| heads(periods))}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|(_, row)| row_key(row) let:entry>
                        <GridRow sheet row=entry.1 periods rows/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

fn numbered(rows: &[Row]) -> Vec<(usize, Row)> {
    rows.iter().cloned().enumerate().collect()
}

fn row_key(row: &Row) -> (Option<SectionId>, Option<ItemId>, String, bool) {
    match row {
        Row::Section { id, label } => (Some(id.clone()), None, label.clone(), false),
        Row::Item { id, span } => (None, Some(id.clone()), String::new(), *span == Span::Single),
    }
}

fn heads(periods: &[Period]) -> impl IntoView + use<> {
    period_classes(periods)
        .into_iter()
        .zip(periods.to_vec())
        .enumerate()
        .map(|(index, (class, period))| {
            let word = match period.kind {
                PeriodKind::History => "history",
                PeriodKind::Forecast => "forecast",
            };
            view! {
                <th
                    class=format!("head-period {class}")
                    role="columnheader"
                    scope="col"
                    aria-colindex=index.saturating_add(LEADING_COLUMNS).saturating_add(1)
                    title=word
                >
                    {period.label}
                </th>
            }
        })
        .collect_view()
}

/// The classes of the columns: history or forecast, and where the one becomes the other.
fn period_classes(periods: &[Period]) -> Vec<&'static str> {
    let mut was_history = false;
    periods
        .iter()
        .map(|period| {
            let is_history = period.kind == PeriodKind::History;
            let class = match (is_history, was_history) {
                (true, _) => "history",
                (false, true) => "forecast turn",
                (false, false) => "forecast",
            };
            was_history = is_history;
            class
        })
        .collect()
}

#[component]
fn GridRow(sheet: Sheet, row: Row, periods: Memo<Vec<Period>>, rows: Memo<Vec<(usize, Row)>>) -> impl IntoView {
    let key = row_key(&row);
    let index = Memo::new(move |_| {
        // The head of the grid is row 1.
        rows.with(|rows| {
            rows.iter().find(|(_, row)| row_key(row) == key).map_or(1, |(index, _)| index.saturating_add(2))
        })
    });
    match row {
        Row::Section { label, .. } => view! { <SectionRow label periods index/> }.into_any(),
        Row::Item { id, span: Span::Period } => view! { <PeriodRow sheet item=id periods index/> }.into_any(),
        Row::Item { id, span: Span::Single } => view! { <SingleRow sheet item=id periods index/> }.into_any(),
    }
}

#[component]
fn SectionRow(label: String, periods: Memo<Vec<Period>>, index: Memo<usize>) -> impl IntoView {
    view! {
        <tr class="section" role="row" aria-rowindex=index>
            <th class="section-label" role="rowheader" scope="rowgroup" aria-colindex="1">{label}</th>
            <td class="filler" role="presentation" colspan=move || filler_span(periods)></td>
        </tr>
    }
}

fn filler_span(periods: Memo<Vec<Period>>) -> usize {
    periods.with(Vec::len).saturating_add(LEADING_COLUMNS).saturating_sub(1)
}

#[component]
fn PeriodRow(sheet: Sheet, item: ItemId, periods: Memo<Vec<Period>>, index: Memo<usize>) -> impl IntoView {
    let words = sheet.session.item(&item);
    let unit = {
        let words = words.clone();
        move || words.with(|words| words.unit.clone())
    };
    let cells = {
        let item = item.clone();
        move || {
            periods.with(|periods| {
                period_classes(periods)
                    .into_iter()
                    .zip(periods)
                    .enumerate()
                    .map(|(index, (class, period))| {
                        let place = Position { item: item.clone(), column: Column::Period(period.id.clone()) };
                        let column = index.saturating_add(LEADING_COLUMNS).saturating_add(1);
                        view! { <ValueCell sheet place class column heading=period.label.clone()/> }
                    })
                    .collect_view()
            })
        }
    };
    view! {
        <tr role="row" aria-rowindex=index>
            <LabelCell sheet item/>
            <td class="unit" role="gridcell" aria-colindex="2" aria-readonly="true">{unit}</td>
            <td class="filler" role="presentation"></td>
            {cells}
        </tr>
    }
}

#[component]
fn SingleRow(sheet: Sheet, item: ItemId, periods: Memo<Vec<Period>>, index: Memo<usize>) -> impl IntoView {
    let words = sheet.session.item(&item);
    let unit = {
        let words = words.clone();
        move || words.with(|words| words.unit.clone())
    };
    let note = move || words.with(|words| words.note.clone());
    let place = Position { item: item.clone(), column: Column::Value };
    view! {
        <tr role="row" aria-rowindex=index>
            <LabelCell sheet item/>
            <td class="unit" role="gridcell" aria-colindex="2" aria-readonly="true">{unit}</td>
            <ValueCell sheet place class="single" column=3 heading=String::new()/>
            <td
                class="note"
                role="gridcell"
                aria-colindex="4"
                aria-readonly="true"
                colspan=move || periods.with(Vec::len)
            >
                <span class="note-text">{note}</span>
            </td>
        </tr>
    }
}
