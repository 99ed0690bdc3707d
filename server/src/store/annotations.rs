//! Notes and highlights in documents.

use std::collections::BTreeSet;

use coval_shared::anchor::Anchored;
use coval_shared::limits::ANNOTATIONS_PER_DOCUMENT;
use coval_shared::protocol::{Annotation, AnnotationId, AnnotationKind, DocumentId, Named, UserId};
use coval_shared::rest::Action;
use diesel::prelude::*;
use ot_core::Revision;

use super::comments::{Whose, lock};
use super::connection::AnyConnection;
use super::events::record_in_document;
use super::hanging::{anchor_text, read_anchor};
use super::names::names;
use super::schema::annotations;
use super::{Store, StoreError, database_number, unsigned, uuid};

/// Something that somebody puts into a document.
#[derive(Clone, Debug)]
pub struct NewAnnotation {
    /// The annotation, chosen by whoever makes it: what is sent twice is there once.
    pub id: AnnotationId,
    /// In which document.
    pub document: DocumentId,
    /// Who makes it.
    pub author: UserId,
    /// What it is.
    pub kind: AnnotationKind,
    /// Its colour, one of those that people have.
    pub colour: u8,
    /// What it says.
    pub body: String,
    /// What it hangs on.
    pub anchored: Anchored,
    /// The revision at which `anchored` stands.
    pub revision: Revision,
}

/// What of an annotation is changed.
#[derive(Clone, Debug, Default)]
pub struct AnnotationChange {
    /// What it says from now on.
    pub body: Option<String>,
    /// Its colour from now on.
    pub colour: Option<u8>,
}

impl Store {
    /// Stores an annotation. One that is there already, just so, is not stored again.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document; [`StoreError::Conflict`] when another
    /// annotation has the id; [`StoreError::LimitReached`] when the document has as many as it may.
    pub fn add_annotation(&self, new: &NewAnnotation, now_ms: i64) -> Result<Annotation, StoreError> {
        self.write(|connection| {
            lock(connection, new.document)?;
            let (id, document) = (new.id.0.to_string(), new.document.0.to_string());
            let found: Option<(String, String)> = annotations::table
                .find(&id)
                .select((annotations::document_id, annotations::author_id))
                .first(connection)
                .optional()?;
            if let Some(found) = found {
                let is_same = found == (document, new.author.0.to_string());
                return if is_same { annotation(connection, new.id) } else { Err(StoreError::Conflict) };
            }
            let count: i64 =
                annotations::table.filter(annotations::document_id.eq(&document)).count().get_result(connection)?;
            if unsigned(count)? >= ANNOTATIONS_PER_DOCUMENT {
                return Err(StoreError::LimitReached(format!(
                    "a document has at most {ANNOTATIONS_PER_DOCUMENT} annotations; delete some"
                )));
            }
            diesel::insert_into(annotations::table)
                .values((
                    annotations::id.eq(id),
                    annotations::document_id.eq(document),
                    annotations::author_id.eq(new.author.0.to_string()),
                    annotations::kind.eq(new.kind.name()),
                    annotations::colour.eq(i64::from(new.colour)),
                    annotations::body.eq(&new.body),
                    annotations::anchor.eq(anchor_text(&new.anchored.anchor)?),
                    annotations::anchor_revision.eq(database_number(new.revision.0)),
                    annotations::is_anchor_lost.eq(new.anchored.is_lost),
                    annotations::quote.eq(&new.anchored.quote),
                    annotations::created_at_ms.eq(now_ms),
                ))
                .execute(connection)?;
            let action = Action::AnnotationCreated { annotation: new.id };
            record_in_document(connection, new.document, Some(new.author), action, now_ms)?;
            annotation(connection, new.id)
        })
    }

    /// The annotations of a document, the oldest first: so many behind `after`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when they can't be read.
    pub fn annotations(
        &self,
        document: DocumentId,
        after: Option<AnnotationId>,
        limit: usize,
    ) -> Result<Vec<Annotation>, StoreError> {
        let after = after.map(|after| after.0.to_string()).unwrap_or_default();
        let connection = &mut *self.connection()?;
        let rows: Vec<Row> = annotations::table
            .filter(annotations::document_id.eq(document.0.to_string()).and(annotations::id.gt(after)))
            .order(annotations::id.asc())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .select(Row::as_select())
            .load(connection)?;
        read(connection, rows)
    }

    /// An annotation.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is none.
    pub fn annotation(&self, id: AnnotationId) -> Result<Annotation, StoreError> {
        annotation(&mut *self.connection()?, id)
    }

    /// Changes one's own annotation.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such annotation, or it is another's.
    pub fn change_annotation(
        &self,
        id: AnnotationId,
        author: UserId,
        change: &AnnotationChange,
        now_ms: i64,
    ) -> Result<Annotation, StoreError> {
        self.write(|connection| {
            let own = annotations::table.find(id.0.to_string()).filter(annotations::author_id.eq(author.0.to_string()));
            let changed = diesel::update(own)
                .set((
                    annotations::edited_at_ms.eq(now_ms),
                    change.body.as_ref().map(|body| annotations::body.eq(body)),
                    change.colour.map(|colour| annotations::colour.eq(i64::from(colour))),
                ))
                .execute(connection)?;
            if changed == 0 {
                return Err(StoreError::NotFound);
            }
            let after = annotation(connection, id)?;
            let action = Action::AnnotationChanged { annotation: id };
            record_in_document(connection, after.document, Some(author), action, now_ms)?;
            Ok(after)
        })
    }

    /// Deletes an annotation. Returns what it was, without what it said.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such annotation, or it is another's and `whose` does not allow
    /// that.
    pub fn delete_annotation(&self, id: AnnotationId, whose: Whose, now_ms: i64) -> Result<Annotation, StoreError> {
        self.write(|connection| {
            let key = id.0.to_string();
            // The row is locked by a write before it is read.
            let found = diesel::update(annotations::table.find(&key))
                .set(annotations::edited_at_ms.eq(now_ms))
                .execute(connection)?;
            if found == 0 {
                return Err(StoreError::NotFound);
            }
            let mut gone = annotation(connection, id)?;
            let actor = match whose {
                Whose::Own(user) if user != gone.author.id => return Err(StoreError::NotFound),
                Whose::Own(user) | Whose::Any(user) => user,
            };
            diesel::delete(annotations::table.find(&key)).execute(connection)?;
            let action = Action::AnnotationDeleted { annotation: id };
            record_in_document(connection, gone.document, Some(actor), action, now_ms)?;
            gone.body.clear();
            gone.deleted_at_ms = Some(now_ms);
            Ok(gone)
        })
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = annotations)]
struct Row {
    id: String,
    document_id: String,
    author_id: String,
    kind: String,
    colour: i64,
    body: String,
    anchor: String,
    anchor_revision: i64,
    is_anchor_lost: bool,
    quote: String,
    created_at_ms: i64,
    edited_at_ms: Option<i64>,
}

fn annotation(connection: &mut AnyConnection, id: AnnotationId) -> Result<Annotation, StoreError> {
    let row: Row = annotations::table.find(id.0.to_string()).select(Row::as_select()).first(connection)?;
    read(connection, vec![row])?.pop().ok_or(StoreError::NotFound)
}

fn read(connection: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Annotation>, StoreError> {
    let authors: BTreeSet<String> = rows.iter().map(|row| row.author_id.clone()).collect();
    let names = names(connection, &authors)?;
    rows.into_iter()
        .map(|row| {
            let kind = AnnotationKind::named(&row.kind);
            Ok(Annotation {
                id: AnnotationId(uuid(&row.id)?),
                document: DocumentId(uuid(&row.document_id)?),
                author: Named {
                    id: UserId(uuid(&row.author_id)?),
                    name: names.get(&row.author_id).cloned().unwrap_or_default(),
                },
                kind: kind.ok_or_else(|| StoreError::Corrupt(format!("{:?} is no annotation", row.kind)))?,
                colour: u8::try_from(row.colour).unwrap_or_default(),
                body: row.body,
                anchor: read_anchor(&row.anchor)?,
                anchor_revision: Revision(unsigned(row.anchor_revision)?),
                is_anchor_lost: row.is_anchor_lost,
                quote: row.quote,
                created_at_ms: row.created_at_ms,
                edited_at_ms: row.edited_at_ms,
                deleted_at_ms: None,
            })
        })
        .collect()
}
