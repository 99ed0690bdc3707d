//! What is known of people's rights without asking the database.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use coval_shared::protocol::{DocumentId, SignInId, UserId, WorkspaceId};

use crate::store::{Grant, LiveSignIn};

/// How many rights of a kind are kept in mind. With one more, all of that kind are forgotten.
const MOST: usize = 100_000;

/// What is known. It is dropped as a whole when somebody's rights have changed.
#[derive(Default)]
pub(super) struct Known(RwLock<Inner>);

#[derive(Default)]
struct Inner {
    epoch: u64,
    documents: HashMap<(UserId, DocumentId), Grant>,
    workspaces: HashMap<(UserId, WorkspaceId), Grant>,
    sign_ins: HashMap<(UserId, SignInId), LiveSignIn>,
}

impl Known {
    /// How often everything was forgotten. Whoever asks the database notes this before, and hands it back with what they
    /// have learned.
    pub(super) fn epoch(&self) -> u64 {
        self.read().epoch
    }

    pub(super) fn document(&self, user: UserId, document: DocumentId, now_ms: i64) -> Option<Grant> {
        self.read().documents.get(&(user, document)).copied().filter(|grant| holds(grant.until_ms, now_ms))
    }

    pub(super) fn workspace(&self, user: UserId, workspace: WorkspaceId) -> Option<Grant> {
        self.read().workspaces.get(&(user, workspace)).copied()
    }

    pub(super) fn sign_in(&self, user: UserId, sign_in: SignInId, now_ms: i64) -> Option<LiveSignIn> {
        self.read().sign_ins.get(&(user, sign_in)).filter(|live| live.expires_at_ms > now_ms).cloned()
    }

    pub(super) fn learn_document(&self, epoch: u64, user: UserId, document: DocumentId, grant: Grant) {
        self.learn(epoch, |inner| put(&mut inner.documents, (user, document), grant));
    }

    pub(super) fn learn_workspace(&self, epoch: u64, user: UserId, workspace: WorkspaceId, grant: Grant) {
        self.learn(epoch, |inner| put(&mut inner.workspaces, (user, workspace), grant));
    }

    pub(super) fn learn_sign_in(&self, epoch: u64, live: LiveSignIn) {
        self.learn(epoch, |inner| put(&mut inner.sign_ins, (live.user, live.id), live));
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        let mut inner = self.write();
        let epoch = inner.epoch.wrapping_add(1);
        *inner = Inner { epoch, ..Inner::default() };
    }

    /// Forgets what has ended by itself. Returns whether there was any.
    pub(super) fn forget_ended(&self, now_ms: i64) -> bool {
        let has_ended = {
            let inner = self.read();
            inner.documents.values().any(|grant| !holds(grant.until_ms, now_ms))
                || inner.sign_ins.values().any(|live| live.expires_at_ms <= now_ms)
        };
        if has_ended {
            let mut inner = self.write();
            inner.documents.retain(|_, grant| holds(grant.until_ms, now_ms));
            inner.sign_ins.retain(|_, live| live.expires_at_ms > now_ms);
        }
        has_ended
    }

    /// Takes in what the database said, unless rights have changed since it was asked.
    fn learn(&self, epoch: u64, put: impl FnOnce(&mut Inner)) {
        let mut inner = self.write();
        if inner.epoch == epoch {
            put(&mut inner);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holds(until_ms: Option<i64>, now_ms: i64) -> bool {
    until_ms.is_none_or(|until| until > now_ms)
}

fn put<K: Eq + Hash, V>(map: &mut HashMap<K, V>, key: K, value: V) {
    if map.len() >= MOST {
        map.clear();
    }
    map.insert(key, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::rights::Role;
    use uuid::Uuid;

    const EDITOR: Grant = Grant { role: Role::Editor, until_ms: None, is_archived: false };

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn document(number: u128) -> DocumentId {
        DocumentId(Uuid::from_u128(number))
    }

    #[test]
    fn what_was_learned_is_known_until_it_is_forgotten() {
        let known = Known::default();
        known.learn_document(known.epoch(), user(1), document(2), EDITOR);
        assert_eq!(known.document(user(1), document(2), 0), Some(EDITOR));
        assert_eq!(known.document(user(2), document(1), 0), None);
        known.forget();
        assert_eq!(known.document(user(1), document(2), 0), None);
    }

    #[test]
    fn what_was_asked_before_a_change_is_not_kept_after_it() {
        let known = Known::default();
        let asked = known.epoch();
        known.forget();
        known.learn_document(asked, user(1), document(2), EDITOR);
        assert_eq!(known.document(user(1), document(2), 0), None);
    }

    #[test]
    fn a_right_that_ends_is_known_until_then() {
        let known = Known::default();
        let grant = Grant { until_ms: Some(100), ..EDITOR };
        known.learn_document(known.epoch(), user(1), document(2), grant);
        assert_eq!(known.document(user(1), document(2), 99), Some(grant));
        assert_eq!(known.document(user(1), document(2), 100), None);
        assert!(!known.forget_ended(99));
        assert!(known.forget_ended(100));
        assert!(!known.forget_ended(100), "it is told once");
    }

    #[test]
    fn strangers_cannot_make_it_grow_without_bound() {
        let known = Known::default();
        for number in 0..150_000 {
            known.learn_document(known.epoch(), user(number), document(1), EDITOR);
        }
        assert!(known.read().documents.len() <= MOST);
    }
}
