//! The open documents: one task each, which is the only one to touch it.
//!
//! A task takes what waits in its mailbox, stores it in one transaction, and only then answers. It never waits for a
//! client: what a client is to hear goes to its [`Outbox`], which is bounded.

mod broadcast;
mod links;
mod nodes;
mod outbox;
mod presence;
mod room;
mod session;
mod task;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use coval_shared::model::ItemId;
use coval_shared::protocol::{DocumentId, Person, UserId};
use coval_shared::rest::DocumentOutputs;
use coval_shared::rights::Role;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Revision, Submission};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::bus::Bus;
use crate::store::{Store, StoreError};
use links::Waiting;
use told::Listeners;

pub use broadcast::{Broadcast, Form};
pub use outbox::{End, Outbox, Outgoing};
pub use room::Movement;

/// How many commands may wait for a document; further ones wait at their connection.
const MAILBOX: usize = 256;

/// One connection, as the documents know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Milliseconds since 1970 UTC, from the caller's clock.
pub type Clock = fn() -> i64;

/// The newest values of items of a document, or why they have none.
pub type Values = BTreeMap<ItemId, Result<f64, String>>;

/// What is asked of a document.
#[derive(Debug)]
pub enum Command {
    /// Somebody opens it. What they need to know goes to their outbox.
    Join {
        /// Their connection.
        connection: ConnectionId,
        /// The writer.
        client: ClientId,
        /// Who they are.
        user: UserId,
        /// What to call them.
        name: String,
        /// What they may do.
        role: Role,
        /// The newest revision that they hold.
        since: Option<Revision>,
        /// Where to answer.
        outbox: Outbox,
        /// Hears whether they are in, after the answer is in the outbox.
        is_in: oneshot::Sender<bool>,
    },
    /// Somebody closes it, or their connection is gone.
    Leave {
        /// Their connection.
        connection: ConnectionId,
    },
    /// Somebody who is in it changes it.
    Edit {
        /// Their connection.
        connection: ConnectionId,
        /// The change.
        submission: Submission<JsonOp>,
    },
    /// Somebody who is in it moves.
    Move {
        /// Their connection.
        connection: ConnectionId,
        /// The revision that places in the text refer to.
        revision: Option<Revision>,
        /// What they do.
        movement: Movement,
    },
    /// Everybody who is in it is to be told something.
    Announce {
        /// What.
        message: Broadcast,
    },
    /// The database may hold revisions up to this one, which another node stored.
    Newer {
        /// The newest revision.
        revision: Revision,
    },
    /// Another node says whom it has in the document.
    Elsewhere {
        /// The name of the node.
        node: String,
        /// Everybody there.
        people: Vec<Person>,
    },
    /// It is time to tell the other nodes who is here, and to forget those that are silent.
    Round,
    /// Somebody asks for the key figures.
    Outputs {
        /// Where to answer.
        reply: oneshot::Sender<Result<DocumentOutputs, StoreError>>,
    },
    /// Somebody asks what the document takes from others: of each, the items.
    Links {
        /// Where to answer.
        reply: oneshot::Sender<Result<BTreeMap<DocumentId, BTreeSet<ItemId>>, StoreError>>,
    },
    /// Somebody asks for the newest values of items, or why they have none.
    Values {
        /// The items.
        items: BTreeSet<ItemId>,
        /// Where to answer.
        reply: oneshot::Sender<Result<Values, StoreError>>,
    },
    /// The values of another document that this one is linked to.
    TakeValues {
        /// The other document.
        source: DocumentId,
        /// The values of its items, or why they have none.
        values: Values,
        /// Hears when they are stored.
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
}

/// How busy the documents are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Census {
    /// How many are in memory.
    pub(crate) open: usize,
    /// How many commands wait for them.
    pub(crate) waiting: usize,
}

/// All documents of this server.
#[derive(Clone)]
pub struct Documents {
    store: Store,
    clock: Clock,
    runtime: Handle,
    bus: Bus,
    mailboxes: Arc<Mutex<HashMap<DocumentId, mpsc::Sender<Command>>>>,
    waiting: Arc<Waiting>,
    listeners: Listeners,
}

impl Documents {
    /// The documents of `store`, whose tasks run on `runtime` and tell other nodes over `bus`. Nothing is read until
    /// somebody asks.
    pub fn new(store: Store, clock: Clock, runtime: Handle, bus: Bus) -> Self {
        let documents = Self {
            store,
            clock,
            runtime,
            bus,
            mailboxes: Arc::default(),
            waiting: Arc::default(),
            listeners: Listeners::default(),
        };
        if documents.bus.has_others() {
            documents.runtime.spawn(documents.clone().follow_others());
        }
        documents
    }

    /// Where the documents are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The way to the other nodes.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Passes `command` to the document, which comes into memory if it is not there. Waits while its mailbox is full.
    pub async fn send(&self, id: DocumentId, command: Command) {
        let mut command = command;
        // A task that is just ending gives the command back; the one after it takes it.
        while let Err(mpsc::error::SendError(returned)) = self.mailbox(id).send(command).await {
            command = returned;
        }
    }

    /// The key figures of the newest stored revision.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the document can't be read.
    pub async fn outputs(&self, id: DocumentId) -> Result<DocumentOutputs, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(id, Command::Outputs { reply }).await;
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the document is being reloaded".to_owned())))
    }

    /// How many documents are in memory, and how many commands wait for them.
    pub(crate) fn census(&self) -> Census {
        let mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = mailboxes.values().map(|mailbox| mailbox.max_capacity().saturating_sub(mailbox.capacity())).sum();
        Census { open: mailboxes.len(), waiting }
    }

    /// The documents in memory.
    fn open(&self) -> Vec<DocumentId> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// The mailbox of a document that is in memory.
    fn open_mailbox(&self, id: DocumentId) -> Option<mpsc::Sender<Command>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn mailbox(&self, id: DocumentId) -> mpsc::Sender<Command> {
        let mut mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailbox) = mailboxes.get(&id).filter(|mailbox| !mailbox.is_closed()) {
            return mailbox.clone();
        }
        let (mailbox, commands) = mpsc::channel(MAILBOX);
        mailboxes.insert(id, mailbox.clone());
        let documents = self.clone();
        self.runtime.spawn(async move {
            let late = task::run(id, documents.clone(), commands).await;
            for command in late {
                documents.send(id, command).await;
            }
            documents.forget_closed();
        });
        mailbox
    }

    fn forget_closed(&self) {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, mailbox| !mailbox.is_closed());
    }
}
