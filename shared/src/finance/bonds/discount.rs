//! Securities that pay once: discounted, with interest at maturity, and treasury bills.

use super::{PRICE, RATE, REDEMPTION, YIELD, above_zero, in_order, not_negative};
use crate::finance::FinanceError;
use crate::finance::dates::Date;
use crate::finance::day_count::Basis;

/// The part of a year from settlement to maturity.
fn term(settlement: Date, maturity: Date, basis: Basis) -> Result<f64, FinanceError> {
    in_order(settlement, maturity)?;
    let days = basis.days(settlement, maturity);
    if days == 0.0 {
        return Err(FinanceError::division_by_zero("by this basis no day lies between settlement and maturity"));
    }
    Ok(days / basis.days_in_year(settlement, maturity))
}

const INVESTMENT: &str = "the investment must be above 0";
const DISCOUNT: &str = "the discount must be above 0";

/// The discount rate of a price (DISC).
///
/// # Errors
///
/// Dates out of order, a price or redemption not above 0.
pub fn disc(settlement: Date, maturity: Date, price: f64, redemption: f64, basis: Basis) -> Result<f64, FinanceError> {
    above_zero(price, PRICE)?;
    above_zero(redemption, REDEMPTION)?;
    FinanceError::finite((1.0 - price / redemption) / term(settlement, maturity, basis)?)
}

/// The interest rate of an investment that is paid back at maturity (INTRATE).
///
/// # Errors
///
/// Dates out of order, an investment or redemption not above 0.
pub fn intrate(
    settlement: Date,
    maturity: Date,
    investment: f64,
    redemption: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    above_zero(investment, INVESTMENT)?;
    above_zero(redemption, REDEMPTION)?;
    FinanceError::finite((redemption - investment) / investment / term(settlement, maturity, basis)?)
}

/// What a discounted investment pays at maturity (RECEIVED).
///
/// # Errors
///
/// Dates out of order, an investment or discount not above 0, a discount that leaves nothing.
pub fn received(
    settlement: Date,
    maturity: Date,
    investment: f64,
    discount: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    above_zero(investment, INVESTMENT)?;
    above_zero(discount, DISCOUNT)?;
    let left = 1.0 - discount * term(settlement, maturity, basis)?;
    above_zero(left, "the discount leaves nothing over this time")?;
    FinanceError::finite(investment / left)
}

/// The price of a discounted security (PRICEDISC).
///
/// # Errors
///
/// Dates out of order, a discount or redemption not above 0.
pub fn pricedisc(
    settlement: Date,
    maturity: Date,
    discount: f64,
    redemption: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    above_zero(discount, DISCOUNT)?;
    above_zero(redemption, REDEMPTION)?;
    FinanceError::finite(redemption - discount * redemption * term(settlement, maturity, basis)?)
}

/// The yield of a discounted security (YIELDDISC).
///
/// # Errors
///
/// Dates out of order, a price or redemption not above 0.
pub fn yielddisc(
    settlement: Date,
    maturity: Date,
    price: f64,
    redemption: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    above_zero(price, PRICE)?;
    above_zero(redemption, REDEMPTION)?;
    FinanceError::finite((redemption - price) / price / term(settlement, maturity, basis)?)
}

/// Years of the issue's day count: from issue to maturity, from issue to settlement.
fn terms_from_issue(settlement: Date, maturity: Date, issue: Date, basis: Basis) -> Result<(f64, f64), FinanceError> {
    in_order(settlement, maturity)?;
    if issue > settlement {
        return Err(FinanceError::domain("the issue must not come after the settlement"));
    }
    let year = basis.days_in_year(issue, settlement);
    Ok((basis.days(issue, maturity) / year, basis.days(issue, settlement) / year))
}

/// The price of a security that pays its interest at maturity (PRICEMAT).
///
/// # Errors
///
/// Dates out of order, a negative rate or yield.
pub fn pricemat(
    settlement: Date,
    maturity: Date,
    issue: Date,
    rate: f64,
    yld: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    not_negative(rate, RATE)?;
    not_negative(yld, YIELD)?;
    let (whole, past) = terms_from_issue(settlement, maturity, issue, basis)?;
    FinanceError::finite((100.0 + whole * rate * 100.0) / (1.0 + (whole - past) * yld) - past * rate * 100.0)
}

/// The yield of a security that pays its interest at maturity (YIELDMAT).
///
/// # Errors
///
/// Dates out of order, a negative rate, a price not above 0.
pub fn yieldmat(
    settlement: Date,
    maturity: Date,
    issue: Date,
    rate: f64,
    price: f64,
    basis: Basis,
) -> Result<f64, FinanceError> {
    not_negative(rate, RATE)?;
    above_zero(price, PRICE)?;
    let (whole, past) = terms_from_issue(settlement, maturity, issue, basis)?;
    let paid = price / 100.0 + past * rate;
    if whole == past {
        return Err(FinanceError::division_by_zero("by this basis no day lies between settlement and maturity"));
    }
    FinanceError::finite((whole * rate + 1.0 - paid) / paid / (whole - past))
}

/// The interest that accrues from issue to settlement and is paid at maturity (ACCRINTM).
///
/// # Errors
///
/// An issue that does not come before the settlement, a rate or face value not above 0.
pub fn accrintm(issue: Date, settlement: Date, rate: f64, par: f64, basis: Basis) -> Result<f64, FinanceError> {
    if issue >= settlement {
        return Err(FinanceError::domain("the issue must come before the settlement"));
    }
    above_zero(rate, "the rate must be above 0")?;
    above_zero(par, "the face value must be above 0")?;
    FinanceError::finite(par * rate * basis.days(issue, settlement) / basis.days_in_year(issue, settlement))
}

/// Days of a treasury bill, at most a year.
fn days_of_bill(settlement: Date, maturity: Date) -> Result<f64, FinanceError> {
    in_order(settlement, maturity)?;
    if maturity > settlement.shifted(12) {
        return Err(FinanceError::domain("a treasury bill matures within a year"));
    }
    Ok(maturity.days_after(settlement))
}

/// The yield of a treasury bill as that of a bond (TBILLEQ).
///
/// # Errors
///
/// Dates out of order or more than a year apart, a discount not above 0 or so large that nothing is left.
pub fn tbilleq(settlement: Date, maturity: Date, discount: f64) -> Result<f64, FinanceError> {
    above_zero(discount, DISCOUNT)?;
    let days = days_of_bill(settlement, maturity)?;
    let price = 1.0 - discount * days / 360.0;
    above_zero(price, "the discount leaves nothing over this time")?;
    if days <= 182.0 {
        return FinanceError::finite(365.0 * discount / (360.0 - discount * days));
    }
    let part = days / if days == 366.0 { 366.0 } else { 365.0 };
    let over = 2.0 * part - 1.0;
    FinanceError::finite(2.0 * (libm::sqrt(part * part - over * (1.0 - 1.0 / price)) - part) / over)
}

/// The price of a treasury bill at a discount rate (TBILLPRICE).
///
/// # Errors
///
/// Dates out of order or more than a year apart, a discount not above 0 or so large that nothing is left.
pub fn tbillprice(settlement: Date, maturity: Date, discount: f64) -> Result<f64, FinanceError> {
    above_zero(discount, DISCOUNT)?;
    let price = 100.0 * (1.0 - discount * days_of_bill(settlement, maturity)? / 360.0);
    above_zero(price, "the discount leaves nothing over this time")?;
    FinanceError::finite(price)
}

/// The yield of a treasury bill at a price (TBILLYIELD).
///
/// # Errors
///
/// Dates out of order or more than a year apart, a price not above 0.
pub fn tbillyield(settlement: Date, maturity: Date, price: f64) -> Result<f64, FinanceError> {
    above_zero(price, PRICE)?;
    FinanceError::finite((100.0 - price) / price * 360.0 / days_of_bill(settlement, maturity)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finance::dates::parse;

    fn date(text: &str) -> Date {
        parse(text).unwrap()
    }

    fn close(actual: Result<f64, FinanceError>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual - expected).abs() < 1e-6 * expected.abs().max(1.0), "{actual} {expected}");
    }

    #[test]
    fn microsofts_examples() {
        let (settlement, maturity) = (date("2008-02-15"), date("2008-05-15"));
        close(intrate(settlement, maturity, 1_000_000.0, 1_014_420.0, Basis::Actual360), 0.05768);
        close(received(settlement, maturity, 1_000_000.0, 0.0575, Basis::Actual360), 1_014_584.654);
        close(pricedisc(date("2008-02-16"), date("2008-03-01"), 0.0525, 100.0, Basis::Actual360), 99.795_833);
        close(yielddisc(date("2008-02-16"), date("2008-03-01"), 99.795, 100.0, Basis::Actual360), 0.052_823);
        close(pricemat(settlement, date("2008-04-13"), date("2007-11-11"), 0.061, 0.061, Basis::Us30), 99.984_498_88);
        close(
            yieldmat(date("2008-03-15"), date("2008-11-03"), date("2007-11-08"), 0.0625, 100.0123, Basis::Us30),
            0.060_954,
        );
        close(accrintm(date("2008-04-01"), date("2008-06-15"), 0.1, 1_000.0, Basis::Actual365), 20.547_945);
        close(tbilleq(date("2008-03-31"), date("2008-06-01"), 0.0914), 0.094_151_5);
        close(tbillprice(date("2008-03-31"), date("2008-06-01"), 0.09), 98.45);
        close(tbillyield(date("2008-03-31"), date("2008-06-01"), 98.45), 0.091_417);
    }

    #[test]
    fn dates_out_of_order_are_an_error() {
        let (early, late) = (date("2008-02-15"), date("2009-05-15"));
        assert!(disc(late, early, 99.0, 100.0, Basis::Us30).is_err());
        assert!(disc(early, early, 99.0, 100.0, Basis::Us30).is_err());
        assert!(tbillprice(early, late, 0.05).is_err());
        assert!(received(early, late, 1.0, 0.9, Basis::Us30).is_err());
    }
}
