//! From frames to whole messages.

use actix_web::web::Bytes;
use actix_ws::Item;
use bytestring::ByteString;

/// What a frame made of the message that it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assembled {
    /// More is to come.
    Part,
    /// The message is whole.
    Text(ByteString),
    /// The message is whole, and no text.
    Binary(Bytes),
    /// The message is over the limit.
    TooLarge,
    /// The message claims to be text and is not.
    NotText,
}

/// A message that arrives in parts.
#[derive(Debug)]
pub(super) struct Fragments {
    limit: usize,
    is_text: bool,
    bytes: Vec<u8>,
}

impl Fragments {
    /// Messages up to `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, is_text: false, bytes: Vec::new() }
    }

    /// Takes messages up to `limit` bytes from now on.
    pub(super) fn widen(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Takes in a part. That parts come in an order that makes sense is up to the codec.
    pub(super) fn add(&mut self, item: Item) -> Assembled {
        let (part, is_last) = match item {
            Item::FirstText(part) => {
                self.is_text = true;
                (part, false)
            }
            Item::FirstBinary(part) => {
                self.is_text = false;
                (part, false)
            }
            Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        if self.bytes.len().saturating_add(part.len()) > self.limit {
            return Assembled::TooLarge;
        }
        self.bytes.extend_from_slice(&part);
        if !is_last {
            return Assembled::Part;
        }
        let bytes = std::mem::take(&mut self.bytes);
        if !self.is_text {
            return Assembled::Binary(bytes.into());
        }
        ByteString::try_from(bytes).map_or(Assembled::NotText, Assembled::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn parts_make_a_message_and_then_another() {
        let mut fragments = Fragments::new(8);
        for _ in 0..2 {
            assert_eq!(fragments.add(Item::FirstText(part("ab"))), Assembled::Part);
            assert_eq!(fragments.add(Item::Continue(part(""))), Assembled::Part);
            assert_eq!(fragments.add(Item::Continue(part("cdef"))), Assembled::Part);
            assert_eq!(fragments.add(Item::Last(part("gh"))), Assembled::Text("abcdefgh".into()));
        }
    }

    #[test]
    fn a_message_over_the_limit_is_noticed_with_the_part_that_is_too_much() {
        let mut fragments = Fragments::new(8);
        fragments.add(Item::FirstText(part("abcdefgh")));
        assert_eq!(fragments.add(Item::Continue(part("i"))), Assembled::TooLarge);
    }

    #[test]
    fn a_character_may_be_cut_by_two_parts_but_not_broken() {
        let mut fragments = Fragments::new(8);
        fragments.add(Item::FirstText(Bytes::from_static(&[0xc3])));
        assert_eq!(fragments.add(Item::Last(Bytes::from_static(&[0xa9]))), Assembled::Text("é".into()));
        fragments.add(Item::FirstText(Bytes::from_static(&[0xc3])));
        assert_eq!(fragments.add(Item::Last(part("x"))), Assembled::NotText);
        fragments.add(Item::FirstBinary(Bytes::from_static(&[0xc3])));
        assert_eq!(fragments.add(Item::Last(part("x"))), Assembled::Binary(Bytes::from_static(&[0xc3, b'x'])));
    }
}
