//! How payments divide into interest and principal.
//!
//! With the growth *q* = 1 + rate, the principal in the payment at the end of period *k* of *n* is
//! −(pv + fv) · rate · *q*^(*k*−1) / (*q*^*n* − 1); interest is the rest of the payment. Payments at the beginning hold no
//! interest in the first period, and 1 / *q* of both parts after it. Source: Microsoft, *Excel functions*, IPMT.

use super::FinanceError;
use super::time_value::{Due, pmt};

struct Loan {
    rate: f64,
    nper: f64,
    pv: f64,
    fv: f64,
    due: Due,
}

impl Loan {
    fn check(&self) -> Result<(), FinanceError> {
        if self.rate <= -1.0 {
            return Err(FinanceError::domain("the rate must be above -100 %"));
        }
        if self.nper <= 0.0 {
            return Err(FinanceError::domain("the number of periods must be above 0"));
        }
        Ok(())
    }

    fn check_period(&self, per: f64) -> Result<(), FinanceError> {
        self.check()?;
        if per < 1.0 || per > self.nper {
            return Err(FinanceError::domain("the period must lie between 1 and nper"));
        }
        Ok(())
    }

    fn is_first_of_beginnings(&self, per: f64) -> bool {
        self.due == Due::Beginning && (per - 1.0).abs() < 1e-10
    }

    fn discount_of_due(&self) -> f64 {
        match self.due {
            Due::End => 1.0,
            Due::Beginning => 1.0 / (1.0 + self.rate),
        }
    }

    /// (q^to − q^from) / (q^nper − 1): the share of the principal that periods after `from` up to `to` pay.
    fn share(&self, from: f64, to: f64) -> f64 {
        if self.rate == 0.0 {
            return (to - from) / self.nper;
        }
        let log = libm::log1p(self.rate);
        // Multiplied by q^-nper on both sides where that keeps the powers small.
        if self.rate > 0.0 {
            let grown = libm::exp((from - self.nper) * log) * libm::expm1((to - from) * log);
            grown / -libm::expm1(-self.nper * log)
        } else {
            libm::exp(from * log) * libm::expm1((to - from) * log) / libm::expm1(self.nper * log)
        }
    }

    /// q^(per − 1) · rate / (q^nper − 1): the share of the principal in the payment of a period that may be fractional.
    fn share_in(&self, per: f64) -> f64 {
        self.share(per - 1.0, per)
    }

    /// Interest at the end of period `per`, from pv and fv apart so that nothing cancels.
    fn interest(&self, per: f64) -> f64 {
        let paid = self.share(0.0, per - 1.0);
        let open = self.share(per - 1.0, self.nper);
        0.0 - self.rate * (self.pv * open - self.fv * paid)
    }
}

/// The interest in the payment of period `per`.
///
/// # Errors
///
/// A rate of −1 or below, a period outside 1 to `nper`.
pub fn ipmt(rate: f64, per: f64, nper: f64, pv: f64, fv: f64, due: Due) -> Result<f64, FinanceError> {
    let loan = Loan { rate, nper, pv, fv, due };
    loan.check_period(per)?;
    if loan.is_first_of_beginnings(per) {
        return Ok(0.0);
    }
    FinanceError::finite(loan.interest(per) * loan.discount_of_due())
}

/// The principal in the payment of period `per`.
///
/// # Errors
///
/// A rate of −1 or below, a period outside 1 to `nper`.
pub fn ppmt(rate: f64, per: f64, nper: f64, pv: f64, fv: f64, due: Due) -> Result<f64, FinanceError> {
    let loan = Loan { rate, nper, pv, fv, due };
    loan.check_period(per)?;
    if loan.is_first_of_beginnings(per) {
        return pmt(rate, nper, pv, fv, due);
    }
    FinanceError::finite(0.0 - (pv + fv) * loan.share_in(per) * loan.discount_of_due())
}

/// The interest in period `per` of a loan whose principal is paid back in equal parts; the first period is 0.
///
/// # Errors
///
/// No periods.
pub fn ispmt(rate: f64, per: f64, nper: f64, pv: f64) -> Result<f64, FinanceError> {
    if nper == 0.0 {
        return Err(FinanceError::division_by_zero("nper must not be 0"));
    }
    FinanceError::finite(pv * rate * (per / nper - 1.0))
}

/// The interest in the payments of periods `start` to `end`; fractions of periods don't count.
///
/// # Errors
///
/// A rate, `nper` or `pv` not above 0; periods that don't lie in order between 1 and `nper`.
pub fn cumipmt(rate: f64, nper: f64, pv: f64, start: f64, end: f64, due: Due) -> Result<f64, FinanceError> {
    let principal = cumprinc(rate, nper, pv, start, end, due)?;
    let count = (end.floor() - start.ceil() + 1.0).max(0.0);
    FinanceError::finite(pmt(rate, nper, pv, 0.0, due)? * count - principal)
}

/// The principal in the payments of periods `start` to `end`; fractions of periods don't count.
///
/// # Errors
///
/// A rate, `nper` or `pv` not above 0; periods that don't lie in order between 1 and `nper`.
pub fn cumprinc(rate: f64, nper: f64, pv: f64, start: f64, end: f64, due: Due) -> Result<f64, FinanceError> {
    let loan = Loan { rate, nper, pv, fv: 0.0, due };
    loan.check()?;
    if rate <= 0.0 || pv <= 0.0 {
        return Err(FinanceError::domain("the rate and the present value must be above 0"));
    }
    if start < 1.0 || end < start || end > nper {
        return Err(FinanceError::domain("the periods must lie in order between 1 and nper"));
    }
    let (first, last) = (start.ceil(), end.floor());
    if last < first {
        return Ok(0.0);
    }
    if loan.is_first_of_beginnings(first) {
        let rest = 0.0 - pv * loan.share(1.0, last) * loan.discount_of_due();
        return FinanceError::finite(pmt(rate, nper, pv, 0.0, due)? + rest);
    }
    FinanceError::finite(0.0 - pv * loan.share(first - 1.0, last) * loan.discount_of_due())
}

#[cfg(test)]
mod tests {
    use super::{cumipmt, cumprinc, ipmt, ispmt, ppmt};
    use crate::finance::time_value::{Due, pmt};

    #[test]
    fn payments_are_interest_and_principal_and_pay_everything_back() {
        for due in [Due::End, Due::Beginning] {
            for rate in [-0.05, 0.0, 1e-10, 0.01, 0.6] {
                let (pv, fv) = (1_000.0, -250.0);
                let payment = pmt(rate, 12.0, pv, fv, due).unwrap();
                let mut principal = 0.0;
                for per in 1..=12 {
                    let per = f64::from(per);
                    let (a, b) = (ipmt(rate, per, 12.0, pv, fv, due), ppmt(rate, per, 12.0, pv, fv, due));
                    let (a, b) = (a.unwrap(), b.unwrap());
                    assert!((a + b - payment).abs() < 1e-9 * payment.abs(), "{due:?} {rate} {per}: {a} {b} {payment}");
                    principal += b;
                }
                if due == Due::End {
                    assert!((principal + pv + fv).abs() < 1e-9, "{rate}: {principal}");
                }
            }
        }
    }

    #[test]
    fn cumulative_sums_are_the_sums() {
        for due in [Due::End, Due::Beginning] {
            for (start, end) in [(1.0, 5.0), (2.0, 9.0), (1.3, 7.9), (4.0, 4.0)] {
                let periods = (1..=10).map(f64::from).filter(|per| (start..=end).contains(per));
                let (mut interest, mut principal) = (0.0, 0.0);
                for per in periods {
                    interest += ipmt(0.07, per, 10.5, 80.0, 0.0, due).unwrap();
                    principal += ppmt(0.07, per, 10.5, 80.0, 0.0, due).unwrap();
                }
                let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-10, "{due:?} {start} {end}: {a} {b}");
                close(cumipmt(0.07, 10.5, 80.0, start, end, due).unwrap(), interest);
                close(cumprinc(0.07, 10.5, 80.0, start, end, due).unwrap(), principal);
            }
        }
    }

    #[test]
    fn many_periods_lose_no_digits() {
        let first = ppmt(1.5, 1.0, 300.0, 100.0, 0.0, Due::End).unwrap();
        assert!(first < 0.0, "{first}");
        let all = cumprinc(1.5, 500.0, 100.0, 1.0, 500.0, Due::End).unwrap();
        assert!((all + 100.0).abs() < 1e-9, "{all}");
    }

    #[test]
    fn what_the_equal_parts_leave_bears_interest() {
        assert_eq!(ispmt(0.1, 0.0, 4.0, 1_000.0), Ok(-100.0));
        assert_eq!(ispmt(0.1, 3.0, 4.0, 1_000.0), Ok(-25.0));
    }
}
