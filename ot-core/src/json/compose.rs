use std::collections::BTreeMap;

use serde_json::Value;

use super::apply::applied;
use super::change::{Change, Children, JsonOp, Leaf, Node, StepPiece, StepPieces, Steps};
use super::number::sum;
use super::path::{Path, PathSegment};
use crate::text::Text;
use crate::{OpError, OpErrorKind, OtType};

pub(super) fn compose(first: &JsonOp, second: &JsonOp) -> Result<JsonOp, OpError> {
    let mut place = Path::default();
    let root = match (&first.root, &second.root) {
        // A document of nothing is `null`: it can be removed again, replaced, or inserted.
        (Some(first), Some(Change::Remove)) if leaves_nothing(first) => Some(Change::Remove),
        (Some(first), Some(Change::Insert(new) | Change::Replace(new))) if leaves_nothing(first) => {
            Some(Change::Replace(new.clone()))
        }
        (Some(first), Some(second)) => change(first, second, &mut place)?,
        (first, second) => first.as_ref().or(second.as_ref()).cloned(),
    };
    Ok(JsonOp { root })
}

fn leaves_nothing(change: &Change) -> bool {
    matches!(change, Change::Remove | Change::Insert(Value::Null) | Change::Replace(Value::Null))
}

fn change(first: &Change, second: &Change, place: &mut Path) -> Result<Option<Change>, OpError> {
    use Change::{Edit, Insert, Remove, Replace};
    Ok(match (first, second) {
        (Remove, Insert(new)) => Some(Replace(new.clone())),
        (Remove, _) => return Err(error(OpErrorKind::Missing, place, "the first op removes what the second changes")),
        (_, Insert(_)) => {
            return Err(error(OpErrorKind::Occupied, place, "the second op inserts where the first leaves a value"));
        }
        (Insert(_), Remove) => None,
        (Insert(_), Replace(new)) => Some(Insert(new.clone())),
        (Insert(value), Edit(node)) => Some(Insert(applied(value.clone(), node)?)),
        (Replace(_) | Edit(_), Remove) => Some(Remove),
        (Replace(_) | Edit(_), Replace(new)) => Some(Replace(new.clone())),
        (Replace(value), Edit(node)) => Some(Replace(applied(value.clone(), node)?)),
        (Edit(first), Edit(second)) => node(first, second, place)?.into_change(),
    })
}

fn node(first: &Node, second: &Node, place: &mut Path) -> Result<Node, OpError> {
    let leaf = match (&first.leaf, &second.leaf) {
        (Some(Leaf::Text(first)), Some(Leaf::Text(second))) => Leaf::Text(Text::compose(first, second)?).unless_noop(),
        (Some(Leaf::Add(first)), Some(Leaf::Add(second))) => match sum(first, second) {
            Some(sum) => Leaf::Add(sum).unless_noop(),
            None => return Err(error(OpErrorKind::OutOfRange, place, "no number holds the sum exactly")),
        },
        (Some(_), Some(_)) => {
            return Err(error(OpErrorKind::WrongKind, place, "the ops take one value for a string and for a number"));
        }
        (first, second) => first.as_ref().or(second.as_ref()).cloned(),
    };
    let children = match (&first.children, &second.children) {
        (Children::Object(first), Children::Object(second)) => Children::of_object(object(first, second, place)?),
        (Children::List(first), Children::List(second)) => Children::of_list(list(first, second, place)?),
        (Children::None, children) | (children, Children::None) => children.clone(),
        _ => return Err(error(OpErrorKind::WrongKind, place, "the ops take one value for an object and for a list")),
    };
    Ok(Node { leaf, children })
}

fn object(
    first: &BTreeMap<String, Change>,
    second: &BTreeMap<String, Change>,
    place: &mut Path,
) -> Result<BTreeMap<String, Change>, OpError> {
    let mut result = first.clone();
    for (key, second) in second {
        let composed = match first.get(key) {
            None => Some(second.clone()),
            Some(first) => {
                place.0.push(PathSegment::Key(key.clone()));
                let composed = change(first, second, place)?;
                place.0.pop();
                composed
            }
        };
        match composed {
            Some(composed) => result.insert(key.clone(), composed),
            None => result.remove(key),
        };
    }
    Ok(result)
}

fn list(first: &Steps, second: &Steps, place: &mut Path) -> Result<Steps, OpError> {
    use StepPiece::{Edit, Insert, Keep, Remove};
    let mut result = Steps::default();
    let mut first = StepPieces::new(first);
    let mut second = StepPieces::new(second);
    // The item of the list between the ops, for the place of an error.
    let mut index = 0_usize;
    loop {
        let length = match (first.peek(), second.peek()) {
            (None, None) => return Ok(result),
            (_, Some(Insert(value))) => {
                second.take(1);
                result.insert(value.clone());
                continue;
            }
            (Some(Remove(count)), _) => {
                first.take(count);
                result.remove(count);
                continue;
            }
            (a, b) => a.map_or(usize::MAX, |a| a.length()).min(b.map_or(usize::MAX, |b| b.length())),
        };
        match (first.take(length), second.take(length)) {
            (Keep(count), Keep(_)) => result.keep(count),
            (Insert(value), Keep(_)) => result.insert(value.clone()),
            (Edit(node), Keep(_)) | (Keep(_), Edit(node)) => result.edit(node.clone()),
            (Keep(_) | Edit(_), Remove(count)) => result.remove(count),
            (Insert(value), Edit(node)) => result.insert(applied(value.clone(), node)?),
            (Edit(earlier), Edit(later)) => {
                place.0.push(PathSegment::Index(index));
                result.edit(node(earlier, later, place)?);
                place.0.pop();
            }
            // An insert followed by its remove leaves nothing; the rest went by above.
            (Insert(_), Remove(_) | Insert(_)) | (Remove(_), _) | (_, Insert(_)) => {}
        }
        index = index.saturating_add(length);
    }
}

fn error(kind: OpErrorKind, place: &Path, hint: &str) -> OpError {
    OpError::new(kind, place.to_string(), hint)
}
