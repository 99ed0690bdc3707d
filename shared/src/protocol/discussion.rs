//! What people say about a document.

use ot_core::Revision;
use serde::{Deserialize, Serialize};

use super::{AnnotationId, CommentId, DocumentId, NotificationId, UserId, WorkspaceId};
use crate::model::CellRef;

/// The place in a document that something is about. It is carried along by every op.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Anchor {
    /// A cell of a model.
    Cell(CellRef),
    /// A stretch of a memo.
    Text {
        /// Where it begins, in code points from the beginning.
        start: u64,
        /// Where it ends.
        end: u64,
    },
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
    pub author: UserId,
    /// What the author is called.
    pub author_name: String,
    /// The text; empty when it was deleted.
    pub body: String,
    /// What it is about; nothing for the document as a whole. Replies have the place of their thread.
    pub anchor: Option<Anchor>,
    /// The revision at which `anchor` holds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub anchor_revision: Revision,
    /// Whether what it was about is gone.
    pub is_anchor_lost: bool,
    /// What stood at the place when the comment was written.
    pub quote: String,
    /// Who is mentioned.
    pub mentions: Vec<UserId>,
    /// When it was written, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub edited_at_ms: Option<i64>,
    /// When it was deleted.
    pub deleted_at_ms: Option<i64>,
    /// When its thread was resolved; on the first comment of a thread only.
    pub resolved_at_ms: Option<i64>,
    /// Who resolved the thread.
    pub resolved_by: Option<UserId>,
}

/// A note that stands beside a place of a document, without a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Annotation {
    /// The annotation.
    pub id: AnnotationId,
    /// The document that it is in.
    pub document: DocumentId,
    /// Who wrote it.
    pub author: UserId,
    /// What the author is called.
    pub author_name: String,
    /// The text; empty when it was deleted.
    pub body: String,
    /// Where it stands.
    pub anchor: Anchor,
    /// The revision at which `anchor` holds.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub anchor_revision: Revision,
    /// Whether its place is gone.
    pub is_anchor_lost: bool,
    /// When it was written, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub edited_at_ms: Option<i64>,
    /// When it was deleted.
    pub deleted_at_ms: Option<i64>,
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
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// Who did it.
    pub actor: Option<UserId>,
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
    /// Somebody let them into a document or a workspace, or gave them another role.
    Access,
}
