//! Where the programs are that the tests run.
//!
//! `cargo xtask test` installs them and says where they are; `cargo test` alone finds them on `PATH` and in cargo's
//! target directory.

use std::env;
use std::path::{Path, PathBuf};

/// The server.
///
/// # Panics
/// When it was not built.
pub fn coval() -> PathBuf {
    let name = format!("coval{}", env::consts::EXE_SUFFIX);
    // The test runs in `target/debug/deps`.
    let beside = env::current_exe().ok().and_then(|test| Some(test.parent()?.parent()?.join(name)));
    find("the server", "COVAL_BIN", beside)
}

/// Chromium.
///
/// # Panics
/// When it is not installed.
pub fn chromium() -> PathBuf {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    find("Chromium", "COVAL_CHROMIUM", names.iter().find_map(|name| on_path(name)))
}

/// ChromeDriver.
///
/// # Panics
/// When it is not installed.
pub fn chromedriver() -> PathBuf {
    find("ChromeDriver", "COVAL_CHROMEDRIVER", on_path("chromedriver"))
}

/// The script that finds what keeps people out of a page.
///
/// # Panics
/// When it is not installed.
pub fn axe() -> PathBuf {
    let installed = checkout().join("target/npm/axe/node_modules/axe-core/axe.min.js");
    find("axe-core", "COVAL_AXE", Some(installed))
}

/// The top of the checkout.
pub fn checkout() -> PathBuf {
    // Cargo's word at run time, since two checkouts may share what was compiled.
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().expect("the tests lie in a folder of the checkout").to_path_buf()
}

/// Where tests leave pictures for people.
pub fn screenshots() -> PathBuf {
    checkout().join("target").join("screenshots")
}

/// Makes sure that there is an app for the server to serve.
///
/// # Panics
/// When it was not built.
pub fn assert_the_app_is_built() {
    let page = checkout().join("dist").join("index.html");
    assert!(page.is_file(), "the app is not built: there is no {}; `cargo xtask test` builds it", page.display());
}

fn find(what: &str, variable: &str, fallback: Option<PathBuf>) -> PathBuf {
    let named = env::var_os(variable).map(PathBuf::from);
    match named.or(fallback) {
        Some(path) if path.is_file() => path,
        Some(path) => panic!("{what} is missing: there is no {}; `cargo xtask test` brings it", path.display()),
        None => {
            panic!("{what} is missing: neither {variable} nor PATH names it; `cargo xtask test` installs it")
        }
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|directory: PathBuf| directory.join(Path::new(&name)))
        .find(|path| path.is_file())
}
