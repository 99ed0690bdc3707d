//! The task of one document.

mod loading;
mod recorded;
mod shown;
mod storing;
mod telling;

use std::collections::HashMap;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use coval_shared::model::edit::set_linked_values;
use coval_shared::protocol::{DocumentId, DocumentKind, ErrorCode, Stream, UserId, Writers, server_client};
use coval_shared::rest::DocumentOutputs;
use futures_util::FutureExt;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence, Submission};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::figures::Figures;
use super::fresh::Fresh;
use super::room::{Member, Room};
use super::session::{Links, Session};
use super::{Command, Documents};
use crate::metrics;
use crate::store::NewOperation;

/// How many commands are taken at once: their edits share one transaction.
const BATCH: usize = 512;

/// How long a document that nobody has open stays in memory.
const IDLE: Duration = Duration::from_secs(60);

/// Serves the document until nobody has needed it for a while. Returns what came in too late, for the next task.
pub(super) async fn run(id: DocumentId, documents: Documents, mut commands: mpsc::Receiver<Command>) -> Vec<Command> {
    let mut task = Task::new(id, documents);
    let mut batch = Vec::new();
    let (mut idle, mut needed) = (IDLE, Instant::now());
    loop {
        let end = task.room.is_empty().then(|| needed + idle);
        let shown = [task.room.due(), task.values_due(), task.activity_due()];
        let alarm = shown.into_iter().chain([task.fresh.until(), end]).flatten().min();
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
    /// What stands for the document in brief messages, and the numbers of its writers.
    number: u32,
    writers: Writers,
    /// What those are told who open the document at this moment.
    fresh: Fresh,
    /// Until when nothing is asked of the database, after it was away.
    away_until: Option<Instant>,
    /// When what is being done was taken from the mailbox.
    begun: Instant,
    /// The revision whose key figures those have who follow them, and when they may get others.
    valued: Option<Revision>,
    value_after: Instant,
    /// The newest entry of the record that those have who follow it, and when they may get others.
    recorded: Option<u64>,
    record_after: Instant,
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
            number: documents.next_number(),
            documents,
            session: None,
            staged: Staged::default(),
            figures: Figures::default(),
            refused: None,
            links: Links::new(),
            told: Revision::ZERO,
            writers: Writers::default(),
            fresh: Fresh::default(),
            away_until: None,
            begun: Instant::now(),
            valued: None,
            value_after: Instant::now(),
            recorded: None,
            record_after: Instant::now(),
        }
    }

    async fn follow(&mut self, batch: Vec<Command>) {
        self.begun = Instant::now();
        metrics::batch(batch.len());
        let mut batch = batch.into_iter();
        // What those who come in had stored before.
        let mut recalled = HashMap::new();
        while let Some(command) = batch.next() {
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
                Command::Move { connection, revision, movement } => {
                    self.moves(connection, revision, movement).await;
                }
                Command::Subscribe { connection, stream, is_on } => {
                    let is_first = !self.room.has_followers(stream);
                    self.room.subscribe(connection, stream, is_on);
                    if is_on && is_first && stream == Stream::Activity {
                        self.begin_activity().await;
                    }
                    if is_on && stream == Stream::Outputs {
                        self.store_staged().await;
                        let asking = self.room.member(connection).map(|member| member.outbox.clone());
                        self.send_values(asking.into_iter().collect(), true).await;
                        if is_first {
                            self.valued = self.session.as_ref().map(Session::revision);
                        }
                    }
                }
                Command::Announce { message } => {
                    self.store_staged().await;
                    self.room.announce(&message);
                }
                Command::Join { connection, client, user, name, role, since, outbox, is_in } => {
                    // Nobody may see what is not stored.
                    self.store_staged().await;
                    if !recalled.contains_key(&client) {
                        let with = batch.as_slice().iter().map_while(Command::comer);
                        recalled = self.recall(std::iter::once(client).chain(with).collect()).await;
                    }
                    let member = Member { connection, client, user, name, outbox, streams: Vec::new() };
                    let joined = self.join(member, role, since, recalled.remove(&client)).await;
                    // They may have gone meanwhile.
                    let _ = is_in.send(joined.then_some(self.number));
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
                Command::People { reply } => {
                    let _ = reply.send(self.room.people());
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
        self.fresh.expire(Instant::now());
        self.show_people();
        self.show_values().await;
        self.show_activity().await;
    }
}

impl New {
    fn operation(&self) -> NewOperation {
        let Committed { revision, client, sequence, .. } = self.committed;
        NewOperation { revision, client, sequence, author: self.author, op: Arc::clone(&self.text) }
    }
}

#[cfg(test)]
mod clocks;
#[cfg(test)]
mod memos;
#[cfg(test)]
mod tests;
