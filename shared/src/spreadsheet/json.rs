//! The values of a model as JSON.

use serde_json::{Map, Value, json};

use crate::model::formula::to_display;
use crate::model::{Calculation, CellRef, CellValue, LineItem, Model, PeriodId, PeriodKind, Span, date_text, outputs};

/// The values of a model: its periods, its items with the values by the labels of the periods, and its outputs.
#[must_use]
pub fn to_json(model: &Model, calculation: &Calculation) -> Value {
    let periods = model.periods.iter().map(|period| {
        json!({
            "label": period.label,
            "kind": if period.kind == PeriodKind::History { "history" } else { "forecast" },
            "start": period.start.and_then(date_text),
            "end": period.end.and_then(date_text),
        })
    });
    json!({
        "currency": model.currency,
        "about": model.about,
        "periods": periods.collect::<Vec<_>>(),
        "items": items_json(model, calculation),
        "outputs": outputs(model, calculation),
    })
}

/// Every item with its section, name, label, unit, format and formula; an item with one value has it as `value`, one
/// over periods has `values` by label. Numbers are in full, a blank is `null`, an error is an object with its text.
#[must_use]
pub fn items_json(model: &Model, calculation: &Calculation) -> Value {
    let sections = model.sections.iter();
    let items = sections.flat_map(|section| section.items.iter().map(move |item| (section.label.as_str(), item)));
    items.map(|(section, item)| item_json(model, calculation, section, item)).collect()
}

fn item_json(model: &Model, calculation: &Calculation, section: &str, item: &LineItem) -> Value {
    let value = |period: Option<&PeriodId>| match calculation
        .value(&CellRef { item: item.id.clone(), period: period.cloned() })
    {
        CellValue::Blank => Value::Null,
        CellValue::Number(number) => json!(number),
        CellValue::Text(text) => json!(&**text),
        CellValue::Error(error) => json!({"error": error.to_string()}),
    };
    let mut object = Map::from_iter([
        ("section".to_owned(), json!(section)),
        ("name".to_owned(), json!(item.name)),
        ("label".to_owned(), json!(item.label)),
        ("unit".to_owned(), json!(item.unit)),
        ("format".to_owned(), json!(item.format)),
    ]);
    if let Some(formula) = &item.formula {
        object.insert("formula".to_owned(), json!(to_display(formula, model)));
    }
    match item.span {
        Span::Single => object.insert("value".to_owned(), value(None)),
        Span::Period => {
            let values = model.periods.iter().map(|period| (period.label.clone(), value(Some(&period.id))));
            object.insert("values".to_owned(), Value::Object(values.collect()))
        }
    };
    Value::Object(object)
}
