//! From free cash flow to the value of a share.

use super::{ASSUMPTION, amount, per_share, rate};
use crate::model::NumberFormat::{Date, Factor, Multiple};
use crate::template::builder::{Row, series, single};

const TRANCHE: &str = "Apple has restricted stock units only; for a company with options, how many there are";

pub(super) fn discounting() -> Vec<Row> {
    let switch = |name, label| single(name, label).in_unit("0 or 1");
    vec![
        single("valuation_date", "Valuation date")
            .shown_as(Date)
            .value(45_563.0)
            .note("28 September 2024: the balance sheet's date. Cash and debt are those of this day"),
        switch("mid_year", "Flows in the middle of the year").value(0.0).note(
            "0: flows come at the end of a year. 1: in its middle, as they do on average when they come all year round",
        ),
        series("first_day", "First day of the period")
            .shown_as(Date)
            .formula("if(is_forecast(), period_start(), )")
            .note("The company's fiscal years"),
        series("last_day", "Last day of the period").shown_as(Date).formula("if(is_forecast(), period_end(), )"),
        series("share_left", "Of the period, after the valuation date")
            .shown_as(Factor)
            .formula("if(is_forecast(), max(0, min(1, (last_day - valuation_date) / (last_day - first_day + 1))), )")
            .note("The stub: of a period that has begun, only the days that are left count"),
        series("year", "Years to the end of the period")
            .shown_as(Factor)
            .formula("prev(year, 0) + share_left")
            .note("In fiscal years from the valuation date on"),
        series("flow_year", "Years to the flow")
            .shown_as(Factor)
            .formula("year - mid_year * share_left / 2")
            .note("The end of the period, or the middle of what is left of it"),
        series("discount_factor", "Discount factor").shown_as(Factor).formula("1 / (1 + wacc) ^ flow_year"),
        series("flow_left", "Free cash flow after the valuation date")
            .in_unit("USD m")
            .formula("free_cash_flow * share_left"),
        series("present_value", "Present value of free cash flow")
            .in_unit("USD m")
            .formula("flow_left * discount_factor"),
    ]
}

pub(super) fn terminal() -> Vec<Row> {
    let switch = |name, label| single(name, label).in_unit("0 or 1");
    vec![
        switch("terminal_method", "Method of the terminal value")
            .value(0.0)
            .note("0: Gordon growth. 1: exit multiple of EBITDA"),
        rate("terminal_growth", "Growth after the forecast")
            .value(0.03)
            .note("Assumption; in the long run no more than the economy's nominal growth"),
        single("exit_multiple", "Exit multiple of EBITDA").shown_as(Multiple).value(18.0).note(ASSUMPTION),
        switch("gordon_mid_year", "Gordon's value in mid-year too").value(1.0).note(
            "Disputed. 1: under the mid-year convention at N − 0.5, since the flows behind the forecast come in mid-year \
             as well (Pratt and Grabowski; Rosenbaum and Pearl). 0: at N. Of no effect without the mid-year convention",
        ),
        amount("terminal_flow", "Free cash flow in the first year after the forecast")
            .formula("last(free_cash_flow) * (1 + terminal_growth)"),
        amount("gordon_value", "Terminal value by Gordon growth")
            .formula("gordon(terminal_flow, wacc, terminal_growth)")
            .note("Gordon (1959): the next flow / (cost of capital − growth); an error unless growth stays below"),
        amount("multiple_value", "Terminal value by the exit multiple")
            .formula("exit_multiple * last(ebitda)")
            .note("A price at the end of the forecast"),
        amount("terminal_value", "Terminal value")
            .formula("if(terminal_method = 1, multiple_value, gordon_value)"),
        single("half_year", "Years that Gordon's value stands before the end")
            .shown_as(Factor)
            .formula("0.5 * mid_year * gordon_mid_year"),
        single("terminal_year", "Years to the terminal value")
            .shown_as(Factor)
            .formula("last(year) - if(terminal_method = 1, 0, half_year)"),
        amount("terminal_present_value", "Present value of terminal value")
            .formula("terminal_value / (1 + wacc) ^ terminal_year"),
        single("implied_multiple", "Multiple of EBITDA that Gordon implies")
            .shown_as(Multiple)
            .formula("gordon_value * (1 + wacc) ^ half_year / last(ebitda)")
            .note("Cross-check: Gordon's value, brought to the end of the forecast"),
        rate("implied_growth", "Growth that the exit multiple implies")
            .formula(
                "(multiple_value * wacc - last(free_cash_flow) * (1 + wacc) ^ half_year) / (multiple_value + last(free_cash_flow) * (1 + wacc) ^ half_year)",
            )
            .note("Cross-check: the growth with which Gordon gives the multiple's value"),
        rate("reinvestment_rate", "Reinvested of operating profit, last year")
            .formula("1 - last(free_cash_flow) / last(operating_profit_after_tax)")
            .note("Cross-check: growth / this rate is the return on new capital that the terminal value takes for granted \
                   (Koller, Goedhart and Wessels). Low where research, an expense, is what lets a company grow"),
    ]
}

pub(super) fn bridge() -> Vec<Row> {
    vec![
        amount("forecast_present_value", "Present value of the forecast").formula("sum(present_value)"),
        amount("enterprise_value", "Enterprise value").formula("forecast_present_value + terminal_present_value"),
        rate("terminal_share", "Terminal value, of enterprise value")
            .formula("terminal_present_value / enterprise_value")
            .note("Cross-check"),
        amount("cash", "Cash and marketable securities").formula("last(cash_and_marketable_securities)"),
        amount("debt", "Debt").formula("last(term_debt_and_commercial_paper)"),
        amount("finance_leases", "Finance leases").value(896.0).note(
            "Form 10-K 2024, leases: 144 current, 752 not. Operating leases stay out, since US GAAP leaves their cost in \
             operating income; under IFRS 16 all leases belong here",
        ),
        amount("minority_interests", "Minority interests").value(0.0).note("Form 10-K 2024: none"),
        amount("preferred_stock", "Preferred stock").value(0.0).note("Form 10-K 2024: none issued"),
        amount("equity_value", "Equity value")
            .formula("enterprise_value + cash - debt - finance_leases - minority_interests - preferred_stock"),
    ]
}

/// Enterprise value on another way.
pub(super) fn roll_back() -> Vec<Row> {
    vec![
        series("value_at_start", "Value at the period's start, rolled back")
            .in_unit("USD m")
            .formula(
                "if(is_forecast(), (coalesce(value_at_start[t+1], terminal_value * (1 + wacc) ^ (year - terminal_year)) + flow_left * (1 + wacc) ^ (year - flow_year)) / (1 + wacc) ^ share_left, )",
            )
            .note("The value at the end and the flow, brought back by one period. The first is enterprise value"),
    ]
}

pub(super) fn shares() -> Vec<Row> {
    let shares = |name, label| single(name, label).in_unit("thousands");
    vec![
        shares("shares_outstanding", "Shares outstanding")
            .value(15_115_823.0)
            .note("Form 10-K 2024, cover page: 18 October 2024"),
        shares("stock_units", "Restricted stock units")
            .value(163_326.0)
            .note("Form 10-K 2024: outstanding on 28 September 2024. They cost nothing to exercise, so all of them dilute"),
        shares("options_low", "Options with the lower strike").value(0.0).note(TRANCHE),
        per_share("strike_low", "Lower strike").value(60.0).note("Illustration"),
        shares("options_high", "Options with the higher strike").value(0.0).note(TRANCHE),
        per_share("strike_high", "Higher strike").value(90.0).note("Illustration"),
        per_share("undiluted_value", "Value per share before options")
            .formula("equity_value * 1000 / (shares_outstanding + stock_units)"),
        shares("exercised_low", "Exercised at the lower strike")
            .formula("if(undiluted_value > strike_low, options_low, 0)")
            .note("Those in the money"),
        per_share("partly_diluted_value", "Value per share after the lower strike").formula(
            "(equity_value * 1000 + exercised_low * strike_low) / (shares_outstanding + stock_units + exercised_low)",
        ),
        shares("exercised_high", "Exercised at the higher strike")
            .formula("if(partly_diluted_value > strike_high, options_high, 0)")
            .note("Those still in the money when the others have been exercised"),
        per_share("value_per_share", "Value per share")
            .formula(
                "(equity_value * 1000 + exercised_low * strike_low + exercised_high * strike_high) / (shares_outstanding + stock_units + exercised_low + exercised_high)",
            )
            .note("What options bring in is added to equity: the treasury-stock method at this very value, without a cycle"),
        shares("repurchased", "Repurchased with what options bring in")
            .formula("(exercised_low * strike_low + exercised_high * strike_high) / value_per_share"),
        shares("shares", "Diluted shares")
            .formula("shares_outstanding + stock_units + exercised_low + exercised_high - repurchased")
            .note("Treasury-stock method, as in ASC 260, at the value instead of the price"),
    ]
}

pub(super) fn checks() -> Vec<Row> {
    let check = |name, label| single(name, label).shown_as(Factor);
    vec![
        check("roll_back_check", "Rolled back value less enterprise value")
            .formula("round(first(value_at_start) - enterprise_value, 3)")
            .note("0 when both ways agree"),
        check("dilution_check", "Diluted shares at their value less equity")
            .formula("round(shares * value_per_share / 1000 - equity_value, 3)")
            .note("0 when the treasury-stock method is consistent"),
        check("strike_check", "Strikes out of order")
            .formula("if(strike_low > strike_high, 1, 0)")
            .note("0 when they ascend"),
        check("income_check", "Reported net income that does not add up")
            .formula("round(sum(pretax_income) - sum(income_taxes) - sum(net_income), 3)")
            .note("0 when income before taxes less taxes is net income"),
        check("date_check", "Valuation date out of the forecast")
            .formula("if(and(valuation_date >= first(first_day) - 1, valuation_date < last(last_day)), 0, 1)")
            .note("0 from the eve of the forecast to its last day but one"),
        check("checks", "All checks")
            .formula("abs(roll_back_check) + abs(dilution_check) + strike_check + abs(income_check) + date_check")
            .note("0 when the model holds together"),
    ]
}
