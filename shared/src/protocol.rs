//! The messages on the socket at `/ws`: JSON in text frames with the subprotocol [`SUBPROTOCOL`], or MessagePack in binary
//! frames with the subprotocol [`MESSAGE_PACK`].
//!
//! A connection begins with [`ClientMessage::Hello`]. It may then open any number of documents (see
//! [`crate::limits`]), edit them and show a cursor in them. For each document, revisions arrive in order and each
//! once. `docs/PROTOCOL.md` has an example of every message.

mod brief;
mod discussion;
mod error_code;
mod fields;
mod ids;
#[cfg(feature = "message-pack")]
pub mod message_pack;
mod presence;
mod streams;

use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::limits;
use crate::model::{CellRef, Output};
use crate::rights::Role;
use crate::secret::Secret;

pub use crate::anchor::Anchor;
pub use brief::{
    BriefUpdate, ClientSaid, FromClient, FromServer, Glossary, Numbered, Numbers, ServerSaid, UnknownNumber, Writers,
};
pub use discussion::{Annotation, AnnotationKind, Comment, Named, Notification, NotificationKind};
pub use error_code::ErrorCode;
pub use ids::{
    AnnotationId, CommentId, DocumentId, InvitationId, JobId, NotificationId, ShareLinkId, SignInId, UserId,
    WorkspaceId, is_server, server_client,
};
pub use presence::{Person, Selection};
pub use streams::{CalculationEnd, CalculationKind, Stream};

/// The name of this protocol's JSON form in the socket's handshake.
pub const SUBPROTOCOL: &str = "coval.v1.json";

/// The name of this protocol's MessagePack form in the socket's handshake.
pub const MESSAGE_PACK: &str = "coval.v1.msgpack";

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DocumentKind {
    /// A model with sections, items and periods.
    Model,
    /// A text in Markdown: the document is one JSON string.
    Memo,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Who speaks. The first message of a connection, and only that.
    Hello {
        /// The writer. One of its own for each browser tab, the same after a reconnect.
        client: ClientId,
        /// Who the person is: what `POST /api/socket-ticket` gave, good once.
        ticket: Secret,
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
    /// Show others where one is in an open model.
    CursorUpdate {
        /// The document.
        document: DocumentId,
        /// The selected cell; none when nothing is selected.
        cursor: Option<CellRef>,
    },
    /// Show others what one has selected in an open document.
    SelectionUpdate {
        /// The document.
        document: DocumentId,
        /// The revision that the selection refers to.
        revision: Revision,
        /// The selection; none when nothing is selected.
        selection: Option<Selection>,
    },
    /// Show others that one is entering something, or has stopped.
    Typing {
        /// The document.
        document: DocumentId,
        /// Whether.
        is_typing: bool,
    },
    /// Begin a thread. Everybody in the document hears [`ServerMessage::CommentChanged`].
    CommentAdd {
        /// The document.
        document: DocumentId,
        /// The new comment, chosen by the client: what is sent twice is there once.
        comment: CommentId,
        /// What it is about; nothing for the document as a whole.
        anchor: Option<Anchor>,
        /// The revision that `anchor` refers to.
        revision: Revision,
        /// The text.
        body: String,
    },
    /// Reply in a thread.
    CommentReply {
        /// The document.
        document: DocumentId,
        /// The new comment, chosen by the client.
        comment: CommentId,
        /// The thread.
        thread: CommentId,
        /// The text.
        body: String,
    },
    /// Resolve a thread, or open it again.
    CommentResolved {
        /// The document.
        document: DocumentId,
        /// The thread.
        thread: CommentId,
        /// Whether it is resolved from now on.
        is_resolved: bool,
    },
    /// Put a note beside a place, or a highlight on it. Everybody in the document hears [`ServerMessage::AnnotationChanged`].
    AnnotationCreate {
        /// The document.
        document: DocumentId,
        /// The new annotation, chosen by the client.
        annotation: AnnotationId,
        /// Where it stands.
        anchor: Anchor,
        /// The revision that `anchor` refers to.
        revision: Revision,
        /// What it is.
        kind: AnnotationKind,
        /// Its colour, one of the twelve that people have: 0 to 11.
        colour: u8,
        /// The text; a highlight may have none.
        body: String,
    },
    /// Follow something of a document beside its ops.
    SubscribeStream {
        /// The document.
        document: DocumentId,
        /// What of it.
        stream: Stream,
    },
    /// Follow it no longer.
    UnsubscribeStream {
        /// The document.
        document: DocumentId,
        /// What of it.
        stream: Stream,
    },
    /// Have something calculated. Answered by [`ServerMessage::CalculationProgress`] and, at the end,
    /// [`ServerMessage::CalculationFinished`].
    CalculationStart {
        /// The document.
        document: DocumentId,
        /// The new calculation, chosen by the client.
        calculation: JobId,
        /// What is calculated.
        kind: CalculationKind,
        /// With what; what it holds depends on `kind`.
        parameters: Value,
    },
    /// Stop a calculation.
    CalculationCancel {
        /// The document.
        document: DocumentId,
        /// The calculation.
        calculation: JobId,
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
        /// Who the person is.
        user: UserId,
        /// What the person is called.
        name: String,
        /// What the server takes.
        limits: Limits,
    },
    /// A document from the beginning.
    DocumentSnapshot {
        /// The document.
        document: DocumentId,
        /// What stands for it in brief messages on this connection.
        number: u32,
        /// What people call it.
        title: String,
        /// What it is.
        kind: DocumentKind,
        /// What the person may do with it.
        role: Role,
        /// The revision of `snapshot`.
        revision: Revision,
        /// The client's last submission that is part of `snapshot`.
        last_sequence: Sequence,
        /// Whom the numbers of writers stand for, from 0 on.
        writers: Vec<ClientId>,
        /// The whole document.
        snapshot: Value,
    },
    /// Everything since the revision that the client named. What it awaits and is not among `updates` was not
    /// stored: it sends it again now.
    DocumentResumed {
        /// The document.
        document: DocumentId,
        /// What stands for it in brief messages on this connection.
        number: u32,
        /// What people call it.
        title: String,
        /// What the person may do with it.
        role: Role,
        /// The client's last submission that is stored. A client that goes on from what it kept may not know of it.
        last_sequence: Sequence,
        /// Whom the numbers of writers stand for, from 0 on.
        writers: Vec<ClientId>,
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
    /// Who has the document open and where they are, as far as that is news.
    PresenceUpdate {
        /// The document.
        document: DocumentId,
        /// The revision at which selections in the text hold.
        revision: Revision,
        /// Whether this is everybody who is shown, so that all others are forgotten.
        is_all: bool,
        /// How many have the document open, the client among them.
        count: u64,
        /// Those who came or moved. The client itself may be among them.
        people: Vec<Person>,
        /// Those who are shown no longer.
        left: Vec<ClientId>,
    },
    /// Who is entering something, whenever that changes.
    Typing {
        /// The document.
        document: DocumentId,
        /// Everybody who does. The client itself may be among them.
        clients: Vec<ClientId>,
    },
    /// A comment is new, or was changed, deleted, resolved or opened again.
    CommentChanged {
        /// The document.
        document: DocumentId,
        /// The comment as it is now.
        comment: Comment,
    },
    /// An annotation is new, or was changed or deleted.
    AnnotationChanged {
        /// The document.
        document: DocumentId,
        /// The annotation as it is now.
        annotation: Annotation,
    },
    /// What the person may do with an open document has changed. Without a role, the document is closed.
    AccessUpdate {
        /// The document.
        document: DocumentId,
        /// What the person may do now.
        role: Option<Role>,
    },
    /// Something happened that the client follows.
    StreamData {
        /// The document.
        document: DocumentId,
        /// What of it.
        stream: Stream,
        /// What happened; what it holds depends on `stream`.
        data: Value,
    },
    /// The key figures of a model, as the server calculates them.
    ValuationUpdate {
        /// The document.
        document: DocumentId,
        /// The revision that was calculated.
        revision: Revision,
        /// The outputs, in the order of the model.
        outputs: Vec<Output>,
    },
    /// How far a calculation is.
    CalculationProgress {
        /// The document.
        document: DocumentId,
        /// The calculation.
        calculation: JobId,
        /// From 0 to 1.
        progress: f64,
    },
    /// A calculation has ended. `GET /api/calculation/{id}` has its result.
    CalculationFinished {
        /// The document.
        document: DocumentId,
        /// The calculation.
        calculation: JobId,
        /// How it ended.
        end: CalculationEnd,
        /// Why there is no result, for people; empty where there is one.
        message: String,
    },
    /// Something that the person should know of.
    Notification {
        /// It.
        notification: Notification,
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
        /// The comment, annotation or calculation concerned.
        about: Option<Uuid>,
    },
}

/// What a server takes from a client, for clients that split what they send. See [`crate::limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The largest message, in bytes.
    pub message_bytes: usize,
    /// The most documents that a connection may hold open.
    pub open_documents: usize,
    /// The most revisions that a client may be behind and still resume.
    pub resume_revisions: u64,
    /// The largest document, as JSON text in bytes.
    pub document_bytes: usize,
}

impl Limits {
    /// Those of this version.
    pub const CURRENT: Self = Self {
        message_bytes: limits::CLIENT_FRAME_BYTES,
        open_documents: limits::OPEN_DOCUMENTS,
        resume_revisions: limits::RESUME_REVISIONS,
        document_bytes: limits::DOCUMENT_BYTES,
    };
}
