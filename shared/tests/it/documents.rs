//! Small models for tests.

use coval_shared::model::{CellRef, ItemId, Model, PeriodId};
use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, Side};
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

/// `document` after `op`.
pub(crate) fn applied(document: &Value, op: &JsonOp) -> Value {
    let mut document = document.clone();
    Json::apply(&mut document, op).unwrap();
    document
}

/// What both end with when one does `a` and the other `b` at once.
pub(crate) fn merged(document: &Value, a: &JsonOp, b: &JsonOp) -> Value {
    let by_a = applied(&applied(document, a), &Json::transform(b, a, Side::Right));
    let by_b = applied(&applied(document, b), &Json::transform(a, b, Side::Left));
    assert_eq!(by_a, by_b);
    by_a
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

/// A model of this version with two sections, three periods, and one of everything beside the rows.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn full() -> Value {
    json!({
        "schema": 2,
        "currency": "USD",
        "about": "Sample",
        "periods": [
            {"id": "p0", "label": "2024A", "kind": "history", "start": "2024-01-01", "end": "2024-12-31"},
            {"id": "p1", "label": "2025E", "kind": "forecast", "start": "2025-01-01", "end": "2025-12-31"},
            {"id": "p2", "label": "2026E", "kind": "forecast", "start": "2026-01-01", "end": "2026-12-31"},
        ],
        "sections": [
            {"id": "income", "label": "Income", "sheet": "Valuation", "items": [
                {"id": "i-sales", "name": "sales", "label": "Sales", "unit": "USD m", "format": "number",
                 "span": "period", "formula": "prev({i-sales}) * (1 + {i-growth})", "values": {"p0": 100}, "note": "10-K"},
                {"id": "i-growth", "name": "growth", "label": "Growth", "unit": "", "format": "percent",
                 "span": "period", "values": {"p1": 0.05, "p2": 0.04}, "note": ""},
            ]},
            {"id": "rates", "label": "Rates", "items": [
                {"id": "i-tax", "name": "tax", "label": "Tax rate", "unit": "", "format": "percent",
                 "span": "single", "value": 0.21, "note": ""},
                {"id": "i-low", "name": "low", "label": "Low", "unit": "", "format": "number",
                 "span": "single", "formula": "min({i-sales})", "note": ""},
                {"id": "i-high", "name": "high", "label": "High", "unit": "", "format": "number",
                 "span": "single", "formula": "max({i-sales})", "note": ""},
            ]},
        ],
        "outputs": ["i-sales", "i-high"],
        "scenarios": [
            {"id": "bull", "name": "bull", "label": "Bull", "note": "", "entries": {"i-growth@p1": 0.1, "i-tax": 0.15}},
            {"id": "bear", "name": "bear", "label": "Bear", "note": "", "entries": {}},
        ],
        "distributions": {"i-growth@p1": {"kind": "normal", "mean": 0.05, "sd": 0.02}},
        "correlations": [{"a": "i-growth@p1", "b": "i-growth@p2", "rho": 0.5}],
        "notes": {"i-sales@p0": "restated"},
        "ranges": [{"id": "dcf", "label": "DCF", "low": "i-low", "high": "i-high"}],
    })
}
