//! The messages that come most often, without names: lists that begin with a letter.
//!
//! A document goes by the number that its snapshot told, and a writer by a number that was told with the first op of
//! theirs. Whoever reads keeps both in a [`Glossary`], which gives the messages as the rest of the program knows them.

use std::fmt;
use std::marker::PhantomData;

use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fields::Fields;
use super::{ClientMessage, DocumentId, ServerMessage};
use crate::limits::NUMBERED_WRITERS;

/// The letters that brief messages begin with.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Letter {
    #[serde(rename = "u")]
    Updated,
    #[serde(rename = "a")]
    Acknowledged,
    #[serde(rename = "e")]
    Edit,
}

/// One revision in a brief message. The writer is named where the number is a new one, or a new writer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefUpdate<Op>(
    u8,
    Sequence,
    Op,
    #[serde(default, skip_serializing_if = "Option::is_none")] Option<ClientId>,
);

/// The number of a writer, and the writer if those who listen can't know yet.
pub type Numbered = (u8, Option<ClientId>);

/// The writers of a document, who are numbered as they come.
#[derive(Clone, Debug, Default)]
pub struct Writers {
    known: Vec<ClientId>,
    /// Whose number the next new writer gets when there are as many as there may be.
    oldest: usize,
}

impl Writers {
    /// The number of `client`. One who has none gets the next number, or else the one that was given longest ago.
    pub fn number(&mut self, client: ClientId) -> Numbered {
        let number = |place: usize| u8::try_from(place).unwrap_or(u8::MAX);
        if let Some(place) = self.known.iter().position(|known| *known == client) {
            return (number(place), None);
        }
        if self.known.len() < NUMBERED_WRITERS {
            self.known.push(client);
            return (number(self.known.len().saturating_sub(1)), Some(client));
        }
        let place = self.oldest;
        self.oldest = place.saturating_add(1) % NUMBERED_WRITERS;
        if let Some(known) = self.known.get_mut(place) {
            *known = client;
        }
        (number(place), Some(client))
    }

    /// Those who have numbers, from 0 on.
    #[must_use]
    pub fn known(&self) -> &[ClientId] {
        &self.known
    }
}

/// What stands for the ids in a message.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a> {
    /// The document's number.
    pub document: u32,
    /// The writers of the updates, one for each.
    pub writers: &'a [Numbered],
}

/// A server's message as it goes over a socket.
#[derive(Clone, Copy, Debug)]
pub struct FromServer<'a> {
    /// The message.
    pub message: &'a ServerMessage,
    /// Its numbers, where it has any.
    pub numbers: Option<Numbers<'a>>,
}

impl<'a> Serialize for FromServer<'a> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.message, self.numbers) {
            (ServerMessage::DocumentUpdated { updates, .. }, Some(numbers)) => {
                let first = updates.first().map_or(Revision::ZERO, |first| first.revision);
                let brief = |(update, (number, client)): (&'a Committed<JsonOp>, &Numbered)| {
                    BriefUpdate(*number, update.sequence, &update.op, *client)
                };
                let updates: Vec<_> = updates.iter().zip(numbers.writers).map(brief).collect();
                (Letter::Updated, numbers.document, first, updates).serialize(serializer)
            }
            (ServerMessage::DocumentAck { sequence, revision, .. }, Some(numbers)) => {
                (Letter::Acknowledged, numbers.document, sequence, revision).serialize(serializer)
            }
            (message, _) => message.serialize(serializer),
        }
    }
}

/// A client's message as it goes over a socket.
#[derive(Clone, Copy, Debug)]
pub struct FromClient<'a> {
    /// The message.
    pub message: &'a ClientMessage,
    /// The number of its document, where that is known.
    pub number: Option<u32>,
}

impl Serialize for FromClient<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.message, self.number) {
            (ClientMessage::DocumentEdit { sequence, base, op, .. }, Some(number)) => {
                (Letter::Edit, number, sequence, base, op).serialize(serializer)
            }
            (message, _) => message.serialize(serializer),
        }
    }
}

/// What a server said, with numbers where it uses some.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerSaid {
    /// A message with names.
    Named(Box<ServerMessage>),
    /// [`ServerMessage::DocumentUpdated`]: the number of the document, the first revision, and the updates.
    Updated(u32, Revision, Vec<BriefUpdate<JsonOp>>),
    /// [`ServerMessage::DocumentAck`], with the number of the document.
    Acknowledged(u32, Sequence, Revision),
}

/// What a client said, with a number where it uses one.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientSaid {
    /// A message with names.
    Named(ClientMessage),
    /// [`ClientMessage::DocumentEdit`], with the number of the document.
    Edit(u32, Sequence, Revision, JsonOp),
}

/// What is said with names or without.
trait Said<'de>: Sized {
    const EXPECTED: &'static str;

    fn named<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;

    /// Reads what follows the letter.
    fn brief<A: SeqAccess<'de>>(letter: Letter, list: A) -> Result<Self, A::Error>;
}

impl<'de> Said<'de> for ServerSaid {
    const EXPECTED: &'static str = "a message of a server";

    fn named<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self::Named(Box::new(fields.try_into().map_err(de::Error::custom)?)))
    }

    fn brief<A: SeqAccess<'de>>(letter: Letter, mut list: A) -> Result<Self, A::Error> {
        Ok(match letter {
            Letter::Updated => Self::Updated(next(&mut list)?, next(&mut list)?, next(&mut list)?),
            Letter::Acknowledged => Self::Acknowledged(next(&mut list)?, next(&mut list)?, next(&mut list)?),
            Letter::Edit => return Err(de::Error::custom("this is a message of a client")),
        })
    }
}

impl<'de> Said<'de> for ClientSaid {
    const EXPECTED: &'static str = "a message of a client";

    fn named<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        ClientMessage::deserialize(MapAccessDeserializer::new(map)).map(Self::Named)
    }

    fn brief<A: SeqAccess<'de>>(letter: Letter, mut list: A) -> Result<Self, A::Error> {
        match letter {
            Letter::Edit => Ok(Self::Edit(next(&mut list)?, next(&mut list)?, next(&mut list)?, next(&mut list)?)),
            Letter::Updated | Letter::Acknowledged => Err(de::Error::custom("this is a message of a server")),
        }
    }
}

fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(list: &mut A) -> Result<T, A::Error> {
    list.next_element()?.ok_or_else(|| de::Error::custom("the message is too short"))
}

struct Reading<T>(PhantomData<T>);

impl<'de, T: Said<'de>> Visitor<'de> for Reading<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::named(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<T, A::Error> {
        let letter = next(&mut list)?;
        T::brief(letter, list)
    }
}

impl<'de> Deserialize<'de> for ServerSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading(PhantomData))
    }
}

impl<'de> Deserialize<'de> for ClientSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading(PhantomData))
    }
}

/// A number that nothing on this connection stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was numbered {0} on this connection")]
pub struct UnknownNumber(pub u32);

/// What the numbers on one connection stand for, as a client learns them.
#[derive(Clone, Debug, Default)]
pub struct Glossary(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    number: u32,
    document: DocumentId,
    writers: Vec<ClientId>,
}

impl Glossary {
    /// The number of the document, once it was opened.
    #[must_use]
    pub fn number(&self, document: DocumentId) -> Option<u32> {
        self.0.iter().find(|entry| entry.document == document).map(|entry| entry.number)
    }

    /// The message with its ids, and takes note of numbers that are new. Every message of the connection has to come by
    /// here, in order.
    ///
    /// # Errors
    ///
    /// Returns [`UnknownNumber`] when nothing stands behind a number.
    pub fn take(&mut self, said: ServerSaid) -> Result<ServerMessage, UnknownNumber> {
        match said {
            ServerSaid::Named(message) => {
                if let ServerMessage::DocumentSnapshot { document, number, writers, .. }
                | ServerMessage::DocumentResumed { document, number, writers, .. } = &*message
                {
                    self.0.retain(|entry| entry.document != *document && entry.number != *number);
                    self.0.push(Entry { number: *number, document: *document, writers: writers.clone() });
                }
                Ok(*message)
            }
            ServerSaid::Updated(number, first, updates) => {
                let entry = self.entry(number)?;
                let mut revision = first;
                let updates = updates.into_iter().map(|BriefUpdate(writer, sequence, op, named)| {
                    let client = entry.writer(writer, named)?;
                    let committed = Committed { revision, client, sequence, op };
                    revision = revision.next();
                    Ok(committed)
                });
                let updates = updates.collect::<Result<_, _>>()?;
                Ok(ServerMessage::DocumentUpdated { document: entry.document, updates })
            }
            ServerSaid::Acknowledged(number, sequence, revision) => {
                let document = self.entry(number)?.document;
                Ok(ServerMessage::DocumentAck { document, sequence, revision })
            }
        }
    }

    fn entry(&mut self, number: u32) -> Result<&mut Entry, UnknownNumber> {
        self.0.iter_mut().find(|entry| entry.number == number).ok_or(UnknownNumber(number))
    }
}

impl Entry {
    fn writer(&mut self, number: u8, named: Option<ClientId>) -> Result<ClientId, UnknownNumber> {
        let place = usize::from(number);
        match (self.writers.get_mut(place), named) {
            (Some(known), Some(named)) => *known = named,
            (None, Some(named)) => {
                // Whoever writes hears nothing of the number that they got themselves.
                self.writers.resize(place, named);
                self.writers.push(named);
            }
            (_, None) => {}
        }
        self.writers.get(place).copied().ok_or(UnknownNumber(number.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::DocumentKind;
    use crate::rights::Role;
    use serde_json::{Value, json};
    use uuid::Uuid;

    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

    fn client(number: u128) -> ClientId {
        ClientId(Uuid::from_u128(number))
    }

    fn updated(first: u64, clients: &[u128]) -> ServerMessage {
        let update = |(revision, client): (u64, &u128)| Committed {
            revision: Revision(revision),
            client: self::client(*client),
            sequence: Sequence(7),
            op: JsonOp::insert(ot_core::path!["a"], 1),
        };
        ServerMessage::DocumentUpdated { document: DOCUMENT, updates: (first..).zip(clients).map(update).collect() }
    }

    fn snapshot(number: u32, writers: &Writers) -> ServerSaid {
        ServerSaid::Named(Box::new(ServerMessage::DocumentSnapshot {
            document: DOCUMENT,
            number,
            title: String::new(),
            kind: DocumentKind::Model,
            role: Role::Viewer,
            revision: Revision(0),
            last_sequence: Sequence(0),
            writers: writers.known().to_vec(),
            snapshot: Value::Null,
        }))
    }

    /// What is written with numbers, and read again.
    fn wired(message: &ServerMessage, writers: &[Numbered]) -> (Value, ServerSaid) {
        let numbers = Some(Numbers { document: 3, writers });
        let value = serde_json::to_value(FromServer { message, numbers }).unwrap();
        let said = serde_json::from_str(&value.to_string()).unwrap();
        (value, said)
    }

    #[test]
    fn a_writer_is_named_once_and_then_numbered() {
        let (mut writers, mut glossary) = (Writers::default(), Glossary::default());
        glossary.take(snapshot(3, &writers)).unwrap();
        let message = updated(8, &[5, 6, 5]);
        let numbers = [5, 6, 5].map(|number| writers.number(client(number)));
        let (value, said) = wired(&message, &numbers);
        let (op, id) = (json!(["a", {"i": 1}]), |number| client(number).0.to_string());
        assert_eq!(value, json!(["u", 3, 8, [[0, 7, op, id(5)], [1, 7, op, id(6)], [0, 7, op]]]));
        assert_eq!(glossary.take(said).unwrap(), message);
        let message = updated(11, &[6]);
        let (value, said) = wired(&message, &[writers.number(client(6))]);
        assert_eq!(value, json!(["u", 3, 11, [[1, 7, op]]]));
        assert_eq!(glossary.take(said.clone()).unwrap(), message);
        let mut late = Glossary::default();
        assert_eq!(late.take(said.clone()), Err(UnknownNumber(3)));
        late.take(snapshot(3, &writers)).unwrap();
        assert_eq!(late.take(said).unwrap(), message, "the snapshot names those who have numbers");
    }

    #[test]
    fn there_are_never_more_numbers_than_fit_and_everybody_understands_them() {
        let (mut writers, mut glossary) = (Writers::default(), Glossary::default());
        glossary.take(snapshot(3, &writers)).unwrap();
        let crowd = u128::try_from(NUMBERED_WRITERS).unwrap() + 9;
        for round in 0..3 {
            for number in (0..crowd).chain([round, crowd - 1]) {
                // Nobody hears of what they wrote themselves.
                let (message, numbered) = (updated(1, &[number]), [writers.number(client(number))]);
                if number != 2 {
                    assert_eq!(glossary.take(wired(&message, &numbered).1).unwrap(), message);
                }
            }
        }
        assert_eq!(writers.known().len(), NUMBERED_WRITERS);
    }

    #[test]
    fn an_edit_and_its_acknowledgement_are_brief_where_the_document_has_a_number() {
        let op = JsonOp::insert(ot_core::path!["a"], 1);
        let (sequence, base) = (Sequence(2), Revision(41));
        let edit = ClientMessage::DocumentEdit { document: DOCUMENT, sequence, base, op: op.clone() };
        let write = |number| serde_json::to_value(FromClient { message: &edit, number }).unwrap();
        assert_eq!(write(Some(3)), json!(["e", 3, 2, 41, ["a", {"i": 1}]]));
        let read = |value: Value| serde_json::from_str::<ClientSaid>(&value.to_string());
        assert_eq!(read(write(Some(3))).unwrap(), ClientSaid::Edit(3, sequence, base, op));
        assert_eq!(read(write(None)).unwrap(), ClientSaid::Named(edit.clone()));
        let acknowledged = ServerMessage::DocumentAck { document: DOCUMENT, sequence, revision: base };
        let (value, said) = wired(&acknowledged, &[]);
        assert_eq!(value, json!(["a", 3, 2, 41]));
        let mut glossary = Glossary::default();
        assert_eq!(glossary.number(DOCUMENT), None);
        glossary.take(snapshot(2, &Writers::default())).unwrap();
        glossary.take(snapshot(3, &Writers::default())).unwrap();
        assert_eq!(glossary.number(DOCUMENT), Some(3), "the newer number counts");
        assert_eq!(glossary.take(said).unwrap(), acknowledged);
    }

    #[test]
    fn what_is_no_brief_message_is_refused() {
        for text in
            ["[]", "[\"u\"]", "[\"a\", 3, 2, 41]", "[\"e\", 3, 2, 41]", "[\"e\", 3, 2, 41, null, 1]", "[7]", "null"]
        {
            assert!(serde_json::from_str::<ClientSaid>(text).is_err(), "{text}");
        }
    }

    #[cfg(feature = "message-pack")]
    #[test]
    fn a_short_edit_is_under_forty_bytes_in_message_pack() {
        use crate::protocol::message_pack::{read, write};
        let op: JsonOp = serde_json::from_value(json!([{"es": [1234, "cash"]}])).unwrap();
        let update = Committed { revision: Revision(40_000), client: client(5), sequence: Sequence(4_000), op };
        let message = ServerMessage::DocumentUpdated { document: DOCUMENT, updates: vec![update] };
        let mut writers = Writers::default();
        let mut glossary = Glossary::default();
        glossary.take(snapshot(3, &writers)).unwrap();
        for is_first in [true, false] {
            let numbered = [writers.number(client(5))];
            let numbers = Some(Numbers { document: 3, writers: &numbered });
            let bytes = write(&FromServer { message: &message, numbers }).unwrap();
            assert_eq!(bytes.len() < 40, !is_first, "{} bytes", bytes.len());
            assert_eq!(glossary.take(read(&bytes, 1_000).unwrap()).unwrap(), message);
        }
    }
}
