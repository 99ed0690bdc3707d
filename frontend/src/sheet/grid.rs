//! The grid: its frame, its head and its rows.

use std::collections::HashMap;

use coval_shared::model::{ItemId, Period, PeriodKind, Span};
use leptos::ev;
use leptos::prelude::*;

use super::cell::{LabelCell, ValueCell};
use super::movement::{Column, Position};
use super::selection::Sheet;
use crate::dynamic::{dynamic, each, text};
use crate::state::view::Row;

/// The columns before the first period: label, unit, value.
const LEADING_COLUMNS: usize = 3;

/// The rows by their keys, with their places from the top.
type Rows = HashMap<String, (usize, Row)>;

/// The model as a grid.
#[component]
pub fn Grid(
    /// The document with its selection.
    sheet: Sheet,
) -> impl IntoView {
    let session = sheet.session;
    let periods = Memo::new(move |_| session.layout.with(|layout| layout.periods.clone()));
    let keys = Memo::new(move |_| session.layout.with(|layout| layout.rows.iter().map(row_key).collect::<Vec<_>>()));
    let rows = Memo::new(move |_| session.layout.with(|layout| by_key(&layout.rows)));
    let row_count = text(move || keys.with(Vec::len).saturating_add(1).to_string());
    let column_count = text(move || column(periods.with(Vec::len)));
    let revision = text(move || session.fingerprint.with(|print| print.revision.to_string()));
    let digest = text(move || session.fingerprint.with(|print| print.digest.clone()));
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
                data-revision=revision
                data-digest=digest
                on:keydown=on_keydown
            >
                <thead>
                    <tr role="row" aria-rowindex="1">
                        <th class="head-label" role="columnheader" scope="col" aria-colindex="1">"Line item"</th>
                        <th class="head-unit" role="columnheader" scope="col" aria-colindex="2">"Unit"</th>
                        <th class="head-value" role="columnheader" scope="col" aria-colindex="3">"Value"</th>
                        {dynamic(move || periods.with(|periods| heads(periods)))}
                    </tr>
                </thead>
                <tbody>{each(keys.into(), move |key| row(sheet, &key, periods, rows))}</tbody>
            </table>
        </div>
    }
}

fn by_key(rows: &[Row]) -> Rows {
    rows.iter().enumerate().map(|(index, row)| (row_key(row), (index, row.clone()))).collect()
}

/// What a row is known by: a row that becomes of another kind is another row.
fn row_key(row: &Row) -> String {
    match row {
        Row::Section { id, label } => format!("section {} {label}", id.0),
        Row::Item { id, span: Span::Period } => format!("periods {}", id.0),
        Row::Item { id, span: Span::Single } => format!("single {}", id.0),
    }
}

/// The number of the column with the period `index`, as assistive technology counts.
fn column(index: usize) -> String {
    index.saturating_add(LEADING_COLUMNS).to_string()
}

fn heads(periods: &[Period]) -> AnyView {
    let head = |(index, (class, period)): (usize, (&str, &Period))| {
        let word = match period.kind {
            PeriodKind::History => "history",
            PeriodKind::Forecast => "forecast",
        };
        view! {
            <th
                class=format!("head-period {class}")
                role="columnheader"
                scope="col"
                aria-colindex=column(index.saturating_add(1))
                title=word
            >
                {period.label.clone()}
            </th>
        }
        .into_any()
    };
    period_classes(periods).into_iter().zip(periods).enumerate().map(head).collect::<Vec<_>>().into_any()
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

fn row(sheet: Sheet, key: &str, periods: Memo<Vec<Period>>, rows: Memo<Rows>) -> AnyView {
    let Some(row) = rows.with_untracked(|rows| rows.get(key).map(|(_, row)| row.clone())) else {
        return ().into_any();
    };
    let key = key.to_owned();
    let index = text(move || {
        // The head of the grid is row 1.
        rows.with(|rows| rows.get(&key).map_or(1, |(index, _)| index.saturating_add(2))).to_string()
    });
    match row {
        Row::Section { label, .. } => section_row(label, periods, index),
        Row::Item { id, span } => item_row(sheet, id, span, periods, index),
    }
}

fn section_row(label: String, periods: Memo<Vec<Period>>, index: Signal<String>) -> AnyView {
    let filler = text(move || periods.with(Vec::len).saturating_add(LEADING_COLUMNS).saturating_sub(1).to_string());
    view! {
        <tr class="section" role="row" aria-rowindex=index>
            <th class="section-label" role="rowheader" scope="rowgroup" aria-colindex="1">
                {label}
            </th>
            <td class="filler" role="presentation" colspan=filler></td>
        </tr>
    }
    .into_any()
}

fn item_row(sheet: Sheet, item: ItemId, span: Span, periods: Memo<Vec<Period>>, index: Signal<String>) -> AnyView {
    let words = sheet.session.item(&item);
    let unit = text({
        let words = words.clone();
        move || words.with(|words| words.unit.clone())
    });
    let values = match span {
        Span::Period => {
            let item = item.clone();
            dynamic(move || periods.with(|periods| period_cells(sheet, &item, periods)))
        }
        Span::Single => {
            let place = Position { item: item.clone(), column: Column::Value };
            let note = text(move || words.with(|words| words.note.clone()));
            dynamic(move || single_cells(sheet, place.clone(), note, periods))
        }
    };
    view! {
        <tr role="row" aria-rowindex=index>
            <LabelCell sheet item/>
            <td class="unit" role="gridcell" aria-colindex="2" aria-readonly="true">
                {unit}
            </td>
            {values}
        </tr>
    }
    .into_any()
}

fn period_cells(sheet: Sheet, item: &ItemId, periods: &[Period]) -> AnyView {
    let filler = view! { <td class="filler" role="presentation"></td> }.into_any();
    let cells = period_classes(periods).into_iter().zip(periods).enumerate().map(|(index, (class, period))| {
        let place = Position { item: item.clone(), column: Column::Period(period.id.clone()) };
        view! { <ValueCell sheet place class column=column(index.saturating_add(1))/> }.into_any()
    });
    std::iter::once(filler).chain(cells).collect::<Vec<_>>().into_any()
}

/// The cell of the one value, and what is known about it in the room that the periods leave.
fn single_cells(sheet: Sheet, place: Position, note: Signal<String>, periods: Memo<Vec<Period>>) -> AnyView {
    let room = text(move || periods.with(Vec::len).to_string());
    view! {
        <ValueCell sheet place class="single" column=column(0)/>
        <td class="note" role="gridcell" aria-colindex="4" aria-readonly="true" colspan=room>
            <span class="note-text">{note}</span>
        </td>
    }
    .into_any()
}
