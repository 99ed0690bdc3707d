//! Working on Coval: what changes is rebuilt, and the page reloads.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::app;
use crate::debian;
use crate::dev::front::Front;
use crate::failure::{Context, Failure, Outcome};
use crate::run::require_free_port;
use crate::shell::{command, make_directory, run, step};
use crate::toolchain::Wasm;
use crate::workspace::{Workspace, files_below};

mod front;

/// Where the page is.
const PAGE: u16 = 8081;
/// Where Trunk serves the app's files.
const TRUNK: u16 = 8082;
/// Where the server is.
const SERVER: u16 = 8080;

/// What the server is built from.
const SOURCES: &[&str] = &["server", "shared", "ot-core", "Cargo.toml", "Cargo.lock"];

/// How often the sources are looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Serves the page with what is being worked on, until interrupted.
///
/// # Errors
/// When a port is taken, a part is missing, or Trunk ends. A build that fails is shown and tried again at the next
/// change.
pub(crate) fn serve(workspace: &Workspace) -> Outcome {
    for port in [PAGE, TRUNK, SERVER] {
        require_free_port(port)?;
    }
    debian::ensure_libpq()?;
    let wasm = Wasm::ensure(workspace)?;
    let dist = workspace.target().join("dev-dist");
    make_directory(&dist)?;
    make_directory(&workspace.path("data"))?;
    step("fetching what the app is built from", "a second if it is here", || {
        run(command("cargo").args(["fetch", "--quiet"]))
    })?;
    let front = Front::listen(PAGE, TRUNK, SERVER)?;
    thread::spawn(move || front.serve());
    let mut trunk = app::trunk(&wasm)?;
    trunk.args(["serve", "--offline", "--address", "127.0.0.1", "--port", &TRUNK.to_string(), "--dist"]).arg(&dist);
    let mut children = Children::default();
    children.trunk = Some(trunk.spawn().context(|| "can't start trunk".to_owned())?);
    println!("==> the page will be at http://127.0.0.1:{PAGE} once both builds are done (Ctrl-C ends)");
    let mut seen = None;
    loop {
        let now = newest(workspace)?;
        if seen != Some(now) {
            seen = Some(now);
            children.restart_server(workspace);
        }
        if let Some(trunk) = &mut children.trunk
            && let Some(status) = trunk.try_wait().context(|| "can't ask for trunk".to_owned())?
        {
            return Err(Failure::new(format!("trunk ended ({status})")));
        }
        thread::sleep(INTERVAL);
    }
}

/// The programs that run meanwhile; they end with this one.
#[derive(Debug, Default)]
struct Children {
    trunk: Option<Child>,
    server: Option<Child>,
}

impl Children {
    /// Builds the server and replaces the running one. The old one goes on while the new one doesn't compile.
    fn restart_server(&mut self, workspace: &Workspace) {
        let built = step("building the server", "some seconds after the first time", || {
            run(command("cargo").args(["build", "--package", "coval-server", "--bin", "coval"]))
        });
        if let Err(failure) = built {
            eprintln!("error: {failure}");
            return;
        }
        end(self.server.take());
        let program = workspace.target().join("debug").join(format!("coval{}", std::env::consts::EXE_SUFFIX));
        let mut server = command(program);
        server.args(["serve", "--demo", "--port", &SERVER.to_string(), "--database-url", "data/dev.sqlite"]);
        server.args(["--allow-origin", &format!("http://127.0.0.1:{PAGE}")]);
        match server.spawn() {
            Ok(child) => self.server = Some(child),
            Err(error) => eprintln!("error: can't start the server: {error}"),
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        end(self.server.take());
        end(self.trunk.take());
    }
}

/// Ends a program that may have ended already.
fn end(child: Option<Child>) {
    if let Some(mut child) = child {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// What tells one state of the server's sources from another: their number and the latest change.
fn newest(workspace: &Workspace) -> Outcome<(usize, Option<SystemTime>)> {
    let mut count = 0;
    let mut latest = None;
    for source in SOURCES {
        for file in files_below(&workspace.path(source))? {
            count += 1;
            // A file can vanish between the listing and this question, as editors replace what they save.
            let changed = fs::metadata(&file).and_then(|metadata| metadata.modified()).ok();
            latest = latest.max(changed);
        }
    }
    Ok((count, latest))
}
