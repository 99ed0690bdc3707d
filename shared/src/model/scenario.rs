use std::collections::BTreeMap;

use super::{CellRef, Entry, Model, ScenarioId, Span};

/// A set of assumptions beside the model's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The scenario.
    pub id: ScenarioId,
    /// What commands and formulas of other programs call it: `bull`.
    pub name: String,
    /// What people call it: `Bull case`.
    pub label: String,
    /// What it supposes.
    pub note: String,
    /// What stands in single cells in place of the model's own entries.
    pub entries: BTreeMap<CellRef, Entry>,
}

impl Model {
    /// The scenario that people mean by `name`: its name, its id, or its label, whichever of them fits first.
    #[must_use]
    pub fn scenario(&self, name: &str) -> Option<&Scenario> {
        let find = |text: fn(&Scenario) -> &str| self.scenarios.iter().find(move |scenario| text(scenario) == name);
        find(|scenario| &scenario.name)
            .or_else(|| find(|scenario| &scenario.id.0))
            .or_else(|| find(|scenario| &scenario.label))
    }

    /// The model as the scenario `id` has it: its entries stand in place of the model's own.
    ///
    /// Entries for cells that are gone are passed over. Of a scenario that is gone, this is the base case.
    #[must_use]
    pub fn under(&self, id: &ScenarioId) -> Self {
        let mut model = self.clone();
        let Some(scenario) = self.scenarios.iter().find(|scenario| scenario.id == *id) else {
            return model;
        };
        for item in model.sections.iter_mut().flat_map(|section| &mut section.items) {
            let first = CellRef::single(item.id.clone());
            let of_item = scenario.entries.range(first..).take_while(|(cell, _)| cell.item == item.id);
            for (cell, entry) in of_item {
                match (&cell.period, item.span) {
                    (None, Span::Single) => item.value = Some(entry.clone()),
                    (Some(period), Span::Period) if self.period(period).is_some() => {
                        item.values.insert(period.clone(), entry.clone());
                    }
                    _ => {}
                }
            }
        }
        model
    }
}
