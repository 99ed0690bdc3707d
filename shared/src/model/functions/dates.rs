//! Functions of dates, which are Excel's serial days.

use super::financial::{basis, date};
use super::{Arguments, Function, Outcome};
use crate::finance::dates::{self, Date};
use crate::finance::day_count;
use crate::model::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "date",
        parameters: "year, month, day",
        summary: "The day of a year, month and day, which may count beyond the year and the month",
        arity: (3, 3),
        call: |a| day(Date::from_parts(a.number(0)?, a.number(1)?, a.number(2)?)?),
    },
    Function {
        name: "datevalue",
        parameters: "text",
        summary: "The day that a text such as \"2025-09-27\" names",
        arity: (1, 1),
        call: |a| day(dates::parse(&a.text(0)?)?),
    },
    Function {
        name: "year",
        parameters: "date",
        summary: "The year of a day",
        arity: (1, 1),
        call: |a| Ok(Value::Number(f64::from(date(a, 0)?.year()))),
    },
    Function {
        name: "month",
        parameters: "date",
        summary: "The month of a day, from 1 to 12",
        arity: (1, 1),
        call: |a| Ok(Value::Number(f64::from(date(a, 0)?.month()))),
    },
    Function {
        name: "quarter",
        parameters: "date",
        summary: "The quarter of the calendar year in which a day lies, from 1 to 4",
        arity: (1, 1),
        call: |a| Ok(Value::Number(f64::from((date(a, 0)?.month() + 2) / 3))),
    },
    Function {
        name: "day",
        parameters: "date",
        summary: "The day of the month",
        arity: (1, 1),
        call: |a| Ok(Value::Number(f64::from(date(a, 0)?.day()))),
    },
    Function {
        name: "days",
        parameters: "end_date, start_date",
        summary: "Days from one day to another",
        arity: (2, 2),
        call: |a| Ok(Value::Number(date(a, 0)?.days_after(date(a, 1)?))),
    },
    Function {
        name: "days360",
        parameters: "start_date, end_date, [european]",
        summary: "Days from one day to another if each month has 30",
        arity: (2, 3),
        call: |a| Ok(Value::Number(day_count::days360(date(a, 0)?, date(a, 1)?, a.flag_or(2, false)?))),
    },
    Function {
        name: "edate",
        parameters: "start_date, months",
        summary: "The same day some months later",
        arity: (2, 2),
        call: |a| day(dates::edate(date(a, 0)?, a.number(1)?)?),
    },
    Function {
        name: "eomonth",
        parameters: "start_date, months",
        summary: "The last day of the month some months later",
        arity: (2, 2),
        call: |a| day(dates::eomonth(date(a, 0)?, a.number(1)?)?),
    },
    Function {
        name: "yearfrac",
        parameters: "start_date, end_date, [basis]",
        summary: "The part of a year between two days",
        arity: (2, 3),
        call: |a| Ok(Value::Number(day_count::yearfrac(date(a, 0)?, date(a, 1)?, basis(a, 2)?))),
    },
    Function {
        name: "weekday",
        parameters: "date, [type]",
        summary: "The number of the day in the week; type 1: from 1 for Sunday, 2: from 1 for Monday",
        arity: (1, 2),
        call: |a| Ok(Value::Number(dates::weekday(date(a, 0)?, a.number_or(1, 1.0)?)?)),
    },
    Function {
        name: "networkdays",
        parameters: "start_date, end_date, [holidays]",
        summary: "How many days from Monday to Friday lie between two days, both included, without holidays",
        arity: (2, 3),
        call: |a| Ok(Value::Number(dates::networkdays(date(a, 0)?, date(a, 1)?, &holidays(a, 2)?))),
    },
    Function {
        name: "workday",
        parameters: "start_date, days, [holidays]",
        summary: "The day so many days from Monday to Friday later, without holidays",
        arity: (2, 3),
        call: |a| day(dates::workday(date(a, 0)?, a.number(1)?, &holidays(a, 2)?)?),
    },
];

pub(super) fn day(date: Date) -> Outcome<Value> {
    Ok(Value::Number(date.number()))
}

fn holidays(arguments: &Arguments<'_>, index: usize) -> Outcome<Vec<Date>> {
    let mut days = Vec::new();
    for serial in arguments.numbers(index)? {
        days.push(Date::from_serial(serial)?);
    }
    Ok(days)
}
