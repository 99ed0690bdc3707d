//! Runs instructions over columns.

use super::code::{Code, Instruction, Operand, Operation};
use super::column::{Column, LANES};
use super::copula::Copula;
use super::random::Random;
use super::sampler::{Sampler, normals, uniforms};
use crate::model::formula::Comparison;
use crate::model::program::Program;
use crate::model::{CellValue, evaluate};

/// The inputs of a simulation: where their values come from.
#[derive(Clone, Debug)]
pub(super) struct Inputs {
    pub(super) random: Random,
    pub(super) copula: Copula,
    pub(super) samplers: Vec<Sampler>,
}

impl Inputs {
    /// Fills a column for each input with its values in the trials from `trial`. The last column is for what is left
    /// over when there is an odd number.
    #[inline(always)]
    pub(super) fn sample(&self, trial: u64, columns: &[Column], spare: &Column) {
        for (pair, both) in (0..).zip(columns.chunks(2)) {
            if let Some(first) = both.first() {
                self.random.pair(trial, pair, [first, both.get(1).unwrap_or(spare)]);
            }
        }
        let column = |input: usize| columns.get(input).unwrap_or(spare);
        for (sampler, column) in self.samplers.iter().zip(columns) {
            if sampler.is_of_normal() {
                normals(column);
            }
        }
        for row in &self.copula.rows {
            if !self.is_of_normal(row.input) {
                normals(column(row.input));
            }
        }
        // From the last to the first, since each takes the independent numbers of those before it.
        for row in self.copula.rows.iter().rev() {
            let (to, own) = (column(row.input), row.own);
            to.map(to, |z| own * z);
            for (other, weight) in &row.others {
                let weight = *weight;
                to.zip(to, column(*other), |sum, z| sum + weight * z);
            }
            if !self.is_of_normal(row.input) {
                uniforms(to);
            }
        }
        for (sampler, column) in self.samplers.iter().zip(columns) {
            sampler.apply(column);
        }
    }

    fn is_of_normal(&self, input: usize) -> bool {
        self.samplers.get(input).is_some_and(Sampler::is_of_normal)
    }
}

/// The columns that a program works on, in one thread.
#[derive(Debug)]
pub(super) struct Machine<'a> {
    code: &'a Code,
    inputs: &'a Inputs,
    program: &'a Program,
    columns: Vec<Column>,
    spare: Column,
    /// Not a number in the trials that must be calculated by themselves.
    pub(super) doubts: Column,
    /// The values that the cells calculated trial by trial take theirs from.
    values: Vec<CellValue>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(code: &'a Code, inputs: &'a Inputs, program: &'a Program, values: &[CellValue]) -> Self {
        let columns = std::iter::repeat_with(Column::default).take(code.columns.max(inputs.samplers.len()));
        let values = if code.cells.is_empty() { Vec::new() } else { values.to_vec() };
        Self {
            code,
            inputs,
            program,
            columns: columns.collect(),
            spare: Column::default(),
            doubts: Column::default(),
            values,
        }
    }

    /// Runs the trials from `trial`, [`LANES`] of them.
    #[inline(always)]
    pub(super) fn run(&mut self, trial: u64) {
        let inputs = self.columns.get(..self.inputs.samplers.len()).unwrap_or_default();
        self.inputs.sample(trial, inputs, &self.spare);
        self.doubts.fill(0.0);
        for instruction in &self.code.instructions {
            if let Operation::Cell(number) = instruction.operation {
                self.cell(number, instruction.to);
            } else {
                step(instruction, &self.columns, &self.doubts);
            }
        }
    }

    /// The values of each output in the trials.
    #[inline(always)]
    pub(super) fn outputs(&self) -> impl Iterator<Item = Lanes<'_>> {
        self.code.outputs.iter().map(|output| match output {
            Operand::Column(column) => Lanes::Column(self.columns.get(*column).unwrap_or(&self.spare)),
            Operand::Number(number) => Lanes::Number(*number),
            Operand::Blank => Lanes::Number(f64::NAN),
        })
    }

    #[inline(never)]
    fn cell(&mut self, number: usize, to: usize) {
        let (Some(single), Some(to)) = (self.code.cells.get(number), self.columns.get(to)) else { return };
        for lane in 0..LANES {
            let mut is_number = true;
            for (cell, column) in &single.needs {
                let value = self.columns.get(*column).map_or(f64::NAN, |column| column.lane(lane));
                is_number &= value.is_finite();
                if let Some(slot) = self.values.get_mut(*cell) {
                    *slot = CellValue::Number(value);
                }
            }
            let value = match is_number.then(|| evaluate(self.program, single.cell, single.period, &self.values)) {
                Some(CellValue::Number(number)) => number,
                _ => f64::NAN,
            };
            to.set_lane(lane, value);
            self.doubts.set_lane(lane, self.doubts.lane(lane) + value * 0.0);
        }
    }
}

/// The values of an output in many trials.
#[derive(Debug)]
pub(super) enum Lanes<'a> {
    Column(&'a Column),
    Number(f64),
}

impl Lanes<'_> {
    /// Appends the values. Returns whether one of them is no number.
    #[inline(always)]
    pub(super) fn append(&self, values: &mut Vec<f64>) -> bool {
        match self {
            Self::Column(column) => column.append(values),
            Self::Number(number) => {
                values.extend([*number; LANES]);
                !number.is_finite()
            }
        }
    }
}

#[inline(always)]
fn step(instruction: &Instruction, columns: &[Column], doubts: &Column) {
    let number = instruction.number;
    let (Some(to), Some(a), Some(b)) =
        (columns.get(instruction.to), columns.get(instruction.a), columns.get(instruction.b))
    else {
        return;
    };
    // What is no number stays none through sums and products; elsewhere it may vanish, and is noticed before.
    let doubt = |column: &Column| doubts.add(column, |x| x * 0.0);
    match instruction.operation {
        Operation::Constant => to.fill(number),
        Operation::Negate => to.map(a, |a| -a),
        Operation::Add => to.zip(a, b, |a, b| a + b),
        Operation::Subtract => to.zip(a, b, |a, b| a - b),
        Operation::Multiply => to.zip(a, b, |a, b| a * b),
        Operation::Divide => {
            doubt(b);
            to.zip(a, b, |a, b| a / b);
        }
        Operation::Power => {
            doubt(a);
            doubt(b);
            to.zip(a, b, libm::pow);
        }
        Operation::AddConstant => to.map(a, |a| a + number),
        Operation::SubtractFrom => to.map(a, |a| number - a),
        Operation::MultiplyConstant => to.map(a, |a| a * number),
        Operation::DivideConstant => to.map(a, |a| a / number),
        Operation::DivideInto => {
            doubt(a);
            to.map(a, |a| number / a);
        }
        Operation::PowerConstant => {
            doubt(a);
            to.map(a, |a| libm::pow(a, number));
        }
        Operation::PowerOf => {
            doubt(a);
            to.map(a, |a| libm::pow(number, a));
        }
        Operation::Compare(comparison) => {
            doubt(a);
            doubt(b);
            compare(comparison, to, a, b);
        }
        Operation::CompareConstant(comparison) => {
            doubt(a);
            compare_constant(comparison, to, a, number);
        }
        Operation::Choose => {
            doubt(a);
            if let Some(c) = columns.get(instruction.c) {
                to.zip3(a, b, c, |condition, then, otherwise| if condition == 0.0 { otherwise } else { then });
            }
        }
        Operation::Lesser => {
            doubt(a);
            doubt(b);
            to.zip(a, b, |a, b| if b < a { b } else { a });
        }
        Operation::Greater => {
            doubt(a);
            doubt(b);
            to.zip(a, b, |a, b| if b > a { b } else { a });
        }
        Operation::Absolute => to.map(a, f64::abs),
        Operation::Root => to.map(a, f64::sqrt),
        Operation::Exponential => {
            doubt(a);
            to.map(a, libm::exp);
        }
        Operation::Logarithm => {
            doubt(a);
            to.map(a, libm::log);
        }
        Operation::Positive => to.map(a, |a| if a > 0.0 { a } else { f64::NAN }),
        Operation::Check => doubt(a),
        Operation::Cell(_) => {}
    }
}

#[inline(always)]
fn compare(comparison: Comparison, to: &Column, a: &Column, b: &Column) {
    match comparison {
        Comparison::Equal => to.zip(a, b, |a, b| truth(a == b)),
        Comparison::NotEqual => to.zip(a, b, |a, b| truth(a != b)),
        Comparison::Less => to.zip(a, b, |a, b| truth(a < b)),
        Comparison::LessOrEqual => to.zip(a, b, |a, b| truth(a <= b)),
        Comparison::Greater => to.zip(a, b, |a, b| truth(a > b)),
        Comparison::GreaterOrEqual => to.zip(a, b, |a, b| truth(a >= b)),
    }
}

#[inline(always)]
fn compare_constant(comparison: Comparison, to: &Column, a: &Column, number: f64) {
    match comparison {
        Comparison::Equal => to.map(a, |a| truth(a == number)),
        Comparison::NotEqual => to.map(a, |a| truth(a != number)),
        Comparison::Less => to.map(a, |a| truth(a < number)),
        Comparison::LessOrEqual => to.map(a, |a| truth(a <= number)),
        Comparison::Greater => to.map(a, |a| truth(a > number)),
        Comparison::GreaterOrEqual => to.map(a, |a| truth(a >= number)),
    }
}

#[inline(always)]
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}
