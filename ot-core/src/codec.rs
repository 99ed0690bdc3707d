//! A compact binary form of ops, documents and whole histories.
//!
//! Equal things stand together in columns, numbers take as few bytes as they need, what continues something else is
//! written as how it differs, and what repeats is deflated. The bytes begin with what they are and in which version of
//! the format, and a checksum tells when they changed on the way.
//!
//! Bytes of any origin may be decoded: what is not right is a [`CodecError`], and the memory taken on the way is bounded
//! by [`Limits`].
//!
//! ```
//! use ot_core::codec;
//! use ot_core::text::{Text, TextOp};
//!
//! let op = TextOp::new().retain(5).insert("new").delete(3);
//! let bytes = codec::encode_op::<Text>(&op)?;
//! assert_eq!(codec::decode_op::<Text>(&bytes, codec::Limits::default())?, op);
//!
//! assert!(codec::decode_op::<Text>(&bytes[1..], codec::Limits::default()).is_err());
//! # Ok::<(), codec::CodecError>(())
//! ```
//!
//! # The format
//!
//! A frame is `otc`, the version (1), the code of the type of document ([`Binary::CODE`]), what the frame holds (0 an
//! op, 1 ops, 2 a document), that content, and the CRC-32 of all before it, low byte first. A history is a frame of its
//! own form: see [`encode_history`]. Contents are columns (a number whose bits say which columns have
//! anything in them; for each of those its length times two, plus one if it is deflated, then the deflated length; then
//! the contents of all). Numbers are LEB128, numbers with a sign zigzag. The columns of each type stand with its
//! implementation of [`Binary`].

mod bytes;
mod columns;
mod error;
mod frame;
mod history;
mod json;
mod text;
mod values;

pub use error::{CodecError, CodecErrorKind};
pub use history::{HistoryParts, decode_history, decode_newest, encode_history};

use crate::{OpLog, OtType};
use frame::Content;

/// What decoding may take. All memory taken for some bytes is at most 128 times [`bytes`](Self::bytes) and 128 times
/// [`ops`](Self::ops).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes a document, or the ops of a history, may have before they are deflated; and how many bytes the
    /// values in them may take in memory. 64 MiB, unless said otherwise: a history of some ten million edits.
    pub bytes: usize,
    /// How many ops there may be. 16,777,216, unless said otherwise.
    pub ops: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, ops: 1 << 24 }
    }
}

/// A type of document that has a compact binary form.
///
/// The functions here write and read bare contents; [`encode_ops`] and its siblings put them into frames.
///
/// # Laws
///
/// Reading what was written gives what was written, if it is within the limits. Reading anything else gives an error or
/// some value, in time and memory bounded by the limits.
pub trait Binary: OtType {
    /// What tells this type's bytes from those of others.
    const CODE: u8;

    /// Writes ops.
    ///
    /// # Errors
    ///
    /// Returns a [`CodecError`] when the ops are deeper than could be read.
    fn write_ops(ops: &Self::Log, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Reads the ops that `bytes` hold.
    ///
    /// # Errors
    ///
    /// Returns a [`CodecError`] when the bytes are not what [`write_ops`](Self::write_ops) writes, or exceed the limits.
    fn read_ops(bytes: &[u8], limits: Limits) -> Result<Self::Log, CodecError>;

    /// Writes a document.
    ///
    /// # Errors
    ///
    /// Returns a [`CodecError`] when the document is deeper than could be read.
    fn write_snapshot(snapshot: &Self::Snapshot, out: &mut Vec<u8>) -> Result<(), CodecError>;

    /// Reads the document that `bytes` hold.
    ///
    /// # Errors
    ///
    /// Returns a [`CodecError`] when the bytes are not what [`write_snapshot`](Self::write_snapshot) writes, or exceed
    /// the limits.
    fn read_snapshot(bytes: &[u8], limits: Limits) -> Result<Self::Snapshot, CodecError>;
}

/// One op as bytes: 10 for the frame, and about as many for a small op.
///
/// # Errors
///
/// Those of [`Binary::write_ops`].
pub fn encode_op<T: Binary>(op: &T::Op) -> Result<Vec<u8>, CodecError> {
    let mut ops = T::Log::default();
    ops.push(op);
    let mut frame = frame::begin(T::CODE, Content::Op);
    T::write_ops(&ops, &mut frame)?;
    Ok(frame::seal(frame))
}

/// The op that [`encode_op`] wrote.
///
/// # Errors
///
/// Returns a [`CodecError`] when the bytes are no op of this type, are damaged, or exceed the limits.
pub fn decode_op<T: Binary>(bytes: &[u8], limits: Limits) -> Result<T::Op, CodecError> {
    let ops = T::read_ops(frame::open(bytes, T::CODE, Content::Op)?, Limits { ops: 1, ..limits })?;
    ops.get(0).ok_or_else(|| CodecError::malformed("the ops", "there is none"))
}

/// Ops in a row as bytes.
///
/// # Errors
///
/// Those of [`Binary::write_ops`].
pub fn encode_ops<T: Binary>(ops: &T::Log) -> Result<Vec<u8>, CodecError> {
    let mut frame = frame::begin(T::CODE, Content::Ops);
    T::write_ops(ops, &mut frame)?;
    Ok(frame::seal(frame))
}

/// The ops that [`encode_ops`] wrote.
///
/// # Errors
///
/// Returns a [`CodecError`] when the bytes are no ops of this type, are damaged, or exceed the limits.
pub fn decode_ops<T: Binary>(bytes: &[u8], limits: Limits) -> Result<T::Log, CodecError> {
    T::read_ops(frame::open(bytes, T::CODE, Content::Ops)?, limits)
}

/// A document as bytes.
///
/// # Errors
///
/// Those of [`Binary::write_snapshot`].
pub fn encode_snapshot<T: Binary>(snapshot: &T::Snapshot) -> Result<Vec<u8>, CodecError> {
    let mut frame = frame::begin(T::CODE, Content::Snapshot);
    T::write_snapshot(snapshot, &mut frame)?;
    Ok(frame::seal(frame))
}

/// The document that [`encode_snapshot`] wrote.
///
/// # Errors
///
/// Returns a [`CodecError`] when the bytes are no document of this type, are damaged, or exceed the limits.
pub fn decode_snapshot<T: Binary>(bytes: &[u8], limits: Limits) -> Result<T::Snapshot, CodecError> {
    T::read_snapshot(frame::open(bytes, T::CODE, Content::Snapshot)?, limits)
}
