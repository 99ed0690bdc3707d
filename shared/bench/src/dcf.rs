//! A ten-year DCF with five correlated normal inputs: the model that `dcf.py` writes in NumPy.

use coval_shared::analysis::AnalysisError;
use coval_shared::analysis::simulation::Simulation;
use coval_shared::model::{CellRef, ItemId, Model, ModelError};
use serde_json::{Value, json};

/// The model document.
pub(crate) fn document() -> Value {
    let periods: Vec<Value> = (0..=10)
        .map(|year| {
            let kind = if year == 0 { "history" } else { "forecast" };
            json!({"id": format!("y{year}"), "label": format!("Y{year}"), "kind": kind})
        })
        .collect();
    let row = |name: &str, formula: &str, first: f64| {
        json!({
            "id": name, "name": name, "label": name, "format": "number", "span": "period", "formula": formula,
            "values": {"y0": first},
        })
    };
    let single = |name: &str, content: Value| {
        let mut item = json!({"id": name, "name": name, "label": name, "format": "number", "span": "single"});
        let field = if content.is_string() { "formula" } else { "value" };
        item[field] = content;
        item
    };
    let items = [
        single("growth", json!(0.06)),
        single("margin", json!(0.25)),
        single("reinvestment", json!(0.45)),
        single("discount_rate", json!(0.09)),
        single("terminal_growth", json!(0.025)),
        single("tax", json!(0.21)),
        single("debt", json!(500)),
        single("shares", json!(100)),
        row("sales", "prev({sales}) * (1 + {growth})", 1000.0),
        row("flow", "{sales} * {margin} * (1 - {tax}) - ({sales} - prev({sales})) * {reinvestment}", 0.0),
        row("factor", "prev({factor}) / (1 + {discount_rate})", 1.0),
        row("present", "{flow} * {factor}", 0.0),
        single(
            "terminal",
            json!("last({flow}) * (1 + {terminal_growth}) / ({discount_rate} - {terminal_growth}) * last({factor})"),
        ),
        single("per_share", json!("(sum({present}) + {terminal} - {debt}) / {shares}")),
    ];
    let normal = |mean: f64, sd: f64| json!({"kind": "normal", "mean": mean, "sd": sd});
    json!({
        "schema": 2,
        "currency": "USD",
        "about": "",
        "periods": periods,
        "sections": [{"id": "dcf", "label": "DCF", "items": items}],
        "outputs": ["per_share"],
        "distributions": {
            "growth": normal(0.06, 0.015),
            "margin": normal(0.25, 0.02),
            "reinvestment": normal(0.45, 0.04),
            "discount_rate": normal(0.09, 0.008),
            "terminal_growth": normal(0.025, 0.004),
        },
        "correlations": [
            {"a": "growth", "b": "margin", "rho": 0.3},
            {"a": "growth", "b": "reinvestment", "rho": 0.4},
            {"a": "discount_rate", "b": "terminal_growth", "rho": 0.2},
        ],
    })
}

/// The typed model.
pub(crate) fn model() -> Result<Model, ModelError> {
    Model::read(&document())
}

/// A simulation of the value a share.
pub(crate) fn simulation(model: &Model, trials: u64) -> Result<Simulation, AnalysisError> {
    Simulation::new(model, &[CellRef::single(ItemId("per_share".to_owned()))], 7, trials)
}
