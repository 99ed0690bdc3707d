//! Invitations to workspaces.

use coval_shared::protocol::{InvitationId, UserId, WorkspaceId};
use coval_shared::rest::Action;
use coval_shared::rights::Role;
use diesel::prelude::*;

use super::rights::{put_workspace_role, read_role, workspace_role};
use super::{NewUser, count_change, insert_user};
use crate::store::events::{Event, record};
use crate::store::schema::{invitations, users};
use crate::store::{Store, StoreError, uuid};

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// Where it leads.
    pub workspace: WorkspaceId,
    /// Who may accept it, in lower case; nothing if whoever holds it may.
    pub email: Option<String>,
    /// What they will be.
    pub role: Role,
    /// Who invites.
    pub invited_by: UserId,
    /// What the one who invites is called.
    pub inviter: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Until when.
    pub expires_at_ms: i64,
}

/// An invitation to come.
#[derive(Clone, Debug)]
pub struct NewInvitation<'a> {
    /// The invitation.
    pub id: InvitationId,
    /// The hash of its token.
    pub token_hash: &'a str,
    /// Where it leads.
    pub workspace: WorkspaceId,
    /// Who may accept it, in lower case; nothing if whoever holds it may.
    pub email: Option<&'a str>,
    /// What they will be.
    pub role: Role,
    /// Who invites.
    pub invited_by: UserId,
    /// Until when, in milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// Who accepts an invitation.
#[derive(Clone, Debug)]
pub enum Accepting<'a> {
    /// Somebody who has an account.
    Known(UserId),
    /// Somebody who gets one by it.
    New(NewUser<'a>),
}

type Row = (String, String, Option<String>, String, String, String, i64, i64);

impl Store {
    /// Invites. Returns whether there was room for one more of at most `most` that are open.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn invite(&self, new: &NewInvitation<'_>, most: i64, now_ms: i64) -> Result<bool, StoreError> {
        self.write(|connection| {
            let workspace = new.workspace.0.to_string();
            let is_over = invitations::expires_at_ms.le(now_ms).and(invitations::accepted_at_ms.is_null());
            diesel::delete(invitations::table.filter(invitations::workspace_id.eq(&workspace).and(is_over)))
                .execute(connection)?;
            let open: i64 = invitations::table
                .filter(invitations::workspace_id.eq(&workspace).and(invitations::accepted_at_ms.is_null()))
                .count()
                .get_result(connection)?;
            if open >= most {
                return Ok(false);
            }
            diesel::insert_into(invitations::table)
                .values((
                    invitations::id.eq(new.id.0.to_string()),
                    invitations::token_hash.eq(new.token_hash),
                    invitations::workspace_id.eq(&workspace),
                    invitations::email.eq(new.email),
                    invitations::role.eq(new.role.name()),
                    invitations::invited_by.eq(new.invited_by.0.to_string()),
                    invitations::created_at_ms.eq(now_ms),
                    invitations::expires_at_ms.eq(new.expires_at_ms),
                ))
                .execute(connection)?;
            let (workspace, actor) = (new.workspace, Some(new.invited_by));
            let action = Action::MemberInvited { role: new.role };
            record(connection, &Event { workspace, at_ms: now_ms, actor, document: None, action })?;
            Ok(true)
        })
    }

    /// The first `limit` open invitations to the workspace after `after`, the oldest first.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn invitations(
        &self,
        workspace: WorkspaceId,
        after: Option<(i64, InvitationId)>,
        limit: usize,
        now_ms: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        let (since, id) = after.map_or((i64::MIN, String::new()), |(since, id)| (since, id.0.to_string()));
        let is_later =
            invitations::created_at_ms.gt(since).or(invitations::created_at_ms.eq(since).and(invitations::id.gt(id)));
        let rows: Vec<Row> = open(now_ms)
            .filter(invitations::workspace_id.eq(workspace.0.to_string()).and(is_later))
            .order((invitations::created_at_ms.asc(), invitations::id.asc()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(invitation).collect()
    }

    /// The open invitation.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn invitation(&self, id: InvitationId, now_ms: i64) -> Result<Option<Invitation>, StoreError> {
        let row: Option<Row> =
            open(now_ms).filter(invitations::id.eq(id.0.to_string())).first(&mut *self.connection()?).optional()?;
        row.map(invitation).transpose()
    }

    /// The open invitation with that token.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn invitation_of(&self, token_hash: &str, now_ms: i64) -> Result<Option<Invitation>, StoreError> {
        let row: Option<Row> =
            open(now_ms).filter(invitations::token_hash.eq(token_hash)).first(&mut *self.connection()?).optional()?;
        row.map(invitation).transpose()
    }

    /// Takes the invitation back. Returns whether it was open.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn withdraw_invitation(&self, id: InvitationId, by: UserId, now_ms: i64) -> Result<bool, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let key = id.0.to_string();
            let open = || invitations::table.find(&key).filter(invitations::accepted_at_ms.is_null());
            let workspace: Option<String> = open().select(invitations::workspace_id).first(connection).optional()?;
            let Some(workspace) = workspace else { return Ok(false) };
            diesel::delete(open()).execute(connection)?;
            let (workspace, action) = (WorkspaceId(uuid(&workspace)?), Action::InvitationRevoked);
            record(connection, &Event { workspace, at_ms: now_ms, actor: Some(by), document: None, action })?;
            Ok(true)
        })
    }

    /// Makes whoever accepts a member, once. Returns where; nothing when the invitation is not open any more.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when the e-mail of a new account belongs to somebody.
    pub fn accept_invitation(
        &self,
        token_hash: &str,
        who: &Accepting<'_>,
        now_ms: i64,
    ) -> Result<Option<Invitation>, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let row: Option<Row> =
                open(now_ms).filter(invitations::token_hash.eq(token_hash)).first(connection).optional()?;
            let Some(invitation) = row.map(invitation).transpose()? else { return Ok(None) };
            let user = match who {
                Accepting::Known(user) => *user,
                Accepting::New(new) => {
                    insert_user(connection, new, now_ms)?;
                    new.id
                }
            };
            diesel::update(invitations::table.find(invitation.id.0.to_string()))
                .set((invitations::accepted_at_ms.eq(now_ms), invitations::accepted_by.eq(user.0.to_string())))
                .execute(connection)?;
            let before = workspace_role(connection, user, &invitation.workspace.0.to_string())?;
            if before.is_none_or(|before| before < invitation.role) {
                put_workspace_role(connection, invitation.workspace, user, invitation.role, now_ms)?;
                let (workspace, role) = (invitation.workspace, invitation.role);
                let action = Action::MemberAdded { user, role };
                record(connection, &Event { workspace, at_ms: now_ms, actor: Some(user), document: None, action })?;
            }
            Ok(Some(invitation))
        })
    }
}

/// The invitations that can be accepted, with who invites.
#[diesel::dsl::auto_type(no_type_alias)]
fn open(now_ms: i64) -> _ {
    invitations::table
        .inner_join(users::table)
        .filter(invitations::accepted_at_ms.is_null().and(invitations::expires_at_ms.gt(now_ms)))
        .select((
            invitations::id,
            invitations::workspace_id,
            invitations::email,
            invitations::role,
            invitations::invited_by,
            users::name,
            invitations::created_at_ms,
            invitations::expires_at_ms,
        ))
}

fn invitation(row: Row) -> Result<Invitation, StoreError> {
    let (id, workspace, email, role, invited_by, inviter, created_at_ms, expires_at_ms) = row;
    let (id, workspace) = (InvitationId(uuid(&id)?), WorkspaceId(uuid(&workspace)?));
    let (role, invited_by) = (read_role(&role)?, UserId(uuid(&invited_by)?));
    Ok(Invitation { id, workspace, email, role, invited_by, inviter, created_at_ms, expires_at_ms })
}
