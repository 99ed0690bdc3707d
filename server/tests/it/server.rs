//! `coval serve` as a process.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use coval_shared::protocol::DocumentId;
use coval_shared::rest::{DocumentSummary, Page};
use tempfile::TempDir;

use crate::http;
use crate::signed_in::SignedIn;

/// How long a server may take to begin, and to end when it is asked to.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The password of everybody in the demo of a server in a test.
pub(crate) const DEMO_PASSWORD: &str = "the demo of the tests";

/// A server on a free port. Ends when it is dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    database: String,
    /// Held as long as the server runs.
    folder: Option<TempDir>,
    /// Who has signed in, by their names.
    people: Mutex<HashMap<String, SignedIn>>,
}

impl Server {
    /// A server with the demo, on a new SQLite file.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("coval.sqlite").display().to_string();
        let mut server = Self::start_on(&database, arguments);
        server.folder = Some(folder);
        server
    }

    /// A server with the demo, on this database.
    pub(crate) fn start_on(database: &str, arguments: &[&str]) -> Self {
        let (child, address) = spawn(database, arguments);
        Self { child, address, database: database.to_owned(), folder: None, people: Mutex::default() }
    }

    /// The same, with its log where `errors` says.
    pub(crate) fn start_logging(database: &str, arguments: &[&str], errors: Stdio) -> Self {
        let (child, address) = spawn_logging(database, arguments, errors);
        Self { child, address, database: database.to_owned(), folder: None, people: Mutex::default() }
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The origin of its own pages.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its database, as it was told.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Somebody of the demo: "Ada", its owner, "Grace", who edits, or "Vera", who reads. Under any other name it is Grace
    /// once more. Whoever signs in twice has one sign-in.
    pub(crate) async fn signed_in(&self, name: &str) -> SignedIn {
        let email = match name.to_lowercase().as_str() {
            known @ ("ada" | "grace" | "vera") => format!("{known}@example.com"),
            _ => "grace@example.com".to_owned(),
        };
        let known = self.people.lock().unwrap().get(&email).cloned();
        match known {
            Some(person) => person.at(self.address()),
            None => {
                let person = SignedIn::new(self.address(), &email, DEMO_PASSWORD).await;
                self.people.lock().unwrap().insert(email, person.clone());
                person
            }
        }
    }

    /// Gets `path` as the owner of the demo.
    pub(crate) async fn get(&self, path: &str) -> http::Answer {
        self.signed_in("Ada").await.get(path).await
    }

    /// The demo's document.
    pub(crate) async fn demo(&self) -> DocumentId {
        let answer = self.get("/api/documents").await;
        let list: Page<DocumentSummary> = serde_json::from_slice(&answer.body).unwrap();
        list.items[0].id
    }

    /// Ends it as a power cut would, and starts another one on the same database and another port.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        let (child, address) = spawn(&self.database, &[]);
        self.child = child;
        self.address = address;
    }

    /// Ends it by SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as the system does when it shuts down.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait(&mut self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nothing listens on.
pub(crate) fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The program with `arguments`, run to its end: how it ended, and what it wrote to its two outputs.
pub(crate) fn run(arguments: &[&str]) -> (ExitStatus, String, String) {
    let mut child = command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = wait(&mut child);
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (status, out, err)
}

/// The same, with a text on its standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &str) -> (ExitStatus, String, String) {
    let pipes = command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = pipes.unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status, text(output.stdout), text(output.stderr))
}

/// The program, without anything from the tests' own environment that it would listen to.
fn command() -> Command {
    let mut command = Command::new(program());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("COVAL_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_coval")).to_path_buf()
}

fn spawn(database: &str, arguments: &[&str]) -> (Child, String) {
    spawn_logging(database, &[&["--log", "warn"], arguments].concat(), Stdio::inherit())
}

fn spawn_logging(database: &str, arguments: &[&str], errors: Stdio) -> (Child, String) {
    let mut child = command()
        .args(["serve", "--demo", "--port", "0", "--database-url", database])
        .args(["--demo-password", DEMO_PASSWORD])
        .args(key_arguments(database))
        .args(limit_arguments(arguments))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").map(|(_, address)| address.trim_end_matches('/').to_owned());
    let address = address.unwrap_or_else(|| panic!("the server did not say where it listens: {line:?}"));
    (child, address)
}

/// Servers on one PostgreSQL share the key of their tokens; beside a SQLite file, each draws its own.
fn key_arguments(database: &str) -> Vec<String> {
    if database.starts_with("postgres") {
        vec!["--token-key-file".to_owned(), format!("{}/token.key", env!("CARGO_TARGET_TMPDIR"))]
    } else {
        Vec::new()
    }
}

/// No limits but those that the test is about.
fn limit_arguments(arguments: &[&str]) -> Vec<&'static str> {
    let limits = ["--limit-requests=0", "--limit-expensive=0", "--limit-sign-ins=0", "--limit-messages=0"];
    let is_set = |limit: &str| arguments.iter().any(|argument| limit.starts_with(argument.split('=').next().unwrap()));
    limits.into_iter().filter(|limit| !is_set(limit)).collect()
}

fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the server did not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
