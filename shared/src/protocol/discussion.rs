//! What people say about a document.

use ot_core::Revision;
use serde::{Deserialize, Serialize};

use super::{AnnotationId, CommentId, DocumentId, JobId, NotificationId, UserId, WorkspaceId};
use crate::anchor::Anchor;
use crate::rights::Role;

/// Somebody, and what to call them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Named {
    /// The person.
    pub id: UserId,
    /// Their name.
    pub name: String,
}

/// A comment, as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    /// The comment.
    pub id: CommentId,
    /// The document that it is about.
    pub document: DocumentId,
    /// The first comment of its thread, which may be itself.
    pub thread: CommentId,
    /// Who wrote it.
    pub author: Named,
    /// The text, plain, in which `@{…}` with the id of a person names that person; empty when it was deleted.
    pub body: String,
    /// What the thread is about; nothing for the document as a whole. It stands on the first comment only.
    pub anchor: Option<Anchor>,
    /// The revision at which `anchor` holds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub anchor_revision: Revision,
    /// Whether what it was about is gone.
    pub is_anchor_lost: bool,
    /// What stood at the place when the comment was written.
    pub quote: String,
    /// Whom the text names, as far as they may read the document.
    pub mentions: Vec<Named>,
    /// When it was written, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub edited_at_ms: Option<i64>,
    /// When it was deleted.
    pub deleted_at_ms: Option<i64>,
    /// When its thread was resolved; on the first comment of a thread only.
    pub resolved_at_ms: Option<i64>,
    /// Who resolved the thread.
    pub resolved_by: Option<Named>,
}

/// A note or a highlight at a place of a document, without a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Annotation {
    /// The annotation.
    pub id: AnnotationId,
    /// The document that it is in.
    pub document: DocumentId,
    /// Who wrote it.
    pub author: Named,
    /// What it is.
    pub kind: AnnotationKind,
    /// Its colour, one of the twelve that people have: 0 to 11.
    pub colour: u8,
    /// The text, plain; empty when it was deleted, and a highlight may have none.
    pub body: String,
    /// Where it stands.
    pub anchor: Anchor,
    /// The revision at which `anchor` holds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub anchor_revision: Revision,
    /// Whether its place is gone.
    pub is_anchor_lost: bool,
    /// What stood at the place when the annotation was made.
    pub quote: String,
    /// When it was written, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub edited_at_ms: Option<i64>,
    /// When it was deleted.
    pub deleted_at_ms: Option<i64>,
}

/// What an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AnnotationKind {
    /// A text beside the place.
    Note,
    /// A colour on the place.
    Highlight,
}

impl AnnotationKind {
    /// The name of the kind, as messages and the database have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Highlight => "highlight",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Note, Self::Highlight].into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that a person is told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// The notification.
    pub id: NotificationId,
    /// What happened.
    pub kind: NotificationKind,
    /// The workspace that it happened in.
    pub workspace: WorkspaceId,
    /// The document concerned.
    pub document: Option<DocumentId>,
    /// What that document is called.
    pub title: Option<String>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The thread that the comment is in.
    pub thread: Option<CommentId>,
    /// The role that the person has now.
    pub role: Option<Role>,
    /// The calculation concerned.
    pub calculation: Option<JobId>,
    /// Who did it; nothing for the server itself.
    pub actor: Option<Named>,
    /// When, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When the person took note of it.
    pub read_at_ms: Option<i64>,
}

/// What a person is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NotificationKind {
    /// Somebody mentioned them in a comment.
    Mention,
    /// Somebody replied in a thread of theirs.
    Reply,
    /// Somebody resolved a thread of theirs.
    Resolved,
    /// Somebody opened a resolved thread of theirs again.
    Reopened,
    /// Somebody let them into a document or a workspace.
    Invited,
    /// Somebody gave them another role in a document or a workspace.
    RoleChanged,
    /// A calculation that they began is at its end.
    CalculationFinished,
}
