//! One socket, from its opening to its end.

use std::io;
use std::time::Duration;

use actix_ws::{CloseCode, CloseReason, Message, MessageStream, ProtocolError};
use coval_shared::limits::{CLIENT_FRAME_BYTES, FRAME_BYTES_BEFORE_HELLO};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::conversation::Conversation;
use super::fragments::{Assembled, Fragments};
use super::frames::{self, reason};
use super::wire::Wire;
use crate::auth::Pace;
use crate::document::{End, Outbox};
use crate::metrics;

/// How often a client is asked for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(15);

/// After how long without one its connection ends.
const SILENCE: Duration = Duration::from_secs(45);

/// How long a client has to say who it is.
const GREETING: Duration = Duration::from_secs(10);

/// How long a client has to take the last word, and to end its side.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves the socket until either side ends it.
pub(super) async fn serve(
    messages: MessageStream,
    mut conversation: Conversation,
    outbox: Outbox,
    pace: Pace,
    wire: Option<Wire>,
    mut stopping: watch::Receiver<bool>,
) {
    let _counted = metrics::connection();
    let mut messages = Incoming::new(messages);
    let reason = tokio::select! {
        reason = read(&mut conversation, &mut messages, &outbox, &pace) => reason,
        end = outbox.ended() => match end {
            End::Behind => Some(reason(CloseCode::Again, "connect again and resume")),
            End::Farewell => None,
        },
        _ = stopping.wait_for(|stopping| *stopping) => Some(reason(CloseCode::Away, "the server stops")),
    };
    outbox.finish(frames::close(reason));
    conversation.end().await;
    // Both sides end: a client that takes nothing any more has had its time.
    let farewell = async { while let Some(Ok(_)) = messages.next().await {} };
    let _ = timeout(FAREWELL, farewell).await;
    if let Some(wire) = wire {
        wire.cut();
    }
}

/// Takes in what the client says, and asks it for signs of life. Returns why the connection ends; nothing when the
/// client ended it.
async fn read(
    conversation: &mut Conversation,
    messages: &mut Incoming,
    outbox: &Outbox,
    pace: &Pace,
) -> Option<CloseReason> {
    let begun = Instant::now();
    let mut fragments = Fragments::new(FRAME_BYTES_BEFORE_HELLO);
    let mut heard = begun;
    let mut changes = conversation.changes();
    let mut alarm = std::pin::pin!(sleep_until(begun + GREETING));
    loop {
        let message = tokio::select! {
            message = messages.next() => message?,
            Ok(()) = changes.changed() => match conversation.review().await {
                Some(end) => return Some(end),
                None => continue,
            },
            () = alarm.as_mut() => {
                let now = Instant::now();
                if !conversation.is_greeted() || now.duration_since(heard) >= SILENCE {
                    return Some(reason(CloseCode::Policy, "the client was silent for too long"));
                }
                outbox.put(frames::ping());
                alarm.as_mut().reset(now + PING_EVERY);
                continue;
            }
        };
        pace.wait().await;
        heard = Instant::now();
        let assembled = match message {
            Ok(Message::Text(text)) => Assembled::Text(text),
            Ok(Message::Binary(bytes)) => Assembled::Binary(bytes),
            Ok(Message::Continuation(item)) => fragments.add(item),
            Ok(Message::Ping(data)) => {
                outbox.put(frames::pong(&data));
                continue;
            }
            Ok(Message::Pong(_) | Message::Nop) => continue,
            Ok(Message::Close(_)) => return None,
            Err(ProtocolError::Overflow) => Assembled::TooLarge,
            Err(ProtocolError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => Assembled::NotText,
            Err(ProtocolError::Io(_)) => return None,
            Err(error) => return Some(reason(CloseCode::Protocol, &error.to_string())),
        };
        match assembled {
            Assembled::Part => {}
            Assembled::Text(text) => {
                if let Some(end) = conversation.hear_text(&text).await {
                    return Some(end);
                }
            }
            Assembled::Binary(bytes) => {
                if let Some(end) = conversation.hear_bytes(&bytes).await {
                    return Some(end);
                }
            }
            Assembled::TooLarge => {
                let limit = format!("a message has at most {CLIENT_FRAME_BYTES} bytes");
                return Some(reason(CloseCode::Size, &limit));
            }
            Assembled::NotText => return Some(reason(CloseCode::Invalid, "text is UTF-8")),
        }
        if conversation.is_greeted() && messages.widen() {
            fragments.widen(CLIENT_FRAME_BYTES);
        }
    }
}

/// The frames of a socket: small ones, until it is known who sends them.
struct Incoming {
    // Only ever empty while it is made another one.
    frames: Option<MessageStream>,
    is_wide: bool,
}

impl Incoming {
    fn new(frames: MessageStream) -> Self {
        Self { frames: Some(frames), is_wide: false }
    }

    async fn next(&mut self) -> Option<Result<Message, ProtocolError>> {
        self.frames.as_mut()?.recv().await
    }

    /// Takes frames as large as messages may be from now on. Returns whether it did not before.
    fn widen(&mut self) -> bool {
        if self.is_wide {
            return false;
        }
        self.frames = self.frames.take().map(|frames| frames.max_frame_size(CLIENT_FRAME_BYTES));
        self.is_wide = true;
        true
    }
}
