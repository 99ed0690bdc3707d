//! Coval's valuation engine side by side with its peers, in one run: `cargo xtask bench model`.
//!
//! Without arguments everything is measured; `recalculation`, `simulation`, `pricing` and `wasm` choose. Times are medians of some rounds in which
//! everyone takes a turn, so that a noisy machine is noisy for all.

mod dcf;
mod grid;
mod measure;
mod peers;
mod pricing;
mod recalculation;
mod simulation;
mod wasm;

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    if wanted("recalculation") {
        recalculation::run()?;
    }
    if wanted("simulation") {
        simulation::run()?;
    }
    if wanted("pricing") {
        pricing::run()?;
    }
    if wanted("wasm") {
        wasm::run()?;
    }
    Ok(())
}
