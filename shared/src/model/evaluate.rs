//! The value of one cell, from the values of the cells it needs.

use super::formula::{Comparison, Expr, Function, Operator};
use super::program::{Fault, Place, Program, Referent, Source};
use super::{CellError, CellErrorCode, CellValue};

/// What a part of a formula comes to: a number, or nothing.
type Evaluated = Result<Option<f64>, Failure>;

enum Failure {
    /// This formula is wrong.
    Here(Fault),
    /// A cell that this formula needs has an error.
    Elsewhere(CellError),
}

/// The value of `cell`, where `values` holds those of all cells it needs.
pub(super) fn evaluate(program: &Program, cell: usize, values: &[CellValue]) -> CellValue {
    let (Some(place), Some(source)) = (program.places.get(cell), program.sources.get(cell)) else {
        return CellValue::Blank;
    };
    let formula = match source {
        Source::Blank => return CellValue::Blank,
        Source::Number(number) => return CellValue::Number(*number),
        Source::Formula(_) => program.formula(cell),
    };
    let evaluated = match formula.map(|formula| &formula.expr) {
        None => Ok(None),
        Some(Ok(expr)) => Evaluation { program, values, place: *place }.value(expr),
        Some(Err(error)) => Err(Failure::Here(Fault {
            code: if error.is_unknown_function { CellErrorCode::Name } else { CellErrorCode::Syntax },
            message: error.message.clone(),
            span: error.span.clone(),
        })),
    };
    match evaluated {
        Ok(None) => CellValue::Blank,
        Ok(Some(number)) => CellValue::Number(number),
        Err(Failure::Elsewhere(error)) => CellValue::Error(error),
        Err(Failure::Here(fault)) => CellValue::Error(program.error(cell, fault)),
    }
}

struct Evaluation<'a> {
    program: &'a Program,
    values: &'a [CellValue],
    place: Place,
}

impl Evaluation<'_> {
    fn value(&self, expr: &Expr) -> Evaluated {
        match expr {
            Expr::Number(number) => Ok(Some(*number)),
            Expr::Reference(reference) | Expr::Previous(reference) => {
                let is_previous = matches!(expr, Expr::Previous(_));
                match self.program.shape.resolve(reference, self.place, is_previous).map_err(Failure::Here)? {
                    Referent::Cell(Some(cell)) => self.cell(cell),
                    Referent::Cell(None) => Ok(None),
                    Referent::Row(_) => Err(Failure::Here(Fault {
                        code: CellErrorCode::Argument,
                        message: "this row has a value for each period; use sum, min, max, first, last or npv of it"
                            .to_owned(),
                        span: reference.span.clone(),
                    })),
                }
            }
            Expr::Negate(inner) => Ok(self.value(inner)?.map(|number| -number)),
            Expr::Percent(inner) => Ok(self.value(inner)?.map(|number| number / 100.0)),
            Expr::Binary { operator, left, right, span } => {
                let (Some(left), Some(right)) = (self.value(left)?, self.value(right)?) else {
                    return Ok(None);
                };
                let result = match operator {
                    Operator::Add => left + right,
                    Operator::Subtract => left - right,
                    Operator::Multiply => left * right,
                    Operator::Divide if right == 0.0 => {
                        return Err(Failure::Here(Fault {
                            code: CellErrorCode::DivisionByZero,
                            message: "division by zero".to_owned(),
                            span: span.clone(),
                        }));
                    }
                    Operator::Divide => left / right,
                    Operator::Power => libm::pow(left, right),
                };
                finite(result, span)
            }
            Expr::Compare { comparison, left, right } => {
                let (Some(left), Some(right)) = (self.value(left)?, self.value(right)?) else {
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
            Expr::If { condition, then, otherwise } => match self.value(condition)? {
                None => Ok(None),
                Some(0.0) => self.value(otherwise),
                Some(_) => self.value(then),
            },
            Expr::Call { function, arguments, span } => self.call(*function, arguments, span),
        }
    }

    fn call(&self, function: Function, arguments: &[Expr], span: &std::ops::Range<usize>) -> Evaluated {
        match (function, arguments) {
            (Function::Npv, [rate, flows @ ..]) => {
                let Some(rate) = self.value(rate)? else {
                    return Ok(None);
                };
                if rate == -1.0 {
                    return Err(Failure::Here(Fault {
                        code: CellErrorCode::DivisionByZero,
                        message: "at a rate of -100 % there is no present value".to_owned(),
                        span: span.clone(),
                    }));
                }
                let flows = self.values(flows)?;
                if flows.is_empty() {
                    return Ok(None);
                }
                let mut discount = 1.0;
                let mut sum = 0.0;
                for flow in flows {
                    discount *= 1.0 + rate;
                    sum += flow / discount;
                }
                finite(sum, span)
            }
            (Function::Sum, values) => {
                finite(self.values(values)?.into_iter().fold(0.0, |sum, value| sum + value), span)
            }
            (Function::Min, values) => Ok(self.values(values)?.into_iter().reduce(|a, b| if b < a { b } else { a })),
            (Function::Max, values) => Ok(self.values(values)?.into_iter().reduce(|a, b| if b > a { b } else { a })),
            (Function::First, values) => Ok(self.values(values)?.first().copied()),
            (Function::Last, values) => Ok(self.values(values)?.last().copied()),
            (Function::Npv, []) => Ok(None),
        }
    }

    /// The numbers among the arguments, in order; those of a whole row where one stands. Blanks are passed over.
    fn values(&self, arguments: &[Expr]) -> Result<Vec<f64>, Failure> {
        let mut numbers = Vec::new();
        for argument in arguments {
            if let Expr::Reference(reference) = argument
                && let Ok(Referent::Row(cells)) = self.program.shape.resolve(reference, self.place, false)
            {
                for cell in cells {
                    numbers.extend(self.cell(cell)?);
                }
            } else {
                numbers.extend(self.value(argument)?);
            }
        }
        Ok(numbers)
    }

    fn cell(&self, cell: usize) -> Evaluated {
        match self.values.get(cell) {
            Some(CellValue::Number(number)) => Ok(Some(*number)),
            Some(CellValue::Error(error)) => Err(Failure::Elsewhere(error.clone())),
            Some(CellValue::Blank) | None => Ok(None),
        }
    }
}

fn finite(number: f64, span: &std::ops::Range<usize>) -> Evaluated {
    if number.is_finite() {
        return Ok(Some(number));
    }
    Err(Failure::Here(Fault {
        code: CellErrorCode::NotANumber,
        message: "the result is not a finite number".to_owned(),
        span: span.clone(),
    }))
}
