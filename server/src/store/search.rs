//! Full-text search: which words stand in which document, and who may find it.

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use ot_core::Revision;

use super::connection::AnyConnection;
use super::documents::{self, Listed, read_kind};
use super::schema::{document_texts, documents as documents_table};
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
    pub found: Listed,
    /// The text in which the words stand, if not in the title.
    pub body: String,
}

#[derive(QueryableByName)]
struct HitRow {
    #[diesel(sql_type = Text)]
    document_id: String,
    #[diesel(sql_type = Text)]
    body: String,
}

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

    /// The documents in which all the words stand, the best first: those with the words in the title, and with many of
    /// them.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, StoreError> {
        let connection = &mut *self.connection()?;
        let (source, order, wanted) = match connection {
            AnyConnection::Postgres(_) => (
                "document_texts JOIN documents ON documents.id = document_texts.document_id \
                 WHERE document_texts.words @@ to_tsquery('simple', $1)",
                "ts_rank(document_texts.words, to_tsquery('simple', $1)) DESC",
                postgres_query(&query.words),
            ),
            AnyConnection::Sqlite(_) => (
                "document_words JOIN document_texts ON document_texts.number = document_words.rowid \
                 JOIN documents ON documents.id = document_texts.document_id \
                 WHERE document_words MATCH $1",
                "bm25(document_words, 10.0, 1.0)",
                sqlite_query(&query.words),
            ),
        };
        // SQLite counts parameters in the order in which they first stand here.
        let archive = if query.is_archived { "IS NOT NULL" } else { "IS NULL" };
        let sql = format!(
            "SELECT documents.id AS document_id, document_texts.body AS body \
             FROM {source} AND documents.archived_at_ms {archive} AND ($2 = '' OR documents.workspace_id = $2) \
             AND (documents.workspace_id IN (SELECT workspace_id FROM workspace_members WHERE user_id = $3) \
                  OR documents.id IN (SELECT document_id FROM document_members \
                                      WHERE user_id = $3 AND (expires_at_ms IS NULL OR expires_at_ms > $4))) \
             ORDER BY {order}, documents.id LIMIT $5 OFFSET $6"
        );
        let rows: Vec<HitRow> = diesel::sql_query(sql)
            .bind::<Text, _>(wanted)
            .bind::<Text, _>(query.workspace.map(|workspace| workspace.0.to_string()).unwrap_or_default())
            .bind::<Text, _>(query.reader.0.to_string())
            .bind::<BigInt, _>(query.now_ms)
            .bind::<BigInt, _>(i64::try_from(query.limit).unwrap_or(i64::MAX))
            .bind::<BigInt, _>(i64::try_from(query.skip).unwrap_or(i64::MAX))
            .load(connection)?;
        let ids: Vec<_> = rows.iter().map(|row| row.document_id.clone()).collect();
        let mut known = documents::listed(connection, query.reader, &ids, query.now_ms)?;
        let hit = |row: HitRow| Some(Hit { found: known.remove(&row.document_id)?, body: row.body });
        Ok(rows.into_iter().filter_map(hit).collect())
    }
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
    let before: Option<(String, String)> = document_texts::table
        .find(&key)
        .select((document_texts::body, document_texts::title_words))
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
                ))
                .execute(connection)?;
        }
        // Most edits are of numbers, and change no word.
        Some((body, title_words)) if body == entry.body && title_words == entry.title_words => {}
        Some(_) => {
            diesel::update(document_texts::table.find(&key))
                .set((
                    document_texts::body.eq(&entry.body),
                    document_texts::title_words.eq(&entry.title_words),
                    document_texts::body_words.eq(&entry.body_words),
                ))
                .execute(connection)?;
        }
    }
    Ok(())
}

/// Folded words hold letters and digits only, so that none of them means anything to the databases.
fn postgres_query(words: &[String]) -> String {
    let last = words.len().saturating_sub(1);
    let terms = words.iter().enumerate().map(|(at, word)| if at == last { format!("{word}:*") } else { word.clone() });
    terms.collect::<Vec<_>>().join(" & ")
}

fn sqlite_query(words: &[String]) -> String {
    let last = words.len().saturating_sub(1);
    let terms = words.iter().enumerate().map(|(at, word)| {
        let prefix = if at == last { "*" } else { "" };
        format!("\"{word}\"{prefix}")
    });
    terms.collect::<Vec<_>>().join(" ")
}
