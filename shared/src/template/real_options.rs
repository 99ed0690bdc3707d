//! Real options: what the freedom to wait, grow, give up, go step by step or change course adds to a project.
//!
//! The method is that of Trigeorgis, "Real Options", and of Copeland and Antikarov, "Real Options: A Practitioner's
//! Guide": the project's value without freedom follows a lattice or a lognormal path, and each freedom is an option on
//! it, valued as Black, Scholes and Merton, Cox, Ross and Rubinstein, Geske, and Margrabe did.

mod lattice;
mod options;
mod project;

use serde_json::Value;

use super::builder::{Row, calendar_years, draft, entry, lognormal, single, triangular};
use crate::model::NumberFormat::Percent;

const ABOUT: &str = "\
# Real options

**Method.** Net present value takes a decision as made today. Managers can wait, expand, give up, invest in stages and \
change what a plant makes, and the more uncertain the project, the more this freedom is worth. Each freedom is an option \
on the project's value: to *defer* a call whose strike is the investment; to *expand* a call on a part of the project; \
to *abandon* a put whose strike is the salvage value; in *stages* a call on a call; to *switch* the right to exchange \
one asset for another. Closed formulas stand beside a lattice that shows every node and decision; what its few steps miss of a closed \
formula corrects it. What the project pays \
out while one waits acts as a dividend yield.

**Sources.** L. Trigeorgis, *Real Options*. T. Copeland and V. Antikarov, *Real Options: A Practitioner's Guide*. \
A. Dixit and R. Pindyck, *Investment under Uncertainty*, and R. McDonald and D. Siegel, “The Value of Waiting to \
Invest”, *Quarterly Journal of Economics* 101 (1986), for the threshold. J. Paddock, D. Siegel and J. Smith, “Option \
Valuation of Claims on Real Assets”, *Quarterly Journal of Economics* 103 (1988), for oil fields. J. Cox, S. Ross and \
M. Rubinstein, “Option Pricing: A Simplified Approach”, *Journal of Financial Economics* 7 (1979). R. Geske, “The \
Valuation of Compound Options”, *Journal of Financial Economics* 7 (1979). W. Margrabe, “The Value of an Option to \
Exchange One Asset for Another”, *Journal of Finance* 33 (1978). J. Hull, *Options, Futures, and Other Derivatives*.

**Choices that practitioners make differently** are options: volatility from past prices or a judgement \
(*volatility_from_history*), and whether the options may be exercised early (*early_exercise*). That the value without \
freedom behaves like a traded asset is Copeland and Antikarov's assumption; Paddock, Siegel and Smith take it from the \
market for developed reserves. Values of several freedoms do not add up: the lattice of expansion and abandonment shows \
what they are worth together.

**Project.** An undeveloped oil field, an illustration. The past prices are those of West Texas Intermediate, yearly \
averages of the U.S. Energy Information Administration, rounded to dollars. All other figures are assumptions.
";

const ASSUMPTION: &str = "Assumption of the illustration";

/// The model document of the illustration: ten years of prices, and a lattice of five steps.
#[must_use]
pub fn document() -> Value {
    draft("USD", ABOUT, calendar_years(2024, 10, 5))
        .sheet("Project")
        .section("project", "Project", project::project())
        .section("volatility", "Volatility", project::volatility())
        .section("parameters", "Steps of the lattice", project::parameters())
        .sheet("Options")
        .section("defer", "Option to defer", options::defer())
        .section("expand", "Option to expand", options::expand())
        .section("abandon", "Option to abandon", options::abandon())
        .section("staged", "Option to invest in stages", options::staged())
        .section("switch", "Option to switch", options::switch())
        .section("value", "Value of the project", options::value())
        .section("football_field", "Ranges", options::ranges())
        .sheet("Lattice")
        .section("asset_nodes", "Value without freedom", lattice::asset())
        .section("defer_nodes", "Option to defer", lattice::defer())
        .section("decision_nodes", "Decision to invest: 1 now, 0 wait or never", lattice::decision())
        .section("expand_nodes", "Option to expand", lattice::expand())
        .section("abandon_nodes", "Option to abandon", lattice::abandon())
        .section("flexibility_nodes", "Options to expand and to abandon together", lattice::flexibility())
        .section("ends", "The last step: a column for each number of moves downwards", lattice::ends())
        .sheet("Checks")
        .section("checks", "Checks: every one must be 0", options::checks())
        .outputs(&[
            "expanded_value",
            "static_npv",
            "defer_value",
            "expand_value",
            "abandon_value",
            "staged_value",
            "switch_value",
            "flexibility_value",
            "invest_now",
            "checks",
        ])
        .scenario(
            "bull",
            "Bull",
            "Reserves are worth a quarter more",
            [("asset_value", entry(650.0)), ("switch_asset", entry(560.0))],
        )
        .scenario(
            "bear",
            "Bear",
            "Reserves are worth a quarter less, and development costs a tenth more",
            [("asset_value", entry(390.0)), ("investment", entry(550.0))],
        )
        .distribution("asset_value", lognormal(520.0, 90.0))
        .distribution("volatility_input", triangular(0.2, 0.3, 0.45))
        .distribution("investment", triangular(460.0, 500.0, 580.0))
        .correlation("asset_value", "investment", 0.3)
        .range("commit", "Invest now, from low to high value", "commit_low", "commit_high")
        .range("wait", "Option to defer, from low to high volatility", "defer_low", "defer_high")
        .range("flexible", "Invest now with options to expand and abandon", "flexible_low", "flexible_high")
        .into_json()
}

/// A single amount.
fn sum(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("USD m")
}

/// A single rate or share.
fn rate(name: &'static str, label: &'static str) -> Row {
    single(name, label).shown_as(Percent)
}

/// A single span of time.
fn years(name: &'static str, label: &'static str) -> Row {
    single(name, label).in_unit("years")
}
