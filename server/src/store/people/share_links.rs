//! Links that let whoever holds them into one document.

use coval_shared::protocol::{DocumentId, ShareLinkId, UserId};
use coval_shared::rest::Action;
use coval_shared::rights::Role;
use diesel::prelude::*;

use super::members::insert_document_member;
use super::rights::read_role;
use super::{NewUser, count_change, insert_user};
use crate::store::connection::AnyConnection;
use crate::store::events::record_in_document;
use crate::store::schema::{document_members, share_links, users};
use crate::store::{Store, StoreError, uuid};

/// A link that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// The link.
    pub id: ShareLinkId,
    /// Where it leads.
    pub document: DocumentId,
    /// What whoever opens it is there.
    pub role: Role,
    /// Who made it.
    pub created_by: UserId,
    /// What the one who made it is called.
    pub creator: String,
    /// Since when, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// Until when.
    pub expires_at_ms: i64,
}

/// A link to come.
#[derive(Clone, Debug)]
pub struct NewShareLink<'a> {
    /// The link.
    pub id: ShareLinkId,
    /// The hash of its token.
    pub token_hash: &'a str,
    /// Where it leads.
    pub document: DocumentId,
    /// What whoever opens it is there.
    pub role: Role,
    /// Who makes it.
    pub created_by: UserId,
    /// Until when, in milliseconds since 1970 UTC.
    pub expires_at_ms: i64,
}

/// Who opens a link.
#[derive(Clone, Debug)]
pub enum Joining<'a> {
    /// Somebody who is signed in.
    Known(UserId),
    /// Somebody who becomes a guest by it.
    Guest(NewUser<'a>),
}

/// What became of somebody who opened a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// They are in.
    Yes(ShareLink),
    /// The link does not work, or not any more.
    NoLink,
    /// There are as many as there may be.
    Full,
}

type Row = (String, String, String, String, String, i64, i64);

impl Store {
    /// Makes a link. Returns whether there was room for one more of at most `most` that work.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn share(&self, new: &NewShareLink<'_>, most: i64, now_ms: i64) -> Result<bool, StoreError> {
        self.write(|connection| {
            let id = new.id.0.to_string();
            diesel::insert_into(share_links::table)
                .values((
                    share_links::id.eq(&id),
                    share_links::token_hash.eq(new.token_hash),
                    share_links::document_id.eq(new.document.0.to_string()),
                    share_links::role.eq(new.role.name()),
                    share_links::created_by.eq(new.created_by.0.to_string()),
                    share_links::created_at_ms.eq(now_ms),
                    share_links::expires_at_ms.eq(new.expires_at_ms),
                ))
                .execute(connection)?;
            let count: i64 = share_links::table
                .filter(share_links::document_id.eq(new.document.0.to_string()))
                .filter(share_links::revoked_at_ms.is_null().and(share_links::expires_at_ms.gt(now_ms)))
                .count()
                .get_result(connection)?;
            if count > most {
                diesel::delete(share_links::table.find(&id)).execute(connection)?;
                return Ok(false);
            }
            let action = Action::ShareLinkCreated { role: new.role, expires_at_ms: new.expires_at_ms };
            record_in_document(connection, new.document, Some(new.created_by), action, now_ms)?;
            Ok(true)
        })
    }

    /// The first `limit` links into the document that work, after `after`, the oldest first.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn share_links(
        &self,
        document: DocumentId,
        after: Option<(i64, ShareLinkId)>,
        limit: usize,
        now_ms: i64,
    ) -> Result<Vec<ShareLink>, StoreError> {
        let (since, id) = after.map_or((i64::MIN, String::new()), |(since, id)| (since, id.0.to_string()));
        let is_later =
            share_links::created_at_ms.gt(since).or(share_links::created_at_ms.eq(since).and(share_links::id.gt(id)));
        let rows: Vec<Row> = working(now_ms)
            .filter(share_links::document_id.eq(document.0.to_string()).and(is_later))
            .order((share_links::created_at_ms.asc(), share_links::id.asc()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(share_link).collect()
    }

    /// The link, if it works.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read.
    pub fn share_link(&self, id: ShareLinkId, now_ms: i64) -> Result<Option<ShareLink>, StoreError> {
        let row: Option<Row> =
            working(now_ms).filter(share_links::id.eq(id.0.to_string())).first(&mut *self.connection()?).optional()?;
        row.map(share_link).transpose()
    }

    /// Ends the link, and the rights of those who came by it.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn revoke_share_link(&self, id: ShareLinkId, by: UserId, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let key = id.0.to_string();
            let document: String = share_links::table.find(&key).select(share_links::document_id).first(connection)?;
            revoke(connection, &key, now_ms)?;
            let document = DocumentId(uuid(&document)?);
            record_in_document(connection, document, Some(by), Action::ShareLinkRevoked, now_ms)
        })
    }

    /// Lets whoever opens the link into its document; of at most `most` who did.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be stored.
    pub fn join(&self, token_hash: &str, who: &Joining<'_>, most: i64, now_ms: i64) -> Result<Joined, StoreError> {
        self.write(|connection| {
            count_change(connection)?;
            let row: Option<Row> =
                working(now_ms).filter(share_links::token_hash.eq(token_hash)).first(connection).optional()?;
            let Some(link) = row.map(share_link).transpose()? else { return Ok(Joined::NoLink) };
            let key = link.id.0.to_string();
            let came = || document_members::table.filter(document_members::share_link_id.eq(&key));
            if let Joining::Known(user) = who {
                let is_in: i64 =
                    came().filter(document_members::user_id.eq(user.0.to_string())).count().get_result(connection)?;
                if is_in > 0 {
                    return Ok(Joined::Yes(link));
                }
            }
            let count: i64 = came().count().get_result(connection)?;
            if count >= most {
                return Ok(Joined::Full);
            }
            let user = match who {
                Joining::Known(user) => *user,
                Joining::Guest(new) => {
                    insert_user(connection, new, now_ms)?;
                    new.id
                }
            };
            let (document, until) = (link.document.0.to_string(), Some(link.expires_at_ms));
            insert_document_member(connection, &document, &user.0.to_string(), &key, link.role, until, now_ms)?;
            let action = Action::ShareLinkUsed { role: link.role };
            record_in_document(connection, link.document, Some(user), action, now_ms)?;
            Ok(Joined::Yes(link))
        })
    }
}

/// Ends the link, and the rights of those who came by it.
pub(super) fn revoke(connection: &mut AnyConnection, id: &str, now_ms: i64) -> Result<(), StoreError> {
    diesel::update(share_links::table.find(id)).set(share_links::revoked_at_ms.eq(now_ms)).execute(connection)?;
    diesel::delete(document_members::table.filter(document_members::share_link_id.eq(id))).execute(connection)?;
    Ok(())
}

/// The links that work, with who made them.
#[diesel::dsl::auto_type(no_type_alias)]
fn working(now_ms: i64) -> _ {
    share_links::table
        .inner_join(users::table)
        .filter(share_links::revoked_at_ms.is_null().and(share_links::expires_at_ms.gt(now_ms)))
        .select((
            share_links::id,
            share_links::document_id,
            share_links::role,
            share_links::created_by,
            users::name,
            share_links::created_at_ms,
            share_links::expires_at_ms,
        ))
}

fn share_link(row: Row) -> Result<ShareLink, StoreError> {
    let (id, document, role, created_by, creator, created_at_ms, expires_at_ms) = row;
    let (id, document) = (ShareLinkId(uuid(&id)?), DocumentId(uuid(&document)?));
    let (role, created_by) = (read_role(&role)?, UserId(uuid(&created_by)?));
    Ok(ShareLink { id, document, role, created_by, creator, created_at_ms, expires_at_ms })
}
