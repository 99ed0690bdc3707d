//! The purchase: price, debt, sources and uses.

use super::super::builder::{Row, single};
use super::{ASSUMPTION, rate, sum, turns, years};
use crate::model::NumberFormat::{Multiple, Percent};

pub(super) fn purchase() -> Vec<Row> {
    vec![
        single("closing_period", "Period at whose end the company is bought")
            .value(3.0)
            .note("The number of the column, counted from 1; its balances are those after the purchase"),
        sum("closing_sales", "Sales of the last year").formula("index(sales, closing_period)"),
        sum("closing_ebitda", "EBITDA of the last year").formula("index(ebitda, closing_period)"),
        turns("entry_multiple", "Entry multiple of EBITDA").value(8.0).note(ASSUMPTION),
        sum("enterprise_value", "Enterprise value").formula("closing_ebitda * entry_multiple"),
        sum("refinanced_debt", "Debt of the company, repaid").value(700.0).note(ASSUMPTION),
        sum("acquired_cash", "Cash of the company").value(90.0).note(ASSUMPTION),
        sum("equity_price", "Price of the equity").formula("enterprise_value - refinanced_debt + acquired_cash"),
        sum("minimum_cash", "Minimum cash")
            .value(60.0)
            .note("Assumption; left in the company at the purchase and never touched afterwards"),
        rate("transaction_fee_rate", "Fees of the transaction, of enterprise value")
            .value(0.02)
            .note("Assumption; advice and due diligence, expensed at once (ASC 805, IFRS 3) and not deducted from tax"),
        single("average_interest", "Interest on average balances (1) or opening balances (0)").in_unit("0 or 1").value(1.0).note(
            "An option: the average suits debt that is repaid through the year, and needs iteration; the opening balance suits \
             repayment at the year's end",
        ),
        rate("sweep_share", "Share of free cash that repays debt early")
            .value(1.0)
            .note("Option; credit agreements ask for 50 % to 100 %. The rest stays as cash"),
    ]
}

pub(super) fn financing() -> Vec<Row> {
    let fee = |name, label| rate(name, label).note("Assumption; capitalised, written off until maturity");
    let maturity = |name, label| years(name, label).note("Assumption; years after the purchase, at least 1");
    vec![
        sum("revolver_commitment", "Revolver: commitment").value(200.0).note(ASSUMPTION),
        rate("revolver_margin", "Revolver: margin over the base rate").value(0.0275).note(ASSUMPTION),
        rate("commitment_fee", "Revolver: fee on what is not drawn").value(0.005).note(ASSUMPTION),
        fee("revolver_fee_rate", "Revolver: arrangement fee, of the commitment").value(0.015),
        maturity("revolver_maturity", "Revolver: maturity")
            .value(6.0)
            .note("Assumption; for the fee. The revolver is taken to be renewed"),
        turns("term_a_turns", "Term loan A: multiple of EBITDA").value(1.5).note(ASSUMPTION),
        rate("term_a_margin", "Term loan A: margin over the base rate").value(0.03).note(ASSUMPTION),
        rate("term_a_amortization", "Term loan A: repaid each year, of the loan").value(0.1).note(ASSUMPTION),
        fee("term_a_fee_rate", "Term loan A: fee").value(0.02),
        maturity("term_a_maturity", "Term loan A: maturity").value(6.0),
        turns("term_b_turns", "Term loan B: multiple of EBITDA").value(2.0).note(ASSUMPTION),
        rate("term_b_margin", "Term loan B: margin over the base rate").value(0.04).note(ASSUMPTION),
        rate("term_b_amortization", "Term loan B: repaid each year, of the loan").value(0.01).note(ASSUMPTION),
        fee("term_b_fee_rate", "Term loan B: fee").value(0.02),
        maturity("term_b_maturity", "Term loan B: maturity").value(7.0),
        turns("notes_turns", "Senior notes: multiple of EBITDA").value(0.75).note(ASSUMPTION),
        rate("notes_rate", "Senior notes: rate").value(0.085).note(ASSUMPTION),
        fee("notes_fee_rate", "Senior notes: fee").value(0.0225),
        maturity("notes_maturity", "Senior notes: maturity").value(8.0),
        turns("mezzanine_turns", "Mezzanine: multiple of EBITDA").value(0.75).note(ASSUMPTION),
        rate("mezzanine_cash_rate", "Mezzanine: interest in cash").value(0.06).note(ASSUMPTION),
        rate("mezzanine_pik_rate", "Mezzanine: interest in kind")
            .value(0.055)
            .note("Assumption; added to the loan at the end of each year"),
        rate("mezzanine_warrants", "Mezzanine: warrants, of the equity at the sale").value(0.02).note(ASSUMPTION),
        fee("mezzanine_fee_rate", "Mezzanine: fee")
            .value(0.025)
            .note("Assumption; goes to whoever arranges the loan, so it is no part of the lender's return"),
        maturity("mezzanine_maturity", "Mezzanine: maturity").value(8.0),
    ]
}

pub(super) fn sources() -> Vec<Row> {
    vec![
        sum("revolver_drawn", "Revolver drawn").value(0.0).note(ASSUMPTION),
        sum("term_a_amount", "Term loan A").formula("term_a_turns * closing_ebitda"),
        sum("term_b_amount", "Term loan B").formula("term_b_turns * closing_ebitda"),
        sum("notes_amount", "Senior notes").formula("notes_turns * closing_ebitda"),
        sum("mezzanine_amount", "Mezzanine").formula("mezzanine_turns * closing_ebitda"),
        sum("new_debt", "New debt")
            .formula("revolver_drawn + term_a_amount + term_b_amount + notes_amount + mezzanine_amount"),
        sum("cash_used", "Cash of the company").formula("acquired_cash"),
        sum("management_equity", "Equity of the management").value(60.0).note("Assumption; on the sponsor's terms"),
        sum("sponsor_equity", "Equity of the sponsor")
            .formula("uses_total - new_debt - cash_used - management_equity")
            .note("What the other sources leave over"),
        sum("sources_total", "Total sources").formula("new_debt + cash_used + management_equity + sponsor_equity"),
        single("debt_turns", "New debt, multiple of EBITDA").shown_as(Multiple).formula("new_debt / closing_ebitda"),
        single("equity_share", "Equity, of the new capital")
            .shown_as(Percent)
            .formula("(sponsor_equity + management_equity) / (new_debt + sponsor_equity + management_equity)"),
    ]
}

pub(super) fn uses() -> Vec<Row> {
    vec![
        sum("uses_equity", "Price of the equity").formula("equity_price"),
        sum("uses_debt", "Debt repaid").formula("refinanced_debt"),
        sum("uses_cash", "Minimum cash").formula("minimum_cash"),
        sum("transaction_fees", "Fees of the transaction").formula("transaction_fee_rate * enterprise_value"),
        sum("financing_fees", "Fees of the debt").formula(
            "revolver_fee_rate * revolver_commitment + term_a_fee_rate * term_a_amount + term_b_fee_rate * term_b_amount \
             + notes_fee_rate * notes_amount + mezzanine_fee_rate * mezzanine_amount",
        ),
        sum("uses_total", "Total uses")
            .formula("uses_equity + uses_debt + uses_cash + transaction_fees + financing_fees"),
    ]
}
