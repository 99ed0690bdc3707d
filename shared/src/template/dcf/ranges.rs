//! The bars of the football field: what a share is worth by each method.

use super::{ASSUMPTION, amount, per_share, rate};
use crate::model::NumberFormat::Multiple;
use crate::template::builder::{Draft, Row, series, single};

pub(super) fn market() -> Vec<Row> {
    vec![
        per_share("price", "Price of a share")
            .value(227.79)
            .note("Nasdaq, close of 27 September 2024, the last trading day of fiscal 2024"),
        per_share("year_low", "Lowest price in 52 weeks").value(164.0).note("Nasdaq, April 2024, rounded"),
        per_share("year_high", "Highest price in 52 weeks").value(237.0).note("Nasdaq, July 2024, rounded"),
        rate("upside", "Value over price").formula("value_per_share / price - 1"),
        amount("market_value", "Equity at the market's price").formula("price * shares / 1000"),
        single("market_multiple", "EBITDA multiple at the market's price")
            .shown_as(Multiple)
            .formula("(market_value + net_claims) / reported_ebitda")
            .note("Enterprise value at the market's price over the last reported EBITDA"),
    ]
}

pub(super) fn values() -> Vec<Row> {
    let multiple = |name, label, value: f64| single(name, label).shown_as(Multiple).value(value).note(ASSUMPTION);
    let present = |name, label, formula| series(name, label).in_unit("USD m").formula(formula);
    vec![
        amount("net_claims", "Claims before equity, less cash")
            .formula("debt + finance_leases + minority_interests + preferred_stock - cash"),
        amount("reported_ebitda", "EBITDA of the last reported year").formula("last(past_ebitda)"),
        series("past_ebitda", "Reported EBITDA").in_unit("USD m").formula("if(is_forecast(), , ebitda)"),
        rate("wacc_step", "Cost of capital, up and down").value(0.005).note(ASSUMPTION),
        rate("growth_step", "Growth after the forecast, down and up").value(0.0025).note(ASSUMPTION),
        present(
            "low_present_value",
            "Present value at the higher cost of capital",
            "flow_left / (1 + wacc + wacc_step) ^ flow_year",
        ),
        present(
            "high_present_value",
            "Present value at the lower cost of capital",
            "flow_left / (1 + wacc - wacc_step) ^ flow_year",
        ),
        per_share("gordon_low", "Gordon growth, low").formula(
            "(sum(low_present_value) + gordon(last(free_cash_flow) * (1 + terminal_growth - growth_step), wacc + wacc_step, terminal_growth - growth_step) / (1 + wacc + wacc_step) ^ (last(year) - half_year) - net_claims) * 1000 / shares",
        ),
        per_share("gordon_high", "Gordon growth, high").formula(
            "(sum(high_present_value) + gordon(last(free_cash_flow) * (1 + terminal_growth + growth_step), wacc - wacc_step, terminal_growth + growth_step) / (1 + wacc - wacc_step) ^ (last(year) - half_year) - net_claims) * 1000 / shares",
        ),
        single("multiple_step", "Exit multiple, down and up").shown_as(Multiple).value(2.0).note(ASSUMPTION),
        per_share("exit_low", "Exit multiple, low").formula(
            "(sum(low_present_value) + (exit_multiple - multiple_step) * last(ebitda) / (1 + wacc + wacc_step) ^ last(year) - net_claims) * 1000 / shares",
        ),
        per_share("exit_high", "Exit multiple, high").formula(
            "(sum(high_present_value) + (exit_multiple + multiple_step) * last(ebitda) / (1 + wacc - wacc_step) ^ last(year) - net_claims) * 1000 / shares",
        ),
        multiple("ebitda_multiple_low", "Peers' multiple of EBITDA, low", 20.0),
        multiple("ebitda_multiple_high", "Peers' multiple of EBITDA, high", 26.0),
        per_share("ebitda_low", "Multiple of EBITDA, low")
            .formula("(ebitda_multiple_low * reported_ebitda - net_claims) * 1000 / shares"),
        per_share("ebitda_high", "Multiple of EBITDA, high")
            .formula("(ebitda_multiple_high * reported_ebitda - net_claims) * 1000 / shares"),
        amount("one_time_tax", "One-time tax charge")
            .value(10_200.0)
            .note("Form 10-K 2024: a charge of $10.2 billion for the State Aid Decision, which earnings of a normal year have not"),
        multiple("earnings_multiple_low", "Peers' multiple of earnings, low", 26.0),
        multiple("earnings_multiple_high", "Peers' multiple of earnings, high", 34.0),
        per_share("earnings_low", "Multiple of earnings, low")
            .formula("earnings_multiple_low * (last(net_income) + one_time_tax) * 1000 / shares"),
        per_share("earnings_high", "Multiple of earnings, high")
            .formula("earnings_multiple_high * (last(net_income) + one_time_tax) * 1000 / shares"),
    ]
}

pub(super) fn bars(model: Draft) -> Draft {
    model
        .range("market", "52 weeks", "year_low", "year_high")
        .range("gordon", "DCF, Gordon growth", "gordon_low", "gordon_high")
        .range("exit", "DCF, exit multiple", "exit_low", "exit_high")
        .range("ebitda", "EV / EBITDA", "ebitda_low", "ebitda_high")
        .range("earnings", "P / E", "earnings_low", "earnings_high")
}
