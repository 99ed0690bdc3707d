//! The wire between one window and the server.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the wire is.
#[derive(Clone, Copy, Debug, Default)]
struct Wire {
    /// Bytes wait, connections stay.
    is_held: bool,
    /// No connection can be made.
    is_cut: bool,
    /// How often it was cut. A connection lives as long as this stays what it was.
    cuts: u64,
}

/// A TCP proxy on a port of its own. A browser takes its address for the server's: HTTP and WebSockets pass alike.
/// Cheap to clone; the last clone takes the wire with it.
#[derive(Clone, Debug)]
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<watch::Sender<Wire>>,
    _accepting: Arc<Accepting>,
}

/// Ends with the proxy.
#[derive(Debug)]
struct Accepting(JoinHandle<()>);

impl Proxy {
    /// A proxy to the port `server` of the loopback address.
    ///
    /// # Panics
    /// When there is no port for it.
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("no port for a proxy");
        let address = listener.local_addr().expect("a listener knows its own address");
        let wire = Arc::new(watch::Sender::new(Wire::default()));
        let accepting = tokio::spawn(accept(listener, server, wire.subscribe()));
        Self { address, wire, _accepting: Arc::new(Accepting(accepting)) }
    }

    /// Where browsers find the server through this wire.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends all connections and lets none be made.
    pub fn cut(&self) {
        self.wire.send_modify(|wire| {
            wire.is_cut = true;
            wire.cuts = wire.cuts.wrapping_add(1);
        });
    }

    /// Keeps the bytes of both directions back, and the connections alive: what is done now on both sides is done at
    /// once, since neither side hears of the other.
    pub fn hold(&self) {
        self.wire.send_modify(|wire| wire.is_held = true);
    }

    /// Ends a cut or a hold. Held bytes go on where they were.
    pub fn heal(&self) {
        self.wire.send_modify(|wire| {
            wire.is_held = false;
            wire.is_cut = false;
        });
    }
}

impl Drop for Accepting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, wire: watch::Receiver<Wire>) {
    while let Ok((client, _)) = listener.accept().await {
        let wire = wire.clone();
        if wire.borrow().is_cut {
            continue;
        }
        tokio::spawn(connect(client, server, wire));
    }
}

async fn connect(client: TcpStream, server: u16, wire: watch::Receiver<Wire>) {
    let cut = wire.clone();
    let carry = async {
        let server = TcpStream::connect(("127.0.0.1", server)).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let up = pump(from_client, to_server, wire.clone());
        let down = pump(from_server, to_client, wire);
        tokio::try_join!(up, down).map(|_| ())
    };
    tokio::select! {
        // A connection that fails is closed on both sides, and that is all there is to do.
        _ = carry => {}
        () = is_cut(cut) => {}
    }
}

/// Carries bytes until one side ends them.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut wire: watch::Receiver<Wire>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        // Looked at after reading, so that not even bytes that had arrived slip through.
        if wire.wait_for(|wire| !wire.is_held).await.is_err() {
            return Ok(());
        }
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
    }
}

async fn is_cut(mut wire: watch::Receiver<Wire>) {
    let cuts = wire.borrow().cuts;
    // An error means that the proxy is gone, and its connections with it.
    let _ = wire.wait_for(|wire| wire.cuts != cuts).await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A server that sends back what it gets.
    async fn echo() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        port
    }

    async fn say(stream: &mut TcpStream, word: &[u8]) -> std::io::Result<Vec<u8>> {
        stream.write_all(word).await?;
        let mut answer = vec![0; word.len()];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn bytes_go_through_both_ways() {
        let proxy = Proxy::to(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        assert_eq!(say(&mut stream, b"hello").await.unwrap(), b"hello");
        assert_eq!(say(&mut stream, b"again").await.unwrap(), b"again");
    }

    #[tokio::test]
    async fn a_cut_ends_every_connection_and_lets_none_be_made_until_it_is_healed() {
        let proxy = Proxy::to(echo().await).await;
        let mut first = TcpStream::connect(proxy.address).await.unwrap();
        let mut second = TcpStream::connect(proxy.address).await.unwrap();
        say(&mut first, b"one").await.unwrap();
        say(&mut second, b"two").await.unwrap();

        proxy.cut();
        for stream in [&mut first, &mut second] {
            let mut rest = Vec::new();
            // Ended in order or reset: both are an end.
            let _ = stream.read_to_end(&mut rest).await;
            assert_eq!(rest, b"");
        }
        let mut third = TcpStream::connect(proxy.address).await.unwrap();
        assert!(say(&mut third, b"three").await.is_err());

        proxy.heal();
        let mut fourth = TcpStream::connect(proxy.address).await.unwrap();
        assert_eq!(say(&mut fourth, b"four").await.unwrap(), b"four");
    }

    #[tokio::test]
    async fn a_hold_keeps_bytes_back_and_loses_none() {
        let proxy = Proxy::to(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        say(&mut stream, b"one").await.unwrap();

        proxy.hold();
        stream.write_all(b"two").await.unwrap();
        let mut answer = [0; 3];
        let early = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut answer));
        assert!(early.await.is_err(), "held bytes came through");

        proxy.heal();
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"two");
    }

    #[tokio::test]
    async fn a_server_that_is_gone_is_as_gone_through_the_proxy() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let proxy = Proxy::to(port).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        assert!(say(&mut stream, b"hello").await.is_err());
    }

    #[tokio::test]
    async fn the_end_of_one_side_reaches_the_other() {
        let proxy = Proxy::to(echo().await).await;
        let mut stream = TcpStream::connect(proxy.address).await.unwrap();
        stream.write_all(b"last words").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "last words");
    }
}
