//! The menus of rows, sections and periods, and the box that asks for a text.

use std::sync::Arc;

use coval_shared::model::{ItemId, PeriodId, PeriodKind, SectionId, Span, edit};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::keys::Move;
use super::selection::{About, Menu, MenuOf, Question, Sheet};
use crate::chunk::{Part, SplitLoaderError};
use crate::dynamic::dynamic;
use crate::state::Discussion;
use crate::words;

/// The menu or the box that `sheet` has open.
#[wasm_split_helpers::wasm_split(beside, fallible)]
pub(super) fn part(sheet: Sheet) -> Result<Part, SplitLoaderError> {
    Ok(Arc::new(move || {
        let menu = dynamic(move || sheet.menu.get().map_or_else(|| ().into_any(), |menu| shown_menu(sheet, &menu)));
        let question = dynamic(move || {
            sheet.question.get().map_or_else(|| ().into_any(), |question| shown_question(sheet, &question))
        });
        view! {
            {menu}
            {question}
        }
        .into_any()
    }))
}

/// An entry of a menu.
struct Entry {
    action: &'static str,
    words: String,
    keys: &'static str,
    act: Arc<dyn Fn() + Send + Sync>,
}

fn entry(action: &'static str, words: &str, keys: &'static str, act: impl Fn() + Send + Sync + 'static) -> Entry {
    Entry { action, words: words.to_owned(), keys, act: Arc::new(act) }
}

fn entries(sheet: Sheet, of: &MenuOf) -> Vec<Vec<Entry>> {
    match of {
        _ if !sheet.may_edit() => reader_entries(sheet, of),
        MenuOf::Row(item) => row_entries(sheet, item),
        MenuOf::Section(section) => section_entries(sheet, section),
        MenuOf::Period(period) => period_entries(sheet, period),
    }
}

/// What those can do who don't edit.
fn reader_entries(sheet: Sheet, of: &MenuOf) -> Vec<Vec<Entry>> {
    match of {
        MenuOf::Row(item) => vec![vec![select_row(sheet, item)], comment_entries(sheet)],
        MenuOf::Section(section) => vec![vec![fold(sheet, section)]],
        MenuOf::Period(period) => vec![vec![select_column(sheet, period)]],
    }
}

fn select_row(sheet: Sheet, item: &ItemId) -> Entry {
    let item = item.clone();
    entry("select-row", words!(sheet.select_row), "Shift+Space", move || sheet.select_row(&item))
}

fn select_column(sheet: Sheet, period: &PeriodId) -> Entry {
    let period = period.clone();
    entry("select-column", words!(sheet.select_column), "Ctrl+Space", move || sheet.select_column(&period, false))
}

fn fold(sheet: Sheet, section: &SectionId) -> Entry {
    let section = section.clone();
    entry("fold-section", words!(sheet.fold_or_unfold), "", move || sheet.fold(&section))
}

/// A comment on everything that is selected.
fn comment_entries(sheet: Sheet) -> Vec<Entry> {
    let discussion = use_context::<Discussion>().filter(|_| sheet.session.may_comment.get_untracked());
    let comment = discussion.map(|discussion| {
        entry("comment", words!(sheet.comment_on_selected), "Ctrl+Alt+M", move || discussion.comment_here())
    });
    comment.into_iter().collect()
}

fn ask(sheet: Sheet, about: About, before: String) {
    sheet.question.set(Some(Question { about, before }));
}

fn row_entries(sheet: Sheet, item: &ItemId) -> Vec<Vec<Entry>> {
    let row = sheet.session.with_model(|model| model.item(item).cloned()).flatten();
    let Some(row) = row else {
        return Vec::new();
    };
    let id = || item.clone();
    let selected = sheet.selected_rows();
    // What is done with one row of a selection of rows is done with all of them.
    let rows = if selected.contains(item) { selected } else { vec![item.clone()] };
    let (above, below, up, down) = (id(), id(), id(), id());
    let name = row.name.clone();
    let formula = sheet.session.with_model(|model| {
        row.formula.as_ref().map(|stored| format!("={}", coval_shared::model::formula::to_display(stored, model)))
    });
    let formula = formula.flatten().unwrap_or_default();
    let (unit, note) = (row.unit.clone(), row.note.clone());
    let (of_unit, of_note, of_name, of_formula, of_span) = (id(), id(), id(), id(), id());
    let (span, span_words) = match row.span {
        Span::Period => (Span::Single, words!(sheet.make_single)),
        Span::Single => (Span::Period, words!(sheet.make_periods)),
    };
    let removal = if rows.len() > 1 {
        words!(sheet.remove_rows, count = rows.len().to_string())
    } else {
        words!(sheet.remove_row).to_owned()
    };
    let is_output = sheet.session.with_model(|model| model.outputs.contains(item)) == Some(true);
    let (of_output, output_words) =
        (id(), if is_output { words!(sheet.drop_output) } else { words!(sheet.make_output) });
    vec![
        vec![
            entry("insert-above", words!(sheet.insert_above), "", move || sheet.insert_above(&above)),
            entry("insert-below", words!(sheet.insert_below), "Ctrl+Enter", move || sheet.insert_below(&below)),
            select_row(sheet, item),
        ],
        comment_entries(sheet),
        vec![
            entry("move-up", words!(sheet.move_up), "Alt+Shift+↑", move || {
                sheet.select_label(&up);
                sheet.move_row(Move::Up);
            }),
            entry("move-down", words!(sheet.move_down), "Alt+Shift+↓", move || {
                sheet.select_label(&down);
                sheet.move_row(Move::Down);
            }),
        ],
        vec![
            entry("edit-formula", words!(sheet.row_formula), "", move || {
                ask(sheet, About::Formula(of_formula.clone()), formula.clone());
            }),
            entry("edit-name", words!(sheet.formula_name), "", move || {
                ask(sheet, About::Name(of_name.clone()), name.clone());
            }),
            entry("edit-unit", words!(sheet.unit), "", move || ask(sheet, About::Unit(of_unit.clone()), unit.clone())),
            entry("edit-note", words!(sheet.note), "", move || ask(sheet, About::Note(of_note.clone()), note.clone())),
            entry("change-span", span_words, "", move || {
                sheet.change(words!(sheet.changing), |document| edit::set_span(document, &of_span, span));
            }),
            entry("change-output", output_words, "", move || {
                sheet.change(words!(sheet.changing), |document| {
                    if is_output {
                        edit::remove_output(document, &of_output)
                    } else {
                        edit::add_output(document, &of_output)
                    }
                });
            }),
        ],
        vec![Entry { action: "remove-row", words: removal, keys: "", act: Arc::new(move || sheet.remove_rows(&rows)) }],
    ]
}

fn section_entries(sheet: Sheet, section: &SectionId) -> Vec<Vec<Entry>> {
    let label = sheet.session.with_model(|model| {
        model.sections.iter().find(|known| known.id == *section).map(|section| section.label.clone())
    });
    let label = label.flatten().unwrap_or_default();
    let id = || section.clone();
    let (first, renamed, up, down, behind, removed) = (id(), id(), id(), id(), id(), id());
    vec![
        vec![
            entry("insert-first", words!(sheet.insert_first), "", move || sheet.insert_first(&first)),
            entry("insert-section", words!(sheet.insert_section), "", move || sheet.insert_section(Some(&behind))),
        ],
        vec![
            entry("rename-section", words!(sheet.rename), "", move || {
                ask(sheet, About::Section(renamed.clone()), label.clone());
            }),
            fold(sheet, section),
            entry("move-section-up", words!(sheet.move_up), "", move || sheet.move_section(&up, Move::Up)),
            entry("move-section-down", words!(sheet.move_down), "", move || sheet.move_section(&down, Move::Down)),
        ],
        vec![entry("remove-section", words!(sheet.remove_section), "", move || {
            sheet.change(words!(sheet.removing), |document| edit::remove_section(document, &removed));
        })],
    ]
}

fn period_entries(sheet: Sheet, period: &PeriodId) -> Vec<Vec<Entry>> {
    let known = sheet.session.with_model(|model| model.period(period).cloned()).flatten();
    let Some(known) = known else {
        return Vec::new();
    };
    let (kind, kind_words) = match known.kind {
        PeriodKind::History => (PeriodKind::Forecast, words!(sheet.make_forecast)),
        PeriodKind::Forecast => (PeriodKind::History, words!(sheet.make_history)),
    };
    let (renamed, changed, removed) = (period.clone(), period.clone(), period.clone());
    let label = known.label.clone();
    vec![
        vec![
            entry("append-period", words!(sheet.append_period), "", move || sheet.append_period()),
            entry("prepend-period", words!(sheet.prepend_period), "", move || sheet.prepend_period()),
        ],
        vec![
            select_column(sheet, period),
            entry("rename-period", words!(sheet.rename), "", move || {
                ask(sheet, About::Period(renamed.clone()), label.clone());
            }),
            entry("change-kind", kind_words, "", move || sheet.set_period_kind(&changed, kind)),
        ],
        vec![Entry {
            action: "remove-period",
            words: words!(sheet.remove_period, period = known.label.clone()),
            keys: "",
            act: Arc::new(move || sheet.remove_period(&removed)),
        }],
    ]
}

fn shown_menu(sheet: Sheet, menu: &Menu) -> AnyView {
    let room = NodeRef::<html::Div>::new();
    let (x, y) = (menu.x, menu.y);
    let name = match menu.of {
        MenuOf::Row(_) => words!(sheet.row),
        MenuOf::Section(_) => words!(sheet.section),
        MenuOf::Period(_) => words!(sheet.period),
    };
    room.on_load(move |room| {
        place(&room, x, y);
        focus_beside(&room, None, 0);
    });
    let close = move || {
        sheet.menu.set(None);
        sheet.take_focus();
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let Some(room) = room.get_untracked() else { return };
        let active = document().active_element();
        match event.key().as_str() {
            "Escape" | "Tab" => close(),
            "ArrowDown" => focus_beside(&room, active.as_ref(), 1),
            "ArrowUp" => focus_beside(&room, active.as_ref(), -1),
            "Home" => focus_beside(&room, None, 0),
            "End" => focus_beside(&room, None, -1),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let shown = |entry: Entry| {
        let act = entry.act;
        let choose = move |_| {
            sheet.menu.set(None);
            act();
            if sheet.question.with_untracked(Option::is_none) {
                sheet.take_focus();
            }
        };
        view! {
            <button type="button" role="menuitem" tabindex="-1" data-action=entry.action on:click=choose>
                <span>{entry.words}</span>
                <kbd>{entry.keys}</kbd>
            </button>
        }
        .into_any()
    };
    let groups = entries(sheet, &menu.of).into_iter().filter(|group| !group.is_empty()).map(|group| {
        view! { <div class="grid-menu-group" role="group">{group.into_iter().map(shown).collect::<Vec<_>>()}</div> }
            .into_any()
    });
    view! {
        <div
            class="grid-menu-ground"
            on:mousedown=move |event: ev::MouseEvent| {
                event.prevent_default();
                close();
            }
            on:contextmenu=move |event: ev::MouseEvent| event.prevent_default()
        ></div>
        <div class="grid-menu" role="menu" aria-label=name data-testid="menu" node_ref=room on:keydown=on_keydown>
            {groups.collect::<Vec<_>>()}
        </div>
    }
    .into_any()
}

/// Puts the menu where it was asked for, as far as it fits into the window.
fn place(room: &web_sys::HtmlElement, x: f64, y: f64) {
    let inside = |at: f64, size: i32, room: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        let room = room.ok().and_then(|room| room.as_f64()).unwrap_or(f64::MAX);
        at.min(room - f64::from(size) - 4.0).max(4.0)
    };
    let x = inside(x, room.offset_width(), window().inner_width());
    let y = inside(y, room.offset_height(), window().inner_height());
    // Where it can't be put, it is at the corner.
    let _ = room.style().set_property("left", &format!("{x}px"));
    let _ = room.style().set_property("top", &format!("{y}px"));
}

/// Gives the keyboard to the entry so far from the one that has it; without one, to the first or the last.
fn focus_beside(room: &web_sys::Element, from: Option<&web_sys::Element>, step: i32) {
    let Ok(list) = room.query_selector_all("[role=menuitem]") else { return };
    let items: Vec<web_sys::HtmlElement> =
        (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect();
    let length = i32::try_from(items.len()).unwrap_or(0);
    let now = from.and_then(|from| items.iter().position(|item| item.is_same_node(Some(from))));
    let now = now.and_then(|now| i32::try_from(now).ok()).unwrap_or(0);
    let next = now.saturating_add(step).checked_rem_euclid(length).and_then(|next| usize::try_from(next).ok());
    if let Some(item) = next.and_then(|next| items.get(next)) {
        // Without the keyboard the menu can be clicked.
        let _ = item.focus();
    }
}

fn question_words(about: &About) -> &'static str {
    match about {
        About::Unit(_) => words!(sheet.unit),
        About::Note(_) => words!(sheet.note),
        About::Name(_) => words!(sheet.formula_name),
        About::Formula(_) => words!(sheet.row_formula),
        About::Section(_) => words!(sheet.section_label),
        About::Period(_) => words!(sheet.period_label),
    }
}

fn answer(sheet: Sheet, about: &About, text: &str) -> bool {
    sheet.change(words!(sheet.changing), |document| match about {
        About::Unit(item) => edit::set_unit(document, item, text.trim()),
        About::Note(item) => edit::set_item_note(document, item, text.trim()),
        About::Name(item) => edit::set_name(document, item, text.trim()),
        About::Formula(item) => edit::set_row_formula(document, item, text),
        About::Section(section) => edit::set_section_label(document, section, text.trim()),
        About::Period(period) => edit::set_period_label(document, period, text.trim()),
    })
}

fn shown_question(sheet: Sheet, question: &Question) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    dialog.on_load(|dialog| {
        // A browser without modal dialogs shows it in the page.
        if dialog.show_modal().is_err() {
            dialog.set_open(true);
        }
    });
    input.on_load(|input| {
        let _ = input.focus();
        input.select();
    });
    let close = move || {
        sheet.question.set(None);
        sheet.take_focus();
    };
    let about = question.about.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = input.get_untracked().map(|input| input.value()).unwrap_or_default();
        if answer(sheet, &about, &text) {
            close();
        }
    };
    let words = question_words(&question.about);
    view! {
        <dialog class="question" node_ref=dialog aria-label=words data-testid="question" on:close=move |_| close()>
            <form on:submit=submit>
                <label>
                    <span>{words}</span>
                    <input
                        type="text"
                        node_ref=input
                        value=question.before.clone()
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="4000"
                    />
                </label>
                <div class="question-buttons">
                    <button type="button" class="quiet" data-action="cancel-question" on:click=move |_| close()>
                        {words!(common.cancel)}
                    </button>
                    <button type="submit" class="button" data-action="answer-question">
                        {words!(sheet.apply)}
                    </button>
                </div>
            </form>
        </dialog>
    }
    .into_any()
}
