use std::collections::BTreeMap;

use super::change::{Change, Children, JsonOp, Leaf, Node, StepPiece, StepPieces, Steps};
use crate::text::Text;
use crate::{OtType, Side};

/// One pass over what both ops touch; what only one of them touches is copied.
pub(super) fn transform(op: &JsonOp, other: &JsonOp, side: Side) -> JsonOp {
    let root = match (&op.root, &other.root) {
        (Some(ours), Some(theirs)) => change(ours, theirs, side),
        (ours, None) => ours.clone(),
        (None, Some(_)) => None,
    };
    JsonOp { root }
}

fn change(ours: &Change, theirs: &Change, side: Side) -> Option<Change> {
    use Change::{Edit, Insert, Remove, Replace};
    match (ours, theirs) {
        (Insert(new) | Replace(new), Insert(other) | Replace(other)) => {
            (side == Side::Left && new != other).then(|| Replace(new.clone()))
        }
        (Insert(new) | Replace(new), Remove) => Some(Insert(new.clone())),
        (Insert(new) | Replace(new), Edit(_)) => Some(Replace(new.clone())),
        (Remove, Edit(_)) => Some(Remove),
        (Remove, Remove | Insert(_) | Replace(_)) => None,
        (Edit(_), Remove | Insert(_) | Replace(_)) => None,
        (Edit(ours), Edit(theirs)) => node(ours, theirs, side).into_change(),
    }
}

fn node(ours: &Node, theirs: &Node, side: Side) -> Node {
    let leaf = match (&ours.leaf, &theirs.leaf) {
        (Some(Leaf::Text(ours)), Some(Leaf::Text(theirs))) => {
            Leaf::Text(Text::transform(ours, theirs, side)).unless_noop()
        }
        // Sums commute. An op that takes a string for a number fits no document, whatever becomes of it.
        (ours, _) => ours.clone(),
    };
    let children = match (&ours.children, &theirs.children) {
        (Children::Object(ours), Children::Object(theirs)) => Children::of_object(object(ours, theirs, side)),
        (Children::List(ours), Children::List(theirs)) => Children::of_list(list(ours, theirs, side)),
        (ours, _) => ours.clone(),
    };
    Node { leaf, children }
}

fn object(ours: &BTreeMap<String, Change>, theirs: &BTreeMap<String, Change>, side: Side) -> BTreeMap<String, Change> {
    ours.iter()
        .filter_map(|(key, our_change)| {
            let moved = match theirs.get(key) {
                Some(their_change) => change(our_change, their_change, side)?,
                None => our_change.clone(),
            };
            Some((key.clone(), moved))
        })
        .collect()
}

fn list(ours: &Steps, theirs: &Steps, side: Side) -> Steps {
    use StepPiece::{Edit, Insert, Keep, Remove};
    let mut result = Steps::default();
    let mut ours = StepPieces::new(ours);
    let mut theirs = StepPieces::new(theirs);
    while let Some(our_piece) = ours.peek() {
        let their_piece = theirs.peek();
        let length = match (our_piece, their_piece) {
            (Insert(_), Some(Insert(_))) if side == Side::Right => {
                theirs.take(1);
                result.keep(1);
                continue;
            }
            (Insert(value), _) => {
                ours.take(1);
                result.insert(value.clone());
                continue;
            }
            (_, Some(Insert(_))) => {
                theirs.take(1);
                result.keep(1);
                continue;
            }
            (_, their_piece) => our_piece.length().min(their_piece.map_or(usize::MAX, |piece| piece.length())),
        };
        match (ours.take(length), theirs.take(length)) {
            (_, Remove(_)) => {}
            (Keep(count), _) => result.keep(count),
            (Remove(count), _) => result.remove(count),
            (Edit(our_node), Edit(their_node)) => result.edit(node(our_node, their_node, side)),
            (Edit(our_node), _) => result.edit(our_node.clone()),
            (Insert(value), _) => result.insert(value.clone()),
        }
    }
    result
}
