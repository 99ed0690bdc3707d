//! Databases of both kinds, for one test each.

use std::sync::Arc;

use coval_server::store::{DatabaseUrl, Store};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::postgres::Postgres;

/// A database for one test, and what keeps it alive.
pub(crate) struct Database {
    pub(crate) url: String,
    _keep: Keep,
}

enum Keep {
    Folder { _folder: tempfile::TempDir },
    Server { _server: Arc<Postgres> },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("test.sqlite").display().to_string();
        Self { url, _keep: Keep::Folder { _folder: folder } }
    }

    pub(crate) fn postgres() -> Self {
        let server = Postgres::shared();
        Self { url: server.database(), _keep: Keep::Server { _server: server } }
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(DatabaseUrl::parse(&self.url)).unwrap()
    }

    /// Changes what is stored, past the store.
    pub(crate) fn tamper(&self, statements: &str) {
        match DatabaseUrl::parse(&self.url) {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                // The store's own connections may be closing, and fold the log into the file as they do.
                connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                connection.batch_execute(statements).unwrap();
            }
            DatabaseUrl::Postgres(url) => {
                PgConnection::establish(&url).unwrap().batch_execute(statements).unwrap();
            }
        }
    }
}

/// Each of these functions, which take a `&Database`, becomes a test on SQLite and one on PostgreSQL.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            use crate::database::Database;
            $(#[test] fn $test() { super::$test(&Database::sqlite()); })*
        }
        mod on_postgres {
            use crate::database::Database;
            $(#[test] fn $test() { super::$test(&Database::postgres()); })*
        }
    };
}

pub(crate) use on_both_databases;
