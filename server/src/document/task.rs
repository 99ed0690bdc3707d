//! The task of one document.

use std::mem;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use coval_shared::limits::RESUME_REVISIONS;
use coval_shared::protocol::{DocumentId, ErrorCode, ServerMessage};
use futures_util::FutureExt;
use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence, Submission};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::outbox::text;
use super::room::{Member, Room};
use super::session::{Session, Submitted, refusal};
use super::{Clock, Command, ConnectionId};
use crate::store::{Store, StoreError};

/// How many commands are taken at once: their edits share one transaction.
const BATCH: usize = 128;

/// How long a document that nobody has open stays in memory.
const IDLE: Duration = Duration::from_secs(60);

/// Serves the document until nobody has needed it for a while. Returns what came in too late, for the next task.
pub(super) async fn run(
    id: DocumentId,
    store: Store,
    clock: Clock,
    mut commands: mpsc::Receiver<Command>,
) -> Vec<Command> {
    let mut task = Task { id, store, clock, room: Room::default(), session: None, staged: Staged::default() };
    let mut batch = Vec::new();
    loop {
        let received = commands.recv_many(&mut batch, BATCH);
        let is_over = if task.room.is_empty() { timeout(IDLE, received).await.is_err() } else { received.await == 0 };
        if is_over {
            commands.close();
            let mut late = mem::take(&mut batch);
            while commands.recv_many(&mut late, BATCH).await > 0 {}
            return late;
        }
        if AssertUnwindSafe(task.follow(mem::take(&mut batch))).catch_unwind().await.is_err() {
            tracing::error!(document = %id, "a defect in the task of document {id}: it is loaded again");
            task.start_again();
        }
    }
}

struct Task {
    id: DocumentId,
    store: Store,
    clock: Clock,
    room: Room,
    /// Nothing before the first use, and after the database failed.
    session: Option<Session>,
    staged: Staged,
}

/// What the session has taken in and the database has not.
#[derive(Default)]
struct Staged {
    new: Vec<(ConnectionId, Committed<JsonOp>)>,
    /// Submissions that came once more, acknowledged with the new ones, which they may be among.
    known: Vec<(ConnectionId, Sequence, Revision)>,
}

impl Task {
    async fn follow(&mut self, batch: Vec<Command>) {
        for command in batch {
            if let Command::Edit { connection, submission } = command {
                self.edit(connection, submission).await;
                continue;
            }
            // Whatever else is asked must not show what is not stored.
            self.store_staged().await;
            match command {
                Command::Join { connection, client, name, since, outbox } => {
                    let member = Member { connection, client, name, cursor: None, outbox };
                    self.join(member, since).await;
                }
                Command::Leave { connection } => {
                    if let Some(member) = self.room.leave(connection) {
                        if let Some(session) = &mut self.session {
                            session.machine().forget(member.client);
                        }
                        self.show_people(None);
                    }
                }
                Command::Cursor { connection, cursor } => {
                    if self.room.move_cursor(connection, cursor) {
                        self.show_people(Some(connection));
                    }
                }
                Command::Outputs { reply } => {
                    let id = self.id;
                    let outputs = self.session().await.and_then(|session| session.outputs(id));
                    // Whoever asked may have gone.
                    let _ = reply.send(outputs);
                }
                Command::Edit { .. } => {}
            }
        }
        self.store_staged().await;
    }

    async fn edit(&mut self, connection: ConnectionId, submission: Submission<JsonOp>) {
        let sequence = submission.sequence;
        let submitted = match self.submit(submission).await {
            Ok(submitted) => submitted,
            Err(error) => Submitted::Refused(ErrorCode::Unavailable, error.to_string()),
        };
        match submitted {
            Submitted::New(committed) => self.staged.new.push((connection, committed)),
            Submitted::Known(revision) => self.staged.known.push((connection, sequence, revision)),
            Submitted::Refused(code, message) => self.refuse(connection, sequence, code, message),
            Submitted::HistoryNeeded(base, _) => {
                let message = format!("the change is based on revision {base}, which is too long ago");
                self.refuse(connection, sequence, ErrorCode::RevisionTooOld, message);
            }
        }
    }

    async fn submit(&mut self, submission: Submission<JsonOp>) -> Result<Submitted, StoreError> {
        let session = self.session().await?;
        match session.submit(submission.clone()) {
            Submitted::HistoryNeeded(base, oldest) if oldest.0.saturating_sub(base.0) <= RESUME_REVISIONS => {
                let older = self.stored_operations(base, oldest).await?;
                let session = self.session().await?;
                session.machine().extend_history(older);
                Ok(session.submit(submission))
            }
            submitted => Ok(submitted),
        }
    }

    /// Stores what is staged in one transaction. Only then does anybody hear of it.
    async fn store_staged(&mut self) {
        let staged = mem::take(&mut self.staged);
        let Some(session) = self.session.as_mut().filter(|_| !staged.new.is_empty()) else {
            self.acknowledge(&staged);
            return;
        };
        let operations: Vec<_> = staged.new.iter().map(|(_, committed)| committed.clone()).collect();
        let snapshot = session.due_snapshot().cloned();
        let has_snapshot = snapshot.is_some();
        let (id, now_ms) = (self.id, (self.clock)());
        let stored = self.blocking(move |store| store.append(id, &operations, snapshot.as_ref(), now_ms)).await;
        if let Err(error) = stored {
            tracing::error!(document = %id, %error, "changes of document {id} could not be stored: {error}");
            self.session = None;
            let unstored = staged.new.iter().map(|(connection, committed)| (*connection, committed.sequence));
            let again = staged.known.iter().map(|(connection, sequence, _)| (*connection, *sequence));
            for (connection, sequence) in unstored.chain(again) {
                self.refuse(connection, sequence, ErrorCode::Unavailable, "nothing was stored; try again");
            }
            return;
        }
        if let Some(session) = &mut self.session {
            session.stored(has_snapshot);
        }
        self.pass_on(&staged.new);
        self.acknowledge(&staged);
    }

    /// Tells everybody what was stored: each author that it was, the others what it is, all in the order of revisions.
    fn pass_on(&self, new: &[(ConnectionId, Committed<JsonOp>)]) {
        let updates = |range: &[(ConnectionId, Committed<JsonOp>)]| ServerMessage::DocumentUpdated {
            document: self.id,
            updates: range.iter().map(|(_, committed)| committed.clone()).collect(),
        };
        let everything = text(&updates(new));
        for member in self.room.members() {
            let is_own = |(connection, _): &(ConnectionId, Committed<JsonOp>)| *connection == member.connection;
            if !new.iter().any(is_own) {
                member.outbox.send_text(&everything);
                continue;
            }
            for run in new.chunk_by(|a, b| !is_own(a) && !is_own(b)) {
                match run {
                    [own @ (_, committed)] if is_own(own) => member.outbox.send(&ServerMessage::DocumentAck {
                        document: self.id,
                        sequence: committed.sequence,
                        revision: committed.revision,
                    }),
                    others => member.outbox.send(&updates(others)),
                }
            }
        }
    }

    /// Answers submissions that were stored before.
    fn acknowledge(&self, staged: &Staged) {
        for &(connection, sequence, revision) in &staged.known {
            if let Some(member) = self.room.member(connection) {
                member.outbox.send(&ServerMessage::DocumentAck { document: self.id, sequence, revision });
            }
        }
    }

    async fn join(&mut self, member: Member, since: Option<Revision>) {
        let connection = member.connection;
        match self.greeting(member.client, since).await {
            Ok(greeting) => {
                member.outbox.send(&greeting);
                if !matches!(greeting, ServerMessage::Error { .. }) {
                    self.room.join(member);
                    self.show_people(None);
                }
            }
            Err(StoreError::NotFound) => {
                let message = "there is no such document; it may have been removed".to_owned();
                member.outbox.send(&self.error(ErrorCode::UnknownDocument, message));
            }
            Err(error) => {
                let id = self.id;
                tracing::error!(document = %id, %error, "document {id} could not be opened: {error}");
                // They come back after a while and ask again.
                member.outbox.drop_client();
                self.room.leave(connection);
            }
        }
    }

    /// What somebody who holds `since` needs first.
    async fn greeting(&mut self, client: ClientId, since: Option<Revision>) -> Result<ServerMessage, StoreError> {
        let id = self.id;
        self.session().await?;
        let last = self.blocking(move |store| store.last_submission(id, client)).await?;
        let session = self.session().await?;
        if let Some((sequence, revision)) = last {
            session.machine().remember(client, sequence, revision);
        }
        let (title, revision) = (session.title.clone(), session.revision());
        let oldest = session.machine().oldest();
        let snapshot = ServerMessage::DocumentSnapshot {
            document: id,
            title: title.clone(),
            revision,
            last_sequence: session.machine().last_submission(client).0,
            snapshot: session.document().clone(),
        };
        let updates = match since {
            None => return Ok(snapshot),
            Some(since) if since > revision => {
                let message = format!("revision {since} is not there yet; the newest is {revision}");
                return Ok(self.error(ErrorCode::RevisionInFuture, message));
            }
            Some(since) if revision.0.saturating_sub(since.0) > RESUME_REVISIONS => return Ok(snapshot),
            Some(since) => match session.missed(since) {
                Some(missed) => missed,
                None => {
                    let recent = session.missed(oldest).unwrap_or_default();
                    let mut missed = self.stored_operations(since, oldest).await?;
                    missed.extend(recent);
                    missed
                }
            },
        };
        Ok(ServerMessage::DocumentResumed { document: id, title, updates })
    }

    /// Tells everybody but the one on `besides` who else is here.
    fn show_people(&self, besides: Option<ConnectionId>) {
        for member in self.room.members().iter().filter(|member| Some(member.connection) != besides) {
            let people = self.room.others(member.client);
            member.outbox.send(&ServerMessage::PresenceUpdate { document: self.id, people });
        }
    }

    fn refuse(&self, connection: ConnectionId, sequence: Sequence, code: ErrorCode, message: impl Into<String>) {
        if let Some(member) = self.room.member(connection) {
            member.outbox.send(&refusal(self.id, sequence, code, message));
        }
    }

    fn error(&self, code: ErrorCode, message: String) -> ServerMessage {
        ServerMessage::Error { code, message, document: Some(self.id), sequence: None }
    }

    /// Forgets everything in memory; those who are here come back and resume.
    fn start_again(&mut self) {
        for member in self.room.members() {
            member.outbox.drop_client();
        }
        self.room = Room::default();
        self.session = None;
        self.staged = Staged::default();
    }

    /// The document, loaded if it is not in memory.
    async fn session(&mut self) -> Result<&mut Session, StoreError> {
        let session = match self.session.take() {
            Some(session) => session,
            None => {
                let id = self.id;
                let mut session = Session::new(self.blocking(move |store| store.load(id)).await?)?;
                // After a failure of the database those who are here go on, and what they sent must count once.
                for client in self.room.members().iter().map(|member| member.client).collect::<Vec<_>>() {
                    if let Some((sequence, revision)) =
                        self.blocking(move |store| store.last_submission(id, client)).await?
                    {
                        session.machine().remember(client, sequence, revision);
                    }
                }
                session
            }
        };
        Ok(self.session.insert(session))
    }

    async fn stored_operations(&self, after: Revision, until: Revision) -> Result<Vec<Committed<JsonOp>>, StoreError> {
        let id = self.id;
        self.blocking(move |store| store.operations(id, after, until)).await
    }

    /// Runs `work`, which blocks, on a thread for such.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}
