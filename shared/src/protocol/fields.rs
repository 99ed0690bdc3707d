//! Reading a server's message in one pass.
//!
//! Derived, a message with its name inside is read into a tree first and then from the tree, which costs the app a
//! second reader for every type in it. Here all fields of all messages are read as they come, and then put together.

use ot_core::json::JsonOp;
use ot_core::{Committed, Revision, Sequence};
use serde::Deserialize;
use serde_json::Value;

use super::{DocumentId, ErrorCode, Person, ServerMessage};

/// The names of the messages.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Welcome,
    DocumentSnapshot,
    DocumentResumed,
    DocumentUpdated,
    DocumentAck,
    PresenceUpdate,
    Error,
}

/// The fields of all messages. Those that belong to others than the one named are ignored.
#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(rename = "type")]
    name: Name,
    version: Option<String>,
    document: Option<DocumentId>,
    title: Option<String>,
    revision: Option<Revision>,
    last_sequence: Option<Sequence>,
    // The document itself may be null.
    #[serde(default, deserialize_with = "present")]
    snapshot: Option<Value>,
    updates: Option<Vec<Committed<JsonOp>>>,
    sequence: Option<Sequence>,
    people: Option<Vec<Person>>,
    code: Option<ErrorCode>,
    message: Option<String>,
}

/// A field that the named message has, and this one lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("missing field `{0}`")]
pub(super) struct Missing(&'static str);

impl TryFrom<Fields> for ServerMessage {
    type Error = Missing;

    fn try_from(fields: Fields) -> Result<Self, Missing> {
        let document = fields.document.ok_or(Missing("document"));
        Ok(match fields.name {
            Name::Welcome => Self::Welcome { version: fields.version.ok_or(Missing("version"))? },
            Name::DocumentSnapshot => Self::DocumentSnapshot {
                document: document?,
                title: fields.title.ok_or(Missing("title"))?,
                revision: fields.revision.ok_or(Missing("revision"))?,
                last_sequence: fields.last_sequence.ok_or(Missing("last_sequence"))?,
                snapshot: fields.snapshot.ok_or(Missing("snapshot"))?,
            },
            Name::DocumentResumed => Self::DocumentResumed {
                document: document?,
                title: fields.title.ok_or(Missing("title"))?,
                updates: fields.updates.ok_or(Missing("updates"))?,
            },
            Name::DocumentUpdated => {
                Self::DocumentUpdated { document: document?, updates: fields.updates.ok_or(Missing("updates"))? }
            }
            Name::DocumentAck => Self::DocumentAck {
                document: document?,
                sequence: fields.sequence.ok_or(Missing("sequence"))?,
                revision: fields.revision.ok_or(Missing("revision"))?,
            },
            Name::PresenceUpdate => {
                Self::PresenceUpdate { document: document?, people: fields.people.ok_or(Missing("people"))? }
            }
            Name::Error => Self::Error {
                code: fields.code.ok_or(Missing("code"))?,
                message: fields.message.ok_or(Missing("message"))?,
                document: fields.document,
                sequence: fields.sequence,
            },
        })
    }
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::ClientId;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn every_message_is_read_as_it_was_written() {
        let document = DocumentId(Uuid::from_u128(1));
        let (revision, sequence) = (Revision(8), Sequence(3));
        let client = ClientId(Uuid::from_u128(2));
        let updates = vec![Committed { revision, client, sequence, op: JsonOp::insert(ot_core::path!["a"], 1) }];
        let messages = [
            ServerMessage::Welcome { version: "1".into() },
            ServerMessage::DocumentSnapshot {
                document,
                title: "Model".into(),
                revision,
                last_sequence: sequence,
                snapshot: json!({"a": [1.5, null]}),
            },
            ServerMessage::DocumentSnapshot {
                document,
                title: String::new(),
                revision,
                last_sequence: sequence,
                snapshot: Value::Null,
            },
            ServerMessage::DocumentResumed { document, title: "Model".into(), updates: updates.clone() },
            ServerMessage::DocumentUpdated { document, updates },
            ServerMessage::DocumentAck { document, sequence, revision },
            ServerMessage::PresenceUpdate {
                document,
                people: vec![Person { client, name: "Ada".into(), cursor: None }],
            },
            ServerMessage::Error {
                code: ErrorCode::OpInvalid,
                message: "no".into(),
                document: Some(document),
                sequence: None,
            },
        ];
        for message in messages {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<ServerMessage>(&text).unwrap(), message, "{text}");
        }
    }

    #[test]
    fn a_message_without_one_of_its_fields_is_refused_by_the_name_of_the_field() {
        let read = |text: &str| serde_json::from_str::<ServerMessage>(text).unwrap_err().to_string();
        assert_eq!(read(r#"{"type": "welcome"}"#), "missing field `version`");
        let lonely = r#"{"type": "document_ack", "document": "0199b1ef-0000-7000-8000-000000000001", "revision": 4}"#;
        assert_eq!(read(lonely), "missing field `sequence`");
    }

    #[test]
    fn a_field_that_a_newer_server_adds_is_ignored() {
        let text = r#"{"type": "welcome", "version": "9", "motto": "hello"}"#;
        let expected = ServerMessage::Welcome { version: "9".into() };
        assert_eq!(serde_json::from_str::<ServerMessage>(text).unwrap(), expected);
    }
}
