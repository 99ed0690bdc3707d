//! Instructions over columns.

use std::collections::HashMap;

use crate::model::formula::Comparison;

/// What an instruction does. `a`, `b` and `c` are its columns, `number` its constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// The constant.
    Constant,
    /// −a
    Negate,
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// a ÷ b
    Divide,
    /// a to the power b
    Power,
    /// a + constant
    AddConstant,
    /// constant − a
    SubtractFrom,
    /// a · constant
    MultiplyConstant,
    /// a ÷ constant
    DivideConstant,
    /// constant ÷ a
    DivideInto,
    /// a to the power of the constant
    PowerConstant,
    /// the constant to the power a
    PowerOf,
    /// 1 where a and b compare so, otherwise 0
    Compare(Comparison),
    /// 1 where a and the constant compare so, otherwise 0
    CompareConstant(Comparison),
    /// c where a is 0, otherwise b
    Choose,
    /// b where it is less than a, otherwise a
    Lesser,
    /// b where it is greater than a, otherwise a
    Greater,
    /// The absolute value of a
    Absolute,
    /// The square root of a
    Root,
    /// e to the power a
    Exponential,
    /// The natural logarithm of a
    Logarithm,
    /// a where it is above 0, and no number elsewhere
    Positive,
    /// Nothing but that a is a number
    Check,
    /// The cell of that number of the list, calculated trial by trial
    Cell(usize),
}

/// One step of a program over columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Instruction {
    pub(super) operation: Operation,
    pub(super) to: usize,
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) c: usize,
    pub(super) number: f64,
}

impl Operation {
    /// How many columns it reads.
    fn arity(self) -> usize {
        match self {
            Self::Constant | Self::Cell(_) => 0,
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::Divide
            | Self::Power
            | Self::Compare(_)
            | Self::Lesser
            | Self::Greater => 2,
            Self::Choose => 3,
            _ => 1,
        }
    }
}

/// Where the value of a cell comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operand {
    Blank,
    Number(f64),
    /// A column.
    Column(usize),
}

/// A cell that is calculated trial by trial, by the formula itself.
#[derive(Clone, Debug)]
pub(super) struct SingleCell {
    pub(super) cell: usize,
    pub(super) period: Option<usize>,
    /// The cells it needs that differ from trial to trial, with their columns.
    pub(super) needs: Vec<(usize, usize)>,
}

/// Instructions in the making: each makes a new column, and no two do the same.
#[derive(Debug, Default)]
pub(super) struct Draft {
    instructions: Vec<Instruction>,
    known: HashMap<(Operation, [usize; 3], u64), usize>,
    columns: usize,
    pub(super) cells: Vec<SingleCell>,
}

impl Draft {
    /// A draft whose first columns are there from the start.
    pub(super) fn new(inputs: usize) -> Self {
        Self { columns: inputs, ..Self::default() }
    }

    /// The column of what the operation gives of these columns.
    pub(super) fn add(&mut self, operation: Operation, columns: [usize; 3], number: f64) -> usize {
        let next = self.columns;
        let to = *self.known.entry((operation, columns, number.to_bits())).or_insert(next);
        if to == next {
            let [a, b, c] = columns;
            self.instructions.push(Instruction { operation, to, a, b, c, number });
            self.columns += 1;
        }
        to
    }

    /// Only what `outputs` need, in as few columns as the order allows. The first `inputs` columns hold the inputs when
    /// the instructions begin. Returns the instructions, the columns of the outputs, and how many columns there are.
    pub(super) fn finish(self, inputs: usize, outputs: &[Operand]) -> Code {
        let Self { instructions, mut cells, columns, .. } = self;
        let mut last_use: Vec<usize> = vec![0; columns];
        let mut is_needed = vec![false; columns];
        for output in outputs {
            if let Operand::Column(column) = output {
                mark(&mut is_needed, &mut last_use, *column, usize::MAX);
            }
        }
        let mut kept = Vec::new();
        for (index, instruction) in instructions.into_iter().enumerate().rev() {
            let is_check = instruction.operation == Operation::Check;
            if !is_check && !is_needed.get(instruction.to).copied().unwrap_or_default() {
                continue;
            }
            for column in reads(&instruction, &cells) {
                mark(&mut is_needed, &mut last_use, column, index);
            }
            kept.push((index, instruction));
        }
        kept.reverse();

        let mut free: Vec<usize> = Vec::new();
        let mut places: Vec<usize> = (0..columns).collect();
        let mut used = inputs;
        let mut code = Vec::with_capacity(kept.len());
        for (index, mut instruction) in kept {
            let place = |column: usize| places.get(column).copied().unwrap_or_default();
            let mut done: Vec<usize> = reads(&instruction, &cells);
            done.sort_unstable();
            done.dedup();
            done.retain(|column| last_use.get(*column) == Some(&index));
            (instruction.a, instruction.b, instruction.c) =
                (place(instruction.a), place(instruction.b), place(instruction.c));
            if let Operation::Cell(number) = instruction.operation
                && let Some(cell) = cells.get_mut(number)
            {
                cell.needs.iter_mut().for_each(|(_, column)| *column = place(*column));
            }
            free.extend(done.into_iter().map(place));
            let to = free.pop().unwrap_or_else(|| {
                used += 1;
                used - 1
            });
            if let Some(slot) = places.get_mut(instruction.to) {
                *slot = to;
            }
            if instruction.operation == Operation::Check {
                free.push(to);
            }
            instruction.to = to;
            code.push(instruction);
        }
        let outputs = outputs.iter().map(|output| match output {
            Operand::Column(column) => Operand::Column(places.get(*column).copied().unwrap_or_default()),
            other => *other,
        });
        Code { instructions: code, outputs: outputs.collect(), columns: used, cells }
    }
}

/// A program over columns.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) instructions: Vec<Instruction>,
    pub(super) outputs: Vec<Operand>,
    /// How many columns it works on.
    pub(super) columns: usize,
    pub(super) cells: Vec<SingleCell>,
}

fn mark(is_needed: &mut [bool], last_use: &mut [usize], column: usize, index: usize) {
    if let (Some(is_needed), Some(last_use)) = (is_needed.get_mut(column), last_use.get_mut(column)) {
        *is_needed = true;
        *last_use = index.max(*last_use);
    }
}

/// The columns that the instruction reads.
fn reads(instruction: &Instruction, cells: &[SingleCell]) -> Vec<usize> {
    if let Operation::Cell(number) = instruction.operation {
        return cells
            .get(number)
            .map(|cell| cell.needs.iter().map(|(_, column)| *column).collect())
            .unwrap_or_default();
    }
    let columns = [instruction.a, instruction.b, instruction.c];
    columns.into_iter().take(instruction.operation.arity()).collect()
}
