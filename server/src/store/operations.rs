//! The ops of documents, in the order in which they were committed.

use std::collections::{BTreeSet, HashMap};

use coval_shared::protocol::DocumentId;
use diesel::dsl::sum;
use diesel::prelude::*;
use diesel::sql_types::Text;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;
use uuid::Uuid;

use super::connection::AnyConnection;
use super::schema::{documents, operations};
use super::{Store, StoreError, database_number, links, numbers, snapshots, unsigned};

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

diesel::define_sql_function! {
    /// How many bytes a text has.
    fn octet_length(text: Text) -> Integer;
}

type Row = (i64, Vec<u8>, i64, String);

impl Store {
    /// The document `id`: its newest snapshot and everything after it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn load(&self, id: DocumentId) -> Result<StoredDocument, StoreError> {
        self.load_until(id, Revision(u64::MAX))
    }

    /// The document `id` up to a revision: the newest snapshot that is not newer, and everything between.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn load_until(&self, id: DocumentId, until: Revision) -> Result<StoredDocument, StoreError> {
        let key = id.0.to_string();
        self.connection()?.transaction(|connection| {
            let title: String = documents::table.find(&key).select(documents::title).first(connection)?;
            let number = numbers::known(connection, id)?.ok_or(StoreError::NotFound)?;
            let (snapshot_revision, snapshot) = snapshots::newest(connection, number, until)?;
            let range = operations::revision
                .gt(database_number(snapshot_revision.0))
                .and(operations::revision.le(database_number(until.0)));
            let rows: Vec<Row> = operations::table
                .filter(operations::document.eq(number).and(range))
                .order(operations::revision.asc())
                .select((operations::revision, operations::client, operations::sequence, operations::op))
                .load(connection)?;
            Ok(StoredDocument {
                title,
                snapshot,
                snapshot_revision,
                operations: rows.into_iter().map(committed).collect::<Result<_, _>>()?,
                sources: links::sources(connection, id)?,
            })
        })
    }

    /// The newest stored revision of the document.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn revision(&self, id: DocumentId) -> Result<Revision, StoreError> {
        let revision: i64 =
            documents::table.find(id.0.to_string()).select(documents::revision).first(&mut *self.connection()?)?;
        unsigned(revision).map(Revision)
    }

    /// The ops after `after` up to `until`, oldest first; `None` when they are more than `limit` bytes.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn operations(
        &self,
        id: DocumentId,
        after: Revision,
        until: Revision,
        limit: usize,
    ) -> Result<Option<Vec<Committed<JsonOp>>>, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(number) = numbers::known(connection, id)? else {
            return Ok(Some(Vec::new()));
        };
        let wanted = || {
            let range = operations::revision
                .gt(database_number(after.0))
                .and(operations::revision.le(database_number(until.0)));
            operations::table.filter(operations::document.eq(number).and(range))
        };
        // Measured before it is read, so that not even a hostile history fills the memory.
        let bytes: Option<i64> = wanted().select(sum(octet_length(operations::op))).first(connection)?;
        if bytes.unwrap_or_default() > i64::try_from(limit).unwrap_or(i64::MAX) {
            return Ok(None);
        }
        let rows: Vec<Row> = wanted()
            .order(operations::revision.asc())
            .select((operations::revision, operations::client, operations::sequence, operations::op))
            .load(connection)?;
        rows.into_iter().map(committed).collect::<Result<_, _>>().map(Some)
    }

    /// What `client` last had committed to the document: its sequence and the revision that it became.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn last_submission(
        &self,
        id: DocumentId,
        client: ClientId,
    ) -> Result<Option<(Sequence, Revision)>, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(number) = numbers::known(connection, id)? else {
            return Ok(None);
        };
        last_submission(connection, number, client)
    }

    /// As [`Store::last_submission`], of many clients.
    ///
    /// # Errors
    ///
    /// As [`Store::last_submission`].
    pub fn last_submissions(
        &self,
        id: DocumentId,
        clients: &[ClientId],
    ) -> Result<HashMap<ClientId, Option<(Sequence, Revision)>>, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(number) = numbers::known(connection, id)? else {
            return Ok(HashMap::new());
        };
        clients.iter().map(|client| Ok((*client, last_submission(connection, number, *client)?))).collect()
    }
}

fn last_submission(
    connection: &mut AnyConnection,
    number: i32,
    client: ClientId,
) -> Result<Option<(Sequence, Revision)>, StoreError> {
    // The last entry of the index over the keys, however many there are.
    let last: Option<(i64, i64)> = operations::table
        .filter(operations::document.eq(number).and(operations::client.eq(client.0.as_bytes().as_slice())))
        .order(operations::sequence.desc())
        .select((operations::sequence, operations::revision))
        .first(connection)
        .optional()?;
    last.map(|(sequence, revision)| Ok((Sequence(unsigned(sequence)?), Revision(unsigned(revision)?)))).transpose()
}

fn committed((revision, client, sequence, op): Row) -> Result<Committed<JsonOp>, StoreError> {
    Ok(Committed {
        revision: Revision(unsigned(revision)?),
        client: client_of(&client)?,
        sequence: Sequence(unsigned(sequence)?),
        op: serde_json::from_str(&op)
            .map_err(|error| StoreError::Corrupt(format!("the op of revision {revision}: {error}")))?,
    })
}

fn client_of(bytes: &[u8]) -> Result<ClientId, StoreError> {
    Uuid::from_slice(bytes).map(ClientId).map_err(|error| StoreError::Corrupt(error.to_string()))
}
