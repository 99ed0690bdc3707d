use std::collections::BTreeMap;

use serde_json::Value;

use super::leaf::Leaf;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Step};
use super::path::{Path, PathSegment};
use super::rich_edit::RichEdit;
use super::{Json, apply};
use crate::history::{Blame, TextSpan};
use crate::spans::{one_span, spans_behind};
use crate::text::steps;
use crate::{OpError, Revision};

/// The revision that each value of a JSON document comes from.
///
/// A value comes from the revision that inserted it, or that last edited the text or the number which it is. A change
/// inside an object or a list is one of what changed, not of the object or the list. A value that moves takes its
/// origins along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonOrigins {
    root: Origin,
}

impl JsonOrigins {
    /// The revision that last set the value at `path`; nothing past the end of a list. There need not be a value at a
    /// key: then it is the one that the nearest object around it comes from.
    #[must_use]
    pub fn revision(&self, path: &Path) -> Option<Revision> {
        let found = self.find(path)?;
        Some(match found {
            Found::Exactly(origin) => origin.revision,
            Found::Within(revision) => revision,
        })
    }

    /// The revisions that inserted each stretch of the string at `path`, in code points, or of the rich text, in UTF-16
    /// units; nothing where no revision has edited it, so that it comes from [`JsonOrigins::revision`] as a whole.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<&[TextSpan]> {
        match self.find(path)? {
            Found::Exactly(Origin { parts: Parts::Text(spans), .. }) => Some(spans),
            _ => None,
        }
    }

    fn find(&self, path: &Path) -> Option<Found<'_>> {
        let mut here = &self.root;
        for segment in &path.0 {
            here = match (&here.parts, segment) {
                (Parts::Object(entries), PathSegment::Key(key)) => match entries.get(key) {
                    Some(entry) => entry,
                    None => return Some(Found::Within(here.within)),
                },
                (Parts::List(items), PathSegment::Index(index)) => items.get(*index)?,
                (Parts::Whole, _) => return Some(Found::Within(here.within)),
                _ => return None,
            };
        }
        Some(Found::Exactly(here))
    }
}

enum Found<'a> {
    Exactly(&'a Origin),
    /// In a part of a value that came as a whole.
    Within(Revision),
}

/// Where one value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    /// Who last set or edited the value itself.
    revision: Revision,
    /// Who brought those parts of it that are not listed.
    within: Revision,
    parts: Parts,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Parts {
    Whole,
    Text(Vec<TextSpan>),
    /// Entries that came or changed later than the object.
    Object(BTreeMap<String, Origin>),
    List(Vec<Origin>),
    /// The value that is dropped here takes this place when all are picked up.
    Dropped(usize),
}

impl Origin {
    fn whole(revision: Revision) -> Self {
        Self { revision, within: revision, parts: Parts::Whole }
    }
}

impl Blame for Json {
    type Origins = JsonOrigins;

    fn origins(
        oldest: &Value,
        revision: Revision,
        ops: impl Iterator<Item = (Revision, JsonOp)>,
    ) -> Result<JsonOrigins, OpError> {
        let mut document = oldest.clone();
        let mut root = Origin::whole(revision);
        for (revision, op) in ops {
            let op = op.into_normal();
            let mut trace = Trace { revision, picked: vec![None; op.slots] };
            let old = trace.old(&op.root.old, root, &document);
            root = trace.entry_after(&op.root, old).unwrap_or_else(|| Origin::whole(revision));
            trace.put_down(&mut root);
            apply::apply(&mut document, &op)?;
        }
        Ok(JsonOrigins { root })
    }
}

/// One op on its way through the origins.
struct Trace {
    revision: Revision,
    /// The origins of what moves, by slot.
    picked: Vec<Option<Origin>>,
}

impl Trace {
    /// What becomes of the origin of a value: nothing when the value leaves.
    fn old(&mut self, old: &Old, origin: Origin, value: &Value) -> Option<Origin> {
        let changed = self.node(old.node(), origin, value);
        match old {
            Old::Stay(_) => Some(changed),
            Old::Remove(_) => None,
            Old::Pick(slot, _) => {
                if let Some(place) = self.picked.get_mut(*slot) {
                    *place = Some(changed);
                }
                None
            }
        }
    }

    /// What stands at a place where `old` is left.
    fn entry_after(&mut self, entry: &Entry, old: Option<Origin>) -> Option<Origin> {
        match &entry.new {
            Some(new) => Some(self.new_origin(new)),
            None => old,
        }
    }

    fn new_origin(&mut self, new: &New) -> Origin {
        match new {
            New::Insert(value, node) => self.node(node, Origin::whole(self.revision), value),
            New::Drop(slot) => Origin { parts: Parts::Dropped(*slot), ..Origin::whole(self.revision) },
        }
    }

    fn node(&mut self, node: &Node, mut origin: Origin, value: &Value) -> Origin {
        if let Some(leaf) = &node.leaf {
            let (length, steps) = match leaf.as_ref() {
                Leaf::Text(op) => (value.as_str().map_or(0, |text| text.chars().count()), steps(op, self.revision)),
                Leaf::Rich(op) => (RichEdit::length(value), op.steps(self.revision)),
                Leaf::Add(_) => (0, Vec::new()),
            };
            if !steps.is_empty() {
                let spans = match origin.parts {
                    Parts::Text(spans) => spans,
                    _ => one_span(length, origin.within),
                };
                origin.parts = Parts::Text(spans_behind(spans, &steps));
            }
            origin.revision = self.revision;
        }
        match &node.children {
            Children::None => {}
            Children::Object(changes) => {
                let mut entries = match origin.parts {
                    Parts::Object(entries) => entries,
                    _ => BTreeMap::new(),
                };
                for (key, entry) in changes {
                    let before = value.get(key.as_str());
                    let known = entries.remove(key.as_str()).unwrap_or_else(|| Origin::whole(origin.within));
                    let old = self.old(&entry.old, known, before.unwrap_or(&Value::Null)).filter(|_| before.is_some());
                    if let Some(after) = self.entry_after(entry, old) {
                        entries.insert(key.to_string(), after);
                    }
                }
                origin.parts = Parts::Object(entries);
            }
            Children::List(changes) => {
                let items = match origin.parts {
                    Parts::List(items) => items,
                    _ => vec![Origin::whole(origin.within); value.as_array().map_or(0, Vec::len)],
                };
                origin.parts = Parts::List(self.list(changes, items, value));
            }
        }
        origin
    }

    fn list(&mut self, changes: &[Step], items: Vec<Origin>, value: &Value) -> Vec<Origin> {
        let mut after = Vec::with_capacity(items.len());
        let mut before = items.into_iter().enumerate();
        for step in changes {
            match step {
                Step::Keep(count) => after.extend(before.by_ref().take(*count).map(|(_, origin)| origin)),
                Step::New(new) => after.push(self.new_origin(new)),
                Step::Item(old) => {
                    if let Some((index, origin)) = before.next() {
                        after.extend(self.old(old, origin, value.get(index).unwrap_or(&Value::Null)));
                    }
                }
            }
        }
        after.extend(before.map(|(_, origin)| origin));
        after
    }

    /// Puts what was picked up where it is dropped.
    fn put_down(&mut self, origin: &mut Origin) {
        if self.picked.iter().all(Option::is_none) {
            return;
        }
        if let Parts::Dropped(slot) = origin.parts
            && let Some(moved) = self.picked.get_mut(slot).and_then(Option::take)
        {
            *origin = moved;
        }
        match &mut origin.parts {
            Parts::Object(entries) => entries.values_mut().for_each(|entry| self.put_down(entry)),
            Parts::List(items) => items.iter_mut().for_each(|item| self.put_down(item)),
            Parts::Whole | Parts::Text(_) | Parts::Dropped(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::history::{History, Stamp};
    #[cfg(feature = "rich-in-json")]
    use crate::rich::Delta;
    use crate::text::TextOp;
    use crate::{ClientId, path};

    /// The history of `start` and then `ops`, from revision 10 on.
    fn history(start: Value, ops: Vec<JsonOp>) -> History<Json> {
        let mut history = History::new(start, Revision(10));
        for op in ops {
            history.push(&op, Stamp::new(ClientId::default(), 0)).unwrap();
        }
        history
    }

    fn revision(origins: &JsonOrigins, path: Path) -> u64 {
        origins.revision(&path).unwrap().0
    }

    #[test]
    fn each_value_comes_from_the_revision_that_set_it() {
        let start = json!({"price": 1, "name": "a", "rows": [{"x": 1}, {"x": 2}]});
        let ops = vec![
            JsonOp::replace(path!["price"], json!(2)),
            JsonOp::insert(path!["rows", 1], json!({"x": 3, "y": [1]})),
            JsonOp::replace(path!["rows", 1, "y", 0], json!(7)),
            JsonOp::remove(path!["rows", 0]),
            JsonOp::add_number(path!["rows", 1, "x"], 5),
        ];
        let history = history(start, ops);
        let origins = history.blame().unwrap();
        assert_eq!(revision(&origins, path![]), 10);
        assert_eq!(revision(&origins, path!["price"]), 11);
        assert_eq!(revision(&origins, path!["name"]), 10);
        assert_eq!(revision(&origins, path!["rows"]), 10);
        assert_eq!(revision(&origins, path!["rows", 0]), 12);
        assert_eq!(revision(&origins, path!["rows", 0, "x"]), 12);
        assert_eq!(revision(&origins, path!["rows", 0, "y", 0]), 13);
        assert_eq!(revision(&origins, path!["rows", 1, "x"]), 15);
        assert_eq!(origins.revision(&path!["rows", 2]), None);
        assert_eq!(revision(&history.blame_at(Revision(11)).unwrap(), path!["rows", 0]), 10);
    }

    #[test]
    fn what_moves_takes_its_origins_along() {
        let ops = vec![
            JsonOp::insert(path!["a", "new"], json!(1)),
            JsonOp::move_to(path!["a"], path!["list", 0]).unwrap(),
            JsonOp::move_to(path!["list", 0, "new"], path!["b"]).unwrap(),
        ];
        let history = history(json!({"a": {"old": 0}, "list": []}), ops);
        assert_eq!(*history.document(), json!({"b": 1, "list": [{"old": 0}]}));
        let origins = history.blame().unwrap();
        assert_eq!(revision(&origins, path!["b"]), 11);
        assert_eq!(revision(&origins, path!["list", 0]), 10);
        assert_eq!(revision(&origins, path!["list", 0, "old"]), 10);
    }

    #[test]
    fn the_text_of_a_string_comes_from_those_who_typed_it() {
        let ops = vec![
            JsonOp::edit_text(path!["note"], TextOp::new().retain(5).insert(" big")),
            JsonOp::edit_text(path!["note"], TextOp::new().delete(1).insert("H")),
        ];
        let history = history(json!({"note": "hello world", "other": "x"}), ops);
        let origins = history.blame().unwrap();
        let span = |length, revision| TextSpan { length, revision: Revision(revision) };
        let expected = [span(1, 12), span(4, 10), span(4, 11), span(6, 10)];
        assert_eq!(origins.text(&path!["note"]), Some(expected.as_slice()));
        assert_eq!(revision(&origins, path!["note"]), 12);
        assert_eq!(origins.text(&path!["other"]), None);
    }

    #[cfg(feature = "rich-in-json")]
    #[test]
    fn rich_text_inside_comes_from_those_who_typed_it() {
        let start = json!({"memo": [{"insert": "a💃"}]});
        let typed = JsonOp::edit_rich(path!["memo"], Delta::new().retain(3).insert("b"));
        let origins = history(start, vec![typed]).blame().unwrap();
        let span = |length, revision| TextSpan { length, revision: Revision(revision) };
        assert_eq!(origins.text(&path!["memo"]), Some([span(3, 10), span(1, 11)].as_slice()));
    }

    #[test]
    fn a_replaced_root_comes_from_who_replaced_it() {
        let history = history(json!([1, 2]), vec![JsonOp::replace(path![], json!({"a": [1]}))]);
        assert_eq!(revision(&history.blame().unwrap(), path!["a", 0]), 11);
    }
}
