use crate::text::runs::{Counted, byte_of};

/// The part of a text that is being edited: two halves with the last edit at their seam, so that going on there moves
/// nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// How many code points of the rope are before the window.
    pub(super) start: usize,
    before: Half,
    after: Half,
}

#[derive(Clone, Debug, Default)]
struct Half {
    text: String,
    chars: usize,
}

impl Window {
    pub(super) fn chars(&self) -> usize {
        self.before.chars + self.after.chars
    }

    pub(super) fn bytes(&self) -> usize {
        self.before.text.len() + self.after.text.len()
    }

    /// How many code points of the rope are before the end of the window.
    pub(super) fn end(&self) -> usize {
        self.start + self.chars()
    }

    pub(super) fn halves(&self) -> [&str; 2] {
        [&self.before.text, &self.after.text]
    }

    /// Makes `text` the window's, which begins `start` code points into the rope.
    pub(super) fn fill(&mut self, start: usize, text: Counted<'_>) {
        self.start = start;
        self.before.clear();
        self.after.clear();
        self.after.push(text);
    }

    /// The whole text, for whoever takes it before the window is filled anew.
    pub(super) fn join(&mut self) -> &str {
        self.before.text.push_str(&self.after.text);
        self.before.chars += self.after.chars;
        self.after.clear();
        &self.before.text
    }

    /// Inserts `text` behind the first `at` code points of the window.
    pub(super) fn insert(&mut self, at: usize, text: Counted<'_>) {
        self.seek(at);
        self.before.push(text);
    }

    /// Deletes `count` code points behind the first `at` of the window; all of them are in it.
    pub(super) fn delete(&mut self, at: usize, count: usize) {
        let end = at + count;
        if end < self.before.chars {
            self.seek(end);
        } else if at > self.before.chars {
            self.seek(at);
        }
        let behind = end.saturating_sub(self.before.chars);
        self.before.truncate(at);
        self.after.drop_first(behind);
    }

    /// Moves the seam behind the first `at` code points.
    fn seek(&mut self, at: usize) {
        let seam = self.before.chars;
        if at < seam {
            let byte = self.before.byte(at);
            self.after.text.insert_str(0, self.before.text.get(byte..).unwrap_or_default());
            self.after.chars += seam - at;
            self.before.text.truncate(byte);
            self.before.chars = at;
        } else if at > seam {
            let byte = self.after.byte(at - seam);
            self.before.text.push_str(self.after.text.get(..byte).unwrap_or_default());
            self.before.chars = at;
            self.after.drop_first(at - seam);
        }
    }
}

impl Half {
    /// Where the code point `chars` begins.
    fn byte(&self, chars: usize) -> usize {
        if self.text.len() == self.chars {
            return chars.min(self.chars);
        }
        let from_the_end = self.chars.saturating_sub(chars);
        if chars <= from_the_end {
            return byte_of(&self.text, chars);
        }
        match from_the_end.checked_sub(1) {
            None => self.text.len(),
            Some(last) => self.text.char_indices().nth_back(last).map_or(0, |(byte, _)| byte),
        }
    }

    fn push(&mut self, text: Counted<'_>) {
        self.text.push_str(text.text);
        self.chars += text.chars;
    }

    fn truncate(&mut self, chars: usize) {
        if chars < self.chars {
            self.text.truncate(self.byte(chars));
            self.chars = chars;
        }
    }

    fn drop_first(&mut self, chars: usize) {
        if chars > 0 {
            self.text.drain(..self.byte(chars));
            self.chars = self.chars.saturating_sub(chars);
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.chars = 0;
    }
}
