//! What other nodes do with the documents that are open here.
//!
//! A hint that a document has moved on is passed to its task, which reads what is new. Since hints may be lost, the
//! database is asked as well: now and then, and whenever it turns out that hints were lost.

use std::time::Duration;

use coval_shared::protocol::DocumentId;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{MissedTickBehavior, interval};

use super::{Command, Documents};
use crate::bus::Hint;

/// How often the database is asked for revisions that no hint told of, and the other nodes are told who is here.
const ROUND: Duration = Duration::from_secs(3);

/// Of how many documents the revisions are asked at once.
const CHUNK: usize = 500;

impl Documents {
    /// Follows what other nodes say, for ever.
    pub(super) async fn follow_others(self) {
        let mut hints = self.bus.subscribe();
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                hint = hints.recv() => match hint {
                    Ok(Hint::Lost) | Err(RecvError::Lagged(_)) => self.look().await,
                    Ok(hint) => self.pass_on(hint),
                    Err(RecvError::Closed) => return,
                },
                _ = rounds.tick() => {
                    self.look().await;
                    for id in self.open() {
                        self.hint(id, Command::Round);
                    }
                }
            }
        }
    }

    fn pass_on(&self, hint: Hint) {
        match hint {
            Hint::Revision { document, revision } => self.hint(document, Command::Newer { revision }),
            Hint::People { document, node, people } => self.hint(document, Command::Elsewhere { node, people }),
            Hint::Announce { document, message } => self.announce_here(document, message),
            Hint::Tell { user, message } => self.tell_here(user, message),
            // Others listen for these.
            Hint::Rights | Hint::Cancel { .. } | Hint::Lost => {}
        }
    }

    /// Asks the database how far the open documents are.
    async fn look(&self) {
        for chunk in self.open().chunks(CHUNK) {
            let (store, ids) = (self.store.clone(), chunk.to_vec());
            match tokio::task::spawn_blocking(move || store.revisions(&ids)).await {
                Ok(Ok(revisions)) => {
                    for (id, revision) in revisions {
                        self.hint(id, Command::Newer { revision });
                    }
                }
                // The next round asks again.
                Ok(Err(error)) => return tracing::debug!(%error, "the revisions of documents can't be read"),
                Err(error) => return tracing::debug!(%error, "the server stops"),
            }
        }
    }

    /// Passes `command` to a document that is in memory and has room for it; to no other.
    fn hint(&self, id: DocumentId, command: Command) {
        if let Some(mailbox) = self.open_mailbox(id) {
            // One that is full has work enough, and is asked again in the next round.
            let _ = mailbox.try_send(command);
        }
    }
}
