//! What a cell held.

use serde_json::Value;

use super::describe::{entry_text, shortened};
use crate::model::{CellRef, Model};

/// Finds what a cell holds in one revision after the other, without reading the whole model each time.
#[derive(Clone, Debug)]
pub struct CellContent {
    cell: CellRef,
    /// Where the row was found last: its section's place and its own.
    place: (usize, usize),
}

impl CellContent {
    /// What `cell` holds.
    #[must_use]
    pub fn of(cell: CellRef) -> Self {
        Self { cell, place: (0, 0) }
    }

    /// What the cell holds in `document`: its own entry, else the formula of its row, as they are stored. None where
    /// there is neither, nor such a row.
    pub fn stored<'a>(&mut self, document: &'a Value) -> Option<&'a Value> {
        let item = self.row(document)?;
        let own = match &self.cell.period {
            None => item.get("value"),
            Some(period) => item.get("values").and_then(|values| values.get(&period.0)),
        };
        own.or_else(|| item.get("formula")).filter(|value| !value.is_null())
    }

    fn row<'a>(&mut self, document: &'a Value) -> Option<&'a Value> {
        let sections = document.get("sections")?.as_array()?;
        let at = |(section, item): (usize, usize)| sections.get(section)?.get("items")?.get(item);
        let is_it =
            |item: &Value| item.get("id").and_then(Value::as_str).is_some_and(|id| id == self.cell.item.0.as_str());
        if let Some(item) = at(self.place).filter(|item| is_it(item)) {
            return Some(item);
        }
        for (section, body) in sections.iter().enumerate() {
            let items = body.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if let Some(place) = items.iter().position(is_it) {
                self.place = (section, place);
                return items.get(place);
            }
        }
        None
    }
}

/// What `cell` holds in `document`, as one would enter it; none where it holds nothing.
#[must_use]
pub fn cell_content(document: &Value, cell: &CellRef) -> Option<String> {
    let mut content = CellContent::of(cell.clone());
    let stored = content.stored(document)?;
    let model = Model::read(document).ok()?;
    let item = model.item(&cell.item)?;
    let own = match (&cell.period, item.entry(cell.period.as_ref()), &item.formula) {
        (_, Some(_), _) => entry_text(stored, item, &model),
        (_, None, Some(formula)) => format!("={}", crate::model::formula::to_display(formula, &model)),
        (_, None, None) => return None,
    };
    Some(shortened(&own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::edit::{enter, remove_item, set_row_formula};
    use crate::model::{ItemId, PeriodId};
    use crate::template::apple_dcf;
    use ot_core::OtType;
    use ot_core::json::Json;

    fn apply(document: &mut Value, op: &ot_core::json::JsonOp) {
        Json::apply(document, op).unwrap();
    }

    #[test]
    fn a_cell_holds_its_entry_or_the_formula_of_its_row() {
        let mut document = apple_dcf().unwrap();
        let model = Model::read(&document).unwrap();
        let item = model.items().find(|item| item.formula.is_some() && item.values.is_empty()).unwrap();
        let period = model.periods.last().unwrap().id.clone();
        let cell = CellRef { item: item.id.clone(), period: Some(period) };
        let formula = cell_content(&document, &cell).unwrap();
        assert!(formula.starts_with('='));
        let mut content = CellContent::of(cell.clone());
        let before = content.stored(&document).cloned();
        assert!(before.is_some());
        let op = enter(&document, &cell, "12.5").unwrap();
        apply(&mut document, &op);
        assert_ne!(content.stored(&document).cloned(), before);
        assert_eq!(content.stored(&document), Some(&12.5.into()));
        let op = enter(&document, &cell, "").unwrap();
        apply(&mut document, &op);
        assert_eq!(cell_content(&document, &cell), Some(formula));
        let op = set_row_formula(&document, &cell.item, "1+2").unwrap();
        apply(&mut document, &op);
        assert_eq!(cell_content(&document, &cell).as_deref(), Some("=1+2"));
        let op = remove_item(&document, &cell.item).unwrap();
        apply(&mut document, &op);
        assert_eq!((cell_content(&document, &cell), content.stored(&document)), (None, None));
    }

    #[test]
    fn a_cell_that_is_not_there_holds_nothing() {
        let document = apple_dcf().unwrap();
        for (item, period) in [("nothing", None), ("net_sales", Some("never")), ("", None)] {
            let cell =
                CellRef { item: ItemId(item.to_owned()), period: period.map(|period| PeriodId(period.to_owned())) };
            let held = cell_content(&document, &cell);
            assert!(held.is_none() || held.is_some_and(|text| text.starts_with('=')), "{item}");
        }
        assert_eq!(cell_content(&serde_json::json!("a memo"), &CellRef::single(ItemId("a".to_owned()))), None);
    }
}
