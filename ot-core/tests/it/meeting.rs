//! What happens when two JSON ops meet, rule by rule.

use ot_core::json::{Action, Conflict, ConflictKind, Json, JsonCursor, JsonOp, Ranked, Resolution, Standard};
#[cfg(feature = "rich-in-json")]
use ot_core::rich::Delta;
use ot_core::text::TextOp;
use ot_core::{OtType, Side, path};
use serde_json::{Value, json};

fn op(wire: Value) -> JsonOp {
    serde_json::from_value(wire).unwrap()
}

fn applied(document: &Value, op: &JsonOp) -> Value {
    let mut document = document.clone();
    Json::apply(&mut document, op).unwrap();
    document
}

/// What both orders end in, with `left` on the left.
fn merged(document: &Value, left: &JsonOp, right: &JsonOp) -> Value {
    let one_way = applied(&applied(document, right), &Json::transform(left, right, Side::Left));
    assert_eq!(one_way, applied(&applied(document, left), &Json::transform(right, left, Side::Right)));
    one_way
}

fn conflict(left: &JsonOp, right: &JsonOp) -> Conflict {
    let conflict = Json::try_transform(left, right, Side::Left).unwrap_err();
    assert_eq!(Json::try_transform(right, left, Side::Right).unwrap_err().inverted().kind, conflict.kind);
    conflict
}

#[test]
fn of_two_values_that_come_to_one_key_the_left_one_stays() {
    let document = json!({"old": 0});
    let set = |value: &str| JsonOp::replace(path!["old"], value);
    assert_eq!(merged(&document, &set("left"), &set("right")), json!({"old": "left"}));
    let insert = |value: &str| JsonOp::insert(path!["new"], value);
    assert_eq!(merged(&document, &insert("left"), &insert("right")), json!({"old": 0, "new": "left"}));
    let moved = JsonOp::move_to(path!["old"], path!["new"]).unwrap();
    assert_eq!(merged(&document, &moved, &insert("right")), json!({"new": 0}));
    assert_eq!(merged(&document, &insert("left"), &moved), json!({"new": "left"}));
    assert_eq!(
        conflict(&moved, &insert("right")),
        Conflict {
            kind: ConflictKind::DropCollision,
            ours: vec![Action::Move(path!["old"], path!["new"])],
            theirs: vec![Action::Insert(path!["new"], json!("right"))],
        }
    );
}

#[test]
fn equal_inserts_both_win_and_what_either_puts_into_them_stays() {
    let rock = op(json!([{"i": {"tags": []}}, "tags", 0, {"i": "rock"}]));
    let roll = op(json!([{"i": {"tags": []}}, "tags", 0, {"i": "roll"}]));
    assert_eq!(merged(&Value::Null, &rock, &roll), json!({"tags": ["rock", "roll"]}));
    let aaa = op(json!(["note", {"i": "", "es": ["aaa"]}]));
    let bbb = op(json!(["note", {"i": "", "es": ["bbb"]}]));
    assert_eq!(merged(&json!({}), &aaa, &bbb), json!({"note": "aaabbb"}));
}

#[test]
fn of_two_inserts_at_one_place_of_a_list_the_left_one_is_first() {
    let insert = |value: &str| JsonOp::insert(path![1], value);
    assert_eq!(merged(&json!([0, 1]), &insert("left"), &insert("right")), json!([0, "left", "right", 1]));
}

#[test]
fn edits_follow_what_moves() {
    let document = json!({"from": {"label": "EBIT", "cells": [1, 2]}, "to": ["first"]});
    let moved = JsonOp::move_to(path!["from"], path!["to", 1]).unwrap();
    let edit = JsonOp::edit_text(path!["from", "label"], TextOp::new().retain(4).insert("DA"));
    let expected = json!({"to": ["first", {"label": "EBITDA", "cells": [1, 2]}]});
    assert_eq!(merged(&document, &moved, &edit), expected);
    assert_eq!(merged(&document, &edit, &moved), expected);
    let insert = JsonOp::insert(path!["from", "cells", 0], 0);
    assert_eq!(merged(&document, &insert, &moved)["to"][1]["cells"], json!([0, 1, 2]));
}

#[test]
fn what_two_move_goes_where_the_left_one_moves_it() {
    let document = json!({"x": 1});
    let to = |key: &str| JsonOp::move_to(path!["x"], path![key]).unwrap();
    assert_eq!(merged(&document, &to("left"), &to("right")), json!({"left": 1}));
    assert!(Json::try_transform(&to("left"), &to("right"), Side::Left).is_ok());
}

#[test]
fn what_is_removed_goes_with_the_edits_inside_it() {
    let document = json!([{"label": "EBIT", "cells": [1]}]);
    let edit = JsonOp::edit_text(path![0, "label"], TextOp::new().insert("x"));
    assert_eq!(merged(&document, &edit, &JsonOp::remove(path![0])), json!([]));
    assert_eq!(merged(&document, &edit, &JsonOp::replace(path![0, "label"], "new"))[0]["label"], "new");
    assert_eq!(
        serde_json::to_value(conflict(&edit, &JsonOp::remove(path![0]))).unwrap(),
        json!({
            "type": 1, "op1": [0, "label", {"es": ["x"]}], "op2": [0, {"r": true}],
        })
    );
}

#[test]
fn what_is_moved_goes_when_the_other_removes_it_or_what_it_comes_into() {
    let document = json!({"x": 1, "list": [0]});
    let moved = JsonOp::move_to(path!["x"], path!["list", 0]).unwrap();
    assert_eq!(merged(&document, &moved, &JsonOp::remove(path!["x"])), json!({"list": [0]}));
    assert_eq!(merged(&document, &moved, &JsonOp::remove(path!["list"])), json!({}));
    assert_eq!(conflict(&moved, &JsonOp::remove(path!["list"])).kind, ConflictKind::RmUnexpectedContent);
}

#[test]
fn what_the_remover_moves_out_stays_and_takes_edits_along() {
    let document = json!({"row": {"cell": 1, "label": "x"}});
    let rescue = op(json!([["cell", {"d": 0}], ["row", {"r": true}, "cell", {"p": 0}]]));
    assert_eq!(merged(&document, &rescue, &JsonOp::add_number(path!["row", "cell"], 2)), json!({"cell": 3}));
}

#[test]
fn what_another_moves_out_of_what_the_remover_moves_out_stays_too() {
    let document = json!({"row": {"cell": {"note": 1}}});
    let rescue = op(json!([["cell", {"d": 0}], ["row", {"r": true}, "cell", {"p": 0}]]));
    let taken = JsonOp::move_to(path!["row", "cell", "note"], path!["note"]).unwrap();
    assert_eq!(merged(&document, &rescue, &taken), json!({"cell": {}, "note": 1}));
    assert_eq!(merged(&document, &taken, &rescue), json!({"cell": {}, "note": 1}));
}

#[test]
fn values_moved_into_each_other_both_go() {
    let document = json!({"x": {}, "y": {}, "z": 0});
    let into_y = JsonOp::move_to(path!["x"], path!["y", "x"]).unwrap();
    let into_x = JsonOp::move_to(path!["y"], path!["x", "y"]).unwrap();
    assert_eq!(merged(&document, &into_y, &into_x), json!({"z": 0}));
    assert_eq!(
        conflict(&into_y, &into_x),
        Conflict {
            kind: ConflictKind::Blackhole,
            ours: vec![Action::Move(path!["x"], path!["y", "x"])],
            theirs: vec![Action::Move(path!["y"], path!["x", "y"])],
        }
    );
}

#[test]
fn a_value_set_while_another_removes_it_stays() {
    let set = JsonOp::replace(path!["k"], 2);
    assert_eq!(merged(&json!({"k": 1}), &JsonOp::remove(path!["k"]), &set), json!({"k": 2}));
}

#[test]
fn a_number_set_stays_without_what_another_adds_and_amounts_add_up() {
    let (set, add) = (JsonOp::replace(path!["n"], 100), JsonOp::add_number(path!["n"], 5));
    assert_eq!(merged(&json!({"n": 1}), &set, &add), json!({"n": 100}));
    assert_eq!(merged(&json!({"n": 1}), &add, &set), json!({"n": 100}));
    assert_eq!(merged(&json!({"n": 1}), &add, &JsonOp::add_number(path!["n"], 7)), json!({"n": 13}));
}

#[cfg(feature = "rich-in-json")]
#[test]
fn rich_text_inside_a_document_merges_as_rich_text() {
    let document = json!({"memo": {"ops": [{"insert": "Growth\n"}]}});
    let left = JsonOp::edit_rich(path!["memo"], Delta::new().insert("Our "));
    let right = op(json!(["memo", {"et": "rich-text", "e": [{"retain": 6, "attributes": {"bold": true}}]}]));
    let expected = json!({"memo": {"ops": [
        {"insert": "Our "}, {"insert": "Growth", "attributes": {"bold": true}}, {"insert": "\n"},
    ]}});
    assert_eq!(merged(&document, &left, &right), expected);
    let inverse = Json::invert(&right, &document).unwrap();
    assert_eq!(applied(&applied(&document, &right), &inverse), document);
}

#[test]
fn the_author_of_the_higher_rank_keeps_the_key() {
    let (left, right) = (JsonOp::replace(path!["k"], "left"), JsonOp::replace(path!["k"], "right"));
    let document = json!({"k": 0});
    for (ranks, expected) in [
        (Ranked { left: 1, right: 2 }, "right"),
        (Ranked { left: 2, right: 1 }, "left"),
        (Ranked { left: 1, right: 1 }, "left"),
    ] {
        let ours = Json::transform_with(&left, &right, Side::Left, &ranks).unwrap();
        let theirs = Json::transform_with(&right, &left, Side::Right, &ranks).unwrap();
        assert_eq!(applied(&applied(&document, &right), &ours), json!({ "k": expected }));
        assert_eq!(applied(&applied(&document, &left), &theirs), json!({ "k": expected }));
    }
}

#[test]
fn a_policy_may_refuse_by_path() {
    let (left, right) = (JsonOp::replace(path!["k"], 1), JsonOp::replace(path!["k"], 2));
    let guarded = |conflict: &Conflict| match conflict.ours.as_slice() {
        [Action::Insert(path, _)] if *path == path!["k"] => Resolution::Refuse,
        _ => Resolution::Standard,
    };
    let refused = Json::transform_with(&right, &left, Side::Right, &guarded).unwrap_err();
    assert_eq!(refused.ours, vec![Action::Insert(path!["k"], json!(2))]);
    assert!(Json::transform_with(&right, &left, Side::Right, &Standard).is_ok());
}

#[test]
fn a_cursor_follows_what_moves_and_climbs_out_of_what_goes() {
    let at = |path, offset| JsonCursor { path, offset };
    let moved = op(json!([["a", {"p": 0}], ["list", 1, {"d": 0, "es": ["xy"]}]]));
    assert_eq!(Json::transform_cursor(&at(path!["a"], Some(1)), &moved, Side::Left), at(path!["list", 1], Some(3)),);
    let rescue = op(json!([["cell", {"d": 0}], ["row", {"r": true}, "cell", {"p": 0}]]));
    assert_eq!(
        Json::transform_cursor(&at(path!["row", "cell", "note"], None), &rescue, Side::Left),
        at(path!["cell", "note"], None),
    );
    assert_eq!(Json::transform_cursor(&at(path!["row", "label"], None), &rescue, Side::Left), at(path![], None));
}
