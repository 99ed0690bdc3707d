//! Discounting a company's flows, the cost of its capital, and its diluted shares.
//!
//! After Koller, Goedhart and Wessels, *Valuation: Measuring and Managing the Value of Companies*, and Damodaran,
//! *Investment Valuation*. Rates, shares and betas are fractions; rates are for one period, compounded once in it.

use super::FinanceError;

/// The value, one period before the first, of a flow that is `cash_flow` in the next period and grows for ever.
///
/// Gordon, *The Investment, Financing, and Valuation of the Corporation* (1962).
///
/// # Errors
///
/// The growth is not below the rate: the value would be infinite, or the formula's result mean nothing.
pub fn gordon(cash_flow: f64, rate: f64, growth: f64) -> Result<f64, FinanceError> {
    if growth >= rate {
        return Err(FinanceError::domain("the growth must be below the rate, or the flows are worth infinitely much")
            .with_hint("lower the growth for ever, or raise the rate"));
    }
    FinanceError::finite(cash_flow / (rate - growth))
}

/// How many periods before the flow of a period today lies.
///
/// `period` counts from 1. `stub` is the share of the first period that is still to come: 1 for all of it. At the
/// middle of the period a flow comes half a period sooner; in the stub, half of what is left of it.
///
/// # Errors
///
/// The period is not a whole number from 1, or the stub is not above 0 and at most 1.
pub fn discount_periods(period: f64, stub: f64, is_mid_period: bool) -> Result<f64, FinanceError> {
    if !(period >= 1.0 && period.is_finite() && period.floor() == period) {
        return Err(FinanceError::domain("the periods to discount are counted 1, 2, 3"));
    }
    if !(stub > 0.0 && stub <= 1.0) {
        return Err(FinanceError::domain("a stub is a share of a period: above 0 and at most 1"));
    }
    let end = stub + (period - 1.0);
    Ok(match (is_mid_period, period == 1.0) {
        (false, _) => end,
        (true, true) => stub / 2.0,
        (true, false) => end - 0.5,
    })
}

/// What 1 that comes after `periods` is worth today: (1 + rate)^−periods.
///
/// # Errors
///
/// The rate is −100 % or below.
pub fn discount_factor(rate: f64, periods: f64) -> Result<f64, FinanceError> {
    if rate <= -1.0 {
        return Err(FinanceError::domain("a discount rate must be above -100 %"));
    }
    FinanceError::finite(1.0 / libm::pow(1.0 + rate, periods))
}

/// The value at the end of the last period of what comes after it, where the last flow goes on growing.
///
/// With `is_mid_period` flows come in the middle of their periods, and the value is the higher by half a period's
/// return. Practitioners disagree whether to grant it: give it as an option that people see.
///
/// # Errors
///
/// As [`gordon`].
pub fn terminal_value(last_flow: f64, rate: f64, growth: f64, is_mid_period: bool) -> Result<f64, FinanceError> {
    let at_end = gordon(last_flow * (1.0 + growth), rate, growth)?;
    Ok(if is_mid_period { at_end * (1.0 + rate).sqrt() } else { at_end })
}

/// The growth for ever that makes [`terminal_value`] of the last flow `terminal`: what an exit multiple implies.
///
/// # Errors
///
/// No growth does: the value and the flow cancel out.
pub fn implied_growth(terminal: f64, last_flow: f64, rate: f64, is_mid_period: bool) -> Result<f64, FinanceError> {
    let flow = if is_mid_period { last_flow * (1.0 + rate).sqrt() } else { last_flow };
    if terminal + flow == 0.0 {
        return Err(FinanceError::division_by_zero("no growth gives this value"));
    }
    FinanceError::finite((terminal * rate - flow) / (terminal + flow))
}

/// The cost of equity by the capital asset pricing model.
///
/// Sharpe, *Capital asset prices*, Journal of Finance 19 (1964). `premium` is the expected return of the market above
/// the risk-free rate.
#[must_use]
pub fn capm(risk_free: f64, beta: f64, premium: f64) -> f64 {
    risk_free + beta * premium
}

/// What a kind of capital costs, and what share of all capital it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capital {
    /// The return that its owners expect, before taxes.
    pub cost: f64,
    /// Its share of the capital, at market values.
    pub share: f64,
}

/// The weighted average cost of capital. Debt costs what is left of its rate after taxes; equity is the rest.
///
/// # Errors
///
/// A share is not within 0..1, or debt and preferred stock are more than all.
pub fn wacc(cost_of_equity: f64, debt: Capital, tax: f64, preferred: Capital) -> Result<f64, FinanceError> {
    let equity = 1.0 - debt.share - preferred.share;
    if !(debt.share >= 0.0 && preferred.share >= 0.0 && equity >= -1e-12) {
        return Err(FinanceError::domain("shares of the capital lie between 0 and 1, and make at most 1 together"));
    }
    let after_tax = debt.cost * (1.0 - tax);
    FinanceError::finite(equity * cost_of_equity + debt.share * after_tax + preferred.share * preferred.cost)
}

/// The beta of a company with that much debt for 1 of equity, at market values, from its beta without debt.
///
/// Hamada, *The effect of the firm's capital structure on the systematic risk of common stocks*, Journal of Finance 27
/// (1972): the debt is constant and has no risk of the market.
///
/// # Errors
///
/// The debt is negative.
pub fn levered_beta(unlevered: f64, debt_to_equity: f64, tax: f64) -> Result<f64, FinanceError> {
    Ok(unlevered * leverage(debt_to_equity, tax)?)
}

/// The beta without debt, from the beta that the stock shows: the inverse of [`levered_beta`].
///
/// # Errors
///
/// The debt is negative, or taxes so high that nothing is left.
pub fn unlevered_beta(levered: f64, debt_to_equity: f64, tax: f64) -> Result<f64, FinanceError> {
    let leverage = leverage(debt_to_equity, tax)?;
    if leverage == 0.0 {
        return Err(FinanceError::division_by_zero("this tax rate and debt leave nothing to divide by"));
    }
    Ok(levered / leverage)
}

fn leverage(debt_to_equity: f64, tax: f64) -> Result<f64, FinanceError> {
    if debt_to_equity < 0.0 {
        return Err(FinanceError::domain("debt to equity can't be negative"));
    }
    FinanceError::finite(1.0 + (1.0 - tax) * debt_to_equity)
}

/// Options, warrants or convertible securities of one strike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grant {
    /// How many shares they give.
    pub options: f64,
    /// What one of them costs.
    pub strike: f64,
}

/// Makes grants of two lists.
///
/// # Errors
///
/// The lists are not of one length, or a number in them is negative.
pub fn grants(options: &[f64], strikes: &[f64]) -> Result<Vec<Grant>, FinanceError> {
    if options.len() != strikes.len() {
        return Err(FinanceError::mismatch("there must be a strike for each number of options"));
    }
    if options.iter().chain(strikes).any(|number| !(*number >= 0.0 && number.is_finite())) {
        return Err(FinanceError::domain("options and strikes can't be negative"));
    }
    Ok(options.iter().zip(strikes).map(|(options, strike)| Grant { options: *options, strike: *strike }).collect())
}

/// The shares that the grants add by the treasury-stock method: what is in the money is exercised, and the company buys
/// back shares at `price` for what it is paid.
///
/// # Errors
///
/// The price is not above 0.
pub fn treasury_stock(price: f64, grants: &[Grant]) -> Result<f64, FinanceError> {
    if !(price > 0.0 && price.is_finite()) {
        return Err(FinanceError::domain("the price of a share must be above 0"));
    }
    let in_the_money = grants.iter().filter(|grant| grant.strike < price);
    Ok(in_the_money.fold(0.0, |sum, grant| sum + grant.options * (1.0 - grant.strike / price)))
}

/// The price of a share at which `equity` is what all shares are worth, those that the grants add at that price
/// included. What iterating between price and dilution goes to, found at once.
///
/// # Errors
///
/// The shares are not above 0, or the equity is negative.
///
/// # Laws
///
/// price · (shares + [`treasury_stock`] at the price) = equity.
pub fn diluted_price(equity: f64, shares: f64, grants: &[Grant]) -> Result<f64, FinanceError> {
    if !(shares > 0.0 && shares.is_finite()) {
        return Err(FinanceError::domain("the number of shares must be above 0"));
    }
    if !(equity >= 0.0 && equity.is_finite()) {
        return Err(FinanceError::domain("equity below 0 gives its shares no price"));
    }
    // Grants are exercised from the lowest strike, as long as the price stays above the next one.
    let mut by_strike: Vec<&Grant> = grants.iter().collect();
    by_strike.sort_by(|a, b| a.strike.total_cmp(&b.strike));
    let (mut value, mut count) = (equity, shares);
    for grant in by_strike {
        if value / count <= grant.strike {
            break;
        }
        value += grant.options * grant.strike;
        count += grant.options;
    }
    FinanceError::finite(value / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Capital = Capital { cost: 0.0, share: 0.0 };

    fn is_near(actual: f64, expected: f64, tolerance: f64) -> bool {
        (actual - expected).abs() <= tolerance
    }

    /// Damodaran, *Applied Corporate Finance* (Disney at 30 % debt).
    #[test]
    fn debt_raises_beta_and_cost_of_equity_as_damodaran_prints() {
        let beta = levered_beta(1.0674, 0.3 / 0.7, 0.373).unwrap();
        assert!(is_near(beta, 1.3543, 1e-4), "{beta}");
        assert!(is_near(capm(0.04, beta, 0.0482), 0.1053, 1e-4));
        assert!(is_near(unlevered_beta(beta, 0.3 / 0.7, 0.373).unwrap(), 1.0674, 1e-12));
        let debt = Capital { cost: 0.0376 / (1.0 - 0.373), share: 0.3 };
        assert!(is_near(wacc(0.1053, debt, 0.373, NONE).unwrap(), 0.0850, 5e-5));
    }

    #[test]
    fn a_growth_that_outruns_the_rate_is_named() {
        assert_eq!(gordon(100.0, 0.08, 0.03), Ok(100.0 / (0.08 - 0.03)));
        assert!(gordon(100.0, 0.03, 0.03).unwrap_err().message.contains("below the rate"));
        assert!(gordon(100.0, 0.03, f64::NAN).is_err());
    }

    #[test]
    fn the_implied_growth_gives_the_terminal_value_back() {
        for is_mid_period in [false, true] {
            let value = terminal_value(120.0, 0.09, 0.025, is_mid_period).unwrap();
            assert!(is_near(implied_growth(value, 120.0, 0.09, is_mid_period).unwrap(), 0.025, 1e-14));
        }
        assert!(implied_growth(-120.0, 120.0, 0.09, false).is_err());
    }

    #[test]
    fn a_stub_brings_all_flows_closer() {
        assert_eq!(discount_periods(3.0, 1.0, false), Ok(3.0));
        assert_eq!(discount_periods(3.0, 1.0, true), Ok(2.5));
        assert_eq!(discount_periods(1.0, 0.5, true), Ok(0.25));
        assert_eq!(discount_periods(2.0, 0.5, true), Ok(1.0));
        assert_eq!(discount_periods(2.0, 0.5, false), Ok(1.5));
        assert!(discount_periods(0.0, 1.0, false).is_err());
        assert!(discount_periods(1.0, 0.0, false).is_err());
        assert!(discount_factor(-1.0, 2.0).is_err());
    }

    #[test]
    fn more_capital_than_there_is_is_refused() {
        assert!(wacc(0.1, Capital { cost: 0.05, share: 1.1 }, 0.2, NONE).is_err());
        assert!(wacc(0.1, Capital { cost: 0.05, share: -0.1 }, 0.2, NONE).is_err());
    }

    #[test]
    fn the_price_of_diluted_shares_makes_all_of_them_worth_the_equity() {
        let grants = grants(&[10.0, 20.0, 5.0], &[12.0, 5.0, 100.0]).unwrap();
        for equity in [0.0, 300.0, 1_100.0, 1_500.0, 20_000.0] {
            let price = diluted_price(equity, 100.0, &grants).unwrap();
            let added = if price > 0.0 { treasury_stock(price, &grants).unwrap() } else { 0.0 };
            assert!(is_near(price * (100.0 + added), equity, 1e-9), "{equity}: {price}");
        }
        assert!(treasury_stock(0.0, &grants).is_err());
        assert!(super::grants(&[1.0], &[]).is_err());
        assert!(super::grants(&[-1.0], &[1.0]).is_err());
    }
}
