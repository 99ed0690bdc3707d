//! The income statement and the balance sheet.

use super::super::builder::Row;
use super::{amount, sum};

pub(super) fn income() -> Vec<Row> {
    vec![
        amount("operating_profit", "EBIT").formula("if(year > 0, ebit, )"),
        amount("interest_expense", "Interest paid").formula("cash_interest"),
        amount("pik_expense", "Interest in kind").formula("mezzanine_pik"),
        amount("fee_expense", "Fees of the debt written off").formula("fee_amortization"),
        amount("interest_earned", "Interest earned").formula("interest_income"),
        amount("pretax_income", "Income before taxes")
            .formula("operating_profit - interest_expense - pik_expense - fee_expense + interest_earned"),
        amount("net_income", "Net income").formula("pretax_income - taxes"),
    ]
}

pub(super) fn balance_sheet() -> Vec<Row> {
    vec![
        sum("fixed_assets_acquired", "Fixed assets at the purchase").value(1050.0).note("Assumption; at fair value"),
        sum("book_equity_acquired", "Equity of the company before the purchase").formula(
            "acquired_cash + index(working_capital, closing_period) + fixed_assets_acquired - refinanced_debt",
        ),
        amount("balance_cash", "Cash").formula("if(year >= 0, cash, )"),
        amount("balance_working_capital", "Working capital").formula("if(year >= 0, working_capital, )"),
        amount("fixed_assets", "Fixed assets")
            .formula("if(year = 0, fixed_assets_acquired, prev(fixed_assets) + capex - depreciation)"),
        amount("goodwill", "Goodwill")
            .formula("if(year >= 0, equity_price - book_equity_acquired, )")
            .note("What is paid beyond the equity; not written off"),
        amount("capitalized_fees", "Fees of the debt")
            .formula("if(year = 0, financing_fees, prev(capitalized_fees) - fee_amortization)"),
        amount("assets", "Net assets")
            .formula("balance_cash + balance_working_capital + fixed_assets + goodwill + capitalized_fees"),
        amount("balance_debt", "Debt").formula("total_debt"),
        amount("equity", "Equity").formula(
            "if(year = 0, sponsor_equity + management_equity - transaction_fees, \
             prev(equity) + net_income + equity_cure)",
        ),
        amount("debt_and_equity", "Debt and equity").formula("balance_debt + equity"),
    ]
}
