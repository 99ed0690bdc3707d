//! Options on options, options to choose, and options to exchange: what real options are made of.
//!
//! Time is in years; rates and yields are compounded continuously. The formulas are collected in Haug, *The Complete
//! Guide to Option Pricing Formulas* (2007).

use super::FinanceError;
use super::black_scholes::{OptionKind, Vanilla};
use super::normal::{bivariate_cdf, cdf};

/// The value of an option of the kind `outer`, which expires in `years` at the price `strike`, on the option `inner`.
/// A staged investment is a call on a call: the first stage buys the right to the second.
///
/// Geske, *The valuation of compound options*, Journal of Financial Economics 7 (1979).
///
/// # Errors
///
/// As [`Vanilla::value`]; the outer option doesn't expire before the inner one, or a strike, the time or the volatility
/// is 0.
///
/// # Laws
///
/// Call on X − put on X = X − strike·e^(−rate·years).
pub fn compound(outer: OptionKind, strike: f64, years: f64, inner: &Vanilla) -> Result<f64, FinanceError> {
    inner.check()?;
    if !(years > 0.0 && years < inner.years) {
        return Err(FinanceError::domain("a compound option expires before the option that it is on"));
    }
    if !(strike > 0.0 && strike.is_finite() && inner.strike > 0.0 && inner.spot > 0.0 && inner.volatility > 0.0) {
        return Err(FinanceError::domain("a compound option needs prices, strikes and a volatility above 0"));
    }
    let rest = Vanilla { years: inner.years - years, ..*inner };
    let (spot, volatility) = (inner.spot, inner.volatility);
    let carry = inner.rate - inner.dividend_yield;
    let y1 = match critical_price(strike, &rest)? {
        0.0 => f64::INFINITY,
        price => {
            (libm::log(spot / price) + (carry + volatility * volatility / 2.0) * years) / (volatility * years.sqrt())
        }
    };
    let y2 = y1 - volatility * years.sqrt();
    let deviation = volatility * inner.years.sqrt();
    let z1 = (libm::log(spot / inner.strike) + carry * inner.years) / deviation + deviation / 2.0;
    let z2 = z1 - deviation;
    let rho = (years / inner.years).sqrt();
    let (out, inn) = (outer.sign(), inner.kind.sign());
    let both = |z: f64, y: f64| bivariate_cdf(inn * z, out * inn * y, out * rho);
    let asset = spot * libm::exp(-inner.dividend_yield * inner.years) * both(z1, y1);
    let cash = inner.strike * libm::exp(-inner.rate * inner.years) * both(z2, y2);
    let paid = strike * libm::exp(-inner.rate * years) * cdf(out * inn * y2);
    FinanceError::finite((out * (inn * (asset - cash) - paid)).max(0.0))
}

/// The price of the asset at which the option is worth `value`; 0 if a put is worth less at any price.
fn critical_price(value: f64, option: &Vanilla) -> Result<f64, FinanceError> {
    let at = |spot: f64| Vanilla { spot, ..*option }.value();
    let is_call = option.kind == OptionKind::Call;
    if !is_call && at(0.0)? <= value {
        return Ok(0.0);
    }
    let mut high = option.strike.max(value);
    let mut doublings = 0;
    while (at(high)? < value) == is_call {
        high *= 2.0;
        doublings += 1;
        if doublings > 500 || !high.is_finite() {
            return Err(FinanceError::no_root("no price of the asset makes the inner option worth the outer strike"));
        }
    }
    let mut low = 0.0;
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if (at(middle)? < value) == is_call {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low + (high - low) / 2.0)
}

/// The value of the right to choose in `choice_years` whether `option` is to be a call or a put; its own kind counts
/// for nothing.
///
/// Rubinstein, *Options for the undecided*, Risk 4 (1991).
///
/// # Errors
///
/// As [`Vanilla::value`]; the choice comes after the expiry.
///
/// # Laws
///
/// Worth the dearer of call and put if the choice is now, and both together if it is at expiry.
pub fn chooser(option: &Vanilla, choice_years: f64) -> Result<f64, FinanceError> {
    option.check()?;
    if !(choice_years >= 0.0 && choice_years <= option.years) {
        return Err(FinanceError::domain("the choice must come between now and the expiry"));
    }
    // At the choice a put is worth a call and a forward sale, so the chooser is a call and a put on the forward price.
    let call = Vanilla { kind: OptionKind::Call, ..*option }.value()?;
    let later = option.years - choice_years;
    let put = Vanilla {
        kind: OptionKind::Put,
        spot: option.spot * libm::exp(-option.dividend_yield * later),
        strike: option.strike * libm::exp(-option.rate * later),
        years: choice_years,
        ..*option
    };
    FinanceError::finite(call + put.value()?)
}

/// One side of an exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asset {
    /// Its price today.
    pub spot: f64,
    /// The standard deviation of its return.
    pub volatility: f64,
    /// Its dividend yield.
    pub dividend_yield: f64,
}

/// The value of the right to receive `received` for `given` in `years`. No rate matters: `given` is the money.
///
/// Margrabe, *The value of an option to exchange one asset for another*, Journal of Finance 33 (1978).
///
/// # Errors
///
/// As [`Vanilla::value`]; the correlation lies outside of −1..1.
pub fn exchange(received: Asset, given: Asset, years: f64, correlation: f64) -> Result<f64, FinanceError> {
    if !(-1.0..=1.0).contains(&correlation) {
        return Err(FinanceError::domain("a correlation lies between -1 and 1"));
    }
    if received.volatility < 0.0 || given.volatility < 0.0 {
        return Err(FinanceError::domain("the volatility can't be negative"));
    }
    let (first, second) = (received.volatility, given.volatility);
    let variance = first * first + second * second - 2.0 * correlation * first * second;
    Vanilla {
        kind: OptionKind::Call,
        spot: received.spot,
        strike: given.spot,
        years,
        rate: given.dividend_yield,
        volatility: if variance < 0.0 { 0.0 } else { variance.sqrt() },
        dividend_yield: received.dividend_yield,
    }
    .value()
}

#[cfg(test)]
mod tests {
    use super::OptionKind::{Call, Put};
    use super::*;

    fn inner(kind: OptionKind) -> Vanilla {
        Vanilla { kind, spot: 500.0, strike: 520.0, years: 0.5, rate: 0.08, volatility: 0.35, dividend_yield: 0.03 }
    }

    /// Haug (2007), section 4.13, and QuantLib's `compoundoption.cpp`.
    #[test]
    fn a_put_on_a_call_is_worth_what_haug_prints() {
        let value = compound(Put, 50.0, 0.25, &inner(Call)).unwrap();
        assert!((value - 21.1965).abs() < 2e-4, "{value}");
    }

    #[test]
    fn compound_options_keep_parity() {
        for kind in [Call, Put] {
            for strike in [5.0, 50.0, 150.0, 600.0] {
                let call = compound(Call, strike, 0.25, &inner(kind)).unwrap();
                let put = compound(Put, strike, 0.25, &inner(kind)).unwrap();
                let forward = inner(kind).value().unwrap() - strike * libm::exp(-0.08 * 0.25);
                assert!((call - put - forward).abs() < 1e-9, "{kind:?} {strike}: {call} - {put}, forward {forward}");
                assert!(call >= 0.0 && put >= 0.0);
            }
        }
    }

    #[test]
    fn a_compound_option_must_expire_first() {
        assert!(compound(Call, 50.0, 0.5, &inner(Call)).is_err());
        assert!(compound(Call, 0.0, 0.25, &inner(Call)).is_err());
    }

    /// Haug (2007), section 4.12.
    #[test]
    fn a_chooser_is_worth_what_haug_prints() {
        let option = Vanilla {
            kind: Call,
            spot: 50.0,
            strike: 50.0,
            years: 0.5,
            rate: 0.08,
            volatility: 0.25,
            dividend_yield: 0.0,
        };
        let value = chooser(&option, 0.25).unwrap();
        assert!((value - 6.1071).abs() < 1e-4, "{value}");
        let call = option.value().unwrap();
        let put = Vanilla { kind: Put, ..option }.value().unwrap();
        assert!((chooser(&option, 0.0).unwrap() - call.max(put)).abs() < 1e-12);
        assert!((chooser(&option, 0.5).unwrap() - call - put).abs() < 1e-12);
        assert!(chooser(&option, 0.6).is_err());
    }

    /// QuantLib's `margrabeoption.cpp` (Haug).
    #[test]
    fn an_exchange_is_worth_what_the_reference_says() {
        let received = Asset { spot: 22.0, volatility: 0.20, dividend_yield: 0.06 };
        let given = Asset { spot: 20.0, volatility: 0.15, dividend_yield: 0.04 };
        let value = exchange(received, given, 0.1, -0.5).unwrap();
        assert!((value - 2.125).abs() < 1e-3, "{value}");
        assert!(exchange(received, given, 0.1, 1.5).is_err());
    }
}
