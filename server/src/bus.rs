//! Hints between the nodes of one installation.
//!
//! Several servers may share a database. The database alone decides what is true; the bus tells other nodes early that
//! something there may be new, and carries what is not worth storing, as where people are. A hint may be lost, be late
//! or come twice, and nobody waits for one: whoever needs the truth reads the database.

mod counts;
mod envelope;
mod remote;

use std::sync::Arc;

use coval_shared::protocol::{DocumentId, JobId, Person, ServerMessage, UserId};
use ot_core::Revision;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, mpsc};

pub use counts::BusCounts;
pub use remote::BusError;

use counts::Counts;

/// How many hints wait for whoever is slow to take them; older ones are lost to them.
const HEARD: usize = 4096;

/// How many hints wait to be sent; further ones are lost.
const SAID: usize = 4096;

/// Something that another node may want to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// The document is at this revision.
    Revision {
        /// The document.
        document: DocumentId,
        /// The newest revision that is stored.
        revision: Revision,
    },
    /// These are all the people whom a node has in the document.
    People {
        /// The document.
        document: DocumentId,
        /// The name of the node.
        node: String,
        /// Everybody there; nobody when the last one has left.
        people: Vec<Person>,
    },
    /// Everybody in the document is to be told this.
    Announce {
        /// The document.
        document: DocumentId,
        /// What they are told.
        message: ServerMessage,
    },
    /// All sockets of a user are to be told this.
    Tell {
        /// The user.
        user: UserId,
        /// What they are told.
        message: ServerMessage,
    },
    /// Somebody's rights may have changed.
    Rights,
    /// The calculation is to stop.
    Cancel {
        /// The calculation.
        job: JobId,
    },
    /// Hints were lost, on their way or while there was no connection. Never sent: a node tells itself.
    #[serde(skip)]
    Lost,
}

/// The way to the other nodes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    node: Arc<str>,
    counts: Arc<Counts>,
    heard: broadcast::Sender<Hint>,
    /// Nothing where there are no other nodes.
    say: Option<mpsc::Sender<Hint>>,
}

/// How to reach the other nodes.
#[derive(Clone, Debug)]
pub struct BusSettings {
    /// The Redis server, as `redis://…`.
    pub url: String,
    /// Begins the names of all channels, so that several installations can share a Redis server.
    pub prefix: String,
    /// The name of this node, other than those of the others.
    pub node: String,
}

impl Bus {
    /// The bus of a node that is alone. What is said there reaches nobody.
    pub fn local() -> Self {
        Self { node: Arc::from("local"), counts: Arc::default(), heard: broadcast::Sender::new(1), say: None }
    }

    /// The bus over a Redis server, which need not be there yet. Its work runs on `runtime` until the last clone is
    /// dropped.
    ///
    /// # Errors
    ///
    /// Returns a [`BusError`] when the URL can't be read.
    pub fn connect(settings: &BusSettings, runtime: &Handle) -> Result<Self, BusError> {
        let (say, said) = mpsc::channel(SAID);
        let bus = Self {
            node: Arc::from(settings.node.as_str()),
            counts: Arc::default(),
            heard: broadcast::Sender::new(HEARD),
            say: Some(say),
        };
        remote::start(settings, runtime, said, bus.heard.clone(), &bus.counts)?;
        Ok(bus)
    }

    /// The name of this node.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// Whether there may be other nodes.
    pub fn has_others(&self) -> bool {
        self.say.is_some()
    }

    /// Tells the other nodes. Never waits; what there is no room for is lost.
    pub fn publish(&self, hint: &Hint) {
        if let Some(say) = &self.say
            && say.try_send(hint.clone()).is_err()
        {
            self.counts.overflowed();
        }
    }

    /// Hears what other nodes say from now on. Whoever falls behind misses hints, as [`Hint::Lost`] would tell.
    pub fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.heard.subscribe()
    }

    /// How the bus is, and what it did.
    pub fn counts(&self) -> BusCounts {
        self.counts.read()
    }
}
