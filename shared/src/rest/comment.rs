//! Comments, annotations and notifications.

use ot_core::Revision;
use serde::{Deserialize, Serialize};

use crate::anchor::Anchor;
use crate::protocol::{AnnotationId, AnnotationKind, CommentId, Notification, NotificationId};

/// Which threads are listed, by whether they are settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CommentState {
    /// All threads.
    #[default]
    All,
    /// Those that are not settled.
    Open,
    /// Those that are.
    Resolved,
}

/// `POST /api/document/{id}/comments`: begins a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    /// The new comment, if whoever writes it wants to choose: what is sent twice is there once.
    #[serde(default)]
    pub id: Option<CommentId>,
    /// What is said, plain. `@{…}` with the id of a person names that person.
    pub body: String,
    /// What it is about; nothing for the document as a whole.
    #[serde(default)]
    pub anchor: Option<Anchor>,
    /// The revision that `anchor` refers to; the newest if nobody says.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
}

/// `POST /api/comment/{id}/replies`: answers in the thread that the comment is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddReply {
    /// The new comment, if whoever writes it wants to choose.
    #[serde(default)]
    pub id: Option<CommentId>,
    /// What is said.
    pub body: String,
}

/// `PATCH /api/comment/{id}`: says it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditComment {
    /// What is said from now on.
    pub body: String,
}

/// `POST /api/document/{id}/annotations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddAnnotation {
    /// The new annotation, if whoever makes it wants to choose: what is sent twice is there once.
    #[serde(default)]
    pub id: Option<AnnotationId>,
    /// What it is.
    pub kind: AnnotationKind,
    /// Its colour, one of the twelve that people have: 0 to 11.
    #[cfg_attr(feature = "openapi", schema(maximum = 11))]
    pub colour: u8,
    /// What it says; a highlight may say nothing.
    #[serde(default)]
    pub body: String,
    /// Where it stands.
    pub anchor: Anchor,
    /// The revision that `anchor` refers to; the newest if nobody says.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
}

/// `PATCH /api/annotation/{id}`: changes what is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeAnnotation {
    /// What it says from now on.
    #[serde(default)]
    pub body: Option<String>,
    /// Its colour from now on.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(maximum = 11))]
    pub colour: Option<u8>,
}

/// `GET /api/notifications`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notifications {
    /// What the person was told, the newest first.
    pub items: Vec<Notification>,
    /// What to send as `cursor` for the entries after these; nothing at the end of the list.
    pub next: Option<String>,
    /// How many the person has not taken note of, in all.
    pub unread: u64,
}

/// `POST /api/notifications/read`: the person has taken note of some.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadNotifications {
    /// Of which, at most 200; of all if nothing is given.
    #[serde(default)]
    pub ids: Option<Vec<NotificationId>>,
}

/// How many notifications somebody has not taken note of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unread {
    /// So many.
    pub unread: u64,
}
