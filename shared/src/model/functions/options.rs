//! Functions that price options.

use super::{Arguments, Function, Outcome, Stop};
use crate::finance::FinanceError;
use crate::finance::binomial::{self, Exercise};
use crate::finance::black_scholes::{self, Greeks, OptionKind, Vanilla};
use crate::finance::exotic::{self, Asset};
use crate::model::Value;

const VANILLA: &str = "kind, spot, strike, years, rate, volatility, [dividend_yield]";
const DEFAULT_STEPS: i64 = 1_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "black_scholes",
        parameters: VANILLA,
        summary: "The value of a European \"call\" or \"put\" (Black, Scholes and Merton)",
        arity: (6, 7),
        call: |a| number(vanilla(a, 1, kind(a, 0)?)?.value()),
    },
    greek("bs_delta", "How the value moves with the spot", |a| by(a, |greeks| greeks.delta)),
    greek("bs_gamma", "How delta moves with the spot", |a| by(a, |greeks| greeks.gamma)),
    greek("bs_vega", "How the value moves with the volatility, for a change of 1", |a| by(a, |greeks| greeks.vega)),
    greek("bs_theta", "How the value moves as one year passes", |a| by(a, |greeks| greeks.theta)),
    greek("bs_rho", "How the value moves with the rate, for a change of 1", |a| by(a, |greeks| greeks.rho)),
    greek("bs_dividend_rho", "How the value moves with the dividend yield, for a change of 1", |a| {
        by(a, |greeks| greeks.dividend_rho)
    }),
    Function {
        name: "implied_volatility",
        parameters: "kind, price, spot, strike, years, rate, [dividend_yield]",
        summary: "The volatility at which black_scholes gives the price",
        arity: (6, 7),
        call: |a| {
            let option = Vanilla {
                kind: kind(a, 0)?,
                spot: a.number(2)?,
                strike: a.number(3)?,
                years: a.number(4)?,
                rate: a.number(5)?,
                volatility: 0.0,
                dividend_yield: a.number_or(6, 0.0)?,
            };
            number(option.implied_volatility(a.number(1)?))
        },
    },
    Function {
        name: "black76",
        parameters: "kind, forward, strike, years, rate, volatility",
        summary: "The value of a European \"call\" or \"put\" on a forward price (Black)",
        arity: (6, 6),
        call: |a| {
            let [forward, strike, years, rate, volatility] = numbers(a, 1)?;
            number(black_scholes::on_forward(kind(a, 0)?, forward, strike, years, rate, volatility).value())
        },
    },
    Function {
        name: "binomial",
        parameters: "kind, exercise, spot, strike, years, rate, volatility, [dividend_yield], [steps]",
        summary: "The value of an \"american\" or \"european\" option by a tree (Cox, Ross and Rubinstein), of 1,000 steps",
        arity: (7, 9),
        call: |a| {
            let exercise = match &*a.text(1)?.to_ascii_lowercase() {
                "american" => Exercise::American,
                "european" => Exercise::European,
                _ => return Err(a.wrong(1, "is neither \"american\" nor \"european\"")),
            };
            let steps = u32::try_from(a.integer_or(8, DEFAULT_STEPS)?).unwrap_or_default();
            number(binomial::value(&vanilla(a, 2, kind(a, 0)?)?, exercise, steps))
        },
    },
    Function {
        name: "compound_option",
        parameters: "kind, strike, years, on_kind, spot, on_strike, on_years, rate, volatility, [dividend_yield]",
        summary: "The value of a \"call\" or \"put\" on a European option (Geske)",
        arity: (9, 10),
        call: |a| {
            let inner = vanilla(a, 4, kind(a, 3)?)?;
            number(exotic::compound(kind(a, 0)?, a.number(1)?, a.number(2)?, &inner))
        },
    },
    Function {
        name: "chooser_option",
        parameters: "choice_years, spot, strike, years, rate, volatility, [dividend_yield]",
        summary: "The value of the right to choose later between a call and a put (Rubinstein)",
        arity: (6, 7),
        call: |a| number(exotic::chooser(&vanilla(a, 1, OptionKind::Call)?, a.number(0)?)),
    },
    Function {
        name: "exchange_option",
        parameters: "received, given, years, received_volatility, given_volatility, correlation, [received_yield], \
                     [given_yield]",
        summary: "The value of the right to exchange one asset for another (Margrabe)",
        arity: (6, 8),
        call: |a| {
            let [received, given, years, received_volatility, given_volatility, correlation] = numbers(a, 0)?;
            let asset = |spot, volatility, yield_at| -> Outcome<Asset> {
                Ok(Asset { spot, volatility, dividend_yield: a.number_or(yield_at, 0.0)? })
            };
            let received = asset(received, received_volatility, 6)?;
            let given = asset(given, given_volatility, 7)?;
            number(exotic::exchange(received, given, years, correlation))
        },
    },
];

const fn greek(name: &'static str, summary: &'static str, call: fn(&Arguments<'_>) -> Outcome<Value>) -> Function {
    Function { name, parameters: VANILLA, summary, arity: (6, 7), call }
}

fn number(result: Result<f64, FinanceError>) -> Outcome<Value> {
    Ok(Value::Number(result?))
}

fn by(arguments: &Arguments<'_>, greek: fn(Greeks) -> f64) -> Outcome<Value> {
    number(vanilla(arguments, 1, kind(arguments, 0)?)?.greeks().map(greek))
}

fn numbers<const N: usize>(arguments: &Arguments<'_>, first: usize) -> Outcome<[f64; N]> {
    let mut numbers = [0.0; N];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = arguments.number(first + index)?;
    }
    Ok(numbers)
}

/// The option from its spot on.
fn vanilla(arguments: &Arguments<'_>, first: usize, kind: OptionKind) -> Outcome<Vanilla> {
    let [spot, strike, years, rate, volatility] = numbers(arguments, first)?;
    let dividend_yield = arguments.number_or(first + 5, 0.0)?;
    Ok(Vanilla { kind, spot, strike, years, rate, volatility, dividend_yield })
}

fn kind(arguments: &Arguments<'_>, index: usize) -> Outcome<OptionKind> {
    match &*arguments.text(index)?.to_ascii_lowercase() {
        "call" => Ok(OptionKind::Call),
        "put" => Ok(OptionKind::Put),
        _ => Err(Stop::with_hint(arguments.wrong(index, "is no kind of option"), "write \"call\" or \"put\"")),
    }
}
