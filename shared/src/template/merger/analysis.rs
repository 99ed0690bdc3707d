//! Who brings what, who owns what, and who gains.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, amount, multiple, price, rate, ratio, sum};
use crate::model::NumberFormat::{Decimal, Factor};

pub(super) fn contribution() -> Vec<Row> {
    let exchange = |name, label| series(name, label).shown_as(Factor);
    vec![
        ratio("revenue_contribution", "Target, of revenue")
            .formula("target_revenue / (acquirer_revenue + target_revenue)"),
        ratio("ebitda_contribution", "Target, of EBITDA").formula("target_ebitda / (acquirer_ebitda + target_ebitda)"),
        ratio("net_income_contribution", "Target, of net income")
            .formula("target_net_income / (acquirer_net_income + target_net_income)"),
        sum("enterprise_value_together", "Enterprise value of both, undisturbed").formula(
            "acquirer_equity_value + acquirer_debt - acquirer_cash + target_equity_value + target_debt - target_cash",
        ),
        ratio("revenue_ownership", "Share of the equity that revenue implies")
            .formula(
                "(revenue_contribution * enterprise_value_together - target_debt + target_cash) \
                 / (acquirer_equity_value + target_equity_value)",
            )
            .note("The share of revenue is one of enterprise value; net debt makes it one of equity"),
        ratio("ebitda_ownership", "Share of the equity that EBITDA implies").formula(
            "(ebitda_contribution * enterprise_value_together - target_debt + target_cash) \
             / (acquirer_equity_value + target_equity_value)",
        ),
        exchange("revenue_exchange_ratio", "Exchange ratio that revenue implies")
            .formula("revenue_ownership / (1 - revenue_ownership) * closing_shares / target_shares"),
        exchange("ebitda_exchange_ratio", "Exchange ratio that EBITDA implies")
            .formula("ebitda_ownership / (1 - ebitda_ownership) * closing_shares / target_shares"),
        exchange("net_income_exchange_ratio", "Exchange ratio that net income implies")
            .formula("net_income_contribution / (1 - net_income_contribution) * closing_shares / target_shares"),
        single("price_exchange_ratio", "Exchange ratio that undisturbed prices imply")
            .shown_as(Factor)
            .formula("target_price / acquirer_price"),
    ]
}

pub(super) fn ownership() -> Vec<Row> {
    vec![
        rate("target_ownership", "Owned by the target's shareholders")
            .formula("new_shares / (closing_shares + new_shares)"),
        rate("equivalent_ownership", "Share of the price in both market values")
            .formula("equity_price / (acquirer_equity_value + equity_price)")
            .note("What the target's shareholders would own if all were paid in shares"),
        sum("target_enterprise_value", "Enterprise value of the target at the offer")
            .formula("equity_price + target_debt - target_cash"),
        multiple("offer_to_revenue", "Enterprise value to revenue of the last year")
            .formula("target_enterprise_value / index(target_revenue, closing_period)"),
        multiple("offer_to_next_ebitda", "Enterprise value to EBITDA of the last forecast year")
            .formula("if(last(target_ebitda) > 0, target_enterprise_value / last(target_ebitda), )"),
        multiple("acquirer_price_earnings", "Price to earnings of the acquirer")
            .formula("acquirer_price / index(acquirer_eps, closing_period)"),
        rate("cost_of_debt_paid", "Cost of paying with debt, after tax").formula("debt_rate * (1 - deal_tax_rate)"),
        rate("cost_of_shares_paid", "Cost of paying with shares: earnings yield of the acquirer")
            .formula("index(acquirer_eps, closing_period) / acquirer_price"),
        ratio("earnings_yield_bought", "Earnings yield of what is bought")
            .formula("if(year > 0, target_net_income / equity_price, )")
            .note("Below the cost of the payment the deal dilutes without synergies"),
    ]
}

pub(super) fn value() -> Vec<Row> {
    vec![
        rate("synergy_discount_rate", "Discount rate of synergies").value(0.09).note(ASSUMPTION),
        rate("synergy_growth", "Growth of synergies after the forecast").value(0.0).note(ASSUMPTION),
        amount("synergy_flow", "Synergies less integration costs, after tax")
            .formula("(synergies - integration_costs) * (1 - deal_tax_rate)"),
        sum("synergy_present_value", "Present value of synergies")
            .formula(
                "npv(synergy_discount_rate, synergy_flow) + last(synergy_flow) * (1 + synergy_growth) \
                 / (synergy_discount_rate - synergy_growth) / (1 + synergy_discount_rate) ^ count(synergy_flow)",
            )
            .note("Growing perpetuity after the forecast"),
        sum("premium_paid", "Premium").formula("(offer_price - target_price) * target_shares"),
        sum("combined_value", "Equity of both with synergies, after payment").formula(
            "acquirer_equity_value + target_equity_value + synergy_present_value - transaction_fees - financing_fees \
             - (1 - stock_share) * equity_price",
        ),
        sum("target_gain", "Gain of the target's shareholders").formula(
            "(1 - stock_share) * equity_price + target_ownership * combined_value - target_equity_value",
        ),
        sum("acquirer_gain", "Gain of the acquirer's shareholders")
            .formula("(1 - target_ownership) * combined_value - acquirer_equity_value")
            .note("Present value of synergies less the premium and fees, when all is paid in cash; undisturbed prices taken as fair"),
    ]
}

pub(super) fn per_target_share() -> Vec<Row> {
    vec![
        rate("premium_low", "Premium, low").value(0.25).note(ASSUMPTION),
        rate("premium_high", "Premium, high").value(0.5).note(ASSUMPTION),
        price("premium_value_low", "At the low premium").formula("target_price * (1 + premium_low)"),
        price("premium_value_high", "At the high premium").formula("target_price * (1 + premium_high)"),
        multiple("revenue_multiple_low", "Multiple of revenue, low").value(5.0).note(ASSUMPTION),
        multiple("revenue_multiple_high", "Multiple of revenue, high").value(8.5).note(ASSUMPTION),
        price("multiple_value_low", "At the low multiple").formula(
            "(revenue_multiple_low * index(target_revenue, closing_period) - target_debt + target_cash) / target_shares",
        ),
        price("multiple_value_high", "At the high multiple").formula(
            "(revenue_multiple_high * index(target_revenue, closing_period) - target_debt + target_cash) / target_shares",
        ),
        price("synergy_value_low", "With half the synergies, or all where they cost more than they bring")
            .formula("target_price + min(0.5 * synergy_present_value, synergy_present_value) / target_shares"),
        price("synergy_value_high", "With all synergies")
            .formula("target_price + max(0.5 * synergy_present_value, synergy_present_value) / target_shares")
            .note("The most that an acquirer can pay without loss, if undisturbed prices are fair"),
    ]
}

pub(super) fn checks() -> Vec<Row> {
    let check = |name, label| single(name, label).shown_as(Decimal);
    let over_years = |name, label| series(name, label).shown_as(Decimal);
    vec![
        check("sources_check", "Sources less uses").formula("round(sources_total - uses_total, 6)"),
        check("payment_check", "Shares of the payment below 0")
            .formula("round(min(0, stock_share, debt_share, cash_share), 6)")
            .note("Not 0: shares and debt are more than the price"),
        check("goodwill_check", "Goodwill less the price beyond what was acquired").formula(
            "round(goodwill - (equity_price - target_tangible_value - fixed_assets_step_up - intangible_assets \
             - deferred_tax_assets + deferred_tax_liability), 6)",
        ),
        check("balance_check", "Assets less liabilities and equity")
            .formula("round(combined_assets - combined_claims, 6)"),
        over_years("breakeven_check", "Accretion with the synergies to break even").formula(
            "round((net_income + (breakeven_synergies - synergies) * (1 - deal_tax_rate)) / shares - eps_alone, 9)",
        ),
        over_years("eps_check", "Earnings per share less those of both companies and the adjustments").formula(
            "round(eps * shares - acquirer_eps * acquirer_shares - target_net_income - adjustments_after_tax \
             + fees_expensed, 6)",
        ),
        over_years("deferred_tax_check", "Deferred tax less that on what is left of the step-up").formula(
            "if(year > 0, round(deferred_tax - if(step_up_deductible, 0, deal_tax_rate * (intangible_assets \
                 + fixed_assets_step_up - sum(intangible_amortization[..t]) - sum(step_up_depreciation[..t]))), 6), )",
        ),
        check("gain_check", "Gains of both less synergies and fees").formula(
            "round(target_gain + acquirer_gain - synergy_present_value + transaction_fees + financing_fees, 6)",
        ),
        check("checks", "All checks")
            .formula(
                "abs(sources_check) + abs(payment_check) + abs(goodwill_check) + abs(balance_check) \
                 + sumproduct(breakeven_check, breakeven_check) + sumproduct(eps_check, eps_check) \
                 + sumproduct(deferred_tax_check, deferred_tax_check) + abs(gain_check)",
            )
            .note("0 when every check is"),
    ]
}
