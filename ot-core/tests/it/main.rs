//! The engine from outside: conformance to other implementations, the laws, and sessions under faults.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops at what it can't use")]

mod cases;
mod conformance;
mod exhaustive;
mod generate;
mod laws;
mod limits;
mod meeting;
mod simulation;
mod targets;
mod undo;
mod vectors;
