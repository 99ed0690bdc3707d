use serde_json::{Number, Value};

use super::leaf::Leaf;
use super::op::{Entry, JsonOp, New, Node, Old};
use super::path::Path;
use super::place::Place;
use super::slots::Slots;
use super::walk::{After, items_after, items_before};
use crate::text::TextOp;

/// One thing that an op does. Where something leaves is a path in the document before the op, where something comes or
/// is edited a path in the document after it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Change<'a> {
    /// A value goes, with all that does not move out of it.
    Remove {
        /// Where it was before.
        from: Path,
    },
    /// A value moves, with all that does not leave it otherwise.
    Move {
        /// Where it was before.
        from: Path,
        /// Where it is after.
        to: Path,
    },
    /// A value comes.
    Insert {
        /// Where it is after.
        to: Path,
        /// What comes, without what moves or comes into it besides.
        value: &'a Value,
    },
    /// A string is edited.
    EditText {
        /// Where it is after.
        at: Path,
        /// The edit.
        op: &'a TextOp,
    },
    /// Something is added to a number.
    AddNumber {
        /// Where it is after.
        at: Path,
        /// What is added.
        amount: &'a Number,
    },
    /// A rich text is edited.
    #[cfg(feature = "rich-in-json")]
    EditRich {
        /// Where it is after.
        at: Path,
        /// The edit, whose lengths count UTF-16 units.
        op: &'a crate::rich::Delta,
    },
}

impl JsonOp {
    /// What the op does, one by one: first what leaves or moves, in the order of the document before, then what comes
    /// or is edited, in the order of the document after. What is replaced both leaves and comes. Takes time and memory
    /// in the size of the op.
    ///
    /// ```
    /// use ot_core::json::{Change, JsonOp};
    /// use ot_core::path;
    /// use serde_json::json;
    ///
    /// let document = json!({"draft": {"label": "EBIT"}, "rows": [], "note": 1});
    /// let op = JsonOp::build(&document)
    ///     .move_to(path!["draft"], path!["rows", 0])?
    ///     .insert(path!["rows", 0, "unit"], "EUR")?
    ///     .remove(path!["note"])?
    ///     .finish()?;
    /// let changes: Vec<Change<'_>> = op.changes().collect();
    /// assert_eq!(changes, [
    ///     Change::Move { from: path!["draft"], to: path!["rows", 0] },
    ///     Change::Remove { from: path!["note"] },
    ///     Change::Insert { to: path!["rows", 0, "unit"], value: &json!("EUR") },
    /// ]);
    /// # Ok::<(), ot_core::OpError>(())
    /// ```
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        let mut reader =
            Reader { slots: Slots::of(self), coming: Vec::new(), targets: vec![Path::default(); self.slots] };
        reader.entry(&self.root, &Place::ROOT);
        let mut leaving = Vec::new();
        reader.leaving(&self.root.old, &Place::ROOT, &mut leaving);
        leaving.into_iter().chain(reader.coming)
    }
}

struct Reader<'a> {
    slots: Slots<'a>,
    coming: Vec<Change<'a>>,
    /// Where each slot is dropped.
    targets: Vec<Path>,
}

impl<'a> Reader<'a> {
    fn leaving(&self, old: &Old, place: &Place<'_>, found: &mut Vec<Change<'a>>) {
        match old {
            Old::Stay(_) => {}
            Old::Remove(_) => found.push(Change::Remove { from: place.path() }),
            Old::Pick(slot, _) => {
                let to = self.targets.get(*slot).cloned().unwrap_or_default();
                found.push(Change::Move { from: place.path(), to });
            }
        }
        for (key, entry) in old.node().entries() {
            self.leaving(&entry.old, &place.key(key), found);
        }
        for (index, old) in items_before(old.node()) {
            self.leaving(old, &place.index(index), found);
        }
    }

    fn entry(&mut self, entry: &'a Entry, place: &Place<'_>) {
        match (&entry.new, &entry.old) {
            (Some(new), _) => self.new_value(new, place),
            (None, Old::Stay(node)) => self.node(node, place),
            (None, Old::Remove(_) | Old::Pick(..)) => {}
        }
    }

    fn new_value(&mut self, new: &'a New, place: &Place<'_>) {
        match new {
            New::Insert(value, node) => {
                self.coming.push(Change::Insert { to: place.path(), value });
                self.node(node, place);
            }
            New::Drop(slot) => {
                if let Some(target) = self.targets.get_mut(*slot) {
                    *target = place.path();
                }
                self.node(self.slots.picked(*slot), place);
            }
        }
    }

    fn node(&mut self, node: &'a Node, place: &Place<'_>) {
        if let Some(leaf) = &node.leaf {
            let at = place.path();
            self.coming.push(match leaf.as_ref() {
                Leaf::Text(op) => Change::EditText { at, op },
                Leaf::Add(amount) => Change::AddNumber { at, amount },
                #[cfg(feature = "rich-in-json")]
                Leaf::Rich(edit) => Change::EditRich { at, op: &edit.0 },
                #[cfg(not(feature = "rich-in-json"))]
                Leaf::Rich(edit) => edit.never(),
            });
        }
        for (key, entry) in node.entries() {
            self.entry(entry, &place.key(key));
        }
        for (index, after) in items_after(node) {
            match after {
                After::Stays(node) => self.node(node, &place.index(index)),
                After::New(new) => self.new_value(new, &place.index(index)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;
    use serde_json::json;

    #[test]
    fn each_change_is_named_with_its_places() {
        let op: JsonOp = serde_json::from_value(json!([
            ["a", {"r": true}, 1, "x", {"p": 0}],
            ["b", [0, {"i": {}}, "y", {"d": 0}, "z", {"es": [1, "!"]}], [1, {"r": true}], [3, {"ena": 2}]],
        ]))
        .unwrap();
        let changes: Vec<Change<'_>> = op.changes().collect();
        let edit = TextOp::new().retain(1).insert("!");
        assert_eq!(
            changes,
            [
                Change::Remove { from: path!["a"] },
                Change::Move { from: path!["a", 1, "x"], to: path!["b", 0, "y"] },
                Change::Remove { from: path!["b", 1] },
                Change::Insert { to: path!["b", 0], value: &json!({}) },
                Change::EditText { at: path!["b", 0, "y", "z"], op: &edit },
                Change::AddNumber { at: path!["b", 3], amount: &2.into() },
            ]
        );
        assert_eq!(JsonOp::noop().changes().count(), 0);
    }
}
