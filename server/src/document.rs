//! The open documents: one task each, which is the only one to touch it.
//!
//! A task takes what waits in its mailbox, stores it in one transaction, and only then answers. It never waits for a
//! client: what a client is to hear goes to its [`Outbox`], which is bounded.

mod broadcast;
mod edited;
mod figures;
mod fresh;
mod links;
mod machine;
mod nodes;
mod outbox;
mod presence;
mod room;
mod session;
mod task;
mod told;
mod wakers;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use coval_shared::model::ItemId;
use coval_shared::protocol::{DocumentId, ErrorCode, Person, Stream, UserId};
use coval_shared::rest::DocumentOutputs;
use coval_shared::rights::Role;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Revision, Submission};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::bus::Bus;
use crate::error::Refusal;
use crate::store::{Store, StoreError};
use edited::Edits;
use links::Waiting;
use told::Listeners;

pub use broadcast::{Broadcast, Form};
pub use outbox::{End, Outbox, Outgoing};
pub use room::Movement;
pub use wakers::Wakers;

/// How many commands may wait for a document; further ones wait at their connection.
const MAILBOX: usize = 1_024;

/// How many calculations run at once.
const CALCULATIONS: usize = 2;

/// One connection, as the documents know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    /// One that there was not before in this process.
    #[must_use]
    pub fn next() -> Self {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        Self(CONNECTIONS.fetch_add(1, Ordering::Relaxed))
    }
}

/// Milliseconds since 1970 UTC, from the caller's clock.
pub type Clock = fn() -> i64;

/// The newest values of items of a document, or why they have none.
pub type Values = BTreeMap<ItemId, Result<f64, String>>;

/// The revision that a change became, or why it is refused.
pub type Outcome = Result<Revision, (ErrorCode, String)>;

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
        /// Hears the number of the document if they are in, after the answer is in the outbox.
        is_in: oneshot::Sender<Option<u32>>,
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
    /// Somebody who is in it follows something of it, or no longer.
    Subscribe {
        /// Their connection.
        connection: ConnectionId,
        /// What.
        stream: Stream,
        /// Whether from now on.
        is_on: bool,
    },
    /// Everybody who is in it is to be told something; what belongs to a stream, those who follow it.
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
    /// Somebody who need not be in it changes it.
    Submit {
        /// Whose change it is.
        author: UserId,
        /// The writer, who has written nothing else; the server itself if there is none.
        client: Option<ClientId>,
        /// The change.
        op: JsonOp,
        /// The revision that it applies to.
        base: Revision,
        /// Hears the revision that it became once that is stored, or why it is refused.
        reply: oneshot::Sender<Result<Outcome, StoreError>>,
    },
    /// Somebody waits until everything before this is stored.
    Settle {
        /// Hears when it is.
        reply: oneshot::Sender<()>,
    },
    /// Somebody asks who is in it.
    People {
        /// Where to answer.
        reply: oneshot::Sender<Vec<Person>>,
    },
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

impl Command {
    /// The writer who comes in by it.
    fn comer(&self) -> Option<ClientId> {
        match self {
            Self::Join { client, .. } => Some(*client),
            _ => None,
        }
    }
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
    permits: Arc<Semaphore>,
    edits: Edits,
    numbers: Arc<AtomicU32>,
}

impl Documents {
    /// The documents of `store`, whose tasks run on `runtime` and tell other nodes over `bus`. Nothing is read until
    /// somebody asks.
    pub fn new(store: Store, clock: Clock, runtime: Handle, bus: Bus) -> Self {
        let edits = Edits::new(store.clone(), runtime.clone());
        let documents = Self {
            store,
            clock,
            runtime,
            bus,
            edits,
            mailboxes: Arc::default(),
            waiting: Arc::default(),
            listeners: Listeners::default(),
            numbers: Arc::default(),
            permits: Arc::new(Semaphore::new(CALCULATIONS)),
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

    /// Who has the document open: nobody where it is not in memory here.
    pub(crate) async fn people(&self, id: DocumentId) -> Vec<Person> {
        if !self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id) {
            return Vec::new();
        }
        let (reply, answer) = oneshot::channel();
        self.send(id, Command::People { reply }).await;
        // A document that is just being loaded again has nobody in it.
        answer.await.unwrap_or_default()
    }

    /// Makes `op`, which applies to the revision `base`, the newest revision in the name of `author`, whoever has the
    /// document open. Returns the revision that it became.
    ///
    /// # Errors
    ///
    /// Returns a [`Refusal`] when the op does not fit, and when nothing could be stored.
    pub(crate) async fn submit(
        &self,
        id: DocumentId,
        author: UserId,
        op: JsonOp,
        base: Revision,
    ) -> Result<Revision, Refusal> {
        self.submit_by(id, author, None, op, base).await
    }

    /// As [`Documents::submit`], as the only thing that `client` ever submits: however often it is submitted, it is
    /// committed once.
    ///
    /// # Errors
    ///
    /// As [`Documents::submit`].
    pub(crate) async fn submit_as(
        &self,
        id: DocumentId,
        author: UserId,
        client: ClientId,
        op: JsonOp,
        base: Revision,
    ) -> Result<Revision, Refusal> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || store.last_submission(id, client)).await {
            Ok(Ok(Some((_, revision)))) => return Ok(revision),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(Refusal::busy()),
        }
        self.submit_by(id, author, Some(client), op, base).await
    }

    async fn submit_by(
        &self,
        id: DocumentId,
        author: UserId,
        client: Option<ClientId>,
        op: JsonOp,
        base: Revision,
    ) -> Result<Revision, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.send(id, Command::Submit { author, client, op, base, reply }).await;
        match answer.await {
            Ok(submitted) => submitted?.map_err(|(code, message)| Refusal::new(code, message)),
            Err(_) => Err(Refusal::new(ErrorCode::Unavailable, "the document is being reloaded; try again")),
        }
    }

    /// A number for a document that comes into memory, which no other one in memory has.
    fn next_number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// What calculations wait for before they begin.
    fn permits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.permits)
    }

    /// Waits until every document has stored what it was sent until now.
    pub(crate) async fn settle(&self) {
        let asked = self.open().into_iter().map(|id| async move {
            let (reply, answer) = oneshot::channel();
            if let Some(mailbox) = self.open_mailbox(id)
                && mailbox.send(Command::Settle { reply }).await.is_ok()
            {
                // A task that ends has nothing left to do either.
                let _ = answer.await;
            }
        });
        futures_util::future::join_all(asked).await;
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
