use std::sync::Arc;

use serde_json::{Number, Value};
use smol_str::SmolStr;

use super::MAX_DEPTH;
use super::leaf::Leaf;
use super::op::{Children, Entry, JsonOp, New, Node, Old, Steps};
use super::path::{Path, PathSegment};
use super::wire::Descent;
use crate::OpError;
use crate::text::TextOp;

/// An op that does one thing at one path. Combine several with [`JsonOp::build`], or ops that are there already with
/// [`Json::compose`](crate::OtType::compose).
///
/// ```
/// use ot_core::json::{Json, JsonOp};
/// use ot_core::{OtType, path};
/// use serde_json::json;
///
/// let mut model = json!({"rows": [{"label": "Revenue"}]});
/// let op = Json::compose(
///     &JsonOp::insert(path!["rows", 1], json!({"label": "EBIT"})),
///     &JsonOp::replace(path!["rows", 0, "label"], "Net sales"),
/// )?;
/// Json::apply(&mut model, &op)?;
/// assert_eq!(model, json!({"rows": [{"label": "Net sales"}, {"label": "EBIT"}]}));
/// # Ok::<(), ot_core::OpError>(())
/// ```
impl JsonOp {
    /// The op that changes nothing.
    #[must_use]
    pub fn noop() -> Self {
        Self::default()
    }

    /// Puts `value` at `path`: at a key that is not there yet, or before the item of a list.
    pub fn insert(path: impl Into<Path>, value: impl Into<Value>) -> Self {
        Self::at(path.into(), New::Insert(Arc::new(value.into()), Node::default()).into())
    }

    /// Takes away what is at `path`.
    pub fn remove(path: impl Into<Path>) -> Self {
        Self::at(path.into(), Old::Remove(Node::default()).into())
    }

    /// Puts `value` in place of what is at `path`. This is how a number or a flag is set.
    pub fn replace(path: impl Into<Path>, value: impl Into<Value>) -> Self {
        let new = Some(New::Insert(Arc::new(value.into()), Node::default()));
        Self::at(path.into(), Entry { old: Old::Remove(Node::default()), new })
    }

    /// Moves what is at `from` to `to`, with all that is in it. `to` is its path in the document without it: moving the
    /// first item of a list to index 2 puts it behind what were the second and the third.
    ///
    /// # Errors
    ///
    /// Returns an [`OpError`] when `to` lies inside `from`, or when the paths take one value for a list and an object.
    pub fn move_to(from: impl Into<Path>, to: impl Into<Path>) -> Result<Self, OpError> {
        let (from, to) = (from.into(), to.into());
        Self::of_halves(Descent::pick(0).at(&from.0), Descent::drop(0).at(&to.0))
    }

    /// Edits the string at `path`.
    pub fn edit_text(path: impl Into<Path>, op: TextOp) -> Self {
        Self::at_leaf(path.into(), Leaf::Text(op)).into_normal()
    }

    /// Adds `amount` to the number at `path`. Adding commutes: what several people add at once adds up.
    pub fn add_number(path: impl Into<Path>, amount: impl Into<Number>) -> Self {
        Self::at_leaf(path.into(), Leaf::Add(amount.into())).into_normal()
    }

    /// Edits the rich text at `path`, a document in Delta form. Lengths count UTF-16 units, whatever the rest of the
    /// engine counts, so that the op works together with the ottypes `rich-text`.
    #[cfg(feature = "rich-in-json")]
    pub fn edit_rich(path: impl Into<Path>, op: crate::rich::Delta) -> Self {
        Self::at_leaf(path.into(), Leaf::Rich(super::rich_edit::RichEdit(op))).into_normal()
    }

    pub(super) fn at_leaf(path: Path, leaf: Leaf) -> Self {
        let as_written = leaf.is_noop();
        let node = Node { leaf: Some(Box::new(leaf)), children: Children::None };
        Self { as_written, ..Self::at(path, Old::Stay(node).into()) }
    }

    fn at(path: Path, entry: Entry) -> Self {
        // A longer path reaches into no document that the engine accepts. Cut to one step more than fits, it is still
        // refused, and the tree is never too deep to walk.
        let steps = path.0.into_iter().take(MAX_DEPTH + 1);
        let root = steps.rev().fold(entry, |entry, segment| {
            let children = match segment {
                PathSegment::Key(key) => Children::of_object(vec![(SmolStr::from(key), entry)]),
                PathSegment::Index(index) => {
                    let mut steps = Steps::default();
                    steps.keep(index);
                    entry.new.into_iter().for_each(|new| steps.new_item(new));
                    if !entry.old.is_empty() {
                        steps.item(entry.old);
                    }
                    steps.finish()
                }
            };
            Old::Stay(Node { leaf: None, children }).into()
        });
        Self { root, ..Self::default() }
    }
}
