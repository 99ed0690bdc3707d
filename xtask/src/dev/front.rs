//! One address for the page in development: the app's files come from Trunk, the rest from the server.
//!
//! Trunk has a proxy of its own, but it leaves out the WebSocket's subprotocol, without which browsers close the
//! connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::failure::{Context, Outcome};

/// The longest head of a request that is read.
const HEAD_LIMIT: usize = 64 * 1024;

/// How long a browser may take to send a request's head.
const PATIENCE: Duration = Duration::from_secs(10);

/// A listener that passes each connection on.
#[derive(Debug)]
pub(super) struct Front {
    listener: TcpListener,
    trunk: u16,
    server: u16,
}

impl Front {
    /// Listens on `page`; what the server answers goes to `server`, the rest to `trunk`, all on this machine.
    ///
    /// # Errors
    /// When the port can't be listened on.
    pub(super) fn listen(page: u16, trunk: u16, server: u16) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", page)).context(|| format!("can't listen on port {page}"))?;
        Ok(Self { listener, trunk, server })
    }

    /// Passes connections on until the program ends.
    pub(super) fn serve(&self) {
        for browser in self.listener.incoming().flatten() {
            let (trunk, server) = (self.trunk, self.server);
            // A connection that breaks concerns only its own browser, which sees it.
            thread::spawn(move || pass_on(browser, trunk, server).ok());
        }
    }
}

fn pass_on(mut browser: TcpStream, trunk: u16, server: u16) -> io::Result<()> {
    browser.set_read_timeout(Some(PATIENCE))?;
    let (head, rest) = read_head(&mut browser)?;
    browser.set_read_timeout(None)?;
    let port = if is_for_server(&head) { server } else { trunk };
    let Ok(mut backend) = TcpStream::connect(("127.0.0.1", port)) else {
        let body = "Still building. This page tries again by itself.\n";
        return write!(
            browser,
            "HTTP/1.1 503 Service Unavailable\r\nRefresh: 2\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    };
    backend.write_all(one_request(&head).as_bytes())?;
    backend.write_all(&rest)?;
    let mut from_browser = browser.try_clone()?;
    let mut to_backend = backend.try_clone()?;
    thread::spawn(move || {
        let _ = io::copy(&mut from_browser, &mut to_backend);
        let _ = to_backend.shutdown(Shutdown::Write);
    });
    io::copy(&mut backend, &mut browser)?;
    browser.shutdown(Shutdown::Both)
}

/// The head of the first request with the empty line after it, and what was read beyond it.
fn read_head(stream: &mut impl Read) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            let head = String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
            return Ok((head, rest));
        }
        let count = stream.read(&mut chunk)?;
        if count == 0 || bytes.len() > HEAD_LIMIT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        bytes.extend(chunk.iter().take(count));
    }
}

fn is_for_server(head: &str) -> bool {
    let target = head.split_whitespace().nth(1).unwrap_or("/");
    let path = target.split('?').next().unwrap_or(target);
    ["/api", "/health", "/ws"]
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The head of a request that is the only one of its connection: the next one may be for the other side.
fn one_request(head: &str) -> String {
    let is_upgrade = head.lines().any(|line| line.to_ascii_lowercase().starts_with("upgrade:"));
    if is_upgrade {
        return head.to_owned();
    }
    let mut lines: Vec<&str> =
        head.trim_end().split("\r\n").filter(|line| !line.to_ascii_lowercase().starts_with("connection:")).collect();
    lines.extend(["Connection: close", "", ""]);
    lines.join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_servers_paths_go_to_the_server() {
        assert!(is_for_server("GET /api/documents?limit=5 HTTP/1.1\r\n\r\n"));
        assert!(is_for_server("GET /ws HTTP/1.1\r\n\r\n"));
        assert!(is_for_server("GET /health?x HTTP/1.1\r\n\r\n"));
        assert!(!is_for_server("GET /wsx HTTP/1.1\r\n\r\n"));
        assert!(!is_for_server("GET / HTTP/1.1\r\n\r\n"));
        assert!(!is_for_server(""));
    }

    #[test]
    fn a_request_asks_for_its_connection_to_close_unless_it_becomes_a_socket() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n";
        assert_eq!(one_request(head), "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let upgrade = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        assert_eq!(one_request(upgrade), upgrade);
    }

    #[test]
    fn what_follows_the_head_is_kept() {
        let (head, rest) = read_head(&mut &b"POST /api HTTP/1.1\r\n\r\n{\"a\":1}"[..]).unwrap();
        assert_eq!((head.as_str(), rest.as_slice()), ("POST /api HTTP/1.1\r\n\r\n", &b"{\"a\":1}"[..]));
    }

    #[test]
    fn a_head_without_an_end_is_an_error() {
        assert!(read_head(&mut &b"GET / HTTP/1.1\r\n"[..]).is_err());
        assert!(read_head(&mut io::repeat(b'x')).is_err());
    }
}
