//! What stands around every content: the beginning that tells what it is, and the checksum at its end.

use super::bytes::Input;
use super::{CodecError, CodecErrorKind};

/// How everything begins that this format holds.
const MAGIC: [u8; 3] = *b"otc";

/// The version of the format.
const VERSION: u8 = 1;

/// What a frame holds, besides the code of the type of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Op,
    Ops,
    Snapshot,
    History,
}

impl Content {
    fn code(self) -> u8 {
        match self {
            Self::Op => 0,
            Self::Ops => 1,
            Self::Snapshot => 2,
            Self::History => 3,
        }
    }
}

/// The beginning of a frame.
pub(super) fn begin(document: u8, content: Content) -> Vec<u8> {
    let [m, a, g] = MAGIC;
    vec![m, a, g, VERSION, document, content.code()]
}

/// Ends a frame with the checksum of all that is in it.
pub(super) fn seal(mut frame: Vec<u8>) -> Vec<u8> {
    let checksum = crc32fast::hash(&frame);
    frame.extend(checksum.to_le_bytes());
    frame
}

/// What lies between the beginning of a frame and its checksum, if both are right.
pub(super) fn open(bytes: &[u8], document: u8, content: Content) -> Result<&[u8], CodecError> {
    check_beginning(bytes, document, content)?;
    let (rest, checksum) = bytes.split_last_chunk().ok_or_else(truncated)?;
    let body = rest.strip_prefix(begin(document, content).as_slice()).ok_or_else(truncated)?;
    check("the frame", rest, u32::from_le_bytes(*checksum))?;
    Ok(body)
}

/// What follows the beginning of a frame, if it is right.
pub(super) fn check_beginning(bytes: &[u8], document: u8, content: Content) -> Result<Input<'_>, CodecError> {
    let mut input = Input::new("the frame", bytes);
    let foreign = |hint: String| Err(CodecError::new(CodecErrorKind::Foreign, "the frame", hint));
    if input.take_array()? != MAGIC {
        return foreign("these bytes are not ot-core's".to_owned());
    }
    let version = input.byte()?;
    if version != VERSION {
        return foreign(format!("version {version} of the format is not known, only {VERSION} is"));
    }
    if [input.byte()?, input.byte()?] != [document, content.code()] {
        return foreign(format!("another type of document, or not its {content:?}"));
    }
    Ok(input)
}

pub(super) fn check(place: &'static str, bytes: &[u8], checksum: u32) -> Result<(), CodecError> {
    if crc32fast::hash(bytes) == checksum {
        Ok(())
    } else {
        Err(CodecError::new(CodecErrorKind::Damaged, place, "the checksum does not match"))
    }
}

fn truncated() -> CodecError {
    CodecError::new(CodecErrorKind::Truncated, "the frame", "the bytes end too early")
}
