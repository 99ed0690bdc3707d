//! Bonds that pay a coupon in each of equal periods.

use super::coupons::Coupons;
use super::{PRICE, RATE, REDEMPTION, YIELD, above_zero, not_negative};
use crate::finance::FinanceError;
use crate::finance::root::{self, Residual};
use crate::finance::time_value::annuity;

/// What a bond pays for 100 of face value.
#[derive(Clone, Copy, Debug)]
pub struct Bond {
    /// When it pays coupons.
    pub coupons: Coupons,
    /// The yearly rate of its coupons.
    pub rate: f64,
    /// What it pays at maturity.
    pub redemption: f64,
}

impl Bond {
    fn frequency(&self) -> f64 {
        self.coupons.frequency.coupons()
    }

    fn coupon(&self) -> f64 {
        100.0 * self.rate / self.frequency()
    }

    fn accrued(&self) -> f64 {
        self.coupon() * self.coupons.days_before() / self.coupons.days()
    }

    fn price_at(&self, yld: f64) -> f64 {
        let each = yld / self.frequency();
        let (coupon, part) = (self.coupon(), self.coupons.part_after());
        let count = self.coupons.remaining();
        if count == 1.0 {
            return (self.redemption + coupon) / (1.0 + part * each) - self.accrued();
        }
        let growth = 1.0 + each;
        self.redemption * libm::pow(growth, 1.0 - part - count)
            + coupon * annuity(each, count) * libm::pow(growth, 1.0 - part)
            - self.accrued()
    }
}

/// The price at a yield (PRICE).
///
/// # Errors
///
/// A negative rate or yield, a redemption not above 0.
pub fn price(bond: &Bond, yld: f64) -> Result<f64, FinanceError> {
    not_negative(bond.rate, RATE)?;
    not_negative(yld, YIELD)?;
    above_zero(bond.redemption, REDEMPTION)?;
    FinanceError::finite(bond.price_at(yld))
}

/// The yield at a price (YIELD).
///
/// # Errors
///
/// A negative rate, a price or redemption not above 0, no yield found.
pub fn yield_at(bond: &Bond, price: f64) -> Result<f64, FinanceError> {
    not_negative(bond.rate, RATE)?;
    above_zero(price, PRICE)?;
    above_zero(bond.redemption, REDEMPTION)?;
    let frequency = bond.frequency();
    if bond.coupons.remaining() == 1.0 {
        let paid = price + bond.accrued();
        let gain = (bond.redemption + bond.coupon() - paid) / paid;
        return FinanceError::finite(gain * frequency / bond.coupons.part_after());
    }
    let function = |yld: f64| {
        let value = bond.price_at(yld) - price;
        Residual { value, size: value.abs().max(price) }
    };
    root::find(&function, -frequency, 0.05).ok_or_else(|| FinanceError::no_root("no yield gives this price"))
}

/// Macaulay's duration in years (DURATION).
///
/// # Errors
///
/// A negative coupon or yield.
pub fn duration(coupons: &Coupons, coupon: f64, yld: f64) -> Result<f64, FinanceError> {
    not_negative(coupon, RATE)?;
    not_negative(yld, YIELD)?;
    let frequency = coupons.frequency.coupons();
    let growth = 1.0 + yld / frequency;
    let each = 100.0 * coupon / frequency;
    let mut time = coupons.part_after();
    let mut discount = libm::pow(growth, -time);
    let (mut weighted, mut sum) = (0.0, 0.0);
    for paid in 1..=coupons.remaining {
        let flow = if paid == coupons.remaining { each + 100.0 } else { each };
        weighted += flow * discount * time;
        sum += flow * discount;
        time += 1.0;
        discount /= growth;
    }
    if sum == 0.0 {
        return Err(FinanceError::division_by_zero("the payments are worth nothing at this yield"));
    }
    FinanceError::finite(weighted / sum / frequency)
}

/// The modified duration (MDURATION): by what part the price falls if the yield rises by 1.
///
/// # Errors
///
/// A negative coupon or yield.
pub fn mduration(coupons: &Coupons, coupon: f64, yld: f64) -> Result<f64, FinanceError> {
    Ok(duration(coupons, coupon, yld)? / (1.0 + yld / coupons.frequency.coupons()))
}

#[cfg(test)]
mod tests {
    use super::{Bond, duration, mduration, price, yield_at};
    use crate::finance::bonds::Frequency;
    use crate::finance::bonds::coupons::Coupons;
    use crate::finance::dates::parse;
    use crate::finance::day_count::Basis;

    fn coupons(settlement: &str, maturity: &str, basis: Basis) -> Coupons {
        Coupons::new(parse(settlement).unwrap(), parse(maturity).unwrap(), Frequency::SemiAnnual, basis).unwrap()
    }

    #[test]
    fn microsofts_examples() {
        let close = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-7, "{actual} {expected}");
        let bond = Bond { coupons: coupons("2008-02-15", "2017-11-15", Basis::Us30), rate: 0.0575, redemption: 100.0 };
        close(price(&bond, 0.065).unwrap(), 94.634_361_62);
        let bond = Bond { coupons: coupons("2008-02-15", "2016-11-15", Basis::Us30), rate: 0.0575, redemption: 100.0 };
        close(yield_at(&bond, 95.04287).unwrap(), 0.065_000_007);
        let coupons = coupons("2008-01-01", "2016-01-01", Basis::Actual);
        close(duration(&coupons, 0.08, 0.09).unwrap(), 5.993_774_956);
        close(mduration(&coupons, 0.08, 0.09).unwrap(), 5.735_669_814);
    }

    #[test]
    fn the_yield_of_a_price_is_the_yield() {
        for basis in [Basis::Us30, Basis::Actual, Basis::Actual360, Basis::Actual365, Basis::European30] {
            for maturity in ["2008-03-31", "2009-08-30", "2038-02-28"] {
                for yld in [0.0, 0.001, 0.05, 0.4] {
                    let bond = Bond { coupons: coupons("2008-02-15", maturity, basis), rate: 0.04, redemption: 103.0 };
                    let found = yield_at(&bond, price(&bond, yld).unwrap()).unwrap();
                    assert!((found - yld).abs() < 1e-9, "{basis:?} {maturity} {yld}: {found}");
                }
            }
        }
    }
}
