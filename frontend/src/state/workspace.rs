//! All open documents, the person who edits them, and the connection that they share.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use coval_shared::limits::PERSON_NAME_CHARS;
use coval_shared::protocol::{DocumentId, ServerMessage};
use leptos::prelude::*;
use ot_core::ClientId;

use super::session::DocumentSession;
use super::view::colour_of;
use crate::connection::{Connection, Incoming, Status};
use crate::platform::{clock, page, storage};

/// The documents that were opened: few enough to look through.
type Sessions = RefCell<Vec<DocumentSession>>;

/// What the whole page shares. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Workspace {
    client: ClientId,
    /// What the person is called.
    pub name: RwSignal<String>,
    /// Where the connection stands.
    pub status: ReadSignal<Status>,
    sessions: StoredValue<Rc<Sessions>, LocalStorage>,
    connection: StoredValue<Rc<Connection>, LocalStorage>,
    /// Documents live as long as the page, however often it changes what it shows.
    owner: StoredValue<Owner>,
}

impl Workspace {
    /// An empty workspace. To be made once, at the root of the page.
    pub fn new() -> Self {
        let client = ClientId(clock::new_uuid());
        let name = storage::name().and_then(|name| tidy_name(&name)).unwrap_or_else(|| guest_name(client));
        let sessions = Rc::new(Sessions::default());
        let listener = {
            let sessions = Rc::downgrade(&sessions);
            move |incoming| distribute(&sessions, incoming)
        };
        let connection = Connection::new(client, name.clone(), listener);
        let workspace = Self {
            client,
            name: RwSignal::new(name),
            status: connection.status(),
            sessions: StoredValue::new_local(sessions),
            connection: StoredValue::new_local(connection),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        page::ask_before_leaving(move || workspace.is_unsaved());
        workspace
    }

    /// The class of the person's own colour.
    pub fn colour(&self) -> String {
        colour_of(self.client)
    }

    /// The document `id`, which is opened if it was not.
    pub fn document(&self, id: DocumentId) -> DocumentSession {
        let connection = self.connection.get_value();
        connection.want();
        let sessions = self.sessions.get_value();
        let known = find(&sessions, id);
        match known {
            Some(session) => session,
            None => {
                let owner = self.owner.get_value();
                let session = owner.with(|| DocumentSession::new(id, self.client, connection));
                sessions.borrow_mut().push(session);
                session
            }
        }
    }

    /// Calls the person `name` from now on. An empty name changes nothing.
    pub fn rename(&self, name: &str) {
        let Some(name) = tidy_name(name) else {
            return;
        };
        if self.name.get_untracked() == name {
            return;
        }
        storage::remember_name(&name);
        self.name.set(name.clone());
        self.connection.get_value().rename(name);
    }

    /// Stops waiting and connects at once.
    pub fn retry_now(&self) {
        self.connection.get_value().retry_now();
    }

    fn is_unsaved(&self) -> bool {
        let sessions = self.sessions.get_value();
        sessions.borrow().iter().any(DocumentSession::is_unsaved)
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

fn distribute(sessions: &Weak<Sessions>, incoming: Incoming) {
    let Some(sessions) = sessions.upgrade() else {
        return;
    };
    // A document may open others while it listens, so the map is not held meanwhile.
    let all: Vec<DocumentSession> = sessions.borrow().clone();
    match incoming {
        Incoming::Opened => all.iter().for_each(DocumentSession::open),
        Incoming::Lost => all.iter().for_each(DocumentSession::disconnect),
        Incoming::Message(message) => match document_of(&message) {
            Some(id) => {
                let session = find(&sessions, id);
                if let Some(session) = session {
                    session.hear(message);
                }
            }
            None => all.iter().for_each(|session| session.hear(message.clone())),
        },
    }
}

fn find(sessions: &Sessions, id: DocumentId) -> Option<DocumentSession> {
    sessions.borrow().iter().copied().find(|session| session.id() == id)
}

fn document_of(message: &ServerMessage) -> Option<DocumentId> {
    match message {
        ServerMessage::DocumentSnapshot { document, .. }
        | ServerMessage::DocumentResumed { document, .. }
        | ServerMessage::DocumentUpdated { document, .. }
        | ServerMessage::DocumentAck { document, .. }
        | ServerMessage::PresenceUpdate { document, .. }
        | ServerMessage::Typing { document, .. }
        | ServerMessage::CommentChanged { document, .. }
        | ServerMessage::AnnotationChanged { document, .. }
        | ServerMessage::AccessUpdate { document, .. }
        | ServerMessage::StreamData { document, .. }
        | ServerMessage::ValuationUpdate { document, .. }
        | ServerMessage::CalculationProgress { document, .. }
        | ServerMessage::CalculationFinished { document, .. } => Some(*document),
        ServerMessage::Error { document, .. } => *document,
        ServerMessage::Welcome { .. } | ServerMessage::Notification { .. } => None,
    }
}

/// A name without surrounding space, no longer than names may be; none when nothing is left.
fn tidy_name(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(PERSON_NAME_CHARS).collect();
    (!name.is_empty()).then_some(name)
}

fn guest_name(client: ClientId) -> String {
    let digits = client.0.simple().to_string().to_ascii_uppercase();
    let tail: String = digits.chars().skip(29).collect();
    format!("Guest {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!(tidy_name("  Ada "), Some("Ada".into()));
        assert_eq!(tidy_name("   "), None);
        let long = "é".repeat(PERSON_NAME_CHARS * 2);
        assert_eq!(tidy_name(&long).map(|name| name.chars().count()), Some(PERSON_NAME_CHARS));
    }

    #[test]
    fn a_guest_is_called_after_the_end_of_its_identity() {
        assert_eq!(guest_name(ClientId(Uuid::from_u128(0xabc))), "Guest ABC");
    }
}
