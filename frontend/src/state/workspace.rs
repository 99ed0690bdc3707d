//! All open documents, the person who edits them, and the connection that they share.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use coval_shared::protocol::{DocumentId, ServerMessage, UserId};
use leptos::prelude::*;
use ot_core::ClientId;

use crate::connection::{Account, Connection, Incoming, Status, Who};
use crate::platform::{clock, page};

/// An open document, as the connection knows it.
///
/// A trait, so that nothing here names what a document is made of: that code is loaded with the first document.
pub trait OpenDocument: Any {
    /// Which one it is.
    fn id(&self) -> DocumentId;

    /// Opens it on a connection that has just been opened.
    fn open(&self);

    /// Takes note that the connection is gone.
    fn disconnect(&self);

    /// Takes in what the server said about it.
    fn hear(&self, message: ServerMessage);

    /// Whether there are edits that the server has not confirmed.
    fn is_unsaved(&self) -> bool;
}

/// The documents that were opened: few enough to look through.
type Sessions = RefCell<Vec<Rc<dyn OpenDocument>>>;

/// Whoever follows what the server says about no document in particular.
type Listeners = RefCell<Vec<Rc<dyn Fn(&ServerMessage)>>>;

/// What the whole page shares. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Workspace {
    client: ClientId,
    /// Who is here.
    pub who: ReadSignal<Who>,
    /// Where the connection stands.
    pub status: ReadSignal<Status>,
    sessions: StoredValue<Rc<Sessions>, LocalStorage>,
    connection: StoredValue<Rc<Connection>, LocalStorage>,
    account: StoredValue<Rc<Account>, LocalStorage>,
    listeners: StoredValue<Rc<Listeners>, LocalStorage>,
    /// Documents live as long as the page, however often it changes what it shows.
    owner: StoredValue<Owner>,
}

impl Workspace {
    /// An empty workspace. To be made once, at the root of the page.
    pub fn new() -> Self {
        let client = ClientId(clock::new_uuid());
        let account = Account::new();
        let sessions = Rc::new(Sessions::default());
        let listeners = Rc::new(Listeners::default());
        let listener = {
            let (sessions, listeners) = (Rc::downgrade(&sessions), Rc::downgrade(&listeners));
            move |incoming| distribute(&sessions, &listeners, incoming)
        };
        let connection = Connection::new(client, Rc::clone(&account), listener);
        greet(&account, &connection);
        let workspace = Self {
            client,
            who: account.who(),
            status: connection.status(),
            sessions: StoredValue::new_local(sessions),
            connection: StoredValue::new_local(connection),
            account: StoredValue::new_local(account),
            listeners: StoredValue::new_local(listeners),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        page::ask_before_leaving(move || workspace.is_unsaved());
        workspace
    }

    /// The account of whoever is here.
    pub fn account(&self) -> Rc<Account> {
        self.account.get_value()
    }

    /// The document `id`, which is made by `new` if it was not open.
    pub fn document<D: OpenDocument + Clone>(
        &self,
        id: DocumentId,
        new: impl FnOnce(ClientId, Rc<Connection>) -> D,
    ) -> D {
        let connection = self.connection.get_value();
        connection.want();
        let sessions = self.sessions.get_value();
        let known = find(&sessions, id).and_then(|session| {
            let session: &dyn Any = &*session;
            session.downcast_ref::<D>().cloned()
        });
        known.unwrap_or_else(|| {
            let document = self.owner.get_value().with(|| new(self.client, connection));
            sessions.borrow_mut().push(Rc::new(document.clone()));
            document
        })
    }

    /// Calls `listener` with everything that the server says about no document in particular, as long as the page lives.
    pub fn listen(&self, listener: impl Fn(&ServerMessage) + 'static) {
        self.listeners.get_value().borrow_mut().push(Rc::new(listener));
    }

    /// Connects to the server, also where no document is open.
    pub fn connect(&self) {
        self.connection.get_value().want();
    }

    /// Stops waiting and connects at once.
    pub fn retry_now(&self) {
        self.connection.get_value().retry_now();
    }

    fn is_unsaved(&self) -> bool {
        let sessions = self.sessions.get_value();
        sessions.borrow().iter().any(|session| session.is_unsaved())
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

/// Whoever has signed in again goes on with what is open. Whoever is somebody else begins anew: what is open belongs to
/// the one before.
fn greet(account: &Rc<Account>, connection: &Rc<Connection>) {
    let who = account.who();
    let connection = Rc::downgrade(connection);
    let before: Cell<Option<UserId>> = Cell::new(None);
    account.on_sign_in(move || {
        let Who::Somebody(me) = who.get_untracked() else {
            return;
        };
        if before.replace(Some(me.id)).is_some_and(|before| before != me.id) {
            return page::reload();
        }
        if let Some(connection) = connection.upgrade() {
            connection.retry_now();
        }
    });
}

fn distribute(sessions: &Weak<Sessions>, listeners: &Weak<Listeners>, incoming: Incoming) {
    let (Some(sessions), Some(listeners)) = (sessions.upgrade(), listeners.upgrade()) else {
        return;
    };
    // A document may open others while it listens, so the map is not held meanwhile.
    let all: Vec<Rc<dyn OpenDocument>> = sessions.borrow().clone();
    match incoming {
        Incoming::Opened => all.iter().for_each(|session| session.open()),
        Incoming::Lost => all.iter().for_each(|session| session.disconnect()),
        Incoming::Message(message) => match document_of(&message) {
            Some(id) => {
                let session = find(&sessions, id);
                if let Some(session) = session {
                    session.hear(*message);
                }
            }
            None => {
                let listeners: Vec<_> = listeners.borrow().clone();
                listeners.iter().for_each(|listener| listener(&message));
                all.iter().for_each(|session| session.hear((*message).clone()));
            }
        },
    }
}

fn find(sessions: &Sessions, id: DocumentId) -> Option<Rc<dyn OpenDocument>> {
    sessions.borrow().iter().find(|session| session.id() == id).map(Rc::clone)
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
