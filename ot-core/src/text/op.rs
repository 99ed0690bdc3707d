use serde::de::Error as _;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::runs::{Piece, Run};

/// A change to a text, always in canonical form: no empty run, no two runs of a kind side by side, and a retain at the
/// end counts for nothing.
///
/// ```
/// use ot_core::text::TextOp;
///
/// let op = TextOp::new().retain(5).insert("new").delete(3);
/// assert_eq!(serde_json::to_string(&op)?, r#"[5,"new",{"d":3}]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq)]
pub struct TextOp {
    runs: Vec<Run>,
}

impl TextOp {
    /// The op that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the next `count` code points.
    #[must_use]
    pub fn retain(mut self, count: usize) -> Self {
        self.push_retain(count);
        self
    }

    /// Inserts `text` here.
    #[must_use]
    pub fn insert(mut self, text: &str) -> Self {
        self.push_insert(text);
        self
    }

    /// Deletes the next `count` code points.
    #[must_use]
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
        self.runs().is_empty()
    }

    /// The runs, without a retain at the end.
    pub(crate) fn runs(&self) -> &[Run] {
        match self.runs.split_last() {
            Some((Run::Retain(_), rest)) => rest,
            _ => &self.runs,
        }
    }

    pub(super) fn inserted_bytes(&self) -> usize {
        self.runs
            .iter()
            .map(|run| match run {
                Run::Insert(text) => text.len(),
                Run::Retain(_) | Run::Delete(_) => 0,
            })
            .sum()
    }

    pub(super) fn push(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Retain(count) => self.push_retain(count),
            Piece::Insert(text) => self.push_insert(text),
            Piece::Delete(count) => self.push_delete(count),
        }
    }

    pub(super) fn push_retain(&mut self, count: usize) {
        match self.runs.last_mut() {
            _ if count == 0 => {}
            Some(Run::Retain(length)) => *length = length.saturating_add(count),
            _ => self.runs.push(Run::Retain(count)),
        }
    }

    pub(super) fn push_insert(&mut self, text: &str) {
        match self.runs.last_mut() {
            _ if text.is_empty() => {}
            Some(Run::Insert(before)) => before.push_str(text),
            _ => self.runs.push(Run::Insert(text.to_owned())),
        }
    }

    pub(super) fn push_delete(&mut self, count: usize) {
        match self.runs.last_mut() {
            _ if count == 0 => {}
            Some(Run::Delete(length)) => *length = length.saturating_add(count),
            _ => self.runs.push(Run::Delete(count)),
        }
    }

    /// Drops a retain at the end.
    pub(super) fn finish(mut self) -> Self {
        if let Some(Run::Retain(_)) = self.runs.last() {
            self.runs.pop();
        }
        self
    }
}

impl PartialEq for TextOp {
    fn eq(&self, other: &Self) -> bool {
        self.runs() == other.runs()
    }
}

impl Serialize for TextOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let runs = self.runs();
        let mut list = serializer.serialize_seq(Some(runs.len()))?;
        for run in runs {
            match run {
                Run::Retain(count) => list.serialize_element(count)?,
                Run::Insert(text) => list.serialize_element(text)?,
                Run::Delete(count) => list.serialize_element(&Delete { d: Deleted::Count(*count) })?,
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for TextOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut op = Self::new();
        for element in Vec::<Element>::deserialize(deserializer)? {
            match element {
                Element::Insert(text) if !text.is_empty() => op.push_insert(&text),
                Element::Retain(count) if count > 0 => op.push_retain(count),
                Element::Delete(Delete { d }) if d.count() > 0 => op.push_delete(d.count()),
                _ => return Err(D::Error::custom("a run of a text op is empty")),
            }
        }
        Ok(op.finish())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Element {
    Retain(usize),
    Insert(String),
    Delete(Delete),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delete {
    d: Deleted,
}

/// What is deleted: how many code points, or, in the invertible form, which ones.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Deleted {
    Count(usize),
    Text(String),
}

impl Deleted {
    fn count(&self) -> usize {
        match self {
            Self::Count(count) => *count,
            Self::Text(text) => text.chars().count(),
        }
    }
}
