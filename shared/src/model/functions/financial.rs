//! Excel's functions of loans, rates of return, depreciation and rates.

use super::{Arguments, Function, Outcome, Stop};
use crate::finance::dates::Date;
use crate::finance::day_count::Basis;
use crate::finance::depreciation::french::{self, Asset};
use crate::finance::time_value::{self, Due};
use crate::finance::{FinanceError, cumulative, depreciation, rates, rates_of_return};
use crate::model::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "pv",
        parameters: "rate, nper, pmt, [fv], [type]",
        summary: "Present value of level payments and of fv at the end",
        arity: (3, 5),
        call: |a| number(time_value::pv(a.number(0)?, a.number(1)?, a.number(2)?, a.number_or(3, 0.0)?, due(a, 4)?)),
    },
    Function {
        name: "fv",
        parameters: "rate, nper, pmt, [pv], [type]",
        summary: "Value at the end of level payments and of pv at the beginning",
        arity: (3, 5),
        call: |a| number(time_value::fv(a.number(0)?, a.number(1)?, a.number(2)?, a.number_or(3, 0.0)?, due(a, 4)?)),
    },
    Function {
        name: "pmt",
        parameters: "rate, nper, pv, [fv], [type]",
        summary: "The level payment that pays pv back and leaves fv",
        arity: (3, 5),
        call: |a| number(time_value::pmt(a.number(0)?, a.number(1)?, a.number(2)?, a.number_or(3, 0.0)?, due(a, 4)?)),
    },
    Function {
        name: "nper",
        parameters: "rate, pmt, pv, [fv], [type]",
        summary: "How many periods level payments last",
        arity: (3, 5),
        call: |a| number(time_value::nper(a.number(0)?, a.number(1)?, a.number(2)?, a.number_or(3, 0.0)?, due(a, 4)?)),
    },
    Function {
        name: "rate",
        parameters: "nper, pmt, pv, [fv], [type], [guess]",
        summary: "The rate for one period at which payments take pv to fv",
        arity: (3, 6),
        call: |a| {
            let due = due(a, 4)?;
            let fv = a.number_or(3, 0.0)?;
            number(time_value::rate(a.number(0)?, a.number(1)?, a.number(2)?, fv, due, a.number_or(5, 0.1)?))
        },
    },
    Function {
        name: "ipmt",
        parameters: "rate, per, nper, pv, [fv], [type]",
        summary: "The interest in the payment of a period",
        arity: (4, 6),
        call: |a| part_of_payment(a, cumulative::ipmt),
    },
    Function {
        name: "ppmt",
        parameters: "rate, per, nper, pv, [fv], [type]",
        summary: "The principal in the payment of a period",
        arity: (4, 6),
        call: |a| part_of_payment(a, cumulative::ppmt),
    },
    Function {
        name: "ispmt",
        parameters: "rate, per, nper, pv",
        summary: "The interest in a period if the principal is paid back in equal parts",
        arity: (4, 4),
        call: |a| number(cumulative::ispmt(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?)),
    },
    Function {
        name: "cumipmt",
        parameters: "rate, nper, pv, start_period, end_period, [type]",
        summary: "The interest in the payments of several periods",
        arity: (5, 6),
        call: |a| parts_of_payments(a, cumulative::cumipmt),
    },
    Function {
        name: "cumprinc",
        parameters: "rate, nper, pv, start_period, end_period, [type]",
        summary: "The principal in the payments of several periods",
        arity: (5, 6),
        call: |a| parts_of_payments(a, cumulative::cumprinc),
    },
    Function {
        name: "xnpv",
        parameters: "rate, values, dates",
        summary: "Present value of dated flows on the first date",
        arity: (3, 3),
        call: |a| {
            let rate = a.number(0)?;
            let (flows, days) = dated_flows(a, 1, 2)?;
            number(rates_of_return::xnpv(rate, &flows, &days))
        },
    },
    Function {
        name: "irr",
        parameters: "values, [guess]",
        summary: "The rate for one period that puts the present value of the flows at 0",
        arity: (1, 2),
        call: |a| number(rates_of_return::irr(&a.numbers(0)?, a.number_or(1, 0.1)?)),
    },
    Function {
        name: "xirr",
        parameters: "values, dates, [guess]",
        summary: "The yearly rate that puts the present value of dated flows at 0",
        arity: (2, 3),
        call: |a| {
            let (flows, days) = dated_flows(a, 0, 1)?;
            number(rates_of_return::xirr(&flows, &days, a.number_or(2, 0.1)?))
        },
    },
    Function {
        name: "mirr",
        parameters: "values, finance_rate, reinvest_rate",
        summary: "The rate of return if negative flows are financed and positive ones reinvested",
        arity: (3, 3),
        call: |a| number(rates_of_return::mirr(&a.numbers(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "sln",
        parameters: "cost, salvage, life",
        summary: "Straight-line depreciation for one period",
        arity: (3, 3),
        call: |a| number(depreciation::sln(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "syd",
        parameters: "cost, salvage, life, per",
        summary: "Sum-of-years' digits depreciation for a period",
        arity: (4, 4),
        call: |a| number(depreciation::syd(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?)),
    },
    Function {
        name: "db",
        parameters: "cost, salvage, life, period, [month]",
        summary: "Fixed-declining balance depreciation for a period; month: those of the first year",
        arity: (4, 5),
        call: |a| {
            number(depreciation::db(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?, a.number_or(4, 12.0)?))
        },
    },
    Function {
        name: "ddb",
        parameters: "cost, salvage, life, period, [factor]",
        summary: "Declining balance depreciation for a period; factor 2: double",
        arity: (4, 5),
        call: |a| {
            number(depreciation::ddb(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?, a.number_or(4, 2.0)?))
        },
    },
    Function {
        name: "vdb",
        parameters: "cost, salvage, life, start_period, end_period, [factor], [no_switch]",
        summary: "Declining balance depreciation between two points of the life",
        arity: (5, 7),
        call: |a| {
            let (cost, salvage, life) = (a.number(0)?, a.number(1)?, a.number(2)?);
            let (start, end) = (a.number(3)?, a.number(4)?);
            let (factor, has_no_switch) = (a.number_or(5, 2.0)?, a.flag_or(6, false)?);
            number(depreciation::vdb(cost, salvage, life, start, end, factor, has_no_switch))
        },
    },
    Function {
        name: "amorlinc",
        parameters: "cost, date_purchased, first_period, salvage, period, rate, [basis]",
        summary: "Linear depreciation by the French system; period 0 is the first",
        arity: (6, 7),
        call: |a| number(french::amorlinc(&asset(a)?, a.number(4)?)),
    },
    Function {
        name: "amordegrc",
        parameters: "cost, date_purchased, first_period, salvage, period, rate, [basis]",
        summary: "Degressive depreciation by the French system, in whole numbers; period 0 is the first",
        arity: (6, 7),
        call: |a| number(french::amordegrc(&asset(a)?, a.number(4)?)),
    },
    Function {
        name: "effect",
        parameters: "nominal_rate, npery",
        summary: "The yearly rate that a nominal rate gives with npery periods a year",
        arity: (2, 2),
        call: |a| number(rates::effect(a.number(0)?, a.number(1)?)),
    },
    Function {
        name: "nominal",
        parameters: "effect_rate, npery",
        summary: "The nominal rate that gives a yearly rate with npery periods a year",
        arity: (2, 2),
        call: |a| number(rates::nominal(a.number(0)?, a.number(1)?)),
    },
    Function {
        name: "rri",
        parameters: "nper, pv, fv",
        summary: "The rate at which pv grows to fv",
        arity: (3, 3),
        call: |a| number(rates::rri(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "pduration",
        parameters: "rate, pv, fv",
        summary: "How many periods pv takes to grow to fv",
        arity: (3, 3),
        call: |a| number(rates::pduration(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "fvschedule",
        parameters: "principal, schedule",
        summary: "What a principal grows to at one rate after the other",
        arity: (2, 2),
        call: |a| number(rates::fvschedule(a.number(0)?, &a.numbers(1)?)),
    },
    Function {
        name: "dollarde",
        parameters: "fractional_dollar, fraction",
        summary: "A price in fractions as a decimal number",
        arity: (2, 2),
        call: |a| number(rates::dollarde(a.number(0)?, a.number(1)?)),
    },
    Function {
        name: "dollarfr",
        parameters: "decimal_dollar, fraction",
        summary: "A decimal price in fractions",
        arity: (2, 2),
        call: |a| number(rates::dollarfr(a.number(0)?, a.number(1)?)),
    },
];

pub(super) fn number(result: Result<f64, FinanceError>) -> Outcome<Value> {
    Ok(Value::Number(result?))
}

/// A date argument.
pub(super) fn date(arguments: &Arguments<'_>, index: usize) -> Outcome<Date> {
    Ok(Date::from_serial(f64::from(arguments.date(index)?))?)
}

/// A basis of counting days, 0 where it is left out.
pub(super) fn basis(arguments: &Arguments<'_>, index: usize) -> Outcome<Basis> {
    Ok(Basis::new(arguments.number_or(index, 0.0)?)?)
}

fn due(arguments: &Arguments<'_>, index: usize) -> Outcome<Due> {
    Ok(if arguments.flag_or(index, false)? { Due::Beginning } else { Due::End })
}

type OfPeriod = fn(f64, f64, f64, f64, f64, Due) -> Result<f64, FinanceError>;

fn part_of_payment(a: &Arguments<'_>, of_period: OfPeriod) -> Outcome<Value> {
    let due = due(a, 5)?;
    number(of_period(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?, a.number_or(4, 0.0)?, due))
}

fn parts_of_payments(a: &Arguments<'_>, of_periods: OfPeriod) -> Outcome<Value> {
    let due = match a.number_or(5, 0.0)? {
        kind if (0.0..1.0).contains(&kind) => Due::End,
        kind if (1.0..2.0).contains(&kind) => Due::Beginning,
        _ => return Err(Stop::not_a_number("the type must be 0 or 1")),
    };
    number(of_periods(a.number(0)?, a.number(1)?, a.number(2)?, a.number(3)?, a.number(4)?, due))
}

/// Flows and their days. Where the flow or the day is blank, both are passed over.
fn dated_flows(arguments: &Arguments<'_>, flows: usize, dates: usize) -> Outcome<(Vec<f64>, Vec<i32>)> {
    let (flows, dates) = (arguments.values(flows)?, arguments.values(dates)?);
    if flows.len() != dates.len() {
        return Err(FinanceError::mismatch("there must be as many dates as flows").into());
    }
    let mut dated = (Vec::with_capacity(flows.len()), Vec::with_capacity(flows.len()));
    for (flow, date) in flows.into_iter().zip(dates) {
        if let (Some(flow), Some(date)) = (flow, date) {
            dated.0.push(flow);
            dated.1.push(Date::from_serial(date)?.serial());
        }
    }
    Ok(dated)
}

fn asset(a: &Arguments<'_>) -> Outcome<Asset> {
    Ok(Asset {
        cost: a.number(0)?,
        purchased: date(a, 1)?,
        first_period: date(a, 2)?,
        salvage: a.number(3)?,
        rate: a.number(5)?,
        basis: basis(a, 6)?,
    })
}
