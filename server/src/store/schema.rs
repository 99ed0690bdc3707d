//! The tables, as the migrations make them: a file for each part of the store.

mod calculation;
mod comment;
mod document;
mod event;
mod history;
mod link;
mod people;
mod revision;

pub(super) use calculation::calculations;
pub(super) use comment::{annotations, comments, mentions, notifications};
pub(super) use document::{document_texts, documents, workspaces};
pub(super) use event::{event_heads, events};
pub(super) use history::{merges, versions};
pub(super) use link::{link_changes, links};
pub(super) use people::{
    document_members, invitations, rights_changes, share_links, sign_ins, tickets, users, workspace_members,
};
pub(super) use revision::{document_numbers, operations, snapshots};

diesel::joinable!(documents -> workspaces (workspace_id));
diesel::joinable!(document_texts -> documents (document_id));
diesel::joinable!(share_links -> documents (document_id));
diesel::joinable!(workspace_members -> workspaces (workspace_id));
diesel::allow_tables_to_appear_in_same_query!(comments, mentions);
diesel::allow_tables_to_appear_in_same_query!(
    document_members,
    document_texts,
    documents,
    invitations,
    share_links,
    sign_ins,
    tickets,
    users,
    workspace_members,
    workspaces,
);
