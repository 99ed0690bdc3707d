//! The main job: Coval on this machine, from nothing.

use std::net::TcpListener;

use crate::app;
use crate::debian;
use crate::failure::{Context, Outcome};
use crate::shell::{command, make_directory, run, step};
use crate::toolchain::Wasm;
use crate::workspace::Workspace;

/// What `cargo xtask run` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The port to listen on
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the documents are: a path for SQLite, or a postgres:// URL
    #[arg(long, default_value = "data/coval.sqlite")]
    database_url: String,
    /// Start without the sample workspace
    #[arg(long)]
    no_demo: bool,
}

/// Builds the app and the server in release and becomes the server, so that a signal to this process reaches it.
///
/// # Errors
/// When the port is taken, a part is missing, or a build fails.
pub(crate) fn serve(workspace: &Workspace, options: &Options) -> Outcome {
    require_free_port(options.port)?;
    debian::ensure_libpq()?;
    let wasm = Wasm::ensure(workspace)?;
    app::build(workspace, &wasm)?;
    step("building the server", "about 6 min the first time, then a second", || {
        run(command("cargo").args(["build", "--release", "--package", "coval-server", "--bin", "coval"]))
    })?;
    make_directory(&workspace.path("data"))?;
    let mut server = command(workspace.target().join("release").join(format!("coval{}", std::env::consts::EXE_SUFFIX)));
    server.args(["serve", "--host", "127.0.0.1", "--port", &options.port.to_string()]);
    server.args(["--database-url", &options.database_url]);
    if !options.no_demo {
        server.arg("--demo");
    }
    println!("==> starting Coval on http://127.0.0.1:{} (Ctrl-C ends it)", options.port);
    become_program(server)
}

/// Refuses a port that something else listens on.
///
/// # Errors
/// When it can't be listened on, with the system's own reason.
pub(crate) fn require_free_port(port: u16) -> Outcome {
    TcpListener::bind(("127.0.0.1", port))
        .map(drop)
        .context(|| format!("can't listen on port {port}"))
        .map_err(|failure| failure.hint("end what listens there, or take another port with --port"))
}

#[cfg(unix)]
fn become_program(mut command: std::process::Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context(|| format!("can't start {}", command.get_program().to_string_lossy()))
}

#[cfg(not(unix))]
fn become_program(mut command: std::process::Command) -> Outcome {
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_refused_with_its_number() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let failure = require_free_port(port).unwrap_err().to_string();
        assert!(failure.contains(&format!("port {port}")), "{failure}");
        drop(listener);
        assert!(require_free_port(port).is_ok());
    }
}
