//! The buttons above the grid.

use coval_shared::model::{NumberFormat, PeriodId};
use leptos::ev;
use leptos::prelude::*;

use super::chart;
use super::menu;
use super::movement::{Column, Position};
use super::pointer;
use super::selection::{MenuOf, Sheet};
use crate::chunk;
use crate::dynamic::{attribute, dynamic, when};
use crate::state::document::Step;
use crate::words;

/// What can be chosen for a row's numbers, by the name that it has in documents.
const FORMATS: [(NumberFormat, &str); 8] = [
    (NumberFormat::Number, "number"),
    (NumberFormat::Decimal, "decimal"),
    (NumberFormat::Percent, "percent"),
    (NumberFormat::Multiple, "multiple"),
    (NumberFormat::Factor, "factor"),
    (NumberFormat::Currency, "currency"),
    (NumberFormat::Date, "date"),
    (NumberFormat::Text, "text"),
];

/// A button of the toolbar: what marks it, what it is called, and its key, if it has one.
struct Button {
    action: &'static str,
    words: &'static str,
    keys: &'static str,
}

/// The toolbar of `sheet`.
pub fn toolbar(sheet: Sheet) -> AnyView {
    let session = sheet.session;
    let may_edit = session.may_edit;
    let has_selected = Signal::derive(move || sheet.selected.with(Option::is_some));
    let has_row = Signal::derive(move || may_edit.get() && has_selected.get());
    let can_undo = Signal::derive(move || may_edit.get() && session.steps.with(|steps| steps.can_undo));
    let can_redo = Signal::derive(move || may_edit.get() && session.steps.with(|steps| steps.can_redo));
    let undo = Button { action: "undo", words: words!(sheet.undo), keys: "Ctrl+Z" };
    let redo = Button { action: "redo", words: words!(sheet.redo), keys: "Ctrl+Y" };
    let row = Button { action: "open-row-tools", words: words!(sheet.row), keys: "Shift+F10" };
    let period = Button { action: "open-period-tools", words: words!(sheet.period), keys: "" };
    let trace = Button { action: "toggle-trace", words: words!(sheet.trace), keys: "" };
    let draw = Button { action: "toggle-chart", words: words!(sheet.chart), keys: "" };
    let asked = dynamic(move || {
        let is_open = sheet.menu.with(Option::is_some) || sheet.question.with(Option::is_some);
        if is_open { chunk::shown(move || Box::pin(menu::part(sheet))) } else { ().into_any() }
    });
    let is_tracing = sheet.is_tracing;
    let has_chart = sheet.has_chart;
    view! {
        <div class="toolbar" role="toolbar" aria-label=words!(sheet.tools)>
            {quick(&undo, can_undo, move || session.step(Step::Undo))}
            {quick(&redo, can_redo, move || session.step(Step::Redo))}
            <span class="toolbar-rule"></span>
            {formats(sheet, has_row)}
            <span class="toolbar-rule"></span>
            {opening(sheet, &row, has_selected, move || {
                sheet.selected.get_untracked().map(|place| MenuOf::Row(place.item))
            })}
            {opening(sheet, &period, may_edit.into(), move || period_of(sheet).map(MenuOf::Period))}
            <span class="toolbar-rule"></span>
            {toggle(&trace, is_tracing)}
            {toggle(&draw, has_chart)}
        </div>
        {asked}
        <p class="unseen" role="status" aria-live="polite" data-testid="said">
            {move || sheet.said.get()}
        </p>
    }
    .into_any()
}

/// The chart of the selected rows, while it is asked for.
pub fn chart_below(sheet: Sheet) -> AnyView {
    when(sheet.has_chart.into(), move || chunk::shown(move || Box::pin(chart::part(sheet)))).into_any()
}

/// The period of the selected cell, or the last one.
fn period_of(sheet: Sheet) -> Option<PeriodId> {
    let selected = sheet.selected.with_untracked(|selected| match selected.as_ref()?.column {
        Column::Period(ref period) => Some(period.clone()),
        Column::Label | Column::Value => None,
    });
    selected.or_else(|| sheet.layout.with_untracked(|layout| layout.periods.last().map(|period| period.id.clone())))
}

fn title(button: &Button) -> String {
    if button.keys.is_empty() { button.words.to_owned() } else { format!("{} ({})", button.words, button.keys) }
}

fn quick(button: &Button, is_enabled: Signal<bool>, act: impl Fn() + 'static) -> AnyView {
    view! {
        <button
            type="button"
            class="tool icon"
            data-action=button.action
            data-keeps-draft=""
            title=title(button)
            aria-label=button.words
            disabled=Signal::derive(move || !is_enabled.get())
            on:click=move |_| act()
        ></button>
    }
    .into_any()
}

fn opening(
    sheet: Sheet,
    button: &Button,
    is_enabled: Signal<bool>,
    of: impl Fn() -> Option<MenuOf> + 'static,
) -> AnyView {
    let open = move |event: ev::MouseEvent| {
        if let Some(of) = of() {
            pointer::open_below(sheet, &event, of);
        }
    };
    view! {
        <button
            type="button"
            class="tool opens"
            data-action=button.action
            title=title(button)
            aria-haspopup="menu"
            disabled=Signal::derive(move || !is_enabled.get())
            on:click=open
        >
            {button.words}
        </button>
    }
    .into_any()
}

fn toggle(button: &Button, state: RwSignal<bool>) -> AnyView {
    view! {
        <button
            type="button"
            class="tool"
            data-action=button.action
            aria-pressed=attribute(move || Some(state.get().to_string()))
            on:click=move |_| state.update(|state| *state = !*state)
        >
            {button.words}
        </button>
    }
    .into_any()
}

/// The choice of how the numbers of the selected rows are shown.
fn formats(sheet: Sheet, is_enabled: Signal<bool>) -> AnyView {
    let now = Memo::new(move |_| {
        sheet.session.changes.track();
        let item = sheet.selected.with(|selected| selected.as_ref().map(|place: &Position| place.item.clone()))?;
        sheet.session.with_model(|model| model.item(&item).map(|item| item.format)).flatten()
    });
    let name = attribute(move || {
        let now = now.get()?;
        FORMATS.iter().find(|(format, _)| *format == now).map(|(_, name)| (*name).to_owned())
    });
    let choose = move |event: ev::Event| {
        let chosen = event_target_value(&event);
        if let Some((format, _)) = FORMATS.iter().find(|(_, name)| *name == chosen) {
            sheet.set_format(&sheet.selected_rows(), *format);
            sheet.take_focus();
        }
    };
    let option = |(format, name): (NumberFormat, &'static str)| {
        view! { <option value=name>{format_words(format)}</option> }.into_any()
    };
    view! {
        <select
            class="tool"
            data-action="choose-format"
            aria-label=words!(sheet.number_format)
            title=words!(sheet.number_format)
            disabled=Signal::derive(move || !is_enabled.get())
            prop:value=move || name.get().unwrap_or_default()
            on:change=choose
        >
            {FORMATS.map(option).into_iter().collect::<Vec<_>>()}
        </select>
    }
    .into_any()
}

fn format_words(format: NumberFormat) -> &'static str {
    match format {
        NumberFormat::Number => words!(sheet.format_number),
        NumberFormat::Decimal => words!(sheet.format_decimal),
        NumberFormat::Percent => words!(sheet.format_percent),
        NumberFormat::Multiple => words!(sheet.format_multiple),
        NumberFormat::Factor => words!(sheet.format_factor),
        NumberFormat::Currency => words!(sheet.format_currency),
        NumberFormat::Date => words!(sheet.format_date),
        NumberFormat::Text => words!(sheet.format_text),
    }
}
