//! From a model's cells to instructions over columns.
//!
//! What doesn't hang on an uncertain input is calculated once. A trial in which something is no number is calculated
//! again by itself, so an instruction need not tell errors apart: it must only never make a number of what is none.

use std::ops::Range;

use super::code::{Code, Draft, Operand, Operation, SingleCell};
use crate::model::formula::{Comparison, Form, Operator};
use crate::model::program::{Node, Program, Source, at, cut};
use crate::model::{Calculation, CellValue, Function, evaluate_part};

/// A part of a formula that has no instructions: the whole cell is calculated trial by trial.
#[derive(Debug)]
struct NoColumns;

type Compiled<T> = Result<T, NoColumns>;

/// The instructions that lead from the cells `inputs`, whose columns come first, to the cells `outputs`. None if cells
/// on the way need themselves.
pub(super) fn compile(calculation: &Calculation, inputs: &[usize], outputs: &[usize]) -> Option<Code> {
    let (program, graph) = (calculation.program(), calculation.graph());
    let mut is_needed = vec![false; program.len()];
    reach(outputs, &mut is_needed, |cell| if inputs.contains(&cell) { &[] } else { graph.precedents.of(cell) });
    let mut is_uncertain = vec![false; program.len()];
    reach(inputs, &mut is_uncertain, |cell| graph.dependents.of(cell));

    let mut compiler = Compiler {
        program,
        values: calculation.values(),
        operands: vec![None; program.len()],
        is_uncertain,
        period: None,
        draft: Draft::new(inputs.len()),
    };
    for (column, input) in inputs.iter().enumerate() {
        compiler.put(*input, Operand::Column(column));
    }
    for (position, cell) in graph.order.iter().enumerate() {
        let is_on_the_way = has(&is_needed, *cell) && has(&compiler.is_uncertain, *cell) && !inputs.contains(cell);
        if !is_on_the_way {
            continue;
        }
        if graph.knot_at(position).is_some() {
            return None;
        }
        compiler.cell(*cell)?;
    }
    let outputs: Option<Vec<Operand>> = outputs.iter().map(|cell| compiler.operand(*cell).ok()).collect();
    Some(compiler.draft.finish(inputs.len(), &outputs?))
}

fn has(set: &[bool], cell: usize) -> bool {
    set.get(cell).copied().unwrap_or_default()
}

/// Marks the cells and all that `next` leads to from them.
fn reach<'a>(cells: &[usize], is_reached: &mut [bool], next: impl Fn(usize) -> &'a [usize]) {
    let mut waiting = cells.to_vec();
    while let Some(cell) = waiting.pop() {
        if let Some(is_reached) = is_reached.get_mut(cell)
            && !*is_reached
        {
            *is_reached = true;
            waiting.extend(next(cell));
        }
    }
}

struct Compiler<'a> {
    program: &'a Program,
    /// The values of the cells that hang on no input.
    values: &'a [CellValue],
    operands: Vec<Option<Operand>>,
    is_uncertain: Vec<bool>,
    /// Here.
    period: Option<usize>,
    draft: Draft,
}

impl Compiler<'_> {
    fn put(&mut self, cell: usize, operand: Operand) {
        if let Some(slot) = self.operands.get_mut(cell) {
            *slot = Some(operand);
        }
    }

    /// Compiles a cell behind all that it needs. None if that can't be.
    fn cell(&mut self, cell: usize) -> Option<()> {
        let Some(Source::Formula(_)) = self.program.sources.get(cell) else { return None };
        let formula = self.program.formula(cell)?;
        self.period = self.program.shape.period_of(cell);
        let operand = match self.node(&formula.node) {
            Ok(operand) => operand,
            Err(NoColumns) => {
                let periods = self.program.shape.periods.len();
                let cells = formula.needs.iter().flat_map(|need| need.cells(self.period, periods));
                let uncertain: Vec<usize> = cells.filter(|cell| has(&self.is_uncertain, *cell)).collect();
                let mut needs = Vec::new();
                for needed in uncertain {
                    match self.operands.get(needed).copied().flatten()? {
                        Operand::Column(column) => needs.push((needed, column)),
                        Operand::Number(number) => needs.push((needed, self.constant(number))),
                        Operand::Blank => {}
                    }
                }
                let number = self.draft.cells.len();
                self.draft.cells.push(SingleCell { cell, period: self.period, needs });
                Operand::Column(self.draft.add(Operation::Cell(number), [0; 3], 0.0))
            }
        };
        self.put(cell, operand);
        Some(())
    }

    /// What the part comes to. Blank for a text in a list, which functions pass over.
    fn node(&mut self, node: &Node) -> Compiled<Operand> {
        if !self.is_node_uncertain(node) {
            return constant_of(evaluate_part(self.program, node, self.period, self.values));
        }
        match node {
            Node::Cell { cell, .. } => self.operand(*cell),
            Node::Here { first, offset, .. } => match at(self.period, *offset, self.program.shape.periods.len()) {
                Some(index) => self.operand(first + index),
                None => Ok(Operand::Blank),
            },
            Node::Negate(inner) => {
                let inner = self.node(inner)?;
                self.unary(Operation::Negate, inner, |x| -x)
            }
            Node::Percent(inner) => {
                let inner = self.node(inner)?;
                self.binary(Operator::Divide, inner, Operand::Number(100.0))
            }
            Node::Binary { operator, left, right, .. } => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.binary(*operator, left, right)
            }
            Node::Compare { comparison, left, right, .. } => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.compare(*comparison, left, right)
            }
            Node::Form { form, arguments, .. } => self.form(*form, arguments),
            Node::Call { function, arguments, .. } => self.call(function, arguments),
            _ => Err(NoColumns),
        }
    }

    fn operand(&self, cell: usize) -> Compiled<Operand> {
        if has(&self.is_uncertain, cell) {
            return self.operands.get(cell).copied().flatten().ok_or(NoColumns);
        }
        constant_of(self.values.get(cell).cloned())
    }

    fn is_node_uncertain(&self, node: &Node) -> bool {
        let periods = self.program.shape.periods.len();
        node.need().is_some_and(|need| need.cells(self.period, periods).any(|cell| has(&self.is_uncertain, cell)))
            || node.parts().any(|part| self.is_node_uncertain(part))
    }

    fn constant(&mut self, number: f64) -> usize {
        self.draft.add(Operation::Constant, [0; 3], number)
    }

    fn column(&mut self, operand: Operand) -> Compiled<usize> {
        match operand {
            Operand::Column(column) => Ok(column),
            Operand::Number(number) => Ok(self.constant(number)),
            Operand::Blank => Err(NoColumns),
        }
    }

    fn unary(&mut self, operation: Operation, operand: Operand, fold: fn(f64) -> f64) -> Compiled<Operand> {
        match operand {
            Operand::Blank => Ok(Operand::Blank),
            Operand::Number(number) => finite(fold(number)),
            Operand::Column(a) => Ok(Operand::Column(self.draft.add(operation, [a, 0, 0], 0.0))),
        }
    }

    fn binary(&mut self, operator: Operator, left: Operand, right: Operand) -> Compiled<Operand> {
        let (operation, columns, number) = match (left, right) {
            (Operand::Number(left), Operand::Number(right)) => {
                return finite(match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide => left / right,
                    Operator::Power => libm::pow(left, right),
                });
            }
            (Operand::Column(a), Operand::Column(b)) => {
                let operation = match operator {
                    Operator::Add => Operation::Add,
                    Operator::Subtract => Operation::Subtract,
                    Operator::Multiply => Operation::Multiply,
                    Operator::Divide => Operation::Divide,
                    Operator::Power => Operation::Power,
                };
                (operation, [a, b, 0], 0.0)
            }
            (Operand::Column(a), Operand::Number(number)) => match operator {
                Operator::Multiply | Operator::Divide if number == 1.0 => return Ok(left),
                Operator::Divide if number == 0.0 => return Err(NoColumns),
                Operator::Add => (Operation::AddConstant, [a, 0, 0], number),
                Operator::Subtract => (Operation::AddConstant, [a, 0, 0], -number),
                Operator::Multiply => (Operation::MultiplyConstant, [a, 0, 0], number),
                Operator::Divide => (Operation::DivideConstant, [a, 0, 0], number),
                Operator::Power => (Operation::PowerConstant, [a, 0, 0], number),
            },
            (Operand::Number(number), Operand::Column(a)) => match operator {
                Operator::Multiply if number == 1.0 => return Ok(right),
                Operator::Add => (Operation::AddConstant, [a, 0, 0], number),
                Operator::Subtract => (Operation::SubtractFrom, [a, 0, 0], number),
                Operator::Multiply => (Operation::MultiplyConstant, [a, 0, 0], number),
                Operator::Divide => (Operation::DivideInto, [a, 0, 0], number),
                Operator::Power => (Operation::PowerOf, [a, 0, 0], number),
            },
            // The other side may be an error in some trials and the blank in the rest.
            (Operand::Blank, _) | (_, Operand::Blank) => return Err(NoColumns),
        };
        Ok(Operand::Column(self.draft.add(operation, columns, number)))
    }

    fn compare(&mut self, comparison: Comparison, left: Operand, right: Operand) -> Compiled<Operand> {
        let (operation, columns, number) = match (left, right) {
            (Operand::Column(a), Operand::Column(b)) => (Operation::Compare(comparison), [a, b, 0], 0.0),
            (Operand::Column(a), Operand::Number(number)) => {
                (Operation::CompareConstant(comparison), [a, 0, 0], number)
            }
            (Operand::Number(number), Operand::Column(a)) => {
                (Operation::CompareConstant(mirrored(comparison)), [a, 0, 0], number)
            }
            _ => return Err(NoColumns),
        };
        Ok(Operand::Column(self.draft.add(operation, columns, number)))
    }

    fn form(&mut self, form: Form, arguments: &[Node]) -> Compiled<Operand> {
        let (first, rest) = arguments.split_first().ok_or(NoColumns)?;
        match form {
            Form::If => match self.node(first)? {
                Operand::Blank => Ok(Operand::Blank),
                Operand::Number(0.0) => rest.get(1).map_or(Ok(Operand::Number(0.0)), |otherwise| self.node(otherwise)),
                Operand::Number(_) => self.node(rest.first().ok_or(NoColumns)?),
                Operand::Column(condition) => {
                    let then = self.node(rest.first().ok_or(NoColumns)?)?;
                    let otherwise = rest.get(1).map_or(Ok(Operand::Number(0.0)), |otherwise| self.node(otherwise))?;
                    let (then, otherwise) = (self.column(then)?, self.column(otherwise)?);
                    Ok(Operand::Column(self.draft.add(Operation::Choose, [condition, then, otherwise], 0.0)))
                }
            },
            // A trial in which the first is an error is calculated by itself.
            Form::IfError | Form::IfNotFound => match self.node(first)? {
                Operand::Blank => Err(NoColumns),
                value => Ok(value),
            },
            Form::Coalesce => {
                for argument in arguments {
                    match self.node(argument)? {
                        Operand::Blank => {}
                        value => return Ok(value),
                    }
                }
                Ok(Operand::Blank)
            }
            Form::IsError | Form::IsNotFound | Form::IsBlank | Form::IsNumber => match self.node(first)? {
                Operand::Column(a) => {
                    self.draft.add(Operation::Check, [a, 0, 0], 0.0);
                    Ok(Operand::Number(if form == Form::IsNumber { 1.0 } else { 0.0 }))
                }
                _ => Err(NoColumns),
            },
            Form::And | Form::Or => self.all(form, arguments),
            _ => Err(NoColumns),
        }
    }

    fn all(&mut self, form: Form, arguments: &[Node]) -> Compiled<Operand> {
        let mut all = None;
        for argument in arguments {
            let truth = match self.node(argument)? {
                Operand::Blank => return Err(NoColumns),
                Operand::Number(number) => Operand::Number(if number == 0.0 { 0.0 } else { 1.0 }),
                value => self.compare(Comparison::NotEqual, value, Operand::Number(0.0))?,
            };
            all = Some(match all {
                None => truth,
                Some(before) if form == Form::And => self.binary(Operator::Multiply, before, truth)?,
                Some(before) => self.extreme(Operation::Greater, before, truth)?,
            });
        }
        all.ok_or(NoColumns)
    }

    fn extreme(&mut self, operation: Operation, left: Operand, right: Operand) -> Compiled<Operand> {
        if let (Operand::Number(left), Operand::Number(right)) = (left, right) {
            let is_right = if operation == Operation::Lesser { right < left } else { right > left };
            return Ok(Operand::Number(if is_right { right } else { left }));
        }
        let (a, b) = (self.column(left)?, self.column(right)?);
        Ok(Operand::Column(self.draft.add(operation, [a, b, 0], 0.0)))
    }

    fn call(&mut self, function: &'static Function, arguments: &[Node]) -> Compiled<Operand> {
        let positive_zero = |compiler: &mut Self, value| compiler.binary(Operator::Add, value, Operand::Number(0.0));
        match (function.name, arguments) {
            ("sum", _) => {
                let mut sum = Operand::Number(0.0);
                for value in self.list(arguments)? {
                    sum = self.binary(Operator::Add, sum, value)?;
                }
                Ok(sum)
            }
            ("average", _) => {
                let values = self.list(arguments)?;
                let count = u32::try_from(values.len()).map_err(|_| NoColumns)?;
                let mut sum = Operand::Number(0.0);
                for value in values {
                    sum = self.binary(Operator::Add, sum, value)?;
                }
                self.binary(Operator::Divide, sum, Operand::Number(f64::from(count)))
            }
            ("min" | "max", _) => {
                let operation = if function.name == "min" { Operation::Lesser } else { Operation::Greater };
                let mut values = self.list(arguments)?.into_iter();
                let mut best = values.next().ok_or(NoColumns)?;
                for value in values {
                    best = self.extreme(operation, best, value)?;
                }
                Ok(best)
            }
            ("npv", [rate, flows @ ..]) => {
                let rate = self.node(rate)?;
                let growth = self.binary(Operator::Add, Operand::Number(1.0), rate)?;
                let (mut discount, mut sum) = (Operand::Number(1.0), Operand::Number(0.0));
                let flows = self.list(flows)?;
                if flows.is_empty() {
                    return Err(NoColumns);
                }
                for flow in flows {
                    discount = self.binary(Operator::Multiply, discount, growth)?;
                    let part = self.binary(Operator::Divide, flow, discount)?;
                    sum = self.binary(Operator::Add, sum, part)?;
                }
                Ok(sum)
            }
            ("power", [base, exponent]) => {
                let (base, exponent) = (self.node(base)?, self.node(exponent)?);
                let power = self.binary(Operator::Power, base, exponent)?;
                positive_zero(self, power)
            }
            ("abs", [x]) => {
                let x = self.node(x)?;
                self.unary(Operation::Absolute, x, f64::abs)
            }
            ("sqrt", [x]) => {
                let x = self.node(x)?;
                let root = self.unary(Operation::Root, x, f64::sqrt)?;
                positive_zero(self, root)
            }
            ("exp", [x]) => {
                let x = self.node(x)?;
                self.unary(Operation::Exponential, x, libm::exp)
            }
            ("ln", [x]) => {
                let x = self.node(x)?;
                let logarithm = self.unary(Operation::Logarithm, x, libm::log)?;
                positive_zero(self, logarithm)
            }
            ("not", [x]) => {
                let x = self.node(x)?;
                self.compare(Comparison::Equal, x, Operand::Number(0.0))
            }
            ("sumproduct", _) => self.sum_of_products(arguments),
            ("first" | "last" | "index", [list, rest @ ..]) => self.one_of(function.name, list, rest),
            ("gordon", [flow, rate, growth]) => {
                let (flow, rate, growth) = (self.node(flow)?, self.node(rate)?, self.node(growth)?);
                let gap = self.binary(Operator::Subtract, rate, growth)?;
                let gap = self.unary(Operation::Positive, gap, positive)?;
                self.binary(Operator::Divide, flow, gap)
            }
            ("discount_factor", [rate, periods]) => {
                let (rate, periods) = (self.node(rate)?, self.node(periods)?);
                let growth = self.binary(Operator::Add, Operand::Number(1.0), rate)?;
                let growth = self.unary(Operation::Positive, growth, positive)?;
                let growth = self.binary(Operator::Power, growth, periods)?;
                self.binary(Operator::Divide, Operand::Number(1.0), growth)
            }
            ("capm", [risk_free, beta, premium]) => {
                let (risk_free, beta, premium) = (self.node(risk_free)?, self.node(beta)?, self.node(premium)?);
                let premium = self.binary(Operator::Multiply, beta, premium)?;
                let cost = self.binary(Operator::Add, risk_free, premium)?;
                positive_zero(self, cost)
            }
            _ => Err(NoColumns),
        }
    }

    /// A value of a row at a place that no trial moves.
    fn one_of(&mut self, name: &str, list: &Node, rest: &[Node]) -> Compiled<Operand> {
        if !matches!(list, Node::Range { .. }) {
            return Err(NoColumns);
        }
        let mut cells = self.range(list);
        match (name, rest) {
            ("index", [place]) => match self.node(place)? {
                #[allow(clippy::as_conversions, reason = "the conversion saturates, and cuts as Excel does")]
                Operand::Number(place) if place >= 1.0 => {
                    cells.nth(place as usize - 1).ok_or(NoColumns).and_then(|cell| self.operand(cell))
                }
                _ => Err(NoColumns),
            },
            ("first", []) => self.first_present(cells),
            ("last", []) => self.first_present(cells.rev()),
            _ => Err(NoColumns),
        }
    }

    fn first_present(&self, mut cells: impl Iterator<Item = usize>) -> Compiled<Operand> {
        let present =
            cells.find_map(|cell| Some(self.operand(cell)).filter(|value| !matches!(value, Ok(Operand::Blank))));
        present.unwrap_or(Err(NoColumns))
    }

    /// A blank counts as 0.
    fn sum_of_products(&mut self, arguments: &[Node]) -> Compiled<Operand> {
        let mut products: Option<Vec<Operand>> = None;
        for argument in arguments {
            if !matches!(argument, Node::Range { .. }) {
                return Err(NoColumns);
            }
            let mut factors = Vec::new();
            for cell in self.range(argument) {
                factors.push(match self.operand(cell)? {
                    Operand::Blank => Operand::Number(0.0),
                    factor => factor,
                });
            }
            products = Some(match products {
                None => factors,
                Some(before) if before.len() != factors.len() => return Err(NoColumns),
                Some(before) => {
                    let pairs = before.into_iter().zip(factors);
                    pairs.map(|(a, b)| self.binary(Operator::Multiply, a, b)).collect::<Compiled<_>>()?
                }
            });
        }
        let mut sum = Operand::Number(0.0);
        for product in products.unwrap_or_default() {
            sum = self.binary(Operator::Add, sum, product)?;
        }
        Ok(sum)
    }

    /// The values of a function over many, without the blanks and the texts that it passes over.
    fn list(&mut self, arguments: &[Node]) -> Compiled<Vec<Operand>> {
        let mut values = Vec::new();
        for argument in arguments {
            match argument {
                Node::Range { .. } => {
                    for cell in self.range(argument) {
                        if !has(&self.is_uncertain, cell) && matches!(self.values.get(cell), Some(CellValue::Text(_))) {
                            continue;
                        }
                        values.push(self.operand(cell)?);
                    }
                }
                Node::List { items, .. } => values.extend(self.list(items)?),
                _ => values.push(self.node(argument)?),
            }
        }
        values.retain(|value| *value != Operand::Blank);
        Ok(values)
    }

    fn range(&self, node: &Node) -> Range<usize> {
        match node {
            Node::Range { first, from, to, .. } => {
                let cut = cut(self.period, *from, *to, self.program.shape.periods.len());
                first + cut.start..first + cut.end
            }
            _ => 0..0,
        }
    }
}

fn constant_of(value: Option<CellValue>) -> Compiled<Operand> {
    match value {
        Some(CellValue::Number(number)) => Ok(Operand::Number(number)),
        Some(CellValue::Blank) => Ok(Operand::Blank),
        _ => Err(NoColumns),
    }
}

fn finite(number: f64) -> Compiled<Operand> {
    if number.is_finite() { Ok(Operand::Number(number)) } else { Err(NoColumns) }
}

fn positive(number: f64) -> f64 {
    if number > 0.0 { number } else { f64::NAN }
}

/// The comparison with its sides exchanged.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        equal => equal,
    }
}
