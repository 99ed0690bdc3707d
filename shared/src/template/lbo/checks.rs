//! Rows that are 0 when the model holds together.

use super::super::builder::{Row, single};
use super::check;
use crate::model::NumberFormat::Decimal;

pub(super) fn checks() -> Vec<Row> {
    let sum = |name, label| single(name, label).shown_as(Decimal);
    vec![
        sum("sources_check", "Sources less uses").formula("round(sources_total - uses_total, 6)"),
        sum("sponsor_check", "Sponsor's equity below 0")
            .formula("min(0, sponsor_equity)")
            .note("Not 0: the debt is more than the purchase needs"),
        check("balance_check", "Net assets less debt and equity").formula("round(assets - debt_and_equity, 6)"),
        check("net_debt_check", "Change of net debt less what the cash flow gives").formula(
            "if(year > 0, round(net_debt - prev(net_debt) + cash_flow_after_interest + equity_cure - mezzanine_pik, 6), )",
        ),
        check("cash_check", "Cash below its minimum").formula("if(year >= 0, round(min(0, cash - minimum_cash), 6), )"),
        check("revolver_check", "Revolver beyond its commitment")
            .formula("if(year >= 0, round(max(0, revolver - revolver_commitment), 6), )"),
        check("tranches_check", "Debt below 0")
            .formula("if(year >= 0, round(min(0, revolver, term_a, term_b, senior_notes, mezzanine), 6), )"),
        check("interest_check", "Interest paid less what the balances give").formula(
            "if(year > 0, round(cash_interest - notes_interest - mezzanine_interest \
             - max(0, base_rate + base_rate_shift + term_a_margin) \
             * (prev(term_a) + average_interest * (term_a - prev(term_a)) / 2) \
             - max(0, base_rate + base_rate_shift + term_b_margin) \
             * (prev(term_b) + average_interest * (term_b - prev(term_b)) / 2) \
             - (max(0, base_rate + base_rate_shift + revolver_margin) - commitment_fee) \
             * (prev(revolver) + average_interest * (revolver - prev(revolver)) / 2) \
             - commitment_fee * revolver_commitment, 6), )",
        ),
        sum("irr_check", "Value of the sponsor's cash flow at the sale, at its return")
            .formula("if(sponsor_irr > -1, round(npv(sponsor_irr, sponsor_cash_flow) * (1 + sponsor_irr) ^ (exit_year + 1), 4), 0)"),
        sum("gain_check", "Gain less what the owners end up with beyond what they put in")
            .formula("round(gain - (exit_equity - sponsor_paid - management_equity), 6)"),
        sum("checks", "All checks")
            .formula(
                "abs(sources_check) + abs(sponsor_check) + sumproduct(balance_check, balance_check) \
                 + sumproduct(net_debt_check, net_debt_check) + sumproduct(cash_check, cash_check) \
                 + sumproduct(revolver_check, revolver_check) + sumproduct(tranches_check, tranches_check) \
                 + sumproduct(interest_check, interest_check) + abs(irr_check) + abs(gain_check)",
            )
            .note("0 when every check is"),
    ]
}
