//! What is kept on this device of a person's documents, and in whose name this window edits them.
//!
//! A window is a writer. Its unconfirmed edits are kept under its name, and whoever goes on with them has to be that very
//! writer: the server then takes each edit once. A lock that lives as long as the window says whose writer is still there;
//! a new window takes the name of one that is not, with all its edits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use coval_shared::protocol::{DocumentId, UserId};
use ot_core::ClientId;
use uuid::Uuid;

use crate::platform::kept::Store;
use crate::platform::{clock, lock};

/// What is kept, for whoever is signed in.
pub struct Keeper {
    client: Cell<ClientId>,
    store: RefCell<Option<Store>>,
}

impl Keeper {
    /// Keeps nothing yet.
    pub fn new() -> Rc<Self> {
        Rc::new(Self { client: Cell::new(ClientId(clock::new_uuid())), store: RefCell::new(None) })
    }

    /// In whose name this window edits.
    pub fn client(&self) -> ClientId {
        self.client.get()
    }

    /// Finds what is kept for `me`. Returns the documents with edits that a window has left behind, whose name this one
    /// has taken.
    pub async fn begin(&self, me: UserId) -> Vec<DocumentId> {
        let Some(store) = Store::open(&format!("coval-{me}")).await else {
            return Vec::new();
        };
        let queues: Vec<(ClientId, DocumentId)> =
            store.keys(QUEUE).await.iter().filter_map(|key| parse_queue_key(key)).collect();
        self.store.replace(Some(store));
        for (client, _) in &queues {
            if lock::take(&lock_name(*client)).await {
                self.client.set(*client);
                return queues.iter().filter(|(owner, _)| owner == client).map(|(_, document)| *document).collect();
            }
        }
        // Nobody else has it: it was drawn a moment ago.
        lock::take(&lock_name(self.client())).await;
        Vec::new()
    }

    /// The key of a document as it was last saved.
    #[must_use]
    pub fn document_key(document: DocumentId) -> String {
        format!("document/{document}")
    }

    /// The key of a document with this window's unconfirmed edits.
    pub fn queue_key(&self, document: DocumentId) -> String {
        format!("{QUEUE}{}/{document}", self.client().0)
    }

    /// What is kept as `key`.
    pub async fn get(&self, key: &str) -> Option<String> {
        let store = self.store.borrow().clone();
        store?.get(key).await
    }

    /// Keeps `text` as `key`. Returns whether it is kept.
    pub async fn put(&self, key: &str, text: &str) -> bool {
        let store = self.store.borrow().clone();
        match store {
            Some(store) => store.put(key, text).await,
            None => false,
        }
    }

    /// Forgets what is kept as `key`.
    pub async fn remove(&self, key: &str) {
        let store = self.store.borrow().clone();
        if let Some(store) = store {
            store.remove(key).await;
        }
    }

    /// Forgets everything of whoever is signed in.
    pub async fn forget(&self) {
        let store = self.store.take();
        if let Some(store) = store {
            store.destroy().await;
        }
    }
}

const QUEUE: &str = "queue/";

fn lock_name(client: ClientId) -> String {
    format!("coval-writer-{}", client.0)
}

fn parse_queue_key(key: &str) -> Option<(ClientId, DocumentId)> {
    let (client, document) = key.strip_prefix(QUEUE)?.split_once('/')?;
    Some((ClientId(Uuid::parse_str(client).ok()?), DocumentId(Uuid::parse_str(document).ok()?)))
}
