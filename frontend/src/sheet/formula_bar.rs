//! The line above the grid: where the selection is, what was entered there, and what is wrong with it.

use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;

use super::cell::{key_command, leaves_the_edit};
use super::keys::{Command, Mode};
use super::movement::{Column, Position};
use super::selection::Sheet;
use crate::dynamic::{attribute, text};

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
        session.cell(&cell).with(|look| look.error.clone())
    });

    let shown_place = text(move || place.get());
    let shown_error = attribute(move || error.get());

    let on_input = move |event: ev::Event| sheet.typed(event_target_value(&event), false);
    let on_keydown = move |event: ev::KeyboardEvent| {
        if event.is_composing() {
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
            <input
                class="formula-input"
                node_ref=input
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-label="Formula or value of the selected cell"
                data-testid="formula-bar"
                data-keeps-draft=""
                readonly=Signal::derive(move || !session.may_edit.get())
                disabled=Signal::derive(move || sheet.selected.with(Option::is_none))
                on:input=on_input
                on:keydown=on_keydown
                on:blur=on_blur
            />
            <span class="formula-error" role="status" data-testid="formula-error" title=shown_error>
                {shown_error}
            </span>
        </div>
    }
}

fn words(sheet: Sheet, at: &Position) -> String {
    let words = sheet.session.cell_words(&at.shown());
    match at.column {
        Column::Label => format!("{words} (label)"),
        Column::Value | Column::Period(_) => words,
    }
}
