//! Annuities: level payments at a constant rate.
//!
//! All five functions are sides of one equation, with the growth *q* = (1 + rate)^nper:
//! pv · *q* + pmt · (1 + rate · due) · (*q* − 1) / rate + fv = 0. Money that comes in is positive, money that goes out
//! negative. A rate of 0 is its limit. Source: Microsoft, *Excel functions*, PV; Kellison, *The Theory of Interest*.

use super::root::{self, Residual};
use super::{FinanceError, FinanceErrorKind};

/// When payments fall due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At the end of each period (Excel's type 0).
    End,
    /// At the beginning of each period (Excel's type 1).
    Beginning,
}

impl Due {
    /// What one payment is worth at the end of its period.
    fn factor(self, rate: f64) -> f64 {
        match self {
            Self::End => 1.0,
            Self::Beginning => 1.0 + rate,
        }
    }
}

/// (1 + rate)^nper.
pub(super) fn growth(rate: f64, nper: f64) -> Result<f64, FinanceError> {
    if rate < -1.0 && nper.trunc() != nper {
        return Err(FinanceError::domain("below a rate of -100 % the number of periods must be whole"));
    }
    Ok(libm::pow(1.0 + rate, nper))
}

/// The present value of 1 at the end of each of `nper` periods.
pub(super) fn annuity(rate: f64, nper: f64) -> f64 {
    if rate == 0.0 {
        nper
    } else if rate > -1.0 {
        -libm::expm1(-nper * libm::log1p(rate)) / rate
    } else {
        (1.0 - libm::pow(1.0 + rate, -nper)) / rate
    }
}

/// The value at the end of 1 at the end of each of `nper` periods.
fn accumulation(rate: f64, nper: f64) -> f64 {
    if rate == 0.0 {
        nper
    } else if rate > -1.0 {
        libm::expm1(nper * libm::log1p(rate)) / rate
    } else {
        (libm::pow(1.0 + rate, nper) - 1.0) / rate
    }
}

fn no_value_at_minus_one() -> FinanceError {
    FinanceError::division_by_zero("at a rate of -100 % there is no present value")
}

/// Present value of payments and of `fv` at the end.
///
/// # Errors
///
/// A rate of −1; a rate below it with `nper` not whole.
pub fn pv(rate: f64, nper: f64, pmt: f64, fv: f64, due: Due) -> Result<f64, FinanceError> {
    if rate == -1.0 {
        return Err(no_value_at_minus_one());
    }
    let discount = growth(rate, -nper)?;
    FinanceError::finite(0.0 - (fv * discount + pmt * due.factor(rate) * annuity(rate, nper)))
}

/// Value at the end of payments and of `pv` at the beginning.
///
/// # Errors
///
/// A rate of −1 with `nper` not above 0; a rate below it with `nper` not whole.
pub fn fv(rate: f64, nper: f64, pmt: f64, pv: f64, due: Due) -> Result<f64, FinanceError> {
    if rate == -1.0 && nper <= 0.0 {
        return Err(no_value_at_minus_one());
    }
    let growth = growth(rate, nper)?;
    if rate == -1.0 {
        let last = if due == Due::End { pmt } else { 0.0 };
        return Ok(0.0 - last);
    }
    FinanceError::finite(0.0 - (pv * growth + pmt * due.factor(rate) * accumulation(rate, nper)))
}

/// The level payment that pays `pv` back and leaves `fv`.
///
/// # Errors
///
/// No periods; a rate of −1 with payments at the beginning or `nper` not above 0; a rate below −1 with `nper` not whole.
pub fn pmt(rate: f64, nper: f64, pv: f64, fv: f64, due: Due) -> Result<f64, FinanceError> {
    if rate == -1.0 {
        return if due == Due::End && nper > 0.0 { Ok(0.0 - fv) } else { Err(no_value_at_minus_one()) };
    }
    let growth = growth(rate, nper)?;
    // Of the two forms of the same, the one that stays finite over many periods.
    let (value, each) = if growth.abs() >= 1.0 {
        (pv + fv / growth, annuity(rate, nper))
    } else {
        (pv * growth + fv, accumulation(rate, nper))
    };
    let each = each * due.factor(rate);
    if each == 0.0 {
        return Err(FinanceError::division_by_zero("payments over these periods are worth nothing")
            .with_hint("nper must not be 0"));
    }
    FinanceError::finite(0.0 - value / each)
}

/// How many periods payments last.
///
/// # Errors
///
/// No number of periods solves the equation; a rate of −1 or below; a rate and a payment of 0.
pub fn nper(rate: f64, pmt: f64, pv: f64, fv: f64, due: Due) -> Result<f64, FinanceError> {
    if rate == 0.0 {
        if pmt == 0.0 {
            return Err(FinanceError::division_by_zero("without interest and payments the value never changes"));
        }
        return FinanceError::finite(0.0 - (pv + fv) / pmt);
    }
    if rate <= -1.0 {
        return Err(FinanceError::domain("the rate must be above -100 %"));
    }
    let payment = pmt * due.factor(rate);
    let ratio = (payment - fv * rate) / (payment + pv * rate);
    if ratio.is_nan() || ratio <= 0.0 {
        return Err(FinanceError::new(
            FinanceErrorKind::NoRoot,
            "no number of periods takes pv to fv with these payments",
        )
        .with_hint("money that is paid is negative"));
    }
    FinanceError::finite(libm::log(ratio) / libm::log1p(rate))
}

/// The rate for one period at which payments take `pv` to `fv`.
///
/// # Errors
///
/// `nper` not above 0, a guess of −1 or below, no rate above −1 found.
pub fn rate(nper: f64, pmt: f64, pv: f64, fv: f64, due: Due, guess: f64) -> Result<f64, FinanceError> {
    if nper <= 0.0 {
        return Err(FinanceError::domain("the number of periods must be above 0"));
    }
    if guess <= -1.0 {
        return Err(FinanceError::domain("the guess must be above -100 %"));
    }
    let function = |rate: f64| {
        let growth = libm::pow(1.0 + rate, nper);
        let (now, then, each) = if growth < 1e100 {
            (pv * growth, fv, accumulation(rate, nper))
        } else {
            (pv, fv / growth, annuity(rate, nper))
        };
        let payments = pmt * due.factor(rate) * each;
        Residual { value: now + then + payments, size: now.abs() + then.abs() + payments.abs() }
    };
    root::find(&function, -1.0, guess).ok_or_else(|| {
        FinanceError::no_root("no rate takes pv to fv with these payments").with_hint("money that is paid is negative")
    })
}

#[cfg(test)]
mod tests {
    use super::{Due, fv, nper, pmt, pv, rate};

    #[test]
    fn the_five_sides_of_the_equation_agree() {
        for due in [Due::End, Due::Beginning] {
            for r in [-0.3, -1e-9, 0.0, 1e-12, 0.004, 0.07, 1.5] {
                for n in [0.5, 1.0, 2.7, 30.0, 360.0] {
                    let (payment, future) = (-12.5, 40.0);
                    let present = pv(r, n, payment, future, due).unwrap();
                    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (a.abs() + b.abs() + 1.0);
                    assert!(close(pmt(r, n, present, future, due).unwrap(), payment), "pmt {due:?} {r} {n}");
                    if libm::pow(1.0 + r, n) < 1e5 {
                        assert!(close(fv(r, n, payment, present, due).unwrap(), future), "fv {due:?} {r} {n}");
                        let size = payment.abs() * n + future.abs() + present.abs();
                        let found = rate(n, payment, present, future, due, r + 0.01).unwrap();
                        let again = pv(found, n, payment, future, due).unwrap();
                        assert!((again - present).abs() < 1e-8 * size, "rate {due:?} {r} {n}: {found}");
                    }
                    if (0.0..1e3).contains(&(libm::pow(1.0 + r, n))) && r.abs() > 1e-6 {
                        let found = nper(r, payment, present, future, due).unwrap();
                        assert!((found - n).abs() < 1e-5 * n, "nper {due:?} {r} {n}: {found}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_rate_of_minus_one_has_no_present_value() {
        assert!(pv(-1.0, 3.0, 1.0, 1.0, Due::End).is_err());
        assert!(pmt(-1.0, 3.0, 1.0, 1.0, Due::Beginning).is_err());
        assert_eq!(fv(-1.0, 3.0, 5.0, 7.0, Due::End), Ok(-5.0));
        assert_eq!(pmt(-1.0, 3.0, 1.0, 4.0, Due::End), Ok(-4.0));
    }
}
