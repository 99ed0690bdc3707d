//! Clients, a server with storage, and a network that delays, doubles and loses.

use std::collections::BTreeMap;

use ot_core::client::Received;
use ot_core::history::Stamp;
use ot_core::{Branch, Client, ClientId, Committed, Revision, Server};
use uuid::Uuid;

use super::message::{Envelope, Message, carried, written};
use super::peer::{Peer, TakenBack};
use super::plan::Plan;
use super::session::Played;
use super::storage::Storage;
use crate::generate::{Source, SplitMix64};

/// Who merges branches.
const MERGER: ClientId = ClientId(Uuid::from_u128(0xffff));

/// How many missed ops a client is sent; with more, it starts again.
pub(super) const MOST_MISSED: usize = 25;

pub(super) struct World<T: Played> {
    pub(super) random: SplitMix64,
    pub(super) faults: bool,
    pub(super) refuses: bool,
    pub(super) now: u64,
    /// What is under way, by the time when it arrives and the order of sending.
    network: BTreeMap<(u64, u64), Envelope<T>>,
    sent: u64,
    names: u128,
    pub(super) peers: Vec<Peer<T>>,
    pub(super) server: Server<T>,
    pub(super) storage: Storage<T>,
    trace: Vec<String>,
}

impl<T: Played> World<T> {
    pub(super) fn new(plan: &Plan) -> Self {
        let start = T::start();
        let mut world = Self {
            random: SplitMix64::new(plan.network.into()),
            faults: false,
            refuses: false,
            now: 0,
            network: BTreeMap::new(),
            sent: 0,
            names: 0,
            peers: Vec::new(),
            server: Server::new(start.clone(), Revision::ZERO),
            storage: Storage::new(start.clone()),
            trace: Vec::new(),
        };
        for _ in 0..plan.peers {
            let id = world.name();
            world.peers.push(Peer::new(id, start.clone(), Revision::ZERO, 0));
            world.connect(world.peers.len() - 1);
        }
        world
    }

    pub(super) fn into_trace(self) -> Vec<String> {
        self.trace
    }

    pub(super) fn document(&self) -> &T::Snapshot {
        self.server.document()
    }

    /// Who was committed, the latest first.
    pub(super) fn latest_first(&self) -> Vec<usize> {
        let stamps = self.storage.history.stamps_since(self.storage.history.oldest()).unwrap();
        let number = |author: ClientId| self.peers.iter().position(|peer| peer.client.id() == author).unwrap();
        let mut order: Vec<usize> = stamps.map(|stamp| number(stamp.author)).collect();
        order.reverse();
        order
    }

    pub(super) fn allow_faults(&mut self) {
        self.faults = true;
    }

    pub(super) fn edit_at_random(&mut self, peer: usize, choice: u32) -> Result<(), String> {
        let op = T::edit(self.peers[peer].client.document(), &mut SplitMix64::new(choice.into()));
        self.edit(peer, op)
    }

    pub(super) fn edit(&mut self, peer: usize, op: T::Op) -> Result<(), String> {
        let place = if self.peers[peer].connection.is_some() { "" } else { " offline" };
        self.note(format!("client {peer} edits{place}: {}", written(&op)));
        let now = self.now;
        let submission = self.peers[peer].edit(op, now).map_err(|error| format!("client {peer}: {error}"))?;
        self.submit(peer, submission);
        Ok(())
    }

    pub(super) fn take_back(&mut self, peer: usize, redo: bool) -> Result<(), String> {
        let what = if redo { "redoes" } else { "undoes" };
        let taken = self.peers[peer].take_back(redo).map_err(|error| format!("client {peer} {what}: {error}"))?;
        if let Some(TakenBack { op, submission }) = taken {
            self.note(format!("client {peer} {what}: {}", written(&op)));
            self.submit(peer, submission);
        }
        Ok(())
    }

    /// A client whose edits are all committed tells where it is; one with others can't say so in the server's terms.
    pub(super) fn point(&mut self, peer: usize, choice: u32) {
        let client = &self.peers[peer].client;
        if client.is_synchronized() {
            let cursor = T::point(client.document(), &mut SplitMix64::new(choice.into()));
            let (client, base) = (client.id(), client.revision());
            self.note(format!("client {peer} points at {cursor:?}"));
            self.send(peer, Message::Point { client, base, cursor });
        }
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
            there.submitted = false;
            let known = there.client.revision();
            // Whoever comes back may have been another process before. What does not fit shows when it is sent.
            if let Ok(client) = Client::resume(there.client.keep()) {
                there.client = client;
            }
            self.note(format!("client {peer} connects with revision {known}"));
            self.resume(peer);
        }
    }

    pub(super) fn restart_client(&mut self, peer: usize) {
        self.cut(peer);
        let id = self.name();
        self.note(format!("client {peer} restarts and is another one"));
        // What it begins with is what it once began with.
        let connections = self.peers[peer].connections;
        let (revision, document) = (self.storage.history.oldest(), self.storage.history.oldest_document().clone());
        self.peers[peer] = Peer::new(id, document, revision, connections);
    }

    pub(super) fn refuse_next(&mut self) {
        self.refuses = true;
    }

    /// Drops the server and starts another one from what is stored.
    pub(super) fn restart(&mut self) {
        for peer in 0..self.peers.len() {
            self.cut(peer);
        }
        let newest = self.storage.history.revision();
        self.note(format!("the server restarts with revision {newest}"));
        self.refuses = false;
        if let Some(history) = T::stored(&self.storage.history) {
            self.storage.history = history;
        }
        self.server = Server::new(self.storage.history.document().clone(), newest);
        for (client, (sequence, revision)) in &self.storage.last {
            self.server.remember(*client, *sequence, *revision);
        }
    }

    pub(super) fn compact(&mut self, before: u32) -> Result<(), String> {
        let newest = self.storage.history.revision();
        let revision = Revision(newest.0.saturating_sub(before.into())).max(self.storage.history.oldest());
        // A branch that takes no note of it can't be merged any more, and is given up.
        if self.random.one_in(4) {
            self.storage.branch = None;
        } else if let Some(branch) = &mut self.storage.branch {
            branch.note(&self.storage.history).map_err(|error| format!("the branch: {error}"))?;
            branch.compact(branch.history().revision()).map_err(|error| format!("the branch: {error}"))?;
        }
        self.storage.history.compact(revision).map_err(|error| error.to_string())?;
        let kept = usize::try_from(newest.0 - revision.0).unwrap();
        self.server.trim_history(kept);
        self.note(format!("history is squashed up to revision {revision}"));
        Ok(())
    }

    pub(super) fn fork(&mut self, before: u32) -> Result<(), String> {
        let history = &self.storage.history;
        let revision = Revision(history.revision().0.saturating_sub(before.into())).max(history.oldest());
        self.storage.branch = Some(Branch::fork(history, revision).map_err(|error| error.to_string())?);
        self.note(format!("a branch begins at revision {revision}"));
        Ok(())
    }

    pub(super) fn edit_branch(&mut self, choice: u32) -> Result<(), String> {
        let Some(branch) = &mut self.storage.branch else { return Ok(()) };
        let op = T::edit(branch.document(), &mut SplitMix64::new(choice.into()));
        branch.push(&op, Stamp::new(MERGER, self.now)).map_err(|error| format!("the branch: {error}"))?;
        self.note(format!("the branch is edited: {}", written(&op)));
        Ok(())
    }

    pub(super) fn merge(&mut self) -> Result<(), String> {
        let Storage { history, branch: Some(branch), last, .. } = &mut self.storage else { return Ok(()) };
        let merged = branch.merge_into(history, Stamp::new(MERGER, self.now));
        let merged = merged.map_err(|error| format!("the branch: {error}"))?;
        let sequence = last.get(&MERGER).copied().unwrap_or_default().0.next();
        let Some(revision) = merged.revision else { return Ok(()) };
        self.note(format!("the branch becomes revision {revision}: {}", written(&merged.op)));
        self.storage.stored(MERGER, sequence)?;
        let committed = Committed { revision, client: MERGER, sequence, op: merged.op };
        self.server.follow(committed.clone()).map_err(|error| format!("the merge: {error}"))?;
        for peer in 0..self.peers.len() {
            self.send(peer, Message::Committed(committed.clone()));
        }
        Ok(())
    }

    pub(super) fn update(&mut self) -> Result<(), String> {
        let Storage { history, branch: Some(branch), .. } = &mut self.storage else { return Ok(()) };
        let merged = branch.update_from(history, Stamp::new(MERGER, self.now));
        let merged = merged.map_err(|error| format!("the branch: {error}"))?;
        self.note(format!("the branch takes in: {}", written(&merged.op)));
        Ok(())
    }

    /// Whether every revision that is stored is the document that there was.
    pub(super) fn check_storage(&self) -> Result<(), String> {
        self.storage.check()
    }

    /// Whether the branch, merged both ways, is the document.
    pub(super) fn check_branch(&self) -> Result<(), String> {
        match &self.storage.branch {
            Some(branch) if branch.document() != self.document() => {
                Err(format!("the branch has {:?}, the server {:?}", branch.document(), self.document()))
            }
            _ => Ok(()),
        }
    }

    /// Lets everything under way arrive and everyone come back, until nobody waits for anything.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        (self.faults, self.refuses) = (false, false);
        for _ in 0..100_000 {
            (0..self.peers.len()).for_each(|peer| self.connect(peer));
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
            Message::Resume { client, known } => self.resumed(peer, client, known)?,
            Message::Point { client, base, cursor } => self.pointed(peer, client, base, &cursor),
            Message::Committed(committed) => {
                let heard = self.peers[peer].client.receive(&committed);
                if let Ok(Received::Applied(op)) = &heard {
                    self.peers[peer].heard(op, &committed).map_err(|error| format!("client {peer}: {error}"))?;
                }
                self.heard(peer, committed.revision, heard)?;
            }
            Message::Acknowledge { client, sequence, revision } => {
                self.acknowledged(peer, client, sequence, revision)?
            }
            Message::Refuse { client, sequence } => self.refused(peer, client, sequence)?,
            Message::CaughtUp { newest } => self.peers[peer].resend_at = Some(newest),
            Message::Resync { document, revision, last } => self.resynced(peer, document, revision, last),
            Message::Pointed { client, base, cursor } => {
                let there = &mut self.peers[peer];
                if there.pointed(client, &cursor, base).map_err(|error| format!("client {peer}: {error}"))? {
                    self.note(format!("client {peer} sees where {client} is"));
                }
            }
        }
        self.resend(peer);
        Ok(true)
    }

    pub(super) fn send(&mut self, peer: usize, message: Message<T>) {
        let Some(connection) = self.peers[peer].connection else {
            return;
        };
        let twice = self.faults && self.random.one_in(8);
        if twice {
            self.note(format!("a message of client {peer}'s connection goes twice"));
            self.send_once(peer, connection, carried(&message));
        }
        self.send_once(peer, connection, message);
    }

    fn send_once(&mut self, peer: usize, connection: u64, message: Message<T>) {
        let delay = 1 + u64::try_from(self.random.below(12)).unwrap();
        self.sent += 1;
        self.network.insert((self.now + delay, self.sent), Envelope { peer, connection, message: carried(&message) });
    }

    pub(super) fn name(&mut self) -> ClientId {
        self.names += 1;
        ClientId(Uuid::from_u128(self.names))
    }

    fn check(&self) -> Result<(), String> {
        let newest = self.server.revision();
        for (index, Peer { client, .. }) in self.peers.iter().enumerate() {
            if client.document() != self.document() || client.confirmed() != self.document() {
                return Err(format!("client {index} has {:?}, the server {:?}", client.document(), self.document()));
            }
            if !client.is_synchronized() || client.revision() != newest {
                return Err(format!("client {index} waits at revision {} of {newest}", client.revision()));
            }
        }
        if self.storage.history.document() != self.document() {
            return Err(format!("the server has {:?}, and stored another document", self.document()));
        }
        Ok(())
    }

    pub(super) fn note(&mut self, event: String) {
        self.trace.push(format!("{:>4}  {event}", self.now));
    }
}
