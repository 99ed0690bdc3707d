use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::MAX_DEPTH;
use super::change::{Change, Children, JsonOp, Leaf, Node, Steps};
use super::path::{Path, PathSegment};
use crate::text::TextOp;

/// An op that does one thing at one path. Combine several with [`Json::compose`](crate::OtType::compose).
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
        Self::at(path.into(), Some(Change::Insert(value.into())))
    }

    /// Takes away what is at `path`.
    pub fn remove(path: impl Into<Path>) -> Self {
        Self::at(path.into(), Some(Change::Remove))
    }

    /// Puts `value` in place of what is at `path`. This is how a number or a flag is set.
    pub fn replace(path: impl Into<Path>, value: impl Into<Value>) -> Self {
        Self::at(path.into(), Some(Change::Replace(value.into())))
    }

    /// Edits the string at `path`.
    pub fn edit_text(path: impl Into<Path>, op: TextOp) -> Self {
        Self::at(path.into(), Node::of_leaf(Leaf::Text(op)).into_change())
    }

    /// Adds `amount` to the number at `path`. Adding commutes: what several people add at once adds up.
    pub fn add_number(path: impl Into<Path>, amount: impl Into<Number>) -> Self {
        Self::at(path.into(), Node::of_leaf(Leaf::Add(amount.into())).into_change())
    }

    fn at(path: Path, change: Option<Change>) -> Self {
        // A longer path reaches into no document that the engine accepts. Cut to one step more than fits, it is still
        // refused, and the tree is never too deep to walk.
        let steps = path.0.into_iter().take(MAX_DEPTH + 1);
        let root = steps.rev().fold(change, |change, segment| {
            let children = match (segment, change?) {
                (PathSegment::Key(key), change) => Children::Object(BTreeMap::from([(key, change)])),
                (PathSegment::Index(index), change) => {
                    let mut steps = Steps::default();
                    steps.keep(index);
                    match change {
                        Change::Remove => steps.remove(1),
                        Change::Insert(value) => steps.insert(value),
                        Change::Replace(value) => {
                            steps.insert(value);
                            steps.remove(1);
                        }
                        Change::Edit(node) => steps.edit(node),
                    }
                    Children::of_list(steps)
                }
            };
            Node { leaf: None, children }.into_change()
        });
        Self { root }
    }
}
