//! The lattice: a column for each step, a row for each number of moves downwards.

use super::super::builder::{Row, series};
use crate::model::NumberFormat::Factor;

/// The row of nodes with `$down` moves downwards: `$name`, and a formula at the nodes that are there.
macro_rules! nodes {
    ($name:literal, $down:literal, $($formula:expr),+) => {
        series(concat!($name, "_", $down), concat!("Down ", $down))
            .in_unit("USD m")
            .formula(concat!("if(and(step >= ", $down, ", step <= last_step), ", $($formula),+, ", )"))
    };
}

/// The node of an option: at the last step what it pays, before that the better of its payment and its value if kept.
macro_rules! option {
    ($name:literal, $down:literal, $payment:expr) => {
        nodes!($name, $down, "max(0, ", $payment, ")")
    };
    ($name:literal, $down:literal, $next:literal, $payment:expr) => {
        nodes!(
            $name,
            $down,
            "if(step = last_step, max(0, ",
            $payment,
            "), max(early_exercise * (",
            $payment,
            "), step_discount * (up_probability * ",
            $name,
            "_",
            $down,
            "[t+1] + (1 - up_probability) * ",
            $name,
            "_",
            $next,
            "[t+1])))"
        )
    };
}

/// All nodes of an option.
macro_rules! options {
    ($name:literal, $payment:ident) => {
        vec![
            option!($name, "0", "1", $payment!("0")),
            option!($name, "1", "2", $payment!("1")),
            option!($name, "2", "3", $payment!("2")),
            option!($name, "3", "4", $payment!("3")),
            option!($name, "4", "5", $payment!("4")),
            option!($name, "5", $payment!("5")),
        ]
    };
}

macro_rules! invested {
    ($down:literal) => {
        concat!("asset_", $down, " - investment")
    };
}

macro_rules! expanded {
    ($down:literal) => {
        concat!("expand_share * asset_", $down, " - expand_cost")
    };
}

macro_rules! abandoned {
    ($down:literal) => {
        concat!("salvage_value - asset_", $down)
    };
}

macro_rules! expanded_or_abandoned {
    ($down:literal) => {
        concat!("max(", expanded!($down), ", ", abandoned!($down), ")")
    };
}

macro_rules! asset {
    ($down:literal) => {
        nodes!("asset", $down, "asset_value * up ^ (step - ", $down, ") * down ^ ", $down)
    };
}

macro_rules! decision {
    ($down:literal) => {
        series(concat!("decision_", $down), concat!("Down ", $down)).formula(concat!(
            "if(and(step >= ",
            $down,
            ", step <= last_step), and(asset_",
            $down,
            " > investment, asset_",
            $down,
            " - investment >= defer_",
            $down,
            ", or(early_exercise, step = last_step)), )"
        ))
    };
}

pub(super) fn asset() -> Vec<Row> {
    vec![asset!("0"), asset!("1"), asset!("2"), asset!("3"), asset!("4"), asset!("5")]
}

pub(super) fn defer() -> Vec<Row> {
    options!("defer", invested)
}

pub(super) fn decision() -> Vec<Row> {
    vec![decision!("0"), decision!("1"), decision!("2"), decision!("3"), decision!("4"), decision!("5")]
}

pub(super) fn expand() -> Vec<Row> {
    options!("expand", expanded)
}

pub(super) fn abandon() -> Vec<Row> {
    options!("abandon", abandoned)
}

pub(super) fn flexibility() -> Vec<Row> {
    options!("flexibility", expanded_or_abandoned)
}

/// The last step turned on its side, for options that are exercised then only.
pub(super) fn ends() -> Vec<Row> {
    let payment = |name, label, formula| series(name, label).in_unit("USD m").formula(formula);
    vec![
        series("end_probability", "Probability")
            .shown_as(Factor)
            .formula(
                "if(step = 0, up_probability ^ last_step, if(and(step > 0, step <= last_step), prev(end_probability) \
                 * (last_step - step + 1) / step * (1 - up_probability) / up_probability, ))",
            )
            .note("Binomial: of as many moves downwards as the column has steps"),
        payment(
            "end_value",
            "Value of the project",
            "if(and(step >= 0, step <= last_step), asset_value * up ^ (last_step - step) * down ^ step, )",
        ),
        payment("end_defer", "Investing then", "if(end_value > 0, max(0, end_value - investment), )"),
        payment("end_expand", "Expanding then", "if(end_value > 0, max(0, expand_share * end_value - expand_cost), )"),
        payment("end_abandon", "Abandoning then", "if(end_value > 0, max(0, salvage_value - end_value), )"),
    ]
}
