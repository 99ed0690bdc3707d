//! Checking a case of a conformance vector, a line of JSON each. The formats are those of `tests/data/README.md`.

use std::error::Error;

use ot_core::json::{Json, JsonOp};
use ot_core::rich::{Delta, Document, Rich, RichUtf16};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{OtType, Side};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

#[derive(Deserialize)]
struct TextApply {
    str: String,
    op: TextOp,
    result: String,
}

pub(crate) fn text_apply(line: &str) -> Outcome {
    let case: TextApply = serde_json::from_str(line)?;
    same("apply", &applied::<Text>(Rope::from(case.str), &case.op)?.to_string(), &case.result)
}

#[derive(Deserialize)]
struct TextCompose {
    op1: TextOp,
    op2: TextOp,
    result: TextOp,
}

pub(crate) fn text_compose(line: &str) -> Outcome {
    let case: TextCompose = serde_json::from_str(line)?;
    same("compose", &Text::compose(&case.op1, &case.op2)?, &case.result)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextTransform {
    op: TextOp,
    other_op: TextOp,
    side: SideName,
    result: TextOp,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SideName {
    Left,
    Right,
}

pub(crate) fn text_transform(line: &str) -> Outcome {
    let case: TextTransform = serde_json::from_str(line)?;
    let side = match case.side {
        SideName::Left => Side::Left,
        SideName::Right => Side::Right,
    };
    same("transform", &Text::transform(&case.op, &case.other_op, side), &case.result)
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

pub(crate) fn rich(line: &str) -> Outcome {
    let case: RichCase = serde_json::from_str(line)?;
    as_quill::<RichUtf16>(&case)?;
    if case.bmp { as_quill::<Rich>(&case) } else { Ok(()) }
}

fn as_quill<T: OtType<Snapshot = Document, Op = Delta, Cursor = usize>>(case: &RichCase) -> Outcome {
    same("apply a", &applied::<T>(case.doc.clone(), &case.a)?, &case.apply_a)?;
    same("apply b", &applied::<T>(case.doc.clone(), &case.b)?, &case.apply_b)?;
    same("a behind b, left", &T::transform(&case.a, &case.b, Side::Left), &case.a_left)?;
    same("a behind b, right", &T::transform(&case.a, &case.b, Side::Right), &case.a_right)?;
    same("b behind a, left", &T::transform(&case.b, &case.a, Side::Left), &case.b_left)?;
    same("b behind a, right", &T::transform(&case.b, &case.a, Side::Right), &case.b_right)?;
    same("invert a", &T::invert(&case.a, &case.doc)?, &case.invert_a)?;
    same("compose", &T::compose(&case.a, &case.then)?, &case.compose)?;
    for (before, left, right) in &case.positions {
        same("position on the left", &T::transform_cursor(before, &case.a, Side::Left), left)?;
        same("position on the right", &T::transform_cursor(before, &case.a, Side::Right), right)?;
    }
    Ok(())
}

/// Two ops on one document; `then` follows `a`. A document that is absent is undefined, which is `null` here.
#[derive(Deserialize)]
struct Json1 {
    doc: Option<Value>,
    a: JsonOp,
    b: JsonOp,
    apply_a: Option<Value>,
    apply_b: Option<Value>,
    transform_a_left: Value,
    transform_b_right: Value,
    transform_a_left_resolved: JsonOp,
    transform_b_right_resolved: JsonOp,
    merged: Option<Value>,
    then: Option<JsonOp>,
    compose_a_then: Option<JsonOp>,
    invert_a: Option<JsonOp>,
}

pub(crate) fn json1(line: &str) -> Outcome {
    let case: Json1 = serde_json::from_str(line)?;
    let doc = case.doc.unwrap_or_default();
    let (a, b) = (&case.a, &case.b);
    let after_a = applied::<Json>(doc.clone(), a)?;
    let after_b = applied::<Json>(doc.clone(), b)?;
    same("apply a", &after_a, &case.apply_a.unwrap_or_default())?;
    same("apply b", &after_b, &case.apply_b.unwrap_or_default())?;

    same("transform a left", &tried(a, b, Side::Left)?, &comparable(case.transform_a_left)?)?;
    same("transform b right", &tried(b, a, Side::Right)?, &comparable(case.transform_b_right)?)?;

    let a_behind_b = Json::transform(a, b, Side::Left);
    let b_behind_a = Json::transform(b, a, Side::Right);
    let merged = case.merged.unwrap_or_default();
    same_op("a behind b", &a_behind_b, case.transform_a_left_resolved)?;
    same_op("b behind a", &b_behind_a, case.transform_b_right_resolved)?;
    same("b, then a", &applied::<Json>(after_b, &a_behind_b)?, &merged)?;
    same("a, then b", &applied::<Json>(after_a.clone(), &b_behind_a)?, &merged)?;

    if let (Some(then), Some(expected)) = (&case.then, case.compose_a_then) {
        let composed = Json::compose(a, then)?;
        same_op("compose", &composed, expected)?;
        same(
            "apply the composed",
            &applied::<Json>(doc.clone(), &composed)?,
            &applied::<Json>(after_a.clone(), then)?,
        )?;
    }
    if let Some(expected) = case.invert_a {
        let inverse = Json::invert(a, &doc)?;
        same_op("invert", &inverse, expected)?;
        same("apply the inverse", &applied::<Json>(after_a, &inverse)?, &doc)?;
    }
    Ok(())
}

/// The outcome of a transform that may find a conflict, in the form of the vectors.
fn tried(op: &JsonOp, other: &JsonOp, side: Side) -> Result<Value, Box<dyn Error>> {
    comparable(match Json::try_transform(op, other, side) {
        Ok(result) => json!({"ok": true, "result": result}),
        Err(conflict) => json!({"ok": false, "conflict": conflict}),
    })
}

/// With ops in canonical form: the same op can be written in more than one way.
fn comparable(mut outcome: Value) -> Result<Value, Box<dyn Error>> {
    if let Some(op) = outcome.get_mut("result") {
        *op = written(&Json::normalize(read(op.take())?))?;
    }
    for part in ["op1", "op2"] {
        if let Some(op) = outcome.get_mut("conflict").and_then(|conflict| conflict.get_mut(part)) {
            *op = written(&read::<JsonOp>(op.take())?)?;
        }
    }
    Ok(outcome)
}

fn same_op(what: &str, ours: &JsonOp, expected: JsonOp) -> Outcome {
    same(what, &Json::normalize(ours.clone()), &Json::normalize(expected))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Box<dyn Error>> {
    Ok(serde_json::from_value(value)?)
}

fn written<T: Serialize>(value: &T) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::to_value(value)?)
}

fn applied<T: OtType>(mut snapshot: T::Snapshot, op: &T::Op) -> Result<T::Snapshot, Box<dyn Error>> {
    T::apply(&mut snapshot, op)?;
    Ok(snapshot)
}

fn same<T: PartialEq + Serialize>(what: &str, ours: &T, expected: &T) -> Outcome {
    if ours == expected {
        return Ok(());
    }
    Err(format!("{what}: {}, expected {}", written(ours)?, written(expected)?).into())
}
