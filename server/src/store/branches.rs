//! Branches: documents that left another one.

use coval_shared::protocol::{DocumentId, UserId};
use coval_shared::rest::Action;
use diesel::prelude::*;
use ot_core::Revision;
use serde_json::Value;

use super::schema::{documents, links};
use super::snapshots::insert_snapshot;
use super::{Store, StoreError, database_number, events, unsigned, uuid};

/// A branch as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBranch {
    /// The branch, as the document that it is.
    pub id: DocumentId,
    /// The document that it left.
    pub parent: DocumentId,
    /// What people call it.
    pub name: String,
    /// The parent's revision at which it began.
    pub forked_at: Revision,
    /// Its own newest revision.
    pub revision: Revision,
    /// The newest revision of its parent.
    pub parent_revision: Revision,
    /// Whether it is a text and no model.
    pub is_memo: bool,
    /// Who made it.
    pub author: Option<UserId>,
    /// When, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When it was edited last.
    pub edited_at_ms: i64,
}

/// A branch to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStoredBranch {
    /// The branch, as the document that it will be.
    pub id: DocumentId,
    /// The document that it leaves.
    pub parent: DocumentId,
    /// What to call it.
    pub name: String,
    /// The parent's revision at which it begins.
    pub forked_at: Revision,
    /// The parent at that revision.
    pub body: Value,
    /// Who makes it.
    pub author: UserId,
    /// When, in milliseconds since 1970 UTC.
    pub now_ms: i64,
}

impl Store {
    /// Makes a branch. Returns whether there was room for it: a document has `most` at most.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document, and [`StoreError::Conflict`] when it is a branch
    /// itself.
    pub fn create_branch(&self, new: &NewStoredBranch, most: usize) -> Result<bool, StoreError> {
        let (id, parent) = (new.id.0.to_string(), new.parent.0.to_string());
        self.write(|connection| {
            // The parent's row is the lock under which its branches are counted.
            diesel::update(documents::table.find(&parent)).set(documents::id.eq(documents::id)).execute(connection)?;
            type Row = (String, String, Option<String>, Option<String>);
            let (workspace, kind, template, grandparent): Row = documents::table
                .find(&parent)
                .select((documents::workspace_id, documents::kind, documents::template, documents::parent_id))
                .first(connection)?;
            if grandparent.is_some() {
                return Err(StoreError::Conflict);
            }
            let branches: i64 =
                documents::table.filter(documents::parent_id.eq(&parent)).count().get_result(connection)?;
            if usize::try_from(branches).is_ok_and(|branches| branches >= most) {
                return Ok(false);
            }
            diesel::insert_into(documents::table)
                .values((
                    (
                        documents::id.eq(&id),
                        documents::workspace_id.eq(workspace),
                        documents::title.eq(&new.name),
                        documents::title_key.eq(new.name.to_lowercase()),
                        documents::kind.eq(kind),
                        documents::template.eq(template),
                        documents::revision.eq(0),
                    ),
                    (
                        documents::created_by.eq(new.author.0.to_string()),
                        documents::created_at_ms.eq(new.now_ms),
                        documents::edited_at_ms.eq(new.now_ms),
                        documents::parent_id.eq(&parent),
                        documents::fork_revision.eq(database_number(new.forked_at.0)),
                    ),
                ))
                .execute(connection)?;
            insert_snapshot(connection, new.id, Revision::ZERO, &new.body)?;
            let sources: Vec<String> =
                links::table.filter(links::document_id.eq(&parent)).select(links::source_id).load(connection)?;
            for source in sources {
                diesel::insert_into(links::table)
                    .values((links::document_id.eq(&id), links::source_id.eq(source)))
                    .execute(connection)?;
            }
            let made = Action::BranchCreated { branch: new.id, name: new.name.clone() };
            events::record_in_document(connection, new.parent, Some(new.author), made, new.now_ms)?;
            Ok(true)
        })
    }

    /// The branch.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document, or it is no branch.
    pub fn branch(&self, id: DocumentId) -> Result<StoredBranch, StoreError> {
        let connection = &mut *self.connection()?;
        let row: Row = documents::table.find(id.0.to_string()).select(COLUMNS).first(connection)?;
        let parent = row.0.1.clone().ok_or(StoreError::NotFound)?;
        let newest: i64 = documents::table.find(parent).select(documents::revision).first(connection)?;
        read(row, newest)
    }

    /// The branches of a document, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn branches(&self, parent: DocumentId) -> Result<Vec<StoredBranch>, StoreError> {
        let connection = &mut *self.connection()?;
        let key = parent.0.to_string();
        let newest: i64 = documents::table.find(&key).select(documents::revision).first(connection)?;
        let rows: Vec<Row> = documents::table
            .filter(documents::parent_id.eq(&key))
            .order((documents::created_at_ms.asc(), documents::id.asc()))
            .select(COLUMNS)
            .load(connection)?;
        rows.into_iter().map(|row| read(row, newest)).collect()
    }
}

type Columns = (
    (documents::id, documents::parent_id, documents::title, documents::kind),
    (documents::fork_revision, documents::revision),
    (documents::created_by, documents::created_at_ms, documents::edited_at_ms),
);

const COLUMNS: Columns = (
    (documents::id, documents::parent_id, documents::title, documents::kind),
    (documents::fork_revision, documents::revision),
    (documents::created_by, documents::created_at_ms, documents::edited_at_ms),
);

type Row = ((String, Option<String>, String, String), (Option<i64>, i64), (Option<String>, i64, i64));

fn read(row: Row, parent_revision: i64) -> Result<StoredBranch, StoreError> {
    let ((id, parent, name, kind), (forked_at, revision), (author, created_at_ms, edited_at_ms)) = row;
    Ok(StoredBranch {
        id: DocumentId(uuid(&id)?),
        parent: DocumentId(uuid(&parent.ok_or(StoreError::NotFound)?)?),
        name,
        forked_at: Revision(unsigned(forked_at.unwrap_or_default())?),
        revision: Revision(unsigned(revision)?),
        parent_revision: Revision(unsigned(parent_revision)?),
        is_memo: kind == "memo",
        author: author.as_deref().map(uuid).transpose()?.map(UserId),
        created_at_ms,
        edited_at_ms,
    })
}
