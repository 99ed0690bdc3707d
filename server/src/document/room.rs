//! Who is in a document, and where.

use std::time::Duration;

use coval_shared::model::CellRef;
use coval_shared::protocol::{DocumentId, Person, Selection, ServerMessage, Stream, UserId};
use ot_core::json::JsonOp;
use ot_core::{ClientId, Revision};
use tokio::time::Instant;

use super::presence::{News, Presence};
use super::{Broadcast, ConnectionId, Outbox};

/// The longest id in a cursor; ids in documents are no longer.
const ID_BYTES: usize = 64;

/// How long after a member was too busy for presence it is offered again.
const AGAIN: Duration = Duration::from_millis(250);

/// How often other nodes hear who is here, at most.
const SAY_AGAIN: Duration = Duration::from_millis(200);

/// Somebody in a document.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) connection: ConnectionId,
    pub(super) client: ClientId,
    pub(super) user: UserId,
    pub(super) name: String,
    pub(super) outbox: Outbox,
    /// What of the document they follow beside its ops.
    pub(super) streams: Vec<Stream>,
}

/// What somebody does that is shown to the others and not stored.
#[derive(Debug)]
pub enum Movement {
    /// They selected a cell, or nothing.
    Cursor(Option<CellRef>),
    /// They selected something, or nothing.
    Selection(Option<Selection>),
    /// They type, or have stopped.
    Typing(bool),
}

/// Everybody in a document, in the order in which they came.
#[derive(Debug)]
pub(super) struct Room {
    members: Vec<Member>,
    /// Those of the members who have missed news of people: they get everything.
    behind: Vec<ConnectionId>,
    presence: Presence,
    /// When those are to be asked again who were too busy for presence.
    again: Option<Instant>,
    /// Whether there may be other nodes.
    has_others: bool,
    /// Whether other nodes have not heard of a change, and when they heard something last.
    is_unsaid: bool,
    said: Option<Instant>,
}

impl Room {
    /// Nobody. Other nodes hear of people if there are any.
    pub(super) fn new(has_others: bool) -> Self {
        Self {
            members: Vec::new(),
            behind: Vec::new(),
            presence: Presence::default(),
            again: None,
            has_others,
            is_unsaid: false,
            said: None,
        }
    }

    /// Lets `member` in. A client that comes back on another connection takes the place of what it was before, and
    /// the old connection, behind which there can be nobody any more, ends.
    pub(super) fn join(&mut self, member: Member) {
        let person = Person {
            client: member.client,
            user: member.user,
            name: member.name.clone(),
            colour: member.user.colour(),
            cursor: None,
            selection: None,
            is_typing: false,
        };
        self.behind.push(member.connection);
        self.presence.come(person);
        self.is_unsaid = true;
        match self.members.iter_mut().find(|other| other.client == member.client) {
            Some(before) => {
                let streams = std::mem::take(&mut before.streams);
                if before.connection == member.connection {
                    *before = Member { streams, ..member };
                } else {
                    before.outbox.drop_client();
                    *before = member;
                }
            }
            None => self.members.push(member),
        }
    }

    /// Lets the member on `connection` go, and returns them.
    pub(super) fn leave(&mut self, connection: ConnectionId) -> Option<Member> {
        let index = self.members.iter().position(|member| member.connection == connection)?;
        let member = self.members.remove(index);
        self.presence.leave(member.client);
        self.is_unsaid = true;
        Some(member)
    }

    pub(super) fn member(&self, connection: ConnectionId) -> Option<&Member> {
        self.members.iter().find(|member| member.connection == connection)
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Lets everybody go; those who are still there come back and resume.
    pub(super) fn clear(&mut self) {
        for member in self.members.drain(..) {
            self.presence.leave(member.client);
            member.outbox.drop_client();
        }
        self.is_unsaid = true;
    }

    /// Who is here, and on other nodes.
    pub(super) fn people(&self) -> Vec<Person> {
        self.presence.everybody()
    }

    /// Tells everybody here; what belongs to a stream, those who follow it.
    pub(super) fn announce(&self, message: &Broadcast) {
        let stream = match message.message() {
            ServerMessage::StreamData { stream, .. } => Some(*stream),
            ServerMessage::ValuationUpdate { .. } => Some(Stream::Outputs),
            _ => None,
        };
        let follows = |member: &&Member| stream.is_none_or(|stream| member.streams.contains(&stream));
        for member in self.members.iter().filter(follows) {
            member.outbox.broadcast(message);
        }
    }

    /// Lets the member on `connection` follow a stream, or no longer.
    pub(super) fn subscribe(&mut self, connection: ConnectionId, stream: Stream, is_on: bool) {
        if let Some(member) = self.members.iter_mut().find(|member| member.connection == connection) {
            member.streams.retain(|followed| *followed != stream);
            if is_on {
                member.streams.push(stream);
            }
        }
    }

    /// Where those hear who follow the stream.
    pub(super) fn followers(&self, stream: Stream) -> Vec<Outbox> {
        let followers = self.members.iter().filter(|member| member.streams.contains(&stream));
        followers.map(|member| member.outbox.clone()).collect()
    }

    /// Whether anybody here follows the stream.
    pub(super) fn has_followers(&self, stream: Stream) -> bool {
        self.members.iter().any(|member| member.streams.contains(&stream))
    }

    /// Notes what the member on `connection` does.
    pub(super) fn moves(&mut self, connection: ConnectionId, movement: Movement, now: Instant) {
        let Some(client) = self.member(connection).map(|member| member.client).filter(|_| is_sound(&movement)) else {
            return;
        };
        self.is_unsaid = true;
        match movement {
            Movement::Cursor(cursor) => self.presence.change(client, |person| person.cursor = cursor),
            Movement::Selection(selection) => self.presence.change(client, |person| person.selection = selection),
            Movement::Typing(is_typing) => self.presence.types(client, is_typing, now),
        }
    }

    /// Takes in everybody whom another node has in the document. A node that was not known may not know who is here.
    pub(super) fn hear(&mut self, node: &str, people: Vec<Person>, now: Instant) {
        self.is_unsaid |= self.presence.hear(node, people, now) && !self.members.is_empty();
    }

    /// It is time to tell other nodes once more who is here.
    pub(super) fn say_again(&mut self) {
        self.is_unsaid |= !self.members.is_empty();
    }

    /// Carries places in the text along with an op that `author` made.
    pub(super) fn carry(&mut self, op: &JsonOp, author: ClientId) {
        self.presence.carry(op, author);
    }

    /// When [`Room::show_people`] or [`Room::say`] has something to do; nothing when they have not.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.members.is_empty() && !(self.is_unsaid && self.has_others) {
            return None;
        }
        let say = self.said.map_or_else(Instant::now, |said| said + SAY_AGAIN);
        let say = (self.is_unsaid && self.has_others).then_some(say);
        let show = if self.members.is_empty() { None } else { self.presence.due() };
        [show, self.again, say].into_iter().flatten().min()
    }

    /// Tells everybody who is here and where, as far as it is news to them and it is time.
    pub(super) fn show_people(&mut self, document: DocumentId, revision: Revision, now: Instant) {
        let count = u64::try_from(self.presence.count()).unwrap_or(u64::MAX);
        let update = |is_all, people, left| {
            Broadcast::new(ServerMessage::PresenceUpdate { document, revision, is_all, count, people, left })
        };
        if let Some(News { people, typing }) = self.presence.news(self.members.len(), now) {
            let people = people.map(|(people, left)| update(false, people, left));
            let typing = typing.map(|clients| Broadcast::new(ServerMessage::Typing { document, clients }));
            for member in &self.members {
                let is_behind = self.behind.contains(&member.connection);
                if !is_behind && !people.iter().chain(&typing).all(|news| member.outbox.offer(news)) {
                    self.behind.push(member.connection);
                }
            }
        }
        self.again = None;
        if self.behind.is_empty() {
            return;
        }
        let everybody = update(true, self.presence.shown(), Vec::new());
        let members = &self.members;
        self.behind.retain(|connection| {
            let member = members.iter().find(|member| member.connection == *connection);
            member.is_some_and(|member| !member.outbox.offer(&everybody))
        });
        if !self.behind.is_empty() {
            self.again = Some(now + AGAIN);
        }
    }

    /// What other nodes are to hear now: everybody who is here.
    pub(super) fn say(&mut self, now: Instant) -> Option<Vec<Person>> {
        let is_early = self.said.is_some_and(|said| now.duration_since(said) < SAY_AGAIN);
        if is_early || !self.has_others || !std::mem::take(&mut self.is_unsaid) {
            return None;
        }
        self.said = Some(now);
        Some(self.presence.here())
    }
}

/// Whether what is shown to the others has a size that it can have.
fn is_sound(movement: &Movement) -> bool {
    let is_id = |cell: &CellRef| {
        cell.item.0.len() <= ID_BYTES && cell.period.as_ref().is_none_or(|period| period.0.len() <= ID_BYTES)
    };
    match movement {
        Movement::Cursor(Some(cell)) => is_id(cell),
        Movement::Selection(Some(Selection::Cells { anchor, focus })) => is_id(anchor) && is_id(focus),
        Movement::Cursor(None) | Movement::Selection(_) | Movement::Typing(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Form, Outgoing};
    use coval_shared::model::ItemId;
    use futures_util::FutureExt;
    use futures_util::future::poll_fn;
    use uuid::Uuid;

    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

    fn lines() -> Form {
        Form::new(Form::JSON, |message| [serde_json::to_vec(message.message).unwrap(), vec![b'\n']].concat().into())
    }

    fn member(connection: u64, client: u128) -> (Member, Outgoing) {
        let (outbox, outgoing) = Outbox::new(lines());
        let client = ClientId(Uuid::from_u128(client));
        let name = format!("person {}", client.0.as_u128());
        (
            Member {
                connection: ConnectionId(connection),
                client,
                user: UserId(client.0),
                name,
                outbox,
                streams: Vec::new(),
            },
            outgoing,
        )
    }

    /// The people whom each presence message shows, in short.
    fn heard(outgoing: &Outgoing) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(Some(lines)) = poll_fn(|context| outgoing.poll_take(context)).now_or_never() {
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                match serde_json::from_slice(line).unwrap() {
                    ServerMessage::PresenceUpdate { is_all, people, left, count, .. } => {
                        let names: Vec<_> = people.into_iter().map(|person| person.name).collect();
                        heard.push(format!("{is_all} {count} {names:?} -{}", left.len()));
                    }
                    ServerMessage::Typing { clients, .. } => heard.push(format!("typing {}", clients.len())),
                    other => panic!("{other:?}"),
                }
            }
        }
        heard
    }

    fn cell(item: &str) -> Movement {
        Movement::Cursor(Some(CellRef::single(ItemId(item.into()))))
    }

    #[test]
    fn a_newcomer_is_shown_everybody_and_the_others_the_newcomer() {
        let (mut room, now) = (Room::new(true), Instant::now());
        let (ada, to_ada) = member(1, 1);
        room.join(ada);
        room.show_people(DOCUMENT, Revision(0), now);
        assert_eq!(heard(&to_ada), [r#"true 1 ["person 1"] -0"#]);
        let (grace, to_grace) = member(2, 2);
        room.join(grace);
        room.show_people(DOCUMENT, Revision(0), now);
        assert_eq!(heard(&to_grace), [r#"true 2 ["person 1"] -0"#], "at once what is known");
        let later = room.due().unwrap();
        room.show_people(DOCUMENT, Revision(0), later + SAY_AGAIN);
        assert_eq!(heard(&to_ada), [r#"false 2 ["person 2"] -0"#]);
        assert_eq!(heard(&to_grace), [r#"false 2 ["person 2"] -0"#]);
    }

    #[test]
    fn a_client_that_comes_back_is_there_once_and_the_old_connection_means_nothing() {
        let (mut room, now) = (Room::new(true), Instant::now());
        let ((first, to_first), (second, to_second)) = (member(1, 7), member(2, 7));
        room.join(first);
        room.moves(ConnectionId(1), cell("sales"), now);
        room.join(second);
        assert_eq!((room.members().len(), to_first.end()), (1, Some(crate::document::End::Behind)));
        assert!(room.leave(ConnectionId(1)).is_none());
        room.show_people(DOCUMENT, Revision(0), now);
        assert_eq!(heard(&to_second), [r#"true 1 ["person 7"] -0"#]);
        assert_eq!(room.presence.here()[0].cursor, Some(CellRef::single(ItemId("sales".into()))));
        assert!(room.leave(ConnectionId(2)).is_some() && room.is_empty());
    }

    #[test]
    fn a_cursor_is_never_larger_than_an_id() {
        let (mut room, now) = (Room::new(true), Instant::now());
        room.join(member(1, 7).0);
        room.moves(ConnectionId(1), cell(&"x".repeat(65)), now);
        room.moves(ConnectionId(9), cell("sales"), now);
        assert_eq!(room.presence.here()[0].cursor, None);
    }

    #[test]
    fn whoever_is_too_busy_for_news_gets_everything_when_there_is_time() {
        let (mut room, now) = (Room::new(true), Instant::now());
        let ((ada, to_ada), (grace, to_grace)) = (member(1, 1), member(2, 2));
        let outbox = grace.outbox.clone();
        room.join(ada);
        room.join(grace);
        room.show_people(DOCUMENT, Revision(0), now);
        let _ = (heard(&to_ada), heard(&to_grace));
        let typing = ServerMessage::Typing { document: DOCUMENT, clients: Vec::new() };
        (0..64).for_each(|_| outbox.send(&typing));
        let later = now + Duration::from_secs(1);
        room.moves(ConnectionId(1), cell("sales"), later);
        room.show_people(DOCUMENT, Revision(1), later);
        assert_eq!(heard(&to_ada), [r#"false 2 ["person 1"] -0"#]);
        assert_eq!(heard(&to_grace).len(), 64);
        assert!(room.due().is_some_and(|due| due <= later + AGAIN));
        room.show_people(DOCUMENT, Revision(1), later + AGAIN);
        assert_eq!(heard(&to_grace), [r#"true 2 ["person 1", "person 2"] -0"#]);
        assert_eq!(heard(&to_ada), Vec::<String>::new());
    }

    #[test]
    fn other_nodes_hear_of_changes_soon_and_when_they_come() {
        let (mut room, now) = (Room::new(true), Instant::now());
        room.join(member(1, 1).0);
        assert_eq!(room.say(now).unwrap().len(), 1);
        room.moves(ConnectionId(1), cell("sales"), now);
        assert!(room.say(now + SAY_AGAIN / 2).is_none());
        assert_eq!(room.say(now + SAY_AGAIN).unwrap().len(), 1);
        assert!(room.say(now + 2 * SAY_AGAIN).is_none());
        room.say_again();
        assert_eq!(room.say(now + 3 * SAY_AGAIN).unwrap().len(), 1);
        let person = room.presence.here().remove(0);
        let stranger = Person { client: ClientId(Uuid::from_u128(9)), ..person };
        room.hear("b", vec![stranger.clone()], now);
        assert_eq!(room.say(now + 4 * SAY_AGAIN).unwrap().len(), 1, "a new node does not know who is here");
        room.hear("b", vec![stranger], now);
        assert!(room.say(now + 5 * SAY_AGAIN).is_none());
        room.leave(ConnectionId(1));
        assert_eq!(room.say(now + 6 * SAY_AGAIN).unwrap().len(), 0);
        room.say_again();
        assert!(room.say(now + 7 * SAY_AGAIN).is_none());
    }
}
