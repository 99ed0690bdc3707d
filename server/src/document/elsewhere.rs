//! Who is in a document on other nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use coval_shared::protocol::Person;
use tokio::time::Instant;

/// How long people count as being there after their node last said so.
const REMEMBERED: Duration = Duration::from_secs(12);

/// From how many nodes, and how many people of each, are shown at most.
const NODES: usize = 64;
const PEOPLE: usize = 1_000;

/// The people whom other nodes have in a document.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    nodes: BTreeMap<String, Node>,
}

#[derive(Debug)]
struct Node {
    heard: Instant,
    people: Vec<Person>,
}

/// What a node's word changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whether the node was not known, and so may not know who is here.
    pub(super) is_new: bool,
    /// Whether other people are there than before, or elsewhere in the document.
    pub(super) has_moved: bool,
}

impl Elsewhere {
    /// Takes in that `node` has `people` in the document.
    pub(super) fn hear(&mut self, node: String, mut people: Vec<Person>, now: Instant) -> Heard {
        people.truncate(PEOPLE);
        if people.is_empty() {
            return Heard { is_new: false, has_moved: self.nodes.remove(&node).is_some() };
        }
        let before = self.nodes.get(&node).map(|known| &known.people);
        let heard = Heard { is_new: before.is_none(), has_moved: before != Some(&people) };
        if before.is_some() || self.nodes.len() < NODES {
            self.nodes.insert(node, Node { heard: now, people });
        }
        heard
    }

    /// Forgets nodes that have said nothing for long. Returns whether there were any.
    pub(super) fn forget_silent(&mut self, now: Instant) -> bool {
        let before = self.nodes.len();
        self.nodes.retain(|_, node| now.duration_since(node.heard) < REMEMBERED);
        self.nodes.len() < before
    }

    /// Everybody there.
    pub(super) fn people(&self) -> impl Iterator<Item = &Person> {
        self.nodes.values().flat_map(|node| &node.people)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::protocol::UserId;
    use ot_core::ClientId;
    use uuid::Uuid;

    fn person(number: u128) -> Person {
        let user = UserId(Uuid::from_u128(number));
        Person {
            client: ClientId(user.0),
            user,
            name: format!("person {number}"),
            colour: user.colour(),
            cursor: None,
            selection: None,
            is_typing: false,
        }
    }

    fn names(elsewhere: &Elsewhere) -> Vec<&str> {
        elsewhere.people().map(|person| person.name.as_str()).collect()
    }

    #[test]
    fn what_a_node_says_replaces_what_it_said() {
        let (mut elsewhere, now) = (Elsewhere::default(), Instant::now());
        let mut hear = |node: &str, people: &[u128]| {
            elsewhere.hear(node.to_owned(), people.iter().copied().map(person).collect(), now)
        };
        assert_eq!(hear("one", &[1, 2]), Heard { is_new: true, has_moved: true });
        assert_eq!(hear("one", &[1, 2]), Heard { is_new: false, has_moved: false });
        assert_eq!(hear("two", &[3]), Heard { is_new: true, has_moved: true });
        assert_eq!(hear("one", &[2]), Heard { is_new: false, has_moved: true });
        assert_eq!(hear("three", &[]), Heard { is_new: false, has_moved: false });
        assert_eq!(names(&elsewhere), ["person 2", "person 3"]);
    }

    #[test]
    fn a_node_that_is_gone_takes_its_people_with_it() {
        let (mut elsewhere, now) = (Elsewhere::default(), Instant::now());
        elsewhere.hear("one".to_owned(), vec![person(1)], now);
        elsewhere.hear("two".to_owned(), vec![person(2)], now + REMEMBERED / 2);
        assert!(!elsewhere.forget_silent(now + REMEMBERED / 2));
        assert!(elsewhere.forget_silent(now + REMEMBERED));
        assert_eq!(names(&elsewhere), ["person 2"]);
    }

    #[test]
    fn nobody_can_fill_the_memory_with_people() {
        let (mut elsewhere, now) = (Elsewhere::default(), Instant::now());
        for node in 0..2 * NODES {
            elsewhere.hear(node.to_string(), (0..1_500).map(person).collect(), now);
        }
        assert_eq!(elsewhere.people().count(), NODES * PEOPLE);
    }
}
