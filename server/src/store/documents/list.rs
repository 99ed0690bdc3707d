//! Lists of documents that somebody may read, in pages.
//!
//! Each workspace and kind is asked for its first documents after the page before, which an index has in order; the
//! page is the first of all of them. So a page costs the same however many documents there are.

use std::cmp::Ordering;
use std::collections::HashMap;

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use coval_shared::rights::Role;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{DocumentRow, Row, columns, kind_name, read};
use crate::store::connection::AnyConnection;
use crate::store::people::read_role;
use crate::store::schema::{document_members, documents, workspace_members, workspaces};
use crate::store::{Store, StoreError, uuid};

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
    /// Only those with this text in the title, regardless of case.
    pub title: Option<String>,
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

impl Store {
    /// The documents that somebody may read, branches left out.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn documents(&self, query: &DocumentQuery) -> Result<Vec<Listed>, StoreError> {
        let connection = &mut *self.connection()?;
        let roles = workspace_roles(connection, query.reader, query.workspace)?;
        let grants = grants(connection, query.reader, query.now_ms)?;
        let kinds = query.kind.map_or_else(|| vec![DocumentKind::Model, DocumentKind::Memo], |kind| vec![kind]);
        let mut rows: Vec<Row> = Vec::new();
        for workspace in roles.keys() {
            for kind in &kinds {
                let those = documents::workspace_id.eq(workspace).and(documents::kind.eq(kind_name(*kind)));
                rows.extend(first(connection, query, Box::new(those))?);
            }
        }
        if !grants.is_empty() {
            let granted = document_members::table
                .filter(document_members::user_id.eq(query.reader.0.to_string()))
                .select(document_members::document_id);
            let kinds: Vec<_> = kinds.iter().map(|kind| kind_name(*kind)).collect();
            let those = documents::id.eq_any(granted).and(documents::kind.eq_any(kinds));
            rows.extend(first(connection, query, Box::new(those))?);
        }
        let mut listed = Vec::new();
        for row in rows {
            let (document, title_key) = read(row)?;
            if query.workspace.is_some_and(|workspace| workspace != document.workspace) {
                continue;
            }
            let role = roles.get(&document.workspace.0.to_string()).max(grants.get(&document.id));
            let Some(role) = role.copied() else { continue };
            let position = position(query.sort, &document, title_key);
            listed.push(Listed { document, role, position });
        }
        listed.sort_by(|a, b| order(query.sort, &a.position, &b.position));
        // What is both in a workspace and granted is there twice.
        listed.dedup_by_key(|listed| listed.document.id);
        listed.truncate(query.limit);
        Ok(listed)
    }
}

/// The documents with these ids that somebody may read, by id.
pub(in crate::store) fn listed(
    connection: &mut AnyConnection,
    reader: UserId,
    ids: &[String],
    now_ms: i64,
) -> Result<HashMap<String, Listed>, StoreError> {
    let roles = workspace_roles(connection, reader, None)?;
    let grants = grants(connection, reader, now_ms)?;
    let rows: Vec<Row> = documents::table
        .inner_join(workspaces::table)
        .filter(documents::id.eq_any(ids))
        .select(columns())
        .load(connection)?;
    let mut found = HashMap::new();
    for row in rows {
        let (document, title_key) = read(row)?;
        let role = roles.get(&document.workspace.0.to_string()).max(grants.get(&document.id)).copied();
        if let Some(role) = role {
            let position = position(Sort::Edited, &document, title_key);
            found.insert(document.id.0.to_string(), Listed { document, role, position });
        }
    }
    Ok(found)
}

type Condition<'a> = Box<
    dyn BoxableExpression<
            diesel::helper_types::InnerJoinQuerySource<documents::table, workspaces::table>,
            <AnyConnection as Connection>::Backend,
            SqlType = diesel::sql_types::Bool,
        > + 'a,
>;

/// The first documents of those that are asked for, as many as the page may have.
fn first(connection: &mut AnyConnection, query: &DocumentQuery, those: Condition<'_>) -> Result<Vec<Row>, StoreError> {
    let mut rows = documents::table
        .inner_join(workspaces::table)
        .filter(documents::parent_id.is_null())
        .filter(those)
        .select(columns())
        .limit(i64::try_from(query.limit).unwrap_or(i64::MAX))
        .into_boxed();
    rows = if query.is_archived {
        rows.filter(documents::archived_at_ms.is_not_null())
    } else {
        rows.filter(documents::archived_at_ms.is_null())
    };
    if let Some(title) = &query.title {
        rows = rows.filter(documents::title_key.like(containing(title)).escape('\\'));
    }
    // The first comparison is one that an index can begin at.
    rows = match (query.sort, &query.after) {
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
    Ok(rows.load(connection)?)
}

/// A pattern for all that holds `text`, whatever stands in it.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn position(sort: Sort, document: &DocumentRow, title_key: String) -> Position {
    let (time_ms, title) = match sort {
        Sort::Edited => (document.edited_at_ms, String::new()),
        Sort::Created => (document.created_at_ms, String::new()),
        Sort::Title => (0, title_key),
    };
    Position { time_ms, title, id: document.id }
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
