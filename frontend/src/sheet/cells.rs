//! The cells of a row, drawn as plain elements by one effect for each row: a large model has thousands of cells, and
//! signals for every attribute of every cell would make each scroll and each key wait.

use std::collections::HashSet;
use std::sync::Arc;

use coval_shared::model::{ItemId, PeriodId, Span};
use leptos::html;
use leptos::prelude::*;
use web_sys::{DocumentFragment, Element, Node};

use super::cell::{Cell, Mounted, Paint, element, set};
use super::grid::{Frame, set_size};
use super::marks::Marks;
use super::movement::{Column, Position};
use super::pointer;
use super::row::{self, RowMenu};
use super::selection::Sheet;
use super::window::Slot;
use crate::components::Overlays;
use crate::state::view::RowView;

/// The columns of the periods, and which of them are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// All periods with the classes of their columns.
    pub(super) periods: Arc<Vec<(PeriodId, &'static str)>>,
    /// What is drawn of them.
    pub(super) slots: Vec<Slot>,
}

impl Columns {
    /// The columns that are drawn.
    fn drawn(&self) -> HashSet<usize> {
        let index = |slot: &Slot| match slot {
            Slot::Drawn(index) => Some(*index),
            Slot::Gap(_) => None,
        };
        self.slots.iter().filter_map(index).collect()
    }
}

/// Keeps the cells of `item` drawn in its row, as long as the caller's owner lives.
pub(super) fn draw(sheet: Sheet, item: &ItemId, span: Span, frame: Frame, row: NodeRef<html::Tr>) {
    let around = Around {
        sheet,
        item: item.clone(),
        span,
        row: sheet.session.row(item),
        overlays: Overlays::of_row(sheet.session, item),
        marks: expect_context::<Marks>(),
        owner: Owner::current().unwrap_or_default(),
    };
    Effect::new(move |before: Option<Option<Cells>>| {
        let row = row.get()?;
        let columns = frame.columns.get();
        let mut cells = match before.flatten() {
            Some(mut cells) if cells.columns.periods == columns.periods => {
                if cells.columns != columns {
                    cells.scroll_to(&around, columns, &row)?;
                }
                cells
            }
            before => {
                // The old ones go before the new ones come.
                drop(before);
                Cells::build(&around, columns)?
            }
        };
        cells.paint(&around, &row);
        Some(cells)
    });
}

/// What the cells of a row need to know.
struct Around {
    sheet: Sheet,
    item: ItemId,
    span: Span,
    /// How it looks.
    row: ArcRwSignal<RowView>,
    overlays: Overlays,
    marks: Marks,
    owner: Owner,
}

impl Around {
    /// A new cell of a value, with nothing in it yet.
    fn value(&self, index: usize, column: Column, class: &'static str) -> Option<Cell> {
        let number = if column == Column::Value { 0 } else { index.saturating_add(1) };
        let place = Position { item: self.item.clone(), column };
        Cell::value(place, index, class, &row::column(number))
    }
}

/// The cells of one row.
struct Cells {
    columns: Arc<Columns>,
    /// The cells, in the order of their columns; the first is the label.
    cells: Vec<Cell>,
    /// All of them, painted before they come into the page, which they do in one step.
    arriving: Option<DocumentFragment>,
    /// The room of columns that are not drawn.
    gaps: Vec<Element>,
    unit: Element,
    /// What stands behind the unit: the empty column of single values, or the note of a row that has one.
    behind: Element,
    /// Where the note stands.
    note: Option<Element>,
    /// The input, in the cell that is selected.
    input: Option<(Position, Mounted)>,
    /// The handle, in the last cell of the selection.
    handle: Option<(Position, Mounted)>,
    /// What can be done with the row, in its label.
    menu: Option<(Position, Mounted)>,
    owner: Owner,
}

impl Cells {
    /// Cells that have nothing in them yet. None where the browser makes no elements.
    fn build(around: &Around, columns: Arc<Columns>) -> Option<Self> {
        let owner = around.owner.with(Owner::new);
        let label = Cell::label(Position::label(around.item.clone()), around.span)?;
        let unit = element("td", "unit", "gridcell")?;
        set(&unit, "aria-colindex", "2");
        set(&unit, "aria-readonly", "true");
        let all = document().create_document_fragment();
        all.append_child(&label.element).ok()?;
        all.append_child(&unit).ok()?;
        let periods = columns.periods.len();
        let mut cells = Self {
            columns: Arc::new(Columns { periods: Arc::clone(&columns.periods), slots: Vec::new() }),
            cells: vec![label],
            arriving: None,
            gaps: Vec::new(),
            unit,
            behind: element("td", "filler", "presentation")?,
            note: None,
            input: None,
            handle: None,
            menu: None,
            owner,
        };
        if around.span == Span::Single {
            around.sheet.session.show_periods(&around.item, &around.row, vec![None]);
            let cell = around.value(0, Column::Value, "single")?;
            all.append_child(&cell.element).ok()?;
            cells.cells.push(cell);
            cells.behind = element("td", "note", "gridcell")?;
            set(&cells.behind, "aria-colindex", "4");
            set(&cells.behind, "aria-readonly", "true");
            set(&cells.behind, "colspan", &periods.to_string());
            let words = document().create_element("span").ok()?;
            words.set_class_name("note-text");
            cells.behind.append_child(&words).ok()?;
            cells.note = Some(words);
        }
        all.append_child(&cells.behind).ok()?;
        cells.scroll_to(around, columns, &all)?;
        cells.arriving = Some(all);
        Some(cells)
    }

    /// Draws these columns instead of those before. Cells that are in both stay as they are, so that the one that has
    /// the keyboard keeps it.
    fn scroll_to(&mut self, around: &Around, columns: Arc<Columns>, row: &Node) -> Option<()> {
        if self.note.is_some() {
            // Its one value stands in no period.
            self.columns = columns;
            return Some(());
        }
        let drawn = columns.drawn();
        let stays = |cell: &Cell| !matches!(cell.place.column, Column::Period(_)) || drawn.contains(&cell.index);
        let (kept, gone): (Vec<_>, Vec<_>) = self.cells.drain(..).partition(stays);
        for mounted in [&mut self.input, &mut self.handle] {
            mounted.take_if(|(at, _)| gone.iter().any(|cell| cell.place == *at));
        }
        drop(gone);
        self.gaps.drain(..).for_each(|gap| gap.remove());
        let mut kept = kept.into_iter().peekable();
        self.cells.extend(kept.next());
        for slot in &columns.slots {
            let next = kept.peek().map(|cell| cell.element.clone());
            let next = next.as_ref().map(AsRef::<Node>::as_ref);
            match slot {
                Slot::Gap(width) => {
                    let gap = element("td", "gap", "presentation")?;
                    set_size(&gap, "width", *width);
                    row.insert_before(&gap, next).ok()?;
                    self.gaps.push(gap);
                }
                Slot::Drawn(index) => {
                    let cell = match kept.next_if(|cell| cell.index == *index) {
                        Some(cell) => cell,
                        None => {
                            let (period, class) = columns.periods.get(*index)?;
                            let cell = around.value(*index, Column::Period(period.clone()), class)?;
                            row.insert_before(&cell.element, next).ok()?;
                            cell
                        }
                    };
                    self.cells.push(cell);
                }
            }
        }
        self.columns = columns;
        let periods = self.cells.iter().filter_map(|cell| cell.place.period().cloned().map(Some));
        around.sheet.session.show_periods(&around.item, &around.row, periods.collect());
        Some(())
    }

    /// Writes what has changed, in the row `into`. Follows everything that is read for it.
    fn paint(&mut self, around: &Around, into: &Element) {
        let Around { sheet, marks, overlays, .. } = around;
        let key = Some(around.item.clone());
        let selected = marks.selected_row.selected(&key).then(|| sheet.selected.get()).flatten();
        let corner = marks.corner_row.selected(&key).then(|| marks.corner.get()).flatten();
        // Only the selected cell listens to the keyboard.
        let draft = selected.as_ref().and_then(|place| {
            sheet.draft.with(|draft| draft.as_ref().filter(|draft| draft.at == *place).map(|draft| draft.text.clone()))
        });
        let covered = overlays.covered();
        around.row.with(|row| {
            marks.areas.with(|areas| {
                let (selected, draft) = (selected.as_ref(), draft.as_deref());
                let paint = Paint { row, areas, overlays, covered: &covered, selected, draft, owner: &self.owner };
                self.cells.iter_mut().for_each(|cell| cell.paint(&paint));
            });
            write(&self.unit, &row.words.unit);
            if let Some(note) = &self.note {
                write(note, &row.words.note);
            }
        });
        if let Some(all) = self.arriving.take() {
            // A row that can't be filled stays empty.
            let _ = into.append_child(&all);
        }
        let label = Position::label(around.item.clone());
        let has_menu = selected.as_ref() == Some(&label) || marks.pointed_row.selected(&key);
        let session = sheet.session;
        let menu =
            (has_menu && draft.is_none() && (session.may_edit.get() || session.may_comment.get())).then_some(label);
        let (cells, owner, sheet) = (&self.cells, &self.owner, *sheet);
        move_to(&mut self.input, selected, cells, |cell| cell.input(sheet, &around.row, owner));
        move_to(&mut self.handle, corner, cells, |cell| cell.mount(owner, move || pointer::handle(sheet)));
        move_to(&mut self.menu, menu, cells, |cell| {
            let item = cell.place.item.clone();
            cell.mount(owner, move || view! { <RowMenu sheet item/> }.into_any())
        });
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        self.input = None;
        self.handle = None;
        self.menu = None;
        self.cells.clear();
        self.gaps.iter().chain([&self.unit, &self.behind]).for_each(Element::remove);
        self.owner.cleanup();
    }
}

fn write(element: &Element, words: &str) {
    if element.text_content().as_deref() != Some(words) {
        element.set_text_content(Some(words));
    }
}

/// Has what is `mounted` in one of the cells in the cell `to` from now on, if that is one of them.
fn move_to(
    mounted: &mut Option<(Position, Mounted)>,
    to: Option<Position>,
    cells: &[Cell],
    mount: impl FnOnce(&Cell) -> Mounted,
) {
    let cell = to.and_then(|to| cells.iter().find(|cell| cell.place == to));
    if mounted.as_ref().map(|(at, _)| at) == cell.map(|cell| &cell.place) {
        return;
    }
    // The old one goes before the new one comes: only one can have the keyboard.
    *mounted = None;
    *mounted = cell.map(|cell| (cell.place.clone(), mount(cell)));
}
