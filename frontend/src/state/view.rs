//! What cells, rows and people look like, before there is any HTML.

use std::collections::{HashMap, HashSet};

use crate::words;
use coval_shared::model::{
    Calculation, CellKind, CellRef, CellValue, Entry, ItemId, LineItem, Model, Period, PeriodId, ScenarioId, SectionId,
    Span, edit,
};
use coval_shared::protocol::{Person, Selection, UserId};
use ot_core::ClientId;

/// A cell of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct CellView {
    /// What stands in it.
    pub text: String,
    /// The 64 bits of its number in hexadecimal.
    pub bits: Option<String>,
    /// Where its content comes from.
    pub kind: CellKind,
    /// What is wrong, in full, when something is.
    pub error: Option<String>,
    /// Whether what is wrong began in another cell.
    pub is_error_inherited: bool,
    /// Whether the chosen scenario puts its content there in place of the base case's.
    pub is_of_scenario: bool,
    /// Whether another document gives its value.
    pub is_linked: bool,
    /// Whether it changed between the two revisions that are looked at.
    pub is_changed: bool,
}

impl CellView {
    /// The cell `cell` of `model`.
    #[must_use]
    pub fn of(model: &Model, calculation: &Calculation, cell: &CellRef) -> Self {
        match model.item(&cell.item) {
            Some(item) => Self::in_row(model, item, calculation, cell),
            None => Self::empty(),
        }
    }

    /// The same, where `item` is known to be its row.
    #[must_use]
    pub fn in_row(model: &Model, item: &LineItem, calculation: &Calculation, cell: &CellRef) -> Self {
        let kind = kind_in(model, item, cell);
        let mut look = match calculation.value(cell) {
            CellValue::Blank => Self { kind, ..Self::empty() },
            CellValue::Number(number) => {
                Self { text: item.format.display(*number), bits: Some(bits_of(*number)), kind, ..Self::empty() }
            }
            CellValue::Text(text) => Self { text: text.to_string(), kind, ..Self::empty() },
            CellValue::Error(error) => Self {
                text: format!("#{}", error.code),
                kind,
                error: Some(error.to_string()),
                is_error_inherited: error.origin != *cell,
                ..Self::empty()
            },
        };
        let link = item.link.as_ref().filter(|_| look.error.is_none());
        look.is_linked = item.link.is_some() && cell.period.is_none();
        if let Some(problem) = link.and_then(|link| link.problem.as_ref()) {
            look.error = Some(words!(sheet.last_value, value = look.text.clone(), reason = problem.clone()));
        }
        look
    }

    /// An empty cell.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            text: String::new(),
            bits: None,
            kind: CellKind::Empty,
            error: None,
            is_error_inherited: false,
            is_of_scenario: false,
            is_linked: false,
            is_changed: false,
        }
    }

    /// The same under the chosen scenario, if there is one.
    #[must_use]
    pub fn under(mut self, model: &Model, scenario: Option<&ScenarioId>, cell: &CellRef) -> Self {
        let scenario = scenario.and_then(|id| model.scenarios.iter().find(|known| known.id == *id));
        self.is_of_scenario = scenario.is_some_and(|scenario| scenario.entries.contains_key(cell));
        self
    }

    /// Where the content comes from, in words for those who can't see colours.
    #[must_use]
    pub fn kind_words(&self) -> &'static str {
        match self.kind {
            _ if self.is_of_scenario => words!(sheet.is_scenario),
            CellKind::Input => words!(sheet.is_input),
            CellKind::RowFormula => words!(sheet.is_formula),
            CellKind::CellFormula => words!(sheet.is_cell_formula),
            CellKind::Override => words!(sheet.is_override),
            CellKind::Empty => words!(sheet.is_empty),
        }
    }

    /// The same for the style sheet.
    #[must_use]
    pub fn kind_word(&self) -> &'static str {
        match self.kind {
            _ if self.is_of_scenario => "scenario",
            CellKind::Input => "input",
            CellKind::RowFormula => "formula",
            CellKind::CellFormula => "cell-formula",
            CellKind::Override => "override",
            CellKind::Empty => "empty",
        }
    }
}

/// Where the content of `cell` comes from. Numbers that stand in place of the row's formula in the whole history, or in
/// the whole forecast, are inputs: only one that differs from its neighbours is an exception worth a mark.
fn kind_in(model: &Model, item: &LineItem, cell: &CellRef) -> CellKind {
    let period = cell.period.as_ref().and_then(|id| model.period(id));
    let kind = edit::cell_kind_in(item, period);
    let (CellKind::Override, Some(period)) = (kind, period) else {
        return kind;
    };
    let mut alike = model.periods.iter().filter(|other| other.kind == period.kind);
    let is_number = |id: &PeriodId| matches!(item.entry(Some(id)), Some(Entry::Number(_)));
    if alike.all(|other| is_number(&other.id)) { CellKind::Input } else { kind }
}

/// The 16 hexadecimal digits that name a number's 64 bits.
#[must_use]
pub fn bits_of(number: f64) -> String {
    format!("{:016x}", number.to_bits())
}

/// A row as it is shown: its words, and its cells as far as somebody looks at them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowView {
    /// Its words.
    pub words: ItemView,
    /// The looks of its cells by their periods.
    pub cells: HashMap<Option<PeriodId>, CellView>,
}

/// The words of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemView {
    /// What people call it.
    pub label: String,
    /// What formulas call it.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// Where its figures come from.
    pub note: String,
}

impl ItemView {
    /// The words of `item`.
    #[must_use]
    pub fn of(item: &LineItem) -> Self {
        Self { label: item.label.clone(), name: item.name.clone(), unit: item.unit.clone(), note: item.note.clone() }
    }
}

/// A scenario that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioView {
    /// The scenario.
    pub id: ScenarioId,
    /// What people call it.
    pub label: String,
}

/// One row of the grid.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// The head of a section.
    Section {
        /// The section.
        id: SectionId,
        /// What people call it.
        label: String,
    },
    /// A line item.
    Item {
        /// The item.
        id: ItemId,
        /// Whether it has one value or one for each period.
        span: Span,
    },
}

/// Which rows and columns the grid has. Changes seldom, so that most edits leave the grid's frame alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The columns.
    pub periods: Vec<Period>,
    /// The rows, from the top.
    pub rows: Vec<Row>,
}

impl Layout {
    /// The rows and columns of `model`.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut rows = Vec::new();
        for section in &model.sections {
            rows.push(Row::Section { id: section.id.clone(), label: section.label.clone() });
            rows.extend(section.items.iter().map(|item| Row::Item { id: item.id.clone(), span: item.span }));
        }
        Self { periods: model.periods.clone(), rows }
    }

    /// The same without the rows of sections that are `folded`; their heads stay.
    #[must_use]
    pub fn without(&self, folded: &HashSet<SectionId>) -> Self {
        let mut is_folded = false;
        let is_shown = |row: &&Row| match row {
            Row::Section { id, .. } => {
                is_folded = folded.contains(id);
                true
            }
            Row::Item { .. } => !is_folded,
        };
        Self { periods: self.periods.clone(), rows: self.rows.iter().filter(is_shown).cloned().collect() }
    }

    /// The section that `item` stands in.
    #[must_use]
    pub fn section_of(&self, item: &ItemId) -> Option<&SectionId> {
        let place = self.rows.iter().position(|row| matches!(row, Row::Item { id, .. } if id == item))?;
        let head = |row: &&Row| matches!(row, Row::Section { .. });
        match self.rows.get(..place)?.iter().rev().find(head)? {
            Row::Section { id, .. } => Some(id),
            Row::Item { .. } => None,
        }
    }
}

/// Somebody else, as the page shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    /// The writer.
    pub client: ClientId,
    /// What to call them.
    pub name: String,
    /// The class of their colour.
    pub colour: String,
    /// The person, who may be here with several writers.
    pub user: UserId,
    /// The cell in which they are.
    pub at: Option<CellRef>,
    /// The block of cells that they have selected, from the corner that stays to the one that moves.
    pub block: Option<(CellRef, CellRef)>,
    /// Whether they are entering something.
    pub is_typing: bool,
}

impl PersonView {
    /// How `person` is shown.
    #[must_use]
    pub fn of(person: &Person) -> Self {
        let block = match &person.selection {
            Some(Selection::Cells { anchor, focus }) if anchor != focus => Some((anchor.clone(), focus.clone())),
            _ => None,
        };
        Self {
            client: person.client,
            name: person.name.clone(),
            colour: colour_of(person.colour),
            user: person.user,
            at: person.cursor.clone(),
            block,
            is_typing: person.is_typing,
        }
    }

    /// The first letters of the first and the last word of the name.
    #[must_use]
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// The class of a person's colour in the style sheet.
#[must_use]
pub fn colour_of(colour: u8) -> String {
    format!("person-{colour}")
}

/// The first letters of the first and the last word of `name`, as they are written. The style sheet makes capitals.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn only_an_exception_from_the_rows_formula_is_marked() {
        let model = |values: serde_json::Value| {
            let document = serde_json::json!({
                "schema": 1,
                "currency": "USD",
                "periods": [
                    {"id": "p1", "label": "2024A", "kind": "history"},
                    {"id": "p2", "label": "2025E", "kind": "forecast"},
                    {"id": "p3", "label": "2026E", "kind": "forecast"}
                ],
                "sections": [{"id": "s", "label": "Drivers", "items": [
                    {"id": "growth", "name": "growth", "label": "Growth", "unit": "", "format": "percent",
                     "span": "period", "formula": "0.02", "values": values, "note": ""}
                ]}],
                "outputs": []
            });
            Model::read(&document).unwrap()
        };
        let cell = CellRef { item: ItemId("growth".into()), period: Some(PeriodId("p2".into())) };
        let exception = model(serde_json::json!({"p2": 0.05}));
        assert_eq!(kind_in(&exception, exception.item(&cell.item).unwrap(), &cell), CellKind::Override);
        let assumptions = model(serde_json::json!({"p2": 0.05, "p3": 0.04}));
        assert_eq!(kind_in(&assumptions, assumptions.item(&cell.item).unwrap(), &cell), CellKind::Input);
    }

    #[test]
    fn a_linked_cell_shows_its_last_value_and_why_there_is_no_newer_one() {
        let look = |link: serde_json::Value| {
            let document = serde_json::json!({
                "schema": 2,
                "periods": [],
                "sections": [{"id": "s", "label": "Rates", "items": [
                    {"id": "tax", "name": "tax", "label": "Tax", "format": "percent", "span": "single", "value": 0.21,
                     "link": link}
                ]}],
                "outputs": []
            });
            let model = Model::read(&document).unwrap();
            CellView::of(&model, &Calculation::new(&model), &CellRef::single(ItemId("tax".into())))
        };
        let source = "0199b1f0-5a5e-7c0e-9f62-8a4f0c1d2e3f";
        let well = look(serde_json::json!({"document": source, "item": "rate"}));
        assert_eq!((well.text.as_str(), well.error), ("21.0%", None));
        let ill = look(serde_json::json!({"document": source, "item": "rate", "problem": "the row was removed"}));
        assert_eq!(ill.text, "21.0%");
        assert_eq!(ill.error.as_deref(), Some("21.0% is the last value that came: the row was removed"));
    }

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("grace brewster hopper"), "gh");
        assert_eq!(initials("  élan "), "é");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn the_bits_of_a_number_are_sixteen_digits() {
        assert_eq!(bits_of(1.0), "3ff0000000000000");
        assert_eq!(bits_of(0.0), "0000000000000000");
    }
}
