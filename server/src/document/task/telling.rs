//! What the people in a document are told.

use std::collections::HashSet;
use std::mem;

use coval_shared::limits::{DOCUMENT_BYTES, RESUME_REVISIONS};
use coval_shared::model::edit::{is_current, migrate};
use coval_shared::protocol::{ErrorCode, ServerMessage};
use coval_shared::rights::Role;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde_json::Value;

use super::Task;
use crate::document::room::Member;
use crate::document::session::refusal;
use crate::document::{Broadcast, ConnectionId};
use crate::metrics;
use crate::store::StoreError;

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
        let update = |updates: &[Committed<JsonOp>]| {
            Broadcast::new(ServerMessage::DocumentUpdated { document: self.id, updates: updates.to_vec() })
        };
        let everything = update(new);
        let writers: HashSet<ClientId> = new.iter().map(|committed| committed.client).collect();
        // For those who wrote some of it: each revision by itself, written once for all of them.
        let mut singles: Vec<Option<Broadcast>> = vec![None; new.len()];
        for member in self.room.members() {
            if !writers.contains(&member.client) {
                member.outbox.broadcast(&everything);
                continue;
            }
            for (committed, single) in new.iter().zip(&mut singles) {
                if committed.client == member.client {
                    metrics::acknowledged(self.begun.elapsed());
                    member.outbox.send(&ServerMessage::DocumentAck {
                        document: self.id,
                        sequence: committed.sequence,
                        revision: committed.revision,
                    });
                } else {
                    member.outbox.broadcast(single.get_or_insert_with(|| update(std::slice::from_ref(committed))));
                }
            }
        }
    }

    /// Answers submissions that were stored before.
    pub(super) fn acknowledge(&mut self) {
        for (client, sequence, revision) in mem::take(&mut self.staged.known) {
            if let Some(member) = self.member_of(client) {
                member.outbox.send(&ServerMessage::DocumentAck { document: self.id, sequence, revision });
            }
        }
    }

    /// Lets somebody in, if there is something to be in. Returns whether.
    pub(super) async fn join(&mut self, member: Member, role: Role, since: Option<Revision>) -> bool {
        let greeting = match self.greeting(member.client, role, since).await {
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
        member.outbox.send(&greeting);
        let is_in = !matches!(greeting, ServerMessage::Error { .. });
        if is_in {
            self.room.join(member);
        }
        is_in
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
    ) -> Result<ServerMessage, StoreError> {
        let id = self.id;
        match self.lift().await {
            // What is no model is shown as it is.
            Err(StoreError::Corrupt(_)) if self.session.is_some() => {}
            lifted => lifted?,
        }
        let last = self.blocking(move |store| store.last_submission(id, client)).await?;
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
                return Ok(self.error(ErrorCode::RevisionInFuture, message));
            }
            if let Some(updates) = self.missed(since).await? {
                return Ok(ServerMessage::DocumentResumed { document: id, title, role, updates });
            }
        }
        let session = self.session().await?;
        Ok(ServerMessage::DocumentSnapshot {
            document: id,
            title,
            kind: session.kind(),
            role,
            revision,
            last_sequence: session.machine().last_submission(client).0,
            snapshot: Value::clone(&session.copy()),
        })
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
