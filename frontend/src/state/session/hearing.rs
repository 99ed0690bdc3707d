//! Taking in what the server says: one edit at once, a burst of them once a frame.

use coval_shared::protocol::ServerMessage;
use leptos::prelude::*;
use ot_core::Committed;
use ot_core::json::JsonOp;

use super::DocumentSession;
use crate::platform::page;

/// How many edits wait at most, also in a window that draws nothing.
const MOST: usize = 2_000;

/// The edits of others that arrive faster than the page is drawn.
#[derive(Default)]
pub(super) struct Burst {
    updates: Vec<Committed<JsonOp>>,
    /// Whether the next frame comes only.
    is_resting: bool,
}

impl Burst {
    /// Lets `updates` wait, if there is something to wait for; gives them back otherwise.
    fn hold(&mut self, mut updates: Vec<Committed<JsonOp>>) -> Option<Vec<Committed<JsonOp>>> {
        if !self.is_resting {
            return Some(updates);
        }
        self.updates.append(&mut updates);
        (self.updates.len() > MOST).then(|| std::mem::take(&mut self.updates))
    }
}

impl DocumentSession {
    /// Takes in what the server said. Edits that arrive within one frame of the page are taken in together, since each
    /// of them would calculate and draw everything that hangs on it.
    pub(super) fn take_in(&self, message: ServerMessage) {
        let ServerMessage::DocumentUpdated { document, updates } = message else {
            // All else is about a document that has those edits.
            self.take_in_held();
            return self.take_in_now(message);
        };
        let now = self.burst.try_update_value(|burst| burst.hold(updates)).flatten();
        if let Some(updates) = now {
            self.take_in_now(ServerMessage::DocumentUpdated { document, updates });
            self.rest();
        }
    }

    /// Takes in the edits that wait.
    pub(super) fn take_in_held(&self) -> bool {
        let updates = self.burst.try_update_value(|burst| std::mem::take(&mut burst.updates)).unwrap_or_default();
        if updates.is_empty() {
            return false;
        }
        self.take_in_now(ServerMessage::DocumentUpdated { document: self.id, updates });
        true
    }

    /// Lets what comes wait for the next frame.
    fn rest(&self) {
        let was_resting = self.burst.try_update_value(|burst| std::mem::replace(&mut burst.is_resting, true));
        if was_resting != Some(false) {
            return;
        }
        let session = *self;
        page::next_frame(move || {
            session.burst.update_value(|burst| burst.is_resting = false);
            if session.take_in_held() {
                session.rest();
            }
        });
    }

    fn take_in_now(&self, message: ServerMessage) {
        self.listeners.tell(&message);
        let effects = self.change(|document| document.hear(message));
        self.carry_out(effects);
        self.close_if_done();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::{ClientId, Revision, Sequence};
    use uuid::Uuid;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn updates(count: u64) -> Vec<Committed<JsonOp>> {
        let update = |number| Committed {
            revision: Revision(number),
            client: ClientId(Uuid::from_u128(1)),
            sequence: Sequence(number),
            op: JsonOp::noop(),
        };
        (1..=count).map(update).collect()
    }

    #[test]
    fn what_comes_in_one_frame_waits_for_the_next_one() {
        let mut burst = Burst::default();
        assert_eq!(burst.hold(updates(1)).map(|updates| updates.len()), Some(1));
        burst.is_resting = true;
        assert_eq!(burst.hold(updates(3)), None);
        assert_eq!(burst.hold(updates(2)), None);
        assert_eq!(burst.updates.len(), 5);
    }

    #[test]
    fn a_window_that_draws_nothing_does_not_grow() {
        let mut burst = Burst { is_resting: true, ..Burst::default() };
        assert_eq!(burst.hold(updates(2_000)), None);
        assert_eq!(burst.hold(updates(1)).map(|updates| updates.len()), Some(2_001));
        assert!(burst.updates.is_empty());
    }
}
