//! What is kept only for a time, and goes then.
//!
//! Never ops: a document's history is the document. Snapshots are thinned out as new ones are written.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Store, StoreError};

/// How many rows go in one transaction, so that nobody waits for long.
const CHUNK: usize = 500;

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long things stay that are of no use any more, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Sign-ins that ended or expired.
    pub sign_ins: u32,
    /// Invitations that were accepted or expired.
    pub invitations: u32,
    /// Share links that were revoked or expired, and the rights that came with them.
    pub share_links: u32,
    /// Calculations that ended.
    pub calculations: u32,
}

/// How many rows of each kind are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    /// Tickets for sockets.
    pub tickets: usize,
    /// Sign-ins.
    pub sign_ins: usize,
    /// Invitations.
    pub invitations: usize,
    /// Rights on documents that had an end.
    pub grants: usize,
    /// Share links.
    pub share_links: usize,
    /// Calculations.
    pub calculations: usize,
    /// Guests who can do nothing any more and left nothing behind.
    pub guests: usize,
}

impl Store {
    /// Removes what is older than `retention` says. Safe at any time, and from several servers at once.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the database can't do so. What is gone by then stays gone.
    pub fn maintain(&self, now_ms: i64, retention: Retention) -> Result<Cleared, StoreError> {
        let before = |days: u32| now_ms.saturating_sub(i64::from(days).saturating_mul(DAY_MS));
        let sign_ins = before(retention.sign_ins);
        let cleared = Cleared {
            tickets: self.clear("tickets", "hash", "expires_at_ms < $1", now_ms)?,
            sign_ins: {
                let over = "(expires_at_ms < $1 OR ended_at_ms < $1)";
                let held = "NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.sign_in_id = sign_ins.id)";
                self.clear("sign_ins", "id", &format!("{over} AND {held}"), sign_ins)?
            },
            invitations: {
                let over = "(expires_at_ms < $1 OR accepted_at_ms < $1)";
                self.clear("invitations", "id", over, before(retention.invitations))?
            },
            grants: self.clear_grants(before(retention.share_links))?,
            share_links: {
                let over = "(expires_at_ms < $1 OR revoked_at_ms < $1)";
                let held = "NOT EXISTS (SELECT 1 FROM document_members WHERE share_link_id = share_links.id)";
                self.clear("share_links", "id", &format!("{over} AND {held}"), before(retention.share_links))?
            },
            calculations: { self.clear("calculations", "id", "finished_at_ms < $1", before(retention.calculations))? },
            guests: {
                // The record of what was done names everybody who did something that others may still see.
                let idle = "is_guest AND created_at_ms < $1 \
                            AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE user_id = users.id) \
                            AND NOT EXISTS (SELECT 1 FROM document_members WHERE user_id = users.id) \
                            AND NOT EXISTS (SELECT 1 FROM workspace_members WHERE user_id = users.id) \
                            AND NOT EXISTS (SELECT 1 FROM events WHERE actor_id = users.id) \
                            AND NOT EXISTS (SELECT 1 FROM calculations WHERE user_id = users.id) \
                            AND NOT EXISTS (SELECT 1 FROM operations WHERE author_id = users.id)";
                self.clear("users", "id", idle, sign_ins)?
            },
        };
        Ok(cleared)
    }

    /// Removes the rows of `table` for which `condition` holds, in which `$1` is `before_ms`.
    fn clear(&self, table: &str, key: &str, condition: &str, before_ms: i64) -> Result<usize, StoreError> {
        let statement =
            format!("DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {CHUNK})");
        self.clear_by(&statement, before_ms)
    }

    fn clear_grants(&self, before_ms: i64) -> Result<usize, StoreError> {
        let key = "(document_id, user_id, share_link_id)";
        let columns = "document_id, user_id, share_link_id";
        let statement = format!(
            "DELETE FROM document_members WHERE {key} IN \
             (SELECT {columns} FROM document_members WHERE expires_at_ms < $1 LIMIT {CHUNK})"
        );
        self.clear_by(&statement, before_ms)
    }

    fn clear_by(&self, statement: &str, before_ms: i64) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            let gone = self.write(|connection| {
                Ok(diesel::sql_query(statement).bind::<BigInt, _>(before_ms).execute(connection)?)
            })?;
            all += gone;
            if gone < CHUNK {
                return Ok(all);
            }
        }
    }
}
