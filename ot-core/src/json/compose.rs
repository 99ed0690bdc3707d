//! One op for two in a row.
//!
//! The first op hangs on the document before, and so does the result; the second hangs on the document between. What
//! the second does to a value that the first moved is looked up where the first dropped it. Values that the first op
//! inserts are not in the document before: what the second takes out of them, it takes out of the literal.

mod between;

use std::sync::Arc;

use serde_json::Value;

use self::between::Between;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Steps};
use super::place::Place;
use super::slots;
use super::walk::{Pieces, by_key};
use crate::{OpError, OpErrorKind};

pub(super) fn compose(first: &JsonOp, second: &JsonOp) -> Result<JsonOp, OpError> {
    if first.root.is_empty() {
        return Ok(second.clone());
    }
    if second.root.is_empty() {
        return Ok(first.clone());
    }
    let walk = Walk { between: Between::new(first, second), offset: first.slots };
    let root = if leaves_nothing(&first.root) && (second.root.new.is_some() || second.root.old.leaves()) {
        // A document of nothing is `null`: it can be removed again, and a value can come there.
        Entry { old: walk.left(&first.root.old)?, new: walk.new_value(second.root.new.as_ref())? }
    } else {
        walk.entry(&first.root, &second.root, Kind::Original, &Place::ROOT)?
    };
    Ok(slots::numbered(root, first.slots + second.slots))
}

fn leaves_nothing(first: &Entry) -> bool {
    match &first.new {
        Some(New::Insert(value, _)) => value.is_null(),
        Some(New::Drop(_)) => false,
        None => matches!(first.old, Old::Remove(_)),
    }
}

/// Where the values of a walk come from.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// From the document before.
    Original,
    /// From an insert of the first op: what leaves them is cut out of the insert.
    Literal,
}

struct Walk<'a> {
    between: Between<'a>,
    /// The slots of the second op are numbered from here.
    offset: usize,
}

impl<'a> Walk<'a> {
    fn entry(&self, first: &'a Entry, second: &'a Entry, kind: Kind, place: &Place<'_>) -> Result<Entry, OpError> {
        let new = self.new_value(second.new.as_ref())?;
        match &first.new {
            None if !first.old.leaves() => {
                Ok(Entry { old: self.stays(first.old.node(), &second.old, kind, place)?, new })
            }
            None if second.old.is_empty() => Ok(Entry { old: self.left(&first.old)?, new }),
            None => Err(error(OpErrorKind::Missing, place, "the first op takes away what the second changes")),
            Some(came) => {
                let old = self.left(&first.old)?;
                if second.old.leaves() {
                    Ok(Entry { old, new })
                } else if new.is_none() {
                    Ok(Entry { old, new: Some(self.kept(came, second.old.node(), place)?) })
                } else {
                    Err(error(OpErrorKind::Occupied, place, "the second op inserts where the first leaves a value"))
                }
            }
        }
    }

    /// What becomes of a value that the first op leaves in its place.
    fn stays(&self, first: &'a Node, second: &'a Old, kind: Kind, place: &Place<'_>) -> Result<Old, OpError> {
        if kind == Kind::Literal && second.leaves() {
            return Ok(Old::default());
        }
        let node = self.node(first, second.node(), kind, place)?;
        Ok(match second {
            Old::Stay(_) => Old::Stay(node),
            Old::Remove(_) => Old::Remove(node.only_picks()),
            Old::Pick(slot, _) => Old::Pick(self.offset + slot, node),
        })
    }

    /// What becomes of a value that the first op takes from its place.
    fn left(&self, first: &'a Old) -> Result<Old, OpError> {
        let place = &Place::ROOT;
        match first {
            Old::Stay(_) => Ok(Old::default()),
            Old::Remove(node) => Ok(Old::Remove(self.node(node, Node::EMPTY, Kind::Original, place)?.only_picks())),
            Old::Pick(slot, node) => {
                let dropped = self.between.dropped(*slot);
                let node = self.node(node, dropped.second.node(), Kind::Original, place)?;
                Ok(match dropped.second {
                    Old::Pick(slot, _) => Old::Pick(self.offset + slot, node),
                    _ if dropped.removed => Old::Remove(node.only_picks()),
                    _ => Old::Pick(*slot, node),
                })
            }
        }
    }

    /// What the first op brought and the second leaves in its place.
    fn kept(&self, came: &'a New, second: &'a Node, place: &Place<'_>) -> Result<New, OpError> {
        match came {
            New::Drop(slot) => Ok(New::Drop(*slot)),
            New::Insert(value, node) => self.literal(value, node, second, place),
        }
    }

    /// An insert of the first op, or a part of one, with what the second does inside it.
    fn literal(
        &self,
        value: &Arc<Value>,
        first: &'a Node,
        second: &'a Node,
        place: &Place<'_>,
    ) -> Result<New, OpError> {
        let node = self.node(first, second, Kind::Literal, place)?;
        let value = if takes_out(second) { Arc::new(cut(value, first, second)) } else { Arc::clone(value) };
        Ok(New::Insert(value, node))
    }

    /// What the second op brings.
    fn new_value(&self, second: Option<&'a New>) -> Result<Option<New>, OpError> {
        let place = &Place::ROOT;
        Ok(match second {
            None => None,
            Some(New::Insert(value, node)) => {
                Some(New::Insert(Arc::clone(value), self.node(Node::EMPTY, node, Kind::Original, place)?))
            }
            Some(New::Drop(slot)) => Some(match self.between.picked(*slot) {
                Some(part) => self.literal(&part.value, part.first, part.second, place)?,
                None => New::Drop(self.offset + slot),
            }),
        })
    }

    fn node(&self, first: &'a Node, second: &'a Node, kind: Kind, place: &Place<'_>) -> Result<Node, OpError> {
        if self.between.no_moves() {
            if second.is_empty() {
                return Ok(first.clone());
            }
            if first.is_empty() && kind == Kind::Original {
                return Ok(second.clone());
            }
        }
        let leaf = match (&first.leaf, &second.leaf) {
            (Some(first), Some(second)) => first.compose(second, place)?.map(Box::new),
            (first, second) => first.as_ref().or(second.as_ref()).cloned(),
        };
        let children = match (&first.children, &second.children) {
            (Children::None, Children::None) => Children::None,
            (Children::Object(_), Children::List(_)) | (Children::List(_), Children::Object(_)) => {
                return Err(error(
                    OpErrorKind::WrongKind,
                    place,
                    "the ops take one value for an object and for a list",
                ));
            }
            (Children::Object(_), _) | (_, Children::Object(_)) => self.object(first, second, kind, place)?,
            (Children::List(_), _) | (_, Children::List(_)) => self.list(first, second, kind, place)?,
        };
        Ok(Node { leaf, children })
    }

    fn object(&self, first: &'a Node, second: &'a Node, kind: Kind, place: &Place<'_>) -> Result<Children, OpError> {
        by_key(first, second)
            .map(|(key, first, second)| {
                let (first, second) = (first.unwrap_or(Entry::EMPTY), second.unwrap_or(Entry::EMPTY));
                Ok((key.clone(), self.entry(first, second, kind, &place.key(key))?))
            })
            .collect::<Result<_, _>>()
            .map(Children::of_object)
    }

    fn list(&self, first: &'a Node, second: &'a Node, kind: Kind, place: &Place<'_>) -> Result<Children, OpError> {
        let mut steps = Steps::default();
        let (mut first, mut second) = (Pieces::new(first), Pieces::new(second));
        // In the list between the ops, for the place of an error.
        let mut index = 0_usize;
        while !(first.is_done() && second.is_done()) {
            if let Some(new) = second.take_new() {
                if let Some(new) = self.new_value(Some(new))? {
                    steps.new_item(new);
                }
            } else if let Some(came) = first.take_new() {
                let second = second.take_items(1).unwrap_or(Entry::EMPTY_OLD);
                if !second.leaves() {
                    steps.new_item(self.kept(came, second.node(), &place.index(index))?);
                }
                index = index.saturating_add(1);
            } else if let Some(old) = first.take_leaving() {
                steps.item(self.left(old)?);
            } else {
                let length = first.length().min(second.length());
                match (first.take_items(length), second.take_items(length)) {
                    (None, None) => steps.keep(length),
                    (_, Some(second)) if kind == Kind::Literal && second.leaves() => {}
                    (first, second) => {
                        let (first, second) =
                            (first.map_or(Node::EMPTY, Old::node), second.unwrap_or(Entry::EMPTY_OLD));
                        steps.item(self.stays(first, second, kind, &place.index(index))?);
                    }
                }
                index = index.saturating_add(length);
            }
        }
        Ok(steps.finish())
    }
}

/// Whether the op takes anything out of a value.
fn takes_out(node: &Node) -> bool {
    node.olds().any(|old| old.leaves() || takes_out(old.node()))
}

/// An inserted value without what the second op takes out of it. The first op is the one that inserts it.
fn cut(value: &Value, first: &Node, second: &Node) -> Value {
    match value {
        Value::Object(entries) => {
            let mut entries = entries.clone();
            for (key, first, second) in by_key(first, second) {
                let Some(Entry { old, .. }) = second else {
                    continue;
                };
                if first.is_some_and(|first| first.new.is_some()) {
                    continue;
                }
                if old.leaves() {
                    entries.remove(key.as_str());
                } else if let Some(entry) = entries.get_mut(key.as_str())
                    && takes_out(old.node())
                {
                    *entry = cut(entry, first.map_or(Node::EMPTY, |first| first.old.node()), old.node());
                }
            }
            Value::Object(entries)
        }
        Value::Array(items) => Value::Array(cut_items(items, first, second)),
        other => other.clone(),
    }
}

fn cut_items(items: &[Value], first: &Node, second: &Node) -> Vec<Value> {
    let (mut first, mut second) = (Pieces::new(first), Pieces::new(second));
    let mut kept = Vec::with_capacity(items.len());
    let mut rest = items.iter();
    while !(first.is_done() && second.is_done() || rest.as_slice().is_empty()) {
        if second.take_new().is_some() {
        } else if first.take_new().is_some() {
            second.take_items(1);
        } else {
            let length = first.length().min(second.length());
            let first = first.take_items(length).map_or(Node::EMPTY, Old::node);
            match second.take_items(length) {
                None => kept.extend(rest.by_ref().take(length).cloned()),
                Some(old) => {
                    if let Some(item) = rest.next()
                        && !old.leaves()
                    {
                        kept.push(cut(item, first, old.node()));
                    }
                }
            }
        }
    }
    kept.extend(rest.cloned());
    kept
}

fn error(kind: OpErrorKind, place: &Place<'_>, hint: &str) -> OpError {
    OpError::new(kind, place.to_string(), hint)
}
