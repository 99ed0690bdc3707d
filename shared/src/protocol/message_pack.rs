//! Messages in MessagePack: a byte that says how, and a map with the same names as in JSON. Ids are 16 bytes.

use std::io::Cursor;

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use rmp_serde::{Deserializer, Serializer};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The first byte of a message that follows as it is.
const PLAIN: u8 = 0;

/// The first byte of a message that is compressed with raw deflate.
const DEFLATED: u8 = 1;

/// From how many bytes on a message is compressed.
const LARGE: usize = 4 * 1024;

/// How hard it is compressed: most of the gain for little time.
const LEVEL: u8 = 2;

/// How deep lists and maps may lie in each other, as in JSON.
const DEPTH: usize = 128;

/// Why bytes are not a message.
#[derive(Debug, thiserror::Error)]
pub enum MessagePackError {
    /// The first byte is neither of the two.
    #[error("the first byte of a message is 0 or 1")]
    UnknownForm,
    /// What is compressed can't be read, or is over the limit.
    #[error("the compressed message can't be read, or has more than {limit} bytes")]
    Compressed {
        /// The most bytes.
        limit: usize,
    },
    /// What is there is not the message.
    #[error("{0}")]
    Unreadable(String),
    /// Something follows the message.
    #[error("something follows the message")]
    Trailing,
}

/// `message`, compressed if it is large.
///
/// # Errors
///
/// Returns a [`MessagePackError`] when the message can't be written, which no message of the protocol is.
pub fn write(message: &impl Serialize) -> Result<Vec<u8>, MessagePackError> {
    let mut bytes = vec![PLAIN];
    let mut serializer = Serializer::new(&mut bytes).with_struct_map();
    message.serialize(&mut serializer).map_err(|error| MessagePackError::Unreadable(error.to_string()))?;
    if bytes.len() < LARGE {
        return Ok(bytes);
    }
    let mut compressed = compress_to_vec(bytes.get(1..).unwrap_or_default(), LEVEL);
    compressed.insert(0, DEFLATED);
    Ok(compressed)
}

/// The message in `bytes`, which has at most `limit` bytes when it is not compressed.
///
/// # Errors
///
/// Returns a [`MessagePackError`] when `bytes` is not such a message.
pub fn read<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, MessagePackError> {
    match bytes.split_first() {
        Some((&PLAIN, plain)) => read_plain(plain),
        Some((&DEFLATED, compressed)) => {
            let plain = decompress_to_vec_with_limit(compressed, limit);
            read_plain(&plain.map_err(|_| MessagePackError::Compressed { limit })?)
        }
        _ => Err(MessagePackError::UnknownForm),
    }
}

fn read_plain<T: DeserializeOwned>(plain: &[u8]) -> Result<T, MessagePackError> {
    let mut deserializer = Deserializer::new(Cursor::new(plain));
    deserializer.set_max_depth(DEPTH);
    let message = T::deserialize(&mut deserializer).map_err(|error| MessagePackError::Unreadable(error.to_string()))?;
    let is_whole = usize::try_from(deserializer.position()).is_ok_and(|read| read == plain.len());
    if is_whole { Ok(message) } else { Err(MessagePackError::Trailing) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ClientMessage, DocumentId, DocumentKind, ServerMessage};
    use crate::rights::Role;
    use ot_core::json::JsonOp;
    use ot_core::{ClientId, Committed, Revision, Sequence};
    use serde_json::{Value, json};
    use uuid::Uuid;

    const LIMIT: usize = 100_000;
    const DOCUMENT: DocumentId = DocumentId(Uuid::from_u128(1));

    fn edit(note: &str) -> ClientMessage {
        let op = JsonOp::insert(ot_core::path!["notes", 0], json!({"text": note, "weight": 0.1, "count": 7}));
        ClientMessage::DocumentEdit { document: DOCUMENT, sequence: Sequence(1), base: Revision(41), op }
    }

    #[test]
    fn messages_are_read_as_they_were_written() {
        for message in [edit("a"), ClientMessage::DocumentOpen { document: DOCUMENT, since: None }] {
            let bytes = write(&message).unwrap();
            assert_eq!(bytes[0], PLAIN);
            assert_eq!(read::<ClientMessage>(&bytes, LIMIT).unwrap(), message);
        }
        let op = JsonOp::replace(ot_core::path!["a"], 0.1);
        let committed = Committed { revision: Revision(8), client: ClientId(Uuid::nil()), sequence: Sequence(3), op };
        for message in [
            ServerMessage::DocumentUpdated { document: DOCUMENT, updates: vec![committed] },
            ServerMessage::DocumentSnapshot {
                document: DOCUMENT,
                number: 1,
                title: "Model".into(),
                kind: DocumentKind::Memo,
                role: Role::Viewer,
                revision: Revision(9),
                last_sequence: Sequence(0),
                writers: Vec::new(),
                snapshot: Value::Null,
            },
            ServerMessage::AccessUpdate { document: DOCUMENT, role: None },
        ] {
            assert_eq!(read::<ServerMessage>(&write(&message).unwrap(), LIMIT).unwrap(), message);
        }
    }

    #[test]
    fn large_messages_are_compressed_and_bounded() {
        let message = edit(&"x".repeat(50_000));
        let bytes = write(&message).unwrap();
        assert_eq!(bytes[0], DEFLATED);
        assert!(bytes.len() < 1_000);
        assert_eq!(read::<ClientMessage>(&bytes, LIMIT).unwrap(), message);
        assert!(matches!(read::<ClientMessage>(&bytes, 50_000), Err(MessagePackError::Compressed { .. })));
    }

    #[test]
    fn a_client_may_compress_what_is_small() {
        let message = edit("a");
        let mut bytes = compress_to_vec(&write(&message).unwrap()[1..], 6);
        bytes.insert(0, DEFLATED);
        assert_eq!(read::<ClientMessage>(&bytes, LIMIT).unwrap(), message);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let read = |bytes: &[u8]| read::<ClientMessage>(bytes, LIMIT);
        let mut followed = write(&edit("a")).unwrap();
        followed.push(0);
        assert!(matches!(read(&followed), Err(MessagePackError::Trailing)));
        assert!(matches!(read(&[]), Err(MessagePackError::UnknownForm)));
        assert!(matches!(read(&[2, 0x80]), Err(MessagePackError::UnknownForm)));
        assert!(matches!(read(&[1, 0xff, 0xff]), Err(MessagePackError::Compressed { .. })));
        // A list that claims four billion entries, and lists a thousand deep.
        assert!(read(&[0, 0xdd, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(read(&[&[0][..], &[0x91; 100_000]].concat()).is_err());
    }
}
