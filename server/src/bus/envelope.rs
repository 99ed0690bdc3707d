//! A hint as it travels: with the version of this form, who sent it, and the how-manieth of theirs it is.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Hint;

/// The version of this form. What has another one is passed over, so that nodes can be replaced one after the other.
const VERSION: u32 = 1;

/// The longest hint, in bytes.
pub(super) const HINT_BYTES: usize = 256 * 1024;

/// How many senders are remembered. Nodes that start anew have a new id each time.
const SENDERS: usize = 256;

#[derive(Serialize)]
struct Outgoing<'a> {
    version: u32,
    sender: Uuid,
    number: u64,
    #[serde(flatten)]
    hint: &'a Hint,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
}

#[derive(Deserialize)]
struct Incoming {
    sender: Uuid,
    number: u64,
    #[serde(flatten)]
    hint: Hint,
}

/// Puts hints into envelopes.
#[derive(Debug)]
pub(super) struct Sender {
    id: Uuid,
    number: u64,
}

impl Sender {
    pub(super) fn new(id: Uuid) -> Self {
        Self { id, number: 0 }
    }

    /// The hint in its envelope; nothing when it is too large.
    pub(super) fn wrap(&mut self, hint: &Hint) -> Option<Vec<u8>> {
        // What is not sent leaves a gap, by which the others know.
        self.number = self.number.wrapping_add(1);
        let bytes =
            serde_json::to_vec(&Outgoing { version: VERSION, sender: self.id, number: self.number, hint }).ok()?;
        (bytes.len() <= HINT_BYTES).then_some(bytes)
    }

    /// Leaves a gap for what was not sent.
    pub(super) fn skip(&mut self) {
        self.number = self.number.wrapping_add(1);
    }
}

/// Takes hints out of envelopes.
#[derive(Debug)]
pub(super) struct Receiver {
    own: Uuid,
    last: HashMap<Uuid, u64>,
}

/// What was in an envelope.
#[derive(Debug, PartialEq)]
pub(super) struct Unwrapped {
    pub(super) hint: Hint,
    /// Whether others of the same sender, before this one, did not arrive.
    pub(super) is_after_gap: bool,
}

impl Receiver {
    /// Hears everybody but `own`.
    pub(super) fn new(own: Uuid) -> Self {
        Self { own, last: HashMap::new() }
    }

    /// What is in the envelope; nothing when it is one's own, of another version, or no envelope.
    pub(super) fn unwrap(&mut self, bytes: &[u8]) -> Option<Unwrapped> {
        if bytes.len() > HINT_BYTES || serde_json::from_slice::<Head>(bytes).ok()?.version != VERSION {
            return None;
        }
        let Incoming { sender, number, hint } = serde_json::from_slice(bytes).ok()?;
        if sender == self.own {
            return None;
        }
        if self.last.len() >= SENDERS && !self.last.contains_key(&sender) {
            self.last.clear();
        }
        let before = self.last.insert(sender, number);
        let is_after_gap = before.is_some_and(|before| number > before.wrapping_add(1));
        Some(Unwrapped { hint, is_after_gap })
    }

    /// Forgets how far everybody was, after a time in which nothing could arrive.
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::{DocumentId, ServerMessage};
    use ot_core::Revision;
    use serde_json::{Value, json};

    fn hint(revision: u64) -> Hint {
        Hint::Revision { document: DocumentId(Uuid::from_u128(7)), revision: Revision(revision) }
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_hint_arrives_as_it_was_sent_at_everybody_else() {
        let mut sender = Sender::new(id(1));
        let message = ServerMessage::DocumentAck {
            document: DocumentId(id(9)),
            sequence: ot_core::Sequence(3),
            revision: Revision(4),
        };
        let hints = [
            hint(1),
            Hint::People { document: DocumentId(id(9)), node: "one".to_owned(), people: Vec::new() },
            Hint::Announce { document: DocumentId(id(9)), message: message.clone() },
            Hint::Tell { user: coval_shared::protocol::UserId(id(5)), message },
            Hint::Rights,
            Hint::Cancel { job: coval_shared::protocol::JobId(id(6)) },
        ];
        let (mut other, mut own) = (Receiver::new(id(2)), Receiver::new(id(1)));
        for hint in hints {
            let bytes = sender.wrap(&hint).unwrap();
            assert_eq!(other.unwrap(&bytes), Some(Unwrapped { hint, is_after_gap: false }));
            assert_eq!(own.unwrap(&bytes), None);
        }
    }

    #[test]
    fn a_lost_hint_shows_with_the_next_one_of_the_same_sender() {
        let (mut one, mut two, mut receiver) = (Sender::new(id(1)), Sender::new(id(2)), Receiver::new(id(3)));
        let gap =
            |receiver: &mut Receiver, bytes: Option<Vec<u8>>| receiver.unwrap(&bytes.unwrap()).unwrap().is_after_gap;
        // Who joins later has missed nothing.
        one.wrap(&hint(1)).unwrap();
        assert!(!gap(&mut receiver, one.wrap(&hint(2))));
        assert!(!gap(&mut receiver, two.wrap(&hint(3))));
        one.wrap(&hint(4)).unwrap();
        assert!(gap(&mut receiver, one.wrap(&hint(5))));
        assert!(!gap(&mut receiver, one.wrap(&hint(6))));
        one.skip();
        assert!(gap(&mut receiver, one.wrap(&hint(7))));
        assert!(!gap(&mut receiver, two.wrap(&hint(8))));
        // Twice the same is no gap.
        let again = two.wrap(&hint(9));
        assert!(!gap(&mut receiver, again.clone()));
        assert!(!gap(&mut receiver, again));
    }

    #[test]
    fn other_versions_and_what_is_no_envelope_are_passed_over() {
        let mut receiver = Receiver::new(id(3));
        let mut envelope: Value = serde_json::from_slice(&Sender::new(id(1)).wrap(&hint(1)).unwrap()).unwrap();
        assert!(receiver.unwrap(envelope.to_string().as_bytes()).is_some());
        envelope["version"] = json!(2);
        assert_eq!(receiver.unwrap(envelope.to_string().as_bytes()), None);
        for other in ["", "{}", "[1", "{\"version\":1,\"hint\":\"lost\"}", "\u{0}"] {
            assert_eq!(receiver.unwrap(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn a_hint_that_is_too_large_is_neither_sent_nor_taken() {
        let large = Hint::People { document: DocumentId(id(9)), node: "n".repeat(HINT_BYTES), people: Vec::new() };
        let mut sender = Sender::new(id(1));
        assert_eq!(sender.wrap(&large), None);
        let mut bytes = sender.wrap(&hint(1)).unwrap();
        bytes.resize(HINT_BYTES + 1, b' ');
        assert_eq!(Receiver::new(id(2)).unwrap(&bytes), None);
    }
}
