//! What a change must pass.

use std::fs;

use crate::app;
use crate::debian;
use crate::deny;
use crate::failure::{Context, Failure, Outcome};
use crate::invariants;
use crate::shell::{command, run, step};
use crate::test::{BROWSER, NATIVE};
use crate::toolchain::{TARGET, Wasm};
use crate::workspace::Workspace;

/// The most bytes that a person downloads to open the app, all files together, with Brotli.
const SIZE_BUDGET: u64 = 400_000;

/// The command by which the README says that everything is tested.
const TEST_COMMAND: &str = "cargo xtask test";

/// Runs every check, the quick ones first.
///
/// # Errors
/// At the first check that fails.
pub(crate) fn all(workspace: &Workspace) -> Outcome {
    step("checking the formatting", "a second", || run(command("cargo").args(["fmt", "--all", "--check"])))?;
    step("checking the invariants of the architecture", "some seconds", || invariants::check(workspace))?;
    deny::check(workspace)?;
    debian::ensure_libpq()?;
    let wasm = Wasm::ensure(workspace)?;
    wasm.ensure_clippy()?;
    app::build(workspace, &wasm)?;
    step("clippy on the native crates", "about 4 min the first time", || {
        run(command("cargo").arg("clippy").args(NATIVE).args(["--all-targets", "--", "-D", "warnings"]))
    })?;
    step("clippy on the crates of the app, for wasm", "about 3 min the first time", || {
        clippy_for_wasm(workspace, &wasm)
    })?;
    step("building the documentation", "about 3 min the first time", || document(&wasm))?;
    check_size(app::transferred_size(workspace)?)?;
    let readme = workspace.path("README.md");
    let text = fs::read_to_string(&readme).context(|| format!("can't read {}", readme.display()))?;
    if !has_command(&text, TEST_COMMAND) {
        return Err(Failure::new(format!("README.md has no code block with the line `{TEST_COMMAND}`")));
    }
    let mut words = TEST_COMMAND.split_whitespace();
    run(command(words.next().unwrap_or_default()).args(words))
}

fn clippy_for_wasm(workspace: &Workspace, wasm: &Wasm) -> Outcome {
    for (package, folder) in BROWSER.iter().chain(&[("ot-core-npm", "ot-core/npm")]) {
        let mut clippy = wasm.command("cargo")?;
        clippy.args(["clippy", "--target", TARGET, "--package", package]);
        // The libraries' other tests are for native runs only.
        if *package == "coval-frontend" {
            clippy.arg("--all-targets");
        } else {
            clippy.arg("--lib");
            if workspace.path(folder).join("tests/wasm.rs").is_file() {
                clippy.args(["--test", "wasm"]);
            }
        }
        run(clippy.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn document(wasm: &Wasm) -> Outcome {
    let mut native = command("cargo");
    let mut app = wasm.command("cargo")?;
    native.args(["doc", "--no-deps"]).args(NATIVE);
    app.args(["doc", "--no-deps", "--target", TARGET, "--package", "coval-frontend"]);
    for mut doc in [native, app] {
        run(doc.env("RUSTDOCFLAGS", "-Dwarnings"))?;
    }
    Ok(())
}

fn check_size(bytes: u64) -> Outcome {
    println!("    a first visit of the app transfers {bytes} bytes with Brotli, of {SIZE_BUDGET} allowed");
    if bytes < SIZE_BUDGET {
        Ok(())
    } else {
        Err(Failure::new(format!("the app is too large: a first visit transfers {bytes} bytes"))
            .hint("look for a dependency or a feature that came in with the last changes"))
    }
}

/// Whether a code block of a Markdown text has this command as a line.
fn has_command(markdown: &str, wanted: &str) -> bool {
    let mut in_code = false;
    markdown.lines().any(|line| {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        in_code && line.trim() == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_counts_only_as_a_line_of_a_code_block() {
        assert!(has_command("Test it:\n```sh\ncargo xtask test\n```\n", TEST_COMMAND));
        assert!(!has_command("Run `cargo xtask test`.\ncargo xtask test\n", TEST_COMMAND));
        assert!(!has_command("```sh\ncargo xtask test --quick\n```\n", TEST_COMMAND));
    }

    #[test]
    fn an_app_over_its_budget_fails_the_check() {
        assert!(check_size(SIZE_BUDGET - 1).is_ok());
        assert!(check_size(SIZE_BUDGET).is_err());
    }
}
