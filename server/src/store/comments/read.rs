//! Lists of comments.

use std::collections::{BTreeSet, HashMap};

use coval_shared::protocol::{Comment, CommentId, DocumentId, Named, UserId};
use coval_shared::rest::CommentState;
use diesel::dsl::exists;
use diesel::prelude::*;
use ot_core::Revision;

use crate::store::connection::AnyConnection;
use crate::store::hanging::read_anchor;
use crate::store::names::names;
use crate::store::schema::{comments, mentions};
use crate::store::{CHUNK, Store, StoreError, unsigned, uuid};

diesel::alias!(comments as roots: Roots, comments as others: Others);

/// Which comments are listed, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct CommentQuery {
    /// Whether their threads are settled.
    pub state: CommentState,
    /// Of one thread only.
    pub thread: Option<CommentId>,
    /// Only of threads that this person wrote in or is spoken to in.
    pub with: Option<UserId>,
    /// Behind this one.
    pub after: Option<CommentId>,
    /// So many.
    pub limit: usize,
}

impl Store {
    /// The comments on a document, the oldest first. Deleted ones are not among them, but for those that answers hang
    /// on.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn comments(&self, document: DocumentId, query: &CommentQuery) -> Result<Vec<Comment>, StoreError> {
        let (root_id, other_thread) = (roots.field(comments::id), others.field(comments::thread_id));
        let answers = others
            .filter(other_thread.eq(comments::id))
            .filter(others.field(comments::deleted_at_ms).is_null())
            .select(others.field(comments::id));
        let holds_answers = comments::id.eq(comments::thread_id).and(exists(answers));
        let mut wanted = comments::table
            .inner_join(roots.on(root_id.eq(comments::thread_id)))
            .filter(comments::document_id.eq(document.0.to_string()))
            .filter(comments::deleted_at_ms.is_null().or(holds_answers))
            .order(comments::id.asc())
            .limit(i64::try_from(query.limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .into_boxed();
        let resolved_at_ms = roots.field(comments::resolved_at_ms);
        wanted = match query.state {
            CommentState::All => wanted,
            CommentState::Open => wanted.filter(resolved_at_ms.is_null()),
            CommentState::Resolved => wanted.filter(resolved_at_ms.is_not_null()),
        };
        if let Some(thread) = query.thread {
            wanted = wanted.filter(comments::thread_id.eq(thread.0.to_string()));
        }
        if let Some(after) = query.after {
            wanted = wanted.filter(comments::id.gt(after.0.to_string()));
        }
        if let Some(user) = query.with {
            let user = user.0.to_string();
            let written = others
                .filter(others.field(comments::author_id).eq(user.clone()))
                .filter(others.field(comments::document_id).eq(document.0.to_string()))
                .filter(others.field(comments::deleted_at_ms).is_null())
                .select(other_thread);
            let spoken_to = mentions::table
                .inner_join(others.on(others.field(comments::id).eq(mentions::comment_id)))
                .filter(mentions::user_id.eq(user))
                .select(other_thread);
            wanted = wanted.filter(comments::thread_id.eq_any(written).or(comments::thread_id.eq_any(spoken_to)));
        }
        let connection = &mut *self.connection()?;
        let rows: Vec<Row> = wanted.load(connection)?;
        read(connection, rows)
    }

    /// A comment as it is, even if it was deleted.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn comment(&self, id: CommentId) -> Result<Comment, StoreError> {
        comment(&mut *self.connection()?, id)
    }
}

/// A comment as it is.
pub(super) fn comment(connection: &mut AnyConnection, id: CommentId) -> Result<Comment, StoreError> {
    let row: Row = comments::table.find(id.0.to_string()).select(Row::as_select()).first(connection)?;
    read(connection, vec![row])?.pop().ok_or(StoreError::NotFound)
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = comments)]
struct Row {
    id: String,
    document_id: String,
    thread_id: String,
    author_id: String,
    body: String,
    anchor: Option<String>,
    anchor_revision: i64,
    is_anchor_lost: bool,
    quote: String,
    created_at_ms: i64,
    edited_at_ms: Option<i64>,
    deleted_at_ms: Option<i64>,
    resolved_at_ms: Option<i64>,
    resolved_by: Option<String>,
}

fn read(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Comment>, StoreError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut spoken_to: HashMap<String, Vec<String>> = HashMap::new();
    for ids in ids.chunks(CHUNK) {
        let pairs: Vec<(String, String)> = mentions::table
            .filter(mentions::comment_id.eq_any(ids))
            .order((mentions::comment_id.asc(), mentions::user_id.asc()))
            .select((mentions::comment_id, mentions::user_id))
            .load(connection)?;
        pairs.into_iter().for_each(|(comment, user)| spoken_to.entry(comment).or_default().push(user));
    }
    let people: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| std::iter::once(&row.author_id).chain(&row.resolved_by))
        .chain(spoken_to.values().flatten())
        .cloned()
        .collect();
    let names = names(connection, &people)?;
    let named = |id: &String| -> Result<Named, StoreError> {
        Ok(Named { id: UserId(uuid(id)?), name: names.get(id).cloned().unwrap_or_default() })
    };
    rows.into_iter()
        .map(|row| {
            Ok(Comment {
                id: CommentId(uuid(&row.id)?),
                document: DocumentId(uuid(&row.document_id)?),
                thread: CommentId(uuid(&row.thread_id)?),
                author: named(&row.author_id)?,
                body: row.body,
                anchor: row.anchor.as_deref().map(read_anchor).transpose()?,
                anchor_revision: Revision(unsigned(row.anchor_revision)?),
                is_anchor_lost: row.is_anchor_lost,
                quote: row.quote,
                mentions: spoken_to.get(&row.id).into_iter().flatten().map(named).collect::<Result<_, _>>()?,
                created_at_ms: row.created_at_ms,
                edited_at_ms: row.edited_at_ms,
                deleted_at_ms: row.deleted_at_ms,
                resolved_at_ms: row.resolved_at_ms,
                resolved_by: row.resolved_by.as_ref().map(named).transpose()?,
            })
        })
        .collect()
}
