//! Columns: values of one meaning stand together, and each column is deflated where that pays (RFC 1951).
//!
//! First a number whose n-th bit says whether the n-th column has anything in it; then, for each that has, its length
//! twice as much, plus one if it is deflated and then the length in which it is stored; then the contents of all.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_slice_iter_to_slice;

use super::bytes::{Input, put_count, put_number};
use super::{CodecError, Limits};

/// The most that deflate makes of a byte is 1,032 bytes: a longer column is a lie, found before memory is taken.
const MAX_RATIO: usize = 1032;

/// Shorter columns don't get shorter by it.
const WORTH_DEFLATING: usize = 32;

/// The effort of the compressor. Its highest levels take twice as long for a thousandth.
const LEVEL: u8 = 9;

pub(super) fn put_columns(out: &mut Vec<u8>, columns: &[&[u8]]) {
    let mut present = 0_u64;
    let mut lengths = Vec::new();
    let mut contents = Vec::new();
    for (index, column) in columns.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
        present |= 1 << index;
        let deflated = if column.len() < WORTH_DEFLATING { Vec::new() } else { compress_to_vec(column, LEVEL) };
        if deflated.is_empty() || deflated.len() >= column.len() {
            put_count(&mut lengths, column.len() << 1);
            contents.extend_from_slice(column);
        } else {
            put_count(&mut lengths, column.len() << 1 | 1);
            put_count(&mut lengths, deflated.len());
            contents.extend(deflated);
        }
    }
    put_number(out, present);
    out.extend(lengths);
    out.extend(contents);
}

/// Reads what [`put_columns`] wrote, as far as the columns together are no longer than the limit.
pub(super) fn take_columns<const N: usize>(
    input: &mut Input<'_>,
    names: [&'static str; N],
    limits: Limits,
) -> Result<[Vec<u8>; N], CodecError> {
    let present = input.number()?;
    if present >> N != 0 {
        return Err(CodecError::malformed("columns", format!("there are more than {N} columns")));
    }
    let mut left = limits.bytes;
    let mut lengths = [(0, None); N];
    for (index, (length, stored)) in lengths.iter_mut().enumerate().filter(|(index, _)| present >> index & 1 == 1) {
        let name = names.get(index).copied().unwrap_or_default();
        let header = input.count()?;
        *length = header >> 1;
        if header & 1 == 1 {
            *stored = Some(input.count()?);
        }
        left = left
            .checked_sub(*length)
            .ok_or_else(|| CodecError::too_large(name, format!("more than {} bytes altogether", limits.bytes)))?;
    }
    let mut columns = [const { Vec::new() }; N];
    for ((column, (length, stored)), name) in columns.iter_mut().zip(lengths).zip(names) {
        *column = match stored {
            None => input.take(length)?.to_vec(),
            Some(stored) => inflate(name, input.take(stored)?, length)?,
        };
    }
    Ok(columns)
}

fn inflate(name: &'static str, stored: &[u8], length: usize) -> Result<Vec<u8>, CodecError> {
    let broken = || CodecError::malformed(name, "the column does not inflate to its length");
    if length > stored.len().saturating_mul(MAX_RATIO) {
        return Err(broken());
    }
    let mut column = vec![0; length];
    match decompress_slice_iter_to_slice(&mut column, std::iter::once(stored), false, true) {
        Ok(inflated) if inflated == length => Ok(column),
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::CodecErrorKind;

    const NAMES: [&str; 3] = ["first", "second", "third"];

    #[test]
    fn columns_come_back_and_repetition_costs_nothing() {
        let long = vec![7; 100_000];
        let mut out = Vec::new();
        put_columns(&mut out, &[b"short", &[], &long]);
        assert!(out.len() < 200);
        let mut input = Input::new("a test", &out);
        assert_eq!(take_columns(&mut input, NAMES, Limits::default()), Ok([b"short".to_vec(), Vec::new(), long]));
        assert_eq!(input.end(), Ok(()));
    }

    #[test]
    fn columns_longer_than_the_limit_are_refused_before_memory_is_taken() {
        let mut out = Vec::new();
        put_columns(&mut out, &[&[7; 1000], &[8; 1000], &[]]);
        let limits = Limits { bytes: 1999, ..Limits::default() };
        let error = take_columns(&mut Input::new("a test", &out), NAMES, limits).unwrap_err();
        assert_eq!((error.kind(), error.place()), (CodecErrorKind::TooLarge, "second"));
        // One column, of almost all the memory there is, in no bytes.
        let mut lie = vec![1];
        put_count(&mut lie, usize::MAX);
        put_count(&mut lie, 0);
        let limits = Limits { bytes: usize::MAX, ..Limits::default() };
        assert!(take_columns(&mut Input::new("a test", &lie), NAMES, limits).is_err());
    }
}
