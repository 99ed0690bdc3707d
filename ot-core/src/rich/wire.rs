//! The JSON form of a Delta: reading and writing.

use serde::de::Error as _;
use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::attributes::{Attributes, check, check_embed};
use super::delta::{Content, Delta, Run};
use super::document::Document;
use super::pieces::Slice;
use crate::{OpError, OpErrorKind};

impl Serialize for Delta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut delta = serializer.serialize_struct("Delta", 1)?;
        delta.serialize_field("ops", self.runs())?;
        delta.end()
    }
}

impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(None)?;
        let attributes = match self {
            Self::Insert(Content::Text(text), attributes) => {
                entries.serialize_entry("insert", text)?;
                Some(attributes)
            }
            Self::Insert(Content::Embed(embed), attributes) => {
                entries.serialize_entry("insert", embed)?;
                Some(attributes)
            }
            Self::Retain(count, attributes) => {
                entries.serialize_entry("retain", count)?;
                Some(attributes)
            }
            Self::Delete(count) => {
                entries.serialize_entry("delete", count)?;
                None
            }
        };
        if let Some(attributes) = attributes.filter(|attributes| !attributes.is_empty()) {
            entries.serialize_entry("attributes", attributes)?;
        }
        entries.end()
    }
}

impl<'de> Deserialize<'de> for Delta {
    /// Reads `{"ops":[…]}` or the list alone.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_delta().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TryFrom<Value> for Document {
    type Error = OpError;

    /// # Errors
    ///
    /// Returns an [`OpError`] when the value is no document.
    fn try_from(value: Value) -> Result<Self, OpError> {
        read(value).and_then(Self::try_from)
    }
}

impl TryFrom<Value> for Delta {
    type Error = OpError;

    /// # Errors
    ///
    /// Returns an [`OpError`] when the value is no op.
    fn try_from(value: Value) -> Result<Self, OpError> {
        read(value)
    }
}

impl From<&Delta> for Value {
    fn from(delta: &Delta) -> Self {
        let runs = delta.runs().iter().map(|run| Self::Object(written(run))).collect();
        Self::Object(entry("ops", Self::Array(runs)))
    }
}

impl From<&Document> for Value {
    fn from(document: &Document) -> Self {
        Self::from(document.as_delta())
    }
}

fn written(run: &Run) -> Map<String, Value> {
    let (mut run, attributes) = match run {
        Run::Insert(Content::Text(text), attributes) => (entry("insert", Value::from(text.as_str())), attributes),
        Run::Insert(Content::Embed(embed), attributes) => (entry("insert", embed.clone()), attributes),
        Run::Retain(count, attributes) => (entry("retain", Value::from(*count)), attributes),
        Run::Delete(count) => return entry("delete", Value::from(*count)),
    };
    if !attributes.is_empty() {
        run.insert("attributes".to_owned(), Value::Object(attributes.clone()));
    }
    run
}

fn entry(name: &str, value: Value) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert(name.to_owned(), value);
    map
}

fn read(value: Value) -> Result<Delta, OpError> {
    let list = match value {
        Value::Object(mut entries) if entries.len() == 1 => entries.remove("ops"),
        value => Some(value),
    };
    let Some(Value::Array(list)) = list else {
        return Err(malformed("a Delta is a list of runs, or an object with the one entry `ops`, which is the list"));
    };
    let mut delta = Delta::new();
    for entry in list {
        match entry {
            Value::Object(entries) => read_run(entries, &mut delta)?,
            _ => return Err(malformed("a run is an object")),
        }
    }
    Ok(delta)
}

fn read_run(mut entries: Map<String, Value>, delta: &mut Delta) -> Result<(), OpError> {
    let mut take = |name: &str| entries.remove(name).filter(|value| !value.is_null());
    let attributes = match take("attributes") {
        None => Attributes::new(),
        Some(Value::Object(attributes)) => attributes,
        Some(_) => return Err(malformed("attributes are an object")),
    };
    check(&attributes)?;
    match (take("insert"), take("retain"), take("delete")) {
        (Some(Value::String(text)), None, None) => delta.push_insert(Slice::Text(&text), attributes),
        (Some(embed), None, None) => {
            check_embed(&embed)?;
            delta.push_insert(Slice::Embed(&embed), attributes);
        }
        (None, Some(retained), None) => delta.push_retain(count(&retained)?, attributes),
        (None, None, Some(deleted)) if attributes.is_empty() => delta.push_delete(count(&deleted)?),
        (None, None, Some(_)) => return Err(malformed("what is deleted has no attributes")),
        _ => return Err(malformed("a run has one of `insert`, `retain`, `delete`")),
    }
    if entries.is_empty() { Ok(()) } else { Err(malformed("a run has nothing beside its attributes")) }
}

fn count(value: &Value) -> Result<usize, OpError> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| malformed("a length is a whole number: ops inside embeds are not accepted"))
}

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the op", hint)
}
