//! Documents: how they come into being, are named, put away and deleted.

mod list;

use coval_shared::protocol::{DocumentId, DocumentKind, UserId, WorkspaceId};
use coval_shared::rest::Action;
use diesel::prelude::*;
use ot_core::Revision;
use serde_json::Value;

use super::connection::AnyConnection;
use super::events::{Event, record, record_in_document};
use super::people::count_change;
use super::schema::{
    annotations, comments, document_members, document_numbers, document_texts, documents, link_changes, links,
    mentions, notifications, operations, share_links, snapshots, workspaces,
};
use super::snapshots::insert_snapshot;
use super::{Store, StoreError, unsigned, uuid};

pub use list::{DocumentQuery, Listed, Listing, Position, Sort};
pub(super) use list::{grants, listed, workspace_roles};

/// A document that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewDocument<'a> {
    /// The document.
    pub id: DocumentId,
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// What it is.
    pub kind: DocumentKind,
    /// What people call it.
    pub title: &'a str,
    /// The name of the template that it was made from.
    pub template: Option<&'a str>,
    /// Who makes it; nobody if the server does.
    pub created_by: Option<UserId>,
    /// Where it comes from.
    pub origin: Origin,
    /// What is in it at revision 0.
    pub body: &'a Value,
}

/// Where a new document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was made from a template, or from what is in it.
    Made,
    /// It was made of a file.
    Imported,
    /// It is a copy of this one.
    Copied(DocumentId),
}

/// What is known of a document beside what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The workspace that it belongs to.
    pub workspace: WorkspaceId,
    /// What people call the workspace.
    pub workspace_name: String,
    /// Its newest revision.
    pub revision: Revision,
    /// The name of the template that it was made from.
    pub template: Option<String>,
    /// Who made it; nobody if the server did.
    pub created_by: Option<UserId>,
    /// When it was made, in milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// When its newest revision was committed, in milliseconds since 1970 UTC.
    pub edited_at_ms: i64,
    /// When it was archived, in milliseconds since 1970 UTC; nothing if it is not.
    pub archived_at_ms: Option<i64>,
    /// The document that it is a branch of, and the revision that it began with.
    pub parent: Option<(DocumentId, Revision)>,
}

/// A change of what people see of a document beside what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DocumentChange<'a> {
    /// The new title.
    pub title: Option<&'a str>,
    /// Whether it is archived from now on.
    pub is_archived: Option<bool>,
}

impl Store {
    /// Makes a document.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] when the document is there already, [`StoreError::NotFound`] when there is no
    /// such workspace.
    pub fn create_document(&self, new: &NewDocument<'_>, now_ms: i64) -> Result<(), StoreError> {
        self.write(|connection| {
            insert_document(connection, new, now_ms)?;
            let title = new.title.to_owned();
            let action = match new.origin {
                Origin::Made => Action::DocumentCreated { title },
                Origin::Imported => Action::DocumentImported { title },
                Origin::Copied(from) => Action::DocumentDuplicated { from, title },
            };
            record_in_document(connection, new.id, new.created_by, action, now_ms)
        })
    }

    /// Makes a document in a workspace of its own.
    #[cfg(test)]
    pub(crate) fn create_for_a_test(&self, id: DocumentId, body: &Value) {
        let workspace = WorkspaceId(id.0);
        self.create_workspace(workspace, "Test", None, 1, 0).unwrap();
        let kind = if body.is_string() { DocumentKind::Memo } else { DocumentKind::Model };
        let origin = Origin::Made;
        let new = NewDocument { id, workspace, kind, title: "Apple", template: None, created_by: None, origin, body };
        self.create_document(&new, 0).unwrap();
    }

    /// What is known of the document beside what is in it.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn document(&self, id: DocumentId) -> Result<DocumentRow, StoreError> {
        find(&mut *self.connection()?, id)
    }

    /// The newest stored revisions of these documents, as far as they are there.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn revisions(&self, ids: &[DocumentId]) -> Result<Vec<(DocumentId, Revision)>, StoreError> {
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        let rows: Vec<(String, i64)> = documents::table
            .filter(documents::id.eq_any(ids))
            .select((documents::id, documents::revision))
            .load(&mut *self.connection()?)?;
        rows.into_iter().map(|(id, revision)| Ok((DocumentId(uuid(&id)?), Revision(unsigned(revision)?)))).collect()
    }

    /// Changes the title or the archive's mark of the document, and returns what is known of it now.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn change_document(
        &self,
        id: DocumentId,
        change: DocumentChange<'_>,
        actor: UserId,
        now_ms: i64,
    ) -> Result<DocumentRow, StoreError> {
        let key = id.0.to_string();
        self.write(|connection| {
            // Begins with a write, so that nobody changes it between what is read here and what is written.
            diesel::update(documents::table.find(&key)).set(documents::id.eq(&key)).execute(connection)?;
            let before = find(connection, id)?;
            if let Some(title) = change.title.filter(|title| *title != before.title) {
                let is_indexed = documents::indexed_revision.eq(None::<i64>);
                diesel::update(documents::table.find(&key))
                    .set((documents::title.eq(title), documents::title_key.eq(title_key(title)), is_indexed))
                    .execute(connection)?;
                let action = Action::DocumentRenamed { from: before.title, to: title.to_owned() };
                record_in_document(connection, id, Some(actor), action, now_ms)?;
            }
            if let Some(is_archived) = change.is_archived.filter(|is| *is != before.archived_at_ms.is_some()) {
                // Nobody edits what is in the archive.
                count_change(connection)?;
                diesel::update(documents::table.find(&key))
                    .set((
                        documents::archived_at_ms.eq(is_archived.then_some(now_ms)),
                        documents::indexed_revision.eq(None::<i64>),
                    ))
                    .execute(connection)?;
                let action = if is_archived { Action::DocumentArchived } else { Action::DocumentUnarchived };
                record_in_document(connection, id, Some(actor), action, now_ms)?;
            }
            find(connection, id)
        })
    }

    /// Deletes a document that is archived, or a branch, with its branches and their history, for ever.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document, [`StoreError::Conflict`] when it is neither
    /// archived nor a branch.
    pub fn delete_document(&self, id: DocumentId, actor: UserId, now_ms: i64) -> Result<(), StoreError> {
        let key = id.0.to_string();
        self.write(|connection| {
            // Begins with a write, so that nobody commits to it meanwhile.
            let may_go = documents::archived_at_ms.is_not_null().or(documents::parent_id.is_not_null());
            let marked = diesel::update(documents::table.find(&key).filter(may_go))
                .set(documents::indexed_revision.eq(None::<i64>))
                .execute(connection)?;
            if marked == 0 {
                let _: String = documents::table.find(&key).select(documents::id).first(connection)?;
                return Err(StoreError::Conflict);
            }
            let document = find(connection, id)?;
            let mut doomed = vec![key];
            let mut at = 0;
            while let Some(parent) = doomed.get(at) {
                let branches: Vec<String> =
                    documents::table.filter(documents::parent_id.eq(parent)).select(documents::id).load(connection)?;
                doomed.extend(branches);
                at += 1;
            }
            // Branches before what they are branches of.
            doomed.iter().rev().try_for_each(|key| delete(connection, key))?;
            let action = Action::DocumentDeleted { title: document.title };
            record(
                connection,
                &Event { workspace: document.workspace, at_ms: now_ms, actor: Some(actor), document: Some(id), action },
            )
        })
    }
}

/// Makes a document, in a transaction that others may have begun.
pub(super) fn insert_document(
    connection: &mut AnyConnection,
    new: &NewDocument<'_>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let inserted = diesel::insert_into(documents::table)
        .values((
            documents::id.eq(new.id.0.to_string()),
            documents::workspace_id.eq(new.workspace.0.to_string()),
            documents::title.eq(new.title),
            documents::title_key.eq(title_key(new.title)),
            documents::kind.eq(kind_name(new.kind)),
            documents::template.eq(new.template),
            documents::created_by.eq(new.created_by.map(|user| user.0.to_string())),
            documents::revision.eq(0),
            documents::created_at_ms.eq(now_ms),
            documents::edited_at_ms.eq(now_ms),
        ))
        .execute(connection);
    match inserted {
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::ForeignKeyViolation, _)) => {
            return Err(StoreError::NotFound);
        }
        other => other?,
    };
    insert_snapshot(connection, new.id, Revision::ZERO, new.body)
}

/// What lists sort a title by.
fn title_key(title: &str) -> String {
    title.to_lowercase()
}

fn delete(connection: &mut AnyConnection, key: &str) -> Result<(), StoreError> {
    diesel::update(link_changes::table).set(link_changes::count.eq(link_changes::count + 1)).execute(connection)?;
    diesel::delete(links::table.filter(links::document_id.eq(key))).execute(connection)?;
    let own_comments = comments::table.filter(comments::document_id.eq(key)).select(comments::id);
    diesel::delete(mentions::table.filter(mentions::comment_id.eq_any(own_comments))).execute(connection)?;
    diesel::delete(comments::table.filter(comments::document_id.eq(key))).execute(connection)?;
    diesel::delete(annotations::table.filter(annotations::document_id.eq(key))).execute(connection)?;
    diesel::delete(notifications::table.filter(notifications::document_id.eq(key))).execute(connection)?;
    diesel::delete(document_texts::table.filter(document_texts::document_id.eq(key))).execute(connection)?;
    diesel::delete(document_members::table.filter(document_members::document_id.eq(key))).execute(connection)?;
    diesel::delete(share_links::table.filter(share_links::document_id.eq(key))).execute(connection)?;
    let number: Option<i32> = document_numbers::table
        .filter(document_numbers::document_id.eq(key))
        .select(document_numbers::number)
        .first(connection)
        .optional()?;
    if let Some(number) = number {
        diesel::delete(snapshots::table.filter(snapshots::document.eq(number))).execute(connection)?;
        diesel::delete(operations::table.filter(operations::document.eq(number))).execute(connection)?;
        diesel::delete(document_numbers::table.find(number)).execute(connection)?;
    }
    diesel::delete(documents::table.find(key)).execute(connection)?;
    Ok(())
}

fn find(connection: &mut AnyConnection, id: DocumentId) -> Result<DocumentRow, StoreError> {
    let row: Row = documents::table
        .inner_join(workspaces::table)
        .filter(documents::id.eq(id.0.to_string()))
        .select(columns())
        .first(connection)?;
    read(row)
}

/// What lists and questions read of a document.
#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    let place = (
        documents::id,
        documents::title,
        documents::kind,
        documents::workspace_id,
        workspaces::name,
        documents::parent_id,
        documents::fork_revision,
    );
    let history = (
        documents::revision,
        documents::template,
        documents::created_by,
        documents::created_at_ms,
        documents::edited_at_ms,
        documents::archived_at_ms,
    );
    (place, history)
}

type Row = (
    (String, String, String, String, String, Option<String>, Option<i64>),
    (i64, Option<String>, Option<String>, i64, i64, Option<i64>),
);

fn read((place, history): Row) -> Result<DocumentRow, StoreError> {
    let (id, title, kind, workspace, workspace_name, parent, fork) = place;
    let (revision, template, created_by, created_at_ms, edited_at_ms, archived_at_ms) = history;
    let parent = match parent.zip(fork) {
        None => None,
        Some((parent, fork)) => Some((DocumentId(uuid(&parent)?), Revision(unsigned(fork)?))),
    };
    Ok(DocumentRow {
        id: DocumentId(uuid(&id)?),
        title,
        kind: read_kind(&kind)?,
        workspace: WorkspaceId(uuid(&workspace)?),
        workspace_name,
        revision: Revision(unsigned(revision)?),
        template,
        created_by: created_by.map(|user| uuid(&user).map(UserId)).transpose()?,
        created_at_ms,
        edited_at_ms,
        archived_at_ms,
        parent,
    })
}

/// The name of a kind in the database.
pub(super) fn kind_name(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Model => "model",
        DocumentKind::Memo => "memo",
    }
}

/// The kind of that name.
pub(super) fn read_kind(name: &str) -> Result<DocumentKind, StoreError> {
    match name {
        "model" => Ok(DocumentKind::Model),
        "memo" => Ok(DocumentKind::Memo),
        other => Err(StoreError::Corrupt(format!("{other:?} is no kind of document"))),
    }
}
