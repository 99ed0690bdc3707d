//! What Lighthouse says of the app: a figure to be kept in `docs/BENCHMARKS.md`, and no test, since it hangs on how busy
//! the machine is.

use crate::app;
use crate::debian;
use crate::failure::Outcome;
use crate::npm;
use crate::server::{OWNER, PASSWORD, Server, text};
use crate::shell::{command, run, step};
use crate::test;
use crate::toolchain::Wasm;
use crate::workspace::Workspace;

/// Builds the app and the server for release, starts the server on a new database with the sample, and has Lighthouse
/// judge the list and the model.
///
/// # Errors
/// When something can't be built or installed, or Lighthouse does not come to an end.
pub(crate) fn all(workspace: &Workspace) -> Outcome {
    debian::ensure_libpq()?;
    let chromium = test::ensure_browser()?;
    app::build(workspace, &Wasm::ensure(workspace)?)?;
    step("building the server", "about 6 min the first time, then a second", || {
        run(command("cargo").args(["build", "--release", "--package", "coval-server", "--bin", "coval"]))
    })?;
    let lighthouse = npm::audit(workspace, "lighthouse")?;
    let reports = workspace.target().join("audits");
    let server = Server::start(workspace, "release", &workspace.target().join("audits-server"))?;
    let documents = server.ask("GET", "/api/documents", &server.sign_in()?, None)?;
    let model = text(&documents, "/items/0/id")?;
    step("having Lighthouse judge the list and the model", "about 2 min", || {
        let mut audit = command("node");
        audit.arg("audit.mjs").current_dir(&lighthouse).arg(chromium).arg(server.origin());
        audit.args([OWNER, PASSWORD]).arg(&reports);
        run(audit.arg("list=/").arg(format!("model=/document/{model}")))
    })?;
    println!("the whole reports are in {}", reports.display());
    Ok(())
}
