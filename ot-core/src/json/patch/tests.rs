use serde_json::{Value, json};

use crate::json::{Json, JsonOp};
use crate::{OpErrorKind, OtType};

fn applied(document: &Value, op: &JsonOp) -> Value {
    let mut applied = document.clone();
    Json::apply(&mut applied, op).unwrap();
    applied
}

/// What a patch makes of a document; also of the patch that is written of the op again.
fn patched(document: &Value, patch: &Value) -> Result<Value, OpErrorKind> {
    let op = JsonOp::from_patch(patch, document).map_err(|error| error.kind())?;
    let after = applied(document, &op);
    let again = op.to_patch(document).unwrap();
    assert_eq!(applied(document, &JsonOp::from_patch(&again, document).unwrap()), after, "{again}");
    Ok(after)
}

/// The op of the JSON form of `json1`, as a patch that does the same.
fn written(document: &Value, op: Value) -> Value {
    let op: JsonOp = serde_json::from_value(op).unwrap();
    let patch = op.to_patch(document).unwrap();
    let read = JsonOp::from_patch(&patch, document).unwrap();
    assert_eq!(applied(document, &read), applied(document, &op), "{patch}");
    patch
}

/// The cases are those of RFC 6902, appendix A, by their numbers.
#[test]
fn the_examples_of_the_standard_do_what_they_say() {
    let cases = [
        (1, r#"{"foo":"bar"}"#, r#"[{"op":"add","path":"/baz","value":"qux"}]"#, r#"{"baz":"qux","foo":"bar"}"#),
        (
            2,
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        (3, r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#),
        (4, r#"{"foo":["bar","qux","baz"]}"#, r#"[{"op":"remove","path":"/foo/1"}]"#, r#"{"foo":["bar","baz"]}"#),
        (
            5,
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            6,
            r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
        ),
        (
            7,
            r#"{"foo":["all","grass","cows","eat"]}"#,
            r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            r#"{"foo":["all","cows","eat","grass"]}"#,
        ),
        (
            8,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
            r#"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
        ),
        (
            10,
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            r#"{"foo":"bar","child":{"grandchild":{}}}"#,
        ),
        (
            11,
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        (14, r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":10}]"#, r#"{"/":9,"~1":10}"#),
        (
            16,
            r#"{"foo":["bar"]}"#,
            r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            r#"{"foo":["bar",["abc","def"]]}"#,
        ),
    ];
    for (number, document, patch, after) in cases {
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(patched(&read(document), &read(patch)), Ok(read(after)), "A.{number}");
    }
}

/// The cases are those of RFC 6902, appendix A, by their numbers. A.13 names one member twice, which no JSON value has.
#[test]
fn the_examples_of_the_standard_that_fail_are_refused() {
    let cases = [
        (9, json!({"baz": "qux"}), json!({"op": "test", "path": "/baz", "value": "bar"}), OpErrorKind::TestFailed),
        (12, json!({"foo": "bar"}), json!({"op": "add", "path": "/baz/bat", "value": "qux"}), OpErrorKind::Missing),
        (15, json!({"/": 9, "~1": 10}), json!({"op": "test", "path": "/~01", "value": "10"}), OpErrorKind::TestFailed),
    ];
    for (number, document, operation, kind) in cases {
        assert_eq!(patched(&document, &json!([operation])), Err(kind), "A.{number}");
    }
}

#[test]
fn an_error_names_the_operation_and_the_pointer() {
    let document = json!({"rows": [1], "n": 1});
    let place = |operation: Value| {
        let patch = json!([{"op": "add", "path": "/rows/-", "value": 2}, operation]);
        let error = JsonOp::from_patch(&patch, &document).unwrap_err();
        (error.kind(), error.place().to_owned())
    };
    for (operation, kind, at) in [
        (json!({"op": "add", "path": "/rows/3", "value": 1}), OpErrorKind::OutOfRange, "operation 1, /rows/3"),
        (json!({"op": "remove", "path": "/rows/-"}), OpErrorKind::Missing, "operation 1, /rows/-"),
        (json!({"op": "replace", "path": "/m", "value": 1}), OpErrorKind::Missing, "operation 1, /m"),
        (json!({"op": "add", "path": "/rows/01", "value": 1}), OpErrorKind::WrongKind, "operation 1, /rows/01"),
        (json!({"op": "add", "path": "/n/x", "value": 1}), OpErrorKind::WrongKind, "operation 1, /n/x"),
        (json!({"op": "add", "path": "n", "value": 1}), OpErrorKind::Malformed, "operation 1, n"),
        (json!({"op": "add", "path": "/x"}), OpErrorKind::Malformed, "operation 1, `value`"),
        (json!({"op": "move", "path": "/x"}), OpErrorKind::Malformed, "operation 1, `from`"),
        (json!({"op": "move", "from": "/rows", "path": "/rows/0"}), OpErrorKind::Malformed, "operation 1, /rows/0"),
        (json!({"op": "move", "from": "", "path": "/x"}), OpErrorKind::Malformed, "operation 1, /x"),
        (json!({"op": "test", "path": "", "value": 1}), OpErrorKind::TestFailed, "operation 1, the root"),
        (json!({"op": "spin", "path": ""}), OpErrorKind::Malformed, "operation 1, `op`"),
        (json!(1), OpErrorKind::Malformed, "operation 1"),
    ] {
        assert_eq!(place(operation), (kind, at.to_owned()));
    }
    assert_eq!(JsonOp::from_patch(&json!({}), &document).unwrap_err().kind(), OpErrorKind::Malformed);
}

#[test]
fn a_value_that_comes_where_another_is_replaces_it() {
    let document = json!({"a": {"b": [1, 2]}, "c": [[3], {"d": 4}]});
    for (operation, after) in [
        (json!({"op": "move", "from": "/a/b", "path": "/a"}), json!({"a": [1, 2], "c": [[3], {"d": 4}]})),
        (json!({"op": "move", "from": "/a/b", "path": ""}), json!([1, 2])),
        (json!({"op": "copy", "from": "/a", "path": "/c"}), json!({"a": {"b": [1, 2]}, "c": {"b": [1, 2]}})),
        (json!({"op": "add", "path": "", "value": 1}), json!(1)),
        (json!({"op": "remove", "path": ""}), json!(null)),
    ] {
        assert_eq!(patched(&document, &json!([operation])), Ok(after));
    }
    assert_eq!(patched(&document, &json!([{"op": "move", "from": "/c/0", "path": "/c/0"}])), Ok(document.clone()));
}

#[test]
fn a_value_moves_to_where_another_is_behind_it() {
    assert_eq!(
        patched(&json!([[1], {"d": 2}]), &json!([{"op": "move", "from": "/0", "path": "/0/d"}])),
        Err(OpErrorKind::Malformed),
        "by the standard a pointer into what moves is an error"
    );
    assert_eq!(
        patched(&json!([0, [1], {"d": 2}]), &json!([{"op": "move", "from": "/0", "path": "/1/d"}])),
        Ok(json!([[1], {"d": 0}]))
    );
}

#[test]
fn numbers_are_tested_for_what_they_are_worth() {
    let test = |value: Value| patched(&json!([1, {"n": 10}]), &json!([{"op": "test", "path": "", "value": value}]));
    assert!(test(json!([1.0, {"n": 1e1}])).is_ok());
    assert_eq!(test(json!([1.5, {"n": 10}])), Err(OpErrorKind::TestFailed));
}

#[test]
fn what_moves_is_written_as_moves() {
    let document = json!({"a": {"x": 1}, "b": [1, 2, 3], "s": "text"});
    for (op, patch) in [
        (json!(null), json!([])),
        (json!([["b", 0, {"d": 0}], ["a", {"p": 0}]]), json!([{"op": "move", "from": "/a", "path": "/b/0"}])),
        (json!(["b", [0, {"p": 0}], [2, {"d": 0}]]), json!([{"op": "move", "from": "/b/0", "path": "/b/2"}])),
        (json!(["b", 1, {"r": true, "i": "x"}]), json!([{"op": "replace", "path": "/b/1", "value": "x"}])),
        (json!(["a", "x", {"r": true, "i": "x"}]), json!([{"op": "replace", "path": "/a/x", "value": "x"}])),
        (
            json!([["c", {"i": {}}, "a", {"d": 0}], ["a", {"p": 0}], ["b", {"r": true}]]),
            json!([
                {"op": "remove", "path": "/b"},
                {"op": "add", "path": "/c", "value": {}},
                {"op": "move", "from": "/a", "path": "/c/a"},
            ]),
        ),
        (
            json!([["b", 0, {"ena": 5}], ["s", {"es": [4, "s"]}]]),
            json!([{"op": "replace", "path": "/b/0", "value": 6}, {"op": "replace", "path": "/s", "value": "texts"}]),
        ),
    ] {
        assert_eq!(written(&document, op), patch);
    }
}

#[test]
fn values_that_wait_for_each_other_are_taken_away_first() {
    let document = json!({"a": {"b": 1}, "c": 2});
    assert_eq!(
        written(&document, json!([["a", {"p": 0, "d": 1}], ["c", {"p": 1, "d": 0}]])),
        json!([
            {"op": "remove", "path": "/c"},
            {"op": "move", "from": "/a", "path": "/c"},
            {"op": "add", "path": "/a", "value": 2},
        ])
    );
    assert_eq!(
        written(&document, json!([{"p": 0, "i": {}}, "in", {"d": 0}])),
        json!([{"op": "add", "path": "", "value": {}}, {"op": "add", "path": "/in", "value": document}])
    );
    written(&document, json!([{"r": true, "d": 0}, "a", {"p": 0}]));
    written(&document, json!(["a", {"p": 0, "i": {"x": 1}}, "b", {"d": 0}]));
}

#[test]
fn a_value_moves_into_the_one_that_follows_it_by_two_operations() {
    assert_eq!(
        written(&json!([1, {}]), json!([0, {"p": 0}, "x", {"d": 0}])),
        json!([{"op": "remove", "path": "/0"}, {"op": "add", "path": "/0/x", "value": 1}])
    );
}

#[test]
fn an_op_that_does_not_fit_has_no_patch() {
    assert_eq!(JsonOp::remove(crate::path!["x"]).to_patch(&json!({})).unwrap_err().kind(), OpErrorKind::Missing);
}

#[test]
fn thousands_of_changes_are_written_in_time() {
    let item = |index: usize| json!({"number": index, "label": format!("row {index}")});
    let before: Value = (0..2000).map(item).collect();
    let after: Value = (0..2000).rev().map(item).collect();
    let op = Json::diff(&before, &after).unwrap();
    let patch = op.to_patch(&before).unwrap();
    assert_eq!(applied(&before, &JsonOp::from_patch(&patch, &before).unwrap()), after);
}
