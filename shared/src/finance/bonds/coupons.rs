//! When a bond pays its coupons.

use super::{Frequency, in_order};
use crate::finance::FinanceError;
use crate::finance::dates::Date;
use crate::finance::day_count::{Basis, EndOfMonth, days_us};

/// The coupons around the settlement of a bond.
///
/// Coupons count back from the maturity. If that is the last day of a month, all coupons are; otherwise a coupon in a month
/// without that day falls on its last.
#[derive(Clone, Copy, Debug)]
pub struct Coupons {
    settlement: Date,
    pub(super) frequency: Frequency,
    basis: Basis,
    previous: Date,
    next: Date,
    pub(super) remaining: i32,
}

/// The day that lies so many months after `anchor`, a day on which a bond pays a coupon.
pub(super) fn coupon(anchor: Date, months: i32) -> Date {
    let date = anchor.shifted(months);
    if anchor.is_end_of_month() { date.end_of_month() } else { date }
}

impl Coupons {
    /// The coupons of a bond around its settlement.
    ///
    /// # Errors
    ///
    /// A settlement that does not come before the maturity.
    pub fn new(settlement: Date, maturity: Date, frequency: Frequency, basis: Basis) -> Result<Self, FinanceError> {
        in_order(settlement, maturity)?;
        let months = frequency.months();
        let between = (maturity.year() - settlement.year()) * 12 + maturity.month() - settlement.month();
        let mut remaining = between / months;
        while coupon(maturity, -remaining * months) > settlement {
            remaining += 1;
        }
        let previous = coupon(maturity, -remaining * months);
        let next = coupon(maturity, (1 - remaining) * months);
        Ok(Self { settlement, frequency, basis, previous, next, remaining })
    }

    /// The coupon before or on the settlement (COUPPCD).
    #[must_use]
    pub fn previous(&self) -> Date {
        self.previous
    }

    /// The coupon after the settlement (COUPNCD).
    #[must_use]
    pub fn next(&self) -> Date {
        self.next
    }

    /// How many coupons are still paid (COUPNUM).
    #[must_use]
    pub fn remaining(&self) -> f64 {
        f64::from(self.remaining)
    }

    /// Days from the coupon before to the settlement (COUPDAYBS).
    #[must_use]
    pub fn days_before(&self) -> f64 {
        self.basis.days(self.previous, self.settlement)
    }

    /// Days from the coupon before to the one after (COUPDAYS).
    #[must_use]
    pub fn days(&self) -> f64 {
        days_of_coupon(self.basis, self.frequency, self.previous, self.next)
    }

    /// Days from the settlement to the coupon after (COUPDAYSNC).
    #[must_use]
    pub fn days_after(&self) -> f64 {
        if self.basis == Basis::Us30 {
            return days_us(self.previous, self.next, EndOfMonth::Always) - self.days_before();
        }
        self.basis.days(self.settlement, self.next)
    }

    /// The part of the current coupon period that lies after the settlement.
    pub(super) fn part_after(&self) -> f64 {
        let days = self.days();
        (days - self.days_before()) / days
    }
}

/// The days that a coupon period has by convention.
pub(super) fn days_of_coupon(basis: Basis, frequency: Frequency, start: Date, end: Date) -> f64 {
    match basis {
        Basis::Us30 | Basis::Actual360 | Basis::European30 => 360.0 / frequency.coupons(),
        Basis::Actual365 => 365.0 / frequency.coupons(),
        Basis::Actual => end.days_after(start),
    }
}

#[cfg(test)]
mod tests {
    use super::Coupons;
    use crate::finance::bonds::Frequency;
    use crate::finance::dates::{Date, parse};
    use crate::finance::day_count::Basis;

    fn coupons(settlement: &str, maturity: &str, basis: Basis) -> Coupons {
        let date = |text: &str| parse(text).unwrap();
        Coupons::new(date(settlement), date(maturity), Frequency::SemiAnnual, basis).unwrap()
    }

    fn text(date: Date) -> String {
        format!("{}-{:02}-{:02}", date.year(), date.month(), date.day())
    }

    #[test]
    fn microsofts_examples() {
        let coupons = coupons("2011-01-25", "2011-11-15", Basis::Actual);
        assert_eq!((coupons.days_before(), coupons.days(), coupons.days_after()), (71.0, 181.0, 110.0));
        assert_eq!((text(coupons.previous()), text(coupons.next())), ("2010-11-15".into(), "2011-05-15".into()));
        assert_eq!(coupons.remaining(), 2.0);
    }

    #[test]
    fn coupons_keep_the_day_of_the_maturity() {
        let cases = [
            ("2011-10-01", "2015-08-30", "2011-08-30", "2012-02-29"),
            ("2011-10-01", "2015-08-31", "2011-08-31", "2012-02-29"),
            ("2011-10-01", "2015-02-28", "2011-08-31", "2012-02-29"),
            ("2011-10-01", "2012-02-29", "2011-08-31", "2012-02-29"),
            ("2012-02-29", "2012-02-29", "", ""),
            ("2000-12-24", "2000-12-25", "2000-06-25", "2000-12-25"),
            ("2000-06-25", "2000-12-25", "2000-06-25", "2000-12-25"),
        ];
        for (settlement, maturity, previous, next) in cases {
            if previous.is_empty() {
                let date = parse(settlement).unwrap();
                assert!(Coupons::new(date, date, Frequency::Annual, Basis::Us30).is_err());
                continue;
            }
            let coupons = coupons(settlement, maturity, Basis::Us30);
            assert_eq!(
                (text(coupons.previous()), text(coupons.next())),
                (previous.into(), next.into()),
                "{settlement}"
            );
        }
    }
}
