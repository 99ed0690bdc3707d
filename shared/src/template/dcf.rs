//! Discounted cash flow: the value of a company from the free cash flow of its operations.
//!
//! The method is that of the textbooks (Koller, Goedhart and Wessels, "Valuation", and Damodaran, "Investment
//! Valuation"): unlevered free cash flow is operating profit after tax, plus depreciation, less capital expenditure and
//! what working capital takes up. It is discounted at the weighted average cost of capital, at the end of each year.
//! What comes after the forecast grows for ever at one rate (Gordon). Cash is added and debt subtracted. Stock-based
//! compensation is left among the costs: it is not added back.

use serde_json::Value;

use super::builder::{Row, draft, fiscal_years, series, single};
use super::company::Company;
use crate::model::NumberFormat::{Decimal, Factor, Multiple, Percent};

const ASSUMPTION: &str = "Assumption";

/// The last Saturdays of September, on which Apple's fiscal years end.
const YEAR_ENDS: [(i32, u8, u8); 10] = [
    (2020, 9, 26),
    (2021, 9, 25),
    (2022, 9, 24),
    (2023, 9, 30),
    (2024, 9, 28),
    (2025, 9, 27),
    (2026, 9, 26),
    (2027, 9, 25),
    (2028, 9, 30),
    (2029, 9, 29),
];

/// The model document of `company`, with a forecast of five years.
///
/// The company's figures are those of the sample: amounts in millions of US dollars, shares in thousands.
#[must_use]
pub fn document(company: &Company) -> Value {
    draft("USD", "", fiscal_years(&YEAR_ENDS, 2024))
        .section("drivers", "Drivers", drivers())
        .section("income", "Income statement", income(company))
        .section("cash_flow", "Free cash flow", cash_flow(company))
        .section("discounting", "Discounting", discounting())
        .section("cost_of_capital", "Cost of capital", cost_of_capital())
        .section("balance_sheet", "Balance sheet", balance_sheet(company))
        .section("valuation", "Valuation", valuation())
        .outputs(&["value_per_share", "equity_value", "enterprise_value", "wacc", "terminal_share", "exit_multiple"])
        .into_json()
}

fn drivers() -> Vec<Row> {
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

fn income(company: &Company) -> Vec<Row> {
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

fn cash_flow(company: &Company) -> Vec<Row> {
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
    ]
}

fn discounting() -> Vec<Row> {
    vec![
        series("year", "Years from now")
            .formula("prev(year) + 1")
            .forecast(&[1.0])
            .note("Flows come at the end of a year"),
        series("discount_factor", "Discount factor").shown_as(Factor).formula("1 / (1 + wacc) ^ year"),
        series("present_value", "Present value of free cash flow")
            .in_unit("USD m")
            .formula("free_cash_flow * discount_factor"),
    ]
}

fn cost_of_capital() -> Vec<Row> {
    let rate = |name, label| single(name, label).shown_as(Percent);
    vec![
        rate("risk_free_rate", "Risk-free rate").value(0.043).note(ASSUMPTION),
        rate("equity_risk_premium", "Equity risk premium").value(0.045).note(ASSUMPTION),
        single("beta", "Beta").shown_as(Decimal).value(1.15).note(ASSUMPTION),
        rate("cost_of_equity", "Cost of equity")
            .formula("risk_free_rate + beta * equity_risk_premium")
            .note("Capital asset pricing model"),
        rate("cost_of_debt", "Cost of debt before tax").value(0.046).note(ASSUMPTION),
        rate("marginal_tax_rate", "Marginal tax rate").value(0.21).note("Assumption: federal rate"),
        rate("debt_share", "Debt, of capital").value(0.03).note("Assumption, at market values"),
        rate("wacc", "Weighted average cost of capital")
            .formula("cost_of_equity * (1 - debt_share) + cost_of_debt * (1 - marginal_tax_rate) * debt_share"),
    ]
}

fn balance_sheet(company: &Company) -> Vec<Row> {
    vec![
        reported(company, "cash_and_marketable_securities", "Cash and marketable securities"),
        reported(company, "term_debt_and_commercial_paper", "Term debt and commercial paper"),
        reported(company, "diluted_shares", "Diluted shares").in_unit("thousands"),
    ]
}

fn valuation() -> Vec<Row> {
    let amount = |name, label| single(name, label).in_unit("USD m");
    vec![
        single("terminal_growth", "Growth after the forecast").shown_as(Percent).value(0.03).note(ASSUMPTION),
        amount("terminal_value", "Terminal value")
            .formula("last(free_cash_flow) * (1 + terminal_growth) / (wacc - terminal_growth)")
            .note("Gordon growth, at the end of the forecast"),
        amount("terminal_present_value", "Present value of terminal value")
            .formula("terminal_value * last(discount_factor)"),
        amount("forecast_present_value", "Present value of the forecast").formula("sum(present_value)"),
        amount("enterprise_value", "Enterprise value").formula("forecast_present_value + terminal_present_value"),
        amount("cash", "Cash and marketable securities").formula("last(cash_and_marketable_securities)"),
        amount("debt", "Debt").formula("last(term_debt_and_commercial_paper)"),
        amount("equity_value", "Equity value").formula("enterprise_value + cash - debt"),
        single("shares", "Diluted shares").in_unit("thousands").formula("last(diluted_shares)"),
        single("value_per_share", "Value per share")
            .in_unit("USD")
            .shown_as(Decimal)
            .formula("equity_value / shares * 1000")
            .note("Millions of dollars over thousands of shares"),
        single("terminal_share", "Terminal value, of enterprise value")
            .shown_as(Percent)
            .formula("terminal_present_value / enterprise_value")
            .note("Cross-check"),
        single("exit_multiple", "Implied multiple of EBITDA at the end")
            .shown_as(Multiple)
            .formula("terminal_value / (last(operating_income) + last(depreciation_and_amortization))")
            .note("Cross-check"),
    ]
}

/// A row of the company's reports.
fn reported(company: &Company, name: &'static str, label: &'static str) -> Row {
    series(name, label).in_unit("USD m").history(company.figures(name)).note(company.source.clone())
}
