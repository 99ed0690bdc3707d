//! One cell of a row: a label or a value, drawn as plain elements.

use std::collections::HashSet;

use coval_shared::model::{PeriodId, Span};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

use super::input::CellInput;
use super::marks::Areas;
use super::movement::Position;
use super::selection::Sheet;
use crate::components::Overlays;
use crate::dynamic::text;
use crate::state::view::{CellView, ItemView, RowView};
use crate::words;

/// Something of Leptos in a cell. It goes when it is dropped.
pub(super) type Mounted = UnmountHandle<AnyViewState>;

/// A number of so many letters fits into any column of the grid, and so do so many bytes of a text. What is longer may
/// have to be cut: browsers keep what they cut apart, and to do that for a thousand cells takes longer than to draw them.
const SHORT_NUMBER: usize = 10;
const SHORT_TEXT: usize = 4;

/// One cell. Its element goes when it is dropped.
pub(super) struct Cell {
    /// The number of its period, from 0.
    pub(super) index: usize,
    pub(super) place: Position,
    pub(super) element: HtmlElement,
    content: Content,
    /// What the content is written to.
    written: Node,
    /// The period of the model's cell that it is; none at all for the label of a row with one value.
    period: Option<Option<PeriodId>>,
    /// What lies over it, where there is something.
    overlaid: Option<Mounted>,
    painted: Painted,
}

/// What stands in a cell.
#[derive(Clone, Copy)]
enum Content {
    Label,
    /// A value in a column of this class.
    Value(&'static str),
}

/// What the cells of a row are painted with.
pub(super) struct Paint<'a> {
    /// What their row shows.
    pub(super) row: &'a RowView,
    /// What is marked in the grid.
    pub(super) areas: &'a Areas,
    /// What lies over them.
    pub(super) overlays: &'a Overlays,
    /// Over which of them.
    pub(super) covered: &'a HashSet<Option<PeriodId>>,
    /// The one that is selected.
    pub(super) selected: Option<&'a Position>,
    /// What the person types there.
    pub(super) draft: Option<&'a str>,
    /// In whose name views are shown in them.
    pub(super) owner: &'a Owner,
}

/// What is written on a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Painted {
    classes: String,
    text: String,
    title: Option<String>,
    bits: Option<String>,
    is_selected: bool,
}

impl Cell {
    /// The cell with the label of the row, with nothing in it yet. None where the browser makes no elements.
    pub(super) fn label(place: Position, span: Span) -> Option<Self> {
        let element = copy(&LABEL)?;
        set(&element, "data-label", &place.item.0);
        Some(Self {
            index: 0,
            written: element.first_element_child()?.into(),
            element,
            content: Content::Label,
            // In a row with one value, whoever is in the row is shown at the value.
            period: (span == Span::Period).then_some(None),
            overlaid: None,
            painted: Painted::default(),
            place,
        })
    }

    /// The cell of a value in a column of this class, the one with the number `aria_column`; otherwise as
    /// [`label`](Self::label).
    pub(super) fn value(place: Position, index: usize, class: &'static str, aria_column: &str) -> Option<Self> {
        let element = copy(&VALUE)?;
        set(&element, "aria-colindex", aria_column);
        set(&element, "data-item", &place.item.0);
        let period = place.period().cloned();
        if let Some(period) = &period {
            set(&element, "data-period", &period.0);
        }
        Some(Self {
            index,
            written: element.first_child()?,
            element,
            content: Content::Value(class),
            period: Some(period),
            overlaid: None,
            painted: Painted::default(),
            place,
        })
    }

    /// Writes what has changed.
    pub(super) fn paint(&mut self, paint: &Paint) {
        self.lay_over(paint);
        let Paint { row, areas, selected, draft, .. } = *paint;
        let is_selected = selected == Some(&self.place);
        let draft = draft.filter(|_| is_selected);
        let mut classes = areas.classes(&self.place);
        for (is_so, class) in [(is_selected, " selected"), (self.overlaid.is_some(), " overlaid")] {
            classes.push_str(if is_so { class } else { "" });
        }
        let is_selected = is_selected || areas.contain(&self.place);
        let look = self.period.as_ref().and_then(|period| row.cells.get(period));
        let now = match (self.content, look) {
            (Content::Label, _) => Painted {
                classes: format!("label{classes}"),
                text: draft.unwrap_or(&row.words.label).to_owned(),
                title: Some(title(&row.words)),
                bits: None,
                is_selected,
            },
            (Content::Value(class), Some(look)) => Painted {
                classes: format!(
                    "value {class} {}{classes}{}",
                    look_class(look),
                    areas.trace.class(&self.place.shown())
                ),
                text: draft.unwrap_or(&look.text).to_owned(),
                title: look.error.clone(),
                bits: look.bits.clone(),
                is_selected,
            },
            // Its row is gone from the model, and it goes with it.
            (Content::Value(_), None) => return,
        };
        self.write(now);
    }

    fn write(&mut self, now: Painted) {
        let before = std::mem::replace(&mut self.painted, now);
        let (now, element) = (&self.painted, &self.element);
        if now.classes != before.classes {
            element.set_class_name(&now.classes);
        }
        if now.text != before.text {
            self.written.set_text_content(Some(&now.text));
        }
        if now.title != before.title {
            set_or_remove(element, "title", now.title.as_deref());
        }
        if now.bits != before.bits {
            set_or_remove(element, "data-bits", now.bits.as_deref());
        }
        if now.is_selected != before.is_selected {
            set(element, "aria-selected", if now.is_selected { "true" } else { "false" });
        }
    }

    /// Lays over it what others do and have said there, which follows by itself what they do next.
    fn lay_over(&mut self, paint: &Paint) {
        let covered = self.period.as_ref().filter(|period| paint.covered.contains(*period));
        if covered.is_some() != self.overlaid.is_some() {
            let (overlays, period) = (paint.overlays.clone(), covered.cloned());
            self.overlaid = period.map(|period| self.mount(paint.owner, move || overlays.over(period)));
        }
    }

    /// Shows a view in it, in the name of `owner` and not of the effect that runs: that one begins anew each time.
    pub(super) fn mount(&self, owner: &Owner, view: impl FnOnce() -> AnyView + 'static) -> Mounted {
        owner.with(|| mount_to(self.element.clone(), view))
    }

    /// The input over it, for when it is selected. `row` is the one that it is in.
    pub(super) fn input(&self, sheet: Sheet, row: &ArcRwSignal<RowView>, owner: &Owner) -> Mounted {
        let (place, row) = (self.place.clone(), row.clone());
        let of = place.clone();
        let name = move || match of.cell() {
            None => row.with(|row| words!(sheet.label_of, label = row.words.label.clone())).to_string(),
            Some(cell) => {
                let look = row.with(|row| row.cells.get(&cell.period).cloned()).unwrap_or_else(CellView::empty);
                let content = look.error.as_ref().unwrap_or(&look.text);
                format!("{}: {content}, {}", sheet.session.cell_words(&cell), look.kind_words())
            }
        };
        // Made in there, the name lasts as long as the input.
        self.mount(owner, move || view! { <CellInput sheet place name=text(name)/> }.into_any())
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.overlaid = None;
        self.element.remove();
    }
}

fn title(words: &ItemView) -> String {
    if words.note.is_empty() { words.name.clone() } else { format!("{} · {}", words.name, words.note) }
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
    let short = if look.bits.is_some() { SHORT_NUMBER } else { SHORT_TEXT };
    let long = if look.text.len() > short { " long" } else { "" };
    format!("is-{}{linked}{error}{negative}{changed}{long}", look.kind_word())
}

thread_local! {
    /// The cells as they stand in every row. A copy is made in one step, which takes a fraction of what its parts take.
    static LABEL: Option<Element> = blank_label();
    static VALUE: Option<Element> = blank_value();
}

fn blank_label() -> Option<Element> {
    let label = element("th", "label", "rowheader")?;
    set(&label, "scope", "row");
    set(&label, "aria-colindex", "1");
    let words = document().create_element("span").ok()?;
    words.set_class_name("label-text");
    label.append_child(&words).ok()?;
    editable(label)
}

fn blank_value() -> Option<Element> {
    let value = element("td", "value", "gridcell")?;
    value.append_child(&document().create_text_node("")).ok()?;
    editable(value)
}

fn editable(cell: Element) -> Option<Element> {
    set(&cell, "aria-readonly", "false");
    set(&cell, "aria-selected", "false");
    Some(cell)
}

fn copy(blank: &'static std::thread::LocalKey<Option<Element>>) -> Option<HtmlElement> {
    blank.with(|blank| blank.as_ref()?.clone_node_with_deep(true).ok()?.dyn_into().ok())
}

/// A new element of the grid. None where the browser makes none.
pub(super) fn element(tag: &str, class: &str, role: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    set(&element, "role", role);
    Some(element)
}

/// Sets an attribute.
pub(super) fn set(element: &Element, name: &str, value: &str) {
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
