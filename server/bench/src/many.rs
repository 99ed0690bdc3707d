//! A hundred thousand documents, past the server: over HTTP they would take longer than all that is measured.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::client::Failure;

/// The workspace of the demo, whose people may read all of them.
const WORKSPACE: &str = "0199b1ef-0000-7000-8000-000000000002";

/// Adds so many memos, as the server would have stored and indexed them, to a database that no server uses. It needs
/// the program `psql` or `sqlite3`.
pub fn add(database: &str, count: usize) -> Result<(), Failure> {
    let is_postgres = database.starts_with("postgres");
    let statements = statements(is_postgres, count);
    let mut command = if is_postgres {
        let mut command = Command::new("psql");
        command.args(["--quiet", "--set=ON_ERROR_STOP=1", "--file=-", database]);
        command
    } else {
        let mut command = Command::new("sqlite3");
        command.args(["-bail", database]);
        command
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{command:?} can't be started: {error}"))?;
    child.stdin.take().ok_or("there is no input")?.write_all(statements.as_bytes())?;
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the documents could not be added: {status}").into()) }
}

fn statements(is_postgres: bool, count: usize) -> String {
    // Ten words that many titles have, and one of its own for each; bodies of some hundred words, half of them with
    // `terminal`.
    let word = "CASE n % 10 WHEN 0 THEN 'revenue' WHEN 1 THEN 'margin' WHEN 2 THEN 'growth' WHEN 3 THEN 'capital' \
                WHEN 4 THEN 'debt' WHEN 5 THEN 'equity' WHEN 6 THEN 'rates' WHEN 7 THEN 'thesis' WHEN 8 THEN 'risks' \
                ELSE 'market' END";
    let id = "'0199b1f0-0000-7000-8000-' || substr(CAST(1000000000000 + n AS TEXT), 2)";
    let title = format!("'Memo ' || n || ' on ' || {word}");
    let words = (0..60).map(|at| format!("word{} ", at * 7 % 50)).collect::<String>();
    let body =
        format!("'{words}' || {word} || ' of' || (n % 5000) || CASE n % 2 WHEN 0 THEN ' terminal value' ELSE '' END");
    let (begin, snapshot, end) = if is_postgres {
        ("BEGIN;", "convert_to('j\"text\"', 'UTF8')", "COMMIT; ANALYZE; VACUUM;")
    } else {
        ("PRAGMA foreign_keys = ON; BEGIN;", "CAST('j\"text\"' AS BLOB)", "COMMIT;")
    };
    let place = format!("w{}", WORKSPACE.replace('-', ""));
    format!(
        "{begin} CREATE TEMPORARY TABLE many AS WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM \
         numbers WHERE n < {count}) SELECT n, {id} AS id, {title} AS title, {body} AS body FROM numbers;\n\
         INSERT INTO documents (id, workspace_id, title, title_key, kind, revision, created_at_ms, edited_at_ms, \
         indexed_revision, archived_at_ms) SELECT id, '{WORKSPACE}', title, lower(title), 'memo', 0, \
         1700000000000 + n * 1000, 1700000000000 + (n * 7919 % {count}) * 1000, 0, \
         CASE n % 20 WHEN 0 THEN 1700000000000 ELSE NULL END FROM many;\n\
         INSERT INTO document_numbers (document_id) SELECT id FROM many;\n\
         INSERT INTO snapshots (document, revision, body) SELECT number, 0, {snapshot} FROM many \
         JOIN document_numbers ON document_id = id;\n\
         INSERT INTO document_texts (document_id, body, title_words, body_words, place) SELECT id, body, lower(title), \
         body, CASE n % 20 WHEN 0 THEN 'a' || substr('{place}', 2) ELSE '{place}' END FROM many;\n\
         DROP TABLE many;\n{end}\n"
    )
}
