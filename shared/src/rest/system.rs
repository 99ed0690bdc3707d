use serde::{Deserialize, Serialize};

/// `GET /health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// `ok` when the server can serve, which includes that its database answers.
    pub status: String,
    /// The server's version.
    pub version: String,
}

/// How busy a server is, and how much it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SystemStats {
    /// The server's version.
    pub version: String,
    /// The kind of database: `sqlite` or `postgres`.
    pub database: String,
    /// How many connections to the database are open.
    pub database_connections: u64,
    /// How many of them nobody uses.
    pub database_idle: u64,
    /// How many accounts there are.
    pub users: u64,
    /// How many workspaces there are.
    pub workspaces: u64,
    /// How many documents there are, with the archive and branches.
    pub documents: u64,
    /// How many revisions they have.
    pub revisions: u64,
    /// How many documents the search has still to read.
    pub documents_to_index: u64,
    /// How many documents are in this server's memory.
    pub open_documents: u64,
    /// How many commands wait for them.
    pub waiting_commands: u64,
}
