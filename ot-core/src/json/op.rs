//! The shape of an op: a tree over the document before it.
//!
//! `json1` writes an op with two kinds of indexes: what leaves has its index in the document before, what comes or is
//! edited has its index in the document after. Inside, everything hangs on the one thing that two concurrent ops have
//! in common, the document before: an object's changes by key, a list's as a run list like that of a text, and the
//! changes inside a value that moves on the place that it moves from.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;

use super::leaf::Leaf;

/// A change to a JSON document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOp {
    pub(super) root: Entry,
    /// How many values move. They are numbered from zero, in the order in which they are met in the document before.
    pub(super) slots: usize,
    /// Whether the op holds what changes nothing, as its author wrote it. What the engine makes never does.
    pub(super) as_written: bool,
}

/// What happens at one place: to the value that is there, and then what comes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) old: Old,
    pub(super) new: Option<New>,
}

/// What becomes of the value at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Old {
    /// It stays, or nothing is there.
    Stay(Node),
    /// It goes. The node only leads to what leaves it before: to where that moves, or to be named in a conflict.
    Remove(Node),
    /// It moves to where this slot is dropped.
    Pick(usize, Node),
}

/// What comes to a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum New {
    /// A value, and what else comes into it.
    Insert(Arc<Value>, Node),
    /// What was picked up.
    Drop(usize),
}

/// What changes in a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub(super) leaf: Option<Box<Leaf>>,
    pub(super) children: Children,
}

/// Changes to what is in an object or a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Children {
    #[default]
    None,
    /// Sorted by [`key_order`]; no entry is empty.
    Object(Vec<(SmolStr, Entry)>),
    List(Vec<Step>),
}

/// One step through a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Passes over this many items.
    Keep(usize),
    /// Does something to one item.
    Item(Old),
    /// Brings an item.
    New(New),
}

impl Default for Old {
    fn default() -> Self {
        Self::Stay(Node::default())
    }
}

impl Old {
    pub(super) fn node(&self) -> &Node {
        match self {
            Self::Stay(node) | Self::Remove(node) | Self::Pick(_, node) => node,
        }
    }

    pub(super) fn node_mut(&mut self) -> &mut Node {
        match self {
            Self::Stay(node) | Self::Remove(node) | Self::Pick(_, node) => node,
        }
    }

    /// Whether the value leaves its place.
    pub(super) fn leaves(&self) -> bool {
        !matches!(self, Self::Stay(_))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Stay(node) if node.is_empty())
    }
}

impl Entry {
    pub(super) const EMPTY: &'static Self =
        &Self { old: Old::Stay(Node { leaf: None, children: Children::None }), new: None };
    pub(super) const EMPTY_OLD: &'static Old = &Old::Stay(Node { leaf: None, children: Children::None });

    pub(super) fn is_empty(&self) -> bool {
        self.new.is_none() && self.old.is_empty()
    }
}

impl Entry {
    /// How many things come or are edited.
    pub(super) fn parts(&self) -> usize {
        self.old.node().parts() + self.new.as_ref().map_or(0, New::parts)
    }
}

impl New {
    fn parts(&self) -> usize {
        match self {
            Self::Insert(_, node) => 1 + node.parts(),
            Self::Drop(_) => 1,
        }
    }
}

impl Node {
    fn parts(&self) -> usize {
        let inside = match &self.children {
            Children::None => 0,
            Children::Object(entries) => entries.iter().map(|(_, entry)| entry.parts()).sum(),
            Children::List(steps) => steps
                .iter()
                .map(|step| match step {
                    Step::Keep(_) => 0,
                    Step::Item(old) => old.node().parts(),
                    Step::New(new) => new.parts(),
                })
                .sum(),
        };
        inside + usize::from(self.leaf.is_some())
    }
}

impl From<Old> for Entry {
    fn from(old: Old) -> Self {
        Self { old, new: None }
    }
}

impl From<New> for Entry {
    fn from(new: New) -> Self {
        Self { old: Old::default(), new: Some(new) }
    }
}

impl Node {
    pub(super) const EMPTY: &'static Self = &Self { leaf: None, children: Children::None };

    pub(super) fn is_empty(&self) -> bool {
        self.leaf.is_none() && matches!(self.children, Children::None)
    }

    /// The entries of an object; none for another kind of value.
    pub(super) fn entries(&self) -> &[(SmolStr, Entry)] {
        match &self.children {
            Children::Object(entries) => entries,
            Children::None | Children::List(_) => &[],
        }
    }

    /// What happens to the values in an object or a list.
    pub(super) fn olds(&self) -> impl Iterator<Item = &Old> {
        let items = self.steps().iter().filter_map(|step| match step {
            Step::Item(old) => Some(old),
            Step::Keep(_) | Step::New(_) => None,
        });
        self.entries().iter().map(|(_, entry)| &entry.old).chain(items)
    }

    /// The steps through a list; none for another kind of value.
    pub(super) fn steps(&self) -> &[Step] {
        match &self.children {
            Children::List(steps) => steps,
            Children::None | Children::Object(_) => &[],
        }
    }
}

impl JsonOp {
    /// The op without edits that change nothing, and without removes inside what goes anyway. Neither changes what the
    /// op does; but a conflict names what the author wrote, and `json1` keeps both.
    pub(super) fn normalized(&self) -> Cow<'_, Self> {
        if self.as_written { Cow::Owned(self.clone().into_normal()) } else { Cow::Borrowed(self) }
    }

    /// The same, of an op that nobody else needs.
    pub(super) fn into_normal(mut self) -> Self {
        if self.as_written {
            drop_noops(&mut self.root);
            self.as_written = false;
        }
        self
    }
}

/// Whether anything in the entry changes nothing.
pub(super) fn has_noops(entry: &Entry) -> bool {
    let inserted = match &entry.new {
        Some(New::Insert(_, node)) => has_noops_inside(node),
        Some(New::Drop(_)) | None => false,
    };
    inserted || has_noops_in_old(&entry.old)
}

fn has_noops_in_old(old: &Old) -> bool {
    match old {
        Old::Stay(node) | Old::Pick(_, node) => has_noops_inside(node),
        Old::Remove(node) => removes_inside(node) || has_noops_inside(node),
    }
}

fn removes_inside(node: &Node) -> bool {
    node.olds().any(|old| match old {
        Old::Stay(node) => removes_inside(node),
        Old::Remove(_) => true,
        Old::Pick(..) => false,
    })
}

fn has_noops_inside(node: &Node) -> bool {
    node.leaf.as_ref().is_some_and(|leaf| leaf.is_noop())
        || match &node.children {
            Children::None => false,
            Children::Object(entries) => entries.iter().any(|(_, entry)| has_noops(entry)),
            Children::List(steps) => steps.iter().any(|step| match step {
                Step::Keep(_) | Step::New(New::Drop(_)) => false,
                Step::Item(old) => has_noops_in_old(old),
                Step::New(New::Insert(_, node)) => has_noops_inside(node),
            }),
        }
}

fn drop_noops(entry: &mut Entry) {
    drop_noops_in_old(&mut entry.old);
    if let Some(New::Insert(_, node)) = &mut entry.new {
        drop_noops_inside(node);
    }
}

fn drop_noops_in_old(old: &mut Old) {
    drop_noops_inside(old.node_mut());
    if let Old::Remove(node) = old {
        *node = std::mem::take(node).only_picks();
    }
}

fn drop_noops_inside(node: &mut Node) {
    node.leaf.take_if(|leaf| leaf.is_noop());
    match std::mem::take(&mut node.children) {
        Children::None => {}
        Children::Object(mut entries) => {
            entries.iter_mut().for_each(|(_, entry)| drop_noops(entry));
            node.children = Children::of_object(entries);
        }
        Children::List(list) => {
            let mut steps = Steps::default();
            for mut step in list {
                match &mut step {
                    Step::Item(old) => drop_noops_in_old(old),
                    Step::New(New::Insert(_, node)) => drop_noops_inside(node),
                    Step::Keep(_) | Step::New(New::Drop(_)) => {}
                }
                steps.push(step);
            }
            node.children = steps.finish();
        }
    }
}

impl Children {
    /// From entries in the order of their keys.
    pub(super) fn of_object(mut entries: Vec<(SmolStr, Entry)>) -> Self {
        entries.retain(|(_, entry)| !entry.is_empty());
        if entries.is_empty() { Self::None } else { Self::Object(entries) }
    }
}

/// The order of `json1`, which is JavaScript's: by UTF-16 units. It differs from the order of UTF-8 only where one
/// character needs two units and the other stands behind the range of such units.
pub(super) fn key_order(a: &str, b: &str) -> Ordering {
    let differing = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differing {
        None => a.len().cmp(&b.len()),
        Some((a, b)) => match (a, b) {
            (0xF0.., 0xEE | 0xEF) => Ordering::Less,
            (0xEE | 0xEF, 0xF0..) => Ordering::Greater,
            _ => a.cmp(&b),
        },
    }
}

/// Builds the steps through a list in canonical form: no two keeps in a row, none at the end, no item that nothing
/// happens to, and what comes between two items that stay stands before what leaves there. `json1` can't tell the
/// order of those two, and nothing depends on it.
#[derive(Default)]
pub(super) struct Steps(Vec<Step>);

impl Steps {
    pub(super) fn keep(&mut self, count: usize) {
        match self.0.last_mut() {
            _ if count == 0 => {}
            Some(Step::Keep(length)) => *length = length.saturating_add(count),
            _ => self.0.push(Step::Keep(count)),
        }
    }

    pub(super) fn item(&mut self, old: Old) {
        if old.is_empty() {
            self.keep(1);
        } else {
            self.0.push(Step::Item(old));
        }
    }

    pub(super) fn new_item(&mut self, new: New) {
        let leaving = self.0.iter().rev().take_while(|step| matches!(step, Step::Item(old) if old.leaves())).count();
        if leaving == 0 {
            self.0.push(Step::New(new));
        } else {
            self.0.insert(self.0.len() - leaving, Step::New(new));
        }
    }

    pub(super) fn push(&mut self, step: Step) {
        match step {
            Step::Keep(count) => self.keep(count),
            Step::Item(old) => self.item(old),
            Step::New(new) => self.new_item(new),
        }
    }

    pub(super) fn finish(mut self) -> Children {
        if let Some(Step::Keep(_)) = self.0.last() {
            self.0.pop();
        }
        if self.0.is_empty() { Children::None } else { Children::List(self.0) }
    }
}

impl Node {
    /// Only what leaves, and the way there: what else changes in a value that goes, goes with it.
    pub(super) fn only_leaving(self) -> Self {
        self.reduced(true)
    }

    /// Only what moves out, and the way there.
    pub(super) fn only_picks(self) -> Self {
        self.reduced(false)
    }

    fn reduced(self, removes: bool) -> Self {
        let reduce = |old| match old {
            Old::Remove(node) if removes => Old::Remove(node.reduced(removes)),
            Old::Stay(node) | Old::Remove(node) => Old::Stay(node.reduced(removes)),
            Old::Pick(..) => old,
        };
        let children = match self.children {
            Children::None => Children::None,
            Children::Object(entries) => Children::of_object(
                entries.into_iter().map(|(key, entry)| (key, Entry::from(reduce(entry.old)))).collect(),
            ),
            Children::List(list) => {
                let mut steps = Steps::default();
                for step in list {
                    match step {
                        Step::Keep(count) => steps.keep(count),
                        Step::Item(old) => steps.item(reduce(old)),
                        Step::New(_) => {}
                    }
                }
                steps.finish()
            }
        };
        Self { leaf: None, children }
    }
}
