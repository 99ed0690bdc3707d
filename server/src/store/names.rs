//! What people and documents are called.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::connection::AnyConnection;
use super::schema::{documents, users};
use super::{CHUNK, StoreError};

/// The names of people, by their ids as they are stored.
pub(super) fn names(
    connection: &mut AnyConnection,
    people: &BTreeSet<String>,
) -> Result<HashMap<String, String>, StoreError> {
    let people: Vec<&String> = people.iter().collect();
    let mut names = HashMap::new();
    for people in people.chunks(CHUNK) {
        let rows: Vec<(String, String)> = users::table
            .filter(users::id.eq_any(people.iter().copied()))
            .select((users::id, users::name))
            .load(connection)?;
        names.extend(rows);
    }
    Ok(names)
}

/// The titles of documents, by their ids as they are stored.
pub(super) fn titles<'a>(
    connection: &mut AnyConnection,
    ids: impl Iterator<Item = &'a String>,
) -> Result<HashMap<String, String>, StoreError> {
    let ids: Vec<&String> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let mut titles = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let rows: Vec<(String, String)> = documents::table
            .filter(documents::id.eq_any(ids.iter().copied()))
            .select((documents::id, documents::title))
            .load(connection)?;
        titles.extend(rows);
    }
    Ok(titles)
}
