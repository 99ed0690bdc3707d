//! Differences as people read them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::differences::{Difference, Edit, differences};
use super::memo::{TextSpan, text_spans};
use crate::limits::{CHANGE_TEXT_CHARS, DIFF_CHANGES};
use crate::model::edit::text_of;
use crate::model::{CellRef, Entry, ItemId, LineItem, Model, PeriodId};
use ot_core::text::TextOp;

/// What differs between two revisions of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// The differences of a model, in the order of the document. At most [`DIFF_CHANGES`].
    pub changes: Vec<Change>,
    /// The text of a memo with what went and what came; empty for a model.
    pub spans: Vec<TextSpan>,
    /// Whether these are all.
    pub is_complete: bool,
}

/// One difference between two revisions of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// Where it is, by keys and ids: `items/net_sales/values/fy2025`. A `/` in a key is written `~1`, a `~` `~0`.
    pub path: String,
    /// What people call the row, section, period, scenario or setting.
    pub label: String,
    /// What people call the period; none where there is none.
    pub period: Option<String>,
    /// What of it: `value`, `formula`, `label`, …; empty where the whole of it came, went or moved.
    pub field: String,
    /// The cell, where it is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub cell: Option<CellRef>,
    /// What stood there before, as one would enter it. At most [`CHANGE_TEXT_CHARS`] code points.
    pub before: Option<String>,
    /// What stands there after.
    pub after: Option<String>,
    /// In place of the two, where both are long texts: what went and what came.
    pub spans: Vec<TextSpan>,
}

/// What became of a part of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It is another than before.
    Changed,
    /// It stands elsewhere.
    Moved,
}

/// From this length on, of two texts only what went and what came is told.
const LONG_TEXT_CHARS: usize = 200;

/// How many differences are looked for; rows of a section that went are told with it.
const LOOKED_FOR: usize = DIFF_CHANGES * 4;

/// What differs between two documents that are models. Documents that are none are compared as well as may be.
#[must_use]
pub fn changes(before: &Value, after: &Value) -> Comparison {
    let (found, is_complete) = differences(before, after, LOOKED_FOR);
    let describer = Describer::new(before, after);
    let told: Vec<&Difference<'_>> = found.iter().filter(|found| !describer.goes_with_section(found)).collect();
    let is_complete = is_complete && told.len() <= DIFF_CHANGES;
    let changes = told.into_iter().take(DIFF_CHANGES).map(|found| describer.change(found)).collect();
    Comparison { changes, spans: Vec::new(), is_complete }
}

/// A path as text.
pub(super) fn path_text(path: &[String]) -> String {
    path.iter().map(|step| step.replace('~', "~0").replace('/', "~1")).collect::<Vec<_>>().join("/")
}

/// One of the two documents, and what things are called in it.
struct Side<'a> {
    document: &'a Value,
    model: Option<Model>,
    items: HashMap<&'a str, (&'a str, &'a Value)>,
}

impl<'a> Side<'a> {
    fn new(document: &'a Value) -> Self {
        let mut items = HashMap::new();
        for section in list(document, "sections") {
            let id = section.get("id").and_then(Value::as_str).unwrap_or_default();
            for item in list(section, "items") {
                if let Some(item_id) = item.get("id").and_then(Value::as_str) {
                    items.insert(item_id, (id, item));
                }
            }
        }
        Self { document, model: Model::read(document).ok(), items }
    }

    fn item(&self, id: &str) -> Option<&LineItem> {
        self.model.as_ref()?.item(&ItemId(id.to_owned()))
    }

    /// The label of what stands in the list `name` with this id.
    fn label_in(&self, name: &str, id: &str) -> Option<&'a str> {
        let found = list(self.document, name).iter().find(|item| item.get("id").and_then(Value::as_str) == Some(id))?;
        found.get("label")?.as_str()
    }

    fn item_label(&self, id: &str) -> Option<&'a str> {
        self.items.get(id)?.1.get("label")?.as_str()
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Says differences between two documents in words.
pub(super) struct Describer<'a> {
    before: Side<'a>,
    after: Side<'a>,
}

impl<'a> Describer<'a> {
    pub(super) fn new(before: &'a Value, after: &'a Value) -> Self {
        Self { before: Side::new(before), after: Side::new(after) }
    }

    /// Whether it is a row that came or went with its whole section, which is told of already.
    fn goes_with_section(&self, found: &Difference<'_>) -> bool {
        let [first, id] = found.path.as_slice() else { return false };
        let is_gone = |side: &Side<'_>, other: &Side<'_>| {
            side.items.get(id.as_str()).is_some_and(|(section, _)| {
                !list(other.document, "sections")
                    .iter()
                    .any(|other| other.get("id").and_then(Value::as_str) == Some(section))
            })
        };
        first == "items"
            && match found.edit {
                Edit::Removed(_) => is_gone(&self.before, &self.after),
                Edit::Added(_) => is_gone(&self.after, &self.before),
                Edit::Changed { .. } | Edit::Moved => false,
            }
    }

    pub(super) fn change(&self, found: &Difference<'_>) -> Change {
        let kind = match found.edit {
            Edit::Added(_) => ChangeKind::Added,
            Edit::Removed(_) => ChangeKind::Removed,
            Edit::Changed { .. } => ChangeKind::Changed,
            Edit::Moved => ChangeKind::Moved,
        };
        let Named { label, period, field, cell } = self.named(&found.path);
        let (old, new) = (found.edit.before(), found.edit.after());
        let mut change = Change {
            kind,
            path: path_text(&found.path),
            label,
            period,
            field,
            cell,
            before: None,
            after: None,
            spans: Vec::new(),
        };
        if let (Some(Value::String(old)), Some(Value::String(new))) = (old, new)
            && old.chars().chain(new.chars()).nth(LONG_TEXT_CHARS).is_some()
        {
            change.spans = text_spans(old, &TextOp::diff(old, new)).0;
            return change;
        }
        change.before = old.map(|value| self.shown(&self.before, &found.path, value));
        change.after = new.map(|value| self.shown(&self.after, &found.path, value));
        if kind == ChangeKind::Moved
            && let [first, id] = found.path.as_slice()
            && first == "items"
        {
            let heading = |side: &Side<'_>| {
                let section = side.items.get(id.as_str())?.0;
                side.label_in("sections", section).map(str::to_owned)
            };
            (change.before, change.after) = (heading(&self.before), heading(&self.after));
        }
        change
    }

    /// The value at `path` of a document, as one would enter it.
    pub(super) fn shown_before(&self, path: &[String], value: &Value) -> String {
        self.shown(&self.before, path, value)
    }

    /// The same in the document after.
    pub(super) fn shown_after(&self, path: &[String], value: &Value) -> String {
        self.shown(&self.after, path, value)
    }

    fn shown(&self, side: &Side<'_>, path: &[String], value: &Value) -> String {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        let entry_of = |id: &str| Some(entry_text(value, side.item(id)?, side.model.as_ref()?));
        let text = match steps.as_slice() {
            ["items", id, "value"] | ["items", id, "values", _] => entry_of(id),
            ["items", _, "formula"] => match (value, &side.model) {
                (Value::String(stored), Some(model)) => {
                    Some(format!("={}", crate::model::formula::to_display(stored, model)))
                }
                _ => None,
            },
            ["scenarios", _, "entries", cell] => CellRef::parse(cell).and_then(|cell| entry_of(&cell.item.0)),
            ["outputs", id] => side.item_label(id).map(str::to_owned),
            [_, _] => value.get("label").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        };
        shortened(&text.unwrap_or_else(|| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }))
    }

    fn named(&self, path: &[String]) -> Named {
        let steps: Vec<&str> = path.iter().map(String::as_str).collect();
        match steps.as_slice() {
            ["items", id, "values", period] => self.cell(id, Some(period), "value"),
            ["items", id, "value"] => self.cell(id, None, "value"),
            ["items", id, rest @ ..] => Named::new(self.item(id), rest.join(" ")),
            [first @ ("distributions" | "notes"), key] => {
                let field = if *first == "notes" { "note" } else { "distribution" };
                match CellRef::parse(key) {
                    Some(cell) => self.cell(&cell.item.0, cell.period.as_ref().map(|id| id.0.as_str()), field),
                    None => Named::new((*key).to_owned(), field.to_owned()),
                }
            }
            ["scenarios", id, "entries", key] => {
                let scenario = self.in_list("scenarios", id);
                match CellRef::parse(key) {
                    Some(cell) => {
                        let period = cell.period.as_ref().map(|id| id.0.as_str());
                        let named = self.cell(&cell.item.0, period, "scenario");
                        Named { label: format!("{} in {scenario}", named.label), cell: None, ..named }
                    }
                    None => Named::new(scenario, (*key).to_owned()),
                }
            }
            ["correlations", pair] => {
                let cells = pair.split(' ').map(|key| match CellRef::parse(key) {
                    Some(cell) => self.item(&cell.item.0),
                    None => key.to_owned(),
                });
                Named::new(cells.collect::<Vec<_>>().join(" and "), "correlation".to_owned())
            }
            ["outputs", id] => Named::new(self.item(id), "output".to_owned()),
            [list @ ("sections" | "periods" | "scenarios" | "ranges"), id, rest @ ..] => {
                Named::new(self.in_list(list, id), rest.join(" "))
            }
            [] => Named::new("document".to_owned(), String::new()),
            [first, rest @ ..] => Named::new((*first).to_owned(), rest.join(" ")),
        }
    }

    fn cell(&self, item: &str, period: Option<&str>, field: &str) -> Named {
        let name = period.map(|period| self.in_list("periods", period));
        let period = period.map(|period| PeriodId(period.to_owned()));
        let cell = CellRef { item: ItemId(item.to_owned()), period };
        Named { period: name, cell: Some(cell), ..Named::new(self.item(item), field.to_owned()) }
    }

    fn item(&self, id: &str) -> String {
        let label = self.after.item_label(id).or_else(|| self.before.item_label(id));
        shortened(label.filter(|label| !label.is_empty()).unwrap_or(id))
    }

    fn in_list(&self, list: &str, id: &str) -> String {
        let label = self.after.label_in(list, id).or_else(|| self.before.label_in(list, id));
        shortened(label.filter(|label| !label.is_empty()).unwrap_or(id))
    }
}

struct Named {
    label: String,
    period: Option<String>,
    field: String,
    cell: Option<CellRef>,
}

impl Named {
    fn new(label: String, field: String) -> Self {
        Self { label: shortened(&label), period: None, field: shortened(&field), cell: None }
    }
}

/// An entry of the row `item` as one would enter it.
pub(super) fn entry_text(value: &Value, item: &LineItem, model: &Model) -> String {
    let entry = match value {
        Value::Number(number) => number.as_f64().map(Entry::Number),
        Value::String(text) => text.strip_prefix('=').map(|formula| Entry::Formula(formula.to_owned())),
        _ => None,
    };
    entry.map_or_else(|| value.to_string(), |entry| text_of(&entry, item, model))
}

/// The text, or its beginning where it is long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(CHANGE_TEXT_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::apple_dcf;

    fn edited(edit: impl Fn(&mut Value)) -> Vec<Change> {
        let before = apple_dcf().unwrap();
        let mut after = before.clone();
        edit(&mut after);
        let comparison = changes(&before, &after);
        assert!(comparison.is_complete);
        comparison.changes
    }

    fn op(edit: impl Fn(&Value) -> ot_core::json::JsonOp) -> Vec<Change> {
        use ot_core::OtType;
        edited(|document| ot_core::json::Json::apply(document, &edit(&document.clone())).unwrap())
    }

    #[test]
    fn a_cell_is_told_as_people_enter_it() {
        use crate::model::edit::enter;
        let document = apple_dcf().unwrap();
        let model = Model::read(&document).unwrap();
        let growth = model.items().find(|item| item.name == "terminal_growth").unwrap();
        let told = op(|document| enter(document, &CellRef::single(growth.id.clone()), "2.75%").unwrap());
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].kind, told[0].field.as_str()), (ChangeKind::Changed, "value"));
        assert_eq!((told[0].label.as_str(), told[0].after.as_deref()), (growth.label.as_str(), Some("2.75%")));
        assert_eq!(told[0].cell, Some(CellRef::single(growth.id.clone())));
        assert_eq!(told[0].path, format!("items/{}/value", growth.id));
        let sales = model.items().find(|item| item.name == "net_sales").unwrap();
        let period = &model.periods[0];
        let cell = CellRef { item: sales.id.clone(), period: Some(period.id.clone()) };
        let told = op(|document| enter(document, &cell, "=terminal_growth*2").unwrap());
        assert_eq!((told[0].period.as_deref(), told[0].cell.as_ref()), (Some(period.label.as_str()), Some(&cell)));
        assert_eq!(told[0].after.as_deref(), Some("=terminal_growth*2"));
    }

    #[test]
    fn a_section_that_goes_is_one_change_with_all_its_rows() {
        let told = edited(|document| {
            document["sections"].as_array_mut().unwrap().remove(1);
        });
        let sections: Vec<_> = told.iter().filter(|change| change.kind == ChangeKind::Removed).collect();
        assert_eq!(sections.len(), 1);
        assert!(sections[0].path.starts_with("sections/"));
        assert_eq!(sections[0].before.as_deref(), Some(sections[0].label.as_str()));
    }

    #[test]
    fn of_long_texts_what_went_and_came_is_told() {
        let told = edited(|document| {
            let about = document["about"].as_str().unwrap_or_default().to_owned();
            document["about"] = format!("{}{about}More.", "Words. ".repeat(100)).into();
        });
        assert_eq!(told.len(), 1);
        assert!(told[0].kind == ChangeKind::Added || !told[0].spans.is_empty());
    }

    #[test]
    fn a_million_changes_are_told_in_part() {
        let (before, mut after) = (apple_dcf().unwrap(), apple_dcf().unwrap());
        let notes: serde_json::Map<String, Value> =
            (0..DIFF_CHANGES + 1).map(|number| (format!("x{number}"), "note".into())).collect();
        after["notes"] = notes.into();
        let comparison = changes(&before, &after);
        assert_eq!((comparison.changes.len(), comparison.is_complete), (DIFF_CHANGES, false));
    }
}
