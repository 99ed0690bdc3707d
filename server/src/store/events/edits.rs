//! Entries for edits, of which there are few.

use std::collections::BTreeMap;

use coval_shared::protocol::{DocumentId, UserId};
use coval_shared::rest::Action;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::{record_in_document, written};
use crate::store::connection::AnyConnection;
use crate::store::schema::{documents, event_heads, events};
use crate::store::{Store, StoreError};

/// How long the edits of one person in one document are one entry, in milliseconds.
pub const EDITED_EVERY_MS: i64 = 15 * 60 * 1000;

/// How many entries are stored at once, so that others who write wait for little.
const TOGETHER: usize = 20;

/// That somebody edited a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The document.
    pub document: DocumentId,
    /// Who.
    pub author: UserId,
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
}

impl Store {
    /// Notes who edited, unless an entry of the last quarter of an hour says so.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when it can't be stored; what was stored before stays.
    pub fn record_edits(&self, edited: &[Edited]) -> Result<(), StoreError> {
        for (workspace, edited) in self.by_workspace(edited)? {
            for edited in edited.chunks(TOGETHER) {
                self.write(|connection| {
                    let head = event_heads::table.find(&workspace);
                    diesel::update(head).set(event_heads::count.eq(event_heads::count)).execute(connection)?;
                    edited.iter().try_for_each(|edited| record_edit(connection, edited))
                })?;
            }
        }
        Ok(())
    }

    /// What was edited in each workspace. Documents that are gone are left out.
    fn by_workspace(&self, edited: &[Edited]) -> Result<BTreeMap<String, Vec<Edited>>, StoreError> {
        let connection = &mut *self.connection()?;
        let mut found: BTreeMap<String, Vec<Edited>> = BTreeMap::new();
        for edited in edited {
            let workspace: Option<String> = documents::table
                .find(edited.document.0.to_string())
                .select(documents::workspace_id)
                .first(connection)
                .optional()?;
            if let Some(workspace) = workspace {
                found.entry(workspace).or_default().push(*edited);
            }
        }
        Ok(found)
    }
}

fn record_edit(connection: &mut AnyConnection, edited: &Edited) -> Result<(), StoreError> {
    let (action, _) = written(&Action::DocumentEdited)?;
    let since = edited.at_ms.saturating_sub(EDITED_EVERY_MS);
    let same = events::table
        .filter(events::document_id.eq(edited.document.0.to_string()))
        .filter(events::actor_id.eq(edited.author.0.to_string()).and(events::action.eq(action)))
        .filter(events::at_ms.gt(since).and(events::at_ms.le(edited.at_ms)));
    let is_known: bool = diesel::select(exists(same)).get_result(connection)?;
    if is_known {
        return Ok(());
    }
    let (document, author) = (edited.document, Some(edited.author));
    match record_in_document(connection, document, author, Action::DocumentEdited, edited.at_ms) {
        // It was deleted meanwhile.
        Err(StoreError::NotFound) => Ok(()),
        done => done,
    }
}
