//! A document laid out so that its values can be compared and looked up.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// Every value of a document in the order in which one meets them, each before what is in it.
pub(super) struct Tree<'a> {
    nodes: Vec<Flat<'a>>,
}

/// One value.
pub(super) struct Flat<'a> {
    pub(super) value: &'a Value,
    /// Under which key the value stands, if in an object.
    pub(super) key: &'a str,
    /// The value around this one; the root has itself.
    pub(super) parent: usize,
    /// One past the last value inside this one.
    pub(super) end: usize,
    /// The same for equal values.
    pub(super) hash: u64,
    /// About how many bytes of JSON the value takes.
    pub(super) weight: usize,
}

impl<'a> Tree<'a> {
    /// Of a document that is no deeper than the engine accepts.
    pub(super) fn of(document: &'a Value) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.add(document, "", 0);
        tree
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn get(&self, id: usize) -> Option<&Flat<'a>> {
        self.nodes.get(id)
    }

    pub(super) fn value(&self, id: usize) -> &'a Value {
        self.get(id).map_or(&Value::Null, |flat| flat.value)
    }

    pub(super) fn key(&self, id: usize) -> &'a str {
        self.get(id).map_or("", |flat| flat.key)
    }

    pub(super) fn hash(&self, id: usize) -> u64 {
        self.get(id).map_or(0, |flat| flat.hash)
    }

    pub(super) fn weight(&self, id: usize) -> usize {
        self.get(id).map_or(0, |flat| flat.weight)
    }

    pub(super) fn end(&self, id: usize) -> usize {
        self.get(id).map_or(usize::MAX, |flat| flat.end)
    }

    /// The values around this one, from the nearest to the root.
    pub(super) fn around(&self, id: usize) -> impl Iterator<Item = usize> {
        let mut here = id;
        std::iter::from_fn(move || {
            let parent = self.get(here)?.parent;
            (parent != here).then(|| {
                here = parent;
                parent
            })
        })
    }

    /// The entries of an object in the order of the document, or the items of a list.
    pub(super) fn children(&self, id: usize) -> impl Iterator<Item = usize> {
        let end = self.get(id).map_or(0, |flat| flat.end);
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.end(child);
            Some(child)
        })
    }

    fn add(&mut self, value: &'a Value, key: &'a str, parent: usize) {
        let id = self.nodes.len();
        self.nodes.push(Flat { value, key, parent, end: id + 1, hash: 0, weight: 0 });
        let (hash, weight) = match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => (hash_of(value), 4),
            Value::String(text) => (hash_of(value), text.len().saturating_add(2)),
            Value::Array(items) => {
                items.iter().for_each(|item| self.add(item, "", id));
                let mut hasher = DefaultHasher::new();
                items.len().hash(&mut hasher);
                let mut weight = 2_usize;
                for child in self.children_so_far(id) {
                    self.hash(child).hash(&mut hasher);
                    weight = weight.saturating_add(self.weight(child)).saturating_add(1);
                }
                (hasher.finish(), weight)
            }
            Value::Object(entries) => {
                entries.iter().for_each(|(key, entry)| self.add(entry, key, id));
                let mut weight = 2_usize;
                // A sum, so that the order of the entries does not matter.
                let mut sum = 0_u64;
                for child in self.children_so_far(id) {
                    sum = sum.wrapping_add(hash_of(&(self.key(child), self.hash(child))));
                    weight = weight.saturating_add(self.weight(child)).saturating_add(self.key(child).len() + 4);
                }
                (hash_of(&("object", sum)), weight)
            }
        };
        let end = self.nodes.len();
        if let Some(flat) = self.nodes.get_mut(id) {
            (flat.end, flat.hash, flat.weight) = (end, hash, weight);
        }
    }

    /// The children of a value whose own end is not known yet.
    fn children_so_far(&self, id: usize) -> impl Iterator<Item = usize> {
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let child = (next < self.len()).then_some(next)?;
            next = self.end(child);
            Some(child)
        })
    }
}

fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
