use serde::{Deserialize, Serialize};

use crate::protocol::ErrorCode;

/// The body of every answer that is not a success, as `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The code as a URN: `urn:coval:error:not_found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, for people. The same for every problem with this code.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// The stable code.
    pub code: ErrorCode,
    /// The field of the body or the parameter that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
