//! Messages as frames of a socket. The frames of a server are not masked, so that many clients can share one.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use actix_ws::{CloseCode, CloseReason};
use coval_shared::protocol::{FromServer, message_pack};

use crate::document::{Form, Outgoing};

/// JSON in text frames.
pub(super) const JSON: Form = Form::new(Form::JSON, json);

/// MessagePack in binary frames.
pub(super) const MESSAGE_PACK: Form = Form::new(Form::MESSAGE_PACK, message_pack);

/// Whole messages, as RFC 6455 numbers them.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

/// The room that the longest header takes.
const HEADER: usize = 10;

/// The most bytes of a control frame.
const CONTROL: usize = 125;

/// What is said when a message can't be written. All keys are strings and all numbers finite, so this does not happen;
/// if it does, the log says so.
const UNWRITTEN: &[u8] = br#"{"type":"error","code":"internal","message":"a message could not be written","document":null,"sequence":null,"about":null}"#;

fn json(message: FromServer<'_>) -> Bytes {
    let mut bytes = vec![0; HEADER];
    if let Err(error) = serde_json::to_writer(&mut bytes, &message) {
        tracing::error!(%error, "a message could not be written");
        bytes.truncate(HEADER);
        bytes.extend_from_slice(UNWRITTEN);
    }
    framed(TEXT, bytes)
}

fn message_pack(message: FromServer<'_>) -> Bytes {
    let mut bytes = vec![0; HEADER];
    match message_pack::write(&message) {
        Ok(payload) => bytes.extend_from_slice(&payload),
        // Nothing is a message too, of which the client says that it can't read it.
        Err(error) => tracing::error!(%error, "a message could not be written"),
    }
    framed(BINARY, bytes)
}

/// A question whether the client is still there.
pub(super) fn ping() -> Bytes {
    Bytes::from_static(&[PING, 0])
}

/// The answer to a client's ping.
pub(super) fn pong(payload: &[u8]) -> Bytes {
    control(PONG, payload)
}

/// The last frame, with the reason if there is one to tell.
pub(super) fn close(reason: Option<CloseReason>) -> Bytes {
    let Some(CloseReason { code, description }) = reason else {
        return control(CLOSE, &[]);
    };
    let mut payload = u16::from(code).to_be_bytes().to_vec();
    let description = description.unwrap_or_default();
    payload.extend_from_slice(
        description.get(..description.floor_char_boundary(CONTROL.saturating_sub(2))).unwrap_or_default().as_bytes(),
    );
    control(CLOSE, &payload)
}

/// A reason to close.
pub(super) fn reason(code: CloseCode, description: &str) -> CloseReason {
    CloseReason { code, description: Some(description.to_owned()) }
}

fn control(kind: u8, payload: &[u8]) -> Bytes {
    let payload = payload.get(..payload.len().min(CONTROL)).unwrap_or_default();
    framed(kind, [&[0; HEADER][..], payload].concat())
}

/// The frame of what follows the room for its header.
fn framed(kind: u8, mut bytes: Vec<u8>) -> Bytes {
    let length = bytes.len().saturating_sub(HEADER);
    let mut header = vec![kind];
    match (u8::try_from(length), u16::try_from(length), u64::try_from(length)) {
        (Ok(length @ 0..=125), ..) => header.push(length),
        (_, Ok(length), _) => {
            header.push(126);
            header.extend_from_slice(&length.to_be_bytes());
        }
        (.., length) => {
            header.push(127);
            header.extend_from_slice(&length.unwrap_or(u64::MAX).to_be_bytes());
        }
    }
    let begin = HEADER.saturating_sub(header.len());
    for (place, byte) in bytes.iter_mut().skip(begin).zip(header) {
        *place = byte;
    }
    Bytes::from(bytes).slice(begin..)
}

/// The body of the response that a socket is: whatever waits in the outbox.
pub(super) struct Frames {
    outgoing: Outgoing,
    /// The body of `actix_ws`. When it is dropped, the stream of the client's messages ends.
    _inner: BoxBody,
}

impl Frames {
    pub(super) fn new(outgoing: Outgoing, inner: BoxBody) -> Self {
        Self { outgoing, _inner: inner }
    }
}

impl MessageBody for Frames {
    type Error = actix_web::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.outgoing.poll_take(context).map(|taken| taken.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(frame: &Bytes, length: usize) -> &[u8] {
        &frame[..frame.len() - length]
    }

    #[test]
    fn the_length_of_a_frame_is_written_as_short_as_it_can_be() {
        let frame = |length| framed(TEXT, vec![b'x'; HEADER + length]);
        assert_eq!(header(&frame(0), 0), [TEXT, 0]);
        assert_eq!(header(&frame(125), 125), [TEXT, 125]);
        assert_eq!(header(&frame(126), 126), [TEXT, 126, 0, 126]);
        assert_eq!(header(&frame(65_535), 65_535), [TEXT, 126, 255, 255]);
        assert_eq!(header(&frame(65_536), 65_536), [TEXT, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn control_frames_are_never_too_long() {
        assert_eq!(pong(&[7; 300]).len(), 2 + CONTROL);
        let farewell = close(Some(reason(CloseCode::Again, &"é".repeat(100))));
        assert_eq!(farewell[..4], [CLOSE, 124, 0x03, 0xf5]);
        assert!(std::str::from_utf8(&farewell[4..]).is_ok());
        assert_eq!(&close(None)[..], [CLOSE, 0]);
    }
}
