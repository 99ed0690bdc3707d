//! From a model document to its typed view, with the place of whatever is wrong.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::{Entry, ItemId, LineItem, Model, NumberFormat, Period, PeriodId, PeriodKind, Section, SectionId, Span};

/// The version of the document's form that this code reads.
pub(crate) const SCHEMA: u64 = 1;

const MAX_PERIODS: usize = 600;
const MAX_ITEMS: usize = 5_000;
const MAX_CELLS: usize = 200_000;
const MAX_TEXT_CHARS: usize = 4_096;
const MAX_NAME_CHARS: usize = 64;
const MAX_PERIOD_LABEL_CHARS: usize = 24;

/// The most bytes of formulas, counted once for each cell that calculates them, and in an item with one value
/// once for each period, since there a name may stand for a whole row. It bounds what calculating a model costs.
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
    /// Reads a model document. Fields that this version does not know are passed over.
    ///
    /// # Errors
    ///
    /// Returns a [`ModelError`] with the place when something is missing, of the wrong kind, there twice, or too large.
    pub fn read(document: &Value) -> Result<Self, ModelError> {
        let root = object(document).map_err(|error| error.inside("document"))?;
        if field(root, "schema", |value| Ok(value.as_u64()))? != Some(SCHEMA) {
            return Err(ModelError::new("schema", format!("this version reads schema {SCHEMA}")));
        }
        let model = Self {
            currency: text_or_empty(root, "currency")?,
            periods: field(root, "periods", |value| list(value, MAX_PERIODS, period))?,
            sections: field(root, "sections", |value| list(value, MAX_ITEMS, section))?,
            outputs: field(root, "outputs", |value| list(value, MAX_ITEMS, |output| id(output).map(ItemId)))?,
        };
        let items = model.items().count();
        if items > MAX_ITEMS || items.saturating_mul(model.periods.len()) > MAX_CELLS {
            let hint = format!("a model has at most {MAX_ITEMS} rows and {MAX_CELLS} cells");
            return Err(ModelError::new("sections", hint));
        }
        check_unique("periods", model.periods.iter().map(|period| &period.id.0))?;
        check_unique("sections", model.sections.iter().map(|section| &section.id.0))?;
        check_unique("items", model.items().map(|item| &item.id.0))?;
        let calculated_bytes =
            model.items().fold(0_usize, |sum, item| sum.saturating_add(model.calculated_bytes(item)));
        if calculated_bytes > MAX_CALCULATED_BYTES {
            let hint = format!("formulas have at most {MAX_CALCULATED_BYTES} bytes, counted once for each cell");
            return Err(ModelError::new("sections", hint));
        }
        Ok(model)
    }

    /// The bytes of the formulas of `item` as [`MAX_CALCULATED_BYTES`] counts them.
    fn calculated_bytes(&self, item: &LineItem) -> usize {
        let periods = self.periods.len().max(1);
        let row = item.formula.as_ref().map_or(0, |formula| formula.len().saturating_mul(periods));
        let bytes = |entry: &Entry| match entry {
            Entry::Number(_) => 0,
            Entry::Formula(formula) => formula.len(),
        };
        let single = item.value.as_ref().map_or(0, bytes).saturating_mul(periods);
        item.values.values().map(bytes).fold(row.saturating_add(single), usize::saturating_add)
    }
}

/// Whether formulas can call a row so.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|other| other.is_alphanumeric() || other == '_')
}

fn period(value: &Value) -> Result<Period, ModelError> {
    let period = object(value)?;
    Ok(Period {
        id: PeriodId(field(period, "id", id)?),
        label: field(period, "label", |value| short_text(value, MAX_PERIOD_LABEL_CHARS))?,
        kind: field(period, "kind", |value| match value.as_str() {
            Some("history") => Ok(PeriodKind::History),
            Some("forecast") => Ok(PeriodKind::Forecast),
            _ => Err(ModelError::new("", "this is `history` or `forecast`")),
        })?,
    })
}

fn section(value: &Value) -> Result<Section, ModelError> {
    let section = object(value)?;
    Ok(Section {
        id: SectionId(field(section, "id", id)?),
        label: field(section, "label", text)?,
        items: field(section, "items", |value| list(value, MAX_ITEMS, line_item))?,
    })
}

fn line_item(value: &Value) -> Result<LineItem, ModelError> {
    let item = object(value)?;
    Ok(LineItem {
        id: ItemId(field(item, "id", id)?),
        name: field(item, "name", name)?,
        label: field(item, "label", text)?,
        unit: text_or_empty(item, "unit")?,
        format: field(item, "format", number_format)?,
        span: field(item, "span", |value| match value.as_str() {
            Some("period") => Ok(Span::Period),
            Some("single") => Ok(Span::Single),
            _ => Err(ModelError::new("", "this is `period` or `single`")),
        })?,
        formula: optional(item, "formula", text)?,
        values: optional(item, "values", values)?.unwrap_or_default(),
        value: optional(item, "value", entry)?,
        note: text_or_empty(item, "note")?,
    })
}

fn values(value: &Value) -> Result<BTreeMap<PeriodId, Entry>, ModelError> {
    let read = |(key, value): (&String, &Value)| {
        let entry = entry(value).map_err(|error| error.inside(key))?;
        Ok((PeriodId(key.clone()), entry))
    };
    object(value)?.iter().map(read).collect()
}

fn entry(value: &Value) -> Result<Entry, ModelError> {
    match value {
        Value::Number(number) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => Ok(Entry::Number(number)),
            None => Err(ModelError::new("", "the number is out of range")),
        },
        Value::String(_) => match text(value)?.strip_prefix('=') {
            Some(formula) => Ok(Entry::Formula(formula.to_owned())),
            None => Err(ModelError::new("", "a formula begins with an equals sign")),
        },
        _ => Err(ModelError::new("", "this is a number or a formula")),
    }
}

fn number_format(value: &Value) -> Result<NumberFormat, ModelError> {
    serde_json::from_value(value.clone()).map_err(|error| ModelError::new("", error.to_string()))
}

fn name(value: &Value) -> Result<String, ModelError> {
    let name = short_text(value, MAX_NAME_CHARS)?;
    if is_name(&name) {
        Ok(name)
    } else {
        Err(ModelError::new("", "a name is a letter or underscore, followed by letters, digits and underscores"))
    }
}

/// Ids stand in formulas between braces.
fn id(value: &Value) -> Result<String, ModelError> {
    let id = text(value)?;
    if id.is_empty() || id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
        return Err(ModelError::new("", "an id is 1 to 64 ASCII letters, digits, underscores and hyphens"));
    }
    Ok(id)
}

fn text(value: &Value) -> Result<String, ModelError> {
    short_text(value, MAX_TEXT_CHARS)
}

fn short_text(value: &Value, limit: usize) -> Result<String, ModelError> {
    let Value::String(text) = value else {
        return Err(ModelError::new("", "this is a text"));
    };
    if text.chars().nth(limit).is_some() {
        return Err(ModelError::new("", format!("this text has at most {limit} characters")));
    }
    Ok(text.clone())
}

fn object(value: &Value) -> Result<&Map<String, Value>, ModelError> {
    value.as_object().ok_or_else(|| ModelError::new("", "this is an object"))
}

fn list<T>(value: &Value, limit: usize, read: impl Fn(&Value) -> Result<T, ModelError>) -> Result<Vec<T>, ModelError> {
    let items = value.as_array().ok_or_else(|| ModelError::new("", "this is a list"))?;
    if items.len() > limit {
        return Err(ModelError::new("", format!("this list has at most {limit} entries")));
    }
    let read = |(index, item)| read(item).map_err(|error| error.inside(&format!("[{index}]")));
    items.iter().enumerate().map(read).collect()
}

fn field<T>(
    object: &Map<String, Value>,
    key: &str,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<T, ModelError> {
    optional(object, key, read)?.ok_or_else(|| ModelError::new(key, "this is missing"))
}

fn optional<T>(
    object: &Map<String, Value>,
    key: &str,
    read: impl Fn(&Value) -> Result<T, ModelError>,
) -> Result<Option<T>, ModelError> {
    object.get(key).map(read).transpose().map_err(|error| error.inside(key))
}

fn text_or_empty(object: &Map<String, Value>, key: &str) -> Result<String, ModelError> {
    Ok(optional(object, key, text)?.unwrap_or_default())
}

fn check_unique<'a>(place: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), ModelError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(ModelError::new(place, format!("the id \"{id}\" is there twice")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
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
            ("/schema", json!(7), "schema"),
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
}
