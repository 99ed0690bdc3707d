//! Discounted cash flow: the value of a company from the free cash flow of its operations.
//!
//! The method is that of the textbooks (Koller, Goedhart and Wessels, "Valuation"; Damodaran, "Investment Valuation";
//! Rosenbaum and Pearl, "Investment Banking"): unlevered free cash flow is operating profit after tax, plus depreciation,
//! less capital expenditure and what working capital takes up. It is discounted at the weighted average cost of
//! capital. What practitioners dispute is an input: flows at the end or in the middle of a year, a terminal value by
//! Gordon growth or by an exit multiple, and where Gordon's value stands in time.

mod cost_of_capital;
mod operations;
mod ranges;
mod valuation;

use serde_json::Value;

use super::builder::{Draft, Row, draft, entry, fiscal_years, normal, pert, series, single, triangular};
use super::company::Company;
use crate::model::NumberFormat;

const ASSUMPTION: &str = "Assumption";

/// The last Saturdays of September, on which Apple's fiscal years end.
const YEAR_ENDS: [(i32, u8, u8); 10] = [
    (2020, 9, 26),
    (2021, 9, 25),
    (2022, 9, 24),
    (2023, 9, 30),
    (2024, 9, 28),
    (2025, 9, 27),
    (2026, 9, 26),
    (2027, 9, 25),
    (2028, 9, 30),
    (2029, 9, 29),
];

const ABOUT: &str = "\
# Discounted cash flow

What a company is worth is the present value of the cash that its operations will leave to all who finance it.

1. **Unlevered free cash flow**: operating profit, less the tax on it, plus depreciation, less capital expenditure, less \
the increase in working capital. Stock-based compensation stays among the costs; it is not added back.
2. **Cost of capital**: the capital asset pricing model, with a beta from peers: unlevered by Hamada's formula at each \
peer's debt and tax, then relevered at the target structure.
3. **Discounting**: from the valuation date on. Of the fiscal year that it falls into, only the share that is left counts \
(the stub). `mid_year` puts flows in the middle of what is left of a year instead of at its end.
4. **Terminal value**: `terminal_method` chooses Gordon growth (0) or an exit multiple of EBITDA (1). Each is held \
against the other: the multiple that Gordon implies, the growth that the multiple implies.
5. **Bridge**: enterprise value, plus cash, less debt, finance leases, minorities and preferred stock.
6. **Shares**: those outstanding, stock units, and options by the treasury-stock method at the value that comes out.

**Mid-year and Gordon.** Under the mid-year convention the flows behind the forecast come in mid-year too, so Gordon's \
value stands at N − 0.5 (Pratt and Grabowski; Rosenbaum and Pearl). Others discount it at N, as if it were a sale at the \
end of the forecast. `gordon_mid_year` chooses. An exit multiple is a price at the end of the forecast: always at N.

**Sources.** Koller, Goedhart, Wessels: *Valuation* (McKinsey). Damodaran: *Investment Valuation*. Rosenbaum, Pearl: \
*Investment Banking*. Pratt, Grabowski: *Cost of Capital*. Sharpe (1964), *Journal of Finance* 19. Hamada (1972), \
*Journal of Finance* 27. Gordon (1959), *Review of Economics and Statistics* 41.

**Figures.** Apple Inc., Form 10-K for the fiscal years 2021 to 2024. What is an assumption or an illustration says so in \
its note. It shows a method, and is no advice.";

/// The model document of `company`, with a forecast of five years.
///
/// The company's figures are those of the sample: amounts in millions of US dollars, shares in thousands.
#[must_use]
pub fn document(company: &Company) -> Value {
    let model = draft("USD", ABOUT, fiscal_years(&YEAR_ENDS, 2024))
        .sheet("Operations")
        .section("drivers", "Drivers", operations::drivers())
        .section("income", "Income statement", operations::income(company))
        .section("cash_flow", "Free cash flow", operations::cash_flow(company))
        .section("balance_sheet", "Balance sheet", operations::balance_sheet(company))
        .sheet("Cost of capital")
        .section("peers", "Betas of peers", cost_of_capital::peers())
        .section("cost_of_capital", "Cost of capital", cost_of_capital::cost_of_capital())
        .sheet("Valuation")
        .section("discounting", "Discounting", valuation::discounting())
        .section("terminal", "Terminal value", valuation::terminal())
        .section("valuation", "From operations to equity", valuation::bridge())
        .section("shares", "Value per share", valuation::shares())
        .sheet("Football field")
        .section("market", "Market", ranges::market())
        .section("ranges", "Values by method", ranges::values())
        .sheet("Checks")
        .section("roll_back", "Value, period by period", valuation::roll_back())
        .section("checks", "Checks: each must be 0", valuation::checks())
        .note(
            "tax_rate@fy2024",
            "With the one-time charge of $10.2 billion for the State Aid Decision; without it 15.8 %",
        )
        .note("term_debt_and_commercial_paper@fy2024", "Term debt 96,662 and commercial paper 9,967")
        .outputs(&[
            "value_per_share",
            "equity_value",
            "enterprise_value",
            "wacc",
            "terminal_share",
            "implied_multiple",
            "implied_growth",
            "upside",
            "checks",
        ]);
    simulated(cases(ranges::bars(model))).into_json()
}

/// The two cases beside the base, which is the model itself.
fn cases(model: Draft) -> Draft {
    let bull = [
        over_years("growth", [0.06, 0.07, 0.065, 0.06, 0.05]),
        over_years("cost_ratio", [0.53, 0.525, 0.52, 0.518, 0.515]),
        vec![("terminal_growth".to_owned(), entry(0.0325)), ("exit_multiple".to_owned(), entry(22.0))],
    ];
    let bear = [
        over_years("growth", [0.01, 0.015, 0.02, 0.02, 0.02]),
        over_years("cost_ratio", [0.54, 0.542, 0.545, 0.545, 0.545]),
        vec![
            ("terminal_growth".to_owned(), entry(0.025)),
            ("exit_multiple".to_owned(), entry(15.0)),
            ("equity_risk_premium".to_owned(), entry(0.05)),
        ],
    ];
    model.scenario("bull", "Bull", "Assumption: services grow faster and lift the margin", bull.concat()).scenario(
        "bear",
        "Bear",
        "Assumption: devices saturate, regulation weighs on services",
        bear.concat(),
    )
}

fn over_years(row: &str, figures: [f64; 5]) -> Vec<(String, Value)> {
    figures.into_iter().zip(2025..).map(|(figure, year)| (format!("{row}@fy{year}"), entry(figure))).collect()
}

/// What varies in a simulation, and what varies together.
fn simulated(mut model: Draft) -> Draft {
    let growth = [0.04, 0.05, 0.05, 0.045, 0.04];
    let cost = [0.535, 0.532, 0.53, 0.53, 0.53];
    for ((growth, cost), year) in growth.into_iter().zip(cost).zip(2025..) {
        model = model
            .distribution(&format!("growth@fy{year}"), normal(growth, 0.02))
            .distribution(&format!("cost_ratio@fy{year}"), pert(cost - 0.02, cost, cost + 0.02));
    }
    for year in 2025..2029 {
        let (this, next) = (format!("@fy{year}"), format!("@fy{}", year + 1));
        model = model.correlation(&format!("growth{this}"), &format!("growth{next}"), 0.3).correlation(
            &format!("cost_ratio{this}"),
            &format!("cost_ratio{next}"),
            0.4,
        );
    }
    model
        .distribution("terminal_growth", triangular(0.02, 0.03, 0.035))
        .distribution("risk_free_rate", normal(0.043, 0.004))
        .distribution("equity_risk_premium", normal(0.045, 0.004))
        .distribution("exit_multiple", triangular(14.0, 18.0, 23.0))
        .correlation("risk_free_rate", "equity_risk_premium", -0.2)
        .correlation("terminal_growth", "exit_multiple", 0.4)
}

/// A row of the company's reports.
fn reported(company: &Company, name: &'static str, label: &'static str) -> Row {
    series(name, label).in_unit("USD m").history(company.figures(name)).note(company.source.clone())
}

/// One amount in millions.
fn amount(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD m")
}

/// One rate or share.
fn rate(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(NumberFormat::Percent)
}

/// One amount for a share.
fn per_share(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD").shown_as(NumberFormat::Decimal)
}
