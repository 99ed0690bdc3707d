//! A text by lines, and what an edit does to them: what is drawn of a memo, before there is any HTML.

use ot_core::text::{Run, TextOp};

/// The lines of a text. There is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    lines: Vec<String>,
}

/// Lines that come in place of others: `removed` of them, from the line `at` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub(super) at: usize,
    pub(super) removed: usize,
    pub(super) inserted: Vec<String>,
}

/// A place in the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The line.
    pub(super) line: usize,
    /// The code points before it in the line.
    pub(super) chars: usize,
}

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        Self { lines: text.split('\n').map(str::to_owned).collect() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// The line `index`; nothing stands in one that is not there.
    pub(super) fn line(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", String::as_str)
    }

    /// How many code points the text has.
    pub(super) fn chars(&self) -> usize {
        let inside: usize = self.lines.iter().map(|line| line.chars().count()).sum();
        inside.saturating_add(self.lines.len()).saturating_sub(1)
    }

    /// Where the code point `offset` is; the end of the text for all behind it.
    pub(super) fn place(&self, offset: usize) -> Place {
        let mut rest = offset;
        for (line, text) in self.lines.iter().enumerate() {
            let chars = text.chars().count();
            if rest <= chars {
                return Place { line, chars: rest };
            }
            rest = rest.saturating_sub(chars).saturating_sub(1);
        }
        let line = self.lines.len().saturating_sub(1);
        Place { line, chars: self.line(line).chars().count() }
    }

    /// The code points before `place`.
    pub(super) fn offset(&self, place: Place) -> usize {
        let before = self.lines.iter().take(place.line);
        before.map(|line| line.chars().count().saturating_add(1)).sum::<usize>().saturating_add(place.chars)
    }

    /// The text between two offsets.
    pub(super) fn text(&self, start: usize, end: usize) -> String {
        let (from, to) = (self.place(start), self.place(end));
        let part = |index: usize, line: &String| -> String {
            let first = if index == from.line { from.chars } else { 0 };
            let last = if index == to.line { to.chars } else { usize::MAX };
            line.chars().take(last).skip(first).collect()
        };
        let lines =
            self.lines.iter().enumerate().skip(from.line).take(to.line.saturating_sub(from.line).saturating_add(1));
        lines.map(|(index, line)| part(index, line)).collect::<Vec<_>>().join("\n")
    }

    /// Applies `op`, and says what is to be drawn anew, in the order in which it is to be done.
    pub(super) fn apply(&mut self, op: &TextOp) -> Vec<Patch> {
        // From the last edit to the first, so that the places before it stay what they are.
        let mut edits = edits(op);
        edits.reverse();
        edits
            .into_iter()
            .map(|edit| self.replace(edit.at, edit.at.saturating_add(edit.deleted), edit.inserted))
            .collect()
    }

    fn replace(&mut self, start: usize, end: usize, inserted: &str) -> Patch {
        let (from, to) = (self.place(start), self.place(end));
        let head: String = self.line(from.line).chars().take(from.chars).collect();
        let tail: String = self.line(to.line).chars().skip(to.chars).collect();
        let new: Vec<String> = format!("{head}{inserted}{tail}").split('\n').map(str::to_owned).collect();
        let removed = to.line.saturating_sub(from.line).saturating_add(1);
        let last = from.line.saturating_add(removed).min(self.lines.len());
        self.lines.splice(from.line..last, new.iter().cloned());
        Patch { at: from.line, removed, inserted: new }
    }
}

/// Something that an op does at one place, which counts in the text before the op.
struct Edit<'a> {
    at: usize,
    deleted: usize,
    inserted: &'a str,
}

fn edits(op: &TextOp) -> Vec<Edit<'_>> {
    let mut at = 0_usize;
    let mut edits: Vec<Edit<'_>> = Vec::new();
    for run in op.runs() {
        match run {
            Run::Retain(count) => at = at.saturating_add(count),
            Run::Insert(inserted) => edits.push(Edit { at, deleted: 0, inserted }),
            Run::Delete(deleted) => {
                edits.push(Edit { at, deleted, inserted: "" });
                at = at.saturating_add(deleted);
            }
        }
    }
    edits
}

/// How many UTF-16 units the first `chars` code points of `line` have: what browsers count in.
pub(super) fn units_of(line: &str, chars: usize) -> u32 {
    let units = line.chars().take(chars).map(char::len_utf16).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// How many code points begin within the first `units` UTF-16 units of `line`.
pub(super) fn chars_of(line: &str, units: u32) -> usize {
    let mut seen = 0_u32;
    line.chars()
        .take_while(|letter| {
            let is_before = seen < units;
            seen = seen.saturating_add(u32::try_from(letter.len_utf16()).unwrap_or(2));
            is_before
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ot_core::text::apply_to_string;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Carries out `patches` as the page does.
    fn drawn(before: &str, patches: &[Patch]) -> String {
        let mut lines: Vec<String> = before.split('\n').map(str::to_owned).collect();
        for patch in patches {
            lines.splice(patch.at..patch.at + patch.removed, patch.inserted.iter().cloned());
        }
        lines.join("\n")
    }

    #[test]
    fn what_is_drawn_is_what_the_op_makes_of_the_text() {
        let text = "Apple\n\n𝛼 grows\nby 5 %\nend";
        let length = text.chars().count();
        for start in 0..=length {
            for deleted in 0..=(length - start) {
                for inserted in ["", "x", "\n", "a\n\n𝛽", "\r"] {
                    // A second edit behind the first one, where there is room.
                    let mut op = TextOp::edit(start, deleted, inserted);
                    if start + deleted + 1 < length {
                        op = op.retain(1).insert("!\n");
                    }
                    let mut expected = text.to_owned();
                    apply_to_string(&mut expected, &op).unwrap();
                    let mut lines = Lines::new(text);
                    let patches = lines.apply(&op);
                    assert_eq!(drawn(text, &patches), expected, "{op:?}");
                    assert_eq!(lines, Lines::new(&expected), "{op:?}");
                }
            }
        }
    }

    #[test]
    fn places_and_offsets_say_the_same() {
        let text = "ab\n\n𝛼c";
        let lines = Lines::new(text);
        for offset in 0..=text.chars().count() {
            assert_eq!(lines.offset(lines.place(offset)), offset);
        }
        assert_eq!(lines.place(3), Place { line: 1, chars: 0 });
        assert_eq!(lines.place(99), Place { line: 2, chars: 2 });
        assert_eq!(lines.chars(), 6);
    }

    #[test]
    fn a_stretch_of_the_text_is_what_stands_there() {
        let lines = Lines::new("ab\n\n𝛼c");
        assert_eq!(lines.text(1, 5), "b\n\n𝛼");
        assert_eq!(lines.text(4, 4), "");
        assert_eq!(lines.text(0, 99), "ab\n\n𝛼c");
    }

    #[test]
    fn browsers_count_astral_letters_twice() {
        assert_eq!((units_of("𝛼c", 1), units_of("𝛼c", 2)), (2, 3));
        assert_eq!((chars_of("𝛼c", 2), chars_of("𝛼c", 3), chars_of("𝛼c", 0)), (1, 2, 0));
    }
}
