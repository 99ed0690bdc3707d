//! A WebSocket client that costs little: the load shares the machine with what it measures.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Failure;
use crate::message::{Outgoing, Reader};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

/// An open socket. It masks with zeros, which leaves what it sends as it is, and takes only unmasked frames.
pub struct Socket {
    stream: TcpStream,
    received: Vec<u8>,
    /// Where in `received` the next frame begins.
    start: usize,
    /// What came over the wire since the last [`Socket::take_bytes`].
    bytes: u64,
}

/// Where in what was received a message is.
struct Frame {
    kind: u8,
    from: usize,
    to: usize,
}

impl Socket {
    /// Opens a socket at `ws://address` + `path`, as a page of that server would.
    pub async fn open(address: &str, path: &str, subprotocol: Option<&str>) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, received: Vec::new(), start: 0, bytes: 0 };
        let subprotocol = subprotocol.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             {subprotocol}\r\n"
        );
        socket.stream.write_all(request.as_bytes()).await?;
        loop {
            if let Some(end) = socket.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                if !socket.received.starts_with(b"HTTP/1.1 101") {
                    let answer = String::from_utf8_lossy(&socket.received).into_owned();
                    return Err(io::Error::other(format!("the server refuses the socket: {answer}")));
                }
                socket.start = end + 4;
                socket.bytes = 0;
                return Ok(socket);
            }
            socket.fill().await?;
        }
    }

    /// Sends a text.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        self.send_frame(TEXT, text.as_bytes()).await
    }

    /// Sends a message of the protocol.
    pub async fn say(&mut self, reader: &Reader, message: &Outgoing<'_>) -> Result<(), Failure> {
        let (is_text, bytes) = reader.form.write(message)?;
        Ok(self.send_frame(if is_text { TEXT } else { BINARY }, &bytes).await?)
    }

    /// Returns when a whole frame is there. What was received stays when this is cancelled.
    pub async fn ready(&mut self) -> io::Result<()> {
        while self.frame()?.is_none() {
            self.fill().await?;
        }
        Ok(())
    }

    /// The next message.
    pub async fn next(&mut self) -> io::Result<&[u8]> {
        loop {
            let Some(frame) = self.frame()? else {
                self.fill().await?;
                continue;
            };
            self.start = frame.to;
            match frame.kind {
                TEXT | BINARY => return Ok(&self.received[frame.from..frame.to]),
                PING => {
                    let data = self.received[frame.from..frame.to].to_vec();
                    self.send_frame(PONG, &data).await?;
                }
                PONG => {}
                CLOSE => {
                    let reason = self.received[frame.from..frame.to].get(2..).unwrap_or_default();
                    let reason = String::from_utf8_lossy(reason).into_owned();
                    return Err(io::Error::other(format!("the server closed the socket: {reason}")));
                }
                other => return Err(io::Error::other(format!("a frame of kind {other} is not expected"))),
            }
        }
    }

    /// How many bytes came since this was asked last.
    pub fn take_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }

    fn frame(&self) -> io::Result<Option<Frame>> {
        let waiting = &self.received[self.start..];
        let [first, second, ..] = *waiting else { return Ok(None) };
        if first & 0x80 == 0 || second & 0x80 != 0 {
            return Err(io::Error::other("frames of a server are whole and not masked"));
        }
        let (header, length) = match second {
            126 if waiting.len() >= 4 => (4, usize::from(u16::from_be_bytes([waiting[2], waiting[3]]))),
            127 if waiting.len() >= 10 => {
                (10, waiting[2..10].iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
            }
            126 | 127 => return Ok(None),
            short => (2, usize::from(short)),
        };
        let from = self.start + header;
        let to = from + length;
        Ok((to <= self.received.len()).then_some(Frame { kind: first & 0x0f, from, to }))
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.start == self.received.len() {
            self.received.clear();
            self.start = 0;
        } else if self.start > CHUNK {
            self.received.drain(..self.start);
            self.start = 0;
        }
        self.received.reserve(CHUNK);
        let count = self.stream.read_buf(&mut self.received).await?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server ended the connection"));
        }
        self.bytes += count as u64;
        Ok(())
    }

    async fn send_frame(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(payload.len() + 14);
        frame.push(0x80 | kind);
        match payload.len() {
            short @ ..126 => frame.push(0x80 | short as u8),
            middle @ ..0x1_0000 => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&(middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await
    }
}
