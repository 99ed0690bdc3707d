//! A text that is edited in the middle, and measured in code points, UTF-16 units, bytes and lines.

mod traits;
mod unit;
mod window;

use std::ops::Range;

use self::unit::Unit;
use self::window::Window;
use super::runs::Counted;
use crate::{OpError, OpErrorKind};

/// The window is put into the tree when it has grown past so many bytes.
const LARGE: usize = 16_384;

/// The window is widened, and not opened anew, for an edit that is at most so many code points away from it.
const NEAR: usize = 128;

/// A text that is cheap to change anywhere and to copy, however long it is.
///
/// Positions count Unicode code points. [`byte_of`](Self::byte_of), [`utf16_of`](Self::utf16_of) and
/// [`line_of`](Self::line_of) tell where a position is in other units, and `char_of_…` lead back: an editor in a
/// browser counts UTF-16 units, a file has bytes, people speak of lines. Lines end at line feeds, so a text of `n` line
/// feeds has `n + 1` lines.
///
/// Every question and every edit takes time logarithmic in the length of the text, besides what it reads or writes;
/// going on with an edit where the last one was takes none of that. A copy shares all but some kilobytes with the
/// original.
///
/// ```
/// use ot_core::text::Rope;
///
/// let mut text = Rope::from("naïve 💃\ndance");
/// text.replace(0..5, "nice")?;
/// assert_eq!(text, "nice 💃\ndance");
/// assert_eq!(text.char_of_line(1), Some(7));
/// assert_eq!((text.utf16_of(7), text.byte_of(7)), (Some(8), Some(10)));
/// # Ok::<(), ot_core::OpError>(())
/// ```
#[derive(Clone, Default)]
pub struct Rope {
    /// The text without what was edited last, which Nathan Vegdahl's ropey keeps as a tree.
    tree: ropey::Rope,
    /// The text around the last edit. People go on where they are, so most edits only touch this.
    window: Window,
}

impl Rope {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many code points there are.
    #[must_use]
    pub fn len_chars(&self) -> usize {
        self.tree.len_chars() - self.window.instead + self.window.chars()
    }

    /// How many bytes the text takes as UTF-8.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.tree.len_bytes() - self.instead(Unit::Byte) + self.window.bytes()
    }

    /// How many units the text takes as UTF-16.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        self.tree.len_utf16_cu() - self.instead(Unit::Utf16) + Unit::Utf16.before_in(&self.window, usize::MAX)
    }

    /// How many lines there are: one more than line feeds.
    #[must_use]
    pub fn len_lines(&self) -> usize {
        self.tree.len_lines() - self.instead(Unit::Line) + Unit::Line.before_in(&self.window, usize::MAX)
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len_bytes() == 0
    }

    /// How many bytes are before the position; nothing past the end.
    #[must_use]
    pub fn byte_of(&self, position: usize) -> Option<usize> {
        self.units_before(Unit::Byte, position)
    }

    /// How many UTF-16 units are before the position; nothing past the end.
    #[must_use]
    pub fn utf16_of(&self, position: usize) -> Option<usize> {
        self.units_before(Unit::Utf16, position)
    }

    /// Which line the position is in, counted from 0; nothing past the end.
    #[must_use]
    pub fn line_of(&self, position: usize) -> Option<usize> {
        self.units_before(Unit::Line, position)
    }

    /// The position of the code point that begins at the byte or holds it; nothing past the end.
    #[must_use]
    pub fn char_of_byte(&self, byte: usize) -> Option<usize> {
        (byte <= self.len_bytes()).then(|| self.char_at(Unit::Byte, byte))
    }

    /// The position of the code point that begins at the UTF-16 unit or holds it; nothing past the end.
    #[must_use]
    pub fn char_of_utf16(&self, unit: usize) -> Option<usize> {
        (unit <= self.len_utf16()).then(|| self.char_at(Unit::Utf16, unit))
    }

    /// The position where the line begins, counted from 0; nothing if there are fewer lines.
    #[must_use]
    pub fn char_of_line(&self, line: usize) -> Option<usize> {
        (line < self.len_lines()).then(|| self.char_at(Unit::Line, line))
    }

    /// The text between two positions; nothing if the end is past the end of the text or before the start.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Option<String> {
        (range.start <= range.end && range.end <= self.len_chars()).then(|| {
            let mut text = String::new();
            self.for_each_chunk(range, |chunk| text.push_str(chunk));
            text
        })
    }

    /// The text in pieces, from the first to the last; none is empty.
    pub fn chunks(&self) -> impl Iterator<Item = &str> + '_ {
        let start = self.window.start;
        let before = self.tree.get_slice(..start).into_iter().flat_map(|part| part.chunks());
        let after = self.tree.get_slice(start + self.window.instead..).into_iter().flat_map(|part| part.chunks());
        before.chain(self.window.halves()).chain(after).filter(|chunk| !chunk.is_empty())
    }

    /// Puts `text` in place of what is between two positions.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when the end is past the end of the text or before the start; the text stays as it was.
    pub fn replace(&mut self, range: Range<usize>, text: &str) -> Result<(), OpError> {
        if range.start > range.end || range.end > self.len_chars() {
            return Err(OpError::new(
                OpErrorKind::OutOfRange,
                format!("positions {} to {}", range.start, range.end),
                format!("the text has {} characters", self.len_chars()),
            ));
        }
        self.delete(range.start, range.end - range.start);
        self.insert(range.start, Counted::new(text));
        Ok(())
    }

    /// Inserts at a position that is within the text.
    #[inline]
    pub(super) fn insert(&mut self, position: usize, text: Counted<'_>) {
        if position < self.window.start || position > self.window.end() || self.window.bytes() > LARGE {
            self.reach(position, position);
        }
        self.window.insert(position - self.window.start, text);
    }

    /// Deletes code points that are within the text.
    #[inline]
    pub(super) fn delete(&mut self, position: usize, count: usize) {
        let end = position + count;
        if end < self.window.start || position > self.window.end() || self.window.bytes() > LARGE {
            self.reach(position, end);
        }
        // What is on either side of the window goes by standing for more of the tree.
        let before = self.window.start.saturating_sub(position);
        let behind = end.saturating_sub(self.window.end());
        let inside = count - before - behind;
        if inside > 0 {
            self.window.delete((position + before) - self.window.start, inside);
        }
        self.window.start -= before;
        self.window.instead += before + behind;
    }

    /// Calls `visit` with the text between two positions, which are within it, piece by piece.
    pub(super) fn for_each_chunk(&self, range: Range<usize>, mut visit: impl FnMut(&str)) {
        let (start, end) = (self.window.start, self.window.end());
        let mut tree = |from: usize, to: usize| {
            if from < to {
                self.tree.get_slice(from..to).into_iter().flat_map(|part| part.chunks()).for_each(&mut visit);
            }
        };
        tree(range.start.min(start), range.end.min(start));
        if range.start < end && range.end > start {
            let skipped = range.start.saturating_sub(start);
            let mut left = range.end.min(end) - range.start.max(start);
            let mut skipped_left = skipped;
            for half in self.window.halves() {
                let half = Counted::new(half);
                let (_, rest) = half.split_at(skipped_left.min(half.chars));
                skipped_left -= skipped_left.min(half.chars);
                let (wanted, _) = rest.split_at(left.min(rest.chars));
                left -= wanted.chars;
                visit(wanted.text);
            }
        }
        let mut tree = |from: usize, to: usize| {
            if from < to {
                self.tree.get_slice(from..to).into_iter().flat_map(|part| part.chunks()).for_each(&mut visit);
            }
        };
        tree(self.in_tree(range.start.max(end)), self.in_tree(range.end.max(end)));
    }

    /// The code point of the tree at a position behind the window.
    fn in_tree(&self, position: usize) -> usize {
        position - self.window.chars() + self.window.instead
    }

    /// How many units the tree has where the window stands.
    fn instead(&self, unit: Unit) -> usize {
        if self.window.instead == 0 {
            return 0;
        }
        let start = self.window.start;
        unit.before(&self.tree, start + self.window.instead) - unit.before(&self.tree, start)
    }

    fn units_before(&self, unit: Unit, position: usize) -> Option<usize> {
        let window = &self.window;
        if position > self.len_chars() {
            None
        } else if position <= window.start {
            Some(unit.before(&self.tree, position))
        } else if position <= window.end() {
            Some(unit.before(&self.tree, window.start) + unit.before_in(window, position - window.start))
        } else {
            let inside = unit.before_in(window, usize::MAX);
            Some(unit.before(&self.tree, self.in_tree(position)) - self.instead(unit) + inside)
        }
    }

    fn char_at(&self, unit: Unit, units: usize) -> usize {
        let window = &self.window;
        let before = unit.before(&self.tree, window.start);
        if units <= before {
            return unit.char_at(&self.tree, units);
        }
        let inside = unit.before_in(window, usize::MAX);
        if units <= before + inside {
            window.start + unit.char_in(window, units - before)
        } else {
            let position = unit.char_at(&self.tree, units - inside + self.instead(unit));
            position - window.instead + window.chars()
        }
    }

    /// Sees to it that the window touches what is between two positions, which it does not or is too large.
    fn reach(&mut self, from: usize, to: usize) {
        let (start, end) = (self.window.start, self.window.end());
        let is_open = self.window.instead + self.window.chars() > 0 && self.window.bytes() <= LARGE;
        if is_open && to < start && start - to <= NEAR {
            let mut at = 0;
            for chunk in self.tree.get_slice(to..start).into_iter().flat_map(|part| part.chunks()) {
                let chunk = Counted::new(chunk);
                self.window.insert(at, chunk);
                at += chunk.chars;
            }
            self.window.instead += start - to;
            self.window.start = to;
        } else if is_open && from > end && from - end <= NEAR {
            let behind = self.in_tree(end)..self.in_tree(from);
            for chunk in self.tree.get_slice(behind).into_iter().flat_map(|part| part.chunks()) {
                self.window.insert(self.window.chars(), Counted::new(chunk));
            }
            self.window.instead += from - end;
        } else {
            self.close();
            self.window.open(from);
        }
    }

    /// Puts the window into the tree.
    fn close(&mut self) {
        let (start, instead) = (self.window.start, self.window.instead);
        // Both are within the tree, so it takes them.
        if instead > 0 {
            let _ = self.tree.try_remove(start..start + instead);
        }
        if self.window.chars() > 0 {
            let _ = self.tree.try_insert(start, self.window.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks every question against the plain text.
    fn agrees(rope: &Rope, text: &str) {
        assert_eq!(rope.to_string(), text);
        assert_eq!(*rope, text);
        assert_eq!(*rope, Rope::from(text));
        assert_eq!(rope.len_bytes(), text.len());
        let letters: Vec<char> = text.chars().collect();
        assert_eq!(rope.len_chars(), letters.len());
        assert_eq!(rope.len_lines(), text.matches('\n').count() + 1);
        let (mut byte, mut utf16, mut line) = (0, 0, 0);
        for (position, letter) in letters.iter().enumerate() {
            assert_eq!(rope.byte_of(position), Some(byte));
            assert_eq!(rope.utf16_of(position), Some(utf16));
            assert_eq!(rope.line_of(position), Some(line));
            (byte..byte + letter.len_utf8()).for_each(|byte| assert_eq!(rope.char_of_byte(byte), Some(position)));
            (utf16..utf16 + letter.len_utf16()).for_each(|unit| assert_eq!(rope.char_of_utf16(unit), Some(position)));
            byte += letter.len_utf8();
            utf16 += letter.len_utf16();
            if *letter == '\n' {
                line += 1;
                assert_eq!(rope.char_of_line(line), Some(position + 1));
            }
        }
        assert_eq!(rope.len_utf16(), utf16);
        let end = letters.len();
        assert_eq!((rope.char_of_byte(byte), rope.char_of_utf16(utf16)), (Some(end), Some(end)));
        assert_eq!((rope.char_of_line(0), rope.char_of_line(line + 1)), (Some(0), None));
        assert_eq!(
            (rope.byte_of(end + 1), rope.char_of_byte(byte + 1), rope.char_of_utf16(utf16 + 1)),
            (None, None, None)
        );
        for start in (0..=end).step_by(end / 7 + 1) {
            for stop in (start..=end).step_by(end / 7 + 1) {
                assert_eq!(rope.slice(start..stop), Some(letters[start..stop].iter().collect()));
            }
        }
    }

    #[test]
    fn every_unit_agrees_with_the_plain_text_through_thousands_of_edits() {
        let mut seed = 7_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % limit
        };
        let mut text: Vec<char> = "Ein Tänzer 💃 tanzt.\nUnd noch einer.\r\n".repeat(900).chars().collect();
        let mut rope = Rope::from(text.iter().collect::<String>().as_str());
        let mut at = 0;
        for round in 0..3_000 {
            match below(9) {
                0 => at = below(text.len() + 1),
                1 => at = (at + below(5_000)).min(text.len()),
                2 => at = at.saturating_sub(below(5_000)),
                _ => {}
            }
            let most = if below(50) == 0 { 1_200 } else { 3 };
            let end = (at + below(most)).min(text.len());
            let times = if below(60) == 0 { 400 } else { below(3) };
            let new = ["a", "é", "💃", "\n", "word "][below(5)].repeat(times);
            rope.replace(at..end, &new).unwrap();
            text.splice(at..end, new.chars());
            at = match below(3) {
                0 => at.saturating_sub(1),
                _ => at + new.chars().count(),
            };
            if round % 200 == 0 {
                assert_eq!(rope, text.iter().collect::<String>());
            }
        }
        // Every question is asked of a shorter text, since there are many.
        let left = text.len() - 3_000;
        rope.replace(1_500..1_500 + left, "").unwrap();
        text.drain(1_500..1_500 + left);
        agrees(&rope, &text.iter().collect::<String>());
    }

    #[test]
    fn a_copy_stays_as_it_was() {
        let mut text = Rope::from("one two");
        text.replace(3..3, "!").unwrap();
        let copy = text.clone();
        text.replace(0..4, "").unwrap();
        assert_eq!(text, " two");
        assert_eq!(copy, "one! two");
    }

    #[test]
    fn a_range_that_is_not_there_is_refused_and_changes_nothing() {
        let mut text = Rope::from("short");
        assert_eq!(text.replace(3..9, "x").unwrap_err().kind(), OpErrorKind::OutOfRange);
        assert_eq!(text.replace(Range { start: 3, end: 2 }, "x").unwrap_err().kind(), OpErrorKind::OutOfRange);
        assert_eq!((text.slice(3..9), text.slice(Range { start: 3, end: 2 })), (None, None));
        assert_eq!(text, "short");
    }

    #[test]
    fn an_empty_text_has_one_line() {
        agrees(&Rope::new(), "");
    }
}
