//! The way over Redis: one connection to speak, one to listen.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc};
use tokio::time::{interval, sleep, timeout};
use uuid::Uuid;

use super::counts::Counts;
use super::envelope::{Receiver, Sender};
use super::{BusSettings, Hint};

/// How many hints go out together.
const BATCH: usize = 128;

/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often the connection on which nothing may come for long is tried.
const PROBE: Duration = Duration::from_secs(5);

/// The first and the longest pause before the next attempt to connect.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The URL can't be read. Its text is not repeated, since it may hold a password.
    #[error(
        "the Redis URL of --redis-url can't be read: use redis://HOST:PORT, or redis://:PASSWORD@HOST:PORT/DATABASE"
    )]
    Url,
    /// Redis is to be reached over TLS.
    #[error(
        "--redis-url begins with rediss://, and this server speaks no TLS with Redis: use redis:// within a private \
         network, or to a tunnel on this machine such as stunnel"
    )]
    Tls,
}

/// Begins to speak and to listen.
///
/// # Errors
///
/// Returns a [`BusError`] when the URL can't be read.
pub(super) fn start(
    settings: &BusSettings,
    runtime: &Handle,
    said: mpsc::Receiver<Hint>,
    heard: broadcast::Sender<Hint>,
    counts: &Arc<Counts>,
) -> Result<(), BusError> {
    if settings.url.starts_with("rediss:") {
        return Err(BusError::Tls);
    }
    let client = Client::open(settings.url.as_str()).map_err(|_| BusError::Url)?;
    let channel = format!("{}:hints", settings.prefix);
    // Not the node's name: a node that was killed and started again is another sender.
    let sender = Uuid::now_v7();
    let speaking = Speaking { client: client.clone(), channel: channel.clone(), counts: Arc::clone(counts) };
    let listening = Listening { client, channel, counts: Arc::clone(counts), heard };
    let listening = runtime.spawn(listening.run(Receiver::new(sender)));
    runtime.spawn(async move {
        speaking.run(Sender::new(sender), said).await;
        listening.abort();
    });
    Ok(())
}

struct Speaking {
    client: Client,
    channel: String,
    counts: Arc<Counts>,
}

impl Speaking {
    /// Sends what is said until nobody can say anything any more.
    async fn run(self, mut sender: Sender, mut said: mpsc::Receiver<Hint>) {
        let mut connection = None;
        let mut hints = Vec::new();
        let mut pause = PAUSES.0;
        while said.recv_many(&mut hints, BATCH).await > 0 {
            if self.counts.take_missing() {
                sender.skip();
            }
            let hints = newest(std::mem::take(&mut hints));
            let mut batch = redis::pipe();
            let mut size = 0;
            for hint in &hints {
                match sender.wrap(hint) {
                    Some(envelope) => {
                        batch.cmd("PUBLISH").arg(&self.channel).arg(envelope).ignore();
                        size += 1;
                    }
                    None => {
                        self.counts.dropped();
                        tracing::warn!("a hint for the other nodes is too large and was not sent");
                    }
                }
            }
            // Kept until it is sent: what comes meanwhile waits, and is lost when there is no room for it.
            while let Err(error) = self.send(&mut connection, &batch).await {
                tracing::debug!(error = error.category(), "hints for the other nodes wait");
                if said.is_closed() {
                    return;
                }
                sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
            pause = PAUSES.0;
            self.counts.sent(size);
        }
    }

    async fn send(&self, connection: &mut Option<MultiplexedConnection>, batch: &Pipeline) -> Result<(), RedisError> {
        let connected = match connection.take() {
            Some(connected) => connected,
            None => {
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(Some(PATIENCE))
                    .set_response_timeout(Some(PATIENCE));
                self.client.get_multiplexed_async_connection_with_config(&config).await?
            }
        };
        let connected = connection.insert(connected);
        let sent = batch.exec_async(connected).await;
        if sent.is_err() {
            *connection = None;
        }
        sent
    }
}

/// Of hints that a later one makes superfluous, only the later one.
fn newest(hints: Vec<Hint>) -> Vec<Hint> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<Hint> = hints
        .into_iter()
        .rev()
        .filter(|hint| match hint {
            Hint::Revision { document, .. } => seen.insert((0_u8, Some(*document))),
            Hint::People { document, .. } => seen.insert((1, Some(*document))),
            Hint::Rights => seen.insert((2, None)),
            Hint::Announce { .. } | Hint::Tell { .. } | Hint::Cancel { .. } => true,
            Hint::Lost => false,
        })
        .collect();
    kept.reverse();
    kept
}

struct Listening {
    client: Client,
    channel: String,
    counts: Arc<Counts>,
    heard: broadcast::Sender<Hint>,
}

impl Listening {
    /// Listens until it is aborted.
    async fn run(self, mut receiver: Receiver) {
        let mut pause = PAUSES.0;
        let mut is_known = false;
        loop {
            let failed = self.listen(&mut receiver, &mut pause, &mut is_known).await;
            self.counts.connected(false);
            if !std::mem::replace(&mut is_known, true) {
                tracing::warn!(reason = %failed, "Redis is away: other nodes hear of changes later, until it is back");
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Listens as long as there is a connection. Returns why there is none any more.
    async fn listen(&self, receiver: &mut Receiver, pause: &mut Duration, is_known: &mut bool) -> String {
        let connect = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(&self.channel).await?;
            Ok::<_, RedisError>(connection)
        };
        let connection = match timeout(PATIENCE, connect).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return error.category().to_owned(),
            Err(_) => return "it does not answer".to_owned(),
        };
        *pause = PAUSES.0;
        self.counts.connected(true);
        if std::mem::take(is_known) {
            tracing::info!("Redis is back");
        }
        // Whatever was said before, nobody here heard it.
        receiver.forget();
        self.hear(Hint::Lost);
        let (mut sink, messages) = connection.split();
        let mut messages = pin!(messages.fuse());
        let mut probes = interval(PROBE);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    None => return "the connection ended".to_owned(),
                    Some(message) => self.take(receiver, message.get_payload_bytes()),
                },
                _ = probes.tick() => {
                    let answered = timeout(PATIENCE, sink.ping::<redis::Value>().map(|answer| answer.is_ok())).await;
                    if answered != Ok(true) {
                        return "it does not answer".to_owned();
                    }
                }
            }
        }
    }

    fn take(&self, receiver: &mut Receiver, bytes: &[u8]) {
        let Some(unwrapped) = receiver.unwrap(bytes) else {
            return;
        };
        self.counts.received();
        if unwrapped.is_after_gap {
            self.counts.gap();
            self.hear(Hint::Lost);
        }
        self.hear(unwrapped.hint);
    }

    fn hear(&self, hint: Hint) {
        // Nobody may listen yet.
        let _ = self.heard.send(hint);
    }
}
