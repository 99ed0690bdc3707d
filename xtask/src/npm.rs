//! The npm package of the engine, in `target/npm/ot-core`, and its tests.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, find_program, make_directory, run, step};
use crate::toolchain::{TARGET, Wasm};
use crate::workspace::{Workspace, files_below};

/// The most bytes of compressed WebAssembly that the package may have: 100 KB.
const SIZE_BUDGET: usize = 100_000;

/// Where the sources of the package are.
const SOURCE: &str = "ot-core/npm";

/// What stands at the end of `types.js` for `require`, and for `import`.
const COMMON: &str = "\nmodule.exports = { bind };\n";
const MODULE: &str = "\nexport { bind };\n";

/// What a module needs not say, and a file only once.
const STRICT: &str = "'use strict';\n";

/// The names that the package exports.
const NAMES: &str = "textUnicode, richText, json1, Client";

/// Builds the package.
///
/// # Errors
/// When a build fails, a file can't be written, or the WebAssembly is over its budget.
pub(crate) fn build(workspace: &Workspace, wasm: &Wasm) -> Outcome {
    step("building the npm package", "about 2 min the first time", || {
        run(wasm.command("cargo")?.args([
            "build",
            "--package",
            "ot-core-npm",
            "--profile",
            "app",
            "--target",
            TARGET,
        ]))?;
        let package = package(workspace);
        if package.exists() {
            fs::remove_dir_all(&package).context(|| format!("can't remove {}", package.display()))?;
        }
        bind(workspace, wasm, "nodejs", &package.join("node"))?;
        bind(workspace, wasm, "bundler", &package.join("bundler"))?;
        write_files(workspace, &package)
    })?;
    check_size(&package(workspace))
}

/// Runs the package's tests, which are also given the JavaScript types that it stands in for.
///
/// # Errors
/// When what the tests need can't be installed.
pub(crate) fn tests(workspace: &Workspace, filters: &[String]) -> Outcome<Command> {
    let source = workspace.path(SOURCE).join("test");
    on_node(&source, &workspace.target().join("npm/test"), "ShareDB and the JavaScript types", filters)
}

/// Runs the tests of the client that was written from the protocol's page alone, against the built server.
///
/// # Errors
/// When what the tests need can't be installed.
pub(crate) fn protocol_tests(workspace: &Workspace, filters: &[String]) -> Outcome<Command> {
    let place = workspace.target().join("npm/protocol");
    let mut tests = on_node(&workspace.path("tests/protocol-client"), &place, "sockets for Node", filters)?;
    tests.env("COVAL", workspace.target().join("debug/coval"));
    Ok(tests)
}

/// The tests in the folder `source`, which run in `place`, where what they need is installed: `what`, in words.
fn on_node(source: &Path, place: &Path, what: &str, filters: &[String]) -> Outcome<Command> {
    make_directory(place)?;
    for file in files_below(source)? {
        copy(&file, &place.join(file.file_name().unwrap_or_default()))?;
    }
    let quiet = ["install", "--no-package-lock"];
    install(place, &place.join("package.json"), &quiet, what)?;
    // Debian's Node has no limit of its own for the time that tests take.
    let mut tests = command("timeout");
    tests.args(["--kill-after=10", "300", "node", "--test", "--test-reporter=tap"]).current_dir(place);
    for filter in filters {
        tests.arg(format!("--test-name-pattern={filter}"));
    }
    for file in files_below(source)? {
        let name = file.file_name().unwrap_or_default();
        if name.to_string_lossy().ends_with(".test.js") {
            tests.arg(name);
        }
    }
    Ok(tests)
}

/// Makes sure that what the folder `name` of `tests/audits` asks for is there, to the last file as its lock says, and
/// names the folder that it is in.
///
/// # Errors
/// When it can't be installed.
pub(crate) fn audit(workspace: &Workspace, name: &str) -> Outcome<PathBuf> {
    let place = workspace.target().join("npm").join(name);
    make_directory(&place)?;
    for file in files_below(&workspace.path("tests/audits").join(name))? {
        copy(&file, &place.join(file.file_name().unwrap_or_default()))?;
    }
    install(&place, &place.join("package-lock.json"), &["ci", "--ignore-scripts"], name)?;
    Ok(place)
}

/// Has npm put `what` into `place`, unless that is there already as the file `asked` has it.
fn install(place: &Path, asked: &Path, order: &[&str], what: &str) -> Outcome {
    let asked = read(asked)?;
    let installed = place.join("node_modules/installed.json");
    if fs::read_to_string(&installed).is_ok_and(|found| found == asked) {
        println!("==> there already: {what}");
        return Ok(());
    }
    step(&format!("installing {what} with npm"), "some seconds", || {
        let quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
        run(command("npm").args(order).args(quiet).current_dir(place))?;
        write(&installed, &asked)
    })
}

/// Whether npm is here.
pub(crate) fn has_npm() -> bool {
    find_program("npm").is_some()
}

fn package(workspace: &Workspace) -> PathBuf {
    workspace.target().join("npm/ot-core")
}

/// Writes the WebAssembly, and the JavaScript around it for one kind of loader.
fn bind(workspace: &Workspace, wasm: &Wasm, target: &str, out: &Path) -> Outcome {
    let built = workspace.target().join(TARGET).join("app/ot_core_npm.wasm");
    run(wasm
        .command("wasm-bindgen")?
        .args(["--target", target, "--out-name", "ot_core", "--no-typescript"])
        .args(["--remove-name-section", "--remove-producers-section", "--out-dir"])
        .arg(out)
        .arg(built))
}

fn write_files(workspace: &Workspace, package: &Path) -> Outcome {
    let source = workspace.path(SOURCE);
    let types = read(&source.join("js/json.js"))? + read(&source.join("js/types.js"))?.trim_start_matches(STRICT);
    write(&package.join("node/types.js"), &(types.clone() + COMMON))?;
    write(&package.join("node/index.js"), "module.exports = require('./types.js').bind(require('./ot_core.js'));\n")?;
    write(
        &package.join("node/index.mjs"),
        &format!("import types from './index.js';\n\nexport const {{ {NAMES} }} = types;\n"),
    )?;
    write(&package.join("bundler/types.js"), &(types.trim_start_matches(STRICT).to_owned() + MODULE))?;
    write(
        &package.join("bundler/index.js"),
        &format!(
            "import * as wasm from './ot_core.js';\nimport {{ bind }} from './types.js';\n\nexport const {{ {NAMES} }} = bind(wasm);\n"
        ),
    )?;
    write(&package.join("bundler/package.json"), "{ \"type\": \"module\", \"sideEffects\": [\"./ot_core.js\"] }\n")?;
    let manifest = read(&source.join("package.json"))?.replace("\"0.0.0\"", &format!("\"{}\"", version(workspace)?));
    write(&package.join("package.json"), &manifest)?;
    copy(&source.join("README.md"), &package.join("README.md"))?;
    copy(&source.join("js/index.d.ts"), &package.join("index.d.ts"))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&workspace.path(licence), &package.join(licence))?;
    }
    Ok(())
}

/// The workspace's version, which the package shares.
fn version(workspace: &Workspace) -> Outcome<String> {
    let manifest = read(&workspace.path("Cargo.toml"))?;
    version_in(&manifest).ok_or_else(|| Failure::new("Cargo.toml has no version under [workspace.package]"))
}

fn version_in(manifest: &str) -> Option<String> {
    let mut lines = manifest.lines().skip_while(|line| *line != "[workspace.package]");
    let line = lines.find(|line| line.starts_with("version = "))?;
    Some(line.strip_prefix("version = \"")?.strip_suffix('"')?.to_owned())
}

fn check_size(package: &Path) -> Outcome {
    for folder in ["node", "bundler"] {
        let file = package.join(folder).join("ot_core_bg.wasm");
        let bytes = fs::read(&file).context(|| format!("can't read {}", file.display()))?;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let compressed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
        let size = compressed.context(|| format!("can't compress {}", file.display()))?.len();
        println!("    its WebAssembly for {folder} has {size} bytes gzipped, of {SIZE_BUDGET} allowed");
        if size > SIZE_BUDGET {
            return Err(Failure::new(format!("the npm package is too large: {size} bytes of gzipped WebAssembly")));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).context(|| format!("can't read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).context(|| format!("can't write {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::copy(from, to).map(|_| ()).context(|| format!("can't copy {} to {}", from.display(), to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_workspace() {
        let manifest = "[workspace]\nversion = \"9\"\n\n[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        assert_eq!(version_in(manifest).as_deref(), Some("0.1.0"));
        assert_eq!(version_in("[workspace.package]\n"), None);
    }
}
