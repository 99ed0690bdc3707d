//! One row of the grid: the head of a section, an item, or the room of rows that are not drawn.

use std::ops::Range;

use coval_shared::model::{ItemId, Period, SectionId, Span};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::cell::{LabelCell, ValueCell};
use super::grid::{Frame, all_columns, period_classes, set_height};
use super::movement::{Column, Position};
use super::pointer;
use super::selection::{MenuOf, Sheet};
use crate::dynamic::{attribute, dynamic, text};
use crate::state::view::Row;
use crate::words;

/// The columns before the first period: label, unit, value.
pub(super) const LEADING_COLUMNS: usize = 3;

/// What a row is known by: a row that becomes of another kind is another row.
pub(super) fn row_key(row: &Row) -> String {
    match row {
        Row::Section { id, label } => format!("section {} {label}", id.0),
        Row::Item { id, span: Span::Period } => format!("periods {}", id.0),
        Row::Item { id, span: Span::Single } => format!("single {}", id.0),
    }
}

/// The number of the column with the period `index`, as assistive technology counts.
pub(super) fn column(index: usize) -> String {
    index.saturating_add(LEADING_COLUMNS).to_string()
}

/// The row with this key, or the room of rows that are not drawn.
pub(super) fn drawn_row(sheet: Sheet, key: &str, frame: Frame) -> AnyView {
    if let Some(gap) = key.strip_prefix("gap ") {
        return room(gap.split(' ').next().unwrap_or_default().to_owned(), frame);
    }
    let Some(row) = frame.rows.with_untracked(|rows| rows.get(key).map(|(_, row)| row.clone())) else {
        return ().into_any();
    };
    let key = key.to_owned();
    let index = text(move || {
        // The head of the grid is row 1.
        frame.rows.with(|rows| rows.get(&key).map_or(1, |(index, _)| index.saturating_add(2))).to_string()
    });
    match row {
        Row::Section { id, label } => section_row(sheet, id, label, frame, index),
        Row::Item { id, span } => item_row(sheet, id, span, frame, index),
    }
}

fn room(height: String, frame: Frame) -> AnyView {
    let cell = NodeRef::<html::Td>::new();
    cell.on_load(move |cell| set_height(&cell, &height));
    let columns = text(move || all_columns(frame.periods.with(Vec::len)));
    view! {
        <tr class="gap" role="presentation" aria-hidden="true">
            <td node_ref=cell colspan=columns></td>
        </tr>
    }
    .into_any()
}

fn section_row(sheet: Sheet, section: SectionId, label: String, frame: Frame, index: Signal<String>) -> AnyView {
    let filler = text(move || all_columns(frame.periods.with(Vec::len).saturating_sub(1)));
    let id = section.0.clone();
    let is_folded = {
        let section = section.clone();
        Signal::derive(move || sheet.folded.with(|folded| folded.contains(&section)))
    };
    let expanded = attribute(move || Some((!is_folded.get()).to_string()));
    let fold_title = text(move || {
        let words = if is_folded.get() { words!(sheet.unfold) } else { words!(sheet.fold) };
        words.to_owned()
    });
    let fold = {
        let section = section.clone();
        move |_| sheet.fold(&section)
    };
    let open = move |event: ev::MouseEvent| pointer::open_below(sheet, &event, MenuOf::Section(section.clone()));
    view! {
        <tr class="section" role="row" aria-rowindex=index data-section=id>
            <th class="section-label" role="rowheader" scope="rowgroup" aria-colindex="1">
                <button
                    type="button"
                    class="fold"
                    data-action="fold-section"
                    aria-expanded=expanded
                    aria-label=fold_title
                    title=fold_title
                    on:click=fold
                ></button>
                <span class="section-text">{label}</span>
                <button
                    type="button"
                    class="row-button opens-menu"
                    data-action="open-section-menu"
                    aria-haspopup="menu"
                    aria-label=words!(sheet.section_menu)
                    title=words!(sheet.section_menu)
                    on:click=open
                ></button>
            </th>
            <td class="filler" role="presentation" colspan=filler></td>
        </tr>
    }
    .into_any()
}

fn item_row(sheet: Sheet, item: ItemId, span: Span, frame: Frame, index: Signal<String>) -> AnyView {
    let words = sheet.session.item(&item);
    let unit = text({
        let words = words.clone();
        move || words.with(|words| words.unit.clone())
    });
    let values = match span {
        Span::Period => {
            let item = item.clone();
            dynamic(move || {
                frame.periods.with(|periods| frame.drawn.with(|drawn| period_cells(sheet, &item, periods, drawn)))
            })
        }
        Span::Single => {
            let place = Position { item: item.clone(), column: Column::Value };
            let note = text(move || words.with(|words| words.note.clone()));
            dynamic(move || single_cells(sheet, place.clone(), note, frame.periods))
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

fn period_cells(sheet: Sheet, item: &ItemId, periods: &[Period], drawn: &Range<usize>) -> AnyView {
    let gap = |columns: usize| {
        (columns > 0)
            .then(|| view! { <td class="gap" role="presentation" colspan=columns.to_string()></td> }.into_any())
    };
    let filler = view! { <td class="filler" role="presentation"></td> }.into_any();
    let shown = period_classes(periods).into_iter().zip(periods).enumerate();
    let cells = shown.filter(|(index, _)| drawn.contains(index)).map(|(index, (class, period))| {
        let place = Position { item: item.clone(), column: Column::Period(period.id.clone()) };
        view! { <ValueCell sheet place class column=column(index.saturating_add(1))/> }.into_any()
    });
    let before = gap(drawn.start);
    let after = gap(periods.len().saturating_sub(drawn.end));
    std::iter::once(filler).chain(before).chain(cells).chain(after).collect::<Vec<_>>().into_any()
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
