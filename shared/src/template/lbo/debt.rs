//! The debt: what each tranche is paid, and what its lenders watch.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, amount, rate};
use crate::model::NumberFormat::{Multiple, Percent};

pub(super) fn cash_flow() -> Vec<Row> {
    vec![
        amount("cash_flow_before_interest", "Cash flow before interest")
            .formula("if(year > 0, ebitda - taxes - capex - working_capital_increase, )"),
        amount("cash_flow_after_interest", "Cash flow after interest")
            .formula("cash_flow_before_interest - cash_interest + interest_income"),
        amount("mandatory_repayment", "Repayment due")
            .formula("term_a_mandatory + term_b_mandatory + notes_repayment + mezzanine_repayment"),
        amount("available_cash", "Cash beyond the minimum, before the revolver")
            .formula("prev(cash) + cash_flow_after_interest - mandatory_repayment - minimum_cash"),
        amount("sweep_cash", "Cash for early repayment")
            .formula("if(year > 0, min(1, sweep_share) * max(0, available_cash - revolver_repayment), )"),
        amount("equity_cure", "Put in by the sponsor")
            .formula("if(year > 0, max(0, -available_cash - revolver_draw), )")
            .note("What lacks beyond the revolver's commitment; counts in the sponsor's return"),
        amount("cash", "Cash").formula(
            "if(year = 0, minimum_cash, prev(cash) + cash_flow_after_interest - mandatory_repayment + revolver_draw \
             - revolver_repayment + equity_cure - term_a_sweep - term_b_sweep)",
        ),
    ]
}

pub(super) fn revolver() -> Vec<Row> {
    vec![
        amount("revolver_draw", "Drawn")
            .formula("if(year > 0, min(max(0, -available_cash), max(0, revolver_commitment - prev(revolver))), )"),
        amount("revolver_repayment", "Repaid").formula("if(year > 0, min(prev(revolver), max(0, available_cash)), )"),
        amount("revolver", "Revolver")
            .formula("if(year = 0, revolver_drawn, prev(revolver) + revolver_draw - revolver_repayment)"),
    ]
}

pub(super) fn term_a() -> Vec<Row> {
    vec![
        amount("term_a_mandatory", "Repayment due").formula(
            "if(year > 0, if(year >= term_a_maturity, prev(term_a), \
             min(prev(term_a), term_a_amortization * term_a_amount)), )",
        ),
        amount("term_a_sweep", "Early repayment")
            .formula("if(year > 0, min(prev(term_a) - term_a_mandatory, sweep_cash), )"),
        amount("term_a", "Term loan A")
            .formula("if(year = 0, term_a_amount, prev(term_a) - term_a_mandatory - term_a_sweep)"),
    ]
}

pub(super) fn term_b() -> Vec<Row> {
    vec![
        amount("term_b_mandatory", "Repayment due").formula(
            "if(year > 0, if(year >= term_b_maturity, prev(term_b), \
             min(prev(term_b), term_b_amortization * term_b_amount)), )",
        ),
        amount("term_b_sweep", "Early repayment")
            .formula("if(year > 0, min(prev(term_b) - term_b_mandatory, sweep_cash - term_a_sweep), )"),
        amount("term_b", "Term loan B")
            .formula("if(year = 0, term_b_amount, prev(term_b) - term_b_mandatory - term_b_sweep)"),
    ]
}

pub(super) fn senior_notes() -> Vec<Row> {
    vec![
        amount("notes_repayment", "Repayment due")
            .formula("if(year > 0, if(year >= notes_maturity, prev(senior_notes), 0), )")
            .note("Not swept: notes are protected against early repayment"),
        amount("senior_notes", "Senior notes")
            .formula("if(year = 0, notes_amount, prev(senior_notes) - notes_repayment)"),
    ]
}

pub(super) fn mezzanine() -> Vec<Row> {
    vec![
        amount("mezzanine_pik", "Interest in kind").formula("if(year > 0, mezzanine_pik_rate * prev(mezzanine), )"),
        amount("mezzanine_repayment", "Repayment due")
            .formula("if(year > 0, if(year >= mezzanine_maturity, prev(mezzanine) + mezzanine_pik, 0), )"),
        amount("mezzanine", "Mezzanine")
            .formula("if(year = 0, mezzanine_amount, prev(mezzanine) + mezzanine_pik - mezzanine_repayment)"),
    ]
}

pub(super) fn interest() -> Vec<Row> {
    let on_balance = "On the average or the opening balance, as the purchase says";
    let on_opening = "On the opening balance: it only changes at the year's end, so this is exact";
    vec![
        rate("base_rate_shift", "Added to the base rate of every year").value(0.0).note("For scenarios and simulation"),
        series("base_rate", "Base rate")
            .shown_as(Percent)
            .forecast(&[0.04, 0.0375, 0.035, 0.035, 0.035, 0.035, 0.035])
            .note("Assumption; a forward curve stands here"),
        rate("deposit_rate", "Interest earned on cash").value(0.02).note(ASSUMPTION),
        amount("revolver_interest", "Interest on the revolver")
            .formula(
                "if(year > 0, max(0, base_rate + base_rate_shift + revolver_margin) \
                 * if(average_interest, (prev(revolver) + revolver) / 2, prev(revolver)), )",
            )
            .note(on_balance),
        amount("revolver_commitment_fee", "Fee on the revolver not drawn")
            .formula(
                "if(year > 0, commitment_fee * max(0, revolver_commitment \
                 - if(average_interest, (prev(revolver) + revolver) / 2, prev(revolver))), )",
            )
            .note(on_balance),
        amount("term_a_interest", "Interest on term loan A")
            .formula(
                "if(year > 0, max(0, base_rate + base_rate_shift + term_a_margin) \
                 * if(average_interest, (prev(term_a) + term_a) / 2, prev(term_a)), )",
            )
            .note(on_balance),
        amount("term_b_interest", "Interest on term loan B")
            .formula(
                "if(year > 0, max(0, base_rate + base_rate_shift + term_b_margin) \
                 * if(average_interest, (prev(term_b) + term_b) / 2, prev(term_b)), )",
            )
            .note(on_balance),
        amount("notes_interest", "Interest on senior notes")
            .formula("if(year > 0, notes_rate * prev(senior_notes), )")
            .note(on_opening),
        amount("mezzanine_interest", "Interest in cash on mezzanine")
            .formula("if(year > 0, mezzanine_cash_rate * prev(mezzanine), )")
            .note(on_opening),
        amount("cash_interest", "Interest paid").formula(
            "revolver_interest + revolver_commitment_fee + term_a_interest + term_b_interest + notes_interest \
             + mezzanine_interest",
        ),
        amount("interest_income", "Interest earned")
            .formula("if(year > 0, deposit_rate * if(average_interest, (prev(cash) + cash) / 2, prev(cash)), )")
            .note(on_balance),
        amount("fee_amortization", "Fees of the debt written off")
            .formula(
                "if(year > 0, if(year <= revolver_maturity, revolver_fee_rate * revolver_commitment / revolver_maturity, 0) \
                 + if(year <= term_a_maturity, term_a_fee_rate * term_a_amount / term_a_maturity, 0) \
                 + if(year <= term_b_maturity, term_b_fee_rate * term_b_amount / term_b_maturity, 0) \
                 + if(year <= notes_maturity, notes_fee_rate * notes_amount / notes_maturity, 0) \
                 + if(year <= mezzanine_maturity, mezzanine_fee_rate * mezzanine_amount / mezzanine_maturity, 0), )",
            )
            .note("Straight to the maturity of each tranche, also where it is repaid early"),
        amount("financing_cost", "Net cost of financing")
            .formula("cash_interest + mezzanine_pik + fee_amortization - interest_income"),
    ]
}

pub(super) fn covenants() -> Vec<Row> {
    let ratio = |name, label| series(name, label).shown_as(Multiple);
    vec![
        amount("senior_debt", "Senior debt").formula("revolver + term_a + term_b + senior_notes"),
        amount("total_debt", "Total debt").formula("senior_debt + mezzanine"),
        amount("net_debt", "Net debt").formula("total_debt - cash"),
        amount("repaid", "Debt repaid since the purchase, net").formula("new_debt - total_debt"),
        ratio("senior_leverage", "Senior debt to EBITDA")
            .formula("if(and(year >= 0, ebitda > 0), senior_debt / ebitda, )"),
        ratio("leverage", "Total debt to EBITDA").formula("if(and(year >= 0, ebitda > 0), total_debt / ebitda, )"),
        ratio("interest_cover", "EBITDA to interest paid")
            .formula("if(year > 0, if(cash_interest > 0, ebitda / cash_interest, ), )"),
        ratio("debt_service_cover", "Cash flow before interest to debt service").formula(
            "if(year > 0, if(cash_interest + mandatory_repayment > 0, \
                 cash_flow_before_interest / (cash_interest + mandatory_repayment), ), )",
        ),
        ratio("leverage_covenant", "Covenant: total debt to EBITDA at most")
            .forecast(&[6.25, 6.0, 5.5, 5.0, 4.5, 4.25, 4.0])
            .note(ASSUMPTION),
        ratio("cover_covenant", "Covenant: EBITDA to interest paid at least")
            .forecast(&[2.0, 2.0, 2.25, 2.25, 2.5, 2.5, 2.5])
            .note(ASSUMPTION),
        series("leverage_headroom", "EBITDA may fall before the leverage covenant breaks, by")
            .shown_as(Percent)
            .formula("if(and(year > 0, ebitda > 0), 1 - total_debt / (leverage_covenant * ebitda), )"),
        series("cover_headroom", "EBITDA may fall before the cover covenant breaks, by")
            .shown_as(Percent)
            .formula("if(and(year > 0, ebitda > 0), 1 - cover_covenant * cash_interest / ebitda, )"),
        series("leverage_breach", "Leverage covenant broken")
            .formula("if(year > 0, total_debt > leverage_covenant * ebitda, )")
            .note("1: broken; 0: kept"),
        series("cover_breach", "Cover covenant broken")
            .formula("if(year > 0, ebitda < cover_covenant * cash_interest, )")
            .note("1: broken; 0: kept"),
        single("breaches", "Covenants broken").formula("sum(leverage_breach) + sum(cover_breach)"),
    ]
}
