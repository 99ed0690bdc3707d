//! The cells of labels, and what all cells are marked by.

use coval_shared::model::ItemId;
use leptos::ev;
use leptos::prelude::*;

use super::input::CellInput;
use super::movement::{Column, Position};
use super::pointer;
use super::range::{self, Block};
use super::selection::{Drag, MenuOf, Sheet};
use crate::components::Overlay;
use crate::dynamic::{text, when};
use crate::words;

/// What the cells are marked by, worked out once for all of them.
#[derive(Clone)]
pub struct Marks {
    selected: Selector<Option<Position>>,
    /// The row in which the selected place is.
    pub(super) selected_row: Selector<Option<ItemId>>,
    /// The last cell of the selection, which has the handle.
    pub(super) corner: Memo<Option<Position>>,
    /// The row in which that is.
    pub(super) corner_row: Selector<Option<ItemId>>,
    /// Where a fill would reach that is being dragged.
    pub(super) filled: Memo<Option<Block>>,
}

impl Marks {
    /// The marks of `sheet`.
    pub fn of(sheet: Sheet) -> Self {
        let corner = move || {
            let Some(block) = sheet.block.get() else {
                return sheet.selected.get().filter(|place| place.column != Column::Label);
            };
            let (item, column) = (block.items.last()?.0.clone(), block.columns.last()?.clone());
            Some(Position { item, column })
        };
        let filled = move || {
            let to = sheet.drag.with(|drag| match drag {
                Some(Drag::Fill(to)) => to.clone(),
                _ => None,
            })?;
            let source = sheet.selection()?;
            sheet.layout.with(|layout| {
                let (first, last) = range::reach(layout, &source, &to)?;
                Block::between(layout, &first, &last)
            })
        };
        let corner = Memo::new(move |_| corner());
        let row = |place: &Option<Position>| place.as_ref().map(|place| place.item.clone());
        Self {
            selected: Selector::new(move || sheet.selected.get()),
            selected_row: Selector::new(move || sheet.selected.with(row)),
            corner,
            corner_row: Selector::new(move || corner.with(row)),
            filled: Memo::new(move |_| filled()),
        }
    }
}

/// The cell of a row's label.
#[component]
pub fn LabelCell(
    /// The document with its selection.
    sheet: Sheet,
    /// The row.
    item: ItemId,
) -> impl IntoView {
    let place = Position::label(item.clone());
    let words = sheet.session.item(&item);
    let is_selected = is_selected(&place);
    let classes = text({
        let place = place.clone();
        move || {
            let selected = if is_selected.get() { " selected" } else { "" };
            let within = sheet.block.with(|block| block.as_ref().is_some_and(|block| block.contains(&place)));
            let within = if within { " within" } else { "" };
            let is_target =
                sheet.drag.with(|drag| matches!(drag, Some(Drag::Row { over: Some(over), .. }) if *over == place.item));
            let target = if is_target { " drop-target" } else { "" };
            format!("label{selected}{within}{target}")
        }
    });
    let label = text({
        let words = words.clone();
        move || words.with(|words| words.label.clone())
    });
    let title =
        text(move || {
            words.with(|words| {
                if words.note.is_empty() { words.name.clone() } else { format!("{} · {}", words.name, words.note) }
            })
        });
    let shown = shown_text(sheet, place.clone(), is_selected, move || label.get());
    // In a row with one value, whoever is in the row is shown at the value.
    let has_row = !sheet.session.has_one_value(&item);
    let overlay = has_row.then(|| Overlay::at(sheet.session, &place.shown()).view());
    let input = {
        let place = place.clone();
        when(is_selected, move || {
            let name = text(move || words!(sheet.label_of, label = label.get()));
            view! { <CellInput sheet place=place.clone() name/> }.into_any()
        })
    };
    let id = item.0.clone();
    let menu = when(sheet.session.may_edit.into(), move || view! { <RowMenu sheet item=item.clone()/> }.into_any());
    view! {
        <th
            class=classes
            role="rowheader"
            scope="row"
            aria-colindex="1"
            aria-readonly="false"
            aria-selected=aria(is_selected)
            data-label=id
            title=title
        >
            <span class="label-text">{shown}</span>
            {overlay}
            {input}
            {menu}
        </th>
    }
}

fn is_selected(place: &Position) -> Signal<bool> {
    let selector = expect_context::<Marks>().selected;
    let key = Some(place.clone());
    Signal::derive(move || selector.selected(&key))
}

fn aria(is_true: Signal<bool>) -> Signal<String> {
    text(move || is_true.get().to_string())
}

/// What stands in the cell: while it is edited, what was typed so far.
fn shown_text(
    sheet: Sheet,
    place: Position,
    is_selected: Signal<bool>,
    content: impl Fn() -> String + Send + Sync + 'static,
) -> Signal<String> {
    text(move || {
        // Only the selected cell listens to the keyboard.
        let draft = is_selected.get().then(|| {
            sheet.draft.with(|draft| draft.as_ref().filter(|draft| draft.at == place).map(|draft| draft.text.clone()))
        });
        draft.flatten().unwrap_or_else(&content)
    })
}

/// The buttons of a row: a new row below, and everything else that can be done with it.
#[component]
fn RowMenu(sheet: Sheet, item: ItemId) -> impl IntoView {
    let insert = {
        let item = item.clone();
        move |_| sheet.insert_below(&item)
    };
    let open = move |event: ev::MouseEvent| pointer::open_below(sheet, &event, MenuOf::Row(item.clone()));
    view! {
        <span class="row-menu">
            <button
                type="button"
                tabindex="-1"
                class="row-button insert"
                data-action="insert-row"
                title=words!(sheet.insert_below)
                aria-label=words!(sheet.insert_below)
                on:click=insert
            ></button>
            <button
                type="button"
                tabindex="-1"
                class="row-button opens-menu"
                data-action="open-row-menu"
                aria-haspopup="menu"
                title=words!(sheet.row_menu)
                aria-label=words!(sheet.row_menu)
                on:click=open
            ></button>
        </span>
    }
}
