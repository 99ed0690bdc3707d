//! What people are told, wherever they are.

use std::collections::BTreeSet;

use coval_shared::limits::NOTIFICATIONS;
use coval_shared::protocol::{
    CommentId, DocumentId, JobId, Named, Notification, NotificationId, NotificationKind, UserId, WorkspaceId,
};
use coval_shared::rights::Role;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::connection::AnyConnection;
use super::names::{names, titles};
use super::schema::notifications;
use super::{Store, StoreError, uuid};

/// Something that people are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub kind: NotificationKind,
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// The document concerned.
    pub document: Option<DocumentId>,
    /// The comment concerned.
    pub comment: Option<CommentId>,
    /// The thread that the comment is in.
    pub thread: Option<CommentId>,
    /// The role that somebody has now.
    pub role: Option<Role>,
    /// The calculation concerned.
    pub calculation: Option<JobId>,
    /// Who did it; none for the server itself.
    pub actor: Option<UserId>,
}

impl Notice {
    /// That `kind` happened in a workspace, and nothing more.
    #[must_use]
    pub fn new(kind: NotificationKind, workspace: WorkspaceId) -> Self {
        Self {
            kind,
            workspace,
            document: None,
            comment: None,
            thread: None,
            role: None,
            calculation: None,
            actor: None,
        }
    }
}

/// Somebody who is to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notified {
    /// Who.
    pub user: UserId,
    /// What.
    pub notification: Notification,
}

impl Store {
    /// Notes what each of `users` is to be told.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn notify(&self, notice: &Notice, users: &BTreeSet<UserId>, now_ms: i64) -> Result<Vec<Notified>, StoreError> {
        self.write(|connection| notify(connection, notice, users, now_ms))
    }

    /// What `user` was told, the newest first: so many that are older than `before`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn notifications(
        &self,
        user: UserId,
        before: Option<NotificationId>,
        limit: usize,
    ) -> Result<Vec<Notification>, StoreError> {
        let mut wanted = notifications::table
            .filter(notifications::user_id.eq(user.0.to_string()))
            .order(notifications::id.desc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .into_boxed();
        if let Some(before) = before {
            wanted = wanted.filter(notifications::id.lt(before.0.to_string()));
        }
        let connection = &mut *self.connection()?;
        let rows: Vec<Row> = wanted.load(connection)?;
        read(connection, rows)
    }

    /// How many of them `user` has not taken note of.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn unread_notifications(&self, user: UserId) -> Result<u64, StoreError> {
        let count: i64 = notifications::table
            .filter(notifications::user_id.eq(user.0.to_string()).and(notifications::read_at_ms.is_null()))
            .count()
            .get_result(&mut *self.connection()?)?;
        super::unsigned(count)
    }

    /// Notes that `user` has taken note of those that are named, or of all.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn read_notifications(
        &self,
        user: UserId,
        only: Option<&[NotificationId]>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.write(|connection| {
            let unread = notifications::table
                .filter(notifications::user_id.eq(user.0.to_string()).and(notifications::read_at_ms.is_null()));
            let read = notifications::read_at_ms.eq(now_ms);
            match only {
                None => diesel::update(unread).set(read).execute(connection)?,
                Some(only) => {
                    let ids: Vec<String> = only.iter().map(|id| id.0.to_string()).collect();
                    diesel::update(unread.filter(notifications::id.eq_any(ids))).set(read).execute(connection)?
                }
            };
            Ok(())
        })
    }
}

/// Notes what each of `users` is to be told, in the transaction of what happened. What they were told very long ago is
/// forgotten.
pub(super) fn notify(
    connection: &mut AnyConnection,
    notice: &Notice,
    users: &BTreeSet<UserId>,
    now_ms: i64,
) -> Result<Vec<Notified>, StoreError> {
    let kind = json(&notice.kind)?;
    let detail = Detail { thread: notice.thread, role: notice.role, calculation: notice.calculation };
    let detail = json(&detail)?;
    let mut notified = Vec::new();
    for user in users {
        let row = Row {
            id: Uuid::now_v7().to_string(),
            user_id: user.0.to_string(),
            kind: kind.clone(),
            detail: detail.clone(),
            workspace_id: notice.workspace.0.to_string(),
            document_id: notice.document.map(|document| document.0.to_string()),
            comment_id: notice.comment.map(|comment| comment.0.to_string()),
            actor_id: notice.actor.map(|actor| actor.0.to_string()),
            created_at_ms: now_ms,
            read_at_ms: None,
        };
        diesel::insert_into(notifications::table).values(&row).execute(connection)?;
        let of_user = notifications::table.filter(notifications::user_id.eq(&row.user_id));
        let oldest: Option<String> = of_user
            .order(notifications::id.desc())
            .offset(i64::try_from(NOTIFICATIONS).unwrap_or(i64::MAX))
            .select(notifications::id)
            .first(connection)
            .optional()?;
        if let Some(oldest) = oldest {
            diesel::delete(of_user.filter(notifications::id.le(oldest))).execute(connection)?;
        }
        let notification = read(connection, vec![row])?.pop().ok_or(StoreError::NotFound)?;
        notified.push(Notified { user: *user, notification });
    }
    Ok(notified)
}

/// Takes back what people were told of a comment.
pub(super) fn forget(connection: &mut AnyConnection, comment: CommentId) -> Result<(), StoreError> {
    let of_comment = notifications::table.filter(notifications::comment_id.eq(comment.0.to_string()));
    diesel::delete(of_comment).execute(connection)?;
    Ok(())
}

#[derive(Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = notifications)]
struct Row {
    id: String,
    user_id: String,
    kind: String,
    detail: String,
    workspace_id: String,
    document_id: Option<String>,
    comment_id: Option<String>,
    actor_id: Option<String>,
    created_at_ms: i64,
    read_at_ms: Option<i64>,
}

/// What only some kinds of notifications have.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(skip_serializing_if = "Option::is_none")]
    thread: Option<CommentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calculation: Option<JobId>,
}

fn read(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Notification>, StoreError> {
    let actors: BTreeSet<String> = rows.iter().filter_map(|row| row.actor_id.clone()).collect();
    let names = names(connection, &actors)?;
    let titles = titles(connection, rows.iter().filter_map(|row| row.document_id.as_ref()))?;
    rows.into_iter()
        .map(|row| {
            let detail: Detail = read_json(&row.detail)?;
            let actor = |id: String| -> Result<Named, StoreError> {
                Ok(Named { id: UserId(uuid(&id)?), name: names.get(&id).cloned().unwrap_or_default() })
            };
            Ok(Notification {
                id: NotificationId(uuid(&row.id)?),
                kind: read_json(&row.kind)?,
                workspace: WorkspaceId(uuid(&row.workspace_id)?),
                title: row.document_id.as_ref().and_then(|document| titles.get(document).cloned()),
                document: row.document_id.as_deref().map(uuid).transpose()?.map(DocumentId),
                comment: row.comment_id.as_deref().map(uuid).transpose()?.map(CommentId),
                thread: detail.thread,
                role: detail.role,
                calculation: detail.calculation,
                actor: row.actor_id.map(actor).transpose()?,
                created_at_ms: row.created_at_ms,
                read_at_ms: row.read_at_ms,
            })
        })
        .collect()
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a notification: {error}")))
}
