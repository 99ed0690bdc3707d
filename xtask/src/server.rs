//! A server of the chores: the sample on a new database.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::failure::{Context, Failure, Outcome};
use crate::shell::{command, make_directory};
use crate::workspace::Workspace;

/// Who owns the demo.
pub(crate) const OWNER: &str = "ada@example.com";

/// Of everybody in the demo.
pub(crate) const PASSWORD: &str = "the demo of the tests";

/// No limit on how often one may ask: refusals for that reason would hide all others.
const LIMITS: [&str; 4] = ["--limit-requests=0", "--limit-expensive=0", "--limit-sign-ins=0", "--limit-messages=0"];

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server with the demo, on a new database. Ends when it is dropped.
pub(crate) struct Server {
    child: Child,
    origin: String,
}

impl Server {
    /// Starts the server that was built as `profile` says (`debug`, `release`), with its files in `folder`, which is emptied.
    ///
    /// # Errors
    /// When the server can't be started.
    pub(crate) fn start(workspace: &Workspace, profile: &str, folder: &Path) -> Outcome<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).context(|| format!("can't remove {}", folder.display()))?;
        }
        make_directory(folder)?;
        let program = workspace.target().join(profile).join(format!("coval{}", std::env::consts::EXE_SUFFIX));
        let mut server = command(program);
        server
            .args(["serve", "--demo", "--demo-password", PASSWORD, "--port", "0", "--log", "error,actix_http=off"])
            .args(LIMITS);
        server.arg("--database-url").arg(folder.join("coval.sqlite")).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = server.spawn().context(|| "can't start the server".to_owned())?;
        let mut line = String::new();
        let read = child.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        let mut server = Self { child, origin: String::new() };
        let place = line.find("http://").and_then(|begin| line.get(begin..));
        match (read, place) {
            (Some(Ok(_)), Some(origin)) => origin.trim().trim_end_matches('/').clone_into(&mut server.origin),
            _ => return Err(Failure::new(format!("the server did not say where it listens: {line:?}"))),
        }
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs in as who owns the demo, and returns the token.
    ///
    /// # Errors
    /// When the server does not let them in.
    pub(crate) fn sign_in(&self) -> Outcome<String> {
        text(&self.ask("POST", "/api/sign-in", "", Some(&json!({"email": OWNER, "password": PASSWORD})))?, "/token")
    }

    /// Sends a request and reads the answer, which has to be JSON.
    ///
    /// # Errors
    /// When there is no answer, or a refusal.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Outcome<Value> {
        let what = || format!("{method} {path}");
        let address = self.origin.trim_start_matches("http://");
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(address).context(what)?;
        stream.set_read_timeout(Some(PATIENCE)).context(what)?;
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).context(what)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).context(what)?;
        let (_, json) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let value: Value = serde_json::from_str(json).context(what)?;
        if value.get("code").is_some() {
            return Err(Failure::new(format!("{}: {value}", what())));
        }
        Ok(value)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text at a place of `value`.
///
/// # Errors
/// When there is none.
pub(crate) fn text(value: &Value, pointer: &str) -> Outcome<String> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Failure::new(format!("no {pointer} in {value}")))
}
