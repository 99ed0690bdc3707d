//! Outputs over the values of one input, or of two: the data tables of spreadsheets.

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, AnalysisErrorCode, Figure, Progress, Subject};
use crate::model::{Calculation, CellRef, Model};

/// The most values of one input.
pub const MAX_AXIS_VALUES: usize = 200;

/// The most points of a grid.
pub const MAX_GRID_POINTS: usize = 10_000;

/// The most outputs of a grid.
pub const MAX_GRID_OUTPUTS: usize = 100;

/// An input and the values that it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// The cell. What stands there, be it a formula, is replaced.
    pub cell: CellRef,
    /// The values, in the order in which they are shown.
    pub values: Vec<f64>,
}

impl Axis {
    /// The values from `from` to `to` in steps of `step`, which goes up or down. `to` is among them if the steps meet it.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when the step leads nowhere or there are more than [`MAX_AXIS_VALUES`].
    pub fn range(cell: CellRef, from: f64, to: f64, step: f64) -> Result<Self, AnalysisError> {
        // A little more than the quotient: three steps of 0.1 lead from 0 to 0.3.
        let steps = libm::floor((to - from) / step * (1.0 + 1e-12) + 1e-9);
        let most = f64::from(u8::MAX);
        if !steps.is_finite() || !(0.0..=most).contains(&steps) {
            let hint = "give a step that leads from the first value to the last in at most 200 values";
            return Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, cell.key(), "the step leads nowhere", hint));
        }
        let values = (0..=u8::MAX).map(f64::from).take_while(|index| *index <= steps);
        let axis = Self { cell, values: values.map(|index| rounded(from + index * step)).collect() };
        axis.check()?;
        Ok(axis)
    }

    /// `each_side` values below and as many above `base`, with `base` in the middle.
    ///
    /// # Errors
    ///
    /// As for [`Axis::range`].
    pub fn around(cell: CellRef, base: f64, step: f64, each_side: u8) -> Result<Self, AnalysisError> {
        let below = (1..=each_side).rev().map(|index| rounded(base - f64::from(index) * step));
        let above = (1..=each_side).map(|index| rounded(base + f64::from(index) * step));
        let axis = Self { cell, values: below.chain([base]).chain(above).collect() };
        axis.check()?;
        Ok(axis)
    }

    fn check(&self) -> Result<(), AnalysisError> {
        let error =
            |message, hint| Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, self.cell.key(), message, hint));
        if self.values.is_empty() || self.values.len() > MAX_AXIS_VALUES {
            return error("an input takes 1 to 200 values", "choose a larger step, or list the values");
        }
        if self.values.iter().any(|value| !value.is_finite()) {
            return error("a value is no finite number", "choose others");
        }
        Ok(())
    }
}

/// Ten decimals, so that steps of 0.005 show no trace of the binary system.
fn rounded(number: f64) -> f64 {
    const SCALE: f64 = 1e10;
    if number.abs() < 1e5 { libm::round(number * SCALE) / SCALE } else { number }
}

/// Outputs over the values of inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensitivityGrid {
    /// The input whose values go from row to row.
    pub down: GridAxis,
    /// The input whose values go from column to column.
    pub across: Option<GridAxis>,
    /// The outputs, each with figures of its own.
    pub outputs: Vec<GridOutput>,
}

/// An input of a grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridAxis {
    /// The input.
    pub subject: Subject,
    /// Its values.
    pub values: Vec<f64>,
    /// What the model has there.
    pub base: Figure,
    /// Which of the values that is, if it is one of them.
    pub base_at: Option<usize>,
}

/// An output of a grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridOutput {
    /// The output.
    pub subject: Subject,
    /// What it comes to in the model itself.
    pub base: Figure,
    /// What it comes to, row by row.
    pub figures: Vec<Vec<Figure>>,
}

/// A grid under way: a step for each point.
///
/// # Laws
///
/// Each figure is what the model gives that has the two values in the two cells, to the last bit.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    calculation: Calculation,
    grid: SensitivityGrid,
    done: usize,
    points: usize,
}

impl Sensitivity {
    /// The outputs over the values of `down`, and of `across` if there is one. A value that is within one part in a
    /// trillion of the model's own counts as the model's own.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when a cell is not there, both inputs are the same cell, there are no outputs, or
    /// the grid is larger than [`MAX_GRID_POINTS`] and [`MAX_GRID_OUTPUTS`].
    pub fn new(model: &Model, down: &Axis, across: Option<&Axis>, outputs: &[CellRef]) -> Result<Self, AnalysisError> {
        let error =
            |place: &str, message, hint| Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, place, message, hint));
        if outputs.is_empty() || outputs.len() > MAX_GRID_OUTPUTS {
            return error("outputs", "a grid has 1 to 100 outputs", "choose an output of the model");
        }
        if across.is_some_and(|across| across.cell == down.cell) {
            return error(&down.cell.key(), "both inputs are the same cell", "choose two inputs");
        }
        let calculation = Calculation::new(model);
        let axis = |axis: &Axis| {
            axis.check()?;
            let subject = Subject::new(model, &axis.cell)?;
            let base = Figure::from(calculation.value(&axis.cell));
            let mut values = axis.values.clone();
            let mut base_at = None;
            if let Some(base) = base.number() {
                for (index, value) in values.iter_mut().enumerate() {
                    if (*value - base).abs() <= 1e-12 * base.abs() {
                        *value = base;
                        base_at = base_at.or(Some(index));
                    }
                }
            }
            Ok(GridAxis { subject, values, base, base_at })
        };
        let down = axis(down)?;
        let across = across.map(axis).transpose()?;
        let columns = across.as_ref().map_or(1, |across| across.values.len());
        let points = down.values.len().saturating_mul(columns);
        if points > MAX_GRID_POINTS {
            return error("inputs", "a grid has at most 10,000 points", "choose larger steps");
        }
        let output = |cell: &CellRef| {
            let figures = vec![vec![Figure::Blank; columns]; down.values.len()];
            Ok(GridOutput { subject: Subject::new(model, cell)?, base: Figure::from(calculation.value(cell)), figures })
        };
        let outputs = outputs.iter().map(output).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { calculation, grid: SensitivityGrid { down, across, outputs }, done: 0, points })
    }
}

impl Analysis for Sensitivity {
    type Outcome = SensitivityGrid;

    fn step(&mut self) -> bool {
        let columns = self.grid.across.as_ref().map_or(1, |across| across.values.len());
        let (row, column) = (self.done / columns, self.done % columns);
        let SensitivityGrid { down, across, outputs } = &mut self.grid;
        let Some(value) = down.values.get(row) else {
            return false;
        };
        if column == 0 {
            self.calculation.set(&down.subject.cell, Some(*value));
        }
        if let Some(across) = across {
            self.calculation.set(&across.subject.cell, across.values.get(column).copied());
        }
        for output in outputs {
            let figures = output.figures.get_mut(row);
            if let Some(figure) = figures.and_then(|figures| figures.get_mut(column)) {
                *figure = Figure::from(self.calculation.value(&output.subject.cell));
            }
        }
        self.done += 1;
        self.done < self.points
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, of: self.points }
    }

    fn into_outcome(self) -> SensitivityGrid {
        self.grid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ItemId;

    fn cell() -> CellRef {
        CellRef::single(ItemId("rate".to_owned()))
    }

    #[test]
    fn steps_are_the_decimals_that_people_mean() {
        let axis = Axis::range(cell(), 0.08, 0.1, 0.005).unwrap();
        assert_eq!(axis.values, [0.08, 0.085, 0.09, 0.095, 0.1]);
        assert_eq!(Axis::range(cell(), 0.3, 0.0, -0.1).unwrap().values, [0.3, 0.2, 0.1, 0.0]);
        assert_eq!(Axis::range(cell(), 1.0, 1.0, 0.5).unwrap().values, [1.0]);
        assert_eq!(Axis::around(cell(), 0.087, 0.01, 1).unwrap().values, [0.077, 0.087, 0.097]);
    }

    #[test]
    fn a_step_that_leads_nowhere_is_refused() {
        for (from, to, step) in [(0.0, 1.0, 0.0), (0.0, 1.0, -0.1), (0.0, 1.0, 0.001), (0.0, f64::NAN, 0.1)] {
            let error = Axis::range(cell(), from, to, step).unwrap_err();
            assert_eq!((error.code, error.place.as_str()), (AnalysisErrorCode::OutOfRange, "rate"));
        }
    }
}
