//! Members of workspaces and of documents.

use std::collections::BTreeSet;

use coval_shared::protocol::{DocumentId, ShareLinkId, UserId, WorkspaceId};
use coval_shared::rest::Action;
use coval_shared::rights::Role;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::count_change;
use super::rights::{put_workspace_role, read_role, workspace_role};
use crate::store::connection::AnyConnection;
use crate::store::events::{Event, record, record_in_document};
use crate::store::schema::{document_members, documents, invitations, share_links, users, workspace_members};
use crate::store::{Store, StoreError, uuid};

/// The share link of a grant that came by none.
pub(super) const NO_LINK: &str = "";

/// Somebody and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// What to call them.
    pub name: String,
    /// How they sign in; a guest has none.
    pub email: Option<String>,
    /// Whether they came by a share link.
    pub is_guest: bool,
    /// What they are.
    pub role: Role,
    /// Since when, in milliseconds since 1970 UTC.
    pub since_ms: i64,
    /// Until when, where it ends.
    pub until_ms: Option<i64>,
    /// The link by which they came.
    pub share_link: Option<ShareLinkId>,
}

/// Where a page of members ended: the next one begins after.
pub type MemberPosition = (i64, UserId, Option<ShareLinkId>);

/// What became of a change of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// It is done.
    Done,
    /// There is no such member.
    NoMember,
    /// The workspace would be without an owner: nothing was changed.
    LastOwner,
    /// There are as many members as there may be: nothing was changed.
    Full,
}

type Row = (String, String, Option<String>, bool, String, i64);
type DocumentRow = (String, String, Option<String>, bool, String, i64, Option<i64>, String);

impl Store {
    /// The first `limit` members of the workspace after `after`, in the order in which they came.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn workspace_members(
        &self,
        workspace: WorkspaceId,
        after: Option<MemberPosition>,
        limit: usize,
    ) -> Result<Vec<Member>, StoreError> {
        let (since, user) = after.map_or((i64::MIN, String::new()), |(since, user, _)| (since, user.0.to_string()));
        let is_later = workspace_members::joined_at_ms
            .gt(since)
            .or(workspace_members::joined_at_ms.eq(since).and(workspace_members::user_id.gt(user)));
        let rows: Vec<Row> = workspace_members::table
            .inner_join(users::table)
            .filter(workspace_members::workspace_id.eq(workspace.0.to_string()).and(is_later))
            .order((workspace_members::joined_at_ms.asc(), workspace_members::user_id.asc()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select((
                users::id,
                users::name,
                users::email,
                users::is_guest,
                workspace_members::role,
                workspace_members::joined_at_ms,
            ))
            .load(&mut *self.connection()?)?;
        rows.into_iter()
            .map(|(id, name, email, is_guest, role, since)| {
                member((id, name, email, is_guest, role, since, None, String::new()))
            })
            .collect()
    }

    /// Changes what a member of the workspace is.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn change_workspace_role(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        role: Role,
        by: UserId,
        now_ms: i64,
    ) -> Result<MemberChange, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            match workspace_role(connection, user, &workspace.0.to_string())? {
                None => Ok(MemberChange::NoMember),
                Some(Role::Owner) if role != Role::Owner && !has_other_owner(connection, workspace, user)? => {
                    Ok(MemberChange::LastOwner)
                }
                Some(from) if from == role => Ok(MemberChange::Done),
                Some(from) => {
                    put_workspace_role(connection, workspace, user, role, now_ms)?;
                    end_share_links(connection, user, &workspace.0.to_string(), now_ms)?;
                    let action = Action::MemberRoleChanged { user, from, to: role };
                    record(connection, &Event { workspace, at_ms: now_ms, actor: Some(by), document: None, action })?;
                    Ok(MemberChange::Done)
                }
            }
        })
    }

    /// Takes the member out of the workspace: with all rights on its documents, and with the invitations and share links
    /// that would bring them back.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn remove_workspace_member(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        by: UserId,
        now_ms: i64,
    ) -> Result<MemberChange, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let (place, person) = (workspace.0.to_string(), user.0.to_string());
            match workspace_role(connection, user, &place)? {
                None => return Ok(MemberChange::NoMember),
                Some(Role::Owner) if !has_other_owner(connection, workspace, user)? => {
                    return Ok(MemberChange::LastOwner);
                }
                Some(_) => {}
            }
            diesel::delete(workspace_members::table.find((&place, &person))).execute(connection)?;
            diesel::sql_query(
                "DELETE FROM document_members WHERE user_id = $1 \
                 AND document_id IN (SELECT id FROM documents WHERE workspace_id = $2)",
            )
            .bind::<Text, _>(&person)
            .bind::<Text, _>(&place)
            .execute(connection)?;
            let open = invitations::invited_by.eq(&person).and(invitations::accepted_at_ms.is_null());
            diesel::delete(invitations::table.filter(invitations::workspace_id.eq(&place).and(open)))
                .execute(connection)?;
            end_share_links(connection, user, &place, now_ms)?;
            let action = Action::MemberRemoved { user };
            record(connection, &Event { workspace, at_ms: now_ms, actor: Some(by), document: None, action })?;
            Ok(MemberChange::Done)
        })
    }

    /// The first `limit` people with rights on the document beside those of its workspace, after `after`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn document_members(
        &self,
        document: DocumentId,
        after: Option<MemberPosition>,
        limit: usize,
        now_ms: i64,
    ) -> Result<Vec<Member>, StoreError> {
        let (since, user, link) = after.map_or((i64::MIN, String::new(), String::new()), |(since, user, link)| {
            (since, user.0.to_string(), link.map(|link| link.0.to_string()).unwrap_or_default())
        });
        let is_same = document_members::granted_at_ms.eq(since);
        let is_same_user = document_members::user_id.eq(user.clone()).and(document_members::share_link_id.gt(link));
        let is_later = document_members::granted_at_ms
            .gt(since)
            .or(is_same.and(document_members::user_id.gt(user).or(is_same_user)));
        let is_now = document_members::expires_at_ms.is_null().or(document_members::expires_at_ms.gt(now_ms));
        let rows: Vec<DocumentRow> = document_members::table
            .inner_join(users::table)
            .filter(document_members::document_id.eq(document.0.to_string()).and(is_later).and(is_now))
            .order((
                document_members::granted_at_ms.asc(),
                document_members::user_id.asc(),
                document_members::share_link_id.asc(),
            ))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select((
                users::id,
                users::name,
                users::email,
                users::is_guest,
                document_members::role,
                document_members::granted_at_ms,
                document_members::expires_at_ms,
                document_members::share_link_id,
            ))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(member).collect()
    }

    /// Gives somebody who is in the workspace, or has rights on the document already, a role for the document itself.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn set_document_role(
        &self,
        document: DocumentId,
        user: UserId,
        role: Role,
        most: i64,
        by: UserId,
        now_ms: i64,
    ) -> Result<MemberChange, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let (key, person) = (document.0.to_string(), user.0.to_string());
            let workspace: String = documents::table.find(&key).select(documents::workspace_id).first(connection)?;
            let others: BTreeSet<String> = document_members::table
                .filter(document_members::document_id.eq(&key).and(document_members::user_id.eq(&person)))
                .select(document_members::share_link_id)
                .load(connection)?
                .into_iter()
                .collect();
            if others.is_empty() && workspace_role(connection, user, &workspace)?.is_none() {
                return Ok(MemberChange::NoMember);
            }
            if others.contains(NO_LINK) {
                diesel::update(document_members::table.find((&key, &person, NO_LINK)))
                    .set(document_members::role.eq(role.name()))
                    .execute(connection)?;
                end_share_links(connection, user, &workspace, now_ms)?;
                let action = Action::DocumentShared { user, role };
                record_in_document(connection, document, Some(by), action, now_ms)?;
                return Ok(MemberChange::Done);
            }
            let count: i64 = document_members::table
                .filter(document_members::document_id.eq(&key))
                .count()
                .get_result(connection)?;
            if count >= most {
                return Ok(MemberChange::Full);
            }
            insert_document_member(connection, &key, &person, NO_LINK, role, None, now_ms)?;
            record_in_document(connection, document, Some(by), Action::DocumentShared { user, role }, now_ms)?;
            Ok(MemberChange::Done)
        })
    }

    /// Takes away all rights that the person has on the document itself; those of its workspace stay.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn remove_document_member(
        &self,
        document: DocumentId,
        user: UserId,
        by: UserId,
        now_ms: i64,
    ) -> Result<MemberChange, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let own = document_members::user_id.eq(user.0.to_string());
            let removed = diesel::delete(
                document_members::table.filter(document_members::document_id.eq(document.0.to_string()).and(own)),
            )
            .execute(connection)?;
            if removed == 0 {
                return Ok(MemberChange::NoMember);
            }
            let workspace: String =
                documents::table.find(document.0.to_string()).select(documents::workspace_id).first(connection)?;
            end_share_links(connection, user, &workspace, now_ms)?;
            record_in_document(connection, document, Some(by), Action::DocumentUnshared { user }, now_ms)?;
            Ok(MemberChange::Done)
        })
    }
}

/// Ends the share links that the person made in the workspace and could not make any more: a link lets nobody in whom
/// its maker may not let in.
fn end_share_links(
    connection: &mut AnyConnection,
    user: UserId,
    workspace: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    if workspace_role(connection, user, workspace)? == Some(Role::Owner) {
        return Ok(());
    }
    let person = user.0.to_string();
    let is_good = document_members::expires_at_ms.is_null().or(document_members::expires_at_ms.gt(now_ms));
    let owned: BTreeSet<String> = document_members::table
        .filter(document_members::user_id.eq(&person).and(document_members::role.eq(Role::Owner.name())).and(is_good))
        .select(document_members::document_id)
        .load(connection)?
        .into_iter()
        .collect();
    let links: Vec<(String, String)> = share_links::table
        .inner_join(documents::table)
        .filter(share_links::created_by.eq(&person).and(share_links::revoked_at_ms.is_null()))
        .filter(documents::workspace_id.eq(workspace))
        .select((share_links::id, share_links::document_id))
        .load(connection)?;
    for (link, document) in links {
        if !owned.contains(&document) {
            super::share_links::revoke(connection, &link, now_ms)?;
        }
    }
    Ok(())
}

pub(super) fn insert_document_member(
    connection: &mut AnyConnection,
    document: &str,
    user: &str,
    link: &str,
    role: Role,
    until_ms: Option<i64>,
    now_ms: i64,
) -> Result<(), StoreError> {
    diesel::insert_into(document_members::table)
        .values((
            document_members::document_id.eq(document),
            document_members::user_id.eq(user),
            document_members::share_link_id.eq(link),
            document_members::role.eq(role.name()),
            document_members::granted_at_ms.eq(now_ms),
            document_members::expires_at_ms.eq(until_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether the workspace has an owner beside `user` who can sign in.
fn has_other_owner(connection: &mut AnyConnection, workspace: WorkspaceId, user: UserId) -> Result<bool, StoreError> {
    let is_other = workspace_members::user_id.ne(user.0.to_string()).and(users::disabled_at_ms.is_null());
    let is_owner = workspace_members::role.eq(Role::Owner.name()).and(is_other);
    let others: i64 = workspace_members::table
        .inner_join(users::table)
        .filter(workspace_members::workspace_id.eq(workspace.0.to_string()).and(is_owner))
        .count()
        .get_result(connection)?;
    Ok(others > 0)
}

fn member(row: DocumentRow) -> Result<Member, StoreError> {
    let (id, name, email, is_guest, role, since_ms, until_ms, link) = row;
    let share_link = if link == NO_LINK { None } else { Some(ShareLinkId(uuid(&link)?)) };
    let (user, role) = (UserId(uuid(&id)?), read_role(&role)?);
    Ok(Member { user, name, email, is_guest, role, since_ms, until_ms, share_link })
}
