//! The vectors of `tests/data`, computed by other implementations.

use ot_core::json::{Json, JsonOp};
use ot_core::rich::{Delta, Document, Rich, RichUtf16};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{OtType, Side};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[derive(Deserialize)]
struct TextApply {
    str: String,
    op: TextOp,
    result: String,
}

#[derive(Deserialize)]
struct TextCompose {
    op1: TextOp,
    op2: TextOp,
    result: TextOp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextTransform {
    op: TextOp,
    other_op: TextOp,
    side: String,
    result: TextOp,
}

#[derive(Deserialize)]
struct Json1 {
    doc: Value,
    a: JsonOp,
    b: JsonOp,
    apply_a: Option<Value>,
    apply_b: Option<Value>,
    transform_a_left_resolved: JsonOp,
    transform_b_right_resolved: JsonOp,
    merged: Option<Value>,
    then: Value,
    compose_a_then: Value,
}

#[derive(Deserialize)]
struct RichCase {
    bmp: bool,
    doc: Document,
    a: Delta,
    b: Delta,
    apply_a: Document,
    apply_b: Document,
    a_left: Delta,
    a_right: Delta,
    b_left: Delta,
    b_right: Delta,
    invert_a: Delta,
    then: Delta,
    compose: Delta,
    positions: Vec<(usize, usize, usize)>,
}

#[test]
fn text_applies_as_text_unicode_does() {
    for (line, case) in cases::<TextApply>(include_str!("../data/text-unicode-apply.jsonl")) {
        assert_eq!(applied::<Text>(&Rope::from(case.str), &case.op), case.result, "line {line}");
    }
}

#[test]
fn text_composes_as_text_unicode_does() {
    for (line, case) in cases::<TextCompose>(include_str!("../data/text-unicode-compose.jsonl")) {
        assert_eq!(Text::compose(&case.op1, &case.op2).unwrap(), case.result, "line {line}");
    }
}

#[test]
fn text_transforms_as_text_unicode_does() {
    for (line, case) in cases::<TextTransform>(include_str!("../data/text-unicode-transform.jsonl")) {
        let side = if case.side == "left" { Side::Left } else { Side::Right };
        assert_eq!(Text::transform(&case.op, &case.other_op, side), case.result, "line {line}");
    }
}

#[test]
fn json_merges_as_json1_does() {
    for (line, case) in cases::<Json1>(include_str!("../data/json1.jsonl")) {
        let after_a = applied::<Json>(&case.doc, &case.a);
        let after_b = applied::<Json>(&case.doc, &case.b);
        assert_eq!(after_a, document(case.apply_a), "line {line}: a");
        assert_eq!(after_b, document(case.apply_b), "line {line}: b");

        let a = Json::transform(&case.a, &case.b, Side::Left);
        let b = Json::transform(&case.b, &case.a, Side::Right);
        let merged = document(case.merged);
        assert_eq!(applied::<Json>(&after_b, &a), merged, "line {line}: a behind b");
        assert_eq!(applied::<Json>(&after_a, &b), merged, "line {line}: b behind a");

        // The other library leaves a remove inside what is removed anyway; reading its op drops that.
        assert_eq!(a, case.transform_a_left_resolved, "line {line}: a behind b, as an op");
        assert_eq!(b, case.transform_b_right_resolved, "line {line}: b behind a, as an op");
    }
}

#[test]
fn json_composes_as_json1_does() {
    let mut compared = 0;
    for (line, case) in cases::<Json1>(include_str!("../data/json1.jsonl")) {
        // Where the op that follows holds a move, there is nothing to compare yet.
        let Ok(then) = serde_json::from_value::<JsonOp>(case.then) else {
            continue;
        };
        let expected: JsonOp = serde_json::from_value(case.compose_a_then).unwrap();
        assert_eq!(Json::compose(&case.a, &then).unwrap(), expected, "line {line}");
        compared += 1;
    }
    assert!(compared > 50, "only {compared} cases were compared");
}

#[test]
fn rich_text_does_as_quill_does() {
    for (line, case) in cases::<RichCase>(include_str!("../data/rich-delta.jsonl")) {
        as_quill::<RichUtf16>(line, &case);
        if case.bmp {
            as_quill::<Rich>(line, &case);
        }
    }
}

fn as_quill<T: OtType<Snapshot = Document, Op = Delta, Cursor = usize>>(line: usize, case: &RichCase) {
    assert_eq!(applied::<T>(&case.doc, &case.a), case.apply_a, "line {line}: a");
    assert_eq!(applied::<T>(&case.doc, &case.b), case.apply_b, "line {line}: b");
    assert_eq!(T::transform(&case.a, &case.b, Side::Left), case.a_left, "line {line}: a behind b, left");
    assert_eq!(T::transform(&case.a, &case.b, Side::Right), case.a_right, "line {line}: a behind b, right");
    assert_eq!(T::transform(&case.b, &case.a, Side::Left), case.b_left, "line {line}: b behind a, left");
    assert_eq!(T::transform(&case.b, &case.a, Side::Right), case.b_right, "line {line}: b behind a, right");
    assert_eq!(T::invert(&case.a, &case.doc).unwrap(), case.invert_a, "line {line}: a taken back");
    assert_eq!(T::compose(&case.a, &case.then).unwrap(), case.compose, "line {line}: a and then");
    for (before, left, right) in &case.positions {
        assert_eq!(T::transform_cursor(before, &case.a, Side::Left), *left, "line {line}: position {before}, left");
        assert_eq!(T::transform_cursor(before, &case.a, Side::Right), *right, "line {line}: position {before}, right");
    }
}

/// The cases of a file, with their line numbers.
fn cases<T: DeserializeOwned>(file: &str) -> impl Iterator<Item = (usize, T)> {
    file.lines().enumerate().map(|(index, line)| {
        let case = serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}", index + 1));
        (index + 1, case)
    })
}

fn applied<T: OtType>(snapshot: &T::Snapshot, op: &T::Op) -> T::Snapshot {
    let mut snapshot = snapshot.clone();
    T::apply(&mut snapshot, op).unwrap_or_else(|error| panic!("{op:?} on {snapshot:?}: {error}"));
    snapshot
}

/// An undefined document is `null` here.
fn document(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Null)
}
