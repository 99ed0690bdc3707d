//! The grid: its frame, its head, and which of its rows and columns are drawn.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use coval_shared::model::{Period, PeriodId, PeriodKind};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::body::keep_rows;
use super::cells::Columns;
use super::marks::Marks;
use super::pointer;
use super::row::{LEADING_COLUMNS, column, drawn_row, row_key};
use super::selection::Sheet;
use super::window::{self, Slot};
use crate::dynamic::{dynamic, settled, text};
use crate::platform::{focus, room};
use crate::state::view::Row;
use crate::state::watched::set_if_changed;
use crate::words;

/// How high rows are, in pixels, as the style sheet has it.
const ROW_HEIGHT: u32 = 24;

/// How high heads of sections are.
const SECTION_HEIGHT: u32 = 28;

/// How high the head of the grid is.
const HEAD_HEIGHT: i32 = 28;

/// How wide the columns between the labels, which stay in sight, and the first period are at most.
const SCROLLED_AWAY: i32 = 160;

/// How wide the column of a period is in a model that is not drawn whole.
const PERIOD_WIDTH: u32 = 104;

/// How many rows are drawn above and below those in sight. A wheel turns many of them at once.
const ROWS_AROUND: usize = 6;

/// How many columns are drawn on each side of those in sight: every row that comes into sight has to draw them.
const COLUMNS_AROUND: usize = 2;

/// The rows by their keys, with their places from the top.
pub(super) type Rows = HashMap<String, (usize, Row)>;

/// What the grid's rows have in common.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// The periods.
    pub(super) periods: Memo<Vec<Period>>,
    /// The columns that are drawn for them.
    pub(super) columns: RwSignal<Arc<Columns>>,
    /// The rows.
    pub(super) rows: Memo<Rows>,
}

/// The part of the grid that is in sight, in pixels from its corner.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sight {
    across: Range<u32>,
    down: Range<u32>,
}

/// The model as a grid.
#[component]
pub fn Grid(
    /// The document with its selection.
    sheet: Sheet,
) -> impl IntoView {
    let session = sheet.session;
    let room = NodeRef::<html::Div>::new();
    let last_leading = NodeRef::<html::Th>::new();
    // Before the page is measured: as much as a large screen shows.
    let sight = RwSignal::new(Sight { across: 0..2_000, down: 0..1_200 });
    let periods = Memo::new(move |_| sheet.layout.with(|layout| layout.periods.clone()));
    let rows = Memo::new(move |_| sheet.layout.with(|layout| by_key(&layout.rows)));
    let heights = Memo::new(move |_| sheet.layout.with(|layout| layout.rows.iter().map(height).collect::<Vec<_>>()));
    let is_large = Memo::new(move |_| window::is_large(heights.with(Vec::len), periods.with(Vec::len)));
    let selected_row = Memo::new(move |_| {
        let item = sheet.selected.with(|selected| selected.as_ref().map(|place| place.item.clone()))?;
        sheet
            .layout
            .with(|layout| layout.rows.iter().position(|row| matches!(row, Row::Item { id, .. } if *id == item)))
    });
    let selected_column = Memo::new(move |_| selected_period(sheet, periods));
    let slots = Memo::new(move |_| {
        let kept = selected_row.get();
        heights.with(|heights| match is_large.get() {
            true => sight.with(|sight| window::slots(heights, &sight.down, ROWS_AROUND, kept)),
            false => window::all(heights.len()),
        })
    });
    let keys = Memo::new(move |_| {
        sheet
            .layout
            .with(|layout| slots.with(|slots| slots.iter().enumerate().map(slot_key(&layout.rows)).collect::<Vec<_>>()))
    });
    let classes = Memo::new(move |_| Arc::new(periods.with(|periods| period_classes(periods))));
    let columns = settled(move || {
        let periods = classes.get();
        let slots = match is_large.get() {
            true => {
                let widths = vec![PERIOD_WIDTH; periods.len()];
                sight.with(|sight| window::slots(&widths, &sight.across, COLUMNS_AROUND, selected_column.get()))
            }
            false => window::all(periods.len()),
        };
        Arc::new(Columns { periods, slots })
    });
    let frame = Frame { periods, columns, rows };
    let is_across = RwSignal::new(false);
    let measure = move || {
        if let Some(room) = room.get_untracked() {
            set_if_changed(is_across, room.scroll_left() > 0);
            let leading =
                last_leading.get_untracked().map_or(0, |last| last.offset_left().saturating_add(last.offset_width()));
            set_if_changed(sight, seen(&room, leading));
        }
    };
    let size = StoredValue::new((0, 0));
    room.on_load(move |element| {
        let room = element.clone();
        room::on_resize(&element, move || {
            let now = (room.client_width(), room.client_height());
            let before = size.get_value();
            size.set_value(now);
            keep_selected_in_sight(&room, before);
            measure();
        });
    });
    provide_context(Marks::of(sheet));
    pointer::follow_window(sheet);

    let row_count = text(move || rows.with(HashMap::len).saturating_add(1).to_string());
    let column_count = text(move || column(periods.with(Vec::len)));
    let revision = text(move || session.fingerprint.with(|print| print.revision.to_string()));
    let digest = text(move || session.fingerprint.with(|print| print.digest.clone()));
    let classes = text(move || {
        let large = if is_large.get() { " large" } else { "" };
        let dragging = sheet.drag.with(|drag| if drag.is_some() { " dragging" } else { "" });
        let across = if is_across.get() { " across" } else { "" };
        format!("grid{large}{dragging}{across}")
    });

    let on_keydown = move |event: ev::KeyboardEvent| {
        // Keys of the cells pass by here too; the grid has the keyboard itself only when no cell has it.
        let is_own = event.target() == event.current_target();
        let is_entry = matches!(event.key().as_str(), "Enter" | "ArrowDown" | "ArrowRight" | "ArrowUp" | "ArrowLeft");
        if is_own && is_entry {
            event.prevent_default();
            sheet.enter();
        }
    };
    let heads = dynamic(move || periods.with(|periods| columns.with(|columns| heads(sheet, periods, columns))));
    let body = NodeRef::<html::Tbody>::new();
    keep_rows(body, keys, move |key| drawn_row(sheet, key, frame));
    view! {
        <div class="sheet" node_ref=room on:scroll=move |_| measure()>
            <table
                class=classes
                role="grid"
                aria-label=words!(sheet.model)
                aria-rowcount=row_count
                aria-colcount=column_count
                aria-multiselectable="true"
                tabindex="0"
                data-testid="grid"
                data-revision=revision
                data-digest=digest
                on:keydown=on_keydown
                on:mousedown=move |event: ev::MouseEvent| pointer::down(sheet, &event)
                on:dblclick=move |event: ev::MouseEvent| pointer::double_click(sheet, &event)
                on:mouseover=move |event: ev::MouseEvent| pointer::over(sheet, &event)
                on:mouseleave=move |_| sheet.pointed.set(None)
                on:pointerdown=move |event: ev::PointerEvent| pointer::finger_down(sheet, &event)
                on:pointermove=move |event: ev::PointerEvent| pointer::finger_moved(sheet, &event)
                on:pointercancel=move |_| pointer::finger_taken(sheet)
                on:touchend=move |event: ev::TouchEvent| pointer::finger_up(sheet, &event)
                on:contextmenu=move |event: ev::MouseEvent| pointer::open_menu(sheet, &event)
            >
                <thead>
                    <tr role="row" aria-rowindex="1">
                        <th class="head-label" role="columnheader" scope="col" aria-colindex="1">
                            {words!(sheet.line_item)}
                        </th>
                        <th class="head-unit" role="columnheader" scope="col" aria-colindex="2">
                            {words!(sheet.unit)}
                        </th>
                        <th
                            class="head-value"
                            role="columnheader"
                            scope="col"
                            aria-colindex="3"
                            node_ref=last_leading
                        >
                            {words!(sheet.value)}
                        </th>
                        {heads}
                    </tr>
                </thead>
                <tbody node_ref=body></tbody>
            </table>
        </div>
    }
}

fn by_key(rows: &[Row]) -> Rows {
    rows.iter().enumerate().map(|(index, row)| (row_key(row), (index, row.clone()))).collect()
}

fn height(row: &Row) -> u32 {
    match row {
        Row::Section { .. } => SECTION_HEIGHT,
        Row::Item { .. } => ROW_HEIGHT,
    }
}

/// What a slot is known by: a gap of another height is another gap.
fn slot_key(rows: &[Row]) -> impl Fn((usize, &Slot)) -> String {
    move |(index, slot)| match slot {
        Slot::Drawn(row) => rows.get(*row).map(row_key).unwrap_or_default(),
        Slot::Gap(height) => format!("gap {height} {index}"),
    }
}

/// What is in sight of the periods and of the rows. The columns before the first period end at `leading`.
fn seen(room: &web_sys::HtmlElement, leading: i32) -> Sight {
    let pixels = |pixels: i32| u32::try_from(pixels).unwrap_or(0);
    let (left, top) = (room.scroll_left(), room.scroll_top());
    let (right, bottom) = (left.saturating_add(room.client_width()), top.saturating_add(room.client_height()));
    // What lies under the head and the labels is taken for seen: a little too much is drawn.
    Sight {
        across: pixels(left.saturating_sub(SCROLLED_AWAY))..pixels(right.saturating_sub(leading)),
        down: pixels(top.saturating_sub(HEAD_HEIGHT))..pixels(bottom),
    }
}

/// Whoever sees the selected cell goes on seeing it when there is less room than `before`: for a panel beside the grid,
/// or for the keyboard of a phone.
fn keep_selected_in_sight(room: &web_sys::HtmlElement, (width, height): (i32, i32)) {
    let selected = room.query_selector(".selected").ok().flatten();
    if let Some(selected) = selected.filter(|selected| room::is_within(selected, room, width, height)) {
        focus::bring_into_view(&selected);
    }
}

fn selected_period(sheet: Sheet, periods: Memo<Vec<Period>>) -> Option<usize> {
    let cell = sheet.selected.with(|selected| selected.as_ref().map(super::movement::Position::shown))?;
    let period = cell.period?;
    periods.with(|periods| periods.iter().position(|known| known.id == period))
}

fn heads(sheet: Sheet, periods: &[Period], columns: &Columns) -> AnyView {
    let head = |slot: &Slot| match slot {
        Slot::Gap(width) => Some(gap(*width)),
        Slot::Drawn(index) => {
            let (_, class) = columns.periods.get(*index)?;
            Some(head(sheet, *index, class, periods.get(*index)?))
        }
    };
    columns.slots.iter().filter_map(head).collect::<Vec<_>>().into_any()
}

fn gap(width: u32) -> AnyView {
    let cell = NodeRef::<html::Th>::new();
    cell.on_load(move |cell| set_size(&cell, "width", width));
    view! { <th class="gap" role="presentation" node_ref=cell></th> }.into_any()
}

fn head(sheet: Sheet, index: usize, class: &str, period: &Period) -> AnyView {
    let word = match period.kind {
        PeriodKind::History => words!(sheet.history),
        PeriodKind::Forecast => words!(sheet.forecast),
    };
    let id = period.id.clone();
    let select = move |event: ev::MouseEvent| {
        if event.button() == 0 {
            event.prevent_default();
            sheet.select_column(&id, event.shift_key());
        }
    };
    view! {
        <th
            class=format!("head-period {class}")
            role="columnheader"
            scope="col"
            aria-colindex=column(index.saturating_add(1))
            title=word
            data-head=period.id.0.clone()
            on:mousedown=select
        >
            {period.label.clone()}
        </th>
    }
    .into_any()
}

/// The periods with the classes of their columns: history or forecast, and where the one becomes the other.
fn period_classes(periods: &[Period]) -> Vec<(PeriodId, &'static str)> {
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
            (period.id.clone(), class)
        })
        .collect()
}

/// Sets how wide or high an element is.
pub(super) fn set_size(element: &web_sys::Element, property: &str, pixels: u32) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // Without it the scroll bar is wrong, and nothing else.
        let _ = element.style().set_property(property, &format!("{pixels}px"));
    }
}

/// The columns before the first period, for a row that spans all.
pub(super) fn all_columns(periods: usize) -> String {
    periods.saturating_add(LEADING_COLUMNS).to_string()
}
