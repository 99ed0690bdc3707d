//! One row of the grid: the head of a section, an item, or the room of rows that are not drawn.

use coval_shared::model::{ItemId, SectionId, Span};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::cells;
use super::grid::{Frame, all_columns, set_size};
use super::pointer;
use super::selection::{MenuOf, Sheet};
use crate::dynamic::{attribute, text, when};
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
        return room(gap.split(' ').next().and_then(|height| height.parse().ok()).unwrap_or_default(), frame);
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

fn room(height: u32, frame: Frame) -> AnyView {
    let cell = NodeRef::<html::Td>::new();
    cell.on_load(move |cell| set_size(&cell, "height", height));
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
    let row = NodeRef::<html::Tr>::new();
    cells::draw(sheet, &item, span, frame, row);
    view! { <tr role="row" aria-rowindex=index node_ref=row></tr> }.into_any()
}

/// The buttons of a row: a new row below for those who edit, and everything else that can be done with it.
#[component]
pub(super) fn RowMenu(
    /// The document with its selection.
    sheet: Sheet,
    /// The row.
    item: ItemId,
) -> impl IntoView {
    let insert = {
        let item = item.clone();
        move |_| sheet.insert_below(&item)
    };
    let open = move |event: ev::MouseEvent| pointer::open_below(sheet, &event, MenuOf::Row(item.clone()));
    let inserting = when(sheet.session.may_edit.into(), move || {
        view! {
            <button
                type="button"
                tabindex="-1"
                class="row-button insert"
                data-action="insert-row"
                title=words!(sheet.insert_below)
                aria-label=words!(sheet.insert_below)
                on:click=insert.clone()
            ></button>
        }
        .into_any()
    });
    view! {
        <span class="row-menu">
            {inserting}
            <button
                type="button"
                tabindex="-1"
                class="row-button opens-menu"
                data-action="open-row-menu"
                aria-haspopup="menu"
                title=words!(sheet.row_menu)
                aria-label=words!(sheet.row_menu)
                on:click=open
            ></button>
        </span>
    }
}
