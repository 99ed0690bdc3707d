use serde::{Deserialize, Serialize};

/// Why something was refused. The codes never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ErrorCode {
    /// The frame is not a message of this protocol.
    MalformedMessage,
    /// The message is larger than [`crate::limits::CLIENT_FRAME_BYTES`].
    MessageTooLarge,
    /// The first message has to be a hello, and no other may be.
    HelloExpected,
    /// The ticket is unknown, was used before, or has expired.
    TicketInvalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// The person's role does not allow it.
    Forbidden,
    /// There is no such document, or the person may not know of it.
    UnknownDocument,
    /// The document has to be opened on this connection first.
    DocumentNotOpen,
    /// The connection holds too many documents open.
    TooManyDocuments,
    /// The op does not fit the revision it is based on, or leaves something that is not a document of its kind.
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
    /// The body is of a type that is not taken here.
    UnsupportedMediaType,
    /// A field of the request has a value that it can't have.
    Invalid,
    /// Something was changed meanwhile, or is there already.
    Conflict,
    /// There are as many as there may be.
    LimitReached,
    /// There were too many requests; wait.
    RateLimited,
    /// The server can only be read for now, because its disk takes nothing.
    ReadOnly,
    /// The server can't reach its database: nothing was stored, try again.
    Unavailable,
    /// The server is at fault: the connection and the document go on.
    Internal,
}
