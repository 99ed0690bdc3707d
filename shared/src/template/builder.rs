//! Writing a model document row by row, with formulas as people write them.

use serde_json::{Map, Value, json};

use crate::model::formula::to_stored;
use crate::model::{Model, NumberFormat, Span};

/// A row to be.
pub(super) struct Row {
    name: &'static str,
    label: &'static str,
    span: Span,
    unit: &'static str,
    format: NumberFormat,
    formula: Option<&'static str>,
    history: Vec<f64>,
    forecast: Vec<f64>,
    value: Option<f64>,
    note: String,
}

/// A row with a value for each period.
pub(super) fn series(name: &'static str, label: &'static str) -> Row {
    Row {
        name,
        label,
        span: Span::Period,
        unit: "",
        format: NumberFormat::Number,
        formula: None,
        history: Vec::new(),
        forecast: Vec::new(),
        value: None,
        note: String::new(),
    }
}

/// A row with one value.
pub(super) fn single(name: &'static str, label: &'static str) -> Row {
    Row { span: Span::Single, ..series(name, label) }
}

impl Row {
    pub(super) fn in_unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    pub(super) fn shown_as(self, format: NumberFormat) -> Self {
        Self { format, ..self }
    }

    /// The formula of every cell that has no figure.
    pub(super) fn formula(self, formula: &'static str) -> Self {
        Self { formula: Some(formula), ..self }
    }

    /// Figures for the first periods.
    pub(super) fn history(self, figures: &[f64]) -> Self {
        Self { history: figures.to_vec(), ..self }
    }

    /// Figures for the first periods to come.
    pub(super) fn forecast(self, figures: &[f64]) -> Self {
        Self { forecast: figures.to_vec(), ..self }
    }

    pub(super) fn value(self, value: f64) -> Self {
        Self { value: Some(value), ..self }
    }

    /// Where the figures or the method come from.
    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    fn into_json(self, past: &[String], future: &[String]) -> Value {
        let past = past.iter().zip(self.history);
        let figures =
            past.chain(future.iter().zip(self.forecast)).map(|(period, figure)| (period.clone(), json!(figure)));
        let mut row = Map::from_iter([
            ("id".to_owned(), json!(self.name)),
            ("name".to_owned(), json!(self.name)),
            ("label".to_owned(), json!(self.label)),
            ("unit".to_owned(), json!(self.unit)),
            ("format".to_owned(), json!(self.format)),
            ("note".to_owned(), json!(self.note)),
        ]);
        match self.span {
            Span::Single => {
                row.insert("span".to_owned(), json!("single"));
                row.extend(self.value.map(|value| ("value".to_owned(), json!(value))));
            }
            Span::Period => {
                row.insert("span".to_owned(), json!("period"));
                row.insert("values".to_owned(), Value::Object(figures.collect()));
            }
        }
        row.extend(self.formula.map(|formula| ("formula".to_owned(), json!(formula))));
        Value::Object(row)
    }
}

/// The document of a model over the fiscal years `past`, which ascend, and `forecast_years` after them.
pub(super) fn document(
    currency: &str,
    past: &[i32],
    forecast_years: u8,
    sections: Vec<(&str, &str, Vec<Row>)>,
    outputs: &[&str],
) -> Value {
    let last = past.last().copied().unwrap_or_default();
    let future: Vec<i32> = (1..=forecast_years).map(|ahead| last.saturating_add(i32::from(ahead))).collect();
    let ids = |years: &[i32]| years.iter().map(|year| format!("fy{year}")).collect::<Vec<_>>();
    let (past_ids, future_ids) = (ids(past), ids(&future));
    let period = |year: &i32, suffix: &str, kind: &str| json!({"id": format!("fy{year}"), "label": format!("{year}{suffix}"), "kind": kind});
    let periods = past.iter().map(|year| period(year, "A", "history"));
    let periods: Vec<Value> = periods.chain(future.iter().map(|year| period(year, "E", "forecast"))).collect();
    let section = |(id, label, rows): (&str, &str, Vec<Row>)| {
        let items: Vec<Value> = rows.into_iter().map(|row| row.into_json(&past_ids, &future_ids)).collect();
        json!({"id": id, "label": label, "items": items})
    };
    let sections: Vec<Value> = sections.into_iter().map(section).collect();
    let mut document =
        json!({"schema": 1, "currency": currency, "periods": periods, "sections": sections, "outputs": outputs});
    store_formulas(&mut document);
    document
}

/// Brings formulas from the form that people write to the one that is stored.
fn store_formulas(document: &mut Value) {
    let Ok(model) = Model::read(document) else {
        return;
    };
    let sections = document.get_mut("sections").and_then(Value::as_array_mut).into_iter().flatten();
    let items = sections.filter_map(|section| section.get_mut("items").and_then(Value::as_array_mut)).flatten();
    for formula in items.filter_map(|item| item.get_mut("formula")) {
        if let Some(written) = formula.as_str() {
            *formula = json!(to_stored(written, &model));
        }
    }
}
