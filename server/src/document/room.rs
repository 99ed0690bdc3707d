//! Who is in a document, and where.

use coval_shared::model::CellRef;
use coval_shared::protocol::{Person, UserId};
use ot_core::ClientId;

use super::{ConnectionId, Outbox};

/// The longest id in a cursor; ids in documents are no longer.
const ID_BYTES: usize = 64;

/// Somebody in a document.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) connection: ConnectionId,
    pub(super) client: ClientId,
    pub(super) name: String,
    pub(super) cursor: Option<CellRef>,
    pub(super) outbox: Outbox,
}

/// Everybody in a document, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Room {
    members: Vec<Member>,
}

impl Room {
    /// Lets `member` in. A client that comes back on another connection takes the place of what it was before, and
    /// the old connection, behind which there can be nobody any more, ends.
    pub(super) fn join(&mut self, member: Member) {
        match self.members.iter_mut().find(|other| other.client == member.client) {
            Some(before) => {
                if before.connection != member.connection {
                    before.outbox.drop_client();
                }
                *before = Member { cursor: before.cursor.take(), ..member };
            }
            None => self.members.push(member),
        }
    }

    /// Lets the member on `connection` go, and returns them.
    pub(super) fn leave(&mut self, connection: ConnectionId) -> Option<Member> {
        let index = self.members.iter().position(|member| member.connection == connection)?;
        Some(self.members.remove(index))
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
            member.outbox.drop_client();
        }
    }

    /// Notes where the member on `connection` is. Returns whether that is news.
    pub(super) fn move_cursor(&mut self, connection: ConnectionId, cursor: Option<CellRef>) -> bool {
        let is_sound = cursor.as_ref().is_none_or(|cell| {
            cell.item.0.len() <= ID_BYTES && cell.period.as_ref().is_none_or(|period| period.0.len() <= ID_BYTES)
        });
        let member = self.members.iter_mut().find(|member| member.connection == connection);
        match member.filter(|member| is_sound && member.cursor != cursor) {
            None => false,
            Some(member) => {
                member.cursor = cursor;
                true
            }
        }
    }

    /// Everybody but `client`.
    pub(super) fn others(&self, client: ClientId) -> Vec<Person> {
        self.members.iter().filter(|member| member.client != client).map(Member::person).collect()
    }

    /// Everybody.
    pub(super) fn people(&self) -> Vec<Person> {
        self.members.iter().map(Member::person).collect()
    }
}

impl Member {
    /// How others see them.
    fn person(&self) -> Person {
        Person {
            client: self.client,
            user: UserId(self.client.0),
            name: self.name.clone(),
            colour: UserId(self.client.0).colour(),
            cursor: self.cursor.clone(),
            selection: None,
            is_typing: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Form;
    use actix_web::web::Bytes;
    use coval_shared::model::ItemId;
    use uuid::Uuid;

    fn member(connection: u64, client: u128) -> Member {
        Member {
            connection: ConnectionId(connection),
            client: ClientId(Uuid::from_u128(client)),
            name: format!("person {client}"),
            cursor: None,
            outbox: Outbox::new(Form::new(Form::JSON, |_| Bytes::new())).0,
        }
    }

    fn cell(item: &str) -> CellRef {
        CellRef { item: ItemId(item.into()), period: None }
    }

    #[test]
    fn everyone_sees_the_others_in_the_order_in_which_they_came() {
        let mut room = Room::default();
        for number in 1..=3 {
            room.join(member(number, u128::from(number)));
        }
        let names: Vec<_> = room.others(ClientId(Uuid::from_u128(2))).into_iter().map(|person| person.name).collect();
        assert_eq!(names, ["person 1", "person 3"]);
    }

    #[test]
    fn a_client_that_comes_back_is_there_once_and_the_old_connection_means_nothing() {
        let mut room = Room::default();
        room.join(member(1, 7));
        room.move_cursor(ConnectionId(1), Some(cell("sales")));
        room.join(member(2, 7));
        assert_eq!(room.members().len(), 1);
        assert!(room.leave(ConnectionId(1)).is_none());
        assert_eq!(room.member(ConnectionId(2)).unwrap().cursor, Some(cell("sales")));
        assert!(room.leave(ConnectionId(2)).is_some() && room.is_empty());
    }

    #[test]
    fn a_cursor_is_news_once_and_never_larger_than_an_id() {
        let mut room = Room::default();
        room.join(member(1, 7));
        assert!(room.move_cursor(ConnectionId(1), Some(cell("sales"))));
        assert!(!room.move_cursor(ConnectionId(1), Some(cell("sales"))));
        assert!(!room.move_cursor(ConnectionId(1), Some(cell(&"x".repeat(65)))));
        assert!(!room.move_cursor(ConnectionId(9), Some(cell("sales"))));
    }
}
