//! The bodies of the HTTP interface, all JSON.

use ot_core::Revision;
use serde::{Deserialize, Serialize};

use crate::model::Output;
use crate::protocol::{DocumentId, ErrorCode};

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` when the server can serve, which includes that its database answers.
    pub status: String,
    /// The server's version.
    pub version: String,
}

/// `GET /api/documents`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentList {
    /// The documents, the most recently edited first.
    pub documents: Vec<DocumentSummary>,
}

/// One document in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub title: String,
    /// The name of the workspace it belongs to.
    pub workspace: String,
    /// Its newest revision.
    pub revision: Revision,
    /// When its newest revision was committed, in milliseconds since 1970 UTC.
    pub edited_at_ms: i64,
}

/// `GET /api/document/{id}/outputs`: the key figures, as the server calculates them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentOutputs {
    /// The document.
    pub document: DocumentId,
    /// The revision that was calculated.
    pub revision: Revision,
    /// The outputs, in the order of the model.
    pub outputs: Vec<Output>,
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened and what to do, for people.
    pub message: String,
}
