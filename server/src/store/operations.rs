//! The history of documents: every op that was committed.

use std::collections::BTreeSet;

use coval_shared::protocol::DocumentId;
use diesel::dsl::{max, sum};
use diesel::prelude::*;
use diesel::sql_types::Text;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;

use super::schema::{documents, operations};
use super::snapshots::insert_snapshot;
use super::{Store, StoreError, database_number, links, unsigned, uuid};

diesel::define_sql_function! {
    /// How many bytes a text has.
    fn octet_length(text: Text) -> Integer;
}

pub(super) type Row = (i64, String, i64, String);

impl Store {
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
        let wanted = || {
            let range = operations::revision
                .gt(database_number(after.0))
                .and(operations::revision.le(database_number(until.0)));
            operations::table.filter(operations::document_id.eq(id.0.to_string()).and(range))
        };
        let connection = &mut *self.connection()?;
        // Measured before it is read, so that not even a hostile history fills the memory.
        let bytes: Option<i64> = wanted().select(sum(octet_length(operations::op))).first(connection)?;
        if bytes.unwrap_or_default() > i64::try_from(limit).unwrap_or(i64::MAX) {
            return Ok(None);
        }
        let rows: Vec<Row> = wanted()
            .order(operations::revision.asc())
            .select((operations::revision, operations::client_id, operations::sequence, operations::op))
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
        let (sequence, revision): (Option<i64>, Option<i64>) = operations::table
            .filter(operations::document_id.eq(id.0.to_string()).and(operations::client_id.eq(client.0.to_string())))
            .select((max(operations::sequence), max(operations::revision)))
            .first(&mut *self.connection()?)?;
        match sequence.zip(revision) {
            None => Ok(None),
            Some((sequence, revision)) => Ok(Some((Sequence(unsigned(sequence)?), Revision(unsigned(revision)?)))),
        }
    }

    /// Stores consecutive ops, and with them a snapshot of the last one's revision if there is one: all or nothing.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when one of the submissions is there already, or when the first op does not
    /// follow the newest revision; [`StoreError::NotFound`] when there is no such document.
    pub fn append(
        &self,
        id: DocumentId,
        new: &[Committed<JsonOp>],
        snapshot: Option<&Value>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.append_linked(id, new, snapshot, None, now_ms)
    }

    /// As [`Store::append`], and notes with the ops that the last of them leaves a document that takes values from
    /// `sources`, if those are others than before.
    ///
    /// # Errors
    ///
    /// As [`Store::append`], and [`StoreError::Circle`] when the document would take values from itself on a way over
    /// others.
    pub fn append_linked(
        &self,
        id: DocumentId,
        new: &[Committed<JsonOp>],
        snapshot: Option<&Value>,
        sources: Option<&BTreeSet<DocumentId>>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (new.first(), new.last()) else {
            return Ok(());
        };
        if new.windows(2).any(|pair| matches!(pair, [a, b] if a.revision.next() != b.revision)) {
            return Err(StoreError::Conflict);
        }
        let key = id.0.to_string();
        self.write(|connection| {
            // The document's row is the lock: whoever moves it on from the revision before has won.
            let before = database_number(first.revision.0.saturating_sub(1));
            let moved = diesel::update(documents::table.find(&key).filter(documents::revision.eq(before)))
                .set((documents::revision.eq(database_number(last.revision.0)), documents::edited_at_ms.eq(now_ms)))
                .execute(connection)?;
            if moved == 0 {
                let newest: i64 = documents::table.find(&key).select(documents::revision).first(connection)?;
                tracing::debug!(document = %id, newest, "another writer was faster");
                return Err(StoreError::Conflict);
            }
            for committed in new {
                let op =
                    serde_json::to_string(&committed.op).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                diesel::insert_into(operations::table)
                    .values((
                        operations::document_id.eq(&key),
                        operations::revision.eq(database_number(committed.revision.0)),
                        operations::client_id.eq(committed.client.0.to_string()),
                        operations::sequence.eq(database_number(committed.sequence.0)),
                        operations::op.eq(op),
                        operations::committed_at_ms.eq(now_ms),
                    ))
                    .execute(connection)?;
            }
            snapshot.map_or(Ok(()), |body| insert_snapshot(connection, id, last.revision, body))?;
            sources.map_or(Ok(()), |sources| links::replace_sources(connection, id, sources))
        })
    }
}

pub(super) fn committed((revision, client, sequence, op): Row) -> Result<Committed<JsonOp>, StoreError> {
    Ok(Committed {
        revision: Revision(unsigned(revision)?),
        client: ClientId(uuid(&client)?),
        sequence: Sequence(unsigned(sequence)?),
        op: serde_json::from_str(&op)
            .map_err(|error| StoreError::Corrupt(format!("the op of revision {revision}: {error}")))?,
    })
}
