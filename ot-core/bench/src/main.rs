//! ot-core side by side with its peers, in one run: `cargo xtask bench ot`.
//!
//! Without arguments everything is measured; `sequential`, `session`, `branches` and `json` choose. Times are medians
//! of some rounds in which everyone takes a turn, so that a noisy machine is noisy for all.

mod branches;
mod json;
mod measure;
mod sequential;
mod session;
#[allow(dead_code, reason = "shared with the example that replays traces")]
#[path = "../../examples/replay/trace.rs"]
mod trace;
#[allow(dead_code, reason = "shared with the example that replays traces")]
#[path = "../../examples/replay/weave.rs"]
mod weave;

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    let data = PathBuf::from(env::var("OT_BENCH_DATA").unwrap_or_else(|_| "../shared/data".to_owned()));
    if wanted("sequential") {
        sequential::run(&data.join("traces"))?;
    }
    if wanted("session") {
        session::run(&data.join("traces/friendsforever.json.gz"))?;
    }
    if wanted("branches") {
        branches::run()?;
    }
    if wanted("json") {
        json::run(&data.join("ottypes/json1-vectors.jsonl.gz"))?;
    }
    Ok(())
}
