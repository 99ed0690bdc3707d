//! The server as a process.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::sync::OnceCell;

use crate::{http, programs, wait};

/// Ports below those that systems hand out by themselves, so that nobody takes the port of a server that is down.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// With what everybody of the demo signs in.
pub const PASSWORD: &str = "correct horse battery staple";

/// `coval serve` with the demo on an SQLite file. Ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Option<Child>>,
    port: u16,
    database: PathBuf,
    log: PathBuf,
    token: OnceCell<String>,
}

impl Server {
    /// Starts a server whose files lie in `directory`, and waits until it serves.
    ///
    /// # Panics
    /// When it can't be started.
    pub async fn start(directory: &Path) -> Self {
        let server = Self {
            child: Mutex::new(None),
            port: free_port(),
            database: directory.join("coval.sqlite"),
            log: directory.join("server.log"),
            token: OnceCell::new(),
        };
        server.restart().await;
        server
    }

    /// Where it is for browsers and programs.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What lets programs in as Ada, who owns the demo.
    ///
    /// # Errors
    /// When the server does not let her in.
    pub async fn token(&self) -> Result<&str, String> {
        let sign_in = async || http::sign_in(&self.origin(), &email("Ada"), PASSWORD).await;
        self.token.get_or_try_init(sign_in).await.map(String::as_str)
    }

    /// Its database file.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    /// Ends it as a power cut would: by SIGKILL, without a chance to write anything more.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap().take().expect("the server was killed before");
        child.kill().expect("the server can't be killed");
        child.wait().expect("the killed server can't be waited for");
    }

    /// Starts it anew on the same port and file after it was killed, and waits until it serves.
    ///
    /// # Panics
    /// When it can't be started.
    pub async fn restart(&self) {
        let log =
            OpenOptions::new().create(true).append(true).open(&self.log).expect("the server's log can't be opened");
        let before = self.child.lock().unwrap().replace(self.spawn(log));
        assert!(before.is_none(), "the server ran already");
        let health = format!("{}/health", self.origin());
        wait::until("the server to serve", async || {
            self.assert_runs();
            let answer = http::get(&health).await?;
            if answer.status.is_success() { Ok(()) } else { Err(format!("{}: {}", answer.status, answer.body)) }
        })
        .await;
    }

    fn spawn(&self, log: File) -> Child {
        let program = programs::coval();
        Command::new(&program)
            .args(["serve", "--demo", "--demo-password", PASSWORD, "--host", "127.0.0.1", "--port"])
            .arg(self.port.to_string())
            .arg("--database-url")
            .arg(&self.database)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the server's log can't be shared"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{} can't be started: {error}", program.display()))
    }

    fn assert_runs(&self) {
        let mut child = self.child.lock().unwrap();
        let ended = child.as_mut().and_then(|child| child.try_wait().expect("the server can't be asked"));
        if let Some(status) = ended {
            panic!("the server ended with {status}; it printed:\n{}", self.log());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(Some(child)) = self.child.get_mut() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The e-mail of somebody of the demo.
pub fn email(person: &str) -> String {
    format!("{}@example.com", person.to_lowercase())
}

/// A port that nobody listens on, and that no other test of this process is given.
fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Processes that test at the same time begin at different places.
    let mut spread = std::process::id().wrapping_mul(97);
    spread %= u32::from(PORTS.end - PORTS.start);
    let first = u16::try_from(spread).expect("a remainder of ports is a port");
    for _ in PORTS {
        let next = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + first.wrapping_add(next) % (PORTS.end - PORTS.start);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("every port of {PORTS:?} is taken");
}
