//! Edits of rich text inside a document, if the feature `rich-in-json` is on. If it is off there are none, and what deals
//! with them takes no room.

use serde_json::Value;

use crate::OpError;
#[cfg(not(feature = "rich-in-json"))]
use crate::{OpErrorKind, Revision, Side, spans::Step};
#[cfg(feature = "rich-in-json")]
use crate::{
    OtType as _, Revision, Side,
    rich::{Delta, Document, RichUtf16},
    spans::Step,
};

/// An edit of a document in Delta form. Lengths count UTF-16 units, as in every `rich-text` of ottypes.
#[cfg(feature = "rich-in-json")]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RichEdit(pub(super) Delta);

#[cfg(feature = "rich-in-json")]
impl RichEdit {
    pub(super) fn read(edit: Value) -> Result<Self, OpError> {
        Ok(Self(Delta::try_from(edit)?))
    }

    pub(super) fn write(&self) -> Value {
        Value::from(&self.0)
    }

    pub(super) fn is_noop(&self) -> bool {
        self.0.is_noop()
    }

    /// The value with the edit.
    pub(super) fn edited(&self, value: &Value) -> Result<Value, OpError> {
        let mut document = document(value)?;
        RichUtf16::apply(&mut document, &self.0)?;
        Ok(Value::from(&document))
    }

    /// The `rich-text` of ottypes, and so `json1`, names the sides the other way round.
    pub(super) fn transform(&self, other: &Self, side: Side) -> Self {
        Self(RichUtf16::transform(&self.0, &other.0, side.opposite()))
    }

    pub(super) fn compose(&self, then: &Self) -> Result<Self, OpError> {
        RichUtf16::compose(&self.0, &then.0).map(Self)
    }

    pub(super) fn invert(&self, before: &Value) -> Result<Self, OpError> {
        RichUtf16::invert(&self.0, &document(before)?).map(Self)
    }

    pub(super) fn transform_offset(&self, offset: usize, side: Side) -> usize {
        RichUtf16::transform_cursor(&offset, &self.0, side)
    }

    /// How long the rich text is that `value` holds.
    pub(super) fn length(value: &Value) -> usize {
        document(value).map_or(0, |document| RichUtf16::length(&document))
    }

    pub(super) fn steps(&self, revision: Revision) -> Vec<Step> {
        RichUtf16::steps(&self.0, revision)
    }
}

#[cfg(feature = "rich-in-json")]
fn document(value: &Value) -> Result<Document, OpError> {
    Document::try_from(value.clone())
        .map_err(|inner| OpError::new(crate::OpErrorKind::WrongKind, "the value", inner.hint()))
}

/// There is none.
#[cfg(not(feature = "rich-in-json"))]
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RichEdit(std::convert::Infallible);

#[cfg(not(feature = "rich-in-json"))]
impl RichEdit {
    pub(super) fn never<X>(&self) -> X {
        match self.0 {}
    }

    pub(super) fn read(_: Value) -> Result<Self, OpError> {
        Err(OpError::new(OpErrorKind::Malformed, "the op", "rich text inside JSON is not built in"))
    }

    pub(super) fn write(&self) -> Value {
        match self.0 {}
    }

    pub(super) fn is_noop(&self) -> bool {
        match self.0 {}
    }

    pub(super) fn edited(&self, _: &Value) -> Result<Value, OpError> {
        match self.0 {}
    }

    pub(super) fn transform(&self, _: &Self, _: Side) -> Self {
        match self.0 {}
    }

    pub(super) fn compose(&self, _: &Self) -> Result<Self, OpError> {
        match self.0 {}
    }

    pub(super) fn invert(&self, _: &Value) -> Result<Self, OpError> {
        match self.0 {}
    }

    pub(super) fn transform_offset(&self, _: usize, _: Side) -> usize {
        match self.0 {}
    }

    pub(super) fn length(_: &Value) -> usize {
        0
    }

    pub(super) fn steps(&self, _: Revision) -> Vec<Step> {
        match self.0 {}
    }
}
