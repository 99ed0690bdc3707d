//! What people are told who open a document at the same time: the whole of it, written once.

use std::time::Duration;

use coval_shared::rights::Role;
use ot_core::Revision;
use tokio::time::Instant;

use super::Broadcast;

/// How long it is kept: whoever comes together comes within this time, and nobody else is to pay for the memory.
const KEPT: Duration = Duration::from_secs(2);

/// The newest revision as those are told it who have written nothing, one message for each role.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    revision: Revision,
    until: Option<Instant>,
    messages: Vec<(Role, Broadcast)>,
}

impl Fresh {
    /// What somebody with `role` is told at `revision`, if somebody else was told the same just now.
    pub(super) fn get(&self, revision: Revision, role: Role) -> Option<Broadcast> {
        let is_same = |(other, _): &&(Role, Broadcast)| self.revision == revision && *other == role;
        self.messages.iter().find(is_same).map(|(_, message)| message.clone())
    }

    /// Keeps what somebody with `role` is told at `revision`.
    pub(super) fn keep(&mut self, revision: Revision, role: Role, message: Broadcast, now: Instant) {
        if self.revision != revision {
            self.messages.clear();
        }
        self.revision = revision;
        self.until = Some(now + KEPT);
        self.messages.push((role, message));
    }

    /// Until when something is kept.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Forgets what was kept for long enough.
    pub(super) fn expire(&mut self, now: Instant) {
        if self.until.is_some_and(|until| until <= now) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::{DocumentId, ServerMessage};
    use uuid::Uuid;

    #[test]
    fn what_is_kept_is_of_one_revision_and_role_and_not_for_long() {
        let (mut fresh, now) = (Fresh::default(), Instant::now());
        let message = || Broadcast::new(ServerMessage::AccessUpdate { document: DocumentId(Uuid::nil()), role: None });
        fresh.keep(Revision(7), Role::Editor, message(), now);
        fresh.keep(Revision(7), Role::Viewer, message(), now);
        assert!(fresh.get(Revision(7), Role::Editor).is_some() && fresh.get(Revision(7), Role::Viewer).is_some());
        assert!(fresh.get(Revision(7), Role::Owner).is_none() && fresh.get(Revision(8), Role::Editor).is_none());
        fresh.keep(Revision(8), Role::Viewer, message(), now);
        assert!(fresh.get(Revision(8), Role::Editor).is_none());
        fresh.expire(now + KEPT / 2);
        assert!(fresh.get(Revision(8), Role::Viewer).is_some());
        fresh.expire(fresh.until().unwrap());
        assert!(fresh.get(Revision(8), Role::Viewer).is_none() && fresh.until().is_none());
    }
}
