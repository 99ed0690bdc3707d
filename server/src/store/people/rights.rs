//! What somebody may do, as the database has it.

use coval_shared::protocol::{DocumentId, UserId, WorkspaceId};
use coval_shared::rights::Role;
use diesel::prelude::*;

use crate::store::connection::AnyConnection;
use crate::store::schema::{document_members, documents, rights_changes, workspace_members};
use crate::store::{Store, StoreError, unsigned};

/// How many times over a branch may be of a branch.
const GENERATIONS: usize = 64;

/// A role, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// When it ends or becomes a lower one, in milliseconds since 1970 UTC; nothing when it does not by itself.
    pub until_ms: Option<i64>,
    /// Whether the document is in the archive, or a branch of one that is: nobody edits it there.
    pub is_archived: bool,
}

impl Grant {
    /// Whether this is the higher role, or the same for longer.
    fn beats(self, other: Self) -> bool {
        let end = |grant: Self| grant.until_ms.unwrap_or(i64::MAX);
        (self.role, end(self)) > (other.role, end(other))
    }
}

impl Store {
    /// What `user` is for the document: the highest of what they are in its workspace, for itself, and for the
    /// document that it is a branch of.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn document_grant(&self, user: UserId, document: DocumentId, now_ms: i64) -> Result<Option<Grant>, StoreError> {
        let connection = &mut *self.connection()?;
        let Some(Family { workspace, documents: family, is_archived }) = family(connection, document)? else {
            return Ok(None);
        };
        let member = workspace_role(connection, user, &workspace)?;
        let rows: Vec<(String, Option<i64>)> = document_members::table
            .filter(document_members::document_id.eq_any(family))
            .filter(document_members::user_id.eq(user.0.to_string()))
            .select((document_members::role, document_members::expires_at_ms))
            .load(connection)?;
        let mut best = member.map(|role| Grant { role, until_ms: None, is_archived });
        for (role, until_ms) in rows {
            let grant = Grant { role: read_role(&role)?, until_ms, is_archived };
            let is_over = until_ms.is_some_and(|until| until <= now_ms);
            if !is_over && best.is_none_or(|best| grant.beats(best)) {
                best = Some(grant);
            }
        }
        Ok(best)
    }

    /// What `user` is in the workspace.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn workspace_role(&self, user: UserId, workspace: WorkspaceId) -> Result<Option<Role>, StoreError> {
        workspace_role(&mut *self.connection()?, user, &workspace.0.to_string())
    }

    /// The workspace that the document belongs to.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn workspace_of(&self, document: DocumentId) -> Result<WorkspaceId, StoreError> {
        let id: String = documents::table
            .find(document.0.to_string())
            .select(documents::workspace_id)
            .first(&mut *self.connection()?)?;
        crate::store::uuid(&id).map(WorkspaceId)
    }

    /// How often it changed who may do what.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn rights_changes(&self) -> Result<u64, StoreError> {
        unsigned(rights_changes::table.select(rights_changes::count).first(&mut *self.connection()?)?)
    }

    /// Makes `user` what `role` says in the workspace, whatever they were.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn set_workspace_role(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        role: Role,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.write(|connection| {
            super::count_change(connection)?;
            put_workspace_role(connection, workspace, user, role, now_ms)
        })
    }
}

/// A document with those that it is a branch of: whose rights it shares.
struct Family {
    workspace: String,
    documents: Vec<String>,
    /// Whether one of them is in the archive.
    is_archived: bool,
}

fn family(connection: &mut AnyConnection, document: DocumentId) -> Result<Option<Family>, StoreError> {
    let mut family = vec![document.0.to_string()];
    let mut is_archived = false;
    loop {
        let row: Option<(String, Option<String>, Option<i64>)> = match family.last() {
            Some(last) => documents::table
                .find(last)
                .select((documents::workspace_id, documents::parent_id, documents::archived_at_ms))
                .first(connection)
                .optional()?,
            None => None,
        };
        let Some((workspace, parent, archived_at_ms)) = row else { return Ok(None) };
        is_archived |= archived_at_ms.is_some();
        match parent {
            Some(parent) if family.len() < GENERATIONS => family.push(parent),
            _ => return Ok(Some(Family { workspace, documents: family, is_archived })),
        }
    }
}

pub(in crate::store) fn put_workspace_role(
    connection: &mut AnyConnection,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    now_ms: i64,
) -> Result<(), StoreError> {
    let (workspace, user) = (workspace.0.to_string(), user.0.to_string());
    let changed = diesel::update(workspace_members::table.find((&workspace, &user)))
        .set(workspace_members::role.eq(role.name()))
        .execute(connection)?;
    if changed == 0 {
        diesel::insert_into(workspace_members::table)
            .values((
                workspace_members::workspace_id.eq(workspace),
                workspace_members::user_id.eq(user),
                workspace_members::role.eq(role.name()),
                workspace_members::joined_at_ms.eq(now_ms),
            ))
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn workspace_role(
    connection: &mut AnyConnection,
    user: UserId,
    workspace: &str,
) -> Result<Option<Role>, StoreError> {
    let role: Option<String> = workspace_members::table
        .find((workspace, user.0.to_string()))
        .select(workspace_members::role)
        .first(connection)
        .optional()?;
    role.map(|role| read_role(&role)).transpose()
}

pub(in crate::store) fn read_role(name: &str) -> Result<Role, StoreError> {
    Role::named(name).ok_or_else(|| StoreError::Corrupt(format!("{name:?} is no role")))
}
