//! Present value and rate of return of a row of flows.

use super::root::{self, Residual};
use super::{FinanceError, FinanceErrorKind};

/// Net present value of flows of which the first lies one period ahead, by Excel's convention.
///
/// # Errors
///
/// A rate of −1.
pub fn npv(rate: f64, flows: &[f64]) -> Result<f64, FinanceError> {
    if rate == -1.0 {
        return Err(FinanceError::division_by_zero("at a rate of -100 % there is no present value"));
    }
    let mut discount = 1.0;
    let mut sum = 0.0;
    for flow in flows {
        discount *= 1.0 + rate;
        sum += flow / discount;
    }
    FinanceError::finite(sum)
}

/// Net present value, on the first of the dates, of dated flows; a year has 365 days.
///
/// Excel has no value at rates of 0 and below; here every rate above −1 counts, so that XIRR puts it at 0.
///
/// # Errors
///
/// A rate of −1 or below, a date before the first, lists that differ in length or have nothing in them.
pub fn xnpv(rate: f64, flows: &[f64], days: &[i32]) -> Result<f64, FinanceError> {
    if rate <= -1.0 {
        return Err(FinanceError::domain("the rate must be above -100 %"));
    }
    let years = years(flows, days)?;
    let log = libm::log1p(rate);
    let sum = flows.iter().zip(&years).fold(0.0, |sum, (flow, years)| sum + flow * libm::exp(-years * log));
    FinanceError::finite(sum)
}

/// Years of 365 days from the first day to each.
fn years(flows: &[f64], days: &[i32]) -> Result<Vec<f64>, FinanceError> {
    if flows.len() != days.len() {
        return Err(FinanceError::mismatch("there must be as many dates as flows"));
    }
    let Some(first) = days.first() else {
        return Err(FinanceError::new(FinanceErrorKind::NotFound, "there are no flows"));
    };
    if days.iter().any(|day| day < first) {
        return Err(FinanceError::domain("a date lies before the first").with_hint("put the earliest flow first"));
    }
    Ok(days.iter().map(|day| (f64::from(*day) - f64::from(*first)) / 365.0).collect())
}

fn check_flows(flows: &[f64], guess: f64) -> Result<(), FinanceError> {
    if !flows.iter().any(|flow| *flow > 0.0) || !flows.iter().any(|flow| *flow < 0.0) {
        return Err(FinanceError::no_root("the flows have no rate of return")
            .with_hint("there must be at least one positive and one negative flow"));
    }
    if guess <= -1.0 {
        return Err(FinanceError::domain("the guess must be above -100 %"));
    }
    Ok(())
}

/// The rate for one period that puts the net present value of the flows at 0; of several the one near `guess`.
///
/// # Errors
///
/// No flow above 0 or none below; a guess of −1 or below; no rate above −1 found.
pub fn irr(flows: &[f64], guess: f64) -> Result<f64, FinanceError> {
    check_flows(flows, guess)?;
    let is_flow = |flow: &f64| *flow != 0.0;
    // Zeros at either end change nothing but the scale.
    let first = flows.iter().position(is_flow).unwrap_or(0);
    let last = flows.iter().rposition(is_flow).unwrap_or(0);
    let flows = flows.get(first..=last).unwrap_or(flows);
    let function = |rate: f64| {
        let growth = 1.0 + rate;
        let sum = |residual: Residual, factor: f64, flow: f64| Residual {
            value: residual.value * factor + flow,
            size: residual.size * factor + flow.abs(),
        };
        let nothing = Residual { value: 0.0, size: 0.0 };
        // By Horner's rule, where the first flow lies one period ahead.
        let present = flows.iter().rev().fold(nothing, |residual, flow| sum(residual, 1.0 / growth, *flow));
        let present = sum(present, 1.0 / growth, 0.0);
        if present.size.is_finite() {
            return present;
        }
        flows.iter().fold(nothing, |residual, flow| sum(residual, growth, *flow))
    };
    root::find(&function, -1.0, guess).ok_or_else(no_rate)
}

fn no_rate() -> FinanceError {
    FinanceError::no_root("no rate above -100 % puts the present value of the flows at 0")
        .with_hint("try another guess")
}

/// The yearly rate that puts the net present value of dated flows at 0; of several the one near `guess`. A year has 365
/// days; the dates may come in any order after the first.
///
/// # Errors
///
/// No flow above 0 or none below; a date before the first; lists that differ in length; a guess of −1 or below; no rate
/// above −1 found.
pub fn xirr(flows: &[f64], days: &[i32], guess: f64) -> Result<f64, FinanceError> {
    let years = years(flows, days)?;
    check_flows(flows, guess)?;
    let last = years.iter().copied().fold(0.0, f64::max);
    let function = |rate: f64| {
        let value_at = |point: f64| {
            flows.iter().zip(&years).fold(Residual { value: 0.0, size: 0.0 }, |residual, (flow, years)| {
                let value = flow * libm::pow(1.0 + rate, point - years);
                Residual { value: residual.value + value, size: residual.size + value.abs() }
            })
        };
        let present = value_at(0.0);
        if present.size.is_finite() { present } else { value_at(last) }
    };
    root::find(&function, -1.0, guess).ok_or_else(no_rate)
}

/// Modified internal rate of return: negative flows are financed at one rate, positive ones reinvested at another.
///
/// # Errors
///
/// No flow above 0 or none below; a rate of −1; flows whose values have no real root.
pub fn mirr(flows: &[f64], finance_rate: f64, reinvest_rate: f64) -> Result<f64, FinanceError> {
    if !flows.iter().any(|flow| *flow > 0.0) || !flows.iter().any(|flow| *flow < 0.0) {
        return Err(FinanceError::division_by_zero("the flows have no modified rate of return")
            .with_hint("there must be at least one positive and one negative flow"));
    }
    let mut count = -1.0;
    let mut positive = Vec::with_capacity(flows.len());
    let mut negative = Vec::with_capacity(flows.len());
    for flow in flows {
        positive.push(flow.max(0.0));
        negative.push(flow.min(0.0));
        count += 1.0;
    }
    let cost = npv(finance_rate, &negative)? * (1.0 + finance_rate);
    if cost == 0.0 {
        return Err(FinanceError::division_by_zero("the negative flows are worth nothing"));
    }
    let gain = npv(reinvest_rate, &positive)? * libm::pow(1.0 + reinvest_rate, count + 1.0);
    let ratio = 0.0 - gain / cost;
    if ratio < 0.0 {
        return Err(FinanceError::domain("the values of the flows have no real root"));
    }
    FinanceError::finite(libm::pow(ratio, 1.0 / count) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::{irr, mirr, npv, xirr, xnpv};
    use crate::finance::FinanceErrorKind;

    #[test]
    fn flows_of_one_sign_have_no_rate_of_return() {
        for flows in [&[1.0, 2.0, 3.0][..], &[-1.0, -2.0], &[0.0], &[]] {
            assert_eq!(irr(flows, 0.1).unwrap_err().kind, FinanceErrorKind::NoRoot);
            assert!(mirr(flows, 0.1, 0.1).is_err());
        }
    }

    #[test]
    fn flows_without_a_real_root_are_an_error() {
        assert_eq!(irr(&[1.0, -1.0, 1.0], 0.1).unwrap_err().kind, FinanceErrorKind::NoRoot);
    }

    #[test]
    fn extreme_rates_of_return_are_found() {
        for rate in [-0.99, -0.5, -0.01, 0.0, 0.3, 9.0, 1e6] {
            let flows = [-1.0, 0.0, 0.0, libm::pow(1.0 + rate, 3.0)];
            let found = irr(&flows, 0.1).unwrap();
            assert!((found - rate).abs() < 1e-9 * (1.0 + rate), "{rate}: {found}");
        }
        let mut long = vec![0.01; 600];
        long[0] = -100.0;
        let found = irr(&long, 0.1).unwrap();
        assert!(npv(found, &long).unwrap().abs() < 1e-3 && found < 0.0, "{found}");
    }

    #[test]
    fn dates_may_come_in_any_order_after_the_first() {
        let sorted = xirr(&[-100.0, 60.0, 70.0], &[0, 200, 900], 0.1).unwrap();
        let turned = xirr(&[-100.0, 70.0, 60.0], &[0, 900, 200], 0.1).unwrap();
        assert!((sorted - turned).abs() < 1e-12);
        assert!(xnpv(sorted, &[-100.0, 60.0, 70.0], &[0, 200, 900]).unwrap().abs() < 1e-9);
        assert!(xirr(&[-100.0, 60.0], &[1, 0], 0.1).is_err());
        assert!(xirr(&[-100.0, 60.0], &[1], 0.1).is_err());
    }
}
