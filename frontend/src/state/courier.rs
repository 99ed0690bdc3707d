//! Brings edits to the server that other windows have left behind, each in the name of the window that made it: the
//! server knows by that name what it has stored already.
//!
//! A window goes on under the name of one that is gone. When more than one was left behind, it carries what the others
//! had, over a connection for each of them, until that is stored. They show up in the open document as anybody's edits do.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use coval_shared::protocol::{ClientMessage, DocumentId, ServerMessage};
use leptos::task::spawn_local;
use ot_core::ClientId;

use super::document::{Document, Effect, RESEND_DELAY, Record};
use super::keeper::Keeper;
use super::session::DocumentSession;
use super::workspace::{Workspace, document_of};
use crate::connection::{Connection, Incoming};
use crate::platform::clock;

/// Whoever brings what one window has left behind.
struct Courier {
    workspace: Workspace,
    client: ClientId,
    keeper: Rc<Keeper>,
    documents: RefCell<Vec<(DocumentId, Document)>>,
    connection: RefCell<Option<Rc<Connection>>>,
}

/// Brings what the writer `client` has left behind in these documents.
pub async fn bring(workspace: Workspace, client: ClientId, documents: Vec<DocumentId>) {
    let keeper = workspace.keeper();
    let mut read = Vec::new();
    for id in documents {
        let kept = keeper.get(&Keeper::queue_key_of(client, id)).await;
        // What another version of the app has kept may not be understood.
        let Some(record) = kept.and_then(|text| serde_json::from_str::<Record>(&text).ok()) else { continue };
        let mut document = Document::new(id, client);
        let _ = document.restore(record);
        read.push((id, document));
    }
    if read.is_empty() {
        return;
    }
    let connection = RefCell::default();
    let courier = Rc::new(Courier { workspace, client, keeper, documents: RefCell::new(read), connection });
    let listener = {
        let courier: Weak<Courier> = Rc::downgrade(&courier);
        move |incoming| {
            if let Some(courier) = courier.upgrade() {
                courier.take_in(incoming);
            }
        }
    };
    let connection = Connection::new(client, workspace.account(), listener);
    courier.connection.replace(Some(Rc::clone(&connection)));
    connection.want();
    while !courier.documents.borrow().is_empty() {
        clock::sleep(RESEND_DELAY).await;
        courier.again();
    }
    connection.end();
}

impl Courier {
    fn take_in(&self, incoming: Incoming) {
        match incoming {
            Incoming::Opened => self.with_all(Document::open),
            Incoming::Lost => self.with_all(Document::disconnect),
            Incoming::Message(message) => self.hear(*message),
        }
    }

    fn with_all(&self, act: impl Fn(&mut Document) -> Vec<Effect>) {
        let effects: Vec<(DocumentId, Vec<Effect>)> =
            self.documents.borrow_mut().iter_mut().map(|(id, document)| (*id, act(document))).collect();
        effects.into_iter().for_each(|(id, effects)| self.carry_out(id, effects));
    }

    fn hear(&self, message: ServerMessage) {
        let Some(id) = document_of(&message) else { return };
        let effects = {
            let mut documents = self.documents.borrow_mut();
            let known = documents.iter_mut().find(|(known, _)| *known == id);
            known.map(|(_, document)| document.hear(message)).unwrap_or_default()
        };
        let is_missing = effects.iter().any(|effect| matches!(effect, Effect::Missing(_)));
        self.carry_out(id, effects);
        let is_done = self
            .documents
            .borrow()
            .iter()
            .any(|(known, document)| *known == id && (is_missing || document.is_live() && document.unsaved() == 0));
        if is_done {
            self.finish(id);
        }
    }

    /// Everything of this document is stored, or can't be.
    fn finish(&self, id: DocumentId) {
        self.documents.borrow_mut().retain(|(known, _)| *known != id);
        self.send(&ClientMessage::DocumentClose { document: id });
        let (keeper, key) = (Rc::clone(&self.keeper), Keeper::queue_key_of(self.client, id));
        spawn_local(async move { keeper.remove(&key).await });
    }

    /// Sends once more what the server could not store.
    fn again(&self) {
        let is_open = self.connection.borrow().as_ref().is_some_and(|connection| connection.is_open());
        if is_open {
            self.with_all(|document| document.resend());
        }
    }

    fn carry_out(&self, id: DocumentId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(message) => self.send(&message),
                // Where the document itself is shown.
                Effect::Tell(notice) => DocumentSession::in_workspace(self.workspace, id).tell(notice),
                // Nobody looks at it here, and what is to be sent again is, after a while.
                Effect::Show | Effect::ShowPeople(_) | Effect::Text(_) | Effect::Missing(_) | Effect::ResendLater => {}
            }
        }
    }

    fn send(&self, message: &ClientMessage) {
        // A clone of the pointer, so that what comes back at once finds nothing borrowed.
        let connection = self.connection.borrow().clone();
        if let Some(connection) = connection {
            connection.send(message);
        }
    }
}
