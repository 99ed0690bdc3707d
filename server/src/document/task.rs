//! The task of one document.

use std::collections::{BTreeSet, HashSet};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use coval_shared::limits::{DOCUMENT_BYTES, RESUME_REVISIONS};
use coval_shared::model::edit::{EditError, is_current, migrate, set_linked_values};
use coval_shared::protocol::{DocumentId, DocumentKind, ErrorCode, Selection, ServerMessage, UserId, server_client};
use coval_shared::rest::DocumentOutputs;
use coval_shared::rights::Role;
use futures_util::FutureExt;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence, Side, Submission};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::figures::Figures;
use super::links::Work;
use super::machine::Copy;
use super::presence::carried;
use super::room::{Member, Movement, Room};
use super::session::{Links, Session, Submitted, refusal};
use super::{Broadcast, Command, ConnectionId, Documents};
use crate::bus::Hint;
use crate::metrics;
use crate::store::{Append, NewOperation, Store, StoreError};

/// How many commands are taken at once: their edits share one transaction.
const BATCH: usize = 512;

/// How often edits are tried again at once when another process wrote the revision that they were to become.
const ATTEMPTS: u32 = 24;

/// How many of those follow at once; before further ones the task rests a little, each time a little longer.
const ATTEMPTS_AT_ONCE: u32 = 4;

/// How many bytes of ops are read to catch up with other nodes; of more, a snapshot is read.
const CATCH_UP_BYTES: usize = 8 * 1024 * 1024;

/// How many bytes of stored ops are read to bring an old edit up to date.
const OLD_OPS_BYTES: usize = 16 * 1024 * 1024;

/// How long a database that was away is left alone. Else everybody who waits here would wait for it in turn.
const BREATHER: Duration = Duration::from_millis(500);

/// How long a document that nobody has open stays in memory.
const IDLE: Duration = Duration::from_secs(60);

/// Serves the document until nobody has needed it for a while. Returns what came in too late, for the next task.
pub(super) async fn run(id: DocumentId, documents: Documents, mut commands: mpsc::Receiver<Command>) -> Vec<Command> {
    let mut task = Task::new(id, documents);
    let mut batch = Vec::new();
    let (mut idle, mut needed) = (IDLE, Instant::now());
    loop {
        let end = task.room.is_empty().then(|| needed + idle);
        let alarm = [task.room.due(), end].into_iter().flatten().min();
        let received = commands.recv_many(&mut batch, BATCH);
        let received = match alarm {
            Some(alarm) => timeout_at(alarm, received).await.ok(),
            None => Some(received.await),
        };
        let now = Instant::now();
        let is_over = match received {
            Some(count) => {
                needed = now;
                count == 0
            }
            None => end.is_some_and(|end| end <= now),
        };
        if is_over {
            commands.close();
            if let Some(snapshot) = task.session.as_mut().and_then(Session::parting_snapshot) {
                task.keep(snapshot);
            }
            let mut late = mem::take(&mut batch);
            while commands.recv_many(&mut late, BATCH).await > 0 {}
            return late;
        }
        if AssertUnwindSafe(task.follow(mem::take(&mut batch))).catch_unwind().await.is_err() {
            tracing::error!(document = %id, "a defect in the task of a document: it is loaded again");
            task.start_again();
        }
        // Nothing stays for a document that is not there.
        idle = if task.session.is_some() { IDLE } else { Duration::ZERO };
    }
}

struct Task {
    id: DocumentId,
    documents: Documents,
    /// As whom the server writes into the document.
    server: ClientId,
    room: Room,
    /// Nothing before the first use, after the database failed, and after a defect.
    session: Option<Session>,
    staged: Staged,
    figures: Figures,
    /// Why the last thing that somebody who is not in the room submitted was refused.
    refused: Option<(ErrorCode, String)>,
    /// What the document takes from others, whose values were asked for.
    links: Links,
    /// The newest revision that the people in the room were told of.
    told: Revision,
    /// Until when nothing is asked of the database, after it was away.
    away_until: Option<Instant>,
    /// When what is being done was taken from the mailbox.
    begun: Instant,
}

/// What the session has taken in and the database has not.
#[derive(Default)]
struct Staged {
    new: Vec<New>,
    /// What `new` was made of, to make it again on top of what somebody else stored.
    submissions: Vec<(Submission<JsonOp>, Option<UserId>)>,
    /// Submissions that came once more, acknowledged with the new ones, which they may be among.
    known: Vec<(ClientId, Sequence, Revision)>,
}

/// An op that is to be stored.
struct New {
    committed: Committed<JsonOp>,
    /// The op as JSON.
    text: Arc<str>,
    author: Option<UserId>,
}

impl Task {
    fn new(id: DocumentId, documents: Documents) -> Self {
        Self {
            id,
            server: server_client(Uuid::now_v7()),
            room: Room::new(documents.bus.has_others()),
            documents,
            session: None,
            staged: Staged::default(),
            figures: Figures::default(),
            refused: None,
            links: Links::new(),
            told: Revision::ZERO,
            away_until: None,
            begun: Instant::now(),
        }
    }

    async fn follow(&mut self, batch: Vec<Command>) {
        self.begun = Instant::now();
        metrics::batch(batch.len());
        for command in batch {
            match command {
                Command::Edit { connection, submission } => {
                    // Whoever is not in has been told so, or is another connection by now.
                    let member = self.room.member(connection).filter(|member| member.client == submission.client);
                    if let Some(author) = member.map(|member| member.user) {
                        self.edit(submission, Some(author)).await;
                        // Whether other links than before are possible shows when they are stored.
                        if self.session.as_ref().is_some_and(|session| session.new_sources().is_some()) {
                            self.store_staged().await;
                        }
                    }
                }
                Command::Submit { author, client, op, base, reply } => {
                    // Whoever asked may have gone.
                    let _ = reply.send(self.submit_for(author, client, op, base).await);
                }
                Command::Snapshot { reply } => {
                    self.store_staged().await;
                    let _ = reply.send(self.session().await.map(|session| (session.revision(), session.copy())));
                }
                Command::Move { connection, revision, movement } => {
                    self.moves(connection, revision, movement).await;
                }
                Command::Announce { message } => {
                    self.store_staged().await;
                    self.room.announce(&message);
                }
                Command::Join { connection, client, user, name, role, since, outbox, is_in } => {
                    // Nobody may see what is not stored.
                    self.store_staged().await;
                    let member = Member { connection, client, user, name, outbox };
                    let joined = self.join(member, role, since).await;
                    // They may have gone meanwhile.
                    let _ = is_in.send(joined);
                }
                Command::Leave { connection } => {
                    self.store_staged().await;
                    self.leave(connection);
                }
                Command::Newer { revision } => self.catch_up(revision).await,
                Command::Elsewhere { node, people } => self.room.hear(&node, people, Instant::now()),
                Command::Round => self.room.say_again(),
                Command::Settle { reply } => {
                    self.store_staged().await;
                    let _ = reply.send(());
                }
                Command::Outputs { reply } => {
                    self.store_staged().await;
                    match self.session().await.map(|session| (session.kind(), session.revision(), session.copy())) {
                        Ok((DocumentKind::Model, revision, document)) => {
                            let (id, figures, permits) = (self.id, self.figures.clone(), self.documents.permits());
                            self.documents.runtime.spawn(async move {
                                let outputs = figures.read(revision, document, &permits, |done| DocumentOutputs {
                                    document: id,
                                    revision: done.revision,
                                    outputs: done.outputs(),
                                });
                                let _ = reply.send(outputs.await);
                            });
                        }
                        Ok((DocumentKind::Memo, revision, _)) => {
                            let _ =
                                reply.send(Ok(DocumentOutputs { document: self.id, revision, outputs: Vec::new() }));
                        }
                        Err(error) => {
                            let _ = reply.send(Err(error));
                        }
                    }
                }
                Command::Links { reply } => {
                    self.store_staged().await;
                    let _ = reply.send(self.session().await.map(|session| session.linked_items()));
                }
                Command::Values { items, reply } => {
                    self.store_staged().await;
                    match self.session().await.map(|session| (session.revision(), session.copy())) {
                        Ok((revision, document)) => {
                            let (figures, permits) = (self.figures.clone(), self.documents.permits());
                            self.documents.runtime.spawn(async move {
                                let values = figures.read(revision, document, &permits, |done| done.values(&items));
                                let _ = reply.send(values.await);
                            });
                        }
                        Err(error) => {
                            let _ = reply.send(Err(error));
                        }
                    }
                }
                Command::TakeValues { source, values, reply } => {
                    let _ = reply.send(self.write(|document| set_linked_values(document, source, &values)).await);
                }
            }
        }
        self.store_staged().await;
        self.show_people();
    }

    /// Shows the others what somebody does. A place in the text that refers to an older revision is carried to the
    /// newest one, and forgotten where that is not possible.
    async fn moves(&mut self, connection: ConnectionId, revision: Option<Revision>, movement: Movement) {
        let now = Instant::now();
        let (Movement::Selection(Some(Selection::Text { anchor, focus })), Some(revision)) = (&movement, revision)
        else {
            return self.room.moves(connection, movement, now);
        };
        self.store_staged().await;
        let Some(client) = self.room.member(connection).map(|member| member.client) else {
            return;
        };
        let Some(missed) = self.session.as_ref().and_then(|session| session.missed(revision)) else {
            return;
        };
        let place = |place: u64| {
            missed.iter().try_fold(place, |place, committed| {
                let side = if committed.client == client { Side::Right } else { Side::Left };
                carried(place, &committed.op, side)
            })
        };
        let selection = place(*anchor).zip(place(*focus)).map(|(anchor, focus)| Selection::Text { anchor, focus });
        self.room.moves(connection, Movement::Selection(selection), now);
    }

    /// Takes in what other nodes stored, up to a revision that may be there, and tells everybody here.
    async fn catch_up(&mut self, newest: Revision) {
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
    async fn follow_others(&mut self) -> Result<bool, StoreError> {
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

    async fn edit(&mut self, submission: Submission<JsonOp>, author: Option<UserId>) {
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
                self.refuse(client, sequence, ErrorCode::Unavailable, "nothing was stored; try again");
                Box::pin(self.stage_again()).await;
            }
        }
    }

    /// Makes a change that somebody asked for outside of a session the newest revision.
    async fn submit_for(
        &mut self,
        author: UserId,
        client: Option<ClientId>,
        op: JsonOp,
        base: Revision,
    ) -> Result<Result<Revision, (ErrorCode, String)>, StoreError> {
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
        let unstored = || (ErrorCode::Unavailable, "nothing was stored; try again".to_owned());
        Ok(Err(self.refused.take().unwrap_or_else(unstored)))
    }

    async fn submit(&mut self, submission: Submission<JsonOp>) -> Result<Submitted, StoreError> {
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
    async fn store_staged(&mut self) {
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
            self.refuse(client, sequence, ErrorCode::Unavailable, "nothing was stored; try again");
        }
    }

    /// Stores the document whole, beside everything else.
    fn keep(&self, (revision, copy): (Revision, Copy)) {
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
    async fn refuse_circle(&mut self, circle: StoreError) {
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
    fn follow_links(&mut self, links: Links) {
        let has_more =
            links.iter().any(|(source, items)| self.links.get(source).is_none_or(|before| !items.is_subset(before)));
        if has_more {
            self.documents.soon(Work::Pull(self.id));
        }
        self.links = links;
    }

    /// Stores what the server itself writes.
    async fn write(&mut self, edit: impl FnOnce(&Value) -> Result<JsonOp, EditError>) -> Result<(), StoreError> {
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
    async fn stage_again(&mut self) {
        if self.session.is_none() {
            self.make_again().await;
        }
    }

    /// Takes in once more what was staged, in a session that does not hold it.
    async fn make_again(&mut self) {
        self.staged.new.clear();
        for (submission, author) in mem::take(&mut self.staged.submissions) {
            Box::pin(self.edit(submission, author)).await;
        }
    }

    /// Tells everybody what was stored: each author that it was, the others what it is, all in the order of revisions.
    fn tell(&mut self, new: &[Committed<JsonOp>]) {
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
    fn acknowledge(&mut self) {
        for (client, sequence, revision) in mem::take(&mut self.staged.known) {
            if let Some(member) = self.member_of(client) {
                member.outbox.send(&ServerMessage::DocumentAck { document: self.id, sequence, revision });
            }
        }
    }

    /// Lets somebody in, if there is something to be in. Returns whether.
    async fn join(&mut self, member: Member, role: Role, since: Option<Revision>) -> bool {
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

    fn leave(&mut self, connection: ConnectionId) {
        if let Some(member) = self.room.leave(connection) {
            if let Some(session) = &mut self.session {
                session.machine().forget(member.client);
            }
        }
    }

    /// Lifts a document that an older version wrote, so that people who are the first to use something new don't do so
    /// each for themselves.
    async fn lift(&mut self) -> Result<(), StoreError> {
        if self.session().await?.model().is_none_or(is_current) {
            return Ok(());
        }
        self.write(|document| Ok(migrate(document)?)).await
    }

    /// What somebody who holds `since` needs first.
    async fn greeting(
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
    async fn missed(&mut self, since: Revision) -> Result<Option<Vec<Committed<JsonOp>>>, StoreError> {
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

    /// Tells everybody who is here and where, and other nodes who is here, as far as it is time.
    fn show_people(&mut self) {
        let now = Instant::now();
        self.room.show_people(self.id, self.told, now);
        if let Some(people) = self.room.say(now) {
            let bus = &self.documents.bus;
            bus.publish(&Hint::People { document: self.id, node: bus.node().to_owned(), people });
        }
    }

    fn member_of(&self, client: ClientId) -> Option<&Member> {
        self.room.members().iter().find(|member| member.client == client)
    }

    fn refuse(&mut self, client: ClientId, sequence: Sequence, code: ErrorCode, message: impl Into<String>) {
        let message = message.into();
        match self.member_of(client) {
            Some(member) => member.outbox.send(&refusal(self.id, sequence, code, message)),
            // Nobody is there to be told but whoever waits for it.
            None => self.refused = Some((code, message)),
        }
    }

    fn error(&self, code: ErrorCode, message: String) -> ServerMessage {
        ServerMessage::Error { code, message, document: Some(self.id), sequence: None, about: None }
    }

    /// Forgets everything in memory; those who are here come back and resume.
    fn start_again(&mut self) {
        self.room.clear();
        self.session = None;
        self.staged = Staged::default();
    }

    /// Lets `work` at the document. A defect in it costs the memory of the document, which is loaded again when it is
    /// needed, and nobody else's work.
    async fn guarded<T>(&mut self, work: impl FnOnce(&mut Session) -> T) -> Result<T, StoreError> {
        let session = self.session().await?;
        catch_unwind(AssertUnwindSafe(|| work(session))).map_err(|_| {
            self.session = None;
            StoreError::Corrupt("a defect stopped the work; the log holds its trace".to_owned())
        })
    }

    /// The document, loaded if it is not in memory.
    async fn session(&mut self) -> Result<&mut Session, StoreError> {
        if self.session.is_none() {
            if self.away_until.is_some_and(|until| Instant::now() < until) {
                return Err(StoreError::Unavailable("it was away a moment ago".to_owned()));
            }
            let loaded = self.load().await;
            let is_away = matches!(loaded, Err(StoreError::Unavailable(_)));
            self.away_until = is_away.then(|| Instant::now() + BREATHER);
            self.session = Some(loaded?);
        }
        self.session.as_mut().ok_or_else(|| StoreError::Unavailable("the document is not in memory".to_owned()))
    }

    async fn load(&mut self) -> Result<Session, StoreError> {
        let id = self.id;
        let mut session = self.blocking(move |store| Session::new(store.load(id)?)).await?;
        if let Some(sources) = session.new_sources() {
            self.note_sources(sources).await;
        }
        self.follow_links(session.links().clone());
        let server = self.server;
        if let Some((sequence, revision)) = self.blocking(move |store| store.last_submission(id, server)).await? {
            session.machine().remember(server, sequence, revision);
        }
        if self.room.is_empty() {
            self.told = session.revision();
            return Ok(session);
        }
        // Those who are here go on: what they sent must count once, and what they were not told of, though it was
        // stored after all or by somebody else, must reach them.
        for client in self.room.members().iter().map(|member| member.client).collect::<Vec<_>>() {
            if let Some((sequence, revision)) = self.blocking(move |store| store.last_submission(id, client)).await? {
                session.machine().remember(client, sequence, revision);
            }
        }
        let untold = match session.missed(self.told) {
            Some(untold) => Some(untold),
            None => self.stored_operations(self.told, session.revision(), DOCUMENT_BYTES).await?,
        };
        match untold {
            Some(untold) => self.tell(&untold),
            None => self.room.clear(),
        }
        self.told = session.revision();
        Ok(session)
    }

    /// Tells the database of links that came into it another way than by edits.
    async fn note_sources(&self, sources: BTreeSet<DocumentId>) {
        let id = self.id;
        if let Err(error) = self.blocking(move |store| store.set_sources(id, &sources)).await {
            tracing::error!(document = %id, %error, "the links of a document are not followed");
        }
    }

    /// The stored ops after `after` up to `until`, unless they are more than `limit` bytes.
    async fn stored_operations(
        &self,
        after: Revision,
        until: Revision,
        limit: usize,
    ) -> Result<Option<Vec<Committed<JsonOp>>>, StoreError> {
        let id = self.id;
        self.blocking(move |store| store.operations(id, after, until, limit)).await
    }

    /// Runs `work`, which blocks, on a thread for such.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.documents.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}

impl New {
    fn operation(&self) -> NewOperation {
        let Committed { revision, client, sequence, .. } = self.committed;
        NewOperation { revision, client, sequence, author: self.author, op: Arc::clone(&self.text) }
    }
}

#[cfg(test)]
mod memos;
#[cfg(test)]
mod tests;
