//! Who is in a workspace or a document, and how others get there.

use serde::{Deserialize, Serialize};

use crate::protocol::{DocumentId, InvitationId, Named, ShareLinkId, UserId};
use crate::rights::Role;
use crate::secret::Secret;

use super::SignedIn;

/// One entry of `GET /api/workspace/{id}/members` and `GET /api/document/{id}/members`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberSummary {
    /// The person.
    pub user: UserId,
    /// What to call them.
    pub name: String,
    /// Their e-mail, for those who decide who is in.
    pub email: Option<String>,
    /// Whether they came by a share link and have no account.
    pub is_guest: bool,
    /// What they are.
    pub role: Role,
    /// Since when, in milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Until when, where it ends by itself.
    pub until_ms: Option<i64>,
    /// The share link by which they came.
    pub share_link: Option<ShareLinkId>,
}

/// `PUT /api/workspace/{id}/members/{user}` and `PUT /api/document/{id}/members/{user}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// What the person is from now on.
    pub role: Role,
}

/// `POST /api/workspace/{id}/invitations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// The e-mail of the only one who may accept; without it, whoever holds the token may.
    pub email: Option<String>,
    /// What they will be.
    pub role: Role,
    /// For how many days the invitation is open: 7 when nothing is said, 30 at most.
    pub days: Option<i64>,
}

/// An open invitation, as one entry of `GET /api/workspace/{id}/invitations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationSummary {
    /// The invitation.
    pub id: InvitationId,
    /// Who may accept it; nothing if whoever holds the token may.
    pub email: Option<String>,
    /// What they will be.
    pub role: Role,
    /// Who invites.
    pub invited_by: Named,
    /// Since when, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Until when.
    pub expires_at_ms: i64,
}

/// The answer to [`Invite`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invited {
    /// The invitation.
    pub invitation: InvitationSummary,
    /// What whoever is invited sends with `POST /api/sign-up`. It is shown this once.
    pub token: Secret,
}

/// `POST /api/document/{id}/share-links`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShareDocument {
    /// What whoever opens the link is: viewer, commenter or editor.
    pub role: Role,
    /// When the link ends, in milliseconds since 1970 UTC: within 366 days.
    pub expires_at_ms: i64,
}

/// A share link that works, as one entry of `GET /api/document/{id}/share-links`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareLinkSummary {
    /// The link.
    pub id: ShareLinkId,
    /// What whoever opens it is.
    pub role: Role,
    /// Who made it.
    pub created_by: Named,
    /// Since when, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Until when.
    pub expires_at_ms: i64,
}

/// The answer to [`ShareDocument`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharedDocument {
    /// The link.
    pub link: ShareLinkSummary,
    /// What whoever opens the link sends with `POST /api/share`. It is shown this once.
    pub token: Secret,
}

/// `POST /api/share`: opens a share link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenShareLink {
    /// The token of the link.
    pub token: Secret,
    /// What others shall see of somebody who is not signed in.
    pub name: Option<String>,
}

/// The answer to [`OpenShareLink`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenedShareLink {
    /// Where the link leads.
    pub document: DocumentId,
    /// What the person is there by the link.
    pub role: Role,
    /// The sign-in of somebody who was not signed in and is a guest now.
    pub signed_in: Option<SignedIn>,
}
