//! The laws of [`OtType`], each as an equation. `PROPTEST_CASES` scales how many cases are tried.

use std::fmt::Debug;

use ot_core::json::{Change, Json, JsonCursor, JsonOp, Path, PathSegment};
use ot_core::rich::{Delta, Rich, RichUtf16};
use ot_core::text::{Text, TextOp};
use ot_core::{OtType, Side};
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestCaseResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::generate::{Generated, Source, Tape};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn concurrent_text_ops_end_alike_in_either_order(mut tape in tape()) {
        transform_property_1::<Text>(&mut tape)?;
    }

    #[test]
    fn concurrent_json_ops_end_alike_in_either_order(mut tape in tape()) {
        transform_property_1::<Json>(&mut tape)?;
    }

    #[test]
    fn a_composed_text_op_does_what_its_parts_do(mut tape in tape()) {
        composition::<Text>(&mut tape)?;
    }

    #[test]
    fn a_composed_json_op_does_what_its_parts_do(mut tape in tape()) {
        composition::<Json>(&mut tape)?;
    }

    #[test]
    fn composing_text_ops_is_associative(mut tape in tape()) {
        associativity::<Text>(&mut tape)?;
    }

    #[test]
    fn composing_json_ops_is_associative(mut tape in tape()) {
        associativity::<Json>(&mut tape)?;
    }

    #[test]
    fn an_inverted_text_op_takes_it_back(mut tape in tape()) {
        inversion::<Text>(&mut tape)?;
    }

    #[test]
    fn an_inverted_json_op_takes_it_back(mut tape in tape()) {
        inversion::<Json>(&mut tape)?;
    }

    #[test]
    fn every_text_op_made_is_in_normal_form(mut tape in tape()) {
        for op in ops_made::<Text>(&mut tape) {
            normal_form::<Text>(&op)?;
            prop_assert!(is_canonical(&serde_json::to_value(&op).unwrap()), "{op:?}");
        }
    }

    #[test]
    fn every_json_op_made_is_in_normal_form(mut tape in tape()) {
        for op in ops_made::<Json>(&mut tape) {
            normal_form::<Json>(&op)?;
        }
    }

    #[test]
    fn rich_text_ops_keep_the_laws(mut tape in tape()) {
        transform_property_1::<Rich>(&mut tape)?;
        composition::<Rich>(&mut tape)?;
        associativity::<Rich>(&mut tape)?;
        refusal::<Rich>(&mut tape)?;
        for op in ops_made::<Rich>(&mut tape) {
            normal_form::<Rich>(&op)?;
        }
    }

    #[test]
    fn rich_text_ops_in_utf_16_units_keep_the_laws(mut tape in tape()) {
        transform_property_1::<RichUtf16>(&mut tape)?;
        composition::<RichUtf16>(&mut tape)?;
        associativity::<RichUtf16>(&mut tape)?;
        refusal::<RichUtf16>(&mut tape)?;
        for op in ops_made::<RichUtf16>(&mut tape) {
            normal_form::<RichUtf16>(&op)?;
        }
    }

    #[test]
    fn an_inverted_rich_text_op_restores_the_document(mut tape in tape()) {
        let document = Rich::document(&mut tape);
        let op = Rich::edit(&document, &mut tape);
        let inverse = Rich::invert(&op, &document).unwrap();
        prop_assert_eq!(applied::<Rich>(&applied::<Rich>(&document, &op), &inverse), document);
    }

    #[test]
    fn the_difference_of_rich_texts_leads_from_one_to_the_other(mut tape in tape()) {
        let (before, after) = (RichUtf16::document(&mut tape), RichUtf16::document(&mut tape));
        prop_assert_eq!(applied::<RichUtf16>(&before, &RichUtf16::diff(&before, &after)), after.clone());
        prop_assert_eq!(applied::<Rich>(&before, &Rich::diff(&before, &after)), after);
    }

    #[test]
    fn a_rich_text_cursor_moves_as_an_insert_at_it_does(mut tape in tape(), side in side()) {
        let document = Rich::document(&mut tape);
        let op = Rich::edit(&document, &mut tape);
        let cursor = tape.below(Rich::length(&document) + 1);
        let mark = |cursor| Delta::new().retain(cursor).insert("|");
        let moved = Rich::transform_cursor(&cursor, &op, side);
        prop_assert_eq!(mark(moved), Rich::transform(&mark(cursor), &op, side));
    }

    #[test]
    fn the_difference_of_json_documents_leads_from_one_to_the_other(mut tape in tape()) {
        let before = Json::document(&mut tape);
        let near = applied::<Json>(&before, &Json::edit(&before, &mut tape));
        let far = Json::document(&mut tape);
        for after in [near, far] {
            let op = Json::diff(&before, &after).unwrap();
            prop_assert_eq!(applied::<Json>(&before, &op), after.clone());
            normal_form::<Json>(&op)?;
            prop_assert_eq!(applied::<Json>(&after, &Json::invert(&op, &before).unwrap()), before.clone());
            prop_assert_eq!(&Json::compose(&op, &JsonOp::noop()).unwrap(), &op);
        }
    }

    #[test]
    fn a_json_op_and_its_patch_do_the_same(mut tape in tape()) {
        let document = Json::document(&mut tape);
        for op in [Json::edit(&document, &mut tape), Json::diff(&document, &Json::document(&mut tape)).unwrap()] {
            let patch = op.to_patch(&document).unwrap();
            let read = JsonOp::from_patch(&patch, &document).unwrap();
            prop_assert_eq!(applied::<Json>(&document, &read), applied::<Json>(&document, &op), "{}", patch);
        }
    }

    #[test]
    fn the_changes_of_a_json_op_lead_to_where_they_say(mut tape in tape()) {
        let document = Json::document(&mut tape);
        let op = Json::edit(&document, &mut tape);
        let after = applied::<Json>(&document, &op);
        for change in op.changes() {
            match change {
                Change::Remove { from } => prop_assert!(at(&document, &from).is_some()),
                Change::Move { from, to } => {
                    prop_assert!(at(&document, &from).is_some());
                    prop_assert_eq!(Json::transform_path(&from, &op), Some(to));
                }
                Change::Insert { to, .. } => prop_assert!(at(&after, &to).is_some()),
                Change::EditText { at: place, .. } => prop_assert!(at(&after, &place).is_some_and(Value::is_string)),
                Change::AddNumber { at: place, .. } => prop_assert!(at(&after, &place).is_some_and(Value::is_number)),
                _ => {}
            }
        }
    }

    #[test]
    fn an_op_that_does_not_fit_a_text_changes_nothing(mut tape in tape()) {
        refusal::<Text>(&mut tape)?;
    }

    #[test]
    fn an_op_that_does_not_fit_a_json_document_changes_nothing(mut tape in tape()) {
        refusal::<Json>(&mut tape)?;
    }

    /// A cursor is where a mark put at it stands afterwards.
    #[test]
    fn a_text_cursor_moves_as_an_insert_at_it_does(mut tape in tape(), side in side()) {
        let document = Text::document(&mut tape);
        let op = Text::edit(&document, &mut tape);
        let cursor = tape.below(document.len_chars() + 1);
        let mark = |cursor| TextOp::new().retain(cursor).insert("|");
        let moved = Text::transform_cursor(&cursor, &op, side);
        prop_assert_eq!(mark(moved), Text::transform(&mark(cursor), &op, side));
        prop_assert!(moved <= applied::<Text>(&document, &op).len_chars());
    }

    #[test]
    fn a_cursor_inside_a_json_string_moves_as_an_insert_at_it_does(mut tape in tape(), side in side()) {
        let document = Json::document(&mut tape);
        let op = Json::edit(&document, &mut tape);
        let after = applied::<Json>(&document, &op);
        for (path, value) in places(&document) {
            let offset = value.as_str().map(|text| tape.below(text.chars().count() + 1));
            let moved = Json::transform_cursor(&JsonCursor { path: path.clone(), offset }, &op, side);
            prop_assert!(value_at(&after, &moved.path).is_some(), "{moved:?} is nowhere in {after}");
            if let Some(offset) = offset {
                let mark = |path, offset| JsonOp::edit_text(path, TextOp::new().retain(offset).insert("|"));
                let expected = match moved.offset {
                    Some(offset) => mark(moved.path, offset),
                    None => JsonOp::noop(),
                };
                prop_assert_eq!(expected, Json::transform(&mark(path, offset), &op, side));
            }
        }
    }

    /// A cursor in a value that stays leads to that value, changed as the op changes it.
    #[test]
    fn a_cursor_on_a_list_item_stays_with_it(mut tape in tape(), side in side()) {
        let items: Vec<Value> = (0..1 + tape.below(6)).map(|index| json!(index)).collect();
        let document = Value::from(items);
        let mut op = JsonOp::noop();
        let mut after = document.clone();
        for _ in 0..tape.below(5) {
            let length = after.as_array().unwrap().len();
            let next = if length > 0 && tape.one_in(2) {
                JsonOp::remove(Path(vec![PathSegment::Index(tape.below(length))]))
            } else {
                JsonOp::insert(Path(vec![PathSegment::Index(tape.below(length + 1))]), "new")
            };
            Json::apply(&mut after, &next).unwrap();
            op = Json::compose(&op, &next).unwrap();
        }
        for (path, value) in places(&document).skip(1) {
            let moved = Json::transform_cursor(&JsonCursor { path, offset: None }, &op, side);
            let expected = after.as_array().unwrap().iter().position(|item| item == value);
            prop_assert_eq!(moved.path.0, expected.map(PathSegment::Index).into_iter().collect::<Vec<_>>());
        }
    }
}

/// `apply(apply(s, a), invert(a, s)) == s`
fn inversion<T: Generated>(tape: &mut Tape) -> TestCaseResult {
    let document = T::document(tape);
    let op = T::edit(&document, tape);
    let inverse = T::invert(&op, &document).unwrap();
    let restored = applied::<T>(&applied::<T>(&document, &op), &inverse);
    prop_assert_eq!(&restored, &document, "{:?} by {:?}", op, inverse);
    Ok(())
}

/// `apply(apply(s, a), transform(b, a, Right)) == apply(apply(s, b), transform(a, b, Left))`
fn transform_property_1<T: Generated>(tape: &mut Tape) -> TestCaseResult {
    let document = T::document(tape);
    let (a, b) = (T::edit(&document, tape), T::edit(&document, tape));
    let a_then_b = applied::<T>(&applied::<T>(&document, &a), &T::transform(&b, &a, Side::Right));
    let b_then_a = applied::<T>(&applied::<T>(&document, &b), &T::transform(&a, &b, Side::Left));
    prop_assert_eq!(a_then_b, b_then_a, "a: {:?}, b: {:?}", a, b);
    Ok(())
}

/// `apply(s, compose(a, c)) == apply(apply(s, a), c)`
fn composition<T: Generated>(tape: &mut Tape) -> TestCaseResult {
    let document = T::document(tape);
    let a = T::edit(&document, tape);
    let between = applied::<T>(&document, &a);
    let c = T::edit(&between, tape);
    let composed = T::compose(&a, &c).unwrap();
    prop_assert_eq!(applied::<T>(&document, &composed), applied::<T>(&between, &c), "a: {:?}, c: {:?}", a, c);
    Ok(())
}

/// `compose(compose(a, b), c)` and `compose(a, compose(b, c))` do the same.
fn associativity<T: Generated>(tape: &mut Tape) -> TestCaseResult {
    let document = T::document(tape);
    let a = T::edit(&document, tape);
    let after_a = applied::<T>(&document, &a);
    let b = T::edit(&after_a, tape);
    let c = T::edit(&applied::<T>(&after_a, &b), tape);
    let left = T::compose(&T::compose(&a, &b).unwrap(), &c).unwrap();
    let right = T::compose(&a, &T::compose(&b, &c).unwrap()).unwrap();
    prop_assert_eq!(applied::<T>(&document, &left), applied::<T>(&document, &right));
    Ok(())
}

/// `normalize(op) == op`, and reading what was written gives the same op.
fn at<'a>(document: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(document, |value, segment| match segment {
        PathSegment::Key(key) => value.as_object()?.get(key),
        PathSegment::Index(index) => value.as_array()?.get(*index),
    })
}

fn normal_form<T: OtType>(op: &T::Op) -> TestCaseResult
where
    T::Op: Serialize + DeserializeOwned,
{
    prop_assert_eq!(&T::normalize(op.clone()), op);
    let written = serde_json::to_string(op).unwrap();
    let read: T::Op = serde_json::from_str(&written).unwrap();
    prop_assert_eq!(&read, op, "written as {}", written);
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), written);
    Ok(())
}

/// Ops of another document fail cleanly or apply; transforming and composing them does not panic.
fn refusal<T: Generated>(tape: &mut Tape) -> TestCaseResult {
    let document = T::document(tape);
    let other = T::document(tape);
    let (misfit, fit) = (T::edit(&other, tape), T::edit(&document, tape));
    let mut tried = document.clone();
    if T::apply(&mut tried, &misfit).is_err() {
        prop_assert_eq!(tried, document);
    }
    for (a, b) in [(&misfit, &fit), (&fit, &misfit)] {
        T::transform(a, b, Side::Left);
        T::transform(a, b, Side::Right);
        let _ = T::compose(a, b);
    }
    Ok(())
}

/// Ops as an editor, a transform and a composition make them.
fn ops_made<T: Generated>(tape: &mut Tape) -> [T::Op; 5] {
    let document = T::document(tape);
    let (a, b) = (T::edit(&document, tape), T::edit(&document, tape));
    let c = T::edit(&applied::<T>(&document, &a), tape);
    [
        T::transform(&a, &b, Side::Left),
        T::transform(&a, &b, Side::Right),
        T::compose(&a, &c).unwrap(),
        T::compose(&a, &T::transform(&b, &a, Side::Right)).unwrap(),
        a,
    ]
}

/// No empty run, no two of a kind side by side, no retain at the end.
fn is_canonical(text_op: &Value) -> bool {
    let kind = |run: &Value| match run {
        Value::Number(count) => count.as_u64().is_some_and(|count| count > 0).then_some(0),
        Value::String(text) => (!text.is_empty()).then_some(1),
        run => run["d"].as_u64().is_some_and(|count| count > 0).then_some(2),
    };
    let kinds: Vec<_> = text_op.as_array().unwrap().iter().map(kind).collect();
    kinds.iter().all(Option::is_some)
        && kinds.windows(2).all(|pair| pair[0] != pair[1])
        && kinds.last() != Some(&Some(0))
}

fn applied<T: OtType>(snapshot: &T::Snapshot, op: &T::Op) -> T::Snapshot
where
    T::Op: Debug,
{
    let mut snapshot = snapshot.clone();
    T::apply(&mut snapshot, op).unwrap_or_else(|error| panic!("{op:?} on {snapshot:?}: {error}"));
    snapshot
}

/// Every value of a document with the way to it, the root first.
fn places(document: &Value) -> impl Iterator<Item = (Path, &Value)> {
    let mut open = vec![(Path::default(), document)];
    std::iter::from_fn(move || {
        let (path, value) = open.pop()?;
        let below = |segment| Path(path.0.iter().cloned().chain([segment]).collect());
        match value {
            Value::Array(items) => {
                open.extend(items.iter().enumerate().map(|(index, item)| (below(PathSegment::Index(index)), item)));
            }
            Value::Object(entries) => {
                open.extend(entries.iter().map(|(key, entry)| (below(PathSegment::from(key.as_str())), entry)));
            }
            _ => {}
        }
        Some((path, value))
    })
}

fn value_at<'a>(document: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(document, |value, segment| match segment {
        PathSegment::Index(index) => value.as_array()?.get(*index),
        PathSegment::Key(key) => value.as_object()?.get(key),
    })
}

fn tape() -> impl Strategy<Value = Tape> {
    prop::collection::vec(any::<u32>(), 0..160).prop_map(Tape::new)
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Left), Just(Side::Right)]
}

/// A case that failed is kept beside this file and tried first from then on.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.saturating_mul(4),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..default
    }
}
