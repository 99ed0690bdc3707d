//! Replays editing traces: `cargo run --release --example replay -- FILE…`.
//!
//! Each patch is an op that is applied and recorded in a history. The patches of a concurrent trace are transformed to
//! follow those that their author did not know. The time is that of all this, without reading the file.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "the indexes are the weave's own")]

mod session;
mod trace;
mod weave;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use ot_core::history::{History, Stamp};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{ClientId, Revision};
use serde::Serialize;

use trace::{Patch, Trace};

/// What is printed for each trace.
#[derive(Serialize)]
struct Report {
    trace: String,
    patches: usize,
    ms: f64,
    ns_per_patch: f64,
    /// Nothing when the trace does not say what it ends in.
    end_ok: Option<bool>,
}

fn main() -> ExitCode {
    let mut all_ok = true;
    for file in std::env::args().skip(1) {
        match replay(Path::new(&file)) {
            Ok(ok) => all_ok &= ok,
            Err(error) => {
                eprintln!("{file}: {error}");
                all_ok = false;
            }
        }
    }
    if all_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(path: &Path) -> Result<bool, Box<dyn Error>> {
    let trace = Trace::read(path)?;
    let start = Instant::now();
    let history = replayed(&trace)?;
    let time = start.elapsed();
    let end_ok = trace.end_content.as_ref().map(|end| history.document() == end);
    let patches = trace.len();
    let seconds = time.as_secs_f64();
    let report = Report {
        trace: path.file_name().unwrap_or_default().to_string_lossy().split('.').next().unwrap_or_default().to_owned(),
        patches,
        ms: (seconds * 1e6).round() / 1e3,
        ns_per_patch: (seconds * 1e10 / f64::from(u32::try_from(patches.max(1))?)).round() / 10.0,
        end_ok,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(end_ok.unwrap_or(true))
}

fn replayed(trace: &Trace) -> Result<History<Text>, Box<dyn Error>> {
    let mut history = History::<Text>::new(Rope::from(trace.start_content.as_str()), Revision::ZERO);
    let stamp = Stamp::new(ClientId::default(), 0);
    if trace.is_concurrent() {
        session::in_one_order(trace, |op| history.push(&op, stamp).map(drop).map_err(|error| error.to_string()))?;
    } else {
        for Patch(position, deleted, inserted) in trace.patches() {
            history.push(&TextOp::edit(position, deleted, inserted), stamp)?;
        }
    }
    Ok(history)
}
