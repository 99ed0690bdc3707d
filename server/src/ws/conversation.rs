//! What a client says, and what follows from it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use coval_shared::limits::{CLIENT_FRAME_BYTES, OPEN_DOCUMENTS, PERSON_NAME_CHARS};
use coval_shared::protocol::{
    ClientMessage, DocumentId, ErrorCode, Limits, ServerMessage, UserId, is_server, message_pack,
};
use ot_core::{ClientId, Sequence, Submission};
use tokio::sync::oneshot;

use crate::document::{Command, ConnectionId, Documents, Outbox};

/// One connection's talk with the server.
pub(super) struct Conversation {
    connection: ConnectionId,
    documents: Documents,
    outbox: Outbox,
    is_packed: bool,
    /// Who it is, once they have said so.
    person: Option<(ClientId, String)>,
    open: HashSet<DocumentId>,
}

impl Conversation {
    /// A talk in MessagePack if it `is_packed`, else in JSON.
    pub(super) fn new(documents: Documents, outbox: Outbox, is_packed: bool) -> Self {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        let connection = ConnectionId(CONNECTIONS.fetch_add(1, Ordering::Relaxed));
        Self { connection, documents, outbox, is_packed, person: None, open: HashSet::new() }
    }

    /// Whether the client has said who it is.
    pub(super) fn is_greeted(&self) -> bool {
        self.person.is_some()
    }

    /// Takes in a text frame.
    pub(super) async fn hear_text(&mut self, frame: &str) {
        if self.is_packed {
            return self.refuse_form("messages of this subprotocol are binary frames");
        }
        match serde_json::from_str(frame) {
            Ok(message) => self.hear(message).await,
            Err(error) => self.refuse_form(&error.to_string()),
        }
    }

    /// Takes in a binary frame.
    pub(super) async fn hear_bytes(&mut self, frame: &[u8]) {
        if !self.is_packed {
            return self.refuse_form("messages of this subprotocol are text frames");
        }
        match message_pack::read(frame, CLIENT_FRAME_BYTES) {
            Ok(message) => self.hear(message).await,
            Err(error) => self.refuse_form(&error.to_string()),
        }
    }

    fn refuse_form(&self, problem: &str) {
        let message = format!("this is not a message of the protocol: {problem}");
        self.refuse(ErrorCode::MalformedMessage, message, None, None);
    }

    async fn hear(&mut self, message: ClientMessage) {
        match (message, self.person.clone()) {
            (ClientMessage::Hello { client, .. }, None) if is_server(client) => {
                let message = "only servers have ids that begin so; choose another".to_owned();
                self.refuse(ErrorCode::MalformedMessage, message, None, None);
            }
            (ClientMessage::Hello { client, name }, None) => {
                self.person = Some((client, presentable(&name)));
                self.outbox.send(&ServerMessage::Welcome {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    user: UserId(client.0),
                    name: presentable(&name),
                    limits: Limits::CURRENT,
                });
            }
            (ClientMessage::Hello { .. }, Some(_)) => {
                self.refuse(ErrorCode::HelloExpected, "a connection says hello once".to_owned(), None, None);
            }
            (_, None) => {
                self.refuse(ErrorCode::HelloExpected, "a connection begins with hello".to_owned(), None, None);
            }
            (message, Some((client, name))) => self.follow(message, client, name).await,
        }
    }

    /// Leaves every document.
    pub(super) async fn end(self) {
        for document in self.open {
            self.documents.send(document, Command::Leave { connection: self.connection }).await;
        }
    }

    async fn follow(&mut self, message: ClientMessage, client: ClientId, name: String) {
        let connection = self.connection;
        match message {
            ClientMessage::Hello { .. } => {}
            ClientMessage::DocumentOpen { document, since } => {
                if self.open.len() >= OPEN_DOCUMENTS && !self.open.contains(&document) {
                    let message = format!("a connection has at most {OPEN_DOCUMENTS} documents open; close one");
                    return self.refuse(ErrorCode::TooManyDocuments, message, Some(document), None);
                }
                // Noted before it is true, so that whoever is gone before the answer leaves as well.
                let is_new = self.open.insert(document);
                let (is_in, answer) = oneshot::channel();
                let outbox = self.outbox.clone();
                self.documents.send(document, Command::Join { connection, client, name, since, outbox, is_in }).await;
                if is_new && !answer.await.unwrap_or_default() {
                    self.open.remove(&document);
                }
            }
            ClientMessage::DocumentClose { document } => {
                if self.open.remove(&document) {
                    self.documents.send(document, Command::Leave { connection }).await;
                } else {
                    self.refuse_closed(document, None);
                }
            }
            ClientMessage::DocumentEdit { document, sequence, base, op } => {
                if self.open.contains(&document) {
                    let submission = Submission { client, sequence, base, op };
                    self.documents.send(document, Command::Edit { connection, submission }).await;
                } else {
                    self.refuse_closed(document, Some(sequence));
                }
            }
            ClientMessage::CursorUpdate { document, cursor } => {
                if self.open.contains(&document) {
                    self.documents.send(document, Command::Cursor { connection, cursor }).await;
                } else {
                    self.refuse_closed(document, None);
                }
            }
            ClientMessage::SelectionUpdate { document, .. }
            | ClientMessage::Typing { document, .. }
            | ClientMessage::CommentAdd { document, .. }
            | ClientMessage::CommentReply { document, .. }
            | ClientMessage::CommentResolved { document, .. }
            | ClientMessage::AnnotationCreate { document, .. }
            | ClientMessage::SubscribeStream { document, .. }
            | ClientMessage::UnsubscribeStream { document, .. }
            | ClientMessage::CalculationStart { document, .. }
            | ClientMessage::CalculationCancel { document, .. } => {
                let message = "this server does not do that".to_owned();
                self.refuse(ErrorCode::BadRequest, message, Some(document), None);
            }
        }
    }

    fn refuse_closed(&self, document: DocumentId, sequence: Option<Sequence>) {
        let message = "the document is not open on this connection".to_owned();
        self.refuse(ErrorCode::DocumentNotOpen, message, Some(document), sequence);
    }

    fn refuse(&self, code: ErrorCode, message: String, document: Option<DocumentId>, sequence: Option<Sequence>) {
        self.outbox.send(&ServerMessage::Error { code, message, document, sequence, about: None });
    }
}

/// A name as others are shown it: one line, not too long, never empty.
fn presentable(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(PERSON_NAME_CHARS).collect();
    match name.trim() {
        "" => "Somebody".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(presentable(" Ada\nLovelace "), "Ada Lovelace");
        assert_eq!(presentable("\t"), "Somebody");
        assert_eq!(presentable(&"é".repeat(100)).chars().count(), PERSON_NAME_CHARS);
    }
}
