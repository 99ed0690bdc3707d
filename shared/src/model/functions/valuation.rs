//! Functions of valuation: discounting, the cost of capital, dilution.

use super::{Arguments, Function, Outcome, Stop};
use crate::finance::FinanceError;
use crate::finance::valuation::{self, Capital, Grant};
use crate::model::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "gordon",
        parameters: "cash_flow, rate, growth",
        summary: "The value of a flow that comes one period from now and grows for ever",
        arity: (3, 3),
        call: |a| number(valuation::gordon(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "terminal_value",
        parameters: "last_flow, rate, growth, [mid_year]",
        summary: "What comes after the last period is worth at its end, if the last flow goes on growing",
        arity: (3, 4),
        call: |a| number(valuation::terminal_value(a.number(0)?, a.number(1)?, a.number(2)?, a.flag_or(3, false)?)),
    },
    Function {
        name: "implied_growth",
        parameters: "terminal_value, last_flow, rate, [mid_year]",
        summary: "The growth for ever that a terminal value implies",
        arity: (3, 4),
        call: |a| number(valuation::implied_growth(a.number(0)?, a.number(1)?, a.number(2)?, a.flag_or(3, false)?)),
    },
    Function {
        name: "implied_multiple",
        parameters: "value, metric",
        summary: "What multiple of a metric, such as EBITDA, a value is",
        arity: (2, 2),
        call: |a| match (a.number(0)?, a.number(1)?) {
            (_, 0.0) => Err(Stop::division_by_zero("a metric of 0 has no multiple")),
            (value, metric) => number(FinanceError::finite(value / metric)),
        },
    },
    Function {
        name: "discount_periods",
        parameters: "period, [stub], [mid_year]",
        summary: "How many periods from now the flow of a period lies, with a first period that has begun",
        arity: (1, 3),
        call: |a| number(valuation::discount_periods(a.number(0)?, a.number_or(1, 1.0)?, a.flag_or(2, false)?)),
    },
    Function {
        name: "discount_factor",
        parameters: "rate, periods",
        summary: "What 1 is worth today that comes after so many periods",
        arity: (2, 2),
        call: |a| number(valuation::discount_factor(a.number(0)?, a.number(1)?)),
    },
    Function {
        name: "midyear_factor",
        parameters: "rate, period, [stub]",
        summary: "What 1 is worth today that comes in the middle of a period",
        arity: (2, 3),
        call: |a| {
            let periods = valuation::discount_periods(a.number(1)?, a.number_or(2, 1.0)?, true)?;
            number(valuation::discount_factor(a.number(0)?, periods))
        },
    },
    Function {
        name: "capm",
        parameters: "risk_free, beta, premium, [extra]",
        summary: "The cost of equity by the capital asset pricing model, with what is added for size or country",
        arity: (3, 4),
        call: |a| {
            let cost = valuation::capm(a.number(0)?, a.number(1)?, a.number(2)?);
            number(FinanceError::finite(cost + a.number_or(3, 0.0)?))
        },
    },
    Function {
        name: "wacc",
        parameters: "cost_of_equity, cost_of_debt, tax, debt_share, [cost_of_preferred], [preferred_share]",
        summary: "The weighted average cost of capital; the cost of debt is given before taxes",
        arity: (4, 6),
        call: |a| {
            let debt = Capital { cost: a.number(1)?, share: a.number(3)? };
            let preferred = Capital { cost: a.number_or(4, 0.0)?, share: a.number_or(5, 0.0)? };
            number(valuation::wacc(a.number(0)?, debt, a.number(2)?, preferred))
        },
    },
    Function {
        name: "unlevered_beta",
        parameters: "beta, debt_to_equity, tax",
        summary: "The beta without debt (Hamada)",
        arity: (3, 3),
        call: |a| number(valuation::unlevered_beta(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "levered_beta",
        parameters: "unlevered_beta, debt_to_equity, tax",
        summary: "The beta with debt (Hamada)",
        arity: (3, 3),
        call: |a| number(valuation::levered_beta(a.number(0)?, a.number(1)?, a.number(2)?)),
    },
    Function {
        name: "relevered_beta",
        parameters: "beta, debt_to_equity, target_debt_to_equity, tax",
        summary: "The beta of a company as if it had another debt (Hamada)",
        arity: (4, 4),
        call: |a| {
            let unlevered = valuation::unlevered_beta(a.number(0)?, a.number(1)?, a.number(3)?)?;
            number(valuation::levered_beta(unlevered, a.number(2)?, a.number(3)?))
        },
    },
    Function {
        name: "treasury_shares",
        parameters: "price, options, strikes",
        summary: "The shares that options add by the treasury-stock method",
        arity: (3, 3),
        call: |a| number(valuation::treasury_stock(a.number(0)?, &grants(a, 1)?)),
    },
    Function {
        name: "diluted_shares",
        parameters: "shares, price, options, strikes",
        summary: "All shares with those that options add by the treasury-stock method",
        arity: (4, 4),
        call: |a| {
            let added = valuation::treasury_stock(a.number(1)?, &grants(a, 2)?)?;
            number(FinanceError::finite(a.number(0)? + added))
        },
    },
    Function {
        name: "diluted_price",
        parameters: "equity, shares, options, strikes",
        summary: "The price of a share that takes in the dilution at this very price",
        arity: (4, 4),
        call: |a| number(valuation::diluted_price(a.number(0)?, a.number(1)?, &grants(a, 2)?)),
    },
];

fn number(result: Result<f64, FinanceError>) -> Outcome<Value> {
    Ok(Value::Number(result?))
}

fn grants(arguments: &Arguments<'_>, first: usize) -> Outcome<Vec<Grant>> {
    let (options, strikes) = (arguments.values(first)?, arguments.values(first + 1)?);
    if options.len() != strikes.len() {
        return Err(Stop::argument("there must be a strike for each number of options"));
    }
    let (options, strikes): (Vec<f64>, Vec<f64>) =
        options.into_iter().zip(strikes).filter_map(|(options, strike)| Some((options?, strike?))).unzip();
    Ok(valuation::grants(&options, &strikes)?)
}
