//! The ops of a text in a row, in little space.
//!
//! People type letter by letter: most ops continue the one before. A stretch of ops that insert one behind the other,
//! delete at one place, or delete backwards is one entry; what they insert stands in one buffer. Joseph Gentle's and
//! Martin Kleppmann's eg-walker ("Collaborative Text Editing with Eg-walker", 2024) keeps its events the same way.

mod edits;
mod parts;

pub use edits::{Edits, TextEdit};
pub(crate) use parts::Part;

use std::ops::Range;

use super::TextOp;
use super::runs::Step;
use crate::OpLog;

/// The ops of a text in the order in which they were applied, as [`OpLog`] says.
///
/// Adding an op that only inserts or only deletes allocates nothing, but for the growth of what is shared by all ops.
/// Reading an op takes time logarithmic in the number of stretches; [`edits`](Self::edits) takes whole stretches.
///
/// ```
/// use ot_core::OpLog;
/// use ot_core::text::{TextLog, TextOp};
///
/// let mut log = TextLog::default();
/// for (position, letter) in ["a", "b", "c"].into_iter().enumerate() {
///     log.push(&TextOp::new().retain(position).insert(letter));
/// }
/// assert_eq!(log.get(1), Some(TextOp::new().retain(1).insert("b")));
/// assert_eq!(log.edits(0..3).map(|edit| edit.insert).collect::<Vec<_>>(), ["abc"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextLog {
    stretches: Vec<Stretch>,
    /// What ops insert, one op behind the other.
    text: String,
    /// The runs of the ops that neither only insert nor only delete at one place.
    runs: Vec<LoggedRun>,
    len: usize,
}

/// Ops that continue each other.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    kind: Kind,
    /// The index of the first op.
    first: usize,
    /// Where the first op acts; for an op of any runs, where they begin.
    position: usize,
    /// How many code points each op inserts or deletes; or the number of runs of an op of any runs.
    each: usize,
    /// Where in the buffer the text of the first op begins.
    text: usize,
    /// How many bytes each op inserts.
    bytes: usize,
}

/// How ops continue each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Each inserts where the one before ended.
    Insert,
    /// All delete at the same place.
    Delete,
    /// Each deletes right before the place where the one before deleted.
    Backspace,
    /// One op of any runs.
    Runs,
}

/// A run of an op of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoggedRun {
    /// Keeps code points.
    Retain(usize),
    /// Inserts the next so many bytes of the buffer.
    Insert(usize),
    /// Deletes code points.
    Delete(usize),
}

impl TextLog {
    /// The ops in the range as edits to make one after the other, each as long as the ops that continue each other
    /// are. Past the end of the log there are none.
    #[must_use]
    pub fn edits(&self, ops: Range<usize>) -> Edits<'_> {
        Edits::new(self, ops)
    }

    /// The ops from the first to the last.
    pub fn iter(&self) -> impl Iterator<Item = TextOp> + '_ {
        let ends = self.stretches.iter().skip(1).map(|next| next.first).chain([self.len]);
        let stretches = self.stretches.iter().zip(ends);
        stretches.flat_map(|(stretch, end)| (0..end - stretch.first).map(|offset| self.op(stretch, offset)))
    }

    /// Adds an op that inserts `text`, which is not empty and has `each` code points, at `position`.
    #[inline]
    pub(crate) fn push_insert(&mut self, position: usize, text: &str, each: usize) {
        let continues = self.stretches.last().is_some_and(|last| {
            last.kind == Kind::Insert
                && last.bytes == text.len()
                && last.each == each
                && last.place(self.len - last.first) == position
        });
        if !continues {
            self.start(Kind::Insert, position, each, text.len());
        }
        match text.as_bytes() {
            // One byte is an ASCII letter, the most common text; a call costs more than the copy.
            [letter] => self.text.push(char::from(*letter)),
            _ => self.text.push_str(text),
        }
        self.len += 1;
    }

    /// Adds an op that deletes `count` code points, at least one, at `position`.
    pub(crate) fn push_delete(&mut self, position: usize, count: usize) {
        let ops = self.stretches.last().map_or(0, |last| self.len - last.first);
        // What a stretch deletes altogether is always a number that can be counted.
        let countable = count.checked_mul(ops + 1).is_some();
        match self.stretches.last_mut() {
            Some(last) if countable && last.deletes(count) => {
                let back = last.position.checked_sub(ops * count) == Some(position);
                if back && ops == 1 {
                    last.kind = Kind::Backspace;
                }
                let continues = match last.kind {
                    Kind::Delete => last.position == position,
                    _ => back,
                };
                if !continues {
                    self.start(Kind::Delete, position, count, 0);
                }
            }
            _ => self.start(Kind::Delete, position, count, 0),
        }
        self.len += 1;
    }

    fn push_runs(&mut self, op: &TextOp) {
        self.start(Kind::Runs, self.runs.len(), op.steps().len(), 0);
        self.text.push_str(op.inserted());
        self.runs.extend(op.steps().iter().map(|step| match *step {
            Step::Retain(count) => LoggedRun::Retain(count),
            Step::Insert { bytes, .. } => LoggedRun::Insert(bytes),
            Step::Delete(count) => LoggedRun::Delete(count),
        }));
        self.len += 1;
    }

    fn start(&mut self, kind: Kind, position: usize, each: usize, bytes: usize) {
        self.stretches.push(Stretch { kind, first: self.len, position, each, text: self.text.len(), bytes });
    }

    /// The op of a stretch with `offset` ops of the stretch before it.
    fn op(&self, stretch: &Stretch, offset: usize) -> TextOp {
        let place = stretch.place(offset);
        match stretch.kind {
            Kind::Insert => {
                TextOp::new().retain(place).insert(self.text_at(stretch.text + offset * stretch.bytes, stretch.bytes))
            }
            Kind::Delete | Kind::Backspace => TextOp::new().retain(place).delete(stretch.each),
            Kind::Runs => {
                let mut op = TextOp::new();
                let mut text = stretch.text;
                for run in self.runs_of(stretch) {
                    op = match *run {
                        LoggedRun::Retain(count) => op.retain(count),
                        LoggedRun::Insert(bytes) => {
                            let inserted = self.text_at(text, bytes);
                            text += bytes;
                            op.insert(inserted)
                        }
                        LoggedRun::Delete(count) => op.delete(count),
                    };
                }
                op
            }
        }
    }

    fn runs_of(&self, stretch: &Stretch) -> &[LoggedRun] {
        self.runs.as_slice().get(stretch.position..stretch.position + stretch.each).unwrap_or_default()
    }

    fn text_at(&self, start: usize, bytes: usize) -> &str {
        self.text.get(start..start + bytes).unwrap_or_default()
    }

    /// The number of the stretch that holds the op.
    fn stretch_of(&self, op: usize) -> usize {
        self.stretches.partition_point(|stretch| stretch.first <= op).saturating_sub(1)
    }
}

impl Stretch {
    /// Where the op acts that has `offset` ops of the stretch before it.
    fn place(&self, offset: usize) -> usize {
        match self.kind {
            Kind::Insert => self.position.wrapping_add(offset.wrapping_mul(self.each)),
            Kind::Delete | Kind::Runs => self.position,
            Kind::Backspace => self.position - offset * self.each,
        }
    }

    fn deletes(&self, each: usize) -> bool {
        matches!(self.kind, Kind::Delete | Kind::Backspace) && self.each == each
    }
}

/// Two logs of the same ops are equal, whichever way the ops came in.
impl PartialEq for TextLog {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl OpLog<TextOp> for TextLog {
    fn push(&mut self, op: &TextOp) {
        match *op.steps() {
            [Step::Insert { chars, .. }] => self.push_insert(0, op.inserted(), chars),
            [Step::Retain(position), Step::Insert { chars, .. }] => self.push_insert(position, op.inserted(), chars),
            [Step::Delete(count)] => self.push_delete(0, count),
            [Step::Retain(position), Step::Delete(count)] => self.push_delete(position, count),
            _ => self.push_runs(op),
        }
    }

    fn len(&self) -> usize {
        self.len
    }

    fn get(&self, index: usize) -> Option<TextOp> {
        let stretch = self.stretches.as_slice().get(self.stretch_of(index)).filter(|_| index < self.len)?;
        Some(self.op(stretch, index - stretch.first))
    }

    fn drop_first(&mut self, count: usize) {
        if count >= self.len {
            *self = Self::default();
            return;
        }
        self.stretches.drain(..self.stretch_of(count));
        let Some(head) = self.stretches.first_mut() else { return };
        let offset = count - head.first;
        if head.kind != Kind::Runs {
            head.position = head.place(offset);
        }
        head.text += offset * head.bytes;
        head.first = count;
        let text = head.text;
        let runs = self.stretches.iter().find(|stretch| stretch.kind == Kind::Runs);
        let runs = runs.map_or(self.runs.len(), |stretch| stretch.position);
        self.text.drain(..text);
        self.runs.drain(..runs);
        self.len -= count;
        for stretch in &mut self.stretches {
            stretch.first -= count;
            stretch.text -= text;
            if stretch.kind == Kind::Runs {
                stretch.position -= runs;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OtType;
    use crate::text::{Rope, Text};

    fn insert(position: usize, text: &str) -> TextOp {
        TextOp::new().retain(position).insert(text)
    }

    fn delete(position: usize, count: usize) -> TextOp {
        TextOp::new().retain(position).delete(count)
    }

    fn logged(ops: &[TextOp]) -> TextLog {
        let mut log = TextLog::default();
        for op in ops {
            log.push(op);
        }
        log
    }

    /// Typing, a slip taken back, letters of other widths, a paste, deletes in both directions, and odd shapes.
    fn session() -> Vec<TextOp> {
        let mut ops =
            vec![insert(0, "h"), insert(1, "a"), delete(1, 1), insert(1, "é"), insert(2, "l"), insert(3, "l")];
        ops.extend([insert(4, "o"), insert(5, " wide 💃 world"), delete(9, 1), delete(8, 1), delete(7, 1)]);
        ops.extend([delete(2, 1), delete(2, 1), delete(2, 1), TextOp::new()]);
        ops.push(TextOp::new().retain(1).delete(1).insert("ey").retain(2).insert("💃"));
        ops.push(TextOp::new().insert("x").delete(3));
        ops.extend([insert(2, "ab"), insert(4, "cd"), delete(4, 2), delete(2, 2)]);
        ops
    }

    #[test]
    fn every_op_comes_back_as_it_was_added() {
        let ops = session();
        let log = logged(&ops);
        assert_eq!(log.len(), ops.len());
        assert_eq!((0..ops.len()).map(|index| log.get(index).unwrap()).collect::<Vec<_>>(), ops);
        assert_eq!(log.iter().collect::<Vec<_>>(), ops);
        assert_eq!(log.get(ops.len()), None);
    }

    #[test]
    fn typing_and_deleting_on_take_one_entry_each() {
        let mut log = TextLog::default();
        (0..100).for_each(|at| log.push(&insert(7 + at, "x")));
        (0..50).for_each(|at| log.push(&delete(106 - at, 1)));
        (0..50).for_each(|_| log.push(&delete(3, 1)));
        assert_eq!(log.stretches.len(), 3);
    }

    #[test]
    fn dropping_the_first_ops_leaves_the_others_as_they_were() {
        let ops = session();
        for dropped in 0..ops.len() + 2 {
            let mut log = logged(&ops);
            log.drop_first(dropped);
            assert_eq!(log.iter().collect::<Vec<_>>(), ops[dropped.min(ops.len())..], "without the first {dropped}");
            log.push(&insert(2, "more"));
            assert_eq!(log.get(log.len() - 1), Some(insert(2, "more")));
        }
    }

    #[test]
    fn edits_do_what_the_ops_do() {
        let ops = session();
        let log = logged(&ops);
        for end in 0..=ops.len() {
            for start in 0..=end {
                let mut expected = Rope::from("0123456789012345");
                let mut replayed = expected.clone();
                for op in &ops[start..end] {
                    Text::apply(&mut expected, op).unwrap();
                }
                for edit in log.edits(start..end) {
                    let op = TextOp::new().retain(edit.position).insert(edit.insert).delete(edit.delete);
                    Text::apply(&mut replayed, &op).unwrap();
                }
                assert_eq!(replayed, expected, "ops {start}..{end}");
            }
        }
    }

    #[test]
    fn huge_counts_neither_overflow_nor_panic() {
        let ops = [
            insert(usize::MAX, "a"),
            insert(0, "a"),
            delete(usize::MAX, usize::MAX),
            delete(usize::MAX, usize::MAX),
            delete(0, usize::MAX),
            TextOp::new().retain(usize::MAX).delete(usize::MAX).insert("x").retain(9).insert("y"),
        ];
        let log = logged(&ops);
        assert_eq!(log.iter().collect::<Vec<_>>(), ops);
        assert_eq!(log.edits(0..usize::MAX).count(), 7);
    }
}
