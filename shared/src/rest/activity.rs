//! What was done in a workspace and its documents, and whether the record of it is whole.

use ot_core::Revision;
use serde::{Deserialize, Serialize};

use crate::protocol::{AnnotationId, CommentId, DocumentId, Named, UserId};
use crate::rights::Role;

/// One entry of `GET /api/workspace/{id}/activity` and `GET /api/document/{id}/activity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Which entry of its workspace it is, from 1.
    pub number: u64,
    /// When it happened, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Who did it; none for the server itself.
    pub actor: Option<Named>,
    /// The document that it happened to; none when it concerns the whole workspace.
    pub document: Option<DocumentId>,
    /// What that document is called now.
    pub title: Option<String>,
    /// The person whom it concerns, where that is not the one who did it.
    pub subject: Option<Named>,
    /// What was done.
    #[serde(flatten)]
    pub action: Action,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "action", content = "detail", rename_all = "snake_case")]
pub enum Action {
    /// The workspace was made.
    WorkspaceCreated {
        /// Its name.
        name: String,
    },
    /// The workspace got another name.
    WorkspaceRenamed {
        /// The name before.
        from: String,
        /// The name after.
        to: String,
    },
    /// Somebody was asked to join the workspace.
    MemberInvited {
        /// As what.
        role: Role,
    },
    /// An invitation was taken back.
    InvitationRevoked,
    /// Somebody joined the workspace, or was added to it.
    MemberAdded {
        /// Who.
        user: UserId,
        /// As what.
        role: Role,
    },
    /// Somebody's role in the workspace changed.
    MemberRoleChanged {
        /// Whose.
        user: UserId,
        /// The role before.
        from: Role,
        /// The role after.
        to: Role,
    },
    /// Somebody left the workspace, or was removed from it.
    MemberRemoved {
        /// Who.
        user: UserId,
    },
    /// A document was made.
    DocumentCreated {
        /// Its title.
        title: String,
    },
    /// A document was made of a file.
    DocumentImported {
        /// Its title.
        title: String,
    },
    /// A document was made as a copy of another.
    DocumentDuplicated {
        /// The other one.
        from: DocumentId,
        /// Its title.
        title: String,
    },
    /// A document got another title.
    DocumentRenamed {
        /// The title before.
        from: String,
        /// The title after.
        to: String,
    },
    /// A document was put away.
    DocumentArchived,
    /// A document that was put away came back.
    DocumentUnarchived,
    /// A document that was put away was deleted, with its branches and its history.
    DocumentDeleted {
        /// Its title.
        title: String,
    },
    /// Somebody began to edit a document; what they edit within a quarter of an hour is one entry.
    DocumentEdited,
    /// A document was brought back to what it was at a revision.
    DocumentRestored {
        /// The revision.
        #[cfg_attr(feature = "openapi", schema(value_type = u64))]
        revision: Revision,
    },
    /// Somebody got a role in a document, or another one than before.
    DocumentShared {
        /// Who.
        user: UserId,
        /// As what.
        role: Role,
    },
    /// Somebody lost their role in a document.
    DocumentUnshared {
        /// Who.
        user: UserId,
    },
    /// A link to a document was made that lets in whoever has it.
    ShareLinkCreated {
        /// As what it lets them in.
        role: Role,
        /// When it ends, in milliseconds since 1970 UTC.
        expires_at_ms: i64,
    },
    /// Somebody came in by a link.
    ShareLinkUsed {
        /// As what.
        role: Role,
    },
    /// A link was taken back.
    ShareLinkRevoked,
    /// A revision got a name.
    VersionNamed {
        /// The revision.
        #[cfg_attr(feature = "openapi", schema(value_type = u64))]
        revision: Revision,
        /// Its name.
        name: String,
    },
    /// A revision lost its name.
    VersionUnnamed {
        /// The revision.
        #[cfg_attr(feature = "openapi", schema(value_type = u64))]
        revision: Revision,
        /// The name that it had.
        name: String,
    },
    /// A branch was made.
    BranchCreated {
        /// The branch.
        branch: DocumentId,
        /// Its name.
        name: String,
    },
    /// A branch was merged into the document that it came from, or that one into the branch.
    BranchMerged {
        /// What was merged into the document.
        from: DocumentId,
        /// The revision that the merge became.
        #[cfg_attr(feature = "openapi", schema(value_type = u64))]
        revision: Revision,
    },
    /// A thread of comments was begun.
    CommentAdded {
        /// The comment.
        comment: CommentId,
    },
    /// A comment was answered.
    CommentReplied {
        /// The first comment of the thread.
        thread: CommentId,
        /// The answer.
        comment: CommentId,
    },
    /// A thread was settled.
    CommentResolved {
        /// The first comment of the thread.
        thread: CommentId,
    },
    /// A thread that was settled was opened again.
    CommentReopened {
        /// The first comment of the thread.
        thread: CommentId,
    },
    /// A comment was written anew.
    CommentEdited {
        /// The comment.
        comment: CommentId,
    },
    /// A comment was deleted.
    CommentDeleted {
        /// The comment.
        comment: CommentId,
    },
    /// An annotation was made.
    AnnotationCreated {
        /// The annotation.
        annotation: AnnotationId,
    },
    /// An annotation was changed.
    AnnotationChanged {
        /// The annotation.
        annotation: AnnotationId,
    },
    /// An annotation was deleted.
    AnnotationDeleted {
        /// The annotation.
        annotation: AnnotationId,
    },
    /// The entry can't be read: it was changed behind the server's back, or a newer server wrote it.
    Unreadable,
}

impl Action {
    /// The person whom it concerns, if it names one.
    #[must_use]
    pub fn subject(&self) -> Option<UserId> {
        match self {
            Self::MemberAdded { user, .. }
            | Self::MemberRoleChanged { user, .. }
            | Self::MemberRemoved { user }
            | Self::DocumentShared { user, .. }
            | Self::DocumentUnshared { user } => Some(*user),
            _ => None,
        }
    }
}

/// `GET /api/workspace/{id}/audit`: whether the record of a workspace is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audit {
    /// How many entries there should be.
    pub count: u64,
    /// The hash that the last one should have, in hexadecimal. Whoever keeps it elsewhere can tell later whether the
    /// record up to here is still the same.
    pub hash: String,
    /// The first entry that is not as it was written; none when the record is whole.
    pub broken: Option<BrokenEntry>,
}

/// Where the record of a workspace is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrokenEntry {
    /// Which entry it is, from 1.
    pub number: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an entry of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It was changed, or stands where another one stood.
    Altered,
    /// It was deleted, and others stand behind it.
    Missing,
    /// It was cut off, with all behind it.
    CutOff,
    /// It was added behind the server's back.
    Added,
}
