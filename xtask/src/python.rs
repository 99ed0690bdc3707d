//! Programs and libraries from the Python package index, in `target/python`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Outcome};
use crate::shell::{command, make_directory, run, step, succeeds};
use crate::workspace::Workspace;

/// Makes sure that `package`, which is a name and a version as pip has them, is in a folder of its own, and names that
/// folder.
///
/// # Errors
/// When pip is not there or can't install it.
pub(crate) fn ensure(workspace: &Workspace, package: &str) -> Outcome<PathBuf> {
    let place = workspace.target().join("python").join(package);
    let installed = place.join("installed");
    if !installed.is_file() {
        make_directory(&place)?;
        step(&format!("installing {package} with pip"), "some seconds", || {
            let quiet =
                ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--upgrade", "--target"];
            run(command("python3").args(["-m", "pip", "install"]).args(quiet).arg(&place).arg(package))
        })
        .map_err(|failure| failure.hint("this needs python3 with pip"))?;
        fs::write(&installed, "").context(|| format!("can't write {}", installed.display()))?;
    }
    Ok(place)
}

/// Whether Python is here, with pip.
pub(crate) fn has_pip() -> bool {
    succeeds(command("python3").args(["-m", "pip", "--version"]))
}

/// A Python module that [`ensure`] has put into `place`, as a command.
pub(crate) fn module(place: &Path, name: &str) -> Command {
    let mut python = command("python3");
    python.args(["-m", name]).env("PYTHONPATH", place).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}
