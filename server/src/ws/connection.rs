//! One socket, from its opening to its end.

use std::io;
use std::time::Duration;

use actix_ws::{CloseCode, CloseReason, Message, MessageStream, ProtocolError, Session};
use coval_shared::limits::CLIENT_FRAME_BYTES;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use super::conversation::Conversation;
use super::fragments::{Assembled, Fragments};
use super::wire::Wire;
use crate::document::{Documents, Outbox, Outgoing};

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
    session: Session,
    mut messages: MessageStream,
    wire: Option<Wire>,
    documents: Documents,
    mut stopping: watch::Receiver<bool>,
) {
    let (outbox, mut outgoing) = Outbox::new();
    let mut conversation = Conversation::new(documents, outbox);
    let reason = tokio::select! {
        reason = read(&mut conversation, &mut messages, session.clone()) => reason,
        reason = write(&mut outgoing, session.clone()) => reason,
        _ = stopping.wait_for(|stopping| *stopping) => Some(reason(CloseCode::Away, "the server stops")),
    };
    conversation.end().await;
    drop(outgoing);
    // Both sides end: a client that takes nothing any more has had its time.
    let farewell = async {
        if session.close(reason).await.is_ok() {
            while let Some(Ok(_)) = messages.recv().await {}
        }
    };
    let _ = timeout(FAREWELL, farewell).await;
    if let Some(wire) = wire {
        wire.cut();
    }
}

/// Takes in what the client says. Returns why the connection ends; nothing when the client ended it.
async fn read(
    conversation: &mut Conversation,
    messages: &mut MessageStream,
    mut session: Session,
) -> Option<CloseReason> {
    let greeted_by = Instant::now() + GREETING;
    let mut fragments = Fragments::new(CLIENT_FRAME_BYTES);
    loop {
        let heard_by = Instant::now() + SILENCE;
        let deadline = if conversation.is_greeted() { heard_by } else { greeted_by.min(heard_by) };
        let Ok(message) = timeout_at(deadline, messages.recv()).await else {
            return Some(reason(CloseCode::Policy, "the client was silent for too long"));
        };
        let assembled = match message? {
            Ok(Message::Text(text)) => Assembled::Text(text),
            Ok(Message::Binary(_)) => Assembled::Binary,
            Ok(Message::Continuation(item)) => fragments.add(item),
            Ok(Message::Ping(data)) => {
                session.pong(&data).await.ok()?;
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
            Assembled::Text(text) => conversation.hear(&text).await,
            Assembled::Binary => conversation.hear_bytes(),
            Assembled::TooLarge => {
                let limit = format!("a message has at most {CLIENT_FRAME_BYTES} bytes");
                return Some(reason(CloseCode::Size, &limit));
            }
            Assembled::NotText => return Some(reason(CloseCode::Invalid, "text is UTF-8")),
        }
    }
}

/// Sends what waits for the client, and asks it for signs of life. Returns why the connection ends.
async fn write(outgoing: &mut Outgoing, mut session: Session) -> Option<CloseReason> {
    let is_behind = outgoing.is_behind();
    let sending = async {
        let mut pings = interval(PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let sent = tokio::select! {
                text = outgoing.next() => session.text(text?).await,
                _ = pings.tick() => session.ping(b"").await,
            };
            sent.ok()?;
        }
    };
    tokio::select! {
        // What it does not take in time ends the connection, even in the middle of a message.
        () = is_behind => Some(reason(CloseCode::Again, "connect again and resume")),
        reason = sending => reason,
    }
}

fn reason(code: CloseCode, description: &str) -> CloseReason {
    CloseReason { code, description: Some(description.to_owned()) }
}
