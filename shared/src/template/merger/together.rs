//! Both companies as one.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, amount, rate, ratio, sum};
use crate::model::NumberFormat::{Decimal, Multiple, Percent};

pub(super) fn synergies() -> Vec<Row> {
    let phase = |name, label, phase: &[f64]| ratio(name, label).forecast(phase).note(ASSUMPTION);
    vec![
        sum("cost_synergies", "Cost synergies a year, when complete")
            .value(150.0)
            .note("Announcement: about $150 million a year by 2018"),
        phase("cost_phase", "Reached so far", &[0.33, 0.67, 1.0, 1.0, 1.0]),
        sum("revenue_synergies", "Revenue synergies a year, when complete")
            .value(0.0)
            .note("Assumption: none in the base case"),
        phase("revenue_phase", "Reached so far", &[0.0, 0.2, 0.5, 0.8, 1.0]),
        rate("revenue_synergy_margin", "Income before taxes, of revenue synergies").value(0.5).note(ASSUMPTION),
        amount("synergies", "Synergies before tax")
            .formula("cost_synergies * cost_phase + revenue_synergies * revenue_phase * revenue_synergy_margin"),
        amount("integration_costs", "Integration costs").forecast(&[120.0, 60.0, 0.0, 0.0, 0.0]).note(ASSUMPTION),
    ]
}

pub(super) fn adjustments() -> Vec<Row> {
    vec![
        amount("intangible_amortization", "Amortization of intangible assets")
            .formula(
                "if(year > 0, if(year <= customer_life, customer_value / customer_life, 0) \
                 + if(year <= marketing_life, marketing_value / marketing_life, 0) \
                 + if(year <= technology_life, technology_value / technology_life, 0) \
                 + if(year <= contract_life, contract_value / contract_life, 0), )",
            )
            .note("In equal parts over the life of each class"),
        amount("step_up_depreciation", "Depreciation of the write-up")
            .formula("if(year > 0, if(year <= fixed_assets_life, fixed_assets_step_up / fixed_assets_life, 0), )"),
        amount("old_amortization", "Amortization of the target that falls away")
            .forecast(&[120.0, 100.0, 80.0, 60.0, 40.0])
            .note("Assumption; its old intangible assets are replaced by those at fair value"),
        amount("debt_repayment", "New debt repaid")
            .forecast(&[0.0, 0.0, 0.0, 2500.0, 0.0])
            .note("The notes due in August 2019, from cash; Microsoft, Form 10-K for fiscal 2017"),
        amount("acquisition_debt", "New debt")
            .formula("if(year = 0, new_debt, prev(acquisition_debt) - min(prev(acquisition_debt), debt_repayment))"),
        amount("new_interest", "Interest on new debt").formula(
            "if(year > 0, debt_rate * if(average_interest, (prev(acquisition_debt) + acquisition_debt) / 2, \
             prev(acquisition_debt)), )",
        ),
        amount("fee_amortization", "Fees of the debt written off")
            .formula("if(year > 0, if(year <= debt_years, financing_fees / debt_years, 0), )"),
        amount("lost_interest", "Interest lost on cash")
            .formula(
                "if(year > 0, cash_rate * (cash_used + new_debt - if(average_interest, \
                 (prev(acquisition_debt) + acquisition_debt) / 2, prev(acquisition_debt))), )",
            )
            .note("On the cash used at the purchase and on what the new debt was repaid with"),
        rate("target_debt_rate", "Rate of the target's debt")
            .value(0.038)
            .note("Assumption; the effective rate of convertible notes, above their coupon of 0.50 %"),
        amount("saved_interest", "Interest saved on debt repaid")
            .formula("if(year > 0, target_debt_rate * refinanced_debt, )"),
        amount("adjustments_before_tax", "Adjustments before tax").formula(
            "synergies - integration_costs - intangible_amortization - step_up_depreciation + old_amortization \
             - new_interest - fee_amortization - lost_interest + saved_interest",
        ),
        amount("deferred_tax", "Deferred tax on the step-up")
            .formula(
                "if(year = 0, deferred_tax_liability, prev(deferred_tax) - if(step_up_deductible, 0, \
                 deal_tax_rate * (intangible_amortization + step_up_depreciation)))",
            )
            .note("Dissolves as the step-up is written off, so that its charge is after tax in any case"),
    ]
}

pub(super) fn earnings() -> Vec<Row> {
    vec![
        amount("revenue", "Revenue")
            .formula("if(year > 0, acquirer_revenue + target_revenue + revenue_synergies * revenue_phase, )"),
        amount("ebitda", "EBITDA").formula("acquirer_ebitda + target_ebitda + synergies - integration_costs"),
        amount("net_income_alone", "Net income of both, alone")
            .formula("if(year > 0, acquirer_net_income + target_net_income, )"),
        amount("adjustments_after_tax", "Adjustments after tax")
            .formula("adjustments_before_tax * (1 - deal_tax_rate)"),
        amount("fees_expensed", "Fees of the transaction")
            .formula("if(year > 0, if(year = 1, fees_in_earnings * transaction_fees, 0), )")
            .note("Not deducted from tax"),
        amount("net_income", "Net income").formula("net_income_alone + adjustments_after_tax - fees_expensed"),
    ]
}

pub(super) fn per_share() -> Vec<Row> {
    let per_share = |name, label| series(name, label).in_unit("USD").shown_as(Decimal);
    vec![
        series("shares", "Diluted shares").in_unit("million").formula("if(year > 0, acquirer_shares + new_shares, )"),
        per_share("eps", "Earnings per share").formula("net_income / shares"),
        per_share("eps_alone", "Earnings per share of the acquirer alone").formula("if(year > 0, acquirer_eps, )"),
        per_share("accretion_amount", "Accretion (dilution) a share").formula("eps - eps_alone"),
        ratio("accretion", "Accretion (dilution)")
            .formula("eps / eps_alone - 1")
            .note("Means nothing where the acquirer alone makes a loss"),
        amount("cash_net_income", "Cash earnings")
            .formula(
                "net_income + fees_expensed + (acquirer_amortization + intangible_amortization + step_up_depreciation \
                 + integration_costs) * (1 - deal_tax_rate)",
            )
            .note("Without amortisation of the step-up and of the acquirer's own acquired assets, and without integration costs"),
        per_share("cash_eps", "Cash earnings per share").formula("cash_net_income / shares"),
        per_share("cash_eps_alone", "Cash earnings per share of the acquirer alone").formula(
            "if(year > 0, (acquirer_net_income + acquirer_amortization * (1 - deal_tax_rate)) / acquirer_shares, )",
        ),
        ratio("cash_accretion", "Accretion (dilution) of cash earnings").formula("cash_eps / cash_eps_alone - 1"),
        single("first_accretion", "Accretion (dilution) in the first year")
            .shown_as(Percent)
            .formula("first(accretion)"),
        single("last_accretion", "Accretion (dilution) in the last year").shown_as(Percent).formula("last(accretion)"),
        single("first_cash_accretion", "Accretion (dilution) of cash earnings in the first year")
            .shown_as(Percent)
            .formula("first(cash_accretion)")
            .note("The announcement expected about 1 % of dilution at first"),
        single("last_cash_accretion", "Accretion (dilution) of cash earnings in the last year")
            .shown_as(Percent)
            .formula("last(cash_accretion)"),
    ]
}

pub(super) fn breakeven() -> Vec<Row> {
    vec![
        amount("breakeven_synergies", "Synergies before tax for no dilution")
            .formula("synergies + (eps_alone * shares - net_income) / (1 - deal_tax_rate)")
            .note("In closed form, since earnings are linear in synergies; below 0 the deal adds without any"),
        amount("synergy_surplus", "Synergies beyond them").formula("synergies - breakeven_synergies"),
        amount("cash_breakeven_synergies", "Synergies before tax for no dilution of cash earnings")
            .formula("synergies + (cash_eps_alone * shares - cash_net_income) / (1 - deal_tax_rate)"),
    ]
}

pub(super) fn balance_sheet() -> Vec<Row> {
    vec![
        sum("combined_cash", "Cash and short-term investments").formula("acquirer_cash + target_cash - cash_used"),
        sum("combined_other_assets", "Other assets").formula(
            "acquirer_assets - acquirer_cash + target_current_assets + target_fixed_assets + fixed_assets_step_up",
        ),
        sum("combined_intangibles", "Intangible assets acquired").formula("intangible_assets"),
        sum("combined_goodwill", "Goodwill of the deal").formula("goodwill"),
        sum("combined_fees", "Fees of the debt").formula("financing_fees"),
        sum("combined_assets", "Total assets").formula(
            "combined_cash + combined_other_assets + combined_intangibles + combined_goodwill + combined_fees",
        ),
        sum("combined_debt", "Debt").formula("acquirer_debt + target_debt - refinanced_debt + new_debt"),
        sum("combined_other_liabilities", "Other liabilities").formula(
            "acquirer_assets - acquirer_debt - acquirer_book_equity + target_current_liabilities + target_other_liabilities",
        ),
        sum("combined_deferred_tax", "Deferred tax of the deal, net")
            .formula("deferred_tax_liability - deferred_tax_assets"),
        sum("combined_equity", "Equity").formula("acquirer_book_equity + stock_issued - transaction_fees"),
        sum("combined_claims", "Total liabilities and equity").formula(
            "combined_debt + combined_other_liabilities + combined_deferred_tax + combined_equity",
        ),
    ]
}

pub(super) fn leverage() -> Vec<Row> {
    let turns = |name, label| series(name, label).shown_as(Multiple);
    vec![
        amount("total_debt", "Debt")
            .formula("if(year > 0, acquirer_debt + target_debt - refinanced_debt + acquisition_debt, )")
            .note("The acquirer's own debt stays as it is"),
        turns("debt_to_ebitda", "Debt to EBITDA").formula("if(ebitda > 0, total_debt / ebitda, )"),
        turns("debt_to_ebitda_alone", "Debt to EBITDA of the acquirer alone")
            .formula("if(year > 0, if(acquirer_ebitda > 0, acquirer_debt / acquirer_ebitda, ), )"),
        sum("net_debt_alone", "Net debt of the acquirer before the deal").formula("acquirer_debt - acquirer_cash"),
        sum("combined_net_debt", "Net debt after it").formula("combined_debt - combined_cash"),
    ]
}
