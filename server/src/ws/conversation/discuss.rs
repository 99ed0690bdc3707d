//! Comments and annotations that somebody makes on a socket.

use coval_shared::protocol::{ClientMessage, DocumentId, UserId};
use uuid::Uuid;

use super::{About, Conversation};
use crate::discussion::{Discussion, Drawn, Spoken};
use crate::error::Refusal;

impl Conversation {
    /// Does what `message` says about an open document. Whoever has that open hears what came of it, and so does the
    /// person; only a refusal is answered.
    pub(super) async fn discuss(&self, user: UserId, message: ClientMessage) {
        let discussion = Discussion::new(self.documents.clone(), self.access.clone());
        let (document, about, done) = match message {
            ClientMessage::CommentAdd { document, comment, anchor, revision, body } if self.is_open(document) => {
                let anchor = anchor.map(|anchor| (anchor, Some(revision)));
                let spoken = Spoken { id: Some(comment), body };
                (document, comment.0, discussion.begin(user, document, spoken, anchor).await.map(drop))
            }
            ClientMessage::CommentReply { document, comment, thread, body } if self.is_open(document) => {
                let spoken = Spoken { id: Some(comment), body };
                (document, comment.0, discussion.reply(user, thread, Some(document), spoken).await.map(drop))
            }
            ClientMessage::CommentResolved { document, thread, is_resolved } if self.is_open(document) => {
                let resolved = discussion.resolve(user, thread, Some(document), is_resolved).await;
                (document, thread.0, resolved.map(drop))
            }
            ClientMessage::AnnotationCreate { document, annotation, anchor, revision, kind, colour, body }
                if self.is_open(document) =>
            {
                let drawn = Drawn { id: Some(annotation), kind, colour, body, anchor, revision: Some(revision) };
                (document, annotation.0, discussion.annotate(user, document, drawn).await.map(drop))
            }
            ClientMessage::CommentAdd { document, comment, .. }
            | ClientMessage::CommentReply { document, comment, .. } => return self.closed(document, comment.0),
            ClientMessage::CommentResolved { document, thread, .. } => return self.closed(document, thread.0),
            ClientMessage::AnnotationCreate { document, annotation, .. } => {
                return self.closed(document, annotation.0);
            }
            _ => return,
        };
        if let Err(refusal) = done {
            self.refuse_discussion(&refusal, document, about);
        }
    }

    fn is_open(&self, document: DocumentId) -> bool {
        self.open.contains_key(&document)
    }

    fn closed(&self, document: DocumentId, about: Uuid) {
        self.refuse_closed(About { about: Some(about), ..About::document(document) });
    }

    fn refuse_discussion(&self, refusal: &Refusal, document: DocumentId, about: Uuid) {
        self.refuse_as(refusal, About { about: Some(about), ..About::document(document) });
    }
}
