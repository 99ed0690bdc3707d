//! What names a thing for ever.

use std::fmt;

use ot_core::ClientId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A document, or a branch of one.
    DocumentId;
    /// A person, with an account or as a guest.
    UserId;
    /// A workspace.
    WorkspaceId;
    /// A person's stay on one device, from sign-in to sign-out.
    SignInId;
    /// A comment. A thread has the id of its first comment.
    CommentId;
    /// An annotation.
    AnnotationId;
    /// A calculation that the server does.
    JobId;
    /// A link that lets whoever holds it into a document.
    ShareLinkId;
    /// An invitation to a workspace.
    InvitationId;
    /// Something that a person is told of.
    NotificationId;
}

impl UserId {
    /// How many colours people have.
    pub const COLOURS: u8 = 12;

    /// The person's colour everywhere, less than [`UserId::COLOURS`].
    #[must_use]
    pub fn colour(self) -> u8 {
        // The last byte is drawn at random in every version of ids that is in use.
        let [.., last] = *self.0.as_bytes();
        last % Self::COLOURS
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
