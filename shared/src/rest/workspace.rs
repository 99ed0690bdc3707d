use serde::{Deserialize, Serialize};

use crate::protocol::WorkspaceId;
use crate::rights::Role;

/// A workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceSummary {
    /// The workspace.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What whoever asks is in it.
    pub role: Role,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

/// A new workspace. Whoever makes it is its owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspace {
    /// What people are to call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub name: String,
}

/// What is to be changed of a workspace; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeWorkspace {
    /// What people are to call it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub name: Option<String>,
}

/// How a workspace is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspaceStatus {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How many models there are, without the archive.
    pub models: u64,
    /// How many memos there are, without the archive.
    pub memos: u64,
    /// How many documents are in the archive.
    pub archived: u64,
    /// How many branches the documents have.
    pub branches: u64,
    /// How many members there are.
    pub members: u64,
    /// How many of its members are connected to this server.
    pub people_online: u64,
    /// How many revisions all documents have.
    pub revisions: u64,
    /// How much room snapshots take, in bytes.
    pub storage_bytes: u64,
    /// When a document was last edited, in milliseconds since 1970 UTC.
    pub edited_at_ms: Option<i64>,
}
