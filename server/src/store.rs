//! Documents and their history in a database.
//!
//! The database decides: the keys of the table of operations allow each revision and each submission once. All
//! functions block; async callers run them on a thread for blocking work.

mod connection;
mod links;
mod schema;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use coval_shared::protocol::DocumentId;
use coval_shared::rest::DocumentSummary;
use diesel::dsl::{max, sum};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::Text;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;
use uuid::Uuid;

use connection::{AnyConnection, Connector};
use schema::{documents, operations, snapshots, workspaces};

/// How many connections there may be at once.
const CONNECTIONS: u32 = 8;

/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the documents are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as `postgres://…`.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `postgres://…`, `sqlite://path`, or a path.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(text.strip_prefix("sqlite://").unwrap_or(text).into())
        }
    }
}

/// Why the database could not do something. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, or refused for a reason of its own.
    #[error("the database can't be used: {0}")]
    Unavailable(String),
    /// The revision or the submission is there already.
    #[error("the revision or the submission is stored already")]
    Conflict,
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// A document would take values from itself on a way over others, which is given.
    #[error("the link would close a circle: {0}; take the value from another model")]
    Circle(String),
    /// What is stored can't be read.
    #[error("what is stored can't be read: {0}")]
    Corrupt(String),
}

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

/// The database.
#[derive(Clone)]
pub struct Store {
    pool: r2d2::Pool<Connector>,
    /// Whose turn it is to write; nothing where the database has many writers at once.
    writers: Option<Arc<Mutex<()>>>,
}

diesel::define_sql_function! {
    /// How many bytes a text has.
    fn octet_length(text: Text) -> Integer;
}

type Row = (i64, String, i64, String);

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] when it can't be opened or is no database.
    pub fn open(url: DatabaseUrl) -> Result<Self, StoreError> {
        let writers = matches!(url, DatabaseUrl::Sqlite(_)).then(Arc::default);
        let connector = Connector::new(url);
        connector.migrate().map_err(StoreError::Unavailable)?;
        let pool = r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(connection::Quiet))
            .build(connector)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { pool, writers })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] when it does not.
    pub fn check(&self) -> Result<(), StoreError> {
        diesel::sql_query("SELECT 1").execute(&mut *self.connection()?)?;
        Ok(())
    }

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
            diesel::sql_query("INSERT INTO workspaces (id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
                .bind::<Text, _>(Uuid::now_v7().to_string())
                .bind::<Text, _>(workspace)
                .execute(connection)?;
            let workspace_id: String =
                workspaces::table.filter(workspaces::name.eq(workspace)).select(workspaces::id).first(connection)?;
            diesel::insert_into(documents::table)
                .values((
                    documents::id.eq(id.0.to_string()),
                    documents::workspace_id.eq(workspace_id),
                    documents::title.eq(title),
                    documents::revision.eq(0),
                    documents::edited_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            insert_snapshot(connection, id, Revision::ZERO, body)
        })
    }

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

    /// Runs `work` in a transaction that must begin with a write.
    fn write<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // SQLite has one writer at a time and lets the others poll; waiting here is fair and at once.
        let _turn = self.writers.as_ref().map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner));
        (*self.connection()?).transaction(work)
    }

    /// Lets all that is appended fail, as on a full disk, or no longer.
    #[cfg(test)]
    pub(crate) fn break_for_a_test(&self, is_broken: bool) {
        let change = if is_broken {
            "CREATE TRIGGER full BEFORE INSERT ON operations BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        } else {
            "DROP TRIGGER full"
        };
        diesel::sql_query(change).execute(&mut *self.connection().unwrap()).unwrap();
    }

    fn connection(&self) -> Result<r2d2::PooledConnection<Connector>, StoreError> {
        self.pool.get().map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Conflict,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

fn insert_snapshot(
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

fn committed((revision, client, sequence, op): Row) -> Result<Committed<JsonOp>, StoreError> {
    Ok(Committed {
        revision: Revision(unsigned(revision)?),
        client: ClientId(uuid(&client)?),
        sequence: Sequence(unsigned(sequence)?),
        op: serde_json::from_str(&op)
            .map_err(|error| StoreError::Corrupt(format!("the op of revision {revision}: {error}")))?,
    })
}

fn uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The number as databases count, which is signed. Larger ones are no revisions or sequences of any document; they
/// stand behind all others.
fn database_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} is negative")))
}
