//! What a client says, and what follows from it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use coval_shared::limits::{CLIENT_FRAME_BYTES, OPEN_DOCUMENTS};
use coval_shared::protocol::{
    ClientMessage, DocumentId, ErrorCode, Limits, ServerMessage, UserId, is_server, message_pack,
};
use coval_shared::rights::{Right, Role};
use coval_shared::secret::Secret;
use ot_core::{ClientId, Sequence, Submission};
use tokio::sync::{oneshot, watch};

use crate::auth::{Access, Principal};
use crate::document::{Command, ConnectionId, Documents, Outbox};
use crate::error::Refusal;

/// One connection's talk with the server.
pub(super) struct Conversation {
    connection: ConnectionId,
    documents: Documents,
    access: Access,
    outbox: Outbox,
    is_packed: bool,
    /// Who it is, once they have said so.
    person: Option<(ClientId, Principal)>,
    /// Whether they could not say who they are.
    is_turned_away: bool,
    /// The open documents, and what the person was last known to be there.
    open: HashMap<DocumentId, Role>,
}

impl Conversation {
    /// A talk in MessagePack if it `is_packed`, else in JSON.
    pub(super) fn new(documents: Documents, access: Access, outbox: Outbox, is_packed: bool) -> Self {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        let connection = ConnectionId(CONNECTIONS.fetch_add(1, Ordering::Relaxed));
        let open = HashMap::new();
        Self { connection, documents, access, outbox, is_packed, person: None, is_turned_away: false, open }
    }

    /// Whether the client has said who it is.
    pub(super) fn is_greeted(&self) -> bool {
        self.person.is_some()
    }

    /// Whether the client could not say who it is.
    pub(super) fn is_turned_away(&self) -> bool {
        self.is_turned_away
    }

    /// Moves whenever [`Conversation::check_rights`] may find something.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.access.changes()
    }

    /// Tells the client of rights that have changed, and leaves the documents that it may not read any more. Returns
    /// whether the person is signed in still.
    pub(super) async fn check_rights(&mut self) -> bool {
        let Some((_, who)) = &self.person else { return true };
        let user = who.user;
        if matches!(self.access.still(who).await, Ok(false)) {
            return false;
        }
        let open: Vec<_> = self.open.iter().map(|(document, role)| (*document, *role)).collect();
        for (document, before) in open {
            match self.access.document(user, document, Right::Read).await {
                Ok(role) if role == before => {}
                Ok(role) => {
                    self.open.insert(document, role);
                    self.outbox.send(&ServerMessage::AccessUpdate { document, role: Some(role) });
                }
                Err(refusal) if refusal.code() == ErrorCode::UnknownDocument => {
                    self.open.remove(&document);
                    self.documents.send(document, Command::Leave { connection: self.connection }).await;
                    self.outbox.send(&ServerMessage::AccessUpdate { document, role: None });
                }
                // While the database is away, what was known holds.
                Err(_) => {}
            }
        }
        true
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
        let known = self.person.as_ref().map(|(client, who)| (*client, who.user));
        match (message, known) {
            (ClientMessage::Hello { client, .. }, None) if is_server(client) => {
                let message = "only servers have ids that begin so; choose another".to_owned();
                self.refuse(ErrorCode::MalformedMessage, message, None, None);
            }
            (ClientMessage::Hello { client, ticket }, None) => self.greet(client, &ticket).await,
            (ClientMessage::Hello { .. }, Some(_)) => {
                self.refuse(ErrorCode::HelloExpected, "a connection says hello once".to_owned(), None, None);
            }
            (_, None) => {
                self.refuse(ErrorCode::HelloExpected, "a connection begins with hello".to_owned(), None, None);
            }
            (message, Some((client, user))) => self.follow(message, client, user).await,
        }
    }

    async fn greet(&mut self, client: ClientId, ticket: &Secret) {
        match self.access.redeem(ticket.reveal()).await {
            Ok(who) => {
                self.outbox.send(&ServerMessage::Welcome {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    user: who.user,
                    name: who.name.clone(),
                    limits: Limits::CURRENT,
                });
                self.person = Some((client, who));
            }
            Err(refusal) => {
                self.refuse(refusal.code(), refusal.detail().to_owned(), None, None);
                self.is_turned_away = true;
            }
        }
    }

    /// Leaves every document.
    pub(super) async fn end(self) {
        for document in self.open.into_keys() {
            self.documents.send(document, Command::Leave { connection: self.connection }).await;
        }
    }

    async fn follow(&mut self, message: ClientMessage, client: ClientId, user: UserId) {
        let connection = self.connection;
        match message {
            ClientMessage::Hello { .. } => {}
            ClientMessage::DocumentOpen { document, since } => {
                if self.open.len() >= OPEN_DOCUMENTS && !self.open.contains_key(&document) {
                    let message = format!("a connection has at most {OPEN_DOCUMENTS} documents open; close one");
                    return self.refuse(ErrorCode::TooManyDocuments, message, Some(document), None);
                }
                let role = match self.access.document(user, document, Right::Read).await {
                    Ok(role) => role,
                    Err(refusal) => return self.refuse_with(&refusal, document, None),
                };
                let name = self.person.as_ref().map(|(_, who)| who.name.clone()).unwrap_or_default();
                // Noted before it is true, so that whoever is gone before the answer leaves as well.
                let is_new = self.open.insert(document, role).is_none();
                let (is_in, answer) = oneshot::channel();
                let outbox = self.outbox.clone();
                self.documents.send(document, Command::Join { connection, client, name, since, outbox, is_in }).await;
                if is_new && !answer.await.unwrap_or_default() {
                    self.open.remove(&document);
                }
            }
            ClientMessage::DocumentClose { document } => {
                if self.open.remove(&document).is_some() {
                    self.documents.send(document, Command::Leave { connection }).await;
                } else {
                    self.refuse_closed(document, None);
                }
            }
            ClientMessage::DocumentEdit { document, sequence, base, op } => {
                if !self.open.contains_key(&document) {
                    return self.refuse_closed(document, Some(sequence));
                }
                match self.access.document(user, document, Right::Edit).await {
                    Ok(_) => {
                        let submission = Submission { client, sequence, base, op };
                        self.documents.send(document, Command::Edit { connection, submission }).await;
                    }
                    Err(refusal) => self.refuse_with(&refusal, document, Some(sequence)),
                }
            }
            ClientMessage::CursorUpdate { document, cursor } => {
                if self.open.contains_key(&document) {
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

    fn refuse_with(&self, refusal: &Refusal, document: DocumentId, sequence: Option<Sequence>) {
        self.refuse(refusal.code(), refusal.detail().to_owned(), Some(document), sequence);
    }

    fn refuse_closed(&self, document: DocumentId, sequence: Option<Sequence>) {
        let message = "the document is not open on this connection".to_owned();
        self.refuse(ErrorCode::DocumentNotOpen, message, Some(document), sequence);
    }

    fn refuse(&self, code: ErrorCode, message: String, document: Option<DocumentId>, sequence: Option<Sequence>) {
        self.outbox.send(&ServerMessage::Error { code, message, document, sequence, about: None });
    }
}
