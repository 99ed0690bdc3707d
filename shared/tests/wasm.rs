//! The engine's tests again, on WebAssembly: a model has the same bits there.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops at what it can't use")]
#![cfg(target_arch = "wasm32")]

#[path = "it/apple.rs"]
mod apple;
#[path = "it/calculation.rs"]
mod calculation;
#[path = "it/documents.rs"]
mod documents;
#[path = "it/edits.rs"]
mod edits;
#[path = "it/excel.rs"]
mod excel;
#[path = "it/ipo.rs"]
mod ipo;
#[path = "it/npv.rs"]
mod npv;
#[path = "it/options.rs"]
mod options;
#[path = "it/simulation.rs"]
mod simulation;
#[path = "it/templates.rs"]
mod templates;
