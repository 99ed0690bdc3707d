//! Choices, conditions, blanks and errors. Most calculate only the arguments that they need, and so are the evaluator's.

use super::{Arguments, Function, Outcome, Stop};
use crate::model::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    lazy("if", "condition, then, [otherwise]", "then where the condition is not 0, otherwise where it is", 2, 3),
    lazy("ifs", "condition, value, …", "The value of the first condition that is not 0", 2, 255),
    lazy("switch", "x, case, value, …, [otherwise]", "The value of the first case that equals x", 3, 255),
    lazy("choose", "index, a, b, …", "The value of that number, from 1", 2, 255),
    lazy("iferror", "x, otherwise", "x, or otherwise where x is an error", 2, 2),
    lazy("ifna", "x, otherwise", "x, or otherwise where x is #N/A", 2, 2),
    lazy("iserror", "x", "Whether x is an error", 1, 1),
    lazy("isna", "x", "Whether x is #N/A", 1, 1),
    lazy("isblank", "x", "Whether x is blank", 1, 1),
    lazy("isnumber", "x", "Whether x is a number", 1, 1),
    lazy("istext", "x", "Whether x is a text", 1, 1),
    lazy("coalesce", "a, b, …", "The first value that is not blank", 1, 255),
    lazy("and", "a, b, …", "Whether none is 0", 1, 255),
    lazy("or", "a, b, …", "Whether one is not 0", 1, 255),
    Function { name: "not", parameters: "x", summary: "Whether x is 0", arity: (1, 1), call: not },
    Function {
        name: "xor",
        parameters: "a, b, …",
        summary: "Whether an odd number of them are not 0",
        arity: (1, 255),
        call: xor,
    },
];

const fn lazy(name: &'static str, parameters: &'static str, summary: &'static str, least: u8, most: u8) -> Function {
    Function { name, parameters, summary, arity: (least, most), call: by_the_evaluator }
}

fn by_the_evaluator(arguments: &Arguments<'_>) -> Outcome<Value> {
    Err(Stop::argument(format!("{} can't be calculated from values alone", arguments.function.name)))
}

fn not(arguments: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::Number(if arguments.number(0)? == 0.0 { 1.0 } else { 0.0 }))
}

fn xor(arguments: &Arguments<'_>) -> Outcome<Value> {
    let (mut is_odd, mut is_blank) = (false, true);
    arguments.each_number_from(0, |number| {
        is_odd ^= number != 0.0;
        is_blank = false;
    })?;
    Ok(if is_blank { Value::Blank } else { Value::Number(if is_odd { 1.0 } else { 0.0 }) })
}
