//! The valuation engine from outside.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test stops at what it can't use")]

mod analysis;
mod analysis_edits;
mod anchors;
mod apple;
mod bodies;
mod calculation;
mod convergence;
mod documented;
mod documents;
mod edits;
mod excel;
mod explained;
mod forecast;
mod fuzzed;
mod invariants;
mod ipo;
mod language;
mod laws;
mod lbo;
mod merger;
mod merging;
mod model_page;
mod npv;
mod options;
mod real_options;
mod scenarios;
mod simulation;
mod spreadsheet;
mod structure_edits;
mod targets;
mod template_laws;
mod templates;
