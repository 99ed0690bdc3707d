use serde_json::Value;

use super::attributes::{Attributes, check, check_embed};
use super::pieces::{Piece, Slice};
use crate::OpError;

/// A change to a rich text, always in canonical form: no empty run, no two runs side by side that could be one, an
/// insert before a delete at the same place, no `null` attribute in an insert, and a plain retain at the end counts for
/// nothing.
///
/// ```
/// use ot_core::rich::Delta;
///
/// let op = Delta::new().retain(5).delete(3).insert("new");
/// assert_eq!(serde_json::to_string(&op)?, r#"{"ops":[{"retain":5},{"insert":"new"},{"delete":3}]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq)]
pub struct Delta {
    runs: Vec<Run>,
}

/// One step of a Delta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    /// Inserts something with these attributes.
    Insert(Content, Attributes),
    /// Keeps this many units of length and sets these attributes on them.
    Retain(usize, Attributes),
    /// Deletes this many units of length.
    Delete(usize),
}

/// What stands in a rich text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Characters.
    Text(String),
    /// One thing of length 1, such as an image: any JSON value but a string or `null`.
    Embed(Value),
}

impl Delta {
    /// The op that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the next `count` units.
    #[must_use]
    pub fn retain(self, count: usize) -> Self {
        self.retain_with(count, Attributes::new())
    }

    /// Keeps the next `count` units and sets `attributes` on them; `null` removes one.
    #[must_use]
    pub fn retain_with(mut self, count: usize, attributes: Attributes) -> Self {
        self.push_retain(count, attributes);
        self
    }

    /// Inserts plain `text` here.
    #[must_use]
    pub fn insert(self, text: &str) -> Self {
        self.insert_with(text, Attributes::new())
    }

    /// Inserts `text` with `attributes` here.
    #[must_use]
    pub fn insert_with(mut self, text: &str, attributes: Attributes) -> Self {
        self.push_insert(Slice::Text(text), attributes);
        self
    }

    /// Inserts `embed` here. A string is inserted as text, `null` as nothing.
    #[must_use]
    pub fn embed(mut self, embed: &Value, attributes: Attributes) -> Self {
        match embed {
            Value::Null => {}
            Value::String(text) => self.push_insert(Slice::Text(text), attributes),
            _ => self.push_insert(Slice::Embed(embed), attributes),
        }
        self
    }

    /// Deletes the next `count` units.
    #[must_use]
    pub fn delete(mut self, count: usize) -> Self {
        self.push_delete(count);
        self
    }

    /// Whether the op changes nothing.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        self.runs().is_empty()
    }

    /// The runs, without a plain retain at the end.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        match self.runs.split_last() {
            Some((Run::Retain(_, attributes), rest)) if attributes.is_empty() => rest,
            _ => &self.runs,
        }
    }

    /// Refuses attributes and embeds that are too large, which a program can put together.
    pub(super) fn check(&self) -> Result<(), OpError> {
        for run in &self.runs {
            match run {
                Run::Insert(content, attributes) => {
                    if let Content::Embed(embed) = content {
                        check_embed(embed)?;
                    }
                    check(attributes)?;
                }
                Run::Retain(_, attributes) => check(attributes)?,
                Run::Delete(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Retain(count, attributes) => self.push_retain(count, attributes.clone()),
            Piece::Insert(content, attributes) => self.push_insert(content, attributes.clone()),
            Piece::Delete(count) => self.push_delete(count),
        }
    }

    pub(super) fn push_retain(&mut self, count: usize, attributes: Attributes) {
        match self.runs.last_mut() {
            _ if count == 0 => {}
            Some(Run::Retain(length, before)) if *before == attributes => *length = length.saturating_add(count),
            _ => self.runs.push(Run::Retain(count, attributes)),
        }
    }

    pub(super) fn push_insert(&mut self, content: Slice<'_>, mut attributes: Attributes) {
        if content.is_empty() {
            return;
        }
        attributes.retain(|_, value| !value.is_null());
        // What is inserted where something is deleted stands before it: the document is the same either way.
        let deletes = if let Some(Run::Delete(_)) = self.runs.last() { self.runs.pop() } else { None };
        match (content, self.runs.last_mut()) {
            (Slice::Text(text), Some(Run::Insert(Content::Text(before), same))) if *same == attributes => {
                before.push_str(text);
            }
            _ => self.runs.push(Run::Insert(content.to_content(), attributes)),
        }
        self.runs.extend(deletes);
    }

    pub(super) fn push_delete(&mut self, count: usize) {
        match self.runs.last_mut() {
            _ if count == 0 => {}
            Some(Run::Delete(length)) => *length = length.saturating_add(count),
            _ => self.runs.push(Run::Delete(count)),
        }
    }

    /// Drops a plain retain at the end.
    pub(super) fn finish(mut self) -> Self {
        let length = self.runs().len();
        self.runs.truncate(length);
        self
    }
}

impl PartialEq for Delta {
    fn eq(&self, other: &Self) -> bool {
        self.runs() == other.runs()
    }
}
