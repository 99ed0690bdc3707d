//! A wire that can be cut, and that can lose, double, swap and delay messages by a seed.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::dice::Dice;

/// What goes over the wire, as far as faults are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// Bytes, to which nothing happens but a cut.
    Bytes,
    /// WebSocket frames; those with data suffer.
    Frames,
    /// Answers of Redis; those that bring what somebody published suffer.
    Published,
}

/// How often something happens to a message: once in so many, never at 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) swapped: u64,
    pub(crate) delayed: u64,
}

#[derive(Clone, Copy, Debug)]
struct State {
    is_cut: bool,
    cuts: u64,
    faults: Faults,
}

/// A TCP proxy on a port of its own. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    address: SocketAddr,
    target: Arc<AtomicU16>,
    state: Arc<watch::Sender<State>>,
    _accepting: Arc<Accepting>,
}

#[derive(Debug)]
struct Accepting(JoinHandle<()>);

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Wire {
    /// A wire to `port`. What `seed` decides is the same again for the same connections and messages.
    pub(crate) async fn to(port: u16, traffic: Traffic, seed: u64) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(AtomicU16::new(port));
        let state = Arc::new(watch::Sender::new(State { is_cut: false, cuts: 0, faults: Faults::default() }));
        let (port, watched) = (Arc::clone(&target), state.subscribe());
        let accepting = tokio::spawn(async move {
            let connections = AtomicU64::new(0);
            while let Ok((client, _)) = listener.accept().await {
                if watched.borrow().is_cut {
                    continue;
                }
                let number = connections.fetch_add(1, Ordering::Relaxed);
                let dice = Dice::new(seed).other(number);
                tokio::spawn(connect(client, port.load(Ordering::Relaxed), traffic, dice, watched.clone()));
            }
        });
        Self { address, target, state, _accepting: Arc::new(Accepting(accepting)) }
    }

    /// This end, as `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// New connections go to another port.
    pub(crate) fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// Ends all connections and lets none be made.
    pub(crate) fn cut(&self) {
        self.state.send_modify(|state| {
            state.is_cut = true;
            state.cuts += 1;
        });
    }

    /// Ends all connections; others can be made.
    pub(crate) fn shake(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Ends a cut.
    pub(crate) fn heal(&self) {
        self.state.send_modify(|state| state.is_cut = false);
    }

    /// What happens to messages from now on.
    pub(crate) fn harm(&self, faults: Faults) {
        self.state.send_modify(|state| state.faults = faults);
    }
}

async fn connect(client: TcpStream, port: u16, traffic: Traffic, dice: Dice, state: watch::Receiver<State>) {
    let mut cut = state.clone();
    let cuts = cut.borrow().cuts;
    let carry = async {
        let server = TcpStream::connect(("127.0.0.1", port)).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // What is said to Redis is no published message.
        let up = if traffic == Traffic::Published { Traffic::Bytes } else { traffic };
        let up = Direction { splitter: Splitter::new(up), dice: dice.other(1), state: state.clone() };
        let down = Direction { splitter: Splitter::new(traffic), dice: dice.other(2), state };
        tokio::try_join!(up.pump(from_client, to_server), down.pump(from_server, to_client)).map(|_| ())
    };
    tokio::select! {
        // A connection that fails is closed on both sides, and that is all there is to do.
        _ = carry => {}
        _ = cut.wait_for(|state| state.cuts != cuts) => {}
    }
}

struct Direction {
    splitter: Splitter,
    dice: Dice,
    state: watch::Receiver<State>,
}

impl Direction {
    async fn pump(mut self, mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> std::io::Result<()> {
        let mut buffer = vec![0; 16 * 1024];
        let mut held: Option<Vec<u8>> = None;
        loop {
            let length = from.read(&mut buffer).await?;
            if length == 0 {
                return to.shutdown().await;
            }
            self.splitter.feed(&buffer[..length]);
            while let Some(unit) = self.splitter.next() {
                let faults = self.state.borrow().faults;
                if !unit.is_message {
                    to.write_all(&unit.bytes).await?;
                    continue;
                }
                let mut strikes = |times: u64| times > 0 && self.dice.once_in(times);
                let (lost, doubled) = (strikes(faults.lost), strikes(faults.doubled));
                let (swapped, delayed) = (strikes(faults.swapped), strikes(faults.delayed));
                if delayed {
                    let pause = self.dice.between(1, 40);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                if lost {
                    continue;
                }
                // Behind the one after it; should there be none, it is lost with the connection.
                if swapped && held.is_none() {
                    held = Some(unit.bytes);
                    continue;
                }
                to.write_all(&unit.bytes).await?;
                if doubled {
                    to.write_all(&unit.bytes).await?;
                }
                if let Some(held) = held.take() {
                    to.write_all(&held).await?;
                }
            }
        }
    }
}

struct Unit {
    bytes: Vec<u8>,
    is_message: bool,
}

/// Finds the messages in a stream of bytes.
struct Splitter {
    traffic: Traffic,
    is_past_head: bool,
    waiting: VecDeque<u8>,
}

impl Splitter {
    fn new(traffic: Traffic) -> Self {
        Self { traffic, is_past_head: false, waiting: VecDeque::new() }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend(bytes);
    }

    fn next(&mut self) -> Option<Unit> {
        let waiting = &*self.waiting.make_contiguous();
        if waiting.is_empty() {
            return None;
        }
        let (length, is_message) = match self.traffic {
            Traffic::Bytes => (waiting.len(), false),
            Traffic::Frames if !self.is_past_head => {
                let head = waiting.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
                self.is_past_head = true;
                // What does not become a socket is passed on as it is.
                let text = String::from_utf8_lossy(&waiting[..head]).to_lowercase();
                if !text.contains("\r\nupgrade: websocket\r\n") {
                    self.traffic = Traffic::Bytes;
                }
                (head, false)
            }
            Traffic::Frames => frame(waiting)?,
            Traffic::Published => (resp(waiting)?, waiting.starts_with(b"*3\r\n$7\r\nmessage\r\n")),
        };
        Some(Unit { bytes: self.waiting.drain(..length).collect(), is_message })
    }
}

/// How long the WebSocket frame at the beginning is, and whether it carries data.
fn frame(bytes: &[u8]) -> Option<(usize, bool)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (head, body) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap()))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap())).unwrap()),
        short => (2, usize::from(short)),
    };
    let length = head + mask + body;
    (bytes.len() >= length).then_some((length, first & 0x0f < 8))
}

/// How long the answer of Redis at the beginning is.
fn resp(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|window| window == b"\r\n")?;
    let number = || std::str::from_utf8(&bytes[1..line]).unwrap().parse::<i64>().unwrap();
    let after = line + 2;
    match bytes[0] {
        b'$' => {
            let length = usize::try_from(number()).map_or(after, |length| after + length + 2);
            (bytes.len() >= length).then_some(length)
        }
        b'*' | b'>' => {
            let mut end = after;
            for _ in 0..number().max(0) {
                end += resp(bytes.get(end..).filter(|rest| !rest.is_empty())?)?;
            }
            Some(end)
        }
        _ => Some(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(traffic: Traffic, bytes: &[u8]) -> Vec<(usize, bool)> {
        let mut splitter = Splitter::new(traffic);
        let mut units = Vec::new();
        // In the smallest pieces, as a network may bring them.
        for byte in bytes {
            splitter.feed(&[*byte]);
            units.extend(std::iter::from_fn(|| splitter.next()).map(|unit| (unit.bytes.len(), unit.is_message)));
        }
        units
    }

    #[test]
    fn frames_are_told_apart() {
        let mut bytes = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".to_vec();
        bytes.extend([0x81, 0x02, b'h', b'i']);
        bytes.extend([0x89, 0x80, 1, 2, 3, 4]);
        bytes.extend([0x81, 0xfe, 0, 130, 1, 2, 3, 4]);
        bytes.extend([0; 130]);
        assert_eq!(split(Traffic::Frames, &bytes), [(40, false), (4, true), (6, false), (138, true)]);
    }

    #[test]
    fn published_messages_are_told_apart() {
        let bytes = b"+OK\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\nx\r\ny\r\n$-1\r\n";
        assert_eq!(split(Traffic::Published, bytes), [(5, false), (30, false), (34, true), (5, false)]);
    }
}
