//! The company that goes public.

use super::{ASSUMPTION, euros, rate, shares};
use crate::model::NumberFormat::{Factor, Percent};
use crate::template::builder::{Row, series, single};

const RESULTS: &str = "Birkenstock Holding plc, results of fiscal 2023, 18 January 2024";

pub(super) fn results() -> Vec<Row> {
    let reported = |name, label| series(name, label).in_unit("EUR m").note(RESULTS);
    let ratio = |name, label| series(name, label).shown_as(Percent).note(ASSUMPTION);
    vec![
        reported("sales", "Sales").history(&[1_243.0, 1_492.0]).formula("prev(sales) * (1 + growth)"),
        ratio("growth", "Growth of sales").formula("sales / prev(sales) - 1").forecast(&[0.17]),
        reported("ebitda", "Adjusted EBITDA").history(&[435.0, 483.0]).formula("sales * ebitda_margin"),
        ratio("ebitda_margin", "EBITDA, of sales").formula("ebitda / sales").forecast(&[0.305]),
        reported("earnings", "Adjusted net profit").history(&[175.0, 207.0]).formula("sales * net_margin"),
        ratio("net_margin", "Net profit, of sales").formula("earnings / sales").forecast(&[0.135]),
    ]
}

pub(super) fn claims() -> Vec<Row> {
    vec![
        euros("trailing_sales", "Sales of the last reported year")
            .formula("index(sales, periods() - 1)")
            .note("The year before the forecast: peers' multiples are of their last reported year too"),
        euros("trailing_ebitda", "EBITDA of the last reported year").formula("index(ebitda, periods() - 1)"),
        euros("trailing_earnings", "Net profit of the last reported year").formula("index(earnings, periods() - 1)"),
        euros("debt", "Debt, with leases")
            .value(1_890.0)
            .note("Assumption, rounded: loans, notes and leases before the offering"),
        euros("preferred_stock", "Preferred stock").value(0.0).note("None"),
        euros("minority_interests", "Minority interests").value(0.0).note("None"),
        euros("cash", "Cash").value(344.4).note("Form 6-K of February 2024: 30 September 2023"),
        single("exchange_rate", "Dollars for a euro")
            .in_unit("USD per EUR")
            .shown_as(Factor)
            .value(1.06)
            .note("The prospectus' own: 100 million euros are 106 million dollars"),
        shares("shares_before", "Shares before the offering, diluted")
            .formula("187.8 - 10.752688")
            .note("187.8 million shares after the offering (prospectus), less those that the firm sells in it"),
        rate("interest_rate", "Interest on the debt that is repaid").value(0.07).note(ASSUMPTION),
        rate("tax_rate", "Tax rate").value(0.3).note(ASSUMPTION),
    ]
}
