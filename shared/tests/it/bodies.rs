//! What strangers send, for the fuzzers: the bodies of requests, and the frames of a socket.

use coval_shared::rest;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every kind of body of a request. The first byte chooses, the others are the JSON.
const BODIES: [fn(&[u8]); 26] = [
    body::<rest::SignIn>,
    body::<rest::ChangeMe>,
    body::<rest::ChangePassword>,
    body::<rest::SignUp>,
    body::<rest::Nothing>,
    body::<rest::SetRole>,
    body::<rest::Invite>,
    body::<rest::ShareDocument>,
    body::<rest::OpenShareLink>,
    body::<rest::CreateDocument>,
    body::<rest::ChangeDocument>,
    body::<rest::DuplicateDocument>,
    body::<rest::CreateWorkspace>,
    body::<rest::ChangeWorkspace>,
    body::<rest::AddComment>,
    body::<rest::AddReply>,
    body::<rest::EditComment>,
    body::<rest::AddAnnotation>,
    body::<rest::ChangeAnnotation>,
    body::<rest::ReadNotifications>,
    body::<rest::Restore>,
    body::<rest::NameVersion>,
    body::<rest::NewBranch>,
    body::<rest::Merge>,
    body::<rest::StartCalculation>,
    body::<rest::Problem>,
];

/// The body of some request.
pub(crate) fn any_body(bytes: &[u8]) {
    let Some((first, json)) = bytes.split_first() else { return };
    BODIES[usize::from(*first) % BODIES.len()](json);
}

/// What is taken is the same again after it was written.
fn body<T: Serialize + DeserializeOwned>(json: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(json) else { return };
    let written = serde_json::to_value(&read).unwrap();
    let again = serde_json::from_value::<T>(written.clone());
    let again = again.unwrap_or_else(|error| panic!("{error}: {written}"));
    assert_eq!(serde_json::to_value(&again).unwrap(), written);
}

/// A frame means the same whether it is compressed or not, and no more than the limit comes out of it.
#[cfg(feature = "message-pack")]
pub(crate) fn frame(bytes: &[u8]) {
    use coval_shared::protocol::message_pack::{MessagePackError, read};
    use coval_shared::protocol::{ClientSaid, ServerSaid};
    use miniz_oxide::deflate::compress_to_vec;

    const LIMIT: usize = 2_000;

    let Some((&first, payload)) = bytes.split_first() else { return };
    // As it came, with any first byte.
    let _ = read::<ClientSaid>(bytes, LIMIT);
    let _ = read::<ServerSaid>(bytes, LIMIT);
    let _ = read::<ClientSaid>(&[&[1], payload].concat(), LIMIT);
    // Many times over, as bombs are.
    let payload = payload.repeat(1 + usize::from(first) * usize::from(first) / 8);
    let plain = read::<ClientSaid>(&[&[0], &payload[..]].concat(), LIMIT);
    let compressed = [vec![1], compress_to_vec(&payload, first % 11)].concat();
    let compressed = read::<ClientSaid>(&compressed, LIMIT);
    if payload.len() > LIMIT {
        assert!(matches!(compressed, Err(MessagePackError::Compressed { limit: LIMIT })), "{} bytes", payload.len());
    } else {
        assert_eq!(plain.ok(), compressed.ok());
    }
}
