//! Bonds whose first or last coupon period is shorter or longer than the others.

use super::coupons::{Coupons, coupon};
use super::{Frequency, PRICE, RATE, YIELD, above_zero, in_order, not_negative};
use crate::finance::FinanceError;
use crate::finance::dates::Date;
use crate::finance::day_count::{Basis, EndOfMonth, days_us};
use crate::finance::root::{self, Residual};
use crate::finance::time_value::annuity;

/// A bond with an odd first period.
#[derive(Clone, Copy, Debug)]
pub struct OddFirst {
    /// The day it is traded.
    pub settlement: Date,
    /// The day it is paid back.
    pub maturity: Date,
    /// The day it was issued.
    pub issue: Date,
    /// The day of its first coupon.
    pub first_coupon: Date,
    /// The yearly rate of its coupons.
    pub rate: f64,
    /// What it pays at maturity for 100 of face value.
    pub redemption: f64,
    /// How many coupons it pays.
    pub frequency: Frequency,
    /// How days count.
    pub basis: Basis,
}

/// What a bond with an odd first period pays, counted in coupons and coupon periods.
struct Payments {
    /// Periods from the settlement to the first coupon.
    time: f64,
    /// The first coupon.
    first: f64,
    /// How many whole coupons follow.
    rest: f64,
    /// What has accrued before the settlement.
    accrued: f64,
}

fn days_or_none(basis: Basis, start: Date, end: Date) -> f64 {
    basis.days(start, end).max(0.0)
}

impl OddFirst {
    fn check(&self) -> Result<(), FinanceError> {
        if self.issue >= self.settlement || self.settlement >= self.first_coupon || self.first_coupon >= self.maturity {
            return Err(FinanceError::domain("issue, settlement, first coupon and maturity must come in this order"));
        }
        not_negative(self.rate, RATE)?;
        not_negative(self.redemption, "the redemption must not be negative")
    }

    /// Whether the first coupon is one of those that count back from the maturity.
    fn is_regular_after_the_first(&self) -> bool {
        let months = self.frequency.months();
        let mut count = 1;
        while coupon(self.maturity, -count * months) > self.first_coupon {
            count += 1;
        }
        coupon(self.maturity, -count * months) == self.first_coupon
    }

    fn coupons(&self, settlement: Date, maturity: Date) -> Result<Coupons, FinanceError> {
        Coupons::new(settlement, maturity, self.frequency, self.basis)
    }

    fn payments(&self) -> Result<Payments, FinanceError> {
        let Self { settlement, maturity, issue, first_coupon, basis, .. } = *self;
        let period = self.coupons(settlement, first_coupon)?;
        let days = period.days();
        let days_of_first = days_or_none(basis, issue, first_coupon);
        if days_of_first < days {
            return Ok(Payments {
                time: days_or_none(basis, settlement, first_coupon) / days,
                first: days_of_first / days,
                rest: self.coupons(settlement, maturity)?.remaining() - 1.0,
                accrued: days_or_none(basis, issue, settlement) / days,
            });
        }
        let (first, accrued) = self.long_first(days)?;
        let after = match basis {
            Basis::Actual360 | Basis::Actual365 => days_or_none(basis, settlement, period.next()),
            _ => days - period.days_before(),
        };
        Ok(Payments {
            time: f64::from(self.whole_periods_to_first()) + after / days,
            first,
            rest: self.coupons(first_coupon, maturity)?.remaining(),
            accrued,
        })
    }

    /// Coupon periods from the issue to the first coupon and to the settlement, each divided by its own days.
    fn long_first(&self, days: f64) -> Result<(f64, f64), FinanceError> {
        let Self { settlement, issue, first_coupon, basis, .. } = *self;
        let (mut first, mut accrued) = (0.0, 0.0);
        let mut late = first_coupon;
        let mut left = self.coupons(issue, first_coupon)?.remaining;
        while left > 0 {
            let early = late.shifted(-self.frequency.months());
            let whole = if basis == Basis::Actual { days_or_none(basis, early, late) } else { days };
            first += if left > 1 { whole } else { days_or_none(basis, issue, late) } / whole;
            accrued += days_or_none(basis, issue.max(early), settlement.min(late)) / whole;
            late = early;
            left -= 1;
        }
        Ok((first, accrued))
    }

    /// Whole coupon periods between the settlement and a first coupon that lies far ahead.
    fn whole_periods_to_first(&self) -> i32 {
        let Self { settlement, first_coupon, .. } = *self;
        let is_30_in_long_month =
            !first_coupon.is_end_of_month() && first_coupon.month() != 2 && first_coupon.day() > 28;
        let to_end = if is_30_in_long_month { settlement.is_end_of_month() } else { first_coupon.is_end_of_month() };
        let at_end = |date: Date| if to_end { date.end_of_month() } else { date };
        let start = at_end(settlement);
        let mut count = i32::from(settlement < start);
        let mut date = at_end(start.shifted(self.frequency.months()));
        while date < first_coupon {
            date = at_end(date.shifted(self.frequency.months()));
            count += 1;
        }
        count
    }

    fn price_at(&self, payments: &Payments, yld: f64) -> f64 {
        let each = yld / self.frequency.coupons();
        let discount = libm::pow(1.0 + each, -payments.time);
        let coupon = 100.0 * self.rate / self.frequency.coupons();
        self.redemption * discount * libm::pow(1.0 + each, -payments.rest)
            + coupon * discount * (payments.first + annuity(each, payments.rest))
            - coupon * payments.accrued
    }
}

/// The price at a yield (ODDFPRICE).
///
/// # Errors
///
/// Dates out of order, a first coupon from which whole periods don't lead to the maturity, a negative rate, yield or
/// redemption.
pub fn oddfprice(bond: &OddFirst, yld: f64) -> Result<f64, FinanceError> {
    bond.check()?;
    not_negative(yld, YIELD)?;
    if !bond.is_regular_after_the_first() {
        return Err(FinanceError::domain("whole coupon periods must lead from the first coupon to the maturity"));
    }
    FinanceError::finite(bond.price_at(&bond.payments()?, yld))
}

/// The yield at a price (ODDFYIELD).
///
/// # Errors
///
/// As [`oddfprice`]; a price not above 0, no yield found.
pub fn oddfyield(bond: &OddFirst, price: f64) -> Result<f64, FinanceError> {
    bond.check()?;
    above_zero(price, PRICE)?;
    let payments = bond.payments()?;
    let function = |yld: f64| {
        let value = bond.price_at(&payments, yld) - price;
        Residual { value, size: value.abs().max(price) }
    };
    root::find(&function, -bond.frequency.coupons(), 0.05)
        .ok_or_else(|| FinanceError::no_root("no yield gives this price"))
}

/// A bond with an odd last period, traded within it.
#[derive(Clone, Copy, Debug)]
pub struct OddLast {
    /// The day it is traded.
    pub settlement: Date,
    /// The day it is paid back.
    pub maturity: Date,
    /// The day of its last coupon before the maturity.
    pub last_interest: Date,
    /// The yearly rate of its coupons.
    pub rate: f64,
    /// What it pays at maturity for 100 of face value.
    pub redemption: f64,
    /// How many coupons it pays.
    pub frequency: Frequency,
    /// How days count.
    pub basis: Basis,
}

/// Coupon periods of the last coupon, each divided by its own days.
struct LastPeriods {
    whole: f64,
    before_settlement: f64,
    after_settlement: f64,
}

impl OddLast {
    fn periods(&self) -> Result<LastPeriods, FinanceError> {
        let Self { settlement, maturity, last_interest, basis, .. } = *self;
        in_order(settlement, maturity)?;
        if last_interest >= settlement {
            return Err(FinanceError::domain("the last coupon must come before the settlement"));
        }
        not_negative(self.rate, RATE)?;
        not_negative(self.redemption, "the redemption must not be negative")?;
        let days_of = |start: Date, end: Date| match basis {
            Basis::Us30 => days_us(start, end, EndOfMonth::Always).max(0.0),
            _ => days_or_none(basis, start, end),
        };
        let mut left = Coupons::new(last_interest, maturity, self.frequency, basis)?.remaining;
        let mut sums = LastPeriods { whole: 0.0, before_settlement: 0.0, after_settlement: 0.0 };
        let mut early = last_interest;
        while left > 0 {
            let late = early.shifted(self.frequency.months());
            let days = days_of(early, late);
            let accrued = if left > 1 { days } else { days_of(early, maturity) };
            sums.whole += accrued / days;
            sums.before_settlement += if late < settlement {
                accrued
            } else if early < settlement {
                days_or_none(basis, early, settlement)
            } else {
                0.0
            } / days;
            sums.after_settlement += days_or_none(basis, settlement.max(early), maturity.min(late)) / days;
            early = late;
            left -= 1;
        }
        Ok(sums)
    }

    fn coupon(&self) -> f64 {
        100.0 * self.rate / self.frequency.coupons()
    }
}

/// The price at a yield (ODDLPRICE).
///
/// # Errors
///
/// Dates out of order, a negative rate, yield or redemption.
pub fn oddlprice(bond: &OddLast, yld: f64) -> Result<f64, FinanceError> {
    not_negative(yld, YIELD)?;
    let periods = bond.periods()?;
    let paid = periods.whole * bond.coupon() + bond.redemption;
    let growth = 1.0 + periods.after_settlement * yld / bond.frequency.coupons();
    FinanceError::finite(paid / growth - periods.before_settlement * bond.coupon())
}

/// The yield at a price (ODDLYIELD).
///
/// # Errors
///
/// Dates out of order, a negative rate or redemption, a price not above 0.
pub fn oddlyield(bond: &OddLast, price: f64) -> Result<f64, FinanceError> {
    above_zero(price, PRICE)?;
    let periods = bond.periods()?;
    let paid = periods.whole * bond.coupon() + bond.redemption;
    let cost = periods.before_settlement * bond.coupon() + price;
    FinanceError::finite((paid - cost) / cost * bond.frequency.coupons() / periods.after_settlement)
}

#[cfg(test)]
mod tests {
    use super::{OddFirst, OddLast, oddfprice, oddfyield, oddlprice, oddlyield};
    use crate::finance::bonds::Frequency;
    use crate::finance::dates::parse;
    use crate::finance::day_count::Basis;

    fn first(settlement: &str, maturity: &str, issue: &str, first_coupon: &str, basis: Basis) -> OddFirst {
        OddFirst {
            settlement: parse(settlement).unwrap(),
            maturity: parse(maturity).unwrap(),
            issue: parse(issue).unwrap(),
            first_coupon: parse(first_coupon).unwrap(),
            rate: 0.0785,
            redemption: 100.0,
            frequency: Frequency::SemiAnnual,
            basis,
        }
    }

    #[test]
    fn microsofts_examples() {
        let close = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-6, "{actual} {expected}");
        let bond = first("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", Basis::Actual);
        close(oddfprice(&bond, 0.0625).unwrap(), 113.597_717);
        let bond = first("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", Basis::Us30);
        close(oddfyield(&OddFirst { rate: 0.0575, ..bond }, 84.50).unwrap(), 0.077_245_542);
        let bond = OddLast {
            settlement: parse("2008-02-07").unwrap(),
            maturity: parse("2008-06-15").unwrap(),
            last_interest: parse("2007-10-15").unwrap(),
            rate: 0.0375,
            redemption: 100.0,
            frequency: Frequency::SemiAnnual,
            basis: Basis::Us30,
        };
        close(oddlprice(&bond, 0.0405).unwrap(), 99.878_286);
        let bond =
            OddLast { settlement: parse("2008-04-20").unwrap(), last_interest: parse("2007-12-24").unwrap(), ..bond };
        close(oddlyield(&bond, 99.875).unwrap(), 0.045_192_229);
    }

    #[test]
    fn the_yield_of_a_price_is_the_yield() {
        for basis in [Basis::Us30, Basis::Actual, Basis::Actual360, Basis::Actual365, Basis::European30] {
            for issue in ["2008-10-15", "2007-02-28", "2001-05-31"] {
                let bond = first("2008-11-11", "2021-03-01", issue, "2009-03-01", basis);
                let price = oddfprice(&bond, 0.07).unwrap();
                assert!((oddfyield(&bond, price).unwrap() - 0.07).abs() < 1e-9, "{basis:?} {issue}");
            }
        }
    }

    #[test]
    fn a_first_coupon_that_leads_not_to_the_maturity_is_an_error() {
        let bond = first("2008-11-11", "2021-03-15", "2008-10-15", "2009-03-01", Basis::Actual);
        assert!(oddfprice(&bond, 0.0625).is_err());
    }
}
