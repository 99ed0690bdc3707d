use serde::{Deserialize, Serialize};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// What to send as `cursor` for the entries after these; nothing at the end of the list.
    pub next: Option<String>,
}
