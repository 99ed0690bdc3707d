//! Functions that make one value of many.

use super::{Arguments, Function, Outcome, Stop};
use crate::model::{CellValue, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "sum",
        parameters: "a, b, …",
        summary: "The sum, from left to right; 0 of nothing",
        arity: (1, 255),
        call: sum,
    },
    Function {
        name: "product",
        parameters: "a, b, …",
        summary: "The product, from left to right; blank of nothing",
        arity: (1, 255),
        call: product,
    },
    Function {
        name: "sumsq",
        parameters: "a, b, …",
        summary: "The sum of the squares",
        arity: (1, 255),
        call: sum_of_squares,
    },
    Function { name: "min", parameters: "a, b, …", summary: "The smallest number", arity: (1, 255), call: min },
    Function { name: "max", parameters: "a, b, …", summary: "The largest number", arity: (1, 255), call: max },
    Function {
        name: "first",
        parameters: "a, b, …",
        summary: "The first value that is there",
        arity: (1, 255),
        call: first,
    },
    Function {
        name: "last",
        parameters: "a, b, …",
        summary: "The last value that is there",
        arity: (1, 255),
        call: last,
    },
    Function {
        name: "npv",
        parameters: "rate, a, b, …",
        summary: "Present value of flows, the first one period ahead",
        arity: (2, 255),
        call: npv,
    },
];

fn sum(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut sum = 0.0;
    arguments.each_number_from(0, |number| sum += number)?;
    Ok(Value::Number(sum))
}

fn product(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut product = None;
    arguments.each_number_from(0, |number| product = Some(product.unwrap_or(1.0) * number))?;
    Ok(product.map_or(Value::Blank, Value::Number))
}

fn sum_of_squares(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut sum = 0.0;
    arguments.each_number_from(0, |number| sum += number * number)?;
    Ok(Value::Number(sum))
}

fn min(arguments: &Arguments<'_>) -> Outcome<Value> {
    chosen(arguments, |number, best| number < best)
}

fn max(arguments: &Arguments<'_>) -> Outcome<Value> {
    chosen(arguments, |number, best| number > best)
}

fn first(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut indices = 0..arguments.len();
    let present = indices.find_map(|index| arguments.cells(index).iter().find(|cell| **cell != CellValue::Blank));
    one(present)
}

fn last(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut indices = (0..arguments.len()).rev();
    let present = indices.find_map(|index| arguments.cells(index).iter().rev().find(|cell| **cell != CellValue::Blank));
    one(present)
}

fn npv(arguments: &Arguments<'_>) -> Outcome<Value> {
    let rate = arguments.number(0)?;
    if rate == -1.0 {
        return Err(Stop::division_by_zero("at a rate of -100 % there is no present value"));
    }
    let (mut discount, mut sum, mut is_empty) = (1.0, 0.0, true);
    arguments.each_number_from(1, |flow| {
        discount *= 1.0 + rate;
        sum += flow / discount;
        is_empty = false;
    })?;
    Ok(if is_empty { Value::Blank } else { Value::Number(sum) })
}

/// The first number that none behind it is better than.
fn chosen(arguments: &Arguments<'_>, is_better: fn(f64, f64) -> bool) -> Outcome<Value> {
    let mut chosen = None;
    arguments.each_number_from(0, |number| {
        if chosen.is_none_or(|best| is_better(number, best)) {
            chosen = Some(number);
        }
    })?;
    Ok(chosen.map_or(Value::Blank, Value::Number))
}

fn one(cell: Option<&CellValue>) -> Outcome<Value> {
    Result::from(cell.cloned().unwrap_or_default()).map_err(Stop::Upstream)
}
