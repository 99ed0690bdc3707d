use std::str;

use crate::text::runs::Counted;

/// The part of a text that is being edited, in place of what the tree has there: the tree is told when the edits go on
/// elsewhere. A gap is where the last edit was, so that going on there moves nothing.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// How many code points of the rope are before the window.
    pub(super) start: usize,
    /// How many code points of the tree, from `start` on, it stands for.
    pub(super) instead: usize,
    /// The text before the gap, the gap, the text behind it. Both texts are whole code points.
    buffer: Vec<u8>,
    /// Where the gap begins and ends.
    gap: usize,
    behind: usize,
    /// The code points before the gap and behind it.
    chars_before: usize,
    chars_behind: usize,
}

impl Clone for Window {
    /// Without the gap, which is most of the window.
    fn clone(&self) -> Self {
        let [before, after] = self.halves();
        let buffer = [before.as_bytes(), after.as_bytes()].concat();
        Self { buffer, behind: self.gap, ..*self }
    }
}

impl Window {
    pub(super) fn chars(&self) -> usize {
        self.chars_before + self.chars_behind
    }

    pub(super) fn bytes(&self) -> usize {
        self.gap + self.bytes_behind()
    }

    /// How many code points of the rope are before the end of the window.
    pub(super) fn end(&self) -> usize {
        self.start + self.chars()
    }

    /// The text before the gap and the text behind it.
    pub(super) fn halves(&self) -> [&str; 2] {
        [text(self.buffer.get(..self.gap)), text(self.buffer.get(self.behind..))]
    }

    /// Begins anew before the code point `start` of the rope, in place of nothing.
    pub(super) fn open(&mut self, start: usize) {
        (self.start, self.instead) = (start, 0);
        (self.gap, self.chars_before, self.chars_behind) = (0, 0, 0);
        self.behind = self.buffer.len();
    }

    /// The whole text, for whoever takes it before the window begins anew.
    pub(super) fn join(&mut self) -> &str {
        self.seek(self.chars());
        self.halves()[0]
    }

    /// Inserts `text` behind the first `at` code points of the window.
    #[inline]
    pub(super) fn insert(&mut self, at: usize, text: Counted<'_>) {
        self.seek(at.min(self.chars()));
        self.make_room(text.text.len());
        self.copy(self.gap, text.text);
        self.gap += text.text.len();
        self.chars_before += text.chars;
    }

    /// Deletes `count` code points behind the first `at` of the window; all of them are in it.
    pub(super) fn delete(&mut self, at: usize, count: usize) {
        let at = at.min(self.chars());
        let count = count.min(self.chars() - at);
        let end = at + count;
        if end < self.chars_before {
            self.seek(end);
        } else if at > self.chars_before {
            self.seek(at);
        }
        let before = self.chars_before.saturating_sub(at).min(count);
        self.gap -= self.bytes_back(before);
        self.chars_before -= before;
        self.behind += self.bytes_forth(count - before);
        self.chars_behind -= count - before;
    }

    /// Moves the gap behind the first `at` code points.
    #[inline]
    fn seek(&mut self, at: usize) {
        if at != self.chars_before {
            self.move_gap(at);
        }
    }

    fn move_gap(&mut self, at: usize) {
        if at < self.chars_before {
            let chars = self.chars_before - at;
            let bytes = self.bytes_back(chars);
            self.buffer.copy_within(self.gap - bytes..self.gap, self.behind - bytes);
            (self.gap, self.behind) = (self.gap - bytes, self.behind - bytes);
            (self.chars_before, self.chars_behind) = (at, self.chars_behind + chars);
        } else if at > self.chars_before {
            let chars = at - self.chars_before;
            let bytes = self.bytes_forth(chars);
            self.buffer.copy_within(self.behind..self.behind + bytes, self.gap);
            (self.gap, self.behind) = (self.gap + bytes, self.behind + bytes);
            (self.chars_before, self.chars_behind) = (at, self.chars_behind - chars);
        }
    }

    fn bytes_behind(&self) -> usize {
        self.buffer.len() - self.behind
    }

    /// How many bytes the last `chars` code points before the gap take.
    fn bytes_back(&self, chars: usize) -> usize {
        if self.gap == self.chars_before {
            return chars;
        }
        let Some(skipped) = chars.checked_sub(1) else { return 0 };
        let text = self.buffer.get(..self.gap).unwrap_or_default();
        let starts = text.iter().rev().enumerate().filter(|(_, byte)| begins_char(**byte));
        starts.map(|(index, _)| index + 1).nth(skipped).unwrap_or(text.len())
    }

    /// How many bytes the first `chars` code points behind the gap take.
    fn bytes_forth(&self, chars: usize) -> usize {
        if self.bytes_behind() == self.chars_behind {
            return chars;
        }
        let text = self.buffer.get(self.behind..).unwrap_or_default();
        let starts = text.iter().enumerate().filter(|(_, byte)| begins_char(**byte));
        starts.map(|(index, _)| index).nth(chars).unwrap_or(text.len())
    }

    /// Makes the gap at least so many bytes long.
    #[inline]
    fn make_room(&mut self, bytes: usize) {
        if self.behind - self.gap < bytes {
            self.grow(bytes);
        }
    }

    fn grow(&mut self, bytes: usize) {
        let old = self.buffer.len();
        let more = (bytes - (self.behind - self.gap)).max(old).max(256);
        self.buffer.resize(old + more, 0);
        self.buffer.copy_within(self.behind..old, self.behind + more);
        self.behind += more;
    }

    #[inline]
    fn copy(&mut self, at: usize, text: &str) {
        // Most texts are a letter, for which a call costs more than the copy.
        if let ([letter], Some(space)) = (text.as_bytes(), self.buffer.get_mut(at)) {
            *space = *letter;
        } else if let Some(space) = self.buffer.get_mut(at..at + text.len()) {
            space.copy_from_slice(text.as_bytes());
        }
    }
}

fn text(bytes: Option<&[u8]>) -> &str {
    bytes.and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn begins_char(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}
