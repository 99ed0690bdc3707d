//! The company's operations and its taxes.

use super::super::builder::{Row, series};
use super::{ASSUMPTION, amount, rate, sum};
use crate::model::NumberFormat::Percent;

const HISTORY: &str = "Illustration; no company's report";

pub(super) fn operations(growth: &[f64]) -> Vec<Row> {
    let every_year = |share: f64| [share; 7];
    vec![
        series("year", "Years after the purchase")
            .formula("t() - closing_period")
            .note("0 at the purchase; rows of debt and returns begin there"),
        rate("growth_shift", "Added to the growth of every year")
            .value(0.0)
            .note("For scenarios and simulation; 0 leaves the plan as it is"),
        rate("margin_shift", "Added to the margin of every year")
            .value(0.0)
            .note("For scenarios and simulation; 0 leaves the plan as it is"),
        series("growth", "Growth of sales")
            .shown_as(Percent)
            .formula("sales / prev(sales) - 1")
            .forecast(growth)
            .note(ASSUMPTION),
        amount("sales", "Sales")
            .history(&[2160.0, 2268.0, 2400.0])
            .formula("prev(sales) * (1 + growth + growth_shift)")
            .note(HISTORY),
        series("ebitda_margin", "EBITDA, of sales")
            .shown_as(Percent)
            .formula("ebitda / sales")
            .forecast(&[0.177, 0.179, 0.181, 0.183, 0.185, 0.185, 0.185])
            .note(ASSUMPTION),
        amount("ebitda", "EBITDA")
            .history(&[369.0, 392.0, 420.0])
            .formula("sales * (ebitda_margin + margin_shift)")
            .note(HISTORY),
        series("depreciation_ratio", "Depreciation, of sales")
            .shown_as(Percent)
            .formula("depreciation / sales")
            .forecast(&every_year(0.045))
            .note(ASSUMPTION),
        amount("depreciation", "Depreciation")
            .history(&[99.0, 103.0, 108.0])
            .formula("sales * depreciation_ratio")
            .note(HISTORY),
        amount("ebit", "EBIT").formula("ebitda - depreciation"),
        series("capex_ratio", "Capital expenditure, of sales")
            .shown_as(Percent)
            .formula("capex / sales")
            .forecast(&every_year(0.042))
            .note(ASSUMPTION),
        amount("capex", "Capital expenditure")
            .history(&[92.0, 96.0, 101.0])
            .formula("sales * capex_ratio")
            .note(HISTORY),
        series("working_capital_ratio", "Working capital, of sales")
            .shown_as(Percent)
            .formula("working_capital / sales")
            .forecast(&every_year(0.12))
            .note(ASSUMPTION),
        amount("working_capital", "Working capital")
            .history(&[260.0, 273.0, 288.0])
            .formula("sales * working_capital_ratio")
            .note(HISTORY),
        amount("working_capital_increase", "Increase of working capital")
            .formula("working_capital - prev(working_capital)"),
    ]
}

pub(super) fn taxes() -> Vec<Row> {
    vec![
        rate("tax_rate", "Tax rate").value(0.25).note(ASSUMPTION),
        rate("interest_cap", "Cap on deducted interest, of EBITDA")
            .value(0.3)
            .note("Option: section 163(j) of the US tax code, article 4 of EU directive 2016/1164; 1000 % lifts it"),
        rate("loss_limit", "Share of income that old losses may offset")
            .value(0.8)
            .note("Option: section 172 of the US tax code; 100 % lifts it"),
        sum("losses_acquired", "Losses carried forward at the purchase").value(0.0).note(ASSUMPTION),
        amount("interest_deducted", "Interest deducted")
            .formula("if(year > 0, min(financing_cost + prev(interest_carried), max(0, interest_cap * ebitda)), )")
            .note("Cash interest, interest in kind and fees, less interest earned, with what was carried forward"),
        amount("interest_carried", "Interest carried forward")
            .formula("if(year = 0, 0, prev(interest_carried) + financing_cost - interest_deducted)"),
        amount("taxable_income", "Taxable income before losses").formula("if(year > 0, ebit - interest_deducted, )"),
        amount("losses_used", "Losses used")
            .formula("if(year > 0, min(prev(losses_carried), loss_limit * max(0, taxable_income)), )"),
        amount("losses_carried", "Losses carried forward")
            .formula("if(year = 0, losses_acquired, prev(losses_carried) - losses_used + max(0, -taxable_income))"),
        amount("taxes", "Taxes")
            .formula("if(year > 0, tax_rate * (max(0, taxable_income) - losses_used), )")
            .note("Booked as paid: what is carried forward is not put on the balance sheet"),
    ]
}
