//! What the fuzzers try: any text, any document, from any bytes. What must never happen panics.

use coval_shared::analysis::Analysis;
use coval_shared::analysis::goal_seek::{Goal, GoalSeek};
use coval_shared::analysis::sensitivity::{Axis, Sensitivity};
use coval_shared::analysis::tornado::TornadoAnalysis;
#[cfg(feature = "message-pack")]
use coval_shared::limits::CLIENT_FRAME_BYTES;
use coval_shared::model::formula::{to_display, to_stored};
use coval_shared::model::{Calculation, CellRef, CellValue, Model, Value, calc, edit, functions, outputs};
#[cfg(feature = "message-pack")]
use coval_shared::protocol::message_pack;
use coval_shared::protocol::{ClientMessage, ClientSaid, DocumentId, FromClient};
use coval_shared::spreadsheet::{Cached, Cell, Content, Place, Sheet, Workbook, export, import, parse_csv, to_csv};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::bodies;
use crate::documents::{applied, cell, full, over_periods, with_single};

/// Tries what the bytes describe.
pub(crate) type Target = fn(&[u8]);

/// The targets with their names.
pub(crate) const TARGETS: &[(&str, Target)] = &[
    ("calc-text", |bytes| expression(&String::from_utf8_lossy(bytes))),
    ("calc-call", |bytes| expression(&Choices(bytes).call(0))),
    ("enter-text", entering),
    ("model-json", json_documents),
    ("model-changed", changed_documents),
    ("model-calculated", calculation),
    ("analysis", analyses),
    ("import-csv", |bytes| csv(&String::from_utf8_lossy(bytes))),
    ("import-workbook", workbooks),
    ("export", exports),
    ("client-message-json", |bytes| said(serde_json::from_slice(bytes).ok())),
    ("rest-body", bodies::any_body),
    #[cfg(feature = "message-pack")]
    ("frame", bodies::frame),
    #[cfg(feature = "message-pack")]
    ("client-message-pack", |bytes| said(message_pack::read(bytes, CLIENT_FRAME_BYTES).ok())),
];

/// What a stranger sends is no message, or one that is the same again after it was written in any form.
fn said(said: Option<ClientSaid>) {
    let (message, number) = match said.clone() {
        None => return,
        Some(ClientSaid::Named(message)) => (message, None),
        Some(ClientSaid::Edit(number, sequence, base, op)) => {
            let document = DocumentId(Uuid::nil());
            (ClientMessage::DocumentEdit { document, sequence, base, op }, Some(number))
        }
    };
    let written = FromClient { message: &message, number };
    let text = serde_json::to_string(&written).unwrap();
    assert_eq!(serde_json::from_str::<ClientSaid>(&text).ok(), said, "{text}");
    #[cfg(feature = "message-pack")]
    {
        let bytes = message_pack::write(&written).unwrap();
        assert_eq!(message_pack::read::<ClientSaid>(&bytes, usize::MAX).ok(), said, "{text}");
    }
}

/// Bytes as choices: one for few options, two for many, and the first option past the end.
struct Choices<'a>(&'a [u8]);

const ROWS: [&str; 5] = ["a", "b", "c", "d", "e"];
const NUMBERS: [&str; 24] = [
    "0", "1", "-1", "2", "0.5", "-0.1", "1.5", "12", "100", "-300", "3.7", "1e-9", "1e9", "1e15", "-1e300", "1e308",
    "5%", "36526", "43831.9", "45927", "60", "2958465", "-2", "0.0001",
];

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_at(1.min(self.0.len()));
        self.0 = rest;
        first.first().copied().unwrap_or_default()
    }

    fn below(&mut self, limit: usize) -> usize {
        let first = usize::from(self.byte());
        if limit <= 256 { first % limit } else { (first << 8 | usize::from(self.byte())) % limit }
    }

    fn pick<'a>(&mut self, options: &[&'a str]) -> &'a str {
        options[self.below(options.len())]
    }

    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// A call of any function with any arguments, as people would write it.
    fn call(&mut self, depth: usize) -> String {
        let count = functions().count();
        let index = self.below(count.max(257));
        let name = functions().nth(index % count).unwrap().name;
        let arguments: Vec<String> = (0..self.below(10)).map(|_| self.part(depth + 1)).collect();
        format!("{name}({})", arguments.join(", "))
    }

    /// A formula, or a part of one; stored rows stand in it.
    fn part(&mut self, depth: usize) -> String {
        if depth > 4 || self.is_at_end() {
            return self.pick(&NUMBERS).to_owned();
        }
        let row = self.pick(&ROWS);
        match self.below(24) {
            0..=6 => self.pick(&NUMBERS).to_owned(),
            7 | 8 => format!("{{i-{row}}}"),
            9 => format!("prev({{i-{row}}})"),
            10 => format!("prev({{i-{row}}}, {})", self.part(depth + 1)),
            11 => format!("{{i-{row}}}[t{}]", self.pick(&["", "-1", "+1", "-2", "+700"])),
            12 => format!("{{i-{row}}}[{}]", self.pick(&["..", "..t", "t..", "t-1..t", "..t-1", "t+1..t-1"])),
            13 => "{i-x}".to_owned(),
            14 => {
                self.pick(&["TRUE", "FALSE", "\"call\"", "\"\"", "\"european\"", "nobody", "{gone}", "t()"]).to_owned()
            }
            15 | 16 => {
                let items: Vec<String> = (0..self.below(6)).map(|_| self.part(depth + 2)).collect();
                format!("[{}]", items.join(", "))
            }
            17 => format!("(-{})", self.part(depth + 1)),
            18 | 19 => {
                let left = self.part(depth + 1);
                let operator = self.pick(&["+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">="]);
                format!("({left} {operator} {})", self.part(depth + 1))
            }
            20 => String::new(),
            _ => self.call(depth),
        }
    }

    /// What stands in a cell: nothing, a number or a formula.
    fn entry(&mut self) -> Json {
        match self.below(4) {
            0 => Json::Null,
            1 => json!(f64::from(self.byte()) / 8.0 - 16.0),
            _ => json!(format!("={}", self.part(0))),
        }
    }

    /// A model of formulas.
    fn document(&mut self) -> Json {
        let periods = 1 + self.below(4);
        let rows: Vec<(&str, Option<String>, Vec<Json>)> = ROWS
            .iter()
            .map(|name| {
                let formula = (self.below(3) > 0).then(|| self.part(0));
                (*name, formula, (0..periods).map(|_| self.entry()).collect())
            })
            .collect();
        let rows: Vec<_> =
            rows.iter().map(|(name, formula, entries)| (*name, formula.as_deref(), &entries[..])).collect();
        let mut document = with_single(over_periods(periods, &rows), "x", Some(&self.part(0)), None);
        if self.below(2) == 1 {
            document["schema"] = json!(2);
            document["iteration"] = json!({"max_rounds": 1 + self.below(30), "tolerance": 1e-6});
            let entries = json!({"i-a@p0": self.entry(), "i-x": self.entry()});
            let entries: serde_json::Map<String, Json> =
                entries.as_object().unwrap().clone().into_iter().filter(|(_, entry)| !entry.is_null()).collect();
            document["scenarios"] = json!([{"id": "s", "name": "s", "label": "S", "note": "", "entries": entries}]);
        }
        document
    }

    /// A cell of a model of [`Self::document`], or of none.
    fn cell(&mut self) -> CellRef {
        match self.below(8) {
            0 => cell("i-x", ""),
            1 => cell("gone", ""),
            _ => {
                let row = self.pick(&ROWS);
                cell(&format!("i-{row}"), &format!("p{}", self.below(5)))
            }
        }
    }

    /// A formula as spreadsheets have them.
    fn excel(&mut self, depth: usize) -> String {
        if depth > 4 || self.is_at_end() {
            return self.pick(&NUMBERS).to_owned();
        }
        let column = self.pick(&["A", "B", "C", "D", "$B", "XFD"]);
        let row = self.pick(&["1", "2", "3", "$2", "4", "1048576"]);
        match self.below(14) {
            0..=2 => self.pick(&NUMBERS).to_owned(),
            3 | 4 => format!("{column}{row}"),
            5 => format!("{column}{row}:{}{row}", self.pick(&["A", "D", "$C"])),
            6 => format!("'Sheet two'!{column}{row}"),
            7 => self
                .pick(&["$A:$A", "2:3", "TRUE", "#REF!", "wacc", "{1,2;3,4}", "[1]Other!A1", "\"a\"\"b\""])
                .to_owned(),
            8 | 9 => {
                let operator = self.pick(&["+", "-", "*", "/", "^", "&", "=", "<>", "<=", ">", " "]);
                format!("({}{operator}{})", self.excel(depth + 1), self.excel(depth + 1))
            }
            10 => format!("-{}%", self.excel(depth + 1)),
            _ => {
                let count = functions().count();
                let index = self.below(count.max(257));
                let name = match index % (count + 4) {
                    other if other >= count => self.pick(&["OFFSET", "INDIRECT", "SUBTOTAL", "_xlfn.XLOOKUP"]),
                    index => functions().nth(index).unwrap().name,
                };
                let arguments: Vec<String> = (0..self.below(5)).map(|_| self.excel(depth + 1)).collect();
                format!("{}({})", name.to_uppercase(), arguments.join(","))
            }
        }
    }

    fn content(&mut self) -> Content {
        match self.below(6) {
            0 => Content::Empty,
            1 => Content::Number(f64::from(self.byte()) - 100.0),
            2 => Content::Number(f64::from(self.byte()) + 1_990.0),
            3 => Content::Text(
                self.pick(&[
                    "2024A",
                    "2025E",
                    "Q1 2025",
                    "Sales",
                    "Cost",
                    "12/31/2024",
                    "FY25",
                    "x",
                    "Total",
                    "Forecast",
                ])
                .to_owned(),
            ),
            _ => {
                let cached = match self.below(4) {
                    0 => Cached::Blank,
                    1 => Cached::Text("x".to_owned()),
                    2 => Cached::Error("#DIV/0!".to_owned()),
                    _ => Cached::Number(f64::from(self.byte())),
                };
                Content::Formula { text: self.excel(0), cached }
            }
        }
    }

    /// Any small JSON value.
    fn value(&mut self, depth: usize) -> Json {
        match self.below(if depth > 3 { 9 } else { 12 }) {
            0 => Json::Null,
            1 => json!(self.byte().is_multiple_of(2)),
            2 => json!(i64::from(self.byte()) - 128),
            3 => {
                json!(self.pick(&["p0", "i-sales", "i-tax", "i-growth@p1", "single", "period", "percent", "date", ""]))
            }
            4 => json!(self.pick(&["year", "stub", "2024-02-30", "2025-01-01", "normal", "discrete", "pert"])),
            5 => json!(format!("={}", self.part(2))),
            6 => json!(self.part(2)),
            7 => json!(1e300),
            8 => json!("x".repeat(self.below(5_000))),
            9 => (0..self.below(5)).map(|_| self.value(depth + 1)).collect(),
            _ => (0..self.below(5)).map(|_| (self.key().to_owned(), self.value(depth + 1))).collect(),
        }
    }

    fn key(&mut self) -> &'static str {
        const KEYS: [&str; 30] = [
            "id",
            "name",
            "label",
            "kind",
            "values",
            "value",
            "formula",
            "span",
            "format",
            "unit",
            "note",
            "start",
            "end",
            "length",
            "entries",
            "mean",
            "sd",
            "low",
            "high",
            "mode",
            "weights",
            "rho",
            "a",
            "b",
            "max_rounds",
            "tolerance",
            "link",
            "sheet",
            "p0",
            "i-tax",
        ];
        self.pick(&KEYS)
    }
}

fn expression(text: &str) {
    match calc(text) {
        Ok(value) => assert_is_finite(text, &value),
        Err(error) => {
            assert!(!error.message.is_empty(), "{text:?}");
            let characters = text.trim().chars().count();
            let is_inside = |span: &std::ops::Range<usize>| span.start <= span.end && span.end <= characters;
            assert!(error.span.as_ref().is_none_or(is_inside), "{text:?}: {error:?}");
        }
    }
}

fn assert_is_finite(text: &str, value: &Value) {
    let is_fine = match value {
        Value::Blank | Value::Text(_) => true,
        Value::Number(number) => number.is_finite(),
        Value::List(values) => values.iter().all(is_finite),
    };
    assert!(is_fine, "{text:?}: {value:?}");
}

fn is_finite(value: &CellValue) -> bool {
    match value {
        CellValue::Number(number) => number.is_finite(),
        CellValue::Blank | CellValue::Text(_) | CellValue::Error(_) => true,
    }
}

/// What somebody enters can be stored, is shown so that entering it again changes nothing, and calculates.
fn entering(bytes: &[u8]) {
    let document = full();
    let text = String::from_utf8_lossy(bytes);
    for cell in [cell("i-sales", "p1"), cell("i-tax", "")] {
        let Ok(op) = edit::enter(&document, &cell, &text) else { continue };
        let after = applied(&document, &op);
        // A text beyond the limits of a model is refused with the document that it would leave.
        let Ok(model) = Model::read(&after) else { continue };
        calculated(&model);
        let shown = edit::entry_text(&model, &cell);
        let again = applied(&after, &edit::enter(&after, &cell, &shown).unwrap());
        assert_eq!(after, again, "{text:?} is shown as {shown:?}");
    }
    let model = Model::read(&document).unwrap();
    let stored = to_stored(&text, &model);
    let shown = to_display(&stored, &model);
    assert_eq!(to_stored(&shown, &model), stored, "{text:?} is shown as {shown:?}");
}

fn calculated(model: &Model) -> Calculation {
    let calculation = Calculation::new(model);
    for cell in model.cells() {
        assert!(is_finite(calculation.value(&cell)), "{cell:?}: {:?}", calculation.value(&cell));
    }
    assert!(outputs(model, &calculation).len() <= model.outputs.len());
    calculation
}

fn read_and_calculated(document: &Json) {
    if let Ok(model) = Model::read(document) {
        calculated(&model);
        for scenario in &model.scenarios {
            calculated(&model.under(&scenario.id));
        }
    }
    if let Ok(op) = coval_shared::model::edit::migrate(document) {
        Model::read(&applied(document, &op)).unwrap();
    }
}

/// Bytes that may be JSON.
fn json_documents(bytes: &[u8]) {
    if let Ok(document) = serde_json::from_slice(bytes) {
        read_and_calculated(&document);
    }
}

/// A model in which something was changed into anything.
fn changed_documents(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut document = full();
    while !choices.is_at_end() {
        let mut place = &mut document;
        for _ in 0..choices.below(7) {
            let length = place.as_array().map(Vec::len).or(place.as_object().map(|fields| fields.len())).unwrap_or(0);
            if length == 0 {
                break;
            }
            let step = choices.below(length);
            place = match place {
                Json::Array(items) => &mut items[step],
                Json::Object(fields) => fields.values_mut().nth(step).unwrap(),
                _ => unreachable!("it has a length"),
            };
        }
        match (choices.below(4), place) {
            (0, Json::Object(fields)) => {
                fields.insert(choices.key().to_owned(), choices.value(0));
            }
            (1, Json::Object(fields)) => {
                fields.remove(choices.key());
            }
            (2, Json::Array(items)) => {
                let copy = items.first().cloned().unwrap_or_else(|| choices.value(0));
                items.push(copy);
            }
            (_, place) => *place = choices.value(0),
        }
        read_and_calculated(&document);
    }
}

/// A model of formulas, edits of it and what-ifs: what is kept up to date is what is calculated afresh.
fn calculation(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut document = choices.document();
    let Ok(mut model) = Model::read(&document) else { return };
    let periods = model.periods.len();
    let mut kept = calculated(&model);
    for _ in 0..4 {
        if choices.is_at_end() {
            break;
        }
        let row = choices.below(ROWS.len());
        let period = format!("p{}", choices.below(periods));
        let place = cell(&format!("i-{}", ROWS[row]), &period);
        if choices.below(2) == 0 {
            kept.set(&place, Some(f64::from(choices.byte())));
            kept.set(&place, None);
        } else {
            document["sections"][0]["items"][row]["values"][&period] = choices.entry();
            if document["sections"][0]["items"][row]["values"][&period].is_null() {
                document["sections"][0]["items"][row]["values"].as_object_mut().unwrap().remove(&period);
            }
            let Ok(next) = Model::read(&document) else { return };
            model = next;
            kept.update(&model);
        }
        assert_same(&model, &kept, &calculated(&model));
    }
    for cell in model.cells() {
        let needs = |other: &CellRef| kept.dependents(other).contains(&cell);
        assert!(kept.precedents(&cell).iter().all(needs), "{cell:?}");
    }
}

/// Analyses of a model end, and leave nothing that is no number.
fn analyses(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let Ok(model) = Model::read(&choices.document()) else { return };
    let (input, output) = (choices.cell(), choices.cell());
    let target = f64::from(choices.byte()) - 100.0;
    let bounds = (choices.below(2) == 0).then(|| (f64::from(choices.byte()) - 200.0, f64::from(choices.byte())));
    let goal = Goal { input: input.clone(), output: output.clone(), target, bounds };
    if let Ok(mut seek) = GoalSeek::new(&model, &goal) {
        let mut steps = 0;
        while seek.step() {
            steps += 1;
            assert!(steps <= 5_000, "{goal:?} does not end");
        }
        let sought = seek.into_outcome();
        assert!(sought.nearest.is_none_or(|nearest| nearest.input.is_finite() && nearest.output.is_finite()));
    }
    let axis = |cell: CellRef, choices: &mut Choices<'_>| {
        Axis::around(cell, f64::from(choices.byte()), f64::from(choices.byte()) / 8.0, choices.byte() % 4)
    };
    if let (Ok(down), Ok(across)) = (axis(input.clone(), &mut choices), axis(choices.cell(), &mut choices))
        && let Ok(sensitivity) = Sensitivity::new(&model, &down, Some(&across), std::slice::from_ref(&output))
    {
        sensitivity.finish();
    }
    if let Ok(tornado) = TornadoAnalysis::of_all(&model, &output, 0.1) {
        tornado.finish();
    }
}

fn csv(text: &str) {
    if let Ok(workbook) = parse_csv(text) {
        imported(&workbook);
    }
}

/// What is imported is a model.
fn imported(workbook: &Workbook) {
    if let Ok(imported) = import(workbook) {
        calculated(&Model::read(&imported.document).unwrap());
    }
}

fn workbooks(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut workbook = Workbook::default();
    for name in ["Sheet one", "Sheet two"] {
        let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
        for _ in 0..choices.below(40) {
            let place = match choices.below(40) {
                0 => Place::new(1_048_575, 16_383),
                _ => Place::new(choices.byte().into(), u32::from(choices.byte() % 8)),
            };
            let place = Place::new(if place.row < 256 { place.row % 8 } else { place.row }, place.column);
            let content = choices.content();
            sheet.cells.insert(place, Cell { content, ..Cell::default() });
        }
        workbook.sheets.push(sheet);
    }
    workbook.names.push(("wacc".to_owned(), choices.excel(3)));
    imported(&workbook);
}

/// Every model has a workbook, and the workbook is a model again.
fn exports(bytes: &[u8]) {
    let Ok(model) = Model::read(&Choices(bytes).document()) else { return };
    imported(&export(&model, "Model").workbook);
    assert!(!to_csv(&model, &Calculation::new(&model)).is_empty());
}

fn assert_same(model: &Model, kept: &Calculation, fresh: &Calculation) {
    for cell in model.cells() {
        assert_eq!(kept.value(&cell), fresh.value(&cell), "{cell:?}");
    }
}
