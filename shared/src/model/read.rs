//! From a model document to its typed view, with the place of whatever is wrong.

mod analysis;
mod check;
mod fields;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::calendar::parse_date;
use super::{
    Entry, ItemId, LineItem, Link, Model, NumberFormat, Period, PeriodId, PeriodKind, PeriodLength, Scenario, Section,
    SectionId, Span,
};
use crate::protocol::DocumentId;
use analysis::{correlation, distribution, iteration, range, scenario, without_repetition};
use fields::{
    by_cell, check_unique, choice, entry, field, id, list, name, object, optional, short_text, text, text_or_empty,
};

pub use check::{ChangedRows, ModelCheck};
pub(crate) use fields::is_name;

/// The version of the document's form that this code writes. It reads all before it.
pub(crate) const SCHEMA: u64 = 2;

const MAX_PERIODS: usize = 600;
const MAX_ITEMS: usize = 5_000;
const MAX_CELLS: usize = 200_000;
const MAX_SCENARIOS: usize = 50;
const MAX_DISTRIBUTIONS: usize = 1_000;
const MAX_CORRELATIONS: usize = 1_000;
const MAX_NOTES: usize = 10_000;
const MAX_RANGES: usize = 100;
const MAX_SOURCES: usize = 100;
const MAX_ABOUT_CHARS: usize = 65_536;
const MAX_PERIOD_LABEL_CHARS: usize = 24;
const MAX_SHEET_CHARS: usize = 64;

/// The most bytes of formulas, counted once for each cell that calculates them, and in an item with one value
/// once for each period, since there a name may stand for a whole row. A range counts a byte for each period too. It bounds what calculating a model costs.
const MAX_CALCULATED_BYTES: usize = 20_000_000;

/// Why a JSON document is not a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {hint}")]
pub struct ModelError {
    /// Where in the document, as in `sections[1].items[0].name`.
    pub place: String,
    /// What is wrong there, and what belongs there.
    pub hint: String,
}

impl ModelError {
    fn new(place: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { place: place.into(), hint: hint.into() }
    }

    /// The same error, seen from the value that holds the place under `step`.
    fn inside(self, step: &str) -> Self {
        let place = match self.place.as_str() {
            "" => step.to_owned(),
            below if below.starts_with('[') => format!("{step}{below}"),
            below => format!("{step}.{below}"),
        };
        Self { place, ..self }
    }
}

impl Model {
    /// Reads a model document, of this version or of one before. Fields that its version does not know are passed over.
    ///
    /// # Errors
    ///
    /// Returns a [`ModelError`] with the place when something is missing, of the wrong kind, there twice, or too large.
    pub fn read(document: &Value) -> Result<Self, ModelError> {
        let root = object(document).map_err(|error| error.inside("document"))?;
        let schema = field(root, "schema", schema)?;
        let mut model = Self {
            currency: text_or_empty(root, "currency")?,
            about: String::new(),
            periods: field(root, "periods", |value| list(value, MAX_PERIODS, period))?,
            sections: field(root, "sections", |value| list(value, MAX_ITEMS, section))?,
            outputs: field(root, "outputs", |value| list(value, MAX_ITEMS, |output| id(output).map(ItemId)))?,
            scenarios: Vec::new(),
            distributions: BTreeMap::new(),
            correlations: Vec::new(),
            notes: BTreeMap::new(),
            iteration: None,
            ranges: Vec::new(),
        };
        if schema >= 2 {
            let about = optional(root, "about", |value| short_text(value, MAX_ABOUT_CHARS))?;
            let scenarios = optional(root, "scenarios", |value| list(value, MAX_SCENARIOS, scenario))?;
            let distributions =
                optional(root, "distributions", |value| by_cell(value, MAX_DISTRIBUTIONS, distribution))?;
            let correlations = optional(root, "correlations", |value| list(value, MAX_CORRELATIONS, correlation))?;
            let ranges = optional(root, "ranges", |value| list(value, MAX_RANGES, range))?;
            model.about = about.unwrap_or_default();
            model.scenarios = scenarios.unwrap_or_default();
            model.distributions = distributions.unwrap_or_default();
            model.correlations = without_repetition(correlations.unwrap_or_default());
            model.notes = optional(root, "notes", |value| by_cell(value, MAX_NOTES, text))?.unwrap_or_default();
            model.iteration = optional(root, "iteration", iteration)?;
            model.ranges = ranges.unwrap_or_default();
        }
        // Two people may have added one at once.
        let mut seen = HashSet::new();
        model.outputs.retain(|output| seen.insert(output.clone()));
        model.check()?;
        Ok(model)
    }

    /// What no part shows alone: sizes, ids, the order of time.
    fn check(&self) -> Result<(), ModelError> {
        let items = self.items().count();
        if items > MAX_ITEMS || items.saturating_mul(self.periods.len()) > MAX_CELLS {
            let hint = format!("a model has at most {MAX_ITEMS} rows and {MAX_CELLS} cells");
            return Err(ModelError::new("sections", hint));
        }
        check_unique("periods", self.periods.iter().map(|period| &period.id.0))?;
        check_unique("sections", self.sections.iter().map(|section| &section.id.0))?;
        check_unique("items", self.items().map(|item| &item.id.0))?;
        check_unique("scenarios", self.scenarios.iter().map(|scenario| &scenario.id.0))?;
        check_unique("ranges", self.ranges.iter().map(|range| &range.id.0))?;
        let sources: HashSet<_> = self.items().filter_map(|item| Some(item.link.as_ref()?.document)).collect();
        if sources.len() > MAX_SOURCES {
            let hint = format!("links lead to at most {MAX_SOURCES} other models");
            return Err(ModelError::new("sections", hint));
        }
        let starts = self.periods.iter().enumerate().filter_map(|(index, period)| Some((index, period.start?)));
        let is_later = |((_, before), (_, start)): &((usize, i32), (usize, i32))| start < before;
        if let Some((_, (index, _))) = starts.clone().zip(starts.skip(1)).find(is_later) {
            let hint = "this is before the start of a period before it; periods stand in the order of time";
            return Err(ModelError::new(format!("periods[{index}].start"), hint));
        }
        let own = self.own_bytes();
        check_calculated("sections", own)?;
        for (index, scenario) in self.scenarios.iter().enumerate() {
            let added = scenario_bytes(scenario, self.periods.len());
            check_calculated(&format!("scenarios[{index}].entries"), own.saturating_add(added))?;
        }
        Ok(())
    }

    /// The bytes of all formulas in rows as [`MAX_CALCULATED_BYTES`] counts them.
    fn own_bytes(&self) -> usize {
        let periods = self.periods.len();
        self.items().fold(0_usize, |sum, item| sum.saturating_add(calculated_bytes(item, periods)))
    }
}

/// The bytes of the formulas of `item` as [`MAX_CALCULATED_BYTES`] counts them.
fn calculated_bytes(item: &LineItem, periods: usize) -> usize {
    let times = periods.max(1);
    let row = item.formula.as_ref().map_or(0, |formula| formula_bytes(formula, periods).saturating_mul(times));
    let single = item.value.as_ref().map_or(0, |entry| entry_bytes(entry, periods)).saturating_mul(times);
    let entries = item.values.values().map(|entry| entry_bytes(entry, periods));
    entries.fold(row.saturating_add(single), usize::saturating_add)
}

/// What a scenario adds to that.
fn scenario_bytes(scenario: &Scenario, periods: usize) -> usize {
    let bytes = scenario.entries.values().map(|entry| entry_bytes(entry, periods)).fold(0, usize::saturating_add);
    bytes.saturating_mul(periods.max(1))
}

fn entry_bytes(entry: &Entry, periods: usize) -> usize {
    match entry {
        Entry::Number(_) => 0,
        Entry::Formula(formula) => formula_bytes(formula, periods),
    }
}

/// A range may name every period.
fn formula_bytes(formula: &str, periods: usize) -> usize {
    let ranges = formula.matches("..").count();
    formula.len().saturating_add(ranges.saturating_mul(periods))
}

fn check_calculated(place: &str, bytes: usize) -> Result<(), ModelError> {
    if bytes <= MAX_CALCULATED_BYTES {
        return Ok(());
    }
    let hint = format!("formulas have at most {MAX_CALCULATED_BYTES} bytes, counted once for each cell");
    Err(ModelError::new(place, hint))
}

fn schema(value: &Value) -> Result<u64, ModelError> {
    match value.as_u64() {
        Some(schema @ 1..=SCHEMA) => Ok(schema),
        Some(newer) if newer > SCHEMA => {
            let hint = format!("a newer version wrote this model, in schema {newer}; this one reads up to {SCHEMA}");
            Err(ModelError::new("", hint))
        }
        _ => Err(ModelError::new("", format!("this is a whole number, 1 to {SCHEMA}"))),
    }
}

fn period(value: &Value) -> Result<Period, ModelError> {
    const KINDS: [(&str, PeriodKind); 2] = [("history", PeriodKind::History), ("forecast", PeriodKind::Forecast)];
    const LENGTHS: [(&str, PeriodLength); 4] = [
        ("year", PeriodLength::Year),
        ("quarter", PeriodLength::Quarter),
        ("month", PeriodLength::Month),
        ("stub", PeriodLength::Stub),
    ];
    let period = object(value)?;
    let length =
        optional(period, "length", |value| choice(value, &LENGTHS, "this is `year`, `quarter`, `month` or `stub`"))?;
    let (start, end) = (optional(period, "start", date)?, optional(period, "end", date)?);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(ModelError::new("end", "this is before `start`"));
    }
    Ok(Period {
        id: PeriodId(field(period, "id", id)?),
        label: field(period, "label", |value| short_text(value, MAX_PERIOD_LABEL_CHARS))?,
        kind: field(period, "kind", |value| choice(value, &KINDS, "this is `history` or `forecast`"))?,
        length: length.unwrap_or_default(),
        start,
        end,
    })
}

fn date(value: &Value) -> Result<i32, ModelError> {
    let hint = "this is a date between 1900 and 9999, as in `2025-09-27`";
    value.as_str().and_then(parse_date).ok_or_else(|| ModelError::new("", hint))
}

fn section(value: &Value) -> Result<Section, ModelError> {
    let section = object(value)?;
    Ok(Section {
        id: SectionId(field(section, "id", id)?),
        label: field(section, "label", text)?,
        items: field(section, "items", |value| list(value, MAX_ITEMS, line_item))?,
        sheet: optional(section, "sheet", |value| short_text(value, MAX_SHEET_CHARS))?
            .filter(|sheet| !sheet.is_empty()),
    })
}

fn line_item(value: &Value) -> Result<LineItem, ModelError> {
    const SPANS: [(&str, Span); 2] = [("period", Span::Period), ("single", Span::Single)];
    let item = object(value)?;
    let span = field(item, "span", |value| choice(value, &SPANS, "this is `period` or `single`"))?;
    Ok(LineItem {
        id: ItemId(field(item, "id", id)?),
        name: field(item, "name", name)?,
        label: field(item, "label", text)?,
        unit: text_or_empty(item, "unit")?,
        format: field(item, "format", number_format)?,
        span,
        formula: optional(item, "formula", text)?,
        values: optional(item, "values", values)?.unwrap_or_default(),
        value: optional(item, "value", entry)?,
        note: text_or_empty(item, "note")?,
        // One that others made an item over periods meanwhile is linked no longer.
        link: optional(item, "link", link)?.filter(|_| span == Span::Single),
    })
}

fn link(value: &Value) -> Result<Link, ModelError> {
    let link = object(value)?;
    let document = |value: &Value| {
        let id = value.as_str().and_then(|text| Uuid::parse_str(text).ok());
        id.map(DocumentId).ok_or_else(|| ModelError::new("", "this is the id of a document"))
    };
    Ok(Link {
        document: field(link, "document", document)?,
        item: ItemId(field(link, "item", id)?),
        problem: optional(link, "problem", text)?,
    })
}

fn values(value: &Value) -> Result<BTreeMap<PeriodId, Entry>, ModelError> {
    let read = |(key, value): (&String, &Value)| {
        let entry = entry(value).map_err(|error| error.inside(key))?;
        Ok((PeriodId(key.clone()), entry))
    };
    object(value)?.iter().map(read).collect()
}

fn number_format(value: &Value) -> Result<NumberFormat, ModelError> {
    serde_json::from_value(value.clone()).map_err(|error| ModelError::new("", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CellRef, Distribution, Iteration};
    use serde_json::json;

    fn model() -> Value {
        json!({
            "schema": 1,
            "periods": [{"id": "p1", "label": "2024A", "kind": "history"}],
            "sections": [{"id": "s", "label": "Income", "items": [
                {"id": "a", "name": "sales", "label": "Sales", "format": "number", "span": "period", "values": {"p1": 3}}
            ]}],
            "outputs": ["a"],
            "later": "ignored"
        })
    }

    #[test]
    fn a_model_is_read_and_unknown_fields_are_passed_over() {
        let model = Model::read(&model()).unwrap();
        let item = model.item(&ItemId("a".into())).unwrap();
        assert_eq!(item.name, "sales");
        assert_eq!(item.entry(Some(&PeriodId("p1".into()))), Some(&Entry::Number(3.0)));
        assert_eq!(model.cells().count(), 1);
    }

    #[test]
    fn an_error_names_the_place() {
        let cases = [
            ("/sections/0/items/0/name", json!("net sales"), "sections[0].items[0].name"),
            ("/sections/0/items/0/values/p1", json!(true), "sections[0].items[0].values.p1"),
            ("/sections/0/items/0/values/p1", json!("abc"), "sections[0].items[0].values.p1"),
            ("/sections/0/items/0/format", json!("roman"), "sections[0].items[0].format"),
            ("/periods/0/kind", json!("future"), "periods[0].kind"),
            ("/outputs", json!({}), "outputs"),
            ("/schema", json!("2"), "schema"),
            ("/schema", json!(0), "schema"),
        ];
        for (pointer, value, place) in cases {
            let mut document = model();
            *document.pointer_mut(pointer).unwrap() = value;
            assert_eq!(Model::read(&document).unwrap_err().place, place);
        }
        assert_eq!(Model::read(&json!([])).unwrap_err().to_string(), "document: this is an object");
        assert_eq!(Model::read(&json!({"schema": 1})).unwrap_err().to_string(), "periods: this is missing");
    }

    #[test]
    fn an_id_that_is_there_twice_is_an_error() {
        let mut document = model();
        let item = document.pointer("/sections/0/items/0").unwrap().clone();
        document.pointer_mut("/sections/0/items").unwrap().as_array_mut().unwrap().push(item);
        assert_eq!(Model::read(&document).unwrap_err().to_string(), "items: the id \"a\" is there twice");
    }

    #[test]
    fn what_would_take_too_long_to_calculate_is_refused() {
        let mut document = model();
        let periods = (0..600).map(|index| json!({"id": format!("p{index}"), "label": "", "kind": "history"}));
        document["periods"] = periods.collect();
        let long = "1+".repeat(2_000);
        let rows = |count: usize| -> Value {
            let row = |index| {
                let id = format!("r{index}");
                json!({"id": id, "name": id, "label": "", "format": "number", "span": "single", "formula": long})
            };
            (0..count).map(row).collect()
        };
        document["sections"][0]["items"] = rows(8);
        assert!(Model::read(&document).is_ok());
        document["sections"][0]["items"] = rows(9);
        assert_eq!(Model::read(&document).unwrap_err().place, "sections");
    }

    #[test]
    fn names_are_short() {
        let mut document = model();
        document["sections"][0]["items"][0]["name"] = json!("n".repeat(65));
        let error = Model::read(&document).unwrap_err();
        assert_eq!(error.to_string(), "sections[0].items[0].name: this text has at most 64 characters");
    }

    /// A model with everything that a document may hold.
    fn full() -> Value {
        json!({
            "schema": 2,
            "currency": "USD",
            "about": "# Sample",
            "periods": [
                {"id": "p1", "label": "2024A", "kind": "history", "start": "2023-10-01", "end": "2024-09-28"},
                {"id": "p2", "label": "Q1", "kind": "forecast", "length": "quarter", "start": "2024-09-29"},
                {"id": "p3", "label": "2025E", "kind": "forecast"},
            ],
            "sections": [{"id": "s", "label": "Income", "sheet": "Valuation", "items": [
                {"id": "a", "name": "sales", "label": "Sales", "format": "currency", "span": "period", "values": {"p1": 3}},
                {"id": "t", "name": "tax", "label": "Tax", "format": "percent", "span": "single", "value": 0.2,
                 "link": {"document": "0198a1c2-0000-7000-8000-000000000001", "item": "rate"}},
            ]}],
            "outputs": ["a"],
            "scenarios": [{"id": "bull", "name": "bull", "label": "Bull case", "entries": {"t": 0.1, "a@p2": "={t} * 2", "gone": 1}}],
            "distributions": {"t": {"kind": "pert", "low": 0.1, "mode": 0.2, "high": 0.4}},
            "correlations": [{"a": "t", "b": "a@p1", "rho": 0.5}, {"a": "a@p1", "b": "t", "rho": -0.25}],
            "notes": {"a@p1": "as reported"},
            "iteration": {"max_rounds": 100, "tolerance": 1e-9},
            "ranges": [{"id": "dcf", "label": "DCF", "low": "t", "high": "t"}],
        })
    }

    #[test]
    fn everything_that_a_model_may_hold_is_read() {
        let model = Model::read(&full()).unwrap();
        let cell = |key| CellRef::parse(key).unwrap();
        assert_eq!((model.periods[0].start, model.periods[0].end), (Some(45_200), Some(45_563)));
        assert_eq!(model.periods[1].length, PeriodLength::Quarter);
        assert_eq!(model.sections[0].sheet.as_deref(), Some("Valuation"));
        assert_eq!(model.item(&ItemId("t".into())).unwrap().link.as_ref().unwrap().item, ItemId("rate".into()));
        assert_eq!(model.scenarios[0].entries[&cell("a@p2")], Entry::Formula("{t} * 2".into()));
        assert_eq!(model.distributions[&cell("t")], Distribution::Pert { low: 0.1, mode: 0.2, high: 0.4 });
        assert_eq!(model.notes[&cell("a@p1")], "as reported");
        assert_eq!(model.iteration, Some(Iteration { max_rounds: 100, tolerance: 1e-9 }));
        assert_eq!(model.ranges[0].label, "DCF");
        assert_eq!(model.about, "# Sample");
    }

    #[test]
    fn of_a_correlation_that_is_there_twice_the_last_counts() {
        let model = Model::read(&full()).unwrap();
        let rho: Vec<_> = model.correlations.iter().map(|correlation| correlation.rho).collect();
        assert_eq!(rho, [-0.25]);
    }

    #[test]
    fn an_error_beside_the_rows_names_its_place_too() {
        let pert = |low: f64, mode: f64, high: f64| json!({"kind": "pert", "low": low, "mode": mode, "high": high});
        let discrete =
            |values: Value, weights: Value| json!({"kind": "discrete", "values": values, "weights": weights});
        let distribution = "/distributions/t";
        let cases = [
            ("/about", json!(1), "about"),
            ("/periods/0/start", json!("28.9.2024"), "periods[0].start"),
            ("/periods/0/end", json!("2023-09-30"), "periods[0].end"),
            ("/periods/1/start", json!("2022-09-29"), "periods[1].start"),
            ("/periods/1/length", json!("week"), "periods[1].length"),
            ("/sections/0/sheet", json!(1), "sections[0].sheet"),
            ("/sections/0/items/1/link/document", json!("x"), "sections[0].items[1].link.document"),
            ("/scenarios/0/name", json!("bull case"), "scenarios[0].name"),
            ("/scenarios/0/entries/t", json!("abc"), "scenarios[0].entries.t"),
            ("/scenarios/0/entries", json!({"a b": 1}), "scenarios[0].entries.a b"),
            (distribution, json!({"kind": "cauchy"}), "distributions.t.kind"),
            (distribution, json!({"kind": "normal", "mean": 1}), "distributions.t.sd"),
            (distribution, json!({"kind": "normal", "mean": 1, "sd": -1}), "distributions.t.sd"),
            (distribution, json!({"kind": "lognormal", "mean": 0, "sd": 1}), "distributions.t.mean"),
            (distribution, pert(1.0, 1.0, 1.0), "distributions.t.low"),
            (distribution, pert(0.0, 2.0, 1.0), "distributions.t.mode"),
            (distribution, json!({"kind": "uniform", "low": 2, "high": 1}), "distributions.t.low"),
            (distribution, discrete(json!([]), json!([])), "distributions.t.values"),
            (distribution, discrete(json!([1, 2]), json!([1])), "distributions.t.weights"),
            (distribution, discrete(json!([1, 2]), json!([1, -1])), "distributions.t.weights[1]"),
            (distribution, discrete(json!([1, 2]), json!([0, 0])), "distributions.t.weights"),
            ("/correlations/0/b", json!("t"), "correlations[0].b"),
            ("/correlations/1/rho", json!(1.5), "correlations[1].rho"),
            ("/notes", json!({"a@": ""}), "notes.a@"),
            ("/iteration/max_rounds", json!(1001), "iteration.max_rounds"),
            ("/iteration/tolerance", json!(0), "iteration.tolerance"),
            ("/ranges/0/low", json!("a@p1"), "ranges[0].low"),
            ("/ranges", json!([0, 0].map(|_| json!({"id": "r", "label": "", "low": "t", "high": "t"}))), "ranges"),
        ];
        for (pointer, value, place) in cases {
            let mut document = full();
            *document.pointer_mut(pointer).unwrap() = value;
            assert_eq!(Model::read(&document).unwrap_err().place, place);
        }
    }

    #[test]
    fn links_lead_to_a_bounded_number_of_models() {
        let with = |count: usize| {
            let row = |index| {
                let id = format!("r{index}");
                let source = Uuid::from_u128(index).to_string();
                json!({"id": id, "name": id, "label": "", "format": "number", "span": "single",
                       "link": {"document": source, "item": "i"}})
            };
            let mut document = full();
            document["sections"][0]["items"] = (0..).take(count).map(row).collect();
            Model::read(&document)
        };
        assert!(with(100).is_ok());
        assert_eq!(with(101).unwrap_err().hint, "links lead to at most 100 other models");
    }

    #[test]
    fn a_model_of_a_newer_version_says_so() {
        let mut document = full();
        document["schema"] = json!(3);
        let error = "schema: a newer version wrote this model, in schema 3; this one reads up to 2";
        assert_eq!(Model::read(&document).unwrap_err().to_string(), error);
    }

    #[test]
    fn a_model_of_the_first_version_knows_nothing_of_what_came_later() {
        let mut document = full();
        document["schema"] = json!(1);
        document["notes"] = json!(7);
        assert!(Model::read(&document).unwrap().scenarios.is_empty());
    }

    #[test]
    fn a_scenario_can_not_hide_what_takes_too_long_to_calculate() {
        let mut document = full();
        let periods = (0..600).map(|index| json!({"id": format!("q{index}"), "label": "", "kind": "history"}));
        document["periods"] = periods.collect();
        let long = format!("={}", "1+".repeat(2_000));
        let entries = (0..9).map(|index| (format!("t{index}"), json!(long)));
        document["scenarios"][0]["entries"] = Value::Object(entries.collect());
        assert_eq!(Model::read(&document).unwrap_err().place, "scenarios[0].entries");
    }
}
