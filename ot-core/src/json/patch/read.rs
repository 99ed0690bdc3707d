//! From a JSON Patch to an op.

use serde_json::{Map, Number, Value};

use super::{pointer, put, take};
use crate::json::MAX_DEPTH;
use crate::json::apply::is_shallow;
use crate::json::builder::{Builder, value_at};
use crate::json::op::JsonOp;
use crate::json::path::{Path, PathSegment};
use crate::json::wire::Descent;
use crate::{OpError, OpErrorKind};

/// One operation, as it is read.
pub(super) struct Operation<'a> {
    fields: &'a Map<String, Value>,
    index: usize,
}

/// Adds what an operation does to what was built before.
pub(super) fn read(builder: &mut Builder, index: usize, operation: &Value) -> Result<(), OpError> {
    let fields = operation.as_object().ok_or_else(|| {
        OpError::new(OpErrorKind::Malformed, format!("operation {index}"), "an operation is an object")
    })?;
    let operation = Operation { fields, index };
    let op = operation.op(builder.document_mut())?;
    builder.push(op).map_err(|inner| {
        let place = format!("operation {index}, {}", inner.place());
        OpError::new(inner.kind(), place, inner.hint())
    })
}

impl Operation<'_> {
    fn op(&self, document: &mut Value) -> Result<JsonOp, OpError> {
        let name = self.text("op")?;
        let to = self.text("path")?;
        match name {
            "add" => self.add(document, self.place(document, to)?, self.value()?.clone()),
            "remove" => Ok(JsonOp::remove(self.existing(document, to)?)),
            "replace" => Ok(JsonOp::replace(self.existing(document, to)?, self.value()?.clone())),
            "move" => self.moved(document, self.text("from")?, to),
            "copy" => {
                let from = self.existing(document, self.text("from")?)?;
                let value = value_at(document, &from.0).cloned().unwrap_or_default();
                self.add(document, self.place(document, to)?, value)
            }
            "test" => {
                let place = self.existing(document, to)?;
                let value = self.value()?;
                if !is_shallow(value, MAX_DEPTH) {
                    return Err(self.error(OpErrorKind::TooLarge, to, "the value is too deep"));
                }
                match value_at(document, &place.0) {
                    Some(found) if is_equal(found, value) => Ok(JsonOp::noop()),
                    _ => Err(self.error(OpErrorKind::TestFailed, to, "another value is there")),
                }
            }
            _ => Err(self.error(
                OpErrorKind::Malformed,
                "`op`",
                "an operation is one of `add`, `remove`, `replace`, `move`, `copy`, `test`",
            )),
        }
    }

    /// Puts a value into a list, or at a key, whatever is there.
    fn add(&self, document: &Value, place: Path, value: Value) -> Result<JsonOp, OpError> {
        let into_list = matches!(place.0.last(), Some(PathSegment::Index(_)));
        let is_nothing = place.0.is_empty() && document.is_null();
        if into_list || is_nothing || value_at(document, &place.0).is_none() {
            Ok(JsonOp::insert(place, value))
        } else {
            Ok(JsonOp::replace(place, value))
        }
    }

    fn moved(&self, document: &mut Value, from: &str, to: &str) -> Result<JsonOp, OpError> {
        let source = self.existing(document, from)?;
        if from == to {
            return Ok(JsonOp::noop());
        }
        if to.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
            return Err(self.error(OpErrorKind::Malformed, to, "a value can't move into itself"));
        }
        // Where it goes is said of the document without it.
        let value = take(document, &source.0);
        let target = self.place(document, to);
        let is_taken = target.as_ref().is_ok_and(|target| value_at(document, &target.0).is_some());
        put(document, &source.0, value);

        let target = target?;
        let mut before = Descent::pick(0).at(&source.0);
        let into_list = matches!(target.0.last(), Some(PathSegment::Index(_)));
        if is_taken && !into_list {
            // What is in the way goes, from its place in the document before.
            before.merge(Descent::remove().at(&with(&target, &source).0));
        }
        JsonOp::of_halves(before, Descent::drop(0).at(&target.0))
    }

    /// Where a pointer leads, whether or not there is a value; in a list no further than its end.
    fn place(&self, document: &Value, pointer: &str) -> Result<Path, OpError> {
        let tokens =
            pointer::parse(pointer).ok_or_else(|| self.error(OpErrorKind::Malformed, pointer, "no JSON Pointer"))?;
        let missing = || self.error(OpErrorKind::Missing, pointer, "there is nothing");
        let mut path = Path::default();
        let mut here = Some(document);
        for token in &tokens {
            let around = here.ok_or_else(missing)?;
            let step = pointer::step(around, token).ok_or_else(|| {
                self.error(OpErrorKind::WrongKind, pointer, "a step leads into no object and no list")
            })?;
            if let (PathSegment::Index(index), Value::Array(items)) = (&step, around)
                && *index > items.len()
            {
                return Err(self.error(OpErrorKind::OutOfRange, pointer, "the list ends before"));
            }
            here = value_at(around, std::slice::from_ref(&step));
            path.0.push(step);
        }
        Ok(path)
    }

    /// Where a pointer leads to a value.
    fn existing(&self, document: &Value, pointer: &str) -> Result<Path, OpError> {
        let place = self.place(document, pointer)?;
        match value_at(document, &place.0) {
            Some(_) => Ok(place),
            None => Err(self.error(OpErrorKind::Missing, pointer, "there is nothing")),
        }
    }

    fn text(&self, name: &str) -> Result<&str, OpError> {
        let found = self.fields.get(name).and_then(Value::as_str);
        found.ok_or_else(|| self.error(OpErrorKind::Malformed, &format!("`{name}`"), "a string is missing"))
    }

    fn value(&self) -> Result<&Value, OpError> {
        self.fields.get("value").ok_or_else(|| self.error(OpErrorKind::Malformed, "`value`", "a value is missing"))
    }

    fn error(&self, kind: OpErrorKind, place: &str, hint: &str) -> OpError {
        let place = if place.is_empty() { "the root" } else { place };
        OpError::new(kind, format!("operation {}, {place}", self.index), hint)
    }
}

/// A path in the document without what is at `source`, in the document with it.
fn with(path: &Path, source: &Path) -> Path {
    let mut path = path.clone();
    if let Some((PathSegment::Index(removed), around)) = source.0.split_last()
        && path.0.starts_with(around)
        && let Some(PathSegment::Index(index)) = path.0.get_mut(around.len())
        && *index >= *removed
    {
        *index = index.saturating_add(1);
    }
    path
}

/// As RFC 6902 compares: numbers by what they are worth.
fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || is_same_worth(a, b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_equal(a, b)))
        }
        _ => a == b,
    }
}

fn is_same_worth(a: &Number, b: &Number) -> bool {
    // Two integers that are not the same are different, however close their floats are.
    (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
}
