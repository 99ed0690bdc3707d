//! Backups of SQLite: a copy by the database itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{BackupError, Contents, beside, settle};

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    documents: i64,
    #[diesel(sql_type = BigInt)]
    operations: i64,
    #[diesel(sql_type = BigInt)]
    behind: i64,
}

/// Writes what is in the database at this moment to `part`, and reads it.
pub(super) fn copy(database: &Path, part: &Path) -> Result<Contents, BackupError> {
    if !database.is_file() {
        return Err(BackupError::Missing(database.to_owned()));
    }
    let mut connection = open(database)?;
    diesel::sql_query("VACUUM INTO $1")
        .bind::<Text, _>(text(part)?)
        .execute(&mut connection)
        .map_err(|error| BackupError::Database(error.to_string()))?;
    verify(part)
}

/// Puts the backup in the place of the database.
pub(super) fn restore(database: &Path, file: &Path) -> Result<(Contents, Option<PathBuf>), BackupError> {
    let contents = verify(file)?;
    let failed = |error: std::io::Error| BackupError::File { file: database.to_owned(), reason: error.to_string() };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let part = beside(database, "part");
    fs::copy(file, &part).map_err(failed)?;
    let before = match database.exists() {
        true => Some(set_aside(database)?),
        false => None,
    };
    settle(&part, database)?;
    Ok((contents, before))
}

/// Makes sure that nobody uses the database, puts all of it into its one file, and gives that another name.
fn set_aside(database: &Path) -> Result<PathBuf, BackupError> {
    let mut connection = open(database)?;
    // Whoever has the database open holds a lock that this one needs for itself.
    connection
        .batch_execute(
            "PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT; \
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .map_err(|_| BackupError::InUse)?;
    drop(connection);
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let aside = beside(database, &format!("before-{seconds}"));
    let failed = |error: std::io::Error| BackupError::File { file: aside.clone(), reason: error.to_string() };
    if aside.exists() {
        return Err(BackupError::Exists(aside));
    }
    fs::rename(database, &aside).map_err(failed)?;
    for ending in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        // The last connection has removed them already, as a rule.
        let _ = fs::remove_file(PathBuf::from(name));
    }
    Ok(aside)
}

/// Reads all of the file.
fn verify(file: &Path) -> Result<Contents, BackupError> {
    let broken = |reason: String| BackupError::Broken { file: file.to_owned(), reason };
    let mut connection = open(file)?;
    let words: Vec<Word> = diesel::sql_query("SELECT integrity_check AS word FROM pragma_integrity_check")
        .load(&mut connection)
        .map_err(|error| broken(error.to_string()))?;
    if words.iter().any(|word| word.word != "ok") {
        return Err(broken(words.into_iter().map(|word| word.word).collect::<Vec<_>>().join(", ")));
    }
    let counts: Counts = diesel::sql_query(
        "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM operations) AS operations, \
                (SELECT count(*) FROM documents d JOIN document_numbers n ON n.document_id = d.id \
                 WHERE d.revision <> (SELECT coalesce(max(revision), 0) FROM operations WHERE document = n.number)) \
                AS behind",
    )
    .get_result(&mut connection)
    .map_err(|error| broken(format!("it is no database of Coval, or of another version: {error}")))?;
    if counts.behind > 0 {
        return Err(broken(format!("the newest ops of {} documents are missing", counts.behind)));
    }
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Contents { documents: count(counts.documents), operations: count(counts.operations) })
}

fn open(file: &Path) -> Result<SqliteConnection, BackupError> {
    let mut connection =
        SqliteConnection::establish(text(file)?).map_err(|error| BackupError::Database(error.to_string()))?;
    connection
        .batch_execute("PRAGMA busy_timeout = 5000;")
        .map_err(|error| BackupError::Database(error.to_string()))?;
    Ok(connection)
}

fn text(file: &Path) -> Result<&str, BackupError> {
    file.to_str()
        .ok_or_else(|| BackupError::File { file: file.to_owned(), reason: "the name is not in Unicode".to_owned() })
}
