//! Texts that would run in a careless page, for the tests of the server and for those in a browser.

use coval_shared::template;
use serde_json::{Value, json};

/// What is tried: no text has more than 100 characters or a line break.
pub(crate) fn corpus() -> Vec<String> {
    serde_json::from_str(include_str!("scripts.json")).unwrap()
}

/// A model whose labels, units, notes, names of periods and texts in cells are those of the corpus.
pub(crate) fn model() -> Value {
    let texts = corpus();
    let mut model = template::by_name("dcf").unwrap().document().unwrap();
    let mut text = texts.iter().cycle();
    let mut next = || json!(text.next().unwrap());
    model["about"] = json!(texts.join("\n"));
    for period in model["periods"].as_array_mut().unwrap() {
        period["label"] = json!(next().as_str().unwrap().chars().take(24).collect::<String>());
    }
    for section in model["sections"].as_array_mut().unwrap() {
        section["label"] = next();
        for item in section["items"].as_array_mut().unwrap() {
            item["label"] = next();
            item["note"] = next();
        }
    }
    let items: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(number, text)| {
            let quoted = format!("=\"{}\"", text.replace('"', "\"\""));
            let unit: String = text.chars().take(20).collect();
            json!({"id": format!("x{number}"), "name": format!("x{number}"), "label": text, "unit": unit,
                   "format": "number", "span": "single", "note": text, "value": quoted})
        })
        .collect();
    model["sections"].as_array_mut().unwrap().push(json!({"id": "corpus", "label": texts[0], "items": items}));
    model
}
