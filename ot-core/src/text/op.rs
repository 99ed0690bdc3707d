use smallvec::SmallVec;

use super::inserted::Inserted;
use super::runs::{Counted, Piece, Pieces, Runs, Step};

/// A change to a text, always in canonical form: no empty run, no two runs of a kind side by side, and a retain at the
/// end counts for nothing.
///
/// Its JSON form is that of ottypes `text-unicode`. An op that inserts or deletes a little at one place allocates
/// nothing, any other op at most twice.
///
/// ```
/// use ot_core::text::TextOp;
///
/// let op = TextOp::new().retain(5).insert("new").delete(3);
/// assert_eq!(serde_json::to_string(&op)?, r#"[5,"new",{"d":3}]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextOp {
    pub(super) steps: SmallVec<[Step; 2]>,
    /// What the runs insert, one behind the other.
    pub(super) inserted: Inserted,
}

impl TextOp {
    /// The op that changes nothing.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Behind the first `position` code points, inserts `text` and deletes `deleted` code points: in one go what
    /// [`retain`](Self::retain), [`insert`](Self::insert) and [`delete`](Self::delete) do one by one.
    ///
    /// ```
    /// use ot_core::text::TextOp;
    ///
    /// assert_eq!(TextOp::edit(5, 3, "new"), TextOp::new().retain(5).insert("new").delete(3));
    /// ```
    #[must_use]
    #[inline]
    pub fn edit(position: usize, deleted: usize, text: &str) -> Self {
        let mut steps = SmallVec::new();
        if position > 0 {
            steps.push(Step::Retain(position));
        }
        if !text.is_empty() {
            let Counted { text, chars } = Counted::new(text);
            steps.push(Step::Insert { bytes: text.len(), chars });
        }
        if deleted > 0 {
            steps.push(Step::Delete(deleted));
        }
        Self { steps, inserted: Inserted::from(text) }
    }

    /// Keeps the next `count` code points.
    #[must_use]
    #[inline]
    pub fn retain(mut self, count: usize) -> Self {
        self.push_retain(count);
        self
    }

    /// Inserts `text` here.
    #[must_use]
    #[inline]
    pub fn insert(mut self, text: &str) -> Self {
        self.push_insert(Counted::new(text));
        self
    }

    /// Deletes the next `count` code points.
    #[must_use]
    #[inline]
    pub fn delete(mut self, count: usize) -> Self {
        self.push_delete(count);
        self
    }

    /// The op that turns `before` into `after` by replacing what lies between their common beginning and their common
    /// end.
    #[must_use]
    pub fn diff(before: &str, after: &str) -> Self {
        let start = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
        let before_rest = before.chars().count() - start;
        let after_rest = after.chars().count() - start;
        let end = before
            .chars()
            .rev()
            .zip(after.chars().rev())
            .take(before_rest.min(after_rest))
            .take_while(|(a, b)| a == b)
            .count();
        let inserted: String = after.chars().skip(start).take(after_rest - end).collect();
        Self::new().retain(start).insert(&inserted).delete(before_rest - end).finish()
    }

    /// Whether the op changes nothing.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        self.steps().is_empty()
    }

    /// The runs from the first to the last, without a retain at the end.
    #[must_use]
    pub fn runs(&self) -> Runs<'_> {
        Runs::new(self.pieces())
    }

    /// The runs as they are kept, without a retain at the end.
    #[inline]
    pub(crate) fn steps(&self) -> &[Step] {
        match self.steps.split_last() {
            Some((Step::Retain(_), rest)) => rest,
            _ => &self.steps,
        }
    }

    /// How many code points a text must have for the op to fit.
    pub(crate) fn length_before(&self) -> usize {
        self.steps().iter().fold(0, |length, step| match step {
            Step::Retain(count) | Step::Delete(count) => length.saturating_add(*count),
            Step::Insert { .. } => length,
        })
    }

    /// What all runs insert, one behind the other.
    #[inline]
    pub(crate) fn inserted(&self) -> &str {
        self.inserted.as_str()
    }

    pub(super) fn pieces(&self) -> Pieces<'_> {
        Pieces::new(self.steps(), self.inserted())
    }

    /// An op without runs that has room for about as many as `first` and `second` together.
    pub(super) fn with_room_for(first: &Self, second: &Self) -> Self {
        let steps = first.steps.len() + second.steps.len();
        if steps <= 4 {
            return Self::default();
        }
        Self {
            steps: SmallVec::with_capacity(steps),
            inserted: Inserted::with_capacity(first.inserted().len() + second.inserted().len()),
        }
    }

    pub(super) fn push(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Retain(count) => self.push_retain(count),
            Piece::Insert(text) => self.push_insert(text),
            Piece::Delete(count) => self.push_delete(count),
        }
    }

    #[inline]
    pub(super) fn push_retain(&mut self, count: usize) {
        if count > 0 {
            match self.steps.last_mut() {
                Some(Step::Retain(length)) => *length = length.saturating_add(count),
                _ => self.push_step(Step::Retain(count)),
            }
        }
    }

    #[inline]
    pub(super) fn push_insert(&mut self, text: Counted<'_>) {
        if !text.text.is_empty() {
            match self.steps.last_mut() {
                Some(Step::Insert { bytes, chars }) => {
                    *bytes += text.text.len();
                    *chars += text.chars;
                }
                _ => self.push_step(Step::Insert { bytes: text.text.len(), chars: text.chars }),
            }
            self.inserted.push_str(text.text);
        }
    }

    #[inline]
    pub(super) fn push_delete(&mut self, count: usize) {
        if count > 0 {
            match self.steps.last_mut() {
                Some(Step::Delete(length)) => *length = length.saturating_add(count),
                _ => self.push_step(Step::Delete(count)),
            }
        }
    }

    #[inline]
    fn push_step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Drops a retain at the end.
    pub(super) fn finish(mut self) -> Self {
        if let Some(Step::Retain(_)) = self.steps.last() {
            self.steps.pop();
        }
        self
    }
}

impl PartialEq for TextOp {
    fn eq(&self, other: &Self) -> bool {
        self.steps() == other.steps() && self.inserted() == other.inserted()
    }
}

impl Eq for TextOp {}
