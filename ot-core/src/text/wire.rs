//! The JSON form of ops: that of ottypes `text-unicode`.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::TextOp;
use super::runs::{Counted, Run, count_chars};
use crate::{OpError, OpErrorKind};

impl From<&TextOp> for Value {
    fn from(op: &TextOp) -> Self {
        let runs = op.runs().map(|run| match run {
            Run::Retain(count) => Self::from(count),
            Run::Insert(text) => Self::from(text),
            Run::Delete(count) => {
                let mut delete = Map::new();
                delete.insert("d".to_owned(), Self::from(count));
                Self::Object(delete)
            }
        });
        Self::Array(runs.collect())
    }
}

impl TryFrom<Value> for TextOp {
    type Error = OpError;

    /// # Errors
    ///
    /// Returns an [`OpError`] when the value is no op.
    fn try_from(value: Value) -> Result<Self, OpError> {
        let Value::Array(list) = value else {
            return Err(malformed("a text op is a list of counts, texts and deletes"));
        };
        let mut op = Self::new();
        for element in list {
            match element {
                Value::String(text) if !text.is_empty() => op.push_insert(Counted::new(&text)),
                Value::Object(mut delete) if delete.len() == 1 => match delete.remove("d") {
                    Some(Value::String(text)) if !text.is_empty() => op.push_delete(count_chars(&text)),
                    Some(Value::Number(count)) => op.push_delete(length(&count)?),
                    _ => return Err(malformed("what is deleted is a count or a text")),
                },
                Value::Number(count) => op.push_retain(length(&count)?),
                _ => return Err(malformed("a run is a count, a text or a delete, and not empty")),
            }
        }
        Ok(op.finish())
    }
}

fn length(count: &serde_json::Number) -> Result<usize, OpError> {
    let length = count.as_u64().and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
    length.ok_or_else(|| malformed("a count is a whole number above zero"))
}

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the op", hint)
}

impl Serialize for TextOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.runs().len()))?;
        for run in self.runs() {
            match run {
                Run::Retain(count) => list.serialize_element(&count)?,
                Run::Insert(text) => list.serialize_element(text)?,
                Run::Delete(count) => list.serialize_element(&Delete { d: Deleted::Count(count) })?,
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for TextOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = TextOp;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of counts, texts and deletes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<TextOp, A::Error> {
        let mut op = TextOp::new();
        while let Some(element) = list.next_element::<Element>()? {
            match element {
                Element::Insert(text) if !text.is_empty() => op.push_insert(Counted::new(&text)),
                Element::Retain(count) if count > 0 => op.push_retain(count),
                Element::Delete(Delete { d }) if d.count() > 0 => op.push_delete(d.count()),
                _ => return Err(de::Error::custom("a run of a text op is empty")),
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
            Self::Text(text) => count_chars(text),
        }
    }
}
