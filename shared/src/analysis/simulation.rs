//! What a model says when its inputs are uncertain: many trials, each with other inputs (Monte Carlo).
//!
//! The numbers of a trial hang on the seed, the trial and the input alone, and every trial is calculated as the model
//! itself would be with these inputs, so that the results have the same 64 bits on every machine, whatever the threads.
//! The caller brings the threads: it runs blocks of trials in any order, and merges them by [`Simulation::finish`].

mod code;
mod column;
mod compile;
mod copula;
mod machine;
mod random;
mod sampler;
mod summary;

use std::ops::Range;

use super::{AnalysisError, AnalysisErrorCode, Figure};
use crate::model::{Calculation, CellRef, CellValue, Model};
use code::Code;
use column::{Column, LANES};
use copula::Copula;
use machine::{Inputs, Machine};
use random::Random;
pub(super) use sampler::Sampler;
pub use summary::{Bar, Checkpoint, Histogram, InputEffect, OutputSummary, PERCENTILES, SimulationSummary, Spread};

/// The most trials of a simulation; for several outputs together.
pub const MAX_TRIALS: u64 = 10_000_000;
/// The most outputs of a simulation.
pub const MAX_OUTPUTS: usize = 20;

/// A simulation ready to run.
///
/// # Laws
///
/// - The outputs of trial k are, to the last bit, those of the model with [`Simulation::trial_inputs`] of k put in.
/// - The same model, outputs, seed and number of trials give the same bits in any order of blocks, on any machine.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The model with the inputs of trial 0 put in.
    base: Calculation,
    inputs: Inputs,
    input_refs: Vec<CellRef>,
    input_cells: Vec<usize>,
    outputs: Vec<CellRef>,
    output_cells: Vec<usize>,
    /// None if the model has to be calculated trial by trial.
    code: Option<Code>,
    trials: u64,
    seed: u64,
    block: u64,
}

/// What some trials gave.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockResult {
    block: u64,
    /// For each output its values, not a number where it has none.
    values: Vec<Vec<f64>>,
}

/// The values of all trials.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulationResult {
    /// For each output its values in the order of trials, not a number where it has none.
    pub values: Vec<Vec<f64>>,
}

impl SimulationResult {
    /// The share of trials in which the output of that number is above `x`, of those in which it is a number.
    #[must_use]
    pub fn probability_above(&self, output: usize, x: f64) -> Option<f64> {
        summary::share_above(self.values.get(output)?, x)
    }
}

impl Simulation {
    /// Prepares `trials` trials of what the cells `outputs` come to, with the distributions and correlations of the
    /// model.
    ///
    /// # Errors
    ///
    /// The model has no distributions; the correlations contradict each other; there are no outputs or trials, or too
    /// many. A distribution of a cell that is gone counts for nothing, and so does a correlation of one without a
    /// distribution.
    pub fn new(model: &Model, outputs: &[CellRef], seed: u64, trials: u64) -> Result<Self, AnalysisError> {
        let of_range = |place: &str, message: &'static str, hint: &'static str| {
            AnalysisError::new(AnalysisErrorCode::OutOfRange, place, message, hint)
        };
        let total = trials.saturating_mul(u64::try_from(outputs.len()).unwrap_or(u64::MAX));
        if trials == 0 || total > MAX_TRIALS {
            let hint = "choose 1 to 10,000,000 trials, divided by the number of outputs";
            return Err(of_range("trials", "there are too many trials, or none", hint));
        }
        if outputs.is_empty() || outputs.len() > MAX_OUTPUTS {
            return Err(of_range("outputs", "there are too many outputs, or none", "choose 1 to 20 cells"));
        }
        let mut base = Calculation::new(model);
        let present = |cell: &CellRef| base.program().shape.cell(cell);
        let mut input_refs: Vec<CellRef> = Vec::new();
        let mut input_cells: Vec<usize> = Vec::new();
        let mut samplers: Vec<Sampler> = Vec::new();
        for (cell, distribution) in &model.distributions {
            if let Some(number) = present(cell) {
                samplers.push(Sampler::new(&cell.key(), distribution)?);
                input_refs.push(cell.clone());
                input_cells.push(number);
            }
        }
        if samplers.is_empty() {
            let (message, hint) = ("the model has no uncertain inputs", "give an input a distribution");
            return Err(of_range("distributions", message, hint));
        }
        let output_cells = cells(&base, outputs)?;
        let input = |cell: &CellRef| input_refs.iter().position(|known| known == cell);
        let pairs: Vec<(usize, usize, f64)> =
            model.correlations.iter().filter_map(|pair| Some((input(&pair.a)?, input(&pair.b)?, pair.rho))).collect();
        let inputs = Inputs { random: Random::new(seed), copula: Copula::new(&pairs)?, samplers };
        put(&mut base, &input_cells, &sample(&inputs, 0));
        let code = compile::compile(&base, &input_cells, &output_cells);
        let block = block_length(code.as_ref(), base.values().len());
        Ok(Self {
            base,
            inputs,
            input_refs,
            input_cells,
            outputs: outputs.to_vec(),
            output_cells,
            code,
            trials,
            seed,
            block,
        })
    }

    /// How many blocks of trials there are. A block takes a small part of a tenth of a second, but where a single trial
    /// takes longer.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.trials.div_ceil(self.block)
    }

    /// The trials of a block.
    #[must_use]
    pub fn block_trials(&self, block: u64) -> Range<u64> {
        let start = block.saturating_mul(self.block).min(self.trials);
        start..start.saturating_add(self.block).min(self.trials)
    }

    /// How many trials there are.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The inputs of a trial.
    #[must_use]
    pub fn trial_inputs(&self, trial: u64) -> Vec<(CellRef, f64)> {
        self.input_refs.iter().cloned().zip(sample(&self.inputs, trial)).collect()
    }

    /// Runs the trials of a block. Any thread may run any block.
    #[must_use]
    pub fn run_block(&self, block: u64) -> BlockResult {
        let trials = self.block_trials(block);
        let count = usize::try_from(trials.end - trials.start).unwrap_or(0);
        let mut values = vec![Vec::with_capacity(count.next_multiple_of(LANES)); self.outputs.len()];
        let mut single = SingleTrials { simulation: self, calculation: None };
        match &self.code {
            None => {
                for trial in trials {
                    single.run(trial, &mut values);
                }
            }
            Some(code) => {
                let run = ColumnRun { simulation: self, code, trials, values: &mut values, single: &mut single };
                #[cfg(not(target_arch = "wasm32"))]
                pulp::Arch::new().dispatch(run);
                #[cfg(target_arch = "wasm32")]
                run.run();
                values.iter_mut().for_each(|values| values.truncate(count));
            }
        }
        BlockResult { block, values }
    }

    /// Puts the results of blocks together, in the order of trials. Of a simulation that was given up, those that ran.
    #[must_use]
    pub fn finish(&self, mut blocks: Vec<BlockResult>) -> SimulationResult {
        blocks.sort_by_key(|block| block.block);
        blocks.dedup_by_key(|block| block.block);
        let count: usize = blocks.iter().map(|block| block.values.first().map_or(0, Vec::len)).sum();
        let mut values = vec![Vec::with_capacity(count); self.outputs.len()];
        for block in blocks {
            for (values, of_block) in values.iter_mut().zip(block.values) {
                values.extend(of_block);
            }
        }
        SimulationResult { values }
    }

    /// What the trials show together. Of a simulation that was given up, its blocks must be the first ones.
    #[must_use]
    pub fn summary(&self, result: &SimulationResult) -> SimulationSummary {
        let outputs = self.outputs.iter().enumerate().zip(&result.values);
        let ran = result.values.first().map_or(0, Vec::len);
        let inputs = self.first_inputs(ran.min(EFFECT_TRIALS));
        SimulationSummary {
            trials: u64::try_from(ran).unwrap_or(u64::MAX),
            seed: self.seed,
            outputs: outputs.map(|((output, cell), values)| self.summarize(output, cell, values, &inputs)).collect(),
        }
    }

    fn summarize(&self, output: usize, cell: &CellRef, values: &[f64], inputs: &[Vec<f64>]) -> OutputSummary {
        let failures = values.iter().filter(|value| !value.is_finite()).count();
        let first_failure = values.iter().position(|value| !value.is_finite()).map(|trial| {
            let trial = u64::try_from(trial).unwrap_or(u64::MAX);
            (trial, self.figure(output, trial))
        });
        let (spread, convergence) = summary::describe(values);
        let effects = self.input_refs.iter().zip(inputs).map(|(cell, input)| {
            let pairs = input.iter().zip(values).filter(|(_, value)| value.is_finite());
            let (input, value): (Vec<f64>, Vec<f64>) = pairs.unzip();
            InputEffect { cell: cell.clone(), rank_correlation: summary::rank_correlation(&input, &value) }
        });
        let mut effects: Vec<InputEffect> = effects.collect();
        effects.sort_by(|a, b| b.rank_correlation.abs().total_cmp(&a.rank_correlation.abs()));
        let failures = u64::try_from(failures).unwrap_or(u64::MAX);
        OutputSummary { cell: cell.clone(), failures, first_failure, spread, convergence, effects }
    }

    /// What an output comes to in a trial.
    fn figure(&self, output: usize, trial: u64) -> Figure {
        let mut calculation = self.base.clone();
        put(&mut calculation, &self.input_cells, &sample(&self.inputs, trial));
        let value = self.output_cells.get(output).and_then(|cell| calculation.values().get(*cell));
        value.map(Figure::from).unwrap_or_default()
    }

    /// The values of each input in the first trials.
    fn first_inputs(&self, trials: usize) -> Vec<Vec<f64>> {
        let columns: Vec<Column> = std::iter::repeat_with(Column::default).take(self.input_cells.len()).collect();
        let mut values = vec![Vec::new(); columns.len()];
        let mut trial = 0;
        while values.first().is_some_and(|values| values.len() < trials) {
            self.inputs.sample(trial, &columns, &Column::default());
            for (column, values) in columns.iter().zip(&mut values) {
                column.append(values);
            }
            trial += LANES_STEP;
        }
        values.iter_mut().for_each(|values| values.truncate(trials));
        values
    }
}

/// A run over columns.
struct ColumnRun<'a> {
    simulation: &'a Simulation,
    code: &'a Code,
    trials: Range<u64>,
    values: &'a mut [Vec<f64>],
    single: &'a mut SingleTrials<'a>,
}

impl ColumnRun<'_> {
    #[inline(always)]
    fn run(self) {
        let Simulation { inputs, base, .. } = self.simulation;
        let mut machine = Machine::new(self.code, inputs, base.program(), base.values());
        let mut trial = self.trials.start;
        while trial < self.trials.end {
            machine.run(trial);
            let mut is_doubtful = machine.doubts.any(|doubt| doubt != 0.0);
            for (lanes, values) in machine.outputs().zip(self.values.iter_mut()) {
                is_doubtful |= lanes.append(values);
            }
            if is_doubtful {
                self.single.repeat(&machine, trial..self.trials.end, self.values);
            }
            trial = trial.saturating_add(LANES_STEP);
        }
    }
}

/// With the vector instructions of the machine at hand. The bits are the same with any.
#[cfg(not(target_arch = "wasm32"))]
impl pulp::NullaryFnOnce for ColumnRun<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.run();
    }
}

/// How many trials tell how inputs bear on outputs.
const EFFECT_TRIALS: usize = 4_096;
const LANES_STEP: u64 = 64;
const _: () = assert!(LANES == 64, "trials advance by a column");

/// Trials that are calculated one by one, as the model itself.
struct SingleTrials<'a> {
    simulation: &'a Simulation,
    calculation: Option<Calculation>,
}

impl SingleTrials<'_> {
    /// Runs a trial and appends its outputs.
    fn run(&mut self, trial: u64, values: &mut [Vec<f64>]) {
        let simulation = self.simulation;
        let calculation = self.calculation.get_or_insert_with(|| simulation.base.clone());
        put(calculation, &simulation.input_cells, &sample(&simulation.inputs, trial));
        for (cell, values) in simulation.output_cells.iter().zip(values) {
            values.push(match calculation.values().get(*cell) {
                Some(CellValue::Number(number)) => *number,
                _ => f64::NAN,
            });
        }
    }

    /// Runs those of the last trials again in which something was no number.
    #[inline(never)]
    fn repeat(&mut self, machine: &Machine<'_>, trials: Range<u64>, values: &mut [Vec<f64>]) {
        let first = values.first().map_or(0, Vec::len).saturating_sub(LANES);
        for (lane, trial) in (0..LANES).zip(trials) {
            let at = first + lane;
            let is_number = values.iter().all(|values| values.get(at).is_some_and(|value| value.is_finite()));
            if is_number && machine.doubts.lane(lane) == 0.0 {
                continue;
            }
            let mut again = vec![Vec::new(); values.len()];
            self.run(trial, &mut again);
            for (values, again) in values.iter_mut().zip(again) {
                if let (Some(slot), Some(value)) = (values.get_mut(at), again.first()) {
                    *slot = *value;
                }
            }
        }
    }
}

/// Puts the values of a trial in.
fn put(calculation: &mut Calculation, cells: &[usize], values: &[f64]) {
    calculation.set_cells(cells.iter().copied().zip(values.iter().copied()));
}

fn sample(inputs: &Inputs, trial: u64) -> Vec<f64> {
    let columns: Vec<Column> = std::iter::repeat_with(Column::default).take(inputs.samplers.len()).collect();
    inputs.sample(trial, &columns, &Column::default());
    columns.iter().map(|column| column.lane(0)).collect()
}

fn cells(calculation: &Calculation, refs: &[CellRef]) -> Result<Vec<usize>, AnalysisError> {
    let cell = |cell: &CellRef| {
        calculation.program().shape.cell(cell).ok_or_else(|| {
            let (message, hint) = ("the model has no such cell", "name an item, or item@period");
            AnalysisError::new(AnalysisErrorCode::NotFound, cell.key(), message, hint)
        })
    };
    refs.iter().map(cell).collect()
}

/// How many trials a block has: about a million steps, a few milliseconds, and so few that a caller can give up soon
/// even where each of them has to be calculated by itself.
fn block_length(code: Option<&Code>, cells: usize) -> u64 {
    const STEPS: u64 = 1_000_000;
    let steps = |each: usize| STEPS / u64::try_from(each.max(1)).unwrap_or(u64::MAX);
    let Some(code) = code else { return steps(cells.saturating_mul(20)).clamp(1, 1_024) };
    // A cell that is calculated by itself may cost as much as hundreds of instructions.
    let by_columns = steps(code.instructions.len() + 500 * code.cells.len() + 20);
    let one_by_one = steps(cells.saturating_mul(2));
    by_columns.min(one_by_one).next_multiple_of(LANES_STEP).clamp(LANES_STEP, 16_384)
}
