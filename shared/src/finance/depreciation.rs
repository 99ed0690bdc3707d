//! How an asset loses its cost, down to its salvage value, over its life.
//!
//! Source: Microsoft, *Excel functions*; the treatment of fractional periods is what Excel was measured to do by the
//! authors of ExcelFinancialFunctions.

pub mod french;

use super::FinanceError;

/// How many periods a computation goes through one by one.
const MOST_PERIODS: f64 = 10_000.0;

/// Straight-line depreciation for one period.
///
/// # Errors
///
/// A life of 0.
pub fn sln(cost: f64, salvage: f64, life: f64) -> Result<f64, FinanceError> {
    if life == 0.0 {
        return Err(FinanceError::division_by_zero("the life must not be 0"));
    }
    FinanceError::finite((cost - salvage) / life)
}

/// Sum-of-years' digits depreciation for the period `per`, which may be fractional.
///
/// # Errors
///
/// A negative salvage value, a life not above 0, a period not within the life.
pub fn syd(cost: f64, salvage: f64, life: f64, per: f64) -> Result<f64, FinanceError> {
    check_asset(0.0, salvage, life)?;
    check_period(per, life)?;
    FinanceError::finite((cost - salvage) * (life - per + 1.0) * 2.0 / (life * (life + 1.0)))
}

fn check_asset(cost: f64, salvage: f64, life: f64) -> Result<(), FinanceError> {
    if cost < 0.0 || salvage < 0.0 {
        return Err(FinanceError::domain("the cost and the salvage value must not be negative"));
    }
    if life <= 0.0 {
        return Err(FinanceError::domain("the life must be above 0"));
    }
    Ok(())
}

fn check_period(period: f64, life: f64) -> Result<(), FinanceError> {
    if period <= 0.0 || period > life {
        return Err(FinanceError::domain("the period must be above 0 and within the life"));
    }
    Ok(())
}

/// Fixed-declining balance depreciation for the period whose number is `period` without its fraction; the first year has
/// `month` months. The rate is rounded to three digits. With fewer than 12 months a year after the life takes the rest of
/// the months.
///
/// # Errors
///
/// A negative cost or salvage value, a life not above 0, months outside 1 to 12, a period that the asset doesn't have.
pub fn db(cost: f64, salvage: f64, life: f64, period: f64, month: f64) -> Result<f64, FinanceError> {
    check_asset(cost, salvage, life)?;
    if month <= 0.0 || month > 12.0 {
        return Err(FinanceError::domain("the months of the first year must be above 0 and at most 12"));
    }
    check_period(period, if month < 12.0 { life + 1.0 } else { life })?;
    if cost == 0.0 {
        return Ok(0.0);
    }
    let rate = ((1.0 - libm::pow(salvage / cost, 1.0 / life)) * 1_000.0).round() / 1_000.0;
    let first = cost * rate * month / 12.0;
    if period < 2.0 {
        return FinanceError::finite(first);
    }
    let whole = period.trunc();
    let left = (cost - first) * libm::pow(1.0 - rate, whole - 2.0);
    let share = if whole > life.trunc() && month < 12.0 { (12.0 - month) / 12.0 } else { 1.0 };
    FinanceError::finite(left * rate * share)
}

/// An asset that loses `factor` / life of what it is worth in each period, and no more than leaves the salvage value.
struct Declining {
    cost: f64,
    salvage: f64,
    rate: f64,
}

impl Declining {
    fn new(cost: f64, salvage: f64, life: f64, factor: f64) -> Result<Self, FinanceError> {
        check_asset(cost, salvage, life)?;
        if factor <= 0.0 {
            return Err(FinanceError::domain("the factor must be above 0"));
        }
        Ok(Self { cost, salvage: salvage.min(cost), rate: (factor / life).min(1.0) })
    }

    /// What is lost after whole periods.
    fn after(&self, periods: f64) -> f64 {
        self.cost - (self.cost * libm::pow(1.0 - self.rate, periods)).max(self.salvage)
    }

    /// What is lost after periods of which the last may be part of one.
    fn until(&self, periods: f64) -> f64 {
        let whole = periods.trunc();
        let before = self.after(whole);
        before + (self.after(whole + 1.0) - before) * (periods - whole)
    }
}

/// Declining balance depreciation for a period; `factor` is 2 for double-declining.
///
/// A period below 1 counts as the first whole one. Any other that is fractional takes the part of the year that it ends
/// in, as far as Excel does.
///
/// # Errors
///
/// A negative cost or salvage value, a life or factor not above 0, a period not within the life.
pub fn ddb(cost: f64, salvage: f64, life: f64, period: f64, factor: f64) -> Result<f64, FinanceError> {
    let asset = Declining::new(cost, salvage, life, factor)?;
    check_period(period, life)?;
    FinanceError::finite(if period < 1.0 {
        asset.after(1.0)
    } else if period < 2.0 {
        asset.until(period)
    } else {
        asset.until(period) - asset.until(period - 1.0)
    })
}

/// Declining balance depreciation from `start` to `end`, which may be fractional.
///
/// Unless `has_no_switch`, straight-line depreciation of the rest of the life takes over where it is more. Then a
/// fractional `start` begins a new count of periods, as in Excel, so that parts of a period don't add up to it.
///
/// # Errors
///
/// A negative cost or salvage value, a life or factor not above 0, periods not in order within the life; with the switch
/// more than 10,000 periods.
pub fn vdb(
    cost: f64,
    salvage: f64,
    life: f64,
    start: f64,
    end: f64,
    factor: f64,
    has_no_switch: bool,
) -> Result<f64, FinanceError> {
    let asset = Declining::new(cost, salvage, life, factor)?;
    if start < 0.0 || end < start || end > life {
        return Err(FinanceError::domain("the periods must lie in order within the life"));
    }
    if has_no_switch {
        return FinanceError::finite(asset.until(end) - asset.until(start));
    }
    if end > MOST_PERIODS {
        return Err(FinanceError::domain("there must be at most 10,000 periods"));
    }
    let lost = asset.until_with_switch(start, life);
    let rest = Declining { cost: cost - lost, ..asset };
    FinanceError::finite(rest.until_with_switch(end - start, life - start))
}

impl Declining {
    /// What is lost after periods of which the last may be part of one, if straight-line depreciation over `life` takes
    /// over where it is more.
    fn until_with_switch(&self, periods: f64, life: f64) -> f64 {
        let mut sum = 0.0;
        let mut open = self.cost - self.salvage;
        let mut straight = None;
        let mut before = 0.0;
        while before < periods {
            let part = (periods - before).min(1.0);
            let loss = straight.unwrap_or_else(|| {
                let declining = self.after(before + 1.0) - self.after(before);
                let straight_line = open / (life - before);
                if straight_line > declining {
                    straight = Some(straight_line);
                    return straight_line;
                }
                open -= declining;
                declining
            });
            sum += loss * part;
            before += 1.0;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::{db, ddb, sln, syd, vdb};

    #[test]
    fn depreciation_over_the_life_is_cost_less_salvage() {
        let (cost, salvage, life) = (2_400.0, 300.0, 10.0);
        let years = || (1..=10).map(f64::from);
        let close = |sum: f64, what: &str| assert!((sum - 2_100.0).abs() < 1e-9, "{what}: {sum}");
        close(years().map(|_| sln(cost, salvage, life).unwrap()).sum(), "straight line");
        close(years().map(|year| syd(cost, salvage, life, year).unwrap()).sum(), "digits");
        close(years().map(|year| ddb(cost, salvage, life, year, 2.5).unwrap()).sum(), "declining");
        close(years().map(|year| vdb(cost, salvage, life, year - 1.0, year, 1.5, false).unwrap()).sum(), "switching");
        close(vdb(cost, salvage, life, 0.0, life, 1.5, false).unwrap(), "switching at once");
    }

    #[test]
    fn microsofts_example_of_fixed_declining_balance() {
        let expected = [186_083.33, 259_639.42, 176_814.44, 120_410.64, 81_999.64, 55_841.76, 15_845.10];
        for (year, expected) in (1..=7).map(f64::from).zip(expected) {
            let actual = db(1_000_000.0, 100_000.0, 6.0, year, 7.0).unwrap();
            assert!((actual - expected).abs() < 0.005, "{year}: {actual}");
        }
        assert!(db(1_000_000.0, 100_000.0, 6.0, 7.0, 12.0).is_err());
    }

    #[test]
    fn a_fractional_start_begins_a_new_count_unless_there_is_no_switch() {
        let parts = |has_no_switch| {
            vdb(100.0, 10.0, 13.0, 0.0, 0.5, 1.0, has_no_switch).unwrap()
                + vdb(100.0, 10.0, 13.0, 0.5, 1.0, 1.0, has_no_switch).unwrap()
        };
        let whole = vdb(100.0, 10.0, 13.0, 0.0, 1.0, 1.0, true).unwrap();
        assert!((whole - parts(true)).abs() < 1e-12);
        assert!((whole - parts(false) - 0.1479).abs() < 5e-5, "what Excel gives");
    }

    #[test]
    fn a_long_life_is_no_long_wait() {
        assert!(vdb(1.0, 0.0, 1e15, 0.0, 1e15, 2.0, false).is_err());
        assert!(ddb(1.0, 0.0, 1e15, 1e15, 2.0).is_ok());
        assert!(db(1.0, 0.5, 1e15, 1e15, 2.0).is_ok());
    }
}
