//! What the server does with what it hears.

use ot_core::server::{Prepared, Resumed, SubmitError};
use ot_core::{ClientId, Revision, Submission};

use super::message::Message;
use super::session::Played;
use super::world::{MOST_MISSED, World};
use crate::generate::Source;

impl<T: Played> World<T> {
    pub(super) fn submitted(&mut self, peer: usize, submission: Submission<T::Op>) -> Result<(), String> {
        let (client, sequence) = (submission.client, submission.sequence);
        match self.server.prepare(submission.clone()) {
            Ok(Prepared::Next { .. }) if std::mem::take(&mut self.refuses) => {
                self.note(format!("the server refuses client {peer}'s submission {sequence}"));
                self.send(peer, Message::Refuse { client, sequence });
                Ok(())
            }
            Ok(Prepared::Next { committed, document }) => {
                let revision = committed.revision;
                self.storage.store(&committed, self.now)?;
                if self.faults && self.random.one_in(12) {
                    self.note(format!("the server stores revision {revision} and stops before it acknowledges"));
                    self.restart();
                    return Ok(());
                }
                assert!(self.server.commit(committed.clone(), document));
                if self.random.one_in(4) {
                    self.server.trim_history(self.random.below(3));
                }
                self.note(format!("client {peer}'s submission {sequence} becomes revision {revision}"));
                for other in 0..self.peers.len() {
                    let message = if other == peer {
                        Message::Acknowledge { client, sequence, revision }
                    } else {
                        Message::Committed(committed.clone())
                    };
                    self.send(other, message);
                }
                Ok(())
            }
            Ok(Prepared::Duplicate(revision)) => {
                self.note(format!("client {peer}'s submission {sequence} is committed already"));
                self.send(peer, Message::Acknowledge { client, sequence, revision });
                Ok(())
            }
            Err(SubmitError::HistoryNeeded { base, .. }) if base >= self.storage.history.oldest() => {
                self.read_history(base)?;
                self.submitted(peer, submission)
            }
            Err(SubmitError::HistoryNeeded { base, .. }) => {
                self.note(format!("client {peer}'s base {base} is squashed"));
                self.send_resync(peer, client);
                Ok(())
            }
            Err(SubmitError::OutOfSequence { received, last }) if received < last => {
                self.note(format!("client {peer}'s submission {sequence} is an old copy"));
                Ok(())
            }
            Err(error) => Err(format!("the server refuses client {peer}: {error}")),
        }
    }

    pub(super) fn resumed(&mut self, peer: usize, client: ClientId, known: Revision) -> Result<(), String> {
        if known < self.server.oldest() && known >= self.storage.history.oldest() {
            self.read_history(known)?;
        }
        match self.server.resume(client, known, MOST_MISSED) {
            Resumed::Missed(missed) => {
                for committed in missed {
                    self.send(peer, Message::Committed(committed));
                }
                self.send(peer, Message::CaughtUp { newest: self.server.revision() });
            }
            Resumed::Resync { .. } => self.send_resync(peer, client),
        }
        Ok(())
    }

    pub(super) fn send_resync(&mut self, peer: usize, client: ClientId) {
        let (document, revision) = (self.document().clone(), self.server.revision());
        let (last, _) = self.server.last_submission(client);
        self.note(format!("the server tells client {peer} to start again from revision {revision}"));
        self.send(peer, Message::Resync { document, revision, last });
    }

    pub(super) fn pointed(&mut self, peer: usize, client: ClientId, base: Revision, cursor: &T::Cursor) {
        if let Some(cursor) = self.server.place_cursor(client, cursor, base) {
            let base = self.server.revision();
            for other in (0..self.peers.len()).filter(|other| *other != peer) {
                self.send(other, Message::Pointed { client, base, cursor: cursor.clone() });
            }
        }
    }

    pub(super) fn read_history(&mut self, base: Revision) -> Result<(), String> {
        self.note(format!("the server reads history from revision {base} on"));
        let older = self.storage.between(base, self.server.oldest()).map_err(|error| error.to_string())?;
        if self.server.extend_history(older) { Ok(()) } else { Err(String::from("stored history does not fit")) }
    }
}
