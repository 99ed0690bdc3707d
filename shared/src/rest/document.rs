use ot_core::Revision;
use serde::{Deserialize, Serialize};

use crate::model::Output;
use crate::protocol::DocumentId;

/// One document in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub title: String,
    /// The name of the workspace it belongs to.
    pub workspace: String,
    /// Its newest revision.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub revision: Revision,
    /// When its newest revision was committed, in milliseconds since 1970 UTC.
    pub edited_at_ms: i64,
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
