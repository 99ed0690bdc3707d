//! Full-text search: which words stand in which document, and who may find it.

use std::collections::{HashMap, HashSet};

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use coval_shared::rights::Role;
use diesel::prelude::*;
use ot_core::Revision;

use super::connection::AnyConnection;
use super::documents::{self, DocumentRow, read_kind};
use super::schema::{document_texts, documents as documents_table};
use super::words::{Field, newest_with, place, ranks, those_with};
use super::{Store, StoreError, uuid};

/// A document that the search does not know as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unindexed {
    /// The document.
    pub id: DocumentId,
    /// What it is.
    pub kind: DocumentKind,
    /// What people call it.
    pub title: String,
}

/// What the search is to know of a document. Words are folded, with single spaces between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// The document.
    pub id: DocumentId,
    /// The revision that was read.
    pub revision: Revision,
    /// The title that was read.
    pub title: String,
    /// What of the document is shown around what was found.
    pub body: String,
    /// The words of the title.
    pub title_words: String,
    /// The words of `body`.
    pub body_words: String,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// Who asks: only what they may read is found.
    pub reader: UserId,
    /// Only in this workspace.
    pub workspace: Option<WorkspaceId>,
    /// In the archive, or outside of it.
    pub is_archived: bool,
    /// The words, folded, all of which have to be there. The last one may be the beginning of a word.
    pub words: Vec<String>,
    /// How many of the best are left out.
    pub skip: usize,
    /// At most so many.
    pub limit: usize,
    /// The time, at which grants may have ended, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The document.
    pub document: DocumentRow,
    /// What the reader is for it.
    pub role: Role,
    /// The text in which the words stand, if not in the title.
    pub body: String,
}

/// A part of what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The best that are left after those that were to be left out.
    pub hits: Vec<Hit>,
    /// Whether there are more.
    pub has_more: bool,
}

/// How many documents are looked at of those that hold the words, for titles and for texts.
const MOST: usize = 500;

impl Store {
    /// Documents that the search does not know as they are now, branches left out.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn unindexed(&self, limit: usize) -> Result<Vec<Unindexed>, StoreError> {
        // The very condition of the index that holds these alone.
        let rows: Vec<(String, String, String)> = documents_table::table
            .filter(documents_table::parent_id.is_null())
            .filter(
                documents_table::indexed_revision
                    .is_null()
                    .or(documents_table::indexed_revision.ne(documents_table::revision.nullable())),
            )
            .select((documents_table::id, documents_table::kind, documents_table::title))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .load(&mut *self.connection()?)?;
        rows.into_iter()
            .map(|(id, kind, title)| Ok(Unindexed { id: DocumentId(uuid(&id)?), kind: read_kind(&kind)?, title }))
            .collect()
    }

    /// Has the search know the documents as these say. One that was renamed or deleted meanwhile is left out.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored. Nothing of it is then.
    pub fn index(&self, entries: &[IndexEntry]) -> Result<(), StoreError> {
        self.write(|connection| entries.iter().try_for_each(|entry| put(connection, entry)))
    }

    /// The documents in which all the words stand: first those with the words in the title, the newest first, then the
    /// others by how much they are about the words, as far as that can be told, and the newest first. Of each of the two,
    /// no more than the newest 500 are looked at.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn search(&self, query: &SearchQuery) -> Result<Found, StoreError> {
        search(&mut *self.connection()?, query)
    }
}

fn search(connection: &mut AnyConnection, query: &SearchQuery) -> Result<Found, StoreError> {
    let SearchQuery { reader, workspace, is_archived, words, now_ms, .. } = query;
    let roles = documents::workspace_roles(connection, *reader, *workspace)?;
    let places: Vec<_> = roles.keys().map(|workspace| place(workspace, *is_archived)).collect();
    let granted: Vec<_> =
        documents::grants(connection, *reader, *now_ms)?.into_keys().map(|id| id.0.to_string()).take(MOST).collect();
    let mut of = |field| {
        let mut found = newest_with(connection, words, field, &places, MOST)?;
        let known: HashSet<_> = found.iter().cloned().collect();
        let mut others: Vec<_> = those_with(connection, words, field, &granted)?.difference(&known).cloned().collect();
        // Ids begin with the time.
        others.sort_unstable_by(|a, b| b.cmp(a));
        found.extend(others);
        Ok::<_, StoreError>(found)
    };
    let mut ids = of(Field::Title)?;
    let with_title: HashSet<_> = ids.iter().cloned().collect();
    let mut others = of(Field::Everything)?;
    others.retain(|id| !with_title.contains(id));
    // Nobody reads a ranking of what is everywhere.
    if (1..MOST).contains(&others.len()) {
        let ranks = ranks(connection, words, &others)?;
        let rank = |id: &String| ranks.get(id).copied().unwrap_or_default();
        others.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    }
    ids.extend(others);
    let has_more = ids.len() > query.skip.saturating_add(query.limit);
    let ids: Vec<_> = ids.into_iter().skip(query.skip).take(query.limit).collect();
    if ids.is_empty() {
        return Ok(Found { hits: Vec::new(), has_more });
    }
    let mut known = documents::listed(connection, *reader, &ids, *now_ms)?;
    let texts: Vec<(String, String)> = document_texts::table
        .filter(document_texts::document_id.eq_any(&ids))
        .select((document_texts::document_id, document_texts::body))
        .load(connection)?;
    let mut texts: HashMap<_, _> = texts.into_iter().collect();
    let hits = ids.iter().filter_map(|id| {
        let (document, role) = known.remove(id)?;
        let is_asked_for = document.archived_at_ms.is_some() == *is_archived
            && workspace.is_none_or(|workspace| workspace == document.workspace);
        is_asked_for.then(|| Hit { document, role, body: texts.remove(id).unwrap_or_default() })
    });
    Ok(Found { hits: hits.collect(), has_more })
}

fn put(connection: &mut AnyConnection, entry: &IndexEntry) -> Result<(), StoreError> {
    let key = entry.id.0.to_string();
    let revision = super::database_number(entry.revision.0);
    let is_known = diesel::update(documents_table::table.find(&key).filter(documents_table::title.eq(&entry.title)))
        .set(documents_table::indexed_revision.eq(revision))
        .execute(connection)?;
    if is_known == 0 {
        return Ok(());
    }
    let (workspace, archived_at_ms): (String, Option<i64>) = documents_table::table
        .find(&key)
        .select((documents_table::workspace_id, documents_table::archived_at_ms))
        .first(connection)?;
    let place = place(&workspace, archived_at_ms.is_some());
    let before: Option<(String, String, String)> = document_texts::table
        .find(&key)
        .select((document_texts::body, document_texts::title_words, document_texts::place))
        .first(connection)
        .optional()?;
    match before {
        None => {
            diesel::insert_into(document_texts::table)
                .values((
                    document_texts::document_id.eq(&key),
                    document_texts::body.eq(&entry.body),
                    document_texts::title_words.eq(&entry.title_words),
                    document_texts::body_words.eq(&entry.body_words),
                    document_texts::place.eq(&place),
                ))
                .execute(connection)?;
        }
        // Most edits are of numbers, and change no word.
        Some(before) if before == (entry.body.clone(), entry.title_words.clone(), place.clone()) => {}
        Some(_) => {
            diesel::update(document_texts::table.find(&key))
                .set((
                    document_texts::body.eq(&entry.body),
                    document_texts::title_words.eq(&entry.title_words),
                    document_texts::body_words.eq(&entry.body_words),
                    document_texts::place.eq(&place),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}
