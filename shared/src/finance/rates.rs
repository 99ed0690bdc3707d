//! Rates, growth and prices in fractions.

use super::FinanceError;

/// The yearly rate that a nominal rate gives with `npery` periods of compounding in a year, of which a fraction is cut.
///
/// # Errors
///
/// A rate not above 0, fewer than one period.
pub fn effect(nominal_rate: f64, npery: f64) -> Result<f64, FinanceError> {
    let periods = check_compounding(nominal_rate, npery)?;
    FinanceError::finite(libm::expm1(periods * libm::log1p(nominal_rate / periods)))
}

/// The nominal rate that gives the yearly rate `effect_rate` with `npery` periods of compounding in a year, of which a
/// fraction is cut.
///
/// # Errors
///
/// A rate not above 0, fewer than one period.
pub fn nominal(effect_rate: f64, npery: f64) -> Result<f64, FinanceError> {
    let periods = check_compounding(effect_rate, npery)?;
    FinanceError::finite(libm::expm1(libm::log1p(effect_rate) / periods) * periods)
}

fn check_compounding(rate: f64, npery: f64) -> Result<f64, FinanceError> {
    if rate <= 0.0 {
        return Err(FinanceError::domain("the rate must be above 0"));
    }
    if npery < 1.0 {
        return Err(FinanceError::domain("there must be at least one period in a year"));
    }
    Ok(npery.trunc())
}

/// The rate at which `pv` grows to `fv` in `nper` periods.
///
/// # Errors
///
/// `nper` not above 0, `pv` of 0, values of different signs.
pub fn rri(nper: f64, pv: f64, fv: f64) -> Result<f64, FinanceError> {
    if nper <= 0.0 || pv == 0.0 {
        return Err(FinanceError::domain("the number of periods must be above 0, and pv not 0"));
    }
    let ratio = fv / pv;
    if ratio < 0.0 {
        return Err(FinanceError::domain("growth does not change the sign of a value"));
    }
    FinanceError::finite(libm::pow(ratio, 1.0 / nper) - 1.0)
}

/// How many periods `pv` takes to grow to `fv` at `rate`.
///
/// # Errors
///
/// A rate or a value not above 0.
pub fn pduration(rate: f64, pv: f64, fv: f64) -> Result<f64, FinanceError> {
    if rate <= 0.0 || pv <= 0.0 || fv <= 0.0 {
        return Err(FinanceError::domain("the rate and both values must be above 0"));
    }
    FinanceError::finite((libm::log(fv) - libm::log(pv)) / libm::log1p(rate))
}

/// What `principal` grows to at one rate after the other.
///
/// # Errors
///
/// The result is not finite.
pub fn fvschedule(principal: f64, schedule: &[f64]) -> Result<f64, FinanceError> {
    FinanceError::finite(schedule.iter().fold(principal, |value, rate| value * (1.0 + rate)))
}

/// A price in fractions as a decimal number: 1.02 in sixteenths is 1 + 2/16.
///
/// # Errors
///
/// A fraction below 1.
pub fn dollarde(fractional_dollar: f64, fraction: f64) -> Result<f64, FinanceError> {
    let (fraction, digits) = fraction_and_digits(fraction)?;
    let whole = fractional_dollar.trunc();
    FinanceError::finite(whole + (fractional_dollar - whole) * digits / fraction)
}

/// A decimal price in fractions: 1.125 in sixteenths is 1.02.
///
/// # Errors
///
/// A fraction below 1.
pub fn dollarfr(decimal_dollar: f64, fraction: f64) -> Result<f64, FinanceError> {
    let (fraction, digits) = fraction_and_digits(fraction)?;
    let whole = decimal_dollar.trunc();
    FinanceError::finite(whole + (decimal_dollar - whole) * fraction / digits)
}

/// The denominator, and the least power of ten that is not below it.
fn fraction_and_digits(fraction: f64) -> Result<(f64, f64), FinanceError> {
    if fraction < 0.0 {
        return Err(FinanceError::domain("the fraction must be at least 1"));
    }
    let fraction = fraction.trunc();
    if fraction < 1.0 {
        return Err(FinanceError::division_by_zero("the fraction must be at least 1"));
    }
    let mut digits = 1.0;
    while digits < fraction {
        digits *= 10.0;
    }
    Ok((fraction, digits))
}

#[cfg(test)]
mod tests {
    use super::{dollarde, dollarfr, effect, nominal, pduration, rri};

    #[test]
    fn nominal_and_effective_rates_turn_into_each_other() {
        for periods in [1.0, 4.0, 12.9, 365.0] {
            let rate = nominal(effect(0.07, periods).unwrap(), periods).unwrap();
            assert!((rate - 0.07).abs() < 1e-15, "{periods}: {rate}");
        }
    }

    #[test]
    fn growth_and_duration_agree() {
        let rate = rri(7.5, 120.0, 300.0).unwrap();
        assert!((pduration(rate, 120.0, 300.0).unwrap() - 7.5).abs() < 1e-12);
        assert!(rri(2.0, 1.0, -1.0).is_err());
    }

    #[test]
    fn prices_in_sixteenths() {
        assert!((dollarde(1.02, 16.0).unwrap() - 1.125).abs() < 1e-12);
        assert!((dollarfr(-1.125, 16.9).unwrap() + 1.02).abs() < 1e-12);
        assert!((dollarde(1.1, 10.0).unwrap() - 1.1).abs() < 1e-12);
        assert!(dollarde(1.0, 0.5).is_err());
    }
}
