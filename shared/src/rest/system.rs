use serde::{Deserialize, Serialize};

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` when the server can serve, which includes that its database answers.
    pub status: String,
    /// The server's version.
    pub version: String,
}
