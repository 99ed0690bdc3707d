//! Documents and their history in a database.
//!
//! The database decides: the keys of the table of operations allow each revision and each submission once. All
//! functions block; async callers run them on a thread for blocking work.

mod annotations;
mod append;
pub mod backup;
mod branches;
mod calculations;
mod checkpoints;
mod comments;
mod connection;
mod documents;
mod events;
mod hanging;
mod history;
mod links;
mod maintenance;
mod names;
mod notifications;
mod numbers;
mod operations;
mod people;
#[cfg(test)]
mod plans;
mod schema;
mod search;
mod snapshots;
mod turn;
mod verify;
mod words;
mod workspaces;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use uuid::Uuid;

use append::Writers;
use checkpoints::Checkpoints;
use connection::{AnyConnection, Connector};
use turn::Turns;

pub use annotations::{AnnotationChange, NewAnnotation};
pub use append::{Append, NewOperation};
pub use branches::{NewStoredBranch, StoredBranch};
pub use calculations::{CalculationOutcome, NOBODY, Queued, StoredCalculation, Unfinished};
pub use comments::{CommentQuery, NewComment, Said, Whose};
pub use documents::{DocumentChange, DocumentQuery, DocumentRow, Listed, Listing, NewDocument, Origin, Position, Sort};
pub use events::{EDITED_EVERY_MS, Edited, Event};
pub use hanging::Hanging;
pub use history::{
    EditSession, EditSessions, MergeRow, RevisionRow, SESSION_PAUSE_MS, SESSION_REVISIONS, VERSIONS, VersionRow,
};
pub use maintenance::{Cleared, Retention};
pub use notifications::{Notice, Notified};
pub use operations::StoredDocument;
pub use people::{
    Accepting, Account, Grant, Invitation, Joined, Joining, LiveSignIn, Member, MemberChange, MemberPosition,
    NewInvitation, NewShareLink, NewSignIn, NewUser, Refreshed, ShareLink,
};
pub use search::{Found, Hit, IndexEntry, SearchQuery, Unindexed};
pub use verify::Verified;
pub use workspaces::{TotalCounts, WorkspaceCounts, WorkspaceRow};

/// How many connections there may be at once.
const CONNECTIONS: u32 = 8;

/// How many threads store ops in PostgreSQL.
const POSTGRES_WRITERS: usize = 3;

/// How many ids are asked about in one query; databases bound the values in one.
const CHUNK: usize = 500;

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
    /// It takes nothing at the moment, since the disk is full or fails; what is stored can be read.
    #[error("the database can't be written: {0}")]
    ReadOnly(String),
    /// The revision or the submission is there already.
    #[error("the revision or the submission is stored already")]
    Conflict,
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// A document would take values from itself on a way over others, which is given.
    #[error("the link would close a circle: {0}; take the value from another model")]
    Circle(String),
    /// There are as many as there may be, which the text says, with what to do.
    #[error("{0}")]
    LimitReached(String),
    /// What is stored can't be read.
    #[error("what is stored can't be read: {0}")]
    Corrupt(String),
}

/// The database.
#[derive(Clone)]
pub struct Store {
    connections: Connections,
    writers: Writers,
    counted: workspaces::Counted,
}

/// The ways to the database.
#[derive(Clone)]
struct Connections {
    pool: r2d2::Pool<Connector>,
    /// Whose turn it is to write; nothing where the database has many writers at once.
    turns: Option<Arc<Turns>>,
    /// Who keeps the log short; nobody where the database does so by itself.
    checkpoints: Option<Arc<Checkpoints>>,
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] when it can't be opened or is no database.
    pub fn open(url: DatabaseUrl) -> Result<Self, StoreError> {
        let turns: Option<Arc<Turns>> = matches!(url, DatabaseUrl::Sqlite(_)).then(Arc::default);
        let connector = Connector::new(url);
        connector.migrate().map_err(StoreError::Unavailable)?;
        let checkpoints = turns.is_some().then(|| Checkpoints::start(connector.clone())).transpose();
        let checkpoints = checkpoints.map_err(|error| StoreError::Unavailable(error.to_string()))?.map(Arc::new);
        let pool = r2d2::Pool::builder()
            .max_size(CONNECTIONS)
            .min_idle(Some(1))
            .connection_timeout(PATIENCE)
            .error_handler(Box::new(connection::Quiet))
            .build(connector)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let count = if turns.is_some() { 1 } else { POSTGRES_WRITERS };
        let connections = Connections { pool, turns, checkpoints };
        let writers =
            Writers::start(count, &connections).map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { connections, writers, counted: workspaces::Counted::default() })
    }

    /// How many connections to the database there are, and how many of them nobody uses.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        let state = self.connections.pool.state();
        (state.connections, state.idle_connections)
    }

    /// The name of the kind of database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.connections.turns.is_some() { "sqlite" } else { "postgres" }
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

    /// Runs `work` in a transaction that must begin with a write.
    fn write<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.connections.write(work)
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

    /// Lets the SQLite file grow no more, as on a full disk, or again.
    #[cfg(test)]
    pub(crate) fn limit_pages_for_a_test(&self, most: Option<u32>) {
        let connections: Vec<_> = (0..CONNECTIONS).map(|_| self.connection().unwrap()).collect();
        for mut connection in connections {
            let most = most.unwrap_or(1_000_000_000);
            // SQLite takes no limit below the size that the file has.
            diesel::sql_query(format!("PRAGMA max_page_count = {most}")).execute(&mut *connection).unwrap();
        }
    }

    fn connection(&self) -> Result<r2d2::PooledConnection<Connector>, StoreError> {
        self.connections.get()
    }
}

impl Connections {
    fn get(&self) -> Result<r2d2::PooledConnection<Connector>, StoreError> {
        self.pool.get().map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    fn write<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        // SQLite has one writer at a time and lets the others poll; waiting here is fair and at once.
        let _turn = self.turns.as_ref().map(|turns| turns.wait());
        // A full disk ends some transactions by itself, and then what ends it here fails in its turn and hides why.
        let mut cause = None;
        let done = (*self.get()?)
            .transaction(|connection| work(connection).inspect_err(|error| cause = Some(StoreError::clone(error))));
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.count();
        }
        done.map_err(|error| match cause.unwrap_or(error) {
            StoreError::Unavailable(reason) if is_of_the_disk(&reason) => StoreError::ReadOnly(reason),
            error => error,
        })
    }
}

/// Whether a write failed for what databases say of a disk that is full, fails or may only be read. They say it in
/// words: Diesel keeps no code of theirs.
fn is_of_the_disk(reason: &str) -> bool {
    const OF_THE_DISK: [&str; 6] = [
        "database or disk is full",
        "disk I/O error",
        "readonly database",
        "No space left on device",
        "Input/output error",
        "read-only transaction",
    ];
    OF_THE_DISK.iter().any(|words| reason.contains(words))
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
