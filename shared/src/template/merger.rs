//! Merger: what an acquisition does to the acquirer's earnings per share, balance sheet and owners.
//!
//! The method is that of Rosenbaum and Pearl, "Investment Banking", and of Bruner, "Applied Mergers and Acquisitions":
//! both companies alone, the price and how it is paid, the allocation of the price, and earnings together.

mod alone;
mod analysis;
mod deal;
mod together;

use serde_json::Value;

use super::builder::{Row, draft, entry, fiscal_years, lognormal, normal, series, single, triangular};
use crate::model::NumberFormat::{Decimal, Multiple, Percent};

const ABOUT: &str = "\
# Merger: accretion and dilution

**Method.** Both companies are forecast alone. The acquirer pays the offer price in shares, new debt and cash. The price \
is allocated to what is acquired at fair value, and deferred tax on the step-up; the rest is goodwill. Earnings together \
are both earnings plus synergies, less integration costs, amortisation of the step-up, interest on new debt and interest \
lost on cash, all after tax. Divided by the shares of both, they are compared with the acquirer's earnings per share \
alone. What matters more is whether synergies are worth the premium: the last sheet splits their present value among \
the owners.

**Sources.** J. Rosenbaum and J. Pearl, *Investment Banking: Valuation, LBOs, M&A, and IPOs*, chapters 6 and 7. \
R. F. Bruner, *Applied Mergers and Acquisitions*. T. Koller, M. Goedhart and D. Wessels, *Valuation*, on the creation of \
value in acquisitions. FASB ASC 805 and IFRS 3 for the allocation of the price, ASC 740 and IAS 12 for deferred tax.

**Choices that practitioners make differently** are options: whether the step-up lowers taxes (a purchase of assets, or \
an election under section 338(h)(10) of the US tax code) and so needs no deferred tax; whether the fees of the \
transaction count in the first year's earnings; interest on the average or the opening debt. Cash earnings per share \
add back amortisation of acquired intangible assets and integration costs, after tax, for the acquirer alone as well.

**Company.** Microsoft's purchase of LinkedIn, announced on 13 June 2016 at $196 a share in cash. Reported figures come \
from the annual reports (Form 10-K) of Microsoft for fiscal 2016 and 2017 and of LinkedIn for 2015, and from the \
announcement. LinkedIn's calendar years 2014 and 2015 stand beside Microsoft's fiscal years 2015 and 2016, and the \
purchase stands at the end of fiscal 2016, although it was completed on 8 December 2016. With the fair values that \
Microsoft reported, goodwill comes out as the $16,803 million of its annual report. Forecasts are assumptions. They \
illustrate; they are no advice.
";

const ASSUMPTION: &str = "Assumption";

/// The model document of Microsoft's purchase of LinkedIn, with five years after it.
#[must_use]
pub fn document() -> Value {
    let ends: Vec<_> = (2014..=2021).map(|year| (year, 6, 30)).collect();
    draft("USD", ABOUT, fiscal_years(&ends, 2016))
        .sheet("Deal")
        .section("offer", "Offer", deal::offer())
        .section("payment", "Payment", deal::payment())
        .section("sources", "Sources", deal::sources())
        .section("uses", "Uses", deal::uses())
        .section("allocation", "Allocation of the price", deal::allocation())
        .sheet("Alone")
        .section("acquirer", "Acquirer", alone::acquirer())
        .section("target", "Target", alone::target())
        .sheet("Together")
        .section("synergies_plan", "Synergies", together::synergies())
        .section("adjustments", "Adjustments before tax", together::adjustments())
        .section("earnings", "Earnings", together::earnings())
        .section("per_share", "Earnings per share", together::per_share())
        .section("breakeven", "Synergies to break even", together::breakeven())
        .section("balance_sheet", "Balance sheet at the purchase", together::balance_sheet())
        .section("leverage", "Debt", together::leverage())
        .sheet("Analysis")
        .section("contribution", "Contribution", analysis::contribution())
        .section("ownership", "Ownership and multiples", analysis::ownership())
        .section("value", "Value for the owners", analysis::value())
        .section("football_field", "Value of a target's share", analysis::per_target_share())
        .sheet("Checks")
        .section("checks", "Checks: every one must be 0", analysis::checks())
        .outputs(&[
            "first_accretion",
            "last_accretion",
            "first_cash_accretion",
            "last_cash_accretion",
            "goodwill",
            "exchange_ratio",
            "target_ownership",
            "acquirer_gain",
            "checks",
        ])
        .scenario(
            "bull",
            "Bull",
            "Revenue synergies come on top, and the target grows faster",
            [
                ("cost_synergies", entry(250.0)),
                ("revenue_synergies", entry(1500.0)),
                ("target_growth_shift", entry(0.03)),
                ("target_margin_shift", entry(0.03)),
            ],
        )
        .scenario(
            "bear",
            "Bear",
            "No synergies, dearer debt, and the target grows more slowly",
            [
                ("cost_synergies", entry(0.0)),
                ("debt_rate", entry(0.035)),
                ("target_growth_shift", entry(-0.06)),
                ("target_margin_shift", entry(-0.04)),
            ],
        )
        .scenario(
            "all_shares",
            "Paid in shares",
            "The whole price in shares of the acquirer",
            [("stock_share", entry(1.0)), ("debt_share", entry(0.0))],
        )
        .scenario(
            "half_shares",
            "Paid half in shares",
            "Half in shares, three tenths in debt, the rest in cash",
            [("stock_share", entry(0.5)), ("debt_share", entry(0.3))],
        )
        .distribution("cost_synergies", triangular(50.0, 150.0, 300.0))
        .distribution("target_growth_shift", normal(0.0, 0.03))
        .distribution("target_margin_shift", normal(0.0, 0.02))
        .distribution("debt_rate", triangular(0.02, 0.027, 0.04))
        .distribution("acquirer_price", lognormal(51.48, 6.0))
        .correlation("target_growth_shift", "target_margin_shift", 0.4)
        .range("premiums", "Premiums of comparable deals", "premium_value_low", "premium_value_high")
        .range("sales_multiples", "Multiples of revenue", "multiple_value_low", "multiple_value_high")
        .range("with_synergies", "Undisturbed price with synergies", "synergy_value_low", "synergy_value_high")
        .note("target_growth@fy2017", "Revenue grew by 35 % in 2015")
        .into_json()
}

/// An amount for each period.
fn amount(name: &'static str, label: &'static str) -> Row {
    series(name, label).in_unit("USD m")
}

/// A ratio for each period.
fn ratio(name: &'static str, label: &'static str) -> Row {
    series(name, label).shown_as(Percent)
}

/// A single amount.
fn sum(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD m")
}

/// A single rate or share.
fn rate(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Percent)
}

/// A single amount for each share.
fn price(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD").shown_as(Decimal)
}

/// A single multiple.
fn multiple(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Multiple)
}
