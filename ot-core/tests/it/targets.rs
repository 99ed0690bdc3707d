//! What the fuzzers try: one law of one type of document each, from any bytes. A law that is broken panics.

use std::fmt::Debug;

use ot_core::codec::{self, Binary, Limits};
use ot_core::history::History;
use ot_core::json::{Json, JsonCursor, JsonOp, Path, PathSegment};
use ot_core::rich::{Delta, Document, Rich, RichUtf16};
use ot_core::text::{Text, TextOp};
use ot_core::undo::{UndoLimits, UndoManager};
use ot_core::{OpError, OpLog, OtType, Revision, Side};
use serde_json::Value;

use crate::generate::{Generated, Source};

/// Tries a law on the case that the bytes describe.
pub(crate) type Target = fn(&[u8]);

macro_rules! targets {
    ($($kind:literal: $type:ty),*) => {
        &[$(
            (concat!("tp1-", $kind), |bytes| transform_property_1::<$type>(&mut Bytes(bytes))),
            (concat!("tp1-list-", $kind), |bytes| transform_property_1_of_lists::<$type>(&mut Bytes(bytes))),
            (concat!("compose-", $kind), |bytes| composition::<$type>(&mut Bytes(bytes))),
            (concat!("invert-", $kind), |bytes| inversion::<$type>(&mut Bytes(bytes))),
            (concat!("cursor-", $kind), |bytes| cursors::<$type>(&mut Bytes(bytes))),
            (concat!("undo-", $kind), |bytes| undo::<$type>(&mut Bytes(bytes))),
            (concat!("diff-", $kind), |bytes| difference::<$type>(&mut Bytes(bytes))),
            (concat!("codec-", $kind), |bytes| round_trip::<$type>(&mut Bytes(bytes))),
            (concat!("decode-", $kind), decoding::<$type>),
        )*
            ("patch-json", |bytes| patches(&mut Bytes(bytes))),
        ]
    };
}

/// The targets with their names: the law, then the type of document.
pub(crate) const TARGETS: &[(&str, Target)] =
    targets!("text": Text, "rich": Rich, "rich-utf16": RichUtf16, "json": Json);

/// Bytes as choices: one for few options, four for many, and the first option past the end.
struct Bytes<'a>(&'a [u8]);

impl Source for Bytes<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let count = if limit <= 256 { 1 } else { 4 };
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken.iter().fold(0_usize, |choice, byte| choice << 8 | usize::from(*byte)) % limit
    }
}

/// What the laws need to know of a type besides how it is edited.
pub(crate) trait Lawful: Generated + Binary {
    fn cursor(document: &Self::Snapshot, source: &mut impl Source) -> Self::Cursor;

    /// An op that acts where the cursor points, if one can act there and nowhere else.
    fn mark(cursor: &Self::Cursor) -> Option<Self::Op>;

    /// Whether there is something in the document where the cursor points.
    fn points_into(cursor: &Self::Cursor, document: &Self::Snapshot) -> bool;

    fn diff(before: &Self::Snapshot, after: &Self::Snapshot) -> Self::Op;
}

impl Lawful for Text {
    fn cursor(document: &Self::Snapshot, source: &mut impl Source) -> usize {
        source.below(document.to_string().chars().count() + 1)
    }

    fn mark(cursor: &usize) -> Option<TextOp> {
        Some(TextOp::new().retain(*cursor).insert("|"))
    }

    fn points_into(cursor: &usize, document: &Self::Snapshot) -> bool {
        *cursor <= document.to_string().chars().count()
    }

    fn diff(before: &Self::Snapshot, after: &Self::Snapshot) -> TextOp {
        TextOp::diff(&before.to_string(), &after.to_string())
    }
}

/// Alike for both units of length.
macro_rules! lawful_rich_text {
    ($type:ty) => {
        impl Lawful for $type {
            fn cursor(document: &Document, source: &mut impl Source) -> usize {
                source.below(Self::length(document) + 1)
            }

            fn mark(cursor: &usize) -> Option<Delta> {
                Some(Delta::new().retain(*cursor).insert("|"))
            }

            fn points_into(cursor: &usize, document: &Document) -> bool {
                *cursor <= Self::length(document)
            }

            fn diff(before: &Document, after: &Document) -> Delta {
                Self::diff(before, after)
            }
        }
    };
}

lawful_rich_text!(Rich);
lawful_rich_text!(RichUtf16);

impl Lawful for Json {
    fn cursor(document: &Value, source: &mut impl Source) -> JsonCursor {
        let mut path = Path::default();
        let mut here = document;
        loop {
            match here {
                Value::Array(items) if !items.is_empty() && !source.one_in(4) => {
                    let index = source.below(items.len());
                    path.0.push(PathSegment::Index(index));
                    here = &items[index];
                }
                Value::Object(entries) if !entries.is_empty() && !source.one_in(4) => {
                    let (key, entry) = entries.iter().nth(source.below(entries.len())).unwrap();
                    path.0.push(PathSegment::Key(key.clone()));
                    here = entry;
                }
                _ => break,
            }
        }
        let offset = here.as_str().map(|text| source.below(text.chars().count() + 1));
        JsonCursor { path, offset }
    }

    fn mark(cursor: &JsonCursor) -> Option<JsonOp> {
        let offset = cursor.offset?;
        Some(JsonOp::edit_text(cursor.path.clone(), TextOp::new().retain(offset).insert("|")))
    }

    fn points_into(cursor: &JsonCursor, document: &Value) -> bool {
        let value = cursor.path.0.iter().try_fold(document, |value, segment| match segment {
            PathSegment::Index(index) => value.get(*index),
            PathSegment::Key(key) => value.as_object()?.get(key),
        });
        let end = value.and_then(Value::as_str).map(|text| text.chars().count());
        value.is_some() && cursor.offset.is_none_or(|offset| end.is_some_and(|end| offset <= end))
    }

    fn diff(before: &Value, after: &Value) -> JsonOp {
        Self::diff(before, after).unwrap()
    }
}

/// `apply(apply(s, a), transform(b, a, Right)) == apply(apply(s, b), transform(a, b, Left))`, for both sides of `a`.
/// Both are refused where the document would grow past a limit.
pub(crate) fn transform_property_1<T: Lawful>(source: &mut impl Source) {
    let document = T::document(source);
    let (a, b) = (T::edit(&document, source), T::edit(&document, source));
    for (left, right) in [(&a, &b), (&b, &a)] {
        let one = applied::<T>(&document, left)
            .and_then(|after| applied::<T>(&after, &T::transform(right, left, Side::Right)));
        let other = applied::<T>(&document, right)
            .and_then(|after| applied::<T>(&after, &T::transform(left, right, Side::Left)));
        assert_eq!(one.ok(), other.ok(), "left: {left:?}, right: {right:?}");
    }
}

/// Two people edit on their own, and then each takes the other's ops one by one.
pub(crate) fn transform_property_1_of_lists<T: Lawful>(source: &mut impl Source) {
    let document = T::document(source);
    let mut left_document = document.clone();
    let mut left = edits::<T>(&mut left_document, source);
    let mut right_document = document;
    let right = edits::<T>(&mut right_document, source);
    for mut theirs in right {
        for ours in &mut left {
            let moved = T::transform(&theirs, ours, Side::Right);
            *ours = T::transform(ours, &theirs, Side::Left);
            theirs = moved;
        }
        if T::apply(&mut left_document, &theirs).is_err() {
            return;
        }
    }
    for ours in &left {
        if T::apply(&mut right_document, ours).is_err() {
            return;
        }
    }
    assert_eq!(left_document, right_document);
}

/// `apply(s, compose(a, c)) == apply(apply(s, a), c)`, and composing is associative.
pub(crate) fn composition<T: Lawful>(source: &mut impl Source) {
    let before = T::document(source);
    let mut after = before.clone();
    let ops = edits::<T>(&mut after, source);
    let forth =
        ops.iter().try_fold(None::<T::Op>, |all, op| all.map_or(Ok(op.clone()), |all| T::compose(&all, op)).map(Some));
    let back = ops
        .iter()
        .rev()
        .try_fold(None::<T::Op>, |all, op| all.map_or(Ok(op.clone()), |all| T::compose(op, &all)).map(Some));
    for composed in [forth, back] {
        if let Some(op) = composed.unwrap() {
            assert_eq!(applied::<T>(&before, &op).as_ref(), Ok(&after), "{ops:?} composed: {op:?}");
            assert_eq!(T::normalize(op.clone()), op);
        }
    }
}

/// `apply(apply(s, a), invert(a, s)) == s`
pub(crate) fn inversion<T: Lawful>(source: &mut impl Source) {
    let before = T::document(source);
    let op = T::edit(&before, source);
    let inverse = T::invert(&op, &before).unwrap();
    let after = applied::<T>(&before, &op).unwrap();
    assert_eq!(applied::<T>(&after, &inverse).as_ref(), Ok(&before), "{op:?} inverted: {inverse:?}");
    let again = T::invert(&inverse, &after).unwrap();
    assert_eq!(applied::<T>(&before, &again), Ok(after), "{inverse:?} inverted: {again:?}");
}

/// What acts where a cursor points acts where it points afterwards; and it points to something.
pub(crate) fn cursors<T: Lawful>(source: &mut impl Source) {
    let before = T::document(source);
    let op = T::edit(&before, source);
    let cursor = T::cursor(&before, source);
    let after = applied::<T>(&before, &op).unwrap();
    for side in [Side::Left, Side::Right] {
        let moved = T::transform_cursor(&cursor, &op, side);
        assert!(T::points_into(&moved, &after), "{cursor:?} went to {moved:?} by {op:?}");
        if let (Some(mark), Some(moved)) = (T::mark(&cursor), T::mark(&moved)) {
            assert_eq!(T::transform(&mark, &op, side), moved, "{cursor:?} by {op:?}");
        }
    }
}

/// Undo and redo fit among the edits of others, and undo with redo at once is the identity.
pub(crate) fn undo<T: Lawful>(source: &mut impl Source) {
    let mut document = T::document(source);
    let limits = UndoLimits { groups: 1 + source.below(4), remote: 1 + source.below(4), ..UndoLimits::default() };
    let mut undo = UndoManager::<T>::new(limits);
    for step in 0..=source.below(12) {
        let time = u64::try_from(step).unwrap() * 700;
        match source.below(4) {
            0 => {
                let op = T::edit(&document, source);
                undo.edited(&op, &document, Vec::new(), time).unwrap();
                T::apply(&mut document, &op).unwrap();
            }
            1 => {
                let op = T::edit(&document, source);
                undo.remote(&op);
                T::apply(&mut document, &op).unwrap();
            }
            2 => {
                let before = document.clone();
                if let Ok(Some(undone)) = undo.undo(&document, Vec::new()) {
                    T::apply(&mut document, &undone.op).unwrap();
                    // There is nothing to redo where the undo met what others had undone already.
                    if let Some(redone) = undo.redo(&document, Vec::new()).unwrap() {
                        T::apply(&mut document, &redone.op).unwrap();
                    }
                    assert_eq!(document, before);
                    if let Some(undone) = undo.undo(&document, Vec::new()).unwrap() {
                        T::apply(&mut document, &undone.op).unwrap();
                    }
                }
            }
            _ => {
                if let Ok(Some(redone)) = undo.redo(&document, Vec::new()) {
                    T::apply(&mut document, &redone.op).unwrap();
                }
            }
        }
    }
}

/// `apply(a, diff(a, b)) == b`
pub(crate) fn difference<T: Lawful>(source: &mut impl Source) {
    let before = T::document(source);
    let mut near = before.clone();
    edits::<T>(&mut near, source);
    for after in [near, T::document(source), before.clone()] {
        let op = T::diff(&before, &after);
        assert_eq!(applied::<T>(&before, &op).as_ref(), Ok(&after), "{op:?}");
        assert!(before != after || T::is_noop(&op), "{op:?}");
    }
}

/// `apply(s, from_patch(to_patch(op, s), s)) == apply(s, op)`
pub(crate) fn patches(source: &mut impl Source) {
    let document = Json::document(source);
    for op in [Json::edit(&document, source), Json::diff(&document, &Json::document(source)).unwrap()] {
        let patch = op.to_patch(&document).unwrap();
        let read = JsonOp::from_patch(&patch, &document).unwrap();
        assert_eq!(applied::<Json>(&document, &read), applied::<Json>(&document, &op), "{patch}");
    }
}

/// What was written is read as it was.
pub(crate) fn round_trip<T: Lawful>(source: &mut impl Source) {
    let mut document = T::document(source);
    let limits = Limits::default();
    let bytes = codec::encode_snapshot::<T>(&document).unwrap();
    assert_eq!(codec::decode_snapshot::<T>(&bytes, limits).as_ref(), Ok(&document));
    let ops = edits::<T>(&mut document, source);
    let mut log = T::Log::default();
    for op in &ops {
        log.push(op);
        assert_eq!(codec::decode_op::<T>(&codec::encode_op::<T>(op).unwrap(), limits).as_ref(), Ok(op));
    }
    let bytes = codec::encode_ops::<T>(&log).unwrap();
    assert_eq!(listed::<T>(&codec::decode_ops::<T>(&bytes, limits).unwrap()), ops);
    log.drop_first(source.below(ops.len() + 1));
    let bytes = codec::encode_ops::<T>(&log).unwrap();
    assert_eq!(listed::<T>(&codec::decode_ops::<T>(&bytes, limits).unwrap()), listed::<T>(&log));
}

/// Any bytes are refused, or give something that can be written and read.
fn decoding<T: Lawful>(bytes: &[u8]) {
    let limits = Limits { bytes: 1 << 16, ops: 1000 };
    let _ = codec::decode_history::<T>(bytes, limits);
    if let Ok(history) = History::<T>::from_bytes(&history_of::<T>(bytes), limits) {
        let bytes = history.to_bytes().unwrap();
        let again = History::<T>::from_bytes(&bytes, Limits::default()).unwrap();
        assert_eq!(listed::<T>(again.log()), listed::<T>(history.log()));
        assert!(again.labels().eq(history.labels()));
        let revisions = || (history.oldest().0..=history.revision().0).map(Revision);
        assert!(revisions().all(|revision| again.stamp(revision) == history.stamp(revision)));
        assert_eq!(
            codec::decode_newest::<T>(&bytes, Limits::default()),
            Ok((history.revision(), history.document().clone()))
        );
        let _ = history.is_consistent();
    }
    if let Ok(document) = T::read_snapshot(bytes, limits) {
        let bytes = codec::encode_snapshot::<T>(&document).unwrap();
        assert_eq!(codec::decode_snapshot::<T>(&bytes, Limits::default()), Ok(document));
    }
    if let Ok(log) = T::read_ops(bytes, limits) {
        let bytes = codec::encode_ops::<T>(&log).unwrap();
        let again = codec::decode_ops::<T>(&bytes, Limits::default()).unwrap();
        assert_eq!(listed::<T>(&again), listed::<T>(&log));
    }
}

/// A history file whose checksums are right and whose sections are the bytes: the first six say how long the first five
/// sections are and how many ops there are.
fn history_of<T: Binary>(bytes: &[u8]) -> Vec<u8> {
    let (numbers, mut rest) = bytes.split_at(bytes.len().min(6));
    let number = |index: usize| numbers.get(index).copied().unwrap_or_default() & 0x7f;
    let mut file = vec![b'o', b't', b'c', 1, T::CODE, 3, 0, number(5)];
    let mut sections = Vec::new();
    for index in 0..5 {
        let (section, after) = rest.split_at(rest.len().min(usize::from(number(index))));
        rest = after;
        file.push(u8::try_from(section.len()).unwrap());
        file.extend(crc32(section).to_le_bytes());
        sections.extend_from_slice(section);
    }
    file.extend(crc32(&file).to_le_bytes());
    file.extend(sections);
    file
}

/// The CRC-32 of ISO 3309, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

/// Some edits in a row, made to `document`.
fn edits<T: Lawful>(document: &mut T::Snapshot, source: &mut impl Source) -> Vec<T::Op> {
    let mut ops = Vec::new();
    for _ in 0..=source.below(4) {
        let op = T::edit(document, source);
        T::apply(document, &op).unwrap();
        ops.push(op);
    }
    ops
}

fn applied<T: OtType>(snapshot: &T::Snapshot, op: &T::Op) -> Result<T::Snapshot, OpError> {
    let mut snapshot = snapshot.clone();
    T::apply(&mut snapshot, op).map(|()| snapshot)
}

fn listed<T: OtType<Op: Debug>>(log: &T::Log) -> Vec<T::Op> {
    (0..log.len()).map_while(|index| log.get(index)).collect()
}
