//! A rope as other texts: made from them, compared with them, written as them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Rope;

impl From<&str> for Rope {
    fn from(text: &str) -> Self {
        Self { tree: ropey::Rope::from_str(text), window: super::Window::default() }
    }
}

impl From<String> for Rope {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Rope> for String {
    fn from(rope: &Rope) -> Self {
        let mut text = Self::with_capacity(rope.len_bytes());
        rope.chunks().for_each(|chunk| text.push_str(chunk));
        text
    }
}

impl fmt::Display for Rope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chunks().try_for_each(|chunk| formatter.write_str(chunk))
    }
}

impl fmt::Debug for Rope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from(self), formatter)
    }
}

impl PartialEq for Rope {
    fn eq(&self, other: &Self) -> bool {
        if self.len_bytes() != other.len_bytes() {
            return false;
        }
        let mut theirs = other.chunks();
        let mut open: &[u8] = &[];
        for mut chunk in self.chunks().map(str::as_bytes) {
            while !chunk.is_empty() {
                if open.is_empty() {
                    open = theirs.next().unwrap_or_default().as_bytes();
                }
                let (ours, our_rest) = chunk.split_at_checked(open.len()).unwrap_or((chunk, &[]));
                let (their, their_rest) = open.split_at_checked(ours.len()).unwrap_or((open, &[]));
                if ours != their || ours.is_empty() {
                    return false;
                }
                (chunk, open) = (our_rest, their_rest);
            }
        }
        true
    }
}

impl Eq for Rope {}

impl PartialEq<str> for Rope {
    fn eq(&self, other: &str) -> bool {
        let mut rest = other.as_bytes();
        let agrees = self.chunks().all(|chunk| match rest.strip_prefix(chunk.as_bytes()) {
            Some(after) => {
                rest = after;
                true
            }
            None => false,
        });
        agrees && rest.is_empty()
    }
}

impl PartialEq<&str> for Rope {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialEq<String> for Rope {
    fn eq(&self, other: &String) -> bool {
        *self == *other.as_str()
    }
}

impl PartialEq<Rope> for str {
    fn eq(&self, other: &Rope) -> bool {
        other == self
    }
}

impl PartialEq<Rope> for &str {
    fn eq(&self, other: &Rope) -> bool {
        other == *self
    }
}

impl PartialEq<Rope> for String {
    fn eq(&self, other: &Rope) -> bool {
        other == self
    }
}

/// As a string.
impl Serialize for Rope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
