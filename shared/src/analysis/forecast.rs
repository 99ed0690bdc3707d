//! A row continued from its history, as ordinary formulas or as numbers.

#[cfg(feature = "smoothing")]
mod smoothing;

use ot_core::json::JsonOp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AnalysisError, AnalysisErrorCode, Figure, Subject};
use crate::model::edit::{self, EditError};
use crate::model::{Calculation, CellRef, Entry, ItemId, Model, Period, PeriodKind, Span};

/// How a row goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// It grows by the compound annual growth rate from the first period of its history to the last.
    Cagr,
    /// It lies on the line of least squares through its history.
    Linear,
    /// Holt's linear exponential smoothing: the level and the trend at the end of the history, of which the newest
    /// periods count most (C. C. Holt, *Forecasting seasonals and trends by exponentially weighted moving averages*,
    /// 1957). The weights are those of the greatest likelihood. It needs [`MIN_HOLT_PERIODS`] of history.
    Holt,
}

/// The least periods of history for Holt's method: fewer than its four parameters need can't fit them.
pub const MIN_HOLT_PERIODS: usize = 6;

/// What is written in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// Formulas over the history, which follow it when it changes.
    Formulas,
    /// Numbers.
    Numbers,
}

/// A row continued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// The last cell of the history.
    pub last: Subject,
    /// How the row goes on.
    pub method: Method,
    /// The history that it goes on from, without gaps, up to the last period of the past.
    pub history: Vec<f64>,
    /// What the row comes to in the periods to come, in order.
    pub forecast: Vec<ProjectedCell>,
}

/// What a row comes to in a period to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectedCell {
    /// The cell.
    pub cell: CellRef,
    /// Its value.
    pub figure: Figure,
    /// The formula that gives it, in stored form; none where the method has no formula.
    pub formula: Option<String>,
}

impl Projection {
    /// Continues the row `item` over the forecast periods that follow the last period of the past.
    ///
    /// The history is what the row has in the last periods of the past without a gap.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when there is no such row over periods, no period to come, too little history for
    /// the method, or a history that crosses zero for [`Method::Cagr`]. In a build without the feature `smoothing`, as
    /// the browser's is, [`Method::Holt`] is an error too.
    pub fn new(model: &Model, item: &ItemId, method: Method) -> Result<Self, AnalysisError> {
        let error =
            |code, message: &'static str, hint: &'static str| AnalysisError::new(code, item.0.as_str(), message, hint);
        let is_row = model.item(item).is_some_and(|item| item.span == Span::Period);
        let past = model.periods.iter().rposition(|period| period.kind == PeriodKind::History);
        let Some(past) = past.filter(|_| is_row) else {
            let message = if is_row { "the model has no past" } else { "the model has no such row over periods" };
            return Err(error(AnalysisErrorCode::NotFound, message, "choose a row with figures of the past"));
        };
        let cell = |period: &Period| CellRef { item: item.clone(), period: Some(period.id.clone()) };
        let (before, after) = model.periods.split_at(past + 1);
        let calculation = Calculation::new(model);
        let figures = before.iter().rev().map_while(|period| Figure::from(calculation.value(&cell(period))).number());
        let mut history: Vec<f64> = figures.collect();
        history.reverse();
        if after.is_empty() {
            return Err(error(AnalysisErrorCode::NotFound, "no period follows the past", "add forecast periods"));
        }
        let least = if method == Method::Holt { MIN_HOLT_PERIODS } else { 2 };
        if history.len() < least {
            let (message, hint) = if method == Method::Holt {
                (
                    "the history is too short for Holt's method",
                    "enter figures for the last 6 periods of the past, or take another method",
                )
            } else {
                ("the row has too few figures of the past", "enter figures for the last 2 periods of the past at least")
            };
            return Err(error(AnalysisErrorCode::OutOfRange, message, hint));
        }
        if method == Method::Cagr
            && history.first().zip(history.last()).is_some_and(|(first, last)| first * last <= 0.0)
        {
            let hint = "take the line of least squares";
            return Err(error(AnalysisErrorCode::OutOfRange, "a history that crosses zero has no growth rate", hint));
        }
        let last = Subject::new(model, &before.last().map_or_else(|| CellRef::single(item.clone()), cell))?;
        let formulas: Vec<Option<String>> = match method {
            Method::Cagr | Method::Linear => {
                (1..=after.len()).map(|ahead| Some(formula(method, item, history.len(), ahead))).collect()
            }
            Method::Holt => vec![None; after.len()],
        };
        let figures = match method {
            Method::Cagr | Method::Linear => {
                let entries =
                    after.iter().zip(&formulas).filter_map(|(period, formula)| Some((cell(period), formula.clone()?)));
                calculated(model, entries)
            }
            Method::Holt => smoothed(&history, after.len())
                .map_err(|hint| error(AnalysisErrorCode::NoRoot, "Holt's method found no weights", hint))?
                .into_iter()
                .map(Figure::Number)
                .collect(),
        };
        let forecast = after.iter().zip(figures).zip(formulas);
        let forecast =
            forecast.map(|((period, figure), formula)| ProjectedCell { cell: cell(period), figure, formula }).collect();
        Ok(Self { last, method, history, forecast })
    }

    /// The op that writes the forecast into the row, in place of what its cells hold. The formula of the row stays, and
    /// comes back where people take an entry away. A cell without a formula or a number keeps what it has.
    ///
    /// # Errors
    ///
    /// Returns an [`EditError`] when the row or a period is gone.
    pub fn op(&self, document: &Value, writing: Writing) -> Result<JsonOp, EditError> {
        let entries = self.forecast.iter().filter_map(|projected| {
            let formula = projected.formula.clone().filter(|_| writing == Writing::Formulas).map(Entry::Formula);
            let entry = formula.or_else(|| projected.figure.number().map(Entry::Number))?;
            Some((projected.cell.clone(), entry))
        });
        edit::enter_all(document, &entries.collect::<Vec<_>>())
    }
}

/// The formula of the period `ahead` of the last one of a history of so many periods, in stored form.
fn formula(method: Method, item: &ItemId, history: usize, ahead: usize) -> String {
    let (first, last) = (history - 1 + ahead, ahead);
    let steps = history - 1;
    match method {
        Method::Linear => {
            let numbers: Vec<String> = (1..=history).map(|number| number.to_string()).collect();
            let xs = numbers.join(", ");
            format!("forecast({}, {{{item}}}[t-{first}..t-{last}], [{xs}])", history + ahead)
        }
        Method::Cagr | Method::Holt => {
            format!("prev({{{item}}}) * (1 + rri({steps}, {{{item}}}[t-{first}], {{{item}}}[t-{last}]))")
        }
    }
}

/// What the cells come to when formulas stand in them.
fn calculated(model: &Model, entries: impl Iterator<Item = (CellRef, String)>) -> Vec<Figure> {
    let mut model = model.clone();
    let mut cells = Vec::new();
    for (cell, formula) in entries {
        let mut items = model.sections.iter_mut().flat_map(|section| &mut section.items);
        let item = items.find(|item| item.id == cell.item);
        if let (Some(item), Some(period)) = (item, &cell.period) {
            item.values.insert(period.clone(), Entry::Formula(formula));
        }
        cells.push(cell);
    }
    let calculation = Calculation::new(&model);
    cells.iter().map(|cell| Figure::from(calculation.value(cell))).collect()
}

#[cfg(feature = "smoothing")]
use smoothing::smoothed;

#[cfg(not(feature = "smoothing"))]
fn smoothed(_history: &[f64], _periods: usize) -> Result<Vec<f64>, &'static str> {
    Err("this build lacks the library; ask the server")
}
