//! Rich text: text and embeds with attributes, in the Delta form of [Quill](https://quilljs.com/docs/delta).
//!
//! `{"ops":[{"insert":"Gandalf","attributes":{"bold":true}},{"retain":3},{"delete":2}]}` inserts bold text, keeps three
//! and deletes two. A retain may carry attributes to set, with `null` to remove one. An embed, such as
//! `{"insert":{"image":"cat.png"}}`, is any JSON value but a string or `null`, and has length 1. A document is a
//! Delta that only inserts.
//!
//! The results are those of `quill-delta` 5, run by run, with these differences:
//!
//! - [`Rich`] counts Unicode code points, as the rest of this crate does. Quill counts UTF-16 units, and so does
//!   [`RichUtf16`], which works together with the ottypes `rich-text`. An op of one is not an op of the other; where
//!   the text has no character outside the Basic Multilingual Plane they agree.
//! - Ops are read into canonical form: runs of length 0, empty attributes and `null` attributes of inserts go away.
//! - An op that reaches past the end of a document is refused, and so is one that cuts a surrogate pair in two.
//! - Ops inside embeds (`{"retain":{…}}`), whose meaning Quill leaves to registered handlers, are refused.
//!
//! What happens when two ops meet: of two inserts at one place the left one stands first; of two values set for one
//! attribute the left one stays; attributes set on what the other deletes go with it. The ottypes `rich-text` calls the
//! sides the other way round: its `"left"` is [`Side::Right`] here.

mod attributes;
mod blame;
mod compose;
mod conflicts;
mod delta;
mod document;
mod invert;
mod pieces;
mod transform;
mod unit;
mod wire;

pub use attributes::{Attributes, MAX_ATTRIBUTES_SIZE};
pub use conflicts::{RichChange, RichConflict};
pub use delta::{Content, Delta, Run};
pub use document::Document;

use unit::{CodePoints, Utf16};

use crate::branch::Conflicts;
use crate::history::{Blame, TextSpan};
use crate::spans::{Step, spans_after};
use crate::{OpError, OtType, Revision, Side};

/// Rich text as a kind of document, with lengths in Unicode code points.
///
/// ```
/// use ot_core::rich::{Delta, Document, Rich};
/// use ot_core::{OtType, Side};
///
/// let bold = serde_json::from_str::<Delta>(r#"{"ops":[{"retain":5,"attributes":{"bold":true}}]}"#)?;
/// let typed = Delta::new().retain(5).insert(" again");
///
/// let mut document = Document::from("Hello");
/// Rich::apply(&mut document, &bold)?;
/// Rich::apply(&mut document, &Rich::transform(&typed, &bold, Side::Left))?;
/// let expected = r#"{"ops":[{"insert":"Hello","attributes":{"bold":true}},{"insert":" again"}]}"#;
/// assert_eq!(serde_json::to_string(&document)?, expected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rich;

/// Rich text as a kind of document, with lengths in UTF-16 units, as JavaScript counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RichUtf16;

/// One implementation for each unit of length.
macro_rules! ot_type {
    ($name:ty, $unit:ty) => {
        impl OtType for $name {
            type Snapshot = Document;
            type Op = Delta;
            /// Units of length before the cursor.
            type Cursor = usize;
            type Log = Vec<Delta>;

            fn apply(snapshot: &mut Document, op: &Delta) -> Result<(), OpError> {
                *snapshot = compose::applied::<$unit>(snapshot, op)?;
                Ok(())
            }

            fn transform(op: &Delta, other: &Delta, side: Side) -> Delta {
                transform::transform::<$unit>(op, other, side)
            }

            fn compose(first: &Delta, second: &Delta) -> Result<Delta, OpError> {
                compose::compose::<$unit>(first, second)
            }

            fn invert(op: &Delta, before: &Document) -> Result<Delta, OpError> {
                invert::invert::<$unit>(op, before)
            }

            fn transform_cursor(cursor: &usize, op: &Delta, side: Side) -> usize {
                transform::transform_position::<$unit>(*cursor, op, side)
            }

            fn normalize(op: Delta) -> Delta {
                // The builder and the reader keep ops in canonical form.
                op
            }

            fn is_noop(op: &Delta) -> bool {
                op.is_noop()
            }
        }

        impl Conflicts for $name {
            type Conflict = RichConflict;

            fn conflicts(ours: &Delta, theirs: &Delta) -> Vec<RichConflict> {
                conflicts::conflicts(ours, theirs)
            }
        }

        /// Spans count units of length. They tell who inserted something, not who set its attributes.
        impl Blame for $name {
            type Origins = Vec<TextSpan>;

            fn origins(
                oldest: &Document,
                revision: Revision,
                ops: impl Iterator<Item = (Revision, Delta)>,
            ) -> Result<Vec<TextSpan>, OpError> {
                let changes = ops.map(|(revision, op)| Self::steps(&op, revision));
                Ok(spans_after(oldest.length::<$unit>(), revision, changes))
            }
        }

        impl $name {
            /// What `op` does to the places of a text, as done by `revision`.
            pub(crate) fn steps(op: &Delta, revision: Revision) -> Vec<Step> {
                blame::steps::<$unit>(op, revision)
            }

            /// The op that turns `before` into `after`: it replaces what lies between their common beginning and their
            /// common end, and sets the attributes that differ there. Not the shortest one; linear in both lengths.
            #[must_use]
            pub fn diff(before: &Document, after: &Document) -> Delta {
                document::diff::<$unit>(before, after)
            }

            /// The length of a document.
            #[must_use]
            pub fn length(document: &Document) -> usize {
                document.length::<$unit>()
            }
        }
    };
}

ot_type!(Rich, CodePoints);
ot_type!(RichUtf16, Utf16);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::OpErrorKind;

    fn delta(ops: Value) -> Delta {
        serde_json::from_value(ops).unwrap()
    }

    fn applied<T: OtType<Snapshot = Document, Op = Delta>>(document: Value, op: Value) -> Result<Value, OpError> {
        let before: Document = serde_json::from_value(document).unwrap();
        let mut after = before.clone();
        let result = T::apply(&mut after, &delta(op));
        assert!(result.is_ok() || after == before, "a refused op changes nothing");
        result.map(|()| serde_json::to_value(&after).unwrap()["ops"].clone())
    }

    #[test]
    fn the_left_insert_stands_first_and_the_left_attribute_stays() {
        let ours = delta(json!([{"retain": 1, "attributes": {"color": "red"}}, {"insert": "left"}]));
        let theirs = delta(json!([{"retain": 1, "attributes": {"color": "blue", "bold": true}}, {"insert": "right"}]));
        for (first, second, side) in [(&theirs, &ours, Side::Left), (&ours, &theirs, Side::Right)] {
            let mut document = Document::from("ab");
            Rich::apply(&mut document, first).unwrap();
            Rich::apply(&mut document, &Rich::transform(second, first, side)).unwrap();
            let merged =
                json!([{"insert": "a", "attributes": {"bold": true, "color": "red"}}, {"insert": "leftrightb"}]);
            assert_eq!(serde_json::to_value(&document).unwrap()["ops"], merged);
        }
    }

    #[test]
    fn an_embed_has_length_one_in_both_units_and_an_emoji_does_not() {
        let document = json!([{"insert": {"image": "cat.png"}}, {"insert": "💃b"}]);
        let op = json!([{"retain": 2}, {"insert": "-"}]);
        let after = applied::<Rich>(document.clone(), op.clone()).unwrap();
        assert_eq!(after, json!([{"insert": {"image": "cat.png"}}, {"insert": "💃-b"}]));
        let error = applied::<RichUtf16>(document, op).unwrap_err();
        assert_eq!((error.kind(), error.place()), (OpErrorKind::OutOfRange, "position 1"));
    }

    #[test]
    fn an_op_past_the_end_is_refused_and_changes_nothing() {
        for op in [
            json!([{"delete": 3}]),
            json!([{"retain": 3}, {"insert": "x"}]),
            json!([{"retain": 3, "attributes": {"b": 1}}]),
        ] {
            let error = applied::<Rich>(json!([{"insert": "ab"}]), op).unwrap_err();
            assert_eq!((error.kind(), error.place()), (OpErrorKind::OutOfRange, "position 2"));
        }
    }

    #[test]
    fn what_is_not_a_delta_is_not_read() {
        for wrong in [
            json!(null),
            json!({"insert": "x"}),
            json!([{"retain": -1}]),
            json!([{"retain": 1.5}]),
            json!([{"retain": {"image": {}}}]),
            json!([{"insert": null}]),
            json!([{"insert": "x", "delete": 1}]),
            json!([{"attributes": {}}]),
            json!([{"delete": 1, "attributes": {"b": 1}}]),
            json!([{"insert": "x", "attributes": 7}]),
            json!([{"insert": "x", "extra": 7}]),
        ] {
            assert!(serde_json::from_value::<Delta>(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(serde_json::from_value::<Document>(json!([{"retain": 1, "attributes": {"b": 1}}])).is_err());
        assert!(serde_json::from_value::<Document>(json!([{"insert": "x"}, {"delete": 1}])).is_err());
    }

    #[test]
    fn ops_are_read_into_canonical_form() {
        let op = delta(json!({"ops": [
            {"insert": ""}, {"retain": 0}, {"delete": 1}, {"insert": "a", "attributes": {"b": null}}, {"delete": 2},
            {"insert": "b", "attributes": {}}, {"retain": 5},
        ]}));
        assert_eq!(serde_json::to_value(&op).unwrap(), json!({"ops": [{"insert": "ab"}, {"delete": 3}]}));
    }

    #[test]
    fn attributes_that_are_too_deep_or_too_large_are_refused() {
        let deep = (0..100).fold(json!(1), |value, _| json!([value]));
        let large = "x".repeat(MAX_ATTRIBUTES_SIZE);
        for wrong in [
            json!([{"insert": "x", "attributes": {"a": deep}}]),
            json!([{"insert": {"embed": deep}}]),
            json!([{"retain": 1, "attributes": {"a": large}}]),
        ] {
            let error = serde_json::from_value::<Delta>(wrong).unwrap_err();
            assert!(error.to_string().contains("op_too_large"), "{error}");
        }
        // Two that fit one by one may not fit together.
        let half = &large[..MAX_ATTRIBUTES_SIZE - 10];
        let document = json!([{"insert": "x", "attributes": {"a": half}}]);
        let error = applied::<Rich>(document, json!([{"retain": 1, "attributes": {"b": half}}])).unwrap_err();
        assert_eq!(error.kind(), OpErrorKind::TooLarge);
    }

    #[test]
    fn huge_counts_neither_overflow_nor_panic() {
        let huge = Delta::new().retain(usize::MAX).delete(usize::MAX).retain(usize::MAX).insert("x");
        let other = Delta::new().retain(usize::MAX).delete(7).insert("y");
        let _ = Rich::transform(&huge, &other, Side::Left);
        let _ = Rich::compose(&huge, &other).unwrap();
        let _ = Rich::transform_cursor(&usize::MAX, &huge, Side::Right);
        assert!(Rich::apply(&mut Document::from("short"), &huge).is_err());
        assert!(Rich::invert(&huge, &Document::from("short")).is_err());
    }

    #[test]
    fn a_difference_leads_from_one_document_to_the_other() {
        let before = json!([{"insert": "ab💃c", "attributes": {"b": 1}}, {"insert": {"image": 1}}, {"insert": "\n"}]);
        let after = json!([{"insert": "ab"}, {"insert": "xx💃c", "attributes": {"b": 1}}, {"insert": {"image": 2}}, {"insert": "\n"}]);
        let read = |document: &Value| serde_json::from_value::<Document>(document.clone()).unwrap();
        let op = RichUtf16::diff(&read(&before), &read(&after));
        let mut document = read(&before);
        RichUtf16::apply(&mut document, &op).unwrap();
        assert_eq!(document, read(&after));
        assert!(Rich::is_noop(&Rich::diff(&document, &document)));
    }
}
