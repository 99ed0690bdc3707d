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
    forecast: Vec<Value>,
    value: Option<Value>,
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

    /// Entries for the first periods to come: figures, or formulas that begin with an equals sign.
    pub(super) fn forecast<T: Clone + Into<Value>>(self, entries: &[T]) -> Self {
        Self { forecast: entries.iter().cloned().map(Into::into).collect(), ..self }
    }

    pub(super) fn value(self, value: f64) -> Self {
        Self { value: Some(json!(value)), ..self }
    }

    /// Where the figures or the method come from.
    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    fn into_json(self, past: &[&str], future: &[&str]) -> Value {
        let past = past.iter().zip(self.history).map(|(period, figure)| (*period, json!(figure)));
        let entries = past.chain(future.iter().copied().zip(self.forecast));
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
                row.extend(self.value.map(|value| ("value".to_owned(), value)));
            }
            Span::Period => {
                let values: Map<String, Value> = entries.map(|(period, entry)| (period.to_owned(), entry)).collect();
                row.insert("span".to_owned(), json!("period"));
                row.insert("values".to_owned(), Value::Object(values));
            }
        }
        row.extend(self.formula.map(|formula| ("formula".to_owned(), json!(formula))));
        Value::Object(row)
    }
}

/// A column to be.
pub(super) struct Column {
    id: String,
    label: String,
    is_forecast: bool,
    days: Option<(String, String)>,
}

/// Fiscal years, each named after the year in which it ends.
///
/// `ends` are the last days of the years as `(year, month, day)`, ascending; the first of them only tells when the
/// first column begins. The columns up to `last_reported` are history.
pub(super) fn fiscal_years(ends: &[(i32, u8, u8)], last_reported: i32) -> Vec<Column> {
    let years = ends.iter().zip(ends.iter().skip(1));
    let column = |(before, end): (&(i32, u8, u8), &(i32, u8, u8))| {
        let is_forecast = end.0 > last_reported;
        Column {
            id: format!("fy{}", end.0),
            label: format!("{}{}", end.0, if is_forecast { "E" } else { "A" }),
            is_forecast,
            days: Some((iso(day_after(*before)), iso(*end))),
        }
    };
    years.map(column).collect()
}

/// Calendar years: `past` of them up to `last_reported`, then `future` of them.
pub(super) fn calendar_years(last_reported: i32, past: u8, future: u8) -> Vec<Column> {
    let first = last_reported.saturating_sub(i32::from(past));
    let last = last_reported.saturating_add(i32::from(future));
    let ends: Vec<_> = (first..=last).map(|year| (year, 12, 31)).collect();
    fiscal_years(&ends, last_reported)
}

fn iso((year, month, day): (i32, u8, u8)) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn day_after((year, month, day): (i32, u8, u8)) -> (i32, u8, u8) {
    let is_leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (month, day) {
        (12, 31) => (year.saturating_add(1), 1, 1),
        (_, day) if day >= days => (year, month.saturating_add(1), 1),
        _ => (year, month, day.saturating_add(1)),
    }
}

/// A model to be.
///
/// Cells are named by their key: `item`, or `item@period`.
pub(super) struct Draft {
    currency: &'static str,
    about: String,
    columns: Vec<Column>,
    sheet: Option<&'static str>,
    sections: Vec<(Value, Vec<Row>)>,
    outputs: Vec<&'static str>,
    scenarios: Vec<Value>,
    distributions: Map<String, Value>,
    correlations: Vec<Value>,
    notes: Map<String, Value>,
    ranges: Vec<Value>,
    iteration: Option<Value>,
}

/// A model without rows. `about` is Markdown: the method and its sources.
pub(super) fn draft(currency: &'static str, about: impl Into<String>, columns: Vec<Column>) -> Draft {
    Draft {
        currency,
        about: about.into(),
        columns,
        sheet: None,
        sections: Vec::new(),
        outputs: Vec::new(),
        scenarios: Vec::new(),
        distributions: Map::new(),
        correlations: Vec::new(),
        notes: Map::new(),
        ranges: Vec::new(),
        iteration: None,
    }
}

impl Draft {
    /// The section that comes next begins the sheet `name`.
    pub(super) fn sheet(self, name: &'static str) -> Self {
        Self { sheet: Some(name), ..self }
    }

    /// The next section.
    pub(super) fn section(mut self, id: &str, label: &str, rows: Vec<Row>) -> Self {
        let mut section = json!({"id": id, "label": label});
        if let (Some(sheet), Some(fields)) = (self.sheet.take(), section.as_object_mut()) {
            fields.insert("sheet".to_owned(), json!(sheet));
        }
        self.sections.push((section, rows));
        self
    }

    /// The items that are the result.
    pub(super) fn outputs(self, outputs: &[&'static str]) -> Self {
        Self { outputs: outputs.to_vec(), ..self }
    }

    /// Another case: entries of cells that differ from the model's own. See [`entry`].
    pub(super) fn scenario<C: Into<String>>(
        mut self,
        id: &str,
        label: &str,
        note: &str,
        entries: impl IntoIterator<Item = (C, Value)>,
    ) -> Self {
        let entries: Map<String, Value> = entries.into_iter().map(|(cell, entry)| (cell.into(), entry)).collect();
        self.scenarios.push(json!({"id": id, "name": id, "label": label, "note": note, "entries": entries}));
        self
    }

    /// How the entry of `cell` varies in a simulation.
    pub(super) fn distribution(mut self, cell: &str, distribution: Value) -> Self {
        self.distributions.insert(cell.to_owned(), distribution);
        self
    }

    /// The rank correlation of two cells that vary.
    pub(super) fn correlation(mut self, a: &str, b: &str, rho: f64) -> Self {
        self.correlations.push(json!({"a": a, "b": b, "rho": rho}));
        self
    }

    /// A note on one cell; that on a whole row is [`Row::note`].
    pub(super) fn note(mut self, cell: &str, note: &str) -> Self {
        self.notes.insert(cell.to_owned(), json!(note));
        self
    }

    /// A bar of the football field, between two items.
    pub(super) fn range(mut self, id: &str, label: &str, low: &str, high: &str) -> Self {
        self.ranges.push(json!({"id": id, "label": label, "low": low, "high": high}));
        self
    }

    /// Lets rows need each other, within these bounds.
    pub(super) fn iteration(self, max_rounds: u32, tolerance: f64) -> Self {
        Self { iteration: Some(json!({"max_rounds": max_rounds, "tolerance": tolerance})), ..self }
    }

    /// The model document, with formulas in stored form.
    pub(super) fn into_json(self) -> Value {
        let ids = |is_forecast: bool| -> Vec<&str> {
            self.columns.iter().filter(|column| column.is_forecast == is_forecast).map(|column| &*column.id).collect()
        };
        let (past, future) = (ids(false), ids(true));
        let sections: Vec<Value> = self
            .sections
            .into_iter()
            .map(|(mut section, rows)| {
                let items: Vec<Value> = rows.into_iter().map(|row| row.into_json(&past, &future)).collect();
                if let Some(fields) = section.as_object_mut() {
                    fields.insert("items".to_owned(), Value::Array(items));
                }
                section
            })
            .collect();
        let periods: Vec<Value> = self.columns.iter().map(Column::json).collect();
        let mut document = json!({
            "schema": 2,
            "currency": self.currency,
            "about": self.about,
            "periods": periods,
            "sections": sections,
            "outputs": self.outputs,
        });
        let optional = [
            ("scenarios", Value::Array(self.scenarios)),
            ("distributions", Value::Object(self.distributions)),
            ("correlations", Value::Array(self.correlations)),
            ("notes", Value::Object(self.notes)),
            ("ranges", Value::Array(self.ranges)),
            ("iteration", self.iteration.unwrap_or_default()),
        ];
        if let Some(fields) = document.as_object_mut() {
            let filled = |value: &Value| match value {
                Value::Array(values) => !values.is_empty(),
                Value::Object(values) => !values.is_empty(),
                value => !value.is_null(),
            };
            fields.extend(
                optional.into_iter().filter(|(_, value)| filled(value)).map(|(key, value)| (key.to_owned(), value)),
            );
        }
        store_formulas(&mut document);
        document
    }
}

impl Column {
    fn json(&self) -> Value {
        let kind = if self.is_forecast { "forecast" } else { "history" };
        let mut column = json!({"id": self.id, "label": self.label, "kind": kind});
        if let (Some((start, end)), Some(fields)) = (&self.days, column.as_object_mut()) {
            fields.insert("start".to_owned(), json!(start));
            fields.insert("end".to_owned(), json!(end));
        }
        column
    }
}

/// The entry of a scenario: a figure, or a formula that begins with an equals sign.
pub(super) fn entry(entry: impl Into<Value>) -> Value {
    entry.into()
}

/// A normal distribution.
pub(super) fn normal(mean: f64, sd: f64) -> Value {
    json!({"kind": "normal", "mean": mean, "sd": sd})
}

/// A lognormal distribution by the mean and the standard deviation of the variable itself.
pub(super) fn lognormal(mean: f64, sd: f64) -> Value {
    json!({"kind": "lognormal", "mean": mean, "sd": sd})
}

/// A triangular distribution.
pub(super) fn triangular(low: f64, mode: f64, high: f64) -> Value {
    json!({"kind": "triangular", "low": low, "mode": mode, "high": high})
}

/// A PERT distribution: a beta distribution with four times the weight on the mode.
pub(super) fn pert(low: f64, mode: f64, high: f64) -> Value {
    json!({"kind": "pert", "low": low, "mode": mode, "high": high})
}

/// A uniform distribution.
pub(super) fn uniform(low: f64, high: f64) -> Value {
    json!({"kind": "uniform", "low": low, "high": high})
}

/// One of `values`, as often as its weight tells.
pub(super) fn discrete(values: &[f64], weights: &[f64]) -> Value {
    json!({"kind": "discrete", "values": values, "weights": weights})
}

/// Brings formulas from the form that people write to the one that is stored.
fn store_formulas(document: &mut Value) {
    let Ok(model) = Model::read(document) else {
        return;
    };
    let store_entry = |entry: &mut Value| {
        if let Some(written) = entry.as_str().and_then(|entry| entry.strip_prefix('=')) {
            *entry = json!(format!("={}", to_stored(written, &model)));
        }
    };
    let store_entries = |holder: &mut Value, key: &str| {
        let entries = holder.get_mut(key).and_then(Value::as_object_mut).into_iter();
        entries.flat_map(|entries| entries.values_mut()).for_each(store_entry);
    };
    for section in list(document, "sections") {
        for item in list(section, "items") {
            if let Some(formula) = item.get_mut("formula") {
                let stored = formula.as_str().map(|written| json!(to_stored(written, &model)));
                *formula = stored.unwrap_or_default();
            }
            if let Some(value) = item.get_mut("value") {
                store_entry(value);
            }
            store_entries(item, "values");
        }
    }
    for scenario in list(document, "scenarios") {
        store_entries(scenario, "entries");
    }
}

fn list<'a>(holder: &'a mut Value, key: &str) -> &'a mut [Value] {
    holder.get_mut(key).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_on_the_day_after_the_one_before() {
        assert_eq!(day_after((2024, 2, 28)), (2024, 2, 29));
        assert_eq!(day_after((2023, 2, 28)), (2023, 3, 1));
        assert_eq!(day_after((1900, 2, 28)), (1900, 3, 1));
        assert_eq!(day_after((2024, 12, 31)), (2025, 1, 1));
        assert_eq!(day_after((2024, 9, 30)), (2024, 10, 1));
        assert_eq!(day_after((2024, 9, 28)), (2024, 9, 29));
    }

    #[test]
    fn formulas_hold_ids_wherever_they_stand() {
        let rows = vec![
            series("sales", "Sales").history(&[10.0]).forecast(&["=prev(sales) * 2"]).formula("prev(sales)"),
            single("total", "Total").formula("sum(sales)"),
        ];
        let document = draft("USD", "", calendar_years(2024, 1, 2))
            .sheet("One")
            .section("s", "S", rows)
            .scenario("bull", "Bull", "", [("sales@fy2026", entry("=prev(sales) * 3"))])
            .into_json();
        let items = &document["sections"][0]["items"];
        assert_eq!(items[0]["formula"], "prev({sales})");
        assert_eq!(items[0]["values"]["fy2025"], "=prev({sales}) * 2");
        assert_eq!(items[1]["formula"], "sum({sales})");
        assert_eq!(document["scenarios"][0]["entries"]["sales@fy2026"], "=prev({sales}) * 3");
        assert_eq!(document["sections"][0]["sheet"], "One");
        assert_eq!(
            document["periods"][0],
            json!({
                "id": "fy2024", "label": "2024A", "kind": "history", "start": "2024-01-01", "end": "2024-12-31",
            })
        );
    }
}
