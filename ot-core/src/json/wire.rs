//! The JSON form of `json1`: reading and writing.
//!
//! On the wire an op is one tree of descents with two meanings: what is removed has its index in the document before,
//! what is inserted or edited has its index in the document after. [`Descent`] is one of the two halves.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::apply::{applied, is_shallow};
use super::change::{Change, Children, JsonOp, Leaf, Node, Step, Steps};
use super::path::PathSegment;
use crate::text::TextOp;
use crate::{OpError, OpErrorKind};

/// What one half of an op does at one place, and below.
#[derive(Debug, Default)]
struct Descent {
    remove: bool,
    insert: Option<Value>,
    leaf: Option<Leaf>,
    below: BTreeMap<PathSegment, Descent>,
}

impl Serialize for JsonOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = Descent::default();
        let mut after = Descent::default();
        if let Some(change) = &self.root {
            split(change, &mut before, &mut after);
        }
        before.merge(after);
        let mut list = Vec::new();
        before.write(&mut list).map_err(serde::ser::Error::custom)?;
        if list.is_empty() { Value::Null.serialize(serializer) } else { list.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for JsonOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut before = Descent::default();
        let mut after = Descent::default();
        match Value::deserialize(deserializer)? {
            Value::Null => {}
            Value::Array(list) => read(list, &mut vec![], &mut before, &mut after).map_err(D::Error::custom)?,
            _ => return Err(D::Error::custom(malformed("an op is a list or null"))),
        }
        let root = join(Some(before), Some(after)).map_err(D::Error::custom)?;
        Ok(Self { root })
    }
}

/// Puts the two halves of a change where they belong.
fn split(change: &Change, before: &mut Descent, after: &mut Descent) {
    match change {
        Change::Remove => before.remove = true,
        Change::Insert(value) => after.insert = Some(value.clone()),
        Change::Replace(value) => {
            before.remove = true;
            after.insert = Some(value.clone());
        }
        Change::Edit(node) => split_node(node, before, after),
    }
}

fn split_node(node: &Node, before: &mut Descent, after: &mut Descent) {
    after.leaf.clone_from(&node.leaf);
    match &node.children {
        Children::None => {}
        Children::Object(changes) => {
            for (key, change) in changes {
                let key = PathSegment::Key(key.clone());
                split(change, before.below.entry(key.clone()).or_default(), after.below.entry(key).or_default());
            }
        }
        Children::List(steps) => {
            let (mut from, mut to) = (0_usize, 0_usize);
            for step in steps.as_slice() {
                match step {
                    Step::Keep(count) => {
                        from = from.saturating_add(*count);
                        to = to.saturating_add(*count);
                    }
                    Step::Remove(count) => {
                        for _ in 0..*count {
                            before.below.entry(PathSegment::Index(from)).or_default().remove = true;
                            from = from.saturating_add(1);
                        }
                    }
                    Step::Insert(value) => {
                        after.below.entry(PathSegment::Index(to)).or_default().insert = Some(value.clone());
                        to = to.saturating_add(1);
                    }
                    Step::Edit(node) => {
                        split_node(
                            node,
                            before.below.entry(PathSegment::Index(from)).or_default(),
                            after.below.entry(PathSegment::Index(to)).or_default(),
                        );
                        from = from.saturating_add(1);
                        to = to.saturating_add(1);
                    }
                }
            }
        }
    }
}

impl Descent {
    /// Lays another half over this one.
    fn merge(&mut self, other: Self) {
        self.remove |= other.remove;
        self.insert = self.insert.take().or(other.insert);
        self.leaf = self.leaf.take().or(other.leaf);
        for (segment, below) in other.below {
            self.below.entry(segment).or_default().merge(below);
        }
    }

    fn is_empty(&self) -> bool {
        !self.remove && self.insert.is_none() && self.leaf.is_none() && self.below.values().all(Self::is_empty)
    }

    fn write(self, list: &mut Vec<Value>) -> serde_json::Result<()> {
        let mut components = Map::new();
        if self.remove {
            components.insert("r".to_owned(), Value::Bool(true));
        }
        if let Some(value) = self.insert {
            components.insert("i".to_owned(), value);
        }
        match self.leaf {
            None => {}
            Some(Leaf::Text(op)) => {
                components.insert("es".to_owned(), serde_json::to_value(op)?);
            }
            Some(Leaf::Add(amount)) => {
                components.insert("ena".to_owned(), Value::Number(amount));
            }
        }
        if !components.is_empty() {
            list.push(Value::Object(components));
        }
        let mut below: Vec<_> = self.below.into_iter().filter(|(_, below)| !below.is_empty()).collect();
        below.sort_by(|(a, _), (b, _)| wire_order(a, b));
        if below.len() == 1 {
            for (segment, below) in below.drain(..) {
                list.push(serde_json::to_value(segment)?);
                below.write(list)?;
            }
        }
        for (segment, below) in below {
            let mut branch = vec![serde_json::to_value(segment)?];
            below.write(&mut branch)?;
            list.push(Value::Array(branch));
        }
        Ok(())
    }
}

/// Indexes before keys; keys in the order of JavaScript, which compares UTF-16 units.
fn wire_order(a: &PathSegment, b: &PathSegment) -> Ordering {
    match (a, b) {
        (PathSegment::Key(a), PathSegment::Key(b)) => a.encode_utf16().cmp(b.encode_utf16()),
        _ => a.cmp(b),
    }
}

/// Reads one list of descents, at `path` so far, into both halves.
fn read(
    list: Vec<Value>,
    path: &mut Vec<PathSegment>,
    before: &mut Descent,
    after: &mut Descent,
) -> Result<(), OpError> {
    let depth = path.len();
    for element in list {
        match element {
            Value::String(key) => descend(PathSegment::Key(key), path)?,
            Value::Number(index) => {
                let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                let index = index.ok_or_else(|| malformed("an index is a whole number"))?;
                descend(PathSegment::Index(index), path)?;
            }
            Value::Object(components) => {
                for (name, value) in components {
                    component(&name, value, path.len(), at(before, path), at(after, path))?;
                }
            }
            Value::Array(branch) => {
                // A branch is at least one step deeper, so the limit on depth bounds the recursion too.
                if !matches!(branch.first(), Some(Value::String(_) | Value::Number(_))) {
                    return Err(malformed("a branch begins with a key or an index"));
                }
                read(branch, path, before, after)?;
            }
            Value::Null | Value::Bool(_) => {
                return Err(malformed("an op holds keys, indexes, components and branches"));
            }
        }
    }
    path.truncate(depth);
    Ok(())
}

fn descend(segment: PathSegment, path: &mut Vec<PathSegment>) -> Result<(), OpError> {
    if path.len() >= MAX_DEPTH {
        return Err(too_deep());
    }
    path.push(segment);
    Ok(())
}

fn too_deep() -> OpError {
    OpError::new(OpErrorKind::TooLarge, "the op", format!("more than {MAX_DEPTH} levels deep"))
}

fn at<'a>(root: &'a mut Descent, path: &[PathSegment]) -> &'a mut Descent {
    path.iter().fold(root, |descent, segment| descent.below.entry(segment.clone()).or_default())
}

fn component(name: &str, value: Value, depth: usize, before: &mut Descent, after: &mut Descent) -> Result<(), OpError> {
    match name {
        // `true`, or whatever was there, in invertible ops.
        "r" => before.remove = true,
        "i" if after.insert.is_some() => return Err(malformed("two values are inserted at one place")),
        "i" if !is_shallow(&value, MAX_DEPTH.saturating_sub(depth)) => return Err(too_deep()),
        "i" => after.insert = Some(value),
        "es" | "ena" if after.leaf.is_some() => return Err(malformed("a value is edited as a string and as a number")),
        "es" => {
            let op: TextOp = serde_json::from_value(value).map_err(|error| malformed(&error.to_string()))?;
            after.leaf = Some(Leaf::Text(op));
        }
        "ena" => match value {
            Value::Number(amount) => after.leaf = Some(Leaf::Add(amount)),
            _ => return Err(malformed("`ena` adds a number")),
        },
        "p" | "d" => return Err(malformed("moves (`p`, `d`) are not accepted yet")),
        _ => return Err(malformed("a component is one of `r`, `i`, `es`, `ena`")),
    }
    Ok(())
}

/// Brings the two halves at one place together.
fn join(before: Option<Descent>, after: Option<Descent>) -> Result<Option<Change>, OpError> {
    let before = before.unwrap_or_default();
    let after = after.unwrap_or_default();
    if let Some(value) = after.insert {
        if !before.remove && !before.is_empty() {
            return Err(malformed("something is removed inside a value that the op puts where another stays"));
        }
        // What the op does inside its own insert is part of the insert.
        let node =
            Node { leaf: after.leaf.and_then(Leaf::unless_noop), children: children(BTreeMap::new(), after.below)? };
        let value = applied(value, &node)?;
        return Ok(Some(if before.remove { Change::Replace(value) } else { Change::Insert(value) }));
    }
    if before.remove {
        let changed_after = Descent { below: after.below, leaf: after.leaf, ..Descent::default() };
        return if changed_after.is_empty() {
            Ok(Some(Change::Remove))
        } else {
            Err(malformed("something is inserted or edited inside what the op removes"))
        };
    }
    let node = Node { leaf: after.leaf.and_then(Leaf::unless_noop), children: children(before.below, after.below)? };
    Ok(node.into_change())
}

fn children(
    mut before: BTreeMap<PathSegment, Descent>,
    mut after: BTreeMap<PathSegment, Descent>,
) -> Result<Children, OpError> {
    // Both halves hold an entry for each descent; the empty ones would be taken for places in the other half's list.
    before.retain(|_, descent| !descent.is_empty());
    after.retain(|_, descent| !descent.is_empty());
    let mut indexes = before.keys().chain(after.keys()).map(|segment| matches!(segment, PathSegment::Index(_)));
    let Some(is_list) = indexes.next() else {
        return Ok(Children::None);
    };
    if indexes.any(|other| other != is_list) {
        return Err(malformed("one value is taken for a list and for an object"));
    }
    if is_list { list(before, after).map(Children::of_list) } else { object(before, after).map(Children::of_object) }
}

fn object(
    mut before: BTreeMap<PathSegment, Descent>,
    mut after: BTreeMap<PathSegment, Descent>,
) -> Result<BTreeMap<String, Change>, OpError> {
    let segments: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
    let mut changes = BTreeMap::new();
    for segment in segments {
        if let Some(change) = join(before.remove(&segment), after.remove(&segment))?
            && let PathSegment::Key(key) = segment
        {
            changes.insert(key, change);
        }
    }
    Ok(changes)
}

/// Walks the list before and the list after side by side.
fn list(before: BTreeMap<PathSegment, Descent>, after: BTreeMap<PathSegment, Descent>) -> Result<Steps, OpError> {
    let mut before = by_index(before);
    let mut after = by_index(after);
    let mut steps = Steps::default();
    let (mut from, mut to) = (0_usize, 0_usize);
    loop {
        let here = before.last().map(|(index, _)| *index == from).unwrap_or_default();
        let there = after.last().map(|(index, _)| *index == to).unwrap_or_default();
        let inserts = there && after.last().is_some_and(|(_, descent)| descent.insert.is_some());
        let removes = here && before.last().is_some_and(|(_, descent)| descent.remove);
        if inserts {
            if let Some(Change::Insert(value)) = join(None, after.pop().map(|(_, descent)| descent))? {
                steps.insert(value);
            }
            to = to.saturating_add(1);
        } else if removes {
            before.pop();
            steps.remove(1);
            from = from.saturating_add(1);
        } else if here || there {
            let below_before = if here { before.pop() } else { None };
            let below_after = if there { after.pop() } else { None };
            match join(below_before.map(|(_, descent)| descent), below_after.map(|(_, descent)| descent))? {
                Some(Change::Edit(node)) => steps.edit(node),
                _ => steps.keep(1),
            }
            from = from.saturating_add(1);
            to = to.saturating_add(1);
        } else {
            let gap_before = before.last().map(|(index, _)| index.saturating_sub(from));
            let gap_after = after.last().map(|(index, _)| index.saturating_sub(to));
            let Some(gap) = gap_before.into_iter().chain(gap_after).min() else {
                return Ok(steps);
            };
            steps.keep(gap);
            from = from.saturating_add(gap);
            to = to.saturating_add(gap);
        }
    }
}

/// The descents of a list, the first one at the end.
fn by_index(descents: BTreeMap<PathSegment, Descent>) -> Vec<(usize, Descent)> {
    descents
        .into_iter()
        .rev()
        .filter_map(|(segment, descent)| match segment {
            PathSegment::Index(index) => Some((index, descent)),
            PathSegment::Key(_) => None,
        })
        .collect()
}

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the op", hint)
}
