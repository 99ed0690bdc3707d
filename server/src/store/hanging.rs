//! What comments and annotations hang on, as it is stored: at some revision, and carried to newer ones when it is read.

use coval_shared::anchor::{Anchor, Anchored};
use coval_shared::protocol::DocumentId;
use diesel::prelude::*;
use ot_core::json::Json;
use ot_core::{OtType, Revision};
use serde_json::Value;

use super::connection::AnyConnection;
use super::schema::{annotations, comments};
use super::{Store, StoreError, database_number, unsigned};

/// How many ops are read at once.
const OPS: u64 = 1_000;

/// How many bytes of ops are read at once; one op alone may have more.
const OPS_BYTES: usize = 8 * 1024 * 1024;

/// How often an anchor is carried over an op for one reader. Who asks again gets them further.
const MOST_STEPS: u64 = 4_000_000;

/// How far anchors may be behind before they are stored anew.
const BEHIND: u64 = 500;

/// An anchor and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hanging {
    /// The anchor.
    pub anchored: Anchored,
    /// The revision at which it stands.
    pub revision: Revision,
}

/// What an anchor belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Comment,
    Annotation,
}

type Stored = (String, Option<String>, i64, bool, String);

impl Store {
    /// Carries anchors over the ops of the document up to `until`, or not so far when that is a very long way. Returns
    /// the revision that they all stand at.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the ops can't be read.
    pub fn carry(
        &self,
        document: DocumentId,
        hanging: &mut [Hanging],
        until: Revision,
    ) -> Result<Revision, StoreError> {
        let first = hanging.iter().filter(|one| one.anchored.is_text()).map(|one| one.revision).min();
        let count = u64::try_from(hanging.len()).unwrap_or(u64::MAX).max(1);
        let reach = (MOST_STEPS / count).max(OPS);
        let until = first.map_or(until, |first| until.min(Revision(first.0.saturating_add(reach))));
        let mut at = first.unwrap_or(until);
        let mut step = OPS;
        while at < until {
            let next = until.min(Revision(at.0.saturating_add(step)));
            let limit = if step == 1 { usize::MAX } else { OPS_BYTES };
            let Some(ops) = self.operations(document, at, next, limit)? else {
                step = (step / 8).max(1);
                continue;
            };
            for committed in &ops {
                for one in hanging.iter_mut().filter(|one| one.revision < committed.revision) {
                    one.anchored.carry(&committed.op);
                }
            }
            at = next;
        }
        for one in hanging.iter_mut() {
            one.revision = one.revision.max(until);
        }
        Ok(until)
    }

    /// Brings the stored anchors of a document nearer to its newest revision, so that whoever reads them has little to
    /// do. Does nothing while they are near.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when that can't be read or stored.
    pub fn carry_stored(&self, document: DocumentId) -> Result<(), StoreError> {
        let newest = self.revision(document)?;
        let stored = self.stored_anchors(document, newest)?;
        if stored.is_empty() {
            return Ok(());
        }
        let mut carried: Vec<Hanging> = stored.iter().map(|(_, _, hanging)| hanging.clone()).collect();
        self.carry(document, &mut carried, newest)?;
        self.write(|connection| {
            for ((holder, id, before), after) in stored.iter().zip(&carried) {
                replace(connection, *holder, id, before.revision, after)?;
            }
            Ok(())
        })
    }

    /// A document as its newest revision has it, with all that is stored.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotFound`] when there is no such document.
    pub fn newest(&self, document: DocumentId) -> Result<(Revision, Value), StoreError> {
        let stored = self.load(document)?;
        let (mut revision, mut value) = (stored.snapshot_revision, stored.snapshot);
        for committed in &stored.operations {
            Json::apply(&mut value, &committed.op).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            revision = committed.revision;
        }
        Ok((revision, value))
    }

    /// The anchors in the document that are far behind.
    fn stored_anchors(
        &self,
        document: DocumentId,
        newest: Revision,
    ) -> Result<Vec<(Holder, String, Hanging)>, StoreError> {
        let connection = &mut *self.connection()?;
        let key = document.0.to_string();
        let near = database_number(newest.0.saturating_sub(BEHIND));
        let of_comments: Vec<Stored> = comments::table
            .filter(comments::document_id.eq(&key).and(comments::anchor.is_not_null()))
            .filter(comments::anchor_revision.lt(near).and(comments::deleted_at_ms.is_null()))
            .select((
                comments::id,
                comments::anchor,
                comments::anchor_revision,
                comments::is_anchor_lost,
                comments::quote,
            ))
            .load(connection)?;
        let of_annotations: Vec<Stored> = annotations::table
            .filter(annotations::document_id.eq(&key).and(annotations::anchor_revision.lt(near)))
            .select((
                annotations::id,
                annotations::anchor.nullable(),
                annotations::anchor_revision,
                annotations::is_anchor_lost,
                annotations::quote,
            ))
            .load(connection)?;
        let of_comments = of_comments.into_iter().map(|stored| (Holder::Comment, stored));
        let of_annotations = of_annotations.into_iter().map(|stored| (Holder::Annotation, stored));
        of_comments
            .chain(of_annotations)
            .map(|(holder, (id, anchor, revision, is_lost, quote))| {
                let anchored = Anchored { anchor: read_anchor(&anchor.unwrap_or_default())?, quote, is_lost };
                Ok((holder, id, Hanging { anchored, revision: Revision(unsigned(revision)?) }))
            })
            .collect()
    }
}

/// Stores where an anchor stands now, unless somebody else has carried it on meanwhile.
fn replace(
    connection: &mut AnyConnection,
    holder: Holder,
    id: &str,
    before: Revision,
    after: &Hanging,
) -> Result<(), StoreError> {
    let anchor = anchor_text(&after.anchored.anchor)?;
    let (revision, is_lost) = (database_number(after.revision.0), after.anchored.is_lost);
    let before = database_number(before.0);
    match holder {
        Holder::Comment => diesel::update(comments::table.find(id))
            .filter(comments::anchor_revision.eq(before))
            .set((
                comments::anchor.eq(anchor),
                comments::anchor_revision.eq(revision),
                comments::is_anchor_lost.eq(is_lost),
            ))
            .execute(connection)?,
        Holder::Annotation => diesel::update(annotations::table.find(id))
            .filter(annotations::anchor_revision.eq(before))
            .set((
                annotations::anchor.eq(anchor),
                annotations::anchor_revision.eq(revision),
                annotations::is_anchor_lost.eq(is_lost),
            ))
            .execute(connection)?,
    };
    Ok(())
}

/// The place, as it is stored.
pub(super) fn anchor_text(anchor: &Anchor) -> Result<String, StoreError> {
    serde_json::to_string(anchor).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The place that was stored as `text`.
pub(super) fn read_anchor(text: &str) -> Result<Anchor, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("an anchor: {error}")))
}
