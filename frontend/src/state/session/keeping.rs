//! Keeping the document on this device: to open it without a network, and so that no edit is lost with the page.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::Revision;

use super::DocumentSession;
use crate::platform::clock;
use crate::state::document::{Document, Record};
use crate::state::keeper::{Keeper, KnownDocument};
use crate::state::workspace::OpenDocument;

/// How long after an edit it is kept, if the server follows and has not confirmed it by then. Otherwise it is kept at
/// once.
const DELAY: Duration = Duration::from_millis(200);

/// How often, that far apart, the server is waited for.
const PATIENCE: u32 = 50;

/// How far apart the document is kept while all of it is saved.
const INTERVAL: Duration = Duration::from_secs(5);

/// What of the document is kept.
#[derive(Clone, Default)]
pub(super) struct Keeping {
    /// Who keeps it; nobody where it is past.
    keeper: Option<Rc<Keeper>>,
    is_restored: bool,
    /// The title that is kept.
    title: String,
    is_scheduled: bool,
    /// How many unconfirmed edits are kept; nothing where none are.
    queue: Option<usize>,
    /// The revision that is kept without edits, and when that was.
    kept: Option<(Revision, Duration)>,
}

impl Keeping {
    /// Whether `unsaved` edits are kept, all of them.
    pub(super) fn holds(&self, unsaved: usize) -> bool {
        self.queue.is_some_and(|kept| kept >= unsaved)
    }

    /// Whether what was kept has been read.
    pub(super) fn is_restored(&self) -> bool {
        self.is_restored
    }
}

impl DocumentSession {
    /// Reads what `keeper` has of the document, and goes on from there.
    pub(super) fn restore(&self, keeper: Rc<Keeper>) {
        let session = *self;
        self.keeping.update_value(|keeping| keeping.keeper = Some(Rc::clone(&keeper)));
        spawn_local(async move {
            let record = kept_record(&keeper, session).await;
            let queue = record.as_ref().map(Record::unconfirmed).filter(|edits| *edits > 0);
            session.keeping.update_value(|keeping| {
                keeping.is_restored = true;
                keeping.queue = queue;
            });
            if let Some(record) = record {
                let effects = session.change(|document| document.restore(record));
                session.carry_out(effects);
            }
            let connection = session.connection.get_value();
            if connection.is_some_and(|connection| connection.is_open()) {
                OpenDocument::open(&session);
            }
        });
    }

    /// Keeps the document in a moment, however much happens before.
    pub(super) fn keep_soon(&self) {
        let wait = self.keeping.try_update_value(|keeping| {
            let is_due = keeping.keeper.is_some() && keeping.is_restored && !keeping.is_scheduled;
            keeping.is_scheduled |= is_due;
            is_due
        });
        if wait == Some(true) {
            let session = *self;
            let delay = if self.document.with_value(Document::is_live) { DELAY } else { Duration::ZERO };
            clock::after(delay, move || {
                session.keeping.update_value(|keeping| keeping.is_scheduled = false);
                session.keep_now();
            });
        }
    }

    /// Keeps what is not kept yet.
    pub(super) fn keep_now(&self) {
        let Some(keeper) = self.keeping.with_value(|keeping| keeping.keeper.clone().filter(|_| keeping.is_restored))
        else {
            return;
        };
        match self.document.with_value(Document::unsaved) {
            0 => self.keep_document(keeper),
            unsaved => self.keep_edits(keeper, unsaved),
        }
    }

    /// The newest revision, once it has all that was done here. Nothing when the server does not confirm that for a
    /// while.
    pub async fn saved_revision(&self) -> Option<Revision> {
        for _ in 0..PATIENCE {
            let saved = self.document.try_with_value(|document| {
                let content = document.content().filter(|_| document.unsaved() == 0)?;
                Some(content.revision())
            });
            if let Some(revision) = saved.flatten() {
                return Some(revision);
            }
            clock::sleep(DELAY).await;
        }
        None
    }

    /// Forgets the document, which is not there any more for this person.
    pub(super) fn forget(&self) {
        if let Some(keeper) = self.keeping.with_value(|keeping| keeping.keeper.clone()) {
            let id = self.id;
            spawn_local(async move {
                keeper.remove(&Keeper::document_key(id)).await;
                keeper.remove(&keeper.queue_key(id)).await;
                keeper.remove(&Keeper::title_key(id)).await;
            });
        }
    }

    fn keep_edits(&self, keeper: Rc<Keeper>, unsaved: usize) {
        let Some(record) = self.record() else { return };
        let session = *self;
        spawn_local(async move {
            let is_kept = keeper.put(&keeper.queue_key(session.id), &record).await;
            session.keep_title(&keeper).await;
            // When the device is full, what was kept before is still there.
            if is_kept {
                session.keeping.update_value(|keeping| keeping.queue = Some(unsaved));
            }
            session.show_saving();
        });
    }

    fn keep_document(&self, keeper: Rc<Keeper>) {
        let now = clock::since_start();
        let Some(revision) = self.document.with_value(|document| document.content().map(|content| content.revision()))
        else {
            return;
        };
        let (has_queue, kept) = self.keeping.with_value(|keeping| (keeping.queue.is_some(), keeping.kept));
        let is_known = kept.is_some_and(|(known, _)| known == revision);
        let is_early = kept.is_some_and(|(_, at)| now < at.saturating_add(INTERVAL));
        if is_known && !has_queue {
            return;
        }
        if is_early && !has_queue {
            let session = *self;
            let is_due = self.keeping.try_update_value(|keeping| !std::mem::replace(&mut keeping.is_scheduled, true));
            if is_due == Some(true) {
                clock::after(INTERVAL, move || {
                    session.keeping.update_value(|keeping| keeping.is_scheduled = false);
                    session.keep_now();
                });
            }
            return;
        }
        let Some(record) = self.record() else { return };
        self.keeping.update_value(|keeping| {
            keeping.kept = Some((revision, now));
            keeping.queue = None;
        });
        let (id, session) = (self.id, *self);
        spawn_local(async move {
            // First the document with the edits, then the edits alone go.
            keeper.put(&Keeper::document_key(id), &record).await;
            keeper.remove(&keeper.queue_key(id)).await;
            session.keep_title(&keeper).await;
        });
    }

    /// Keeps what the document is called, unless that is kept already.
    async fn keep_title(&self, keeper: &Keeper) {
        let (Some(title), Some(Some(kind))) = (self.title.try_get_untracked(), self.kind.try_get_untracked()) else {
            return;
        };
        let is_known =
            self.keeping.try_update_value(|keeping| std::mem::replace(&mut keeping.title, title.clone()) == title);
        if is_known == Some(false) {
            keeper.put_title(&KnownDocument { id: self.id, title, kind, workspace_name: String::new() }).await;
        }
    }

    fn record(&self) -> Option<String> {
        let record = self.document.with_value(Document::record)?;
        serde_json::to_string(&record).ok()
    }
}

/// What is kept of the document: with our own edits, or as anybody has left it.
async fn kept_record(keeper: &Keeper, session: DocumentSession) -> Option<Record> {
    let text = match keeper.get(&keeper.queue_key(session.id)).await {
        Some(text) => text,
        None => keeper.get(&Keeper::document_key(session.id)).await?,
    };
    // What another version of the app has kept may not be understood.
    serde_json::from_str(&text).ok()
}
