//! What a stranger may send: nothing of it panics, hangs or overflows the stack.

use ot_core::json::{Json, JsonOp, MAX_DEPTH, Path, PathSegment};
use ot_core::text::{Rope, Text, TextOp};
use ot_core::{OpErrorKind, OtType, Side, path};
use proptest::prelude::*;
use serde_json::{Value, json};

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!("core"), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "k": inner }) })
}

#[test]
fn a_document_at_the_limit_of_depth_is_accepted_and_one_level_more_is_not() {
    let mut document = Value::Null;
    Json::apply(&mut document, &JsonOp::insert(path![], nested(MAX_DEPTH))).unwrap();
    let written = serde_json::to_string(&JsonOp::replace(path![], document.clone())).unwrap();
    let read: JsonOp = serde_json::from_str(&written).unwrap();
    Json::apply(&mut document, &read).unwrap();

    let too_deep = JsonOp::replace(path![], nested(MAX_DEPTH + 1));
    assert_eq!(Json::apply(&mut document, &too_deep).unwrap_err().kind(), OpErrorKind::TooLarge);
    let written = serde_json::to_string(&too_deep).unwrap();
    assert!(serde_json::from_str::<JsonOp>(&written).unwrap_err().to_string().contains("levels deep"));
}

#[test]
fn several_shallow_inserts_do_not_add_up_to_a_deep_document() {
    let mut document = json!([]);
    let mut path = Path::default();
    let refused = (0..MAX_DEPTH).find_map(|_| {
        path.0.push(PathSegment::Index(0));
        Json::apply(&mut document, &JsonOp::insert(path.clone(), json!([]))).err()
    });
    assert_eq!(refused.unwrap().kind(), OpErrorKind::TooLarge);
    assert_eq!(path.0.len(), MAX_DEPTH);
}

#[test]
fn a_path_without_end_is_refused_wherever_it_appears() {
    let path = Path(vec![PathSegment::Index(0); 100_000]);
    let op = JsonOp::remove(path);
    let mut document = nested(MAX_DEPTH);
    assert!(Json::apply(&mut document, &op).is_err());
    assert_eq!(Json::transform(&op, &op, Side::Left), JsonOp::noop());

    let long = format!("[{}{{\"r\":true}}]", "0,".repeat(100_000));
    assert!(serde_json::from_str::<JsonOp>(&long).is_err());
    let deep = format!("{}{}", "[0,".repeat(100_000), "]".repeat(100_000));
    assert!(serde_json::from_str::<JsonOp>(&deep).is_err());
    let deep_in_memory = (0..300).fold(json!({"r": true}), |inner, _| json!([0, inner]));
    assert!(serde_json::from_value::<JsonOp>(deep_in_memory).is_err());
}

#[test]
fn absurd_indexes_and_counts_are_refused_at_once() {
    let index = u64::MAX;
    let remove: JsonOp = serde_json::from_value(json!([index, {"r": true}])).unwrap();
    let insert: JsonOp = serde_json::from_value(json!([[0, {"r": true}], [index, {"i": 1}]])).unwrap();
    let mut document = json!([1, 2]);
    for op in [&remove, &insert] {
        assert_eq!(Json::apply(&mut document, op).unwrap_err().kind(), OpErrorKind::OutOfRange);
        let _ = Json::transform(op, &remove, Side::Left);
        let _ = Json::compose(&insert, op);
    }
    let edit: TextOp = serde_json::from_value(json!([index, {"d": index}, "x"])).unwrap();
    assert!(Text::apply(&mut Rope::from("text"), &edit).is_err());
    assert_eq!(document, json!([1, 2]));
}

#[test]
fn ops_that_contradict_themselves_are_refused() {
    for op in [
        json!("x"),
        json!(["x", true]),
        json!([{"unknown": 1}]),
        json!([-1, {"r": true}]),
        json!([0.5, {"r": true}]),
        json!(["x", {"es": [{"d": -1}]}]),
        json!(["x", {"es": ["a"], "ena": 1}]),
        json!(["x", {"ena": "1"}]),
        json!([["x", {"i": 1}], ["x", {"i": 2}]]),
        json!(["x", {"r": true}, "y", {"i": 1}]),
        json!(["x", {"i": {}}, "y", {"r": true}]),
        json!(["x", {"p": 0}]),
        json!(["x", {"d": 0}]),
        json!([["x", {"p": 0}], ["y", {"d": 0}], ["z", {"d": 0}]]),
        json!([["x", {"p": 0}], ["y", {"p": 0}], ["z", {"d": 0}]]),
        json!(["x", {"p": 0}, "y", {"d": 0}]),
        json!([["x", {"p": -1}], ["y", {"d": -1}]]),
        json!([["x", {"p": 0, "r": true}], ["y", {"d": 0}]]),
        json!([["x", {"p": 0}], ["y", {"d": 0, "i": 1}]]),
        json!([[0, {"r": true}], ["x", {"r": true}]]),
        json!([[]]),
        json!([[{"r": true}]]),
    ] {
        assert!(serde_json::from_value::<JsonOp>(op.clone()).is_err(), "{op}");
    }
}

#[test]
fn keys_that_mean_something_elsewhere_are_ordinary_ones() {
    let mut document = json!({});
    Json::apply(&mut document, &JsonOp::insert(path!["__proto__"], json!({"polluted": true}))).unwrap();
    assert_eq!(serde_json::to_string(&document).unwrap(), r#"{"__proto__":{"polluted":true}}"#);
}

#[test]
fn keys_are_written_in_the_order_that_json1_checks() {
    let op = Json::compose(&JsonOp::insert(path!["\u{ffff}"], 1), &JsonOp::insert(path!["💃"], 2)).unwrap();
    assert_eq!(serde_json::to_string(&op).unwrap(), "[[\"💃\",{\"i\":2}],[\"\u{ffff}\",{\"i\":1}]]");
}

/// Anything that looks like an op, and much that does not quite.
fn op_like() -> impl Strategy<Value = Value> {
    let component = prop_oneof![
        Just(json!({"r": true})),
        Just(json!({"i": {"a": [1, "two"]}})),
        Just(json!({"i": null, "r": 1})),
        Just(json!({"es": [1, "x", {"d": 1}]})),
        Just(json!({"ena": 0.1})),
        Just(json!({})),
    ];
    let leaf = prop_oneof![
        3 => component,
        2 => prop_oneof![Just(json!("a")), Just(json!("b"))],
        2 => (0_u64..4).prop_map(|index| json!(index)),
        1 => any::<u64>().prop_map(|index| json!(index)),
        1 => Just(Value::Null),
    ];
    let descents = leaf.prop_recursive(5, 40, 5, |inner| prop::collection::vec(inner, 0..5).prop_map(Value::from));
    prop::collection::vec(descents, 0..5).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_read_as_an_op_can_be_used_as_one(a in op_like(), b in op_like()) {
        let document = json!({"a": [1, "text", {"b": 2}], "b": "x"});
        let ops: Vec<JsonOp> = [a, b].into_iter().filter_map(|op| serde_json::from_value(op).ok()).collect();
        for a in &ops {
            let read: JsonOp = serde_json::from_value(serde_json::to_value(a).unwrap()).unwrap();
            prop_assert_eq!(&read, a);
            let _ = Json::apply(&mut document.clone(), a);
            for b in &ops {
                let _ = Json::compose(a, b);
                let _ = Json::transform(a, b, Side::Right);
            }
        }
    }
}
