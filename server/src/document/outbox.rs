use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use actix_web::web::{Bytes, BytesMut};
use coval_shared::protocol::{FromServer, Numbers, ServerMessage};
use tokio::sync::Notify;

use super::{Broadcast, Form, Wakers};
use crate::metrics;

/// How many messages may wait for one client.
const MESSAGES: usize = 1_024;

/// How many bytes may wait for one client beside the first message, which may be a whole document.
const BYTES: usize = 8 * 1024 * 1024;

/// From how many messages on a client gets no presence: it has better things to do.
const BUSY: usize = 64;

/// How many bytes leave in one piece, unless one message is longer.
const PIECE: usize = 32 * 1024;

/// What waits for one client, each message as it goes over the wire. Putting something in never waits: a client that
/// falls behind is dropped, and resumes.
#[derive(Clone, Debug)]
pub struct Outbox {
    form: Form,
    shared: Arc<Shared>,
}

/// The other end of an [`Outbox`], which the connection takes from.
#[derive(Debug)]
pub struct Outgoing(Arc<Shared>);

/// Why nothing more goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client is to come back and resume: it fell behind, or what it heard last does not hold.
    Behind,
    /// The connection says its last words, and then nothing more.
    Farewell,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    ended: Notify,
    /// By whom the connection is woken, if not at once.
    wakers: Option<Wakers>,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Bytes>,
    bytes: usize,
    /// Who takes the messages, while they wait for some.
    taker: Option<Waker>,
    end: Option<End>,
}

impl Outbox {
    /// An empty outbox whose messages are written in `form`, and its other end.
    #[must_use]
    pub fn new(form: Form) -> (Self, Outgoing) {
        Self::with(form, Shared::default())
    }

    /// As [`Outbox::new`], for a connection that is woken together with others of its thread.
    #[must_use]
    pub fn woken_by(wakers: Wakers, form: Form) -> (Self, Outgoing) {
        Self::with(form, Shared { wakers: Some(wakers), ..Shared::default() })
    }

    fn with(form: Form, shared: Shared) -> (Self, Outgoing) {
        let shared = Arc::new(shared);
        (Self { form, shared: Arc::clone(&shared) }, Outgoing(shared))
    }

    /// Puts in a message for this client alone.
    pub fn send(&self, message: &ServerMessage) {
        if let ServerMessage::Error { code, .. } = message {
            metrics::refused(*code);
        }
        self.put(self.form.encode(FromServer { message, numbers: None }));
    }

    /// Puts in a message for this client alone, which may be brief.
    pub fn send_numbered(&self, message: &ServerMessage, document: u32) {
        let numbers = Some(Numbers { document, writers: &[] });
        self.put(self.form.encode(FromServer { message, numbers }));
    }

    /// Puts in a message for many clients.
    pub fn broadcast(&self, message: &Broadcast) {
        self.put(message.encoded(self.form));
    }

    /// Puts in a message that a busy client can do without. Returns whether it is in.
    pub fn offer(&self, message: &Broadcast) -> bool {
        let is_busy = self.shared.lock().messages.len() >= BUSY;
        if !is_busy {
            self.broadcast(message);
        }
        !is_busy
    }

    /// Puts in what is written already, such as an answer to a ping.
    pub fn put(&self, encoded: Bytes) {
        let mut waiting = self.shared.lock();
        // What follows a message that was left out would be wrong.
        if waiting.end.is_some() {
            return;
        }
        let bytes = waiting.bytes.saturating_add(encoded.len());
        let is_too_much = waiting.messages.len() >= MESSAGES || (!waiting.messages.is_empty() && bytes > BYTES);
        if is_too_much {
            metrics::behind();
            return self.shared.end(waiting, End::Behind);
        }
        if waiting.bytes > 0 {
            metrics::outbox(bytes);
        }
        waiting.bytes = bytes;
        waiting.messages.push_back(encoded);
        self.shared.wake(waiting);
    }

    /// Ends the connection. The client comes back and resumes.
    pub fn drop_client(&self) {
        self.shared.end(self.shared.lock(), End::Behind);
    }

    /// Ends the connection after everything that waits, and `last`.
    pub fn finish(&self, last: Bytes) {
        let mut waiting = self.shared.lock();
        if waiting.end != Some(End::Farewell) {
            waiting.messages.push_back(last);
            self.shared.end(waiting, End::Farewell);
        }
    }

    /// Returns why the connection is to end, when it is.
    pub async fn ended(&self) -> End {
        loop {
            let told = self.shared.ended.notified();
            let end = self.shared.lock().end;
            match end {
                Some(end) => return end,
                None => told.await,
            }
        }
    }
}

impl Outgoing {
    /// Takes what waits, as one piece of bytes; nothing when there will be none.
    pub fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut waiting = self.0.lock();
        let Some(first) = waiting.messages.pop_front() else {
            if waiting.end == Some(End::Farewell) {
                return Poll::Ready(None);
            }
            if !waiting.taker.as_ref().is_some_and(|taker| taker.will_wake(context.waker())) {
                waiting.taker = Some(context.waker().clone());
            }
            return Poll::Pending;
        };
        waiting.bytes = waiting.bytes.saturating_sub(first.len());
        if waiting.messages.front().is_none_or(|next| first.len().saturating_add(next.len()) > PIECE) {
            waiting.release();
            return Poll::Ready(Some(first));
        }
        let mut piece = BytesMut::with_capacity(PIECE.min(first.len().saturating_add(waiting.bytes)));
        piece.extend_from_slice(&first);
        while let Some(next) = waiting.messages.pop_front_if(|next| piece.len().saturating_add(next.len()) <= PIECE) {
            waiting.bytes = waiting.bytes.saturating_sub(next.len());
            piece.extend_from_slice(&next);
        }
        waiting.release();
        Poll::Ready(Some(piece.freeze()))
    }
}

#[cfg(test)]
impl Outgoing {
    /// Why nothing more goes out, if so.
    pub(super) fn end(&self) -> Option<End> {
        self.0.lock().end
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // Nobody takes anything any more, so that nothing has to be kept.
        let mut waiting = self.0.lock();
        waiting.messages = VecDeque::new();
        waiting.bytes = 0;
        self.0.end(waiting, End::Farewell);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, mut waiting: MutexGuard<'_, Waiting>, end: End) {
        if end == End::Behind && waiting.end.is_none() {
            waiting.messages = VecDeque::new();
            waiting.bytes = 0;
        }
        if waiting.end != Some(End::Farewell) {
            waiting.end = Some(end);
        }
        self.wake(waiting);
        self.ended.notify_waiters();
    }

    fn wake(&self, mut waiting: MutexGuard<'_, Waiting>) {
        let taker = waiting.taker.take();
        drop(waiting);
        match (taker, &self.wakers) {
            (Some(taker), Some(wakers)) => wakers.wake(taker),
            (Some(taker), None) => taker.wake(),
            (None, _) => {}
        }
    }
}

impl Waiting {
    /// Gives back the memory of a queue that was long.
    fn release(&mut self) {
        if self.messages.is_empty() && self.messages.capacity() > BUSY {
            self.messages = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use futures_util::future::poll_fn;

    fn encode(_: FromServer<'_>) -> Bytes {
        message(7)
    }

    fn outbox() -> (Outbox, Outgoing) {
        Outbox::new(Form::new(Form::JSON, encode))
    }

    fn message(length: usize) -> Bytes {
        vec![b'x'; length].into()
    }

    fn take(outgoing: &Outgoing) -> Option<Option<usize>> {
        poll_fn(|context| outgoing.poll_take(context)).now_or_never().map(|taken| taken.map(|piece| piece.len()))
    }

    #[test]
    fn what_waits_leaves_in_one_piece_and_in_order() {
        let (outbox, outgoing) = outbox();
        for text in ["ab", "c", "def"] {
            outbox.put(Bytes::from_static(text.as_bytes()));
        }
        let taken = poll_fn(|context| outgoing.poll_take(context)).now_or_never().unwrap().unwrap();
        assert_eq!(taken, "abcdef");
        assert_eq!(take(&outgoing), None);
    }

    #[test]
    fn a_long_message_leaves_alone_and_without_a_copy() {
        let (outbox, outgoing) = outbox();
        let long = message(PIECE + 1);
        outbox.put(message(5));
        outbox.put(long.clone());
        outbox.put(message(3));
        assert_eq!(take(&outgoing), Some(Some(5)));
        let taken = poll_fn(|context| outgoing.poll_take(context)).now_or_never().unwrap().unwrap();
        assert_eq!((taken.len(), taken.as_ptr()), (long.len(), long.as_ptr()));
        assert_eq!(take(&outgoing), Some(Some(3)));
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let (outbox, outgoing) = outbox();
        let taken = tokio::spawn(async move { poll_fn(|context| outgoing.poll_take(context)).await });
        tokio::task::yield_now().await;
        outbox.put(message(4));
        assert_eq!(taken.await.unwrap().unwrap().len(), 4);
    }

    #[test]
    fn a_client_that_falls_behind_in_messages_is_dropped() {
        let (outbox, outgoing) = outbox();
        for _ in 0..MESSAGES {
            outbox.put(message(1));
        }
        assert_eq!(outbox.ended().now_or_never(), None);
        outbox.put(message(1));
        assert_eq!(outbox.ended().now_or_never(), Some(End::Behind));
        outbox.finish(message(2));
        assert_eq!((take(&outgoing), take(&outgoing)), (Some(Some(2)), Some(None)), "only the last word is left");
    }

    #[test]
    fn a_client_that_falls_behind_in_bytes_is_dropped() {
        let (outbox, outgoing) = outbox();
        outbox.put(message(BYTES + 1));
        assert!(take(&outgoing).is_some(), "one large message is fine");
        outbox.put(message(BYTES));
        assert_eq!(outbox.ended().now_or_never(), None);
        outbox.put(message(1));
        assert_eq!(outbox.ended().now_or_never(), Some(End::Behind));
    }

    #[test]
    fn nothing_follows_a_message_that_was_left_out() {
        let (outbox, outgoing) = outbox();
        outbox.put(message(BYTES));
        outbox.put(message(2));
        outbox.put(message(3));
        assert_eq!(take(&outgoing), None);
    }

    #[test]
    fn the_last_word_comes_after_what_waits() {
        let (outbox, outgoing) = outbox();
        outbox.put(message(1));
        outbox.finish(message(2));
        outbox.put(message(4));
        assert_eq!((take(&outgoing), take(&outgoing)), (Some(Some(3)), Some(None)));
    }

    #[test]
    fn a_busy_client_is_not_offered_what_it_can_do_without() {
        let (outbox, outgoing) = outbox();
        let document = coval_shared::protocol::DocumentId(uuid::Uuid::nil());
        let broadcast = Broadcast::new(ServerMessage::AccessUpdate { document, role: None });
        for _ in 0..BUSY {
            assert!(outbox.offer(&broadcast));
        }
        assert!(!outbox.offer(&broadcast));
        assert_eq!(take(&outgoing), Some(Some(7 * BUSY)));
        assert!(outbox.offer(&broadcast));
    }

    #[test]
    fn nothing_is_kept_for_a_connection_that_is_gone() {
        let (outbox, outgoing) = outbox();
        outbox.put(message(9));
        drop(outgoing);
        outbox.put(message(9));
        assert_eq!(outbox.shared.lock().messages.len(), 0);
        assert_eq!(outbox.ended().now_or_never(), Some(End::Farewell));
    }
}
