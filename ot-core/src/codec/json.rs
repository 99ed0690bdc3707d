//! JSON and rich text: their JSON forms, as values in columns.

use serde::de::DeserializeOwned;

use super::values::{read_values, write_values};
use super::{Binary, CodecError, Limits};
use crate::OtType;
use crate::json::Json;
use crate::rich::{Rich, RichUtf16};

macro_rules! binary {
    ($name:ty, $code:literal) => {
        impl Binary for $name {
            const CODE: u8 = $code;

            fn write_ops(ops: &<Self as OtType>::Log, out: &mut Vec<u8>) -> Result<(), CodecError> {
                write_values(ops.iter(), out)
            }

            fn read_ops(bytes: &[u8], limits: Limits) -> Result<<Self as OtType>::Log, CodecError> {
                read_values(bytes, limits.ops, limits)
            }

            fn write_snapshot(snapshot: &<Self as OtType>::Snapshot, out: &mut Vec<u8>) -> Result<(), CodecError> {
                write_values(std::iter::once(snapshot), out)
            }

            fn read_snapshot(bytes: &[u8], limits: Limits) -> Result<<Self as OtType>::Snapshot, CodecError> {
                read_one(bytes, limits)
            }
        }
    };
}

binary!(Rich, 2);
binary!(Json, 3);
binary!(RichUtf16, 4);

fn read_one<X: DeserializeOwned>(bytes: &[u8], limits: Limits) -> Result<X, CodecError> {
    read_values(bytes, 1, limits)?.pop().ok_or_else(|| CodecError::malformed("the document", "there is none"))
}
