//! HTTP by hand, so that a test sees every header and can send wrong ones.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, if it is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        assert!(values.next().is_none(), "the header {name} is there twice");
        Some(value)
    }

    /// The names of all headers, in order, each once.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The values of a header that may be there several times.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| &**value).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Gets `path` from the server at `address`.
pub(crate) async fn get(address: &str, path: &str) -> Answer {
    request(address, "GET", path, &[]).await
}

/// Sends one request without a body, with these headers beside `Host`.
pub(crate) async fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    exchange(address, method, path, headers, "").await
}

/// Sends one request with a JSON body.
pub(crate) async fn send(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend_from_slice(headers);
    exchange(address, method, path, &all, &body.to_string()).await
}

/// Sends one request with these headers beside `Host`, and any body.
pub(crate) async fn exchange(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    send_bytes(address, method, path, headers, body.as_bytes()).await
}

/// The same with a body that may be no text.
pub(crate) async fn send_bytes(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    parse(&try_exchange(address, method, path, headers, body).await.unwrap())
}

/// The answer to a `GET` as far as it is there at once, for one that has no end.
pub(crate) async fn head_of(address: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{lines}\r\n").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let answer = Answer::parse(&bytes);
            let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= head + 4 + length {
                return answer;
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the answer ends too early");
    }
}

/// Sends `request` as it is, and returns the answer.
pub(crate) async fn raw(address: &str, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    parse(&bytes)
}

/// As [`send`]; nothing when the connection is of no use.
pub(crate) async fn try_send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Option<Answer> {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend_from_slice(headers);
    let bytes = try_exchange(address, method, path, &all, body.to_string().as_bytes()).await.ok()?;
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let answer = parse(&bytes);
    let length: usize = answer.header("content-length")?.parse().ok()?;
    (bytes.len() == head + 4 + length).then_some(answer)
}

async fn try_exchange(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Vec<u8>> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let (mut reading, mut writing) = TcpStream::connect(address).await?.into_split();
    let mut bytes = Vec::new();
    // A server that refuses early does not read on, and has answered all the same.
    let write = async {
        let _ = writing.write_all(&[head.as_bytes(), body].concat()).await;
    };
    match tokio::join!(write, reading.read_to_end(&mut bytes)).1 {
        Err(error) if bytes.is_empty() => Err(error),
        _ => Ok(bytes),
    }
}

/// The answer in `bytes`.
fn parse(bytes: &[u8]) -> Answer {
    let answer = Answer::parse(bytes);
    assert_eq!(answer.header("transfer-encoding"), None, "answers come with their length");
    answer
}

impl Answer {
    /// The answer in `bytes`, which may go on without an end.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap();
                (name.to_owned(), value.trim().to_owned())
            })
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }
}
