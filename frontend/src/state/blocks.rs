//! The blocks of cells that others have selected, as signals of the rows in them.

use std::collections::{BTreeMap, HashMap};

use coval_shared::model::{CellRef, ItemId, Period, PeriodId, Span};
use leptos::prelude::*;

use super::DocumentSession;
use super::view::{Layout, PersonView, Row};
use super::watched::{Watched, becomes};

/// How many cells are coloured for one person at most: the corner that they are in is outlined in any case.
const COLOURED: usize = 5_000;

/// What others have selected. It is in the context of the document's page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Blocks {
    now: StoredValue<HashMap<ItemId, RowBlocks>>,
    signals: Watched<ItemId, RowBlocks>,
}

/// The classes of the colours of those who have selected cells of a row with others, by the periods of the cells.
pub type RowBlocks = BTreeMap<Option<PeriodId>, Vec<String>>;

impl Blocks {
    /// The blocks in `session`, followed until the page of the document is left.
    pub fn new(session: DocumentSession) -> Self {
        let blocks = Self { now: StoredValue::default(), signals: Watched::default() };
        let selected = Memo::new(move |_| {
            let has_block = |person: &&PersonView| person.block.is_some();
            session.people.with(|people| people.iter().filter(has_block).cloned().collect::<Vec<_>>())
        });
        Effect::new(move || {
            let now = selected.with(|people| session.layout.with(|layout| colours(layout, people)));
            blocks.signals.refresh(|item, blocks| becomes(blocks, now.get(item).cloned().unwrap_or_default()));
            blocks.now.set_value(now);
        });
        blocks
    }

    /// The blocks in a row, now and whenever that changes, for as long as the caller's owner lives.
    pub fn in_row(&self, item: &ItemId) -> ArcRwSignal<RowBlocks> {
        self.signals.look_at(item, || self.now.with_value(|now| now.get(item).cloned().unwrap_or_default()))
    }
}

fn colours(layout: &Layout, people: &[PersonView]) -> HashMap<ItemId, RowBlocks> {
    let mut colours: HashMap<ItemId, RowBlocks> = HashMap::new();
    for person in people {
        for cell in person.block.iter().flat_map(|(anchor, focus)| between(layout, anchor, focus)).take(COLOURED) {
            let row = colours.entry(cell.item).or_default();
            row.entry(cell.period).or_default().push(person.colour.clone());
        }
    }
    colours
}

/// The cells between two corners, both among them. A row with one value has its cell in every block of its rows.
fn between(layout: &Layout, anchor: &CellRef, focus: &CellRef) -> Vec<CellRef> {
    let row_of =
        |cell: &CellRef| layout.rows.iter().position(|row| matches!(row, Row::Item { id, .. } if *id == cell.item));
    let column_of = |cell: &CellRef| {
        let is_it = |period: &Period| Some(&period.id) == cell.period.as_ref();
        layout.periods.iter().position(is_it)
    };
    let (Some(first), Some(last)) = (row_of(anchor), row_of(focus)) else {
        return Vec::new();
    };
    let columns = match (column_of(anchor), column_of(focus)) {
        (Some(first), Some(last)) => first.min(last)..first.max(last).saturating_add(1),
        (Some(one), None) | (None, Some(one)) => 0..one.saturating_add(1),
        (None, None) => 0..0,
    };
    let periods = layout.periods.get(columns).unwrap_or_default();
    let rows = layout.rows.get(first.min(last)..first.max(last).saturating_add(1)).unwrap_or_default();
    let cells = rows.iter().filter_map(|row| match row {
        Row::Item { id, span } => Some((id, *span)),
        Row::Section { .. } => None,
    });
    cells
        .flat_map(|(item, span)| {
            let single = (span == Span::Single).then(|| CellRef { item: item.clone(), period: None });
            let of_periods = periods.iter().filter(move |_| span == Span::Period);
            let of_periods = of_periods.map(|period| CellRef { item: item.clone(), period: Some(period.id.clone()) });
            single.into_iter().chain(of_periods)
        })
        .take(COLOURED)
        .collect()
}

#[cfg(test)]
mod tests {
    use coval_shared::model::{PeriodKind, PeriodLength};

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn cell(item: &str, period: Option<&str>) -> CellRef {
        CellRef { item: ItemId(item.into()), period: period.map(|period| PeriodId(period.into())) }
    }

    #[test]
    fn a_block_reaches_from_corner_to_corner_whichever_is_first() {
        let period = |id: &str| Period {
            id: PeriodId(id.into()),
            label: id.into(),
            kind: PeriodKind::Forecast,
            length: PeriodLength::Year,
            start: None,
            end: None,
        };
        let item = |id: &str, span| Row::Item { id: ItemId(id.into()), span };
        let layout = Layout {
            periods: vec![period("p1"), period("p2"), period("p3")],
            rows: vec![item("a", Span::Period), item("s", Span::Single), item("b", Span::Period)],
        };
        let (from, to) = (cell("b", Some("p2")), cell("a", Some("p1")));
        let expected = [
            cell("a", Some("p1")),
            cell("a", Some("p2")),
            cell("s", None),
            cell("b", Some("p1")),
            cell("b", Some("p2")),
        ];
        assert_eq!(between(&layout, &from, &to), expected);
        assert_eq!(between(&layout, &to, &from), expected);
        assert!(between(&layout, &cell("gone", None), &to).is_empty());
    }
}
