//! What happened to documents: who edited when, revisions with a name, and where branches met their parents.

use std::collections::{HashMap, HashSet};

use coval_shared::history::Direction;
use coval_shared::protocol::{DocumentId, UserId};
use coval_shared::rest::Action;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use ot_core::json::{Json, JsonOp};
use ot_core::{ClientId, OtType, Revision};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::AnyConnection;
use super::schema::{documents, merges, operations, users, versions};
use super::{Store, StoreError, database_number, events, numbers, unsigned, uuid};

/// The edits of one person, with pauses of less than ten minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSession {
    /// Who; none for what the server itself wrote.
    pub author: Option<UserId>,
    /// Their first revision.
    pub first: Revision,
    /// Their last revision. Between the two there may be revisions of others.
    pub last: Revision,
    /// When the first was committed, in milliseconds since 1970 UTC.
    pub begun_at_ms: i64,
    /// When the last was committed.
    pub ended_at_ms: i64,
    /// How many revisions they are.
    pub edits: u64,
}

/// Some revisions in a row, and the sessions in which they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSessions {
    /// The sessions, the one with the newest revision first.
    pub sessions: Vec<EditSession>,
    /// Whether there are more sessions in the same revisions.
    pub has_more: bool,
    /// The newest revision before these; none when these are the first.
    pub before: Option<Revision>,
}

/// Who made a revision, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRow {
    /// The revision.
    pub revision: Revision,
    /// Who made it; none for what the server itself wrote.
    pub author: Option<UserId>,
    /// When, in milliseconds since 1970 UTC.
    pub committed_at_ms: i64,
    /// The name that somebody gave it.
    pub name: Option<String>,
}

/// A revision with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// The revision.
    pub revision: Revision,
    /// Its name.
    pub name: String,
    /// Who named it.
    pub author: Option<UserId>,
    /// When, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
}

/// A merge of a branch and its parent.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeRow {
    /// The first merge of a branch has 1.
    pub number: u64,
    /// Which way it goes.
    pub direction: Direction,
    /// Who merged.
    pub author: UserId,
    /// When, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Up to which revision of the parent it was made.
    pub parent_revision: Revision,
    /// Up to which revision of the branch it was made.
    pub branch_revision: Revision,
    /// As which client its op is committed.
    pub client: ClientId,
    /// The op, on the target's revision above.
    pub op: JsonOp,
    /// What the target did that the other side does not have, on the other side's revision above.
    pub ahead: JsonOp,
    /// The revision that the op became in the target; none as long as it may not be committed.
    pub revision: Option<Revision>,
}

/// How many revisions are looked at for sessions at once.
pub const SESSION_REVISIONS: i64 = 5_000;

/// How many values one query is about; databases bound them.
const CHUNK: usize = 500;

/// From which pause on a session ends, in milliseconds; or a jump of the clock, to whichever side.
pub const SESSION_PAUSE_MS: i64 = 10 * 60 * 1000;

/// The most named versions of a document.
pub const VERSIONS: i64 = 1_000;

#[derive(QueryableByName)]
struct Window {
    #[diesel(sql_type = BigInt)]
    revisions: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    after_pause: Option<i64>,
}

#[derive(QueryableByName)]
struct SessionRow {
    #[diesel(sql_type = Text)]
    author: String,
    #[diesel(sql_type = BigInt)]
    first_revision: i64,
    #[diesel(sql_type = BigInt)]
    last_revision: i64,
    #[diesel(sql_type = BigInt)]
    begun_at_ms: i64,
    #[diesel(sql_type = BigInt)]
    ended_at_ms: i64,
    #[diesel(sql_type = BigInt)]
    edits: i64,
}

impl Store {
    /// The sessions in which the revisions up to `upto` were made, without the first `skip` of them. Looks at
    /// [`SESSION_REVISIONS`] at most, back to a pause of everybody if there is one among them; a session that goes on
    /// before is cut there.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn edit_sessions(
        &self,
        id: DocumentId,
        upto: Revision,
        skip: u64,
        limit: u64,
    ) -> Result<EditSessions, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(document) = numbers::known(connection, id)? else { return Err(StoreError::NotFound) };
        let upto = database_number(upto.0);
        let window: Window = diesel::sql_query(
            "WITH scanned AS ( \
                 SELECT revision, committed_at_ms FROM operations \
                 WHERE document = $1 AND revision <= $2 ORDER BY revision DESC LIMIT $3 \
             ), paused AS ( \
                 SELECT revision, committed_at_ms - LAG(committed_at_ms) OVER (ORDER BY revision) AS pause FROM scanned \
             ) \
             SELECT COUNT(*) AS revisions, MIN(revision) AS oldest, \
                 MIN(CASE WHEN ABS(pause) >= $4 THEN revision END) AS after_pause FROM paused",
        )
        .bind::<Integer, _>(document)
        .bind::<BigInt, _>(upto)
        .bind::<BigInt, _>(SESSION_REVISIONS)
        .bind::<BigInt, _>(SESSION_PAUSE_MS)
        .get_result(connection)?;
        let Some(oldest) = window.oldest else {
            return Ok(EditSessions { sessions: Vec::new(), has_more: false, before: None });
        };
        let from = if window.revisions == SESSION_REVISIONS { window.after_pause.unwrap_or(oldest) } else { oldest };
        let mut rows: Vec<SessionRow> = diesel::sql_query(
            "WITH scanned AS ( \
                 SELECT revision, COALESCE(author_id, '') AS author, committed_at_ms, \
                     committed_at_ms - LAG(committed_at_ms) \
                         OVER (PARTITION BY COALESCE(author_id, '') ORDER BY revision) AS pause \
                 FROM operations WHERE document = $1 AND revision BETWEEN $2 AND $3 \
             ), numbered AS ( \
                 SELECT revision, author, committed_at_ms, \
                     COUNT(CASE WHEN ABS(pause) >= $4 THEN 1 END) OVER (PARTITION BY author ORDER BY revision) AS session \
                 FROM scanned \
             ) \
             SELECT author, MIN(revision) AS first_revision, MAX(revision) AS last_revision, \
                 MIN(committed_at_ms) AS begun_at_ms, MAX(committed_at_ms) AS ended_at_ms, COUNT(*) AS edits \
             FROM numbered GROUP BY author, session ORDER BY MAX(revision) DESC LIMIT $5 OFFSET $6",
        )
        .bind::<Integer, _>(document)
        .bind::<BigInt, _>(from)
        .bind::<BigInt, _>(upto)
        .bind::<BigInt, _>(SESSION_PAUSE_MS)
        .bind::<BigInt, _>(database_number(limit.saturating_add(1)))
        .bind::<BigInt, _>(database_number(skip))
        .load(connection)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let before = from.saturating_sub(1);
        Ok(EditSessions {
            sessions: rows.into_iter().map(session).collect::<Result<_, _>>()?,
            has_more,
            before: if before > 0 { Some(Revision(unsigned(before)?)) } else { None },
        })
    }

    /// The document at a revision, and its title.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document or revision.
    pub fn document_at(&self, id: DocumentId, revision: Revision) -> Result<(String, Value), StoreError> {
        if revision > self.revision(id)? {
            return Err(StoreError::NotFound);
        }
        let stored = self.load_until(id, revision)?;
        let mut document = stored.snapshot;
        for committed in stored.operations {
            Json::apply(&mut document, &committed.op).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        }
        Ok((stored.title, document))
    }

    /// The revisions up to `upto`, the newest first, `limit` at most.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn revision_list(&self, id: DocumentId, upto: Revision, limit: u64) -> Result<Vec<RevisionRow>, StoreError> {
        let key = id.0.to_string();
        let connection = &mut *self.connection()?;
        let number = numbers::known(connection, id)?.ok_or(StoreError::NotFound)?;
        let rows: Vec<(i64, Option<String>, i64)> = operations::table
            .filter(operations::document.eq(number).and(operations::revision.le(database_number(upto.0))))
            .order(operations::revision.desc())
            .limit(database_number(limit))
            .select((operations::revision, operations::author_id, operations::committed_at_ms))
            .load(connection)?;
        let oldest = rows.last().map_or(0, |(revision, ..)| *revision);
        let names: Vec<(i64, String)> = versions::table
            .filter(versions::document_id.eq(&key).and(versions::revision.between(oldest, database_number(upto.0))))
            .select((versions::revision, versions::name))
            .load(connection)?;
        let names: HashMap<i64, String> = names.into_iter().collect();
        rows.into_iter()
            .map(|(revision, author, committed_at_ms)| {
                let name = names.get(&revision).cloned();
                let author = author.as_deref().map(uuid).transpose()?.map(UserId);
                Ok(RevisionRow { revision: Revision(unsigned(revision)?), author, committed_at_ms, name })
            })
            .collect()
    }

    /// Who made these revisions, and when.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn revision_rows(
        &self,
        id: DocumentId,
        revisions: &[Revision],
    ) -> Result<HashMap<Revision, RevisionRow>, StoreError> {
        let wanted: Vec<i64> = revisions.iter().map(|revision| database_number(revision.0)).collect();
        let connection = &mut *self.connection()?;
        let number = numbers::known(connection, id)?.ok_or(StoreError::NotFound)?;
        let rows: Vec<(i64, Option<String>, i64)> = operations::table
            .filter(operations::document.eq(number).and(operations::revision.eq_any(wanted)))
            .select((operations::revision, operations::author_id, operations::committed_at_ms))
            .load(connection)?;
        rows.into_iter()
            .map(|(revision, author, committed_at_ms)| {
                let revision = Revision(unsigned(revision)?);
                let author = author.as_deref().map(uuid).transpose()?.map(UserId);
                Ok((revision, RevisionRow { revision, author, committed_at_ms, name: None }))
            })
            .collect()
    }

    /// What these people are called.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn names(&self, ids: &HashSet<UserId>) -> Result<HashMap<UserId, String>, StoreError> {
        let wanted: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        let mut names = HashMap::new();
        for wanted in wanted.chunks(CHUNK) {
            let rows: Vec<(String, String)> = users::table
                .filter(users::id.eq_any(wanted))
                .select((users::id, users::name))
                .load(&mut *self.connection()?)?;
            for (id, name) in rows {
                names.insert(UserId(uuid(&id)?), name);
            }
        }
        Ok(names)
    }

    /// The named revisions below `before`, the newest first, `limit` at most.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn versions(&self, id: DocumentId, before: Revision, limit: u64) -> Result<Vec<VersionRow>, StoreError> {
        let rows: Vec<(i64, String, Option<String>, i64)> = versions::table
            .filter(versions::document_id.eq(id.0.to_string()))
            .filter(versions::revision.lt(database_number(before.0)))
            .order(versions::revision.desc())
            .limit(database_number(limit))
            .select((versions::revision, versions::name, versions::author_id, versions::created_at_ms))
            .load(&mut *self.connection()?)?;
        rows.into_iter()
            .map(|(revision, name, author, created_at_ms)| {
                let author = author.as_deref().map(uuid).transpose()?.map(UserId);
                Ok(VersionRow { revision: Revision(unsigned(revision)?), name, author, created_at_ms })
            })
            .collect()
    }

    /// Gives a revision a name, in place of the one that it may have. Returns whether there was room for it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such revision.
    pub fn name_version(&self, id: DocumentId, version: &VersionRow) -> Result<bool, StoreError> {
        let (key, revision) = (id.0.to_string(), database_number(version.revision.0));
        self.write(|connection| {
            diesel::delete(versions::table.find((&key, revision))).execute(connection)?;
            let newest: i64 = documents::table.find(&key).select(documents::revision).first(connection)?;
            if revision > newest {
                return Err(StoreError::NotFound);
            }
            let named: i64 = versions::table.filter(versions::document_id.eq(&key)).count().get_result(connection)?;
            if named >= VERSIONS {
                return Ok(false);
            }
            diesel::insert_into(versions::table)
                .values((
                    versions::document_id.eq(&key),
                    versions::revision.eq(revision),
                    versions::name.eq(&version.name),
                    versions::author_id.eq(version.author.map(|author| author.0.to_string())),
                    versions::created_at_ms.eq(version.created_at_ms),
                ))
                .execute(connection)?;
            let named = Action::VersionNamed { revision: version.revision, name: version.name.clone() };
            events::record_in_document(connection, id, version.author, named, version.created_at_ms)?;
            Ok(true)
        })
    }

    /// Takes a revision's name away, as `actor`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when it has none.
    pub fn forget_version(
        &self,
        id: DocumentId,
        revision: Revision,
        actor: UserId,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let named = versions::table.find((id.0.to_string(), database_number(revision.0)));
        self.write(|connection| {
            let name: String = named.clone().select(versions::name).first(connection)?;
            diesel::delete(named).execute(connection)?;
            let unnamed = Action::VersionUnnamed { revision, name };
            events::record_in_document(connection, id, Some(actor), unnamed, now_ms)
        })
    }

    /// The newest merge of the branch.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be read.
    pub fn last_merge(&self, branch: DocumentId) -> Result<Option<MergeRow>, StoreError> {
        last_merge(&mut *self.connection()?, branch)
    }

    /// Notes a merge before its op is committed.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when somebody else has noted one of this number.
    pub fn begin_merge(&self, branch: DocumentId, merge: &MergeRow) -> Result<(), StoreError> {
        let (op, ahead) = (text(&merge.op)?, text(&merge.ahead)?);
        self.write(|connection| {
            diesel::insert_into(merges::table)
                .values((
                    merges::branch_id.eq(branch.0.to_string()),
                    merges::number.eq(database_number(merge.number)),
                    merges::direction.eq(direction_name(merge.direction)),
                    merges::author_id.eq(merge.author.0.to_string()),
                    merges::created_at_ms.eq(merge.created_at_ms),
                    merges::parent_revision.eq(database_number(merge.parent_revision.0)),
                    merges::branch_revision.eq(database_number(merge.branch_revision.0)),
                    merges::client_id.eq(merge.client.0.to_string()),
                    merges::op.eq(op),
                    merges::ahead.eq(ahead),
                    merges::revision.eq(merge.revision.map(|revision| database_number(revision.0))),
                ))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Notes what became of a merge, unless somebody has: its revision, and what the target is ahead by.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn end_merge(
        &self,
        branch: DocumentId,
        number: u64,
        revision: Revision,
        ahead: &JsonOp,
    ) -> Result<(), StoreError> {
        let ahead = text(ahead)?;
        let merge = merges::table.find((branch.0.to_string(), database_number(number)));
        self.write(|connection| {
            let ended = diesel::update(merge.filter(merges::revision.is_null()))
                .set((merges::revision.eq(database_number(revision.0)), merges::ahead.eq(ahead)))
                .execute(connection)?;
            let Some(merge) = last_merge(connection, branch)?.filter(|_| ended == 1) else { return Ok(()) };
            let parent: Option<String> =
                documents::table.find(branch.0.to_string()).select(documents::parent_id).first(connection)?;
            let parent = DocumentId(uuid(&parent.ok_or(StoreError::NotFound)?)?);
            let (target, from) = match merge.direction {
                Direction::IntoParent => (parent, branch),
                Direction::FromParent => (branch, parent),
            };
            let merged = Action::BranchMerged { from, revision };
            events::record_in_document(connection, target, Some(merge.author), merged, merge.created_at_ms)
        })
    }

    /// Notes that somebody made the document again what it was at a revision.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn note_restore(
        &self,
        id: DocumentId,
        revision: Revision,
        actor: UserId,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let restored = Action::DocumentRestored { revision };
        self.write(|connection| events::record_in_document(connection, id, Some(actor), restored, now_ms))
    }

    /// Takes back a merge whose op was refused.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored.
    pub fn drop_merge(&self, branch: DocumentId, number: u64) -> Result<(), StoreError> {
        let merge = merges::table.find((branch.0.to_string(), database_number(number)));
        self.write(|connection| {
            diesel::delete(merge.filter(merges::revision.is_null())).execute(connection)?;
            Ok(())
        })
    }
}

fn last_merge(connection: &mut AnyConnection, branch: DocumentId) -> Result<Option<MergeRow>, StoreError> {
    type Row = ((i64, String, String, i64), (i64, i64, String, String, String, Option<i64>));
    let row: Option<Row> = merges::table
        .filter(merges::branch_id.eq(branch.0.to_string()))
        .order(merges::number.desc())
        .select((
            (merges::number, merges::direction, merges::author_id, merges::created_at_ms),
            (
                merges::parent_revision,
                merges::branch_revision,
                merges::client_id,
                merges::op,
                merges::ahead,
                merges::revision,
            ),
        ))
        .first(connection)
        .optional()?;
    let Some(((number, direction, author, created_at_ms), (parent, branch, client, op, ahead, revision))) = row else {
        return Ok(None);
    };
    Ok(Some(MergeRow {
        number: unsigned(number)?,
        direction: match direction.as_str() {
            "into_parent" => Direction::IntoParent,
            "from_parent" => Direction::FromParent,
            other => return Err(StoreError::Corrupt(format!("\"{other}\" is no direction of a merge"))),
        },
        author: UserId(uuid(&author)?),
        created_at_ms,
        parent_revision: Revision(unsigned(parent)?),
        branch_revision: Revision(unsigned(branch)?),
        client: ClientId(uuid(&client)?),
        op: read_json(&op)?,
        ahead: read_json(&ahead)?,
        revision: revision.map(unsigned).transpose()?.map(Revision),
    }))
}

fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::IntoParent => "into_parent",
        Direction::FromParent => "from_parent",
    }
}

fn session(row: SessionRow) -> Result<EditSession, StoreError> {
    Ok(EditSession {
        author: if row.author.is_empty() { None } else { Some(UserId(uuid(&row.author)?)) },
        first: Revision(unsigned(row.first_revision)?),
        last: Revision(unsigned(row.last_revision)?),
        begun_at_ms: row.begun_at_ms,
        ended_at_ms: row.ended_at_ms,
        edits: unsigned(row.edits)?,
    })
}

fn text(op: &JsonOp) -> Result<String, StoreError> {
    serde_json::to_string(op).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}
