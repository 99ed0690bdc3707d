//! Properties that hold for every model and every text.

use coval_shared::model::formula::{to_display, to_stored};
use coval_shared::model::{Calculation, Model, edit};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{cell, model, over_periods, with_single};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const PERIODS: usize = 3;

/// A formula in stored form over the rows of the tests, right or wrong.
fn formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-9..10_i32).prop_map(|number| number.to_string()),
        proptest::sample::select(&NAMES[..]).prop_map(|name| format!("{{i-{name}}}")),
        proptest::sample::select(&NAMES[..]).prop_map(|name| format!("prev({{i-{name}}})")),
        proptest::sample::select(&NAMES[..]).prop_map(|name| format!("prev({{i-{name}}}, 1)")),
        (proptest::sample::select(&NAMES[..]), -2..3_i32)
            .prop_map(|(name, offset)| format!("{{i-{name}}}[t{offset:+}]")),
        (proptest::sample::select(&NAMES[..]), -2..3_i32)
            .prop_map(|(name, offset)| format!("sum({{i-{name}}}[..t{offset:+}])")),
        proptest::sample::select(&NAMES[..]).prop_map(|name| format!("max({{i-{name}}}[t..])")),
        Just("t()".to_owned()),
        Just("\"text\"".to_owned()),
        Just("{i-x}".to_owned()),
        Just("{gone}".to_owned()),
        Just("nobody".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), proptest::sample::select(&["+", "-", "*", "/", "^", "<", "=", "&"][..]), inner.clone())
                .prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("if({a}, {b}, {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("sum({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("iferror({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("and({a}, [{b}, 1])")),
            inner.clone().prop_map(|a| format!("({a}) * 0.1 + 1")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("npv({a}, {b})")),
        ]
    })
}

fn entry() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(Value::Null),
        3 => (-100..100_i32).prop_map(|number| json!(f64::from(number) / 8.0)),
        2 => formula().prop_map(|formula| json!(format!("={formula}"))),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let row = (proptest::option::of(formula()), vec(entry(), PERIODS));
    let iteration = prop_oneof![Just(None), (1..40_u32).prop_map(Some)];
    (vec(row, NAMES.len()), entry(), iteration).prop_map(|(rows, single, max_rounds)| {
        let rows: Vec<_> = NAMES
            .iter()
            .zip(&rows)
            .map(|(name, (formula, entries))| (*name, formula.as_deref(), entries.as_slice()))
            .collect();
        let mut document = with_single(over_periods(PERIODS, &rows), "x", None, (!single.is_null()).then_some(single));
        if let Some(max_rounds) = max_rounds {
            document["schema"] = json!(2);
            document["iteration"] = json!({"max_rounds": max_rounds, "tolerance": 1e-6});
        }
        document
    })
}

/// An edit: a cell and what is put there; nothing takes it away.
fn change() -> impl Strategy<Value = (usize, usize, Value)> {
    (0..=NAMES.len(), 0..PERIODS, entry())
}

fn changed(document: &mut Value, (row, period, entry): (usize, usize, Value)) {
    let (holder, key) = match row {
        5 => (format!("/sections/0/items/{row}"), "value".to_owned()),
        _ => (format!("/sections/0/items/{row}/values"), format!("p{period}")),
    };
    let holder = document.pointer_mut(&holder).unwrap().as_object_mut().unwrap();
    if entry.is_null() {
        holder.remove(&key);
    } else {
        holder.insert(key, entry);
    }
}

/// The value at the end of a path of arbitrary steps.
fn somewhere<'a>(value: &'a mut Value, steps: &[usize]) -> &'a mut Value {
    let Some((step, rest)) = steps.split_first() else { return value };
    let length = value.as_array().map(Vec::len).or(value.as_object().map(|fields| fields.len())).unwrap_or(0);
    if length == 0 {
        return value;
    }
    match value {
        Value::Array(items) => somewhere(&mut items[step % length], rest),
        Value::Object(fields) => somewhere(fields.values_mut().nth(step % length).unwrap(), rest),
        other => other,
    }
}

fn assert_same(model: &Model, kept: &Calculation, fresh: &Calculation) {
    for cell in model.cells() {
        assert_eq!(kept.value(&cell), fresh.value(&cell), "{cell:?}");
    }
    let by_cell = |calculation: &Calculation| {
        let mut convergence = calculation.convergence().to_vec();
        convergence.sort_by(|a, b| a.cells.cmp(&b.cells));
        convergence
    };
    assert_eq!(by_cell(kept), by_cell(fresh));
}

proptest! {
    #[test]
    fn an_updated_calculation_is_a_fresh_one(start in document(), changes in vec(change(), 1..6)) {
        let mut document = start;
        let mut kept = Calculation::new(&model(&document));
        for change in changes {
            changed(&mut document, change);
            let model = model(&document);
            kept.update(&model);
            assert_same(&model, &kept, &Calculation::new(&model));
        }
    }

    #[test]
    fn a_what_if_is_the_model_with_that_number(
        start in document(),
        what_ifs in vec((0..=NAMES.len(), 0..PERIODS, proptest::option::of(-9..9_i32)), 1..6),
    ) {
        let base = model(&start);
        let mut kept = Calculation::new(&base);
        let mut puts = std::collections::BTreeMap::new();
        for (row, period, number) in what_ifs {
            let place = match row {
                5 => cell("i-x", ""),
                _ => cell(&format!("i-{}", NAMES[row]), &format!("p{period}")),
            };
            kept.set(&place, number.map(f64::from));
            match number {
                Some(number) => puts.insert((row, period.min(if row == 5 { 0 } else { PERIODS })), number),
                None => puts.remove(&(row, period.min(if row == 5 { 0 } else { PERIODS }))),
            };
            let mut document = start.clone();
            for ((row, period), number) in &puts {
                changed(&mut document, (*row, *period, json!(number)));
            }
            assert_same(&base, &kept, &Calculation::new(&model(&document)));
        }
        kept.update(&base);
        assert_same(&base, &kept, &Calculation::new(&base));
    }

    #[test]
    fn an_update_follows_a_change_of_shape(before in document(), after in document(), rename in any::<bool>()) {
        let mut after = after;
        if rename {
            // Formulas that named the row now name another, and the texts of none changed.
            *after.pointer_mut("/sections/0/items/0/name").unwrap() = json!("nobody");
        }
        let mut kept = Calculation::new(&model(&before));
        let model = model(&after);
        kept.update(&model);
        assert_same(&model, &kept, &Calculation::new(&model));
    }

    #[test]
    fn any_text_can_be_entered_and_shown_again(text in ".{0,60}") {
        let document = over_periods(1, &[("a", None, &[json!(1)]), ("b", None, &[])]);
        let cell = cell("i-b", "p0");
        let op = edit::enter(&document, &cell, &text).unwrap();
        let mut entered = document;
        <ot_core::json::Json as ot_core::OtType>::apply(&mut entered, &op).unwrap();
        let model = model(&entered);
        let _ = Calculation::new(&model);
        let again = edit::enter(&entered, &cell, &edit::entry_text(&model, &cell)).unwrap();
        prop_assert_eq!(again, ot_core::json::JsonOp::noop());
    }

    #[test]
    fn a_stored_formula_survives_being_shown(stored in formula()) {
        let model = model(&over_periods(1, &NAMES.map(|name| (name, None, &[][..]))));
        let stored = to_stored(&stored, &model);
        prop_assert_eq!(to_stored(&to_display(&stored, &model), &model), stored);
    }

    #[test]
    fn any_json_is_a_model_or_an_error_with_a_place(document in document(), pointer in vec(0..8_usize, 0..6), junk in 0..5_usize) {
        let junk = [json!(null), json!(-1), json!("="), json!([[]]), json!({"id": {}})][junk].clone();
        let mut document = document;
        *somewhere(&mut document, &pointer) = junk;
        match Model::read(&document) {
            Ok(model) => { let _ = Calculation::new(&model); }
            Err(error) => prop_assert!(!error.place.is_empty()),
        }
    }
}
