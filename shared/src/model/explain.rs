//! A cell in words and numbers.

use std::fmt;

use serde::Serialize;

use super::program::{Node, Program};
use super::{Calculation, CellRef, CellValue, Entry, LineItem, Model, NumberFormat, Scenario, Span};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nothing was entered, and the row has no formula.
    Empty,
    /// Somebody entered a number.
    Input,
    /// Somebody entered a number or a formula in place of the row's formula.
    Override,
    /// The formula of the row.
    RowFormula,
    /// A formula that somebody entered in this cell, of a row without one.
    CellFormula,
    /// The scenario of that label puts it there in place of what the model holds.
    Scenario(String),
    /// Another model, of that id, gives it.
    Link(String),
    /// A number that was put there to see what follows.
    WhatIf,
}

/// A cell in words and numbers: what it comes to, and how.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The cell, with what it comes to.
    pub cell: Part,
    /// Where that comes from.
    pub origin: Origin,
    /// The formula as people see it, without an equals sign, if the cell has one.
    pub formula: Option<String>,
    /// The formula with values, as they are shown, in place of names.
    pub with_values: Option<String>,
    /// What the formula names, in order, each once. Rows and ranges give one part for each of their periods.
    pub parts: Vec<Part>,
    /// How many more parts there are than are told.
    pub parts_left_out: usize,
    /// Where the row's figures come from.
    pub note: String,
    /// What somebody wrote on the cell.
    pub cell_note: String,
    /// In how many rounds the circle in which the cell stands settled, if it stands in one that did.
    pub rounds: Option<u32>,
}

/// A cell with its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The cell.
    pub cell: CellRef,
    /// What formulas and commands call it: `net_sales@2025E`.
    pub name: String,
    /// What people call its row.
    pub label: String,
    /// The unit of its number.
    pub unit: String,
    /// Its number, if it has one.
    pub number: Option<f64>,
    /// Its value as it is shown; of an error the code.
    pub shown: String,
    /// Why it has no value.
    pub error: Option<String>,
}

/// The most parts that are told.
const MAX_PARTS: usize = 64;

/// The most values of one row or range in a formula with values.
const MAX_SHOWN: usize = 8;

/// Explains `cell` of `model`, as `calculation` has calculated it under `scenario`. Nothing, if there is no such cell.
#[must_use]
pub fn explain(
    model: &Model,
    scenario: Option<&Scenario>,
    calculation: &Calculation,
    cell: &CellRef,
) -> Option<Explanation> {
    let item = model.item(&cell.item)?;
    let program = calculation.program();
    let number = program.shape.cell(cell)?;
    let formula = program.formula(number);
    let mut explanation = Explanation {
        cell: part(model, calculation, cell),
        origin: origin(model, scenario, calculation, item, cell),
        formula: None,
        with_values: None,
        parts: Vec::new(),
        parts_left_out: 0,
        note: item.note.clone(),
        cell_note: model.notes.get(cell).cloned().unwrap_or_default(),
        rounds: None,
    };
    if let Some(formula) = formula {
        explanation.formula = Some(super::formula::to_display(formula.stored(), model));
        let mut references = Vec::new();
        visit_references(&formula.node, program, number, &mut references);
        explanation.with_values = Some(with_values(formula.stored(), &references, model, calculation));
        for cell in references.iter().flat_map(|reference| &reference.cells) {
            if explanation.parts.iter().any(|part| part.cell == *cell) {
                continue;
            }
            if explanation.parts.len() < MAX_PARTS {
                explanation.parts.push(part(model, calculation, cell));
            } else {
                explanation.parts_left_out += 1;
            }
        }
    }
    let circle = calculation.convergence().iter().find(|circle| circle.has_settled && circle.cells.contains(cell));
    explanation.rounds = circle.map(|circle| circle.rounds);
    Some(explanation)
}

/// A value as it is shown in `format`; of an error the code.
#[must_use]
pub fn display(value: &CellValue, format: NumberFormat) -> String {
    match value {
        CellValue::Blank => String::new(),
        CellValue::Number(number) => format.display(*number),
        CellValue::Text(text) => text.to_string(),
        CellValue::Error(error) => ["#", error.code.as_str()].concat(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { name, label, .. } = &self.cell;
        writeln!(f, "{name}: {label}")?;
        writeln!(f, "  {}", value_and_unit(&self.cell))?;
        if let Some(formula) = &self.formula {
            writeln!(f, "  = {formula}")?;
        }
        if self.with_values != self.formula
            && let Some(with_values) = &self.with_values
        {
            writeln!(f, "  = {with_values}")?;
        }
        if let Some(error) = &self.cell.error {
            writeln!(f, "  {error}")?;
        }
        writeln!(f, "  from {}", self.origin)?;
        if let Some(rounds) = self.rounds {
            writeln!(f, "  part of a circle that settled in {rounds} rounds")?;
        }
        let width = |text: fn(&Part) -> &str| {
            self.parts.iter().map(|part| text(part).chars().count()).max().unwrap_or_default()
        };
        let (names, labels) = (width(|part| &part.name), width(|part| &part.label));
        for part in &self.parts {
            writeln!(f, "    {:names$}  {:labels$}  {}", part.name, part.label, value_and_unit(part))?;
        }
        if self.parts_left_out > 0 {
            writeln!(f, "    and {} more", self.parts_left_out)?;
        }
        for note in [&self.note, &self.cell_note].into_iter().filter(|note| !note.is_empty()) {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing: no entry and no formula"),
            Self::Input => f.write_str("a number that was entered"),
            Self::Override => f.write_str("an entry in place of the row's formula"),
            Self::RowFormula => f.write_str("the formula of the row"),
            Self::CellFormula => f.write_str("a formula that was entered in the cell"),
            Self::Scenario(label) => write!(f, "the scenario {label}"),
            Self::Link(document) => write!(f, "the model {document}"),
            Self::WhatIf => f.write_str("a number to see what follows from it"),
        }
    }
}

/// What a formula names at one place, seen from one cell.
struct Named {
    /// In code points of the stored formula.
    start: usize,
    end: usize,
    cells: Vec<CellRef>,
    is_list: bool,
}

fn visit_references(node: &Node, program: &Program, cell: usize, references: &mut Vec<Named>) {
    if let Some(need) = node.need() {
        let cells = need.cells(program.shape.period_of(cell), program.shape.periods.len());
        let span = node.span();
        references.push(Named {
            start: span.start,
            end: span.end,
            cells: cells.map(|cell| program.shape.cell_ref(cell)).collect(),
            is_list: matches!(node, Node::Range { .. }),
        });
    }
    node.parts().for_each(|part| visit_references(part, program, cell, references));
}

/// The formula with values in place of what it names. Names of rows that are not there stay.
fn with_values(stored: &str, references: &[Named], model: &Model, calculation: &Calculation) -> String {
    let mut places: Vec<&Named> = references.iter().collect();
    places.sort_by_key(|reference| reference.start);
    let mut rest = stored.chars();
    let (mut position, mut shown) = (0, String::new());
    for Named { start, end, cells, is_list } in places {
        shown.extend(rest.by_ref().take(start.saturating_sub(position)));
        rest.by_ref().take(end.saturating_sub(*start)).for_each(drop);
        position = *end;
        let value = |cell: &CellRef| match calculation.value(cell) {
            CellValue::Blank => "blank".to_owned(),
            CellValue::Text(text) => ["\"", text, "\""].concat(),
            value => display(value, model.item(&cell.item).map_or(NumberFormat::Text, |item| item.format)),
        };
        if *is_list {
            let mut values: Vec<String> = cells.iter().take(MAX_SHOWN).map(value).collect();
            if cells.len() > MAX_SHOWN {
                values.push("…".to_owned());
            }
            shown.extend(["[", &values.join(", "), "]"]);
        } else {
            shown.push_str(&cells.first().map_or_else(|| "blank".to_owned(), value));
        }
    }
    shown.extend(rest);
    super::formula::to_display(&shown, model)
}

fn origin(
    model: &Model,
    scenario: Option<&Scenario>,
    calculation: &Calculation,
    item: &LineItem,
    cell: &CellRef,
) -> Origin {
    let entered = scenario.and_then(|scenario| scenario.entries.get(cell).map(|entry| (entry, scenario)));
    let entry = entered.map(|(entry, _)| entry).or_else(|| item.entry(cell.period.as_ref()));
    let is_what_if = match (calculation.source(cell), entry) {
        (Some(number), Some(Entry::Number(entry))) => number.to_bits() != entry.to_bits(),
        (Some(_), _) => true,
        (None, entry) => matches!(entry, Some(Entry::Number(_))),
    };
    if is_what_if {
        return Origin::WhatIf;
    }
    if let Some((_, scenario)) = entered {
        return Origin::Scenario(scenario.label.clone());
    }
    if let (Some(link), Span::Single) = (&item.link, item.span) {
        return Origin::Link(link.document.to_string());
    }
    match super::edit::cell_kind(model, cell) {
        super::CellKind::Empty => Origin::Empty,
        super::CellKind::Input => Origin::Input,
        super::CellKind::Override => Origin::Override,
        super::CellKind::RowFormula => Origin::RowFormula,
        super::CellKind::CellFormula => Origin::CellFormula,
    }
}

fn part(model: &Model, calculation: &Calculation, cell: &CellRef) -> Part {
    let item = model.item(&cell.item);
    let value = calculation.value(cell);
    Part {
        cell: cell.clone(),
        name: model.cell_name(cell),
        label: item.map_or_else(String::new, |item| item.label.clone()),
        unit: item.map_or_else(String::new, |item| item.unit.clone()),
        number: if let CellValue::Number(number) = value { Some(*number) } else { None },
        shown: display(value, item.map_or(NumberFormat::Text, |item| item.format)),
        error: if let CellValue::Error(error) = value { Some(error.to_string()) } else { None },
    }
}

fn value_and_unit(part: &Part) -> String {
    match (part.shown.as_str(), part.unit.as_str()) {
        ("", _) => "blank".to_owned(),
        (shown, unit) if unit.is_empty() || part.number.is_none() => shown.to_owned(),
        (shown, unit) => [shown, " ", unit].concat(),
    }
}
