//! All open documents, the person who edits them, and the connection that they share.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use coval_shared::protocol::{DocumentId, ServerMessage, UserId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::keeper::Keeper;
use crate::connection::rest::RestError;
use crate::connection::{Account, Connection, Incoming, Status, Who};
use crate::platform::page;

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

    /// Keeps it on the device, now.
    fn keep(&self);
}

/// The documents that were opened: few enough to look through.
type Sessions = RefCell<Vec<Rc<dyn OpenDocument>>>;

/// Whoever follows what the server says about no document in particular.
type Listeners = RefCell<Vec<Rc<dyn Fn(&ServerMessage)>>>;

/// What the whole page shares. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Workspace {
    keeper: StoredValue<Rc<Keeper>, LocalStorage>,
    /// For whom what is kept on this device has been found, and which documents have edits that were left behind.
    pub found: RwSignal<Option<(UserId, Vec<DocumentId>)>>,
    /// Who is here.
    pub who: ReadSignal<Who>,
    /// Where the connection stands.
    pub status: ReadSignal<Status>,
    sessions: StoredValue<Rc<Sessions>, LocalStorage>,
    connection: StoredValue<Rc<Connection>, LocalStorage>,
    account: StoredValue<Rc<Account>, LocalStorage>,
    listeners: StoredValue<Rc<Listeners>, LocalStorage>,
    is_wanted: StoredValue<bool>,
    /// Documents live as long as the page, however often it changes what it shows.
    owner: StoredValue<Owner>,
}

impl Workspace {
    /// An empty workspace. To be made once, at the root of the page.
    pub fn new() -> Self {
        let keeper = Keeper::new();
        let account = Account::new();
        let sessions = Rc::new(Sessions::default());
        let listeners = Rc::new(Listeners::default());
        let listener = {
            let (sessions, listeners) = (Rc::downgrade(&sessions), Rc::downgrade(&listeners));
            move |incoming| distribute(&sessions, &listeners, incoming)
        };
        let connection = Connection::new(keeper.client(), Rc::clone(&account), listener);
        greet(&account, &connection);
        let workspace = Self {
            keeper: StoredValue::new_local(keeper),
            is_wanted: StoredValue::new(false),
            found: RwSignal::new(None),
            who: account.who(),
            status: connection.status(),
            sessions: StoredValue::new_local(sessions),
            connection: StoredValue::new_local(connection),
            account: StoredValue::new_local(account),
            listeners: StoredValue::new_local(listeners),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        page::ask_before_leaving(move || workspace.is_unsaved());
        page::on_left(move |is_left| {
            if is_left {
                workspace.sessions.get_value().borrow().iter().for_each(|session| session.keep());
            }
        });
        Effect::new(move || {
            if let Who::Somebody(me) = workspace.who.get() {
                workspace.find_what_is_kept(me.id);
            }
        });
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
        new: impl FnOnce(Rc<Keeper>, Rc<Connection>) -> D,
    ) -> D {
        let connection = self.connection.get_value();
        connection.want();
        let sessions = self.sessions.get_value();
        let known = find(&sessions, id).and_then(|session| {
            let session: &dyn Any = &*session;
            session.downcast_ref::<D>().cloned()
        });
        known.unwrap_or_else(|| {
            let document = self.owner.get_value().with(|| new(self.keeper.get_value(), connection));
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
        // Before it is known in whose name this window writes, there is nothing to say hello with.
        if self.found.with_untracked(Option::is_some) {
            self.connection.get_value().want();
        } else {
            self.is_wanted.set_value(true);
        }
    }

    /// Signs out, and leaves nothing of the person on this device.
    ///
    /// # Errors
    ///
    /// Returns why the person is still signed in.
    pub async fn sign_out(&self) -> Result<(), RestError> {
        self.account().sign_out().await?;
        self.keeper().forget().await;
        Ok(())
    }

    /// What is kept on this device.
    pub fn keeper(&self) -> Rc<Keeper> {
        self.keeper.get_value()
    }

    /// Stops waiting and connects at once.
    pub fn retry_now(&self) {
        self.connection.get_value().retry_now();
    }

    fn find_what_is_kept(&self, me: UserId) {
        if self.found.with_untracked(|found| found.as_ref().is_some_and(|(known, _)| *known == me)) {
            return;
        }
        let workspace = *self;
        spawn_local(async move {
            let keeper = workspace.keeper();
            let left_behind = keeper.begin(me).await;
            workspace.connection.get_value().write_as(keeper.client());
            workspace.found.set(Some((me, left_behind)));
            if workspace.is_wanted.get_value() {
                workspace.connect();
            }
        });
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

/// Which document a message is about; nothing when it is about none.
pub(super) fn document_of(message: &ServerMessage) -> Option<DocumentId> {
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
