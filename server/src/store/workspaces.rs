//! Workspaces.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use coval_shared::protocol::{UserId, WorkspaceId};
use coval_shared::rest::Action;
use coval_shared::rights::Role;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::events::{Event, record};
use super::people::{count_change, put_workspace_role, read_role};
use super::schema::{workspace_members, workspaces};
use super::{Store, StoreError, unsigned, uuid};

/// How many people are asked about in one query; databases bound the values in one.
const CHUNK: usize = 500;

/// A workspace, and what somebody is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// The workspace.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// What the reader is in it.
    pub role: Role,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

/// How much there is in a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceCounts {
    /// Models, without the archive.
    pub models: u64,
    /// Memos, without the archive.
    pub memos: u64,
    /// Documents in the archive.
    pub archived: u64,
    /// Branches of documents.
    pub branches: u64,
    /// Members.
    pub members: u64,
    /// Those of the people who were named who are members.
    pub people_online: u64,
    /// Bytes of snapshots.
    pub storage_bytes: u64,
    /// Revisions of all documents.
    pub revisions: u64,
    /// When a document was last edited.
    pub edited_at_ms: Option<i64>,
}

/// How much there is in the whole database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TotalCounts {
    /// Accounts.
    pub users: u64,
    /// Workspaces.
    pub workspaces: u64,
    /// Documents, with the archive and branches.
    pub documents: u64,
    /// Revisions of all documents.
    pub revisions: u64,
    /// Documents that the search has still to read.
    pub documents_to_index: u64,
}

impl Store {
    /// Makes a workspace, of which `owner` is the owner if there is one.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when it is there already, or when `owner` is a member of `most` already.
    pub fn create_workspace(
        &self,
        id: WorkspaceId,
        name: &str,
        owner: Option<UserId>,
        most: usize,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.write(|connection| {
            diesel::insert_into(workspaces::table)
                .values((
                    workspaces::id.eq(id.0.to_string()),
                    workspaces::name.eq(name),
                    workspaces::created_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            let Some(owner) = owner else {
                return Ok(());
            };
            count_change(connection)?;
            let memberships: i64 = workspace_members::table
                .filter(workspace_members::user_id.eq(owner.0.to_string()))
                .count()
                .get_result(connection)?;
            if unsigned(memberships)? >= u64::try_from(most).unwrap_or(u64::MAX) {
                return Err(StoreError::Conflict);
            }
            put_workspace_role(connection, id, owner, Role::Owner, now_ms)?;
            let action = Action::WorkspaceCreated { name: name.to_owned() };
            record(connection, &Event { workspace: id, at_ms: now_ms, actor: Some(owner), document: None, action })
        })
    }

    /// Gives the workspace another name.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such workspace.
    pub fn rename_workspace(&self, id: WorkspaceId, name: &str, by: UserId, now_ms: i64) -> Result<(), StoreError> {
        let key = id.0.to_string();
        self.write(|connection| {
            // Begins with a write, so that nobody renames it between what is read here and what is written.
            diesel::update(workspaces::table.find(&key)).set(workspaces::id.eq(&key)).execute(connection)?;
            let from: String = workspaces::table.find(&key).select(workspaces::name).first(connection)?;
            if from == name {
                return Ok(());
            }
            diesel::update(workspaces::table.find(&key)).set(workspaces::name.eq(name)).execute(connection)?;
            let action = Action::WorkspaceRenamed { from, to: name.to_owned() };
            record(connection, &Event { workspace: id, at_ms: now_ms, actor: Some(by), document: None, action })
        })
    }

    /// The workspace, if `reader` is a member.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such workspace or `reader` is no member.
    pub fn workspace(&self, id: WorkspaceId, reader: UserId) -> Result<WorkspaceRow, StoreError> {
        let row: Row = workspace_members::table
            .inner_join(workspaces::table)
            .filter(workspace_members::user_id.eq(reader.0.to_string()))
            .filter(workspaces::id.eq(id.0.to_string()))
            .select(columns())
            .first(&mut *self.connection()?)?;
        read(row)
    }

    /// The workspaces that `reader` is a member of, by name, after the one with the name and the id `after`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn workspaces(
        &self,
        reader: UserId,
        after: Option<(String, WorkspaceId)>,
        limit: usize,
    ) -> Result<Vec<WorkspaceRow>, StoreError> {
        let rows: Vec<Row> = workspace_members::table
            .inner_join(workspaces::table)
            .filter(workspace_members::user_id.eq(reader.0.to_string()))
            .select(columns())
            .load(&mut *self.connection()?)?;
        let mut found = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let key = |workspace: &WorkspaceRow| (workspace.name.clone(), workspace.id);
        found.sort_by_key(key);
        found.retain(|workspace| after.as_ref().is_none_or(|after| key(workspace) > *after));
        found.truncate(limit);
        Ok(found)
    }

    /// How much there is in the workspace, and how many of those who are `connected` are its members. What takes long
    /// to count is not counted all the time: it may be as old as two hundred times that takes, up to a minute.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn workspace_counts(
        &self,
        id: WorkspaceId,
        connected: &[UserId],
        now_ms: i64,
    ) -> Result<WorkspaceCounts, StoreError> {
        let (key, connection) = (id.0.to_string(), &mut *self.connection()?);
        let counts = match self.counted.get(id, now_ms) {
            Some(counts) => counts,
            None => {
                let begun = Instant::now();
                let counts: CountsRow = diesel::sql_query(COUNTS).bind::<Text, _>(&key).get_result(connection)?;
                self.counted.put(id, counts.clone(), begun.elapsed(), now_ms);
                counts
            }
        };
        let mut people_online = 0;
        for chunk in connected.chunks(CHUNK) {
            let ids = chunk.iter().map(|user| user.0.to_string());
            let online: i64 = workspace_members::table
                .filter(workspace_members::workspace_id.eq(&key).and(workspace_members::user_id.eq_any(ids)))
                .count()
                .get_result(connection)?;
            people_online += unsigned(online)?;
        }
        Ok(WorkspaceCounts {
            models: unsigned(counts.models)?,
            memos: unsigned(counts.memos)?,
            archived: unsigned(counts.archived)?,
            branches: unsigned(counts.branches)?,
            members: unsigned(counts.members)?,
            people_online,
            storage_bytes: unsigned(counts.storage_bytes)?,
            revisions: unsigned(counts.revisions)?,
            edited_at_ms: counts.edited_at_ms,
        })
    }

    /// How much there is in the whole database.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn total_counts(&self) -> Result<TotalCounts, StoreError> {
        let counts: TotalsRow = diesel::sql_query(TOTALS).get_result(&mut *self.connection()?)?;
        Ok(TotalCounts {
            users: unsigned(counts.users)?,
            workspaces: unsigned(counts.workspaces)?,
            documents: unsigned(counts.documents)?,
            revisions: unsigned(counts.revisions)?,
            documents_to_index: unsigned(counts.documents_to_index)?,
        })
    }
}

const COUNTS: &str = "SELECT \
    count(CASE WHEN parent_id IS NULL AND archived_at_ms IS NULL AND kind = 'model' THEN 1 END) AS models, \
    count(CASE WHEN parent_id IS NULL AND archived_at_ms IS NULL AND kind = 'memo' THEN 1 END) AS memos, \
    count(CASE WHEN parent_id IS NULL AND archived_at_ms IS NOT NULL THEN 1 END) AS archived, \
    count(parent_id) AS branches, \
    (SELECT count(*) FROM workspace_members WHERE workspace_id = $1) AS members, \
    (SELECT CAST(coalesce(sum(octet_length(body)), 0) AS BIGINT) FROM snapshots \
     JOIN document_numbers ON number = document JOIN documents AS those ON those.id = document_id \
     WHERE those.workspace_id = $1) AS storage_bytes, \
    CAST(coalesce(sum(revision), 0) AS BIGINT) AS revisions, \
    max(edited_at_ms) AS edited_at_ms \
    FROM documents WHERE workspace_id = $1";

/// What was counted in large workspaces a moment ago.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<HashMap<WorkspaceId, (CountsRow, i64)>>>);

/// What takes no longer is counted each time.
const AT_ONCE: Duration = Duration::from_millis(20);

/// For so many times as long as it took a count is good.
const TIMES: u32 = 200;

/// No count is older, in milliseconds.
const OLDEST_MS: i64 = 60_000;

/// How many counts are kept in mind.
const COUNTS_KEPT: usize = 1_000;

impl Counted {
    fn get(&self, id: WorkspaceId, now_ms: i64) -> Option<CountsRow> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.get(&id).filter(|(_, until_ms)| *until_ms > now_ms).map(|(counts, _)| counts.clone())
    }

    fn put(&self, id: WorkspaceId, counts: CountsRow, took: Duration, now_ms: i64) {
        if took <= AT_ONCE {
            return;
        }
        let good_ms = i64::try_from(took.saturating_mul(TIMES).as_millis()).unwrap_or(OLDEST_MS).min(OLDEST_MS);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= COUNTS_KEPT {
            counted.clear();
        }
        counted.insert(id, (counts, now_ms.saturating_add(good_ms)));
    }
}

#[derive(Clone, QueryableByName)]
struct CountsRow {
    #[diesel(sql_type = BigInt)]
    models: i64,
    #[diesel(sql_type = BigInt)]
    memos: i64,
    #[diesel(sql_type = BigInt)]
    archived: i64,
    #[diesel(sql_type = BigInt)]
    branches: i64,
    #[diesel(sql_type = BigInt)]
    members: i64,
    #[diesel(sql_type = BigInt)]
    storage_bytes: i64,
    #[diesel(sql_type = BigInt)]
    revisions: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    edited_at_ms: Option<i64>,
}

const TOTALS: &str = "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM workspaces) AS workspaces, \
    (SELECT count(*) FROM documents) AS documents, \
    (SELECT CAST(coalesce(sum(revision), 0) AS BIGINT) FROM documents) AS revisions, \
    (SELECT count(*) FROM documents \
     WHERE parent_id IS NULL AND (indexed_revision IS NULL OR indexed_revision <> revision)) AS documents_to_index";

#[derive(QueryableByName)]
struct TotalsRow {
    #[diesel(sql_type = BigInt)]
    users: i64,
    #[diesel(sql_type = BigInt)]
    workspaces: i64,
    #[diesel(sql_type = BigInt)]
    documents: i64,
    #[diesel(sql_type = BigInt)]
    revisions: i64,
    #[diesel(sql_type = BigInt)]
    documents_to_index: i64,
}

type Row = (String, String, String, i64);

#[diesel::dsl::auto_type]
fn columns() -> _ {
    (workspaces::id, workspaces::name, workspace_members::role, workspaces::created_at_ms)
}

fn read((id, name, role, created_at_ms): Row) -> Result<WorkspaceRow, StoreError> {
    Ok(WorkspaceRow { id: WorkspaceId(uuid(&id)?), name, role: read_role(&role)?, created_at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_took_long_to_count_is_not_counted_again_for_a_while() {
        let counted = Counted::default();
        let id = WorkspaceId(Uuid::from_u128(1));
        let counts = |models| CountsRow {
            models,
            memos: 0,
            archived: 0,
            branches: 0,
            members: 0,
            storage_bytes: 0,
            revisions: 0,
            edited_at_ms: None,
        };
        counted.put(id, counts(1), Duration::from_millis(5), 1_000);
        assert!(counted.get(id, 1_000).is_none(), "it can be counted each time");
        counted.put(id, counts(2), Duration::from_millis(50), 1_000);
        assert_eq!(counted.get(id, 10_999).map(|counts| counts.models), Some(2));
        assert!(counted.get(id, 11_000).is_none());
        counted.put(id, counts(3), Duration::from_secs(50), 1_000);
        assert!(counted.get(id, 61_000).is_none(), "no count is older than a minute");
    }
}
