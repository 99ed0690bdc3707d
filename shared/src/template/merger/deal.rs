//! The offer, how it is paid, and what the price is allocated to.

use super::super::builder::{Row, single};
use super::{ASSUMPTION, price, rate, sum};
use crate::model::NumberFormat::{Decimal, Factor};

const REPORT: &str = "Microsoft, Form 10-K for fiscal 2017, note on business combinations";

pub(super) fn offer() -> Vec<Row> {
    vec![
        single("closing_period", "Period at whose end the target is bought")
            .value(2.0)
            .note("The number of the column, counted from 1"),
        price("acquirer_price", "Price of the acquirer's share")
            .value(51.48)
            .note("Closing price of Microsoft on 10 June 2016, the last day before the announcement"),
        price("target_price", "Undisturbed price of the target's share")
            .value(131.08)
            .note("Closing price of LinkedIn on 10 June 2016"),
        price("offer_price", "Offer for a target's share").value(196.0).note("Announcement of 13 June 2016"),
        rate("premium", "Premium").formula("offer_price / target_price - 1"),
        single("target_shares", "Diluted shares of the target")
            .in_unit("million")
            .shown_as(Decimal)
            .value(27_009.0 / 196.0)
            .note("The reported price of $27,009 million at $196 a share; it includes awards that were taken over"),
        sum("equity_price", "Price of the equity").formula("offer_price * target_shares"),
        sum("acquirer_equity_value", "Market value of the acquirer").formula("acquirer_price * closing_shares"),
        sum("target_equity_value", "Undisturbed market value of the target").formula("target_price * target_shares"),
    ]
}

pub(super) fn payment() -> Vec<Row> {
    vec![
        rate("stock_share", "Paid in shares")
            .value(0.0)
            .note("Announcement: all in cash; the scenarios show payment in shares"),
        rate("debt_share", "Paid from new debt")
            .value(19_750.0 / 27_009.0)
            .note("$19,750 million of senior notes issued in August 2016; Form 10-K for fiscal 2017"),
        rate("cash_share", "Paid from cash").formula("1 - stock_share - debt_share"),
        rate("issue_discount", "Discount on new shares").value(0.0).note(ASSUMPTION),
        single("full_exchange_ratio", "Exchange ratio if all were paid in shares")
            .shown_as(Factor)
            .formula("offer_price / (acquirer_price * (1 - issue_discount))")
            .note("Shares of the acquirer for a share of the target"),
        single("exchange_ratio", "Exchange ratio").shown_as(Factor).formula("full_exchange_ratio * stock_share"),
        price("cash_per_share", "Cash for a target's share").formula("offer_price * (1 - stock_share)"),
        single("new_shares", "New shares")
            .in_unit("million")
            .shown_as(Decimal)
            .formula("exchange_ratio * target_shares"),
        rate("debt_rate", "Rate of the new debt")
            .value(0.027)
            .note("Coupons of the seven notes, 1.10 % to 3.95 %, weighted by amount; Form 10-K for fiscal 2017"),
        rate("debt_fee_rate", "Fees of the new debt").value(0.0035).note(ASSUMPTION),
        single("debt_years", "Years over which these fees are written off").value(10.0).note(ASSUMPTION),
        rate("cash_rate", "Interest lost on cash").value(0.01).note(ASSUMPTION),
        rate("deal_tax_rate", "Tax rate of the adjustments")
            .value(0.35)
            .note("The federal rate of the United States in 2016"),
        single("average_interest", "Interest on average debt (1) or opening debt (0)").in_unit("0 or 1")
            .value(1.0)
            .note("An option; without repayment there is no difference"),
        single("step_up_deductible", "Step-up lowers taxes (1) or not (0)").in_unit("0 or 1").value(0.0).note(
            "An option: 1 for a purchase of assets or an election under section 338(h)(10); then there is no deferred tax",
        ),
        single("fees_in_earnings", "Fees of the transaction in the first year's earnings (1) or not (0)").in_unit("0 or 1")
            .value(0.0)
            .note("An option: they are expensed (ASC 805, IFRS 3), and most analysts leave them out of earnings per share"),
    ]
}

pub(super) fn sources() -> Vec<Row> {
    vec![
        sum("stock_issued", "New shares").formula("new_shares * acquirer_price * (1 - issue_discount)"),
        sum("new_debt", "New debt").formula("debt_share * equity_price"),
        sum("cash_used", "Cash of both companies")
            .formula("cash_share * equity_price + refinanced_debt + transaction_fees + financing_fees"),
        sum("sources_total", "Total sources").formula("stock_issued + new_debt + cash_used"),
    ]
}

pub(super) fn uses() -> Vec<Row> {
    vec![
        sum("uses_equity", "Price of the equity").formula("equity_price"),
        sum("refinanced_debt", "Debt of the target, repaid").formula("target_debt"),
        sum("transaction_fees", "Fees of the transaction").value(150.0).note(ASSUMPTION),
        sum("financing_fees", "Fees of the debt").formula("debt_fee_rate * new_debt"),
        sum("uses_total", "Total uses").formula("uses_equity + refinanced_debt + transaction_fees + financing_fees"),
    ]
}

pub(super) fn allocation() -> Vec<Row> {
    let reported = |name, label, value: f64| sum(name, label).value(value).note(REPORT);
    let life = |name, label, value: f64| single(name, label).in_unit("years").value(value).note(REPORT);
    vec![
        reported("target_cash", "Cash and short-term investments", 3438.0),
        reported("target_current_assets", "Other current assets", 697.0),
        reported("target_fixed_assets", "Property and equipment, at book value", 1529.0)
            .note("The fair value that was reported; the write-up is in it, so the row below is 0"),
        reported("target_debt", "Short-term debt", 1323.0)
            .note("Convertible notes, which were redeemed; Microsoft, Form 10-K for fiscal 2017"),
        reported("target_current_liabilities", "Other current liabilities", 1117.0),
        reported("target_other_liabilities", "Other liabilities", 131.0),
        sum("target_tangible_value", "Net assets without goodwill and intangible assets")
            .formula(
                "target_cash + target_current_assets + target_fixed_assets - target_debt - target_current_liabilities \
                 - target_other_liabilities",
            )
            .note("Old goodwill, intangible assets and deferred tax of the target fall away"),
        sum("fixed_assets_step_up", "Write-up of property and equipment").value(0.0).note(ASSUMPTION),
        life("fixed_assets_life", "Years over which it is written off", 5.0).note(ASSUMPTION),
        reported("customer_value", "Intangible assets: customers", 3607.0),
        life("customer_life", "Life: customers", 7.0),
        reported("marketing_value", "Intangible assets: trade names", 2148.0),
        life("marketing_life", "Life: trade names", 20.0),
        reported("technology_value", "Intangible assets: technology", 2109.0),
        life("technology_life", "Life: technology", 3.0),
        reported("contract_value", "Intangible assets: contracts", 23.0),
        life("contract_life", "Life: contracts", 5.0),
        sum("intangible_assets", "Intangible assets")
            .formula("customer_value + marketing_value + technology_value + contract_value"),
        sum("deferred_tax_liability", "Deferred tax on the step-up")
            .formula("if(step_up_deductible, 0, deal_tax_rate * (intangible_assets + fixed_assets_step_up))")
            .note("Tax that the step-up will not save, at the deal's rate"),
        sum("deferred_tax_assets", "Deferred tax assets acquired")
            .value(7887.0 * 0.35 - 774.0)
            .note("Losses, credits and awards: what makes net deferred tax the $774 million of the report"),
        sum("identified_value", "Net assets at fair value").formula(
            "target_tangible_value + fixed_assets_step_up + intangible_assets + deferred_tax_assets - deferred_tax_liability",
        ),
        sum("goodwill", "Goodwill")
            .formula("equity_price - identified_value")
            .note("Microsoft reports $16,803 million. Below 0 it would be a gain of the first year"),
    ]
}
