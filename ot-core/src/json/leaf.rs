//! Changes to a value as such: a string, a number, a rich text. Each is an op of another type inside the tree.

use serde_json::{Number, Value};

use super::MAX_DEPTH;
use super::apply::is_shallow;
use super::number::{is_zero, negated, sum};
use super::place::Place;
use super::rich_edit::RichEdit;
use crate::text::{self, Text, TextOp};
use crate::{OpError, OpErrorKind, OtType, Side};

/// A change to a value as such.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Leaf {
    /// Edits a string.
    Text(TextOp),
    /// Adds to a number.
    Add(Number),
    /// Edits a rich text.
    Rich(RichEdit),
}

impl Leaf {
    /// Whether the leaf changes nothing: editing without runs, or adding zero.
    pub(super) fn is_noop(&self) -> bool {
        match self {
            Self::Text(op) => op.is_noop(),
            Self::Add(amount) => is_zero(amount),
            Self::Rich(op) => op.is_noop(),
        }
    }

    /// The leaf, unless it changes nothing.
    pub(super) fn unless_noop(self) -> Option<Self> {
        (!self.is_noop()).then_some(self)
    }

    /// Whether the leaf fits `value`, which it does not change.
    pub(super) fn check(&self, value: &Value, place: &Place<'_>) -> Result<(), OpError> {
        match (self, value) {
            (Self::Text(op), Value::String(text)) if op.length_before() <= text.chars().count() => Ok(()),
            // The text itself knows best how to say what does not fit.
            (Self::Text(op), Value::String(text)) => {
                text::apply_to_string(&mut text.clone(), op).map_err(|inner| within(&inner, place))
            }
            (Self::Add(amount), Value::Number(number)) => match sum(number, amount) {
                Some(_) => Ok(()),
                None => Err(error(OpErrorKind::OutOfRange, place, "no number holds the sum exactly")),
            },
            (Self::Rich(op), value) => {
                let changed = op.edited(value).map_err(|inner| within(&inner, place))?;
                if is_shallow(&changed, MAX_DEPTH.saturating_sub(place.depth())) {
                    Ok(())
                } else {
                    Err(error(OpErrorKind::TooLarge, place, &format!("more than {MAX_DEPTH} levels deep")))
                }
            }
            (Self::Text(_), _) => Err(error(OpErrorKind::WrongKind, place, "this is not a string")),
            (Self::Add(_), _) => Err(error(OpErrorKind::WrongKind, place, "this is not a number")),
        }
    }

    /// Changes a value that was checked. A refusal would leave it as it is.
    pub(super) fn apply(&self, value: &mut Value) {
        match (self, &mut *value) {
            (Self::Text(op), Value::String(text)) => drop(text::apply_to_string(text, op)),
            (Self::Add(amount), Value::Number(number)) => {
                if let Some(sum) = sum(number, amount) {
                    *number = sum;
                }
            }
            (Self::Rich(op), _) => {
                if let Ok(changed) = op.edited(value) {
                    *value = changed;
                }
            }
            (Self::Text(_) | Self::Add(_), _) => {}
        }
    }

    /// The leaf behind a concurrent one of the same value.
    pub(super) fn transform(&self, other: &Self, side: Side) -> Option<Self> {
        match (self, other) {
            (Self::Text(ours), Self::Text(theirs)) => Self::Text(Text::transform(ours, theirs, side)).unless_noop(),
            (Self::Rich(ours), Self::Rich(theirs)) => Self::Rich(ours.transform(theirs, side)).unless_noop(),
            // Sums commute. An op that takes a string for a number fits no document, whatever becomes of it.
            (Self::Text(_) | Self::Add(_) | Self::Rich(_), _) => Some(self.clone()),
        }
    }

    /// One leaf for two in a row; nothing when they cancel out.
    pub(super) fn compose(&self, then: &Self, place: &Place<'_>) -> Result<Option<Self>, OpError> {
        let composed = match (self, then) {
            (Self::Text(first), Self::Text(second)) => Self::Text(Text::compose(first, second)?),
            (Self::Rich(first), Self::Rich(second)) => Self::Rich(first.compose(second)?),
            (Self::Add(first), Self::Add(second)) => match sum(first, second) {
                Some(sum) => Self::Add(sum),
                None => return Err(error(OpErrorKind::OutOfRange, place, "no number holds the sum exactly")),
            },
            (Self::Text(_) | Self::Add(_) | Self::Rich(_), _) => {
                return Err(error(OpErrorKind::WrongKind, place, "the ops take one value for two kinds of value"));
            }
        };
        Ok(composed.unless_noop())
    }

    /// The leaf that takes this one back.
    pub(super) fn invert(&self, before: &Value) -> Result<Self, OpError> {
        match (self, before) {
            (Self::Text(op), Value::String(before)) => Ok(Self::Text(text::invert_on_str(op, before)?)),
            (Self::Add(amount), Value::Number(_)) => negated(amount)
                .map(Self::Add)
                .ok_or_else(|| error(OpErrorKind::OutOfRange, &Place::ROOT, "no number takes the amount back")),
            (Self::Rich(op), before) => Ok(Self::Rich(op.invert(before)?)),
            (Self::Text(_) | Self::Add(_), _) => {
                Err(error(OpErrorKind::WrongKind, &Place::ROOT, "the op does not fit the document before it"))
            }
        }
    }

    /// Where a cursor inside the value goes.
    pub(super) fn transform_offset(&self, offset: usize, side: Side) -> usize {
        match self {
            Self::Text(op) => Text::transform_cursor(&offset, op, side),
            Self::Rich(op) => op.transform_offset(offset, side),
            Self::Add(_) => offset,
        }
    }
}

fn within(inner: &OpError, place: &Place<'_>) -> OpError {
    error(inner.kind(), place, &format!("{}: {}", inner.place(), inner.hint()))
}

fn error(kind: OpErrorKind, place: &Place<'_>, hint: &str) -> OpError {
    OpError::new(kind, place.to_string(), hint)
}
