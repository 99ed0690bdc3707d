//! The messages on the socket at `/ws`, one JSON object a text frame, subprotocol [`SUBPROTOCOL`].
//!
//! A connection begins with [`ClientMessage::Hello`]. It may then open any number of documents (see
//! [`crate::limits`]), edit them and show a cursor in them. For each document, revisions arrive in order and each
//! once. `docs/PROTOCOL.md` has an example of every message.

mod fields;

use std::fmt;

use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::model::CellRef;

/// The name of this protocol's JSON form in the socket's handshake.
pub const SUBPROTOCOL: &str = "coval.v1.json";

/// A document, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub Uuid);

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The first half of the ids of the clients as which servers write: `Coval`, in a version-8 UUID.
const SERVER: u64 = 0x436f_7661_6c00_8000;

/// A client as which a server writes into documents: values that come from other documents, and the lift of a document
/// to a newer version of its form. `unique` tells it from the others.
#[must_use]
pub fn server_client(unique: Uuid) -> ClientId {
    let (_, unique) = unique.as_u64_pair();
    ClientId(Uuid::from_u64_pair(SERVER, unique))
}

/// Whether a server wrote what `client` did.
#[must_use]
pub fn is_server(client: ClientId) -> bool {
    client.0.as_u64_pair().0 == SERVER
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Who speaks. The first message of a connection, and only that.
    Hello {
        /// The writer. One of its own for each browser tab, the same after a reconnect.
        client: ClientId,
        /// What to call the person, shown to others.
        name: String,
    },
    /// Follow a document. Answered by [`ServerMessage::DocumentSnapshot`], or by
    /// [`ServerMessage::DocumentResumed`] when `since` is given and not too long ago.
    DocumentOpen {
        /// The document.
        document: DocumentId,
        /// The newest revision that the client holds.
        since: Option<Revision>,
    },
    /// Follow a document no longer.
    DocumentClose {
        /// The document.
        document: DocumentId,
    },
    /// Change an open document. Answered by [`ServerMessage::DocumentAck`] once the change is stored.
    DocumentEdit {
        /// The document.
        document: DocumentId,
        /// Which of the client's submissions to this document it is.
        sequence: Sequence,
        /// The revision that `op` applies to.
        base: Revision,
        /// The change.
        op: JsonOp,
    },
    /// Show others where one is in an open document.
    CursorUpdate {
        /// The document.
        document: DocumentId,
        /// The selected cell; none when nothing is selected.
        cursor: Option<CellRef>,
    },
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "fields::Fields")]
pub enum ServerMessage {
    /// The answer to [`ClientMessage::Hello`].
    Welcome {
        /// The server's version.
        version: String,
    },
    /// A document from the beginning.
    DocumentSnapshot {
        /// The document.
        document: DocumentId,
        /// What people call it.
        title: String,
        /// The revision of `snapshot`.
        revision: Revision,
        /// The client's last submission that is part of `snapshot`.
        last_sequence: Sequence,
        /// The whole document.
        snapshot: Value,
    },
    /// Everything since the revision that the client named. What it awaits and is not among `updates` was not
    /// stored: it sends it again now.
    DocumentResumed {
        /// The document.
        document: DocumentId,
        /// What people call it.
        title: String,
        /// The missed revisions, the client's own among them.
        updates: Vec<Committed<JsonOp>>,
    },
    /// Somebody changed the document.
    DocumentUpdated {
        /// The document.
        document: DocumentId,
        /// The revisions, consecutive.
        updates: Vec<Committed<JsonOp>>,
    },
    /// The client's own submission is stored.
    DocumentAck {
        /// The document.
        document: DocumentId,
        /// The submission.
        sequence: Sequence,
        /// The revision that it became.
        revision: Revision,
    },
    /// Everybody else who has the document open, whenever that changes.
    PresenceUpdate {
        /// The document.
        document: DocumentId,
        /// The others, in the order in which they came.
        people: Vec<Person>,
    },
    /// A message could not be followed. The connection and its documents go on.
    Error {
        /// The stable code.
        code: ErrorCode,
        /// What happened and what to do, for people.
        message: String,
        /// The document concerned.
        document: Option<DocumentId>,
        /// The submission concerned: it is not stored.
        sequence: Option<Sequence>,
    },
}

/// Somebody who has a document open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The writer.
    pub client: ClientId,
    /// What to call them.
    pub name: String,
    /// The cell that they selected.
    pub cursor: Option<CellRef>,
}

/// Why something was refused. The codes never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The frame is not a message of this protocol.
    MalformedMessage,
    /// The message is larger than [`crate::limits::CLIENT_FRAME_BYTES`].
    MessageTooLarge,
    /// The first message has to be a hello, and no other may be.
    HelloExpected,
    /// There is no such document.
    UnknownDocument,
    /// The document has to be opened on this connection first.
    DocumentNotOpen,
    /// The connection holds too many documents open.
    TooManyDocuments,
    /// The op does not fit the revision it is based on, or leaves something that is not a model.
    OpInvalid,
    /// The op is based on a revision that does not exist yet.
    RevisionInFuture,
    /// The op is based on a revision that is too old: open the document anew.
    RevisionTooOld,
    /// The sequence is not the one after the client's last.
    OutOfSequence,
    /// There is nothing at this address.
    NotFound,
    /// The request is not allowed from this origin.
    ForbiddenOrigin,
    /// The request can't be understood.
    BadRequest,
    /// The server can't reach its database: nothing was stored, try again.
    Unavailable,
    /// The server is at fault: the connection and the document go on.
    Internal,
}
