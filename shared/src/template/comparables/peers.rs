//! The peers' multiples, and what they make the company worth.

use super::{ASSUMPTION, ILLUSTRATION, euros, multiple, per_share, rate};
use crate::template::builder::Row;

/// What each of five peers is called.
const LABELS: [&str; 5] =
    ["Peer A, sporting goods", "Peer B, sporting goods", "Peer C, footwear", "Peer D, luxury", "Peer E, footwear"];

pub(super) fn ebitda_multiples() -> Vec<Row> {
    let names =
        ["ebitda_multiple_a", "ebitda_multiple_b", "ebitda_multiple_c", "ebitda_multiple_d", "ebitda_multiple_e"];
    let mut rows = vec![
        rate("market_level", "Peers' multiples today, of those in the table")
            .value(1.0)
            .note("Assumption: moves all multiples at once, as markets do between a filing and a pricing"),
    ];
    rows.extend(table(names, [13.0, 15.5, 18.0, 20.5, 24.0]));
    rows.extend([
        multiple("ebitda_multiple_low", "First quartile").formula(
            "quartile([ebitda_multiple_a, ebitda_multiple_b, ebitda_multiple_c, ebitda_multiple_d, ebitda_multiple_e], 1) * market_level",
        ),
        multiple("ebitda_multiple_mid", "Median").formula(
            "median(ebitda_multiple_a, ebitda_multiple_b, ebitda_multiple_c, ebitda_multiple_d, ebitda_multiple_e) * market_level",
        ),
        multiple("ebitda_multiple_high", "Third quartile").formula(
            "quartile([ebitda_multiple_a, ebitda_multiple_b, ebitda_multiple_c, ebitda_multiple_d, ebitda_multiple_e], 3) * market_level",
        ),
    ]);
    rows
}

pub(super) fn earnings_multiples() -> Vec<Row> {
    let names = [
        "earnings_multiple_a",
        "earnings_multiple_b",
        "earnings_multiple_c",
        "earnings_multiple_d",
        "earnings_multiple_e",
    ];
    let mut rows = table(names, [24.0, 28.0, 33.0, 38.0, 44.0]);
    rows.extend([
        multiple("earnings_multiple_low", "First quartile").formula(
            "quartile([earnings_multiple_a, earnings_multiple_b, earnings_multiple_c, earnings_multiple_d, earnings_multiple_e], 1) * market_level",
        ),
        multiple("earnings_multiple_mid", "Median").formula(
            "median(earnings_multiple_a, earnings_multiple_b, earnings_multiple_c, earnings_multiple_d, earnings_multiple_e) * market_level",
        ),
        multiple("earnings_multiple_high", "Third quartile").formula(
            "quartile([earnings_multiple_a, earnings_multiple_b, earnings_multiple_c, earnings_multiple_d, earnings_multiple_e], 3) * market_level",
        ),
    ]);
    rows
}

pub(super) fn sales_multiples() -> Vec<Row> {
    let names = ["sales_multiple_a", "sales_multiple_b", "sales_multiple_c", "sales_multiple_d", "sales_multiple_e"];
    let mut rows = table(names, [3.0, 4.0, 5.5, 6.5, 8.0]);
    rows.extend([
        multiple("sales_multiple_low", "First quartile").formula(
            "quartile([sales_multiple_a, sales_multiple_b, sales_multiple_c, sales_multiple_d, sales_multiple_e], 1) * market_level",
        ),
        multiple("sales_multiple_mid", "Median").formula(
            "median(sales_multiple_a, sales_multiple_b, sales_multiple_c, sales_multiple_d, sales_multiple_e) * market_level",
        ),
        multiple("sales_multiple_high", "Third quartile").formula(
            "quartile([sales_multiple_a, sales_multiple_b, sales_multiple_c, sales_multiple_d, sales_multiple_e], 3) * market_level",
        ),
    ]);
    rows
}

fn table(names: [&'static str; 5], figures: [f64; 5]) -> Vec<Row> {
    let row = |((name, label), figure)| multiple(name, label).value(figure).note(ILLUSTRATION);
    names.into_iter().zip(LABELS).zip(figures).map(row).collect()
}

const CLAIMS: &str = "Enterprise value, less debt, preferred stock and minorities, plus cash";

pub(super) fn by_ebitda() -> Vec<Row> {
    vec![
        euros("ebitda_equity_low", "Equity, first quartile")
            .formula("ebitda_multiple_low * trailing_ebitda - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        euros("ebitda_equity_mid", "Equity, median")
            .formula("ebitda_multiple_mid * trailing_ebitda - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        euros("ebitda_equity_high", "Equity, third quartile")
            .formula("ebitda_multiple_high * trailing_ebitda - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        per_share("ebitda_value_low", "Value per share, first quartile")
            .formula("ebitda_equity_low * exchange_rate / shares_before"),
        per_share("ebitda_value_mid", "Value per share, median")
            .formula("ebitda_equity_mid * exchange_rate / shares_before"),
        per_share("ebitda_value_high", "Value per share, third quartile")
            .formula("ebitda_equity_high * exchange_rate / shares_before"),
    ]
}

pub(super) fn by_earnings() -> Vec<Row> {
    vec![
        per_share("earnings_value_low", "Value per share, first quartile")
            .formula("earnings_multiple_low * trailing_earnings * exchange_rate / shares_before"),
        per_share("earnings_value_mid", "Value per share, median")
            .formula("earnings_multiple_mid * trailing_earnings * exchange_rate / shares_before"),
        per_share("earnings_value_high", "Value per share, third quartile")
            .formula("earnings_multiple_high * trailing_earnings * exchange_rate / shares_before"),
    ]
}

pub(super) fn by_sales() -> Vec<Row> {
    vec![
        euros("sales_equity_low", "Equity, first quartile")
            .formula("sales_multiple_low * trailing_sales - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        euros("sales_equity_mid", "Equity, median")
            .formula("sales_multiple_mid * trailing_sales - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        euros("sales_equity_high", "Equity, third quartile")
            .formula("sales_multiple_high * trailing_sales - debt - preferred_stock - minority_interests + cash")
            .note(CLAIMS),
        per_share("sales_value_low", "Value per share, first quartile")
            .formula("sales_equity_low * exchange_rate / shares_before"),
        per_share("sales_value_mid", "Value per share, median")
            .formula("sales_equity_mid * exchange_rate / shares_before"),
        per_share("sales_value_high", "Value per share, third quartile")
            .formula("sales_equity_high * exchange_rate / shares_before"),
    ]
}

pub(super) fn weighted() -> Vec<Row> {
    let weight = |name, label, value: f64| rate(name, label).value(value).note(ASSUMPTION);
    vec![
        weight("ebitda_weight", "Weight of EBITDA", 0.5),
        weight("earnings_weight", "Weight of earnings", 0.3),
        weight("sales_weight", "Weight of sales", 0.2),
        per_share("fair_value", "Value per share by peers")
            .formula(
                "ebitda_weight * ebitda_value_mid + earnings_weight * earnings_value_mid + sales_weight * sales_value_mid",
            )
            .note("The medians, weighted; before the offering"),
    ]
}
