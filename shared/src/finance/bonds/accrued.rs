//! The interest that a bond has earned since its issue.

use super::coupons::{coupon, days_of_coupon};
use super::{Frequency, above_zero};
use crate::finance::FinanceError;
use crate::finance::dates::Date;
use crate::finance::day_count::Basis;

/// A bond from its issue to its first coupon.
#[derive(Clone, Copy, Debug)]
pub struct NewBond {
    /// The day it was issued.
    pub issue: Date,
    /// The day of its first coupon.
    pub first_interest: Date,
    /// The day it is traded.
    pub settlement: Date,
    /// The yearly rate of its coupons.
    pub rate: f64,
    /// Its face value.
    pub par: f64,
    /// How many coupons it pays.
    pub frequency: Frequency,
    /// How days count.
    pub basis: Basis,
}

/// Accrued interest (ACCRINT).
///
/// It counts from the issue; if not `is_from_issue`, then without the whole coupon periods before the one of the first
/// coupon, and only from the first coupon on where the settlement comes after it.
///
/// # Errors
///
/// An issue that does not come before the settlement, a rate or face value not above 0.
pub fn accrint(bond: &NewBond, is_from_issue: bool) -> Result<f64, FinanceError> {
    let NewBond { issue, first_interest, settlement, basis, frequency, .. } = *bond;
    if issue >= settlement {
        return Err(FinanceError::domain("the issue must come before the settlement"));
    }
    above_zero(bond.rate, "the rate must be above 0")?;
    above_zero(bond.par, "the face value must be above 0")?;
    let is_after_first = settlement > first_interest;
    let start = if is_after_first && !is_from_issue { first_interest } else { issue };
    let before = |count: i32| coupon(first_interest, -count * frequency.months());
    // Days count from the coupon before the first, or back from the coupon after the settlement.
    let mut count = 1;
    if is_after_first {
        count = 0;
        while before(count) < settlement {
            count -= 1;
        }
    }
    let mut previous = before(count);
    let (from, to) = if is_after_first { (before(count + 1), previous) } else { (previous, first_interest) };
    let mut periods = basis.days(start.max(previous), settlement) / days_of_coupon(basis, frequency, from, to);
    while previous > start {
        count += 1;
        let next = previous;
        previous = before(count);
        periods += if start > previous {
            part_before(bond, start, previous, next)
        } else if is_from_issue || is_after_first {
            1.0
        } else {
            0.0
        };
    }
    FinanceError::finite(bond.par * bond.rate / frequency.coupons() * periods)
}

/// The part of a coupon period that lies after `start`.
fn part_before(bond: &NewBond, start: Date, previous: Date, next: Date) -> f64 {
    let whole = match bond.basis {
        Basis::Actual365 => 365.0 / bond.frequency.coupons(),
        basis => basis.days_of_period(previous, next),
    };
    bond.basis.days(start, next) / whole
}

#[cfg(test)]
mod tests {
    use super::{NewBond, accrint};
    use crate::finance::bonds::Frequency;
    use crate::finance::dates::parse;
    use crate::finance::day_count::Basis;

    fn bond(issue: &str, first_interest: &str, settlement: &str) -> NewBond {
        let (issue, first_interest) = (parse(issue).unwrap(), parse(first_interest).unwrap());
        let settlement = parse(settlement).unwrap();
        let frequency = Frequency::SemiAnnual;
        NewBond { issue, first_interest, settlement, rate: 0.1, par: 1_000.0, frequency, basis: Basis::Us30 }
    }

    #[test]
    fn microsofts_examples() {
        let close = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-5, "{actual} {expected}");
        close(accrint(&bond("2008-03-01", "2008-08-31", "2008-05-01"), true).unwrap(), 16.666_667);
        close(accrint(&bond("2008-03-05", "2008-08-31", "2008-05-01"), false).unwrap(), 15.555_556);
        close(accrint(&bond("2008-04-05", "2008-08-31", "2008-05-01"), true).unwrap(), 7.222_222);
    }

    #[test]
    fn after_the_first_coupon_interest_counts_from_the_issue_or_from_that_coupon() {
        let bond = bond("2008-01-01", "2008-07-01", "2009-04-01");
        assert!((accrint(&bond, true).unwrap() - 125.0).abs() < 1e-9);
        assert!((accrint(&bond, false).unwrap() - 75.0).abs() < 1e-9);
    }
}
