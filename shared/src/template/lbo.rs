//! Leveraged buyout: what a sponsor earns on a company that is bought mostly with debt.
//!
//! The method is that of Rosenbaum and Pearl, "Investment Banking", and of Arzac, "Valuation for Mergers, Buyouts and
//! Restructuring": the price is a multiple of EBITDA, sources equal uses, the cash that is left over repays debt in the
//! order of seniority, and the sponsor's return comes from the sale.

mod checks;
mod deal;
mod debt;
mod operations;
mod returns;
mod statements;

use serde_json::Value;

use super::builder::{Row, calendar_years, draft, entry, normal, series, single, triangular};
use crate::model::NumberFormat::{Decimal, Multiple, Percent};

const ABOUT: &str = "\
# Leveraged buyout

**Method.** A sponsor buys the company at the end of the period of closing for a multiple of the last year's EBITDA, \
free of its old debt. Sources equal uses; the sponsor's equity is what the debt leaves over. The cash that the company \
earns beyond its minimum repays debt in the order of seniority: revolver, term loan A, term loan B. Senior notes and \
mezzanine are repaid when they fall due; part of the interest on the mezzanine is added to it (payment in kind). What \
lacks is drawn from the revolver up to its commitment, and then put in by the sponsor. The sale at a multiple of EBITDA \
gives the return.

**Sources.** J. Rosenbaum and J. Pearl, *Investment Banking: Valuation, LBOs, M&A, and IPOs*, chapters 4 and 5. \
E. R. Arzac, *Valuation for Mergers, Buyouts, and Restructuring*, chapters 12 to 14. S. Kaplan and P. Strömberg, \
“Leveraged Buyouts and Private Equity”, *Journal of Economic Perspectives* 23 (2009), for the split of the gain into \
growth, multiple and debt.

**Choices that practitioners make differently** are options: interest on the average or the opening balance \
(*average_interest*; the average needs the balance that it helps to pay down, so the model is solved by iteration), \
the share of cash that is swept, the cap on the interest that taxes recognise (30 % of EBITDA as in section 163(j) of \
the US tax code and in the EU's directive against tax avoidance), and the use of old losses.

**Company.** Harbour Packaging is an illustration; no such company is meant. All figures are assumptions.
";

const ASSUMPTION: &str = "Assumption of the illustration";

/// The model document of the illustration, with seven years after the purchase.
#[must_use]
pub fn document() -> Value {
    let growth = [0.05, 0.05, 0.045, 0.04, 0.04, 0.035, 0.03];
    draft("USD", ABOUT, calendar_years(2025, 3, 7))
        .sheet("Transaction")
        .section("deal", "Purchase", deal::purchase())
        .section("financing", "Terms of the debt", deal::financing())
        .section("sources", "Sources", deal::sources())
        .section("uses", "Uses", deal::uses())
        .sheet("Operations")
        .section("operations", "Operations", operations::operations(&growth))
        .section("taxes", "Taxes", operations::taxes())
        .sheet("Debt")
        .section("cash_flow", "Cash for debt", debt::cash_flow())
        .section("revolver_schedule", "Revolver", debt::revolver())
        .section("term_a_schedule", "Term loan A", debt::term_a())
        .section("term_b_schedule", "Term loan B", debt::term_b())
        .section("notes_schedule", "Senior notes", debt::senior_notes())
        .section("mezzanine_schedule", "Mezzanine", debt::mezzanine())
        .section("interest", "Interest and fees", debt::interest())
        .section("covenants", "Covenants", debt::covenants())
        .sheet("Statements")
        .section("income", "Income statement", statements::income())
        .section("balance_sheet", "Balance sheet", statements::balance_sheet())
        .sheet("Returns")
        .section("exit", "Sale", returns::exit())
        .section("by_year", "Returns by year of sale", returns::by_year())
        .section("returns", "Returns", returns::returns())
        .section("bridge", "Where the gain comes from", returns::bridge())
        .section("price", "What a sponsor can pay", returns::affordable_price())
        .sheet("Checks")
        .section("checks", "Checks: every one must be 0", checks::checks())
        .outputs(&[
            "sponsor_irr",
            "moic",
            "mezzanine_irr",
            "sponsor_equity",
            "enterprise_value",
            "exit_equity",
            "breaches",
            "checks",
        ])
        .iteration(200, 1e-13)
        .scenario(
            "bull",
            "Bull",
            "Two points more growth, a point more margin, a turn more at the sale",
            [("growth_shift", entry(0.02)), ("margin_shift", entry(0.01)), ("exit_multiple", entry(9.0))],
        )
        .scenario(
            "bear",
            "Bear",
            "A recession in the second year, a margin three points lower, a turn and a half less at the sale",
            [
                ("growth@fy2026", entry(0.0)),
                ("growth@fy2027", entry(-0.08)),
                ("growth@fy2028", entry(0.01)),
                ("margin_shift", entry(-0.03)),
                ("exit_multiple", entry(6.5)),
            ],
        )
        .scenario(
            "opening_balance",
            "Interest on opening balances",
            "The base case without the circle of interest and repayment",
            [("average_interest", entry(0.0))],
        )
        .distribution("growth_shift", normal(0.0, 0.015))
        .distribution("margin_shift", triangular(-0.03, 0.0, 0.02))
        .distribution("exit_multiple", triangular(6.5, 8.0, 9.5))
        .distribution("base_rate_shift", normal(0.0, 0.0075))
        .correlation("growth_shift", "exit_multiple", 0.4)
        .correlation("growth_shift", "margin_shift", 0.3)
        .range("lbo", "Leveraged buyout, at the target returns", "affordable_price_low", "affordable_price_high")
        .range("deals", "Multiples of comparable deals", "deals_price_low", "deals_price_high")
        .note("growth@fy2026", "The plan of the management, less a cautious point")
        .into_json()
}

/// An amount for each period.
fn amount(name: &'static str, label: &'static str) -> Row {
    series(name, label).in_unit("USD m")
}

/// A single amount.
fn sum(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD m")
}

/// A single rate or share.
fn rate(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Percent)
}

/// A single multiple of EBITDA.
fn turns(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Multiple)
}

/// A single number of years.
fn years(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("years")
}

/// A row that is 0 when all is well.
fn check(name: &'static str, label: &'static str) -> Row {
    series(name, label).shown_as(Decimal)
}
