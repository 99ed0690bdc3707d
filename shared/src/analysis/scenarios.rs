//! Scenarios side by side, with their differences from the base case.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, AnalysisErrorCode, Figure, Progress, Subject};
use crate::model::{Calculation, CellRef, Model, ScenarioId};

/// The most cells that a comparison shows.
pub const MAX_COMPARED_CELLS: usize = 1_000;

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioTable {
    /// The cases, the base case first.
    pub cases: Vec<Case>,
    /// The outputs and the other chosen cells.
    pub results: Vec<ComparedCell>,
    /// The inputs that at least one of the scenarios replaces.
    pub inputs: Vec<ComparedCell>,
}

/// A column of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The scenario; none for the base case, which is the model itself.
    pub scenario: Option<ScenarioId>,
    /// What people call it; empty for the base case.
    pub label: String,
}

/// A row of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedCell {
    /// The cell.
    pub subject: Subject,
    /// What it comes to in each case.
    pub figures: Vec<ComparedFigure>,
}

/// What a cell comes to in one case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedFigure {
    /// The value.
    pub figure: Figure,
    /// The value less that of the base case, where both are numbers; none in the base case itself.
    pub difference: Option<f64>,
    /// The difference as a share of the size of the base case's value, where that is not zero.
    pub change: Option<f64>,
}

/// The comparison of scenarios under way: a step for each case.
#[derive(Clone, Debug)]
pub struct ScenarioComparison {
    model: Model,
    next: usize,
    table: ScenarioTable,
}

impl ScenarioComparison {
    /// Compares the base case with `scenarios`, in this order, by the outputs of the model and by `cells`.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when a scenario or a cell is not there, or when it is more than
    /// [`MAX_COMPARED_CELLS`] cells. An output whose item was removed is passed over.
    pub fn new(model: &Model, scenarios: &[ScenarioId], cells: &[CellRef]) -> Result<Self, AnalysisError> {
        let mut cases = vec![Case { scenario: None, label: String::new() }];
        let mut replaced = BTreeSet::new();
        for id in scenarios {
            let scenario = model.scenarios.iter().find(|scenario| scenario.id == *id).ok_or_else(|| {
                let hint = "choose one of the model's scenarios";
                AnalysisError::new(AnalysisErrorCode::NotFound, id.0.as_str(), "the model has no such scenario", hint)
            })?;
            replaced.extend(scenario.entries.keys().filter(|cell| model.has_cell(cell)));
            cases.push(Case { scenario: Some(id.clone()), label: scenario.label.clone() });
        }
        let row = |subject| ComparedCell { subject, figures: Vec::new() };
        let mut results: Vec<ComparedCell> =
            model.outputs.iter().filter_map(|item| Subject::of_item(model, item).ok()).map(row).collect();
        for cell in cells {
            results.push(row(Subject::new(model, cell)?));
        }
        // In the order of the model, which people know.
        let inputs = model.cells().filter(|cell| replaced.contains(cell));
        let inputs = inputs.map(|cell| Subject::new(model, &cell).map(row)).collect::<Result<Vec<_>, _>>()?;
        if results.len() > MAX_COMPARED_CELLS || inputs.len() > MAX_COMPARED_CELLS {
            let message = "a comparison shows at most 1,000 cells";
            return Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, "cells", message, "choose fewer"));
        }
        Ok(Self { model: model.clone(), next: 0, table: ScenarioTable { cases, results, inputs } })
    }
}

impl Analysis for ScenarioComparison {
    type Outcome = ScenarioTable;

    fn step(&mut self) -> bool {
        let Some(case) = self.table.cases.get(self.next) else {
            return false;
        };
        let calculation = match &case.scenario {
            None => Calculation::new(&self.model),
            Some(scenario) => Calculation::new(&self.model.under(scenario)),
        };
        for row in self.table.results.iter_mut().chain(&mut self.table.inputs) {
            let figure = Figure::from(calculation.value(&row.subject.cell));
            let base = row.figures.first().unwrap_or(&ComparedFigure::default()).figure.number();
            let difference = figure.number().zip(base).map(|(number, base)| number - base);
            let change = difference.zip(base).filter(|(_, base)| *base != 0.0).map(|(by, base)| by / base.abs());
            row.figures.push(ComparedFigure { figure, difference, change });
        }
        self.next += 1;
        self.next < self.table.cases.len()
    }

    fn progress(&self) -> Progress {
        Progress { done: self.next, of: self.table.cases.len() }
    }

    fn into_outcome(mut self) -> ScenarioTable {
        let cases = self.table.cases.len();
        for row in self.table.results.iter_mut().chain(&mut self.table.inputs) {
            row.figures.resize_with(cases, ComparedFigure::default);
        }
        self.table
    }
}
