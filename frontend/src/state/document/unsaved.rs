//! What the server has not confirmed, in words for people.

use std::collections::VecDeque;

/// The edits that the server has not confirmed, in words.
#[derive(Default)]
pub(super) struct Unsaved {
    pub(super) sent: Vec<String>,
    pub(super) waiting: VecDeque<String>,
}

impl Unsaved {
    pub(super) fn len(&self) -> usize {
        self.sent.len().saturating_add(self.waiting.len())
    }

    pub(super) fn confirm_sent(&mut self) {
        self.sent = self.waiting.drain(..).collect();
    }

    pub(super) fn take(&mut self) -> Vec<String> {
        let mut all = std::mem::take(&mut self.sent);
        all.extend(self.waiting.drain(..));
        all
    }
}
