//! What was done in a workspace: the activity feed, and at once a record that shows when somebody changed it.
//!
//! The hash of each row covers the row and the hash before it. How many rows there are and the last hash stand beside,
//! so that rows that were changed, moved, deleted, cut off or added are missed or show.

mod edits;
mod feed;

use coval_shared::protocol::{DocumentId, UserId, WorkspaceId};
use coval_shared::rest::{Action, Audit, BrokenEntry, Fault};
use data_encoding::HEXLOWER;
use diesel::dsl::{max, min};
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::connection::AnyConnection;
use super::schema::{documents, event_heads, events};
use super::{Store, StoreError, database_number, unsigned, uuid};

pub use edits::{EDITED_EVERY_MS, Edited};

/// How many rows are read at once when a chain is verified.
const CHUNK: i64 = 1_000;

/// Something that was done in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Where.
    pub workspace: WorkspaceId,
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// By whom; none for the server itself.
    pub actor: Option<UserId>,
    /// To which document; none when it concerns the whole workspace.
    pub document: Option<DocumentId>,
    /// What.
    pub action: Action,
}

/// Notes `event` in the record of its workspace, in the transaction of the change that it tells of. It comes last in
/// that transaction, since it holds the lock on the workspace's record to the end.
pub(super) fn record(connection: &mut AnyConnection, event: &Event) -> Result<(), StoreError> {
    let workspace = event.workspace.0.to_string();
    let (number, before) = grow(connection, &workspace)?;
    let (action, detail) = written(&event.action)?;
    let mut row = Row {
        workspace_id: workspace,
        number,
        at_ms: event.at_ms,
        actor_id: event.actor.map(|actor| actor.0.to_string()),
        action,
        document_id: event.document.map(|document| document.0.to_string()),
        detail,
        hash: String::new(),
    };
    row.hash = row.hash_after(&before)?;
    diesel::update(event_heads::table.find(&row.workspace_id))
        .set(event_heads::hash.eq(&row.hash))
        .execute(connection)?;
    diesel::insert_into(events::table).values(row).execute(connection)?;
    Ok(())
}

/// As [`record`], for what happened to a document: in the record of the workspace that it belongs to.
pub(super) fn record_in_document(
    connection: &mut AnyConnection,
    document: DocumentId,
    actor: Option<UserId>,
    action: Action,
    at_ms: i64,
) -> Result<(), StoreError> {
    let workspace: String =
        documents::table.find(document.0.to_string()).select(documents::workspace_id).first(connection)?;
    let workspace = WorkspaceId(uuid(&workspace)?);
    record(connection, &Event { workspace, at_ms, actor, document: Some(document), action })
}

impl Store {
    /// Notes something that was done by other means than a change in the database.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be written.
    pub fn record_event(&self, event: &Event) -> Result<(), StoreError> {
        self.write(|connection| record(connection, event))
    }

    /// Whether the record of a workspace is as it was written. Reads all of it, a piece at a time.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be read.
    pub fn verify_events(&self, workspace: WorkspaceId) -> Result<Audit, StoreError> {
        let connection = &mut *self.connection()?;
        let key = workspace.0.to_string();
        // What is read later may have grown, never shrunk: rows up to here have to be there.
        let (count, end) = head(connection, &key)?;
        let mut chain = Chain { number: 0, hash: String::new() };
        let broken = chain.follow(connection, &key, count)?;
        let broken = match broken {
            None if chain.hash != end => Some(BrokenEntry { number: unsigned(count)?.max(1), fault: Fault::Altered }),
            None => beyond(connection, &key)?,
            broken => broken,
        };
        Ok(Audit { count: unsigned(count)?, hash: end, broken })
    }
}

/// A row of the record, in the order in which its hash covers it.
#[derive(Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = events)]
struct Row {
    workspace_id: String,
    number: i64,
    at_ms: i64,
    actor_id: Option<String>,
    action: String,
    document_id: Option<String>,
    detail: String,
    hash: String,
}

impl Row {
    /// The hash of the row behind a row with the hash `before`: SHA-256 over the JSON list of that hash and the row's
    /// other columns, in hexadecimal.
    fn hash_after(&self, before: &str) -> Result<String, StoreError> {
        let row = (
            before,
            &self.workspace_id,
            self.number,
            self.at_ms,
            &self.actor_id,
            &self.action,
            &self.document_id,
            &self.detail,
        );
        let text = serde_json::to_vec(&row).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(HEXLOWER.encode(&Sha256::digest(text)))
    }
}

/// Takes the next number of a workspace's record, and the lock on it. Returns the hash before it too.
fn grow(connection: &mut AnyConnection, workspace: &str) -> Result<(i64, String), StoreError> {
    let longer = |connection: &mut AnyConnection| {
        diesel::update(event_heads::table.find(workspace))
            .set(event_heads::count.eq(event_heads::count + 1))
            .execute(connection)
    };
    if longer(connection)? == 0 {
        // Two that begin the record at once make the row once, and wait for each other at it.
        diesel::sql_query(
            "INSERT INTO event_heads (workspace_id, count, hash) VALUES ($1, 0, '') \
             ON CONFLICT (workspace_id) DO NOTHING",
        )
        .bind::<Text, _>(workspace)
        .execute(connection)?;
        longer(connection)?;
    }
    Ok(head(connection, workspace)?)
}

/// How long the record is, and the hash of its last row.
fn head(connection: &mut AnyConnection, workspace: &str) -> QueryResult<(i64, String)> {
    let head = event_heads::table
        .find(workspace)
        .select((event_heads::count, event_heads::hash))
        .first(connection)
        .optional()?;
    Ok(head.unwrap_or_default())
}

/// A chain as far as it was followed.
struct Chain {
    number: i64,
    hash: String,
}

impl Chain {
    /// Follows the rows up to `count`. Returns the first that is not as it was written.
    fn follow(
        &mut self,
        connection: &mut AnyConnection,
        workspace: &str,
        count: i64,
    ) -> Result<Option<BrokenEntry>, StoreError> {
        while self.number < count {
            let rows: Vec<Row> = events::table
                .filter(events::workspace_id.eq(workspace))
                .filter(events::number.gt(self.number).and(events::number.le(count)))
                .order(events::number.asc())
                .limit(CHUNK)
                .select(Row::as_select())
                .load(connection)?;
            let expected = unsigned(self.number)?.saturating_add(1);
            if rows.is_empty() {
                return Ok(Some(BrokenEntry { number: expected, fault: Fault::CutOff }));
            }
            for row in rows {
                let number = unsigned(self.number)?.saturating_add(1);
                if row.number != database_number(number) {
                    return Ok(Some(BrokenEntry { number, fault: Fault::Missing }));
                }
                if row.hash != row.hash_after(&self.hash)? {
                    return Ok(Some(BrokenEntry { number, fault: Fault::Altered }));
                }
                self.number = row.number;
                self.hash = row.hash;
            }
        }
        Ok(None)
    }
}

/// The first row that stands where the record has not come to: before its beginning, which is 0, or behind its end.
fn beyond(connection: &mut AnyConnection, workspace: &str) -> Result<Option<BrokenEntry>, StoreError> {
    let of_workspace = || events::table.filter(events::workspace_id.eq(workspace));
    let ends: (Option<i64>, Option<i64>) =
        of_workspace().select((min(events::number), max(events::number))).first(connection)?;
    // Asked after the rows: a row and the head that counts it come at once.
    let (count, _) = head(connection, workspace)?;
    let added = match ends {
        (Some(first), _) if first < 1 => Some(0),
        (_, Some(last)) if last > count => Some(unsigned(count)?.saturating_add(1)),
        _ => None,
    };
    Ok(added.map(|number| BrokenEntry { number, fault: Fault::Added }))
}

/// An action as it stands in a row: its name, and what else it says.
fn written(action: &Action) -> Result<(String, String), StoreError> {
    let json = serde_json::to_value(action).and_then(serde_json::from_value::<Written>);
    let Written { action, detail } = json.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok((action, detail.map_or_else(String::new, |detail| detail.to_string())))
}

/// What a row says was done.
fn read(action: &str, detail: &str) -> Action {
    let detail = if detail.is_empty() { Ok(None) } else { serde_json::from_str::<Value>(detail).map(Some) };
    let action = detail.and_then(|detail| serde_json::to_value(Written { action: action.to_owned(), detail }));
    action.and_then(serde_json::from_value).unwrap_or(Action::Unreadable)
}

#[derive(Serialize, Deserialize)]
struct Written {
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<Value>,
}
