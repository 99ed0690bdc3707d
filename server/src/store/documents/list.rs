//! Lists of documents that somebody may read, in pages.
//!
//! Each workspace and kind is asked for its first documents after the page before, which an index has in order; the
//! page is the first of all of them. So a page costs the same however many documents there are.
//!
//! Where words are to be in the title, the index of words knows which documents those are, if they are few. If they are
//! many, they are met soon on the way through all in order, and that way has an end: a page may be short.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use coval_shared::rights::Role;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{DocumentRow, Row, columns, kind_name, read};
use crate::store::connection::AnyConnection;
use crate::store::people::read_role;
use crate::store::schema::{document_members, documents, workspace_members, workspaces};
use crate::store::words::{Field, newest_with, place};
use crate::store::{Store, StoreError, uuid};
use crate::words::{fold, has_words};

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The last edited first.
    Edited,
    /// The newest first.
    Created,
    /// By title, regardless of case.
    Title,
}

/// Where in a list a document stands. Which part counts depends on the list's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The time that the list is sorted by; 0 in one sorted by title.
    pub time_ms: i64,
    /// The title as lists sort it; empty in one sorted by time.
    pub title: String,
    /// The document, for those that are alike.
    pub id: DocumentId,
}

/// Which documents are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Who asks: only what they may read is listed.
    pub reader: UserId,
    /// Only those of this workspace.
    pub workspace: Option<WorkspaceId>,
    /// Only those of this kind.
    pub kind: Option<DocumentKind>,
    /// Those that are archived, or those that are not.
    pub is_archived: bool,
    /// Only those with all of these words in the title, folded. The last one may be the beginning of a word.
    pub words: Vec<String>,
    /// In which order.
    pub sort: Sort,
    /// Only those that stand after this one.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
    /// The time, at which grants may have ended, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The document.
    pub document: DocumentRow,
    /// What the reader is for it.
    pub role: Role,
    /// Where it stands.
    pub position: Position,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The documents, in the order of the list. May be fewer than were asked for although others follow.
    pub items: Vec<Listed>,
    /// After which one the next page begins; nothing when nothing follows.
    pub next: Option<Position>,
}

/// Up to how many documents with words in their titles are all looked up.
const FEW: usize = 1_000;

/// How many documents of which the search knows no words yet are looked through.
const FRESH: i64 = 1_000;

/// How far a page goes through a list for titles with words that many have.
const WAY: usize = 2_000;

impl Store {
    /// The documents that somebody may read, branches left out.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn documents(&self, query: &DocumentQuery) -> Result<Listing, StoreError> {
        list(&mut *self.connection()?, query)
    }
}

/// Some documents that a list may be of.
enum Source {
    /// All of a workspace that are of a kind.
    All(String, DocumentKind),
    /// These.
    These(Vec<String>),
}

/// What stands in a list where.
struct Entry {
    position: Position,
    title: String,
}

fn list(connection: &mut AnyConnection, query: &DocumentQuery) -> Result<Listing, StoreError> {
    let roles = workspace_roles(connection, query.reader, query.workspace)?;
    let grants = grants(connection, query.reader, query.now_ms)?;
    let kinds = query.kind.map_or_else(|| vec![DocumentKind::Model, DocumentKind::Memo], |kind| vec![kind]);
    let mut sources: Vec<Source> = Vec::new();
    if !grants.is_empty() {
        sources.push(Source::These(grants.keys().map(|id| id.0.to_string()).collect()));
    }
    let few = if query.words.is_empty() { None } else { few_with_words(connection, query, &roles)? };
    match few {
        Some(few) if few.is_empty() => {}
        Some(few) => sources.push(Source::These(few)),
        None => {
            let all = roles.keys().flat_map(|place| kinds.iter().map(|kind| Source::All(place.clone(), *kind)));
            sources.extend(all);
        }
    }
    let (entries, next) = walk(connection, query, &sources)?;
    let ids: Vec<_> = entries.iter().map(|entry| entry.position.id.0.to_string()).collect();
    let mut known = rows(connection, &ids, &roles, &grants)?;
    let listed = entries.into_iter().filter_map(|Entry { position, .. }| {
        let (document, role) = known.remove(&position.id)?;
        Some(Listed { document, role, position })
    });
    Ok(Listing { items: listed.collect(), next })
}

/// The first entries of all of the sources, and where to go on.
fn walk(
    connection: &mut AnyConnection,
    query: &DocumentQuery,
    sources: &[Source],
) -> Result<(Vec<Entry>, Option<Position>), StoreError> {
    // One more tells whether there are more.
    let mut step = query.limit.saturating_add(1);
    let (mut found, mut walked, mut after) = (Vec::new(), 0, query.after.clone());
    loop {
        let mut entries = Vec::new();
        // Behind the last entry of a source that has more, others of it may stand before those of other sources.
        let mut end: Option<Position> = None;
        for source in sources {
            let some = first(connection, query, source, after.as_ref(), step)?;
            let last = some.last().map(|entry| &entry.position).filter(|_| some.len() == step);
            if let Some(last) = last
                && end.as_ref().is_none_or(|end| order(query.sort, last, end) == Ordering::Less)
            {
                end = Some(last.clone());
            }
            entries.extend(some);
        }
        walked += entries.len();
        entries.sort_by(|a: &Entry, b| order(query.sort, &a.position, &b.position));
        // What is both in a workspace and granted is there twice.
        entries.dedup_by_key(|entry| entry.position.id);
        if let Some(end) = &end {
            entries.retain(|entry| order(query.sort, &entry.position, end) != Ordering::Greater);
        }
        entries.retain(|entry| query.words.is_empty() || has_words(&fold(&entry.title), &query.words));
        found.append(&mut entries);
        if found.len() > query.limit {
            found.truncate(query.limit);
            let next = found.last().map(|entry| entry.position.clone());
            return Ok((found, next));
        }
        if end.is_none() || walked >= WAY {
            return Ok((found, end));
        }
        after = end;
        step = step.saturating_mul(2);
    }
}

/// The documents with the words in their titles, if they are few: a few more may be among them.
fn few_with_words(
    connection: &mut AnyConnection,
    query: &DocumentQuery,
    roles: &HashMap<String, Role>,
) -> Result<Option<Vec<String>>, StoreError> {
    let places: Vec<_> = roles.keys().map(|workspace| place(workspace, query.is_archived)).collect();
    let known = newest_with(connection, &query.words, Field::Title, &places, FEW)?;
    if known.len() == FEW {
        return Ok(None);
    }
    // The very condition of the index that holds these alone.
    let fresh: Vec<(String, String, String)> = documents::table
        .filter(documents::parent_id.is_null())
        .filter(
            documents::indexed_revision.is_null().or(documents::indexed_revision.ne(documents::revision.nullable())),
        )
        .select((documents::id, documents::workspace_id, documents::title))
        .limit(FRESH)
        .load(connection)?;
    let fresh = fresh
        .into_iter()
        .filter(|(_, workspace, title)| roles.contains_key(workspace) && has_words(&fold(title), &query.words));
    let all: HashSet<_> = known.into_iter().chain(fresh.map(|(id, ..)| id)).collect();
    Ok(Some(all.into_iter().collect()))
}

/// The documents with these ids that somebody may read, by id.
pub(in crate::store) fn listed(
    connection: &mut AnyConnection,
    reader: UserId,
    ids: &[String],
    now_ms: i64,
) -> Result<HashMap<String, (DocumentRow, Role)>, StoreError> {
    let roles = workspace_roles(connection, reader, None)?;
    let grants = grants(connection, reader, now_ms)?;
    let known = rows(connection, ids, &roles, &grants)?;
    Ok(known.into_iter().map(|(id, found)| (id.0.to_string(), found)).collect())
}

/// The documents with these ids that these roles let somebody read, by id.
fn rows(
    connection: &mut AnyConnection,
    ids: &[String],
    roles: &HashMap<String, Role>,
    grants: &HashMap<DocumentId, Role>,
) -> Result<HashMap<DocumentId, (DocumentRow, Role)>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = documents::table
        .inner_join(workspaces::table)
        .filter(documents::id.eq_any(ids))
        .select(columns())
        .load(connection)?;
    let mut found = HashMap::new();
    for row in rows {
        let document = read(row)?;
        let role = roles.get(&document.workspace.0.to_string()).max(grants.get(&document.id)).copied();
        if let Some(role) = role {
            found.insert(document.id, (document, role));
        }
    }
    Ok(found)
}

/// The first documents of the source after `after`, in the order that is asked for; at most so many.
fn first(
    connection: &mut AnyConnection,
    query: &DocumentQuery,
    source: &Source,
    after: Option<&Position>,
    most: usize,
) -> Result<Vec<Entry>, StoreError> {
    let mut rows = documents::table
        .filter(documents::parent_id.is_null())
        .select((
            documents::id,
            documents::edited_at_ms,
            documents::created_at_ms,
            documents::title_key,
            documents::title,
        ))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .into_boxed();
    rows = match source {
        Source::All(workspace, kind) => {
            rows.filter(documents::workspace_id.eq(workspace.clone())).filter(documents::kind.eq(kind_name(*kind)))
        }
        Source::These(ids) => rows.filter(documents::id.eq_any(ids.clone())),
    };
    if let Source::These(_) = source {
        if let Some(kind) = query.kind {
            rows = rows.filter(documents::kind.eq(kind_name(kind)));
        }
        if let Some(workspace) = query.workspace {
            rows = rows.filter(documents::workspace_id.eq(workspace.0.to_string()));
        }
    }
    rows = if query.is_archived {
        rows.filter(documents::archived_at_ms.is_not_null())
    } else {
        rows.filter(documents::archived_at_ms.is_null())
    };
    // The first comparison is one that an index can begin at.
    rows = match (query.sort, after) {
        (_, None) => rows,
        (Sort::Edited, Some(after)) => rows
            .filter(documents::edited_at_ms.le(after.time_ms))
            .filter(documents::edited_at_ms.lt(after.time_ms).or(documents::id.lt(after.id.0.to_string()))),
        (Sort::Created, Some(after)) => rows
            .filter(documents::created_at_ms.le(after.time_ms))
            .filter(documents::created_at_ms.lt(after.time_ms).or(documents::id.lt(after.id.0.to_string()))),
        (Sort::Title, Some(after)) => rows
            .filter(documents::title_key.ge(after.title.clone()))
            .filter(documents::title_key.gt(after.title.clone()).or(documents::id.gt(after.id.0.to_string()))),
    };
    rows = match query.sort {
        Sort::Edited => rows.order((documents::edited_at_ms.desc(), documents::id.desc())),
        Sort::Created => rows.order((documents::created_at_ms.desc(), documents::id.desc())),
        Sort::Title => rows.order((documents::title_key.asc(), documents::id.asc())),
    };
    let rows: Vec<(String, i64, i64, String, String)> = rows.load(connection)?;
    rows.into_iter()
        .map(|(id, edited_at_ms, created_at_ms, title_key, title)| {
            let (time_ms, key) = match query.sort {
                Sort::Edited => (edited_at_ms, String::new()),
                Sort::Created => (created_at_ms, String::new()),
                Sort::Title => (0, title_key),
            };
            Ok(Entry { position: Position { time_ms, title: key, id: DocumentId(uuid(&id)?) }, title })
        })
        .collect()
}

/// As the databases sort: texts by their bytes, and ids by their text, which is in the order of their bytes.
fn order(sort: Sort, a: &Position, b: &Position) -> Ordering {
    let order = (a.time_ms, &a.title, a.id).cmp(&(b.time_ms, &b.title, b.id));
    if sort == Sort::Title { order } else { order.reverse() }
}

/// What somebody is in each of their workspaces.
pub(in crate::store) fn workspace_roles(
    connection: &mut AnyConnection,
    user: UserId,
    only: Option<WorkspaceId>,
) -> Result<HashMap<String, Role>, StoreError> {
    let rows: Vec<(String, String)> = workspace_members::table
        .filter(workspace_members::user_id.eq(user.0.to_string()))
        .select((workspace_members::workspace_id, workspace_members::role))
        .load(connection)?;
    let only = only.map(|workspace| workspace.0.to_string());
    rows.into_iter()
        .filter(|(workspace, _)| only.as_ref().is_none_or(|only| only == workspace))
        .map(|(workspace, role)| Ok((workspace, read_role(&role)?)))
        .collect()
}

/// What somebody is for single documents at the time.
pub(in crate::store) fn grants(
    connection: &mut AnyConnection,
    user: UserId,
    now_ms: i64,
) -> Result<HashMap<DocumentId, Role>, StoreError> {
    let is_good = document_members::expires_at_ms.is_null().or(document_members::expires_at_ms.gt(now_ms));
    let rows: Vec<(String, String)> = document_members::table
        .filter(document_members::user_id.eq(user.0.to_string()).and(is_good))
        .select((document_members::document_id, document_members::role))
        .load(connection)?;
    rows.into_iter().map(|(document, role)| Ok((DocumentId(uuid(&document)?), read_role(&role)?))).collect()
}
