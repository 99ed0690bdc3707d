//! Connections to either kind of database.

use std::path::Path;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What every SQLite connection is told: an acknowledged edit survives a power failure (`synchronous`), readers don't
/// wait for the writer (`WAL`), and writers wait for each other. The log is brought into the file by another thread, and
/// by a commit only when that can't follow (`wal_autocheckpoint`, in pages).
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 8000;";

/// How SQLite names these two.
const WAL: &str = "wal";
const FULL: i64 = 2;

/// The number of the lock that a server holds while it brings the tables up to date: `Coval`.
const MIGRATING: i64 = 0x43_6f76_616c;

/// A connection to one of the databases. SQLite stands last, since anything passes for a path.
#[derive(diesel::MultiConnection)]
pub(super) enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Makes connections for the pool.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    url: DatabaseUrl,
}

impl Connector {
    pub(super) fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }

    /// Brings the tables up to date.
    pub(super) fn migrate(&self) -> Result<(), String> {
        let migrated = match self.open()? {
            AnyConnection::Postgres(mut connection) => {
                // Of servers that start together one does the work, and the others find it done. The lock ends with the
                // connection.
                diesel::sql_query(format!("SELECT pg_advisory_lock({MIGRATING})"))
                    .execute(&mut connection)
                    .map_err(|error| error.to_string())?;
                connection.run_pending_migrations(POSTGRES).map(|_| ())
            }
            AnyConnection::Sqlite(mut connection) => connection.run_pending_migrations(SQLITE).map(|_| ()),
        };
        migrated.map_err(|error| error.to_string())
    }

    /// A new connection.
    pub(super) fn open(&self) -> Result<AnyConnection, String> {
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                PgConnection::establish(url).map(AnyConnection::Postgres).map_err(|error| error.to_string())
            }
            DatabaseUrl::Sqlite(path) => open_sqlite(path).map(AnyConnection::Sqlite),
        }
    }
}

impl r2d2::ManageConnection for Connector {
    type Connection = AnyConnection;
    type Error = Failure;

    fn connect(&self) -> Result<AnyConnection, Failure> {
        self.open().map_err(Failure)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Failure> {
        match connection {
            // A file does not go away.
            AnyConnection::Sqlite(_) => Ok(()),
            connection => diesel::sql_query("SELECT 1")
                .execute(connection)
                .map(|_| ())
                .map_err(|error| Failure(error.to_string())),
        }
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        // A full disk can leave a transaction of which nobody knows whether it is one.
        type Transactions = <AnyConnection as diesel::Connection>::TransactionManager;
        std::thread::panicking() || Transactions::is_broken_transaction_manager(connection)
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failure(String);

/// Whoever waits for a connection learns why there is none; the pool's own voice would say it twice.
#[derive(Debug)]
pub(super) struct Quiet;

impl r2d2::HandleError<Failure> for Quiet {
    fn handle_error(&self, _: Failure) {}
}

fn open_sqlite(path: &Path) -> Result<SqliteConnection, String> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let name = path.to_str().ok_or_else(|| format!("{} is not a name in Unicode", path.display()))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| error.to_string())?;
    connection.batch_execute(PRAGMAS).map_err(|error| error.to_string())?;
    // SQLite may leave a setting as it was without a word, as on a file system that has no shared memory.
    let durability = durability(&mut connection).map_err(|error| error.to_string())?;
    if durability != (WAL.to_owned(), FULL) {
        return Err(format!(
            "{name} can't be written durably: journal_mode={}, synchronous={}; keep it on a local disk",
            durability.0, durability.1
        ));
    }
    Ok(connection)
}

/// How the connection says that it keeps commits: the journal, and how it is written.
fn durability(connection: &mut SqliteConnection) -> QueryResult<(String, i64)> {
    let Pragmas { journal_mode, synchronous } =
        diesel::sql_query("SELECT journal_mode, synchronous FROM pragma_journal_mode, pragma_synchronous")
            .get_result(connection)?;
    Ok((journal_mode, synchronous))
}

#[derive(QueryableByName)]
struct Pragmas {
    #[diesel(sql_type = Text)]
    journal_mode: String,
    #[diesel(sql_type = BigInt)]
    synchronous: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{CONNECTIONS, Store};

    #[derive(QueryableByName)]
    struct Keys {
        #[diesel(sql_type = BigInt)]
        foreign_keys: i64,
    }

    #[test]
    fn every_sqlite_connection_of_the_pool_makes_commits_durable() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(DatabaseUrl::Sqlite(folder.path().join("test.sqlite"))).unwrap();
        // All at once, so that each is another one.
        let all: Vec<_> = (0..CONNECTIONS).map(|_| store.connection().unwrap()).collect();
        assert_eq!(store.connections(), (CONNECTIONS, 0));
        for mut connection in all {
            let AnyConnection::Sqlite(connection) = &mut *connection else { panic!("not SQLite") };
            assert_eq!(durability(connection).unwrap(), (WAL.to_owned(), FULL));
            let keys: Keys =
                diesel::sql_query("SELECT foreign_keys FROM pragma_foreign_keys").get_result(connection).unwrap();
            assert_eq!(keys.foreign_keys, 1);
        }
    }

    #[test]
    fn a_connection_that_can_not_be_durable_is_none() {
        // A database that is only in memory has no journal on a disk.
        let refused = open_sqlite(Path::new(":memory:")).map(|_| ()).unwrap_err();
        assert!(refused.contains("journal_mode=memory"), "{refused}");
    }

    #[derive(QueryableByName)]
    struct Kept {
        #[diesel(sql_type = Text)]
        id: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        title_key: String,
        #[diesel(sql_type = BigInt)]
        created_at_ms: i64,
    }

    #[derive(QueryableByName)]
    struct Client {
        #[diesel(sql_type = Text)]
        client: String,
    }

    /// How many migrations the first release had.
    const OF_THE_FIRST_RELEASE: usize = 2;

    #[test]
    fn a_database_of_the_first_release_keeps_its_documents() {
        let folder = tempfile::tempdir().unwrap();
        let connector = Connector::new(DatabaseUrl::Sqlite(folder.path().join("test.sqlite")));
        let AnyConnection::Sqlite(mut connection) = connector.open().unwrap() else { panic!("not SQLite") };
        for _ in 0..OF_THE_FIRST_RELEASE {
            connection.run_next_migration(SQLITE).unwrap();
        }
        connection
            .batch_execute(
                "INSERT INTO workspaces (id, name) VALUES ('w1', 'Demo'), ('w2', 'Other');
                 INSERT INTO documents (id, workspace_id, title, revision, edited_at_ms)
                 VALUES ('d1', 'w1', 'Apple', 1, 500), ('d2', 'w2', 'Empty', 0, 900);
                 INSERT INTO operations (document_id, revision, client_id, sequence, op, committed_at_ms)
                 VALUES ('d1', 1, '0199b1f0-7777-7c0e-9f62-8a4f0c1d2e3f', 1, '[]', 300);
                 INSERT INTO snapshots (document_id, revision, body) VALUES ('d1', 0, '{}'), ('d2', 0, '{}');",
            )
            .unwrap();
        connector.migrate().unwrap();
        let kept: Vec<Kept> = diesel::sql_query(
            "SELECT documents.id, name, title_key, documents.created_at_ms FROM documents \
             JOIN workspaces ON workspaces.id = workspace_id \
             JOIN document_numbers ON document_id = documents.id JOIN snapshots ON document = number \
             ORDER BY documents.id",
        )
        .load(&mut connection)
        .unwrap();
        let kept: Vec<_> = kept
            .iter()
            .map(|kept| (kept.id.as_str(), kept.name.as_str(), kept.title_key.as_str(), kept.created_at_ms))
            .collect();
        let client: Vec<Client> =
            diesel::sql_query("SELECT hex(client) AS client FROM operations").load(&mut connection).unwrap();
        assert_eq!(client[0].client, "0199B1F077777C0E9F628A4F0C1D2E3F");
        assert_eq!(kept, [("d1", "Demo", "apple", 300), ("d2", "Other", "empty", 900)]);
        assert!(connection.batch_execute("DELETE FROM workspaces WHERE id = 'w1'").is_err(), "references are kept");
        connection.batch_execute("INSERT INTO workspaces VALUES ('w3', 'Demo', 1)").unwrap();
    }
}
