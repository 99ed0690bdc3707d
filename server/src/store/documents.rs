//! Documents in lists, and how they come into being.

use coval_shared::protocol::DocumentId;
use coval_shared::rest::{Action, DocumentSummary};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use ot_core::Revision;
use serde_json::Value;
use uuid::Uuid;

use super::events::record_in_document;
use super::schema::{documents, workspaces};
use super::snapshots::insert_snapshot;
use super::{Store, StoreError, unsigned, uuid};

impl Store {
    /// All documents, the most recently edited first.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn documents(&self) -> Result<Vec<DocumentSummary>, StoreError> {
        let rows: Vec<(String, String, String, i64, i64)> = documents::table
            .inner_join(workspaces::table)
            .order((documents::edited_at_ms.desc(), documents::id.asc()))
            .select((documents::id, documents::title, workspaces::name, documents::revision, documents::edited_at_ms))
            .load(&mut *self.connection()?)?;
        rows.into_iter()
            .map(|(id, title, workspace, revision, edited_at_ms)| {
                let id = DocumentId(uuid(&id)?);
                Ok(DocumentSummary { id, title, workspace, revision: Revision(unsigned(revision)?), edited_at_ms })
            })
            .collect()
    }

    /// The newest stored revisions of these documents, as far as they are there.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn revisions(&self, ids: &[DocumentId]) -> Result<Vec<(DocumentId, Revision)>, StoreError> {
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        let rows: Vec<(String, i64)> = documents::table
            .filter(documents::id.eq_any(ids))
            .select((documents::id, documents::revision))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(|(id, revision)| Ok((DocumentId(uuid(&id)?), Revision(unsigned(revision)?)))).collect()
    }

    /// Makes a document in the workspace called `workspace`, which is made when it is not there.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when the document is there already.
    pub fn create_document(
        &self,
        id: DocumentId,
        workspace: &str,
        title: &str,
        body: &Value,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.write(|connection| {
            // Begins with a write, so that SQLite gives it the lock before it reads anything.
            diesel::sql_query(
                "INSERT INTO workspaces (id, name, created_at_ms) SELECT $1, $2, $3 \
                 WHERE NOT EXISTS (SELECT 1 FROM workspaces WHERE name = $2)",
            )
            .bind::<Text, _>(Uuid::now_v7().to_string())
            .bind::<Text, _>(workspace)
            .bind::<BigInt, _>(now_ms)
            .execute(connection)?;
            let workspace_id: String = workspaces::table
                .filter(workspaces::name.eq(workspace))
                .order((workspaces::created_at_ms.asc(), workspaces::id.asc()))
                .select(workspaces::id)
                .first(connection)?;
            diesel::insert_into(documents::table)
                .values((
                    documents::id.eq(id.0.to_string()),
                    documents::workspace_id.eq(workspace_id),
                    documents::title.eq(title),
                    documents::title_key.eq(title.to_lowercase()),
                    documents::kind.eq("model"),
                    documents::revision.eq(0),
                    documents::created_at_ms.eq(now_ms),
                    documents::edited_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            insert_snapshot(connection, id, Revision::ZERO, body)?;
            record_in_document(connection, id, None, Action::DocumentCreated { title: title.to_owned() }, now_ms)
        })
    }
}
