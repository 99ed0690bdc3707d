//! The functions that calculate only the arguments that they need.

use std::ops::Range;

use super::{Break, Evaluated, Evaluation, compare, fault};
use crate::model::formula::{Comparison, Form};
use crate::model::program::Node;
use crate::model::{CellErrorCode, CellValue, Value};

impl Evaluation<'_> {
    /// The parser lets through no form with fewer arguments than it needs.
    pub(super) fn form(&self, form: Form, arguments: &[Node], span: &Range<usize>) -> Evaluated<Value> {
        let (first, rest) = arguments.split_first().unwrap_or((&Node::Omitted, &[]));
        match form {
            Form::If => match self.number(first)? {
                None => Ok(Value::Blank),
                Some(0.0) => rest.get(1).map_or(Ok(Value::Number(0.0)), |otherwise| self.value(otherwise)),
                Some(_) => self.value(rest.first().unwrap_or(&Node::Omitted)),
            },
            Form::Ifs => self.ifs(arguments, span),
            Form::Switch => self.switch(&self.one(first)?, rest, span),
            Form::Choose => self.choose(first, rest, span),
            Form::IfError => self.value(first).or_else(|_| self.value_at(rest, 0)),
            Form::IfNotFound => match self.value(first) {
                Err(error) if is_not_found(&error) => self.value_at(rest, 0),
                other => other,
            },
            Form::IsError => Ok(truth(self.value(first).is_err())),
            Form::IsNotFound => Ok(truth(self.value(first).is_err_and(|error| is_not_found(&error)))),
            Form::IsBlank => Ok(truth(matches!(self.value(first), Ok(Value::Blank)))),
            Form::IsNumber => Ok(truth(matches!(self.value(first), Ok(Value::Number(_))))),
            Form::IsText => Ok(truth(matches!(self.value(first), Ok(Value::Text(_))))),
            Form::Coalesce => {
                for argument in arguments {
                    match self.value(argument)? {
                        Value::Blank => {}
                        value => return Ok(value),
                    }
                }
                Ok(Value::Blank)
            }
            Form::And => self.until(arguments, false, span),
            Form::Or => self.until(arguments, true, span),
        }
    }

    fn ifs(&self, arguments: &[Node], span: &Range<usize>) -> Evaluated<Value> {
        for pair in arguments.chunks(2) {
            match self.number(pair.first().unwrap_or(&Node::Omitted))? {
                None => return Ok(Value::Blank),
                Some(0.0) => {}
                Some(_) => return self.value_at(pair, 1),
            }
        }
        Err(wrong(CellErrorCode::NotFound, "no condition holds", span))
    }

    fn switch(&self, x: &CellValue, cases: &[Node], span: &Range<usize>) -> Evaluated<Value> {
        if *x == CellValue::Blank {
            return Ok(Value::Blank);
        }
        for case in cases.chunks(2) {
            let [case, value] = case else {
                return self.value_at(case, 0);
            };
            if compare(Comparison::Equal, x, &self.one(case)?) == Some(true) {
                return self.value(value);
            }
        }
        Err(wrong(CellErrorCode::NotFound, "no case fits", span))
    }

    fn choose(&self, index: &Node, values: &[Node], span: &Range<usize>) -> Evaluated<Value> {
        let Some(number) = self.number(index)? else {
            return Ok(Value::Blank);
        };
        #[allow(clippy::as_conversions, reason = "the conversion saturates, and cuts as Excel does")]
        let index = number as usize;
        match index.checked_sub(1).and_then(|index| values.get(index)) {
            Some(value) => self.value(value),
            None => Err(wrong(CellErrorCode::Argument, "there is no value of that number to choose", span)),
        }
    }

    /// Whether one argument, or one value in a list, is `sought`; the rest is not calculated. Blanks are passed over.
    fn until(&self, arguments: &[Node], sought: bool, span: &Range<usize>) -> Evaluated<Value> {
        let mut is_blank = true;
        for argument in arguments {
            let several;
            let single;
            let cells: &[CellValue] = match self.value(argument)? {
                Value::List(list) => {
                    several = list;
                    &several
                }
                Value::Number(number) => {
                    single = CellValue::Number(number);
                    std::slice::from_ref(&single)
                }
                Value::Blank => &[],
                Value::Text(_) => {
                    return Err(wrong(CellErrorCode::Argument, "a text is neither true nor false", span));
                }
            };
            for cell in cells {
                match cell {
                    CellValue::Number(number) if (*number != 0.0) == sought => return Ok(truth(sought)),
                    CellValue::Number(_) => is_blank = false,
                    CellValue::Blank | CellValue::Text(_) => {}
                    CellValue::Error(error) => return Err(Break::Elsewhere(error.clone())),
                }
            }
        }
        Ok(if is_blank { Value::Blank } else { truth(!sought) })
    }

    fn value_at(&self, nodes: &[Node], index: usize) -> Evaluated<Value> {
        nodes.get(index).map_or(Ok(Value::Blank), |node| self.value(node))
    }
}

fn truth(holds: bool) -> Value {
    Value::Number(if holds { 1.0 } else { 0.0 })
}

fn is_not_found(error: &Break) -> bool {
    let code = match error {
        Break::Here(fault) => fault.code,
        Break::Elsewhere(error) => error.code,
    };
    code == CellErrorCode::NotFound
}

fn wrong(code: CellErrorCode, message: &'static str, span: &Range<usize>) -> Break {
    Break::Here(Box::new(fault(code, message, span)))
}
