//! Notes and highlights.

use coval_shared::anchor::Anchor;
use coval_shared::protocol::{Annotation, AnnotationId, AnnotationKind, DocumentId, ErrorCode, ServerMessage, UserId};
use coval_shared::rights::{Right, Role};
use ot_core::Revision;
use uuid::Uuid;

use super::{Discussion, anchors, hidden, text, whose};
use crate::error::Refusal;
use crate::store::{AnnotationChange, NewAnnotation, Store};

/// An annotation that is to be.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// The annotation, if whoever makes it has chosen.
    pub(crate) id: Option<AnnotationId>,
    /// What it is.
    pub(crate) kind: AnnotationKind,
    /// Its colour.
    pub(crate) colour: u8,
    /// What it says.
    pub(crate) body: String,
    /// What it hangs on.
    pub(crate) anchor: Anchor,
    /// At which revision; the newest if nobody says.
    pub(crate) revision: Option<Revision>,
}

impl Discussion {
    /// Puts an annotation into a document.
    pub(crate) async fn annotate(
        &self,
        author: UserId,
        document: DocumentId,
        drawn: Drawn,
    ) -> Result<Annotation, Refusal> {
        self.access.document(author, document, Right::Comment).await?;
        let Drawn { id, kind, colour, body, anchor, revision } = drawn;
        let body =
            if kind == AnnotationKind::Highlight && body.trim().is_empty() { String::new() } else { text(body)? };
        check_colour(colour)?;
        let (anchored, revision) = self.hang(document, anchor, revision).await?;
        let id = id.unwrap_or_else(|| AnnotationId(Uuid::now_v7()));
        let new = NewAnnotation { id, document, author, kind, colour, body, anchored, revision };
        let now_ms = self.access.now_ms();
        let annotation = self.stored(move |store| store.add_annotation(&new, now_ms)).await?;
        Ok(self.show(annotation))
    }

    /// The annotations of a document, with anchors where they are now.
    pub(crate) async fn annotations(
        &self,
        reader: UserId,
        document: DocumentId,
        after: Option<AnnotationId>,
        limit: usize,
    ) -> Result<Vec<Annotation>, Refusal> {
        self.access.document(reader, document, Right::Read).await?;
        let read = move |store: &Store| {
            let mut annotations = store.annotations(document, after, limit)?;
            anchors::freshen(store, document, &mut annotations)?;
            Ok(annotations)
        };
        self.access.blocking(read).await
    }

    /// Changes an annotation of one's own.
    pub(crate) async fn change_annotation(
        &self,
        author: UserId,
        id: AnnotationId,
        change: AnnotationChange,
    ) -> Result<Annotation, Refusal> {
        let (annotation, _) = self.found_annotation(author, id).await?;
        if annotation.author.id != author {
            return Err(Refusal::new(ErrorCode::Forbidden, "only who made an annotation can change it"));
        }
        change.colour.map_or(Ok(()), check_colour)?;
        let body = match change.body {
            Some(body) if annotation.kind == AnnotationKind::Highlight && body.trim().is_empty() => Some(String::new()),
            body => body.map(text).transpose()?,
        };
        let change = AnnotationChange { body, ..change };
        let now_ms = self.access.now_ms();
        let changed = self.stored(move |store| store.change_annotation(id, author, &change, now_ms)).await?;
        Ok(self.show(changed))
    }

    /// Deletes an annotation of one's own, or anybody's in a document that one owns.
    pub(crate) async fn delete_annotation(&self, actor: UserId, id: AnnotationId) -> Result<(), Refusal> {
        let (annotation, role) = self.found_annotation(actor, id).await?;
        let whose = whose(actor, role, annotation.author.id)?;
        let now_ms = self.access.now_ms();
        let gone = self.stored(move |store| store.delete_annotation(id, whose, now_ms)).await?;
        self.show(gone);
        Ok(())
    }

    fn show(&self, annotation: Annotation) -> Annotation {
        let document = annotation.document;
        let message = ServerMessage::AnnotationChanged { document, annotation: annotation.clone() };
        self.documents.announce(document, message);
        annotation
    }

    async fn found_annotation(&self, user: UserId, id: AnnotationId) -> Result<(Annotation, Role), Refusal> {
        let annotation = self.stored(move |store| store.annotation(id)).await?;
        let role = self.access.document(user, annotation.document, Right::Comment).await.map_err(hidden)?;
        Ok((annotation, role))
    }
}

fn check_colour(colour: u8) -> Result<(), Refusal> {
    if colour < UserId::COLOURS {
        Ok(())
    } else {
        Err(Refusal::invalid("colour", format!("a colour is a number below {}", UserId::COLOURS)))
    }
}
