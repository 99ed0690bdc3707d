//! The server under load: `cargo xtask bench server`.
//!
//! It starts Coval and the floor, a bare broadcast, each as a process, and then is all their clients, on one thread.
//! Both share the machine with it. Everything stays on this machine, and ends with this program.

mod book;
mod client;
mod coval;
mod floor;
mod load;
mod many;
mod message;
mod process;
mod scenarios;
mod socket;
mod text;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use client::Failure;

/// The server under load, beside a bare broadcast.
#[derive(Clone, Debug, Parser)]
pub struct Options {
    /// Only these parts: broadcast, open, saturation, crowd, documents, idle, history, lists
    parts: Vec<String>,
    /// The program `coval`, built for release
    #[arg(long, env = "COVAL_BIN", default_value = "target/release/coval")]
    coval: PathBuf,
    /// An empty database, as `coval serve` takes it; a new SQLite file when it is not named
    #[arg(long)]
    database_url: Option<String>,
    /// The form of the messages
    #[arg(long, value_enum, default_value = "msgpack")]
    form: message::Form,
    /// For how long each load is measured, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Over how many documents lists are measured
    #[arg(long, default_value_t = 100_000)]
    documents: usize,
    /// Be the floor instead
    #[arg(long, hide = true)]
    floor: bool,
}

impl Options {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|chosen| chosen == part)
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.clamp(1, 120))
    }
}

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    if options.floor {
        return Ok(floor::serve()?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(scenarios::all(&options))
}
