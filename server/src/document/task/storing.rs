//! From what is submitted to what is stored.

use std::mem;
use std::time::Duration;

use coval_shared::limits::RESUME_REVISIONS;
use coval_shared::model::edit::EditError;
use coval_shared::protocol::{DocumentKind, ErrorCode, UserId};
use ot_core::json::JsonOp;
use ot_core::{ClientId, Revision, Sequence, Submission};
use serde_json::Value;
use tokio::time::Instant;

use super::{New, Task};
use crate::bus::Hint;
use crate::document::Outcome;
use crate::document::links::Work;
use crate::document::machine::Copy;
use crate::document::session::{Links, Session, Submitted};
use crate::error::READ_ONLY;
use crate::metrics;
use crate::store::{Append, StoreError};

/// How often edits are tried again when another process wrote the revision that they were to become.
const ATTEMPTS: u32 = 24;

/// How many of those follow at once; before further ones the task rests a little, each time a little longer.
const ATTEMPTS_AT_ONCE: u32 = 4;

/// How many bytes of ops are read to catch up with other nodes; of more, a snapshot is read.
const CATCH_UP_BYTES: usize = 8 * 1024 * 1024;

/// How many bytes of stored ops are read to bring an old edit up to date.
const OLD_OPS_BYTES: usize = 16 * 1024 * 1024;

/// What people are told of a change that the database did not take.
const UNSTORED: &str = "nothing was stored; try again";

/// The code and the words for a change that was not stored.
fn unstored(error: &StoreError) -> (ErrorCode, &'static str) {
    match error {
        StoreError::ReadOnly(_) => (ErrorCode::ReadOnly, READ_ONLY),
        _ => (ErrorCode::Unavailable, UNSTORED),
    }
}

impl Task {
    /// Takes in what other nodes stored, up to a revision that may be there, and tells everybody here.
    pub(super) async fn catch_up(&mut self, newest: Revision) {
        self.store_staged().await;
        if self.session.as_ref().is_none_or(|session| session.revision() >= newest) {
            return;
        }
        if let Err(error) = self.follow_others().await {
            tracing::debug!(document = %self.id, %error, "what another node stored can't be read yet");
        }
    }

    /// Reads what others stored since, and takes it in before what is staged here, which is made again behind it.
    /// Returns whether there was anything.
    pub(super) async fn follow_others(&mut self) -> Result<bool, StoreError> {
        let Some(session) = self.session.as_ref() else {
            return Ok(false);
        };
        let stored = session.stored_revision();
        match self.stored_operations(stored, Revision(u64::MAX), CATCH_UP_BYTES).await? {
            Some(missed) if missed.is_empty() => return Ok(false),
            Some(missed) => {
                let follow = |session: &mut Session| session.take_back_unstored() && session.follow(&missed).is_ok();
                if matches!(self.guarded(follow).await, Ok(true)) {
                    let links = self.session.as_ref().map(|session| session.links().clone());
                    self.tell(&missed);
                    self.follow_links(links.unwrap_or_default());
                } else {
                    self.session = None;
                }
            }
            // What is new is told as the document is loaded.
            None => self.session = None,
        }
        self.make_again().await;
        Ok(true)
    }

    pub(super) async fn edit(&mut self, submission: Submission<JsonOp>, author: Option<UserId>) {
        let (client, sequence) = (submission.client, submission.sequence);
        match self.submit(submission.clone()).await {
            Ok(Submitted::New(committed, text)) => {
                self.staged.new.push(New { committed, text, author });
                self.staged.submissions.push((submission, author));
            }
            Ok(Submitted::Known(revision)) => self.staged.known.push((client, sequence, revision)),
            Ok(Submitted::Refused(code, message)) => self.refuse(client, sequence, code, message),
            Ok(Submitted::HistoryNeeded(base, _)) => {
                let message = format!("the change is based on revision {base}, which is too long ago");
                self.refuse(client, sequence, ErrorCode::RevisionTooOld, message);
            }
            Err(StoreError::Corrupt(reason)) => {
                let id = self.id;
                tracing::error!(document = %id, error = reason, "a change failed");
                self.session = None;
                self.refuse(
                    client,
                    sequence,
                    ErrorCode::Internal,
                    "the change could not be followed; it is not stored",
                );
                Box::pin(self.stage_again()).await;
            }
            Err(error) => {
                let id = self.id;
                tracing::error!(document = %id, %error, "a change could not be taken");
                let (code, message) = unstored(&error);
                self.refuse(client, sequence, code, message);
                Box::pin(self.stage_again()).await;
            }
        }
    }

    /// Makes a change that somebody asked for outside of a session the newest revision.
    pub(super) async fn submit_for(
        &mut self,
        author: UserId,
        client: Option<ClientId>,
        op: JsonOp,
        base: Revision,
    ) -> Result<Outcome, StoreError> {
        self.store_staged().await;
        let (client, only) = (client.unwrap_or(self.server), client.map(|_| Sequence(1)));
        if self.session().await?.revision() < base {
            self.follow_others().await?;
        }
        let next = self.session().await?.machine().last_submission(client).0.next();
        let sequence = only.unwrap_or(next);
        self.refused = None;
        self.edit(Submission { client, sequence, base, op }, Some(author)).await;
        self.store_staged().await;
        let (last, revision) = self.session().await?.machine().last_submission(client);
        if last == sequence {
            return Ok(Ok(revision));
        }
        let unstored = || (ErrorCode::Unavailable, UNSTORED.to_owned());
        Ok(Err(self.refused.take().unwrap_or_else(unstored)))
    }

    pub(super) async fn submit(&mut self, submission: Submission<JsonOp>) -> Result<Submitted, StoreError> {
        let again = submission.clone();
        // Another node may have stored what the change is based on.
        if self.session().await?.stored_revision() < submission.base {
            self.follow_others().await?;
        }
        match self.guarded(|session| session.submit(submission)).await?? {
            Submitted::HistoryNeeded(base, oldest) if oldest.0.saturating_sub(base.0) <= RESUME_REVISIONS => {
                let Some(older) = self.stored_operations(base, oldest, OLD_OPS_BYTES).await? else {
                    return Ok(Submitted::HistoryNeeded(base, oldest));
                };
                self.guarded(|session| {
                    session.machine().extend_history(older);
                    session.submit(again)
                })
                .await?
            }
            submitted => Ok(submitted),
        }
    }

    /// Stores what is staged in one transaction. Only then does anybody hear of it.
    pub(super) async fn store_staged(&mut self) {
        let (mut code, mut message) = (ErrorCode::Unavailable, UNSTORED);
        for attempt in 0..ATTEMPTS {
            self.stage_again().await;
            let Some(session) = self.session.as_ref().filter(|_| !self.staged.new.is_empty()) else {
                return self.acknowledge();
            };
            let sources = session.new_sources();
            let operations = self.staged.new.iter().map(New::operation).collect();
            let now_ms = (self.documents.clock)();
            let append = Append { document: self.id, operations, sources, now_ms };
            let (count, asked) = (self.staged.new.len(), Instant::now());
            match self.documents.store.commit(append).await {
                Ok(()) => {
                    metrics::committed(count, asked.elapsed());
                    let links = self.session.as_mut().map(|session| {
                        session.stored();
                        (session.links().clone(), session.due_snapshot(), session.kind())
                    });
                    let authors = self.staged.new.iter().filter_map(|new| new.author);
                    authors.for_each(|author| self.documents.edits.note(self.id, author, now_ms));
                    let new: Vec<_> = mem::take(&mut self.staged.new).into_iter().map(|new| new.committed).collect();
                    self.staged.submissions.clear();
                    self.tell(&new);
                    self.documents.bus.publish(&Hint::Revision { document: self.id, revision: self.told });
                    if let Some((links, due, kind)) = links {
                        if kind == DocumentKind::Model {
                            self.documents.soon(Work::Push(self.id));
                            self.follow_links(links);
                        }
                        if let Some(due) = due {
                            self.keep(due);
                        }
                    }
                    return self.acknowledge();
                }
                Err(error @ StoreError::Circle(_)) => return self.refuse_circle(error).await,
                Err(StoreError::Conflict) => {
                    metrics::commit_failed(true);
                    // Somebody else was faster, or has stored the very same; else only loading it anew can tell.
                    if !matches!(self.follow_others().await, Ok(true)) {
                        self.session = None;
                    }
                    let rest = attempt.saturating_sub(ATTEMPTS_AT_ONCE);
                    tokio::time::sleep(Duration::from_millis(u64::from(rest))).await;
                }
                Err(error) => {
                    metrics::commit_failed(false);
                    tracing::error!(document = %self.id, %error, "changes could not be stored");
                    (code, message) = unstored(&error);
                    break;
                }
            }
        }
        // Whether a failed transaction was one after all shows when the document is loaded again.
        self.session = None;
        let staged = mem::take(&mut self.staged);
        let unstored = staged.submissions.into_iter().map(|(submission, _)| (submission.client, submission.sequence));
        let again = staged.known.into_iter().map(|(client, sequence, _)| (client, sequence));
        for (client, sequence) in unstored.chain(again) {
            self.refuse(client, sequence, code, message);
        }
    }

    /// Stores the document whole, beside everything else.
    pub(super) fn keep(&self, (revision, copy): (Revision, Copy)) {
        let (id, store) = (self.id, self.documents.store.clone());
        self.documents.runtime.spawn_blocking(move || {
            if let Err(error) = store.add_snapshot(id, revision, &copy.into_value()) {
                tracing::warn!(document = %id, %revision, %error, "a snapshot could not be stored");
            }
            // What hangs on places of the document goes along, so that whoever reads it finds it near.
            if let Err(error) = store.carry_stored(id) {
                tracing::warn!(document = %id, %revision, %error, "anchors are not stored where they are now");
            }
        });
    }

    /// Refuses what would close a circle of links, and stores what was staged with it.
    pub(super) async fn refuse_circle(&mut self, circle: StoreError) {
        self.session = None;
        self.staged.new.clear();
        let mut submissions = mem::take(&mut self.staged.submissions);
        if submissions.len() == 1
            && let Some((submission, _)) = submissions.pop()
        {
            self.refuse(submission.client, submission.sequence, ErrorCode::OpInvalid, circle.to_string());
            return self.acknowledge();
        }
        for (submission, author) in submissions {
            Box::pin(self.edit(submission, author)).await;
            Box::pin(self.store_staged()).await;
        }
    }

    /// Has the values brought that the document takes from others, if they are other ones than before.
    pub(super) fn follow_links(&mut self, links: Links) {
        let has_more =
            links.iter().any(|(source, items)| self.links.get(source).is_none_or(|before| !items.is_subset(before)));
        if has_more {
            self.documents.soon(Work::Pull(self.id));
        }
        self.links = links;
    }

    /// Stores what the server itself writes.
    pub(super) async fn write(
        &mut self,
        edit: impl FnOnce(&Value) -> Result<JsonOp, EditError>,
    ) -> Result<(), StoreError> {
        // A revision that is not stored may become another one, and is no base.
        self.store_staged().await;
        let (client, session) = (self.server, self.session().await?);
        let Some(document) = session.model() else {
            return Ok(());
        };
        let op = edit(document).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        if op == JsonOp::noop() {
            return Ok(());
        }
        let (base, sequence) = (session.revision(), session.machine().last_submission(client).0.next());
        self.edit(Submission { client, sequence, base, op }, None).await;
        if self.staged.new.is_empty() {
            tracing::error!(document = %self.id, "what the server writes does not fit");
            return Ok(());
        }
        self.store_staged().await;
        let written = self.session().await?.machine().last_submission(client).0;
        if written == sequence { Ok(()) } else { Err(StoreError::Unavailable("nothing was stored".to_owned())) }
    }

    /// Takes in once more what was staged in a session that is gone.
    pub(super) async fn stage_again(&mut self) {
        if self.session.is_none() {
            self.make_again().await;
        }
    }

    /// Takes in once more what was staged, in a session that does not hold it.
    pub(super) async fn make_again(&mut self) {
        self.staged.new.clear();
        for (submission, author) in mem::take(&mut self.staged.submissions) {
            Box::pin(self.edit(submission, author)).await;
        }
    }
}
