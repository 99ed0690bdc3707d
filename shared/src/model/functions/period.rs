//! Time: other periods, and what is known of this one.

use super::{Arguments, Function, Outcome, Stop};
use crate::model::{CellErrorCode, PeriodKind, PeriodLength, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "prev",
        parameters: "row, [otherwise]",
        summary: "The row's value in the period before; otherwise where that is blank",
        arity: (1, 2),
        call: prev,
    },
    Function { name: "t", parameters: "", summary: "The number of the period, from 1", arity: (0, 0), call: t },
    Function { name: "periods", parameters: "", summary: "How many periods there are", arity: (0, 0), call: periods },
    Function {
        name: "is_forecast",
        parameters: "",
        summary: "Whether the period lies ahead",
        arity: (0, 0),
        call: is_forecast,
    },
    Function {
        name: "period_start",
        parameters: "",
        summary: "The first day of the period",
        arity: (0, 0),
        call: period_start,
    },
    Function {
        name: "period_end",
        parameters: "",
        summary: "The last day of the period",
        arity: (0, 0),
        call: period_end,
    },
    Function {
        name: "period_years",
        parameters: "",
        summary: "The length of the period in years: 1, 1/4, 1/12; of a stub its days / 365",
        arity: (0, 0),
        call: period_years,
    },
];

/// The parser makes another period's value of it.
fn prev(_: &Arguments<'_>) -> Outcome<Value> {
    Err(Stop::argument("prev takes the name of one row"))
}

#[allow(clippy::as_conversions, reason = "there are few periods")]
fn t(arguments: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::Number((arguments.here()?.0 + 1) as f64))
}

#[allow(clippy::as_conversions, reason = "there are few periods")]
fn periods(arguments: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::Number(arguments.periods.len() as f64))
}

fn is_forecast(arguments: &Arguments<'_>) -> Outcome<Value> {
    Ok(Value::Number(if arguments.here()?.1.kind == PeriodKind::Forecast { 1.0 } else { 0.0 }))
}

fn period_start(arguments: &Arguments<'_>) -> Outcome<Value> {
    arguments.here()?.1.start.map(|day| Value::Number(f64::from(day))).ok_or_else(no_date)
}

fn period_end(arguments: &Arguments<'_>) -> Outcome<Value> {
    arguments.here()?.1.end.map(|day| Value::Number(f64::from(day))).ok_or_else(no_date)
}

fn period_years(arguments: &Arguments<'_>) -> Outcome<Value> {
    let period = arguments.here()?.1;
    let years = match (period.length, period.start, period.end) {
        (PeriodLength::Year, ..) => 1.0,
        (PeriodLength::Quarter, ..) => 0.25,
        (PeriodLength::Month, ..) => 1.0 / 12.0,
        (PeriodLength::Stub, Some(start), Some(end)) => (f64::from(end) - f64::from(start) + 1.0) / 365.0,
        (PeriodLength::Stub, ..) => return Err(no_date()),
    };
    Ok(Value::Number(years))
}

fn no_date() -> Stop {
    Stop::new(CellErrorCode::NotFound, "the period has no such date").with_hint("give it a start and an end")
}
