//! Anchors where they are now.

use coval_shared::anchor::{Anchor, Anchored, Places};
use coval_shared::limits::RESUME_REVISIONS;
use coval_shared::protocol::{Annotation, Comment, DocumentId, ErrorCode};
use ot_core::Revision;

use super::Discussion;
use crate::error::Refusal;
use crate::store::{Hanging, Store, StoreError};

/// Something that may hang on a place of a document.
pub(super) trait Hangs {
    /// What it hangs on.
    fn hanging(&self) -> Option<Hanging>;

    /// It hangs there now.
    fn hang(&mut self, hanging: Hanging);
}

impl Hangs for Comment {
    fn hanging(&self) -> Option<Hanging> {
        let (quote, is_lost) = (self.quote.clone(), self.is_anchor_lost);
        let anchored = |anchor| Anchored { anchor, quote, is_lost };
        self.anchor.clone().map(anchored).map(|anchored| Hanging { anchored, revision: self.anchor_revision })
    }

    fn hang(&mut self, hanging: Hanging) {
        self.anchor = Some(hanging.anchored.anchor);
        self.is_anchor_lost = hanging.anchored.is_lost;
        self.anchor_revision = hanging.revision;
    }
}

impl Hangs for Annotation {
    fn hanging(&self) -> Option<Hanging> {
        let (quote, is_lost) = (self.quote.clone(), self.is_anchor_lost);
        let anchored = Anchored { anchor: self.anchor.clone(), quote, is_lost };
        Some(Hanging { anchored, revision: self.anchor_revision })
    }

    fn hang(&mut self, hanging: Hanging) {
        self.anchor = hanging.anchored.anchor;
        self.is_anchor_lost = hanging.anchored.is_lost;
        self.anchor_revision = hanging.revision;
    }
}

/// Carries the anchors to the newest revision, and looks which cells are still there.
pub(super) fn freshen<T: Hangs>(store: &Store, document: DocumentId, things: &mut [T]) -> Result<(), StoreError> {
    let mut hanging: Vec<Hanging> = things.iter().filter_map(Hangs::hanging).collect();
    if hanging.is_empty() {
        return Ok(());
    }
    if hanging.iter().any(|one| !one.anchored.is_text()) {
        let (revision, newest) = store.newest(document)?;
        let places = Places::of(&newest);
        hanging.iter_mut().for_each(|one| one.anchored.look(&places));
        store.carry(document, &mut hanging, revision)?;
    } else {
        store.carry(document, &mut hanging, store.revision(document)?)?;
    }
    let mut fresh = hanging.into_iter();
    for thing in things.iter_mut().filter(|thing| thing.hanging().is_some()) {
        if let Some(hanging) = fresh.next() {
            thing.hang(hanging);
        }
    }
    // The next reader has a shorter way; where nothing can be stored, it stays as long.
    if let Err(error) = store.carry_stored(document) {
        tracing::debug!(%document, %error, "anchors are not stored where they are now");
    }
    Ok(())
}

impl Discussion {
    /// The anchor, which somebody made at `revision`, in the newest revision.
    pub(super) async fn hang(
        &self,
        document: DocumentId,
        anchor: Anchor,
        revision: Option<Revision>,
    ) -> Result<(Anchored, Revision), Refusal> {
        anchor.check().map_err(|error| Refusal::invalid("anchor", error.to_string()))?;
        let hung = move |store: &Store| {
            let (newest, value) = store.newest(document)?;
            let at = revision.unwrap_or(newest);
            if at > newest || newest.0.saturating_sub(at.0) > RESUME_REVISIONS {
                return Ok(Err(Hung::Unreachable(at > newest)));
            }
            let anchored = Anchored { anchor, quote: String::new(), is_lost: false };
            let mut hanging = [Hanging { anchored, revision: at }];
            store.carry(document, &mut hanging, newest)?;
            let [Hanging { anchored, revision }] = hanging;
            // Somebody took away what it hangs on while it was written; what it says may still be wanted.
            if anchored.is_lost {
                return Ok(Ok((anchored, revision)));
            }
            Ok(anchored
                .anchor
                .hang(&value)
                .map(|anchored| (anchored, revision))
                .map_err(|error| Hung::Nowhere(error.to_string())))
        };
        match self.access.blocking(hung).await? {
            Ok(hung) => Ok(hung),
            Err(Hung::Nowhere(reason)) => Err(Refusal::invalid("anchor", reason)),
            Err(Hung::Unreachable(true)) => {
                Err(Refusal::new(ErrorCode::RevisionInFuture, "the document has no such revision yet; open it anew"))
            }
            Err(Hung::Unreachable(false)) => {
                Err(Refusal::new(ErrorCode::RevisionTooOld, "the revision is too long ago; open the document anew"))
            }
        }
    }
}

/// Why an anchor hangs on nothing.
enum Hung {
    Nowhere(String),
    /// The revision is in the future, or too long ago.
    Unreachable(bool),
}
