use ot_core::json::{Json, JsonOp};
use ot_core::{OtType, path};
use serde_json::{Value, json};

use super::read::SCHEMA;
use super::{Model, ModelError};

/// The op that brings a model document to the newest version of its form; one that changes nothing where it is there
/// already.
///
/// # Laws
///
/// What it leaves is read as the same model, and migrates no further.
///
/// # Errors
///
/// Returns a [`ModelError`] when the document is no model.
pub fn migrate(document: &Value) -> Result<JsonOp, ModelError> {
    Model::read(document)?;
    if is_current(document) {
        return Ok(JsonOp::noop());
    }
    let fits = |op: JsonOp| {
        let mut lifted = document.clone();
        (Json::apply(&mut lifted, &op).is_ok() && Model::read(&lifted).is_ok()).then_some(op)
    };
    // What the older version did not know stays if the newer one can read it.
    let lifted = fits(lift(document, true)).or_else(|| fits(lift(document, false)));
    lifted.ok_or_else(|| ModelError {
        place: "schema".to_owned(),
        hint: "the model can't be brought up to date".to_owned(),
    })
}

/// Whether a model document has the newest version of its form.
#[must_use]
pub fn is_current(document: &Value) -> bool {
    document.get("schema").and_then(Value::as_u64).is_none_or(|schema| schema >= SCHEMA)
}

/// Everything that a document of this version has room for is there from the start, so that two people who put the
/// first thing into one place don't take each other's away.
fn lift(document: &Value, keeps_unknown: bool) -> JsonOp {
    let rooms = [
        ("about", json!("")),
        ("scenarios", json!([])),
        ("distributions", json!({})),
        ("correlations", json!([])),
        ("notes", json!({})),
        ("ranges", json!([])),
    ];
    let mut op = JsonOp::replace(path!["schema"], json!(SCHEMA));
    for (key, empty) in rooms {
        let room = match document.get(key) {
            None => JsonOp::insert(path![key], empty),
            Some(_) if keeps_unknown => continue,
            Some(_) => JsonOp::replace(path![key], empty),
        };
        op = Json::compose(&op, &room).unwrap_or(op);
    }
    match document.get("iteration") {
        Some(_) if !keeps_unknown => Json::compose(&op, &JsonOp::remove(path!["iteration"])).unwrap_or(op),
        _ => op,
    }
}
