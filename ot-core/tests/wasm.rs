//! The vectors of other implementations again, on WebAssembly.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops at what it can't use")]

#[path = "it/vectors.rs"]
mod vectors;

#[path = "it/conformance.rs"]
mod conformance;
