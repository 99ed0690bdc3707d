//! What the person has read of the comments on a document.

use std::collections::BTreeMap;

use coval_shared::protocol::{CommentId, UserId};
use uuid::Uuid;

use super::Thread;

/// How many threads are remembered one by one, beside the moment before which all was read.
const THREADS: usize = 200;

/// Up to which moment everything was read, and what was read of the threads since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    until_ms: i64,
    threads: BTreeMap<CommentId, i64>,
}

impl Seen {
    /// Everything up to the moment `until_ms`, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn all_until(until_ms: i64) -> Self {
        Self { until_ms, threads: BTreeMap::new() }
    }

    /// What [`Seen::written`] wrote; nothing if it is something else.
    #[must_use]
    pub fn read(written: &str) -> Option<Self> {
        let mut parts = written.split(';');
        let until_ms = parts.next()?.parse().ok()?;
        let thread = |part: &str| {
            let (id, at) = part.split_once('=')?;
            Some((CommentId(Uuid::parse_str(id).ok()?), at.parse().ok()?))
        };
        Some(Self { until_ms, threads: parts.filter_map(thread).take(THREADS).collect() })
    }

    /// As a text that the browser can remember.
    #[must_use]
    pub fn written(&self) -> String {
        let threads = self.threads.iter().map(|(id, at)| format!(";{id}={at}"));
        std::iter::once(self.until_ms.to_string()).chain(threads).collect()
    }

    /// Whether somebody other than `person` said something in `thread` that was not read.
    #[must_use]
    pub fn is_unread(&self, thread: &Thread, person: Option<UserId>) -> bool {
        let until = self.threads.get(&thread.id()).copied().unwrap_or(i64::MIN).max(self.until_ms);
        thread.comments().any(|comment| {
            Some(comment.author.id) != person && comment.deleted_at_ms.is_none() && comment.created_at_ms > until
        })
    }

    /// Takes note that `thread` was read.
    pub fn take_note(&mut self, thread: &Thread) {
        self.threads.insert(thread.id(), thread.last_ms());
        while self.threads.len() > THREADS {
            let oldest = self.threads.iter().min_by_key(|(_, at)| **at).map(|(id, at)| (*id, *at));
            let Some((oldest, at)) = oldest else { return };
            self.until_ms = self.until_ms.max(at);
            self.threads.remove(&oldest);
        }
    }
}
