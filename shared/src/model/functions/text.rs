//! Texts, for labels.

mod format;

use std::sync::Arc;

use super::{Arguments, Function, MAX_TEXT_BYTES, Outcome, Stop};
use crate::model::{CellValue, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::of(
        "text",
        "x, format",
        "A number in a format, such as \"#,##0.0\", \"0%\" or \"yyyy-mm-dd\"",
        2,
        2,
        |a| match a.one(0)? {
            CellValue::Number(number) => text(format::format(number, &a.text(1)?)?),
            _ => text(a.text(0)?.to_string()),
        },
    ),
    Function::of("value", "text", "The number that a text holds", 1, 1, value),
    Function::of("concat", "a, b, …", "All texts and numbers as one text", 1, 255, concat),
    Function::of("len", "text", "How many characters there are", 1, 1, |a| Ok(count(a.text(0)?.chars().count()))),
    Function::of("left", "text, [count]", "The first characters; one if no count is given", 1, 2, |a| {
        text(a.text(0)?.chars().take(length(a, 1)?).collect())
    }),
    Function::of("right", "text, [count]", "The last characters; one if no count is given", 1, 2, |a| {
        let (whole, kept) = (a.text(0)?, length(a, 1)?);
        text(whole.chars().skip(whole.chars().count().saturating_sub(kept)).collect())
    }),
    Function::of("mid", "text, start, count", "Characters from a place on, counted from 1", 3, 3, |a| {
        let start = a.integer(1)?;
        if start < 1 {
            return Err(Stop::argument("the first character is number 1"));
        }
        let skipped = usize::try_from(start.saturating_sub(1)).unwrap_or(usize::MAX);
        text(a.text(0)?.chars().skip(skipped).take(length(a, 2)?).collect())
    }),
    Function::of("upper", "text", "In capitals", 1, 1, |a| text(a.text(0)?.to_uppercase())),
    Function::of("lower", "text", "In small letters", 1, 1, |a| text(a.text(0)?.to_lowercase())),
    Function::of("trim", "text", "Without spaces at the ends and with single ones between words", 1, 1, |a| {
        text(a.text(0)?.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
    }),
    Function::of("exact", "a, b", "Whether two texts are the same letter by letter", 2, 2, |a| {
        Ok(Value::Number(if a.text(0)? == a.text(1)? { 1.0 } else { 0.0 }))
    }),
    Function::of("find", "sought, text, [start]", "Where a text begins in another, counted from 1", 2, 3, find),
    Function::of(
        "substitute",
        "text, old, new",
        "The text with all of one piece replaced by another",
        3,
        3,
        substitute,
    ),
];

fn text(text: String) -> Outcome<Value> {
    if text.len() > MAX_TEXT_BYTES {
        Err(Stop::argument("the text would be too long"))
    } else {
        Ok(Value::Text(text.into()))
    }
}

#[allow(clippy::as_conversions, reason = "a text is short")]
fn count(count: usize) -> Value {
    Value::Number(count as f64)
}

fn length(arguments: &Arguments<'_>, index: usize) -> Outcome<usize> {
    usize::try_from(arguments.integer_or(index, 1)?).map_err(|_| arguments.wrong(index, "is negative"))
}

fn value(arguments: &Arguments<'_>) -> Outcome<Value> {
    let text = arguments.text(0)?;
    match crate::model::edit::number(text.trim()) {
        Some(number) => Ok(Value::Number(number)),
        None => match crate::model::parse_date(text.trim()) {
            Some(day) => Ok(Value::Number(f64::from(day))),
            None => Err(Stop::argument("the text holds no number")),
        },
    }
}

fn concat(arguments: &Arguments<'_>) -> Outcome<Value> {
    let mut whole = String::new();
    for cell in (0..arguments.len()).flat_map(|index| arguments.cells(index)) {
        match cell {
            CellValue::Blank => {}
            CellValue::Number(number) => whole.push_str(&crate::model::decimal::display(*number)),
            CellValue::Text(text) => whole.push_str(text),
            CellValue::Error(error) => return Err(Stop::Upstream(Arc::clone(error))),
        }
        if whole.len() > MAX_TEXT_BYTES {
            break;
        }
    }
    text(whole)
}

fn find(arguments: &Arguments<'_>) -> Outcome<Value> {
    let (sought, whole, start) = (arguments.text(0)?, arguments.text(1)?, arguments.integer_or(2, 1)?);
    let skipped =
        usize::try_from(start.saturating_sub(1)).map_err(|_| Stop::argument("the first character is number 1"))?;
    let from = whole.char_indices().nth(skipped).map_or(whole.len(), |(byte, _)| byte);
    let found = whole.get(from..).and_then(|rest| rest.find(&*sought)).and_then(|byte| whole.get(..from + byte));
    match found {
        Some(before) => Ok(count(before.chars().count() + 1)),
        None => Err(Stop::argument("the text does not hold what is sought")),
    }
}

fn substitute(arguments: &Arguments<'_>) -> Outcome<Value> {
    let (whole, old, new) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
    if old.is_empty() {
        return Ok(Value::Text(whole));
    }
    let pieces = whole.matches(&*old).count();
    if whole.len().saturating_add(pieces.saturating_mul(new.len())) > MAX_TEXT_BYTES.saturating_mul(2) {
        return Err(Stop::argument("the text would be too long"));
    }
    text(whole.replace(&*old, &new))
}
