//! The sale, what each party earns, and where the gain comes from.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, amount, rate, sum, turns, years};
use crate::model::NumberFormat::{Multiple, Percent};

pub(super) fn exit() -> Vec<Row> {
    vec![
        years("exit_year", "Sale, years after the purchase").value(5.0).note("Assumption; from 1 to the last column"),
        turns("exit_multiple", "Exit multiple of EBITDA")
            .value(8.0)
            .note("Assumption: that of the purchase, as caution asks"),
        rate("exit_fee_rate", "Fees of the sale, of enterprise value").value(0.01).note(ASSUMPTION),
        rate("option_pool", "Options of the management, of the equity")
            .value(0.08)
            .note("Assumption; struck at what the owners put in, so they share only the gain"),
        single("exit_period", "Period at whose end the company is sold").formula("closing_period + exit_year"),
    ]
}

pub(super) fn by_year() -> Vec<Row> {
    vec![
        amount("sale_value", "Enterprise value at the sale").formula("if(year > 0, exit_multiple * ebitda, )"),
        amount("sale_fees", "Fees of the sale").formula("exit_fee_rate * sale_value"),
        amount("sale_equity", "Equity at the sale")
            .formula("if(year > 0, max(0, sale_value - sale_fees - net_debt), )")
            .note("Never below 0: what lacks is the lenders' loss"),
        amount("lenders_loss", "Loss of the lenders")
            .formula("if(year > 0, max(0, net_debt - sale_value + sale_fees), )"),
        amount("sponsor_invested", "Put in by the sponsor so far")
            .formula("if(year = 0, sponsor_equity, prev(sponsor_invested) + equity_cure)"),
        amount("warrants_value", "Warrants of the mezzanine").formula("mezzanine_warrants * sale_equity"),
        amount("options_value", "Options of the management").formula(
            "if(year > 0, option_pool * max(0, sale_equity - warrants_value - sponsor_invested - management_equity), )",
        ),
        amount("owners_proceeds", "Left for the owners").formula("sale_equity - warrants_value - options_value"),
        series("sponsor_share", "Share of the sponsor")
            .shown_as(Percent)
            .formula("if(year > 0, sponsor_invested / (sponsor_invested + management_equity), )"),
        amount("sponsor_proceeds", "Proceeds of the sponsor").formula("owners_proceeds * sponsor_share"),
        series("moic_by_year", "Money multiple of the sponsor")
            .shown_as(Multiple)
            .formula("sponsor_proceeds / sponsor_invested"),
        series("irr_by_year", "Return of the sponsor")
            .shown_as(Percent)
            .formula("if(year > 0, moic_by_year ^ (1 / year) - 1, )")
            .note("As if all had been put in at the purchase; exact unless the sponsor puts in more later"),
    ]
}

pub(super) fn returns() -> Vec<Row> {
    vec![
        amount("sponsor_cash_flow", "Cash flow of the sponsor").formula(
            "if(and(year >= 0, year <= exit_year), if(year = 0, -sponsor_equity, \
             if(year = exit_year, sponsor_proceeds, 0) - equity_cure), )",
        ),
        amount("mezzanine_cash_flow", "Cash flow of the mezzanine").formula(
            "if(and(year >= 0, year <= exit_year), if(year = 0, -mezzanine_amount, \
             mezzanine_interest + mezzanine_repayment \
             + if(year = exit_year, max(0, mezzanine - lenders_loss) + warrants_value, 0)), )",
        ),
        sum("exit_equity", "Equity at the sale").formula("index(sale_equity, exit_period)"),
        sum("sponsor_received", "Received by the sponsor").formula("index(sponsor_proceeds, exit_period)"),
        sum("sponsor_paid", "Put in by the sponsor").formula("index(sponsor_invested, exit_period)"),
        turns("moic", "Money multiple of the sponsor").formula("sponsor_received / sponsor_paid"),
        rate("sponsor_irr", "Internal rate of return of the sponsor")
            .formula("if(max(sponsor_cash_flow) > 0, irr(sponsor_cash_flow, moic ^ (1 / exit_year) - 1), -1)")
            .note("-100 % when nothing comes back beyond what is put in; the money multiple tells where to look"),
        rate("mezzanine_irr", "Internal rate of return of the mezzanine")
            .formula(
                "if(mezzanine_amount > 0, if(max(mezzanine_cash_flow) > 0, irr(mezzanine_cash_flow, \
                 (1 + sum(mezzanine_cash_flow) / mezzanine_amount) ^ (1 / exit_year) - 1), -1), )",
            )
            .note("Cash interest, interest in kind and warrants; the most junior lender, so it bears losses first"),
    ]
}

pub(super) fn bridge() -> Vec<Row> {
    vec![
        sum("bridge_sales", "Growth of sales")
            .formula(
                "(index(sales, exit_period) - closing_sales) * closing_ebitda / closing_sales * entry_multiple",
            )
            .note("At the margin and the multiple of the purchase"),
        sum("bridge_margin", "Higher margin")
            .formula(
                "(index(ebitda, exit_period) - index(sales, exit_period) * closing_ebitda / closing_sales) * entry_multiple",
            )
            .note("At the multiple of the purchase"),
        sum("bridge_multiple", "Higher multiple")
            .formula("(exit_multiple - entry_multiple) * closing_ebitda")
            .note("On the EBITDA of the purchase"),
        sum("bridge_combined", "Growth and multiple together")
            .formula("(exit_multiple - entry_multiple) * (index(ebitda, exit_period) - closing_ebitda)")
            .note("Many add this to the multiple; shown apart, since neither causes it alone"),
        sum("bridge_debt", "Less net debt").formula("new_debt - minimum_cash - index(net_debt, exit_period)"),
        sum("bridge_cure", "Put in later by the sponsor")
            .formula("sponsor_equity - sponsor_paid")
            .note("Lowers net debt, but is no gain"),
        sum("bridge_fees", "Fees of purchase, debt and sale")
            .formula("-transaction_fees - financing_fees - index(sale_fees, exit_period)"),
        sum("bridge_loss", "Loss of the lenders").formula("index(lenders_loss, exit_period)"),
        sum("gain", "Gain of the equity").formula(
            "bridge_sales + bridge_margin + bridge_multiple + bridge_combined + bridge_debt + bridge_cure + bridge_fees \
             + bridge_loss",
        ),
    ]
}

pub(super) fn affordable_price() -> Vec<Row> {
    let note = "The price at which the owners earn the target, with the debt, the sale and the options of this case";
    vec![
        rate("target_irr_low", "Target return, low").value(0.2).note(ASSUMPTION),
        rate("target_irr_high", "Target return, high").value(0.25).note(ASSUMPTION),
        sum("affordable_price_low", "Enterprise value at the high target")
            .formula(
                "(index(owners_proceeds, exit_period) / (1 + target_irr_high) ^ exit_year \
                 + new_debt - minimum_cash - financing_fees) / (1 + transaction_fee_rate)",
            )
            .note(note),
        sum("affordable_price_high", "Enterprise value at the low target")
            .formula(
                "(index(owners_proceeds, exit_period) / (1 + target_irr_low) ^ exit_year \
                 + new_debt - minimum_cash - financing_fees) / (1 + transaction_fee_rate)",
            )
            .note(note),
        turns("deals_multiple_low", "Multiple of comparable deals, low").value(7.0).note(ASSUMPTION),
        turns("deals_multiple_high", "Multiple of comparable deals, high").value(9.5).note(ASSUMPTION),
        sum("deals_price_low", "Enterprise value at the low multiple").formula("deals_multiple_low * closing_ebitda"),
        sum("deals_price_high", "Enterprise value at the high multiple")
            .formula("deals_multiple_high * closing_ebitda"),
    ]
}
