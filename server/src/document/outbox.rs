use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytestring::ByteString;
use coval_shared::protocol::ServerMessage;
use tokio::sync::{mpsc, watch};

/// How many messages may wait for one client.
const MESSAGES: usize = 1_024;

/// How many bytes may wait for one client beside the first message, which may be a whole document.
const BYTES: usize = 8 * 1024 * 1024;

/// What waits for one client. Putting something in never waits: a client that falls behind is dropped, and resumes.
#[derive(Clone, Debug)]
pub struct Outbox {
    messages: mpsc::Sender<ByteString>,
    bytes: Arc<AtomicUsize>,
    is_behind: Arc<watch::Sender<bool>>,
}

/// The other end of an [`Outbox`].
#[derive(Debug)]
pub struct Outgoing {
    messages: mpsc::Receiver<ByteString>,
    bytes: Arc<AtomicUsize>,
    is_behind: watch::Receiver<bool>,
}

impl Outbox {
    /// An empty outbox and its other end.
    #[must_use]
    pub fn new() -> (Self, Outgoing) {
        let (sender, receiver) = mpsc::channel(MESSAGES);
        let bytes = Arc::new(AtomicUsize::new(0));
        let (dropping, is_behind) = watch::channel(false);
        let outgoing = Outgoing { messages: receiver, bytes: Arc::clone(&bytes), is_behind };
        (Self { messages: sender, bytes, is_behind: Arc::new(dropping) }, outgoing)
    }

    /// Puts `message` in.
    pub fn send(&self, message: &ServerMessage) {
        self.send_text(&text(message));
    }

    /// Puts in a message that was written before, for many clients at once.
    pub fn send_text(&self, text: &ByteString) {
        // What follows a message that was left out would be wrong.
        if *self.is_behind.borrow() {
            return;
        }
        let waiting = self.bytes.fetch_add(text.len(), Ordering::Relaxed);
        let is_too_much = waiting > 0 && waiting.saturating_add(text.len()) > BYTES;
        if is_too_much || self.messages.try_send(text.clone()).is_err() {
            self.drop_client();
        }
    }

    /// Ends the connection. The client comes back and resumes.
    pub fn drop_client(&self) {
        self.is_behind.send_replace(true);
    }
}

impl Outgoing {
    /// The next message; `None` when there will be none.
    pub async fn next(&mut self) -> Option<ByteString> {
        let text = self.messages.recv().await?;
        self.bytes.fetch_sub(text.len(), Ordering::Relaxed);
        Some(text)
    }

    /// Returns when the client is to be dropped.
    pub fn is_behind(&self) -> impl Future<Output = ()> + use<> {
        let mut is_behind = self.is_behind.clone();
        async move {
            if is_behind.wait_for(|is_behind| *is_behind).await.is_err() {
                // Nobody puts anything in any more, so that nothing can be too much.
                std::future::pending::<()>().await;
            }
        }
    }
}

/// The message as it goes over the wire.
pub(super) fn text(message: &ServerMessage) -> ByteString {
    match serde_json::to_string(message) {
        Ok(text) => text.into(),
        Err(error) => {
            // All keys are strings and all numbers finite, so this does not happen; if it does, the log says so.
            tracing::error!(%error, "a message could not be written");
            ByteString::from_static(
                r#"{"type":"error","code":"internal","message":"a message could not be written","document":null,"sequence":null}"#,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn message(length: usize) -> ByteString {
        "x".repeat(length).into()
    }

    #[tokio::test]
    async fn messages_come_out_in_order() {
        let (outbox, mut outgoing) = Outbox::new();
        outbox.send_text(&message(1));
        outbox.send_text(&message(2));
        assert_eq!(outgoing.next().await, Some(message(1)));
        assert_eq!(outgoing.next().await, Some(message(2)));
    }

    #[tokio::test]
    async fn a_client_that_falls_behind_in_messages_is_dropped() {
        let (outbox, outgoing) = Outbox::new();
        for _ in 0..MESSAGES {
            outbox.send_text(&message(1));
        }
        assert_eq!(outgoing.is_behind().now_or_never(), None);
        outbox.send_text(&message(1));
        assert_eq!(outgoing.is_behind().now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn a_client_that_falls_behind_in_bytes_is_dropped() {
        let (outbox, mut outgoing) = Outbox::new();
        outbox.send_text(&message(BYTES + 1));
        assert!(outgoing.next().await.is_some(), "one large message is fine");
        outbox.send_text(&message(BYTES));
        assert_eq!(outgoing.is_behind().now_or_never(), None);
        outbox.send_text(&message(1));
        assert_eq!(outgoing.is_behind().now_or_never(), Some(()));
    }

    #[tokio::test]
    async fn nothing_follows_a_message_that_was_left_out() {
        let (outbox, mut outgoing) = Outbox::new();
        outbox.send_text(&message(BYTES));
        outbox.send_text(&message(2));
        assert!(outgoing.next().await.is_some());
        outbox.send_text(&message(3));
        assert_eq!(outgoing.next().now_or_never(), None);
    }
}
