use ot_core::Revision;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Output;
use crate::protocol::{DocumentId, DocumentKind, Person, UserId, WorkspaceId};
use crate::rights::Role;

/// A document, without what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// What people call the workspace.
    pub workspace_name: String,
    /// What whoever asks is for it.
    pub role: Role,
    /// Its newest revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// The name of the template that it was made from.
    pub template: Option<String>,
    /// Who made it; nobody if the server did.
    pub created_by: Option<UserId>,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When its newest revision was committed, in milliseconds since 1970 UTC.
    pub edited_at_ms: i64,
    /// When it was archived, in milliseconds since 1970 UTC; nothing if it is not.
    pub archived_at_ms: Option<i64>,
    /// The document that it is a branch of.
    pub parent: Option<DocumentId>,
    /// The revision of the parent that it began with.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub fork_revision: Option<Revision>,
}

/// A new document, from a template or from what is in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateDocument {
    /// What people are to call it. Without it, as the template says.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// The template, by its name. Either this or `body`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "dcf"))]
    pub template: Option<String>,
    /// What is in it: an object is a model, a string is a memo in Markdown.
    #[serde(default)]
    pub body: Option<Value>,
}

/// What is to be changed of a document; the rest stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeDocument {
    /// What people are to call it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// Whether it is to be in the archive.
    #[serde(default)]
    pub is_archived: Option<bool>,
}

/// How a document is copied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DuplicateDocument {
    /// What people are to call the copy. Without it, the title with "Copy of" before it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// The workspace of the copy. Without it, that of the document.
    #[serde(default)]
    pub workspace: Option<WorkspaceId>,
}

/// What is in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentSnapshot {
    /// The document.
    pub document: DocumentId,
    /// What it is.
    pub kind: DocumentKind,
    /// What people call it.
    pub title: String,
    /// The revision of `snapshot`.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// The whole document: an object for a model, a string for a memo.
    pub snapshot: Value,
}

/// The key figures of a model, as the server calculates them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentOutputs {
    /// The document.
    pub document: DocumentId,
    /// The revision that was calculated.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// The outputs, in the order of the model.
    pub outputs: Vec<Output>,
}

/// Who works on a document, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Collaboration {
    /// The document.
    pub document: DocumentId,
    /// Its newest revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Who has it open, in the order in which they came.
    pub people: Vec<Person>,
    /// Its branches, in the order in which they were made.
    pub branches: Vec<BranchState>,
}

/// A branch of a document. It is a document of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BranchState {
    /// The branch.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// The revision of the document that it began with.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub fork_revision: Revision,
    /// Its own newest revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// When that was committed, in milliseconds since 1970 UTC.
    pub edited_at_ms: i64,
}

/// A document that was made of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Imported {
    /// The document.
    pub document: DocumentSummary,
    /// How many formulas are formulas still.
    pub formulas: u64,
    /// How many are there by their values only.
    pub values: u64,
    /// What was not carried, with its place.
    pub remarks: Vec<String>,
}

/// Something to make a document from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateSummary {
    /// What `template` of a new document says.
    pub name: String,
    /// The title of a document made from it.
    pub title: String,
    /// What it is for, in a sentence.
    pub summary: String,
    /// What a document made from it is.
    pub kind: DocumentKind,
    /// The key figures of the worked company that stands in it; none in a memo.
    pub outputs: Vec<Output>,
}
