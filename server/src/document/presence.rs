//! What the people of a document are shown of each other.
//!
//! Everybody is told the same: those who came or moved since the last message, written once for all. How much that is
//! in a second has a bound, however many there are and however much they move.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use coval_shared::limits::{PRESENCE_PEOPLE, PRESENCE_PER_SECOND};
use coval_shared::protocol::{Person, Selection};
use ot_core::json::{Json, JsonCursor, JsonOp, Path};
use ot_core::{ClientId, OtType, Side};
use tokio::time::Instant;

/// How many people may be told to people in a second: one who moved, told to a hundred, counts as a hundred.
const TOLD_PER_SECOND: u32 = 20_000;

/// How long somebody types who says nothing more about it.
const TYPING: Duration = Duration::from_secs(5);

/// How long the people of a node that says nothing are shown.
const SILENCE: Duration = Duration::from_secs(12);

/// From how many nodes people are shown at most.
const NODES: usize = 64;

/// Everybody in a document, on all nodes.
#[derive(Debug, Default)]
pub(super) struct Presence {
    people: HashMap<ClientId, Known>,
    /// Other nodes that have people in the document, and when they last said so.
    nodes: HashMap<String, Instant>,
    /// Counts what people do.
    acts: u64,
    /// Who is shown, and the last act of theirs that the others know.
    shown: BTreeMap<ClientId, u64>,
    shown_typing: BTreeSet<ClientId>,
    has_news: bool,
    /// When the others may be told next.
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct Known {
    person: Person,
    /// The last thing that they did. Of too many people, those are shown who did something last.
    act: u64,
    typing_until: Option<Instant>,
    /// Where they are connected; nothing for here.
    node: Option<String>,
}

/// What has changed since the last news.
#[derive(Debug, PartialEq)]
pub(super) struct News {
    /// Those who came or moved, and those who are shown no longer; nothing when nobody is among them.
    pub(super) people: Option<(Vec<Person>, Vec<ClientId>)>,
    /// Everybody who types, if that is news.
    pub(super) typing: Option<Vec<ClientId>>,
}

impl Presence {
    /// Takes in somebody who came to this node. Where they were before is still true.
    pub(super) fn come(&mut self, mut person: Person) {
        if let Some(before) = self.people.get(&person.client) {
            person.cursor = person.cursor.or_else(|| before.person.cursor.clone());
            person.selection = person.selection.or_else(|| before.person.selection.clone());
        }
        let act = self.next_act();
        self.people.insert(person.client, Known { person, act, typing_until: None, node: None });
    }

    /// Takes note that somebody left this node.
    pub(super) fn leave(&mut self, client: ClientId) {
        if self.people.get(&client).is_some_and(|known| known.node.is_none()) {
            self.people.remove(&client);
            self.has_news = true;
        }
    }

    /// Lets `change` at somebody here. Nothing happens when it leaves them as they are.
    pub(super) fn change(&mut self, client: ClientId, change: impl FnOnce(&mut Person)) {
        let act = self.acts.saturating_add(1);
        let Some(known) = self.people.get_mut(&client) else { return };
        let mut person = known.person.clone();
        change(&mut person);
        if person != known.person {
            known.person = person;
            known.act = act;
            self.acts = act;
            self.has_news = true;
        }
    }

    /// Takes note that somebody here types, or has stopped.
    pub(super) fn types(&mut self, client: ClientId, is_typing: bool, now: Instant) {
        let Some(known) = self.people.get_mut(&client) else { return };
        known.typing_until = is_typing.then(|| now + TYPING);
        if known.person.is_typing != is_typing {
            known.person.is_typing = is_typing;
            self.has_news = true;
        }
    }

    /// Takes in everybody whom another node has in the document. Returns whether the node was not known.
    pub(super) fn hear(&mut self, node: &str, people: Vec<Person>, now: Instant) -> bool {
        let is_new = !self.nodes.contains_key(node);
        if is_new && self.nodes.len() >= NODES {
            return false;
        }
        let is_there = |known: &Known| known.node.as_deref() == Some(node);
        let clients: BTreeSet<ClientId> = people.iter().take(PRESENCE_PEOPLE).map(|person| person.client).collect();
        let before = self.people.len();
        self.people.retain(|client, known| !is_there(known) || clients.contains(client));
        self.has_news |= self.people.len() != before;
        if people.is_empty() {
            self.nodes.remove(node);
            return false;
        }
        self.nodes.insert(node.to_owned(), now);
        for person in people.into_iter().take(PRESENCE_PEOPLE) {
            // Whoever came here since is here.
            let known = self.people.get(&person.client);
            if known.is_none_or(|known| is_there(known) && known.person != person) {
                let act = self.next_act();
                let known = Known { act, typing_until: None, node: Some(node.to_owned()), person };
                self.people.insert(known.person.client, known);
            }
        }
        is_new
    }

    /// Carries places in the text along with an op that `author` made. Everybody else does the same by themselves.
    pub(super) fn carry(&mut self, op: &JsonOp, author: ClientId) {
        for (client, known) in &mut self.people {
            if let Some(Selection::Text { anchor, focus }) = &known.person.selection {
                let side = if *client == author { Side::Right } else { Side::Left };
                known.person.selection = carried(*anchor, op, side)
                    .zip(carried(*focus, op, side))
                    .map(|(anchor, focus)| Selection::Text { anchor, focus });
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.people.len()
    }

    /// Everybody on this node, as other nodes are told.
    pub(super) fn here(&self) -> Vec<Person> {
        let here = self.people.values().filter(|known| known.node.is_none());
        here.take(PRESENCE_PEOPLE).map(|known| known.person.clone()).collect()
    }

    /// Everybody, on this node and on others, up to as many as are shown.
    pub(super) fn everybody(&self) -> Vec<Person> {
        self.people.values().take(PRESENCE_PEOPLE).map(|known| known.person.clone()).collect()
    }

    /// Everybody who is shown, as those have them who heard all news.
    pub(super) fn shown(&self) -> Vec<Person> {
        self.shown.keys().filter_map(|client| self.people.get(client)).map(|known| known.person.clone()).collect()
    }

    /// When there is something to tell; nothing when there is not.
    pub(super) fn due(&self) -> Option<Instant> {
        let typing = self.people.values().filter_map(|known| known.typing_until);
        let silence = self.nodes.values().map(|heard| *heard + SILENCE);
        let later = typing.chain(silence).min();
        let soon = self.has_news.then(|| self.not_before.unwrap_or_else(Instant::now));
        soon.into_iter().chain(later.map(|later| later.max(self.not_before.unwrap_or(later)))).min()
    }

    /// What is new at `now`, to be told to `recipients`; nothing when it is too early or nothing is.
    pub(super) fn news(&mut self, recipients: usize, now: Instant) -> Option<News> {
        if self.not_before.is_some_and(|not_before| now < not_before) {
            return None;
        }
        self.expire(now);
        if !std::mem::take(&mut self.has_news) {
            return None;
        }
        let visible = self.visible();
        let left: Vec<ClientId> = self.shown.keys().filter(|client| !visible.contains_key(client)).copied().collect();
        let is_news = |(client, act): &(&ClientId, &u64)| self.shown.get(client) != Some(act);
        let moved = visible.iter().filter(is_news).filter_map(|(client, _)| self.people.get(client));
        let people: Vec<Person> = moved.map(|known| known.person.clone()).collect();
        let typing =
            self.people.iter().filter(|(client, known)| known.person.is_typing && visible.contains_key(client));
        let typing: BTreeSet<ClientId> = typing.map(|(client, _)| *client).collect();
        let is_typing_news = typing != self.shown_typing;
        self.shown = visible;
        let told = people.len().saturating_add(1).saturating_mul(recipients);
        let pause = Duration::from_secs(1) / PRESENCE_PER_SECOND;
        let pause = pause.max(Duration::from_secs(1) * u32::try_from(told).unwrap_or(u32::MAX) / TOLD_PER_SECOND);
        self.not_before = Some(now + pause);
        self.shown_typing = typing;
        Some(News {
            people: (!people.is_empty() || !left.is_empty()).then_some((people, left)),
            typing: is_typing_news.then(|| self.shown_typing.iter().copied().collect()),
        })
    }

    /// Ends what was not renewed in time.
    fn expire(&mut self, now: Instant) {
        let silent: Vec<String> =
            self.nodes.extract_if(|_, heard| now.duration_since(*heard) >= SILENCE).map(|(node, _)| node).collect();
        for node in silent {
            self.people.retain(|_, known| known.node.as_ref() != Some(&node));
            self.has_news = true;
        }
        for known in self.people.values_mut() {
            if known.typing_until.is_some_and(|until| until <= now) {
                known.typing_until = None;
                known.person.is_typing = false;
                self.has_news = true;
            }
        }
    }

    /// Who is to be shown, with their last acts.
    fn visible(&self) -> BTreeMap<ClientId, u64> {
        let mut acts: Vec<(u64, ClientId)> = self.people.iter().map(|(client, known)| (known.act, *client)).collect();
        if acts.len() > PRESENCE_PEOPLE {
            acts.select_nth_unstable_by(PRESENCE_PEOPLE, |a, b| b.cmp(a));
            acts.truncate(PRESENCE_PEOPLE);
        }
        acts.into_iter().map(|(act, client)| (client, act)).collect()
    }

    fn next_act(&mut self) -> u64 {
        self.acts = self.acts.saturating_add(1);
        self.has_news = true;
        self.acts
    }
}

/// A place in the text of a memo, after an op.
pub(super) fn carried(place: u64, op: &JsonOp, side: Side) -> Option<u64> {
    let cursor = JsonCursor { path: Path::default(), offset: Some(usize::try_from(place).ok()?) };
    let offset = Json::transform_cursor(&cursor, op, side).offset?;
    u64::try_from(offset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use coval_shared::model::{CellRef, ItemId};
    use coval_shared::protocol::UserId;
    use uuid::Uuid;

    fn client(number: usize) -> ClientId {
        ClientId(Uuid::from_u128(u128::try_from(number).unwrap()))
    }

    fn person(number: usize) -> Person {
        Person {
            client: client(number),
            user: UserId(client(number).0),
            name: format!("person {number}"),
            colour: 0,
            cursor: None,
            selection: None,
            is_typing: false,
        }
    }

    fn point(presence: &mut Presence, number: usize, item: &str) {
        let cell = CellRef::single(ItemId(item.into()));
        presence.change(client(number), |person| person.cursor = Some(cell));
    }

    fn names(news: &News) -> (Vec<String>, Vec<ClientId>) {
        let (people, left) = news.people.clone().unwrap_or_default();
        (people.into_iter().map(|person| person.name).collect(), left)
    }

    #[test]
    fn news_are_those_who_came_moved_or_left_since_the_last() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        presence.come(person(1));
        presence.come(person(2));
        assert_eq!(names(&presence.news(2, now).unwrap()), (vec!["person 1".into(), "person 2".into()], vec![]));
        let later = presence.due();
        assert_eq!(later, None);
        point(&mut presence, 2, "beta");
        let later = presence.due().unwrap();
        assert!(presence.news(2, later - Duration::from_millis(1)).is_none(), "too early");
        assert_eq!(names(&presence.news(2, later).unwrap()), (vec!["person 2".into()], vec![]));
        point(&mut presence, 2, "beta");
        assert_eq!(presence.due(), None, "nothing has changed");
        presence.leave(client(1));
        let later = presence.due().unwrap();
        assert_eq!(names(&presence.news(1, later).unwrap()), (vec![], vec![client(1)]));
    }

    #[test]
    fn there_are_at_most_twenty_news_in_a_second() {
        let (mut presence, begun) = (Presence::default(), Instant::now());
        presence.come(person(1));
        let mut told = 0;
        for millisecond in 0..1_000 {
            point(&mut presence, 1, &millisecond.to_string());
            told += usize::from(presence.news(2, begun + Duration::from_millis(millisecond)).is_some());
        }
        assert_eq!(told, 20);
    }

    #[test]
    fn a_thousand_people_who_all_move_are_told_no_more_than_the_bound() {
        let (mut presence, begun) = (Presence::default(), Instant::now());
        for number in 1..=1_000 {
            presence.come(person(number));
        }
        let mut told = 0;
        for millisecond in (0..10_000_usize).step_by(5) {
            for number in 1..=1_000 {
                point(&mut presence, number, &millisecond.to_string());
            }
            if let Some(news) = presence.news(1_000, begun + Duration::from_millis(u64::try_from(millisecond).unwrap()))
            {
                let (people, left) = news.people.unwrap();
                assert!(people.len() <= PRESENCE_PEOPLE && left.len() <= PRESENCE_PEOPLE);
                told += people.len() * 1_000;
            }
        }
        assert!(told <= 11 * usize::try_from(TOLD_PER_SECOND).unwrap(), "{told} in ten seconds");
        assert_eq!((presence.count(), presence.shown().len()), (1_000, PRESENCE_PEOPLE));
    }

    #[test]
    fn of_too_many_those_are_shown_who_did_something_last() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        for number in 1..=PRESENCE_PEOPLE + 1 {
            presence.come(person(number));
        }
        presence.news(1, now);
        assert!(!presence.shown().iter().any(|person| person.client == client(1)));
        point(&mut presence, 1, "beta");
        let later = presence.due().unwrap();
        let news = presence.news(1, later).unwrap();
        assert_eq!(names(&news), (vec!["person 1".into()], vec![client(2)]));
    }

    #[test]
    fn typing_is_told_when_it_begins_and_ends_by_itself() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        presence.come(person(1));
        presence.news(2, now);
        let later = now + Duration::from_secs(1);
        presence.types(client(1), true, later);
        let news = presence.news(2, later).unwrap();
        assert_eq!(news, News { people: None, typing: Some(vec![client(1)]) });
        let over = presence.due().unwrap();
        assert_eq!(over, later + TYPING);
        assert_eq!(presence.news(2, over).unwrap().typing, Some(vec![]));
        assert_eq!(presence.due(), None);
    }

    #[test]
    fn people_of_a_node_are_shown_until_it_is_silent() {
        let (mut presence, now) = (Presence::default(), Instant::now());
        presence.come(person(1));
        presence.hear("b", vec![person(2), person(3), person(1)], now);
        assert_eq!(names(&presence.news(1, now).unwrap()).0, ["person 1", "person 2", "person 3"]);
        let later = now + Duration::from_secs(9);
        presence.hear("b", vec![person(2)], later);
        assert_eq!(names(&presence.news(1, later).unwrap()), (vec![], vec![client(3)]));
        assert_eq!(presence.due(), Some(later + SILENCE));
        assert_eq!(names(&presence.news(1, later + SILENCE).unwrap()), (vec![], vec![client(2)]));
        assert_eq!(presence.here(), [person(1)]);
    }

    #[test]
    fn carets_stay_with_the_text_around_them() {
        let mut presence = Presence::default();
        presence.come(person(1));
        presence.come(person(2));
        for number in [1, 2] {
            presence.change(client(number), |person| {
                person.selection = Some(Selection::Text { anchor: 2, focus: 2 });
            });
        }
        let typed: JsonOp = serde_json::from_str(r#"[{"es": [2, "xyz"]}]"#).unwrap();
        presence.carry(&typed, client(1));
        let places: BTreeMap<_, _> =
            presence.here().into_iter().map(|person| (person.client, person.selection.unwrap())).collect();
        assert_eq!(places[&client(1)], Selection::Text { anchor: 5, focus: 5 });
        assert_eq!(places[&client(2)], Selection::Text { anchor: 2, focus: 2 });
    }
}
