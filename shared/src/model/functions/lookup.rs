//! Functions that find a value in a list.

use std::cmp::Ordering;

use super::{Arguments, Function, Outcome, Stop};
use crate::finance::regression;
use crate::model::{CellErrorCode, CellValue, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "index",
        parameters: "list, place",
        summary: "The value at a place of the list, from 1",
        arity: (2, 2),
        call: |a| at(a, 0, a.integer(1)?),
    },
    Function {
        name: "match",
        parameters: "x, list, [type]",
        summary: "The place of x in the list: of the last at most x (1, ascending), of x itself (0), of the last at least x (-1, descending)",
        arity: (2, 3),
        call: |a| {
            let kind = a.integer_or(2, 1)?;
            Ok(Value::Number(f64::from(u32::try_from(place(a, kind)?).unwrap_or(u32::MAX))))
        },
    },
    Function {
        name: "lookup",
        parameters: "x, keys, [values]",
        summary: "The value beside the last of the ascending keys that is at most x",
        arity: (2, 3),
        call: |a| {
            let place = place(a, 1)?;
            at(a, if a.is_omitted(2) { 1 } else { 2 }, i64::try_from(place).unwrap_or(i64::MAX))
        },
    },
    Function {
        name: "xlookup",
        parameters: "x, keys, values, [if_not_found], [match]",
        summary: "The value beside the key that is x, or the next smaller (-1) or larger (1) one",
        arity: (3, 5),
        call: xlookup,
    },
    Function {
        name: "interpolate",
        parameters: "x, xs, ys",
        summary: "The y at x on the straight lines between points",
        arity: (3, 3),
        call: |a| {
            let (xs, ys) = super::statistics::pairs(a, 1, 2)?;
            Ok(Value::Number(regression::interpolate(a.number(0)?, &xs, &ys)?))
        },
    },
];

/// How `cell` lies to `x`, if the two can be compared. Letters count the same in either case.
fn compare(cell: &CellValue, x: &CellValue) -> Option<Ordering> {
    match (cell, x) {
        (CellValue::Number(cell), CellValue::Number(x)) => cell.partial_cmp(x),
        (CellValue::Text(cell), CellValue::Text(x)) => Some(cell.to_lowercase().cmp(&x.to_lowercase())),
        _ => None,
    }
}

/// What is looked for. A blank makes the value blank.
fn sought(arguments: &Arguments<'_>) -> Outcome<CellValue> {
    match arguments.one(0)? {
        CellValue::Blank => Err(Stop::Blank),
        value => Ok(value),
    }
}

/// The place of the first argument in the second, from 1.
fn place(arguments: &Arguments<'_>, kind: i64) -> Outcome<usize> {
    let x = sought(arguments)?;
    let cells = arguments.cells(1).iter().enumerate();
    let beyond = match kind.signum() {
        0 => {
            let mut equals = cells.filter(|(_, cell)| compare(cell, &x) == Some(Ordering::Equal));
            return equals.next().map(|(index, _)| index + 1).ok_or_else(|| not_found(arguments));
        }
        1 => Ordering::Greater,
        _ => Ordering::Less,
    };
    let mut comparable = cells.filter_map(|(index, cell)| Some((index, compare(cell, &x)?)));
    let mut last = None;
    while let Some((index, order)) = comparable.next()
        && order != beyond
    {
        last = Some(index + 1);
    }
    last.ok_or_else(|| not_found(arguments))
}

fn xlookup(arguments: &Arguments<'_>) -> Outcome<Value> {
    let x = sought(arguments)?;
    let mode = arguments.integer_or(4, 0)?;
    let keys = arguments.cells(1);
    let mut best: Option<(usize, &CellValue)> = None;
    for (index, key) in keys.iter().enumerate() {
        match compare(key, &x) {
            Some(Ordering::Equal) => {
                best = Some((index, key));
                break;
            }
            Some(order) if (mode < 0 && order == Ordering::Less) || (mode > 0 && order == Ordering::Greater) => {
                let is_nearer = best.is_none_or(|(_, best)| compare(key, best) == Some(order.reverse()));
                if is_nearer {
                    best = Some((index, key));
                }
            }
            _ => {}
        }
    }
    match best {
        Some((index, _)) => at(arguments, 2, i64::try_from(index + 1).unwrap_or(i64::MAX)),
        None if arguments.is_omitted(3) => Err(not_found(arguments)),
        None => Result::from(arguments.one(3)?).map_err(Stop::Upstream),
    }
}

/// The value at a place of the argument, from 1.
fn at(arguments: &Arguments<'_>, list: usize, place: i64) -> Outcome<Value> {
    let index = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
    match index.and_then(|index| arguments.cells(list).get(index)) {
        Some(cell) => Result::from(cell.clone()).map_err(Stop::Upstream),
        None => Err(Stop::new(CellErrorCode::Ref, "the list has no such place").with_hint("places count from 1")),
    }
}

fn not_found(arguments: &Arguments<'_>) -> Stop {
    Stop::not_found(format!("{} found nothing", arguments.function.name))
}
