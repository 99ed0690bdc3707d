//! Composing in place, for edits that go on where the one before was.

use super::TextOp;
use super::runs::{Step, byte_of};

/// How long a text in the middle of which an edit is absorbed may be, in bytes: the rest of it has to be moved.
const NEAR: usize = 256;

/// Makes `first` what `first` and then `second` are, if both change one place and these touch; else leaves `first` as
/// it was. Returns whether it did. The result is the one that composing gives, and takes no longer than `second` is.
pub(super) fn absorb(first: &mut TextOp, second: &TextOp) -> bool {
    if first.is_noop() {
        first.clone_from(second);
        return true;
    }
    let (Some(before), Some(next)) = (Place::of(first), Place::of(second)) else {
        return false;
    };
    let Some(joined) = before.joined(next) else { return false };
    match joined {
        Joined::Within { offset, deleted } => {
            let Some((start, end)) = bytes_of(first.inserted(), before.chars, offset, deleted) else {
                return false;
            };
            first.replace_inserted(start, end, second.inserted());
            first.set_place(Place {
                chars: before.chars - deleted + next.chars,
                bytes: before.bytes - (end - start) + next.bytes,
                deleted: before.deleted + (next.deleted - deleted),
                ..before
            });
        }
        Joined::Around => {
            first.replace_inserted(0, before.bytes, second.inserted());
            let around = next.deleted - before.chars;
            first.set_place(Place { deleted: before.deleted + around, ..next });
        }
    }
    true
}

/// A change at one place: some text comes there, then some goes.
#[derive(Clone, Copy, Debug)]
struct Place {
    position: usize,
    chars: usize,
    bytes: usize,
    deleted: usize,
}

enum Joined {
    /// The second change begins in what the first one inserts, and deletes so much of it.
    Within { offset: usize, deleted: usize },
    /// The second change deletes all that the first one inserts, and begins before.
    Around,
}

impl Place {
    fn of(op: &TextOp) -> Option<Self> {
        let (position, changes) = match op.steps() {
            [Step::Retain(position), changes @ ..] => (*position, changes),
            changes => (0, changes),
        };
        let place = |chars, bytes, deleted| Some(Self { position, chars, bytes, deleted });
        match *changes {
            [] => place(0, 0, 0),
            [Step::Insert { bytes, chars }] => place(chars, bytes, 0),
            [Step::Delete(deleted)] => place(0, 0, deleted),
            [Step::Insert { bytes, chars }, Step::Delete(deleted)] => place(chars, bytes, deleted),
            _ => None,
        }
    }

    fn joined(self, next: Self) -> Option<Joined> {
        let end = self.position.checked_add(self.chars)?;
        let next_end = next.position.checked_add(next.deleted)?;
        self.deleted.checked_add(next.deleted)?;
        if next.position >= self.position && next.position <= end {
            let offset = next.position - self.position;
            Some(Joined::Within { offset, deleted: next.deleted.min(self.chars - offset) })
        } else if next.position < self.position && next_end >= end {
            Some(Joined::Around)
        } else {
            None
        }
    }
}

/// Where `count` code points behind the first `offset` of a text begin and end, if little is behind them.
fn bytes_of(text: &str, chars: usize, offset: usize, count: usize) -> Option<(usize, usize)> {
    let behind = chars - offset;
    if behind > NEAR {
        return None;
    }
    if text.len() == chars {
        return Some((offset, offset + count));
    }
    let tail = match behind.checked_sub(1) {
        None => text.len(),
        Some(last) => text.char_indices().nth_back(last).map_or(0, |(byte, _)| byte),
    };
    let tail_text = text.get(tail..).unwrap_or_default();
    Some((tail, tail + byte_of(tail_text, count)))
}

impl TextOp {
    fn replace_inserted(&mut self, start: usize, end: usize, text: &str) {
        if start < end {
            self.inserted.remove(start, end);
        }
        if start == self.inserted().len() {
            self.inserted.push_str(text);
        } else if !text.is_empty() {
            self.inserted.insert_str(start, text);
        }
    }

    fn set_place(&mut self, place: Place) {
        self.steps.clear();
        self.push_retain(place.position);
        if place.chars > 0 {
            self.steps.push(Step::Insert { bytes: place.bytes, chars: place.chars });
        }
        self.push_delete(place.deleted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::compose::compose;

    #[test]
    fn absorbing_gives_what_composing_gives() {
        let mut shapes = vec![TextOp::new()];
        for position in 0..5 {
            for text in ["", "a", "é💃", "abc"] {
                for deleted in 0..5 {
                    shapes.push(TextOp::new().retain(position).insert(text).delete(deleted).finish());
                    shapes.push(TextOp::new().retain(position).delete(deleted).insert(text).finish());
                }
            }
        }
        let mut absorbed = 0;
        for first in &shapes {
            for second in &shapes {
                let mut joined = first.clone();
                if absorb(&mut joined, second) {
                    assert_eq!(joined, compose(first, second), "{first:?} and {second:?}");
                    absorbed += 1;
                } else {
                    assert_eq!(joined, *first);
                }
            }
        }
        assert!(absorbed > 5_000, "only {absorbed}");
    }

    #[test]
    fn typing_with_slips_is_absorbed_whole() {
        let mut typed = TextOp::new();
        for (op, expected) in [
            (TextOp::new().retain(3).insert("h"), TextOp::new().retain(3).insert("h")),
            (TextOp::new().retain(4).insert("é"), TextOp::new().retain(3).insert("hé")),
            (TextOp::new().retain(4).delete(1), TextOp::new().retain(3).insert("h")),
            (TextOp::new().retain(3).delete(1), TextOp::new()),
            (TextOp::new().retain(2).delete(1), TextOp::new().retain(2).delete(1)),
            (TextOp::new().retain(2).insert("x"), TextOp::new().retain(2).insert("x").delete(1)),
        ] {
            assert!(absorb(&mut typed, &op));
            assert_eq!(typed, expected);
        }
    }

    #[test]
    fn huge_counts_neither_overflow_nor_panic() {
        let huge = TextOp::new().retain(usize::MAX).insert("x").delete(usize::MAX);
        for other in [huge.clone(), TextOp::new().delete(usize::MAX), TextOp::new().insert("y")] {
            let _ = absorb(&mut huge.clone(), &other);
            let _ = absorb(&mut other.clone(), &huge);
        }
    }
}
