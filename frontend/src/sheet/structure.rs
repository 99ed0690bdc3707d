//! What is done with rows, sections and periods.

use coval_shared::model::edit::{self, EditError};
use coval_shared::model::{
    ItemId, NumberFormat, Period, PeriodId, PeriodKind, PeriodLength, SectionId, Span, date_text,
};
use leptos::prelude::*;
use ot_core::json::JsonOp;
use serde_json::Value;

use super::keys::Move;
use super::movement::Position;
use super::selection::Sheet;
use crate::platform::clock;
use crate::state::session::short_id;
use crate::state::view::{Layout, Row};
use crate::words;

/// A place for a row: behind a row of a section, or first in it.
type Room = (SectionId, Option<ItemId>);

impl Sheet {
    /// Inserts a row above `item` and begins to edit its label.
    pub fn insert_above(&self, item: &ItemId) {
        let above = self.session.layout.with_untracked(|layout| layout.rows_above(item).first().cloned());
        match above {
            Some(Row::Item { id, .. }) => self.insert_below(&id),
            Some(Row::Section { id, .. }) => self.insert_first(&id),
            None => {}
        }
    }

    /// Inserts a row as the first of `section` and begins to edit its label.
    pub fn insert_first(&self, section: &SectionId) {
        let new = ItemId(short_id("row"));
        let like = self.session.with_model(|model| {
            let rows = model.sections.iter().find(|known| known.id == *section)?;
            rows.items.first().map(|item| (item.span, item.format))
        });
        let (span, format) = like.flatten().unwrap_or((Span::Period, NumberFormat::Number));
        let insert =
            |document: &Value| edit::insert_item(document, section, new.clone(), words!(sheet.new_row), span, format);
        if self.change(words!(sheet.new_row), insert) {
            self.begin_label(&new);
        }
    }

    /// Adds a section behind the one of `after`, with a first row.
    pub fn insert_section(&self, after: Option<&SectionId>) {
        let new = SectionId(short_id("section"));
        let row = ItemId(short_id("row"));
        let last = self.session.with_model(|model| model.sections.last().map(|section| section.id.clone())).flatten();
        let after = after.cloned().or(last);
        let is_done = self.change(words!(sheet.new_section), |document| {
            let section = edit::insert_section(document, after.as_ref(), new.clone(), words!(sheet.new_section))?;
            then(document, section, |document| {
                let (span, format) = (Span::Period, NumberFormat::Number);
                edit::insert_item(document, &new, row.clone(), words!(sheet.new_row), span, format)
            })
        });
        if is_done {
            self.begin_label(&row);
        }
    }

    /// Moves the selected row past its neighbour, across heads of sections.
    pub fn move_row(&self, step: Move) {
        let Some(place) = self.selected.get_untracked() else {
            return;
        };
        let room = self.session.layout.with_untracked(|layout| room_beside(layout, &place.item, step));
        if let Some(room) = room {
            self.move_into(&place.item, &room);
        }
    }

    /// Moves the row `item` to where `onto` stands: below it when it comes from above, above it otherwise.
    pub fn move_onto(&self, item: &ItemId, onto: &ItemId) {
        let room = self.session.layout.with_untracked(|layout| room_at(layout, item, onto));
        if let Some(room) = room {
            self.move_into(item, &room);
        }
    }

    /// Moves `section` past its neighbour.
    pub fn move_section(&self, section: &SectionId, step: Move) {
        let after = self.session.with_model(|model| {
            let ids: Vec<_> = model.sections.iter().map(|section| &section.id).collect();
            behind_neighbour(&ids, section, step)
        });
        if let Some(after) = after.flatten() {
            self.change(words!(sheet.moving), |document| edit::move_section(document, section, after.as_ref()));
        }
    }

    /// Adds a period behind the last one, that goes on like it.
    pub fn append_period(&self) {
        let new = PeriodId(short_id("p"));
        self.change(words!(sheet.new_period), |document| edit::append_period(document, new));
    }

    /// Adds a period before the first one.
    pub fn prepend_period(&self) {
        let first = self.session.with_model(|model| model.periods.first().cloned()).flatten();
        let new = period_before(PeriodId(short_id("p")), first.as_ref());
        self.change(words!(sheet.new_period), |document| edit::insert_period(document, None, &new));
    }

    /// Removes `period`.
    pub fn remove_period(&self, period: &PeriodId) {
        self.change(words!(sheet.removing), |document| edit::remove_period(document, period));
    }

    /// Says whether `period` is known or expected.
    pub fn set_period_kind(&self, period: &PeriodId, kind: PeriodKind) {
        self.change(words!(sheet.changing), |document| edit::set_period_kind(document, period, kind));
    }

    /// Removes the rows `items` as one step.
    pub fn remove_rows(&self, items: &[ItemId]) {
        self.change(words!(sheet.removing), |document| each(document, items, edit::remove_item));
    }

    /// Shows the values of `items` as `format`.
    pub fn set_format(&self, items: &[ItemId], format: NumberFormat) {
        let set = |document: &Value, item: &ItemId| edit::set_format(document, item, format);
        self.change(words!(sheet.changing), |document| each(document, items, set));
    }

    /// Changes the document as one step by what `make` makes of it. Returns whether it was done.
    pub fn change(&self, what: &str, make: impl FnOnce(&Value) -> Result<JsonOp, EditError>) -> bool {
        if !self.may_edit() {
            return false;
        }
        self.commit();
        self.session.change_model(what.to_owned(), make)
    }

    /// The rows of the selection, or the selected one.
    pub fn selected_rows(&self) -> Vec<ItemId> {
        self.selection().map(|block| block.items.into_iter().map(|(item, _)| item).collect()).unwrap_or_default()
    }

    /// Enters today's date in the selected cell.
    pub(super) fn enter_date(&self) {
        let seconds = clock::since_epoch().as_secs();
        // Day 25,569 of Excel's count is the first of 1970.
        let day = i32::try_from(seconds.checked_div(86_400).unwrap_or_default()).ok();
        let date = day.and_then(|day| date_text(day.checked_add(25_569)?));
        let cell = self.selected.with_untracked(|selected| selected.as_ref().and_then(Position::cell));
        if let (Some(date), Some(cell)) = (date, cell.filter(|_| self.may_edit())) {
            let holds_dates = self
                .session
                .with_model(|model| model.item(&cell.item).is_some_and(|item| item.format == NumberFormat::Date));
            if holds_dates == Some(true) {
                self.session.enter(&cell, &date);
            } else {
                let parts: Vec<&str> = date.split('-').map(|part| part.trim_start_matches('0')).collect();
                self.session.enter(&cell, &format!("=date({})", parts.join(", ")));
            }
        }
    }

    fn move_into(&self, item: &ItemId, (section, after): &Room) {
        let is_done =
            self.change(words!(sheet.moving), |document| edit::move_item(document, item, section, after.as_ref()));
        if is_done {
            self.unfold_around(item);
            self.take_focus();
        }
    }

    fn begin_label(&self, item: &ItemId) {
        self.select_label(item);
        self.suggest_label();
    }
}

impl Layout {
    /// The rows above `item`, the nearest first.
    fn rows_above(&self, item: &ItemId) -> Vec<Row> {
        let place = self.rows.iter().position(|row| is_item(row, item));
        let above = place.and_then(|place| self.rows.get(..place)).unwrap_or_default();
        above.iter().rev().cloned().collect()
    }
}

/// The op that does `first`, and then what `next` makes of the document as that leaves it.
pub fn then(
    document: &Value,
    first: JsonOp,
    next: impl FnOnce(&Value) -> Result<JsonOp, EditError>,
) -> Result<JsonOp, EditError> {
    use ot_core::OtType;
    let mut between = document.clone();
    ot_core::json::Json::apply(&mut between, &first)?;
    let next = next(&between)?;
    Ok(ot_core::json::Json::compose(&first, &next)?)
}

/// The op that does `make` with each of `items`, one after the other.
fn each(
    document: &Value,
    items: &[ItemId],
    make: impl Fn(&Value, &ItemId) -> Result<JsonOp, EditError>,
) -> Result<JsonOp, EditError> {
    let first = JsonOp::noop();
    items.iter().try_fold(first, |op, item| then(document, op, |document| make(document, item)))
}

/// Where a row goes that passes its neighbour above or below.
fn room_beside(layout: &Layout, item: &ItemId, step: Move) -> Option<Room> {
    let place = layout.rows.iter().position(|row| is_item(row, item))?;
    match step {
        Move::Up => {
            let above = place.checked_sub(1)?;
            match layout.rows.get(above)? {
                // Past the head: to the end of the section before.
                Row::Section { .. } => room_behind(layout, above.checked_sub(1)?),
                Row::Item { .. } => room_behind(layout, above.checked_sub(1)?),
            }
        }
        _ => room_behind(layout, place.checked_add(1)?),
    }
}

/// The room behind the row at `place`, which may be the head of a section.
fn room_behind(layout: &Layout, place: usize) -> Option<Room> {
    match layout.rows.get(place)? {
        Row::Section { id, .. } => Some((id.clone(), None)),
        Row::Item { id, .. } => Some((layout.section_of(id)?.clone(), Some(id.clone()))),
    }
}

/// The room that `onto` has, for `item`.
fn room_at(layout: &Layout, item: &ItemId, onto: &ItemId) -> Option<Room> {
    let place = |id: &ItemId| layout.rows.iter().position(|row| is_item(row, id));
    let (from, to) = (place(item)?, place(onto)?);
    if from == to {
        return None;
    }
    room_behind(layout, if from < to { to } else { to.checked_sub(1)? })
}

/// Behind what `id` goes when it passes its neighbour; nothing when it has none on that side.
fn behind_neighbour<T: Clone + PartialEq>(ids: &[&T], id: &T, step: Move) -> Option<Option<T>> {
    let place = ids.iter().position(|known| *known == id)?;
    match step {
        Move::Up => {
            let before = place.checked_sub(1)?;
            Some(before.checked_sub(1).and_then(|index| ids.get(index)).map(|id| (*id).clone()))
        }
        _ => Some(Some((*ids.get(place.checked_add(1)?)?).clone())),
    }
}

/// A period before `first`, as long as it.
fn period_before(id: PeriodId, first: Option<&Period>) -> Period {
    let length = first.map_or(PeriodLength::Year, |first| first.length);
    let label = first.map_or_else(|| "1".to_owned(), |first| counted_down(&first.label));
    Period { id, label, kind: PeriodKind::History, length, start: None, end: None }
}

/// `label` with its first number one lower.
fn counted_down(label: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let Some(start) = label.find(is_digit) else {
        return label.to_owned();
    };
    let (before, rest) = label.split_at(start);
    let (digits, after) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
    match digits.parse::<u64>().ok().and_then(|number| number.checked_sub(1)) {
        Some(number) => format!("{before}{number:0width$}{after}", width = digits.len()),
        None => label.to_owned(),
    }
}

fn is_item(row: &Row, item: &ItemId) -> bool {
    matches!(row, Row::Item { id, .. } if id == item)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn layout() -> Layout {
        let section = |id: &str| Row::Section { id: SectionId(id.into()), label: id.into() };
        let item = |id: &str| Row::Item { id: ItemId(id.into()), span: Span::Period };
        let rows = vec![section("s"), item("a"), item("b"), section("t"), item("c")];
        Layout { periods: Vec::new(), rows }
    }

    fn room(section: &str, after: Option<&str>) -> Option<Room> {
        Some((SectionId(section.into()), after.map(|after| ItemId(after.into()))))
    }

    #[test]
    fn a_row_passes_its_neighbour_and_the_heads_of_sections() {
        let beside = |item: &str, step| room_beside(&layout(), &ItemId(item.into()), step);
        assert_eq!(beside("a", Move::Down), room("s", Some("b")));
        assert_eq!(beside("b", Move::Down), room("t", None));
        assert_eq!(beside("c", Move::Down), None);
        assert_eq!(beside("c", Move::Up), room("s", Some("b")));
        assert_eq!(beside("b", Move::Up), room("s", None));
        assert_eq!(beside("a", Move::Up), None);
    }

    #[test]
    fn a_row_that_is_dropped_takes_the_place_it_is_dropped_on() {
        let at = |item: &str, onto: &str| room_at(&layout(), &ItemId(item.into()), &ItemId(onto.into()));
        assert_eq!(at("a", "b"), room("s", Some("b")));
        assert_eq!(at("c", "a"), room("s", None));
        assert_eq!(at("a", "c"), room("t", Some("c")));
        assert_eq!(at("a", "a"), None);
    }

    #[test]
    fn a_section_passes_its_neighbour() {
        let ids = [&1, &2, &3];
        assert_eq!(behind_neighbour(&ids, &2, Move::Up), Some(None));
        assert_eq!(behind_neighbour(&ids, &3, Move::Up), Some(Some(1)));
        assert_eq!(behind_neighbour(&ids, &1, Move::Down), Some(Some(2)));
        assert_eq!(behind_neighbour(&ids, &3, Move::Down), None);
    }

    #[test]
    fn the_period_before_counts_down() {
        assert_eq!(counted_down("FY2021A"), "FY2020A");
        assert_eq!(counted_down("FY10"), "FY09");
        assert_eq!(counted_down("Start"), "Start");
    }
}
