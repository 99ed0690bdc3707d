//! The document in `docs/MODEL.md` is one that can be read, and the page tells of every field in it.

use std::collections::BTreeSet;

use coval_shared::model::edit::{is_current, migrate};
use coval_shared::model::{Calculation, CellValue, Model, PeriodLength, ScenarioId};
use ot_core::json::JsonOp;
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::documents::cell;

/// The chapter about the document.
fn chapter() -> &'static str {
    let page = include_str!("../../../docs/MODEL.md");
    &page[page.find("## The document").unwrap()..page.find("## Formulas").unwrap()]
}

fn example() -> Value {
    let (_, json) = chapter().split_once("```json\n").unwrap();
    serde_json::from_str(json.split_once("```").unwrap().0).unwrap()
}

/// The keys that documents have by their form, not by what somebody called a thing.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    const BY_ID: [&str; 4] = ["values", "entries", "notes", "distributions"];
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                match value {
                    Value::Object(by_id) if BY_ID.contains(&key.as_str()) => {
                        by_id.values().for_each(|value| fields(value, found));
                    }
                    value => fields(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_on_the_page_is_read_whole() {
    let document = example();
    let model = Model::read(&document).unwrap();
    assert!(is_current(&document));
    assert_eq!(migrate(&document).unwrap(), JsonOp::noop());
    assert_eq!((model.scenarios.len(), model.distributions.len(), model.correlations.len()), (1, 2, 1));
    assert_eq!((model.notes.len(), model.ranges.len()), (1, 1));
    assert!(model.iteration.is_some() && !model.about.is_empty());
    assert_eq!(model.periods[1].length, PeriodLength::Year);
    assert!(model.items().any(|item| item.link.is_some()));
    let named = model.scenarios.iter().flat_map(|scenario| scenario.entries.keys());
    let named = named.chain(model.distributions.keys()).chain(model.notes.keys());
    assert!(named.into_iter().all(|cell| model.has_cell(cell)));
}

#[test]
fn the_document_on_the_page_calculates() {
    let model = Model::read(&example()).unwrap();
    let value = |model: &Model, item, period| Calculation::new(model).value(&cell(item, period)).clone();
    assert_eq!(value(&model, "net_sales", "fy2025"), CellValue::Number(391_035.0 * 1.04));
    assert_eq!(value(&model, "high", ""), CellValue::Number(30.0));
    let bull = model.under(&ScenarioId("bull".into()));
    assert_eq!(value(&bull, "net_sales", "fy2025"), CellValue::Number(391_035.0 * 1.08));
    assert_eq!(value(&bull, "high", ""), CellValue::Number(27.0));
}

#[test]
fn every_field_is_explained() {
    let mut found = BTreeSet::new();
    fields(&example(), &mut found);
    let (_, text) = chapter().rsplit_once("```").unwrap();
    let missing: Vec<_> = found.iter().filter(|field| !text.contains(&format!("`{field}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
