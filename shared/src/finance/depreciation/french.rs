//! Depreciation by the French accounting system, of an asset bought within a period.
//!
//! The first period counts pro rata by days. Source: Microsoft, *Excel functions*, AMORLINC and AMORDEGRC; rounding and the
//! treatment of the last periods are what Excel was measured to do by the authors of ExcelFinancialFunctions.

use super::{FinanceError, MOST_PERIODS};
use crate::finance::dates::Date;
use crate::finance::day_count::Basis;

/// An asset as the French functions describe it.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// What it cost.
    pub cost: f64,
    /// The day it was bought.
    pub purchased: Date,
    /// The end of the first period.
    pub first_period: Date,
    /// What it is worth at the end of its life.
    pub salvage: f64,
    /// The rate of depreciation.
    pub rate: f64,
    /// How days count; actual days of years of 360 don't.
    pub basis: Basis,
}

impl Asset {
    fn check(&self, period: f64) -> Result<(), FinanceError> {
        if self.cost < 0.0 || self.salvage < 0.0 || self.salvage > self.cost {
            return Err(FinanceError::domain("the salvage value must lie between 0 and the cost"));
        }
        if period < 0.0 {
            return Err(FinanceError::domain("the period must not be negative"));
        }
        if self.rate <= 0.0 || 1.0 / self.rate > MOST_PERIODS {
            return Err(FinanceError::domain("the rate must be above 0, and the life at most 10,000 periods"));
        }
        if self.purchased > self.first_period {
            return Err(FinanceError::domain("the purchase must not come after the end of the first period"));
        }
        if self.basis == Basis::Actual360 {
            return Err(FinanceError::domain("the basis must be 0, 1, 3 or 4"));
        }
        Ok(())
    }

    /// In how many periods the rate uses it up.
    fn life(&self) -> f64 {
        (1.0 / self.rate).ceil()
    }

    /// The part of the first period that counts, or 0 if it is none.
    fn part_of_first(&self) -> f64 {
        let year = match self.basis {
            Basis::Actual if self.purchased.is_in_leap_year() => 366.0,
            Basis::Actual => 365.0,
            basis => basis.days_in_year(self.purchased, self.purchased),
        };
        let without_leap_day = |date: Date| {
            let counts_days = matches!(self.basis, Basis::Actual | Basis::Actual365);
            if counts_days && date.is_in_leap_year() && date.month() == 2 && date.day() > 28 {
                date.with_day(28)
            } else {
                date
            }
        };
        self.basis.days(without_leap_day(self.purchased), without_leap_day(self.first_period)) / year
    }

    /// Depreciation in the first period at a rate.
    fn first(&self, rate: f64, part: f64) -> f64 {
        let part = if part == 0.0 { 1.0 } else { part };
        (part * rate * self.cost).min(self.cost - self.salvage)
    }
}

/// Linear depreciation in a period, where 0 is the first.
///
/// # Errors
///
/// A salvage value outside 0 to the cost, a negative period, a rate not above 0, a purchase after the end of the first
/// period, basis 2.
pub fn amorlinc(asset: &Asset, period: f64) -> Result<f64, FinanceError> {
    asset.check(period)?;
    if asset.cost == asset.salvage || period > asset.life() {
        return Ok(0.0);
    }
    let first = asset.first(asset.rate, asset.part_of_first());
    if period == 0.0 {
        return FinanceError::finite(first);
    }
    let each = asset.rate * asset.cost;
    if period < 1.0 {
        return FinanceError::finite(each);
    }
    let left = asset.cost - asset.salvage - first - each * (period.trunc() - 1.0);
    FinanceError::finite(left.max(0.0).min(each))
}

/// Degressive depreciation in a period, where 0 is the first, rounded to a whole number.
///
/// The rate is multiplied by 1.5 for a life of 3 or 4 periods, 2 for 5 or 6, 2.5 above. The last period but one takes half
/// of what is left, the last the rest.
///
/// # Errors
///
/// As [`amorlinc`]; a life below 3 periods, or between 4 and 5.
pub fn amordegrc(asset: &Asset, period: f64) -> Result<f64, FinanceError> {
    asset.check(period)?;
    let periods = 1.0 / asset.rate;
    if periods < 3.0 || (periods > 4.0 && periods < 5.0) {
        return Err(FinanceError::domain("the life must be 3 to 4 periods, or at least 5")
            .with_hint("the life is 1 divided by the rate"));
    }
    let life = asset.life();
    if asset.cost == asset.salvage || period > life {
        return Ok(0.0);
    }
    let coefficient = if life > 6.0 {
        2.5
    } else if life >= 5.0 {
        2.0
    } else {
        1.5
    };
    let part = asset.part_of_first();
    let mut rate = asset.rate * coefficient;
    let first = rounded(asset.first(rate, part));
    if period == 0.0 {
        return FinanceError::finite(first);
    }
    let last = if part == 0.0 { life } else { life + 1.0 };
    let mut left = asset.cost - first;
    let mut depreciation = 0.0;
    let mut at = 1.0;
    while at <= period {
        at += 1.0;
        if (last - at - 2.0).abs() < 1e-4 {
            depreciation = left * 0.5;
            rate = 1.0;
        } else {
            depreciation = left * rate;
        }
        if left < asset.salvage {
            depreciation = 0.0;
        }
        left -= depreciation;
    }
    FinanceError::finite(rounded(depreciation))
}

/// Rounded as Excel does, for which a number has 15 digits, so that 22.49999999999999 is a half.
fn rounded(number: f64) -> f64 {
    (number * (1.0 + 1e-14)).round()
}

#[cfg(test)]
mod tests {
    use super::{Asset, amordegrc, amorlinc};
    use crate::finance::dates::parse;
    use crate::finance::day_count::Basis;

    fn asset(cost: f64, purchased: &str, first_period: &str, salvage: f64, rate: f64) -> Asset {
        let (purchased, first_period) = (parse(purchased).unwrap(), parse(first_period).unwrap());
        Asset { cost, purchased, first_period, salvage, rate, basis: Basis::Actual }
    }

    #[test]
    fn microsofts_examples() {
        let asset = asset(2_400.0, "2008-08-19", "2008-12-31", 300.0, 0.15);
        assert_eq!(amorlinc(&asset, 1.0), Ok(360.0));
        assert_eq!(amordegrc(&asset, 1.0), Ok(776.0));
    }

    #[test]
    fn halves_within_thirteen_digits_are_rounded_up() {
        let asset = asset(100.0, "2014-01-01", "2016-01-01", 50.0, 0.3);
        assert_eq!(amordegrc(&asset, 1.0), Ok(23.0));
    }

    #[test]
    fn linear_depreciation_ends_at_the_salvage_value() {
        let asset = asset(2_400.0, "2008-08-19", "2008-12-31", 300.0, 0.15);
        let sum: f64 = (0..=7).map(|period| amorlinc(&asset, f64::from(period)).unwrap()).sum();
        assert!((sum - 2_100.0).abs() < 1e-9, "{sum}");
        assert_eq!(amorlinc(&asset, 8.0), Ok(0.0));
    }
}
