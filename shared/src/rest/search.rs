use serde::{Deserialize, Serialize};

use super::DocumentSummary;

/// A document in which all words were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    /// The document.
    pub document: DocumentSummary,
    /// The title, in pieces.
    pub title: Vec<Excerpt>,
    /// What stands around the first words that were found in the document, in pieces; empty when they are in the title
    /// alone.
    pub excerpt: Vec<Excerpt>,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Excerpt {
    /// The text, as it stands in the document.
    pub text: String,
    /// Whether it is one of the words that were looked for.
    pub is_match: bool,
}
