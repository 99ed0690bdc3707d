//! Day-count conventions: what part of a year lies between two days.
//!
//! Source: D. A. Wheeler, *YEARFRAC Incompatibilities between Excel 2007 and OOXML*, which found Excel's rules out, and
//! what was measured by the authors of ExcelFinancialFunctions.

use super::FinanceError;
use super::dates::Date;
use super::whole::whole;

/// How days and years are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 0: months of 30 days by the rules of NASD, years of 360.
    Us30,
    /// 1: actual days, actual years.
    Actual,
    /// 2: actual days, years of 360.
    Actual360,
    /// 3: actual days, years of 365.
    Actual365,
    /// 4: months of 30 days by the European rule, years of 360.
    European30,
}

impl Basis {
    /// The basis with that number, of which a fraction is cut.
    ///
    /// # Errors
    ///
    /// A number outside 0 to 4.
    pub fn new(number: f64) -> Result<Self, FinanceError> {
        match whole(number.floor()) {
            Some(0) => Ok(Self::Us30),
            Some(1) => Ok(Self::Actual),
            Some(2) => Ok(Self::Actual360),
            Some(3) => Ok(Self::Actual365),
            Some(4) => Ok(Self::European30),
            _ => Err(FinanceError::domain("the basis must be 0, 1, 2, 3 or 4")),
        }
    }

    /// Days from one day to another.
    #[must_use]
    pub fn days(self, start: Date, end: Date) -> f64 {
        match self {
            Self::Us30 => days_us(start, end, EndOfMonth::AfterOne),
            Self::European30 => days_european(start, end),
            Self::Actual | Self::Actual360 | Self::Actual365 => end.days_after(start),
        }
    }

    /// Days from one coupon to the next, where they divide accrued days.
    pub(super) fn days_of_period(self, start: Date, end: Date) -> f64 {
        match self {
            Self::Us30 => days_us(start, end, EndOfMonth::Always),
            Self::Actual360 => days_us(start, end, EndOfMonth::AfterOne),
            Self::European30 => days_european(start, end),
            Self::Actual | Self::Actual365 => end.days_after(start),
        }
    }

    /// Days in the year or years from one day to another.
    #[must_use]
    pub fn days_in_year(self, start: Date, end: Date) -> f64 {
        match self {
            Self::Us30 | Self::Actual360 | Self::European30 => 360.0,
            Self::Actual365 => 365.0,
            Self::Actual if is_within_a_year(start, end) => {
                if has_leap_day(start, end) {
                    366.0
                } else {
                    365.0
                }
            }
            Self::Actual => {
                let days = Date::first_of_year(end.year() + 1).days_after(Date::first_of_year(start.year()));
                days / f64::from(end.year() - start.year() + 1)
            }
        }
    }
}

/// When the last day of a month that ends a span counts as the 30th.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfMonth {
    /// If the span begins on one.
    AfterOne,
    /// Always.
    Always,
}

/// Days from one day to another if each month has 30, by Excel's rules for the US.
pub(super) fn days_us(start: Date, end: Date, rule: EndOfMonth) -> f64 {
    let mut first = start.day();
    let mut last = end.day();
    if end.is_end_of_february() && (start.is_end_of_february() || rule == EndOfMonth::Always) {
        last = 30;
    }
    if last == 31 && (first >= 30 || rule == EndOfMonth::Always) {
        last = 30;
    }
    if first == 31 || start.is_end_of_february() {
        first = 30;
    }
    days_of_30(start, first, end, last)
}

fn days_european(start: Date, end: Date) -> f64 {
    days_of_30(start, start.day().min(30), end, end.day().min(30))
}

fn days_of_30(start: Date, first: i32, end: Date, last: i32) -> f64 {
    f64::from((end.year() - start.year()) * 360 + (end.month() - start.month()) * 30 + last - first)
}

fn is_within_a_year(start: Date, end: Date) -> bool {
    start.year() == end.year()
        || (end.year() == start.year() + 1 && (start.month(), start.day()) >= (end.month(), end.day()))
}

/// Whether a 29 February counts in a span of at most a year.
fn has_leap_day(start: Date, end: Date) -> bool {
    if start.year() == end.year() {
        return start.is_in_leap_year();
    }
    (start.is_in_leap_year() && start.month() <= 2)
        || (end.is_in_leap_year() && (end.month() > 2 || (end.month() == 2 && end.day() == 29)))
}

/// The part of a year between two days, in either order.
#[must_use]
pub fn yearfrac(start: Date, end: Date, basis: Basis) -> f64 {
    let (start, end) = (start.min(end), start.max(end));
    basis.days(start, end) / basis.days_in_year(start, end)
}

/// Days from one day to another if each month has 30; negative if `end` is before `start`.
#[must_use]
pub fn days360(start: Date, end: Date, is_european: bool) -> f64 {
    if is_european {
        return days_european(start, end);
    }
    let first = if start.is_end_of_month() { 30 } else { start.day() };
    let last = if end.day() == 31 && first == 30 { 30 } else { end.day() };
    days_of_30(start, first, end, last)
}

#[cfg(test)]
mod tests {
    use super::{Basis, days360, yearfrac};
    use crate::finance::dates::{Date, parse};

    fn date(text: &str) -> Date {
        parse(text).unwrap()
    }

    #[test]
    fn a_year_has_its_days_by_each_basis() {
        let (start, end) = (date("2012-01-01"), date("2012-07-30"));
        let fractions = [0.0, 1.0, 2.0, 3.0, 4.9].map(|basis| yearfrac(end, start, Basis::new(basis).unwrap()));
        let expected = [209.0 / 360.0, 211.0 / 366.0, 211.0 / 360.0, 211.0 / 365.0, 209.0 / 360.0];
        assert_eq!(fractions, expected);
        assert!(Basis::new(5.0).is_err() && Basis::new(-0.5).is_err());
    }

    #[test]
    fn the_end_of_february_is_the_30th() {
        let us = |start, end| Basis::Us30.days(date(start), date(end));
        assert_eq!(us("2007-02-28", "2008-02-29"), 360.0);
        assert_eq!(us("2008-02-29", "2008-03-31"), 31.0);
        assert_eq!(us("2008-01-30", "2008-02-29"), 29.0);
        assert_eq!(days360(date("2008-02-29"), date("2008-03-31"), false), 30.0);
    }

    #[test]
    fn days360_counts_on_and_back() {
        assert_eq!(days360(date("2011-01-30"), date("2011-02-01"), false), 1.0);
        assert_eq!(days360(date("2011-01-01"), date("2011-12-31"), false), 360.0);
        assert_eq!(days360(date("2011-01-01"), date("2011-12-31"), true), 359.0);
        assert_eq!(days360(date("2011-12-31"), date("2011-01-01"), true), -359.0);
    }
}
