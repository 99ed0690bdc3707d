//! What clients do with what they hear.

use ot_core::client::{ClientError, Received};
use ot_core::{ClientId, Revision, Sequence, Submission};

use super::message::{Message, written};
use super::session::Played;
use super::world::World;

impl<T: Played> World<T> {
    pub(super) fn resume(&mut self, peer: usize) {
        let client = &self.peers[peer].client;
        let (client, known) = (client.id(), client.revision());
        self.send(peer, Message::Resume { client, known });
    }

    pub(super) fn acknowledged(
        &mut self,
        peer: usize,
        client: ClientId,
        sequence: Sequence,
        revision: Revision,
    ) -> Result<(), String> {
        let there = &mut self.peers[peer];
        if client == there.client.id() {
            let heard = there.client.acknowledge(sequence, revision);
            return self.heard(peer, revision, heard);
        }
        // A copy of what was refused has been taken after all: it comes as somebody else's.
        if revision > there.client.revision() {
            self.note(format!("client {peer} hears of its former submission {sequence}"));
            self.resume(peer);
        }
        Ok(())
    }

    pub(super) fn refused(&mut self, peer: usize, client: ClientId, sequence: Sequence) -> Result<(), String> {
        let there = &mut self.peers[peer];
        let awaited = there.client.resend();
        if awaited.is_none_or(|awaited| (awaited.client, awaited.sequence) != (client, sequence)) {
            self.note(format!("to client {peer} the refusal of {sequence} is known already"));
            return Ok(());
        }
        let lost = there.refused(sequence, &mut self.random).map_err(|error| format!("client {peer}: {error}"))?;
        self.note(format!("client {peer} takes back {}", written(&lost)));
        self.rename(peer);
        let submission = self.peers[peer].client.flush();
        self.submit(peer, submission);
        Ok(())
    }

    pub(super) fn resynced(&mut self, peer: usize, document: T::Snapshot, revision: Revision, last: Sequence) {
        let there = &mut self.peers[peer];
        if revision < there.client.revision() {
            self.note(format!("to client {peer} the document of revision {revision} is an old one"));
            // What it awaits was refused for its old base, and has a newer one by now.
            self.resume(peer);
            return;
        }
        let was_lost = there.reset(document, revision, last);
        let what = if was_lost { "and loses edits" } else { "and loses nothing" };
        self.note(format!("client {peer} starts again from revision {revision} {what}"));
        if self.peers[peer].submitted {
            self.rename(peer);
        }
    }

    /// Gives a client another name, since a copy of what it submitted under the old one may still arrive.
    pub(super) fn rename(&mut self, peer: usize) {
        let id = self.name();
        assert!(self.peers[peer].client.rename(id));
    }

    pub(super) fn heard(
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
                self.submit(peer, next);
            }
            Err(ClientError::Gap { known, .. }) => {
                self.note(format!("client {peer} misses revisions between {known} and {revision}"));
                self.resume(peer);
            }
            Err(error) => return Err(format!("client {peer} can't follow: {error}")),
        }
        Ok(())
    }

    pub(super) fn resend(&mut self, peer: usize) {
        let there = &mut self.peers[peer];
        if there.connection.is_some() && there.resend_at.is_some_and(|newest| newest <= there.client.revision()) {
            there.resend_at = None;
            if let Some(submission) = there.client.resend() {
                self.note(format!("client {peer} resends submission {}", submission.sequence));
                self.submit(peer, Some(submission));
            }
        }
    }

    pub(super) fn submit(&mut self, peer: usize, submission: Option<Submission<T::Op>>) {
        if let Some(submission) = submission {
            self.peers[peer].submitted = true;
            self.send(peer, Message::Submit(submission));
        }
    }
}
