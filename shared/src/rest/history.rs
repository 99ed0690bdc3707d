//! History, versions, branches and merges.

use ot_core::Revision;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::history::{Choices, Comparison, Direction, MergeConflict};
use crate::protocol::{DocumentId, UserId};

/// Somebody who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    /// The person.
    pub id: UserId,
    /// What people call them.
    pub name: String,
}

/// The edits of one person, with pauses of less than ten minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistorySession {
    /// Who; none for what the server itself wrote.
    pub author: Option<Author>,
    /// Their first revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub first_revision: Revision,
    /// Their last revision. Between the two there may be revisions of others.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub last_revision: Revision,
    /// How many revisions they are.
    pub edits: u64,
    /// When the first was made, in milliseconds since 1970 UTC.
    pub begun_at_ms: i64,
    /// When the last was made.
    pub ended_at_ms: i64,
}

/// One revision in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevisionSummary {
    /// The revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Who made it; none for what the server itself wrote.
    pub author: Option<Author>,
    /// When, in milliseconds since 1970 UTC.
    pub made_at_ms: i64,
    /// The name that somebody gave it.
    pub name: Option<String>,
}

/// `GET /api/document/{id}/revision/{r}`: the document as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastRevision {
    /// The document.
    pub document: DocumentId,
    /// The revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// What the document was then.
    pub body: Value,
}

/// `GET /api/document/{id}/diff`: what differs between two revisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diff {
    /// The revision before.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub from: Revision,
    /// The revision after.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub to: Revision,
    /// What differs.
    #[serde(flatten)]
    pub comparison: Comparison,
}

/// A change to one cell, of `GET /api/document/{id}/history?cell=item@period`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellChange {
    /// The revision that changed it.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Who; none for what the server itself wrote.
    pub author: Option<Author>,
    /// When, in milliseconds since 1970 UTC.
    pub made_at_ms: i64,
    /// What it held before, as one would enter it: its entry, else the formula of its row.
    pub before: Option<String>,
    /// What it holds after.
    pub after: Option<String>,
}

/// An item of `GET /api/document/{id}/history`: a session or, with `cell`, a change to the cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum HistoryItem {
    /// Without `cell`.
    Session(HistorySession),
    /// With `cell`.
    Cell(CellChange),
}

/// `POST /api/document/{id}/restore`: make the document again what it was. What others edit meanwhile stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Which revision comes back.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
}

/// What a change to a document became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeRevision {
    /// The revision that it became; none where there was nothing to change.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
}

/// A revision with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    /// The revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Its name.
    pub name: String,
    /// Who named it.
    pub author: Option<Author>,
    /// When, in milliseconds since 1970 UTC.
    pub named_at_ms: i64,
}

/// `POST /api/document/{id}/versions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameVersion {
    /// The name, 1 to [`VERSION_NAME_CHARS`](crate::limits::VERSION_NAME_CHARS) code points.
    pub name: String,
    /// Which revision; none for the newest.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
}

/// A second line of edits of a document, which is a document itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Branch {
    /// The branch, as the document that it is.
    pub id: DocumentId,
    /// The document that it left.
    pub parent: DocumentId,
    /// What people call it.
    pub name: String,
    /// The parent's revision at which it began.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub forked_at: Revision,
    /// Its own newest revision, which begin at 0.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// Who made it.
    pub author: Option<Author>,
    /// When, in milliseconds since 1970 UTC.
    pub made_at_ms: i64,
    /// When it was edited last.
    pub edited_at_ms: i64,
}

/// `POST /api/document/{id}/branches`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBranch {
    /// What to call it, 1 to [`VERSION_NAME_CHARS`](crate::limits::VERSION_NAME_CHARS) code points.
    pub name: String,
    /// The revision at which it begins; none for the newest.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u64>))]
    pub revision: Option<Revision>,
}

/// `GET /api/document/{branch}/merge`: what a merge would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergePreview {
    /// Which way it goes.
    pub direction: Direction,
    /// The document that the branch left.
    pub parent: DocumentId,
    /// The parent's revision that is looked at.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub parent_revision: Revision,
    /// The branch's revision that is looked at.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub branch_revision: Revision,
    /// What would change in the document that it goes into, if nobody chooses.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// What both sides changed in different ways.
    pub conflicts: Vec<MergeConflict>,
    /// Whether these are all of them.
    pub has_all_conflicts: bool,
}

/// `POST /api/document/{branch}/merge`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Which way.
    pub direction: Direction,
    /// The parent's revision, as in the preview.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub parent_revision: Revision,
    /// The branch's revision, as in the preview.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub branch_revision: Revision,
    /// For paths of conflicts, whose way they end: `ours` is the branch's, `theirs` the parent's. The others end as the
    /// preview says.
    #[serde(default)]
    pub choices: Choices,
}
