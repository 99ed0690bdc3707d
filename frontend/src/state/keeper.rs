//! What is kept on this device of a person's documents, and in whose name this window edits them.
//!
//! A window is a writer. Its unconfirmed edits are kept under its name, and whoever goes on with them has to be that very
//! writer: the server then takes each edit once. A lock that lives as long as the window says whose writer is still there;
//! a new window takes the name of one that is not, with all its edits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use coval_shared::protocol::{DocumentId, DocumentKind, UserId};
use ot_core::ClientId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::kept::Store;
use crate::platform::{clock, lock};

/// What is kept, for whoever is signed in.
pub struct Keeper {
    client: Cell<ClientId>,
    store: RefCell<Option<Store>>,
    /// Other writers who are gone, and the documents in which they have left edits behind.
    others: RefCell<Vec<(ClientId, Vec<DocumentId>)>>,
}

/// A document of which little is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownDocument {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub title: String,
    /// What it is.
    pub kind: DocumentKind,
    /// What people call its workspace; empty where that is not known.
    #[serde(default)]
    pub workspace_name: String,
}

impl Keeper {
    /// Keeps nothing yet.
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            client: Cell::new(ClientId(clock::new_uuid())),
            store: RefCell::new(None),
            others: RefCell::default(),
        })
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
        let mut left_behind = Vec::new();
        for (client, documents) in by_writer(queues) {
            if lock::take(&lock_name(client)).await {
                left_behind.push((client, documents));
            }
        }
        let mut left_behind = left_behind.into_iter();
        let Some((client, documents)) = left_behind.next() else {
            // Nobody else has it: it was drawn a moment ago.
            lock::take(&lock_name(self.client())).await;
            return Vec::new();
        };
        self.client.set(client);
        self.others.replace(left_behind.collect());
        documents
    }

    /// The other writers whose windows are gone, with the documents in which they have left edits behind: told once, to
    /// whoever brings these to the server.
    pub fn take_others(&self) -> Vec<(ClientId, Vec<DocumentId>)> {
        self.others.take()
    }

    /// The key of a document as it was last saved.
    #[must_use]
    pub fn document_key(document: DocumentId) -> String {
        format!("{DOCUMENT}{document}")
    }

    /// The key of what a document is called.
    #[must_use]
    pub fn title_key(document: DocumentId) -> String {
        format!("title/{document}")
    }

    /// The documents of which something is kept, be it saved or not.
    pub async fn documents(&self) -> Vec<DocumentId> {
        let store = self.store.borrow().clone();
        let Some(store) = store else {
            return Vec::new();
        };
        let saved = store.keys(DOCUMENT).await;
        let saved = saved.iter().filter_map(|key| Uuid::parse_str(key.strip_prefix(DOCUMENT)?).ok()).map(DocumentId);
        let queues = store.keys(QUEUE).await;
        let unsaved = queues.iter().filter_map(|key| parse_queue_key(key)).map(|(_, document)| document);
        let mut documents: Vec<DocumentId> = saved.chain(unsaved).collect();
        documents.sort_unstable();
        documents.dedup();
        documents
    }

    /// The key of a document with this window's unconfirmed edits.
    pub fn queue_key(&self, document: DocumentId) -> String {
        Self::queue_key_of(self.client(), document)
    }

    /// The key of a document with the unconfirmed edits of another writer.
    #[must_use]
    pub fn queue_key_of(client: ClientId, document: DocumentId) -> String {
        format!("{QUEUE}{}/{document}", client.0)
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

    /// Keeps what a document is called, for the list.
    pub async fn put_title(&self, document: &KnownDocument) {
        if let Ok(text) = serde_json::to_string(document) {
            self.put(&Self::title_key(document.id), &text).await;
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

const DOCUMENT: &str = "document/";
const QUEUE: &str = "queue/";

fn lock_name(client: ClientId) -> String {
    format!("coval-writer-{}", client.0)
}

fn parse_queue_key(key: &str) -> Option<(ClientId, DocumentId)> {
    let (client, document) = key.strip_prefix(QUEUE)?.split_once('/')?;
    Some((ClientId(Uuid::parse_str(client).ok()?), DocumentId(Uuid::parse_str(document).ok()?)))
}

/// The documents of each writer, in the order of the writers' names.
fn by_writer(queues: Vec<(ClientId, DocumentId)>) -> BTreeMap<ClientId, Vec<DocumentId>> {
    let mut writers: BTreeMap<ClientId, Vec<DocumentId>> = BTreeMap::new();
    for (client, document) in queues {
        writers.entry(client).or_default().push(document);
    }
    writers
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_each_writer_has_left_behind_is_told_apart() {
        let (ada, grace) = (ClientId(Uuid::from_u128(2)), ClientId(Uuid::from_u128(1)));
        let (model, memo) = (DocumentId(Uuid::from_u128(3)), DocumentId(Uuid::from_u128(4)));
        let keys = [(ada, model), (grace, model), (ada, memo)].map(|(client, id)| Keeper::queue_key_of(client, id));
        let queues = keys.iter().filter_map(|key| parse_queue_key(key)).collect();
        let writers: Vec<_> = by_writer(queues).into_iter().collect();
        assert_eq!(writers, [(grace, vec![model]), (ada, vec![model, memo])]);
        assert_eq!(parse_queue_key("document/x"), None);
    }
}
