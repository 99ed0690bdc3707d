//! The documents that are measured.

use coval_tests::http::{self, Method};
use serde_json::{Map, Value, json};

use crate::{Failure, Scene};

const ROWS: usize = 400;
const PERIODS: usize = 25;

/// How long the memo is, in bytes.
const MEMO_BYTES: usize = 200_000;

/// A model of 10,000 cells: rows of inputs and of formulas by turns, forty to a section, and a total of each section.
pub fn model() -> Value {
    let period = |index: usize| {
        let kind = if index < 5 { "history" } else { "forecast" };
        json!({"id": format!("p{index}"), "label": format!("{}", 2000 + index), "kind": kind})
    };
    let item = |row: usize| {
        let mut item = json!({"id": format!("r{row}"), "name": format!("row_{row}"), "label": format!("Row {row}"),
            "unit": "USD m", "format": "number", "span": "period", "values": {}, "note": ""});
        if row.is_multiple_of(2) {
            let values: Map<_, _> = (0..PERIODS).map(|index| (format!("p{index}"), json!(row * 100 + index))).collect();
            item["values"] = Value::Object(values);
        } else {
            item["formula"] = json!(format!("{{r{}}} * 1.5 + prev({{r{}}}, 0)", row - 1, row - 1));
        }
        item
    };
    let sections: Vec<_> = (0..ROWS / 40)
        .map(|section| {
            let items: Vec<_> = (section * 40..section * 40 + 40).map(item).collect();
            json!({"id": format!("s{section}"), "label": format!("Section {section}"), "items": items})
        })
        .collect();
    json!({"schema": 2, "currency": "USD", "periods": (0..PERIODS).map(period).collect::<Vec<_>>(),
        "sections": sections, "outputs": ["r1"]})
}

/// A memo of 200 KB, in paragraphs of one line each.
pub fn memo() -> Value {
    let line =
        "The terminal value rests on growth of 2.5 % and a margin that stays where it was in the last five years.";
    let mut text = String::new();
    while text.len() < MEMO_BYTES {
        text.push_str(line);
        text.push('\n');
    }
    Value::String(text)
}

/// Makes a document in the demo's workspace, and returns its id.
pub async fn make(scene: &Scene, title: &str, body: &Value) -> Result<String, Failure> {
    let origin = scene.server.origin();
    let token = scene.server.token().await?;
    let workspaces: Value =
        http::ask(token, Method::GET, &format!("{origin}/api/workspaces"), &Value::Null).await?.json()?;
    let workspace = workspaces["items"][0]["id"].as_str().ok_or("there is no workspace")?;
    let url = format!("{origin}/api/workspace/{workspace}/documents");
    let made: Value = http::ask(token, Method::POST, &url, &json!({ "title": title, "body": body })).await?.json()?;
    Ok(made["id"].as_str().ok_or_else(|| format!("the document was not made: {made}"))?.to_owned())
}
