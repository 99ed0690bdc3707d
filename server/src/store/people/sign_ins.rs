//! Browsers that somebody is signed in with, and tickets for sockets.

use coval_shared::protocol::{SignInId, UserId};
use diesel::prelude::*;

use super::{count_change, new_id};
use crate::store::connection::AnyConnection;
use crate::store::schema::{sign_ins, tickets, users};
use crate::store::{Connections, Store, StoreError, uuid};

/// How many sign-ins of one person live at once; with one more, the one that was idle longest ends.
const SIGN_INS: i64 = 50;

/// For how long after it was replaced a refresh token gives its successor again: two tabs refresh at once, and answers
/// get lost.
const GRACE_MS: i64 = 15_000;

/// A sign-in that begins.
#[derive(Clone, Debug)]
pub struct NewSignIn<'a> {
    /// Who signs in.
    pub user: UserId,
    /// The hash of the first refresh token.
    pub refresh_hash: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
    /// Until when it lasts without a refresh, in milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// A sign-in that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSignIn {
    /// The sign-in.
    pub id: SignInId,
    /// Who is signed in.
    pub user: UserId,
    /// What to call them.
    pub name: String,
    /// Whether they came by a share link.
    pub is_guest: bool,
    /// Whether they may read how the server is.
    pub is_operator: bool,
    /// Until when it lasts without a refresh, in milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// What a refresh token was good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Its successor takes its place.
    Yes(LiveSignIn),
    /// It was used before, so that somebody else has it as well: the sign-in has ended.
    Reused,
    /// It belongs to no sign-in that lives.
    Unknown,
}

type Row = (String, String, String, bool, bool, i64);

impl Store {
    /// Notes that somebody signed in.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn begin_sign_in(&self, new: &NewSignIn<'_>, now_ms: i64) -> Result<SignInId, StoreError> {
        let id = SignInId(new_id());
        let user = new.user.0.to_string();
        self.write(|connection| {
            insert(connection, id, new, now_ms)?;
            let oldest: Option<String> = sign_ins::table
                .filter(sign_ins::user_id.eq(&user).and(sign_ins::ended_at_ms.is_null()))
                .order((sign_ins::refreshed_at_ms.desc(), sign_ins::id.desc()))
                .offset(SIGN_INS)
                .select(sign_ins::id)
                .first(connection)
                .optional()?;
            if let Some(oldest) = oldest {
                count_change(connection)?;
                diesel::update(sign_ins::table.find(oldest))
                    .set(sign_ins::ended_at_ms.eq(now_ms))
                    .execute(connection)?;
            }
            Ok(id)
        })
    }

    /// Replaces the refresh token whose hash is `old` by the one whose hash is `new`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the database fails.
    pub fn refresh_sign_in(
        &self,
        old: &str,
        new: &str,
        expires_at_ms: i64,
        now_ms: i64,
    ) -> Result<Refreshed, StoreError> {
        self.write(|connection| {
            let current = sign_ins::table.filter(sign_ins::refresh_hash.eq(old).and(sign_ins::ended_at_ms.is_null()));
            let moved = diesel::update(current.filter(sign_ins::expires_at_ms.gt(now_ms)))
                .set((
                    sign_ins::refresh_hash.eq(new),
                    sign_ins::previous_hash.eq(old),
                    sign_ins::refreshed_at_ms.eq(now_ms),
                    sign_ins::expires_at_ms.eq(expires_at_ms),
                ))
                .execute(connection)?;
            if moved > 0 {
                let row: Option<Row> =
                    live(now_ms).filter(sign_ins::refresh_hash.eq(new)).first(connection).optional()?;
                return row.map_or(Ok(Refreshed::Unknown), |row| sign_in(row).map(Refreshed::Yes));
            }
            let before = live(now_ms).filter(sign_ins::previous_hash.eq(old));
            let row: Option<Row> = before.first(connection).optional()?;
            let Some(row) = row else { return Ok(Refreshed::Unknown) };
            let is_recent: Option<String> = sign_ins::table
                .find(&row.0)
                .filter(sign_ins::refresh_hash.eq(new).and(sign_ins::refreshed_at_ms.ge(now_ms - GRACE_MS)))
                .select(sign_ins::id)
                .first(connection)
                .optional()?;
            if is_recent.is_some() {
                return sign_in(row).map(Refreshed::Yes);
            }
            count_change(connection)?;
            diesel::update(sign_ins::table.find(&row.0)).set(sign_ins::ended_at_ms.eq(now_ms)).execute(connection)?;
            Ok(Refreshed::Reused)
        })
    }

    /// Ends one sign-in.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn end_sign_in(&self, id: SignInId, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            diesel::update(sign_ins::table.find(id.0.to_string()).filter(sign_ins::ended_at_ms.is_null()))
                .set(sign_ins::ended_at_ms.eq(now_ms))
                .execute(connection)?;
            Ok(())
        })
    }

    /// Ends all sign-ins of `user`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn end_all_sign_ins(&self, user: UserId, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            end_all(connection, user, None, now_ms)
        })
    }

    /// The sign-in, if it lives and belongs to `user`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn live_sign_in(&self, user: UserId, id: SignInId, now_ms: i64) -> Result<Option<LiveSignIn>, StoreError> {
        let row: Option<Row> = live(now_ms)
            .filter(sign_ins::id.eq(id.0.to_string()).and(sign_ins::user_id.eq(user.0.to_string())))
            .first(&mut *self.connection()?)
            .optional()?;
        row.map(sign_in).transpose()
    }

    /// Keeps a ticket for one socket, and forgets those whose time is over.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn add_ticket(&self, hash: &str, id: SignInId, expires_at_ms: i64, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            diesel::delete(tickets::table.filter(tickets::expires_at_ms.le(now_ms))).execute(connection)?;
            diesel::insert_into(tickets::table)
                .values((
                    tickets::hash.eq(hash),
                    tickets::sign_in_id.eq(id.0.to_string()),
                    tickets::expires_at_ms.eq(expires_at_ms),
                ))
                .execute(connection)?;
            Ok(())
        })
    }
}

/// A ticket that somebody shows.
#[derive(Clone, Debug)]
pub(in crate::store) struct Ticket {
    pub(in crate::store) hash: String,
    /// When, in milliseconds since 1970 UTC.
    pub(in crate::store) now_ms: i64,
}

/// Takes the tickets, which are then gone, in one transaction: whose each was, if it was good.
pub(in crate::store) fn take_tickets(
    store: &Connections,
    tickets: &[Ticket],
) -> Vec<Result<Option<LiveSignIn>, StoreError>> {
    let mut order: Vec<(usize, &Ticket)> = tickets.iter().enumerate().collect();
    // Rows are locked in one order everywhere, so that no two transactions wait for each other.
    order.sort_by(|(_, a), (_, b)| a.hash.cmp(&b.hash));
    let taken = store.write(|connection| {
        let take = |(place, ticket): (usize, &Ticket)| Ok((place, take_ticket(connection, ticket)?));
        order.into_iter().map(take).collect::<Result<Vec<_>, StoreError>>()
    });
    match taken {
        Ok(mut taken) => {
            taken.sort_by_key(|(place, _)| *place);
            taken.into_iter().map(|(_, whose)| Ok(whose)).collect()
        }
        Err(error) => vec![Err(error); tickets.len()],
    }
}

fn take_ticket(connection: &mut AnyConnection, ticket: &Ticket) -> Result<Option<LiveSignIn>, StoreError> {
    let Ticket { hash, now_ms } = ticket;
    // Marked as spent by the write that takes the lock; of two who come at once, one finds nothing to mark.
    let is_good = tickets::expires_at_ms.gt(now_ms);
    let spent = diesel::update(tickets::table.find(hash).filter(is_good))
        .set(tickets::expires_at_ms.eq(0))
        .execute(connection)?;
    if spent == 0 {
        return Ok(None);
    }
    let id: String = tickets::table.find(hash).select(tickets::sign_in_id).first(connection)?;
    diesel::delete(tickets::table.find(hash)).execute(connection)?;
    let row: Option<Row> = live(*now_ms).filter(sign_ins::id.eq(id)).first(connection).optional()?;
    row.map(sign_in).transpose()
}

/// Ends the sign-ins of `user`, but for `except`.
pub(super) fn end_all(
    connection: &mut AnyConnection,
    user: UserId,
    except: Option<SignInId>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let except = except.map(|id| id.0.to_string()).unwrap_or_default();
    let others = sign_ins::user_id.eq(user.0.to_string()).and(sign_ins::id.ne(except));
    diesel::update(sign_ins::table.filter(others.and(sign_ins::ended_at_ms.is_null())))
        .set(sign_ins::ended_at_ms.eq(now_ms))
        .execute(connection)?;
    Ok(())
}

pub(super) fn insert(
    connection: &mut AnyConnection,
    id: SignInId,
    new: &NewSignIn<'_>,
    now_ms: i64,
) -> Result<(), StoreError> {
    diesel::insert_into(sign_ins::table)
        .values((
            sign_ins::id.eq(id.0.to_string()),
            sign_ins::user_id.eq(new.user.0.to_string()),
            sign_ins::refresh_hash.eq(new.refresh_hash),
            sign_ins::agent.eq(new.agent),
            sign_ins::created_at_ms.eq(now_ms),
            sign_ins::refreshed_at_ms.eq(now_ms),
            sign_ins::expires_at_ms.eq(new.expires_at_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// The sign-ins that live, with whose they are.
#[diesel::dsl::auto_type(no_type_alias)]
fn live(now_ms: i64) -> _ {
    sign_ins::table
        .inner_join(users::table)
        .filter(sign_ins::ended_at_ms.is_null().and(sign_ins::expires_at_ms.gt(now_ms)))
        .filter(users::disabled_at_ms.is_null())
        .select((sign_ins::id, users::id, users::name, users::is_guest, users::is_operator, sign_ins::expires_at_ms))
}

fn sign_in((id, user, name, is_guest, is_operator, expires_at_ms): Row) -> Result<LiveSignIn, StoreError> {
    let (id, user) = (SignInId(uuid(&id)?), UserId(uuid(&user)?));
    Ok(LiveSignIn { id, user, name, is_guest, is_operator, expires_at_ms })
}
