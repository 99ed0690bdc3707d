//! Documents that are too large to be written by hand, and how any document is made.

use coval_shared::protocol::DocumentId;
use coval_shared::rest::DocumentSummary;
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::{Server, http};

/// A model of rows of inputs and of formulas by turns, forty to a section: `r0` holds `0`, `1`, … in the periods `p0`,
/// `p1`, …, and `r1` is calculated from it.
pub fn model(rows: usize, periods: usize) -> Value {
    let period = |index: usize| {
        let kind = if index < 5 { "history" } else { "forecast" };
        json!({"id": format!("p{index}"), "label": format!("{}", 2000 + index), "kind": kind})
    };
    let item = |row: usize| {
        let mut item = json!({"id": format!("r{row}"), "name": format!("row_{row}"), "label": format!("Row {row}"),
            "unit": "USD m", "format": "number", "span": "period", "values": {}, "note": ""});
        if row.is_multiple_of(2) {
            let values: Map<_, _> = (0..periods).map(|index| (format!("p{index}"), json!(row * 100 + index))).collect();
            item["values"] = Value::Object(values);
        } else {
            item["formula"] = json!(format!("{{r{}}} * 1.5 + prev({{r{}}}, 0)", row - 1, row - 1));
        }
        item
    };
    let sections: Vec<_> = (0..rows.div_ceil(40))
        .map(|section| {
            let items: Vec<_> = (section * 40..rows.min(section * 40 + 40)).map(item).collect();
            json!({"id": format!("s{section}"), "label": format!("Section {section}"), "items": items})
        })
        .collect();
    json!({"schema": 2, "currency": "USD", "periods": (0..periods).map(period).collect::<Vec<_>>(),
        "sections": sections, "outputs": ["r1"]})
}

/// A memo of so many bytes: paragraphs of four sentences.
pub fn memo(bytes: usize) -> Value {
    let sentence =
        "The terminal value rests on growth of 2.5 % and a margin that stays where it was in the last five years.";
    let paragraph = format!("{}\n\n", [sentence; 4].join(" "));
    Value::String(paragraph.repeat(bytes.div_ceil(paragraph.len())))
}

/// Makes a document in the demo's workspace: a model, or a memo where `body` is a text.
///
/// # Errors
/// When the server does not make it.
pub async fn make(server: &Server, title: &str, body: &Value) -> Result<DocumentId, String> {
    let token = server.token().await?;
    let api = format!("{}/api", server.origin());
    let workspaces: Value = http::ask(token, Method::GET, &format!("{api}/workspaces"), &Value::Null).await?.json()?;
    let workspace = workspaces["items"][0]["id"].as_str().ok_or("there is no workspace")?;
    let url = format!("{api}/workspace/{workspace}/documents");
    let made = http::ask(token, Method::POST, &url, &json!({ "title": title, "body": body })).await?;
    made.json::<DocumentSummary>().map(|made| made.id)
}
