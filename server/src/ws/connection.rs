//! One socket, from its opening to its end.

use std::time::{Duration, Instant};

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, ProtocolError, Session};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::conversation::Conversation;
use crate::document::{Documents, Outbox};

/// How often a client is asked for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(15);

/// After how long without one its connection ends.
const SILENCE: Duration = Duration::from_secs(45);

/// How long one frame may take to leave.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves the socket until either side ends it.
pub(super) async fn serve(
    mut session: Session,
    mut messages: AggregatedMessageStream,
    documents: Documents,
    mut stopping: watch::Receiver<bool>,
) {
    let (outbox, mut outgoing) = Outbox::new();
    let mut conversation = Conversation::new(documents, outbox);
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();

    let reason = loop {
        let sent = tokio::select! {
            message = messages.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(AggregatedMessage::Text(text))) => {
                        conversation.hear(&text).await;
                        Ok(())
                    }
                    Some(Ok(AggregatedMessage::Ping(data))) => patiently(session.pong(&data)).await,
                    Some(Ok(AggregatedMessage::Pong(_))) => Ok(()),
                    Some(Ok(AggregatedMessage::Binary(_))) => break Some(reason(CloseCode::Unsupported, "frames are text")),
                    Some(Ok(AggregatedMessage::Close(_))) | None => break None,
                    Some(Err(ProtocolError::Overflow)) => break Some(reason(CloseCode::Size, "the message is too large")),
                    Some(Err(ProtocolError::Io(_))) => break None,
                    Some(Err(error)) => break Some(reason(CloseCode::Protocol, &error.to_string())),
                }
            }
            text = outgoing.next() => match text {
                Some(text) => patiently(session.text(text)).await,
                None => break Some(reason(CloseCode::Again, "connect again and resume")),
            },
            _ = pings.tick() => {
                if heard.elapsed() > SILENCE {
                    break None;
                }
                patiently(session.ping(b"")).await
            }
            _ = stopping.wait_for(|stopping| *stopping) => break Some(reason(CloseCode::Away, "the server stops")),
        };
        if sent.is_err() {
            break None;
        }
    };
    conversation.end().await;
    // The other side may be gone already.
    let _ = timeout(PATIENCE, session.close(reason)).await;
}

/// A frame that does not leave in time is as good as a closed socket.
async fn patiently(sending: impl Future<Output = Result<(), Closed>>) -> Result<(), Closed> {
    timeout(PATIENCE, sending).await.unwrap_or(Err(Closed))
}

fn reason(code: CloseCode, description: &str) -> CloseReason {
    CloseReason { code, description: Some(description.to_owned()) }
}
