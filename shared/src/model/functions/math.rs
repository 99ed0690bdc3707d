//! Arithmetic, powers and rounding, by Excel's conventions.

use super::{Arguments, Function, Outcome, Stop};
use crate::model::Value;

const ROUND: &str = "x, [digits]";
const TO_MULTIPLE: &str = "x, [multiple]";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::of("abs", "x", "x without its sign", 1, 1, |a| number(a.number(0)?.abs())),
    Function::of("sign", "x", "1, 0 or -1", 1, 1, |a| {
        let x = a.number(0)?;
        number(if x == 0.0 { 0.0 } else { x.signum() })
    }),
    Function::of("sqrt", "x", "The square root", 1, 1, |a| {
        let x = a.number(0)?;
        if x < 0.0 { Err(Stop::not_a_number("a negative number has no square root")) } else { number(x.sqrt()) }
    }),
    Function::of("exp", "x", "e to the power of x", 1, 1, |a| number(libm::exp(a.number(0)?))),
    Function::of("ln", "x", "The natural logarithm", 1, 1, |a| number(libm::log(positive(a.number(0)?)?))),
    Function::of("log", "x, [base]", "The logarithm; base 10 if none is given", 1, 2, log),
    Function::of("log10", "x", "The logarithm of base 10", 1, 1, |a| number(libm::log10(positive(a.number(0)?)?))),
    Function::of("power", "x, exponent", "x to the power of exponent, as x^exponent", 2, 2, |a| {
        number(libm::pow(a.number(0)?, a.number(1)?))
    }),
    Function::of("pi", "", "The ratio of a circle's circumference to its diameter", 0, 0, |_| {
        number(std::f64::consts::PI)
    }),
    Function::of("mod", "x, divisor", "The remainder, with the sign of the divisor", 2, 2, modulo),
    Function::of("quotient", "x, divisor", "The whole part of a division", 2, 2, |a| {
        number((a.number(0)? / divisor(a.number(1)?)?).trunc())
    }),
    Function::of("int", "x", "The whole number not above x", 1, 1, |a| number(a.number(0)?.floor())),
    Function::of("trunc", "x, [digits]", "x cut towards zero", 1, 2, |a| rounded(a, f64::trunc)),
    Function::of("round", ROUND, "x rounded to digits behind the point; half is rounded away from zero", 1, 2, |a| {
        rounded(a, |x| (x.abs() + 0.5).floor().copysign(x))
    }),
    Function::of("roundup", ROUND, "x rounded away from zero", 1, 2, |a| rounded(a, |x| x.abs().ceil().copysign(x))),
    Function::of("rounddown", ROUND, "x rounded towards zero", 1, 2, |a| rounded(a, f64::trunc)),
    Function::of("mround", "x, multiple", "The nearest multiple; both have one sign", 2, 2, mround),
    Function::of("floor", TO_MULTIPLE, "x rounded down to a multiple; of 1 if none is given", 1, 2, |a| {
        to_multiple(a, f64::floor)
    }),
    Function::of("ceiling", TO_MULTIPLE, "x rounded up to a multiple; of 1 if none is given", 1, 2, |a| {
        to_multiple(a, f64::ceil)
    }),
];

fn number(number: f64) -> Outcome<Value> {
    // A minus before zero would show.
    Ok(Value::Number(number + 0.0))
}

fn positive(x: f64) -> Outcome<f64> {
    if x > 0.0 { Ok(x) } else { Err(Stop::not_a_number("only a number above zero has a logarithm")) }
}

fn divisor(x: f64) -> Outcome<f64> {
    if x == 0.0 { Err(Stop::division_by_zero("division by zero")) } else { Ok(x) }
}

fn log(arguments: &Arguments<'_>) -> Outcome<Value> {
    let x = positive(arguments.number(0)?)?;
    let base = positive(arguments.number_or(1, 10.0)?)?;
    if base == 10.0 {
        return number(libm::log10(x));
    }
    number(libm::log(x) / divisor(libm::log(base))?)
}

fn modulo(arguments: &Arguments<'_>) -> Outcome<Value> {
    let (x, divisor) = (arguments.number(0)?, divisor(arguments.number(1)?)?);
    let rest = x % divisor;
    number(if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) { rest + divisor } else { rest })
}

fn mround(arguments: &Arguments<'_>) -> Outcome<Value> {
    let (x, multiple) = (arguments.number(0)?, arguments.number(1)?);
    if x == 0.0 || multiple == 0.0 {
        return number(0.0);
    }
    if (x < 0.0) != (multiple < 0.0) {
        return Err(Stop::not_a_number("x and the multiple have different signs"));
    }
    number((decimal(x / multiple) + 0.5).floor() * multiple)
}

/// A negative x with a positive multiple is rounded as on the number line, and a positive x with a negative multiple has
/// no value, as in Excel.
fn to_multiple(arguments: &Arguments<'_>, whole: fn(f64) -> f64) -> Outcome<Value> {
    let (x, multiple) = (arguments.number(0)?, arguments.number_or(1, 1.0)?);
    if x == 0.0 {
        return number(0.0);
    }
    if x > 0.0 && multiple < 0.0 {
        return Err(Stop::not_a_number("x and the multiple have different signs"));
    }
    number(whole(decimal(x / divisor(multiple)?)) * multiple)
}

/// x to so many digits behind the point; before it, if they are negative.
fn rounded(arguments: &Arguments<'_>, whole: fn(f64) -> f64) -> Outcome<Value> {
    /// No number has more digits.
    const MOST_DIGITS: i64 = 308;
    let (x, digits) = (arguments.number(0)?, arguments.integer_or(1, 0)?.clamp(-MOST_DIGITS, MOST_DIGITS));
    let power = (0..digits.unsigned_abs()).fold(1.0, |power: f64, _| power * 10.0);
    let scaled = if digits < 0 { x / power } else { x * power };
    if !scaled.is_finite() {
        return number(x);
    }
    let whole = whole(decimal(scaled));
    number(if digits < 0 { whole * power } else { whole / power })
}

/// The number that people mean: what lies within a few units in the last place of a half or a whole is that, since 1.005
/// is no binary fraction and rounds to 1.01 nevertheless.
fn decimal(x: f64) -> f64 {
    let nearest = (x * 2.0).round() / 2.0;
    if (x - nearest).abs() <= x.abs() * 4.0 * f64::EPSILON { nearest } else { x }
}
