//! The value of one cell, from the values of the cells it needs.

mod compare;
mod forms;

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use super::formula::Operator;
use super::functions::{Argument, Arguments, Stop};
use super::program::{Fault, Node, Program, Source, at, cut};
use super::{CellError, CellErrorCode, CellValue, Function, Period, Value};
use compare::compare;

/// The value of one formula without a model, with or without an equals sign: `npv(10%, [100, 110])`.
///
/// # Errors
///
/// Returns why the formula has no value.
pub fn calc(expression: &str) -> Result<Value, Arc<CellError>> {
    let text = expression.trim();
    let program = Program::of_expression(text.strip_prefix('=').unwrap_or(text));
    let Some(formula) = program.formula(0) else {
        return Ok(Value::Blank);
    };
    Evaluation { values: &[], periods: &[], period: None }.value(&formula.node).map_err(|stopped| match stopped {
        Break::Here(fault) => Arc::new(program.error(0, *fault)),
        Break::Elsewhere(error) => error,
    })
}

/// The value of `cell`, which stands at `period`, where `values` holds those of all cells it needs.
pub(crate) fn evaluate(program: &Program, cell: usize, period: Option<usize>, values: &[CellValue]) -> CellValue {
    let node = match program.sources.get(cell) {
        None | Some(Source::Blank) => return CellValue::Blank,
        Some(Source::Number(number)) => return CellValue::Number(*number),
        Some(Source::Formula(_)) => match program.formula(cell) {
            None => return CellValue::Blank,
            Some(formula) => &formula.node,
        },
    };
    let evaluation = Evaluation { values, periods: &program.shape.periods, period };
    match evaluation.one(node) {
        Ok(value) => value,
        Err(Break::Elsewhere(error)) => CellValue::Error(error),
        Err(Break::Here(fault)) => CellValue::Error(Arc::new(program.error(cell, *fault))),
    }
}

/// The value of one part of a formula at `period`. None if it is a list or an error.
pub(crate) fn evaluate_part(
    program: &Program,
    node: &Node,
    period: Option<usize>,
    values: &[CellValue],
) -> Option<CellValue> {
    Evaluation { values, periods: &program.shape.periods, period }.one(node).ok()
}

/// What a part of a formula comes to.
type Evaluated<T> = Result<T, Break>;

/// Why a part of a formula has no value.
enum Break {
    /// This formula is wrong.
    Here(Box<Fault>),
    /// A cell that this formula needs has an error.
    Elsewhere(Arc<CellError>),
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    values: &'a [CellValue],
    periods: &'a [Period],
    /// Here. None for an item with one value.
    period: Option<usize>,
}

impl<'a> Evaluation<'a> {
    /// The part as a number; none if it is blank.
    fn number(&self, node: &Node) -> Evaluated<Option<f64>> {
        let value = match node {
            Node::Number(number) => return Ok(Some(*number)),
            Node::Cell { .. } | Node::Here { .. } => match self.cell(node) {
                Some(CellValue::Number(number)) => return Ok(Some(*number)),
                None | Some(CellValue::Blank) => return Ok(None),
                Some(CellValue::Error(error)) => return Err(Break::Elsewhere(Arc::clone(error))),
                Some(CellValue::Text(text)) => CellValue::Text(Arc::clone(text)),
            },
            Node::Negate(inner) => return Ok(self.number(inner)?.map(|number| -number)),
            Node::Percent(inner) => return Ok(self.number(inner)?.map(|number| number / 100.0)),
            Node::Binary { operator, left, right, span } => {
                return match (self.number(left)?, self.number(right)?) {
                    (Some(left), Some(right)) => binary(*operator, left, right, span).map(Some),
                    _ => Ok(None),
                };
            }
            _ => self.one(node)?,
        };
        match value {
            CellValue::Number(number) => Ok(Some(number)),
            CellValue::Blank => Ok(None),
            CellValue::Error(error) => Err(Break::Elsewhere(error)),
            CellValue::Text(_) => {
                let fault = fault(CellErrorCode::Argument, "a text stands where a number is needed", &node.span());
                Err(Break::Here(Box::new(Fault { hint: Some("value(text) reads a number"), ..fault })))
            }
        }
    }

    /// The part as one value, never an error.
    fn one(&self, node: &Node) -> Evaluated<CellValue> {
        match node {
            Node::Text(text) => Ok(CellValue::Text(Arc::clone(text))),
            Node::Omitted => Ok(CellValue::Blank),
            Node::Cell { .. } | Node::Here { .. } => match self.cell(node) {
                Some(CellValue::Error(error)) => Err(Break::Elsewhere(Arc::clone(error))),
                value => Ok(value.cloned().unwrap_or_default()),
            },
            Node::Number(_) | Node::Negate(_) | Node::Percent(_) | Node::Binary { .. } => {
                Ok(self.number(node)?.map_or(CellValue::Blank, CellValue::Number))
            }
            Node::Compare { comparison, left, right, .. } => {
                let holds = compare(*comparison, &self.one(left)?, &self.one(right)?);
                Ok(holds.map_or(CellValue::Blank, condition))
            }
            Node::Join { left, right, .. } => match (self.one(left)?, self.one(right)?) {
                (CellValue::Blank, CellValue::Blank) => Ok(CellValue::Blank),
                (left, right) => self.joined(&left, &right, node),
            },
            Node::Range { span, .. } | Node::List { span, .. } => Err(Break::Here(Box::new(many(span)))),
            Node::Form { .. } | Node::Call { .. } => match self.value(node)? {
                Value::Blank => Ok(CellValue::Blank),
                Value::Number(number) => Ok(CellValue::Number(number)),
                Value::Text(text) => Ok(CellValue::Text(text)),
                Value::List(_) => Err(Break::Here(Box::new(many(&node.span())))),
            },
            Node::Fault(fault) => Err(Break::Here(fault.clone())),
        }
    }

    /// The part as a value or a list.
    fn value(&self, node: &Node) -> Evaluated<Value> {
        match node {
            Node::Range { .. } => Ok(Value::List(self.range(node).into())),
            Node::List { items, .. } => Ok(Value::List(self.list(items)?.into())),
            Node::Form { form, arguments, span } => self.form(*form, arguments, span),
            Node::Call { function, arguments, span } => self.call(function, arguments, span),
            _ => match self.one(node)? {
                CellValue::Blank => Ok(Value::Blank),
                CellValue::Number(number) => Ok(Value::Number(number)),
                CellValue::Text(text) => Ok(Value::Text(text)),
                CellValue::Error(error) => Err(Break::Elsewhere(error)),
            },
        }
    }

    fn list(&self, items: &[Node]) -> Evaluated<Vec<CellValue>> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            match self.value(item)? {
                Value::Blank => list.push(CellValue::Blank),
                Value::Number(number) => list.push(CellValue::Number(number)),
                Value::Text(text) => list.push(CellValue::Text(text)),
                Value::List(items) => list.extend(items.iter().cloned()),
            }
        }
        Ok(list)
    }

    fn call(&self, function: &'static Function, arguments: &[Node], span: &Range<usize>) -> Evaluated<Value> {
        let mut evaluated: SmallVec<[Argument<'a>; 6]> = SmallVec::new();
        for argument in arguments {
            evaluated.push(self.argument(argument)?);
        }
        let arguments = Arguments { function, arguments: &evaluated, periods: self.periods, period: self.period };
        match (function.call)(&arguments) {
            Ok(Value::Number(number)) => finite(number, span).map(Value::Number),
            Ok(value) => Ok(value),
            Err(Stop::Blank) => Ok(Value::Blank),
            Err(Stop::Upstream(error)) => Err(Break::Elsewhere(error)),
            Err(Stop::Here { code, message, hint }) => {
                Err(Break::Here(Box::new(Fault { code, message, hint, span: span.clone() })))
            }
        }
    }

    fn argument(&self, node: &Node) -> Evaluated<Argument<'a>> {
        Ok(match node {
            Node::Omitted => Argument::Omitted,
            Node::Range { .. } => Argument::Cells(self.range(node)),
            Node::List { .. } | Node::Form { .. } | Node::Call { .. } => match self.value(node)? {
                Value::Blank => Argument::One(CellValue::Blank),
                Value::Number(number) => Argument::One(CellValue::Number(number)),
                Value::Text(text) => Argument::One(CellValue::Text(text)),
                Value::List(list) => Argument::List(list),
            },
            _ => Argument::One(self.one(node)?),
        })
    }

    /// The value of the cell that the node stands for, if there is one.
    fn cell(&self, node: &Node) -> Option<&'a CellValue> {
        match node {
            Node::Cell { cell, .. } => self.values.get(*cell),
            Node::Here { first, offset, .. } => {
                at(self.period, *offset, self.periods.len()).and_then(|index| self.values.get(first + index))
            }
            _ => None,
        }
    }

    fn range(&self, node: &Node) -> &'a [CellValue] {
        match node {
            Node::Range { first, from, to, .. } => {
                let cut = cut(self.period, *from, *to, self.periods.len());
                self.values.get(first + cut.start..first + cut.end).unwrap_or_default()
            }
            _ => &[],
        }
    }

    fn joined(&self, left: &CellValue, right: &CellValue, node: &Node) -> Evaluated<CellValue> {
        let joined = format!("{}{}", text_of(left), text_of(right));
        if joined.len() > super::functions::MAX_TEXT_BYTES {
            let fault = fault(CellErrorCode::Argument, "the text would be too long", &node.span());
            return Err(Break::Here(Box::new(fault)));
        }
        Ok(CellValue::Text(joined.into()))
    }
}

/// A value as part of a text.
fn text_of(value: &CellValue) -> String {
    match value {
        CellValue::Number(number) => super::decimal::display(*number),
        CellValue::Text(text) => text.to_string(),
        CellValue::Blank | CellValue::Error(_) => String::new(),
    }
}

fn binary(operator: Operator, left: f64, right: f64, span: &Range<usize>) -> Evaluated<f64> {
    let result = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide if right == 0.0 => {
            return Err(Break::Here(Box::new(fault(CellErrorCode::DivisionByZero, "division by zero", span))));
        }
        Operator::Divide => left / right,
        Operator::Power => libm::pow(left, right),
    };
    finite(result, span)
}

fn condition(holds: bool) -> CellValue {
    CellValue::Number(if holds { 1.0 } else { 0.0 })
}

fn fault(code: CellErrorCode, message: &'static str, span: &Range<usize>) -> Fault {
    Fault { code, message: message.into(), hint: None, span: span.clone() }
}

fn many(span: &Range<usize>) -> Fault {
    let fault = fault(CellErrorCode::Argument, "many values stand where one is needed", span);
    Fault { hint: Some("take sum, average, first, last or index of them"), ..fault }
}

#[inline]
fn finite(number: f64, span: &Range<usize>) -> Evaluated<f64> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(Break::Here(Box::new(fault(CellErrorCode::NotANumber, "the result is not a finite number", span))))
}
