//! Databases that an earlier release wrote.

use std::path::Path;

use coval_server::store::DatabaseUrl;
use coval_shared::protocol::DocumentId;
use coval_shared::template::apple_dcf;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence, path};
use uuid::Uuid;

use crate::cli::coval;
use crate::database::{Database, on_both_databases};

on_both_databases!(a_database_of_the_first_release_keeps_its_documents_and_goes_on);

/// How many migrations the first release had.
const OF_THE_FIRST_RELEASE: usize = 2;

const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(0x0199_b1ef_0000_7000_8000_0000_0000_00d1));

const CLIENT: ClientId = ClientId(Uuid::from_u128(0x0199_b1f0_7777_7c0e_9f62_8a4f_0c1d_2e3f));

/// The tables as they were, with a document that was edited twice.
fn write_as_then<C: MigrationHarness<C::Backend> + SimpleConnection + Connection>(mut connection: C, kind: &str)
where
    FileBasedMigrations: diesel::migration::MigrationSource<C::Backend>,
{
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
    let migrations = FileBasedMigrations::from_path(folder).unwrap();
    for _ in 0..OF_THE_FIRST_RELEASE {
        connection.run_next_migration(migrations.clone()).unwrap();
    }
    let body = apple_dcf().unwrap().to_string().replace('\'', "''");
    let (document, client) = (DOCUMENT.0, CLIENT.0);
    let other = Uuid::from_u128(2);
    connection
        .batch_execute(&format!(
            "INSERT INTO workspaces (id, name) VALUES ('{other}', 'Demo');
             INSERT INTO documents (id, workspace_id, title, revision, edited_at_ms)
             VALUES ('{document}', '{other}', 'Apple', 2, 500);
             INSERT INTO operations (document_id, revision, client_id, sequence, op, committed_at_ms)
             VALUES ('{document}', 1, '{client}', 1, '[\"note\",{{\"i\":\"a\"}}]', 300),
                    ('{document}', 2, '{client}', 2, '[\"note\",{{\"r\":true,\"i\":\"b\"}}]', 500);
             INSERT INTO snapshots (document_id, revision, body) VALUES ('{document}', 0, '{body}');"
        ))
        .unwrap();
}

fn a_database_of_the_first_release_keeps_its_documents_and_goes_on(database: &Database) {
    match DatabaseUrl::parse(&database.url) {
        DatabaseUrl::Sqlite(path) => {
            write_as_then(SqliteConnection::establish(path.to_str().unwrap()).unwrap(), "sqlite");
        }
        DatabaseUrl::Postgres(url) => write_as_then(PgConnection::establish(&url).unwrap(), "postgres"),
    }
    let store = database.open();
    for (revision, note) in [(0, None), (1, Some("a")), (2, Some("b"))] {
        let (title, body) = store.document_at(DOCUMENT, Revision(revision)).unwrap();
        assert_eq!((title.as_str(), body["note"].as_str()), ("Apple", note));
    }
    let stored = store.operations(DOCUMENT, Revision(0), Revision(9), usize::MAX).unwrap().unwrap();
    let who: Vec<_> = stored.iter().map(|committed| (committed.client, committed.sequence.0)).collect();
    assert_eq!(who, [(CLIENT, 1), (CLIENT, 2)]);
    assert_eq!(store.last_submission(DOCUMENT, CLIENT).unwrap(), Some((Sequence(2), Revision(2))), "it counts once");
    let next = Committed {
        revision: Revision(3),
        client: CLIENT,
        sequence: Sequence(3),
        op: JsonOp::replace(path!["note"], "c"),
    };
    store.append(DOCUMENT, &[next], None, 900).unwrap();
    assert_eq!(store.document_at(DOCUMENT, Revision(3)).unwrap().1["note"], "c");
    // Opened again there is nothing left to do.
    drop(store);
    assert_eq!(database.open().revisions(&[DOCUMENT]).unwrap(), [(DOCUMENT, Revision(3))]);
    let (code, out, problem) = coval(&["verify", "--database-url", &database.url], "");
    assert_eq!((code, problem.as_str()), (0, ""), "{out}");
}
