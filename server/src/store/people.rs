//! People, how they are signed in, and what they may do.
//!
//! Every transaction that changes who may do what begins with [`count_change`]: so such changes come one after the other,
//! and every server notices them.

mod invitations;
mod members;
mod rights;
mod share_links;
mod sign_ins;

use coval_shared::protocol::{SignInId, UserId};
use coval_shared::secret::Secret;
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::AnyConnection;
use super::schema::{rights_changes, users};
use super::{Store, StoreError, uuid};

pub use invitations::{Accepting, Invitation, NewInvitation};
pub use members::{Member, MemberChange, MemberPosition};
pub use rights::Grant;
pub(super) use rights::{put_workspace_role, read_role};
pub use share_links::{Joined, Joining, NewShareLink, ShareLink};
pub use sign_ins::{LiveSignIn, NewSignIn, Refreshed};
pub(super) use sign_ins::{Ticket, take_tickets};

/// Somebody who can be signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub id: UserId,
    /// How they sign in, in lower case; a guest has none.
    pub email: Option<String>,
    /// What to call them.
    pub name: String,
    /// The hash of their password, as a PHC string; a guest has none.
    pub password_hash: Option<Secret>,
    /// Whether they came by a share link.
    pub is_guest: bool,
    /// Whether they may read how the server is.
    pub is_operator: bool,
    /// When they were made, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When they were shut out, if they are.
    pub disabled_at_ms: Option<i64>,
}

/// Somebody new.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// Who they will be.
    pub id: UserId,
    /// How they sign in, in lower case.
    pub email: Option<&'a str>,
    /// What to call them.
    pub name: &'a str,
    /// The hash of their password.
    pub password_hash: Option<&'a Secret>,
    /// Whether they came by a share link.
    pub is_guest: bool,
    /// Whether they may read how the server is.
    pub is_operator: bool,
}

type Row = (String, Option<String>, String, Option<String>, bool, bool, i64, Option<i64>);

impl Store {
    /// Makes a user.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when the e-mail belongs to somebody.
    pub fn create_user(&self, new: &NewUser<'_>, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| insert_user(connection, new, now_ms))
    }

    /// Whoever signs in with `email`, which is in lower case.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let row: Option<Row> = users::table
            .filter(users::email.eq(email))
            .select(users::all_columns)
            .first(&mut *self.connection()?)
            .optional()?;
        row.map(account).transpose()
    }

    /// The user.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn account(&self, id: UserId) -> Result<Account, StoreError> {
        account(users::table.find(id.0.to_string()).select(users::all_columns).first(&mut *self.connection()?)?)
    }

    /// Everybody who is no guest, by their e-mail.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<Row> = users::table
            .filter(users::is_guest.eq(false))
            .order((users::email.asc(), users::id.asc()))
            .select(users::all_columns)
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(account).collect()
    }

    /// Calls the user `name` from now on.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such user.
    pub fn rename_user(&self, id: UserId, name: &str) -> Result<(), StoreError> {
        self.write(|connection| {
            // Servers keep names in mind along with rights.
            count_change(connection)?;
            one(diesel::update(users::table.find(id.0.to_string())).set(users::name.eq(name)).execute(connection)?)
        })
    }

    /// Replaces the password, and ends what was signed in with the one before, but for `except`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such user.
    pub fn set_password(
        &self,
        id: UserId,
        hash: &Secret,
        except: Option<SignInId>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let user = users::table.find(id.0.to_string());
            one(diesel::update(user).set(users::password_hash.eq(hash.reveal())).execute(connection)?)?;
            sign_ins::end_all(connection, id, except, now_ms)
        })
    }

    /// Shuts the user out from now on, or lets them in again.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such user.
    pub fn set_disabled(&self, id: UserId, is_disabled: bool, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let since = is_disabled.then_some(now_ms);
            let user = users::table.find(id.0.to_string());
            one(diesel::update(user).set(users::disabled_at_ms.eq(since)).execute(connection)?)?;
            if is_disabled { sign_ins::end_all(connection, id, None, now_ms) } else { Ok(()) }
        })
    }
}

/// Notes that who may do what is about to change. The lock that this takes is held to the end of the transaction.
pub(super) fn count_change(connection: &mut AnyConnection) -> Result<(), StoreError> {
    diesel::update(rights_changes::table)
        .set(rights_changes::count.eq(rights_changes::count + 1))
        .execute(connection)?;
    Ok(())
}

fn insert_user(connection: &mut AnyConnection, new: &NewUser<'_>, now_ms: i64) -> Result<(), StoreError> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(new.id.0.to_string()),
            users::email.eq(new.email),
            users::name.eq(new.name),
            users::password_hash.eq(new.password_hash.map(Secret::reveal)),
            users::is_guest.eq(new.is_guest),
            users::is_operator.eq(new.is_operator),
            users::created_at_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

fn account(row: Row) -> Result<Account, StoreError> {
    let (id, email, name, password_hash, is_guest, is_operator, created_at_ms, disabled_at_ms) = row;
    let id = UserId(uuid(&id)?);
    let password_hash = password_hash.map(Secret::new);
    Ok(Account { id, email, name, password_hash, is_guest, is_operator, created_at_ms, disabled_at_ms })
}

/// Whether the one row that was meant was there.
fn one(rows: usize) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// An id that sorts by when it was made.
fn new_id() -> Uuid {
    Uuid::now_v7()
}
