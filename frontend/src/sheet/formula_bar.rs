//! The line above the grid: where the selection is, what was entered there, and what is wrong with it.

use std::ops::Range;

use coval_shared::model::formula::{self, Piece};
use leptos::ev;
use leptos::html::{self, Input};
use leptos::prelude::*;

use super::input::{ENTRY_UNITS, key_command, leaves_the_edit, note_caret};
use super::keys::{Command, Mode};
use super::movement::{Column, Position};
use super::plot::colour_of;
use super::selection::Sheet;
use super::suggest;
use super::suggestions::{LIST, list_states, suggestions};
use crate::dynamic::{attribute, dynamic, text};
use crate::state::view::PersonView;
use crate::words;

/// The formula bar.
#[component]
pub fn FormulaBar(
    /// The document with its selection.
    sheet: Sheet,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let session = sheet.session;
    let entry = Memo::new(move |_| {
        // Whatever happens to the document may change what was entered, also in other words: a name, say.
        session.changes.track();
        let draft = sheet.draft.with(|draft| draft.as_ref().map(|draft| draft.text.clone()));
        draft
            .or_else(|| sheet.selected.with(|selected| selected.as_ref().map(|at| sheet.text_at(at))))
            .unwrap_or_default()
    });
    Effect::new(move || {
        let entry = entry.get();
        if let Some(input) = input.get()
            && input.value() != entry
        {
            input.set_value(&entry);
        }
    });
    let place = Memo::new(move |_| {
        session.changes.track();
        sheet.selected.with(|selected| selected.as_ref().map_or_else(String::new, |at| words(sheet, at)))
    });
    let error = Memo::new(move |_| {
        let cell = sheet.selected.with(|selected| selected.as_ref().and_then(Position::cell))?;
        session.error_of(&cell)
    });

    let colours = NodeRef::<html::Span>::new();
    let is_formula = Memo::new(move |_| entry.with(|entry| entry.starts_with('=')));
    let input_class =
        text(move || if is_formula.get() { "formula-input coloured".to_owned() } else { "formula-input".to_owned() });
    let problem =
        Memo::new(move |_| sheet.draft.with(|draft| draft.as_ref().and_then(|draft| problem_of(sheet, &draft.text))));
    let coloured = dynamic(move || {
        let wrong = problem.with(|problem| problem.as_ref().map(|problem| problem.span.clone()));
        entry.with(|entry| if entry.starts_with('=') { pieces_of(entry, wrong) } else { ().into_any() })
    });
    // Whoever else is in the cell is named before the person overwrites what they do there.
    let also_here = dynamic(move || {
        let Some(at) = sheet.draft.with(|draft| draft.as_ref().map(|draft| draft.at.shown())) else {
            return ().into_any();
        };
        session.people_in(&at.item).with(|people| {
            let here: Vec<&PersonView> = people.iter().filter(|person| person.at.as_ref() == Some(&at)).collect();
            also_here(&here)
        })
    });
    let shown_place = text(move || place.get());
    let shown_error = attribute(move || {
        let typed = problem.with(|problem| problem.as_ref().map(|problem| problem.message.clone()));
        if sheet.draft.with(Option::is_some) { typed } else { error.get() }
    });

    let (is_open, active) = list_states(sheet);
    let on_input = move |event: ev::Event| {
        note_caret(sheet, &event);
        sheet.typed(event_target_value(&event), false);
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        if sheet.obey_in_list(&event) {
            event.prevent_default();
            return;
        }
        match key_command(&event, Mode::Editing) {
            Some(Command::Cancel) => {
                event.prevent_default();
                sheet.cancel();
            }
            Some(command @ Command::CommitAndGo(_)) => {
                event.prevent_default();
                sheet.obey(command);
            }
            _ => {}
        }
    };
    let on_blur = move |event: ev::FocusEvent| {
        if leaves_the_edit(&event) {
            sheet.commit();
        }
    };
    view! {
        <div class="formula-bar">
            <span class="place" title=shown_place>{shown_place}</span>
            <span class="fx" aria-hidden="true">"fx"</span>
            <span class="formula-room">
            <span class="formula-colours" aria-hidden="true" node_ref=colours>{coloured}</span>
            <input
                class=input_class
                node_ref=input
                type="text"
                maxlength=ENTRY_UNITS
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=is_open
                aria-controls=LIST
                aria-activedescendant=active
                aria-label=words!(sheet.formula_or_value)
                data-testid="formula-bar"
                data-keeps-draft=""
                readonly=Signal::derive(move || !session.may_edit.get())
                disabled=Signal::derive(move || sheet.selected.with(Option::is_none))
                on:input=on_input
                on:keydown=on_keydown
                on:keyup=move |event: ev::KeyboardEvent| note_caret(sheet, &event)
                on:click=move |event: ev::MouseEvent| note_caret(sheet, &event)
                on:scroll=move |_| follow_scroll(input, colours)
                on:blur=on_blur
            />
            </span>
            {also_here}
            <span class="formula-error" role="status" data-testid="formula-error" title=shown_error>
                {shown_error}
            </span>
        </div>
        {suggestions(sheet)}
    }
}

fn also_here(people: &[&PersonView]) -> AnyView {
    let Some(first) = people.iter().find(|person| person.is_typing).or_else(|| people.first()) else {
        return ().into_any();
    };
    let name = first.name.clone();
    let words =
        if first.is_typing { words!(sheet.also_typing, name = name) } else { words!(sheet.also_here, name = name) };
    view! {
        <span class=format!("also-here {}", first.colour) role="status" data-testid="also-here">
            {words}
        </span>
    }
    .into_any()
}

/// What is wrong with what is being typed, and where: bytes of the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    message: String,
    span: Range<usize>,
}

/// What is wrong with the entry `text`. What is only not complete yet is not wrong.
fn problem_of(sheet: Sheet, text: &str) -> Option<Problem> {
    let written = text.strip_prefix('=')?;
    if let Some(problem) = formula::problem(written) {
        let byte = |point: usize| written.char_indices().nth(point).map_or(written.len(), |(byte, _)| byte);
        let (start, end) = (byte(problem.span.start), byte(problem.span.end));
        let is_at_end = written.get(start..).is_none_or(|rest| rest.trim().is_empty());
        if is_at_end {
            return None;
        }
        let place = problem.span.start.saturating_add(2).to_string();
        let message = words!(sheet.wrong_at, message = problem.message, place = place);
        return Some(Problem { message, span: start.saturating_add(1)..end.max(start).saturating_add(1) });
    }
    // The name that is being typed may become one.
    let caret = suggest::byte_at(text, sheet.caret.get()).saturating_sub(1);
    let unknown = formula::pieces(written).into_iter().find(|(piece, span)| {
        let name = written.get(span.clone()).unwrap_or_default();
        let is_typed = span.start < caret && caret <= span.end;
        let is_known = || sheet.session.with_model(|model| model.items().any(|item| item.name == name));
        *piece == Piece::Row && !is_typed && !name.starts_with('{') && is_known() == Some(false)
    });
    let (_, span) = unknown?;
    let name = written.get(span.clone()).unwrap_or_default().to_owned();
    Some(Problem {
        message: words!(sheet.no_such_row, name = name),
        span: span.start.saturating_add(1)..span.end.saturating_add(1),
    })
}

/// The entry piece by piece, each in the colour of what it is; what is `wrong` is underlined.
fn pieces_of(entry: &str, wrong: Option<Range<usize>>) -> AnyView {
    let written = entry.strip_prefix('=').unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    let mut shown = vec!["=".into_any()];
    let mut end = 0;
    for (piece, span) in formula::pieces(written) {
        let text = written.get(span.clone()).unwrap_or_default();
        let between = written.get(end..span.start).unwrap_or_default();
        if !between.is_empty() {
            shown.push(between.to_owned().into_any());
        }
        let class = match piece {
            Piece::Number | Piece::Period => "piece-number".to_owned(),
            Piece::Text => "piece-text".to_owned(),
            Piece::Row => {
                // The same row has the same colour wherever it is named.
                let number = names.iter().position(|name| *name == text).unwrap_or_else(|| {
                    names.push(text);
                    names.len().saturating_sub(1)
                });
                format!("piece-row {}", colour_of(number))
            }
            Piece::Function => "piece-function".to_owned(),
            Piece::Symbol => "piece-symbol".to_owned(),
            Piece::Unreadable => "piece-unreadable".to_owned(),
        };
        let is_wrong = wrong.as_ref().is_some_and(|wrong| {
            span.start < wrong.end.saturating_sub(1) && wrong.start <= span.end && !wrong.is_empty()
        });
        let class = if is_wrong { format!("{class} wrong") } else { class };
        shown.push(view! { <span class=class>{text.to_owned()}</span> }.into_any());
        end = span.end;
    }
    shown.push(written.get(end..).unwrap_or_default().to_owned().into_any());
    shown.into_any()
}

/// Keeps the colours under the letters of a formula that is longer than its room.
fn follow_scroll(input: NodeRef<Input>, colours: NodeRef<html::Span>) {
    if let (Some(input), Some(colours)) = (input.get_untracked(), colours.get_untracked()) {
        colours.set_scroll_left(input.scroll_left());
    }
}

fn words(sheet: Sheet, at: &Position) -> String {
    let words = sheet.session.cell_words(&at.shown());
    match at.column {
        Column::Label => words!(sheet.label_in_words, cell = words),
        Column::Value | Column::Period(_) => words,
    }
}
