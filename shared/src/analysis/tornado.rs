//! Which inputs move an output most, each moved alone.

use serde::{Deserialize, Serialize};

use super::figure::number_to_move;
use super::simulation::Sampler;
use super::{Analysis, AnalysisError, AnalysisErrorCode, Figure, Progress, Subject};
use crate::model::{Calculation, CellRef, Entry, Model, NumberFormat, Span};

/// The most inputs of a tornado.
pub const MAX_TORNADO_INPUTS: usize = 1_000;

/// An input and how far it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TornadoInput {
    /// The cell. What stands there, be it a formula, is replaced.
    pub cell: CellRef,
    /// How far.
    pub swing: Swing,
}

/// How far an input goes to each side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swing {
    /// Down and up by this share of its own size: 0.1 is ten percent.
    Share(f64),
    /// Down and up by this much.
    By(f64),
    /// From the 10th to the 90th percentile of the input's distribution.
    Distribution,
    /// From one value to another.
    Between {
        /// The low value.
        low: f64,
        /// The high value.
        high: f64,
    },
}

/// Which inputs move an output most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tornado {
    /// The output.
    pub output: Subject,
    /// What it comes to in the model itself.
    pub base: Figure,
    /// The inputs, the one with the widest swing first; those without one come last. Equals stay in the order in which
    /// they were given.
    pub bars: Vec<TornadoBar>,
}

/// What one input does to the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TornadoBar {
    /// The input.
    pub input: Subject,
    /// What the model has there.
    pub base: f64,
    /// Its low value.
    pub low: f64,
    /// Its high value.
    pub high: f64,
    /// The output at the low value.
    pub at_low: Figure,
    /// The output at the high value.
    pub at_high: Figure,
    /// How far apart the two lie; none unless both are numbers.
    pub swing: Option<f64>,
}

/// A tornado under way: two steps for each input.
#[derive(Clone, Debug)]
pub struct TornadoAnalysis {
    calculation: Calculation,
    tornado: Tornado,
    done: usize,
    leaves_out_still: bool,
}

impl TornadoAnalysis {
    /// Moves each of `inputs` alone.
    ///
    /// # Errors
    ///
    /// Returns an [`AnalysisError`] when a cell is not there, an input holds no number, a swing is no finite number, or
    /// there are more than [`MAX_TORNADO_INPUTS`].
    pub fn new(model: &Model, output: &CellRef, inputs: &[TornadoInput]) -> Result<Self, AnalysisError> {
        if inputs.len() > MAX_TORNADO_INPUTS {
            let message = "a tornado has at most 1,000 inputs";
            return Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, "inputs", message, "choose fewer"));
        }
        let calculation = Calculation::new(model);
        let bar = |input: &TornadoInput| {
            let subject = Subject::new(model, &input.cell)?;
            let base = number_to_move(&calculation, &input.cell)?;
            let (low, high) = input.swing.ends(model, &input.cell, base)?;
            if !low.is_finite() || !high.is_finite() {
                let (message, hint) = ("the input would leave the finite numbers", "give a smaller swing");
                return Err(AnalysisError::new(AnalysisErrorCode::OutOfRange, input.cell.key(), message, hint));
            }
            let (at_low, at_high) = (Figure::Blank, Figure::Blank);
            Ok(TornadoBar { input: subject, base, low, high, at_low, at_high, swing: None })
        };
        let bars = inputs.iter().map(bar).collect::<Result<Vec<_>, _>>()?;
        let tornado =
            Tornado { output: Subject::new(model, output)?, base: Figure::from(calculation.value(output)), bars };
        Ok(Self { calculation, tornado, done: 0, leaves_out_still: false })
    }

    /// Moves each uncertain input from the 10th to the 90th percentile of its distribution.
    ///
    /// # Errors
    ///
    /// As for [`TornadoAnalysis::new`]; also when a distribution has no values.
    pub fn of_distributions(model: &Model, output: &CellRef) -> Result<Self, AnalysisError> {
        let cells = model.distributions.keys().filter(|cell| model.has_cell(cell));
        let inputs = cells.map(|cell| TornadoInput { cell: cell.clone(), swing: Swing::Distribution });
        Self::new(model, output, &inputs.collect::<Vec<_>>())
    }

    /// Moves each input of the model with one value by `share` of its own size, and leaves out those that don't move
    /// the output. Inputs of zero are left out too, and dates: a tenth of a date means nothing.
    ///
    /// # Errors
    ///
    /// As for [`TornadoAnalysis::new`].
    pub fn of_all(model: &Model, output: &CellRef, share: f64) -> Result<Self, AnalysisError> {
        let is_input = |item: &&crate::model::LineItem| {
            item.span == Span::Single
                && item.format != NumberFormat::Date
                && matches!(item.value, Some(Entry::Number(number)) if number != 0.0)
        };
        let inputs = model
            .items()
            .filter(is_input)
            .map(|item| TornadoInput { cell: CellRef::single(item.id.clone()), swing: Swing::Share(share) });
        let inputs: Vec<_> = inputs.filter(|input| input.cell != *output).collect();
        Ok(Self { leaves_out_still: true, ..Self::new(model, output, &inputs)? })
    }
}

impl Swing {
    /// The low and the high value of an input that is `base`.
    fn ends(self, model: &Model, cell: &CellRef, base: f64) -> Result<(f64, f64), AnalysisError> {
        Ok(match self {
            Self::Share(share) => (base - base.abs() * share, base + base.abs() * share),
            Self::By(by) => (base - by, base + by),
            Self::Between { low, high } => (low, high),
            Self::Distribution => {
                let distribution = model.distributions.get(cell).ok_or_else(|| {
                    let message = "the input has no distribution";
                    AnalysisError::new(
                        AnalysisErrorCode::NotFound,
                        cell.key(),
                        message,
                        "give it one, or another swing",
                    )
                })?;
                let sampler = Sampler::new(&cell.key(), distribution)?;
                (sampler.quantile(0.1), sampler.quantile(0.9))
            }
        })
    }
}

impl Analysis for TornadoAnalysis {
    type Outcome = Tornado;

    fn step(&mut self) -> bool {
        let steps = self.tornado.bars.len().saturating_mul(2);
        let Some(bar) = self.tornado.bars.get_mut(self.done / 2) else {
            return false;
        };
        let is_low = self.done.is_multiple_of(2);
        self.calculation.set(&bar.input.cell, Some(if is_low { bar.low } else { bar.high }));
        let figure = Figure::from(self.calculation.value(&self.tornado.output.cell));
        if is_low {
            bar.at_low = figure;
        } else {
            bar.at_high = figure;
            bar.swing = bar.at_low.number().zip(bar.at_high.number()).map(|(low, high)| (high - low).abs());
            self.calculation.set(&bar.input.cell, None);
        }
        self.done += 1;
        self.done < steps
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, of: self.tornado.bars.len().saturating_mul(2) }
    }

    fn into_outcome(self) -> Tornado {
        let mut tornado = self.tornado;
        if self.leaves_out_still {
            tornado.bars.retain(|bar| bar.swing != Some(0.0));
        }
        let width = |bar: &TornadoBar| bar.swing.unwrap_or(-1.0);
        tornado.bars.sort_by(|a, b| width(b).total_cmp(&width(a)));
        tornado
    }
}
