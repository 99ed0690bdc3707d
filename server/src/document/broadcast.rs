use std::fmt;
use std::sync::{Arc, OnceLock};

use actix_web::web::Bytes;
use coval_shared::protocol::{FromServer, Numbered, Numbers, ServerMessage};

/// How many forms there are.
const FORMS: usize = 3;

/// One of the forms in which messages go over the wire.
#[derive(Clone, Copy)]
pub struct Form {
    slot: usize,
    encode: fn(FromServer<'_>) -> Bytes,
}

impl Form {
    /// JSON in the frames of a socket.
    pub const JSON: usize = 0;
    /// MessagePack in the frames of a socket.
    pub const MESSAGE_PACK: usize = 1;
    /// JSON as server-sent events.
    pub const EVENTS: usize = 2;

    /// The form number `slot`, which `encode` writes, with everything that the wire needs around a message.
    #[must_use]
    pub const fn new(slot: usize, encode: fn(FromServer<'_>) -> Bytes) -> Self {
        Self { slot, encode }
    }

    /// `message` as it goes over the wire.
    #[must_use]
    pub fn encode(self, message: FromServer<'_>) -> Bytes {
        (self.encode)(message)
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Form").field(&self.slot).finish()
    }
}

/// A message for many: it is written once for each form, when the first recipient needs it, and they share the bytes.
#[derive(Clone, Debug)]
pub struct Broadcast(Arc<Message>);

#[derive(Debug)]
struct Message {
    message: ServerMessage,
    /// The number of the document and those of the writers, if the message may be brief.
    numbers: Option<(u32, Vec<Numbered>)>,
    encoded: [OnceLock<Bytes>; FORMS],
}

impl Broadcast {
    /// `message`, not yet written.
    #[must_use]
    pub fn new(message: ServerMessage) -> Self {
        Self(Arc::new(Message { message, numbers: None, encoded: Default::default() }))
    }

    /// `message`, not yet written, which may be brief: with the document's number and those of the writers.
    #[must_use]
    pub fn numbered(message: ServerMessage, document: u32, writers: &[Numbered]) -> Self {
        let numbers = Some((document, writers.to_vec()));
        Self(Arc::new(Message { message, numbers, encoded: Default::default() }))
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &ServerMessage {
        &self.0.message
    }

    /// The message as it goes over the wire in `form`.
    #[must_use]
    pub fn encoded(&self, form: Form) -> Bytes {
        let encode = || {
            let numbers = self.0.numbers.as_ref();
            let numbers = numbers.map(|(document, writers)| Numbers { document: *document, writers });
            form.encode(FromServer { message: &self.0.message, numbers })
        };
        match self.0.encoded.get(form.slot) {
            Some(encoded) => encoded.get_or_init(encode).clone(),
            None => encode(),
        }
    }
}

impl From<ServerMessage> for Broadcast {
    fn from(message: ServerMessage) -> Self {
        Self::new(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static WRITTEN: AtomicUsize = AtomicUsize::new(0);

    fn counted(_: FromServer<'_>) -> Bytes {
        WRITTEN.fetch_add(1, Ordering::Relaxed);
        Bytes::from_static(b"frame")
    }

    #[test]
    fn a_message_is_written_once_for_all() {
        let document = coval_shared::protocol::DocumentId(uuid::Uuid::nil());
        let broadcast = Broadcast::new(ServerMessage::AccessUpdate { document, role: None });
        let form = Form::new(Form::JSON, counted);
        let first = broadcast.encoded(form);
        let second = broadcast.clone().encoded(form);
        assert_eq!((first.as_ptr(), WRITTEN.load(Ordering::Relaxed)), (second.as_ptr(), 1));
    }
}
