use serde::{Deserialize, Serialize};

use super::{AnalysisError, AnalysisErrorCode};
use crate::model::{Calculation, CellRef, CellValue, ItemId, Model, NumberFormat, Span};

/// What a cell comes to in an analysis.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Nothing.
    #[default]
    Blank,
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// Why there is no value.
    Error(String),
}

impl Figure {
    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Blank | Self::Text(_) | Self::Error(_) => None,
        }
    }
}

impl From<&CellValue> for Figure {
    fn from(value: &CellValue) -> Self {
        match value {
            CellValue::Blank => Self::Blank,
            CellValue::Number(number) => Self::Number(*number),
            CellValue::Text(text) => Self::Text(text.as_ref().to_owned()),
            CellValue::Error(error) => Self::Error(error.to_string()),
        }
    }
}

/// The number in a cell that an analysis moves.
pub(super) fn number_to_move(calculation: &Calculation, cell: &CellRef) -> Result<f64, AnalysisError> {
    Figure::from(calculation.value(cell)).number().ok_or_else(|| {
        let message = "the cell holds no number to start from";
        let hint = "enter one, or choose another input";
        AnalysisError::new(AnalysisErrorCode::NoNumber, cell.key(), message, hint)
    })
}

/// A cell that an analysis is about, with what is needed to show its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The cell.
    pub cell: CellRef,
    /// What formulas call its row.
    pub name: String,
    /// What people call its row.
    pub label: String,
    /// What people call its period; empty for an item with one value.
    pub period: String,
    /// The unit of its figures.
    pub unit: String,
    /// How its figures are shown.
    pub format: NumberFormat,
}

impl Subject {
    /// The cell of `model`.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when the model has no such cell.
    pub fn new(model: &Model, cell: &CellRef) -> Result<Self, AnalysisError> {
        let item = model.item(&cell.item).filter(|_| model.has_cell(cell)).ok_or_else(|| {
            let hint = "name a row with one value, or a row and one of its periods";
            AnalysisError::new(AnalysisErrorCode::NotFound, cell.key(), "the model has no such cell", hint)
        })?;
        let period = cell.period.as_ref().and_then(|id| model.period(id));
        Ok(Self {
            cell: cell.clone(),
            name: item.name.clone(),
            label: item.label.clone(),
            period: period.map(|period| period.label.clone()).unwrap_or_default(),
            unit: item.unit.clone(),
            format: item.format,
        })
    }

    /// The cell that stands for `item` where one figure is wanted: its only one, or that of the last period.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when the model has no such item, or the item no period.
    pub fn of_item(model: &Model, item: &ItemId) -> Result<Self, AnalysisError> {
        let period = match model.item(item).map(|item| item.span) {
            Some(Span::Period) => model.periods.last().map(|period| period.id.clone()),
            Some(Span::Single) | None => None,
        };
        Self::new(model, &CellRef { item: item.clone(), period })
    }
}
