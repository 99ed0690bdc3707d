//! What is said between clients and the server.

use ot_core::{ClientId, Committed, Revision, Sequence, Submission};

use super::session::Played;

pub(super) struct Envelope<T: Played> {
    pub(super) peer: usize,
    pub(super) connection: u64,
    pub(super) message: Message<T>,
}

pub(super) enum Message<T: Played> {
    // To the server.
    Submit(Submission<T::Op>),
    Resume { client: ClientId, known: Revision },
    Point { client: ClientId, base: Revision, cursor: T::Cursor },
    // To a client.
    Committed(Committed<T::Op>),
    Acknowledge { client: ClientId, sequence: Sequence, revision: Revision },
    Refuse { client: ClientId, sequence: Sequence },
    CaughtUp { newest: Revision },
    Resync { document: T::Snapshot, revision: Revision, last: Sequence },
    Pointed { client: ClientId, base: Revision, cursor: T::Cursor },
}

/// The message as it comes out of its JSON form.
pub(super) fn carried<T: Played>(message: &Message<T>) -> Message<T> {
    let read = |op: &T::Op| serde_json::from_str(&written(op)).unwrap();
    match message {
        Message::Submit(Submission { client, sequence, base, op }) => {
            Message::Submit(Submission { client: *client, sequence: *sequence, base: *base, op: read(op) })
        }
        Message::Committed(Committed { revision, client, sequence, op }) => {
            Message::Committed(Committed { revision: *revision, client: *client, sequence: *sequence, op: read(op) })
        }
        Message::Resume { client, known } => Message::Resume { client: *client, known: *known },
        Message::Point { client, base, cursor } => {
            Message::Point { client: *client, base: *base, cursor: cursor.clone() }
        }
        Message::Acknowledge { client, sequence, revision } => {
            Message::Acknowledge { client: *client, sequence: *sequence, revision: *revision }
        }
        Message::Refuse { client, sequence } => Message::Refuse { client: *client, sequence: *sequence },
        Message::CaughtUp { newest } => Message::CaughtUp { newest: *newest },
        Message::Resync { document, revision, last } => {
            Message::Resync { document: document.clone(), revision: *revision, last: *last }
        }
        Message::Pointed { client, base, cursor } => {
            Message::Pointed { client: *client, base: *base, cursor: cursor.clone() }
        }
    }
}

pub(super) fn written(op: &impl serde::Serialize) -> String {
    serde_json::to_string(op).unwrap()
}
