//! Numbers in few bytes: seven bits a byte, the low ones first, and a set eighth bit where more follow (LEB128).
//! A number with a sign is folded first, so that small ones of either sign stay small (zigzag).

use super::{CodecError, CodecErrorKind};

pub(super) fn put_number(out: &mut Vec<u8>, number: u64) {
    let mut rest = number;
    while rest >= 0x80 {
        let [low, ..] = rest.to_le_bytes();
        out.push(low | 0x80);
        rest >>= 7;
    }
    let [low, ..] = rest.to_le_bytes();
    out.push(low);
}

pub(super) fn put_count(out: &mut Vec<u8>, count: usize) {
    put_number(out, u64::try_from(count).unwrap_or(u64::MAX));
}

/// Any difference of two numbers has its place here: differences wrap.
pub(super) fn put_difference(out: &mut Vec<u8>, from: u64, to: u64) {
    put_signed(out, to.wrapping_sub(from).cast_signed());
}

pub(super) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned());
}

/// Bytes that are read from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a> {
    rest: &'a [u8],
    /// What the bytes are, for errors.
    place: &'static str,
}

impl<'a> Input<'a> {
    pub(super) fn new(place: &'static str, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, place }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn take_array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, CodecError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.truncated())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, CodecError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(CodecError::malformed(self.place, "a number has more than 64 bits"))
    }

    pub(super) fn count(&mut self) -> Result<usize, CodecError> {
        usize::try_from(self.number()?).map_err(|_| CodecError::too_large(self.place, "a count exceeds this machine's"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, CodecError> {
        let folded = self.number()?;
        Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed())
    }

    pub(super) fn difference(&mut self, from: u64) -> Result<u64, CodecError> {
        Ok(from.wrapping_add(self.signed()?.cast_unsigned()))
    }

    pub(super) fn end(&self) -> Result<(), CodecError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(CodecError::malformed(self.place, format!("{} bytes too many", self.rest.len())))
        }
    }

    fn truncated(&self) -> CodecError {
        CodecError::new(CodecErrorKind::Truncated, self.place, "the bytes end too early")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_small_ones_take_a_byte() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, number);
            put_difference(&mut out, 5, number);
            let mut input = Input::new("a test", &out);
            assert_eq!(input.number(), Ok(number));
            assert_eq!(input.difference(5), Ok(number));
            assert_eq!(input.end(), Ok(()));
        }
        for number in [0, -1, 63, -64] {
            let mut out = Vec::new();
            put_signed(&mut out, number);
            assert_eq!((out.len(), Input::new("a test", &out).signed()), (1, Ok(number)));
        }
    }

    #[test]
    fn a_number_that_is_cut_or_too_long_is_an_error() {
        assert_eq!(Input::new("a test", &[0x80]).number().unwrap_err().kind(), CodecErrorKind::Truncated);
        let mut long = [0xff; 10];
        assert_eq!(Input::new("a test", &long).number().unwrap_err().kind(), CodecErrorKind::Malformed);
        long[9] = 0x01;
        assert_eq!(Input::new("a test", &long).number(), Ok(u64::MAX));
    }
}
