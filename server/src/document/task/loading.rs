//! The document comes into memory, and work at it is guarded.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use coval_shared::limits::DOCUMENT_BYTES;
use coval_shared::protocol::DocumentId;
use ot_core::json::JsonOp;
use ot_core::{Committed, Revision};
use tokio::time::Instant;

use super::{Staged, Task};
use crate::document::session::Session;
use crate::store::{Store, StoreError};

/// How long a database that was away is left alone. Else everybody who waits here would wait for it in turn.
pub(super) const BREATHER: Duration = Duration::from_millis(500);

impl Task {
    /// Forgets everything in memory; those who are here come back and resume.
    pub(super) fn start_again(&mut self) {
        self.room.clear();
        self.session = None;
        self.staged = Staged::default();
    }

    /// Lets `work` at the document. A defect in it costs the memory of the document, which is loaded again when it is
    /// needed, and nobody else's work.
    pub(super) async fn guarded<T>(&mut self, work: impl FnOnce(&mut Session) -> T) -> Result<T, StoreError> {
        let session = self.session().await?;
        catch_unwind(AssertUnwindSafe(|| work(session))).map_err(|_| {
            self.session = None;
            StoreError::Corrupt("a defect stopped the work; the log holds its trace".to_owned())
        })
    }

    /// The document, loaded if it is not in memory.
    pub(super) async fn session(&mut self) -> Result<&mut Session, StoreError> {
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

    pub(super) async fn load(&mut self) -> Result<Session, StoreError> {
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
    pub(super) async fn note_sources(&self, sources: BTreeSet<DocumentId>) {
        let id = self.id;
        if let Err(error) = self.blocking(move |store| store.set_sources(id, &sources)).await {
            tracing::error!(document = %id, %error, "the links of a document are not followed");
        }
    }

    /// The stored ops after `after` up to `until`, unless they are more than `limit` bytes.
    pub(super) async fn stored_operations(
        &self,
        after: Revision,
        until: Revision,
        limit: usize,
    ) -> Result<Option<Vec<Committed<JsonOp>>>, StoreError> {
        let id = self.id;
        self.blocking(move |store| store.operations(id, after, until, limit)).await
    }

    /// Runs `work`, which blocks, on a thread for such.
    pub(super) async fn blocking<T: Send + 'static>(
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
