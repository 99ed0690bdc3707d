//! Reading a server's message in one pass.
//!
//! Derived, a message with its name inside is read into a tree first and then from the tree, which costs the app a
//! second reader for every type in it. Here all fields of all messages are read as they come, and then put together.

use ot_core::json::JsonOp;
use ot_core::{ClientId, Committed, Revision, Sequence};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Annotation, CalculationEnd, Comment, DocumentId, DocumentKind, ErrorCode, JobId, Limits, Notification, Person,
    ServerMessage, Stream, UserId,
};
use crate::model::Output;
use crate::rights::Role;

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
    Typing,
    CommentChanged,
    AnnotationChanged,
    AccessUpdate,
    StreamData,
    ValuationUpdate,
    CalculationProgress,
    CalculationFinished,
    Notification,
    Error,
}

/// The fields of all messages. Those that belong to others than the one named are ignored.
#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(rename = "type")]
    message_type: Name,
    version: Option<String>,
    user: Option<UserId>,
    name: Option<String>,
    limits: Option<Limits>,
    document: Option<DocumentId>,
    number: Option<u32>,
    title: Option<String>,
    kind: Option<DocumentKind>,
    role: Option<Role>,
    revision: Option<Revision>,
    last_sequence: Option<Sequence>,
    writers: Option<Vec<ClientId>>,
    // The document itself may be null.
    #[serde(default, deserialize_with = "present")]
    snapshot: Option<Value>,
    updates: Option<Vec<Committed<JsonOp>>>,
    sequence: Option<Sequence>,
    is_all: Option<bool>,
    count: Option<u64>,
    people: Option<Vec<Person>>,
    left: Option<Vec<ClientId>>,
    clients: Option<Vec<ClientId>>,
    comment: Option<Comment>,
    annotation: Option<Annotation>,
    stream: Option<Stream>,
    #[serde(default, deserialize_with = "present")]
    data: Option<Value>,
    outputs: Option<Vec<Output>>,
    calculation: Option<JobId>,
    progress: Option<f64>,
    end: Option<CalculationEnd>,
    notification: Option<Notification>,
    code: Option<ErrorCode>,
    message: Option<String>,
    about: Option<Uuid>,
}

/// A field that the named message has, and this one lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("missing field `{0}`")]
pub(super) struct Missing(&'static str);

/// Makes the message of fields, each of which has to be there.
macro_rules! message {
    ($fields:ident, $document:ident, $message:ident { $($field:ident),* }) => {
        ServerMessage::$message {
            document: $document?,
            $($field: $fields.$field.ok_or(Missing(stringify!($field)))?,)*
        }
    };
}

impl TryFrom<Fields> for ServerMessage {
    type Error = Missing;

    fn try_from(fields: Fields) -> Result<Self, Missing> {
        let document = fields.document.ok_or(Missing("document"));
        Ok(match fields.message_type {
            Name::Welcome => Self::Welcome {
                version: fields.version.ok_or(Missing("version"))?,
                user: fields.user.ok_or(Missing("user"))?,
                name: fields.name.ok_or(Missing("name"))?,
                limits: fields.limits.ok_or(Missing("limits"))?,
            },
            Name::DocumentSnapshot => {
                message!(
                    fields,
                    document,
                    DocumentSnapshot { number, title, kind, role, revision, last_sequence, writers, snapshot }
                )
            }
            Name::DocumentResumed => {
                message!(fields, document, DocumentResumed { number, title, role, last_sequence, writers, updates })
            }
            Name::DocumentUpdated => message!(fields, document, DocumentUpdated { updates }),
            Name::DocumentAck => message!(fields, document, DocumentAck { sequence, revision }),
            Name::PresenceUpdate => {
                message!(fields, document, PresenceUpdate { revision, is_all, count, people, left })
            }
            Name::Typing => message!(fields, document, Typing { clients }),
            Name::CommentChanged => message!(fields, document, CommentChanged { comment }),
            Name::AnnotationChanged => message!(fields, document, AnnotationChanged { annotation }),
            Name::AccessUpdate => Self::AccessUpdate { document: document?, role: fields.role },
            Name::StreamData => message!(fields, document, StreamData { stream, data }),
            Name::ValuationUpdate => message!(fields, document, ValuationUpdate { revision, outputs }),
            Name::CalculationProgress => message!(fields, document, CalculationProgress { calculation, progress }),
            Name::CalculationFinished => {
                message!(fields, document, CalculationFinished { calculation, end, message })
            }
            Name::Notification => {
                Self::Notification { notification: fields.notification.ok_or(Missing("notification"))? }
            }
            Name::Error => Self::Error {
                code: fields.code.ok_or(Missing("code"))?,
                message: fields.message.ok_or(Missing("message"))?,
                document: fields.document,
                sequence: fields.sequence,
                about: fields.about,
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
    use crate::protocol::Selection;
    use serde_json::json;

    fn welcome(version: &str) -> ServerMessage {
        let user = UserId(Uuid::from_u128(5));
        ServerMessage::Welcome { version: version.into(), user, name: "Ada".into(), limits: Limits::CURRENT }
    }

    #[test]
    fn every_message_is_read_as_it_was_written() {
        let document = DocumentId(Uuid::from_u128(1));
        let (revision, sequence) = (Revision(8), Sequence(3));
        let client = ClientId(Uuid::from_u128(2));
        let updates = vec![Committed { revision, client, sequence, op: JsonOp::insert(ot_core::path!["a"], 1) }];
        let messages = [
            welcome("1"),
            ServerMessage::DocumentSnapshot {
                document,
                number: 3,
                title: "Model".into(),
                kind: DocumentKind::Model,
                role: Role::Editor,
                revision,
                last_sequence: sequence,
                writers: vec![client],
                snapshot: json!({"a": [1.5, null]}),
            },
            ServerMessage::DocumentSnapshot {
                document,
                number: 3,
                title: String::new(),
                kind: DocumentKind::Memo,
                role: Role::Viewer,
                revision,
                last_sequence: sequence,
                writers: vec![client],
                snapshot: Value::Null,
            },
            ServerMessage::DocumentResumed {
                document,
                number: 3,
                title: "Model".into(),
                role: Role::Owner,
                last_sequence: sequence,
                writers: Vec::new(),
                updates: updates.clone(),
            },
            ServerMessage::DocumentUpdated { document, updates },
            ServerMessage::DocumentAck { document, sequence, revision },
            ServerMessage::PresenceUpdate {
                document,
                revision,
                is_all: true,
                count: 2,
                people: vec![Person {
                    client,
                    user: UserId(Uuid::from_u128(3)),
                    name: "Ada".into(),
                    colour: 7,
                    cursor: None,
                    selection: Some(Selection::Text { anchor: 1, focus: 4 }),
                    is_typing: true,
                }],
                left: vec![client],
            },
            ServerMessage::AccessUpdate { document, role: None },
            ServerMessage::StreamData { document, stream: Stream::Activity, data: Value::Null },
            ServerMessage::Error {
                code: ErrorCode::OpInvalid,
                message: "no".into(),
                document: Some(document),
                sequence: None,
                about: Some(Uuid::from_u128(4)),
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
        let mut message = serde_json::to_value(welcome("9")).unwrap();
        message["motto"] = json!("hello");
        message["limits"]["patience"] = json!(7);
        assert_eq!(serde_json::from_value::<ServerMessage>(message).unwrap(), welcome("9"));
    }
}
