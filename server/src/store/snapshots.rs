//! Snapshots, and documents as they come into memory.

use std::collections::BTreeSet;

use coval_shared::protocol::DocumentId;
use diesel::prelude::*;
use ot_core::json::JsonOp;
use ot_core::{Committed, Revision};
use serde_json::Value;

use super::connection::AnyConnection;
use super::operations::{Row, committed};
use super::schema::{documents, operations, snapshots};
use super::{Store, StoreError, database_number, links, unsigned};

/// A document as it is stored: a snapshot and what came after it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDocument {
    /// What people call it.
    pub title: String,
    /// The document at `snapshot_revision`.
    pub snapshot: Value,
    /// The revision of `snapshot`.
    pub snapshot_revision: Revision,
    /// Everything after the snapshot, oldest first.
    pub operations: Vec<Committed<JsonOp>>,
    /// The documents that the newest revision takes values from, as the database knows them.
    pub sources: BTreeSet<DocumentId>,
}

impl Store {
    /// The document `id`: its newest snapshot and everything after it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn load(&self, id: DocumentId) -> Result<StoredDocument, StoreError> {
        let key = id.0.to_string();
        self.connection()?.transaction(|connection| {
            let title: String = documents::table.find(&key).select(documents::title).first(connection)?;
            let (revision, body): (i64, String) = snapshots::table
                .filter(snapshots::document_id.eq(&key))
                .order(snapshots::revision.desc())
                .select((snapshots::revision, snapshots::body))
                .first(connection)?;
            let rows: Vec<Row> = operations::table
                .filter(operations::document_id.eq(&key).and(operations::revision.gt(revision)))
                .order(operations::revision.asc())
                .select((operations::revision, operations::client_id, operations::sequence, operations::op))
                .load(connection)?;
            Ok(StoredDocument {
                title,
                snapshot: serde_json::from_str(&body).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                snapshot_revision: Revision(unsigned(revision)?),
                operations: rows.into_iter().map(committed).collect::<Result<_, _>>()?,
                sources: links::sources(connection, id)?,
            })
        })
    }
}

pub(super) fn insert_snapshot(
    connection: &mut AnyConnection,
    id: DocumentId,
    revision: Revision,
    body: &Value,
) -> Result<(), StoreError> {
    diesel::insert_into(snapshots::table)
        .values((
            snapshots::document_id.eq(id.0.to_string()),
            snapshots::revision.eq(database_number(revision.0)),
            snapshots::body.eq(body.to_string()),
        ))
        .execute(connection)?;
    Ok(())
}
