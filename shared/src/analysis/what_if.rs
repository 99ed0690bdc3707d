use super::{AnalysisError, AnalysisErrorCode, Figure};
use crate::model::{Calculation, CellRef, CellValue, Entry, Model, Span};

/// A model whose inputs are moved for a moment.
#[derive(Clone, Debug)]
pub(super) struct WhatIf {
    own: Model,
    moved: Model,
    calculation: Calculation,
}

impl WhatIf {
    pub(super) fn new(model: &Model) -> Self {
        Self { own: model.clone(), moved: model.clone(), calculation: Calculation::new(model) }
    }

    /// Puts a number in a cell, or with none what the model has there.
    pub(super) fn set(&mut self, cell: &CellRef, number: Option<f64>) {
        let own = self.own.item(&cell.item).and_then(|item| item.entry(cell.period.as_ref()));
        let entry = number.map(Entry::Number).or_else(|| own.cloned());
        let mut items = self.moved.sections.iter_mut().flat_map(|section| &mut section.items);
        let Some(item) = items.find(|item| item.id == cell.item) else {
            return;
        };
        match (item.span, &cell.period) {
            (Span::Single, None) => item.value = entry,
            (Span::Period, Some(period)) => match entry {
                Some(entry) => drop(item.values.insert(period.clone(), entry)),
                None => drop(item.values.remove(period)),
            },
            _ => {}
        }
        self.calculation.update(&self.moved);
    }

    pub(super) fn value(&self, cell: &CellRef) -> &CellValue {
        self.calculation.value(cell)
    }

    pub(super) fn figure(&self, cell: &CellRef) -> Figure {
        Figure::from(self.value(cell))
    }

    /// The number in a cell that an analysis moves.
    pub(super) fn number(&self, cell: &CellRef) -> Result<f64, AnalysisError> {
        match self.value(cell) {
            CellValue::Number(number) => Ok(*number),
            CellValue::Blank | CellValue::Text(_) | CellValue::Error(_) => Err(AnalysisError::new(
                AnalysisErrorCode::NoNumber,
                cell.key(),
                "the cell holds no number to start from",
                "enter one, or choose another input",
            )),
        }
    }
}
