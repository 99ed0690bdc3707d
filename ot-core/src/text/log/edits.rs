use std::ops::Range;

use super::{Kind, LoggedRun, Stretch, TextLog};

/// A change at one place of a text: `delete` code points go from `position` on, and `insert` comes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEdit<'a> {
    /// How many code points stay before.
    pub position: usize,
    /// How many code points go.
    pub delete: usize,
    /// What comes.
    pub insert: &'a str,
}

/// Ops of a [`TextLog`] as edits: see [`TextLog::edits`].
#[derive(Clone, Debug)]
pub struct Edits<'a> {
    log: &'a TextLog,
    /// The stretches from that of the next op on.
    stretches: &'a [Stretch],
    /// The next op, and the end of the range.
    ops: Range<usize>,
    /// What is left of an op of several runs.
    runs: std::slice::Iter<'a, LoggedRun>,
    /// Where in the text the next of these runs acts, and where in the buffer its text is.
    position: usize,
    text: usize,
}

impl<'a> Edits<'a> {
    pub(super) fn new(log: &'a TextLog, ops: Range<usize>) -> Self {
        let ops = ops.start..ops.end.min(log.len);
        let stretches = log.stretches.get(log.stretch_of(ops.start)..).unwrap_or_default();
        Self { log, stretches, ops, runs: [].iter(), position: 0, text: 0 }
    }

    /// What comes next of the op of several runs; nothing at its end.
    fn next_of_runs(&mut self) -> Option<TextEdit<'a>> {
        loop {
            match *self.runs.next()? {
                LoggedRun::Retain(count) => self.position = self.position.saturating_add(count),
                LoggedRun::Insert(bytes) => {
                    let insert = self.log.text_at(self.text, bytes);
                    let edit = TextEdit { position: self.position, delete: 0, insert };
                    self.position = self.position.saturating_add(insert.chars().count());
                    self.text += bytes;
                    return Some(edit);
                }
                LoggedRun::Delete(delete) => return Some(TextEdit { position: self.position, delete, insert: "" }),
            }
        }
    }

    /// The ops of the next stretch that are in the range, counted from the first of the stretch.
    fn next_stretch(&mut self) -> Option<(&'a Stretch, Range<usize>)> {
        let (stretch, rest) = self.stretches.split_first().filter(|_| !self.ops.is_empty())?;
        let end = rest.first().map_or(self.ops.end, |next| next.first.min(self.ops.end));
        let offsets = self.ops.start - stretch.first..end - stretch.first;
        self.ops.start = end;
        self.stretches = rest;
        Some((stretch, offsets))
    }

    /// Whether the next stretch goes on inserting at `position`, which happens where letters of other widths follow.
    fn inserts_on(&self, position: usize) -> bool {
        let next = self.stretches.first().filter(|_| !self.ops.is_empty());
        next.is_some_and(|next| next.kind == Kind::Insert && next.position == position)
    }
}

impl<'a> Iterator for Edits<'a> {
    type Item = TextEdit<'a>;

    fn next(&mut self) -> Option<TextEdit<'a>> {
        loop {
            if let Some(edit) = self.next_of_runs() {
                return Some(edit);
            }
            let (stretch, offsets) = self.next_stretch()?;
            match stretch.kind {
                Kind::Insert => {
                    let position = stretch.place(offsets.start);
                    let start = stretch.text + offsets.start * stretch.bytes;
                    let mut end = stretch.text + offsets.end * stretch.bytes;
                    let mut behind = stretch.place(offsets.end);
                    while self.inserts_on(behind) {
                        let Some((next, offsets)) = self.next_stretch() else { break };
                        end = next.text + offsets.end * next.bytes;
                        behind = next.place(offsets.end);
                    }
                    return Some(TextEdit { position, delete: 0, insert: self.log.text_at(start, end - start) });
                }
                Kind::Delete => {
                    return Some(TextEdit {
                        position: stretch.position,
                        delete: stretch.each * offsets.len(),
                        insert: "",
                    });
                }
                Kind::Backspace => {
                    let position = stretch.place(offsets.end.saturating_sub(1));
                    return Some(TextEdit { position, delete: stretch.each * offsets.len(), insert: "" });
                }
                Kind::Runs => {
                    self.runs = self.log.runs_of(stretch).iter();
                    self.position = 0;
                    self.text = stretch.text;
                }
            }
        }
    }
}
