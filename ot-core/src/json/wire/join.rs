//! Bringing the two halves of an op together: each change moves to its place in the document before.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use super::{Descent, Drop, Pick, malformed, wire_order};
use crate::OpError;
use crate::json::leaf::Leaf;
use crate::json::op::{Children, Entry, JsonOp, New, Node, Old, Steps, has_noops};
use crate::json::path::PathSegment;
use crate::json::slots;

/// An op of its halves.
///
/// # Errors
///
/// Returns an [`OpError`] when the halves don't fit together.
pub(super) fn join(before: Descent, mut after: Descent) -> Result<JsonOp, OpError> {
    let mut join = Join::default();
    join.take_drops(&mut after)?;
    let root = join.entry(Some(before), Some(after))?;
    let as_written = has_noops(&root);
    if join.contents.iter().all(Option::is_none) {
        Ok(JsonOp { as_written, ..slots::numbered(root, join.contents.len()) })
    } else {
        Err(malformed("a slot is dropped and never picked"))
    }
}

#[derive(Default)]
struct Join {
    /// Numbers for the slots, which may be any as they are written.
    numbers: BTreeMap<usize, usize>,
    /// What happens inside the values that move, by number.
    contents: Vec<Option<Descent>>,
}

impl Join {
    /// Takes what happens inside a value that is dropped to where it will be looked for: where the value is picked.
    fn take_drops(&mut self, after: &mut Descent) -> Result<(), OpError> {
        for (_, below) in &mut after.below {
            self.take_drops(below)?;
        }
        if let Some(Drop::Slot(slot)) = &mut after.drop {
            let content =
                Descent { leaf: after.leaf.take(), below: std::mem::take(&mut after.below), ..Descent::default() };
            if self.numbers.insert(*slot, self.contents.len()).is_some() {
                return Err(malformed("a slot is dropped twice"));
            }
            *slot = self.contents.len();
            self.contents.push(Some(content));
        }
        Ok(())
    }

    fn entry(&mut self, before: Option<Descent>, after: Option<Descent>) -> Result<Entry, OpError> {
        let before = before.unwrap_or_default();
        let after = after.unwrap_or_default();
        match (before.pick, after.drop) {
            (None, None) => Ok(Old::Stay(self.node(before.below, after.leaf, after.below)?).into()),
            (pick, drop) => {
                if drop.is_none() && !(after.leaf.is_none() && after.below.is_empty()) {
                    return Err(malformed("something happens inside what leaves, at its old place"));
                }
                let new = match drop {
                    None => None,
                    Some(Drop::Slot(slot)) => Some(New::Drop(slot)),
                    Some(Drop::Insert(value)) => Some(self.insert(value, after.leaf, after.below)?),
                };
                Ok(Entry { old: self.old(pick, before.below)?, new })
            }
        }
    }

    fn old(&mut self, pick: Option<Pick>, below: Vec<(PathSegment, Descent)>) -> Result<Old, OpError> {
        match pick {
            None if below.is_empty() => Ok(Old::default()),
            None => Err(malformed("something leaves a value that stays, where another value comes")),
            Some(Pick::Remove) => Ok(Old::Remove(self.node(below, None, vec![])?.only_leaving())),
            Some(Pick::Slot(slot)) => {
                let number = self.numbers.get(&slot).copied().unwrap_or(usize::MAX);
                let content = self
                    .contents
                    .get_mut(number)
                    .and_then(Option::take)
                    .ok_or_else(|| malformed("a slot is picked twice, or never dropped"))?;
                Ok(Old::Pick(number, self.node(below, content.leaf, content.below)?))
            }
        }
    }

    fn insert(&mut self, value: Value, leaf: Option<Leaf>, below: Vec<(PathSegment, Descent)>) -> Result<New, OpError> {
        Ok(New::Insert(Arc::new(value), self.node(vec![], leaf, below)?))
    }

    fn node(
        &mut self,
        before: Vec<(PathSegment, Descent)>,
        leaf: Option<Leaf>,
        after: Vec<(PathSegment, Descent)>,
    ) -> Result<Node, OpError> {
        let mut indexes = before.iter().chain(&after).map(|(segment, _)| matches!(segment, PathSegment::Index(_)));
        let children = match indexes.next() {
            None => Children::None,
            Some(is_list) if indexes.any(|other| other != is_list) => {
                return Err(malformed("one value is taken for a list and for an object"));
            }
            Some(true) => self.list(before, after)?,
            Some(false) => self.object(before, after)?,
        };
        if leaf.is_some() && !matches!(children, Children::None) {
            return Err(malformed("one value is edited as a whole and in its parts"));
        }
        Ok(Node { leaf: leaf.map(Box::new), children })
    }

    fn object(
        &mut self,
        before: Vec<(PathSegment, Descent)>,
        after: Vec<(PathSegment, Descent)>,
    ) -> Result<Children, OpError> {
        let mut before = before.into_iter().peekable();
        let mut after = after.into_iter().peekable();
        let mut entries = Vec::new();
        loop {
            let order = match (before.peek(), after.peek()) {
                (None, None) => return Ok(Children::of_object(entries)),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) => wire_order(a, b),
            };
            let old = if order.is_le() { before.next() } else { None };
            let new = if order.is_ge() { after.next() } else { None };
            let key = match old.as_ref().or(new.as_ref()) {
                Some((PathSegment::Key(key), _)) => SmolStr::new(key),
                _ => continue,
            };
            entries.push((key, self.entry(old.map(|(_, below)| below), new.map(|(_, below)| below))?));
        }
    }

    /// Walks the list before and the list after side by side.
    fn list(
        &mut self,
        before: Vec<(PathSegment, Descent)>,
        after: Vec<(PathSegment, Descent)>,
    ) -> Result<Children, OpError> {
        let mut before = before.into_iter().filter_map(by_index).peekable();
        let mut after = after.into_iter().filter_map(by_index).peekable();
        let mut steps = Steps::default();
        let (mut from, mut to) = (0_usize, 0_usize);
        loop {
            if let Some((_, coming)) = after.next_if(|(index, coming)| *index == to && coming.drop.is_some()) {
                if let Some(new) = self.entry(None, Some(coming))?.new {
                    steps.new_item(new);
                }
                to = to.saturating_add(1);
            } else if let Some((_, leaving)) =
                before.next_if(|(index, leaving)| *index == from && leaving.pick.is_some())
            {
                steps.item(self.old(leaving.pick, leaving.below)?);
                from = from.saturating_add(1);
            } else {
                let gap_before = before.peek().map(|(index, _)| index.saturating_sub(from));
                let gap_after = after.peek().map(|(index, _)| index.saturating_sub(to));
                let Some(gap) = gap_before.into_iter().chain(gap_after).min() else {
                    return Ok(steps.finish());
                };
                if gap == 0 {
                    let leaving = before.next_if(|(index, _)| *index == from);
                    let coming = after.next_if(|(index, _)| *index == to);
                    let entry = self.entry(leaving.map(|(_, below)| below), coming.map(|(_, below)| below))?;
                    steps.item(entry.old);
                } else {
                    steps.keep(gap);
                }
                from = from.saturating_add(gap.max(1));
                to = to.saturating_add(gap.max(1));
            }
        }
    }
}

fn by_index((segment, descent): (PathSegment, Descent)) -> Option<(usize, Descent)> {
    match segment {
        PathSegment::Index(index) => Some((index, descent)),
        PathSegment::Key(_) => None,
    }
}
