//! Who of some people may read a document.

use std::collections::BTreeSet;

use coval_shared::protocol::{DocumentId, UserId};
use diesel::prelude::*;

use crate::store::connection::AnyConnection;
use crate::store::schema::{document_members, documents, users, workspace_members};
use crate::store::{CHUNK, StoreError, uuid};

/// Those of `people` who may read the document: members of its workspace, or of itself or the document that it is a
/// branch of.
pub(in crate::store) fn readers(
    connection: &mut AnyConnection,
    document: DocumentId,
    people: &BTreeSet<UserId>,
    now_ms: i64,
) -> Result<BTreeSet<UserId>, StoreError> {
    let (workspace, parent): (String, Option<String>) = documents::table
        .find(document.0.to_string())
        .select((documents::workspace_id, documents::parent_id))
        .first(connection)?;
    let own = parent.unwrap_or_else(|| document.0.to_string());
    let people: Vec<String> = people.iter().map(|user| user.0.to_string()).collect();
    let mut found = BTreeSet::new();
    for people in people.chunks(CHUNK) {
        let enabled: BTreeSet<String> = users::table
            .filter(users::id.eq_any(people).and(users::disabled_at_ms.is_null()))
            .select(users::id)
            .load(connection)?
            .into_iter()
            .collect();
        let of_workspace: Vec<String> = workspace_members::table
            .filter(workspace_members::workspace_id.eq(&workspace).and(workspace_members::user_id.eq_any(people)))
            .select(workspace_members::user_id)
            .load(connection)?;
        let is_open = document_members::expires_at_ms.is_null().or(document_members::expires_at_ms.gt(now_ms));
        let of_document: Vec<String> = document_members::table
            .filter(document_members::document_id.eq(&own).and(document_members::user_id.eq_any(people)))
            .filter(is_open.assume_not_null())
            .select(document_members::user_id)
            .load(connection)?;
        for user in of_workspace.iter().chain(&of_document).filter(|user| enabled.contains(*user)) {
            found.insert(UserId(uuid(user)?));
        }
    }
    Ok(found)
}
