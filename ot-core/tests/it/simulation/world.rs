//! Two clients, a server with storage, and a network that delays, doubles and loses.

use std::collections::BTreeMap;

use ot_core::client::{ClientError, Received};
use ot_core::server::{Prepared, SubmitError};
use ot_core::{Client, ClientId, Committed, OtType, Revision, Sequence, Server, Submission};

use super::session::Played;
use crate::generate::{Source, SplitMix64};

pub(super) const PEERS: usize = 2;

pub(super) struct World<T: Played> {
    random: SplitMix64,
    faults: bool,
    now: u64,
    /// What is under way, by the time when it arrives and the order of sending.
    network: BTreeMap<(u64, u64), Envelope<T::Op>>,
    sent: u64,
    peers: Vec<Peer<T>>,
    server: Server<T>,
    storage: Storage<T>,
    plan: Vec<String>,
}

struct Peer<T: OtType> {
    client: Client<T>,
    connection: Option<u64>,
    connections: u64,
    /// The client sends again what it awaits once it has heard everything up to here.
    resend_at: Option<Revision>,
}

/// What a restart leaves.
struct Storage<T: OtType> {
    start: T::Snapshot,
    /// A snapshot that may be older than the last op.
    snapshot: (Revision, T::Snapshot),
    log: Vec<Committed<T::Op>>,
}

struct Envelope<Op> {
    peer: usize,
    connection: u64,
    message: Message<Op>,
}

#[derive(Clone)]
enum Message<Op> {
    // To the server.
    Submit(Submission<Op>),
    CatchUp { after: Revision },
    // To a client.
    Committed(Committed<Op>),
    Acknowledge { sequence: Sequence, revision: Revision },
    CaughtUp { newest: Revision },
}

impl<T: Played> World<T> {
    pub(super) fn new(seed: u64) -> Self {
        let start = T::start();
        let peers = (1_u128..).take(PEERS).map(|id| Peer {
            client: Client::new(ClientId(uuid::Uuid::from_u128(id)), start.clone(), Revision::ZERO),
            connection: Some(0),
            connections: 0,
            resend_at: None,
        });
        Self {
            random: SplitMix64::new(seed),
            faults: false,
            now: 0,
            network: BTreeMap::new(),
            sent: 0,
            peers: peers.collect(),
            server: Server::new(start.clone(), Revision::ZERO),
            storage: Storage { start: start.clone(), snapshot: (Revision::ZERO, start), log: Vec::new() },
            plan: Vec::new(),
        }
    }

    pub(super) fn into_plan(self) -> Vec<String> {
        self.plan
    }

    pub(super) fn document(&self) -> &T::Snapshot {
        self.server.document()
    }

    pub(super) fn document_of(&self, peer: usize) -> &T::Snapshot {
        self.peers[peer].client.document()
    }

    /// Who was committed first and who second.
    pub(super) fn order_of_the_first_two(&self) -> (usize, usize) {
        let author = |index: usize| {
            let id = self.storage.log[index].client;
            self.peers.iter().position(|peer| peer.client.id() == id).unwrap()
        };
        (author(0), author(1))
    }

    pub(super) fn allow_faults(&mut self) {
        self.faults = true;
    }

    pub(super) fn edit(&mut self, peer: usize, op: T::Op) -> Result<(), String> {
        let place = if self.peers[peer].connection.is_some() { "" } else { " offline" };
        self.note(format!("client {peer} edits{place}: {}", serde_json::to_string(&op).unwrap()));
        let submission = self.peers[peer].client.edit(op).map_err(|error| format!("client {peer}: {error}"))?;
        if let Some(submission) = submission {
            self.send(peer, Message::Submit(submission));
        }
        Ok(())
    }

    pub(super) fn cut(&mut self, peer: usize) {
        if self.peers[peer].connection.take().is_some() {
            self.note(format!("client {peer} is cut off"));
        }
    }

    pub(super) fn connect(&mut self, peer: usize) {
        let there = &mut self.peers[peer];
        if there.connection.is_none() {
            there.connections += 1;
            there.connection = Some(there.connections);
            let after = there.client.revision();
            self.note(format!("client {peer} connects with revision {after}"));
            self.send(peer, Message::CatchUp { after });
        }
    }

    /// Drops the server and starts another one from what is stored.
    pub(super) fn restart(&mut self) {
        for peer in 0..PEERS {
            self.cut(peer);
        }
        let (revision, snapshot) = self.storage.snapshot.clone();
        self.note(format!("the server restarts from its snapshot of revision {revision}"));
        let mut document = snapshot;
        let newest = Revision(u64::try_from(self.storage.log.len()).unwrap());
        for committed in self.storage.between(revision, newest) {
            T::apply(&mut document, &committed.op).unwrap();
        }
        self.server = Server::new(document, newest);
        for committed in &self.storage.log {
            self.server.remember(committed.client, committed.sequence, committed.revision);
        }
    }

    /// Lets everything under way arrive and everyone come back, until nobody waits for anything.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        self.faults = false;
        for _ in 0..100_000 {
            (0..PEERS).for_each(|peer| self.connect(peer));
            if !self.deliver()? {
                return self.check();
            }
        }
        Err(String::from("messages never end"))
    }

    /// Delivers the next message; returns whether there was one.
    pub(super) fn deliver(&mut self) -> Result<bool, String> {
        let Some(((time, _), envelope)) = self.network.pop_first() else {
            return Ok(false);
        };
        self.now = time;
        let Envelope { peer, connection, message } = envelope;
        if self.peers[peer].connection != Some(connection) {
            self.note(format!("a message of client {peer}'s last connection is lost"));
            return Ok(true);
        }
        match message {
            Message::Submit(submission) => self.submitted(peer, submission)?,
            Message::CatchUp { after } => self.catch_up(peer, after)?,
            Message::Committed(committed) => {
                let heard = self.peers[peer].client.receive(&committed);
                self.heard(peer, committed.revision, heard)?;
            }
            Message::Acknowledge { sequence, revision } => {
                let heard = self.peers[peer].client.acknowledge(sequence, revision);
                self.heard(peer, revision, heard)?;
            }
            Message::CaughtUp { newest } => self.peers[peer].resend_at = Some(newest),
        }
        self.resend(peer);
        Ok(true)
    }

    fn submitted(&mut self, peer: usize, submission: Submission<T::Op>) -> Result<(), String> {
        let sequence = submission.sequence;
        match self.server.prepare(submission.clone()) {
            Ok(Prepared::Next { committed, document }) => {
                let revision = committed.revision;
                self.storage.store(committed.clone(), &document, self.random.one_in(6));
                if self.faults && self.random.one_in(30) {
                    self.note(format!("the server stores revision {revision} and stops before it acknowledges"));
                    self.restart();
                    return Ok(());
                }
                assert!(self.server.commit(committed.clone(), document));
                if self.random.one_in(4) {
                    self.server.trim_history(self.random.below(3));
                }
                self.note(format!("client {peer}'s submission {sequence} becomes revision {revision}"));
                for other in 0..PEERS {
                    let message = if other == peer {
                        Message::Acknowledge { sequence, revision }
                    } else {
                        Message::Committed(committed.clone())
                    };
                    self.send(other, message);
                }
                Ok(())
            }
            Ok(Prepared::Duplicate(revision)) => {
                self.note(format!("client {peer}'s submission {sequence} is committed already"));
                self.send(peer, Message::Acknowledge { sequence, revision });
                Ok(())
            }
            Err(SubmitError::HistoryNeeded { base, .. }) => {
                self.read_history(base)?;
                self.submitted(peer, submission)
            }
            Err(SubmitError::OutOfSequence { received, last }) if received < last => {
                self.note(format!("client {peer}'s submission {sequence} is an old copy"));
                Ok(())
            }
            Err(error) => Err(format!("the server refuses client {peer}: {error}")),
        }
    }

    fn catch_up(&mut self, peer: usize, after: Revision) -> Result<(), String> {
        if after < self.server.oldest() {
            self.read_history(after)?;
        }
        let missed: Vec<_> = match self.server.since(after) {
            Some(missed) => missed.cloned().collect(),
            None => return Err(format!("client {peer} knows revision {after} that the server has not")),
        };
        for committed in missed {
            self.send(peer, Message::Committed(committed));
        }
        self.send(peer, Message::CaughtUp { newest: self.server.revision() });
        Ok(())
    }

    fn read_history(&mut self, base: Revision) -> Result<(), String> {
        self.note(format!("the server reads history from revision {base} on"));
        let older = self.storage.between(base, self.server.oldest()).to_vec();
        if self.server.extend_history(older) { Ok(()) } else { Err(String::from("stored history does not fit")) }
    }

    fn heard(
        &mut self,
        peer: usize,
        revision: Revision,
        heard: Result<Received<T::Op>, ClientError>,
    ) -> Result<(), String> {
        match heard {
            Ok(Received::Applied(_)) => self.note(format!("client {peer} takes in revision {revision}")),
            Ok(Received::AlreadyKnown) => self.note(format!("to client {peer} revision {revision} is known already")),
            Ok(Received::Acknowledged(next)) => {
                self.note(format!("client {peer} sees its own revision {revision}"));
                if let Some(submission) = next {
                    self.send(peer, Message::Submit(submission));
                }
            }
            Err(ClientError::Gap { known, .. }) => {
                self.note(format!("client {peer} misses revisions between {known} and {revision}"));
                self.send(peer, Message::CatchUp { after: known });
            }
            Err(error) => return Err(format!("client {peer} can't follow: {error}")),
        }
        Ok(())
    }

    fn resend(&mut self, peer: usize) {
        let there = &mut self.peers[peer];
        if there.connection.is_some() && there.resend_at.is_some_and(|newest| newest <= there.client.revision()) {
            there.resend_at = None;
            if let Some(submission) = there.client.resend() {
                self.note(format!("client {peer} resends submission {}", submission.sequence));
                self.send(peer, Message::Submit(submission));
            }
        }
    }

    fn send(&mut self, peer: usize, message: Message<T::Op>) {
        let Some(connection) = self.peers[peer].connection else {
            return;
        };
        let twice = self.faults && self.random.one_in(8);
        if twice {
            self.note(format!("a message of client {peer}'s connection goes twice"));
        }
        for _ in 0..=usize::from(twice) {
            let delay = 1 + u64::try_from(self.random.below(12)).unwrap();
            self.sent += 1;
            let envelope = Envelope { peer, connection, message: carried(message.clone()) };
            self.network.insert((self.now + delay, self.sent), envelope);
        }
    }

    fn check(&self) -> Result<(), String> {
        let newest = self.server.revision();
        for (index, Peer { client, .. }) in self.peers.iter().enumerate() {
            if client.document() != self.server.document() {
                return Err(format!("client {index} has {:?}, the server {:?}", client.document(), self.document()));
            }
            if !client.is_synchronized() || client.revision() != newest {
                return Err(format!("client {index} waits at revision {} of {newest}", client.revision()));
            }
        }
        let mut replayed = self.storage.start.clone();
        let mut last = [Sequence::default(); PEERS];
        for committed in &self.storage.log {
            T::apply(&mut replayed, &committed.op).map_err(|error| format!("stored history: {error}"))?;
            let author = self.peers.iter().position(|peer| peer.client.id() == committed.client).unwrap();
            if committed.sequence != last[author].next() {
                return Err(format!("client {author}'s {} follows its {}", committed.sequence, last[author]));
            }
            last[author] = committed.sequence;
        }
        if replayed == *self.document() { Ok(()) } else { Err(String::from("history leads to another document")) }
    }

    fn note(&mut self, event: String) {
        self.plan.push(format!("{:>4}  {event}", self.now));
    }
}

impl<T: OtType> Storage<T> {
    fn store(&mut self, committed: Committed<T::Op>, document: &T::Snapshot, with_snapshot: bool) {
        if with_snapshot {
            self.snapshot = (committed.revision, document.clone());
        }
        self.log.push(committed);
    }

    /// The ops after `base` up to `newest`.
    fn between(&self, base: Revision, newest: Revision) -> &[Committed<T::Op>] {
        &self.log[usize::try_from(base.0).unwrap()..usize::try_from(newest.0).unwrap()]
    }
}

/// The message as it comes out of its JSON form.
fn carried<Op: serde::Serialize + serde::de::DeserializeOwned>(message: Message<Op>) -> Message<Op> {
    let read = |op: &Op| serde_json::from_str(&serde_json::to_string(op).unwrap()).unwrap();
    match message {
        Message::Submit(submission) => Message::Submit(Submission { op: read(&submission.op), ..submission }),
        Message::Committed(committed) => Message::Committed(Committed { op: read(&committed.op), ..committed }),
        other => other,
    }
}
