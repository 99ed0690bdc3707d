use std::str;

use crate::text::runs::Counted;

/// The part of a text that is being edited, with a gap where the last edit was, so that going on there moves nothing.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// How many code points of the rope are before the window.
    pub(super) start: usize,
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

    /// Makes `text` the window's, which begins `start` code points into the rope, with the gap before it.
    pub(super) fn fill(&mut self, start: usize, text: Counted<'_>) {
        self.start = start;
        (self.gap, self.chars_before) = (0, 0);
        self.behind = self.buffer.len();
        self.make_room(text.text.len());
        self.behind -= text.text.len();
        self.chars_behind = text.chars;
        self.copy(self.behind, text.text);
    }

    /// The whole text, for whoever takes it before the window is filled anew.
    pub(super) fn join(&mut self) -> &str {
        self.seek(self.chars());
        self.halves()[0]
    }

    /// Inserts `text` behind the first `at` code points of the window.
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
    fn seek(&mut self, at: usize) {
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
    fn make_room(&mut self, bytes: usize) {
        let gap = self.behind - self.gap;
        if gap < bytes {
            let old = self.buffer.len();
            let more = (bytes - gap).max(old).max(256);
            self.buffer.resize(old + more, 0);
            self.buffer.copy_within(self.behind..old, self.behind + more);
            self.behind += more;
        }
    }

    fn copy(&mut self, at: usize, text: &str) {
        if let Some(space) = self.buffer.get_mut(at..at + text.len()) {
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
