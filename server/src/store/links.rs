//! From which documents a document takes values, and that no document takes its own on a round way.

use std::collections::{BTreeSet, HashMap};

use coval_shared::protocol::DocumentId;
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::schema::{documents, link_changes, links};
use super::{CHUNK, Store, StoreError, uuid};

impl Store {
    /// The documents that take values from `source`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn dependents(&self, source: DocumentId) -> Result<Vec<DocumentId>, StoreError> {
        let rows: Vec<String> = links::table
            .filter(links::source_id.eq(source.0.to_string()))
            .order(links::document_id.asc())
            .select(links::document_id)
            .load(&mut *self.connection()?)?;
        rows.iter().map(|id| uuid(id).map(DocumentId)).collect()
    }

    /// Those of `sources` that belong to another workspace than the document. Nothing flows from them: a link must not
    /// show what its maker may not read.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn foreign_sources(
        &self,
        id: DocumentId,
        sources: &BTreeSet<DocumentId>,
    ) -> Result<BTreeSet<DocumentId>, StoreError> {
        foreign(&mut *self.connection()?, &id.0.to_string(), sources)
    }

    /// Notes that the document takes values from `sources` and from no others. [`Store::append_linked`] does so along
    /// with the ops; this is for a document whose links came into the database otherwise.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Circle`], and changes nothing, when the document would take values from itself on a way
    /// over others.
    pub fn set_sources(&self, id: DocumentId, sources: &BTreeSet<DocumentId>) -> Result<(), StoreError> {
        self.write(|connection| replace_sources(connection, id, sources))
    }
}

/// The documents that `id` takes values from.
pub(super) fn sources(connection: &mut AnyConnection, id: DocumentId) -> Result<BTreeSet<DocumentId>, StoreError> {
    let rows: Vec<String> =
        links::table.filter(links::document_id.eq(id.0.to_string())).select(links::source_id).load(connection)?;
    rows.iter().map(|id| uuid(id).map(DocumentId)).collect()
}

/// Replaces what the document takes values from. The lock that this takes first is held to the end of the transaction,
/// so that the look for a circle sees every link that was stored before.
pub(super) fn replace_sources(
    connection: &mut AnyConnection,
    id: DocumentId,
    sources: &BTreeSet<DocumentId>,
) -> Result<(), StoreError> {
    diesel::update(link_changes::table).set(link_changes::count.eq(link_changes::count + 1)).execute(connection)?;
    let key = id.0.to_string();
    diesel::delete(links::table.filter(links::document_id.eq(&key))).execute(connection)?;
    let foreign = foreign(connection, &key, sources)?;
    for source in sources.difference(&foreign) {
        diesel::insert_into(links::table)
            .values((links::document_id.eq(&key), links::source_id.eq(source.0.to_string())))
            .execute(connection)?;
    }
    match way_back(connection, &key)? {
        None => Ok(()),
        Some(way) => Err(StoreError::Circle(titles(connection, &way)?.join(" → "))),
    }
}

/// Those of `sources` that belong to another workspace than the document `key`.
fn foreign(
    connection: &mut AnyConnection,
    key: &str,
    sources: &BTreeSet<DocumentId>,
) -> Result<BTreeSet<DocumentId>, StoreError> {
    let workspace: String = documents::table.find(key).select(documents::workspace_id).first(connection)?;
    let ids: Vec<String> = sources.iter().map(|source| source.0.to_string()).collect();
    let mut foreign = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<String> = documents::table
            .filter(documents::id.eq_any(chunk).and(documents::workspace_id.ne(&workspace)))
            .select(documents::id)
            .load(connection)?;
        for id in &rows {
            foreign.insert(DocumentId(uuid(id)?));
        }
    }
    Ok(foreign)
}

/// A shortest way from `start` along what documents take values from, back to it: with `start` at both ends.
fn way_back(connection: &mut AnyConnection, start: &str) -> Result<Option<Vec<String>>, StoreError> {
    // From each document that was found, the one that takes values from it.
    let mut found: HashMap<String, String> = HashMap::new();
    let mut edge = vec![start.to_owned()];
    while !edge.is_empty() {
        let mut next = Vec::new();
        for chunk in edge.chunks(CHUNK) {
            let rows: Vec<(String, String)> = links::table
                .filter(links::document_id.eq_any(chunk))
                .order((links::document_id.asc(), links::source_id.asc()))
                .select((links::document_id, links::source_id))
                .load(connection)?;
            for (document, source) in rows {
                if source == start {
                    let mut way = vec![source, document];
                    while let Some(before) = way.last().and_then(|document| found.get(document)) {
                        way.push(before.clone());
                    }
                    way.reverse();
                    return Ok(Some(way));
                }
                if !found.contains_key(&source) {
                    found.insert(source.clone(), document);
                    next.push(source);
                }
            }
        }
        edge = next;
    }
    Ok(None)
}

/// What people call the documents; those that are not there by their ids.
fn titles(connection: &mut AnyConnection, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let known: HashMap<String, String> = documents::table
        .filter(documents::id.eq_any(ids))
        .select((documents::id, documents::title))
        .load(connection)?
        .into_iter()
        .collect();
    Ok(ids.iter().map(|id| known.get(id).map_or_else(|| id.clone(), |title| format!("\"{title}\""))).collect())
}
