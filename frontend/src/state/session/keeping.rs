//! Keeping the document on this device: to open it without a network, and so that no edit is lost with the page.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use ot_core::Revision;

use super::DocumentSession;
use crate::platform::clock;
use crate::state::document::{Document, Record};
use crate::state::keeper::Keeper;
use crate::state::workspace::OpenDocument;

/// How long after an edit it is kept, if the server has not confirmed it by then.
const DELAY: Duration = Duration::from_millis(200);

/// How far apart the document is kept while all of it is saved.
const INTERVAL: Duration = Duration::from_secs(5);

/// What of the document is kept.
#[derive(Clone, Default)]
pub(super) struct Keeping {
    /// Who keeps it; nobody where it is past.
    keeper: Option<Rc<Keeper>>,
    is_restored: bool,
    is_scheduled: bool,
    /// Whether there are unconfirmed edits among what is kept.
    has_queue: bool,
    /// The revision that is kept without edits, and when that was.
    kept: Option<(Revision, Duration)>,
}

impl Keeping {
    /// Whether edits are kept.
    pub(super) fn is_kept(&self) -> bool {
        self.has_queue
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
            let has_queue = record.as_ref().is_some_and(Record::is_unconfirmed);
            session.keeping.update_value(|keeping| {
                keeping.is_restored = true;
                keeping.has_queue = has_queue;
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
            clock::after(DELAY, move || {
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
        if self.document.with_value(|document| document.unsaved() > 0) {
            self.keep_edits(keeper);
        } else {
            self.keep_document(keeper);
        }
    }

    /// Forgets the document, which is not there any more for this person.
    pub(super) fn forget(&self) {
        if let Some(keeper) = self.keeping.with_value(|keeping| keeping.keeper.clone()) {
            let id = self.id;
            spawn_local(async move {
                keeper.remove(&Keeper::document_key(id)).await;
                keeper.remove(&keeper.queue_key(id)).await;
            });
        }
    }

    fn keep_edits(&self, keeper: Rc<Keeper>) {
        let Some(record) = self.record() else { return };
        let session = *self;
        spawn_local(async move {
            let is_kept = keeper.put(&keeper.queue_key(session.id), &record).await;
            let has_changed = session
                .keeping
                .try_update_value(|keeping| std::mem::replace(&mut keeping.has_queue, is_kept) != is_kept);
            if has_changed == Some(true) {
                session.show_saving();
            }
        });
    }

    fn keep_document(&self, keeper: Rc<Keeper>) {
        let now = clock::since_start();
        let Some(revision) = self.document.with_value(|document| document.content().map(|content| content.revision()))
        else {
            return;
        };
        let (has_queue, kept) = self.keeping.with_value(|keeping| (keeping.has_queue, keeping.kept));
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
            keeping.has_queue = false;
        });
        let id = self.id;
        spawn_local(async move {
            // First the document with the edits, then the edits alone go.
            keeper.put(&Keeper::document_key(id), &record).await;
            keeper.remove(&keeper.queue_key(id)).await;
        });
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
