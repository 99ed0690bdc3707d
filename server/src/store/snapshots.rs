//! Documents as they were at some of their revisions, so that not every op has to be read to open them.

use coval_shared::protocol::DocumentId;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use ot_core::Revision;
use serde_json::Value;

use super::connection::AnyConnection;
use super::schema::snapshots;
use super::{Store, StoreError, database_number, numbers, unsigned};

/// How a body is written: the first byte of what is stored.
const PLAIN: u8 = b'j';
const COMPRESSED: u8 = b'z';

/// From how many bytes on a body is compressed.
const LARGE: usize = 2_048;

/// The level of compression. JSON gets little smaller on higher ones, for much more time.
const LEVEL: u8 = 3;

/// The largest body that is unpacked, in bytes: more than any document is allowed to have.
const MOST: usize = 64 * 1024 * 1024;

/// Old snapshots stay at least so many revisions apart, and no op is read to look at an old revision that is more than
/// so many from a snapshot, but for those that wait for the next one.
const APART: u64 = 4_000;

impl Store {
    /// Stores the document as it is at `revision`, which is stored already, and forgets older snapshots that stand too
    /// close to others.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored. Nothing depends on it but how fast the document opens.
    pub fn add_snapshot(&self, id: DocumentId, revision: Revision, body: &Value) -> Result<(), StoreError> {
        let body = written(revision, body);
        self.write(|connection| {
            let number = numbers::number(connection, id)?;
            let revision = database_number(revision.0);
            diesel::sql_query(
                "INSERT INTO snapshots (document, revision, body) VALUES ($1, $2, $3) \
                 ON CONFLICT (document, revision) DO NOTHING",
            )
            .bind::<Integer, _>(number)
            .bind::<BigInt, _>(revision)
            .bind::<Binary, _>(body.as_slice())
            .execute(connection)?;
            let before: Vec<i64> = snapshots::table
                .filter(snapshots::document.eq(number).and(snapshots::revision.lt(revision)))
                .order(snapshots::revision.desc())
                .limit(2)
                .select(snapshots::revision)
                .load(connection)?;
            if let [between, older] = before.as_slice()
                && revision.abs_diff(*older) < APART
            {
                let between = snapshots::document.eq(number).and(snapshots::revision.eq(between));
                diesel::delete(snapshots::table.filter(between)).execute(connection)?;
            }
            Ok(())
        })
    }
}

/// The newest snapshot of the document with this number that is not newer than `until`.
pub(super) fn newest(
    connection: &mut AnyConnection,
    number: i32,
    until: Revision,
) -> Result<(Revision, Value), StoreError> {
    let (revision, body): (i64, Vec<u8>) = snapshots::table
        .filter(snapshots::document.eq(number).and(snapshots::revision.le(database_number(until.0))))
        .order(snapshots::revision.desc())
        .select((snapshots::revision, snapshots::body))
        .first(connection)?;
    Ok((Revision(unsigned(revision)?), read(&body)?))
}

/// Stores the document as it is at `revision`.
pub(super) fn insert_snapshot(
    connection: &mut AnyConnection,
    id: DocumentId,
    revision: Revision,
    body: &Value,
) -> Result<(), StoreError> {
    let number = numbers::number(connection, id)?;
    diesel::insert_into(snapshots::table)
        .values((
            snapshots::document.eq(number),
            snapshots::revision.eq(database_number(revision.0)),
            snapshots::body.eq(written(revision, body)),
        ))
        .execute(connection)?;
    Ok(())
}

/// The first one is never compressed: versions before this one can go on from it.
fn written(revision: Revision, body: &Value) -> Vec<u8> {
    let text = body.to_string();
    let is_plain = text.len() < LARGE || revision == Revision::ZERO;
    let (kind, rest) =
        if is_plain { (PLAIN, text.into_bytes()) } else { (COMPRESSED, compress_to_vec(text.as_bytes(), LEVEL)) };
    let mut bytes = Vec::with_capacity(rest.len() + 1);
    bytes.push(kind);
    bytes.extend(rest);
    bytes
}

fn read(bytes: &[u8]) -> Result<Value, StoreError> {
    let corrupt = |reason: String| StoreError::Corrupt(format!("a snapshot: {reason}"));
    let parsed = match bytes.split_first() {
        Some((&PLAIN, rest)) => serde_json::from_slice(rest),
        Some((&COMPRESSED, rest)) => {
            let text = decompress_to_vec_with_limit(rest, MOST).map_err(|error| corrupt(error.to_string()))?;
            serde_json::from_slice(&text)
        }
        _ => return Err(corrupt("its first byte says nothing".to_owned())),
    };
    parsed.map_err(|error| corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_comes_back_as_it_was_however_it_is_written() {
        let long = json!({ "rows": vec!["the same again"; 1_000], "number": 0.1 });
        for body in [json!(null), json!("memo"), long.clone()] {
            for revision in [Revision(0), Revision(7)] {
                assert_eq!(read(&written(revision, &body)).unwrap(), body);
            }
        }
        assert!(written(Revision(7), &long).len() < long.to_string().len() / 10);
        assert_eq!(written(Revision(0), &long).first(), Some(&PLAIN));
    }

    #[test]
    fn what_is_no_body_is_an_error() {
        for bytes in [&b""[..], b"x{}", b"j{", b"z\xff\xff\xff"] {
            assert!(matches!(read(bytes), Err(StoreError::Corrupt(_))), "{bytes:?}");
        }
    }
}
