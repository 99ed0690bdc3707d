//! The JSON form of `json1`: reading and writing.
//!
//! On the wire an op is one tree of descents with two meanings: what leaves has its index in the document before, what
//! comes or is edited has its index in the document after. A [`Descent`] tree holds one of the two halves, or, when
//! written, both.

mod join;

use std::cmp::Ordering;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::apply::is_shallow;
use super::leaf::Leaf;
use super::op::{Entry, JsonOp, New, Node, Old, key_order};
use super::path::PathSegment;
use super::rich_edit::RichEdit;
use super::slots::Slots;
use super::walk::{After, items_after, items_before};
use crate::text::TextOp;
use crate::{OpError, OpErrorKind};

const RICH_TEXT_URI: &str = "http://sharejs.org/types/rich-text/v1";
const TEXT_UNICODE_URI: &str = "http://sharejs.org/types/text-unicode";

/// What an op does at one place, and below.
#[derive(Debug, Default)]
pub(super) struct Descent {
    pick: Option<Pick>,
    drop: Option<Drop>,
    leaf: Option<Leaf>,
    /// Sorted; see [`wire_order`].
    below: Vec<(PathSegment, Descent)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pick {
    Remove,
    Slot(usize),
}

#[derive(Clone, Debug, PartialEq)]
enum Drop {
    Insert(Value),
    Slot(usize),
}

impl JsonOp {
    /// The op of its two halves.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when they don't fit together.
    pub(super) fn of_halves(before: Descent, after: Descent) -> Result<Self, OpError> {
        join::join(before, after)
    }
}

impl Serialize for JsonOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl From<&JsonOp> for Value {
    fn from(op: &JsonOp) -> Self {
        Descent::of(op).written()
    }
}

impl TryFrom<Value> for JsonOp {
    type Error = OpError;

    /// # Errors
    ///
    /// Returns an [`OpError`] when the value is no op.
    fn try_from(value: Value) -> Result<Self, OpError> {
        let mut halves = Halves::default();
        match value {
            Value::Null => {}
            Value::Array(list) => halves.read(list, &mut vec![])?,
            _ => return Err(malformed("an op is a list or null")),
        }
        join::join(halves.before, halves.after)
    }
}

/// Writes what leaves, at its places in the document before.
fn leaving(old: &Old, descent: &mut Descent) {
    descent.pick = match old {
        Old::Stay(_) => None,
        Old::Remove(_) => Some(Pick::Remove),
        Old::Pick(slot, _) => Some(Pick::Slot(*slot)),
    };
    for (key, entry) in old.node().entries() {
        descent.child(PathSegment::Key(key.to_string()), |below| leaving(&entry.old, below));
    }
    for (index, old) in items_before(old.node()) {
        descent.child(PathSegment::Index(index), |below| leaving(old, below));
    }
}

/// Writes what comes and what is edited, at its places in the document after.
fn coming(entry: &Entry, slots: &Slots<'_>, descent: &mut Descent) {
    match (&entry.new, &entry.old) {
        (Some(new), _) => coming_new(new, slots, descent),
        (None, Old::Stay(node)) => coming_node(node, slots, descent),
        (None, Old::Remove(_) | Old::Pick(..)) => {}
    }
}

fn coming_new(new: &New, slots: &Slots<'_>, descent: &mut Descent) {
    match new {
        New::Insert(value, node) => {
            descent.drop = Some(Drop::Insert(Value::clone(value)));
            coming_node(node, slots, descent);
        }
        New::Drop(slot) => {
            descent.drop = Some(Drop::Slot(*slot));
            coming_node(slots.picked(*slot), slots, descent);
        }
    }
}

fn coming_node(node: &Node, slots: &Slots<'_>, descent: &mut Descent) {
    descent.leaf = node.leaf.as_deref().cloned();
    for (key, entry) in node.entries() {
        descent.child(PathSegment::Key(key.to_string()), |below| coming(entry, slots, below));
    }
    for (index, after) in items_after(node) {
        descent.child(PathSegment::Index(index), |below| match after {
            After::Stays(node) => coming_node(node, slots, below),
            After::New(new) => coming_new(new, slots, below),
        });
    }
}

impl Descent {
    /// Both halves of an op.
    pub(super) fn of(op: &JsonOp) -> Self {
        let mut both = Self::default();
        leaving(&op.root.old, &mut both);
        let mut after = Self::default();
        coming(&op.root, &Slots::of(op), &mut after);
        both.merge(after);
        both
    }

    pub(super) fn remove() -> Self {
        Self { pick: Some(Pick::Remove), ..Self::default() }
    }

    pub(super) fn pick(slot: usize) -> Self {
        Self { pick: Some(Pick::Slot(slot)), ..Self::default() }
    }

    pub(super) fn drop(slot: usize) -> Self {
        Self { drop: Some(Drop::Slot(slot)), ..Self::default() }
    }

    pub(super) fn insert(value: Value) -> Self {
        Self { drop: Some(Drop::Insert(value)), ..Self::default() }
    }

    /// The descent to `path`, and there `self`.
    pub(super) fn at(self, path: &[PathSegment]) -> Self {
        path.iter().rev().fold(self, |below, segment| Self { below: vec![(segment.clone(), below)], ..Self::default() })
    }

    /// Fills in the descent to `segment`, if there is anything to fill in. Segments come in order.
    fn child(&mut self, segment: PathSegment, fill: impl FnOnce(&mut Self)) {
        let mut below = Self::default();
        fill(&mut below);
        if !below.is_empty() {
            self.below.push((segment, below));
        }
    }

    fn is_empty(&self) -> bool {
        self.pick.is_none() && self.drop.is_none() && self.leaf.is_none() && self.below.is_empty()
    }

    /// The descent to `segment`, made if there is none.
    fn enter(&mut self, segment: PathSegment) -> &mut Self {
        let index = match self.below.binary_search_by(|(other, _)| wire_order(other, &segment)) {
            Ok(index) => index,
            Err(index) => {
                self.below.insert(index, (segment, Self::default()));
                index
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the search found the index, or the line above made it")]
        &mut self.below[index].1
    }

    /// Lays another half over this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.pick = self.pick.take().or(other.pick);
        self.drop = self.drop.take().or(other.drop);
        self.leaf = self.leaf.take().or(other.leaf);
        for (segment, below) in other.below {
            self.enter(segment).merge(below);
        }
    }

    /// What it is in an op: a list, or `null` if it does nothing.
    pub(super) fn written(&self) -> Value {
        let mut list = Vec::new();
        self.write(&mut list);
        if list.is_empty() { Value::Null } else { Value::Array(list) }
    }

    fn write(&self, list: &mut Vec<Value>) {
        let mut components = Map::new();
        match self.pick {
            None => {}
            Some(Pick::Remove) => {
                components.insert("r".to_owned(), Value::Bool(true));
            }
            Some(Pick::Slot(slot)) => {
                components.insert("p".to_owned(), Value::from(slot));
            }
        }
        match &self.drop {
            None => {}
            Some(Drop::Insert(value)) => {
                components.insert("i".to_owned(), value.clone());
            }
            Some(Drop::Slot(slot)) => {
                components.insert("d".to_owned(), Value::from(*slot));
            }
        }
        match &self.leaf {
            None => {}
            Some(Leaf::Text(op)) => {
                components.insert("es".to_owned(), Value::from(op));
            }
            Some(Leaf::Rich(op)) => {
                components.insert("et".to_owned(), Value::from("rich-text"));
                components.insert("e".to_owned(), op.write());
            }
            Some(Leaf::Add(amount)) => {
                components.insert("ena".to_owned(), Value::Number(amount.clone()));
            }
        }
        if !components.is_empty() {
            list.push(Value::Object(components));
        }
        let only = self.below.len() == 1;
        for (segment, below) in &self.below {
            let segment = match segment {
                PathSegment::Index(index) => Value::from(*index),
                PathSegment::Key(key) => Value::String(key.clone()),
            };
            if only {
                list.push(segment);
                below.write(list);
            } else {
                let mut branch = vec![segment];
                below.write(&mut branch);
                list.push(Value::Array(branch));
            }
        }
    }
}

/// Indexes before keys.
fn wire_order(a: &PathSegment, b: &PathSegment) -> Ordering {
    match (a, b) {
        (PathSegment::Key(a), PathSegment::Key(b)) => key_order(a, b),
        _ => a.cmp(b),
    }
}

/// An op as it is read: its two halves.
#[derive(Default)]
struct Halves {
    before: Descent,
    after: Descent,
}

impl Halves {
    /// Reads one list of descents, at `path` so far.
    fn read(&mut self, list: Vec<Value>, path: &mut Vec<PathSegment>) -> Result<(), OpError> {
        let depth = path.len();
        for element in list {
            match element {
                Value::String(key) => descend(PathSegment::Key(key), path)?,
                Value::Number(index) => {
                    let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
                    let index = index.ok_or_else(|| malformed("an index is a whole number"))?;
                    descend(PathSegment::Index(index), path)?;
                }
                Value::Object(mut components) => {
                    if let (Some(name), Some(edit)) = (components.remove("et"), components.remove("e")) {
                        self.edit(path, embedded(&name, edit)?)?;
                    }
                    for (name, value) in components {
                        self.component(&name, value, path)?;
                    }
                }
                Value::Array(branch) => {
                    // A branch is at least one step deeper, so the limit on depth bounds the recursion too.
                    if !matches!(branch.first(), Some(Value::String(_) | Value::Number(_))) {
                        return Err(malformed("a branch begins with a key or an index"));
                    }
                    self.read(branch, path)?;
                }
                Value::Null | Value::Bool(_) => {
                    return Err(malformed("an op holds keys, indexes, components and branches"));
                }
            }
        }
        path.truncate(depth);
        Ok(())
    }

    fn component(&mut self, name: &str, value: Value, path: &[PathSegment]) -> Result<(), OpError> {
        match name {
            // `true`, or whatever was there, in invertible ops.
            "r" => self.pick(path, Pick::Remove),
            "p" => self.pick(path, Pick::Slot(slot(&value)?)),
            "d" => self.drop(path, Drop::Slot(slot(&value)?)),
            "i" if !is_shallow(&value, MAX_DEPTH.saturating_sub(path.len())) => Err(too_deep()),
            "i" => self.drop(path, Drop::Insert(value)),
            "es" => self.edit(path, Leaf::Text(TextOp::try_from(value)?)),
            "ena" => match value {
                Value::Number(amount) => self.edit(path, Leaf::Add(amount)),
                _ => Err(malformed("`ena` adds a number")),
            },
            "e" | "et" => Err(malformed("an edit `e` and its type `et` go together")),
            _ => Err(malformed("a component is one of `p`, `r`, `d`, `i`, `es`, `ena`, `e` with `et`")),
        }
    }

    fn pick(&mut self, path: &[PathSegment], pick: Pick) -> Result<(), OpError> {
        match at(&mut self.before, path).pick.replace(pick) {
            None => Ok(()),
            Some(_) => Err(malformed("a value leaves its place twice")),
        }
    }

    fn drop(&mut self, path: &[PathSegment], drop: Drop) -> Result<(), OpError> {
        match at(&mut self.after, path).drop.replace(drop) {
            None => Ok(()),
            Some(_) => Err(malformed("two values come to one place")),
        }
    }

    fn edit(&mut self, path: &[PathSegment], leaf: Leaf) -> Result<(), OpError> {
        match at(&mut self.after, path).leaf.replace(leaf) {
            None => Ok(()),
            Some(_) => Err(malformed("a value is edited as a string and as a number")),
        }
    }
}

/// An edit by the name of its type, as ottypes has it, or by its address.
fn embedded(name: &Value, edit: Value) -> Result<Leaf, OpError> {
    match name.as_str() {
        Some("rich-text" | RICH_TEXT_URI) => RichEdit::read(edit).map(Leaf::Rich),
        Some("text-unicode" | TEXT_UNICODE_URI) => Ok(Leaf::Text(TextOp::try_from(edit)?)),
        _ => Err(malformed("the types of edits are `rich-text` and `text-unicode`")),
    }
}

fn at<'a>(root: &'a mut Descent, path: &[PathSegment]) -> &'a mut Descent {
    path.iter().fold(root, |descent, segment| descent.enter(segment.clone()))
}

fn slot(value: &Value) -> Result<usize, OpError> {
    value.as_u64().and_then(|slot| usize::try_from(slot).ok()).ok_or_else(|| malformed("a slot is a whole number"))
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

fn malformed(hint: &str) -> OpError {
    OpError::new(OpErrorKind::Malformed, "the op", hint)
}
