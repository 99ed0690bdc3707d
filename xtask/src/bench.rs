//! The engine side by side with its peers.

use std::fs;
use std::path::PathBuf;

use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, make_directory, run, step};
use crate::workspace::Workspace;

/// What the JavaScript peers are, which come from npm.
const PEERS: [&str; 2] = ["ot-json1@1.0.2", "ot-text-unicode@4.0.0"];

/// What `cargo xtask bench` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to measure: `ot` is the engine
    #[arg(value_parser = ["ot"])]
    what: String,
    /// Only these parts: sequential, session, branches, json
    #[arg(value_parser = ["sequential", "session", "branches", "json"])]
    parts: Vec<String>,
    /// The directory with traces/ and ottypes/
    #[arg(long, env = "OT_BENCH_DATA", default_value = "../shared/data")]
    data: PathBuf,
}

/// Builds the benchmarks, whose dependencies are their own, and runs them.
///
/// # Errors
/// When the data is missing, a peer can't be installed, or a run fails.
pub(crate) fn measure(workspace: &Workspace, options: &Options) -> Outcome {
    let data = workspace.path("").join(&options.data);
    let data = fs::canonicalize(&data)
        .context(|| format!("can't read {}", data.display()))
        .map_err(|failure| failure.hint("name the directory that has traces/ and ottypes/ with --data"))?;
    let target = workspace.target().join("bench");
    step("building the benchmarks", "about 4 min the first time", || {
        let mut build = command("cargo");
        build.args(["build", "--release", "--manifest-path"]);
        run(build.arg(workspace.path("ot-core/bench/Cargo.toml")).arg("--target-dir").arg(&target))
    })?;
    let mut bench = command(target.join("release").join(format!("ot-core-bench{}", std::env::consts::EXE_SUFFIX)));
    if options.parts.is_empty() || options.parts.iter().any(|part| part == "json") {
        bench.env("OT_BENCH_NODE_MODULES", peers(workspace)?);
    }
    println!("==> measuring (about 3 min; a machine that does nothing else gives the truest figures)");
    run(bench.args(&options.parts).env("OT_BENCH_DATA", data))
}

/// Where the JavaScript peers are, installed if they are not yet.
fn peers(workspace: &Workspace) -> Outcome<PathBuf> {
    let place = workspace.target().join("npm/bench");
    let modules = place.join("node_modules");
    if !modules.join("ot-json1").is_dir() {
        make_directory(&place)?;
        step("installing the JavaScript peers with npm", "some seconds", || {
            let quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier", "--loglevel=error"];
            run(command("npm").arg("install").args(quiet).arg("--prefix").arg(&place).args(PEERS))
        })?;
    }
    if modules.is_dir() { Ok(modules) } else { Err(Failure::new(format!("npm left nothing in {}", modules.display()))) }
}
