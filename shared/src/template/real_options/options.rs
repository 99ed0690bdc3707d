//! Each freedom as an option, and what they are worth together.

use super::super::builder::{Row, single};
use super::{ASSUMPTION, rate, sum, years};
use crate::model::NumberFormat::{Decimal, Factor};

const BLACK_SCHOLES: &str = "Black and Scholes 1973, Merton 1973; exercised at the end only";
const LATTICE: &str = "Cox, Ross and Rubinstein 1979; the lattice shows every node";
const AT_THE_END: &str = "From the ends of the same lattice; against the closed formula it shows what few steps miss";
const CORRECTED: &str = "The lattice, and what it misses of the closed formula: the control variate of Hull and White, \
                         Journal of Financial and Quantitative Analysis 23 (1988)";

pub(super) fn defer() -> Vec<Row> {
    vec![
        sum("defer_european", "Option to invest at the horizon")
            .formula(
                r#"black_scholes("call", asset_value, investment, horizon, interest_rate, volatility, payout_rate)"#,
            )
            .note(BLACK_SCHOLES),
        sum("defer_lattice", "Option to invest at any time until then, by the lattice")
            .formula("index(defer_0, today_period)")
            .note(LATTICE),
        sum("defer_tree", "The same at the horizon only")
            .formula("step_discount ^ last_step * sumproduct(end_probability, end_defer)")
            .note(AT_THE_END),
        sum("defer_value", "Option to defer")
            .formula("max(0, early_exercise * static_npv, defer_lattice + defer_european - defer_tree)")
            .note(CORRECTED),
        sum("defer_reference", "Option to defer, by a tree of 500 steps")
            .formula(
                r#"binomial("call", if(early_exercise, "american", "european"), asset_value, investment, horizon, interest_rate, volatility, payout_rate, 500)"#,
            )
            .note("Holds the value above to account; a workbook has no such function and keeps its value"),
        sum("defer_premium", "Thereof the value of waiting")
            .formula("defer_value - max(0, static_npv)")
            .note("Beyond what investing now, or never, is worth"),
        single("invest_now", "Invest now (1) or wait (0), by the lattice").formula("index(decision_0, today_period)"),
        single("elasticity", "Elasticity of the perpetual option")
            .shown_as(Factor)
            .formula(
                "0.5 - (interest_rate - payout_rate) / volatility ^ 2 \
                 + sqrt(((interest_rate - payout_rate) / volatility ^ 2 - 0.5) ^ 2 + 2 * interest_rate / volatility ^ 2)",
            )
            .note("Dixit and Pindyck, chapter 5; 1 without a pay-out, and then waiting is always better"),
        sum("threshold", "Value at which to invest if one may wait for ever")
            .formula("if(elasticity > 1.000001, elasticity / (elasticity - 1) * investment, )")
            .note("McDonald and Siegel 1986"),
        sum("perpetual_value", "Option to defer for ever").formula(
            "if(elasticity > 1.000001, if(asset_value < threshold, \
             (threshold - investment) * (asset_value / threshold) ^ elasticity, static_npv), )",
        ),
    ]
}

pub(super) fn expand() -> Vec<Row> {
    vec![
        rate("expand_share", "Growth of the project").value(0.3).note(ASSUMPTION),
        sum("expand_cost", "Cost of the expansion").value(165.0).note(ASSUMPTION),
        sum("expand_european", "Option to expand at the horizon")
            .formula(
                r#"black_scholes("call", expand_share * asset_value, expand_cost, horizon, interest_rate, volatility, payout_rate)"#,
            )
            .note(BLACK_SCHOLES),
        sum("expand_lattice", "Option to expand at any time until then, by the lattice")
            .formula("index(expand_0, today_period)")
            .note(LATTICE),
        sum("expand_tree", "The same at the horizon only")
            .formula("step_discount ^ last_step * sumproduct(end_probability, end_expand)")
            .note(AT_THE_END),
        sum("expand_value", "Option to expand")
            .formula("max(0, early_exercise * (expand_share * asset_value - expand_cost), expand_lattice + expand_european - expand_tree)")
            .note(CORRECTED),
    ]
}

pub(super) fn abandon() -> Vec<Row> {
    vec![
        sum("salvage_value", "Salvage value").value(400.0).note(ASSUMPTION),
        sum("abandon_european", "Option to abandon at the horizon")
            .formula(
                r#"black_scholes("put", asset_value, salvage_value, horizon, interest_rate, volatility, payout_rate)"#,
            )
            .note(BLACK_SCHOLES),
        sum("abandon_lattice", "Option to abandon at any time until then, by the lattice")
            .formula("index(abandon_0, today_period)")
            .note(LATTICE),
        sum("abandon_tree", "The same at the horizon only")
            .formula("step_discount ^ last_step * sumproduct(end_probability, end_abandon)")
            .note(AT_THE_END),
        sum("abandon_value", "Option to abandon")
            .formula("max(0, early_exercise * (salvage_value - asset_value), abandon_lattice + abandon_european - abandon_tree)")
            .note(CORRECTED),
    ]
}

pub(super) fn staged() -> Vec<Row> {
    vec![
        sum("first_stage_cost", "Cost of the first stage").value(40.0).note("Assumption: exploration"),
        years("first_stage_years", "Decision on the first stage").value(1.0).note(ASSUMPTION),
        sum("second_stage_cost", "Cost of the second stage").value(480.0).note("Assumption: development"),
        years("second_stage_years", "Decision on the second stage")
            .value(4.0)
            .note("Assumption; later than the first"),
        sum("second_stage_option", "Right to the second stage, as of today").formula(
            r#"black_scholes("call", asset_value, second_stage_cost, second_stage_years, interest_rate, volatility, payout_rate)"#,
        ),
        sum("staged_value", "Investment in stages")
            .formula(
                r#"compound_option("call", first_stage_cost, first_stage_years, "call", asset_value, second_stage_cost, second_stage_years, interest_rate, volatility, payout_rate)"#,
            )
            .note("A call on a call (Geske 1979): the first stage buys the right to the second"),
        sum("staged_committed", "Both stages without the freedom to stop").formula(
            "asset_value * exp(-payout_rate * second_stage_years) \
             - second_stage_cost * exp(-interest_rate * second_stage_years) \
             - first_stage_cost * exp(-interest_rate * first_stage_years)",
        ),
        sum("staged_premium", "Value of the freedom to stop").formula("staged_value - max(0, staged_committed)"),
    ]
}

pub(super) fn switch() -> Vec<Row> {
    vec![
        sum("switch_asset", "Value of the other use").value(470.0).note("Assumption: the same site as gas storage"),
        years("switch_years", "Decision to switch").value(3.0).note(ASSUMPTION),
        rate("switch_volatility", "Volatility of the other use").value(0.2).note(ASSUMPTION),
        rate("switch_payout", "Pay-out of the other use").value(0.05).note(ASSUMPTION),
        single("switch_correlation", "Correlation of both").shown_as(Decimal).value(0.4).note(ASSUMPTION),
        rate("switch_spread", "Volatility of one in terms of the other").formula(
            "sqrt(volatility ^ 2 + switch_volatility ^ 2 - 2 * switch_correlation * volatility * switch_volatility)",
        ),
        sum("switch_value", "Option to switch")
            .formula(
                "exchange_option(switch_asset, asset_value, switch_years, switch_volatility, volatility, \
                 switch_correlation, switch_payout, payout_rate)",
            )
            .note("Margrabe 1978: the project is given for the other use"),
    ]
}

pub(super) fn value() -> Vec<Row> {
    vec![
        sum("flexibility_value", "Options to expand and to abandon together")
            .formula("index(flexibility_0, today_period)")
            .note("By the lattice; who uses one has given up the other"),
        sum("interaction", "What they take from each other")
            .formula("flexibility_value - expand_lattice - abandon_lattice")
            .note("Never above 0 (Trigeorgis, “The Nature of Option Interactions”, JFQA 28, 1993)"),
        sum("invested_value", "Invest now, with both options").formula("static_npv + flexibility_value"),
        sum("expanded_value", "Value of the project with its best freedom")
            .formula("max(0, defer_value, invested_value)")
            .note("The larger of waiting and of investing now with the options that this opens"),
        sum("freedom_value", "Thereof what freedom adds").formula("expanded_value - max(0, static_npv)"),
    ]
}

pub(super) fn ranges() -> Vec<Row> {
    vec![
        rate("value_spread", "Value of the project, up and down by").value(0.2).note(ASSUMPTION),
        sum("commit_low", "Invest now, at the low value").formula("asset_value * (1 - value_spread) - investment"),
        sum("commit_high", "Invest now, at the high value").formula("asset_value * (1 + value_spread) - investment"),
        rate("volatility_low", "Volatility, low").value(0.2).note(ASSUMPTION),
        rate("volatility_high", "Volatility, high").value(0.4).note(ASSUMPTION),
        sum("defer_low", "Option to invest at the horizon, at the low volatility").formula(
            r#"black_scholes("call", asset_value, investment, horizon, interest_rate, volatility_low, payout_rate)"#,
        ),
        sum("defer_high", "Option to invest at the horizon, at the high volatility").formula(
            r#"black_scholes("call", asset_value, investment, horizon, interest_rate, volatility_high, payout_rate)"#,
        ),
        sum("flexible_low", "Invest now, without options").formula("static_npv"),
        sum("flexible_high", "Invest now, with the options to expand and abandon").formula("invested_value"),
    ]
}

pub(super) fn checks() -> Vec<Row> {
    let check = |name, label| single(name, label).shown_as(Decimal);
    vec![
        check("root_check", "Root of the lattice less the value of the project")
            .formula("round(index(asset_0, today_period) - asset_value, 6)"),
        check("growth_check", "Value after a step, discounted, less the value today").formula(
            "round(asset_value * (step_discount * (up_probability * up + (1 - up_probability) * down) \
             * exp(payout_rate * step_years) - 1), 6)",
        ),
        check("probability_check", "Probability outside of 0 to 1")
            .formula("max(0, -up_probability) + max(0, up_probability - 1)")
            .note("Not 0: the steps are too long for this volatility"),
        check("lattice_check", "Option to defer, by the lattice less by the function").formula(
            r#"round(defer_lattice - binomial("call", if(early_exercise, "american", "european"), asset_value, investment, horizon, interest_rate, volatility, payout_rate, last_step), 6)"#,
        ),
        check("parity_check", "Call less put less forward").formula(
            r#"round(defer_european - black_scholes("put", asset_value, investment, horizon, interest_rate, volatility, payout_rate) - asset_value * exp(-payout_rate * horizon) + investment * exp(-interest_rate * horizon), 6)"#,
        ),
        check("ends_check", "Probabilities of the ends less 1").formula("round(sum(end_probability) - 1, 9)"),
        check("early_check", "Early exercise takes value away")
            .formula(
                "round(min(0, defer_lattice - defer_tree) + min(0, expand_lattice - expand_tree) \
                 + min(0, abandon_lattice - abandon_tree), 6)",
            )
            .note("An option that may be exercised early is worth no less"),
        check("interaction_check", "Options together beyond their sum, or below the better one").formula(
            "round(max(0, interaction) + min(0, flexibility_value - max(expand_lattice, abandon_lattice)), 6)",
        ),
        check("staged_check", "Stages worth more than the right to the second")
            .formula("round(max(0, staged_value - second_stage_option), 6)"),
        check("switch_check", "Exchange one way less the other way less the forward").formula(
            "round(switch_value - exchange_option(asset_value, switch_asset, switch_years, volatility, \
             switch_volatility, switch_correlation, payout_rate, switch_payout) \
             - switch_asset * exp(-switch_payout * switch_years) + asset_value * exp(-payout_rate * switch_years), 6)",
        ),
        check("checks", "All checks")
            .formula(
                "abs(root_check) + abs(growth_check) + abs(probability_check) + abs(lattice_check) \
                 + abs(parity_check) + abs(ends_check) + abs(early_check) + abs(interaction_check) + abs(staged_check) + abs(switch_check)",
            )
            .note("0 when every check is"),
    ]
}
