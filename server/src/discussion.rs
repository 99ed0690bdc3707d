//! What people say about documents: the one way in, over HTTP and over sockets.
//!
//! Every call checks what the person may do, stores what changes in one transaction with its entry in the record, and
//! then tells everybody whom it concerns.

mod anchors;
mod annotations;

use std::collections::BTreeSet;

use coval_shared::anchor::Anchor;
use coval_shared::limits::COMMENT_CHARS;
use coval_shared::protocol::{Comment, CommentId, DocumentId, ErrorCode, ServerMessage, UserId};
use coval_shared::rights::{Right, Role};
use ot_core::Revision;
use uuid::Uuid;

use crate::auth::Access;
use crate::document::Documents;
use crate::error::Refusal;
use crate::store::{CommentQuery, NewComment, Notice, Notified, Said, Store, StoreError, Whose};

pub(crate) use annotations::Drawn;

/// Comments and annotations.
#[derive(Clone)]
pub(crate) struct Discussion {
    documents: Documents,
    access: Access,
}

/// A comment that is to be.
#[derive(Debug)]
pub(crate) struct Spoken {
    /// The comment, if whoever writes it has chosen.
    pub(crate) id: Option<CommentId>,
    /// What is said.
    pub(crate) body: String,
}

impl Discussion {
    pub(crate) fn new(documents: Documents, access: Access) -> Self {
        Self { documents, access }
    }

    /// Begins a thread.
    pub(crate) async fn begin(
        &self,
        author: UserId,
        document: DocumentId,
        spoken: Spoken,
        anchor: Option<(Anchor, Option<Revision>)>,
    ) -> Result<Comment, Refusal> {
        self.access.document(author, document, Right::Comment).await?;
        let body = text(spoken.body)?;
        let (anchored, revision) = match anchor {
            None => (None, Revision::ZERO),
            Some((anchor, revision)) => {
                let (anchored, revision) = self.hang(document, anchor, revision).await?;
                (Some(anchored), revision)
            }
        };
        let id = spoken.id.unwrap_or_else(|| CommentId(Uuid::now_v7()));
        self.say(NewComment { id, document, thread: None, author, body, anchored, revision }).await
    }

    /// Answers in the thread that `comment` is in. The thread has to be in `document`, if that is given.
    pub(crate) async fn reply(
        &self,
        author: UserId,
        comment: CommentId,
        document: Option<DocumentId>,
        spoken: Spoken,
    ) -> Result<Comment, Refusal> {
        let (answered, _) = self.found(author, comment, Right::Comment).await?;
        if document.is_some_and(|document| document != answered.document) {
            return Err(no_such_comment());
        }
        let body = text(spoken.body)?;
        let id = spoken.id.unwrap_or_else(|| CommentId(Uuid::now_v7()));
        let (document, thread) = (answered.document, Some(answered.thread));
        self.say(NewComment { id, document, thread, author, body, anchored: None, revision: Revision::ZERO }).await
    }

    /// Says a comment of one's own anew.
    pub(crate) async fn edit(&self, author: UserId, id: CommentId, body: String) -> Result<Comment, Refusal> {
        let (comment, _) = self.found(author, id, Right::Comment).await?;
        if comment.author.id != author {
            return Err(Refusal::new(ErrorCode::Forbidden, "only who wrote a comment can change it"));
        }
        let body = text(body)?;
        let now_ms = self.access.now_ms();
        let said = self.stored(move |store| store.edit_comment(id, author, &body, now_ms)).await;
        self.told(comment.document, said)
    }

    /// Deletes a comment of one's own, or anybody's in a document that one owns.
    pub(crate) async fn delete(&self, actor: UserId, id: CommentId) -> Result<(), Refusal> {
        let (comment, role) = self.found(actor, id, Right::Comment).await?;
        let whose = whose(actor, role, comment.author.id)?;
        let now_ms = self.access.now_ms();
        let said = self.stored(move |store| store.delete_comment(id, whose, now_ms)).await;
        self.told(comment.document, said).map(|_| ())
    }

    /// Settles the thread that `comment` is in, or opens it again. The thread has to be in `document`, if that is
    /// given.
    pub(crate) async fn resolve(
        &self,
        actor: UserId,
        comment: CommentId,
        document: Option<DocumentId>,
        is_resolved: bool,
    ) -> Result<Comment, Refusal> {
        let (comment, _) = self.found(actor, comment, Right::Comment).await?;
        if document.is_some_and(|document| document != comment.document) {
            return Err(no_such_comment());
        }
        let (thread, now_ms) = (comment.thread, self.access.now_ms());
        let said = self.stored(move |store| store.resolve_thread(thread, actor, is_resolved, now_ms)).await;
        self.told(comment.document, said)
    }

    /// The comments on a document, with anchors where they are now.
    pub(crate) async fn comments(
        &self,
        reader: UserId,
        document: DocumentId,
        query: CommentQuery,
    ) -> Result<Vec<Comment>, Refusal> {
        self.access.document(reader, document, Right::Read).await?;
        let read = move |store: &Store| {
            let mut comments = store.comments(document, &query)?;
            anchors::freshen(store, document, &mut comments)?;
            Ok(comments)
        };
        self.access.blocking(read).await
    }

    /// Tells the people what concerns them.
    fn notify(&self, notified: Vec<Notified>) {
        for Notified { user, notification } in notified {
            self.documents.tell(user, ServerMessage::Notification { notification });
        }
    }

    /// Notes and tells what happened to one person, unless they did it themselves. What led to it stands, even where
    /// this can't be stored.
    pub(crate) async fn inform(&self, user: UserId, notice: Notice) {
        if notice.actor == Some(user) {
            return;
        }
        let now_ms = self.access.now_ms();
        let stored = self.access.blocking(move |store| store.notify(&notice, &BTreeSet::from([user]), now_ms)).await;
        match stored {
            Ok(notified) => self.notify(notified),
            Err(error) => tracing::warn!(%error, "somebody is not told what happened"),
        }
    }

    async fn say(&self, new: NewComment) -> Result<Comment, Refusal> {
        let (document, now_ms) = (new.document, self.access.now_ms());
        let said = self.stored(move |store| store.add_comment(&new, now_ms)).await;
        self.told(document, said)
    }

    /// Tells everybody what was said, and returns the comment in question.
    fn told(&self, document: DocumentId, said: Result<Said, Refusal>) -> Result<Comment, Refusal> {
        let said = said?;
        let first = said.changed.first().cloned().ok_or_else(no_such_comment)?;
        for comment in said.changed {
            self.documents.announce(document, ServerMessage::CommentChanged { document, comment });
        }
        self.notify(said.notified);
        Ok(first)
    }

    /// Runs `work`, which blocks and knows comments and annotations by their ids, on a thread for such.
    async fn stored<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        match self.access.blocking(move |store| Ok(work(store))).await? {
            Ok(done) => Ok(done),
            Err(StoreError::NotFound) => Err(no_such_comment()),
            Err(StoreError::Conflict) => {
                Err(Refusal::new(ErrorCode::Conflict, "something else has this id already; draw another one"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A comment that is not deleted, and what the person is in its document. To those who may not know of the
    /// document, the comment is not there.
    async fn found(&self, user: UserId, id: CommentId, right: Right) -> Result<(Comment, Role), Refusal> {
        let comment = self.stored(move |store| store.comment(id)).await?;
        let role = self.access.document(user, comment.document, right).await.map_err(hidden)?;
        if comment.deleted_at_ms.is_some() && comment.id != comment.thread {
            return Err(no_such_comment());
        }
        Ok((comment, role))
    }
}

/// Whose comments `actor` may delete, one by `author` among them.
fn whose(actor: UserId, role: Role, author: UserId) -> Result<Whose, Refusal> {
    if role.may(Right::Manage) {
        Ok(Whose::Any(actor))
    } else if actor == author {
        Ok(Whose::Own(actor))
    } else {
        Err(Refusal::new(ErrorCode::Forbidden, "only who made it, or an owner, can delete it"))
    }
}

/// Says nothing of a document of which somebody may not know.
fn hidden(refusal: Refusal) -> Refusal {
    if refusal.code() == ErrorCode::UnknownDocument { no_such_comment() } else { refusal }
}

fn no_such_comment() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "there is no such comment or annotation")
}

/// The text of a comment, as it is stored: without blanks around it, with lines that end in one way. NUL is not a
/// character that every database can hold.
fn text(body: String) -> Result<String, Refusal> {
    let body = body.replace("\r\n", "\n").replace('\0', "\u{fffd}");
    let body = body.trim();
    if body.is_empty() {
        return Err(Refusal::invalid("body", "the comment says nothing; write something"));
    }
    if body.chars().count() > COMMENT_CHARS {
        return Err(Refusal::invalid("body", format!("a comment has at most {COMMENT_CHARS} characters")));
    }
    Ok(body.to_owned())
}
