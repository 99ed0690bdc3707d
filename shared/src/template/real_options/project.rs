//! The project without freedom, and how it moves.

use super::super::builder::{Row, series, single};
use super::{ASSUMPTION, rate, sum, years};
use crate::model::NumberFormat::{Decimal, Factor, Percent};

pub(super) fn project() -> Vec<Row> {
    vec![
        sum("asset_value", "Value of the project once developed").value(520.0).note(
            "Assumption: present value of its cash flows, as a DCF gives it; for a field, that of developed reserves",
        ),
        sum("investment", "Investment").value(500.0).note("Assumption: cost of development, whenever it is spent"),
        sum("static_npv", "Net present value of investing now").formula("asset_value - investment"),
        rate("interest_rate", "Risk-free rate, continuously compounded").value(0.04).note(ASSUMPTION),
        rate("payout_rate", "Pay-out of the project, continuously compounded")
            .value(0.05)
            .note("Assumption: cash flow after depletion, of value, that whoever waits goes without"),
    ]
}

pub(super) fn volatility() -> Vec<Row> {
    vec![
        series("price", "Price of oil")
            .in_unit("USD a barrel")
            .shown_as(Decimal)
            .history(&[49.0, 43.0, 51.0, 65.0, 57.0, 39.0, 68.0, 95.0, 78.0, 77.0])
            .note(
                "U.S. Energy Information Administration, West Texas Intermediate at Cushing, yearly averages, rounded",
            ),
        series("price_return", "Logarithmic return").shown_as(Percent).formula("ln(price / prev(price))"),
        rate("history_volatility", "Volatility of past prices")
            .formula("stdev(price_return)")
            .note("Of yearly averages, which move less than prices at year's end (Working, Econometrica 28, 1960)"),
        rate("volatility_input", "Volatility by judgement").value(0.3).note(ASSUMPTION),
        single("volatility_from_history", "Take the volatility of past prices (1) or the judgement (0)")
            .in_unit("0 or 1")
            .value(0.0)
            .note("An option: the past is a fact, but the project is not the price"),
        rate("volatility", "Volatility of the project")
            .formula("if(volatility_from_history, history_volatility, volatility_input)"),
    ]
}

pub(super) fn parameters() -> Vec<Row> {
    let factor = |name, label| single(name, label).shown_as(Factor);
    vec![
        single("today_period", "Period at whose end the project is valued")
            .value(10.0)
            .note("The number of the column, counted from 1; the lattice begins there"),
        series("step", "Step").formula("t() - today_period").note("0 today; steps before it are the past"),
        single("last_step", "Steps of the lattice").value(5.0).note("From 1 to 5"),
        years("step_years", "Years of a step").value(1.0).note(ASSUMPTION),
        years("horizon", "Years in which to defer, expand and abandon").formula("last_step * step_years"),
        factor("up", "Factor upwards")
            .formula("exp(volatility * sqrt(step_years))")
            .note("Cox, Ross and Rubinstein 1979"),
        factor("down", "Factor downwards").formula("1 / up"),
        factor("up_probability", "Risk-neutral probability upwards")
            .formula("(exp((interest_rate - payout_rate) * step_years) - down) / (up - down)"),
        factor("step_discount", "Discount factor of a step").formula("exp(-interest_rate * step_years)"),
        single("early_exercise", "Options may be exercised early (1) or at the end only (0)")
            .in_unit("0 or 1")
            .value(1.0)
            .note("An option: 1 as managers can, 0 to compare with closed formulas"),
    ]
}
