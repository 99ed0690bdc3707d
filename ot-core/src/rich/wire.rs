//! The JSON form of a Delta: reading and writing.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::attributes::Attributes;
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
        deserializer.deserialize_any(DeltaVisitor)
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_delta().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Delta::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

struct DeltaVisitor;

impl<'de> Visitor<'de> for DeltaVisitor {
    type Value = Delta;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a Delta: its ops, or an object that holds them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Delta, A::Error> {
        let mut delta = Delta::new();
        while let Some(entry) = list.next_element::<Entry>()? {
            entry.add_to(&mut delta).map_err(A::Error::custom)?;
        }
        Ok(delta)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Delta, A::Error> {
        let mut delta = None;
        while let Some(name) = entries.next_key::<String>()? {
            if name != "ops" || delta.is_some() {
                return Err(A::Error::custom(malformed("a Delta has one entry, `ops`")));
            }
            delta = Some(entries.next_value::<Ops>()?.0);
        }
        delta.ok_or_else(|| A::Error::custom(malformed("a Delta has one entry, `ops`")))
    }
}

/// The list alone, so that objects do not nest.
struct Ops(Delta);

impl<'de> Deserialize<'de> for Ops {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(DeltaVisitor).map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    insert: Option<Value>,
    retain: Option<Value>,
    delete: Option<Value>,
    attributes: Option<Attributes>,
}

impl Entry {
    fn add_to(self, delta: &mut Delta) -> Result<(), OpError> {
        let attributes = self.attributes.unwrap_or_default();
        super::attributes::check(&attributes)?;
        match (self.insert, self.retain, self.delete) {
            (Some(Value::String(text)), None, None) => delta.push_insert(Slice::Text(&text), attributes),
            (Some(embed), None, None) => {
                super::attributes::check_embed(&embed)?;
                delta.push_insert(Slice::Embed(&embed), attributes);
            }
            (None, Some(retained), None) => delta.push_retain(count(&retained)?, attributes),
            (None, None, Some(deleted)) if attributes.is_empty() => delta.push_delete(count(&deleted)?),
            (None, None, Some(_)) => return Err(malformed("what is deleted has no attributes")),
            _ => return Err(malformed("a run has one of `insert`, `retain`, `delete`")),
        }
        Ok(())
    }
}

fn count(value: &Value) -> Result<usize, OpError> {
    let count = value.as_u64().and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| malformed("a length is a whole number: ops inside embeds are not accepted"))
}

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the op", hint)
}
