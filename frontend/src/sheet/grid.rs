//! The grid: its frame, its head, and which of its rows and columns are drawn.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use coval_shared::model::{Period, PeriodKind};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::cell::Marks;
use super::pointer;
use super::row::{LEADING_COLUMNS, column, drawn_row, row_key};
use super::selection::Sheet;
use super::values::Columns;
use super::window::{self, Slot};
use crate::dynamic::{dynamic, each, text};
use crate::platform::focus;
use crate::state::view::Row;
use crate::words;

/// How high rows are, in pixels, as the style sheet has it.
const ROW_HEIGHT: u32 = 24;

/// How high heads of sections are.
const SECTION_HEIGHT: u32 = 28;

/// How wide the column of a period is in a model that is not drawn whole.
const PERIOD_WIDTH: u32 = 104;

/// The rows by their keys, with their places from the top.
pub(super) type Rows = HashMap<String, (usize, Row)>;

/// What the grid's rows have in common.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// The periods.
    pub(super) periods: Memo<Vec<Period>>,
    /// The columns that are drawn for them.
    pub(super) columns: Memo<Arc<Columns>>,
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
    // Before the page is measured: as much as a large screen shows.
    let sight = RwSignal::new(Sight { across: 0..2_000, down: 0..1_200 });
    let periods = Memo::new(move |_| sheet.layout.with(|layout| layout.periods.clone()));
    let rows = Memo::new(move |_| sheet.layout.with(|layout| by_key(&layout.rows)));
    let heights = Memo::new(move |_| sheet.layout.with(|layout| layout.rows.iter().map(height).collect::<Vec<_>>()));
    let selected_row = Memo::new(move |_| {
        let item = sheet.selected.with(|selected| selected.as_ref().map(|place| place.item.clone()))?;
        sheet
            .layout
            .with(|layout| layout.rows.iter().position(|row| matches!(row, Row::Item { id, .. } if *id == item)))
    });
    let slots = Memo::new(move |_| {
        let kept: Vec<usize> = selected_row.get().into_iter().collect();
        heights.with(|heights| sight.with(|sight| window::slots(heights, &sight.down, &kept)))
    });
    let keys = Memo::new(move |_| {
        sheet
            .layout
            .with(|layout| slots.with(|slots| slots.iter().enumerate().map(slot_key(&layout.rows)).collect::<Vec<_>>()))
    });
    let drawn =
        Memo::new(move |_| sight.with(|sight| window::columns(periods.with(Vec::len), PERIOD_WIDTH, &sight.across)));
    let columns =
        Memo::new(move |_| periods.with(|periods| drawn.with(|drawn| Arc::new(drawn_columns(periods, drawn)))));
    let frame = Frame { periods, columns, rows };
    let is_large = Memo::new(move |_| {
        heights.with(Vec::len) > window::ROWS_AT_ONCE || periods.with(Vec::len) > window::PERIODS_AT_ONCE
    });
    let measure = move || {
        if let Some(room) = room.get_untracked() {
            let seen = seen(&room);
            if sight.with_untracked(|before| *before != seen) {
                sight.set(seen);
            }
        }
    };
    room.on_load(move |_| measure());
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    // A selected column that is not drawn comes into sight first, so that its cell can take the keyboard.
    Effect::new(move || {
        let index = selected_period(sheet, periods);
        if let (Some(index), Some(room)) = (index, room.get_untracked())
            && !drawn.with_untracked(|drawn| drawn.contains(&index))
        {
            let left =
                i32::try_from(index).unwrap_or(i32::MAX).saturating_mul(i32::try_from(PERIOD_WIDTH).unwrap_or(0));
            room.set_scroll_left(left);
            measure();
        }
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
        format!("grid{large}{dragging}")
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
    let widths = dynamic(move || if is_large.get() { column_widths(periods.with(Vec::len)) } else { ().into_any() });
    let heads = dynamic(move || periods.with(|periods| columns.with(|columns| heads(sheet, periods, columns))));
    let keys = Signal::derive(move || {
        if let Some(room) = room.get_untracked() {
            focus::keep_within(&room);
        }
        keys.get()
    });
    let body = each(keys, move |key| drawn_row(sheet, &key, frame));
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
                on:pointerdown=move |event: ev::PointerEvent| pointer::finger_down(sheet, &event)
                on:pointermove=move |event: ev::PointerEvent| pointer::finger_moved(sheet, &event)
                on:pointercancel=move |_| pointer::finger_taken(sheet)
                on:touchend=move |event: ev::TouchEvent| pointer::finger_up(sheet, &event)
                on:contextmenu=move |event: ev::MouseEvent| pointer::open_menu(sheet, &event)
            >
                {widths}
                <thead>
                    <tr role="row" aria-rowindex="1">
                        <th class="head-label" role="columnheader" scope="col" aria-colindex="1">
                            {words!(sheet.line_item)}
                        </th>
                        <th class="head-unit" role="columnheader" scope="col" aria-colindex="2">
                            {words!(sheet.unit)}
                        </th>
                        <th class="head-value" role="columnheader" scope="col" aria-colindex="3">
                            {words!(sheet.value)}
                        </th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{body}</tbody>
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
        Slot::Row(row) => rows.get(*row).map(row_key).unwrap_or_default(),
        Slot::Gap(height) => format!("gap {height} {index}"),
    }
}

fn seen(room: &web_sys::HtmlElement) -> Sight {
    let from = |start: i32, length: i32, head: i32| {
        let pixels = |pixels: i32| u32::try_from(pixels).unwrap_or(0);
        pixels(start.saturating_sub(head))..pixels(start.saturating_add(length))
    };
    // What lies under the head and beside the first columns is taken for seen: a little too much is drawn.
    Sight {
        across: from(room.scroll_left(), room.client_width(), 160),
        down: from(room.scroll_top(), room.client_height(), 28),
    }
}

fn selected_period(sheet: Sheet, periods: Memo<Vec<Period>>) -> Option<usize> {
    let cell = sheet.selected.with(|selected| selected.as_ref().map(super::movement::Position::shown))?;
    let period = cell.period?;
    periods.with_untracked(|periods| periods.iter().position(|known| known.id == period))
}

/// The columns of a grid that is not drawn whole have fixed widths, so that nothing moves while it is scrolled.
fn column_widths(periods: usize) -> AnyView {
    let period = |_| view! { <col class="col-period"/> }.into_any();
    view! {
        <colgroup>
            <col class="col-label"/>
            <col class="col-unit"/>
            <col class="col-value"/>
            {(0..periods).map(period).collect::<Vec<_>>()}
        </colgroup>
    }
    .into_any()
}

fn drawn_columns(periods: &[Period], drawn: &Range<usize>) -> Columns {
    let all = period_classes(periods).into_iter().zip(periods).enumerate();
    let shown = all.filter(|(index, _)| drawn.contains(index));
    Columns {
        before: drawn.start,
        drawn: shown.map(|(index, (class, period))| (index, period.id.clone(), class)).collect(),
        after: periods.len().saturating_sub(drawn.end),
    }
}

fn heads(sheet: Sheet, periods: &[Period], columns: &Columns) -> AnyView {
    let gap = |columns: usize| {
        (columns > 0)
            .then(|| view! { <th class="gap" role="presentation" colspan=columns.to_string()></th> }.into_any())
    };
    let shown = columns.drawn.iter().filter_map(|(index, _, class)| Some((*index, *class, periods.get(*index)?)));
    let heads = shown.map(|(index, class, period)| head(sheet, index, class, period));
    gap(columns.before).into_iter().chain(heads).chain(gap(columns.after)).collect::<Vec<_>>().into_any()
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

/// Sets how high an element is.
pub(super) fn set_height(element: &web_sys::Element, pixels: &str) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // Without it the scroll bar is wrong, and nothing else.
        let _ = element.style().set_property("height", &format!("{pixels}px"));
    }
}

/// The columns before the first period, for a row that spans all.
pub(super) fn all_columns(periods: usize) -> String {
    periods.saturating_add(LEADING_COLUMNS).to_string()
}
