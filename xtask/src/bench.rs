//! The engines side by side with their peers.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::app;
use crate::debian;
use crate::failure::{Context, Failure, Outcome};
use crate::python;
use crate::shell::{command, make_directory, run, step};
use crate::test::Programs;
use crate::toolchain::{TARGET, Wasm};
use crate::workspace::Workspace;

/// The JavaScript peers, which come from npm.
const JAVASCRIPT_PEERS: [&str; 2] = ["ot-json1@1.0.2", "ot-text-unicode@4.0.0"];

/// The Python peer, which comes from the Python package index.
const PYTHON_PEER: &str = "numpy==2.4.6";

const OT_PARTS: [&str; 4] = ["sequential", "session", "branches", "json"];
const MODEL_PARTS: [&str; 4] = ["recalculation", "simulation", "pricing", "wasm"];
const APP_PARTS: [&str; 5] = ["visit", "keys", "remote", "scroll", "memory"];
const SERVER_PARTS: [&str; 8] = ["broadcast", "open", "saturation", "crowd", "documents", "idle", "history", "lists"];

/// What `cargo xtask bench` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// What to measure: `ot` is the engine of concurrent editing, `model` the valuation engine, `server` the server
    /// under load, `app` the app in a browser
    #[arg(value_parser = ["ot", "model", "server", "app"])]
    what: String,
    /// Only these parts: of `ot` sequential, session, branches, json; of `model` recalculation, simulation, pricing,
    /// wasm; of `server` broadcast, open, saturation, crowd, documents, idle, history, lists; of `app`
    /// visit, keys, remote, scroll, memory
    parts: Vec<String>,
    /// An empty database for `server`, as `coval serve` takes it; a new SQLite file when it is not named
    #[arg(long)]
    database_url: Option<String>,
    /// For how long `server` measures each load, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The directory with traces/ and ottypes/, for `ot`
    #[arg(long, env = "OT_BENCH_DATA", default_value = "../shared/data")]
    data: PathBuf,
}

/// Builds the benchmarks, whose dependencies are their own, and runs them.
///
/// # Errors
/// When the data is missing, a peer can't be installed, or a run fails.
pub(crate) fn measure(workspace: &Workspace, options: &Options) -> Outcome {
    let known: &[&str] = match options.what.as_str() {
        "model" => &MODEL_PARTS,
        "server" => &SERVER_PARTS,
        "app" => &APP_PARTS,
        _ => &OT_PARTS,
    };
    if let Some(part) = options.parts.iter().find(|part| !known.contains(&part.as_str())) {
        let failure = Failure::new(format!("`{}` has no part `{part}`", options.what));
        return Err(failure.hint(format!("its parts are {}", known.join(", "))));
    }
    let mut bench = match options.what.as_str() {
        "model" => model(workspace, options)?,
        "server" => server(workspace, options)?,
        "app" => in_browser(workspace)?,
        _ => ot(workspace, options)?,
    };
    println!("==> measuring (some minutes; a machine that does nothing else gives the truest figures)");
    run(bench.args(&options.parts))
}

/// The benchmarks of the engine of concurrent editing.
fn ot(workspace: &Workspace, options: &Options) -> Outcome<Command> {
    let data = workspace.path("").join(&options.data);
    let data = fs::canonicalize(&data)
        .context(|| format!("can't read {}", data.display()))
        .map_err(|failure| failure.hint("name the directory that has traces/ and ottypes/ with --data"))?;
    let mut bench = built(workspace, "ot-core/bench", "ot-core-bench")?;
    bench.env("OT_BENCH_DATA", data);
    if options.has("json") {
        bench.env("OT_BENCH_NODE_MODULES", javascript_peers(workspace)?);
    }
    Ok(bench)
}

/// The benchmarks of the valuation engine.
fn model(workspace: &Workspace, options: &Options) -> Outcome<Command> {
    let mut bench = built(workspace, "shared/bench", "coval-model-bench")?;
    if options.has("simulation") || options.has("wasm") {
        bench.env("COVAL_BENCH_PYTHON", python::ensure(workspace, PYTHON_PEER)?);
    }
    if options.has("wasm") {
        let target = workspace.target().join("bench");
        let wasm = Wasm::ensure(workspace)?;
        step("building the same for WebAssembly", "about 1 min the first time", || {
            let mut build = wasm.command("cargo")?;
            build.args(["build", "--profile", "wasm", "--package", "coval-model-bench-wasm", "--target", TARGET]);
            // Of the processor's wide registers, all browsers of the last years know these.
            build.env("RUSTFLAGS", "-Ctarget-feature=+simd128");
            build.arg("--manifest-path").arg(workspace.path("shared/bench/Cargo.toml"));
            run(build.arg("--target-dir").arg(&target))
        })?;
        bench.env("COVAL_BENCH_WASM", target.join(TARGET).join("wasm/coval_model_bench_wasm.wasm"));
    }
    Ok(bench)
}

/// The server under load.
fn server(workspace: &Workspace, options: &Options) -> Outcome<Command> {
    let coval = released(workspace)?;
    let mut bench = built(workspace, "server/bench", "coval-server-bench")?;
    bench.arg("--coval").arg(coval);
    bench.args(["--seconds", &options.seconds.to_string()]);
    if let Some(database) = &options.database_url {
        bench.args(["--database-url", database]);
    }
    Ok(bench)
}

/// The app in a browser, as people get it from the server.
fn in_browser(workspace: &Workspace) -> Outcome<Command> {
    let programs = Programs::ensure(workspace)?;
    app::build(workspace, &Wasm::ensure(workspace)?)?;
    let coval = released(workspace)?;
    let mut bench = built(workspace, "frontend/bench", "coval-app-bench")?;
    bench.envs(programs.environment(workspace)).env("COVAL_BIN", coval);
    Ok(bench)
}

/// The server as it is released, built.
fn released(workspace: &Workspace) -> Outcome<PathBuf> {
    debian::ensure_libpq()?;
    step("building the server", "about 6 min the first time", || {
        run(command("cargo").args(["build", "--release", "--package", "coval-server", "--bin", "coval"]))
    })?;
    Ok(workspace.target().join("release").join(format!("coval{}", std::env::consts::EXE_SUFFIX)))
}

impl Options {
    fn has(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|chosen| chosen == part)
    }
}

/// The program of a crate of benchmarks, built.
fn built(workspace: &Workspace, folder: &str, program: &str) -> Outcome<Command> {
    let target = workspace.target().join("bench");
    step("building the benchmarks", "about 5 min the first time", || {
        let mut build = command("cargo");
        build.args(["build", "--release", "--manifest-path"]);
        run(build.arg(workspace.path(folder).join("Cargo.toml")).arg("--target-dir").arg(&target))
    })?;
    Ok(command(target.join("release").join(format!("{program}{}", std::env::consts::EXE_SUFFIX))))
}

/// Where the JavaScript peers are, installed if they are not yet.
fn javascript_peers(workspace: &Workspace) -> Outcome<PathBuf> {
    let place = workspace.target().join("npm/bench");
    let modules = place.join("node_modules");
    if !modules.join("ot-json1").is_dir() {
        make_directory(&place)?;
        step("installing the JavaScript peers with npm", "some seconds", || {
            let quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier", "--loglevel=error"];
            run(command("npm").arg("install").args(quiet).arg("--prefix").arg(&place).args(JAVASCRIPT_PEERS))
        })?;
    }
    if modules.is_dir() { Ok(modules) } else { Err(Failure::new(format!("npm left nothing in {}", modules.display()))) }
}
