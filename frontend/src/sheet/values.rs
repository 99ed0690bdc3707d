//! The values of a row, drawn as plain elements by one effect for each row: a large model has thousands of cells, and
//! signals for every attribute of every cell would make each scroll and each key wait.

use std::sync::Arc;

use coval_shared::model::{CellRef, ItemId, PeriodId, Span};
use leptos::html;
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::cell::Marks;
use super::grid::Frame;
use super::input::CellInput;
use super::movement::{Column, Position};
use super::pointer;
use super::row::column;
use super::selection::Sheet;
use crate::components::Overlay;
use crate::dynamic::text;
use crate::state::view::{CellView, ItemView};

/// The columns of periods that are drawn, and how many are not drawn left and right of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// How many columns are not drawn before them.
    pub(super) before: usize,
    /// The columns with their numbers, from 0, and their classes.
    pub(super) drawn: Vec<(usize, PeriodId, &'static str)>,
    /// How many columns are not drawn after them.
    pub(super) after: usize,
}

/// Keeps the values of `item` drawn in its row, as long as the caller's owner lives.
pub(super) fn draw(sheet: Sheet, item: &ItemId, span: Span, frame: Frame, row: NodeRef<html::Tr>) {
    let around = Around {
        sheet,
        item: item.clone(),
        words: sheet.session.item(item),
        marks: expect_context::<Marks>(),
        owner: Owner::current().unwrap_or_default(),
    };
    Effect::new(move |before: Option<Option<Values>>| {
        let row = row.get()?;
        let columns = frame.columns.get();
        let before = before.flatten();
        let mut values = match before {
            Some(values) if values.columns == columns => values,
            before => {
                // The old ones go before the new ones come.
                drop(before);
                Values::build(&around, span, columns, &row)?
            }
        };
        values.paint(&around);
        Some(values)
    });
}

/// What the values of a row need to know.
struct Around {
    sheet: Sheet,
    item: ItemId,
    words: ArcRwSignal<ItemView>,
    marks: Marks,
    owner: Owner,
}

/// Something of Leptos in a cell. It goes when it is dropped.
type Mounted = UnmountHandle<AnyViewState>;

/// The values of one row.
struct Values {
    columns: Arc<Columns>,
    cells: Vec<Cell>,
    /// Everything that was added to the row.
    elements: Vec<Element>,
    /// Where the note of a row with one value stands.
    note: Option<Element>,
    /// The input, in the cell that is selected.
    input: Option<(usize, Mounted)>,
    /// The handle, in the last cell of the selection.
    handle: Option<(usize, Mounted)>,
    owner: Owner,
}

/// One cell.
struct Cell {
    place: Position,
    cell: CellRef,
    class: &'static str,
    element: HtmlElement,
    figure: Element,
    look: ArcRwSignal<CellView>,
    overlay: Overlay,
    /// What lies over it, where there is something.
    overlaid: Option<Mounted>,
    painted: Painted,
}

/// What is written on a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Painted {
    classes: String,
    text: String,
    bits: Option<String>,
    error: Option<String>,
    is_selected: bool,
}

impl Values {
    /// Adds the cells to the end of `row`, with nothing in them yet. None where the browser makes no elements.
    fn build(around: &Around, span: Span, columns: Arc<Columns>, row: &Element) -> Option<Self> {
        let owner = around.owner.with(Owner::new);
        let mut values = Self {
            columns: Arc::clone(&columns),
            cells: Vec::new(),
            elements: Vec::new(),
            note: None,
            input: None,
            handle: None,
            owner: owner.clone(),
        };
        owner.with(|| match span {
            Span::Single => {
                values.add_cell(around, row, Column::Value, "single", column(0))?;
                let note = values.add(row, "note", "gridcell")?;
                let periods = columns.before.saturating_add(columns.drawn.len()).saturating_add(columns.after);
                set(&note, "aria-colindex", "4");
                set(&note, "aria-readonly", "true");
                set(&note, "colspan", &periods.to_string());
                let words = document().create_element("span").ok()?;
                words.set_class_name("note-text");
                note.append_child(&words).ok()?;
                values.note = Some(words);
                Some(())
            }
            Span::Period => {
                values.add(row, "filler", "presentation")?;
                values.add_gap(row, columns.before)?;
                for (index, period, class) in &columns.drawn {
                    let number = column(index.saturating_add(1));
                    values.add_cell(around, row, Column::Period(period.clone()), class, number)?;
                }
                values.add_gap(row, columns.after)
            }
        })?;
        Some(values)
    }

    fn add(&mut self, row: &Element, class: &str, role: &str) -> Option<Element> {
        let element = document().create_element("td").ok()?;
        element.set_class_name(class);
        set(&element, "role", role);
        row.append_child(&element).ok()?;
        self.elements.push(element.clone());
        Some(element)
    }

    fn add_gap(&mut self, row: &Element, columns: usize) -> Option<()> {
        if columns > 0 {
            set(&self.add(row, "gap", "presentation")?, "colspan", &columns.to_string());
        }
        Some(())
    }

    fn add_cell(
        &mut self,
        around: &Around,
        row: &Element,
        column: Column,
        class: &'static str,
        number: String,
    ) -> Option<()> {
        let place = Position { item: around.item.clone(), column };
        let cell = place.shown();
        let element = self.add(row, "", "gridcell")?;
        set(&element, "aria-colindex", &number);
        set(&element, "aria-readonly", "false");
        set(&element, "aria-selected", "false");
        set(&element, "data-item", &cell.item.0);
        if let Some(period) = &cell.period {
            set(&element, "data-period", &period.0);
        }
        let figure = document().create_element("span").ok()?;
        figure.set_class_name("figure");
        element.append_child(&figure).ok()?;
        self.cells.push(Cell {
            class,
            element: element.dyn_into().ok()?,
            figure,
            look: around.sheet.session.cell(&cell),
            overlay: Overlay::at(around.sheet.session, &cell),
            overlaid: None,
            painted: Painted::default(),
            place,
            cell,
        });
        Some(())
    }

    /// Writes what has changed. Follows everything that is read for it.
    fn paint(&mut self, around: &Around) {
        let sheet = around.sheet;
        let key = Some(around.item.clone());
        let selected = around.marks.selected_row.selected(&key).then(|| sheet.selected.get()).flatten();
        let corner = around.marks.corner_row.selected(&key).then(|| around.marks.corner.get()).flatten();
        // Only the selected cell listens to the keyboard.
        let draft = selected.as_ref().and_then(|place| {
            sheet.draft.with(|draft| draft.as_ref().filter(|draft| draft.at == *place).map(|draft| draft.text.clone()))
        });
        sheet.block.track();
        sheet.trace.track();
        around.marks.filled.track();
        for cell in &mut self.cells {
            let is_selected = selected.as_ref() == Some(&cell.place);
            let draft = draft.as_deref().filter(|_| is_selected);
            cell.paint(around, is_selected, draft);
            cell.lay_over(&self.owner);
        }
        if let Some(note) = &self.note {
            around.words.with(|words| {
                if note.text_content().as_deref() != Some(&words.note) {
                    note.set_text_content(Some(&words.note));
                }
            });
        }
        let at = |place: &Option<Position>| {
            place.as_ref().and_then(|place| self.cells.iter().position(|cell| cell.place == *place))
        };
        let (selected, corner) = (at(&selected), at(&corner));
        let (cells, owner) = (&self.cells, &self.owner);
        move_to(&mut self.input, selected, cells, owner, |cell| input(sheet, cell));
        move_to(&mut self.handle, corner, cells, owner, |_| Box::new(move || pointer::handle(sheet)));
    }
}

impl Drop for Values {
    fn drop(&mut self) {
        self.input = None;
        self.handle = None;
        self.cells.clear();
        for element in &self.elements {
            element.remove();
        }
        self.owner.cleanup();
    }
}

impl Cell {
    fn paint(&mut self, around: &Around, is_selected: bool, draft: Option<&str>) {
        let Self { place, cell, class, .. } = &*self;
        let within =
            around.sheet.block.with_untracked(|block| block.as_ref().is_some_and(|block| block.contains(place)));
        let filling =
            around.marks.filled.with_untracked(|block| block.as_ref().is_some_and(|block| block.contains(place)));
        let traced = around.sheet.trace.with_untracked(|trace| trace.class(cell));
        let now = self.look.with(|look| Painted {
            classes: format!(
                "value {class} {}{}{}{}{traced}",
                look_class(look),
                if is_selected { " selected" } else { "" },
                if within { " within" } else { "" },
                if filling { " filling" } else { "" },
            ),
            text: draft.unwrap_or(&look.text).to_owned(),
            bits: look.bits.clone(),
            error: look.error.clone(),
            is_selected: is_selected || within,
        });
        let before = std::mem::replace(&mut self.painted, now);
        let (now, element) = (&self.painted, &self.element);
        if now.classes != before.classes {
            element.set_class_name(&now.classes);
        }
        if now.text != before.text {
            self.figure.set_text_content(Some(&now.text));
        }
        if now.bits != before.bits {
            set_or_remove(element, "data-bits", now.bits.as_deref());
        }
        if now.error != before.error {
            set_or_remove(element, "title", now.error.as_deref());
        }
        if now.is_selected != before.is_selected {
            set(element, "aria-selected", if now.is_selected { "true" } else { "false" });
        }
    }

    /// Lays over it what others do and have said there, which follows by itself what they do next.
    fn lay_over(&mut self, owner: &Owner) {
        let is_any = self.overlay.is_any();
        if is_any != self.overlaid.is_some() {
            self.overlaid = is_any.then(|| {
                let overlay = self.overlay.clone();
                mount(owner, &self.element, move || overlay.view())
            });
        }
    }
}

/// Has what is `mounted` in one of the cells in the cell `to` from now on.
fn move_to(
    mounted: &mut Option<(usize, Mounted)>,
    to: Option<usize>,
    cells: &[Cell],
    owner: &Owner,
    view: impl FnOnce(&Cell) -> Box<dyn FnOnce() -> AnyView>,
) {
    if mounted.as_ref().map(|(at, _)| *at) == to {
        return;
    }
    // The old one goes before the new one comes: only one can have the keyboard.
    *mounted = None;
    let cell = to.and_then(|at| cells.get(at).map(|cell| (at, cell)));
    *mounted = cell.map(|(at, cell)| (at, mount(owner, &cell.element, view(cell))));
}

/// Shows a view in an element, in the name of `owner` and not of the effect that runs: that one begins anew each time.
fn mount(owner: &Owner, element: &HtmlElement, view: impl FnOnce() -> AnyView + 'static) -> Mounted {
    owner.with(|| mount_to(element.clone(), view))
}

/// The input over the selected cell.
fn input(sheet: Sheet, cell: &Cell) -> Box<dyn FnOnce() -> AnyView> {
    let (place, cell, look) = (cell.place.clone(), cell.cell.clone(), cell.look.clone());
    let name = move || {
        let look = look.get();
        let content = look.error.clone().unwrap_or_else(|| look.text.clone());
        format!("{}: {content}, {}", sheet.session.cell_words(&cell), look.kind_words())
    };
    Box::new(move || view! { <CellInput sheet place name=text(name)/> }.into_any())
}

fn look_class(look: &CellView) -> String {
    let linked = if look.is_linked { " is-linked" } else { "" };
    let error = match (&look.error, look.is_error_inherited) {
        (None, _) => "",
        (Some(_), false) => " error",
        (Some(_), true) => " error inherited",
    };
    let negative = if look.text.starts_with('(') { " negative" } else { "" };
    let changed = if look.is_changed { " changed" } else { "" };
    format!("is-{}{linked}{error}{negative}{changed}", look.kind_word())
}

fn set(element: &Element, name: &str, value: &str) {
    // A browser refuses no attribute whose name is a word.
    let _ = element.set_attribute(name, value);
}

fn set_or_remove(element: &Element, name: &str, value: Option<&str>) {
    match value {
        Some(value) => set(element, name, value),
        None => {
            let _ = element.remove_attribute(name);
        }
    }
}
