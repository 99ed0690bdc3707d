//! The lattice: a column for each step, a row for each number of moves downwards.

use super::super::builder::{Row, series};

/// The row of nodes with `$down` moves downwards: `$name`, and a formula at the nodes that are there.
macro_rules! nodes {
    ($name:literal, $down:literal, $($formula:expr),+) => {
        series(concat!($name, "_", $down), concat!("Down ", $down))
            .in_unit("USD m")
            .formula(concat!("if(and(step >= ", $down, ", step <= last_step), ", $($formula),+, ", )"))
    };
}

/// What an option is worth at a node if it is kept: its values after a move upwards and downwards.
macro_rules! kept {
    ($name:literal, $down:literal, $next:literal) => {
        concat!(
            "step_discount * (up_probability * ",
            $name,
            "_",
            $down,
            "[t+1] + (1 - up_probability) * ",
            $name,
            "_",
            $next,
            "[t+1])"
        )
    };
}

macro_rules! asset {
    ($down:literal) => {
        nodes!("asset", $down, "asset_value * up ^ (step - ", $down, ") * down ^ ", $down)
    };
}

macro_rules! defer {
    ($down:literal) => {
        nodes!("defer", $down, "max(0, asset_", $down, " - investment)")
    };
    ($down:literal, $next:literal) => {
        nodes!(
            "defer",
            $down,
            "if(step = last_step, max(0, asset_",
            $down,
            " - investment), max(early_exercise * (asset_",
            $down,
            " - investment), ",
            kept!("defer", $down, $next),
            "))"
        )
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

/// The better of expanding and abandoning.
macro_rules! exercised {
    ($down:literal) => {
        concat!("max(expand_share * asset_", $down, " - expand_cost, salvage_value - asset_", $down, ")")
    };
}

macro_rules! flexibility {
    ($down:literal) => {
        nodes!("flexibility", $down, "max(0, ", exercised!($down), ")")
    };
    ($down:literal, $next:literal) => {
        nodes!(
            "flexibility",
            $down,
            "if(step = last_step, max(0, ",
            exercised!($down),
            "), max(early_exercise * ",
            exercised!($down),
            ", ",
            kept!("flexibility", $down, $next),
            "))"
        )
    };
}

pub(super) fn asset() -> Vec<Row> {
    vec![asset!("0"), asset!("1"), asset!("2"), asset!("3"), asset!("4"), asset!("5")]
}

pub(super) fn defer() -> Vec<Row> {
    vec![defer!("0", "1"), defer!("1", "2"), defer!("2", "3"), defer!("3", "4"), defer!("4", "5"), defer!("5")]
}

pub(super) fn decision() -> Vec<Row> {
    vec![decision!("0"), decision!("1"), decision!("2"), decision!("3"), decision!("4"), decision!("5")]
}

pub(super) fn flexibility() -> Vec<Row> {
    vec![
        flexibility!("0", "1"),
        flexibility!("1", "2"),
        flexibility!("2", "3"),
        flexibility!("3", "4"),
        flexibility!("4", "5"),
        flexibility!("5"),
    ]
}
