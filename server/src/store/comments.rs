//! What people say about documents, in threads.

mod read;
mod readers;

use std::collections::BTreeSet;

use coval_shared::anchor::Anchored;
use coval_shared::limits::{COMMENTS_PER_DOCUMENT, COMMENTS_PER_THREAD, MENTIONS};
use coval_shared::mention;
use coval_shared::protocol::{Comment, CommentId, DocumentId, NotificationKind, UserId, WorkspaceId};
use coval_shared::rest::Action;
use diesel::prelude::*;
use ot_core::Revision;

use super::connection::AnyConnection;
use super::events::record_in_document;
use super::hanging::anchor_text;
use super::notifications::{Notice, Notified, forget, notify};
use super::schema::{comments, documents, mentions};
use super::{Store, StoreError, database_number, uuid};

pub use read::CommentQuery;
use readers::readers;

/// Something that somebody says.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// The comment, chosen by whoever writes it: what is sent twice is there once.
    pub id: CommentId,
    /// About which document.
    pub document: DocumentId,
    /// The thread that it answers in; none begins one.
    pub thread: Option<CommentId>,
    /// Who says it.
    pub author: UserId,
    /// What is said.
    pub body: String,
    /// What a new thread hangs on; none hangs on the whole document.
    pub anchored: Option<Anchored>,
    /// The revision at which `anchored` stands.
    pub revision: Revision,
}

/// What a change of comments comes to.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The comments that are other than before, the one in question first.
    pub changed: Vec<Comment>,
    /// Whom it concerns, and what they are told.
    pub notified: Vec<Notified>,
}

/// Whose comment may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Only one that this person wrote.
    Own(UserId),
    /// Anybody's; this person does it.
    Any(UserId),
}

impl Store {
    /// Stores a comment, opens its thread again if that was settled, and notes whom it concerns. A comment that is
    /// there already, just so, is not stored again.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document, or no such thread in it;
    /// [`StoreError::Conflict`] when another comment has the id; [`StoreError::LimitReached`] when the document or the
    /// thread has as many comments as it may.
    pub fn add_comment(&self, new: &NewComment, now_ms: i64) -> Result<Said, StoreError> {
        self.write(|connection| {
            lock(connection, new.document)?;
            if is_known(connection, new)? {
                return said(connection, &[new.id], Vec::new());
            }
            let root = new.thread.map(|thread| root(connection, thread)).transpose()?;
            if root.as_ref().is_some_and(|root| root.document != new.document) {
                return Err(StoreError::NotFound);
            }
            check_room(connection, new)?;
            insert(connection, new, now_ms)?;
            let mentioned = mention_all(connection, new.id, new.document, &new.body, now_ms)?;
            let thread = new.thread.unwrap_or(new.id);
            let mut changed = vec![new.id];
            let action = match new.thread {
                None => Action::CommentAdded { comment: new.id },
                Some(thread) => Action::CommentReplied { thread, comment: new.id },
            };
            record_in_document(connection, new.document, Some(new.author), action, now_ms)?;
            if root.is_some_and(|root| root.is_resolved) {
                set_resolved(connection, thread, None)?;
                changed.push(thread);
                let action = Action::CommentReopened { thread };
                record_in_document(connection, new.document, Some(new.author), action, now_ms)?;
            }
            let about = About { document: new.document, comment: new.id, thread, actor: new.author };
            let mut others = BTreeSet::new();
            if new.thread.is_some() {
                others = participants(connection, thread, new.document, now_ms)?;
                others.retain(|user| !mentioned.contains(user));
            }
            let mut notified = tell(connection, &about, NotificationKind::Mention, mentioned, now_ms)?;
            notified.extend(tell(connection, &about, NotificationKind::Reply, others, now_ms)?);
            said(connection, &changed, notified)
        })
    }

    /// Writes a comment anew. Who is mentioned in it for the first time is told.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such comment, or it is another's.
    pub fn edit_comment(&self, id: CommentId, author: UserId, body: &str, now_ms: i64) -> Result<Said, StoreError> {
        self.write(|connection| {
            let edited = diesel::update(comments::table.find(id.0.to_string()))
                .filter(comments::author_id.eq(author.0.to_string()))
                .filter(comments::deleted_at_ms.is_null())
                .set((comments::body.eq(body), comments::edited_at_ms.eq(now_ms)))
                .execute(connection)?;
            if edited == 0 {
                return Err(StoreError::NotFound);
            }
            let (document, thread) = place(connection, id)?;
            let before = mentioned_in(connection, id)?;
            diesel::delete(mentions::table.filter(mentions::comment_id.eq(id.0.to_string()))).execute(connection)?;
            let mut mentioned = mention_all(connection, id, document, body, now_ms)?;
            mentioned.retain(|user| !before.contains(user));
            record_in_document(connection, document, Some(author), Action::CommentEdited { comment: id }, now_ms)?;
            let about = About { document, comment: id, thread, actor: author };
            let notified = tell(connection, &about, NotificationKind::Mention, mentioned, now_ms)?;
            said(connection, &[id], notified)
        })
    }

    /// Deletes what a comment says, and what people were told of it. The first comment of a thread stays, without its
    /// text, while there are answers.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such comment, or it is another's and `whose` does not allow
    /// that.
    pub fn delete_comment(&self, id: CommentId, whose: Whose, now_ms: i64) -> Result<Said, StoreError> {
        self.write(|connection| {
            let key = id.0.to_string();
            let living = comments::table.find(&key).filter(comments::deleted_at_ms.is_null());
            let gone = (comments::body.eq(""), comments::deleted_at_ms.eq(now_ms));
            let (actor, deleted) = match whose {
                Whose::Own(user) => {
                    let own = living.filter(comments::author_id.eq(user.0.to_string()));
                    (user, diesel::update(own).set(gone).execute(connection)?)
                }
                Whose::Any(user) => (user, diesel::update(living).set(gone).execute(connection)?),
            };
            if deleted == 0 {
                return Err(StoreError::NotFound);
            }
            diesel::delete(mentions::table.filter(mentions::comment_id.eq(&key))).execute(connection)?;
            forget(connection, id)?;
            let (document, _) = place(connection, id)?;
            record_in_document(connection, document, Some(actor), Action::CommentDeleted { comment: id }, now_ms)?;
            said(connection, &[id], Vec::new())
        })
    }

    /// Settles a thread, or opens it again. What is so already stays as it is, and nobody is told.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such thread.
    pub fn resolve_thread(
        &self,
        thread: CommentId,
        actor: UserId,
        is_resolved: bool,
        now_ms: i64,
    ) -> Result<Said, StoreError> {
        self.write(|connection| {
            let by = is_resolved.then_some((actor, now_ms));
            let is_new = set_resolved(connection, thread, by)?;
            let root = root(connection, thread)?;
            if !is_new {
                return said(connection, &[thread], Vec::new());
            }
            let (kind, action) = if is_resolved {
                (NotificationKind::Resolved, Action::CommentResolved { thread })
            } else {
                (NotificationKind::Reopened, Action::CommentReopened { thread })
            };
            record_in_document(connection, root.document, Some(actor), action, now_ms)?;
            let concerned = participants(connection, thread, root.document, now_ms)?;
            let about = About { document: root.document, comment: thread, thread, actor };
            let notified = tell(connection, &about, kind, concerned, now_ms)?;
            said(connection, &[thread], notified)
        })
    }
}

/// The first comment of a thread.
struct Root {
    document: DocumentId,
    is_resolved: bool,
}

/// Makes changes to the comments of a document wait for each other.
pub(super) fn lock(connection: &mut AnyConnection, document: DocumentId) -> Result<(), StoreError> {
    let locked = diesel::update(documents::table.find(document.0.to_string()))
        .set(documents::title.eq(documents::title))
        .execute(connection)?;
    if locked == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Whether the comment is there, just so.
fn is_known(connection: &mut AnyConnection, new: &NewComment) -> Result<bool, StoreError> {
    let found: Option<(String, String, String)> = comments::table
        .find(new.id.0.to_string())
        .select((comments::document_id, comments::thread_id, comments::author_id))
        .first(connection)
        .optional()?;
    let thread = new.thread.unwrap_or(new.id);
    match found {
        None => Ok(false),
        Some((document, of, author)) => {
            let is_same = document == new.document.0.to_string()
                && of == thread.0.to_string()
                && author == new.author.0.to_string();
            if is_same { Ok(true) } else { Err(StoreError::Conflict) }
        }
    }
}

fn check_room(connection: &mut AnyConnection, new: &NewComment) -> Result<(), StoreError> {
    let of_document: i64 =
        comments::table.filter(comments::document_id.eq(new.document.0.to_string())).count().get_result(connection)?;
    if of_document >= database_number(COMMENTS_PER_DOCUMENT) {
        return Err(StoreError::LimitReached(format!(
            "a document has at most {COMMENTS_PER_DOCUMENT} comments; go on in a copy of it"
        )));
    }
    let Some(thread) = new.thread else { return Ok(()) };
    let of_thread: i64 =
        comments::table.filter(comments::thread_id.eq(thread.0.to_string())).count().get_result(connection)?;
    if of_thread >= database_number(COMMENTS_PER_THREAD) {
        return Err(StoreError::LimitReached(format!(
            "a thread has at most {COMMENTS_PER_THREAD} comments; begin another one"
        )));
    }
    Ok(())
}

fn insert(connection: &mut AnyConnection, new: &NewComment, now_ms: i64) -> Result<(), StoreError> {
    let anchor = new.anchored.as_ref().map(|anchored| anchor_text(&anchored.anchor)).transpose()?;
    diesel::insert_into(comments::table)
        .values((
            comments::id.eq(new.id.0.to_string()),
            comments::document_id.eq(new.document.0.to_string()),
            comments::thread_id.eq(new.thread.unwrap_or(new.id).0.to_string()),
            comments::author_id.eq(new.author.0.to_string()),
            comments::body.eq(&new.body),
            comments::anchor.eq(anchor),
            comments::anchor_revision.eq(database_number(new.revision.0)),
            comments::is_anchor_lost.eq(new.anchored.as_ref().is_some_and(|anchored| anchored.is_lost)),
            comments::quote.eq(new.anchored.as_ref().map_or("", |anchored| anchored.quote.as_str())),
            comments::created_at_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// The thread, if it is one and somebody still says something in it.
fn root(connection: &mut AnyConnection, thread: CommentId) -> Result<Root, StoreError> {
    let key = thread.0.to_string();
    let (document, resolved_at_ms): (String, Option<i64>) = comments::table
        .filter(comments::id.eq(&key).and(comments::thread_id.eq(&key)))
        .select((comments::document_id, comments::resolved_at_ms))
        .first(connection)?;
    let living: i64 = comments::table
        .filter(comments::thread_id.eq(&key).and(comments::deleted_at_ms.is_null()))
        .count()
        .get_result(connection)?;
    if living == 0 {
        return Err(StoreError::NotFound);
    }
    Ok(Root { document: DocumentId(uuid(&document)?), is_resolved: resolved_at_ms.is_some() })
}

/// The document and the thread of a comment.
fn place(connection: &mut AnyConnection, id: CommentId) -> Result<(DocumentId, CommentId), StoreError> {
    let (document, thread): (String, String) = comments::table
        .find(id.0.to_string())
        .select((comments::document_id, comments::thread_id))
        .first(connection)?;
    Ok((DocumentId(uuid(&document)?), CommentId(uuid(&thread)?)))
}

/// Settles the thread or opens it again. Returns whether that is news.
fn set_resolved(
    connection: &mut AnyConnection,
    thread: CommentId,
    by: Option<(UserId, i64)>,
) -> Result<bool, StoreError> {
    let key = thread.0.to_string();
    let root = comments::table.filter(comments::id.eq(&key).and(comments::thread_id.eq(&key)));
    let changed = match by {
        Some((user, at_ms)) => diesel::update(root.filter(comments::resolved_at_ms.is_null()))
            .set((comments::resolved_at_ms.eq(at_ms), comments::resolved_by.eq(user.0.to_string())))
            .execute(connection)?,
        None => diesel::update(root.filter(comments::resolved_at_ms.is_not_null()))
            .set((comments::resolved_at_ms.eq(None::<i64>), comments::resolved_by.eq(None::<String>)))
            .execute(connection)?,
    };
    Ok(changed > 0)
}

/// Notes whom the comment speaks to: those whom its body names and who may read the document.
fn mention_all(
    connection: &mut AnyConnection,
    id: CommentId,
    document: DocumentId,
    body: &str,
    now_ms: i64,
) -> Result<BTreeSet<UserId>, StoreError> {
    let named: BTreeSet<UserId> = mention::users(body).take(MENTIONS).collect();
    let mentioned = readers(connection, document, &named, now_ms)?;
    for user in &mentioned {
        diesel::insert_into(mentions::table)
            .values((mentions::comment_id.eq(id.0.to_string()), mentions::user_id.eq(user.0.to_string())))
            .execute(connection)?;
    }
    Ok(mentioned)
}

fn mentioned_in(connection: &mut AnyConnection, id: CommentId) -> Result<BTreeSet<UserId>, StoreError> {
    let users: Vec<String> =
        mentions::table.filter(mentions::comment_id.eq(id.0.to_string())).select(mentions::user_id).load(connection)?;
    users.iter().map(|user| uuid(user).map(UserId)).collect()
}

/// Who wrote or was spoken to in a thread and may still read the document.
fn participants(
    connection: &mut AnyConnection,
    thread: CommentId,
    document: DocumentId,
    now_ms: i64,
) -> Result<BTreeSet<UserId>, StoreError> {
    let of_thread = || comments::table.filter(comments::thread_id.eq(thread.0.to_string()));
    let mut users: Vec<String> =
        of_thread().filter(comments::deleted_at_ms.is_null()).select(comments::author_id).load(connection)?;
    let ids: Vec<String> = of_thread().select(comments::id).load(connection)?;
    for ids in ids.chunks(super::CHUNK) {
        let spoken_to: Vec<String> =
            mentions::table.filter(mentions::comment_id.eq_any(ids)).select(mentions::user_id).load(connection)?;
        users.extend(spoken_to);
    }
    let users = users.iter().map(|user| uuid(user).map(UserId)).collect::<Result<_, _>>()?;
    readers(connection, document, &users, now_ms)
}

/// What people are told of.
struct About {
    document: DocumentId,
    comment: CommentId,
    thread: CommentId,
    actor: UserId,
}

/// Tells `users`, but not whoever did it.
fn tell(
    connection: &mut AnyConnection,
    about: &About,
    kind: NotificationKind,
    mut users: BTreeSet<UserId>,
    now_ms: i64,
) -> Result<Vec<Notified>, StoreError> {
    users.remove(&about.actor);
    let workspace: String =
        documents::table.find(about.document.0.to_string()).select(documents::workspace_id).first(connection)?;
    let notice = Notice {
        document: Some(about.document),
        comment: Some(about.comment),
        thread: Some(about.thread),
        actor: Some(about.actor),
        ..Notice::new(kind, WorkspaceId(uuid(&workspace)?))
    };
    notify(connection, &notice, &users, now_ms)
}

fn said(connection: &mut AnyConnection, changed: &[CommentId], notified: Vec<Notified>) -> Result<Said, StoreError> {
    let changed = changed.iter().map(|id| read::comment(connection, *id)).collect::<Result<_, _>>()?;
    Ok(Said { changed, notified })
}
