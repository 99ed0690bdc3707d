//! Going public: what comparable companies make a company worth, and what an offering at some price does.
//!
//! The method is that of Rosenbaum and Pearl, "Investment Banking", and of Damodaran, "Investment Valuation": the
//! quartiles of the peers' multiples on the company's own figures give ranges of its value; an offering sells new shares
//! of the firm (primary) and shares of its holders (secondary), with an over-allotment option (greenshoe).

mod company;
mod offering;
mod peers;

use serde_json::Value;

use super::builder::{
    Draft, Row, discrete, draft, entry, fiscal_years, lognormal, normal, single, triangular, uniform,
};
use crate::model::NumberFormat::{Currency, Decimal, Multiple, Percent};

const ASSUMPTION: &str = "Assumption";
const ILLUSTRATION: &str = "Illustration, not a quotation: put in a data service's figure for a peer";

const ABOUT: &str = "\
# Going public, valued by comparable companies

1. **Peers**: five companies with three multiples each. A peer that has none is left blank, and passed over. Quartiles \
after Excel's `QUARTILE`.
2. **Implied ranges**: first quartile, median, third quartile times the company's own figure. Multiples of EBITDA and of \
sales give enterprise value, from which claims before equity are taken and to which cash is added; a multiple of \
earnings gives equity at once.
3. **Price**: set, or the weighted value less the discount that investors in an offering ask for. Offerings are priced \
low on average (Ibbotson 1975; Ritter and Welch 2002).
4. **Offering**: primary shares bring money to the firm and dilute; secondary shares bring money to holders and do not. \
The greenshoe lets underwriters sell up to 15 % more (FINRA Rule 5110), from the firm, from holders or from both.
5. **Pre-money and post-money**: the price times the shares before; and that plus what the firm receives after costs.

**Sources.** Rosenbaum, Pearl: *Investment Banking*. Damodaran: *Investment Valuation*. Ibbotson (1975), *Journal of \
Financial Economics* 2. Ritter, Welch (2002), *Journal of Finance* 57.

**Figures.** Birkenstock Holding plc, which went public on the New York Stock Exchange in October 2023: the terms of the \
offering, and the results of fiscal 2022 and 2023 as the company announced them on 18 January 2024, after the offering. \
The peers' multiples are illustrations. What is an assumption says so in its note. It shows a method, and is no advice.";

/// The model document.
#[must_use]
pub fn document() -> Value {
    let ends = [(2021, 9, 30), (2022, 9, 30), (2023, 9, 30), (2024, 9, 30)];
    let model = draft("EUR", ABOUT, fiscal_years(&ends, 2023))
        .sheet("Company")
        .section("company", "Company", company::results())
        .section("claims", "Claims and shares", company::claims())
        .sheet("Peers")
        .section("ebitda_peers", "EV / EBITDA", peers::ebitda_multiples())
        .section("earnings_peers", "P / E", peers::earnings_multiples())
        .section("sales_peers", "EV / sales", peers::sales_multiples())
        .sheet("Valuation")
        .section("by_ebitda", "By EBITDA", peers::by_ebitda())
        .section("by_earnings", "By earnings", peers::by_earnings())
        .section("by_sales", "By sales", peers::by_sales())
        .section("fair_value", "Weighted value", peers::weighted())
        .sheet("Offering")
        .section("terms", "Terms", offering::terms())
        .section("proceeds", "Sources and uses", offering::sources_and_uses())
        .section("money", "Pre-money and post-money", offering::money())
        .section("ownership", "Ownership and dilution", offering::ownership())
        .section("at_offer", "At the offer price", offering::at_offer())
        .section("first_day", "First day", offering::first_day())
        .sheet("Checks")
        .section("checks", "Checks: each must be 0", offering::checks())
        .outputs(&[
            "fair_value",
            "offer_price",
            "offer_size",
            "net_to_firm",
            "net_to_holders",
            "pre_money",
            "post_money",
            "dilution",
            "earnings_dilution",
            "offer_ebitda_multiple",
            "forward_ebitda_multiple",
            "forward_sales_multiple",
            "forward_earnings_multiple",
            "money_left",
            "checks",
        ])
        .range("ebitda", "EV / EBITDA", "ebitda_value_low", "ebitda_value_high")
        .range("earnings", "P / E", "earnings_value_low", "earnings_value_high")
        .range("sales", "EV / sales", "sales_value_low", "sales_value_high")
        .range("filed", "Filed price range", "filed_low", "filed_high");
    simulated(cases(model)).into_json()
}

fn cases(model: Draft) -> Draft {
    let bull = [
        ("market_level", entry(1.15)),
        ("growth@fy2024", entry(0.2)),
        ("ebitda_margin@fy2024", entry(0.32)),
        ("opening_price", entry(52.0)),
    ];
    let bear = [
        ("market_level", entry(0.8)),
        ("growth@fy2024", entry(0.12)),
        ("ebitda_margin@fy2024", entry(0.28)),
        ("price_method", entry(0.0)),
        ("greenshoe_exercised", entry(0.0)),
        ("opening_price", entry("=offer_price * 0.9")),
    ];
    model.scenario("bull", "Bull", "Assumption: peers trade higher, and the book is full", bull).scenario(
        "bear",
        "Bear",
        "Assumption: peers trade lower, the price follows, no greenshoe",
        bear,
    )
}

fn simulated(model: Draft) -> Draft {
    model
        .distribution("market_level", lognormal(1.0, 0.12))
        .distribution("growth@fy2024", normal(0.17, 0.03))
        .distribution("ebitda_margin@fy2024", triangular(0.27, 0.305, 0.335))
        .distribution("exchange_rate", normal(1.06, 0.03))
        .distribution("spread", uniform(0.035, 0.065))
        .distribution("greenshoe_exercised", discrete(&[0.0, 0.5, 1.0], &[0.3, 0.2, 0.5]))
        .correlation("market_level", "growth@fy2024", 0.3)
        .correlation("growth@fy2024", "ebitda_margin@fy2024", 0.4)
        .correlation("market_level", "greenshoe_exercised", 0.5)
}

fn euros(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("EUR m")
}

fn dollars(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD m").shown_as(Decimal)
}

fn per_share(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD").shown_as(Currency)
}

fn shares(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("millions").shown_as(Decimal)
}

fn multiple(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Multiple)
}

fn rate(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Percent)
}
