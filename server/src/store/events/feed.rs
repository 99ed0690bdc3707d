//! The record as people read it, the newest first.

use std::collections::BTreeSet;

use coval_shared::protocol::{DocumentId, Named, UserId, WorkspaceId};
use coval_shared::rest::Activity;
use diesel::dsl::max;
use diesel::prelude::*;

use super::{Row, read};
use crate::store::connection::AnyConnection;
use crate::store::names::{names, titles};
use crate::store::schema::{documents, events};
use crate::store::{Store, StoreError, database_number, unsigned, uuid};

impl Store {
    /// What was done in a workspace, the newest first: so many entries with numbers below `before`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn workspace_activity(
        &self,
        workspace: WorkspaceId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        let connection = &mut *self.connection()?;
        let rows = events::table
            .filter(events::workspace_id.eq(workspace.0.to_string()))
            .filter(events::number.lt(before.map_or(i64::MAX, database_number)))
            .order(events::number.desc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(connection)?;
        activities(connection, rows)
    }

    /// The number of the newest entry on a document; 0 when there is none.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be read.
    pub fn newest_activity(&self, document: DocumentId) -> Result<u64, StoreError> {
        let newest: Option<i64> = events::table
            .filter(events::document_id.eq(document.0.to_string()))
            .select(max(events::number))
            .first(&mut *self.connection()?)?;
        unsigned(newest.unwrap_or_default())
    }

    /// What was done to a document since the entry `after`, the oldest first: so many entries.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be read.
    pub fn document_activity_after(
        &self,
        document: DocumentId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        let connection = &mut *self.connection()?;
        let rows = events::table
            .filter(events::document_id.eq(document.0.to_string()))
            .filter(events::number.gt(database_number(after)))
            .order(events::number.asc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(connection)?;
        activities(connection, rows)
    }

    /// What was done to a document, the newest first: so many entries with numbers below `before`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn document_activity(
        &self,
        document: DocumentId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Activity>, StoreError> {
        let connection = &mut *self.connection()?;
        let key = document.0.to_string();
        let workspace: String = documents::table.find(&key).select(documents::workspace_id).first(connection)?;
        let rows = events::table
            .filter(events::document_id.eq(&key).and(events::workspace_id.eq(workspace)))
            .filter(events::number.lt(before.map_or(i64::MAX, database_number)))
            .order(events::number.desc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(connection)?;
        activities(connection, rows)
    }
}

fn activities(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Activity>, StoreError> {
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let action = read(&row.action, &row.detail);
            (row, action)
        })
        .collect();
    let subjects = rows.iter().filter_map(|(_, action)| action.subject().map(|user| user.0.to_string()));
    let people: BTreeSet<String> = rows.iter().filter_map(|(row, _)| row.actor_id.clone()).chain(subjects).collect();
    let names = names(connection, &people)?;
    let titles = titles(connection, rows.iter().filter_map(|(row, _)| row.document_id.as_ref()))?;
    // What is no id was written there behind the server's back; the verification says so.
    let named = |id: &str| {
        let name = names.get(id).cloned().unwrap_or_default();
        uuid(id).ok().map(|id| Named { id: UserId(id), name })
    };
    rows.iter()
        .map(|(row, action)| {
            Ok(Activity {
                number: unsigned(row.number)?,
                at_ms: row.at_ms,
                actor: row.actor_id.as_deref().and_then(named),
                document: row.document_id.as_deref().and_then(|id| uuid(id).ok()).map(DocumentId),
                title: row.document_id.as_ref().and_then(|document| titles.get(document).cloned()),
                subject: action.subject().and_then(|user| named(&user.0.to_string())),
                action: action.clone(),
            })
        })
        .collect()
}
