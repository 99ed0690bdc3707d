//! The tables, as the migrations make them: a file for each part of the store.

mod document;
mod link;
mod revision;

pub(super) use document::{document_texts, documents, workspaces};
pub(super) use link::{link_changes, links};
pub(super) use revision::{operations, snapshots};

diesel::joinable!(documents -> workspaces (workspace_id));
diesel::joinable!(document_texts -> documents (document_id));
diesel::allow_tables_to_appear_in_same_query!(document_texts, documents, workspaces);
