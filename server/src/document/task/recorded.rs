//! What is recorded of a document, for those who follow that.
//!
//! Whoever changes something records it in the transaction of the change, on any node, so the table is asked, and only
//! while somebody follows.

use std::time::Duration;

use coval_shared::protocol::{ServerMessage, Stream};
use tokio::time::Instant;

use super::Task;
use crate::document::Broadcast;

/// How often the record is asked.
const RECORDED_EVERY: Duration = Duration::from_secs(1);

/// How many entries are told at once.
const ENTRIES: usize = 100;

impl Task {
    /// Notes from where on those hear who follow from now on.
    pub(super) async fn begin_activity(&mut self) {
        let id = self.id;
        self.record_after = Instant::now() + RECORDED_EVERY;
        self.recorded = match self.blocking(move |store| store.newest_activity(id)).await {
            Ok(newest) => Some(newest),
            Err(error) => {
                // It is asked again with the next round.
                tracing::debug!(document = %id, %error, "the record can't be read");
                None
            }
        };
    }

    /// When [`Task::show_activity`] has something to do.
    pub(super) fn activity_due(&self) -> Option<Instant> {
        self.room.has_followers(Stream::Activity).then_some(self.record_after)
    }

    /// Tells those who follow what was recorded since they heard last, if it is time.
    pub(super) async fn show_activity(&mut self) {
        if self.activity_due().is_none_or(|due| due > Instant::now()) {
            return;
        }
        let Some(after) = self.recorded else {
            return self.begin_activity().await;
        };
        let id = self.id;
        self.record_after = Instant::now() + RECORDED_EVERY;
        match self.blocking(move |store| store.document_activity_after(id, after, ENTRIES)).await {
            Ok(entries) => {
                for entry in entries {
                    self.recorded = Some(entry.number);
                    let Ok(data) = serde_json::to_value(&entry) else { continue };
                    let stream = Stream::Activity;
                    self.room.announce(&Broadcast::new(ServerMessage::StreamData { document: id, stream, data }));
                }
            }
            Err(error) => tracing::debug!(document = %id, %error, "the record can't be read"),
        }
    }
}
