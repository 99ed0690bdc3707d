//! What goes to the clipboard and comes from it.

use coval_shared::model::{CellRef, CellValue, NumberFormat, edit, parse_date, parse_number};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::clipboard::{self, MOST_BYTES, MOST_CELLS, Table};
use super::movement::{Column, Position};
use super::range;
use super::selection::Sheet;
use crate::platform::paste;
use crate::state::Notice;
use crate::words;

/// What came from the clipboard.
struct Pasted {
    fields: Table,
    /// Whether the fields are entries as they stand in a model, formulas among them.
    are_entries: bool,
}

impl Sheet {
    /// Puts the selection on the clipboard. Returns whether there was anything to put there.
    pub(super) fn copy(&self, event: &ev::ClipboardEvent) -> bool {
        let Some((texts, entries)) = self.copied_tables() else {
            return false;
        };
        let Some(data) = event.clipboard_data() else {
            return false;
        };
        let is_done = data.set_data("text/plain", &clipboard::write(&texts)).is_ok();
        // What only takes plain text still has it.
        let _ = data.set_data("text/html", &clipboard::write_html(&texts, &entries));
        if is_done {
            event.prevent_default();
        }
        is_done
    }

    /// Copies the selection and empties it.
    pub(super) fn cut(&self, event: &ev::ClipboardEvent) {
        if self.copy(event) && self.may_edit() {
            self.clear_block();
        }
    }

    /// Enters what is on the clipboard from the selected cell on. Returns whether that was done here: a single text for
    /// a label is the browser's business.
    pub(super) fn paste(&self, event: &ev::ClipboardEvent) -> bool {
        let Some(start) = self.selected.get_untracked().filter(|_| self.may_edit()) else {
            return false;
        };
        let Some(data) = event.clipboard_data() else {
            return false;
        };
        let (plain, rich) = (paste::length(&data, "text/plain"), paste::length(&data, "text/html"));
        if plain > MOST_BYTES || rich > MOST_BYTES.saturating_mul(4) {
            let megabytes = MOST_BYTES.checked_div(1_000_000).unwrap_or_default();
            let what = words!(sheet.paste_too_large, most = megabytes.to_string());
            self.session.tell(Notice::new(what, words!(sheet.paste_in_parts)));
            return true;
        }
        let kind = |name: &str| data.get_data(name).unwrap_or_default();
        let pasted = read(&kind("text/plain"), &kind("text/html"));
        if start.column == Column::Label && pasted.fields.len() < 2 {
            return false;
        }
        if !pasted.fields.is_empty() {
            self.enter_pasted(&start, &pasted);
        }
        true
    }

    /// The selection as texts, in full, and as what was entered.
    fn copied_tables(&self) -> Option<(Table, Table)> {
        let block = self.selection()?;
        if block.items.len().saturating_mul(block.columns.len()) > MOST_CELLS.saturating_mul(4) {
            return None;
        }
        self.session.with_calculation(|model, calculation| {
            let mut tables = (Table::new(), Table::new());
            for (row, (id, _)) in block.items.iter().enumerate() {
                let Some(item) = model.item(id) else { continue };
                let mut texts = Vec::new();
                let mut entries = Vec::new();
                for (index, column) in block.columns.iter().enumerate() {
                    let (text, entry) = match (column, block.cell(row, index)) {
                        (Column::Label, _) => (item.label.clone(), item.label.clone()),
                        (_, None) => (String::new(), String::new()),
                        (_, Some(cell)) => {
                            let value = calculation.value(&cell);
                            (in_full(value, item.format), edit::entry_text(model, &cell))
                        }
                    };
                    texts.push(text);
                    entries.push(entry);
                }
                tables.0.push(texts);
                tables.1.push(entries);
            }
            tables
        })
    }

    fn enter_pasted(&self, start: &Position, pasted: &Pasted) {
        let width = pasted.fields.iter().map(Vec::len).max().unwrap_or(0);
        let height = pasted.fields.len();
        let block = self.block.get_untracked();
        // One value goes into all that is selected.
        let single = pasted.fields.first().and_then(|row| row.first()).filter(|_| (width, height) == (1, 1));
        let mut inputs: Vec<(CellRef, String)> = Vec::new();
        let mut left_out = 0_usize;
        let mut is_beyond = false;
        if let (Some(field), Some(block)) = (single, &block) {
            for cell in block.cells() {
                match self.typed_for(&cell, field, pasted.are_entries) {
                    Some(input) => inputs.push((cell, input)),
                    None => left_out = left_out.saturating_add(1),
                }
            }
        } else {
            if width.saturating_mul(height) > MOST_CELLS.saturating_mul(4) {
                let count = width.saturating_mul(height).to_string();
                let what = words!(sheet.too_many_cells, count = count, most = MOST_CELLS.to_string());
                self.session.tell(Notice::new(what, words!(sheet.paste_in_parts)));
                return;
            }
            let start = block
                .as_ref()
                .and_then(|block| {
                    let (item, _) = block.items.first()?;
                    Some(Position { item: item.clone(), column: block.columns.first()?.clone() })
                })
                .unwrap_or_else(|| start.clone());
            let targets = self.layout.with_untracked(|layout| range::targets(layout, &start, height, width));
            is_beyond = targets.len() < height || targets.iter().any(|row| row.len() < width);
            for (fields, targets) in pasted.fields.iter().zip(&targets) {
                for (field, target) in fields.iter().zip(targets) {
                    let input = target.as_ref().and_then(|cell| self.typed_for(cell, field, pasted.are_entries));
                    match (target, input) {
                        (Some(cell), Some(input)) => inputs.push((cell.clone(), input)),
                        (None, _) if field.trim().is_empty() => {}
                        _ => left_out = left_out.saturating_add(1),
                    }
                }
            }
            self.select_pasted(&start, height, width);
        }
        let is_done = inputs.is_empty() || self.enter_all(words!(sheet.pasting).to_owned(), inputs);
        if is_done && is_beyond {
            self.session.tell(Notice::new(words!(sheet.paste_beyond), words!(sheet.paste_beyond_advice)));
        } else if is_done && left_out > 0 {
            let what = words!(sheet.paste_left_out, count = left_out.to_string());
            self.session.tell(Notice::new(what, words!(sheet.paste_left_out_advice)));
        }
    }

    fn select_pasted(&self, start: &Position, height: usize, width: usize) {
        let corner = self.layout.with_untracked(|layout| {
            let steps = |corner: Position, step, count: usize| {
                (1..count).try_fold(corner, |corner, _| range::stretch(layout, &corner, step))
            };
            let down = steps(start.clone(), super::keys::Move::Down, height)?;
            steps(down, super::keys::Move::Right, width)
        });
        if let Some(corner) = corner {
            self.select_between((start.clone(), corner));
        }
    }

    /// What a pasted field enters in `cell`; nothing where it is a word and the row holds numbers.
    fn typed_for(&self, cell: &CellRef, field: &str, is_entry: bool) -> Option<String> {
        if is_entry {
            return Some(field.to_owned());
        }
        let format = self.session.with_model(|model| model.item(&cell.item).map(|item| item.format)).flatten()?;
        if format == NumberFormat::Text {
            // A text is a text here, whatever it looks like.
            return Some(if field.trim_start().starts_with('=') { format!("'{field}") } else { field.to_owned() });
        }
        let typed = clipboard::as_typed(field);
        let is_known = typed.is_empty()
            || typed.starts_with('=')
            || parse_number(&typed).is_some()
            || parse_date(&typed).is_some_and(|_| format == NumberFormat::Date);
        is_known.then_some(typed)
    }
}

/// Reads what is on the clipboard: of a model its entries, otherwise the plain text, or a table where only HTML has it.
fn read(text: &str, html: &str) -> Pasted {
    let is_ours = html.contains("data-coval");
    let is_table = html.contains("<table") && !text.contains('\t');
    if is_ours || is_table {
        let fields = read_html(html, is_ours);
        if fields.len() > 1 || fields.iter().any(|row| row.len() > 1) || (is_ours && !fields.is_empty()) {
            return Pasted { fields, are_entries: is_ours };
        }
    }
    Pasted { fields: clipboard::read(text), are_entries: false }
}

/// The texts of the first table in `html`. A parser's document runs nothing and loads nothing.
fn read_html(html: &str, are_entries: bool) -> Table {
    let parsed = web_sys::DomParser::new()
        .and_then(|parser| parser.parse_from_string(html, web_sys::SupportedType::TextHtml))
        .ok();
    let Some(table) = parsed.and_then(|page| page.query_selector("table").ok().flatten()) else {
        return Table::new();
    };
    let elements = |parent: &web_sys::Element, selector: &str| -> Vec<web_sys::Element> {
        let Ok(list) = parent.query_selector_all(selector) else { return Vec::new() };
        (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect()
    };
    let field = |cell: &web_sys::Element| {
        let entry = cell.get_attribute("data-entry").filter(|_| are_entries);
        entry.or_else(|| cell.text_content()).unwrap_or_default()
    };
    elements(&table, "tr").iter().map(|row| elements(row, "td, th").iter().map(field).collect()).collect()
}

/// A value for other programs: its number in full.
fn in_full(value: &CellValue, format: NumberFormat) -> String {
    match value {
        CellValue::Number(number) if format == NumberFormat::Date => format.display(*number),
        CellValue::Number(number) => number.to_string(),
        CellValue::Text(text) => text.to_string(),
        CellValue::Blank => String::new(),
        CellValue::Error(error) => format!("#{}", error.code),
    }
}
