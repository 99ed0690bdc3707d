//! The project's chores: `cargo xtask --help` lists them.
//!
//! [`run`], [`test`](mod@test), [`ci`], [`fuzz`], [`rest`], [`bench`](mod@bench), [`audit`] and [`dev`] are the commands;
//! [`toolchain`], [`debian`] and [`python`] bring what they need, [`app`] builds what the browser loads, [`invariants`]
//! holds the architecture and [`deny`] what it depends on.

mod app;
mod audit;
mod bench;
mod ci;
mod debian;
mod deny;
mod dev;
mod failure;
mod fuzz;
mod invariants;
mod npm;
mod python;
mod rest;
mod run;
mod server;
mod shell;
mod test;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Outcome;
use crate::toolchain::Wasm;
use crate::workspace::Workspace;

/// Coval's chores: building, running and testing it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Build the app and the server for release and start Coval, installing what the builds need
    Run(run::Options),
    /// Run every test: unit, doc, property, wasm, integration, browser
    Test {
        /// Only tests whose name contains one of these
        filters: Vec<String>,
    },
    /// Check what a change must pass: formatting, lints, architecture, documentation, size, tests
    Ci,
    /// Serve what is being worked on: rebuild at each change and reload the page
    Dev,
    /// Look for what breaks the laws of ot-core: fuzz targets and random cases
    Fuzz(fuzz::Options),
    /// Measure the engine side by side with its peers
    Bench(bench::Options),
    /// Build the app into dist/
    App {
        /// Quick to build and large, for a look at what is being worked on
        #[arg(long)]
        debug: bool,
    },
    /// Add the app's code to the page that Trunk is building; Trunk calls this
    #[command(hide = true)]
    Bundle,
    /// Build the npm package of the engine into target/npm/ot-core
    Npm {
        /// Then test it, with ShareDB and the JavaScript types from npm
        #[arg(long)]
        test: bool,
    },
    /// Ask a real server, as its description says and as it says not, and compare the answers with it: Schemathesis
    Rest(rest::Options),
    /// Have Lighthouse judge the list and a model, as a desktop and a phone show them
    Audit,
    /// Check the licences, bans, sources and advisories of what is depended on: cargo-deny
    Deny,
    /// Check the invariants of ARCHITECTURE.md
    Invariants,
    /// Install what building the app needs: the wasm target, wasm-bindgen and Trunk
    Setup,
}

fn main() -> ExitCode {
    match work(&Cli::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn work(chore: &Chore) -> Outcome {
    let workspace = Workspace::enter()?;
    match chore {
        Chore::Run(options) => run::serve(&workspace, options),
        Chore::Test { filters } => test::all(&workspace, filters),
        Chore::Ci => ci::all(&workspace),
        Chore::Dev => dev::serve(&workspace),
        Chore::Fuzz(options) => fuzz::all(&workspace, options),
        Chore::Bench(options) => bench::measure(&workspace, options),
        Chore::App { debug: true } => app::build_for_debugging(&workspace, &Wasm::ensure(&workspace)?),
        Chore::App { debug: false } => app::build(&workspace, &Wasm::ensure(&workspace)?),
        Chore::Bundle => app::bundle::for_trunk(&workspace, &Wasm::ensure(&workspace)?),
        Chore::Npm { test } => {
            npm::build(&workspace, &Wasm::ensure(&workspace)?)?;
            if *test { shell::run(&mut npm::tests(&workspace, &[])?) } else { Ok(()) }
        }
        Chore::Rest(options) => rest::alone(&workspace, options),
        Chore::Audit => audit::all(&workspace),
        Chore::Deny => deny::check(&workspace),
        Chore::Invariants => invariants::check(&workspace),
        Chore::Setup => Wasm::ensure(&workspace).map(|_| println!("==> the wasm toolchain is ready")),
    }
}
