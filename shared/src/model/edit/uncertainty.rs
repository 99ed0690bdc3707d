//! How inputs spread, and how they go together.

use ot_core::json::JsonOp;
use ot_core::path;
use serde_json::{Value, json};

use super::{EditError, all, check_cell, lifted, set, set_in};
use crate::model::{CellRef, Correlation, Distribution};

/// Lets the values of `cell` spread as `distribution` says; none makes it certain.
///
/// # Errors
///
/// Returns an [`EditError`] when there is no such cell, or the distribution can't be.
pub fn set_distribution(
    document: &Value,
    cell: &CellRef,
    distribution: Option<&Distribution>,
) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        if distribution.is_some() {
            check_cell(model, cell)?;
        }
        if model.distributions.get(cell) == distribution {
            return Ok(JsonOp::noop());
        }
        Ok(set_in(document, &["distributions"], &cell.key(), distribution.map(Distribution::to_json)))
    })
}

/// Lets two uncertain cells go together with a rank correlation.
///
/// # Errors
///
/// Returns an [`EditError`] when one of the cells is gone, both are one, or the correlation can't be.
pub fn set_correlation(document: &Value, correlation: &Correlation) -> Result<JsonOp, EditError> {
    lifted(document, |document, model| {
        check_cell(model, &correlation.a)?;
        check_cell(model, &correlation.b)?;
        // Of a pair that is there more than once the last counts.
        let last = places(document, &correlation.a, &correlation.b).last().copied();
        let listed = document.get("correlations").and_then(Value::as_array);
        let value = json!({
            "a": correlation.a.key(), "b": correlation.b.key(), "rho": correlation.rho
        });
        Ok(match (listed, last) {
            (None, _) => JsonOp::insert(path!["correlations"], json!([value])),
            (Some(listed), None) => JsonOp::insert(path!["correlations", listed.len()], value),
            (Some(listed), Some(index)) => {
                let before = listed.get(index).and_then(|before| before.get("rho"));
                set(path!["correlations", index, "rho"], before, Some(json!(correlation.rho)))
            }
        })
    })
}

/// Lets two cells go together no longer.
///
/// # Errors
///
/// Returns an [`EditError`] when the document is no model.
pub fn clear_correlation(document: &Value, a: &CellRef, b: &CellRef) -> Result<JsonOp, EditError> {
    lifted(document, |document, _| {
        let places = places(document, a, b);
        all(places.into_iter().rev().map(|index| JsonOp::remove(path!["correlations", index])))
    })
}

/// Where the pair stands in the list.
fn places(document: &Value, a: &CellRef, b: &CellRef) -> Vec<usize> {
    let (a, b) = (a.key(), b.key());
    let listed = document.get("correlations").and_then(Value::as_array).into_iter().flatten();
    let is_pair = |entry: &Value| {
        let end = |key| entry.get(key).and_then(Value::as_str);
        let ends = (end("a"), end("b"));
        ends == (Some(&a), Some(&b)) || ends == (Some(&b), Some(&a))
    };
    listed.enumerate().filter(|(_, entry)| is_pair(entry)).map(|(index, _)| index).collect()
}
