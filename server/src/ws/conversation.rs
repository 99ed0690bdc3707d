//! What a client says, and what follows from it.

mod calculate;
mod discuss;

use std::collections::HashMap;

use actix_ws::{CloseCode, CloseReason};
use coval_shared::limits::{BYTES_BEFORE_HELLO, CLIENT_FRAME_BYTES, MESSAGES_BEFORE_HELLO, OPEN_DOCUMENTS};
use coval_shared::protocol::{
    ClientMessage, ClientSaid, DocumentId, ErrorCode, Limits, ServerMessage, Stream, is_server, message_pack,
};
use coval_shared::rights::{Right, Role};
use ot_core::{ClientId, Revision, Sequence, Submission};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use super::frames::reason;
use crate::auth::{Access, Principal};
use crate::document::{Command, ConnectionId, Documents, Movement, Outbox};
use crate::error::Refusal;
use crate::jobs::Jobs;

/// One connection's talk with the server.
pub(super) struct Conversation {
    connection: ConnectionId,
    documents: Documents,
    access: Access,
    jobs: Jobs,
    outbox: Outbox,
    is_packed: bool,
    /// Who it is, once they have said so.
    speaker: Option<Speaker>,
    /// How many messages were heard before that.
    unsigned: usize,
    /// What the person may do with the documents that are open.
    open: HashMap<DocumentId, Role>,
    /// What stands for them in brief messages.
    numbers: HashMap<u32, DocumentId>,
}

#[derive(Clone)]
struct Speaker {
    client: ClientId,
    principal: Principal,
}

/// What an error is about.
#[derive(Clone, Copy, Default)]
struct About {
    document: Option<DocumentId>,
    sequence: Option<Sequence>,
    about: Option<Uuid>,
}

impl About {
    fn document(document: DocumentId) -> Self {
        Self { document: Some(document), ..Self::default() }
    }
}

impl Conversation {
    /// A talk in MessagePack if it `is_packed`, else in JSON.
    pub(super) fn new(documents: Documents, access: Access, jobs: Jobs, outbox: Outbox, is_packed: bool) -> Self {
        let (connection, open, numbers) = (ConnectionId::next(), HashMap::new(), HashMap::new());
        Self { connection, documents, access, jobs, outbox, is_packed, speaker: None, unsigned: 0, open, numbers }
    }

    /// Which connection of this process it is.
    pub(super) fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Whether the client has said who it is.
    pub(super) fn is_greeted(&self) -> bool {
        self.speaker.is_some()
    }

    /// Moves whenever [`Conversation::review`] is due.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.access.changes()
    }

    /// Takes in a text frame. Returns why the connection ends, if it does.
    pub(super) async fn hear_text(&mut self, frame: &str) -> Option<CloseReason> {
        if let Some(end) = self.count(frame.len()) {
            return Some(end);
        }
        if self.is_packed {
            self.refuse_form("messages of this subprotocol are binary frames");
            return None;
        }
        match serde_json::from_str(frame) {
            Ok(said) => self.hear_said(said).await,
            Err(error) => {
                self.refuse_form(&error.to_string());
                None
            }
        }
    }

    /// Takes in a binary frame. Returns why the connection ends, if it does.
    pub(super) async fn hear_bytes(&mut self, frame: &[u8]) -> Option<CloseReason> {
        if let Some(end) = self.count(frame.len()) {
            return Some(end);
        }
        if !self.is_packed {
            self.refuse_form("messages of this subprotocol are text frames");
            return None;
        }
        match message_pack::read(frame, CLIENT_FRAME_BYTES) {
            Ok(said) => self.hear_said(said).await,
            Err(error) => {
                self.refuse_form(&error.to_string());
                None
            }
        }
    }

    /// Looks again at what the person may do. Returns why the connection ends, if it does.
    pub(super) async fn review(&mut self) -> Option<CloseReason> {
        let Speaker { principal, .. } = self.speaker.clone()?;
        // While the database is away, what was known goes on.
        if matches!(self.access.still(&principal).await, Ok(false)) {
            return Some(reason(CloseCode::Policy, "the person is not signed in any more"));
        }
        for (document, known) in self.open.clone() {
            let role = match self.access.document(principal.user, document, Right::Read).await {
                Ok(role) => Some(role),
                Err(refusal) if refusal.code() == ErrorCode::UnknownDocument => None,
                Err(_) => continue,
            };
            if role == Some(known) {
                continue;
            }
            match role {
                Some(role) => {
                    self.open.insert(document, role);
                }
                None => self.close(document).await,
            }
            self.outbox.send(&ServerMessage::AccessUpdate { document, role });
        }
        None
    }

    /// Leaves every document.
    pub(super) async fn end(self) {
        if let Some(speaker) = &self.speaker {
            self.documents.stop_listening(speaker.principal.user, self.connection);
        }
        for document in self.open.into_keys() {
            self.documents.send(document, Command::Leave { connection: self.connection }).await;
        }
    }

    /// Counts what comes from somebody who has not said who they are.
    fn count(&mut self, bytes: usize) -> Option<CloseReason> {
        if self.is_greeted() {
            return None;
        }
        self.unsigned = self.unsigned.saturating_add(1);
        let is_too_much = bytes > BYTES_BEFORE_HELLO || self.unsigned > MESSAGES_BEFORE_HELLO;
        is_too_much.then(|| reason(CloseCode::Policy, "a connection begins with hello"))
    }

    async fn hear_said(&mut self, said: ClientSaid) -> Option<CloseReason> {
        match said {
            ClientSaid::Named(message) => self.hear(message).await,
            ClientSaid::Edit(number, sequence, base, op) => match self.numbers.get(&number) {
                Some(&document) => self.hear(ClientMessage::DocumentEdit { document, sequence, base, op }).await,
                None if self.is_greeted() => {
                    self.refuse_closed(About { sequence: Some(sequence), ..About::default() });
                    None
                }
                None => {
                    self.refuse(ErrorCode::HelloExpected, "a connection begins with hello", About::default());
                    None
                }
            },
        }
    }

    async fn hear(&mut self, message: ClientMessage) -> Option<CloseReason> {
        match (message, self.speaker.clone()) {
            (ClientMessage::Hello { client, .. }, None) if is_server(client) => {
                let message = "only servers have ids that begin so; choose another";
                self.refuse(ErrorCode::MalformedMessage, message, About::default());
            }
            (ClientMessage::Hello { client, ticket }, None) => match self.access.redeem(ticket.reveal()).await {
                Ok(principal) => self.greet(client, principal),
                Err(refusal) => {
                    self.refuse_as(&refusal, About::default());
                    return Some(reason(CloseCode::Policy, "nobody is signed in"));
                }
            },
            (ClientMessage::Hello { .. }, Some(_)) => {
                self.refuse(ErrorCode::HelloExpected, "a connection says hello once", About::default());
            }
            (_, None) => self.refuse(ErrorCode::HelloExpected, "a connection begins with hello", About::default()),
            (message, Some(speaker)) => self.follow(message, speaker).await,
        }
        None
    }

    fn greet(&mut self, client: ClientId, principal: Principal) {
        tracing::Span::current().record("user", tracing::field::display(principal.user.0));
        self.documents.listen(principal.user, self.connection, self.outbox.clone());
        self.outbox.send(&ServerMessage::Welcome {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            user: principal.user,
            name: principal.name.clone(),
            limits: Limits::CURRENT,
        });
        self.speaker = Some(Speaker { client, principal });
    }

    async fn follow(&mut self, message: ClientMessage, speaker: Speaker) {
        let (connection, Speaker { client, principal }) = (self.connection, speaker);
        match message {
            ClientMessage::Hello { .. } => {}
            ClientMessage::DocumentOpen { document, since } => self.open(document, since, client, principal).await,
            ClientMessage::DocumentClose { document } => {
                if self.open.contains_key(&document) {
                    self.close(document).await;
                } else {
                    self.refuse_closed(About::document(document));
                }
            }
            ClientMessage::DocumentEdit { document, sequence, base, op } => {
                let about = About { sequence: Some(sequence), ..About::document(document) };
                if self.may(&principal, document, Right::Edit, about).await {
                    let submission = Submission { client, sequence, base, op };
                    self.documents.send(document, Command::Edit { connection, submission }).await;
                }
            }
            ClientMessage::CursorUpdate { document, cursor } => {
                self.moves(&principal, document, None, Movement::Cursor(cursor)).await;
            }
            ClientMessage::SelectionUpdate { document, revision, selection } => {
                self.moves(&principal, document, Some(revision), Movement::Selection(selection)).await;
            }
            ClientMessage::Typing { document, is_typing } => {
                self.moves(&principal, document, None, Movement::Typing(is_typing)).await;
            }
            ClientMessage::SubscribeStream { document, stream } => {
                self.subscribe(&principal, document, stream, true).await;
            }
            ClientMessage::UnsubscribeStream { document, stream } => {
                self.subscribe(&principal, document, stream, false).await;
            }
            message @ (ClientMessage::CommentAdd { .. }
            | ClientMessage::CommentReply { .. }
            | ClientMessage::CommentResolved { .. }
            | ClientMessage::AnnotationCreate { .. }) => self.discuss(principal.user, message).await,
            message @ (ClientMessage::CalculationStart { .. } | ClientMessage::CalculationCancel { .. }) => {
                self.calculate(principal.user, message).await;
            }
        }
    }

    async fn open(&mut self, document: DocumentId, since: Option<Revision>, client: ClientId, principal: Principal) {
        if self.open.len() >= OPEN_DOCUMENTS && !self.open.contains_key(&document) {
            let message = format!("a connection has at most {OPEN_DOCUMENTS} documents open; close one");
            return self.refuse(ErrorCode::TooManyDocuments, message, About::document(document));
        }
        let Principal { user, name, .. } = principal;
        let role = match self.access.document(user, document, Right::Read).await {
            Ok(role) => role,
            Err(refusal) => return self.refuse_as(&refusal, About::document(document)),
        };
        // Noted before it is true, so that whoever is gone before the answer leaves as well.
        let is_new = self.open.insert(document, role).is_none();
        let (is_in, answer) = oneshot::channel();
        let (connection, outbox) = (self.connection, self.outbox.clone());
        let join = Command::Join { connection, client, user, name, role, since, outbox, is_in };
        self.documents.send(document, join).await;
        if is_new {
            match answer.await.ok().flatten() {
                Some(number) => self.note_number(number, document),
                None => _ = self.open.remove(&document),
            }
        }
    }

    /// Numbers of documents that were closed stay for a while, so that what comes too late is refused with their ids.
    fn note_number(&mut self, number: u32, document: DocumentId) {
        if self.numbers.len() >= 2 * OPEN_DOCUMENTS {
            self.numbers.retain(|_, numbered| self.open.contains_key(numbered));
        }
        self.numbers.retain(|_, numbered| *numbered != document);
        self.numbers.insert(number, document);
    }

    async fn close(&mut self, document: DocumentId) {
        self.open.remove(&document);
        self.documents.send(document, Command::Leave { connection: self.connection }).await;
    }

    async fn moves(&self, principal: &Principal, document: DocumentId, revision: Option<Revision>, movement: Movement) {
        if self.may(principal, document, Right::Read, About::document(document)).await {
            let connection = self.connection;
            self.documents.send(document, Command::Move { connection, revision, movement }).await;
        }
    }

    async fn subscribe(&self, principal: &Principal, document: DocumentId, stream: Stream, is_on: bool) {
        if self.may(principal, document, Right::Read, About::document(document)).await {
            let connection = self.connection;
            self.documents.send(document, Command::Subscribe { connection, stream, is_on }).await;
        }
    }

    /// Whether the document is open and the person has the right to it at this moment; if not, they are told.
    async fn may(&self, principal: &Principal, document: DocumentId, right: Right, about: About) -> bool {
        if !self.open.contains_key(&document) {
            self.refuse_closed(about);
            return false;
        }
        match self.access.document(principal.user, document, right).await {
            Ok(_) => true,
            Err(refusal) => {
                self.refuse_as(&refusal, about);
                false
            }
        }
    }

    fn refuse_form(&self, problem: &str) {
        let message = format!("this is not a message of the protocol: {problem}");
        self.refuse(ErrorCode::MalformedMessage, message, About::default());
    }

    fn refuse_closed(&self, about: About) {
        self.refuse(ErrorCode::DocumentNotOpen, "the document is not open on this connection", about);
    }

    fn refuse_as(&self, refusal: &Refusal, about: About) {
        self.refuse(refusal.code(), refusal.detail(), about);
    }

    fn refuse(&self, code: ErrorCode, message: impl Into<String>, about: About) {
        let About { document, sequence, about } = about;
        tracing::debug!(?code, document = document.map(|document| document.0.to_string()), "a message was refused");
        self.outbox.send(&ServerMessage::Error { code, message: message.into(), document, sequence, about });
    }
}
