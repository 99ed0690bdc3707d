//! A PostgreSQL server of the tests' own.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;

/// The server of the tests that run at this moment. It ends with the last one that uses it.
static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());

/// A running PostgreSQL server, in a folder that goes with it.
pub(crate) struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Postgres {
    /// The server, started if no other test has done so.
    pub(crate) fn shared() -> Arc<Self> {
        // A test that failed while it held the lock has started nothing.
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(Self::start());
        *shared = Arc::downgrade(&started);
        started
    }

    /// A server for one test alone.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let postgres = Self { programs: programs(), folder, port };
        if is_root() {
            // PostgreSQL refuses to run as root.
            run(Command::new("chown").arg("postgres").arg(postgres.folder.path()));
        }
        let data = postgres.data();
        let data = data.to_str().unwrap();
        run(&mut postgres.program("initdb", &["-D", data, "-U", "coval", "-A", "trust", "--no-sync"]));
        postgres.resume();
        postgres
    }

    /// An empty database, as a URL.
    pub(crate) fn database(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let own = format!("postgres://coval@127.0.0.1:{}", self.port);
        let mut connection = PgConnection::establish(&format!("{own}/postgres")).unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        format!("{own}/{name}")
    }

    /// Stops it at once, with all connections.
    pub(crate) fn pause(&self) {
        run(&mut self.program("pg_ctl", &["-D", self.data().to_str().unwrap(), "-m", "immediate", "-w", "stop"]));
    }

    /// Starts it where it was stopped.
    pub(crate) fn resume(&self) {
        let options = format!(
            "-p {} -h 127.0.0.1 -k {} -c fsync=off -c max_connections=200",
            self.port,
            self.folder.path().display()
        );
        let data = self.data();
        let log = self.folder.path().join("log");
        let arguments =
            ["-D", data.to_str().unwrap(), "-o", &options, "-l", log.to_str().unwrap(), "-w", "-t", "60", "start"];
        run(&mut self.program("pg_ctl", &arguments));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of PostgreSQL's programs, as somebody who may run it.
    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir("/").env("LC_ALL", "C");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut stop =
            self.program("pg_ctl", &["-D", self.data().to_str().unwrap_or_default(), "-m", "immediate", "stop"]);
        // It may be stopped already.
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The folder of PostgreSQL's programs: the one that `COVAL_POSTGRES_BIN` names, one on PATH, or Debian's newest.
pub(crate) fn programs() -> PathBuf {
    let has_all = |folder: &Path| {
        ["initdb", "pg_ctl", "pg_dump", "pg_restore", "postgres"].iter().all(|name| folder.join(name).is_file())
    };
    let named = std::env::var_os("COVAL_POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").map(|entries| {
        let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path().join("bin")).collect();
        folders.sort();
        folders
    });
    let mut folders = named.into_iter().chain(std::env::split_paths(&path)).chain(debian.into_iter().flatten().rev());
    folders.find(|folder| has_all(folder)).expect(
        "PostgreSQL's server programs (initdb, pg_ctl, postgres) are missing: `cargo xtask test` installs them, or \
         COVAL_POSTGRES_BIN names their folder",
    )
}

/// Whether this process runs as root, told by a folder of its own.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn run(command: &mut Command) {
    // Into a file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open.
    let mut log = tempfile::tempfile().unwrap();
    let status =
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log.try_clone().unwrap()).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?} can't be started: {error}"));
    if !status.success() {
        let mut text = String::new();
        std::io::Seek::rewind(&mut log).unwrap();
        std::io::Read::read_to_string(&mut log, &mut text).unwrap();
        panic!("{command:?} failed: {text}");
    }
}
