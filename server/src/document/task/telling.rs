//! What the people in a document are told.

use std::collections::{HashMap, HashSet};
use std::{mem, slice};

use coval_shared::limits::{DOCUMENT_BYTES, RESUME_REVISIONS};
use coval_shared::model::edit::{is_current, migrate};
use coval_shared::protocol::{ErrorCode, Numbered, ServerMessage};
use coval_shared::rights::Role;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;
use tokio::time::Instant;

use super::Task;
use crate::document::room::Member;
use crate::document::session::refusal;
use crate::document::{Broadcast, ConnectionId};
use crate::metrics;
use crate::store::StoreError;

/// A submission and the revision that it became; nothing of those who had none stored.
pub(super) type Last = Option<(Sequence, Revision)>;

impl Task {
    /// Tells everybody what was stored: each author that it was, the others what it is, all in the order of revisions.
    pub(super) fn tell(&mut self, new: &[Committed<JsonOp>]) {
        let Some(last) = new.last() else {
            return;
        };
        self.told = last.revision;
        for committed in new {
            self.room.carry(&committed.op, committed.client);
        }
        let (document, number) = (self.id, self.number);
        let numbered: Vec<Numbered> = new.iter().map(|committed| self.writers.number(committed.client)).collect();
        let update = |updates: &[Committed<JsonOp>], writers: &[Numbered]| {
            let message = ServerMessage::DocumentUpdated { document, updates: updates.to_vec() };
            Broadcast::numbered(message, number, writers)
        };
        let everything = update(new, &numbered);
        let writers: HashSet<ClientId> = new.iter().map(|committed| committed.client).collect();
        // For those who wrote some of it: each revision by itself, written once for all of them.
        let mut singles: Vec<Option<Broadcast>> = vec![None; new.len()];
        for member in self.room.members() {
            if !writers.contains(&member.client) {
                member.outbox.broadcast(&everything);
                continue;
            }
            for ((committed, writer), single) in new.iter().zip(&numbered).zip(&mut singles) {
                if committed.client == member.client {
                    metrics::acknowledged(self.begun.elapsed());
                    let (sequence, revision) = (committed.sequence, committed.revision);
                    member.outbox.send_numbered(&ServerMessage::DocumentAck { document, sequence, revision }, number);
                } else {
                    let (committed, writer) = (slice::from_ref(committed), slice::from_ref(writer));
                    member.outbox.broadcast(single.get_or_insert_with(|| update(committed, writer)));
                }
            }
        }
    }

    /// Answers submissions that were stored before.
    pub(super) fn acknowledge(&mut self) {
        for (client, sequence, revision) in mem::take(&mut self.staged.known) {
            if let Some(member) = self.member_of(client) {
                let message = ServerMessage::DocumentAck { document: self.id, sequence, revision };
                member.outbox.send_numbered(&message, self.number);
            }
        }
    }

    /// What the clients last had stored, as far as it can be read.
    pub(super) async fn recall(&self, clients: Vec<ClientId>) -> HashMap<ClientId, Last> {
        let id = self.id;
        // Whoever is missing is asked about alone, and learns what is wrong.
        self.blocking(move |store| store.last_submissions(id, &clients)).await.unwrap_or_default()
    }

    /// Lets somebody in, if there is something to be in. `last` is what they last had stored, if that was asked. Returns
    /// whether.
    pub(super) async fn join(
        &mut self,
        member: Member,
        role: Role,
        since: Option<Revision>,
        last: Option<Last>,
    ) -> bool {
        let greeting = match self.greeting(member.client, role, since, last).await {
            Ok(greeting) => greeting,
            Err(StoreError::NotFound) => {
                let message = "there is no such document; it may have been removed".to_owned();
                member.outbox.send(&self.error(ErrorCode::UnknownDocument, message));
                return false;
            }
            Err(error) => {
                let id = self.id;
                tracing::error!(document = %id, %error, "a document could not be opened");
                // They come back after a while and ask again.
                member.outbox.drop_client();
                return false;
            }
        };
        if let error @ ServerMessage::Error { .. } = greeting.message() {
            member.outbox.send(error);
            return false;
        }
        member.outbox.broadcast(&greeting);
        self.room.join(member);
        true
    }

    pub(super) fn leave(&mut self, connection: ConnectionId) {
        if let Some(member) = self.room.leave(connection)
            && let Some(session) = &mut self.session
        {
            session.machine().forget(member.client);
        }
    }

    /// Lifts a document that an older version wrote, so that people who are the first to use something new don't do so
    /// each for themselves.
    pub(super) async fn lift(&mut self) -> Result<(), StoreError> {
        if self.session().await?.model().is_none_or(is_current) {
            return Ok(());
        }
        self.write(|document| Ok(migrate(document)?)).await
    }

    /// What somebody who holds `since` needs first.
    pub(super) async fn greeting(
        &mut self,
        client: ClientId,
        role: Role,
        since: Option<Revision>,
        last: Option<Last>,
    ) -> Result<Broadcast, StoreError> {
        let id = self.id;
        match self.lift().await {
            // What is no model is shown as it is.
            Err(StoreError::Corrupt(_)) if self.session.is_some() => {}
            lifted => lifted?,
        }
        let last = match last {
            Some(last) => last,
            None => self.blocking(move |store| store.last_submission(id, client)).await?,
        };
        if since.is_some() || self.documents.bus.has_others() {
            let newest = self.session().await?.revision();
            if since.is_some_and(|since| since > newest) || self.documents.bus.has_others() {
                self.follow_others().await?;
            }
        }
        let session = self.session().await?;
        if let Some((sequence, revision)) = last {
            session.machine().remember(client, sequence, revision);
        }
        let title = session.title.clone();
        let revision = session.revision();
        if let Some(since) = since {
            if since > revision {
                let message = format!("revision {since} is not there yet; the newest is {revision}");
                return Ok(self.error(ErrorCode::RevisionInFuture, message).into());
            }
            if let Some(updates) = self.missed(since).await? {
                let (number, writers) = (self.number, self.writers.known().to_vec());
                let last_sequence = self.session().await?.machine().last_submission(client).0;
                let resumed = ServerMessage::DocumentResumed {
                    document: id,
                    number,
                    title,
                    role,
                    last_sequence,
                    writers,
                    updates,
                };
                return Ok(resumed.into());
            }
        }
        let session = self.session().await?;
        let (kind, revision) = (session.kind(), session.revision());
        let last_sequence = session.machine().last_submission(client).0;
        let has_written = last_sequence != Sequence::default();
        if let Some(fresh) = self.fresh.get(revision, role).filter(|_| !has_written) {
            return Ok(fresh);
        }
        let snapshot = Value::clone(&*self.session().await?.copy());
        let (number, writers) = (self.number, self.writers.known().to_vec());
        let message = Broadcast::new(ServerMessage::DocumentSnapshot {
            document: id,
            number,
            title,
            kind,
            role,
            revision,
            last_sequence,
            writers,
            snapshot,
        });
        if !has_written {
            self.fresh.keep(revision, role, message.clone(), Instant::now());
        }
        Ok(message)
    }

    /// Everything after `since`; nothing when that is more than a snapshot would be.
    pub(super) async fn missed(&mut self, since: Revision) -> Result<Option<Vec<Committed<JsonOp>>>, StoreError> {
        let session = self.session().await?;
        if let Some(missed) = session.missed(since) {
            return Ok(Some(missed));
        }
        let oldest = session.machine().oldest();
        let recent = session.missed(oldest).unwrap_or_default();
        if session.revision().0.saturating_sub(since.0) > RESUME_REVISIONS {
            return Ok(None);
        }
        let Some(mut missed) = self.stored_operations(since, oldest, DOCUMENT_BYTES).await? else {
            return Ok(None);
        };
        missed.extend(recent);
        Ok(Some(missed))
    }

    pub(super) fn member_of(&self, client: ClientId) -> Option<&Member> {
        self.room.members().iter().find(|member| member.client == client)
    }

    pub(super) fn refuse(&mut self, client: ClientId, sequence: Sequence, code: ErrorCode, message: impl Into<String>) {
        let message = message.into();
        match self.member_of(client) {
            Some(member) => member.outbox.send(&refusal(self.id, sequence, code, message)),
            // Nobody is there to be told but whoever waits for it.
            None => self.refused = Some((code, message)),
        }
    }

    pub(super) fn error(&self, code: ErrorCode, message: String) -> ServerMessage {
        ServerMessage::Error { code, message, document: Some(self.id), sequence: None, about: None }
    }
}
