use std::collections::HashMap;

use serde_json::Value;

use super::shortened;
use crate::model::{ItemId, PeriodId};

/// The rows and the columns of a model, with what people call them.
#[derive(Clone, Debug, Default)]
pub struct Places<'a> {
    items: HashMap<&'a str, &'a str>,
    periods: HashMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    /// Those of `document`; none if that is no model.
    #[must_use]
    pub fn of(document: &'a Value) -> Self {
        let items = list(document, "sections").flat_map(|section| list(section, "items"));
        Self {
            items: items.filter_map(named).collect(),
            periods: list(document, "periods").filter_map(named).collect(),
        }
    }

    /// Whether one of the rows is there and, if there are any, one of the columns.
    pub(super) fn has(&self, items: &[ItemId], periods: &[PeriodId]) -> bool {
        items.iter().any(|item| self.items.contains_key(item.0.as_str()))
            && (periods.is_empty() || periods.iter().any(|period| self.periods.contains_key(period.0.as_str())))
    }

    /// What the cells are called, all of which have to be there.
    pub(super) fn name(&self, items: &[ItemId], periods: &[PeriodId]) -> Option<String> {
        let items = ends(items.iter().map(|item| self.items.get(item.0.as_str())))?;
        let periods = ends(periods.iter().map(|period| self.periods.get(period.0.as_str())))?;
        let name = if periods.is_empty() { items } else { [items, periods].join(" · ") };
        Some(shortened(&name).to_owned())
    }
}

/// The first label and the last one; nothing if one is not there.
fn ends<'a>(labels: impl Iterator<Item = Option<&'a &'a str>>) -> Option<String> {
    let labels: Vec<&str> = labels.map(|label| label.copied()).collect::<Option<_>>()?;
    Some(match labels.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first} … {last}"),
    })
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn named(value: &Value) -> Option<(&str, &str)> {
    let label = value.get("label").and_then(Value::as_str).unwrap_or_default();
    Some((value.get("id")?.as_str()?, label))
}
