//! Copies of the whole database, and the way back.
//!
//! SQLite copies itself into a file that is a database like any other. PostgreSQL's own programs, `pg_dump` and
//! `pg_restore`, do the same for it.

mod postgres;
mod sqlite;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::DatabaseUrl;

/// Why there is no copy, or no way back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file is there already.
    #[error("{} is there already: choose another name, or remove it", .0.display())]
    Exists(PathBuf),
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// A file can't be read or written.
    #[error("{}: {reason}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The database can't be read or written.
    #[error("the database can't be used: {0}")]
    Database(String),
    /// Somebody uses the database.
    #[error("the database is in use: stop every coval that uses it, and try again")]
    InUse,
    /// The file is no whole backup.
    #[error("{} is no whole backup: {reason}", .file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A program of PostgreSQL is missing or failed.
    #[error("{program} {reason}")]
    Program {
        /// The program.
        program: &'static str,
        /// What went wrong, and what to do.
        reason: String,
    },
}

/// What is in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// How many documents.
    pub documents: u64,
    /// How many ops.
    pub operations: u64,
}

/// Copies the database into `file`, while servers use it, and reads the copy. `programs` is the folder of PostgreSQL's
/// programs, if they are not on the path.
///
/// # Errors
///
/// Returns a [`BackupError`], and leaves no file behind, when there is no whole copy.
pub fn backup(database: &DatabaseUrl, file: &Path, programs: Option<&Path>) -> Result<Contents, BackupError> {
    if file.exists() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    // Whatever happens, a file of that name is a whole backup.
    let part = beside(file, "part");
    let _ = fs::remove_file(&part);
    let copied = match database {
        DatabaseUrl::Sqlite(path) => sqlite::copy(path, &part),
        DatabaseUrl::Postgres(url) => postgres::copy(url, &part, programs),
    };
    let copied = copied.and_then(|contents| {
        settle(&part, file)?;
        Ok(contents)
    });
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    copied
}

/// Puts the backup in `file` in the place of what the database holds, which no server may use. Returns what is in the
/// database now, and where the database that was there before lies, if it is a file.
///
/// # Errors
///
/// Returns a [`BackupError`], and changes nothing, when the backup is not whole or the database is in use.
pub fn restore(
    database: &DatabaseUrl,
    file: &Path,
    programs: Option<&Path>,
) -> Result<(Contents, Option<PathBuf>), BackupError> {
    if !file.is_file() {
        return Err(BackupError::Missing(file.to_owned()));
    }
    match database {
        DatabaseUrl::Sqlite(path) => sqlite::restore(path, file),
        DatabaseUrl::Postgres(url) => Ok((postgres::restore(url, file, programs)?, None)),
    }
}

/// `file` with another ending behind its own.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Gives `part` its name once all of it is on the disk.
fn settle(part: &Path, file: &Path) -> Result<(), BackupError> {
    let failed = |error: io::Error| BackupError::File { file: file.to_owned(), reason: error.to_string() };
    File::open(part).and_then(|part| part.sync_all()).map_err(failed)?;
    fs::rename(part, file).map_err(failed)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
