//! European options on an asset with a constant dividend yield, after Black, Scholes and Merton.
//!
//! Black and Scholes, *The pricing of options and corporate liabilities*, Journal of Political Economy 81 (1973);
//! Merton, *Theory of rational option pricing*, Bell Journal of Economics 4 (1973). Time is in years; the rate, the
//! dividend yield and the volatility are for one year, the first two compounded continuously.

use super::elementary::{exp, ln};
use super::{FinanceError, normal};

/// The right that an option gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// To buy at the strike.
    Call,
    /// To sell at the strike.
    Put,
}

/// An option to buy or sell one unit of an asset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vanilla {
    /// Call or put.
    pub kind: OptionKind,
    /// The price of the asset today.
    pub spot: f64,
    /// The price at which the option trades the asset.
    pub strike: f64,
    /// Years until the option expires.
    pub years: f64,
    /// The risk-free rate.
    pub rate: f64,
    /// The standard deviation of the asset's return.
    pub volatility: f64,
    /// The asset's dividend yield. Of a real option: what waiting costs.
    pub dividend_yield: f64,
}

/// How the value of an option moves with what it depends on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Greeks {
    /// By the price of the asset.
    pub delta: f64,
    /// Delta by the price of the asset.
    pub gamma: f64,
    /// By the volatility, for a change of 1 (100 percentage points).
    pub vega: f64,
    /// By the passing of time, for one year.
    pub theta: f64,
    /// By the rate, for a change of 1.
    pub rho: f64,
    /// By the dividend yield, for a change of 1.
    pub dividend_rho: f64,
}

/// The parts of the formula that values and Greeks share.
struct Terms {
    /// The spot without the dividends until expiry.
    asset: f64,
    /// The present value of the strike.
    cash: f64,
    d1: f64,
    d2: f64,
}

impl OptionKind {
    /// 1 for a call, −1 for a put.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Call => 1.0,
            Self::Put => -1.0,
        }
    }
}

impl Vanilla {
    /// The value of the option. Without time or volatility, the present value of what it is certain to pay.
    ///
    /// # Errors
    ///
    /// The spot, the strike, the time or the volatility is negative, or something is not finite.
    ///
    /// # Laws
    ///
    /// Call − put = spot·e^(−yield·years) − strike·e^(−rate·years).
    pub fn value(&self) -> Result<f64, FinanceError> {
        self.check()?;
        FinanceError::finite(self.unchecked_value())
    }

    /// The Greeks.
    ///
    /// # Errors
    ///
    /// As [`Vanilla::value`]; also without spot, strike, time or volatility, where the value has a kink.
    pub fn greeks(&self) -> Result<Greeks, FinanceError> {
        self.check()?;
        let deviation = self.volatility * self.years.sqrt();
        if deviation == 0.0 || self.spot == 0.0 || self.strike == 0.0 {
            return Err(FinanceError::domain("Greeks need a spot, a strike, a time and a volatility above 0"));
        }
        let sign = self.kind.sign();
        let Terms { asset, cash, d1, d2 } = self.terms(deviation);
        let in_asset = normal::cdf(sign * d1);
        let in_cash = normal::cdf(sign * d2);
        let density = normal::pdf(d1);
        let decay = -asset * density * self.volatility / (2.0 * self.years.sqrt());
        Ok(Greeks {
            delta: sign * asset * in_asset / self.spot,
            gamma: asset * density / (self.spot * self.spot * deviation),
            vega: asset * density * self.years.sqrt(),
            theta: decay - sign * (self.rate * cash * in_cash - self.dividend_yield * asset * in_asset),
            rho: sign * self.years * cash * in_cash,
            dividend_rho: -sign * self.years * asset * in_asset,
        })
    }

    /// The volatility at which the option is worth `price`; the option's own volatility counts for nothing.
    ///
    /// Newton's method from the point of inflexion, where it can't overshoot (Manaster and Koehler, *The calculation of
    /// implied variances from the Black-Scholes model*, Journal of Finance 37, 1982), kept within a shrinking bracket.
    ///
    /// # Errors
    ///
    /// As [`Vanilla::value`]; no volatility gives a price that lies under what the option is certain to pay, or above
    /// the asset or the strike that it pays at most.
    pub fn implied_volatility(&self, price: f64) -> Result<f64, FinanceError> {
        let at = |volatility| Self { volatility, ..*self };
        let certain = at(0.0).value()?;
        let bound = match self.kind {
            OptionKind::Call => self.spot * libm::exp(-self.dividend_yield * self.years),
            OptionKind::Put => self.strike * libm::exp(-self.rate * self.years),
        };
        if !(price > certain && price < bound && self.years > 0.0) {
            return Err(FinanceError::no_root("no volatility gives the option this price").with_hint(
                "the price must lie above the certain value, and under the asset's of a call or the strike's of a put",
            ));
        }
        let forward = libm::log(self.spot / self.strike) + (self.rate - self.dividend_yield) * self.years;
        let mut volatility = (2.0 * forward.abs() / self.years).sqrt().clamp(0.01, 100.0);
        let (mut low, mut high) = (0.0, 1e4 / self.years.sqrt());
        for _ in 0..200 {
            let guess = at(volatility);
            let gap = guess.unchecked_value() - price;
            if gap > 0.0 {
                high = volatility;
            } else {
                low = volatility;
            }
            let newton = volatility - gap / guess.greeks().map_or(0.0, |greeks| greeks.vega);
            let next = if newton > low && newton < high { newton } else { low + (high - low) / 2.0 };
            let step = (next - volatility).abs();
            volatility = next;
            if step <= 1e-15 * volatility {
                break;
            }
        }
        let error = (at(volatility).unchecked_value() - price).abs();
        if error <= 1e-9 * price.max(1e-6 * bound) {
            return Ok(volatility);
        }
        Err(FinanceError::no_root("the search for the implied volatility found none"))
    }

    /// The value of options whose numbers are known to be possible.
    fn unchecked_value(&self) -> f64 {
        let deviation = self.volatility * self.years.sqrt();
        let sign = self.kind.sign();
        if deviation == 0.0 || self.spot == 0.0 || self.strike == 0.0 {
            let asset = self.spot * libm::exp(-self.dividend_yield * self.years);
            let cash = self.strike * libm::exp(-self.rate * self.years);
            return (sign * (asset - cash)).max(0.0);
        }
        let Terms { asset, cash, d1, d2 } = self.terms(deviation);
        (sign * (asset * normal::cdf(sign * d1) - cash * normal::cdf(sign * d2))).max(0.0)
    }

    fn terms(&self, deviation: f64) -> Terms {
        let drift = (self.rate - self.dividend_yield) * self.years;
        let d1 = (ln(self.spot / self.strike) + drift) / deviation + 0.5 * deviation;
        Terms {
            asset: self.spot * exp(-self.dividend_yield * self.years),
            cash: self.strike * exp(-self.rate * self.years),
            d1,
            d2: d1 - deviation,
        }
    }

    pub(super) fn check(&self) -> Result<(), FinanceError> {
        let Self { spot, strike, years, rate, volatility, dividend_yield, .. } = *self;
        if spot < 0.0 || strike < 0.0 {
            return Err(FinanceError::domain("the spot and the strike of an option can't be negative"));
        }
        if years < 0.0 {
            return Err(FinanceError::domain("the time to expiry can't be negative"));
        }
        if volatility < 0.0 {
            return Err(FinanceError::domain("the volatility can't be negative"));
        }
        if [spot, strike, years, rate, volatility, dividend_yield].iter().all(|number| number.is_finite()) {
            return Ok(());
        }
        Err(FinanceError::domain("the numbers of an option must be finite"))
    }
}

/// The values of many options. `values[i]` becomes that of `options[i]`, not a number where it has none.
pub fn values(options: &[Vanilla], values: &mut [f64]) {
    for (option, value) in options.iter().zip(values) {
        *value = option.value().unwrap_or(f64::NAN);
    }
}

/// An option on a forward price, by Black's formula: the asset yields the rate.
///
/// Black, *The pricing of commodity contracts*, Journal of Financial Economics 3 (1976).
#[must_use]
pub fn on_forward(kind: OptionKind, forward: f64, strike: f64, years: f64, rate: f64, volatility: f64) -> Vanilla {
    Vanilla { kind, spot: forward, strike, years, rate, volatility, dividend_yield: rate }
}

#[cfg(test)]
mod tests {
    use super::OptionKind::{Call, Put};
    use super::*;

    fn option(kind: OptionKind, numbers: [f64; 6]) -> Vanilla {
        let [spot, strike, years, rate, volatility, dividend_yield] = numbers;
        Vanilla { kind, spot, strike, years, rate, volatility, dividend_yield }
    }

    /// The first two from QuantLib's `europeanoption.cpp` (Haug), the third from Hull, example 15.6.
    #[test]
    fn values_are_those_of_the_textbooks() {
        for (kind, numbers, expected) in [
            (Call, [60.0, 65.0, 0.25, 0.08, 0.30, 0.0], 2.1334),
            (Put, [100.0, 95.0, 0.5, 0.10, 0.20, 0.05], 2.4648),
            (Call, [42.0, 40.0, 0.5, 0.10, 0.20, 0.0], 4.7594),
        ] {
            let value = option(kind, numbers).value().unwrap();
            assert!((value - expected).abs() < 5e-5, "{value}, expected {expected}");
        }
        let on_forward = on_forward(Call, 19.0, 19.0, 0.75, 0.10, 0.28).value().unwrap();
        assert!((on_forward - 1.7011).abs() < 5e-5, "{on_forward}");
    }

    #[test]
    fn greeks_are_the_slopes_of_the_value() {
        for kind in [Call, Put] {
            let base = option(kind, [100.0, 95.0, 0.7, 0.06, 0.3, 0.02]);
            let greeks = base.greeks().unwrap();
            let slope =
                |up: Vanilla, down: Vanilla, step: f64| (up.value().unwrap() - down.value().unwrap()) / (2.0 * step);
            let h = 1e-4;
            let by_spot = slope(Vanilla { spot: 100.0 + h, ..base }, Vanilla { spot: 100.0 - h, ..base }, h);
            let by_volatility =
                slope(Vanilla { volatility: 0.3 + h, ..base }, Vanilla { volatility: 0.3 - h, ..base }, h);
            let by_time = slope(Vanilla { years: 0.7 - h, ..base }, Vanilla { years: 0.7 + h, ..base }, h);
            let by_rate = slope(Vanilla { rate: 0.06 + h, ..base }, Vanilla { rate: 0.06 - h, ..base }, h);
            let by_yield =
                slope(Vanilla { dividend_yield: 0.02 + h, ..base }, Vanilla { dividend_yield: 0.02 - h, ..base }, h);
            let delta = |spot| Vanilla { spot, ..base }.greeks().unwrap().delta;
            let of_delta = (delta(100.0 + h) - delta(100.0 - h)) / (2.0 * h);
            for (greek, slope) in [
                (greeks.delta, by_spot),
                (greeks.gamma, of_delta),
                (greeks.vega, by_volatility),
                (greeks.theta, by_time),
                (greeks.rho, by_rate),
                (greeks.dividend_rho, by_yield),
            ] {
                assert!((greek - slope).abs() < 1e-5 * slope.abs().max(1.0), "{greek}, slope {slope}");
            }
        }
    }

    #[test]
    fn without_volatility_an_option_pays_what_is_certain() {
        let value = option(Call, [100.0, 90.0, 1.0, 0.05, 0.0, 0.0]).value().unwrap();
        assert!((value - (100.0 - 90.0 * libm::exp(-0.05))).abs() < 1e-12);
        assert_eq!(option(Put, [100.0, 90.0, 1.0, 0.05, 0.0, 0.0]).value(), Ok(0.0));
        assert_eq!(option(Put, [80.0, 90.0, 0.0, 0.05, 0.3, 0.0]).value(), Ok(10.0));
        assert_eq!(option(Call, [0.0, 90.0, 1.0, 0.05, 0.3, 0.0]).value(), Ok(0.0));
    }

    #[test]
    fn a_price_that_no_volatility_gives_is_refused() {
        let call = option(Call, [100.0, 90.0, 1.0, 0.0, 0.0, 0.0]);
        assert!(call.implied_volatility(9.0).is_err());
        assert!(call.implied_volatility(100.0).is_err());
        assert!(call.implied_volatility(f64::NAN).is_err());
        assert!(option(Call, [-1.0, 90.0, 1.0, 0.0, 0.0, 0.0]).value().is_err());
        assert!(option(Call, [1.0, 90.0, -1.0, 0.0, 0.0, 0.0]).value().is_err());
        assert!(option(Call, [1.0, 90.0, 1.0, f64::INFINITY, 0.2, 0.0]).value().is_err());
    }
}
