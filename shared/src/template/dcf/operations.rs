//! From net sales to free cash flow.

use super::{ASSUMPTION, reported};
use crate::model::NumberFormat::Percent;
use crate::template::builder::{Row, series};
use crate::template::company::Company;

pub(super) fn drivers() -> Vec<Row> {
    let ratio = |name, label| series(name, label).shown_as(Percent).note(ASSUMPTION);
    vec![
        ratio("growth", "Growth of net sales")
            .formula("net_sales / prev(net_sales) - 1")
            .forecast(&[0.04, 0.05, 0.05, 0.045, 0.04]),
        ratio("cost_ratio", "Cost of sales, of net sales")
            .formula("cost_of_sales / net_sales")
            .forecast(&[0.535, 0.532, 0.53, 0.53, 0.53]),
        ratio("research_ratio", "Research and development, of net sales")
            .formula("research_and_development / net_sales")
            .forecast(&[0.08, 0.08, 0.08, 0.08, 0.08]),
        ratio("overhead_ratio", "Selling, general and administrative, of net sales")
            .formula("selling_general_administrative / net_sales")
            .forecast(&[0.066, 0.065, 0.065, 0.065, 0.065]),
        ratio("tax_rate", "Tax rate")
            .formula("income_taxes / pretax_income")
            .forecast(&[0.165, 0.165, 0.165, 0.165, 0.165])
            .note("Assumption; fiscal 2024 holds a one-time charge for the State Aid Decision"),
        ratio("depreciation_ratio", "Depreciation, of net sales")
            .formula("depreciation_and_amortization / net_sales")
            .forecast(&[0.029, 0.029, 0.029, 0.029, 0.029]),
        ratio("capex_ratio", "Capital expenditure, of net sales")
            .formula("capital_expenditure / net_sales")
            .forecast(&[0.028, 0.03, 0.03, 0.03, 0.03]),
        ratio("working_capital_ratio", "Working capital, of additional net sales")
            .forecast(&[0.02, 0.02, 0.02, 0.02, 0.02]),
    ]
}

pub(super) fn income(company: &Company) -> Vec<Row> {
    let reported = |name, label| reported(company, name, label);
    let calculated = |name, label| series(name, label).in_unit("USD m");
    vec![
        reported("net_sales", "Net sales").formula("prev(net_sales) * (1 + growth)"),
        reported("cost_of_sales", "Cost of sales").formula("net_sales * cost_ratio"),
        calculated("gross_profit", "Gross profit").formula("net_sales - cost_of_sales"),
        reported("research_and_development", "Research and development").formula("net_sales * research_ratio"),
        reported("selling_general_administrative", "Selling, general and administrative")
            .formula("net_sales * overhead_ratio"),
        calculated("operating_income", "Operating income")
            .formula("gross_profit - research_and_development - selling_general_administrative"),
        series("operating_margin", "Operating margin").shown_as(Percent).formula("operating_income / net_sales"),
        reported("pretax_income", "Income before taxes"),
        reported("income_taxes", "Income taxes"),
        reported("net_income", "Net income"),
    ]
}

pub(super) fn cash_flow(company: &Company) -> Vec<Row> {
    let calculated = |name, label| series(name, label).in_unit("USD m");
    vec![
        calculated("operating_taxes", "Taxes on operating income").formula("operating_income * tax_rate"),
        calculated("operating_profit_after_tax", "Operating profit after tax")
            .formula("operating_income - operating_taxes"),
        reported(company, "depreciation_and_amortization", "Depreciation and amortization")
            .formula("net_sales * depreciation_ratio"),
        reported(company, "capital_expenditure", "Capital expenditure").formula("net_sales * capex_ratio"),
        calculated("working_capital_increase", "Increase in working capital")
            .formula("(net_sales - prev(net_sales)) * working_capital_ratio"),
        calculated("free_cash_flow", "Unlevered free cash flow").formula(
            "operating_profit_after_tax + depreciation_and_amortization - capital_expenditure - working_capital_increase",
        ),
        calculated("ebitda", "EBITDA")
            .formula("operating_income + depreciation_and_amortization")
            .note("Earnings before interest, taxes, depreciation and amortization"),
    ]
}

pub(super) fn balance_sheet(company: &Company) -> Vec<Row> {
    vec![
        reported(company, "cash_and_marketable_securities", "Cash and marketable securities"),
        reported(company, "term_debt_and_commercial_paper", "Term debt and commercial paper"),
        reported(company, "diluted_shares", "Diluted shares of the year, on average").in_unit("thousands"),
    ]
}
