//! The sheet that holds the scenarios.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::translate::Here;
use super::{Writer, cached};
use crate::model::{CellRef, Entry, LineItem, Model};
use crate::spreadsheet::layout::SCENARIOS_SHEET;
use crate::spreadsheet::{Cached, Content, Place, Role, Sheet};

/// Where the scenario is chosen.
const CHOICE: Place = Place::new(2, 1);
/// Where its number stands.
const NUMBER: Place = Place::new(3, 1);
const HEADER_ROW: u32 = 5;
const KEY_COLUMN: u32 = 2;
const ACTIVE_COLUMN: u32 = 3;
const BASE_COLUMN: u32 = 4;

/// The scenarios as a sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct ScenarioSheet {
    /// The sheet; none if the model has no scenarios.
    pub(super) sheet: Option<Sheet>,
    /// The formula of each cell that scenarios differ in.
    pub(super) active: HashMap<CellRef, String>,
    /// The name of the cell that chooses.
    pub(super) name: Option<(String, String)>,
}

/// The labels of the base case and the scenarios, each but once, since one is found by its label.
pub(super) fn labels(model: &Model) -> Vec<String> {
    let mut labels: Vec<String> = vec!["Base case".to_owned()];
    for scenario in &model.scenarios {
        let label = if scenario.label.trim().is_empty() { &scenario.name } else { &scenario.label };
        let is_free = |label: &String| !labels.iter().any(|other| other.to_lowercase() == label.to_lowercase());
        let free = std::iter::once(label.clone()).chain((2..).map(|number| format!("{label} {number}"))).find(is_free);
        labels.extend(free);
    }
    labels
}

impl<'a> Writer<'a> {
    /// The sheet of scenarios: a row for each cell that one of them differs in.
    pub(super) fn scenarios(&mut self, blank: &HashSet<CellRef>) -> ScenarioSheet {
        let model = self.model;
        if model.scenarios.is_empty() {
            return ScenarioSheet::default();
        }
        let mut sheet =
            Sheet { name: SCENARIOS_SHEET.to_owned(), widths: vec![38, 16, 26, 14, 14], ..Sheet::default() };
        sheet.widths.extend(model.scenarios.iter().map(|_| 14));
        sheet.frozen = Some(Place::new(HEADER_ROW + 1, BASE_COLUMN));
        sheet.write(Place::new(0, 0), Role::Title, "Scenarios");
        sheet.write(Place::new(2, 0), Role::Plain, "Scenario that counts").note =
            "Choose one here: every sheet follows.".to_owned();
        let labels = labels(model);
        sheet.write(CHOICE, Role::Input, labels.first().cloned().unwrap_or_default());
        sheet.write(Place::new(3, 0), Role::Quiet, "Its number");
        for (column, head) in (0..).zip(["Item", "Period", "Cell", "Counts"]) {
            sheet.write(Place::new(HEADER_ROW, column), Role::Header, head);
        }
        let mut last = BASE_COLUMN;
        for (column, label) in (BASE_COLUMN..).zip(&labels) {
            sheet.write(Place::new(HEADER_ROW, column), Role::Header, label.as_str());
            last = column;
        }
        for (column, scenario) in (BASE_COLUMN + 1..).zip(&model.scenarios) {
            if let Some(head) = sheet.cells.get_mut(&Place::new(HEADER_ROW, column)) {
                head.note.clone_from(&scenario.note);
            }
        }
        let (first_label, last_label) = (Place::new(HEADER_ROW, BASE_COLUMN), Place::new(HEADER_ROW, last));
        let choices = format!("{}:{}", first_label.fixed(), last_label.fixed());
        let number = Content::Formula { text: format!("MATCH(B3,{choices},0)"), cached: Cached::Number(1.0) };
        sheet.put(NUMBER, Role::Formula, number);
        sheet.choices.push((CHOICE, choices));
        let mut active = HashMap::new();
        let mut row = HEADER_ROW;
        for (item, period, cell) in self.changed() {
            if blank.contains(&cell) {
                continue;
            }
            row += 1;
            self.scenario_row(&mut sheet, row, item, period, &cell);
            active.insert(cell, format!("{SCENARIOS_SHEET}!{}", Place::new(row, ACTIVE_COLUMN).fixed()));
        }
        let name = ("coval_scenario".to_owned(), format!("{SCENARIOS_SHEET}!{}", CHOICE.fixed()));
        ScenarioSheet { sheet: Some(sheet), active, name: Some(name) }
    }

    /// The cells that a scenario differs in, in the order of the model.
    fn changed(&self) -> Vec<(&'a LineItem, Option<usize>, CellRef)> {
        let model = self.model;
        let entries: BTreeSet<&CellRef> = model.scenarios.iter().flat_map(|scenario| scenario.entries.keys()).collect();
        let cells = model.items().flat_map(|item| {
            let of_item = super::periods_of(item, model).into_iter();
            of_item.map(move |period| (item, period, self.cell_ref(item, period)))
        });
        cells.filter(|(.., cell)| entries.contains(cell)).collect()
    }

    fn scenario_row(&mut self, sheet: &mut Sheet, row: u32, item: &LineItem, period: Option<usize>, cell: &CellRef) {
        let here = Here { sheet: None, period };
        let model = self.model;
        sheet.write(Place::new(row, 0), Role::Plain, item.label.as_str());
        if let Some(period) = period.and_then(|period| model.periods.get(period)) {
            sheet.write(Place::new(row, 1), Role::Quiet, period.label.as_str());
        }
        sheet.write(Place::new(row, KEY_COLUMN), Role::Quiet, model.cell_name(cell));
        let base = Place::new(row, BASE_COLUMN);
        let (content, note) = self.content(item, cell, item.entry(cell.period.as_ref()), here);
        let is_base_empty = content == Content::Empty;
        let written = sheet.put(base, super::role(&content, None), content);
        (written.format, written.note) = (Some(item.format), note);
        let mut choices = vec![base.to_string()];
        for (index, (column, scenario)) in (1..).zip((BASE_COLUMN + 1..).zip(&model.scenarios)) {
            let place = Place::new(row, column);
            let value = self.cases.get(index).map_or(Cached::Blank, |case| cached(case.value(cell)));
            let (content, note) = match scenario.entries.get(cell) {
                Some(entry @ Entry::Number(_)) => self.content(item, cell, Some(entry), here),
                Some(entry) => match self.content(item, cell, Some(entry), here) {
                    (Content::Formula { text, .. }, note) => (Content::Formula { text, cached: value }, note),
                    other => other,
                },
                None if is_base_empty => (Content::Empty, String::new()),
                None => {
                    let cached = cached(self.value(cell));
                    (Content::Formula { text: format!("${base}"), cached }, String::new())
                }
            };
            let written = sheet.put(place, super::role(&content, None), content);
            (written.format, written.note) = (Some(item.format), note);
            choices.push(place.to_string());
        }
        let chosen = format!("CHOOSE({},{})", NUMBER.fixed(), choices.join(","));
        // An empty cell that is chosen would be 0.
        let text = if is_base_empty { format!("IF({chosen}=\"\",\"\",{chosen})") } else { chosen };
        let content = Content::Formula { text, cached: cached(self.value(cell)) };
        sheet.put(Place::new(row, ACTIVE_COLUMN), Role::Formula, content).format = Some(item.format);
    }
}
