//! Backups of PostgreSQL by its own programs.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{BackupError, Contents};

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    documents: i64,
    #[diesel(sql_type = BigInt)]
    operations: i64,
    #[diesel(sql_type = BigInt)]
    others: i64,
}

/// Writes what is in the database at this moment to `part`, and reads it.
pub(super) fn copy(url: &str, part: &Path, programs: Option<&Path>) -> Result<Contents, BackupError> {
    let counts = counts(url)?;
    let mut dump = program("pg_dump", programs);
    run("pg_dump", connecting(&mut dump, url).args(["--format=custom", "--no-owner", "--file"]).arg(part))?;
    verify(part, programs)?;
    Ok(contents(&counts))
}

/// Puts the backup in the place of what the database holds: all or nothing.
pub(super) fn restore(url: &str, file: &Path, programs: Option<&Path>) -> Result<Contents, BackupError> {
    verify(file, programs)?;
    if sole(url)?.others > 0 {
        return Err(BackupError::InUse);
    }
    let mut restore = program("pg_restore", programs);
    let all = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"];
    run("pg_restore", connecting(&mut restore, url).args(all).arg(file))?;
    Ok(contents(&counts(url)?))
}

fn contents(counts: &Counts) -> Contents {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Contents { documents: count(counts.documents), operations: count(counts.operations) }
}

/// Reads all of the file, as somebody who restores it would.
fn verify(file: &Path, programs: Option<&Path>) -> Result<(), BackupError> {
    let mut read = program("pg_restore", programs);
    let text = run("pg_restore", read.args(["--file", "-", "--data-only", "--table", "documents"]).arg(file))
        .map_err(|error| BackupError::Broken { file: file.to_owned(), reason: error.to_string() })?;
    if text.contains("COPY public.documents") {
        return Ok(());
    }
    Err(BackupError::Broken { file: file.to_owned(), reason: "it holds no documents of Coval".to_owned() })
}

fn counts(url: &str) -> Result<Counts, BackupError> {
    query(
        url,
        "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM operations) AS operations, \
         0::bigint AS others",
    )
}

fn sole(url: &str) -> Result<Counts, BackupError> {
    query(
        url,
        "SELECT 0::bigint AS documents, 0::bigint AS operations, count(*) AS others FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
}

fn query(url: &str, text: &str) -> Result<Counts, BackupError> {
    let failed = |reason: String| BackupError::Database(reason.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut connection = PgConnection::establish(url).map_err(|error| failed(error.to_string()))?;
    diesel::sql_query(text).get_result(&mut connection).map_err(|error| failed(error.to_string()))
}

fn program(name: &'static str, programs: Option<&Path>) -> Command {
    programs.map_or_else(|| Command::new(name), |folder| Command::new(folder.join(name)))
}

/// Tells a program of the database. The password goes by the environment, since everybody on the machine sees the
/// arguments of a process.
fn connecting<'a>(command: &'a mut Command, url: &str) -> &'a mut Command {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (person, place) = rest.rsplit_once('@')?;
        let (user, password) = person.split_once(':')?;
        Some((format!("{scheme}://{user}@{place}"), plain(password)))
    });
    match parts {
        Some((url, password)) => command.env("PGPASSWORD", password).arg("--dbname").arg(url),
        None => command.arg("--dbname").arg(url),
    }
}

/// A part of a URL without its escapes.
fn plain(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| first == b'%');
        match escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Runs a program to its end. Returns what it printed.
fn run(program: &'static str, command: &mut Command) -> Result<String, BackupError> {
    let failed = |reason: String| BackupError::Program { program, reason };
    let output = command.stdin(Stdio::null()).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => failed(
            "is not there: install PostgreSQL's client programs, or name their folder with --postgres-programs"
                .to_owned(),
        ),
        _ => failed(format!("can't be started: {error}")),
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    Err(failed(format!("failed: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_by_the_environment_and_not_by_the_arguments() {
        let mut command = Command::new("true");
        connecting(&mut command, "postgres://ada:se%3Acret%40@db/coval");
        let arguments: Vec<_> = command.get_args().collect();
        assert_eq!(arguments, ["--dbname", "postgres://ada@db/coval"]);
        let environment: Vec<_> = command.get_envs().collect();
        assert_eq!(environment, [("PGPASSWORD".as_ref(), Some("se:cret@".as_ref()))]);
    }
}
