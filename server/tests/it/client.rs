//! A client on a real socket, with the same machine that the app runs.

use std::time::Duration;

use coval_shared::model::{CellRef, ItemId, PeriodId, edit};
use coval_shared::protocol::{
    ClientMessage, DocumentId, ErrorCode, FromClient, Glossary, Person, SUBPROTOCOL, ServerMessage,
};
use coval_shared::secret::Secret;
use futures_util::{SinkExt, StreamExt};
use ot_core::json::{Json, JsonOp};
use ot_core::{ClientId, Revision, Sequence};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use crate::server::Server;
use crate::signed_in::SignedIn;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a client listens before it is sure that nothing comes.
const QUIET: Duration = Duration::from_millis(300);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One connection.
pub(crate) struct Client {
    pub(crate) id: ClientId,
    pub(crate) socket: Socket,
    /// Who else is in the documents that are open, as the server told it bit by bit.
    people: Vec<Person>,
    glossary: Glossary,
}

/// Opens a socket as a page of `origin` would.
pub(crate) async fn connect(
    address: &str,
    origin: Option<&str>,
    subprotocol: Option<&str>,
) -> Result<Socket, Box<Error>> {
    let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("Origin", origin.parse().unwrap());
    }
    if let Some(subprotocol) = subprotocol {
        request.headers_mut().insert("Sec-WebSocket-Protocol", subprotocol.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket).map_err(Box::new)
}

impl Client {
    /// A connection that has not said hello.
    pub(crate) async fn silent(server: &Server) -> Self {
        let socket = connect(server.address(), Some(&server.origin()), Some(SUBPROTOCOL)).await.unwrap();
        Self { id: ClientId(Uuid::now_v7()), socket, people: Vec::new(), glossary: Glossary::default() }
    }

    /// A connection of a new client.
    pub(crate) async fn new(server: &Server, name: &str) -> Self {
        Self::as_client(server, ClientId(Uuid::now_v7()), name).await
    }

    /// Another connection of a client that was here before.
    pub(crate) async fn as_client(server: &Server, id: ClientId, name: &str) -> Self {
        Self::greeted(server, id, &server.signed_in(name).await).await
    }

    /// A connection of a new client of somebody.
    pub(crate) async fn of(server: &Server, who: &SignedIn) -> Self {
        Self::greeted(server, ClientId(Uuid::now_v7()), who).await
    }

    async fn greeted(server: &Server, id: ClientId, who: &SignedIn) -> Self {
        let mut client = Self { id, ..Self::silent(server).await };
        client.hello(&who.ticket().await).await;
        match client.next().await {
            ServerMessage::Welcome { .. } => client,
            other => panic!("no welcome but {other:?}"),
        }
    }

    /// Says who it is.
    pub(crate) async fn hello(&mut self, ticket: &str) {
        self.send(&ClientMessage::Hello { client: self.id, ticket: Secret::new(ticket) }).await;
    }

    /// A new client that has opened `document`, and the document.
    pub(crate) async fn in_document(server: &Server, name: &str, document: DocumentId) -> (Self, Opened) {
        let mut client = Self::new(server, name).await;
        let opened = client.open(document).await;
        (client, opened)
    }

    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        let number = match message {
            ClientMessage::DocumentEdit { document, .. } => self.glossary.number(*document),
            _ => None,
        };
        self.send_text(serde_json::to_string(&FromClient { message, number }).unwrap()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next message. Presence and notifications are passed over, since they come whenever others do something.
    pub(crate) async fn next(&mut self) -> ServerMessage {
        loop {
            match self.next_of_all().await {
                ServerMessage::PresenceUpdate { .. }
                | ServerMessage::Typing { .. }
                | ServerMessage::Notification { .. } => {}
                message => return message,
            }
        }
    }

    /// Everybody else who is shown, once that has changed.
    pub(crate) async fn next_people(&mut self) -> Vec<Person> {
        let before = self.people.clone();
        while self.people == before {
            self.next_of_all().await;
        }
        self.people.clone()
    }

    /// Everybody else who is shown, once they are so many.
    pub(crate) async fn people(&mut self, count: usize) -> Vec<Person> {
        while self.people.len() != count {
            self.next_of_all().await;
        }
        self.people.clone()
    }

    fn meet(&mut self, message: &ServerMessage) {
        let ServerMessage::PresenceUpdate { is_all, people, left, .. } = message else {
            return;
        };
        let is_known = |person: &Person| people.iter().any(|other| other.client == person.client);
        self.people.retain(|person| !is_all && !left.contains(&person.client) && !is_known(person));
        self.people.extend(people.iter().filter(|person| person.client != self.id).cloned());
    }

    /// The next message of any kind.
    pub(crate) async fn next_of_all(&mut self) -> ServerMessage {
        let next = async {
            loop {
                match self.socket.next().await.expect("the server ended the connection").unwrap() {
                    Message::Text(text) => {
                        let said = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                        return self.glossary.take(said).unwrap();
                    }
                    Message::Close(reason) => panic!("the server closed the connection: {reason:?}"),
                    _ => {}
                }
            }
        };
        let message = tokio::time::timeout(PATIENCE, next).await.expect("the server says nothing");
        self.meet(&message);
        message
    }

    /// Nothing but presence comes for a while.
    pub(crate) async fn hears_nothing(&mut self) {
        if let Ok(message) = tokio::time::timeout(QUIET, self.next()).await {
            panic!("nothing was to come, but {message:?}");
        }
    }

    /// Reads on until the server closes, and returns why.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        let closed = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.expect("the server does not close")
    }

    /// Opens a document from the beginning.
    pub(crate) async fn open(&mut self, document: DocumentId) -> Opened {
        self.send(&ClientMessage::DocumentOpen { document, since: None }).await;
        match self.next().await {
            ServerMessage::DocumentSnapshot { title, revision, last_sequence, snapshot, .. } => {
                let mut machine = ot_core::Client::new(self.id, snapshot.clone(), revision);
                machine.reset(snapshot, revision, last_sequence);
                Opened { document, title, last_sequence, machine }
            }
            other => panic!("no snapshot but {other:?}"),
        }
    }

    /// Opens a document of which revision `since` is known, and returns the revisions that come.
    pub(crate) async fn resume(&mut self, document: DocumentId, since: Revision) -> Vec<ot_core::Committed<JsonOp>> {
        self.send(&ClientMessage::DocumentOpen { document, since: Some(since) }).await;
        match self.next().await {
            ServerMessage::DocumentResumed { updates, .. } => updates,
            other => panic!("not resumed but {other:?}"),
        }
    }

    pub(crate) async fn submit(&mut self, document: DocumentId, sequence: u64, base: Revision, op: JsonOp) {
        let sequence = Sequence(sequence);
        self.send(&ClientMessage::DocumentEdit { document, sequence, base, op }).await;
    }

    /// The acknowledgement that comes next.
    pub(crate) async fn ack(&mut self) -> (Sequence, Revision) {
        match self.next().await {
            ServerMessage::DocumentAck { sequence, revision, .. } => (sequence, revision),
            other => panic!("no acknowledgement but {other:?}"),
        }
    }

    /// The revisions that others made and that come next.
    pub(crate) async fn updates(&mut self) -> Vec<ot_core::Committed<JsonOp>> {
        match self.next().await {
            ServerMessage::DocumentUpdated { updates, .. } => updates,
            other => panic!("no update but {other:?}"),
        }
    }

    /// The error that comes next: its code, and the submission concerned.
    pub(crate) async fn error(&mut self) -> (ErrorCode, Option<Sequence>) {
        match self.next().await {
            ServerMessage::Error { code, message, sequence, .. } => {
                assert!(!message.is_empty() && !message.ends_with('.'), "{message:?}");
                (code, sequence)
            }
            other => panic!("no error but {other:?}"),
        }
    }

    pub(crate) async fn point(&mut self, document: DocumentId, cursor: Option<CellRef>) {
        self.send(&ClientMessage::CursorUpdate { document, cursor }).await;
    }
}

/// A document as one client sees it.
pub(crate) struct Opened {
    pub(crate) document: DocumentId,
    pub(crate) title: String,
    pub(crate) last_sequence: Sequence,
    pub(crate) machine: ot_core::Client<Json>,
}

impl Opened {
    /// Makes an edit, and sends it if nothing is awaited.
    pub(crate) async fn edit(&mut self, client: &mut Client, op: JsonOp) {
        if let Some(submission) = self.machine.edit(op).unwrap() {
            client.submit(self.document, submission.sequence.0, submission.base, submission.op).await;
        }
    }

    /// Follows the server until `revision` is there and nothing is awaited.
    pub(crate) async fn follow(&mut self, client: &mut Client, revision: Revision) {
        while self.machine.revision() < revision || !self.machine.is_synchronized() {
            let message = client.next().await;
            self.take(client, message).await;
        }
    }

    async fn take(&mut self, client: &mut Client, message: ServerMessage) {
        match message {
            ServerMessage::DocumentUpdated { updates, .. } => {
                for committed in updates {
                    self.machine.receive(&committed).unwrap();
                }
            }
            ServerMessage::DocumentAck { sequence, revision, .. } => {
                let received = self.machine.acknowledge(sequence, revision).unwrap();
                if let ot_core::client::Received::Acknowledged(Some(next)) = received {
                    client.submit(self.document, next.sequence.0, next.base, next.op).await;
                }
            }
            other => panic!("neither update nor acknowledgement: {other:?}"),
        }
    }

    pub(crate) fn value(&self) -> &Value {
        self.machine.document()
    }
}

/// Enters `input` in the cell of a row and a period, as the app would; no period means a row with one value.
pub(crate) fn enter(document: &Value, item: &str, period: Option<&str>, input: &str) -> JsonOp {
    let cell = CellRef { item: ItemId(item.to_owned()), period: period.map(|period| PeriodId(period.to_owned())) };
    edit::enter(document, &cell, input).unwrap()
}
