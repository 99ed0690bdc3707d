//! Small models for tests.

use coval_shared::model::{CellRef, ItemId, Model, PeriodId};
use serde_json::{Map, Value, json};

/// The cell of `item` at `period`; at its one value when `period` is empty.
pub(crate) fn cell(item: &str, period: &str) -> CellRef {
    let period = (!period.is_empty()).then(|| PeriodId(period.to_owned()));
    CellRef { item: ItemId(item.to_owned()), period }
}

/// The typed view of `document`.
pub(crate) fn model(document: &Value) -> Model {
    Model::read(document).unwrap()
}

/// A model with the periods `p0`, `p1`, … and the rows given as (name, formula, entries). A row's id is its name with
/// an `i-` before it. Formulas are in stored form.
pub(crate) fn over_periods(periods: usize, rows: &[(&str, Option<&str>, &[Value])]) -> Value {
    let items: Vec<Value> = rows
        .iter()
        .map(|(name, formula, entries)| {
            let values: Map<String, Value> = entries
                .iter()
                .enumerate()
                .filter(|(_, entry)| !entry.is_null())
                .map(|(index, entry)| (format!("p{index}"), entry.clone()))
                .collect();
            row(name, "period", *formula, json!({ "values": values }))
        })
        .collect();
    document(periods, items)
}

/// Adds a row with one value to a model.
pub(crate) fn with_single(mut document: Value, name: &str, formula: Option<&str>, value: Option<Value>) -> Value {
    let rest = value.map_or_else(|| json!({}), |value| json!({ "value": value }));
    let items = document.pointer_mut("/sections/0/items").unwrap().as_array_mut().unwrap();
    items.push(row(name, "single", formula, rest));
    document
}

fn row(name: &str, span: &str, formula: Option<&str>, rest: Value) -> Value {
    let mut row = json!({
        "id": format!("i-{name}"), "name": name, "label": name, "unit": "", "format": "number", "span": span, "note": ""
    });
    let fields = row.as_object_mut().unwrap();
    if let Some(formula) = formula {
        fields.insert("formula".into(), json!(formula));
    }
    fields.extend(rest.as_object().unwrap().clone());
    row
}

fn document(periods: usize, items: Vec<Value>) -> Value {
    let period = |index| json!({"id": format!("p{index}"), "label": format!("{}E", 2025 + index), "kind": "forecast"});
    json!({
        "schema": 1,
        "currency": "USD",
        "periods": (0..periods).map(period).collect::<Vec<_>>(),
        "sections": [{"id": "s", "label": "Rows", "items": items}],
        "outputs": [],
    })
}
