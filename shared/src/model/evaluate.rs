//! The value of one cell, from the values of the cells it needs.

use std::ops::Range;
use std::sync::Arc;

use super::formula::{Comparison, Expr, Operator};
use super::functions::{Argument, Arguments, Stop};
use super::program::{Fault, Place, Program, Referent, Source};
use super::{CellError, CellErrorCode, CellValue, Function, Value};

/// The value of one formula without a model, with or without an equals sign: `npv(10%, [100, 110])`.
///
/// # Errors
///
/// Returns why the formula has no value.
pub fn calc(expression: &str) -> Result<Value, CellError> {
    let text = expression.trim();
    let program = Program::of_expression(text.strip_prefix('=').unwrap_or(text));
    evaluated(&program, 0, Place { row: 0, period: None }, &[]).map_err(|failure| match failure {
        Failure::Here(fault) => program.error(0, *fault),
        Failure::Elsewhere(error) => CellError::clone(&error),
    })
}

/// What a part of a formula comes to.
type Evaluated<T> = Result<T, Failure>;

enum Failure {
    /// This formula is wrong.
    Here(Box<Fault>),
    /// A cell that this formula needs has an error.
    Elsewhere(Arc<CellError>),
}

/// The value of `cell`, where `values` holds those of all cells it needs.
pub(super) fn evaluate(program: &Program, cell: usize, values: &[CellValue]) -> CellValue {
    let (Some(place), Some(source)) = (program.places.get(cell), program.sources.get(cell)) else {
        return CellValue::Blank;
    };
    match source {
        Source::Blank => return CellValue::Blank,
        Source::Number(number) => return CellValue::Number(*number),
        Source::Formula(_) => {}
    }
    let error = |fault| CellValue::Error(Arc::new(program.error(cell, fault)));
    match evaluated(program, cell, *place, values) {
        Ok(Value::Blank) => CellValue::Blank,
        Ok(Value::Number(number)) => CellValue::Number(number),
        Ok(Value::Text(text)) => CellValue::Text(text),
        Ok(Value::List(_)) => error(a_list(0..0)),
        Err(Failure::Elsewhere(error)) => CellValue::Error(error),
        Err(Failure::Here(fault)) => error(*fault),
    }
}

fn evaluated(program: &Program, cell: usize, place: Place, values: &[CellValue]) -> Evaluated<Value> {
    match program.formula(cell).map(|formula| &formula.expr) {
        None => Ok(Value::Blank),
        Some(Ok(expr)) => Evaluation { program, values, place }.value(expr),
        Some(Err(error)) => Err(here(
            if error.is_unknown_function { CellErrorCode::Name } else { CellErrorCode::Syntax },
            error.message.clone(),
            &error.span,
        )),
    }
}

struct Evaluation<'a> {
    program: &'a Program,
    values: &'a [CellValue],
    place: Place,
}

impl<'a> Evaluation<'a> {
    fn value(&self, expr: &Expr) -> Evaluated<Value> {
        match expr {
            Expr::List(items) => Ok(Value::List(self.list(items)?.into())),
            Expr::Call { function, arguments, span } => self.call(function, arguments, span),
            Expr::If { condition, then, otherwise } => match self.number(condition)? {
                None => Ok(Value::Blank),
                Some(0.0) => self.value(otherwise),
                Some(_) => self.value(then),
            },
            Expr::Reference(reference) | Expr::Previous(reference) => {
                let is_previous = matches!(expr, Expr::Previous(_));
                let resolved = self.program.shape.resolve(reference, self.place, is_previous);
                match resolved.map_err(|fault| Failure::Here(Box::new(fault)))? {
                    Referent::Cell(cell) => {
                        let value = cell.and_then(|cell| self.values.get(cell)).cloned().unwrap_or_default();
                        Result::from(value).map_err(Failure::Elsewhere)
                    }
                    Referent::Row(cells) => Ok(Value::List(self.values.get(cells).unwrap_or_default().into())),
                }
            }
            _ => Ok(self.number(expr)?.map_or(Value::Blank, Value::Number)),
        }
    }

    fn list(&self, items: &[Expr]) -> Evaluated<Vec<CellValue>> {
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

    fn call(&self, function: &'static Function, arguments: &[Expr], span: &Range<usize>) -> Evaluated<Value> {
        let arguments: Vec<Argument<'a>> =
            arguments.iter().map(|argument| self.argument(argument)).collect::<Evaluated<_>>()?;
        match (function.call)(&Arguments { function, arguments: &arguments }) {
            Ok(Value::Number(number)) => Ok(finite(number, span)?.map_or(Value::Blank, Value::Number)),
            Ok(value) => Ok(value),
            Err(Stop::Blank) => Ok(Value::Blank),
            Err(Stop::Upstream(error)) => Err(Failure::Elsewhere(error)),
            Err(Stop::Here { code, message, hint }) => {
                Err(Failure::Here(Box::new(Fault { code, message: message.into_owned(), hint, span: span.clone() })))
            }
        }
    }

    fn argument(&self, expr: &Expr) -> Evaluated<Argument<'a>> {
        if let Expr::Reference(reference) = expr
            && let Ok(Referent::Row(cells)) = self.program.shape.resolve(reference, self.place, false)
        {
            return Ok(Argument::Cells(self.values.get(cells).unwrap_or_default()));
        }
        Ok(match self.value(expr)? {
            Value::Blank => Argument::One(CellValue::Blank),
            Value::Number(number) => Argument::One(CellValue::Number(number)),
            Value::Text(text) => Argument::One(CellValue::Text(text)),
            Value::List(list) => Argument::List(list),
        })
    }

    /// The part as a number; none if it is blank.
    fn number(&self, expr: &Expr) -> Evaluated<Option<f64>> {
        match expr {
            Expr::Number(number) => Ok(Some(*number)),
            Expr::Negate(inner) => Ok(self.number(inner)?.map(|number| -number)),
            Expr::Percent(inner) => Ok(self.number(inner)?.map(|number| number / 100.0)),
            Expr::Binary { operator, left, right, span } => {
                let (Some(left), Some(right)) = (self.number(left)?, self.number(right)?) else {
                    return Ok(None);
                };
                let result = match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide if right == 0.0 => {
                        return Err(here(CellErrorCode::DivisionByZero, "division by zero", span));
                    }
                    Operator::Divide => left / right,
                    Operator::Power => libm::pow(left, right),
                };
                finite(result, span)
            }
            Expr::Compare { comparison, left, right } => {
                let (Some(left), Some(right)) = (self.number(left)?, self.number(right)?) else {
                    return Ok(None);
                };
                let holds = match comparison {
                    Comparison::Equal => left == right,
                    Comparison::NotEqual => left != right,
                    Comparison::Less => left < right,
                    Comparison::LessOrEqual => left <= right,
                    Comparison::Greater => left > right,
                    Comparison::GreaterOrEqual => left >= right,
                };
                Ok(Some(if holds { 1.0 } else { 0.0 }))
            }
            _ => match self.value(expr)? {
                Value::Blank => Ok(None),
                Value::Number(number) => Ok(Some(number)),
                Value::Text(_) => {
                    Err(here(CellErrorCode::Argument, "a text stands where a number is needed", &span_of(expr)))
                }
                Value::List(_) => Err(Failure::Here(Box::new(a_list(span_of(expr))))),
            },
        }
    }
}

fn span_of(expr: &Expr) -> Range<usize> {
    match expr {
        Expr::Reference(reference) | Expr::Previous(reference) => reference.span.clone(),
        Expr::Call { span, .. } | Expr::Binary { span, .. } => span.clone(),
        _ => 0..0,
    }
}

fn here(code: CellErrorCode, message: impl Into<String>, span: &Range<usize>) -> Failure {
    Failure::Here(Box::new(Fault { code, message: message.into(), hint: None, span: span.clone() }))
}

fn a_list(span: Range<usize>) -> Fault {
    Fault {
        code: CellErrorCode::Argument,
        message: "many values stand where one is needed".to_owned(),
        hint: Some("take sum, average, first, last or index of them"),
        span,
    }
}

fn finite(number: f64, span: &Range<usize>) -> Evaluated<Option<f64>> {
    if number.is_finite() {
        return Ok(Some(number));
    }
    Err(here(CellErrorCode::NotANumber, "the result is not a finite number", span))
}
